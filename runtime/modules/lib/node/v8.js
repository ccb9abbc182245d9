// SPDX-License-Identifier: MIT
// node:v8: what it says of the heap. There is no V8 and none of its formats;
// programs ask for the limits, and set flags that mean nothing here.
import { memoryUsage } from "rill:internal/process";

export function getHeapStatistics() {
  const { heapTotal, heapUsed, rss } = memoryUsage();
  return {
    total_heap_size: heapTotal,
    total_physical_size: rss,
    used_heap_size: heapUsed,
    heap_size_limit: 2 ** 40,
  };
}
export const setFlagsFromString = () => {};
export const cachedDataVersionTag = () => 0;

export default { cachedDataVersionTag, getHeapStatistics, setFlagsFromString };
