// rill:pool: scripts, functions and batches on other threads.
import { Pool } from "rill:pool";

const pool = new Pool({ workers: 2 });
console.log(await pool.evaluate("1 + 2"));
console.log(await pool.evaluate(
  "const n = await new Promise((r) => setTimeout(r, 2, 20)); n + 1"));
console.log(await pool.evaluate("new Map([['when', new Date(0)], ['big', 5n]])"));
console.log(await pool.evaluate("(a, b) => [a, b, ...a]",
                                { arguments: [[1, 2], { x: null }] }));
console.log(await pool.evaluate("undefined"), await pool.evaluate(""));
const factor = 3;
class Point {
  constructor(x) { this.x = x; }
  scaled() { return new Point(this.x * factor).x; }
}
console.log(await pool.call((x) => new Point(x).scaled(), [14]));
console.log(await pool.call((p) => [p.scaled(), p instanceof Point],
                            [new Point(15)]));
console.log(await pool.call(async () => { await null; return [1n]; }));

const settled = await pool.batch(
  ["6 * 7", "throw new RangeError('no')", { source: "(x) => x", arguments: [9] }]);
for (const { status, value, reason } of settled) {
  console.log(status, value ?? String(reason));
}
// A hundred at once, each its own answer.
const all = await Promise.all(
  Array.from({ length: 100 }, (_, i) => pool.evaluate(`${i} * 2`)));
console.log(all.every((value, i) => value === i * 2));

for (const wrong of [
  () => pool.evaluate(5), () => pool.call("x"),
  () => pool.evaluate("1", { arguments: 1 }),
  () => pool.evaluate("1", { timeout: -1 }),
  () => pool.evaluate("1", { session: "s", fresh: true }),
  () => new Pool({ workers: -1 }), () => new Pool({ workers: 5000 }),
  () => new Pool({ whenFull: "burst" }), () => new Pool({ trace: "xml" }),
]) {
  try {
    await wrong();
    console.log("no error");
  } catch (error) {
    console.log(error.name);
  }
}
await pool.close();
try {
  await pool.evaluate("1");
} catch (error) {
  console.log(error.name, error.message);
}

// What is no script and no options is the promise's failure.
{
  const pool = new Pool({ workers: 1 });
  for (const args of [[5], ["1", null], ["1", 5], ["1", { signal: 5 }]]) {
    await pool.evaluate(...args).catch((e) => console.log(e.code, e.message));
  }
  await pool.close();
}
