// protobufjs and bson: encodings of values, there and back.
const { BSON } = require("bson");
const protobuf = require("protobufjs");

const hex = (b) => Buffer.from(b).toString("hex");
const value = { id: 12345, name: "ü€ name", list: [1, 2.5, -3, null, true, 2 ** 40], nested: { a: { b: "c" } }, bytes: Buffer.from([1, 2, 3]), date: new Date(1e12) };
for (const [name, encode, decode] of [["bson", BSON.serialize, BSON.deserialize]]) {
  const bytes = encode(value);
  console.log(name, bytes.length, hex(bytes), decode(bytes));
  let total = 0;
  for (let i = 0; i < 5000; i++) total += decode(encode({ ...value, id: i })).id;
  console.log(total);
}
const { root } = protobuf.parse(`syntax = "proto3"; package p; enum E { X = 0; Y = 5; }
message M { int32 a = 1; string b = 2; repeated M kids = 3; map<string, double> m = 4; oneof o { bytes c = 5; E e = 6; } sint64 s = 7; repeated uint32 packed = 8; }`);
const M = root.lookupType("p.M");
const message = M.create({ a: -5, b: "é", kids: [{ a: 1 }, { e: 5 }], m: { x: 1.5 }, s: 123456789, packed: [1, 300, 70000] });
const bytes = M.encode(message).finish();
console.log(hex(bytes), JSON.stringify(M.toObject(M.decode(bytes), { enums: String, longs: String })), M.verify({ a: "x" }));
