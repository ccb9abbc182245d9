// SPDX-License-Identifier: MIT
// The console beyond plain log and error, which are native until they meet a
// value that needs formatting (WHATWG Console, as Node prints it), and the
// methods of node:console's Console, which are the same.
import { formatWithOptions, inspect } from "rill:internal/inspect";
import {
  hrtime,
  info,
  setGrouped,
  writeError,
  writeOutput,
} from "rill:internal/process";

function renderTable(head, rows) {
  const widths = head.map((h, i) =>
    Math.max(h.length, ...rows.map((r) => r[i].length)) + 2);
  const line = (row) =>
    `│${row.map((c, i) => ` ${c}`.padEnd(widths[i])).join("│")}│\n`;
  const rule = (a, b, c) =>
    a + widths.map((w) => "─".repeat(w)).join(b) + c + "\n";
  return rule("┌", "┬", "┐") + line(head) + rule("├", "┼", "┤") +
      rows.map(line).join("") + rule("└", "┴", "┘").trimEnd();
}

// The methods of a console over two places.
//   write(isError, text)
//   optionsFor(isError)   how values are inspected
//   isTerminal()          can what is shown be cleared?
//   indentation           what a group adds
//   grouped(on)           told when groups begin and end
//   topmost               what trace() leaves out of the stack; undefined: itself
export function consoleMethods({ write, optionsFor, isTerminal, indentation,
                                 grouped = () => {}, topmost = undefined }) {
  let indent = "";
  const counts = new Map();
  const timers = new Map();

  function print(isError, values) {
    let text = formatWithOptions(optionsFor(isError), ...values);
    if (indent !== "") {
      text = indent + text.replaceAll("\n", `\n${indent}`);
    }
    write(isError, text + "\n");
  }
  const toOutput = (...values) => print(false, values);
  const toError = (...values) => print(true, values);

  function elapsed(label) {
    const ms = Number(hrtime() - timers.get(label)) / 1e6;
    if (ms >= 1000) return `${(ms / 1000).toFixed(3)}s`;
    return `${Number(ms.toFixed(3))}ms`;
  }

  const methods = {
    log: toOutput,
    info: toOutput,
    debug: toOutput,
    error: toError,
    warn: toError,
    trace(...values) {
      const error = { name: "Trace" };
      Error.captureStackTrace(error, topmost ?? methods.trace);
      const [, ...frames] = String(error.stack).split("\n");
      const text = formatWithOptions(optionsFor(true), ...values);
      toError(`Trace${text === "" ? "" : `: ${text}`}\n${frames.join("\n")}`);
    },
    assert(condition, ...values) {
      if (condition) return;
      if (typeof values[0] === "string") {
        values[0] = `Assertion failed: ${values[0]}`;
      } else {
        values.unshift("Assertion failed");
      }
      toError(...values);
    },
    dir(value, options) {
      toOutput(inspect(value, { ...optionsFor(false), customInspect: false,
                                ...options }));
    },
    dirxml: toOutput,
    group(...values) {
      if (values.length > 0) toOutput(...values);
      indent += indentation;
      grouped(true);
    },
    clear() {
      if (isTerminal()) write(false, "\x1b[1;1H\x1b[0J");
    },
    // These tell an inspector, as in Node. There is none here.
    profile() {},
    profileEnd() {},
    timeStamp() {},
    groupEnd() {
      indent = indent.slice(indentation.length);
      grouped(indent !== "");
    },
    count(label = "default") {
      const count = (counts.get(String(label)) ?? 0) + 1;
      counts.set(String(label), count);
      toOutput(`${label}: ${count}`);
    },
    countReset(label = "default") {
      counts.delete(String(label));
    },
    time(label = "default") {
      timers.set(String(label), hrtime());
    },
    timeLog(label = "default", ...values) {
      if (timers.has(String(label))) {
        toOutput(`${label}: ${elapsed(String(label))}`, ...values);
      }
    },
    timeEnd(label = "default") {
      if (timers.has(String(label))) {
        toOutput(`${label}: ${elapsed(String(label))}`);
        timers.delete(String(label));
      }
    },
    table(data, columns) {
      if (data === null || typeof data !== "object") return toOutput(data);
      const show = (value) =>
        inspect(value, { ...optionsFor(false), depth: 0, compact: 3 });
      const rows = [];
      const keys = new Set(columns);
      let hasValues = false;
      const isMap = data instanceof Map, isSet = data instanceof Set;
      const entries = isMap || isSet ? [...data.values()].map((v, i) => [i, v])
          : Object.entries(data);
      const mapKeys = isMap ? [...data.keys()] : undefined;
      for (const [, row] of entries) {
        if (row !== null && typeof row === "object") {
          if (columns !== undefined) continue;
          for (const k of Object.keys(row)) keys.add(k);
        } else {
          hasValues = true;
        }
      }
      const head = [isMap || isSet ? "(iteration index)" : "(index)"];
      if (isMap) head.push("Key");
      head.push(...keys);
      if (hasValues) head.push("Values");
      for (const [index, row] of entries) {
        const isObject = row !== null && typeof row === "object";
        const cells = [String(index)];
        if (isMap) cells.push(show(mapKeys[index]));
        for (const key of keys) {
          cells.push(isObject && Object.hasOwn(row, key) ? show(row[key]) : "");
        }
        if (hasValues) cells.push(isObject ? "" : show(row));
        rows.push(cells);
      }
      toOutput(renderTable(head, rows));
    },
  };
  methods.groupCollapsed = methods.group;
  return methods;
}

const { tty } = info();
export const methods = consoleMethods({
  write: (isError, text) => (isError ? writeError : writeOutput)(text),
  optionsFor: (isError) => ({ colors: tty[isError ? 2 : 1] }),
  isTerminal: () => tty[1],
  indentation: "  ",
  grouped: setGrouped,
});
