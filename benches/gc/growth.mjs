// The longest single step of a collection that grows by one entry at a time: what
// a program waits for when a vector is copied or a table is rehashed. Runs
// unchanged on rill, node and qjs.
//
//   growth.mjs [entries=1000000] [name ...]
const args =
  typeof scriptArgs === "object" ? scriptArgs.slice(1) : process.argv.slice(2);
const count = Number(args[0] ?? 1e6);

function objects() {
  const keys = [];
  for (let i = 0; i < count; i++) keys.push({});
  return keys;
}

// Each makes a collection and returns what adds the i-th entry.
const cases = {
  "array of numbers": (c = []) => (i) => c.push(i),
  "array of objects": (c = []) => (i) => c.push({ i }),
  "Map": (c = new Map()) => (i) => c.set(i, i),
  "Map by strings": (c = new Map()) => (i) => c.set("k" + i, i),
  "Set": (c = new Set()) => (i) => c.add(i),
  "WeakMap": (c = new WeakMap(), keys = objects()) => (i) => c.set(keys[i], i),
  "FinalizationRegistry": (
    c = new FinalizationRegistry(() => {}), keys = objects(),
  ) => (i) => c.register(keys[i], i, keys[i]),
  "object": (c = {}) => (i) => { c["k" + i] = i; },
  "sparse array": (c = []) => (i) => { c[(i * 1000003) % 4294967291] = i; },
};

for (const name of args.length > 1 ? args.slice(1) : Object.keys(cases)) {
  const add = cases[name]();
  const begin = performance.now();
  let last = begin, longest = 0, at = 0, over1 = 0;
  for (let i = 0; i < count; i++) {
    add(i);
    const now = performance.now(), gap = now - last;
    last = now;
    if (gap > 1) over1++;
    if (gap > longest) [longest, at] = [gap, i];
  }
  console.log(
    `${name.padEnd(20)} ${(last - begin).toFixed(0).padStart(6)} ms, ` +
      `longest step ${longest.toFixed(2).padStart(7)} ms at ${at}, ` +
      `${over1} over 1 ms`,
  );
}
