// SPDX-License-Identifier: MIT
// The script's part of the soak: a live graph that is changed without pause and
// whose checksum is known at all times, garbage of many kinds, timers, Workers
// and spawned functions, while soak.c opens and closes isolates beside it.
// `soak` is what soak.c gives: seconds, warmUp, minute, slack, isolates(), fail().
import { gcStatistics } from "rill:runtime";
import { spawn } from "rill:task";
import { fileURLToPath } from "node:url";

const { seconds, warmUp, minute, slack } = soak;
const TREES = 64;
const DEPTH = 12; // 64 trees of 8191 nodes
const SUBTREE = 4;
const BUSY_MS = 8; // of work between two turns of the loop
const REST_MS = 6;

let state = 0x2545f491;
function random(limit) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % limit;
}

const { fail } = soak; // ends the process

// The live graph ------------------------------------------------------------

// Every node is of one of four forms, so that all kinds of cells live long.
function makeNode(value, left, right) {
  switch (value & 3) {
    case 0:
      return { value, left, right };
    case 1:
      return new Map([["value", value], ["left", left], ["right", right]]);
    case 2: {
      const bytes = new Uint32Array(2);
      bytes[0] = value;
      return [bytes, left, right];
    }
    default:
      return { name: `node ${value}`, left, right, read: () => value };
  }
}
function open(node) {
  if (Array.isArray(node)) return [node[0][0], node[1], node[2]];
  if (node instanceof Map) {
    return [node.get("value"), node.get("left"), node.get("right")];
  }
  if (node.read !== undefined) {
    const value = node.read();
    if (node.name !== "node " + value) fail(`a name is ${node.name}`);
    return [value, node.left, node.right];
  }
  return [node.value, node.left, node.right];
}
function replaceChild(node, isRight, child) {
  if (Array.isArray(node)) node[isRight ? 2 : 1] = child;
  else if (node instanceof Map) node.set(isRight ? "right" : "left", child);
  else if (isRight) node.right = child;
  else node.left = child;
}
function makeTree(depth) {
  const value = random(1 << 20);
  return depth === 0 ? makeNode(value, null, null)
    : makeNode(value, makeTree(depth - 1), makeTree(depth - 1));
}
function sumOf(node, depth) {
  const [value, left, right] = open(node);
  if (depth === 0) {
    if (left !== null || right !== null) fail("a leaf has children");
    return value;
  }
  return value + sumOf(left, depth - 1) + sumOf(right, depth - 1);
}

const trees = Array.from({ length: TREES }, () => makeTree(DEPTH));
const sums = trees.map((tree) => sumOf(tree, DEPTH));
let replaced = 0, checked = 0;

function replaceSubtree() {
  const which = random(TREES);
  let node = trees[which];
  for (let depth = DEPTH; depth > SUBTREE + 1; depth--) {
    node = open(node)[1 + random(2)];
  }
  const isRight = random(2) === 1;
  const fresh = makeTree(SUBTREE);
  const old = open(node)[isRight ? 2 : 1];
  sums[which] += sumOf(fresh, SUBTREE) - sumOf(old, SUBTREE);
  replaceChild(node, isRight, fresh);
  replaced++;
}
function checkTree() {
  const which = checked++ % TREES;
  const sum = sumOf(trees[which], DEPTH);
  if (sum !== sums[which]) {
    fail(`the sum of tree ${which} is ${sum}, not ${sums[which]}`);
  }
}

// Large cells ------------------------------------------------------------------

// Arrays and Maps whose stores are cells of 40 KiB to 4 MiB, replaced, grown and
// cut one at a time, and texts and buffers as large.
const LARGE = 10;
const large = new Array(LARGE);
let largeMade = 0;
function makeLarge(which) {
  const length = 5000 << (which % 7);
  const seed = random(1000);
  const list = [];
  let sum = 0;
  for (let i = 0; i < length; i++) {
    list.push(i % 16 === 0 ? { v: seed + i } : seed + i);
    sum += seed + i;
  }
  const map = new Map();
  for (let i = 0; i < length >> 3; i++) map.set(i, list[i]);
  const buffer = new ArrayBuffer(length * 8);
  new Float64Array(buffer)[length - 1] = sum;
  large[which] = { list, map, sum, buffer, text: `${seed},`.repeat(length) };
  largeMade++;
}
function checkLarge(which) {
  const { list, map, sum, buffer, text } = large[which];
  let again = 0;
  for (const x of list) again += typeof x === "number" ? x : x.v;
  if (again !== sum) fail(`a large array's sum is ${again}, not ${sum}`);
  if (new Float64Array(buffer)[list.length - 1] !== sum) fail("a buffer's word");
  if (map.size !== list.length >> 3 || map.get(map.size - 1) !== list[map.size - 1]) {
    fail("a large Map's entry");
  }
  if (text.split(",").length !== list.length + 1) fail("a long text");
}
function changeLarge() {
  const which = random(LARGE);
  if (large[which] !== undefined) checkLarge(which);
  if (large[which] === undefined || random(4) === 0) {
    makeLarge(which);
    return;
  }
  const it = large[which];
  for (let i = 0; i < 100; i++) { // over words that the collector may be reading
    const at = random(it.list.length), value = random(1000), old = it.list[at];
    it.sum += value - (typeof old === "number" ? old : old.v);
    it.list[at] = random(2) ? value : { v: value };
    if (at < it.map.size) it.map.set(at, it.list[at]);
  }
  new Float64Array(it.buffer)[it.list.length - 1] = it.sum;
}

// Garbage, and what is weak ---------------------------------------------------

const cache = new WeakMap();
const registry = new FinalizationRegistry((text) => {
  if (text === "never") fail("what was unregistered was finalized");
  finalized++;
});
let registered = 0, finalized = 0, held = [], refs = [], refsCleared = 0;

function litter() {
  const key = { id: registered };
  cache.set(key, { back: key, text: "x".repeat(random(200)) });
  if (registered % 8 === 0) registry.register(key, registered);
  if (registered % 8 === 4) {
    registry.register(key, "never", key);
    registry.unregister(key);
  }
  const at = random(500);
  if (refs[at] !== undefined && refs[at].deref() === undefined) refsCleared++;
  refs[at] = new WeakRef(key);
  registered++;
  held[random(500)] = key;
  let text = "";
  for (let i = 0; i < 20; i++) text += i + ",";
  const parts = text.split(",").map(Number).filter(Boolean);
  new ArrayBuffer(random(20000));
  if (BigInt(parts.length) ** 40n < 0n || /(\d+),(\d+)/.exec(text) === null) {
    fail("the impossible");
  }
  const number = random(500), other = held[number];
  const ref = refs[number], target = ref?.deref();
  if (target !== undefined && cache.get(target)?.back !== target) {
    fail("a WeakRef leads to what a WeakMap forgot");
  }
  if (other !== undefined && cache.get(other).back !== other) {
    fail("a WeakMap forgot an entry whose key is alive");
  }
}

// Timers ---------------------------------------------------------------------

let timersSet = 0, timersFired = 0, timersCleared = 0, waiting = new Set();
function setTimers() {
  for (let i = 0; i < 20; i++) {
    const number = timersSet++;
    const timer = setTimeout((expected) => {
      waiting.delete(timer);
      if (expected !== number) fail("a timer has another's argument");
      timersFired++;
    }, random(100), number);
    waiting.add(timer);
    if (random(5) === 0) {
      clearTimeout(timer);
      waiting.delete(timer);
      timersCleared++;
    }
  }
}

// Workers ----------------------------------------------------------------------

let workersClosed = 0, spawned = 0;
async function keepWorkersBusy() {
  while (!isOver()) {
    const seed = random(1 << 16);
    const worker = new Worker(new URL("./worker.mjs", import.meta.url));
    const answer = await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(event.error ?? event);
      worker.postMessage({ seed, rounds: 2000 });
    });
    if (answer.seed !== seed || answer.sum !== answer.again) {
      fail(`a worker computed ${JSON.stringify(answer)}`);
    }
    if (workersClosed % 2 === 0) worker.terminate();
    else worker.postMessage("close");
    workersClosed++;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
async function keepSpawning() {
  while (!isOver()) {
    const count = 1000 + random(1000);
    const sum = await spawn((count) => {
      const list = Array.from({ length: count }, (_, i) => ({ i }));
      return list.reduce((sum, { i }) => sum + i, 0);
    }, count);
    if (sum !== count * (count - 1) / 2) fail("a spawned sum is wrong");
    spawned++;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// The watch ------------------------------------------------------------------------

const began = performance.now();
const elapsed = () => (performance.now() - began) / 1000;
const isOver = () => elapsed() >= seconds;
const MiB = 2 ** 20;
let samples = [], baseline = 0, lastLine = 0, highest = 0;

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const inMiB = (bytes) => (bytes / MiB).toFixed(1);

function line() {
  const s = gcStatistics(), all = gcStatistics({ process: true });
  const resident = median(samples);
  samples = [];
  console.log(
    `${elapsed().toFixed(0)} s: resident ${inMiB(resident)} MiB, heaps ` +
    `${inMiB(all.heapBytes)}; own heap ${inMiB(s.heapBytes)}, live ` +
    `${inMiB(s.liveBytes)}, cycles ${s.cycles}, stops p99 ` +
    `${s.pauses.p99.toFixed(2)} ms, max ${s.pauses.max.toFixed(2)} ms; ` +
    `subtrees ${replaced}, trees checked ${checked}, timers ${timersFired}, ` +
    `large ${largeMade}, finalized ${finalized}, refs cleared ${refsCleared}, ` +
    `workers ${workersClosed}, spawned ${spawned}, ` +
    `isolates ${soak.isolates()}`);
  if (elapsed() < warmUp) {
    baseline = Math.max(baseline, resident);
    return;
  }
  highest = Math.max(highest, resident);
  if (resident > baseline * (1 + slack) + 8 * MiB) {
    fail(`resident memory was at most ${inMiB(baseline)} MiB in the warm-up ` +
         `and is ${inMiB(resident)} MiB now`);
  }
}

const sampler = setInterval(() => {
  samples.push(process.memoryUsage().rss);
  if (elapsed() - lastLine >= minute) {
    lastLine = elapsed();
    line();
  }
}, Math.min(1000, minute * 100));

const helpers = [keepWorkersBusy(), keepSpawning()];
while (!isOver()) {
  const until = performance.now() + BUSY_MS;
  while (performance.now() < until) {
    for (let i = 0; i < 10; i++) {
      replaceSubtree();
      litter();
    }
  }
  checkTree();
  changeLarge();
  setTimers();
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
}
await Promise.all(helpers);
clearInterval(sampler);
while (waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
if (timersFired + timersCleared !== timersSet) {
  fail(`${timersSet} timers were set, ${timersFired} fired, ` +
       `${timersCleared} were cleared`);
}
for (let i = 0; i < TREES; i++) checkTree();
for (let i = 0; i < LARGE; i++) if (large[i] !== undefined) checkLarge(i);
if (registered > 100000 && finalized === 0) fail("nothing was finalized");
if (registered > 100000 && refsCleared === 0) fail("no WeakRef was cleared");
line();
console.log(
  `soak: passed: ${elapsed().toFixed(0)} s, ${replaced} subtrees replaced, ` +
  `all ${TREES} sums right ${Math.floor(checked / TREES)} times, resident ` +
  `${inMiB(baseline)} MiB at most in the warm-up, ${inMiB(highest)} MiB after`);
