// node:buffer: making, encodings, searching, numbers, errors.
import { Buffer, isAscii, isUtf8, transcode } from "node:buffer";
const show = (...v) => console.log(...v);
const attempt = (f) => { try { show(f()); } catch (e) { show(e.name, e.code, e.message); } };
show(Buffer("abc"), new Buffer([1, 2]), Buffer.from("ü€😀"), Buffer.from(new String("s")), Buffer.from({ length: 2, 0: 7 }), Buffer.from(new Uint16Array([1, 256])), Buffer.from(Buffer.from("x").toJSON()), Buffer.from([257, -1, "3", 1.9]));
show(Buffer.alloc(5, "ab"), Buffer.alloc(3, 7), Buffer.alloc(4, "aGk=", "base64"), Buffer.of(1, 2), Buffer.concat([Buffer.from("a"), new Uint8Array([66])], 5), new Buffer.allocUnsafeSlow(2).length);
const text = "héllo wörld €";
for (const e of ["utf8", "latin1", "ascii", "hex", "base64", "base64url", "utf16le", "UCS-2", "binary"]) {
  const b = Buffer.from(text, e === "hex" ? "utf8" : e);
  show(e, b.length, b.toString(e), Buffer.byteLength(text, e), Buffer.from(b.toString(e), e).equals(b));
}
show(Buffer.from("abc1zz", "hex"), Buffer.from("YW-J_j= =x", "base64"), Buffer.from("YWJ", "base64"), Buffer.from("Y", "base64"));
const b = Buffer.from("abcabcabc");
show(b.indexOf("ca"), b.indexOf("c", -2), b.lastIndexOf("ab"), b.lastIndexOf("ab", 5), b.indexOf(98, 2), b.includes("zz"), b.indexOf(""), b.indexOf(Buffer.from("bc"), 3), b.lastIndexOf(97, -4), b.indexOf("b\0", 0, "utf16le"));
show(b.slice(1, -1).toString(), b.subarray(-3).toString(), b.slice(2).buffer === b.buffer, b.toString("utf8", 2, 5), b.toString("latin1", -5, 99), b.compare(Buffer.from("abd")), Buffer.compare(b, b), b.equals(Buffer.from("abcabcabc")));
const w = Buffer.alloc(10);
show(w.write("€€€€"), w, w.write("hi", 8, "latin1"), w.write("ff00", 2, 1, "hex"), w, w.fill("xy", 3, 8), w.copy(w, 0, 3, 6), w);
show(Buffer.from([1, 2, 3, 4]).swap16(), Buffer.from([1, 2, 3, 4]).swap32(), b.map((x) => x + 1).toString(), b.map((x) => x) instanceof Buffer, Buffer.isBuffer(b.filter((x) => x > 97)), b.constructor === Buffer, Object.prototype.toString.call(b));
const n = Buffer.alloc(16);
n.writeUInt16LE(0x1234, 0); n.writeInt32BE(-2, 2); n.writeDoubleLE(1.5, 6); n.writeUIntBE(0x123456, 13, 3);
show(n, n.readUInt16BE(0), n.readInt32BE(2), n.readDoubleLE(6), n.readUIntLE(13, 3), n.readInt8(2), n.readUint8(1), n.readIntBE(2, 6), n.readBigUInt64LE(0), n.readFloatBE(8));
attempt(() => n.readUInt8(16)); attempt(() => n.readInt16LE(1.5)); attempt(() => n.writeUInt8(256)); attempt(() => n.writeInt32LE(2 ** 31)); attempt(() => n.writeUIntLE(-1, 0, 6)); attempt(() => n.readUIntLE(0, 7)); attempt(() => Buffer.alloc(1).readInt32LE()); attempt(() => n.writeBigInt64LE(2n ** 63n)); attempt(() => n.readUInt8("1"));
attempt(() => Buffer.from(5)); attempt(() => Buffer.alloc("5")); attempt(() => Buffer.alloc(-1)); attempt(() => Buffer.from("a", "nope")); attempt(() => Buffer.concat("a")); attempt(() => b.equals("x")); attempt(() => Buffer.from(null)); attempt(() => b.swap16()); attempt(() => b.write(5)); attempt(() => b.indexOf({}));
show(isAscii(b), isUtf8(Buffer.from([0xc3])), transcode(Buffer.from("é"), "utf8", "latin1"), JSON.stringify(Buffer.from("hi")), [...Buffer.from("ab").entries()], Buffer.alloc(60), Buffer.from("abc").hexSlice(1), Buffer.alloc(3).utf8Write("xyz", 1), "" + Buffer.from("str"));
