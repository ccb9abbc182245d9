// jszip writes and reads an archive; jpeg-js codes a picture.
const JSZip = require("jszip");
const jpeg = require("jpeg-js");

async function main() {
  const zip = new JSZip(), date = new Date(Date.UTC(2020, 0, 2));
  zip.file("a.txt", "hello ".repeat(500), { date });
  zip.folder("f").file("ü.bin", Uint8Array.from({ length: 1000 }, (_, i) => i), { date, compression: "STORE" });
  const bytes = await zip.generateAsync({ type: "uint8array", compression: "DEFLATE", compressionOptions: { level: 9 }, platform: "UNIX" });
  const read = await JSZip.loadAsync(bytes, { checkCRC32: true });
  console.log(bytes.length, Object.keys(read.files), (await read.file("a.txt").async("string")).length, (await read.file("f/ü.bin").async("nodebuffer")).subarray(0, 5));
  const width = 64, height = 48, data = Buffer.alloc(width * height * 4);
  for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : (i * 7 + (i >> 8)) & 255;
  const picture = jpeg.encode({ width, height, data }, 70).data;
  const decoded = jpeg.decode(picture, { useTArray: true });
  const sum = (b) => b.reduce((h, x) => (Math.imul(h, 31) + x) | 0, 7);
  console.log(picture.length, sum(picture), decoded.width, sum(decoded.data));
}
main();
