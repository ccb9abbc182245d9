// Hard cases of children; each prints one line, and the end is "end".
import { readdirSync, readFileSync } from "node:fs";
import cp from "node:child_process";
import { kill, run, spawn } from "rill:process";

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const descriptors = () => readdirSync("/proc/self/fd").length;
const residentKb = () =>
  Number(/VmRSS:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);

// Children of this process, zombies included.
function childCount() {
  let count = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      if (Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0]) ===
          process.pid) count++;
    } catch {} // it ended meanwhile
  }
  return count;
}

// Slowly; and whether memory stayed where it was.
async function consume(stream) {
  const start = residentKb();
  let bytes = 0, most = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes % (8 << 20) < chunk.length) {
      await wait(2);
      most = Math.max(most, residentKb() - start);
    }
  }
  return `${bytes}, ${most < 48 * 1024 ? "bounded" : `${most} KB more`}`;
}

async function failed(promise) {
  try {
    await promise;
    return "nothing";
  } catch (error) {
    return `${error.name} ${error.message}`;
  }
}

await run("true"); // what is opened once
await new Promise((resolve) => cp.spawn("true").on("close", resolve));
const before = descriptors();

const cases = {
  async "ignores SIGTERM"() {
    const start = performance.now();
    const text = await failed(run(
      "sh", ["-c", "trap '' TERM; while :; do sleep 0.05; done"],
      { timeout: 100, grace: 150 }));
    const took = performance.now() - start;
    return `${text}, ${took > 200 && took < 3000}`;
  },
  async "a group dies as a whole"() {
    const child = spawn("sh", ["-c", "sleep 60 & echo $!; wait"],
                        { group: true });
    const grandchild = Number(new TextDecoder().decode(await child.stdout.read()));
    child.cut();
    await child.status;
    await wait(50);
    try {
      process.kill(grandchild, 0);
      // Nobody may have waited for it yet.
      const stat = readFileSync(`/proc/${grandchild}/stat`, "utf8");
      return stat.includes(") Z ") ? "dead" : "alive";
    } catch {
      return "dead";
    }
  },
  async "closes its output early"() {
    const child = spawn("sh", ["-c", "exec >&- 2>&-; sleep 0.1; exit 5"]);
    const text = await child.stdout.text();
    return JSON.stringify([text, await child.status]);
  },
  async "exits before its input is written"() {
    await using child = spawn("true");
    await child.status;
    return failed(child.stdin.write("x".repeat(1 << 20)));
  },
  async "does not want its input"() {
    const { code } = await run("true", [], { input: "x".repeat(1 << 22) });
    return code;
  },
  async "writes 100 MB"() {
    return consume(spawn("head", ["-c", "104857600", "/dev/zero"]).stdout);
  },
  async "writes 100 MB to nobody, then to a slow reader"() {
    const child = cp.spawn("head", ["-c", "104857600", "/dev/zero"]);
    await wait(100);
    return consume(child.stdout);
  },
  async "takes 64 MB through cat"() {
    const child = spawn("cat");
    const piece = new Uint8Array(1 << 20);
    const writing = (async () => {
      for (let i = 0; i < 64; i++) await child.stdin.write(piece);
      await child.stdin.close();
    })();
    let bytes = 0;
    for await (const chunk of child.stdout) bytes += chunk.length;
    await writing;
    return bytes;
  },
  async "1,000 in sequence"() {
    let good = 0;
    for (let i = 0; i < 1000; i++) good += (await run("true")).code === 0;
    return good;
  },
  async "100 at once"() {
    const all = Array.from({ length: 100 }, (_, i) => run("echo", [i]));
    const results = await Promise.all(all);
    return results.every(({ stdout }, i) => stdout === `${i}\n`);
  },
  async "nobody refers to them"() {
    const open = descriptors();
    for (let i = 0; i < 50; i++) spawn("true");
    // Their pipes go with the objects.
    for (let i = 0; i < 300 && descriptors() > open; i++) {
      for (let j = 0; j < 50; j++) new Array(10000).fill({});
      await wait(5);
    }
    return `${childCount()} ${descriptors() <= open}`;
  },
  async "a signal aborts"() {
    const controller = new AbortController();
    const running = run("sleep", ["60"], { signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    const text = await failed(running);
    const already = await failed(run("sleep", ["60"],
                                     { signal: controller.signal }));
    return `${text}; ${already}`;
  },
  async "too much output"() {
    const text = await failed(run("yes", [], { maxBuffer: 5000 }));
    return text;
  },
  async "await using"() {
    let child;
    {
      await using scoped = spawn("sleep", ["60"]);
      child = scoped;
    }
    return JSON.stringify(await child.status);
  },
  async "there is no such command or folder"() {
    return [await failed(run("no-such-command")),
            await failed(run("ls", [], { cwd: "/no-such-folder" })),
            await failed(run("/etc/passwd"))].join("; ");
  },
  async "of Node's module, 100 in sequence"() {
    for (let i = 0; i < 100; i++) {
      await new Promise((resolve) => cp.execFile("true", resolve));
    }
    for (let i = 0; i < 20; i++) cp.execFileSync("true");
    return childCount();
  },
  async "synchronous, slow and greedy"() {
    const slow = cp.spawnSync("sleep", ["60"], { timeout: 50 });
    const greedy = cp.spawnSync("yes", [], { maxBuffer: 1000 });
    const input = cp.execFileSync("wc", ["-c"], { input: "x".repeat(1 << 20) });
    const deaf = cp.spawnSync("true", [], { input: "x".repeat(1 << 20) });
    return [slow.error.code, slow.signal, greedy.error.code,
            greedy.stdout.length, String(input).trim(), deaf.status].join(" ");
  },
  async "signals of our own, then the default again"() {
    const { onSignal, signals } = await import("rill:process");
    let count = 0;
    {
      using listening = onSignal("SIGALRM", () => count++);
      kill(process.pid, "SIGALRM");
      await wait(30);
    }
    const iterator = signals("SIGUSR2");
    kill(process.pid, "SIGUSR2");
    const { value } = await iterator.next();
    await iterator.return();
    const child = spawn(process.execPath, ["eval", `
      import("rill:process").then(({ kill, onSignal, pid }) => {
        const listening = onSignal("SIGALRM", () => {});
        listening.stop();
        kill(pid, "SIGALRM");
        setTimeout(() => {}, 5000);
      });`]);
    return `${count} ${value} ${JSON.stringify(await child.status)}`;
  },
};

for (const [name, test] of Object.entries(cases)) {
  let result;
  try {
    result = await test();
  } catch (error) {
    result = error.stack;
  }
  console.log(`${name}: ${result}`);
}
await wait(50);
console.log(`descriptors: ${descriptors() <= before ? "none left"
                                                    : descriptors() - before}`);
console.log(`children: ${childCount()}`);
console.log("end");
