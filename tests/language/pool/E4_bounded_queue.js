// A queue of two: more is rejected, or waits for room.
import { Pool } from "rill:pool";

for (const whenFull of ["reject", "wait"]) {
  const pool = new Pool({ workers: 1, queueLimit: 2, whenFull });
  const stop = new AbortController();
  const running = pool.evaluate("for (;;);", { signal: stop.signal });
  while (pool.statistics.busy === 0) await new Promise((r) => setTimeout(r, 1));
  const more = Promise.allSettled(
    ["'a'", "'b'", "'c'", "'d'"].map((text) => pool.evaluate(text)));
  const given = new AbortController();
  const giving = pool.evaluate("'e'", { signal: given.signal });
  given.abort(new Error("did not wait"));
  console.log(await giving.catch((error) => error.message));
  console.log(pool.statistics.queued);
  stop.abort();
  await running.catch(() => {});
  for (const { value, reason } of await more) {
    console.log(value ?? `${reason.name}: ${reason.message}`);
  }
  await pool.close();
}
