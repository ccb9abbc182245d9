// SPDX-License-Identifier: MIT
// The binary-trees program of the Computer Language Benchmarks Game: trees of
// all depths are built and dropped beside one that lives. Runs unchanged on
// rill, node and qjs; prints the time it took and the longest pause, which is
// that of a tree's building beyond the median of its kind.
//
//   binary_trees.mjs [depth=16]
const args =
  typeof scriptArgs === "object" ? scriptArgs.slice(1) : process.argv.slice(2);
const MIN_DEPTH = 4;
const maxDepth = Math.max(MIN_DEPTH + 2, Number(args[0] ?? 16));

function bottomUp(depth) {
  if (depth === 0) return { left: null, right: null };
  return { left: bottomUp(depth - 1), right: bottomUp(depth - 1) };
}

function count(tree) {
  return tree.left === null ? 1 : 1 + count(tree.left) + count(tree.right);
}

const begin = performance.now();
if (count(bottomUp(maxDepth + 1)) !== 2 ** (maxDepth + 2) - 1)
  throw new Error("the stretch tree is damaged");
const longLived = bottomUp(maxDepth);
let longest = 0;
for (let depth = MIN_DEPTH; depth <= maxDepth; depth += 2) {
  const iterations = 2 ** (maxDepth - depth + MIN_DEPTH);
  const times = new Float64Array(iterations);
  let nodes = 0;
  for (let i = 0; i < iterations; i++) {
    const start = performance.now();
    nodes += count(bottomUp(depth));
    times[i] = performance.now() - start;
  }
  if (nodes !== iterations * (2 ** (depth + 1) - 1))
    throw new Error("a tree is damaged");
  times.sort();
  longest = Math.max(longest, times.at(-1) - times[iterations >> 1]);
}
if (count(longLived) !== 2 ** (maxDepth + 1) - 1)
  throw new Error("the long-lived tree is damaged");
const took = performance.now() - begin;
console.log(`${took.toFixed(0)} ms, longest pause ${longest.toFixed(1)} ms`);
