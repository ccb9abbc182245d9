// What was printed before a spawn comes before what the task prints, even if
// the spawner's loop does not turn meanwhile.
import { spawn } from "rill:task";
const flag = new Int32Array(new SharedArrayBuffer(4));
console.log("written at once");
console.log("gathered");
const task = spawn((flag) => {
  console.log("written by the task");
  console.log("gathered by the task");
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}, flag);
Atomics.wait(flag, 0, 0, 20000); // without memory there is no task
await task;
console.log("after its end");
