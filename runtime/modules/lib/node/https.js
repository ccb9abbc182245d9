// SPDX-License-Identifier: MIT
// node:https: clients. Servers would need TLS, which rill does not speak yet.
import { Agent as HttpAgent, ClientRequest } from "node:http";
import { codedError } from "rill:internal/errors";

export class Agent extends HttpAgent {
  defaultPort = 443;
  protocol = "https:";
}
export const globalAgent = new Agent({ keepAlive: true });

export const request = (input, options, callback) =>
  new ClientRequest(input, options, callback, "https:");
export function get(input, options, callback) {
  const outgoing = request(input, options, callback);
  outgoing.end();
  return outgoing;
}
export function createServer() {
  throw codedError(Error, "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
                   "https.createServer: rill's servers speak no TLS");
}
export function Server() {
  createServer();
}

export default { Agent, Server, createServer, get, globalAgent, request };
