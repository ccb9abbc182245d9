// SPDX-License-Identifier: MIT
// BroadcastChannel (WHATWG HTML 9.5), to all isolates of the process. Each has
// one channel for what comes from the others. A worker that listens goes on
// until it closes or is terminated; the main program's listeners do not keep it
// running, for who could send it something does.
import { join, others } from "rill:internal/broadcast";
import { deserialize, serialize } from "rill:internal/clone";
import {
  cancel,
  close as closeHandle,
  newChannel,
  receiveMessage,
  sendMessage,
} from "rill:internal/sync";
import { pauseBeforeRetry, setImmediate, throwLater } from "rill:internal/timers";
import { isThreadWorker } from "rill:internal/worker-thread";
import { DOMException } from "rill:internal/web/dom_exception";
import {
  eventHandlers,
  EventTarget,
  listenerCount,
  watch,
} from "rill:internal/web/events";
import { enumerable, required } from "rill:internal/web/idl";
import { receiveInto, receiveNothing } from "rill:internal/web/message";

const channels = new Map(); // name -> Set of BroadcastChannels
let inbox; // the receiver of what other isolates send
let waiting; // for the inbox: a promise
let isKeptAlive = false;

async function pump() {
  for (;;) {
    let message;
    try {
      message = await (waiting = receiveMessage(inbox, isKeptAlive));
    } catch (error) {
      if (error === undefined) continue; // to wait in the other way
      throwLater(error);
      await pauseBeforeRetry();
      continue;
    }
    if (message === undefined) return;
    deliver(message);
  }
}

// Does a channel that was not given up have a listener?
let isHeard;

function updateLife() {
  const keep = isThreadWorker() && [...channels.values()]
    .some((group) => [...group].some(isHeard));
  if (keep === isKeptAlive) return;
  isKeptAlive = keep;
  cancel(waiting, undefined);
}

function openInbox() {
  const [sender, receiver] = newChannel(0);
  inbox = receiver;
  join(sender);
  closeHandle(sender);
  pump();
}

// What another isolate sent: [name, value].
function deliver(message) {
  let name, value;
  try {
    [[name, value]] = deserialize(message);
  } catch (error) {
    // Which channel it is for cannot be told.
    receiveNothing([...channels.values()].flatMap((group) => [...group]),
                   error, "");
    return;
  }
  const group = channels.get(name);
  if (group !== undefined) spread([...group], value);
}

let spread;

export class BroadcastChannel extends EventTarget {
  #name;
  #closed = false;
  #unreferenced = false;
  constructor(name) {
    required(arguments.length, 1, "BroadcastChannel");
    super();
    this.#name = `${name}`;
    if (inbox === undefined) openInbox();
    let group = channels.get(this.#name);
    if (group === undefined) channels.set(this.#name, group = new Set());
    group.add(this);
    watch(this, updateLife);
  }
  get name() {
    return this.#name;
  }
  postMessage(message) {
    required(arguments.length, 1, "postMessage");
    if (this.#closed) {
      throw new DOMException("The BroadcastChannel is closed",
                             "InvalidStateError");
    }
    const here = [...channels.get(this.#name)].filter((c) => c !== this);
    const there = others();
    if (here.length === 0 && there.length === 0) serialize(message, undefined);
    spread(here, message);
    for (const sender of there) {
      sendMessage(sender, serialize([this.#name, message], undefined));
      closeHandle(sender);
    }
  }
  close() {
    if (this.#closed) return;
    this.#closed = true;
    const group = channels.get(this.#name);
    group.delete(this);
    if (group.size === 0) channels.delete(this.#name);
    updateLife();
  }
  ref() {
    this.#unreferenced = false;
    updateLife();
    return this;
  }
  unref() {
    this.#unreferenced = true;
    updateLife();
    return this;
  }
  static {
    isHeard = (channel) =>
      !channel.#unreferenced && listenerCount(channel, "message") > 0;
    // A clone for each: it is read once.
    spread = (receivers, value) => {
      const clones = receivers.map(() => serialize(value, undefined));
      receivers.forEach((channel, i) => setImmediate(() => {
        if (!channel.#closed) receiveInto(channel, clones[i], "");
      }));
    };
    eventHandlers(this, ["message", "messageerror"]);
    enumerable(this, "BroadcastChannel");
  }
}
