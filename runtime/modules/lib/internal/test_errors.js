// SPDX-License-Identifier: MIT
// Errors of tests as plain objects that reporters can show: text, the place in
// the tests' own files, its source line, what differs.
import { relative } from "node:path";
import { diffValues } from "rill:internal/test_diff";
import { readText } from "rill:internal/fs-sync";
import { inspect } from "rill:internal/inspect";
import { loadBuiltin } from "rill:internal/modules";

const FRAME = /^ {4}at (?:async )?(?:.*? \()?(.*):(\d+):(\d+)\)?$/;

function isInternal(line) {
  const match = FRAME.exec(line);
  return match !== null && /^(rill|node):/.test(match[1]);
}

export function frames(stack) {
  const found = [];
  for (const line of stack.split("\n")) {
    const match = FRAME.exec(line);
    if (match === null || /^(rill|node):/.test(match[1])) continue;
    const file = match[1].startsWith("file:")
      ? loadBuiltin("node:url").fileURLToPath(match[1]) : match[1];
    found.push({ file, line: Number(match[2]), column: Number(match[3]) });
  }
  return found;
}

const shortened = (file) => {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
};

// The place in a test's file, "a.test.js:3:5", of an Error made there.
export function placeOf(error) {
  const [first] = frames(error?.stack ?? "");
  return first && { ...first, file: shortened(first.file) };
}

const texts = new Map();
function sourceLines(file) {
  if (!texts.has(file)) {
    try {
      texts.set(file, readText(file).split("\n"));
    } catch {
      texts.set(file, []);
    }
  }
  return texts.get(file);
}

function excerpt({ file, line, column }) {
  const lines = sourceLines(file);
  const text = lines[line - 1];
  if (text === undefined || text.length > 200) return undefined;
  const shown = [];
  const width = String(line).length;
  for (let i = Math.max(1, line - 2); i <= line; i++) {
    shown.push(`${String(i).padStart(width)} | ${lines[i - 1]}`);
  }
  const before = text.slice(0, column - 1).replace(/[^\t]/g, " ");
  shown.push(`${" ".repeat(width)} | ${before}^`);
  return shown.join("\n");
}

const isObject = (value) => typeof value === "object" && value !== null;

function differenceOf(error) {
  if (typeof error.diff === "string") return error.diff || undefined;
  if (!("actual" in error) || !("expected" in error)) return undefined;
  if (error.generatedMessage === undefined && error.showDiff !== true) {
    return undefined;
  }
  if (!/equal|Equal|toBe$/.test(`${error.operator}`) ||
      /^not/.test(`${error.operator}`)) {
    return undefined;
  }
  return diffValues(error.actual, error.expected);
}

// why: "uncaught", "leak", "subtests", "after (a test) had ended", undefined.
export function describeError(error, why) {
  try {
    return describe(error, why, 0);
  } catch {
    // Its getters, or a proxy's traps, threw.
    return { name: "", message: "thrown: what cannot be shown", stack: [], why };
  }
}

const MOST_CAUSES = 5; // an error may be its own cause

function describe(error, why, depth) {
  if (!isObject(error) || !(error instanceof Error || "stack" in error)) {
    return {
      name: "",
      message: `thrown: ${inspect(error)}`,
      stack: [],
      why,
    };
  }
  const stack = typeof error.stack === "string" ? error.stack : "";
  const found = frames(stack);
  const [place] = found;
  let message = `${error.message ?? ""}`;
  const diff = differenceOf(error);
  if (diff !== undefined && error.code === "ERR_ASSERTION" &&
      error.diff === undefined) {
    message = message.split("\n")[0];
  }
  const described = {
    name: `${error.name ?? "Error"}`,
    message,
    diff,
    why,
    place: place && { ...place, file: shortened(place.file) },
    excerpt: why === "subtests" || place === undefined ? undefined
                                                       : excerpt(place),
    stack: why === "subtests" ? [] : stack.split("\n")
      .filter((line) => /^ {4}at /.test(line) && !isInternal(line))
      .map((line) => line.trim()),
  };
  if (error.cause !== undefined && error.cause !== error &&
      depth < MOST_CAUSES) {
    described.cause = describe(error.cause, undefined, depth + 1);
  }
  if (Array.isArray(error.errors) && depth < MOST_CAUSES) {
    described.errors = error.errors.slice(0, 10)
      .map((one) => describe(one, undefined, depth + 1));
  }
  return described;
}
