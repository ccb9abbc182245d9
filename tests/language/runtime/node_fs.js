// node:fs as Node 20 has it: what it gives, and the errors' codes and texts.
import fs from "node:fs";
import fsp from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "node-fs-"));
const at = (name) => path.join(root, name);
const clean = (text) => `${text}`.replaceAll(root, "ROOT").split("\n")[0];
const attempt = async (name, work) => {
  try {
    const value = await work();
    console.log(name, typeof value === "string" ? clean(value) : value);
  } catch (e) {
    console.log(name, e.name, e.code, clean(e.message), e.syscall ?? "");
  }
};
const fds = () => fs.readdirSync("/proc/self/fd").length;
await new Promise((resolve) => setTimeout(resolve)); // the loop is there
const before = fds();

// What is missing, or is something else
for (const [name, ...args] of [
  ["access", at("no")], ["stat", at("no")], ["lstat", at("no")],
  ["readFile", at("no")], ["open", at("no"), "r"], ["unlink", at("no")],
  ["rmdir", at("no")], ["rename", at("no"), at("no2")], ["rm", at("no")],
  ["copyFile", at("no"), at("no2")], ["readdir", at("no")],
  ["mkdir", at("no/no")], ["readlink", root],
  ["chmod", at("no"), 0o600], ["chown", at("no"), 0, 0],
  ["lchown", at("no"), 0, 0], ["utimes", at("no"), 1, 1],
  ["lutimes", at("no"), 1, 1], ["truncate", at("no"), 1],
  ["link", at("no"), at("no2")], ["symlink", at("no"), root],
  ["statfs", at("no")],
  ["rm", root], ["mkdir", root], ["open", root, "w"], ["rmdir", "/proc/self"],
  ["cp", root, at("inner"), { recursive: true }], ["cp", root, at("other")],
  ["cp", at("no"), at("other")],
  ["open", at("x"), "zz"], ["access", 5], ["readFile", {}], ["stat", "a\0b"],
  ["chown", root, "a", 1],
  ["utimes", root, "x", 1], ["copyFile", root, at("c"), 9],
]) {
  await attempt(`${name}Sync`, () => fs[`${name}Sync`](...args));
  await attempt(`promises.${name}`, () => fsp[name](...args));
  if (typeof args[0] === "string" && args[0] !== "a\0b") {
    await attempt(`fs.${name}`, () => promisify(fs[name])(...args));
  }
}
await attempt("callback", () => fs.readFile(at("no")));
await attempt("mode", () => fs.chmodSync(root));
await attempt("mode", () => fs.mkdirSync(at("m"), { mode: "xyz" }));
await attempt("encoding", () => fs.readFileSync(at("no"), "nope"));
console.log(fs.readFile.name, fs.readFileSync.name, fs.cpSync.name, fs.cp.name);
await attempt("mkdtemp", () => fs.mkdtempSync(at("no/x-")));
await attempt("opendir", () => fsp.opendir(at("no")));
await attempt("realpath", () => fsp.realpath(at("no")));
await attempt("rename", () => fs.renameSync(root));
await attempt("fd", () => fs.readSync(-1, Buffer.alloc(1)));
await attempt("fd", () => fs.fstatSync("1"));
await attempt("fd", () => fs.closeSync(9999));
await attempt("buffer", () => fs.readSync(0, "text"));
await attempt("buffer", () => fs.readSync(0, Buffer.alloc(0), 0, 1));
await attempt("buffer", () => fs.readSync(0, Buffer.alloc(2), 0, 3));
await attempt("data", () => fs.writeFileSync(at("x"), 5));
await attempt("data", () => fs.writeSync(1, {}));

// Contents
fs.writeFileSync(at("a"), "h\u00e9llo", { mode: 0o640 });
console.log(fs.readFileSync(at("a"), "latin1").length, fs.readFileSync(at("a"), { encoding: "hex" }), (fs.statSync(at("a")).mode & 0o777).toString(8));
fs.appendFileSync(at("a"), Buffer.from(" world"));
await fsp.appendFile(at("a"), "!");
console.log(await fsp.readFile(at("a"), "utf8"));
await attempt("wx", () => fsp.writeFile(at("a"), "", { flag: "wx" }));
await fsp.writeFile(at("iterable"), (async function* () { yield "one "; yield Buffer.from("two"); })());
console.log(fs.readFileSync(at("iterable"), "utf8"));
await attempt("signal", () => fsp.readFile(at("a"), { signal: AbortSignal.abort("why") }));
const controller = new AbortController();
const big = fsp.writeFile(at("big"), Buffer.alloc(50e6), { signal: controller.signal });
controller.abort();
await attempt("signal", () => big);

// Descriptors
const fd = fs.openSync(at("d"), "w+");
console.log(fs.writeSync(fd, "abcdef"), fs.writeSync(fd, Buffer.from("XYZ"), 1, 2, 0), fs.writevSync(fd, [Buffer.from("1"), Buffer.from("23")]));
const parts = [Buffer.alloc(2), Buffer.alloc(20)];
console.log(fs.readvSync(fd, parts, 0), parts[0].toString(), parts[1].toString("utf8", 0, 8));
const target = Buffer.alloc(5);
console.log(fs.readSync(fd, target, { position: 1, length: 3 }), target.toString("latin1").replaceAll("\0", "."), fs.readSync(fd, target, 0, 5, 100n));
fs.ftruncateSync(fd, 3); fs.fchmodSync(fd, 0o600); fs.futimesSync(fd, 1, 2.5); fs.fsyncSync(fd); fs.fdatasyncSync(fd);
const st = fs.fstatSync(fd);
console.log(st.size, (st.mode & 0o777).toString(8), st.atimeMs, st.mtimeMs, st.mtime.toISOString(), st.isFile(), Object.keys(st).join());
const bigStats = fs.fstatSync(fd, { bigint: true });
console.log(bigStats.mtimeNs, bigStats.size, Object.keys(bigStats).join());
console.log(await promisify(fs.write)(fd, "q", 1), await promisify(fs.read)(fd, Buffer.alloc(3), 0, 3, 0));
fs.closeSync(fd);
await attempt("closed", () => fs.fstatSync(fd));
console.log(fs.statSync(at("no"), { throwIfNoEntry: false }), fs.existsSync(at("d")), fs.existsSync(at("no")), fs.existsSync(5));

// Handles
{
  const handle = await fsp.open(at("h"), "w+");
  handle.on("close", () => console.log("handle closed"));
  console.log((await handle.write("one\ntwo\r\nthree")).bytesWritten, (await handle.writev([Buffer.from("!")])).bytesWritten);
  console.log((await handle.read(Buffer.alloc(3), 0, 3, 0)).buffer.toString(), (await handle.stat()).size);
  await handle.truncate(13); await handle.utimes(1, 2); await handle.chmod(0o644); await handle.sync(); await handle.datasync();
  const lines = [];
  for await (const line of handle.readLines({ start: 0, autoClose: false })) lines.push(line);
  console.log(lines);
  await handle.close(); await handle.close();
  await attempt("handle", () => handle.read(Buffer.alloc(1)));
  await attempt("handle", () => handle.stat());
}
{
  const handle = await fsp.open(at("h"));
  let text = "";
  for await (const chunk of handle.createReadStream({ encoding: "utf8", start: 4, end: 6 })) text += chunk;
  console.log(text, handle.fd);
  const again = await fsp.open(at("h"));
  text = "";
  for await (const chunk of again.readableWebStream()) text += Buffer.from(chunk);
  console.log(JSON.stringify(text)); await again.close();
}

// Folders
console.log(clean(fs.mkdirSync(at("t/u/v"), { recursive: true })), fs.mkdirSync(at("t/u/v"), { recursive: true }));
for (const name of ["t/1", "t/u/2", "t/u/v/3"]) fs.writeFileSync(at(name), name);
fs.symlinkSync("1", at("t/link"));
fs.linkSync(at("t/1"), at("t/hard"));
console.log(fs.readdirSync(at("t")), fs.readdirSync(at("t"), { recursive: true }).sort(), fs.readdirSync(at("t"), "buffer")[0]);
console.log(fs.readdirSync(at("t"), { withFileTypes: true }).map((e) => [e.name, clean(e.path), e.isFile(), e.isDirectory(), e.isSymbolicLink()].join()));
console.log((await fsp.readdir(at("t"), { recursive: true, withFileTypes: true })).map((e) => clean(path.join(e.parentPath, e.name))).sort());
const names = [];
for await (const entry of await fsp.opendir(at("t"), { recursive: true })) names.push(entry.name);
console.log(names.sort());
const dir = fs.opendirSync(at("t"));
const one = dir.readSync();
console.log(one instanceof fs.Dirent, clean(dir.path)); dir.closeSync();
await attempt("dir", () => dir.readSync());
console.log(fs.readlinkSync(at("t/link")), clean(fs.realpathSync(at("t/link"))), fs.lstatSync(at("t/link")).isSymbolicLink(), fs.statSync(at("t/1")).nlink);
fs.lutimesSync(at("t/link"), 5, 6);
console.log(fs.lstatSync(at("t/link")).mtimeMs, typeof fs.statfsSync(root).bsize, typeof fs.statfsSync(root, { bigint: true }).bsize);

// Copies
fs.cpSync(at("t"), at("c"), { recursive: true, filter: (src) => !src.endsWith("2"), preserveTimestamps: true });
console.log(fs.readdirSync(at("c"), { recursive: true }).sort(), clean(fs.readlinkSync(at("c/link"))));
await fsp.cp(at("t"), at("c2"), { recursive: true, verbatimSymlinks: true, filter: async () => true });
console.log(fs.readdirSync(at("c2")), fs.readlinkSync(at("c2/link")));
await attempt("cp", () => fsp.cp(at("t/1"), at("c2/1"), { force: false, errorOnExist: true }));
await attempt("cp", () => fsp.cp(at("t/1"), at("c2/1"), { force: false }));
await attempt("cp", () => fsp.cp(at("t"), at("t/1"), { recursive: true }));
await attempt("cp", () => fs.cpSync(at("t/1"), at("c2"), {}));
await attempt("copyFile", () => fs.copyFileSync(at("t/1"), at("c2/1"), fs.constants.COPYFILE_EXCL));
await attempt("rmdir", () => fs.rmdirSync(at("c2")));
await fsp.rm(at("c2"), { recursive: true });
console.log(fs.existsSync(at("c2")), await fsp.rm(at("c2"), { force: true }));
await attempt("lchmod", () => fsp.lchmod(root, 0));

// Watching
{
  const seen = new Set();
  const watcher = fs.watch(at("t"), (type, name) => seen.add(`${type} ${name}`));
  // Watching begins with the loop's next turn.
  while (!seen.size) {
    fs.writeFileSync(at("t/begun"), ""); fs.unlinkSync(at("t/begun"));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  fs.writeFileSync(at("t/new"), "x"); fs.renameSync(at("t/new"), at("t/newer")); fs.unlinkSync(at("t/newer"));
  for (let i = 0; i < 1000 && !seen.has("rename newer"); i++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  watcher.on("close", () => console.log("watcher closed"));
  watcher.close();
  console.log([...seen].filter((event) => !event.endsWith("begun")).sort());
}
{
  const ac = new AbortController();
  setTimeout(() => fs.writeFileSync(at("t/1"), "changed"), 20);
  try {
    for await (const event of fsp.watch(at("t/1"), { signal: ac.signal })) { console.log(event); ac.abort(); }
  } catch (e) { console.log(e.name, e.code); }
}
await attempt("watch", () => fs.watch(at("no")));
await new Promise((resolve) => {
  fs.watchFile(at("w"), { interval: 10 }, (now, was) => {
    console.log(now.size, was.size, now.isFile());
    if (now.size > 0) { fs.unwatchFile(at("w")); resolve(); } else fs.writeFileSync(at("w"), "12");
  });
});

// Streams
await attempt("stream", () => fs.createReadStream(at("a"), { start: 5, end: 2 }));
await attempt("stream", () => fs.createReadStream(at("a"), { start: "x" }));
{
  const ac = new AbortController();
  const stream = fs.createReadStream(at("a"), { signal: ac.signal });
  stream.on("error", (e) => console.log("stream", e.name, e.code));
  ac.abort();
  await new Promise((resolve) => stream.on("close", resolve));
}
await new Promise((resolve) =>
  fs.createWriteStream(at("a"), { flags: "r+", start: 2 }).end("XX").on("close", resolve));
console.log(fs.readFileSync(at("a"), "latin1").slice(0, 6));
console.log(await (await fs.openAsBlob(at("t/1"))).text());
// Options that are none
for (const [form, list] of Object.entries({
  createReadStream: [{ fd: "x" }, { fd: -1 }, { fd: 1.5 }, { fd: {} }, { flags: 5.5 },
                     { flags: "zz" }, { flags: {} }, { mode: "zz" }, { fs: 5 }, { fs: {} },
                     { fs: { open: 5 } }, { fs: null }, { signal: 5 }, { signal: {} },
                     { encoding: "zz" }, { encoding: 5 }, "zz", { end: "x" }, { end: -1 },
                     { start: 5, end: 3 }],
  createWriteStream: [{ fd: "x" }, { flags: "zz" }, { fs: {} }, { signal: 5 }, { encoding: 5 },
                      { flush: 5 }, { flush: null }, { flush: true, fs: { ...fs,
                        fsync: (fd, done) => fs.fsync(fd, (e) => { console.log("flushed"); done(e); }),
                        close: (fd, done) => { console.log("closed"); fs.close(fd, done); } } }],
})) {
  for (const options of list) {
    try {
      const stream = fs[form](at("stream"), options);
      stream.on("error", (e) => console.log("event", e.code, clean(e.message)));
      if (form === "createReadStream") stream.resume();
      else stream.end("x");
      await new Promise((resolve) => stream.on("close", resolve));
    } catch (e) {
      console.log(e.code, clean(e.message));
    }
  }
}
await new Promise((resolve) => setTimeout(resolve, 20));
console.log(fds() - before);

// The classes by name are whole before the first stream, and keep what is put on
// them. (In another program: here they are loaded.)
{
  const program = `
    import { ReadStream, WriteStream } from "node:fs";
    import { Readable, Writable } from "node:stream";
    const write = WriteStream.prototype._write;
    console.log(typeof write, WriteStream.prototype instanceof Writable,
                Object.getPrototypeOf(ReadStream) === Readable, "read" in ReadStream.prototype);
    WriteStream.prototype._write = function (chunk, encoding, done) {
      console.log("patched");
      return write.call(this, chunk, encoding, done);
    };
    Object.defineProperty(ReadStream.prototype, "_read", { value() {
      console.log("own");
      this.push(null);
    } });
    new WriteStream(process.argv[2]).end("x").on("close", () =>
      new ReadStream(process.argv[2]).resume());`;
  const early = `import { ReadStream } from "node:fs";
    Object.defineProperty(ReadStream.prototype, "_read", { value() {
      console.log("own");
      this.push(null);
    } });
    new ReadStream(process.argv[2]).resume();`;
  const { spawnSync } = await import("node:child_process");
  for (const [name, text] of Object.entries({ program, early })) {
    fs.writeFileSync(at(`${name}.mjs`), text);
    const { stdout, stderr } = spawnSync(process.execPath, [
      ...(process.versions.rill ? ["run"] : []), at(`${name}.mjs`), at("stream")]);
    console.log(`${stdout}${stderr}`);
  }
}
fs.rmSync(root, { recursive: true });
