// What an error that nobody caught ends does not go on in the next evaluation.
import { Pool } from "rill:pool";

await using pool = new Pool({ workers: 1, timeout: 20000 });
const endless = "(async () => { for (;;) await 1; })();";
try {
  await pool.evaluate("queueMicrotask(() => { throw new Error('uncaught'); });" + endless);
} catch (error) {
  console.log(error.message);
}
console.log(await pool.evaluate("'usable'"));
