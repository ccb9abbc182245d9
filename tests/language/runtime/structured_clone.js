// structuredClone.
const source = {
  numbers: [0, -0, 1.5, NaN, -7, 2 ** 40],
  text: ["", "latin é", "wide €", "\ud800"],
  big: [0n, -(2n ** 70n)],
  other: [undefined, null, true, false],
  date: new Date(86400000),
  regexp: /a(?<n>b)/giu,
  wrapped: [Object(1), Object("s"), Object(false), Object(3n)],
  map: new Map([[{ k: 1 }, new Set([1, "two"])]]),
  holes: [1, , 3],
  nested: { a: { b: { a: 1, b: 2 } } },
};
source.self = source;
source.again = source.map;
const copy = structuredClone(source);
console.log(copy);
console.log(copy.self === copy, copy.again === copy.map, copy.map !== source.map,
            Object.is(copy.numbers[1], -0), 1 in copy.holes);

const error = Object.assign(new RangeError("deep", { cause: { why: [1] } }),
                            { extra: 1 });
const error2 = structuredClone(error);
console.log(error2 instanceof RangeError, error2.message, error2.cause,
            error2.extra, error2.stack === error.stack);

const buffer = new ArrayBuffer(1000, { maxByteLength: 2000 });
const views = structuredClone({
  u8: new Uint8Array(buffer, 8, 4),
  f64: new Float64Array(buffer, 16),
  view: new DataView(buffer, 4),
  buffer,
});
console.log(views.u8.buffer === views.buffer, views.f64.length,
            views.view.byteLength, views.buffer.maxByteLength);
views.buffer.resize(1600);
console.log(views.f64.length, views.u8.length);

for (const length of [16, 100000]) {
  const moved = new Uint8Array(length).fill(7);
  const got = structuredClone({ moved }, { transfer: [moved.buffer] }).moved;
  console.log(moved.length, got.length, got.at(-1));
}
const shared = new SharedArrayBuffer(8);
new Uint8Array(structuredClone(shared))[3] = 9;
console.log(new Uint8Array(shared)[3]);

class Point {
  #secret = 1;
  constructor() {
    this.x = 1;
  }
  get y() {
    return 2;
  }
}
console.log(structuredClone(new Point()));
console.log(structuredClone({ get computed() { return [1]; },
                              [Symbol("no")]: 1 }));

const fails = (make) => {
  try {
    make();
    console.log("no error");
  } catch (error) {
    console.log(error instanceof DOMException, error.name, error.code,
                error.message);
  }
};
fails(() => structuredClone(() => 1));
fails(() => structuredClone({ a: [1, { b: new Map([["k", { f() {} }]]) }] }));
fails(() => structuredClone([Symbol("s")]));
fails(() => structuredClone({ p: new Proxy({}, {}) }));
fails(() => structuredClone(new WeakMap()));
fails(() => structuredClone({ url: new URL("a:b") }));
const twice = new ArrayBuffer(1);
fails(() => structuredClone(twice, { transfer: [twice, twice] }));
structuredClone(twice, { transfer: [twice] });
fails(() => structuredClone(twice));
fails(() => structuredClone(1, { transfer: [{}] }));
const abort = structuredClone(new DOMException("stop", "AbortError"));
console.log(abort instanceof DOMException, abort.name, abort.code,
            abort.message);
let deep = [];
for (let i = 0; i < 100000; i++) deep = [deep];
try {
  structuredClone(deep);
} catch (error) {
  console.log(error.name);
}
