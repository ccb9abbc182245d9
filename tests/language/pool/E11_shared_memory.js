// Memory that workers share, with Atomics, and the files of the program.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { Pool } from "rill:pool";

await using pool = new Pool({ workers: 2 });
const counts = new Int32Array(new SharedArrayBuffer(8));
await Promise.all(Array.from({ length: 8 }, () =>
  pool.call((counts) => {
    for (let i = 0; i < 1000; i++) Atomics.add(counts, 0, 1);
  }, [counts])));
console.log(counts[0]);
// One waits for what another does.
const waits = pool.call((c) => Atomics.wait(c, 1, 0), [counts]);
const wakes = pool.call((c) => {
  Atomics.store(c, 1, 1);
  Atomics.notify(c, 1);
}, [counts]);
await wakes;
console.log(["ok", "not-equal"].includes(await waits));

const folder = mkdtempSync(`${tmpdir()}/rill-pool-`);
await pool.call(async (path) => {
  const { writeFileSync } = await import("node:fs");
  writeFileSync(path, "from a worker");
}, [`${folder}/note`]);
console.log(readFileSync(`${folder}/note`, "utf8"));
rmSync(folder, { recursive: true });
