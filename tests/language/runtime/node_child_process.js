// What node:child_process gives and says, as Node 20 does.
import cp from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

const show = (...values) => console.log(...values.map((value) =>
  typeof value === "string" ? value : JSON.stringify(value)));
const text = async (stream) => {
  let all = "";
  for await (const chunk of stream.setEncoding("utf8")) all += chunk;
  return all;
};

// spawn
{
  const child = cp.spawn("cat");
  show(child.spawnfile, child.spawnargs, child.connected, child.killed,
       child.exitCode, child.signalCode, child.stdio.length);
  child.stdin.write("written ");
  child.stdin.end("ended");
  show(await text(child.stdout));
  show(await once(child, "close"), child.exitCode);
}
{
  const child = cp.spawn("sh", ["-c", "exec sleep 9"], { stdio: "ignore" });
  show(child.stdin, child.kill(), child.killed);
  show(await once(child, "exit"), child.signalCode, child.kill());
}
{
  const child = cp.spawn("no-such-command", ["a"]);
  show(child.pid === undefined);
  const [error] = await once(child, "error");
  show(error.message, error.code, error.errno, error.syscall, error.path,
       error.spawnargs);
}
{
  const child = cp.spawn("echo $0 $1 'x y'", { shell: true });
  show(await text(child.stdout));
}
{
  const child = cp.spawn("sh", ["-c", "read a <&3; echo got $a >&3"],
                         { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  child.stdio[3].end("three\n");
  show(await text(child.stdio[3]));
}
{
  const first = cp.spawn("echo", ["a b c"]);
  const second = cp.spawn("wc", ["-w"], { stdio: [first.stdout, "pipe", 2] });
  show((await text(second.stdout)).trim());
}
{
  const controller = new AbortController();
  const child = cp.spawn("sleep", ["9"], { signal: controller.signal });
  setTimeout(() => controller.abort(), 10);
  const [error] = await once(child, "error");
  show(error.name, error.code, error.message);
  show(child.killed, await once(child, "exit"));
}
{
  const child = cp.spawn("sleep", ["9"], { timeout: 20, killSignal: "SIGINT" });
  show(await once(child, "exit"));
}

// exec, execFile
const finished = (f) => new Promise((resolve) =>
  f((error, stdout, stderr) => resolve(
    [error && { message: error.message, code: error.code, killed: error.killed,
                signal: error.signal, cmd: error.cmd }, stdout, stderr])));
show(await finished((done) => cp.exec("echo out; echo err >&2", done)));
show(await finished((done) => cp.exec("echo no >&2; exit 3", done)));
show(await finished((done) => cp.exec("sleep 9", { timeout: 20 }, done)));
show(await finished((done) => cp.exec("yes", { maxBuffer: 6 }, done)));
show(await finished((done) => cp.execFile("printf", ["%s", "a b"], done)));
show(await finished((done) => cp.execFile("no-such-command", done)));
show((await finished((done) => cp.execFile(
  "printf", ["\\377"], { encoding: "buffer" }, done)))[1]);
show(await promisify(cp.exec)("echo promised"));
try {
  await promisify(cp.execFile)("sh", ["-c", "echo some; exit 1"]);
} catch (error) {
  show(error.message, error.code, error.stdout);
}

// Synchronous
{
  const { pid, ...rest } = cp.spawnSync("sh", ["-c", "cat; echo err >&2; exit 2"],
                                        { input: "in", encoding: "utf8" });
  show(pid > 0, rest);
}
{
  const { error, ...rest } = cp.spawnSync("no-such-command");
  show(error.message, rest);
}
show(cp.execSync("echo sync").toString());
show(cp.execFileSync("wc", ["-c"], { input: Buffer.alloc(5), encoding: "utf8" })
  .trim());
for (const f of [
  () => cp.execSync("echo bad >&2; exit 1", { stdio: "pipe" }),
  () => cp.execFileSync("sleep", ["9"], { timeout: 20 }),
  () => cp.execFileSync("yes", { maxBuffer: 10, stdio: "pipe" }),
]) {
  try {
    f();
  } catch (error) {
    show(error.message, error.code, error.status, error.signal,
         error.stdout?.length > 0);
  }
}

// What is refused
for (const f of [
  () => cp.spawn(5),
  () => cp.spawn(""),
  () => cp.spawn("a", 5),
  () => cp.spawn("a", [], 5),
  () => cp.spawn("a", [], { cwd: 5 }),
  () => cp.spawn("a", [], { uid: "x" }),
  () => cp.spawn("a", [], { stdio: "foo" }),
  () => cp.spawn("a", [], { stdio: ["pipe", "ipc", "ipc"] }),
  () => cp.spawn("a", [], { killSignal: "SIGFOO" }),
  () => cp.spawn("a", [], { timeout: -1 }),
  () => cp.spawn("a\0b"),
  () => cp.spawn("a", ["\0"]),
  () => cp.spawn("a", { env: { A: "\0" } }),
  () => cp.spawn("a", { shell: 5 }),
  () => cp.spawn("a", { argv0: 5 }),
  () => cp.spawn("a", { detached: 5 }),
  () => cp.exec(5),
  () => cp.execFile("a", 5, "x"),
  () => cp.execFile("a", [], {}, 5),
  () => cp.fork(),
  () => cp.fork("a", { stdio: ["pipe", "pipe", "pipe"] }),
  () => cp.fork("a", { stdio: "foo" }),
  () => cp.spawnSync("a", { maxBuffer: -1 }),
  () => cp.spawnSync("a", { stdio: "ipc" }),
  () => cp.spawnSync("a", { stdio: ["ipc"] }),
]) {
  try {
    f();
  } catch (error) {
    show(error.name, error.code, error.message);
  }
}

// process
show(process.kill(process.pid, 0), typeof process.ppid);
try {
  process.kill(process.pid, "SIGFOO");
} catch (error) {
  show(error.code, error.message);
}
try {
  process.kill("x");
} catch (error) {
  show(error.code, error.message);
}
const heard = once(process, "SIGWINCH");
process.kill(process.pid, "SIGWINCH");
show(await heard);
show(process.listenerCount("SIGWINCH"));
for (const f of [() => process.exit("x"), () => { process.exitCode = 1.5; },
                 () => process.umask("9x"), () => process.chdir(5),
                 () => process.chdir("/no-such-folder"),
                 () => process.hrtime(5), () => process.emitWarning(5),
                 () => process.setuid({})]) {
  try {
    f();
  } catch (error) {
    show(error.name, error.code, error.message.replace(/'[^']*' -> /, ""));
  }
}
