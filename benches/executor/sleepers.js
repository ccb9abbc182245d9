// A million sleeping async functions, and a hundred thousand spawned tasks that
// sleep on two workers.
import { spawn } from "rill:task";
import { sleep } from "rill:time";
import { measure } from "./sleepers_measure.mjs";

await measure("async functions", 1e6, async (ms, i) => {
  await sleep(ms);
  return i;
});
await measure("spawned tasks", 1e5, (ms, i) => spawn(async (ms, i) => {
  await sleep(ms);
  return i;
}, ms, i));
