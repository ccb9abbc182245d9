// A task that is aborted while it loads a module leaves no half of it to the
// tasks that come after on the same thread.
import fs from "node:fs";
import { sleep } from "rill:time";
import { spawn } from "rill:task";
import { channel } from "rill:sync";
import { temporaryDirectory } from "rill:fs";

await using folder = await temporaryDirectory();
const { path } = folder;
const url = (name) => new URL(`cut_off/${name}`, import.meta.url).href;

function load(name) {
  globalThis.cutOff = path;
  const { createRequire } = process.getBuiltinModule("node:module");
  return { ...createRequire(name)(new URL(name).pathname) };
}
for (const name of ["slow.mjs", "slow.cjs"]) {
  // More at a time than there are threads, so that each has been cut off.
  const tasks = Array.from({ length: 8 }, () => spawn(load, url(name)));
  while (!fs.existsSync(`${folder.path}/begun`)) await sleep(1);
  await sleep(20);
  for (const task of tasks) task.abort();
  console.log(new Set((await Promise.allSettled(tasks)).map(({ reason }) => reason.name)));
  fs.writeFileSync(`${folder.path}/go`, "");
  for (let i = 0; i < 8; i++) console.log(await spawn(load, url(name)));
  fs.unlinkSync(`${folder.path}/begun`);
  fs.unlinkSync(`${folder.path}/go`);
}

// The same of rill's own modules, which arguments need.
for (let i = 0; i < 100; i++) {
  const [sender, receiver] = channel(1);
  const task = spawn.with({ transfer: [receiver] })(async (r) => await r.receive(), receiver);
  if (i % 2) await sleep(Math.random() * 2);
  task.abort();
  const [{ reason }] = await Promise.allSettled([task]);
  if (reason?.name !== "AbortError") console.log(reason);
}
console.log("done");
