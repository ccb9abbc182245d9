// Errors with name, message, stack and cause, and what is thrown besides.
import { Pool } from "rill:pool";

await using pool = new Pool({ workers: 1 });
try {
  await pool.evaluate(
    "function deep() { throw new RangeError('far', { cause: 'near' }); }\ndeep();",
    { name: "plan.js" });
} catch (error) {
  console.log(error instanceof RangeError, error.message, error.cause);
  console.log(error.isTimeout, error.isCancelled);
  console.log(error.stack.split("\n").slice(0, 3).join("\n"));
}
await pool.evaluate("throw { code: 7 }").catch((thrown) => console.log(thrown));
await pool.evaluate("let x = ;").catch((error) => console.log(String(error)));
await pool.evaluate("() => 1").catch((error) => console.log(error.name));
await pool.evaluate("Promise.reject(new Error('later')); 1")
  .catch((error) => console.log(error.message));
await pool.evaluate("await new Promise(() => {})")
  .catch((error) => console.log(error.message));
