// exit: 1
// stderr: rill: unhandled: Error: first
// stderr: rill: unhandled: Error: third
// What becomes of failures that nobody takes.
import { onShutdown, setUnhandledPolicy } from "rill:runtime";
import { spawn } from "rill:task";
import { sleep } from "rill:time";

const fail = async (message) => {
  const handle = spawn((message) => {
    throw new Error(message);
  }, message);
  while (!handle.finished) await sleep(1);
  await sleep(1);
};
try {
  setUnhandledPolicy("hope");
} catch (error) {
  console.log(error.message);
}
setUnhandledPolicy("report");
await fail("first");
setUnhandledPolicy("ignore");
await fail("second");
onShutdown(({ reason }) => console.log("hook", reason));
setUnhandledPolicy("shutdown");
await fail("third");
await sleep(1e6);
console.log("never");
