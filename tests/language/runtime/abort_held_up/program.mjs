// One worker. A task waits on it; another one ends and leaves a loop behind.
import { Semaphore } from "rill:sync";
import { spawn } from "rill:task";

const begun = new Semaphore(0), left = new Semaphore(0);
const waits = spawn(async (begun) => {
  begun.add();
  try {
    await new Promise((resolve) => setTimeout(resolve, 1e6));
  } finally {
    globalThis.cleaned = true;
  }
}, begun);
await begun.acquire();
const leaves = spawn((left) => {
  Promise.resolve().then(() => {
    left.add();
    for (;;);
  });
  return "ended";
}, left);
await left.acquire();
const late = setTimeout(() => process.exit(7), 60_000);
waits.abort();
console.log(await waits.then(() => "done", (error) => error.name));
console.log(await leaves);
// The worker is free again, and finally blocks have run.
console.log(await spawn(() => globalThis.cleaned));
clearTimeout(late);
