// SPDX-License-Identifier: MIT
// MessagePort as an emitter of node:events, as programs for node:worker_threads
// use it: on('message', listener) gets the value, not the event.
import { EventEmitter } from "node:events";
import { checkFunction } from "rill:internal/errors";
import { setImmediate, throwLater } from "rill:internal/timers";
import { isOpen, MessagePort } from "rill:internal/web/message";
import {
  Event,
  listenerCount,
  MessageEvent,
  messageEvent,
  removeListeners,
  typesOf,
} from "rill:internal/web/events";

// Of each port: type -> [{ listener, heard }], heard being what it hears of
// events with.
const added = new WeakMap();
const limits = new WeakMap(); // of what setMaxListeners was called with
const { close: closePort } = MessagePort.prototype;
const emitted = new WeakMap(); // event -> what emit was given

function add(port, type, listener, once) {
  checkFunction(listener, "listener");
  if (!added.has(port)) added.set(port, new Map());
  const types = added.get(port);
  if (!types.has(type)) types.set(type, []);
  if (types.get(type).some((entry) => entry.listener === listener)) return;
  const entry = { listener, heard(event) {
    if (once) remove(port, type, listener);
    listener.call(port, event instanceof MessageEvent ? event.data
                        : emitted.has(event) ? emitted.get(event) : event);
  } };
  types.get(type).push(entry);
  port.addEventListener(type, entry.heard);
  if (type === "message") port.start();
}

function remove(port, type, listener) {
  const list = added.get(port)?.get(type) ?? [];
  const at = list.findIndex((entry) => entry.listener === listener);
  if (at < 0) return;
  port.removeEventListener(type, list[at].heard);
  list.splice(at, 1);
}

function tellOfClose(port) {
  const event = new Event("close");
  for (const { heard } of [...added.get(port)?.get("close") ?? []]) {
    try {
      heard(event);
    } catch (error) {
      throwLater(error);
    }
  }
}

const methods = {
  on(type, listener) {
    add(this, `${type}`, listener, false);
    return this;
  },
  once(type, listener) {
    add(this, `${type}`, listener, true);
    return this;
  },
  off(type, listener) {
    remove(this, `${type}`, listener);
    return this;
  },
  emit(type, value) {
    const isHeard = listenerCount(this, `${type}`) > 0;
    const event = type === "message" ? messageEvent(type, { data: value })
                                     : new Event(type);
    emitted.set(event, value);
    this.dispatchEvent(event);
    return isHeard;
  },
  listenerCount(type) {
    return listenerCount(this, `${type}`);
  },
  eventNames() {
    return typesOf(this);
  },
  // Those of addEventListener, too.
  removeAllListeners(type) {
    for (const each of type === undefined ? typesOf(this) : [`${type}`]) {
      removeListeners(this, each);
      added.get(this)?.delete(each);
    }
    return this;
  },
  getMaxListeners() {
    return limits.get(this) ?? EventEmitter.defaultMaxListeners;
  },
  setMaxListeners(count) {
    limits.set(this, new EventEmitter().setMaxListeners(count).getMaxListeners());
    return this;
  },
  // To the web, the end of a port is an event of the other one only.
  close(callback) {
    if (typeof callback === "function") this.once("close", callback);
    if (isOpen(this)) setImmediate(tellOfClose, this);
    closePort.call(this);
  },
};
methods.addListener = methods.on;
methods.removeListener = methods.off;
for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(MessagePort.prototype, name, {
    value,
    writable: true,
    configurable: true,
  });
}
