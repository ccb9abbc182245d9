// A million sleeping async functions, and a million spawned tasks that sleep on
// two workers, each in a process of its own: what one has freed, the other would
// use.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { queuedTasks, spawn } from "rill:task";
import { sleep } from "rill:time";
import { measure } from "./sleepers_measure.mjs";

const parts = {
  functions: () => measure("async functions", 1e6, async (ms, i) => {
    await sleep(ms);
    return i;
  }),
  tasks: () => measure("spawned tasks", 1e6, (ms, i) => spawn(async (ms, i) => {
    await sleep(ms);
    return i;
  }, ms, i), () => queuedTasks() === 0),
};
const part = parts[process.argv[2]];
if (part !== undefined) {
  await part();
} else {
  const file = fileURLToPath(import.meta.url);
  for (const name of Object.keys(parts))
    spawnSync(process.execPath, ["run", file, name], { stdio: "inherit" });
}
