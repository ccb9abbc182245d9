// SPDX-License-Identifier: MIT
// A live tree of 2^(depth+1) nodes of three fields; random subtrees of 31 nodes
// are replaced without pause. Runs unchanged on rill, node and qjs, and prints
// iterations a second, the gaps that it saw itself between iterations, and a
// checksum of the tree, which depends on the number of iterations alone.
//
//   tree.mjs [depth=18] [seconds=5] [replace|idle]
//
// idle: subtrees change places and nothing is allocated, so that no collector
// has anything to do: what gaps there are now are the machine's.
const args =
  typeof scriptArgs === "object" ? scriptArgs.slice(1) : process.argv.slice(2);
const depth = Number(args[0] ?? 18);
const seconds = Number(args[1] ?? 5);
const idle = args[2] === "idle";
const SUBTREE = 4;

let state = 88172645;
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state;
}

function make(levels, value) {
  if (levels === 0) return { left: null, right: null, value };
  return {
    left: make(levels - 1, value + 1),
    right: make(levels - 1, value + 2),
    value,
  };
}

function check(node) {
  const { left, right, value } = node;
  if (left === null) return value;
  if (right.value !== left.value + 1) throw new Error("a node is damaged");
  return (value + check(left) + 3 * check(right)) % 1000003;
}

// The node whose children are subtrees of SUBTREE levels.
function parent(root) {
  let node = root;
  let path = random();
  for (let level = depth; level > SUBTREE + 1; level--) {
    node = path & 1 ? node.right : node.left;
    path >>= 1;
  }
  return node;
}

function replace(root) {
  const node = parent(root);
  const value = node.value;
  if (random() & 1) node.right = make(SUBTREE, value + 2);
  else node.left = make(SUBTREE, value + 1);
}

function exchange(root) {
  const one = parent(root);
  const other = parent(root);
  if (one.value === other.value) {
    const left = one.left;
    one.left = other.left;
    other.left = left;
  }
}

// Microseconds, eight buckets for each doubling.
const buckets = new Int32Array(512);
function percentile(count, fraction) {
  let rank = Math.floor(count * fraction);
  for (let i = 0; i < buckets.length; i++) {
    rank -= buckets[i];
    if (rank < 0) return 2 ** ((i + 1) / 8) / 16;
  }
}

function run(root) {
  const step = idle ? exchange : replace;
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let last = begin;
  let iterations = 0;
  let longest = 0;
  let over1 = 0;
  while (last < end) {
    step(root);
    iterations++;
    const now = performance.now();
    const gap = now - last;
    last = now;
    if (gap > longest) longest = gap;
    if (gap > 1) over1++;
    buckets[gap > 0 ? Math.max(0, Math.log2(gap * 16000) * 8) | 0 : 0]++;
  }
  const p = (f) => percentile(iterations, f).toFixed(1);
  return (
    `${Math.round(iterations / ((last - begin) / 1000))} /s, ` +
    `gaps p50 ${p(0.5)} p99 ${p(0.99)} p99.9 ${p(0.999)} us, ` +
    `max ${longest.toFixed(3)} ms, ${over1} over 1 ms`
  );
}

const root = make(depth, 1);
const before = check(root);
const figures = run(root);
if (check(root) !== before) throw new Error("the tree is damaged");
console.log(`${figures}, checksum ${before}`);
