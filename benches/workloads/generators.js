// Generators and iterators.
function* range(n) { for (let i = 0; i < n; i++) yield i; }
function* squares(it) { for (const x of it) yield x * x; }
function run() {
  let sum = 0;
  for (const x of squares(range(20000))) sum += x;
  return sum + [...range(5000)].length;
}
if (typeof bench === "function") bench("generators", run);
else for (let i = 0; i < 40; i++) run();
