// Promises, async functions, jobs.
async function add(a, b) { return a + b; }
async function run() {
  let sum = 0;
  for (let i = 0; i < 10000; i++) sum = await add(sum, i);
  const all = await Promise.all(Array.from({ length: 1000 }, (_, i) => add(i, 1)));
  return sum + all.length;
}
if (typeof bench === "function") bench("promises", run);
else (async () => { for (let i = 0; i < 30; i++) await run(); })();
