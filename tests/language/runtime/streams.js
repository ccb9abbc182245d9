// node:stream: the order of events, backpressure, errors, pipelines.
const { Readable, Writable, Transform, Duplex, PassThrough, pipeline, finished } = require("stream");
const log = (...a) => console.log(...a);
const r = new Readable({ read() { this.n = (this.n ?? 0) + 1; this.push(this.n > 5 ? null : `chunk ${this.n}\n`); } });
for (const e of ["end", "close", "readable", "pause", "resume"]) if (e !== "readable") r.on(e, () => log("r", e));
const up = new Transform({ transform(c, e, d) { d(null, String(c).toUpperCase()); }, flush(d) { this.push("flushed"); d(); } });
for (const e of ["end", "close", "finish", "pipe", "unpipe", "prefinish","drain"]) up.on(e, () => log("t", e));
const w = new Writable({ highWaterMark: 8, write(c, e, d) { log("w", String(c).trim(), e); setTimeout(d, 1); }, final(d) { log("final"); d(); } });
for (const e of ["close", "finish", "pipe", "unpipe", "drain"]) w.on(e, () => log("w", e));
pipeline(r, up, w, (e) => { log("pipeline", e); next(); });
async function next() {
  for await (const x of Readable.from(["a", "b", "c"])) log(x);
  log(await Readable.from([1, 2, 3, 4]).filter((x) => x % 2).map((x) => x * 2).toArray());
  const p = new PassThrough({ encoding: "utf8" });
  p.write("é".slice(0)); p.write(Buffer.from([0xe2, 0x82])); p.end(Buffer.from([0xac]));
  p.on("data", (d) => log("p", JSON.stringify(d)));
  await new Promise((r) => p.on("end", r));
  const bad = new Readable({ read() { this.destroy(new Error("bad")); } });
  bad.on("error", (e) => log("error", e.message)); bad.on("close", () => log("closed"));
  bad.resume();
  try { for await (const x of new Readable({ read() { throw new Error("thrown"); } })) ; } catch (e) { log("caught", e.message); }
  const big = new Readable({ highWaterMark: 4, read() {} });
  big.push("abcdefghij"); big.push(null);
  big.on("readable", () => { let c; while ((c = big.read(3)) !== null) log("read", String(c)); });
  big.on("end", () => log("big end"));
  await new Promise((r) => big.on("close", r));
  const w2 = new Writable({ write(c, e, d) { d(new Error("w2")); } });
  w2.on("error", (e) => log("w2 error", e.message)); w2.write("x", (e) => log("cb", e.message)); w2.end(() => log("never?"));
  await new Promise((r) => w2.on("close", r));
  const w3 = new Writable({ writev(c, d) { log("writev", c.map((x) => String(x.chunk))); d(); } });
  w3.cork(); w3.write("a"); w3.write("b"); log(w3.writableLength); w3.uncork(); w3.end("c"); 
  finished(w3, (e) => log("finished", e, w3.writableFinished));
  await new Promise((r) => w3.on("close", r));
  try { await require("stream/promises").pipeline(Readable.from(["x"]), async function* (s) { for await (const c of s) yield c + "!"; }, async (s) => { for await (const c of s) log("sink", c); }); log("ok"); } catch (e) { log(e); }
  const d = new Duplex({ read() { this.push("r"); this.push(null); }, write(c, e, cb) { log("dw", String(c)); cb(); }, allowHalfOpen: false });
  d.on("data", (x) => log("dd", String(x))); for (const e of ["end", "finish", "close"]) d.on(e, () => log("d", e)); d.write("1");
  await new Promise((r) => d.on("close", r));
  const w4 = new Writable({ write(c, e, d) { d(); } }); w4.end();
  w4.on("error", (e) => log(e.code)); w4.write("x", (e) => log("w4", e.code));
  class T extends Transform { constructor() { super({ objectMode: true }); } _transform(c, e, d) { if (c === 3) d(new Error("three")); else d(null, [c]); } }
  pipeline(Readable.from([1, 2, 3, 4]), new T(), new Writable({ objectMode: true, write(c, e, d) { log(c); d(); } }), (e) => log("t pipeline", e.message));
  const s = new Readable({ read() {} }); s.setEncoding("utf8"); s.unshift("b"); s.unshift("a"); s.push("c"); log(s.readableLength, s.read(), s.readableFlowing, s.isPaused(), Readable.prototype.hasOwnProperty("pipe"), w instanceof Writable, d instanceof Writable, d instanceof Readable);
}
