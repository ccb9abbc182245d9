// SPDX-License-Identifier: MIT
// Typed arrays, ArrayBuffer, DataView.
const N = 4000;
const bytes = new Uint8Array(N), ints = new Int32Array(N), doubles = new Float64Array(N);
const clamped = new Uint8ClampedArray(N), floats = new Float32Array(N), words = new Uint32Array(N);
const view = new DataView(new ArrayBuffer(N));
bench("Uint8Array", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) { bytes[i] = i; sum += bytes[i]; }
  return sum;
}, N);
bench("Int32Array", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) { ints[i] = i * 3; sum = (sum + ints[N - 1 - i]) | 0; }
  return sum;
}, N);
bench("Uint32Array", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) { words[i] = i << 20; sum += words[i] >>> 8; }
  return sum;
}, N);
bench("Float64Array", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) { doubles[i] = i * 0.5; sum += doubles[N - 1 - i]; }
  return sum;
}, N);
bench("Float32Array", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) { floats[i] = i * 0.5; sum += floats[i]; }
  return sum;
}, N);
bench("Uint8ClampedArray", () => { for (let i = 0; i < N; i++) clamped[i] = i - 1000; }, N);
bench("DataView", () => {
  let sum = 0;
  for (let i = 0; i < N; i += 4) { view.setUint32(i, i, true); sum += view.getInt16(i); }
  return sum;
}, N / 2);
bench("set and subarray", () => {
  let sum = 0;
  for (let i = 0; i < 500; i++) {
    bytes.set(bytes.subarray(i, i + 64), 1000);
    sum += bytes.subarray(i).length;
  }
  return sum;
}, 1500);
bench("fill and slice", () => bytes.fill(7).slice(10, 1000).length, 2);
bench("map and reduce", () => doubles.map((x) => x + 1).reduce((a, b) => a + b), 2 * N);
bench("indexOf", () => bytes.indexOf(255) + ints.indexOf(-1), 2 * N);
bench("make small", () => {
  let last;
  for (let i = 0; i < 1000; i++) last = new Uint8Array(16);
  return last;
}, 1000);
bench("from array", () => Float64Array.from([1, 2, 3, 4, 5, 6, 7, 8]).length + new Int32Array([1, 2, 3]).length, 2);
bench("for-of", () => {
  let sum = 0;
  for (const x of ints) sum += x;
  return sum;
}, N);
