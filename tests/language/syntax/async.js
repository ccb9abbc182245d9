// Async functions: order of jobs, errors, finally, for await, async generators.
const log = (...a) => console.log(...a);
async function one() { log("one start"); await null; log("one after"); return 1; }
async function thrower() { await 0; throw new Error("async error"); }
(async () => {
  log("main"); const p = one(); log("called"); log(await p);
  try { await thrower(); } catch (e) { log("caught", e.message); } finally { log("finally"); }
  const results = await Promise.allSettled([1, Promise.reject(2), one()]);
  log(JSON.stringify(results));
  log(await Promise.any([Promise.reject(1), new Promise((r) => setTimeout(r, 5, "any"))]));
  log(await Promise.race([new Promise((r) => setTimeout(r, 50, "slow")), "fast"]));
  try { await Promise.any([Promise.reject(1)]); } catch (e) { log(e.name, e.errors); }
  for await (const x of [Promise.resolve("a"), "b"]) log(x);
  async function* ag() { try { yield 1; const s = yield 2; log("sent", s); } finally { log("ag cleanup"); } }
  const it = ag(); log(await it.next(), await it.next(), await it.next("S"), await it.next());
  for await (const x of ag()) { if (x === 1) break; }
  const thenable = { then(resolve) { log("then called"); resolve("thenable value"); } };
  log(await thenable);
  log(await (async () => { try { return await Promise.reject("r"); } catch (e) { return "handled " + e; } })());
  const { promise, resolve } = Promise.withResolvers ? Promise.withResolvers() : (() => { let resolve; const promise = new Promise((r) => resolve = r); return { promise, resolve }; })(); setTimeout(resolve, 1, "resolved"); log(await promise);
  await Promise.resolve().finally(() => log("pf")).then((v) => log("after pf", v));
})();
Promise.resolve().then(() => log("micro 1")).then(() => log("micro 2"));
queueMicrotask(() => log("queued"));
process.nextTick(() => log("tick"));
setTimeout(() => log("timeout 0"), 0);
log("sync end");
