// SPDX-License-Identifier: MIT
// What differs between two texts or values, line by line.
import { inspect } from "rill:internal/inspect";

const MOST_LINES = 4000;

// The shortest edit of two lists of lines (Myers): [kind, line] with kind " ",
// "-" (only in a) or "+" (only in b).
function edits(a, b) {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let endA = a.length, endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const result = a.slice(0, start).map((line) => [" ", line]);
  result.push(...middle(a.slice(start, endA), b.slice(start, endB)));
  for (const line of a.slice(endA)) result.push([" ", line]);
  return result;
}

function middle(a, b) {
  if (a.length + b.length > MOST_LINES) {
    return [...a.map((line) => ["-", line]), ...b.map((line) => ["+", line])];
  }
  const max = a.length + b.length;
  const trace = [];
  let reach = new Map([[1, 0]]);
  search: for (let d = 0; d <= max; d++) {
    trace.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d ||
          (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
      let x = down ? reach.get(k + 1) : reach.get(k - 1) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      reach.set(k, x);
      if (x >= a.length && y >= b.length) break search;
    }
  }
  const result = [];
  let x = a.length, y = b.length;
  for (let d = trace.length - 1; d >= 0; d--) {
    const before = trace[d];
    const k = x - y;
    const down = k === -d || (k !== d && (before.get(k - 1) ?? -1) <
                                         (before.get(k + 1) ?? -1));
    const lastK = down ? k + 1 : k - 1;
    const lastX = d === 0 ? 0 : before.get(lastK);
    const lastY = d === 0 ? 0 : lastX - lastK;
    while (x > lastX && y > lastY && x > 0 && y > 0 &&
           a[x - 1] === b[y - 1]) {
      result.push([" ", a[--x]]);
      y--;
    }
    if (d > 0) {
      if (down) {
        result.push(["+", b[--y]]);
      } else {
        result.push(["-", a[--x]]);
      }
    }
  }
  return result.reverse();
}

const CONTEXT = 3;

// "- " lines are of `expected` only, "+ " lines of `actual` only.
export function diffTexts(actual, expected) {
  const all = edits(expected.split("\n"), actual.split("\n"));
  if (all.every(([kind]) => kind === " ")) return "";
  const lines = ["- expected", "+ actual", ""];
  let skipped = 0;
  all.forEach(([kind, line], i) => {
    const near = all.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1)
      .some(([other]) => other !== " ");
    if (!near) {
      skipped++;
      return;
    }
    if (skipped > 0) lines.push(`  ... ${skipped} equal lines`);
    skipped = 0;
    lines.push(`${kind} ${line}`);
  });
  if (skipped > 0) lines.push(`  ... ${skipped} equal lines`);
  return lines.join("\n");
}

const OPTIONS = {
  depth: 50,
  sorted: true,
  compact: false,
  maxArrayLength: 1000,
  maxStringLength: 100000,
  breakLength: 80,
};

export const shown = (value) => inspect(value, OPTIONS);

export function diffValues(actual, expected) {
  if (typeof actual === "string" && typeof expected === "string") {
    if (!actual.includes("\n") && !expected.includes("\n")) {
      return diffTexts(shown(actual), shown(expected));
    }
    return diffTexts(actual, expected);
  }
  return diffTexts(shown(actual), shown(expected)) ||
      "Both look the same, but are not";
}
