// Arrays: push, map, filter, reduce, sort, destructuring, for-of.
function run() {
  const list = [];
  for (let i = 0; i < 20000; i++) list.push((i * 7919) % 10007);
  const sum = list.map((x) => x * 2).filter((x) => x % 3 === 0).reduce((a, b) => a + b, 0);
  const sorted = list.slice().sort((a, b) => a - b);
  let total = 0;
  for (const x of sorted) total += x;
  for (let i = 0; i < 20000; i++) { const [a, b] = [i, i + 1]; total += a - b; }
  return total + sum + list.indexOf(5000) + [...sorted].length;
}
if (typeof bench === "function") bench("arrays", run);
else for (let i = 0; i < 40; i++) run();
