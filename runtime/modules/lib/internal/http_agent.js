// SPDX-License-Identifier: MIT
// node:http's Agent: sockets by where they lead, as many at a time as it allows,
// and kept for the next request if it is asked to.
import { EventEmitter } from "node:events";
import { connect } from "node:net";
import { codedError } from "rill:internal/errors";
import { callable } from "rill:internal/http_messages";
import { nextTick } from "rill:internal/timers";

function listOf(lists, name) {
  return (lists[name] ??= []);
}

function takeFrom(lists, name, socket) {
  const list = lists[name];
  const at = list === undefined ? -1 : list.indexOf(socket);
  if (at < 0) return false;
  list.splice(at, 1);
  if (list.length === 0) delete lists[name];
  return true;
}

const countOf = (lists) =>
  Object.values(lists).reduce((sum, list) => sum + list.length, 0);

export const Agent = callable(function (options) {
  EventEmitter.call(this);
  this.defaultPort = 80;
  this.protocol = "http:";
  this.options = { __proto__: null, ...options };
  this.options.path ??= null;
  this.requests = { __proto__: null };
  this.sockets = { __proto__: null };
  this.freeSockets = { __proto__: null };
  this.keepAliveMsecs = this.options.keepAliveMsecs ?? 1000;
  this.keepAlive = this.options.keepAlive ?? false;
  this.maxSockets = this.options.maxSockets ?? Infinity;
  this.maxFreeSockets = this.options.maxFreeSockets ?? 256;
  this.maxTotalSockets = this.options.maxTotalSockets ?? Infinity;
  this.scheduling = this.options.scheduling ?? "lifo";
  this.on("free", (socket, given) => free(this, socket, given));
}, class Agent extends EventEmitter {
  get totalSocketCount() {
    return countOf(this.sockets) + countOf(this.freeSockets);
  }

  createConnection(options, callback) {
    return connect({ ...options, path: options.socketPath || undefined },
                   callback);
  }

  getName(options = {}) {
    const { host = "localhost", port = "", localAddress = "", family,
            socketPath } = options;
    let name = `${host}:${port ?? ""}:${localAddress ?? ""}`;
    if (family === 4 || family === 6) name += `:${family}`;
    if (socketPath) name += `:${socketPath}`;
    return name;
  }

  addRequest(request, options) {
    options = { __proto__: null, ...options, ...this.options };
    if (options.socketPath) options.path = options.socketPath;
    const name = this.getName(options);
    const idle = this.freeSockets[name];
    while (idle !== undefined && idle.length > 0) {
      const socket = this.scheduling === "fifo" ? idle.shift() : idle.pop();
      if (idle.length === 0) delete this.freeSockets[name];
      if (socket.destroyed || !socket.writable) continue;
      this.reuseSocket(socket, request);
      listOf(this.sockets, name).push(socket);
      give(this, request, socket, options);
      return;
    }
    if ((this.sockets[name]?.length ?? 0) < this.maxSockets &&
        this.totalSocketCount < this.maxTotalSockets) {
      this.createSocket(request, options, (error, socket) => {
        if (error) request.onSocket(socket, error);
        else give(this, request, socket, options);
      });
    } else {
      request._agentOptions = options;
      listOf(this.requests, name).push(request);
    }
  }

  createSocket(request, options, callback) {
    options = { __proto__: null, ...options, ...this.options };
    if (options.socketPath) options.path = options.socketPath;
    const name = this.getName(options);
    options._agentKey = name;
    let isMade = false;
    const made = (error, socket) => {
      if (isMade) return;
      isMade = true;
      if (error) {
        callback(error);
        return;
      }
      try {
        listOf(this.sockets, name).push(socket);
        install(this, socket, options, name);
        callback(null, socket);
      } catch (error) {
        socket.destroy(); // nobody has it
        this.removeSocket(socket, options);
        throw error;
      }
    };
    let socket;
    try {
      socket = this.createConnection(options, made);
    } catch (error) {
      if (isMade) throw error;
      made(error);
      return;
    }
    if (socket) made(null, socket);
  }

  keepSocketAlive(socket) {
    socket.setKeepAlive?.(true, this.keepAliveMsecs);
    socket.unref?.();
    return true;
  }
  reuseSocket(socket, request) {
    request.reusedSocket = true;
    socket.ref?.();
  }
  removeSocket(socket, options) {
    const name = options._agentKey ?? this.getName(options);
    takeFrom(this.sockets, name, socket) || takeFrom(this.freeSockets, name, socket);
    serveNext(this, name, options);
  }
  destroy() {
    for (const lists of [this.freeSockets, this.sockets]) {
      for (const list of Object.values(lists)) {
        for (const socket of [...list]) socket.destroy();
      }
    }
  }
});

function install(agent, socket, options, name) {
  const onFree = () => agent.emit("free", socket, options);
  const onGone = () => agent.removeSocket(socket, options);
  if (agent.listenerCount("keylog") !== 0) {
    socket.on("keylog", (line) => agent.emit("keylog", line, socket));
  }
  socket.on("free", onFree);
  socket.on("close", onGone);
  socket.on("agentRemove", () => {
    socket.removeListener("free", onFree);
    socket.removeListener("close", onGone);
    takeFrom(agent.sockets, name, socket) || takeFrom(agent.freeSockets, name, socket);
    serveNext(agent, name, options);
  });
  const timeout = options.timeout;
  if (timeout) socket.setTimeout(timeout);
}

function give(agent, request, socket) {
  request.onSocket(socket);
  const timeout = request.timeout ?? agent.options.timeout;
  if (timeout) socket.setTimeout(timeout);
}

// A request that waits for its turn.
function serveNext(agent, name, options) {
  const list = agent.requests[name];
  if (list === undefined ||
      (agent.sockets[name]?.length ?? 0) >= agent.maxSockets) {
    return;
  }
  const request = list.shift();
  if (list.length === 0) delete agent.requests[name];
  if (request.destroyed) {
    serveNext(agent, name, options);
    return;
  }
  agent.createSocket(request, request._agentOptions, (error, socket) => {
    if (error) request.onSocket(socket, error);
    else give(agent, request, socket);
  });
}

// A response is over and its socket could have another request.
function free(agent, socket, options) {
  const name = options._agentKey ?? agent.getName(options);
  if (!socket.writable || socket.destroyed) {
    socket.destroy();
    return;
  }
  const list = agent.requests[name];
  while (list !== undefined && list.length > 0) {
    const request = list.shift();
    if (list.length === 0) delete agent.requests[name];
    if (request.destroyed) continue;
    request.reusedSocket = true;
    give(agent, request, socket);
    return;
  }
  if (!agent.keepAlive ||
      (agent.freeSockets[name]?.length ?? 0) >= agent.maxFreeSockets ||
      !agent.keepSocketAlive(socket)) {
    socket.destroy();
    return;
  }
  takeFrom(agent.sockets, name, socket);
  socket._httpMessage = null;
  // So does what it says without being asked (http_client.js).
  const drop = () => socket.destroy();
  for (const event of ["end", "error"]) socket.on(event, drop);
  socket.once("reused", () => {
    for (const event of ["end", "error"]) {
      socket.removeListener(event, drop);
    }
  });
  if (agent.options.timeout) {
    socket.setTimeout(agent.options.timeout);
    socket.once("timeout", drop);
    socket.once("reused", () => socket.removeListener("timeout", drop));
  }
  listOf(agent.freeSockets, name).push(socket);
}

export const globalAgent = new Agent({ keepAlive: true, scheduling: "lifo",
                                       timeout: 5000 });

// Of a request that has no agent: a socket of its own.
export function ownSocket(request, options, createConnection) {
  let isMade = false;
  const made = (error, socket) => {
    if (isMade) return;
    isMade = true;
    request.onSocket(socket, error ?? undefined);
  };
  nextTick(() => {
    try {
      const socket = createConnection(options, made);
      if (socket) made(null, socket);
    } catch (error) {
      made(error instanceof Error ? error
        : codedError(Error, "ECONNRESET", `${error}`));
    }
  });
}
