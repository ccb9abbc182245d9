// A generator that a for-of runs stays on the stack between its steps, unless
// something else was put there: whatever the body does, its locals are right.
function* count(n, step = 1) {
  let a = 0, b = [0], c = "c0";
  for (let i = 0; i < n; i++) {
    a += step;
    b = [a];
    c = "c" + a;
    const sent = yield a;
    if (b[0] !== a || c !== "c" + a || sent !== undefined)
      throw new Error(`locals are wrong: ${a} ${b} ${c} ${sent}`);
  }
  return "end";
}
const fill = (...values) => values.length;
function deep(n) { return n === 0 ? 0 : 1 + deep(n - 1); }
class Point { constructor(x) { this.x = x; } }

const bodies = {
  nothing() {},
  call: x => fill(x),
  deep: x => deep(x % 40),
  spread: x => fill(...[x, x, x, x, x, x, x, x, x, x, x, x]),
  "spread of one into a native": x => Math.max(...[x]),
  "spread of nothing": () => fill(...[]),
  apply: x => Math.max.apply(null, [x, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
  bound: x => fill.bind(null, x, x)(x),
  construct: x => new Point(x).x,
  callback: x => [x, x].map(y => y + 1),
  "another generator": () => { for (const _ of count(3, 7)); },
  "a generator by hand": () => { const g = count(2); g.next(); g.next(); },
  "destructuring": () => { const [a, b] = count(5); return a + b; },
  thrower: x => { try { null.x; } catch { return x; } },
  "eval": x => eval("x + 1"),
};
for (const [name, body] of Object.entries(bodies)) {
  let sum = 0;
  for (const x of count(300)) { body(x); sum += x; }
  console.log(name, sum);
}

// In the same frame: calls without a function between.
let sum = 0;
for (const x of count(300)) {
  sum += x;
  switch (x % 6) {
  case 0: Math.max(...[x, x, x]); break;
  case 1: [x].forEach(y => y); break;
  case 2: new Point(x); break;
  case 3: for (const y of count(2, 9)) sum += 0 * y; break;
  case 4: deep(10); break;
  }
}
console.log("mixed", sum);

// Two loops take turns with one generator, at the same place and at others.
const shared = count(30);
const seen = [];
function take(n) {
  for (const x of { [Symbol.iterator]: () => ({ next: () => shared.next() }) }) {
    seen.push(x);
    if (--n === 0) return;
  }
}
function keep(n, nested) {
  const open = { next: shared.next, [Symbol.iterator]() { return this; },
                 __proto__: null };
  for (const x of shared) {
    seen.push(x);
    if (nested) { shared.next(); take(2); seen.push(shared.next().value); }
    if (x > n) return open;
  }
}
keep(9, true);
console.log(seen.join());
console.log(JSON.stringify(shared.next()));

// The same stack address, another activation of the same code.
function total(g) { let s = 0; for (const x of g) { s += x; if (x === 3) break; } return s; }
console.log(total(count(5)), total(count(2)), total(count(9, 3)));
function* resumable() { try { yield 1; yield 2; yield 3; } finally { log.push("closed"); } }
const log = [];
const one = resumable();
one.return = undefined;
function step(g) { for (const x of g) { log.push(x); return; } }
try { step(one); step(one); one.next(); step(one); } catch (e) { log.push(e.name); }
console.log(log.join());

// Recursive generators, and one that runs itself.
function* tree(n) { if (n > 0) { yield* tree(n - 1); yield n; for (const x of tree(n - 1)) yield x; } }
console.log([...tree(4)].join(""));
const self = (function* () { yield 1; for (const x of self) yield x; })();
try { for (const x of self) console.log("self", x); } catch (e) { console.log(e.message); }

// Garbage while parked.
let bytes = 0;
for (const x of count(2000)) { bytes += new Array(50).fill({ x }).length; }
console.log("garbage", bytes);
