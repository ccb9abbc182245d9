// Typed arrays, their buffers, DataView.
const bytes = new Uint8Array([1, 2, 300, -1, 3.7]);
console.log(bytes.join(), new Uint8ClampedArray([300, -5, 1.5, 2.5]).join());
console.log(new Int8Array([128, -129]).join(), new Int16Array([40000]).join());
console.log(new Uint32Array([-1, 2 ** 33 + 5]).join());
console.log(new Float32Array([1.1])[0], new Float64Array([1.1])[0]);
console.log(new BigInt64Array([2n ** 63n])[0], new BigUint64Array([-1n])[0]);

const view = new Uint8Array(bytes.buffer, 1, 3);
view[0] = 99;
console.log(bytes[1], view.byteOffset, view.length, view.subarray(1).length);
console.log(view[3], view[-1], "3" in view, "-0" in view, view["1.5"]);
view[10] = 5;
view.extra = "x";
console.log(Object.keys(view).join(), view.extra);

const a = new Float64Array([3, 1, NaN, -0, 0, -Infinity]);
console.log(a.sort().join(), Object.is(a[1], -0));
console.log(a.toSorted((x, y) => y - x).length, a.indexOf(NaN), a.includes(NaN));
console.log(new Int16Array([5, 1, 4]).sort((x, y) => y - x).join());
console.log(Int32Array.from({length: 3}, (_, i) => i * i).join(),
            Uint8Array.of(1, 2).join(), new Uint16Array(new Set([7, 8])).join());
console.log(new Int8Array([1, 2, 3]).map(x => x * 100).join(),
            new Int8Array([1, 2, 3]).filter(x => x & 1).join(),
            new Int8Array([1, 2, 3]).reduce((x, y) => x + y));
const b = new Uint8Array(8);
b.fill(7, 2, 5);
b.set([1, 2], 6);
b.copyWithin(0, 5);
console.log(b.join(), b.slice(-3).join(), b.at(-1), b.with(0, 9)[0]);
console.log(b.toReversed().join(), b.lastIndexOf(7), b.findLast(x => x > 1));
b.set(b.subarray(0, 4), 2);
console.log(b.join());

const buffer = new ArrayBuffer(4, {maxByteLength: 8});
const tracking = new Uint8Array(buffer), fixed = new Uint8Array(buffer, 2, 2);
buffer.resize(8);
console.log(tracking.length, fixed.length);
buffer.resize(3);
console.log(tracking.length, fixed.length, fixed.byteOffset, fixed[0]);
buffer.resize(6);
console.log(tracking.length, fixed.length, buffer.slice(1, 3).byteLength);

const dv = new DataView(new ArrayBuffer(16), 2);
dv.setInt16(0, -2);
dv.setFloat64(2, Math.PI, true);
console.log(dv.getUint16(0), dv.getUint16(0, true), dv.getFloat64(2, true),
            dv.byteLength, dv.getInt8(1));
for (const bad of [() => dv.getInt32(12), () => new Uint16Array(bytes.buffer),
                   () => new Uint8Array(-1), () => Uint8Array(2),
                   () => new Int8Array([1n]), () => new BigInt64Array([1]),
                   () => view.set([1, 2, 3], 2), () => fixed.with(5, 0)]) {
  try {
    bad();
  } catch (e) {
    console.log(e.name);
  }
}
console.log(Object.prototype.toString.call(bytes), ArrayBuffer.isView(dv));
console.log([...new Uint8Array([1, 2]).entries()].join(" "));

const shared = new Int32Array(new SharedArrayBuffer(8));
console.log(Atomics.add(shared, 0, 5), Atomics.load(shared, 0),
            Atomics.compareExchange(shared, 0, 5, 9), Atomics.notify(shared, 0),
            Atomics.wait(shared, 0, 0), Atomics.wait(shared, 0, 9, 1));

// A loop long enough for caches and collections.
let sum = 0;
for (let i = 0; i < 20000; i++) {
  const t = new Float64Array(i % 100);
  for (let k = 0; k < t.length; k++) t[k] = k;
  if (t.length) sum += t[t.length - 1];
}
console.log(sum);
