// Map, Set, JSON.
function run() {
  const map = new Map(), set = new Set();
  for (let i = 0; i < 10000; i++) { map.set("key" + i % 1000, i); set.add(i % 777); }
  let sum = set.size;
  for (const [k, v] of map) sum += v + k.length;
  const text = JSON.stringify({ list: [...map].slice(0, 500), nested: { a: [1, 2, { b: "c" }] } });
  for (let i = 0; i < 10; i++) sum += JSON.parse(text).list.length;
  return sum;
}
if (typeof bench === "function") bench("collections", run);
else for (let i = 0; i < 60; i++) run();
