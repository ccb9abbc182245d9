// stderr: to standard error
// exit: 4
import {
  args, chdir, cwd, env, exit, kill, memoryUsage, onExit, onSignal, pid, ppid,
  resourceUsage, run, signals, spawn, stderr, stdout, title, umask,
} from "rill:process";

async function failed(f) {
  try {
    await f();
    return "nothing";
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

// run
console.log(JSON.stringify(await run("echo", ["a b", "c"])));
console.log(JSON.stringify(await run("cat", { input: "given" })));
console.log((await run("cat", [], { input: (function* () {
  yield "from ";
  yield new Uint8Array([97, 98]);
})() })).stdout);
console.log((await run("printf", ["\\377"], { encoding: "bytes" })).stdout[0]);
console.log((await run("sh", ["-c", "exit 3"])).code,
            (await run("sh", ["-c", "kill -9 $$"])).signal);
console.log((await run("sh", ["-c", "echo $A $B"],
                       { env: { ...env, A: "1", B: 2 } })).stdout.trim());
console.log((await run("pwd", { cwd: "/" })).stdout.trim());
console.log((await run("sh", ["-c", "echo $0"], { argv0: "name" })).code);
try {
  await run("sh", ["-c", "echo out; echo bad >&2; exit 2"], { check: true });
} catch (error) {
  console.log(error.name, error.message, error.code, error.signal,
              JSON.stringify([error.stdout, error.stderr, error.command]));
}

// Errors
console.log(await failed(() => spawn("no-such-command")));
console.log(await failed(() => spawn("")));
console.log(await failed(() => spawn("a\0b")));
console.log(await failed(() => spawn("true", [], { stdin: "what" })));
console.log(await failed(() => spawn("true", [], { stdout: -1 })));
console.log(await failed(() => spawn("true", [], { timeout: -1 })));
console.log(await failed(() => spawn("true", [], { killSignal: "SIGWHAT" })));
console.log(await failed(() => spawn("true", [], { signal: AbortSignal.abort() })));
console.log(await failed(() => run("yes", [], { maxBuffer: 10 })));
console.log(await failed(() => run("sleep", ["9"], { timeout: 20 })));
console.log(await failed(() => run("true", [], { encoding: "no-such" })));
console.log(await failed(() => run("/dev/null")));
console.log(await failed(() => kill(pid, "SIGWHAT")));
console.log(await failed(() => onSignal("SIGKILL", () => {})));

// A child
{
  await using child = spawn("cat");
  console.log(child.pid > 0, child.stderr !== null);
  await child.stdin.write("one\ntwo\r\n");
  await child.stdin.write("three");
  await child.stdin.close();
  for await (const line of child.stdout.lines()) console.log(line);
  console.log(JSON.stringify(await child.status), child.kill());
}
{
  const child = spawn("echo", ["streams"], { stderr: "null" });
  const parts = [];
  await child.stdout.readable.pipeThrough(new TextDecoderStream())
    .pipeTo(new WritableStream({ write: (part) => void parts.push(part) }));
  console.log(parts.join("").trim(), child.stderr);
}
{
  const child = spawn("sleep", ["9"]);
  console.log(await failed(() => child.stdout.read({ timeout: 20 })));
  console.log(child.kill("SIGINT"), JSON.stringify(await child.status));
  console.log(await failed(() => child.stdin.write("x")));
}
{
  const controller = new AbortController();
  const child = spawn("sleep", ["9"], { signal: controller.signal });
  const reading = failed(() => child.stdout.text());
  controller.abort(new Error("enough"));
  console.log(await failed(() => child.status), await reading);
}

// Files and streams
const file = `/tmp/rill-process-${pid}`;
await run("sh", ["-c", "echo first"], { stdout: { file } });
await run("sh", ["-c", "echo second"], { stdout: { file, append: true } });
console.log((await run("cat", { stdin: { file } })).stdout.trim().split("\n"));
await run("rm", [file]);
{
  const out = [];
  const child = spawn("tr", ["a-z", "A-Z"], {
    stdin: (async function* () {
      yield "shou";
      yield "ted";
    })(),
    stdout: new WritableStream({
      write: (chunk) => void out.push(new TextDecoder().decode(chunk)),
    }),
  });
  await child.status;
  for (let i = 0; i < 1000 && !out.join("").endsWith("TED"); i++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  console.log(out.join(""));
}

// Signals
{
  using first = onSignal("SIGUSR1", (name) => console.log("heard", name));
  const iterator = signals("SIGUSR1", "SIGUSR2");
  kill(pid, "SIGUSR1");
  console.log((await iterator.next()).value);
  kill(pid, "SIGUSR2");
  for await (const name of iterator) {
    console.log(name);
    break;
  }
  console.log(JSON.stringify(await iterator.next()));
}
// What gives its input fails: the child is not left waiting for the rest.
{
  const input = async function* () {
    yield "some";
    throw new Error("no more");
  };
  const child = spawn("cat", [], { stdin: input() });
  console.log(await failed(() => child.status));
  console.log(await failed(() => run("cat", { input: input() })));
}

// The program itself
const before = cwd();
chdir("/");
console.log(cwd());
chdir(before);
console.log(args.length, ppid > 0, typeof env.PATH, title("named"), title());
console.log(umask(0o27) === umask(), umask(), memoryUsage().rss > 1e6,
            resourceUsage().userCPUTime >= 0);
console.log(stdout.isTerminal, stdout.columns);
await stderr.write("to standard error\n");
await stdout.write("to standard ");
await stdout.write(new TextEncoder().encode("output\n"));
onExit((code) => console.log("exit", code));
const never = onExit(() => console.log("never"));
never.stop();
exit(4);
