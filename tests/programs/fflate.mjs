// fflate: deflate, gzip, zip archives and streams.
import { readFileSync } from "node:fs";
import * as fflate from "fflate";

const input = new Uint8Array(readFileSync("node_modules/typescript/lib/lib.dom.d.ts"));
const sum = (bytes) => bytes.reduce((h, b) => (Math.imul(h, 31) + b) | 0, 7);
for (const level of [1, 6, 9]) {
  const packed = fflate.deflateSync(input, { level });
  console.log(level, packed.length, sum(packed), sum(fflate.inflateSync(packed)) === sum(input));
}
const archive = fflate.zipSync({
  "a.txt": fflate.strToU8("hello ".repeat(100)),
  folder: { "b.bin": [input.subarray(0, 10000), { level: 9 }], "ü.txt": fflate.strToU8("ü€😀") },
}, { mtime: new Date(2020, 0, 2, 3, 4, 6), os: 3 });
console.log(archive.length, sum(archive));
for (const [name, data] of Object.entries(fflate.unzipSync(archive))) {
  console.log(name, data.length, fflate.strFromU8(data).slice(0, 20));
}
const parts = [];
const zip = new fflate.Gzip({ level: 6, mtime: 0 }, (chunk, final) => parts.push([chunk.length, final]));
for (let at = 0; at < input.length; at += 100000) {
  zip.push(input.subarray(at, at + 100000), at + 100000 >= input.length);
}
console.log(parts.map(String).join(" "));
try {
  fflate.inflateSync(new Uint8Array([255, 254, 1]));
} catch (error) {
  console.log(error.code, error.message);
}
