// Operations that leave nothing behind when they are over: each is repeated, and
// what is alive, what the heap is charged for, and open descriptors may not grow
// with the number of repetitions. What grows a little at first, as caches do, or
// by chance, as what is made while marking does, does not count: only what grew in
// each of three intervals, three times.
//
// rill run --gc-trigger=256K growth.mjs FAMILY [OPERATION]
import { readdirSync } from "node:fs";
import { gcStatistics } from "rill:runtime";
import { sleep } from "rill:time";

const INTERVAL = 100; // milliseconds of repetitions
const MOST = 60;      // repetitions
const CYCLES = 8;
const BYTES = 8;      // a repetition may leave; it does dozens of operations

const [family, only] = process.argv.slice(2);
const { default: operations, close } = await import(`./${family}.mjs`);
let garbage;

const settled = async () => {
  const { cycles } = gcStatistics();
  let alive = Infinity;
  for (let now; (now = gcStatistics()).cycles < cycles + CYCLES;) {
    for (let i = 0; i < 5000; i++) garbage = [i];
    await sleep(1);
    if (now.cycles > cycles + 2) alive = Math.min(alive, now.liveBytes);
  }
  return {
    alive, outside: gcStatistics().externalBytes,
    descriptors: readdirSync("/proc/self/fd").length,
  };
};

const grown = async (operation) => {
  const start = performance.now();
  await operation();
  const once = performance.now() - start;
  const rounds = Math.max(3, Math.min(MOST, Math.round(INTERVAL / once)));
  const states = [];
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < rounds; j++) await operation();
    states.push(await settled());
  }
  const least = { alive: rounds * BYTES + 1000, outside: rounds * BYTES, descriptors: 0 };
  return Object.keys(least).flatMap((what) => {
    const steps = [1, 2, 3].map((i) => states[i][what] - states[i - 1][what]);
    return Math.min(...steps) > least[what] ? [`${what} ${steps} in ${rounds}`] : [];
  });
};

let failed = false;
for (const [name, operation] of Object.entries(operations)) {
  if (only !== undefined && name !== only) continue;
  let found = await grown(operation);
  for (let i = 0; i < 2 && found.length > 0; i++) found = await grown(operation);
  console.log(name, found.length === 0 ? "ok" : `GROWS: ${found.join("; ")}`);
  failed ||= found.length > 0;
}
await close?.();
if (failed) process.exitCode = 1;
