// arguments: --max-heap=48M
// What multiplies its input, or grows without end, ends at the limit with an
// error that can be caught, and the script goes on.
const big = 2 ** 28;
const letters = "x".repeat(1 << 20);
const millions = new Array(1 << 20).fill(1.5);
// Keeps whatever it makes.
function keep(make) {
  for (const all = [];;) all.push(make(all.length));
}
const bombs = {
  repeat: () => [..."ab".repeat(big)],
  padStart: () => [..."a".padStart(big)],
  padEnd: () => [..."a".padEnd(big, "xyz")],
  concatenation: () => { for (let s = "ab";; s.charCodeAt(1)) s += s; },
  building: () => { for (let s = "", i = 0;; i++) s += i; },
  join: () => new Array(1 << 20).join(letters),
  joinOfLong: () => new Array(1000).fill(letters).join(),
  template: () => { for (let s = "ab";; s.at(1)) s = `${s}${s}`; },
  replaceAll: () => letters.replaceAll("x", letters),
  replace: () => letters.replace(/x/g, letters),
  replaceDollar: () => letters.replace(/x/g, "$&$`$'"),
  split: () => keep(() => letters.split("")),
  match: () => keep(() => letters.match(/x/g)),
  matchAll: () => keep(() => [...letters.matchAll(/x/g)]),
  normalize: () => keep(() => ("\u1e9b\u0323" + letters).normalize("NFKD")),
  toUpperCase: () => keep(() => ("\u00df" + letters).toUpperCase()),
  encodeURIComponent: () => { for (let s = "%";;) s = encodeURIComponent(s + s); },
  escape: () => { for (let s = "%";;) s = escape(s + s); },
  fill: () => new Array(big).fill(0),
  concat: () => { for (let a = [1.5];;) a = a.concat(a); },
  spread: () => { for (let a = [1.5];;) a = [...a, ...a]; },
  from: () => Array.from({ length: big }, () => ({})),
  fromIterator: () => Array.from({ *[Symbol.iterator]() { for (;;) yield 1; } }),
  fromLength: () => Array.from({ length: big }),
  push: () => keep((i) => i + 0.5),
  unshift: () => { for (const a = [];;) a.unshift(1, ...millions.slice(0, 50000)); },
  splice: () => { for (const a = [];;) a.splice(0, 0, ...millions.slice(0, 50000)); },
  flat: () => [millions, millions, millions, millions, millions, millions, millions].flat(),
  flatMap: () => millions.flatMap(() => millions),
  toSpliced: () => { for (let a = [];;) a = a.toSpliced(0, 0, ...millions.slice(0, 60000)); },
  toSorted: () => keep(() => millions.toSorted()),
  entries: () => keep(() => Object.entries(millions)),
  properties: () => { for (let o = {}, i = 0;; i++) o["k" + i] = i; },
  sparse: () => { for (let a = [], i = 0;; i += 1000) a[i % 4e9] = i; },
  arguments: () => keep(() => (function () { return arguments; })(...millions.slice(0, 50000))),
  construct: () => keep(() => Reflect.construct(Array, millions.slice(0, 60000))),
  map: () => { for (let m = new Map(), i = 0;; i++) m.set(i, i); },
  set: () => { for (let s = new Set(), i = 0;; i++) s.add("" + i); },
  weakMap: () => { const m = new WeakMap(); keep(() => { const k = {}; m.set(k, {}); return k; }); },
  groupBy: () => keep(() => Object.groupBy(millions, (x, i) => i)),
  symbols: () => keep((i) => Symbol("s" + i)),
  closures: () => { for (let f = () => 0;;) { const g = f; f = () => g; } },
  stringify: () => { for (let o = [letters];; JSON.stringify(o)) o = [o, o]; },
  stringifyMany: () => JSON.stringify(new Array(1000).fill(letters)),
  parse: () => { const text = "[" + "[],".repeat(1 << 18) + "1]"; keep(() => JSON.parse(text)); },
  power: () => 7n ** (1n << 40n),
  powers: () => { for (let n = 3n;;) n *= n; },
  shift: () => 1n << (1n << 40n),
  bigText: () => { const n = 3n ** 20000n; keep(() => n.toString()); },
  asUintN: () => BigInt.asUintN(2 ** 53 - 1, -1n),
  arrayBuffer: () => keep(() => new ArrayBuffer(1 << 20)),
  oneBuffer: () => new ArrayBuffer(2 ** 40),
  resizable: () => { const b = new ArrayBuffer(1, { maxByteLength: 2 ** 30 }); for (let n = 1;; n *= 2) b.resize(n); },
  resizables: () => keep(() => new ArrayBuffer(1 << 20, { maxByteLength: 1 << 21 })),
  shared: () => keep(() => new SharedArrayBuffer(1 << 20)),
  typedArray: () => keep(() => new Float64Array(1 << 17)),
  typedFrom: () => Float64Array.from({ length: big }),
  typedSlice: () => { const a = new Uint8Array(1 << 20); keep(() => a.slice()); },
  transfer: () => { for (let b = new ArrayBuffer(8);;) b = b.transfer(b.byteLength * 2); },
  toHex: () => { const a = new Uint8Array(1 << 20); keep(() => a.toHex()); },
  clone: () => keep(() => structuredClone(millions)),
  cloneBuffer: () => { const b = new ArrayBuffer(1 << 20); keep(() => structuredClone(b)); },
  regexp: () => keep((i) => { const r = new RegExp("(a{30}|c)b" + i); r.test("a"); return r; }),
  functions: () => keep((i) => new Function("a", "return a + " + i)),
  evals: () => keep((i) => eval(`(function f${i}(a) { return [a, "${"y".repeat(1000)}${i}"] })`)),
  promises: () => { let p = Promise.resolve(); keep(() => p = p.then(() => 0)); },
  generators: () => keep(() => { const g = (function* () { yield g; })(); g.next(); return g; }),
  errors: () => keep((i) => new Error(letters.slice(0, 1000) + i).stack),
  url: () => keep((i) => new URL("http://a/" + "b".repeat(10000) + i)),
  encode: () => { const e = new TextEncoder(); keep(() => e.encode(letters)); },
  decode: () => { const a = new Uint8Array(1 << 20), d = new TextDecoder(); keep(() => d.decode(a)); },
  blob: () => keep(() => new Blob([letters])),
  buffer: () => keep(() => Buffer.alloc(1 << 20)),
  date: () => keep(() => new Date().toISOString()),
  ownKeys: () => Reflect.ownKeys(new Proxy({}, { ownKeys: () => { for (const a = [];;) a.push("k" + a.length); } })),
};
const only = process.argv[2];
for (const [name, bomb] of Object.entries(bombs)) {
  if (only && name !== only) continue;
  let told = "nothing thrown";
  try {
    bomb();
  } catch (error) {
    told = error instanceof RangeError ? "RangeError" : String(error).slice(0, 100);
  }
  console.log(name, told);
}
