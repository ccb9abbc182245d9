// Function calls: recursion, closures, methods.
function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
class Counter {
  constructor() { this.n = 0; }
  add(k) { this.n += k; return this; }
}
function run() {
  let sum = fibonacci(22);
  const counter = new Counter();
  for (let i = 0; i < 50000; i++) counter.add(i & 3);
  const adders = [];
  for (let i = 0; i < 16; i++) adders.push((x) => x + i);
  for (let i = 0; i < 50000; i++) sum = adders[i & 15](sum) | 0;
  return sum + counter.n;
}
if (typeof bench === "function") bench("calls", run);
else for (let i = 0; i < 60; i++) run();
