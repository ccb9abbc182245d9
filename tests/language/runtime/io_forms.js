// An I/O operation gives the same, in the same order, as an instruction (fused
// with await or not) and as an ordinary function.
import { readText, writeFile, stat, makeTemporaryDirectory, remove, readFile, readDirectory } from "rill:fs";
import { sleep } from "rill:time";
import * as everything from "rill:fs";

const folder = await makeTemporaryDirectory("/tmp/rill-test-");
const file = `${folder}/a.txt`;
await writeFile(file, "one");
const asFunction = readText;
const { readText: fromNamespace } = everything;
console.log(await readText(file), await asFunction(file), await fromNamespace(file), await everything.readText(file));
const promise = readText(file);
console.log(promise instanceof Promise, await promise, asFunction.name, asFunction.length);
const order = [];
const mark = (name) => () => order.push(name);
const fused = (async () => { await sleep(1); order.push("fused"); })();
const unfused = (async () => { const p = sleep(1); await p; order.push("unfused"); })();
const indirect = (async () => { const f = sleep; await f(1); order.push("indirect"); })();
Promise.resolve().then(mark("micro"));
order.push("sync");
await Promise.all([fused, unfused, indirect]);
console.log(order.join());
for (const bad of [() => readText("/no/such/file"), () => asFunction("/no/such/file")]) {
  try { await bad(); } catch (e) { console.log(e.code, e.syscall, e.message); }
}
try { await readText(5.5); } catch (e) { console.log(e.name); }
try { await readText({}); } catch (e) { console.log(e.name); }
try { await sleep(-1); } catch (e) { console.log(e.name); }
const bytes = await readFile(file);
console.log(bytes, (await stat(file)).size, (await stat(file)).isFile, await readDirectory(folder));
await remove(folder, { recursive: true });
console.log(await everything.exists(folder));
