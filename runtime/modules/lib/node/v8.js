// SPDX-License-Identifier: MIT
// node:v8: what it says of the heap, and V8's format of values, for what other
// programs stored. There is no V8: flags that are set mean nothing here.
import { Buffer } from "node:buffer";
import { inspect } from "rill:internal/inspect";
import { writeSnapshot } from "rill:internal/heap";
import { memoryUsage } from "rill:internal/process";
import { Deserializer, invalid } from "rill:internal/v8_reader";
import { Serializer, viewName } from "rill:internal/v8_writer";
import process from "node:process";

export function getHeapStatistics() {
  const { heapTotal, heapUsed, rss } = memoryUsage();
  return {
    total_heap_size: heapTotal,
    total_physical_size: rss,
    used_heap_size: heapUsed,
    heap_size_limit: 2 ** 40,
  };
}
// The path of the file, Heap-DATE-PID.heapsnapshot if none is given.
export function writeHeapSnapshot(path) {
  const time = new Date().toISOString().replace(/[-:T]/g, "").slice(0, 14);
  const file = path === undefined
    ? `Heap-${time.slice(0, 8)}-${time.slice(8)}-${process.pid}.heapsnapshot`
    : String(path);
  writeSnapshot(file);
  return file;
}
export const setFlagsFromString = () => {};
export const cachedDataVersionTag = () => 0;

export { Deserializer, Serializer };

// The kinds of buffers' views by number, as Node writes them.
const views = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array,
  Uint32Array, Float32Array, Float64Array, DataView, Buffer, BigInt64Array,
  BigUint64Array,
];
const BUFFER = views.indexOf(Buffer);

export class DefaultSerializer extends Serializer {
  constructor() {
    super();
    this._setTreatArrayBufferViewsAsHostObjects(true);
  }
  _writeHostObject(view) {
    const name = viewName(view);
    const kind = view.constructor === Buffer ? BUFFER
        : views.findIndex((View) => View.name === name);
    if (kind < 0) {
      throw this._getDataCloneError(
        `Unserializable host object: ${inspect(view)}`);
    }
    this.writeUint32(kind);
    this.writeUint32(view.byteLength);
    this.writeRawBytes(view);
  }
}

export class DefaultDeserializer extends Deserializer {
  _readHostObject() {
    const View = views[this.readUint32()];
    if (View === undefined) throw invalid();
    const length = this.readUint32();
    const at = this.buffer.byteOffset + this._readRawBytes(length);
    const { buffer } = this.buffer;
    if (View === Buffer) return Buffer.from(buffer, at, length);
    const size = View.BYTES_PER_ELEMENT ?? 1;
    // Bytes that fill no element are passed over.
    const count = Math.floor(length / size);
    return at % size === 0 ? new View(buffer, at, count)
        : new View(buffer.slice(at, at + count * size));
  }
}

export function serialize(value) {
  const serializer = new DefaultSerializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

export function deserialize(buffer) {
  const deserializer = new DefaultDeserializer(buffer);
  deserializer.readHeader();
  return deserializer.readValue();
}

export default {
  DefaultDeserializer, DefaultSerializer, Deserializer, Serializer,
  cachedDataVersionTag, deserialize, getHeapStatistics, serialize,
  setFlagsFromString, writeHeapSnapshot,
};
