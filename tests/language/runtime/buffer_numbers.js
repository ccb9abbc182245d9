// Buffer's integers: values and offsets that are none, each order and sign.
const n = Buffer.alloc(8);
for (const v of [NaN, undefined, "7", 1.9, -0.5, null]) for (const m of ["writeUInt8", "writeInt16BE", "writeUInt32LE", "writeInt32BE", "writeFloatLE"]) { n.fill(0); try { console.log(m, String(v), n[m](v, 2), n.toString("hex")); } catch (e) { console.log(e.message); } }
for (const o of [-1, 7, 8, 1.5, "1", null, undefined, NaN]) for (const m of ["readUInt8", "readInt16BE", "readUInt32LE", "readInt32BE", "readDoubleLE"]) { try { console.log(m, String(o), n[m](o)); } catch (e) { console.log(m, e.code, e.message); } }
n.set([255, 254, 128, 1, 127, 0, 200, 9]);
for (const m of ["Int8", "UInt8", "Int16LE", "Int16BE", "UInt16LE", "UInt16BE", "Int32LE", "Int32BE", "UInt32LE", "UInt32BE"]) console.log(m, [0, 1, 2, 3, 4].map((o) => n[`read${m}`](o)).join());
