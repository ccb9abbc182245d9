// Counts that add up, and how long things took.
import { Pool } from "rill:pool";

const pool = new Pool({ workers: 2, timeout: 200 });
const ends = { returned: 0, threw: 0, timedOut: 0 };
await Promise.all(Array.from({ length: 60 }, async (_, i) => {
  const source = i % 20 === 0 ? "for (;;);" : i % 3 === 0 ? "throw 1" : "1";
  await pool.evaluate(source).then(
    () => ends.returned++,
    (error) => error?.isTimeout ? ends.timedOut++ : ends.threw++);
}));
const s = pool.statistics;
for (const [name, value] of Object.entries(ends)) {
  console.log(name, value, s[name] === value);
}
console.log(s.submitted, s.workers, s.busy, s.available, s.queued, s.rejected);
for (const { count, mean, p50, p95, p99, max } of [s.queueTime, s.runTime]) {
  console.log(count, mean > 0, p50 <= p95 && p95 <= p99 && p99 <= max);
}
console.log(s.runTime.max >= 200);
await pool.close({ drain: Infinity });
