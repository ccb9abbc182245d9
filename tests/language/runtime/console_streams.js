// Consoles over streams, as Node 20 prints.
import { Console } from "node:console";
import { PassThrough } from "node:stream";
let out = "", err = "";
const p = new PassThrough(), q = new PassThrough();
p.on("data", (d) => out += d);
q.on("data", (d) => err += d);
const show = (f) => {
  try {
    console.log(f());
  } catch (e) {
    console.log(e.name, e.code, e.message);
  }
};
show(() => new Console());
show(() => new Console({}));
show(() => new Console(5));
show(() => new Console({ stdout: 5 }));
show(() => new Console({ stdout: p, stderr: 5 }));
show(() => new Console({ stdout: p, groupIndentation: -1 }));
show(() => new Console({ stdout: p, groupIndentation: "x" }));
show(() => new Console({ stdout: p, inspectOptions: 5 }));
show(() => new Console({ stdout: p, colorMode: 5 }));
show(() => Console(p) instanceof Console);
show(() => new Console(p) instanceof Console);
show(() => console instanceof Console);
show(() => console.Console === Console);
const c = new Console({ stdout: p, stderr: q, groupIndentation: 4, inspectOptions: { depth: 0, compact: false } });
c.log("a %s", "b", { a: { b: 1 } });
c.group("g", 1);
c.info("in\nside");
c.group();
c.warn("w");
c.groupEnd();
c.groupEnd();
c.groupEnd();
c.count();
c.count("x");
c.countReset();
c.count();
c.table([{ a: 1 }]);
c.table(5);
c.assert(false, "as %s", 1);
c.assert(true);
c.error(new Error("e").message);
c.dir({ a: { b: { c: { d: {} } } } }, { depth: 5 });
c.dirxml([1], 2);
c.time("t");
c.timeEnd("nope");
c.timeLog("nope");
c.time("t");
c.debug("dbg");
c.trace("tr");
c.clear();
c.countReset("never");
c.groupCollapsed("gc");
c.log("x");
c.groupEnd();
const { log } = c;
log("detached");
const both = new Console(p);
both.error("one stream");
const bad = new PassThrough();
bad.write = () => { throw new Error("w");
};
new Console(bad).log("x");
show(() => new Console({ stdout: bad, ignoreErrors: false }).log("x"));
const asy = new PassThrough();
asy.destroy();
new Console(asy).log("x");

await new Promise((r) => setTimeout(r, 20));
process.stdout.write(out.replace(/\d+(\.\d+)?m?s/g, "T") + "-----\n" + err.replace(/\n +at .*/g, ""));
class Own extends Console {
  log(text) {
    super.log(`own ${text}`);
  }
}
out = "";
new Own(p).log("x");
console.log(new Own(p) instanceof Own);
await new Promise((r) => setTimeout(r, 5));
process.stdout.write(out);
