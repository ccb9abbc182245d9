// Children of all kinds, errors taken; used by test_failing_processes.py.
import { readdirSync, readlinkSync } from "node:fs";
import cp from "node:child_process";
import { run, spawn } from "rill:process";

// Without what libuv opens once for a loop.
const count = () => readdirSync("/proc/self/fd").filter((name) => {
  try {
    return !/null|eventpoll/.test(readlinkSync(`/proc/self/fd/${name}`));
  } catch {
    return false; // that of the folder itself
  }
}).length;

async function attempt(label, work) {
  try {
    await work();
    console.log(label, "done");
  } catch (error) {
    console.log(label, error.code ?? "", error.syscall ?? "", error.message);
    if (!(error instanceof Error)) process.exit(3);
  }
}
const closed = (child) => new Promise((resolve, reject) => {
  for (const emitter of [child, ...child.stdio ?? []]) {
    emitter?.on("error", reject);
  }
  child.on("close", resolve);
});

// The loop is made when something waits for the first time.
await new Promise((resolve) => setTimeout(resolve, 1));
const before = count();
await attempt("run", () => run("cat", [], { input: "text", timeout: 5000 }));
await attempt("spawn", async () => {
  await using child = spawn("echo", ["a"], { stderr: "null" });
  await child.stdout.text();
  await child.status;
});
await attempt("killed", async () => {
  await using child = spawn("sleep", ["9"]);
});
await attempt("group", async () => {
  await using child = spawn("sleep", ["9"], { group: true, timeout: 20 });
  await child.status.catch(() => {});
});
await attempt("node", () => closed(cp.spawn("true")));
await attempt("exec", () => new Promise((resolve, reject) => cp.exec(
  "echo $0", (error, out) => error ? reject(error) : resolve(out))));
await attempt("sync", () => cp.execSync("true"));
await attempt("two ways", () => closed(cp.spawn(
  "true", [], { stdio: ["ignore", "ignore", "ignore", "pipe", "ipc"] })));
await attempt("forked", () => closed(cp.spawn("true", [], {
  stdio: ["ignore", 2, 1] })));
// What a garbage collection would close is not counted: nothing is left open.
let left = count() - before;
for (let i = 0; i < 200 && left > 0; i++) {
  for (let j = 0; j < 50; j++) new Array(10000).fill({});
  await new Promise((resolve) => setTimeout(resolve, 5));
  left = count() - before;
}
if (left > 0) console.log(`${left} descriptors are left`);
else console.log("end");
