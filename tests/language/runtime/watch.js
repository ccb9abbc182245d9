// rill:fs: watch.
import * as fs from "rill:fs";
import { sleep } from "rill:time";
await using dir = await fs.temporaryDirectory();
const p = dir.path;
await fs.makeDirectory(`${p}/a/b`, {recursive: true});
{
  await using w = fs.watch(p, {recursive: true});
  await w.ready;
  const seen = [];
  const until = async (event) => { while (!seen.includes(event)) await sleep(1); };
  const done = (async () => { for await (const e of w) { if (e.kind === "modify" && e.name[0] === "n") continue; seen.push(`${e.kind} ${e.from ? e.from.slice(p.length+1)+" -> " : ""}${e.name}${e.isDirectory?"/":""}`); if (e.name === "end") break; } })();
  await fs.writeFile(`${p}/a/b/x`, "1"); await until("modify a/b/x");
  await fs.rename(`${p}/a`, `${p}/c`); await until("rename a -> c/");
  await fs.writeFile(`${p}/c/b/y`, "1"); await until("modify c/b/y");
  await fs.makeDirectory(`${p}/n/m/o`, {recursive: true}); await fs.writeFile(`${p}/n/m/o/z`, "1"); await until("create n/m/o/z");
  await fs.remove(`${p}/c`, {recursive:true}); await until("remove c/");
  await fs.writeFile(`${p}/end`, "");
  await done;
  console.log(seen.join("\n"));
}
try { fs.watch("/nope"); } catch (e) { console.log(e.message); }
try { for await (const e of fs.watch(p, {timeout: 20})) console.log(e); } catch (e) { console.log(e.name); }
{
  const w = fs.watch(p, {limit: 3});
  for (let i = 0; i < 10; i++) await fs.writeFile(`${p}/q${i}`, "");
  await sleep(20);
  const l = []; for await (const e of w) { l.push(e.kind); if (e.kind === "overflow") break; } console.log(l.join());
}
await fs.writeFile(`${p}/f`, ""); const w = fs.watch(`${p}/f`); setTimeout(() => fs.unlink(`${p}/f`), 5);
for await (const e of w) console.log(e.kind, e.name, e.path === `${p}/f`);
