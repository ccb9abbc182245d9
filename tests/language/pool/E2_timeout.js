// A limit of time ends any script, and the worker goes on.
import { Pool } from "rill:pool";

await using pool = new Pool({ workers: 1, timeout: 40 });
for (const script of [
  "while (true) {}",
  "try { for (;;); } finally { for (;;); }",
  "await new Promise(() => setInterval(() => {}, 1))",
  "for await (const x of (async function* () { for (;;) yield 1; })());",
  "({ get a() { for (;;); } })",
]) {
  try {
    await pool.evaluate(script);
    console.log("no error");
  } catch (error) {
    console.log(error.name, error.message, error.isTimeout, error.isCancelled);
  }
  console.log(await pool.evaluate("'usable'", { timeout: Infinity }));
}
try {
  await pool.call(() => { for (;;); }, [], { timeout: 10 });
} catch (error) {
  console.log(error.message);
}
const slow = "const end = Date.now() + 80; while (Date.now() < end); 'in time'";
console.log(await pool.evaluate(slow, { timeout: Infinity }));
