// What sockets can do, errors taken; used by test_failing_calls.py.
import { mkdtempSync, rmSync } from "node:fs";
import { socketAttempts } from "./sockets.mjs";

const folder = mkdtempSync("/tmp/rill-attempts-");
for (const [label, work] of Object.entries(socketAttempts(100000, folder))) {
  try {
    await work();
    console.log(label, "done");
  } catch (error) {
    console.log(label, error.code ?? "", error.syscall ?? "", error.message);
    if (!(error instanceof Error)) process.exitCode = 3;
  }
}
rmSync(folder, { recursive: true });
console.log("end");
