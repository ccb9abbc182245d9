// rill:time: intervals with their policies, limits, deadlines, signals.
import * as time from "rill:time";
import { deadline, interval, now, sleep, timeout } from "rill:time";
import { spawn } from "rill:task";

const name = async (fn) => {
  try {
    return await fn();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
console.log(Object.keys(time).sort().join());
const first = now();
await sleep(2);
console.log(Number.isInteger(first), now() - first >= 1e6);

// Ticks are numbered; the first comes at once.
let seen = [];
for await (const tick of interval(2)) {
  seen.push(tick);
  if (tick === 3) break;
}
console.log(seen.join());

// What was missed: 35 ms without asking, a period of 10.
async function missed(policy) {
  const ticks = interval(10, { missed: policy });
  await ticks.next();
  const end = performance.now() + 35;
  while (performance.now() < end);
  let start = performance.now(), at = [];
  for (let i = 0; i < 4; i++) {
    await ticks.next();
    at.push(performance.now() - start);
  }
  await ticks.return();
  return at;
}
// On a busy machine a tick may be late: one of some tries is not.
async function soon(policy, good) {
  for (let tries = 0; tries < 50; tries++) {
    if (good(await missed(policy))) return true;
  }
  return false;
}
console.log("burst", await soon("burst", (at) => at[2] < 15));
const delay = await missed("delay");
console.log("delay", delay[1] >= 9, delay[2] >= 19);
console.log("skip", (await missed("skip"))[3] >= 19,
            await soon("skip", (at) => at[3] < 35));
console.log(await name(() => interval(0)));
console.log(await name(() => interval(10, { missed: "never" })));
console.log(await name(() => interval("x")));

const controller = new AbortController();
const ticks = interval(1000, { signal: controller.signal });
await ticks.next();
setTimeout(() => controller.abort(new Error("enough")), 5);
console.log(await name(() => ticks.next()));
console.log((await ticks.next()).done);
{
  await using five = interval(5);
  const [a, b] = await Promise.all([five.next(), five.next()]);
  console.log(a.value, b.value);
}

console.log(await name(() => sleep(1000, { signal: controller.signal })));
const late = new AbortController();
const sleepLater = sleep;
setTimeout(() => late.abort(new Error("late")), 5);
console.log(await name(async () => await sleep(1000, { signal: late.signal })));
console.log(await name(async () =>
  await sleepLater(1000, { signal: late.signal })));

console.log(await timeout(Promise.resolve(1), 10));
console.log(await timeout(async function answer() { return 42; }, 10));
let told;
console.log(await name(() => timeout(async function slow(signal) {
  signal.addEventListener("abort", () => told = signal.reason.name);
  await sleep(1000);
}, 5)), told);
console.log(await name(() => timeout(new Promise(() => {}), 5)));
const spinning = spawn.with({ name: "spin" })(() => {
  for (;;);
});
console.log(await name(() => timeout(spinning, 20)));
spinning.abort(); // which it is, unless timeout could not do it
await spinning.catch(() => console.log("finished", spinning.finished));
console.log(await name(() =>
  timeout(new Promise(() => {}), 1000,
          { signal: AbortSignal.abort(new Error("early")) })));
console.log(await name(() => timeout(Promise.resolve(), -1)));

{
  using limit = deadline(1000);
  const running = setTimeout(() => {}, 1e6); // a deadline keeps nothing running
  console.log(limit.remaining > 5, limit.expired);
  console.log(await limit.run(async () => "in time"));
  console.log(await name(() => limit.run(() => new Promise(() => {}))));
  console.log(limit.expired, limit.remaining, limit.signal.reason.name);
  clearTimeout(running);
}
const far = deadline(1e12, { signal: controller.signal });
console.log(far.expired, far.signal.reason.message);
deadline(1e9); // does not keep the program alive
