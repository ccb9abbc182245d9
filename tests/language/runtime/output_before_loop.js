// What was printed is seen though the program computes for ever afterwards: its
// first output, and that of turns before.
import { spawn } from "node:child_process";
import { execPath } from "node:process";

const seen = (text) => new Promise((resolve) => {
  const child = spawn(execPath, ["eval", text]);
  let out = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
    if (out.includes("last")) child.kill("SIGKILL");
  });
  child.on("close", () => resolve(out.trim().replaceAll("\n", " ")));
});
console.log(await seen(`console.log("first and last"); for (;;);`));
console.log(await seen(`
  console.log("first"); console.log("last");
  setTimeout(() => { for (;;); }, 1);
  const end = performance.now() + 5; while (performance.now() < end);`));
