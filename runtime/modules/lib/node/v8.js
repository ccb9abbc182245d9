// SPDX-License-Identifier: MIT
// node:v8: what it says of the heap. There is no V8 and none of its formats;
// programs ask for the limits, and set flags that mean nothing here.
import { writeSnapshot } from "rill:internal/heap";
import { memoryUsage } from "rill:internal/process";
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

export default {
  cachedDataVersionTag, getHeapStatistics, setFlagsFromString, writeHeapSnapshot,
};
