// V8's format of values: the bytes, and what is read back, as Node 20 prints.
import v8, { deserialize, serialize } from "node:v8";

const cycle = { name: "cycle" };
cycle.self = cycle;
cycle.list = [cycle, [cycle]];
const shared = { s: 1 };
const withProperties = Object.assign([1, 2], { x: 1, "y z": [] });
const sparse = [];
sparse[3] = "three";
sparse.extra = true;
const stacked = (error, stack) => {
  if (stack === undefined) Object.defineProperty(error, "stack", { value: undefined });
  else error.stack = stack;
  return error;
};
class Sub extends Error {}
class Point {
  constructor() { this.x = 1; }
  get y() { return 2; }
}
const values = [
  undefined, null, true, false, 0, 1, -1, 63, 64, -65, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, -0, NaN,
  1.5, Infinity, 1e300,
  "", "abc", "é", "ÿ\0", "€", "a\u{1f600}", "\ud800", "x".repeat(130), "€".repeat(64),
  "€".repeat(8192).slice(1),
  0n, 1n, -1n, 2n ** 64n, -(2n ** 64n) - 5n, 2n ** 63n,
  [], [1, 2, 3], ["a", "b"], [1, 2.5], [1, "x", undefined, null], [[], [[]]], [1, , 3], sparse,
  withProperties, [-0, 1],
  {}, { a: 1 }, { a: { b: [1, { c: "d" }] } }, { 5: "five", b: 1, 1: "one" }, { "€": "€" },
  { 4294967295: 1, 4294967294: 2, "-1": 3, "01": 4 }, new Point(), Object.create(null),
  new Map(), new Map([["k", 1], [{ o: 1 }, new Map([[1, 2]])]]), new Set([1, "two", [3]]),
  new Date(0), new Date(NaN), new Date(1234567890123),
  /a+b/gi, /x/, /é\/[/]/dgimsuy, /v/v,
  Object(true), Object(false), Object(5), Object(5n), Object("str"), Object("€"),
  cycle, [shared, shared, { shared }],
  new Uint8Array([1, 2, 3]), Buffer.from("hi"), new DataView(new ArrayBuffer(2)),
  new Float64Array([1.5]), new BigInt64Array([-1n]), new Uint16Array([1, 2, 3]).subarray(1),
  new Uint8ClampedArray([255]), [new Int8Array(1), new Int16Array(1), new Int32Array(1),
  new Uint32Array(1), new Float32Array(1), new BigUint64Array(1)],
  new ArrayBuffer(4), new ArrayBuffer(4, { maxByteLength: 8 }),
  stacked(new TypeError("m"), "st"), stacked(new Error("x", { cause: { c: 1 } }), "st"),
  stacked(new Error(), "k"), stacked(new Sub("sub"), "s"), stacked(new RangeError("q")),
  stacked(new AggregateError([1], "ag"), "s"), stacked(new EvalError("€"), "s"),
  stacked(new URIError("u"), "s"), stacked(new SyntaxError("u"), "s"),
  stacked(new ReferenceError("u"), "s"),
];
for (const value of values) {
  const bytes = serialize(value);
  const hex = bytes.toString("hex");
  console.log(hex.length > 200 ? `${hex.slice(0, 80)} and ${bytes.length}` : hex);
  const back = deserialize(bytes);
  if (hex.length <= 200) console.log([back]);
}
const back = deserialize(serialize(cycle));
console.log(back.self === back, back.list[1][0] === back);
const [one, two, { shared: three }] = deserialize(serialize([shared, shared, { shared }]));
console.log(one === two, two === three);

// What cannot be written
const tries = (list) => {
  for (const f of list) {
    try {
      console.log(f());
    } catch (e) {
      console.log(e.name, e.code, e.message);
    }
  }
};
tries([() => 1, Symbol("q"), new WeakMap(), Promise.resolve(), new Proxy({}, {}),
       (function* () {})(), new WeakRef({}), Object(Symbol("s")), (function () { return arguments; })(1), { deep: [() => 2] },
       new SharedArrayBuffer(4), { get a() { throw new TypeError("getter"); } },
].map((value) => () => serialize(value)));

// What cannot be read
tries(["", "78", "ff0f", "ff10", "ff0f6f", "ff0f4105", "ff0f5e05", "ff0f220561", "ff0f6f4902490427",
       "ff0f5a0301", "ff0f3b49027b00", "ff0f4205", "ff0f515151", "ff0f726d2201"].map(
  (hex) => () => deserialize(Buffer.from(hex, "hex"))));
tries([() => deserialize(5), () => deserialize("x"), () => new v8.Deserializer(undefined)]);
// Of older versions: undefined as it was, UTF-8, unsigned numbers.
tries(["ff0d5303c3a961", "ff0d5507", "ff0d6f2201615f7b01"].map(
  (hex) => () => deserialize(Buffer.from(hex, "hex"))));

// By hand
const writer = new v8.Serializer();
writer.writeHeader();
console.log(writer.writeValue([new Uint16Array([1, 2]).subarray(1), new Float32Array(1)]));
const views = writer.releaseBuffer();
console.log(views.toString("hex"), writer.releaseBuffer());
const reader = new v8.Deserializer(views);
console.log(reader.readHeader(), reader.getWireFormatVersion(), reader.readValue());
writer.writeUint32(300);
writer.writeUint64(1, 2);
writer.writeUint64(0xffffffff, 0xffffffff);
writer.writeDouble(1.5);
writer.writeRawBytes(Buffer.from("ab"));
const raw = writer.releaseBuffer();
console.log(raw.toString("hex"));
const rawReader = new v8.Deserializer(raw);
console.log(rawReader.readUint32(), rawReader.readUint64(), rawReader.readUint64(),
            rawReader.readDouble(), rawReader.readRawBytes(2), rawReader.buffer === raw);
tries([() => rawReader.readUint32(), () => rawReader.readUint64(), () => rawReader.readDouble(), () => rawReader.readRawBytes(1)]);

class Own extends v8.Serializer {
  constructor() {
    super();
    this._setTreatArrayBufferViewsAsHostObjects(true);
  }
  _writeHostObject(view) { this.writeUint32(view.length); }
}
class OwnReader extends v8.Deserializer {
  _readHostObject() { return { of: this.readUint32() }; }
}
const { prototype } = OwnReader;
const own = new Own();
const moved = new ArrayBuffer(3);
own.transferArrayBuffer(7, moved);
own.writeHeader();
own.writeValue({ view: new Uint8Array(5), moved, again: moved });
const ownBytes = own.releaseBuffer();
const ownReader = new OwnReader(ownBytes);
ownReader.transferArrayBuffer(7, moved);
ownReader.readHeader();
const read = ownReader.readValue();
prototype._readHostObject = () => "text";
tries([() => {
  const bad = new OwnReader(Buffer.from("ff0f5c", "hex"));
  bad.readHeader();
  return bad.readValue();
}]);
console.log(ownBytes.toString("hex"), read.view, read.moved === moved, read.again === moved);

// A long number takes no quadratic time: shifted in by bytes, this one takes minutes.
const long = (0x123456789abcdefn << 8000000n) + 7n;
console.log(deserialize(serialize(long)) === long, deserialize(serialize(-long)) === -long);

// Views of resizable buffers: whether they follow the length, whether it can change.
{
  const resizable = new ArrayBuffer(4, { maxByteLength: 8 });
  const writer = new v8.Serializer();
  writer.writeHeader();
  writer.writeValue([new Uint8Array(resizable), new Uint8Array(resizable, 1, 2),
                     new DataView(resizable)]);
  const bytes = writer.releaseBuffer();
  const again = new v8.Deserializer(bytes);
  again.readHeader();
  const [whole, part, data] = again.readValue();
  whole.buffer.resize(6);
  console.log(bytes.toString("hex"), whole.length, part.length, data.byteLength);
}

// The error is what _getDataCloneError gives, which is called as a method.
class Refuses extends v8.Serializer {
  _getDataCloneError(message) { return { refused: message, by: this === refuses }; }
}
const refuses = new Refuses();
try {
  refuses.writeValue(Symbol("q"));
} catch (e) {
  console.log(e);
}

// What is no argument of these, and what is no value
class Tagged extends Uint8Array { get [Symbol.toStringTag]() { return "Other"; } }
const broken = new Error("e");
broken.cause = broken;
tries([
  ...[5, "abc", new ArrayBuffer(1), undefined].map((raw) => () => writer.writeRawBytes(raw)),
  () => writer.transferArrayBuffer(7, {}), () => reader.transferArrayBuffer(7, {}),
  () => reader.transferArrayBuffer(7),
  () => (writer.writeValue(new Tagged(2)), writer.releaseBuffer().toString("hex")),
  () => serialize(new Tagged(2)).toString("hex"),
  ...[new Intl.NumberFormat("en"), new Blob(["a"]), new FinalizationRegistry(() => {})].map(
    (value) => () => serialize(value)),
  () => deserialize(serialize(broken)),
]);
tries(["ff", "ff80", "ff8f00", "ff0b30", "ff0f41024902490422066c656e677468490a240102",
       "ff0f6f49024902490249047b02", "ff0f72635e002e", "ff0f52220161ff03", "ff0f522201618004",
       "ff0f522201619002", "ff0f5a01", "ff0f42030102035642000301", "ff0f42030102035642000302",
       "ff0f3f004902", "ff0f55ffffffffffffffffff7f", "ff0f5c0803aabbcc", "ff0f5c2000",
       "ff0f610249144902400102", "ff0f610549284902400115"].map(
  (hex) => () => deserialize(Buffer.from(hex, "hex"))));
tries([() => new v8.Deserializer(Buffer.from("ffffffffffffffffffffff01", "hex")).readUint64()]);
