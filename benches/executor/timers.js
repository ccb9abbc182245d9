// 100,000 timers: set and cleared, set and fired, with one delay and with many.
// Runs on both engines. Times are the best of some rounds.
const COUNT = 1e5;
async function best(name, round) {
  let least = Infinity;
  for (let i = 0; i < 7; i++) {
    const start = performance.now();
    await round();
    least = Math.min(least, performance.now() - start);
  }
  console.log(`${name}: ${least.toFixed(1)} ms`);
}

await best("set and cleared", () => {
  const timers = [];
  for (let i = 0; i < COUNT; i++) timers.push(setTimeout(() => {}, 1000 + i));
  for (const timer of timers) clearTimeout(timer);
});
const fired = (delay) => () => new Promise((resolve) => {
  let left = COUNT;
  const fire = () => {
    if (--left === 0) resolve();
  };
  for (let i = 0; i < COUNT; i++) setTimeout(fire, delay(i));
});
await best("set and fired, 1 ms", fired(() => 1));
await best("set and fired, 1 to 20 ms", fired((i) => 1 + i * 7 % 20));
