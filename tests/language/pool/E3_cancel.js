// An AbortSignal takes evaluations out of the queue, and stops them.
import { Pool } from "rill:pool";

await using pool = new Pool({ workers: 1 });
const outcome = (promise) => promise.then(
  (value) => `value ${value}`, (error) => `${error.name}: ${error.message}`);

const first = new AbortController(), second = new AbortController();
const running = outcome(pool.evaluate("for (;;);", { signal: first.signal }));
const pending = outcome(pool.evaluate("1", { signal: second.signal }));
let ended = false;
running.then(() => ended = true);
while (!ended && pool.statistics.busy === 0) await new Promise((r) => setTimeout(r, 1));
second.abort();
console.log(await pending);
first.abort(new Error("enough"));
console.log(await running);
console.log(await outcome(pool.evaluate("'goes on'")));
console.log(await outcome(pool.evaluate("1", { signal: AbortSignal.abort() })));
console.log(await outcome(pool.evaluate(
  "await new Promise(() => setInterval(() => {}, 1))",
  { signal: AbortSignal.timeout(20) })));
const deaf = {
  aborted: false,
  throwIfAborted() {},
  addEventListener() {
    throw new Error("does not listen");
  },
};
console.log(await outcome(pool.evaluate("for (;;);", { signal: deaf })));
console.log(await outcome(pool.evaluate("'goes on again'")));
const { cancelled, returned } = pool.statistics;
console.log(cancelled, returned);
