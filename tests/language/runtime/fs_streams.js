// node:fs: streams, and reading and writing by descriptor; util.parseArgs.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "rill-"));
const file = path.join(folder, "a.txt");
const out = fs.createWriteStream(file);
out.on("open", (fd) => console.log("open", typeof fd)).on("ready", () => console.log("ready")).on("finish", () => console.log("finish", out.bytesWritten)).on("close", () => console.log("close"));
out.write("one ");
out.end("two €\n".repeat(30000));
await new Promise((resolve) => out.on("close", resolve));
let length = 0, chunks = 0;
for await (const chunk of fs.createReadStream(file)) { length += chunk.length; chunks++; }
console.log(length, chunks, fs.statSync(file).size === length);
for await (const text of fs.createReadStream(file, { encoding: "utf8", start: 4, end: 15, highWaterMark: 5 })) console.log(JSON.stringify(text));
await pipeline(fs.createReadStream(file), fs.createWriteStream(`${file}.copy`));
fs.createWriteStream(file, { flags: "a" }).end("appended", async () => {
  console.log(fs.readFileSync(file, "utf8").slice(-12), fs.readFileSync(`${file}.copy`).length);
  fs.createReadStream(path.join(folder, "none")).on("error", (e) => {
    console.log(e.code);
    fs.open(file, "r+", (error, fd) => fs.read(fd, Buffer.alloc(4), 0, 3, 0, (e, n, buffer) => {
      console.log(e, n, buffer.toString());
      fs.write(fd, "ONE", 0, (e, n) => fs.fstat(fd, (e2, stats) => {
        console.log(e, n, e2, stats.isFile(), fs.readFileSync(file, "utf8").slice(0, 7));
        fs.closeSync(fd);
        fs.rmSync(folder, { recursive: true });
      }));
    }));
  });
});
const show = (args, config) => { try { const { values, positionals } = parseArgs({ args, ...config }); console.log(JSON.stringify([values, positionals])); } catch (e) { console.log(e.code, e.message); } };
const options = { verbose: { type: "boolean", short: "v", multiple: true }, out: { type: "string", short: "o", default: "d" }, all: { type: "boolean", short: "a" } };
for (const args of [["-vva", "--out=x", "p"], ["-ofile", "--", "-v"], ["--out"], ["--all=1"], ["--nope"], ["-x"], ["--out", "-v"], ["p", "-o", "q"]]) show(args, { options, allowPositionals: true });
show(["p"], { options }); show(["--any=1", "-z", "q"], { strict: false });
console.log(parseArgs({ args: ["-va", "--out", "x", "--", "y"], options, allowPositionals: true, tokens: true }).tokens);
