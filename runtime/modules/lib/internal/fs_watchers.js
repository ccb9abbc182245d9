// SPDX-License-Identifier: MIT
// node:fs's watchers: of the system's events (watch), and by asking for the
// status again and again (watchFile).
import { basename, resolve } from "node:path";
import { EventEmitter } from "node:events";
import * as io from "rill:internal/files";
import { abortError, checkFunction, outOfRange } from "rill:internal/errors";
import { named, noStats, objectOf, pathText, statsOf } from "rill:internal/fs";
import { EventQueue, Watch } from "rill:internal/fs_watch";
import { clearTimeout, nextTick, setTimeout } from "rill:internal/timers";

// Node knows two kinds of events, and a rename is one for each name.
function nodeEvents(path, options, tell) {
  return (kind, name, isDirectory, from) => {
    if (kind === "overflow") return;
    const isRename = kind !== "modify" && kind !== "attributes";
    const file = (text) => named(text === "" ? basename(path) : text, options);
    if (from !== undefined) tell("rename", file(from));
    tell(isRename ? "rename" : "change", file(name));
  };
}

class FSWatcher extends EventEmitter {
  #watch;
  constructor(path, options) {
    super();
    const tell = (eventType, filename) => {
      this.emit("change", eventType, filename);
    };
    this.#watch = new Watch(path, options, nodeEvents(path, options, tell),
                            (error) => {
      if (error !== undefined) this.emit("error", error);
      this.emit("close");
    });
  }
  close() {
    if (this.#watch.closed) return;
    this.#watch.close();
    nextTick(() => this.emit("close"));
  }
  ref() {
    this.#watch.reference(true);
    return this;
  }
  unref() {
    this.#watch.reference(false);
    return this;
  }
}

export function watch(path, options, listener) {
  if (typeof options === "function") [options, listener] = [{}, options];
  const { signal, ...rest } = objectOf(options);
  if (listener !== undefined) checkFunction(listener, "listener");
  const watcher = new FSWatcher(pathText(path, "filename"), rest);
  if (listener !== undefined) watcher.on("change", listener);
  if (signal?.aborted) {
    nextTick(() => watcher.close());
  } else if (signal !== undefined) {
    const close = () => watcher.close();
    signal.addEventListener("abort", close);
    watcher.once("close", () => signal.removeEventListener("abort", close));
  }
  return watcher;
}

export async function* watchPromises(path, options) {
  const { signal, maxQueue = 2048, ...rest } = objectOf(options);
  if (signal?.aborted) throw abortError(signal.reason);
  const text = pathText(path, "filename");
  const queue = new EventQueue(maxQueue, undefined, () => {});
  const tell = (eventType, filename) => queue.push({ eventType, filename });
  const handle = new Watch(text, rest, nodeEvents(text, rest, tell),
                           (error) => queue.end(error));
  const onAbort = () => queue.end(abortError(signal.reason));
  signal?.addEventListener("abort", onAbort);
  try {
    for await (const event of queue) {
      // Events were lost; Node says so on standard error.
      if (event === undefined) {
        process.emitWarning("fs.watch maxQueue exceeded");
      } else {
        yield event;
      }
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    handle.close();
  }
}

// Polling ---------------------------------------------------------------------

const watched = new Map(); // absolute path -> StatWatcher

class StatWatcher extends EventEmitter {
  #path;
  #timer;
  #stopped = false;
  #persistent;
  #interval;
  #bigint;
  constructor(path, { interval, persistent, bigint }) {
    super();
    this.#path = path;
    this.#interval = interval;
    this.#persistent = persistent;
    this.#bigint = bigint;
    this.#poll(undefined);
  }
  async #poll(before) {
    const options = { bigint: this.#bigint };
    const now = await io.stat(this.#path, options).then(
      (raw) => statsOf(raw, options), () => noStats(this.#bigint));
    if (this.#stopped) return;
    // A file that is not there is told of at once, as in Node.
    const isMissing = (stats) => Number(stats.ino) === 0;
    if (before === undefined ? isMissing(now)
        : !(isMissing(now) && isMissing(before)) &&
          (now.mtimeMs !== before.mtimeMs || now.ctimeMs !== before.ctimeMs ||
           now.size !== before.size || now.ino !== before.ino ||
           now.mode !== before.mode || now.nlink !== before.nlink)) {
      this.emit("change", now, before ?? now);
    }
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.#poll(now), this.#interval);
    if (!this.#persistent) this.#timer.unref();
  }
  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    nextTick(() => this.emit("stop"));
  }
  ref() {
    this.#persistent = true;
    this.#timer?.ref();
    return this;
  }
  unref() {
    this.#persistent = false;
    this.#timer?.unref();
    return this;
  }
}

export function watchFile(path, options, listener) {
  if (typeof options === "function") [options, listener] = [{}, options];
  checkFunction(listener, "listener");
  const { interval = 5007, persistent = true, bigint = false } =
      objectOf(options);
  if (!(interval >= 0)) throw outOfRange("interval", ">= 0", interval);
  const absolute = resolve(pathText(path, "filename"));
  let watcher = watched.get(absolute);
  if (watcher === undefined) {
    watcher = new StatWatcher(absolute, { interval, persistent, bigint });
    watched.set(absolute, watcher);
  }
  watcher.on("change", listener);
  return watcher;
}

export function unwatchFile(path, listener) {
  const absolute = resolve(pathText(path, "filename"));
  const watcher = watched.get(absolute);
  if (watcher === undefined) return;
  if (listener === undefined) watcher.removeAllListeners("change");
  else watcher.off("change", listener);
  if (watcher.listenerCount("change") === 0) {
    watcher.stop();
    watched.delete(absolute);
  }
}
