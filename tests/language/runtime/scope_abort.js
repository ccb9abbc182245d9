// A task that is stopped in the middle of a scope takes its children with it.
import { scope, spawn } from "rill:task";
import { Semaphore } from "rill:sync";
import { sleep } from "rill:time";
// What another thread has no memory to do is not waited for for ever.
const soon = { timeout: 20000 };
const begun = new Semaphore(0), ended = new Semaphore(0);
const child = async () => { try { queueMicrotask(() => begun.add()); await new Promise(() => {}); } finally { ended.add(); } };
// in the synchronous part
let parent = spawn(() => scope((s) => { s.spawn(child); for (;;); }));
await begun.acquire(1, soon); parent.abort();
await parent.catch((e) => console.log(e.message));
await ended.acquire(1, soon); console.log("child ended");
// after an await
parent = spawn(() => scope(async (s) => { await sleep(1); s.spawn(child); for (;;); }));
await begun.acquire(1, soon); parent.abort();
await parent.catch((e) => console.log(e.message));
await ended.acquire(1, soon); console.log("child ended");
