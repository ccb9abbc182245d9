// SPDX-License-Identifier: MIT
// All that rill:fs does to files, each step by itself: what fails is printed,
// and must leave nothing behind. Usage: attempts.mjs FOLDER
import * as fs from "rill:fs";
import { open, readText, writeFile } from "rill:fs";
import { readdirSync, readlinkSync } from "node:fs";

const folder = process.argv[2];
const at = (name) => `${folder}/${name}`;
const collect = async (iterator) => {
  const list = [];
  for await (const item of iterator) list.push(item);
  return list;
};
const steps = {
  makeDirectory: () => fs.makeDirectory(at("d/e"), { recursive: true }),
  writeFile: () => writeFile(at("a"), "line one\nline two\n".repeat(5000)),
  atomic: () => writeFile(at("a"), "again", { atomic: true }),
  flush: () => writeFile(at("d/f"), "x", { flush: true }),
  appendFile: () => fs.appendFile(at("a"), "more"),
  readText: () => readText(at("a")),
  // With limits it is always done by the pool.
  readFile: () => fs.readFile(at("a"), { timeout: 20000 }),
  stat: () => fs.stat(at("a")),
  truncate: () => fs.truncate(at("a"), 3),
  changeMode: () => fs.changeMode(at("a"), 0o600),
  setTimes: () => fs.setTimes(at("a"), 1, 1),
  async file() {
    await using file = await open(at("a"), "r+");
    await file.write("some text", { position: 2 });
    await file.read(4);
    await file.read(4, { position: 1 });
    await file.readText();
    await file.stat();
    await file.truncate(5);
    await file.sync();
    await file.dataSync();
    await file.setTimes(1, 1);
    await (await file.lock()).release();
  },
  lines: () => collect(fs.readLines(at("a"))),
  readStream: () => collect(fs.readStream(at("a"))),
  async writeStream() {
    const writer = fs.writeStream(at("s")).getWriter();
    try {
      await writer.write("one");
      await writer.write("two");
    } catch (error) {
      await writer.closed.catch(() => {});
      throw error;
    }
    await writer.close();
  },
  entries: () => collect(fs.entries(folder)),
  walk: () => collect(fs.walk(folder)),
  glob: () => collect(fs.glob("**/*", { cwd: folder })),
  copyFile: () => fs.copyFile(at("a"), at("b")),
  copy: () => fs.copy(at("d"), at("d2"), { preserveTimes: true }),
  rename: () => fs.rename(at("b"), at("c")),
  unlink: () => fs.unlink(at("c")),
  async temporary() {
    await using file = await fs.temporaryFile({ directory: folder });
    await file.write("x");
    await using inner = await fs.temporaryDirectory({ directory: folder });
    await writeFile(`${inner.path}/x`, "y");
  },
  async watch() {
    await using watcher = fs.watch(folder, { recursive: true, timeout: 5000 });
    await watcher.ready;
    await writeFile(at("w"), "x");
    await watcher.next();
  },
  remove: () => fs.remove(at("d2"), { recursive: true, force: true }),
};

for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
  } catch (error) {
    console.log(`${name}: ${error.message}`);
    if (error.code === undefined || !/, \w+/.test(error.message)) {
      console.log("UNCLEAR");
    }
  }
}
const open_ = readdirSync("/proc/self/fd").map((fd) => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}).filter((path) => path.startsWith(folder));
if (open_.length > 0) console.log("OPEN", open_);
try {
  const left = readdirSync(folder).filter((n) => /\.tmp$|^rill-/.test(n));
  if (left.length > 0) console.log("LEFT", left);
} catch (error) {
  console.log(`readdir: ${error.message}`);
}
console.log("end");
