// arguments: --workers=2
// Many tasks are aborted at once, as they have just imported a module.
import { queuedTasks, spawn } from "rill:task";
import { sleep } from "rill:time";

const handles = [];
for (let i = 0; i < 50000; i++) {
  handles.push(spawn(async () => {
    const { sleep } = await import("rill:time");
    await sleep(1e8);
  }));
}
while (queuedTasks() > 0) await sleep(1);
for (const handle of handles) handle.abort();
const ends = await Promise.allSettled(handles);
console.log(ends.length, ends.every(({ reason }) => reason?.name === "AbortError"));
