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
