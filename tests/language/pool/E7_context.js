// The same calls in this isolate and on a pool.
import { Context, Pool } from "rill:pool";

await using pool = new Pool({ workers: 1 });
for (const context of [new Context(), new Context({ pool })]) {
  console.log(await context.evaluate("await Promise.resolve(20) + 1"));
  console.log(await context.evaluate("(a, b) => a * b", { arguments: [6, 7] }));
  console.log(await context.call(async (x) => [x], [1]));
  await context.evaluate("throw new RangeError('out')")
    .catch((error) => console.log(String(error)));
  await context.evaluate("await new Promise((r) => setTimeout(r, 5000))",
                         { timeout: 20 })
    .catch((error) => console.log(error.name));
}
const both = new Context({ pool, on: "here" });
await both.evaluate("globalThis.mine = 1");
console.log(typeof mine, await both.evaluate("typeof mine", { on: "pool" }));
await new Context().evaluate("1", { on: "pool" })
  .catch((error) => console.log(error.name));
