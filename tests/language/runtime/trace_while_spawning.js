// Tasks are listed while workers take and pin them (ThreadSanitizer looks on in
// scripts/test-threads).
import { spawn } from "rill:task";
import { sleep } from "rill:time";
import { dumpTasks } from "rill:trace";
const tasks = [];
let listed = 0;
for (let round = 0; round < 30; round++) {
  for (let i = 0; i < 20; i++) {
    tasks.push(spawn(async (ms) => {
      const { sleep } = await import("rill:time");
      await sleep(ms);
    }, 1));
  }
  listed += dumpTasks().executors.length > 0;
  await sleep(0);
}
await Promise.all(tasks);
console.log(tasks.length, listed);
