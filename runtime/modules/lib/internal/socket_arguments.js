// SPDX-License-Identifier: MIT
// The arguments of connect and listen, as node:net and node:http take them.
import { codedError } from "rill:internal/errors";

export function checkPort(port) {
  const number = typeof port === "string" && port.trim() !== "" ? Number(port)
                                                                : port;
  if (Number.isInteger(number) && number >= 0 && number <= 65535) return number;
  throw codedError(RangeError, "ERR_SOCKET_BAD_PORT",
                   `options.port should be >= 0 and < 65536. Received ${port}.`);
}

// (options), (path), (port[, host]), each with a callback behind. A null says no
// more than undefined.
export function normalize(args) {
  const list = [...args];
  const callback =
    typeof list.at(-1) === "function" ? list.pop() : undefined;
  const [first, second] = list;
  if (typeof first === "object" && first !== null) {
    const { path, host } = first;
    return [path === null || host === null
              ? { ...first, path: path ?? undefined, host: host ?? undefined }
              : first, callback];
  }
  if (typeof first === "string" && !/^\d+$/.test(first)) {
    return [{ path: first }, callback];
  }
  const options = { port: first };
  if (typeof second === "string") options.host = second;
  const backlog = list.find((value, i) => i > 0 && typeof value === "number");
  if (backlog !== undefined) options.backlog = backlog;
  return [options, callback];
}
