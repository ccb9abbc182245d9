// SPDX-License-Identifier: MIT
// How typed arrays are made from what is at hand, and of which constructor.
const show = (...values) => console.log(values.map(String).join(" | "));
const parent = Object.getPrototypeOf(Uint8Array);
const bytes = new Uint8Array([1, 2, 3, 4]);

// From arrays of numbers, and from what is not quite that.
show(new Float64Array([1, 2.5, -0, NaN]), new Int8Array([1, , "3", null, { valueOf: () => 300 }]));
const shrinks = [{ valueOf() { shrinks.length = 1; return 7; } }, 8, 9];
show(new Uint8Array(shrinks), shrinks.length);
show(Float32Array.from([0.5, 1]), Uint8Array.from(new Set([5, 6])), Uint8Array.from("12"));
show(Uint8Array.from({ length: 3, 1: 4 }), Uint8Array.from([1, 2], (x) => x * 2));
show(BigInt64Array.from([1n, 2n]), new BigInt64Array([3n]));
for (const make of [() => new BigInt64Array([1]), () => BigInt64Array.from([1]), () => new Uint8Array([1n])]) {
  try { make(); show("made"); } catch (e) { show(e.name); }
}
const plain = [1, 2];
plain[Symbol.iterator] = function* () { yield 9; };
show(new Uint8Array(plain), Uint8Array.from(plain));
show(new Uint8Array(Array.from({ length: 5000 }, (_, i) => i)).at(-1));

// Species: the original getter is not seen, all others are.
show(bytes.subarray(1).constructor === Uint8Array, bytes.slice(1, 3));
const original = Object.getOwnPropertyDescriptor(parent, Symbol.species);
let asked = 0;
Object.defineProperty(parent, Symbol.species, { configurable: true, get() { asked++; return Uint16Array; } });
show(bytes.slice(2).constructor.name, asked);
try { show(bytes.subarray(2).length); } catch (e) { show(e.name); }
show(bytes.map((x) => x).constructor.name, asked);
Object.defineProperty(parent, Symbol.species, original);
Object.defineProperty(Uint8Array, Symbol.species, { configurable: true, value: Int8Array });
show(bytes.subarray(2).constructor.name, bytes.slice(2).constructor.name, new Int16Array(2).slice().constructor.name);
delete Uint8Array[Symbol.species];
Object.setPrototypeOf(Uint8Array, { [Symbol.species]: Int8Array });
show(bytes.slice(2).constructor.name);
Object.setPrototypeOf(Uint8Array, parent);
class Mine extends Uint8Array {}
show(new Mine(3).subarray(1) instanceof Mine, new Mine(3).slice(1) instanceof Mine);
bytes.constructor = undefined;
show(bytes.slice(2).constructor.name, bytes.fill(9, 1, -1));
