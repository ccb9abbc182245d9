// State that is kept for each session, until it is closed.
import { Pool } from "rill:pool";

await using pool = new Pool({ workers: 2, timeout: 10000 });
const a = pool.session("a"), b = pool.session("b"), c = pool.session();
await a.evaluate("let n = 1; const log = []; n");
await b.evaluate("let n = 100; n");
console.log(c.id, await c.evaluate("typeof n"));
for (let i = 0; i < 3; i++) {
  console.log(...await Promise.all([a, b].map((s) => s.evaluate("++n"))));
}
// In the order of their submission.
await Promise.all(Array.from({ length: 20 }, (_, i) =>
  a.evaluate("async (i) => { await null; log.push(i); }", { arguments: [i] })));
console.log((await a.evaluate("log")).join());
await a.evaluate("for (;;);", { timeout: 20 }).catch((e) => console.log(e.name));
console.log(await a.evaluate("n"), pool.statistics.sessions);
const last = a.evaluate("n");
console.log(a.close(), a.close(), await last);
console.log(await a.evaluate("typeof n"), pool.statistics.sessions);
console.log(await b.call(() => globalThis.constructor === Object));

// As many as may be open at once.
await using two = new Pool({ workers: 1, sessionLimit: 2 });
const open = (id) => two.session(id).evaluate("1").catch((e) => e.name);
console.log(await open("x"), await open("y"), await open("z"), await open("x"));
console.log(two.session("x").close(), await open("z"), await open("x"));
console.log(await two.evaluate("2"), two.statistics.sessions,
            two.statistics.queued);
