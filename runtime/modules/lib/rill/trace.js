// SPDX-License-Identifier: MIT
// rill:trace: looking into the running program, and events that tell what it
// does. The current span goes with the async context.
import * as native from "rill:internal/trace";

// All tasks of all isolates of the process, what they wait for and where.
export const dumpTasks = () => JSON.parse(native.dump(true));
// The same for people.
export const dumpTasksText = () => native.dump(false);

// Tells on standard error of turns that take longer than so many milliseconds,
// and of tasks that wait for each other in a ring. False: it is on already.
export function startWatchdog(milliseconds) {
  if (!Number.isInteger(milliseconds) || milliseconds < 1 ||
      milliseconds > 3600000) {
    throw new RangeError(
      `milliseconds must be an integer from 1 to 3600000, not ${milliseconds}`);
  }
  return native.startWatchdog(milliseconds);
}

const APP = 0;
const levels = { error: 1, warn: 2, info: 3, debug: 4, trace: 5 };
const forms = ["text", "json", "chrome"];

function levelOf(name) {
  const level = Object.hasOwn(levels, name) ? levels[name] : undefined;
  if (level === undefined) {
    throw new TypeError(`level must be one of ${Object.keys(levels).join(", ")}`);
  }
  return level;
}

// Members of a JSON object, without its braces. What JSON has no form for is
// told as text.
function textOf(attributes) {
  if (attributes === undefined) return "";
  return JSON.stringify(attributes, (key, value) =>
    typeof value === "bigint" || typeof value === "symbol" ? String(value)
                                                           : value)
    .slice(1, -1);
}

function checkAttributes(attributes) {
  if (attributes === undefined ||
      typeof attributes === "object" && attributes !== null &&
      !Array.isArray(attributes)) {
    return;
  }
  throw new TypeError("attributes must be an object");
}

class Span {
  #id;
  #level;
  #name;
  #before;
  #late;
  constructor(name, attributes, level) {
    this.#level = level;
    this.#name = String(name);
    this.#id = native.wants(APP, level)
      ? native.begin(APP, level, this.#name, textOf(attributes)) : 0;
  }
  // 0: nobody listens.
  get id() {
    return this.#id;
  }
  // It becomes the current one; leave() takes that back.
  enter() {
    if (this.#id !== 0) this.#before = native.swapSpan(this.#id);
    return this;
  }
  leave() {
    if (this.#before !== undefined) native.swapSpan(this.#before);
    this.#before = undefined;
  }
  // Told at the end.
  setAttribute(name, value) {
    if (this.#id !== 0) (this.#late ??= {})[name] = value;
    return this;
  }
  end() {
    if (this.#id === 0) return;
    native.end(APP, this.#level, this.#id, textOf(this.#late));
    this.#id = 0;
  }
  [Symbol.dispose]() {
    this.leave();
    this.end();
  }
}

// What functions get while nobody listens: it does nothing.
const unheard = new Span("", undefined, 255);

const noted = (span, error) =>
  span.setAttribute("error", error?.message ?? String(error));

// A span that is current until it is disposed of: `using s = span("name")`. With
// a function: the span of its call, or of the promise that it returns, which it
// gives.
export function span(name, attributes, fn) {
  if (typeof attributes === "function") {
    fn = attributes;
    attributes = undefined;
  }
  checkAttributes(attributes);
  const level = attributes?.level === undefined ? levels.info
      : levelOf(attributes.level);
  if (fn !== undefined && !native.wants(APP, level)) return fn(unheard);
  const s = new Span(name, attributes, level);
  s.enter();
  if (fn === undefined) return s;
  let result;
  try {
    result = fn(s);
  } catch (error) {
    noted(s, error);
    s.end();
    throw error;
  } finally {
    s.leave();
  }
  if (typeof result?.then !== "function") {
    s.end();
    return result;
  }
  return (async () => {
    try {
      return await result;
    } catch (error) {
      noted(s, error);
      throw error;
    } finally {
      s.end();
    }
  })();
}

// Something that happens now, within the current span.
export function event(name, attributes = undefined, options = undefined) {
  const level = options?.level === undefined ? levels.info
      : levelOf(options.level);
  checkAttributes(attributes);
  if (native.wants(APP, level)) {
    native.event(APP, level, String(name), textOf(attributes));
  }
}

// Whether somebody listens to events of a script of this level.
export const isEnabled = (level = "info") => native.wants(APP, levelOf(level));

// Exports the events of the whole process from now on.
export function startTrace({ form = "text", file, filter = "info" } = {}) {
  const number = forms.indexOf(form);
  if (number < 0) throw new TypeError(`form must be one of ${forms.join(", ")}`);
  const status = native.startTrace(number, file, filter);
  if (status === "OK") return;
  throw new Error({
    INVALID: "A trace is running already, or the filter is wrong",
    FAILED: `${file} cannot be written`,
  }[status] ?? `The trace could not be started: ${status}`);
}
// The number of events that came too fast and were dropped.
export const stopTrace = () => native.stopTrace();
