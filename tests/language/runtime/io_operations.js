// Every operation of rill:fs and rill:time in its three forms: fused with await,
// started and awaited later, and called as an ordinary function. All give the
// same, with good operands, bad ones, and when they are cancelled.
import * as fs from "rill:fs";
import * as time from "rill:time";

await using base = await fs.temporaryDirectory();
let folder;
const at = (name) => `${folder}/${name}`;
const p = (name) => () => at(name);
const data = "some text";
// name: operands of calls; the last one is where options go.
const operations = {
  sleep: [[[0], [-1], ["x"]], 1],
  readFile: [[[p("a")], [p("no")], [5.5], [9999]], 1],
  readText: [[[p("a")], [p("dir")], [null]], 1],
  writeFile: [[[p("w"), data], [p("no/w"), data], [p("w"), 5]], 2],
  appendFile: [[[p("a"), data], [p("dir"), data]], 2],
  truncate: [[[p("a"), 2], [p("no"), 2], [p("a"), -1]], 2],
  stat: [[[p("a")], [p("no")], [{}]], 1],
  lstat: [[[p("link")], [p("no")]], 1],
  statFileSystem: [[["/proc"], [p("no")]], 1],
  exists: [[[p("a")], [p("no")], [Symbol()]], 1],
  access: [[[p("a"), 4], [p("a"), 1], [p("no"), 0]], 2],
  readDirectory: [[[p("")], [p("a")]], 1],
  makeDirectory: [[[p("new")], [p("dir")], [p("x/y")]], 1],
  makeTemporaryDirectory: [[[p("t-")], [p("no/t-")]], 1],
  removeDirectory: [[[p("dir")], [p("a")]], 1],
  remove: [[[p("a")], [p("dir")], [p("no")]], 1],
  unlink: [[[p("a")], [p("dir")]], 1],
  rename: [[[p("a"), p("b")], [p("no"), p("b")], [p("a")]], 2],
  copyFile: [[[p("a"), p("b")], [p("dir"), p("b")]], 2],
  copy: [[[p("dir"), p("d2")], [p("no"), p("d2")]], 2],
  realPath: [[[p("link")], [p("no")]], 1],
  symbolicLink: [[["x", p("l")], ["x", p("a")]], 2],
  link: [[[p("a"), p("h")], [p("no"), p("h")]], 2],
  readLink: [[[p("link")], [p("a")]], 1],
  changeMode: [[[p("a"), 0o600], [p("no"), 0], [p("a"), "9"]], 2],
  changeOwner: [[[p("a"), -1, -1], [p("no"), -1, -1], [p("a"), 0.5, 0]], 3],
  setTimes: [[[p("a"), 1, 2n], [p("no"), 1, 1], [p("a"), NaN, 1]], 3],
};

async function forms(name, arity) {
  const names = ["a", "b", "c", "d"].slice(0, arity).join();
  const source = `
    import { ${name} } from "${name in time ? "rill:time" : "rill:fs"}";
    export const fused = async (${names}) => await ${name}(${names});
    export const unfused = async (${names}) => {
      const promise = ${name}(${names});
      return await promise;
    };
    export const indirect = async (${names}) => {
      const f = ${name};
      return await f(${names});
    };`;
  return import(`data:text/javascript,${encodeURIComponent(source)}`);
}

function show(value) {
  if (value instanceof Error) {
    return [value.name, value.code, value.syscall, value.message].join("|").replaceAll(folder, "F");
  }
  if (value instanceof Uint8Array) return `bytes ${value}`;
  const hide = (key, value) => /dev|ino|mode|Ms$|^b|^f|uid|gid/.test(key) ? typeof value : value;
  return String(JSON.stringify(value, hide)).replaceAll(folder, "F").replace(/t-\w{6}"/, 't-X"');
}

// What the call gives, and what it leaves behind.
async function outcome(call, operands) {
  folder = `${base.path}/f`;
  await fs.makeDirectory(at("dir"), { recursive: true });
  await fs.writeFile(at("a"), "one");
  await fs.symbolicLink("a", at("link"));
  const list = operands.map((o) => (typeof o === "function" ? o() : o));
  const order = [];
  const running = call(...list).then((value) => { order.push("settled"); return value; }, (error) => { order.push("settled"); return error; });
  order.push("returned");
  const result = await running;
  const left = [];
  for await (const entry of fs.walk(folder)) left.push(entry.path.slice(folder.length + 1).replace(/t-\w{6}/, "t-X"));
  await fs.remove(folder, { recursive: true });
  return `${show(result)} ${order} ${left}`;
}

let compared = 0;
async function compare(name, how, call, operands) {
  const { fused, unfused, indirect } = await call;
  const results = [];
  for (const form of [fused, unfused, indirect]) results.push(await outcome(form, operands()));
  compared++;
  if (new Set(results).size > 1) console.log("DIFFERENT", name, how, results);
  return results[0];
}

for (const [name, [calls, place]] of Object.entries(operations)) {
  const module = await forms(name, place + 1);
  for (const [i, operands] of calls.entries()) {
    const padded = Array.from({ length: place }, (_, k) => operands[k]);
    const result = await compare(name, `call ${i}`, module, () => padded);
    console.log(name, result.split(" settled")[0].split(" returned")[0]);
    const limited = (options) => () => [...padded, options()];
    await compare(name, "unused limits", module, limited(() => ({ signal: new AbortController().signal, timeout: 1e6 })));
  }
  const good = Array.from({ length: place }, (_, k) => calls[0][k]);
  const ends = [];
  for (const [how, options] of Object.entries({
    "aborted before": () => ({ signal: AbortSignal.abort(new Error("why")) }),
    "no signal": () => ({ signal: 5 }),
    "bad timeout": () => ({ timeout: -1 }),
  })) {
    ends.push((await compare(name, how, module, () => [...good, options()])).split(" returned")[0]);
  }
  if (ends.join() !== `Error|||why,TypeError|ERR_INVALID_ARG_TYPE||The "options.signal" property must be an instance of AbortSignal. Received type number (5),RangeError|ERR_OUT_OF_RANGE||The value of "options.timeout" is out of range. It must be >= 0. Received -1`) {
    console.log("LIMITS", name, ends);
  }
  // Aborted as soon as it has begun: the reason, or what the operation gives if
  // nothing of it can be taken back; never both, never neither.
  for (const form of Object.values(module)) {
    const controller = new AbortController();
    const all = outcome(form, [...good, { signal: controller.signal }]);
    queueMicrotask(() => controller.abort(new Error("why")));
    const text = await all;
    if (!/^(Error\|\|\|why|.*settled)/.test(text)) console.log("ABORT", name, text);
  }
}
console.log(compared);
