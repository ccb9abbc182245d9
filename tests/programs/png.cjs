// pngjs, qrcode and avsc: pictures and records through node:zlib.
const avro = require("avsc");
const { PNG } = require("pngjs");
const QRCode = require("qrcode");
const clean = require("clean-css");

function codes() {
  QRCode.toString("https://example.org/ü", { type: "utf8" }, (error, text) => console.log(error, text));
  QRCode.toString("12345", { type: "svg" }).then(console.log);
}
const png = new PNG({ width: 40, height: 30 });
for (let i = 0; i < png.data.length; i++) png.data[i] = i % 4 === 3 ? 255 : (i * 7) & 255;
png.pack().pipe(new PNG()).on("parsed", function () { console.log("parsed", this.width, this.data.equals(png.data)); codes(); }).on("error", (e) => console.log(e.message));
console.log(QRCode.create("HELLO 123", { errorCorrectionLevel: "H" }).modules.data.join(""));
const type = avro.Type.forSchema({ type: "record", name: "R", fields: [{ name: "id", type: "long" }, { name: "tags", type: { type: "array", items: ["null", "string"] } }, { name: "e", type: { type: "enum", name: "E", symbols: ["A", "B"] } }, { name: "m", type: { type: "map", values: "double" } }] });
const value = { id: -123456789, tags: [null, "ü"], e: "B", m: { x: 1.5 } };
console.log(type.toBuffer(value).toString("hex"), type.fromBuffer(type.toBuffer(value)), type.isValid({ id: "x" }));
console.log(new clean({ level: 2 }).minify(".a{color:#ff0000;margin:0px}.b{color:red;margin:0}@media print{.a{x:y}}.a{padding:1px 1px}").styles);
