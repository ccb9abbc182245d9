// rill:fs: open files, streams, lines, locks, folders, temporary files, copies.
import * as fs from "rill:fs";
import { File, open, readText, stat, writeFile } from "rill:fs";
import { sleep } from "rill:time";
import { readdirSync, readlinkSync } from "node:fs";

await using base = await fs.temporaryDirectory({ prefix: "rill-files-" });
const folder = base.path;
const at = (name) => `${folder}/${name}`;
const attempt = async (work) => {
  try { return await work(); } catch (e) { return `${e.name} ${e.code} ${e.message.replaceAll(folder, "F")}`; }
};
const collect = async (iterator) => { const list = []; for await (const item of iterator) list.push(item); return list; };
const text = (bytes) => (bytes === null ? null : new TextDecoder().decode(bytes));

// Files
{
  await using file = await open(at("a"), "w+", { mode: 0o640 });
  console.log(file instanceof File, file.path === at("a"), file.descriptor > 2, file.closed);
  console.log(await file.write("one\ntwo\r\nthree"), await file.write(new Uint8Array([33])), await file.write("X", { position: 0 }));
  console.log(await file.read(), await file.seek(0), text(await file.read(3)), text(await file.read(3, { position: 9 })), await file.seek(-4, "end"), await file.readText());
  const buffer = new Uint8Array(6);
  console.log(await file.readInto(buffer.subarray(1, 4), { position: 4 }), text(buffer), await file.readInto(buffer), await file.readInto(new DataView(buffer.buffer), { position: 13 }));
  await file.truncate(5); await file.sync(); await file.dataSync(); await file.setTimes(1, 1500000000n); await file.changeMode(0o600);
  const status = await file.stat({ bigint: true });
  console.log(status.size, status.atimeMs, status.mtimeNs, status.kind, (Number(status.mode) & 0o777).toString(8));
  console.log(await attempt(() => file.seek(0, "middle")), await attempt(() => file.read(-1)), await attempt(() => file.write(5)));
  const closing = file.close();
  console.log(closing === file.close(), file.closed, await attempt(() => file.read()));
}
console.log(await attempt(() => new File()), await attempt(() => open(at("a"), "zz")), await attempt(() => open(at("a"), "wx")));
// Closing waits for what is under way
{
  const file = await open(at("a"), "r+");
  const all = Array.from({ length: 8 }, (_, i) => file.write(`${i}`, { position: i }));
  await file.close();
  console.log(await readText(at("a")), await Promise.all(all));
}

// Locks
{
  await using one = await open(at("a"));
  await using two = await open(at("a"));
  const lock = await one.lock();
  console.log(await two.tryLock(), await attempt(() => two.lock({ timeout: 30 })));
  const waiting = two.lock();
  await sleep(20); await lock.release(); await lock.release();
  await using other = await waiting;
  console.log(await one.tryLock({ shared: true }));
}
{
  await using one = await open(at("a"));
  await using two = await open(at("a"));
  await using a = await one.lock({ shared: true });
  await using b = await two.tryLock({ shared: true });
  console.log(a !== null, b !== null);
}
{ // Closed while a lock is waited for, which only comes after that.
  await using one = await open(at("a"));
  await using two = await open(at("a"));
  await one.lock();
  const waiting = attempt(() => two.lock());
  await two.close();
  console.log(await waiting, two.closed);
}

// Lines and streams
await writeFile(at("lines"), "one\r\ntw\u00f6\n\nlast");
console.log(await collect(fs.readLines(at("lines"))), await collect(fs.readLines(at("lines"), { chunkSize: 1 })));
await writeFile(at("empty"), "");
console.log(await collect(fs.readLines(at("empty"))), await collect(fs.readStream(at("empty"))), await readText(at("empty")));
console.log((await collect(fs.readStream(at("lines"), { start: 1, end: 6, chunkSize: 2 }))).map(text));
{
  const reader = fs.readStream(at("lines")).getReader({ mode: "byob" });
  const { value } = await reader.read(new Uint8Array(4));
  console.log(text(value)); await reader.cancel();
  await using file = await open(at("lines"));
  console.log((await collect(file)).map(text), (await collect(file.readable)).length, await attempt(() => collect(fs.readStream(at("no")))), await attempt(() => fs.readStream(at("no"), { chunkSize: 0 })));
  const partial = file.lines();
  await file.seek(0);
  for await (const line of partial) { console.log(line); break; }
  console.log(file.closed);
}
{
  const controller = new AbortController();
  const reader = fs.readStream("/dev/zero", { signal: controller.signal }).getReader();
  await reader.read();
  controller.abort(new Error("enough"));
  console.log(await attempt(() => reader.read()));
  await new Response("piped").body.pipeTo(fs.writeStream(at("piped")));
  await new Response("more").body.pipeTo(fs.writeStream(at("piped"), { flags: "a" }));
  await new Response("X").body.pipeTo(fs.writeStream(at("piped"), { flags: "r+", start: 2 }));
  console.log(await readText(at("piped")), await attempt(() => new Response("x").body.pipeTo(fs.writeStream(at("no/x")))));
}

// Whole files
await writeFile(at("whole"), "old", { mode: 0o604 });
await fs.symbolicLink("whole", at("to-whole"));
await writeFile(at("to-whole"), "new", { atomic: true });
console.log(await readText(at("whole")), ((await stat(at("whole"))).mode & 0o777).toString(8), await fs.readLink(at("to-whole")));
console.log(await attempt(() => writeFile(at("whole"), "x", { flag: "wx" })), await attempt(() => writeFile(at("no/x"), "x", { atomic: true })));
{
  const big = new Uint8Array(64e6), controller = new AbortController();
  const writing = writeFile(at("whole"), big, { atomic: true, signal: controller.signal });
  setTimeout(() => controller.abort(), 2);
  console.log((await attempt(() => writing)).split(" ")[0], await readText(at("whole")), (await fs.readDirectory(folder)).filter((name) => name.endsWith(".tmp")));
}
console.log(await readText(new URL(`file://${folder}/wh%6Fle`)), await attempt(() => readText(new URL("file://host/x"))), await attempt(() => readText("a\0b")));

// Trees
await fs.makeDirectory(at("t/u/v"), { recursive: true });
for (const name of ["t/1.js", "t/u/2.js", "t/u/v/3.ts", "t/.hidden"]) await writeFile(at(name), name);
await fs.symbolicLink("u", at("t/link"));
const shown = (list) => list.map((e) => `${e.path.slice(folder.length + 1)}:${e.kind}:${e.depth}`).join(" ");
console.log(shown(await collect(fs.walk(at("t")))));
console.log(shown(await collect(fs.walk(at("t"), { depth: 1 }))), "|", shown(await collect(fs.walk(at("t"), { followLinks: true, enter: (e) => e.name !== "v" }))));
console.log(await attempt(() => collect(fs.walk(at("no")))), await attempt(() => collect(fs.walk(at("t"), { signal: AbortSignal.abort(new Error("why")) }))));
console.log((await collect(fs.entries(at("t")))).map((e) => [e.name, e.isFile, e.isDirectory, e.isSymbolicLink].join()).sort());
for await (const entry of fs.entries(at("t"))) break;
console.log((await fs.readDirectory(at("t"), { types: true })).map((e) => `${e.name} ${e.kind}`));
await fs.copy(at("t"), at("c"), { preserveTimes: true });
console.log(shown(await collect(fs.walk(at("c")))), (await stat(at("c/1.js"))).mtimeMs === (await stat(at("t/1.js"))).mtimeMs);
await writeFile(at("c/1.js"), "changed");
await fs.copy(at("t"), at("c"), { keepExisting: true });
console.log(await readText(at("c/1.js")), await attempt(() => fs.copy(at("t"), at("c"), { exclusive: true })), await attempt(() => fs.copy(at("t"), at("t/u/x"))));
await fs.copy(at("t"), at("c"), { followLinks: true }).catch((e) => console.log(e.code));
await fs.link(at("c/1.js"), at("hard"));
await fs.changeOwner(at("hard"), -1, -1); await fs.setTimes(at("t/link"), 5, 6, { followLinks: false });
console.log((await stat(at("hard"))).nlink, (await fs.lstat(at("t/link"))).mtimeMs, typeof (await fs.statFileSystem(folder)).bavail);
await fs.remove(at("c"), { recursive: true });
console.log(await fs.exists(at("c")), await fs.makeDirectory(at("m/n"), { recursive: true }) === at("m"), await fs.makeDirectory(at("m/n"), { recursive: true }));

// Temporary files
let path;
{
  await using file = await fs.temporaryFile({ directory: folder, suffix: ".x" });
  path = file.path;
  await file.write("x");
  console.log(path.endsWith(".x"), ((await file.stat()).mode & 0o777).toString(8), await fs.exists(path));
}
console.log(await fs.exists(path));
{
  await using file = await fs.temporaryFile({ directory: folder });
  await using inner = await fs.temporaryDirectory({ directory: folder });
  await writeFile(`${inner.path}/x`, "");
  path = [file.keep(), inner.path];
}
console.log(await fs.exists(path[0]), await fs.exists(path[1]));
const open_ = readdirSync("/proc/self/fd").filter((fd) => { try { return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder); } catch { return false; } });
console.log(open_.length);
