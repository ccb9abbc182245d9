// SPDX-License-Identifier: MIT
// The channel between a forked child and its parent: a line of JSON for each
// message, as Node has it, so that either side may be Node. Handles are not sent.
import { StringDecoder } from "node:string_decoder";
import { codedError, invalidArgument, isLackOfMemory } from "rill:internal/errors";
import * as net from "rill:internal/net";
import { openPipe } from "rill:internal/terminal";

const SEND_AHEAD = 128 * 1024;

class Channel {
  #target;
  #connection;
  #begun = []; // of a line whose end has not come
  #queued = 0;
  #references = 1;
  #onClose;
  isOpen = true;

  constructor(target, connection, onClose) {
    this.#target = target;
    this.#connection = connection;
    this.#onClose = onClose;
  }

  ref() {
    this.#references++;
    this.#update();
  }
  unref() {
    this.#references--;
    this.#update();
  }
  #update() {
    if (this.isOpen) net.reference(this.#connection, this.#references > 0);
  }

  async read() {
    const decoder = new StringDecoder("utf8");
    for (;;) {
      let chunk;
      try {
        const reading = net.read.call(this.#connection);
        this.#update();
        chunk = await reading;
      } catch {
        chunk = null;
      }
      if (chunk === null) break;
      this.#begun.push(decoder.write(chunk));
      if (!this.#begun.at(-1).includes("\n")) continue;
      const lines = this.#begun.join("").split("\n");
      this.#begun = [lines.pop()];
      try {
        for (const line of lines) this.#deliver(JSON.parse(line));
      } catch (error) {
        process.nextTick(() => this.#target.emit("error", codedError(
          Error, "ERR_IPC_MESSAGE",
          `The other side of the channel sent no message: ${error.message}`)));
        break;
      }
    }
    if (this.isOpen) this.#target._disconnected();
    this.close();
  }

  #deliver(message) {
    const isInternal = typeof message === "object" && message !== null &&
        typeof message.cmd === "string" && message.cmd.startsWith("NODE_");
    process.nextTick(() => this.#target._received(
      isInternal ? "internalMessage" : "message", message));
  }

  send(message, done) {
    const text = `${JSON.stringify(message)}\n`;
    this.#queued += text.length;
    net.write.call(this.#connection, text).then(() => {
      this.#queued -= text.length;
      done(null);
    }, (error) => {
      this.#queued -= text.length;
      done(error);
    });
    return this.#queued < SEND_AHEAD;
  }

  close() {
    if (!this.isOpen) return;
    this.isOpen = false;
    net.close.call(this.#connection).then(() => this.#onClose?.());
  }
}

// Gives an emitter send, disconnect, connected and channel, and its events.
export function joinChannel(target, connection, onClose) {
  const channel = new Channel(target, connection, onClose);
  const unheard = []; // before anybody listens
  const isParent = onClose !== undefined;
  target.connected = true;
  target.channel = channel;
  const emit = (event, message) => target.emit(event, message, undefined);
  Object.defineProperty(target, "_received", {
    value(event, message) {
      if (event === "message" && !isParent &&
          target.listenerCount("message") === 0) {
        unheard.push(message);
      } else {
        emit(event, message);
      }
    },
  });
  Object.defineProperty(target, "_disconnected", {
    value() {
      if (!target.connected) return;
      target.connected = false;
      target.channel = null;
      process.nextTick(() => {
        channel.close();
        target.emit("disconnect");
      });
    },
  });
  target.on("newListener", (event) => {
    if (event !== "message" || unheard.length === 0) return;
    process.nextTick(() => {
      for (const message of unheard.splice(0)) emit("message", message);
    });
  });
  // (message[, handle[, options]][, callback])
  target.send = (message, handle, options, callback) => {
    const done = [handle, options, callback].find((f) => typeof f === "function");
    if (message === undefined) {
      throw codedError(TypeError, "ERR_MISSING_ARGS",
                       'The "message" argument must be specified');
    }
    if (!["string", "object", "number", "boolean"].includes(typeof message)) {
      throw invalidArgument("message",
                            "one of type string, object, number, or boolean",
                            message);
    }
    if (typeof handle === "object" && handle !== null) {
      throw codedError(TypeError, "ERR_INVALID_HANDLE_TYPE",
                       "This handle type cannot be sent");
    }
    if (!target.connected) {
      const error = codedError(Error, "ERR_IPC_CHANNEL_CLOSED",
                               "Channel closed");
      if (done !== undefined) process.nextTick(done, error);
      else process.nextTick(() => target.emit("error", error));
      return false;
    }
    return channel.send(message, (error) => {
      if (done !== undefined) done(error);
      else if (error !== null && target.connected) target.emit("error", error);
    });
  };
  target.disconnect = () => {
    if (!target.connected) {
      target.emit("error", codedError(Error, "ERR_IPC_DISCONNECTED",
                                      "IPC channel is already disconnected"));
      return;
    }
    target._disconnected();
  };
  channel.read();
  return channel;
}

// In a forked child: the channel keeps it running while somebody listens.
export function joinParent(process) {
  const fd = Number(process.env.NODE_CHANNEL_FD);
  const mode = process.env.NODE_CHANNEL_SERIALIZATION_MODE;
  delete process.env.NODE_CHANNEL_FD;
  delete process.env.NODE_CHANNEL_SERIALIZATION_MODE;
  if (!Number.isInteger(fd) || (mode !== undefined && mode !== "json")) return;
  let connection;
  try {
    connection = openPipe(fd);
  } catch (error) {
    if (isLackOfMemory(error)) throw error;
    return; // not ours: the environment came from further up
  }
  const channel = joinChannel(process, connection);
  channel.unref();
  const counts = (event) => event === "message" || event === "disconnect";
  process.on("newListener", (event) => {
    if (counts(event)) channel.ref();
  });
  process.on("removeListener", (event) => {
    if (counts(event)) channel.unref();
  });
}
