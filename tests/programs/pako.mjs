// pako deflates and inflates lodash at every level, and reads gzip headers.
import { readFileSync } from "node:fs";
import * as pako from "pako";

const input = new Uint8Array(readFileSync("node_modules/lodash/lodash.js"));
const sum = (bytes) => bytes.reduce((h, b) => (Math.imul(h, 31) + b) | 0, 7);
for (let level = 0; level <= 9; level += 3) {
  const packed = pako.deflate(input, { level });
  const unpacked = pako.inflate(packed);
  console.log(level, packed.length, sum(packed), sum(unpacked) === sum(input));
}
const zipped = pako.gzip("text ".repeat(1000), { level: 9 });
console.log(zipped.length, pako.ungzip(zipped, { to: "string" }).length);
const raw = pako.deflateRaw(input, { strategy: 2, windowBits: 10, memLevel: 5 });
console.log(raw.length, sum(raw), pako.inflateRaw(raw, { to: "string" }).length);
const inflator = new pako.Inflate();
for (let at = 0; at < raw.length && !inflator.err; at += 1000) {
  inflator.push(raw.subarray(at, at + 1000), at + 1000 >= raw.length);
}
console.log(inflator.err, inflator.msg);
