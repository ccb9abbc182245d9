// A program on a terminal. What it does is its first argument.
import readline from "node:readline";
import { createInterface } from "node:readline/promises";
import { exit, kill, onSignal, pid, stderr, stdin, stdout } from "rill:process";

const rest = () => new Promise((resolve) => setTimeout(resolve, 20000));
// console.log would colour them.
const print = (...values) => console.log(values.join(" "));
const raw = () => {
  stdin.setRawMode();
  console.log("raw");
};

const programs = {
  async keys() {
    raw();
    for await (const bytes of stdin) {
      console.log([...bytes].join(" "));
      if (bytes.includes(4)) break;
    }
  },
  async leave() {
    const mode = stdin.setRawMode();
    console.log("raw");
    await stdin.read();
    mode.leave();
    console.log("left");
    await stdin.read();
  },
  async end() {
    raw();
    await stdin.read();
  },
  async exit() {
    raw();
    await stdin.read();
    exit(3);
  },
  async error() {
    raw();
    await stdin.read();
    throw new Error("uncaught");
  },
  async wait() {
    raw();
    await rest();
  },
  async abort() {
    raw();
    await stdin.read();
    process.abort();
  },
  async resize() {
    print(stdout.columns, stdout.rows, process.stdout.columns,
          process.stdout.rows, stdin.isTerminal, stderr.isTerminal);
    process.stdout.on("resize", () =>
      print("node", ...process.stdout.getWindowSize()));
    stdout.onResize((columns, rows) => print("rill", columns, rows));
    await rest();
  },
  async colors() {
    print(stdout.colorDepth, process.stdout.getColorDepth(),
          process.stdout.hasColors(256));
  },
  async signal() {
    let count = 0;
    const listening = onSignal("SIGINT", () => {
      print("SIGINT", ++count);
      if (count === 2) listening.stop();
    });
    console.log("ready");
    await rest();
  },
  async lines() {
    const editor = readline.createInterface({
      input: process.stdin,
      output: process.stdout,
      prompt: "$ ",
      completer: (line) => [["hello", "help", "world"].filter(
        (text) => text.startsWith(line)), line],
    });
    editor.on("line", (line) => {
      console.log(`LINE ${JSON.stringify(line)}`);
      editor.prompt();
    });
    editor.on("close", () => console.log("CLOSED"));
    editor.prompt();
  },
  async question() {
    using asking = createInterface({ input: process.stdin,
                                     output: process.stdout });
    console.log(`ANSWER ${await asking.question("name? ")}`);
    const signal = AbortSignal.timeout(100);
    try {
      await asking.question("again? ", { signal });
    } catch (error) {
      console.log(`ERROR ${error.name}`);
    }
  },
  async interrupt() {
    const editor = readline.createInterface({ input: process.stdin,
                                              output: process.stdout });
    editor.on("SIGINT", () => {
      console.log("EDITOR SIGINT");
      editor.close();
    });
    editor.prompt();
  },
  async suspend() {
    readline.createInterface({ input: process.stdin, output: process.stdout })
      .on("line", (line) => {
        console.log(`LINE ${line}`);
        exit();
      }).prompt();
  },
};
await programs[process.argv[2]]();
