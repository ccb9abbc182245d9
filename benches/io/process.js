// SPDX-License-Identifier: MIT
// Starts /bin/true, one after another and 16 at a time, and reads what a child
// writes through a pipe. Runs on rill (through rill:process, and through
// node:child_process) and on Node:
//   rill run benches/io/process.js [count] [megabytes] [ballast]
//   node benches/io/process.js
// ballast: megabytes that the program holds meanwhile, which forking notices.
import childProcess from "node:child_process";
import { promisify } from "node:util";

const count = Number(process.argv[2] ?? 1000);
const megabytes = Number(process.argv[3] ?? 100);
const ballast = new Uint8Array(Number(process.argv[4] ?? 0) << 20).fill(1);
const execFile = promisify(childProcess.execFile);

const ways = {
  "node:child_process": {
    start: () => new Promise((resolve) =>
      childProcess.spawn("/bin/true", [], { stdio: "ignore" })
        .on("close", resolve)),
    run: () => execFile("/bin/true"),
    output: (args) => childProcess.spawn("head", args).stdout,
  },
};
if (process.versions.rill !== undefined) {
  const { run, spawn } = await import("rill:process");
  const none = { stdin: "null", stdout: "null", stderr: "null" };
  ways["rill:process"] = {
    start: () => spawn("/bin/true", [], none).status,
    run: () => run("/bin/true"),
    output: (args) => spawn("head", args).stdout,
  };
}

const report = (way, what, milliseconds, unit) =>
  console.log(`${way}, ${what}: ${unit(milliseconds / 1000)}`);

for (const [name, way] of Object.entries(ways)) {
  const each = (seconds) => `${(seconds / count * 1e6).toFixed(0)} us each`;
  let start = performance.now();
  for (let i = 0; i < count; i++) await way.start();
  report(name, "start and wait", performance.now() - start, each);
  start = performance.now();
  for (let i = 0; i < count; i++) await way.run();
  report(name, "with three pipes", performance.now() - start, each);
  let left = count;
  const one = async () => {
    while (left-- > 0) await way.start();
  };
  start = performance.now();
  await Promise.all(Array.from({ length: 16 }, one));
  report(name, "16 at a time", performance.now() - start, each);
  start = performance.now();
  let bytes = 0;
  const size = megabytes * 1024 * 1024;
  for await (const chunk of way.output(["-c", `${size}`, "/dev/zero"])) {
    bytes += chunk.length;
  }
  if (bytes !== size) throw new Error(`${bytes} bytes`);
  report(name, `${megabytes} MB from a child`, performance.now() - start,
         (seconds) => `${(megabytes / seconds).toFixed(0)} MB/s`);
}
if (ballast.at(-1) === 2) console.log("never");
