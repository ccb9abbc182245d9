// SPDX-License-Identifier: MIT
// Reads small files: one after another, and 64 at a time. Runs on rill (through
// rill:fs, and through node:fs/promises) and on Node:
//   rill run benches/io/files.js [count] [folder]; node benches/io/files.js
import * as nodeFiles from "node:fs/promises";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

const count = Number(process.argv[2] ?? 10000);
const folder = process.argv[3] ?? `${tmpdir()}/bench-files-${process.pid}`;
const paths = Array.from({ length: count }, (_, i) => `${folder}/${i}.txt`);

const ways = { "node:fs/promises": (path) => nodeFiles.readFile(path, "utf8") };
if (globalThis.process.versions.rill !== undefined) {
  ways["rill:fs"] = (await import("rill:fs")).readText;
}

async function inTurn(read) {
  let length = 0;
  for (const path of paths) length += (await read(path)).length;
  return length;
}

async function together(read, width) {
  let next = 0, length = 0;
  const one = async () => {
    while (next < paths.length) {
      const text = await read(paths[next++]);
      length += text.length;
    }
  };
  await Promise.all(Array.from({ length: width }, one));
  return length;
}

mkdirSync(folder);
try {
  let expected = 0;
  for (const [i, path] of paths.entries()) {
    const text = `file ${i}\n`.repeat(1 + i % 100);
    expected += text.length;
    writeFileSync(path, text);
  }
  for (const [name, read] of Object.entries(ways)) {
    const work = {
      "in turn": () => inTurn(read),
      "64 at a time": () => together(read, 64),
    };
    for (const [how, run] of Object.entries(work)) {
      let best = Infinity;
      for (let round = 0; round < 3; round++) {
        const start = performance.now();
        if (await run() !== expected) throw new Error("wrong contents");
        best = Math.min(best, performance.now() - start);
      }
      console.log(`${name}, ${how}: ${best.toFixed(0)} ms`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
