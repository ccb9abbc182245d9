// SPDX-License-Identifier: MIT
// performance: the clock, marks, measures and their observers (High Resolution
// Time, User Timing, Performance Timeline).
import { now, timeOrigin } from "rill:internal/clock";
import { setImmediate } from "rill:internal/timers";
import { structuredClone } from "rill:internal/clone";
import { EventTarget } from "rill:internal/web/events";
import { DOMException } from "rill:internal/web/dom_exception";
import {
  dictionary,
  enumerable,
  illegalConstructor,
  required,
} from "rill:internal/web/idl";

const secret = Symbol("performance");
const timeline = []; // marks and measures in order of their start
const observers = new Set();

export class PerformanceEntry {
  #name;
  #entryType;
  #startTime;
  #duration;
  constructor(key = undefined, name, entryType, startTime, duration) {
    if (key !== secret) throw illegalConstructor();
    this.#name = name;
    this.#entryType = entryType;
    this.#startTime = startTime;
    this.#duration = duration;
  }
  get name() {
    return this.#name;
  }
  get entryType() {
    return this.#entryType;
  }
  get startTime() {
    return this.#startTime;
  }
  get duration() {
    return this.#duration;
  }
  toJSON() {
    return {
      name: this.#name,
      entryType: this.#entryType,
      startTime: this.#startTime,
      duration: this.#duration,
    };
  }

  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    const shown = this.toJSON();
    if (this.detail !== undefined) shown.detail = this.detail;
    return `${this.constructor.name} ${inspect(shown, options)}`;
  }

  static {
    enumerable(this, "PerformanceEntry");
  }
}

// A detail is cloned, null if there is none.
const cloned = (detail) =>
  detail === undefined || detail === null ? null : structuredClone(detail);

export class PerformanceMark extends PerformanceEntry {
  #detail;
  constructor(name, options = undefined) {
    required(arguments.length, 1, "PerformanceMark");
    name = `${name}`;
    options = dictionary(options, "markOptions");
    let start = options.startTime;
    if (start === undefined) {
      start = now();
    } else {
      start = Number(start);
      if (Number.isNaN(start)) throw new TypeError("startTime is no number");
      if (start < 0) throw new TypeError("startTime is negative");
    }
    super(secret, name, "mark", start, 0);
    this.#detail = cloned(options.detail);
  }
  get detail() {
    return this.#detail;
  }
  toJSON() {
    return { ...super.toJSON(), detail: this.#detail };
  }
  static {
    enumerable(this, "PerformanceMark");
  }
}

let newMeasure;
export class PerformanceMeasure extends PerformanceEntry {
  #detail;
  constructor(key = undefined, name, startTime, duration, detail) {
    super(key, name, "measure", startTime, duration);
    this.#detail = detail;
  }
  get detail() {
    return this.#detail;
  }
  toJSON() {
    return { ...super.toJSON(), detail: this.#detail };
  }
  static {
    newMeasure = (...parts) => new PerformanceMeasure(secret, ...parts);
    enumerable(this, "PerformanceMeasure");
  }
}

function add(entry) {
  let at = timeline.length;
  while (at > 0 && timeline[at - 1].startTime > entry.startTime) at--;
  timeline.splice(at, 0, entry);
  for (const observer of observers) queue(observer, entry);
}

function clear(type, name) {
  const left = timeline.filter(
      (e) => e.entryType !== type || (name !== undefined && e.name !== name));
  timeline.length = 0;
  timeline.push(...left);
}

const select = (list, name, type) => list.filter(
    (e) => (name === undefined || e.name === name) &&
        (type === undefined || e.entryType === type));

// Convert a mark to a timestamp (User Timing 4.3).
function timestamp(mark) {
  if (typeof mark === "number") {
    if (mark < 0) throw new TypeError("A timestamp is negative");
    return mark;
  }
  mark = `${mark}`;
  const found = timeline.findLast(
      (e) => e.entryType === "mark" && e.name === mark);
  if (found === undefined) {
    throw new DOMException(
        `The "${mark}" performance mark has not been set`, "SyntaxError");
  }
  return found.startTime;
}

export class Performance extends EventTarget {
  #brand; // every method looks at it, and throws if it is not there
  constructor(key = undefined) {
    if (key !== secret) throw illegalConstructor();
    super();
  }
  get timeOrigin() {
    this.#brand;
    return timeOrigin();
  }
  mark(name, options = undefined) {
    this.#brand;
    required(arguments.length, 1, "mark");
    const mark = new PerformanceMark(name, options);
    add(mark);
    return mark;
  }
  measure(name, startOrOptions = undefined, endMark = undefined) {
    this.#brand;
    required(arguments.length, 1, "measure");
    name = `${name}`;
    let start, end, duration, detail, given = false;
    if (typeof startOrOptions === "object" && startOrOptions !== null) {
      ({ start, end, duration, detail } = startOrOptions);
      given = [start, end, duration, detail].some((v) => v !== undefined);
    } else {
      start = startOrOptions;
    }
    if (given) {
      if (endMark !== undefined) {
        throw new TypeError("endMark and options exclude each other");
      }
      if (start === undefined && end === undefined) {
        throw new TypeError("One of start and end is needed");
      }
      if (start !== undefined && duration !== undefined && end !== undefined) {
        throw new TypeError("One of start, end and duration must be left out");
      }
    }
    if (start === null) start = undefined;
    let endTime, startTime;
    if (endMark !== undefined) endTime = timestamp(endMark);
    else if (given && end !== undefined) endTime = timestamp(end);
    else if (given && start !== undefined && duration !== undefined) {
      endTime = timestamp(start) + Number(duration);
    } else endTime = now();
    if (start !== undefined) startTime = timestamp(start);
    else if (given && duration !== undefined && end !== undefined) {
      startTime = timestamp(end) - Number(duration);
    } else startTime = 0;
    const measure =
        newMeasure(name, startTime, endTime - startTime, cloned(detail));
    add(measure);
    return measure;
  }
  clearMarks(name = undefined) {
    this.#brand;
    clear("mark", name === undefined ? name : `${name}`);
  }
  clearMeasures(name = undefined) {
    this.#brand;
    clear("measure", name === undefined ? name : `${name}`);
  }
  clearResourceTimings() {
    this.#brand;
  }
  setResourceTimingBufferSize(size) {
    this.#brand;
    required(arguments.length, 1, "setResourceTimingBufferSize");
  }
  getEntries() {
    this.#brand;
    return timeline.slice();
  }
  getEntriesByType(type) {
    this.#brand;
    required(arguments.length, 1, "getEntriesByType");
    return select(timeline, undefined, `${type}`);
  }
  getEntriesByName(name, type = undefined) {
    this.#brand;
    required(arguments.length, 1, "getEntriesByName");
    return select(timeline, `${name}`, type === undefined ? type : `${type}`);
  }
  timerify(callback) {
    return function timerified(...args) {
      return new.target ? Reflect.construct(callback, args, callback)
          : callback.apply(this, args);
    };
  }
  toJSON() {
    this.#brand;
    return { timeOrigin: this.timeOrigin };
  }
  static {
    // Native, and so without a look at its receiver.
    Object.defineProperty(this.prototype, "now",
                          { value: now, writable: true, configurable: true });
    enumerable(this, "Performance");
  }
}

export const performance = new Performance(secret);

// Observers ---------------------------------------------------------------

export class PerformanceObserverEntryList {
  #entries;
  constructor(key = undefined, entries) {
    if (key !== secret) throw illegalConstructor();
    this.#entries = entries.sort((a, b) => a.startTime - b.startTime);
  }
  getEntries() {
    return this.#entries.slice();
  }
  getEntriesByType(type) {
    required(arguments.length, 1, "getEntriesByType");
    return select(this.#entries, undefined, `${type}`);
  }
  getEntriesByName(name, type = undefined) {
    required(arguments.length, 1, "getEntriesByName");
    return select(this.#entries, `${name}`,
                  type === undefined ? type : `${type}`);
  }
  static {
    enumerable(this, "PerformanceObserverEntryList");
  }
}

const supported = Object.freeze(["mark", "measure"]);
let queue;

export class PerformanceObserver {
  #callback;
  #buffer = [];
  #types = new Set();
  #mode; // "many" by entryTypes, "one" by type
  #scheduled = false;

  constructor(callback) {
    if (typeof callback !== "function") {
      const error = new TypeError(
          'The "callback" argument must be of type function');
      error.code = "ERR_INVALID_ARG_TYPE";
      throw error;
    }
    this.#callback = callback;
  }
  static get supportedEntryTypes() {
    return supported;
  }
  observe(options = undefined) {
    this.#types;
    const { entryTypes, type, buffered } = dictionary(options);
    if (entryTypes === undefined && type === undefined) {
      throw new TypeError('One of "entryTypes" and "type" is needed');
    }
    if (entryTypes !== undefined &&
        (type !== undefined || buffered !== undefined)) {
      throw new TypeError('"entryTypes" excludes "type" and "buffered"');
    }
    if (entryTypes !== undefined &&
        (typeof entryTypes !== "object" || entryTypes === null)) {
      throw new TypeError('"entryTypes" is no sequence');
    }
    const mode = entryTypes !== undefined ? "many" : "one";
    if (this.#mode !== undefined && this.#mode !== mode) {
      throw new DOMException(
          "An observer cannot change between entryTypes and type",
          "InvalidModificationError");
    }
    this.#mode = mode;
    if (mode === "many") {
      const known = [...entryTypes].filter((t) => supported.includes(t));
      if (known.length === 0) return;
      this.#types = new Set(known);
      observers.add(this);
      return;
    }
    if (!supported.includes(type)) return;
    this.#types.add(type);
    observers.add(this);
    if (buffered) {
      for (const entry of select(timeline, undefined, type)) {
        queue(this, entry);
      }
    }
  }
  disconnect() {
    this.#types = new Set();
    this.#buffer = [];
    this.#mode = undefined;
    observers.delete(this);
  }
  takeRecords() {
    const records = this.#buffer;
    this.#buffer = [];
    return records;
  }
  static {
    queue = (observer, entry) => {
      if (!observer.#types.has(entry.entryType)) return;
      observer.#buffer.push(entry);
      if (observer.#scheduled) return;
      observer.#scheduled = true;
      setImmediate(() => {
        observer.#scheduled = false;
        const entries = observer.takeRecords();
        if (entries.length === 0) return;
        observer.#callback.call(
            observer, new PerformanceObserverEntryList(secret, entries),
            observer, { droppedEntriesCount: 0 });
      });
    };
    enumerable(this, "PerformanceObserver");
  }
}
