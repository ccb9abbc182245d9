// A script for every isolate; workers start with the first work, or before.
import { Pool } from "rill:pool";

const pool = new Pool({
  workers: 2,
  bootstrap: `
    const table = await Promise.resolve([10, 20, 30]);
    function look(i) { return table[i]; }`,
});
console.log(pool.statistics.threads, pool.statistics.isolates);
await pool.prewarm(1);
console.log(pool.statistics.threads, pool.statistics.isolates);
await pool.prewarm();
console.log(pool.statistics.threads, pool.statistics.isolates);
console.log(await pool.evaluate("look(1)"),
            await pool.evaluate("look(2)", { fresh: true }),
            await pool.evaluate("look(0)", { session: "s" }));
await pool.close();

const broken = new Pool({ workers: 1, bootstrap: "null.x" });
for (const attempt of [() => broken.prewarm(), () => broken.evaluate("1")]) {
  await attempt().catch((error) => console.log(error.name));
}
await broken.close();
