// SPDX-License-Identifier: MIT
// MessageChannel and MessagePort (WHATWG HTML 9.4). A message is cloned when it
// is posted and made anew when it is delivered, each in a task of its own. Ports
// that wait for one of this isolate do not keep the program running: nobody
// else could send them anything. A port that is transferred to another isolate
// is there the end of two channels (rill:sync); the Port it was hands on what
// comes here for it.
import { deserialize, serialize } from "rill:internal/clone";
import { isLackOfMemory } from "rill:internal/errors";
import {
  cancel,
  close as closeHandle,
  newChannel,
  receiveMessage,
  sendMessage,
} from "rill:internal/sync";
import { isolateId } from "rill:internal/worker-thread";
import { pauseBeforeRetry, setImmediate, throwLater } from "rill:internal/timers";
import { DOMException } from "rill:internal/web/dom_exception";
import {
  Event,
  eventHandlers,
  EventTarget,
  fireTrusted,
  listenerCount,
  MessageEvent,
  messageEvent,
} from "rill:internal/web/events";
import {
  enumerable,
  illegalConstructor,
  required,
} from "rill:internal/web/idl";

const secret = Symbol("port");

// What a MessagePort stands for; it moves when the port is transferred.
class Port {
  other = null; // the entangled one
  queue = []; // messages that were not delivered yet
  started = false;
  scheduled = false;
  closed = false;
  told = false; // of its end
  self = null; // the MessagePort; null on the way
  listener = undefined; // of transferred streams: {message, error}
  // The other one is in another isolate: {sender, receiver}.
  remote = undefined;
  receiving = undefined; // what the remote's receiver waits with
  forward = undefined; // this one went away: what it gets goes there
}

// Takes messages of a remote one as long as the port is started.
async function pump(port) {
  while (port.started && port.remote !== undefined) {
    let message;
    try {
      message = await (port.receiving = receiveMessage(port.remote.receiver,
                                                       true));
    } catch (error) {
      if (error === undefined) return; // stopped
      throwLater(error);
      await pauseBeforeRetry();
      continue;
    } finally {
      port.receiving = undefined;
    }
    port.queue.push(message ?? closing);
    schedule(port);
    if (message === undefined) return;
  }
}

function stopPump(port) {
  if (port.receiving !== undefined) cancel(port.receiving, undefined);
}

function startPort(port) {
  if (port.started) return;
  port.started = true;
  if (port.remote !== undefined) pump(port);
  schedule(port);
}

// What a port that was transferred still gets, if it arrived elsewhere.
async function handOn(port, id, sender, receiver) {
  const hello = await receiveMessage(receiver, false);
  const isHere = !inTransit.delete(id);
  if (hello === undefined) {
    if (!isHere) closePort(port); // the message was lost
  } else {
    port.forward = sender;
    for (const message of port.queue.splice(0)) forward(port, message);
    for (let message; port.other !== null;) {
      message = await receiveMessage(receiver, false);
      if (message === undefined) break;
      send(port, message);
    }
    closePort(port);
  }
  closeHandle(sender);
}

function forward(port, message) {
  if (message === closing) {
    closeHandle(port.forward);
  } else {
    sendMessage(port.forward, message);
  }
}

function schedule(port) {
  if (port.scheduled || !port.started || port.queue.length === 0) return;
  setImmediate(() => {
    port.scheduled = false;
    if (!port.started || port.self === null) return;
    // Nothing is taken out by what a script has put in the place of shift.
    const { length } = port.queue, message = port.queue.shift();
    if (port.queue.length < length) schedule(port);
    if (message !== undefined) deliver(port, message);
  });
  port.scheduled = true; // not if there is no memory for it
}

// What could not be made anew. Not of the standard: an error where nobody
// listens, for a program that waits for the message has to end.
export function receiveNothing(targets, error, origin) {
  const heard = targets.filter((t) => listenerCount(t, "messageerror") > 0);
  if (heard.length === 0) throwLater(error);
  for (const target of heard) {
    fireTrusted(target, new MessageEvent("messageerror", { origin }));
  }
}

// The target's message event, or messageerror.
export function receiveInto(target, message, origin) {
  let value, ports;
  try {
    const [data, transferred] = deserialize(message);
    value = data;
    ports = transferred.filter((object) => object instanceof MessagePort);
  } catch (error) {
    receiveNothing([target], error, origin);
    return;
  }
  fireTrusted(target,
              messageEvent("message", { data: value, ports, origin }));
}

function deliver(port, message) {
  if (message === closing) {
    tellOfEnd(port);
    return;
  }
  if (port.listener === undefined) {
    receiveInto(port.self, message, "");
    return;
  }
  let value;
  try {
    [value] = deserialize(message);
  } catch (error) {
    port.listener.error(error);
    return;
  }
  port.listener.message(value);
}

const closing = Symbol("close");

// Once, whether its messages are taken or not.
function tellOfEnd(port) {
  if (port.told || port.self === null) return;
  port.told = true;
  fireTrusted(port.self, new Event("close"));
}

function send(port, message) {
  if (port.remote !== undefined) {
    sendMessage(port.remote.sender, message);
    return;
  }
  const { other } = port;
  if (other === null) return;
  if (other.forward !== undefined) {
    forward(other, message);
    return;
  }
  other.queue.push(message);
  schedule(other);
}

function closePort(port) {
  const { other } = port;
  port.closed = port.told = true;
  port.started = false;
  port.queue = [];
  port.other = null;
  if (port.remote !== undefined) {
    stopPump(port);
    closeHandle(port.remote.sender);
    closeHandle(port.remote.receiver);
    port.remote = undefined;
  }
  if (other !== null) {
    other.other = null;
    if (other.forward !== undefined) {
      forward(other, closing);
    } else {
      other.queue.push(closing);
      if (other.started) schedule(other);
      else setImmediate(tellOfEnd, other);
    }
  }
}

// The second argument of postMessage: a transfer list or {transfer}.
export function transferOf(options) {
  if (options === undefined || options === null) return undefined;
  if (typeof options !== "object" && typeof options !== "function") {
    throw new TypeError("The transfer list must be an object");
  }
  return typeof options[Symbol.iterator] === "function" ? [...options]
      : options.transfer === undefined ? undefined : [...options.transfer];
}

const inTransit = new Map(); // number -> Port
let nextTransit = 1;

let portOf, newPort;
// isOpen(port): is it still to hear of its end?
export let isOpen;

export class MessagePort extends EventTarget {
  #port;
  constructor(key = undefined, port = undefined) {
    if (key !== secret) throw illegalConstructor();
    super();
    this.#port = port;
    port.self = this;
  }
  postMessage(message, options = undefined) {
    const port = this.#port;
    required(arguments.length, 1, "postMessage");
    const transfer = transferOf(options);
    if (transfer?.includes(this)) {
      throw new DOMException("A port cannot be sent through itself",
                             "DataCloneError");
    }
    // A port sent to itself is lost, and so is what it was sent with.
    const isDoomed = port.other !== null && port.other.self !== null &&
        transfer?.includes(port.other.self);
    const clone = serialize(message, transfer);
    if (port.self === null || isDoomed) return;
    send(port, clone);
  }
  start() {
    const port = this.#port;
    if (!port.closed && port.self === this) startPort(port);
  }
  close() {
    if (this.#port.self === this && !this.#port.closed) closePort(this.#port);
  }
  // Node's: a port never keeps the program running.
  ref() {
    return this;
  }
  unref() {
    return this;
  }
  hasRef() {
    return false;
  }

  static {
    portOf = (object) => object.#port;
    isOpen = (object) => {
      const port = object.#port;
      return port.self === object && !port.told;
    };
    newPort = (port) => new MessagePort(secret, port);
    eventHandlers(this, ["message", "messageerror", "close"],
                  (self, type) => {
                    if (type === "message") self.start();
                  });
    enumerable(this, "MessagePort", {
      module: "rill:internal/web/message",
      kind: "MessagePort",
      transfer(object) {
        const port = object.#port;
        if (port.self !== object || port.closed) {
          throw new DOMException("The MessagePort is detached",
                                 "DataCloneError");
        }
        port.self = null;
        port.started = false;
        if (port.remote !== undefined) {
          const { remote } = port;
          port.closed = true;
          port.remote = undefined;
          stopPump(port);
          return remote;
        }
        const id = nextTransit++;
        inTransit.set(id, port);
        const [toThere, receiver] = newChannel(0);
        const [sender, fromThere] = newChannel(0);
        handOn(port, id, toThere, fromThere);
        return { isolate: isolateId(), id, sender, receiver };
      },
    });
  }
}

export function receive(kind, { isolate, id, sender, receiver }) {
  if (isolate === isolateId()) {
    const port = inTransit.get(id);
    inTransit.delete(id);
    closeHandle(sender);
    closeHandle(receiver);
    return newPort(port);
  }
  const port = new Port();
  port.remote = { sender, receiver };
  if (id !== undefined) sendMessage(sender, serialize("hello", undefined));
  return newPort(port);
}

function entangled() {
  const first = new Port(), second = new Port();
  first.other = second;
  second.other = first;
  return [first, second];
}

export class MessageChannel {
  #ports;
  constructor() {
    this.#ports = connectedPorts();
  }
  get port1() {
    return this.#ports[0];
  }
  get port2() {
    return this.#ports[1];
  }
  static {
    enumerable(this, "MessageChannel");
  }
}

// For transferred streams ------------------------------------------------------

export const connectedPorts = () => entangled().map(newPort);

export const post = (object, value) => {
  const port = portOf(object);
  if (!port.closed) send(port, serialize(value, undefined));
};
// CrossRealmTransformSendError
export const postError = (object, error) => {
  try {
    post(object, { type: "error", value: error });
  } catch (failure) {
    if (isLackOfMemory(failure)) throw failure;
    // The error cannot be cloned.
  }
};
export function listen(object, message, error) {
  const port = portOf(object);
  port.listener = { message, error };
  startPort(port);
}
