// SPDX-License-Identifier: MIT
// Watching files and folders. A Watch follows one path, with all folders below
// it if it is recursive, and tells its owner of events; rill:fs makes an async
// iterator of them, node:fs an FSWatcher.
import {
  addWatch,
  keepAlive,
  removeWatch,
  setDispatch,
} from "rill:internal/watch";
import { readDirectory } from "rill:internal/files";
import { invalidArgument, outOfRange } from "rill:internal/errors";
import { armLimits, withLimits } from "rill:internal/limits";
import { loadBuiltin } from "rill:internal/modules";
import { dictionary } from "rill:internal/web/idl";

// inotify(7)
const MODIFY = 0x2, ATTRIB = 0x4, MOVED_FROM = 0x40, MOVED_TO = 0x80;
const CREATE = 0x100, DELETE = 0x200, DELETE_SELF = 0x400, MOVE_SELF = 0x800;
const OVERFLOW = 0x4000, IGNORED = 0x8000, IS_DIRECTORY = 0x40000000;
const ONLY_DIRECTORY = 0x1000000, NO_FOLLOW = 0x2000000;
const everything = MODIFY | ATTRIB | MOVED_FROM | MOVED_TO | CREATE | DELETE |
    DELETE_SELF | MOVE_SELF;

// The system's number of a watch -> the folders that it stands for.
const folders = new Map();
let referenced = 0;

function dispatch(list) {
  const touched = new Set();
  for (let i = 0; i < list.length; i += 4) {
    const number = list[i], mask = list[i + 1];
    if (mask & OVERFLOW) {
      const all = new Set();
      for (const set of folders.values()) {
        for (const folder of set) all.add(folder.watch);
      }
      for (const watch of all) watch.overflow();
      continue;
    }
    const set = folders.get(number);
    if (set === undefined) continue;
    if (mask & IGNORED) folders.delete(number); // the system ended it
    for (const folder of [...set]) {
      touched.add(folder.watch);
      folder.watch.event(folder, mask, list[i + 2], list[i + 3]);
    }
  }
  for (const watch of touched) watch.flush();
}

const join = (folder, name) => (folder === "" ? name : `${folder}/${name}`);

export class Watch {
  #path;
  #recursive;
  #emit;
  #fail;
  #folders = new Map(); // path below the root -> folder
  #moved; // {cookie, name, isDirectory}: where it went may follow
  #persistent;
  #closed = false;

  // emit(kind, name, isDirectory, from): names are below the root, "" is the
  // root itself. fail(error): it is over. Throws if the path cannot be watched.
  constructor(path, { recursive = false, persistent = true }, emit, fail) {
    this.#path = path;
    this.#recursive = recursive;
    this.#emit = emit;
    this.#fail = fail;
    setDispatch(dispatch);
    this.#add("", 0);
    this.#persistent = false;
    this.reference(persistent);
    this.ready = recursive ? this.#addBelow("", false) : Promise.resolve();
  }

  get closed() {
    return this.#closed;
  }

  reference(is) {
    if (this.#closed || is === this.#persistent) return;
    this.#persistent = is;
    referenced += is ? 1 : -1;
    if (referenced === (is ? 1 : 0)) keepAlive(is);
  }

  #add(name, flags) {
    const number = addWatch(name === "" ? this.#path : `${this.#path}/${name}`,
                            everything | flags);
    // While it is looked through for the first time: what events told of, which
    // is not to be told again; afterwards: what was found, for the same reason.
    const folder = { watch: this, name, number, told: undefined,
                     found: undefined };
    this.#folders.set(name, folder);
    const set = folders.get(number);
    if (set === undefined) folders.set(number, new Set([folder]));
    else set.add(folder);
    return folder;
  }

  #drop(folder) {
    this.#folders.delete(folder.name);
    const set = folders.get(folder.number);
    if (set === undefined) return;
    set.delete(folder);
    if (set.size > 0) return;
    folders.delete(folder.number);
    removeWatch(folder.number);
  }

  // Folders below one that is watched. `tell`: it is new, so what is in it was
  // made since; events of what is found here may still come.
  async #addBelow(name, tell) {
    const open = [name];
    while (open.length > 0 && !this.#closed) {
      const current = open.pop();
      let entries;
      try {
        entries = await readDirectory(
          current === "" ? this.#path : `${this.#path}/${current}`,
          { types: true });
      } catch (error) {
        // Gone again, or a file that is watched, or not ours to see.
        if (["ENOENT", "ENOTDIR", "EACCES"].includes(error.code)) continue;
        this.#end(error);
        return;
      }
      if (this.#closed) return;
      const folder = this.#folders.get(current);
      const told = folder?.told;
      if (folder !== undefined) folder.told = undefined;
      if (told !== undefined) folder.found = new Set();
      for (const entry of entries) {
        if (told?.has(entry.name)) continue;
        const below = join(current, entry.name);
        const isDirectory = entry.kind === "directory";
        folder?.found?.add(entry.name);
        if (tell) this.#emit("create", below, isDirectory);
        if (isDirectory && this.#addFolder(below, tell)) open.push(below);
      }
    }
  }

  // False: it is watched already, is gone, or the watch is over.
  #addFolder(name, isNew) {
    if (this.#closed || this.#folders.has(name)) return false;
    try {
      const folder = this.#add(name, ONLY_DIRECTORY | NO_FOLLOW);
      if (isNew) folder.told = new Set();
      return true;
    } catch (error) {
      if (!["ENOENT", "ENOTDIR", "EACCES"].includes(error.code)) {
        this.#end(error);
      }
      return false;
    }
  }

  // Folders that went away, or have another name.
  #moveBelow(from, to) {
    for (const folder of [...this.#folders.values()]) {
      if (folder.name !== from && !folder.name.startsWith(`${from}/`)) continue;
      if (to === undefined) {
        this.#drop(folder);
      } else {
        this.#folders.delete(folder.name);
        folder.name = to + folder.name.slice(from.length);
        this.#folders.set(folder.name, folder);
      }
    }
  }

  event(folder, mask, cookie, name) {
    if (this.#closed) return;
    const isDirectory = (mask & IS_DIRECTORY) !== 0;
    const path = name === "" ? folder.name : join(folder.name, name);
    if (!(mask & MOVED_TO)) this.flush();
    if (mask & (MOVED_TO | CREATE)) folder.told?.add(name);
    if (mask & MOVED_FROM) {
      folder.found?.delete(name);
      this.#moved = { cookie, name: path, isDirectory };
    } else if (mask & MOVED_TO) {
      const moved = this.#moved;
      this.#moved = undefined;
      if (moved !== undefined && moved.cookie === cookie) {
        this.#moveBelow(moved.name, path);
        this.#emit("rename", path, isDirectory, moved.name);
      } else {
        if (moved !== undefined) this.#gone(moved);
        this.#appeared(path, isDirectory);
      }
    } else if (mask & CREATE) {
      if (folder.found?.delete(name)) return; // told already
      this.#appeared(path, isDirectory);
    } else if (mask & DELETE) {
      folder.found?.delete(name);
      this.#emit("remove", path, isDirectory);
    } else if (mask & (MODIFY | ATTRIB)) {
      // The folder above tells it, too.
      if (name === "" && folder.name !== "") return;
      this.#emit(mask & MODIFY ? "modify" : "attributes", path, isDirectory);
    } else if (mask & MOVE_SELF && folder.name === "") {
      this.#emit("rename", "", isDirectory);
    } else if (mask & IGNORED) {
      this.#folders.delete(folder.name);
      if (folder.name !== "") return;
      this.#emit("remove", "", isDirectory);
      this.#end();
    }
  }

  #appeared(path, isDirectory) {
    this.#emit("create", path, isDirectory);
    if (isDirectory && this.#recursive && this.#addFolder(path, true)) {
      this.#addBelow(path, true);
    }
  }

  #gone({ name, isDirectory }) {
    if (isDirectory) this.#moveBelow(name);
    this.#emit("remove", name, isDirectory);
  }

  // What was moved has gone elsewhere.
  flush() {
    const moved = this.#moved;
    this.#moved = undefined;
    if (moved !== undefined && !this.#closed) this.#gone(moved);
  }

  overflow() {
    if (!this.#closed) this.#emit("overflow", "", false);
  }

  #end(error) {
    if (this.#closed) return;
    this.close();
    this.#fail(error);
  }

  close() {
    if (this.#closed) return;
    this.reference(false);
    this.#closed = true;
    for (const folder of [...this.#folders.values()]) this.#drop(folder);
  }
}

// Events for an async iterator, at most `limit` of them: then come no more until
// they are taken, and after them one that says so.
export class EventQueue {
  #limit;
  #events = [];
  #waiting = [];
  #overflow;
  #ended = false;
  #error;
  #onReturn;

  constructor(limit, overflow, onReturn) {
    this.#limit = limit;
    this.#overflow = overflow;
    this.#onReturn = onReturn;
  }

  push(event) {
    if (this.#ended) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting.resolve({ value: event, done: false });
    } else if (this.#events.length < this.#limit) {
      this.#events.push(event);
    } else if (this.#events.at(-1) !== this.#overflow) {
      this.#events.push(this.#overflow);
    }
  }

  // With an error: whoever asks gets it, once what came before is taken.
  end(error) {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error === undefined ? undefined : { error };
    for (const waiting of this.#waiting.splice(0)) this.#finish(waiting);
  }

  #finish({ resolve, reject }) {
    const failure = this.#error;
    this.#error = undefined;
    if (failure !== undefined) reject(failure.error);
    else resolve({ value: undefined, done: true });
  }

  // {signal, timeout} end the waiting, not the watching.
  next({ signal, timeout } = {}) {
    const waiter = Promise.withResolvers();
    return withLimits("next", signal, timeout, () => {
      if (this.#events.length > 0) {
        waiter.resolve({ value: this.#events.shift(), done: false });
      } else if (this.#ended) {
        this.#finish(waiter);
      } else {
        this.#waiting.push(waiter);
      }
      return waiter.promise;
    }, () => {
      this.#waiting = this.#waiting.filter((one) => one !== waiter);
    });
  }

  async return(value) {
    this.#onReturn();
    this.#events.length = 0;
    this.#error = undefined;
    this.end();
    return { value, done: true };
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

class Watcher extends EventQueue {
  #watch;
  #release;

  constructor(path, options) {
    const { recursive, persistent, limit = 4096, signal, timeout } = options;
    if (!(limit >= 1)) throw outOfRange("limit", ">= 1", limit);
    super(limit, { kind: "overflow", path, name: "", isDirectory: false },
          () => this.close());
    this.#watch = new Watch(path, { recursive, persistent },
                            (kind, name, isDirectory, from) => {
      const event = {
        kind,
        path: name === "" ? path : `${path}/${name}`,
        name,
        isDirectory,
      };
      if (from !== undefined) event.from = `${path}/${from}`;
      this.push(event);
    }, (error) => {
      this.#release();
      this.end(error);
    });
    try {
      this.#release = armLimits("watch", signal, timeout, (reason) => {
        this.#watch.close();
        this.end(reason);
      });
    } catch (error) {
      this.#watch.close();
      throw error;
    }
  }

  // Once all folders that there were are watched.
  get ready() {
    return this.#watch.ready;
  }
  ref() {
    this.#watch.reference(true);
    return this;
  }
  unref() {
    this.#watch.reference(false);
    return this;
  }
  close() {
    this.#release();
    this.#watch.close();
    this.end();
  }
  async [Symbol.asyncDispose]() {
    this.close();
  }
}

// Options: recursive, limit (of events that wait), persistent, signal, timeout.
export function watch(path, options = undefined) {
  return new Watcher(pathText(path), dictionary(options));
}

// The text of a path that is one, or a file: URL.
export function pathText(path) {
  if (typeof path === "string") return path;
  if (path?.href !== undefined) {
    return loadBuiltin("node:url").fileURLToPath(path);
  }
  if (path instanceof Uint8Array) return new TextDecoder().decode(path);
  throw invalidArgument("path", "a string, a Uint8Array or a file: URL", path);
}
