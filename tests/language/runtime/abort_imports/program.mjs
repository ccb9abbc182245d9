// Ends while a task evaluates a module for ever.
import { Semaphore } from "rill:sync";
import { spawn } from "rill:task";
import { setup } from "./setup.mjs";

const begun = new Semaphore(0);
spawn(async (url) => {
  setup(begun);
  await import(url);
}, new URL("loop.mjs", import.meta.url).href).catch(() => {});
await begun.acquire();
console.log("ends");
process.exit(3);
