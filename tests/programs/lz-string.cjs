// lz-string packs text in each of its alphabets.
const { readFileSync } = require("node:fs");
const lz = require("lz-string");

const text = readFileSync("node_modules/lz-string/libs/lz-string.js", "utf8") + "ü€😀\0";
for (const kind of ["", "ToUTF16", "ToBase64", "ToEncodedURIComponent", "ToUint8Array"]) {
  const packed = lz[`compress${kind}`](text);
  const unpacked = lz[`decompress${kind.replace("To", "From")}`](packed);
  let sum = 7;
  for (let i = 0; i < packed.length; i++) {
    sum = (Math.imul(sum, 31) + (kind === "ToUint8Array" ? packed[i] : packed.charCodeAt(i))) | 0;
  }
  console.log(kind || "raw", packed.length, sum, unpacked === text);
}
