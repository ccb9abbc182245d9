// What a sleeping task takes and how fast they are made and woken: for
// sleepers.js and sleepers-node.mjs, which differ in where sleep comes from.
// sleep(milliseconds, i): a promise of i. begun(): do all of them sleep?
import { readFileSync } from "node:fs";

const resident = () => 1024 * Number(
    /VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);

export async function measure(name, count, sleep, begun = () => true) {
  const all = new Array(count).fill(undefined);
  const before = resident();
  const start = performance.now();
  for (let i = 0; i < count; i++) all[i] = sleep(10000 + i % 100, i);
  const made = performance.now() - start;
  while (!begun()) await new Promise((resolve) => setTimeout(resolve, 100));
  const bytes = (resident() - before) / count;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += await all[i];
  const over = performance.now() - start - made - 10100;
  console.log(`${name}: ${bytes.toFixed(0)} bytes each, ` +
              `${(made * 1e6 / count).toFixed(0)} ns to make, all awake ` +
              `${over.toFixed(0)} ms after the last was due, ` +
              `${sum === count * (count - 1) / 2 ? "right" : "WRONG"} sum`);
}
