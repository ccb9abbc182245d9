// SPDX-License-Identifier: MIT
// Snapshots: __snapshots__/FILE.snap beside a test's file, and those within its
// source. Nothing is written before all tests of the file have run.
import { basename, dirname, join } from "node:path";
import {
  exists,
  makeDirectory,
  readText,
  unlink,
  writeFile,
} from "rill:internal/fs-sync";
import { frames } from "rill:internal/test_errors";
import { shown } from "rill:internal/test_diff";
import { isEqualBy } from "rill:internal/util";

// mode: "new" writes what is missing, "all" what differs as well, "none"
// nothing (--ci).
export const snapshots = { file: undefined, mode: "new" };

let path; // of the .snap file
let stored; // name -> text
let used, changes, edits;
let state;

function load() {
  if (stored !== undefined) return;
  const { file } = snapshots;
  if (file === undefined) {
    throw new Error("Snapshots need a file of tests that rill test runs");
  }
  path = join(dirname(file), "__snapshots__", `${basename(file)}.snap`);
  stored = new Map();
  used = new Set();
  edits = new Map();
  changes = false;
  state = { matched: 0, written: 0, updated: 0, obsolete: [], removed: 0 };
  if (exists(path)) parse(readText(path));
}

const HEAD = "// Snapshots, which rill test --update-snapshots writes.";
const escaped = (text) => text.replace(/[\\`]|\$(?=\{)/g, "\\$&");
const unescaped = (text) => text.replace(/\\([\\`$])/g, "$1");

function parse(text) {
  const entry =
      /^exports\[`((?:[^`\\]|\\[^])*)`\] = `((?:[^`\\]|\\[^])*)`;$/gm;
  for (const [, name, value] of text.matchAll(entry)) {
    let content = unescaped(value);
    if (content.startsWith("\n") && content.endsWith("\n")) {
      content = content.slice(1, -1);
    }
    stored.set(unescaped(name), content);
  }
}

function write() {
  if (stored.size === 0) {
    if (exists(path)) unlink(path);
    return;
  }
  const names = [...stored.keys()].sort();
  makeDirectory(dirname(path), { recursive: true });
  writeFile(path, `${HEAD}\n${names.map((name) => {
    const text = stored.get(name);
    const body = text.includes("\n") ? `\n${text}\n` : text;
    return `\nexports[\`${escaped(name)}\`] = \`${escaped(body)}\`;\n`;
  }).join("")}`);
}

function serialize(value) {
  if (typeof value === "string") return `"${value}"`;
  if (value instanceof Error) return `[${value.name}: ${value.message}]`;
  return shown(value);
}

// toMatchSnapshot({id: expect.any(Number)}): these properties are only matched.
function withProperties(value, properties) {
  const custom = (a, b) => typeof b?.asymmetricMatch === "function"
    ? b.asymmetricMatch(a) : undefined;
  for (const [key, sample] of Object.entries(properties)) {
    if (!isEqualBy(value?.[key], sample, { same: Object.is, custom })) {
      return { key };
    }
  }
  return { value: { ...value, ...properties } };
}

function needRun(run, name) {
  if (run === undefined) {
    throw new Error(
      `${name}: which test is this of? Tests that run together use t.expect`);
  }
}

const outcome = (pass, text, actual, expected) => ({
  pass,
  message: () => text,
  ...expected === undefined ? {} : { actual, expected, isText: true },
});

const REFUSED = "there is no snapshot, and --ci refuses to write one";

export function matchSnapshot(run, value, ...args) {
  needRun(run, "toMatchSnapshot");
  load();
  const properties = typeof args[0] === "object" ? args.shift() : undefined;
  const [hint] = args;
  if (properties !== undefined) {
    const { key, value: combined } = withProperties(value, properties);
    if (key !== undefined) {
      return outcome(false, `expected property ${key} to match`);
    }
    value = combined;
  }
  const base = [...run.path, ...hint === undefined ? [] : [hint]].join(" > ");
  const count = (run.snapshots.get(base) ?? 0) + 1;
  run.snapshots.set(base, count);
  const name = `${base} ${count}`;
  const text = serialize(value);
  used.add(name);
  const before = stored.get(name);
  if (before === text) {
    state.matched++;
    return outcome(true, `expected snapshot ${name} not to match`);
  }
  if (before === undefined ? snapshots.mode === "none"
                           : snapshots.mode !== "all") {
    return before === undefined
      ? outcome(false, `snapshot ${name}: ${REFUSED}`, text, "")
      : outcome(false, `expected to match snapshot ${name}`, text, before);
  }
  stored.set(name, text);
  changes = true;
  if (before === undefined) {
    state.written++;
  } else {
    state.updated++;
  }
  return outcome(true, `expected snapshot ${name} not to match`);
}

// Within the source -----------------------------------------------------------

const sources = new Map();

// Where the argument of the call is: {start, end, indent, raw or undefined}.
function findArgument(file, line, column) {
  if (!sources.has(file)) sources.set(file, readText(file));
  const text = sources.get(file);
  let at = 0;
  for (let i = 1; i < line; i++) at = text.indexOf("\n", at) + 1;
  const lineStart = at;
  at += column - 1;
  const name = "toMatchInlineSnapshot";
  let call = text.indexOf(name, at);
  // The place may be anywhere in the call's name.
  const before = text.lastIndexOf(name, at);
  if (before >= 0 && before + name.length >= at) call = before;
  if (call < 0) return undefined;
  let start = text.indexOf("(", call) + 1;
  const lead = text.slice(lineStart).match(/^[ \t]*/)[0];
  const spaces = text.slice(start).match(/^\s*/)[0].length;
  if (text[start + spaces] === "`") {
    let end = start + spaces + 1;
    while (end < text.length && text[end] !== "`") {
      end += text[end] === "\\" ? 2 : 1;
    }
    return { start: start + spaces, end: end + 1, indent: lead };
  }
  if (text[start + spaces] === ")") return { start, end: start, indent: lead };
  return undefined; // another expression: not ours to change
}

function dedent(text) {
  if (!text.startsWith("\n")) return text;
  const lines = text.split("\n").slice(1);
  if (/^[ \t]*$/.test(lines.at(-1))) lines.pop();
  const indent = lines.find((line) => line.trim() !== "")
    ?.match(/^[ \t]*/)[0] ?? "";
  return lines.map((line) => line.startsWith(indent) ? line.slice(indent.length)
                                                     : line.trimStart())
    .join("\n");
}

export function matchInlineSnapshot(run, value, inline) {
  needRun(run, "toMatchInlineSnapshot");
  load();
  const text = serialize(value);
  const before = inline === undefined ? undefined : dedent(`${inline}`);
  if (before === text) {
    state.matched++;
    return outcome(true, "expected the inline snapshot not to match");
  }
  if (before === undefined ? snapshots.mode === "none"
                           : snapshots.mode !== "all") {
    return before === undefined
      ? outcome(false, REFUSED, text, "")
      : outcome(false, "expected to match the inline snapshot", text, before);
  }
  const [place] = frames(new Error().stack);
  const found = place && findArgument(place.file, place.line, place.column);
  if (found === undefined) {
    throw new Error("The inline snapshot cannot be written: its place in the " +
                    "source was not found");
  }
  const key = `${place.file}:${found.start}`;
  const known = edits.get(key);
  if (known !== undefined && known.text !== text) {
    return outcome(false, "one inline snapshot cannot have two values", text,
                   known.text);
  }
  edits.set(key, { ...found, file: place.file, text });
  if (before === undefined) {
    state.written++;
  } else {
    state.updated++;
  }
  return outcome(true, "expected the inline snapshot not to match");
}

function writeEdits() {
  const byFile = Map.groupBy(edits.values(), (edit) => edit.file);
  for (const [file, list] of byFile) {
    let text = sources.get(file);
    if (readText(file) !== text) {
      throw new Error(`${file} has changed while its tests ran`);
    }
    list.sort((a, b) => b.start - a.start);
    for (const { start, end, indent, text: value } of list) {
      const lines = escaped(value).split("\n");
      const body = lines.length === 1 ? lines[0]
          : `\n${lines.map((line) => line === "" ? "" : `${indent}  ${line}`)
            .join("\n")}\n${indent}`;
      text = `${text.slice(0, start)}\`${body}\`${text.slice(end)}`;
    }
    writeFile(file, text);
  }
}

// After the last test: writes, and says what was done. complete: all tests ran,
// so what was not used is obsolete.
export function checkSnapshots({ complete }) {
  if (snapshots.file === undefined) return undefined;
  if (stored === undefined) {
    // No test asked; is there a file nevertheless?
    load();
    if (stored.size === 0) return undefined;
  }
  if (complete) {
    for (const name of stored.keys()) {
      if (used.has(name)) continue;
      if (snapshots.mode === "all") {
        stored.delete(name);
        state.removed++;
        changes = true;
      } else {
        state.obsolete.push(name);
      }
    }
  }
  if (changes) write();
  if (edits.size > 0) writeEdits();
  return state;
}
