// sleepers.js for Node.
import { setTimeout as sleep } from "node:timers/promises";
import { measure } from "./sleepers_measure.mjs";

await measure("async functions", 1e6, async (ms, i) => {
  await sleep(ms);
  return i;
});
