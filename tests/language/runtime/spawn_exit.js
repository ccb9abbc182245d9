// exit: 9
// process.exit in a task ends the program, whatever else runs.
import { spawn } from "rill:task";
spawn(() => {
  for (;;);
}).catch(() => console.log("not seen"));
process.on("exit", (code) => console.log("exit", code));
await spawn(() => {
  console.log("from the task");
  process.exit(9);
});
console.log("not reached");
