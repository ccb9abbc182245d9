// arguments: --workers=1 --max-heap=64M
// What a function that sleeps takes is what docs/manual/executor.md says, by the
// heap's own count of its cells and of the memory outside. Blocks that are not
// full, and what conservative stacks keep, are less than two bytes each.
import { gcStatistics } from "rill:runtime";
import { queuedTasks, spawn } from "rill:task";
import { sleep } from "rill:time";

const COUNT = 20000;

// Of this thread's isolate; there is no room for the buffer, but for that the
// heap is collected.
function bytes() {
  try {
    new ArrayBuffer(64 << 20);
  } catch (e) {
    if (!(e instanceof RangeError)) throw e;
  }
  const { liveBytes, externalBytes } = gcStatistics();
  return liveBytes + externalBytes;
}
const all = async () => await spawn(bytes) + bytes();

async function measure(name, stated, begin, begun) {
  const kept = new Array(COUNT).fill(undefined);
  kept[0] = begin(1e6, 0);
  await all();
  const before = await all();
  for (let i = 1; i < COUNT; i++) kept[i] = begin(1e6, i);
  while (!begun()) await sleep(1);
  await all();
  const each = (await all() - before) / (COUNT - 1);
  console.log(name, Math.abs(each - stated) < 2 ? stated : each);
  if (process.argv[2] === "exact") console.error(each);
  return kept;
}

const sleeper = async (ms, i) => {
  await sleep(ms);
  return i;
};
const kept = [
  await measure("async function", 192, sleeper, () => true),
  await measure("spawned function", 248, (ms, i) => spawn(sleeper, ms, i),
                () => queuedTasks() === 0),
];
process.exit(kept.length === 2 ? 0 : 1);
