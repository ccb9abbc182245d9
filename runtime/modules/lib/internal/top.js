// SPDX-License-Identifier: MIT
// rill top: asks a program's socket for snapshots and shows them: once, as JSON,
// or as a live view with keys.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { emitKeypressEvents } from "rill:internal/keypress";
import { details, fit, header, line, rowsOf, SORTS, summary } from
  "rill:internal/top_table";
import { connect } from "rill:net";

const HELP = `rill top [OPTIONS] PID|SOCKET

Watches the tasks of a program that was started with --inspect-tasks, or with
RILL_TOP=1 in its environment. Without a program: lists those that can be
watched.

  --once           print a table and end
  --json           print a snapshot as JSON and end
  --interval=MS    between looks; default 1000
  --sort=KEY       ${SORTS.join(", ")}; default busy

Keys: q end, arrows or j k move, enter details, escape back, s sort by another
column, r the other way round, p pause.
`;

class UsageError extends Error {}

function parseOptions(args) {
  const options = { interval: 1000, sort: "busy", once: false, json: false };
  for (const arg of args) {
    const match = /^--([a-z]+)(?:=(.*))?$/.exec(arg);
    if (match === null && arg.startsWith("-")) {
      throw new UsageError(`no option ${arg}`);
    }
    if (match === null) {
      if (options.target !== undefined) throw new UsageError("one program only");
      options.target = arg;
      continue;
    }
    const [, name, value] = match;
    if (name === "interval" && /^\d+$/.test(value) && value >= 50) {
      options.interval = Number(value);
    } else if (name === "sort" && SORTS.includes(value)) {
      options.sort = value;
    } else if (["once", "json", "help"].includes(name) && value === undefined) {
      options[name] = true;
    } else {
      throw new UsageError(`no option ${arg}, or a wrong value`);
    }
  }
  return options;
}

// As runtime/trace/inspect.c makes it.
function socketFolder() {
  const base = process.env.XDG_RUNTIME_DIR;
  return base?.startsWith("/") ? join(base, "rill")
                               : `/tmp/rill-${process.geteuid()}`;
}

function pathOf(target) {
  if (target.includes("/")) return target;
  if (!/^\d+$/.test(target)) {
    throw new UsageError(`${target} is neither a process's number nor a path`);
  }
  const path = join(socketFolder(), `${target}.sock`);
  if (existsSync(path)) return path;
  throw new Error(`process ${target} has no socket ${path}; it has to be ` +
                  "started with --inspect-tasks, or with RILL_TOP=1");
}

function list() {
  const folder = socketFolder();
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const pids = names.filter((n) => /^\d+\.sock$/.test(n))
    .map((n) => n.slice(0, -5)).filter((pid) => existsSync(`/proc/${pid}`));
  if (pids.length === 0) {
    console.error("rill top: no program can be watched; start one with " +
                  "--inspect-tasks or RILL_TOP=1");
    process.exitCode = 1;
  }
  for (const pid of pids) console.log(pid);
}

class Source {
  #connection;
  #rest = new Uint8Array(0);
  constructor(connection) {
    this.#connection = connection;
  }
  static async open(path) {
    return new Source(await connect({ path, timeout: 5000 }));
  }
  // One line as an object.
  async snapshot() {
    await this.#connection.write("snapshot\n");
    const chunks = [this.#rest];
    for (;;) {
      const last = chunks.at(-1), at = last.indexOf(10);
      if (at >= 0) {
        this.#rest = last.slice(at + 1);
        chunks[chunks.length - 1] = last.slice(0, at);
        break;
      }
      const chunk = await this.#connection.read();
      if (chunk === null) throw new Error("the program has ended");
      chunks.push(chunk.slice());
    }
    const snapshot = JSON.parse(Buffer.concat(chunks).toString());
    if (snapshot.error !== undefined) throw new Error(snapshot.error);
    return snapshot;
  }
  close() {
    return this.#connection.close();
  }
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function printOnce(source, options, title) {
  let previous;
  if (!options.json) {
    // Shares are of the time between two looks.
    previous = await source.snapshot();
    await wait(Math.min(options.interval, 500));
  }
  const snapshot = await source.snapshot();
  if (options.json) {
    console.log(JSON.stringify(snapshot));
    return;
  }
  const width = process.stdout.columns ?? 160;
  for (const text of summary(snapshot, previous, title)) console.log(text);
  console.log(`\n${header(width).trimEnd()}`);
  for (const row of rowsOf(snapshot, previous, options.sort)) {
    console.log(line(row, width).trimEnd());
    for (const warning of row.warnings) console.log(`           ! ${warning}`);
  }
}

// The live view -------------------------------------------------------------

const ENTER = "\x1b[?1049h\x1b[?25l", LEAVE = "\x1b[?25h\x1b[?1049l";
const inverse = (text) => `\x1b[7m${text}\x1b[0m`;
const bold = (text) => `\x1b[1m${text}\x1b[0m`;
const red = (text) => `\x1b[31m${text}\x1b[0m`;

class View {
  #options;
  #title;
  #snapshot;
  #previous;
  #rows = [];
  #chosen; // the task's id
  #detail = false;
  #scroll = 0;
  #reverse = false;
  paused = false;
  constructor(options, title) {
    this.#options = options;
    this.#title = title;
  }

  update(snapshot) {
    this.#previous = this.#snapshot;
    this.#snapshot = snapshot;
    this.draw();
  }

  get #index() {
    return Math.max(0, this.#rows.findIndex((r) => r.id === this.#chosen));
  }

  move(by) {
    if (this.#detail) {
      this.#scroll = Math.max(0, this.#scroll + by);
    } else {
      const index = Math.min(this.#rows.length - 1, Math.max(0, this.#index + by));
      this.#chosen = this.#rows[index]?.id;
    }
  }
  open() {
    this.#detail = this.#rows.length > 0;
    this.#scroll = 0;
  }
  back() {
    this.#detail = false;
  }
  nextSort() {
    const at = SORTS.indexOf(this.#options.sort);
    this.#options.sort = SORTS[(at + 1) % SORTS.length];
  }
  turnRound() {
    this.#reverse = !this.#reverse;
  }

  draw() {
    const width = process.stdout.columns ?? 80, height = process.stdout.rows ?? 24;
    const lines = [];
    if (this.#snapshot !== undefined) {
      this.#rows = rowsOf(this.#snapshot, this.#previous, this.#options.sort,
                          this.#reverse);
      this.#chosen ??= this.#rows[0]?.id;
      if (this.#detail) {
        this.#drawDetails(lines, width, height - 1);
      } else {
        this.#drawTable(lines, width, height - 1);
      }
    }
    const keys = this.#detail ? "esc back  up/down scroll  q end"
        : "q end  up/down move  enter details  " +
          `s sort (${this.#options.sort}${this.#reverse ? ", reversed" : ""})  ` +
          `r reverse  p ${this.paused ? "go on" : "pause"}`;
    while (lines.length < height - 1) lines.push("");
    lines.push(inverse(fit(keys, width)));
    process.stdout.write(`\x1b[H${lines.map((l) => `${l}\x1b[K`).join("\r\n")}`);
  }

  #drawTable(lines, width, height) {
    for (const text of summary(this.#snapshot, this.#previous, this.#title)) {
      if (lines.length < height - 3) lines.push(fit(text, width).trimEnd());
    }
    lines.push(bold(header(width)));
    const room = Math.max(1, height - lines.length), index = this.#index;
    const from = Math.max(0, Math.min(index - Math.floor(room / 2),
                                      this.#rows.length - room));
    for (const [i, row] of this.#rows.slice(from, from + room).entries()) {
      const text = line(row, width);
      lines.push(from + i === index ? inverse(text)
                 : row.warnings.length > 0 ? red(text) : text);
    }
  }

  #drawDetails(lines, width, height) {
    const row = this.#rows.find((r) => r.id === this.#chosen);
    const all = row === undefined ? ["The task has ended."] : details(row);
    this.#scroll = Math.min(this.#scroll, Math.max(0, all.length - height));
    for (const text of all.slice(this.#scroll, this.#scroll + height)) {
      lines.push(fit(text, width).trimEnd());
    }
  }
}

async function watch(source, options, title) {
  const view = new View(options, title);
  const { stdin, stdout } = process;
  const ended = Promise.withResolvers();
  const page = () => Math.max(1, (stdout.rows ?? 24) - 6);
  const keys = {
    q: () => ended.resolve(),
    up: () => view.move(-1),
    k: () => view.move(-1),
    down: () => view.move(1),
    j: () => view.move(1),
    pageup: () => view.move(-page()),
    pagedown: () => view.move(page()),
    home: () => view.move(-Infinity),
    end: () => view.move(Infinity),
    return: () => view.open(),
    enter: () => view.open(),
    escape: () => view.back(),
    backspace: () => view.back(),
    s: () => view.nextSort(),
    r: () => view.turnRound(),
    p: () => (view.paused = !view.paused),
  };
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on("keypress", (_, key) => {
    if (key.ctrl && key.name === "c") ended.resolve();
    else if (Object.hasOwn(keys, key.name ?? "")) keys[key.name]();
    else return;
    view.draw();
  });
  stdin.resume();
  const redraw = () => view.draw();
  stdout.on("resize", redraw);
  stdout.write(`${ENTER}\x1b[2J`);
  let over = false;
  const done = ended.promise.finally(() => (over = true));
  try {
    while (!over) {
      const snapshot = view.paused ? undefined
          : await Promise.race([source.snapshot(), done]);
      if (snapshot !== undefined) view.update(snapshot);
      await Promise.race([wait(options.interval), done]);
    }
    await done;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stdout.off("resize", redraw);
    stdout.write(LEAVE);
  }
}

export async function main(args) {
  try {
    const options = parseOptions(args);
    if (options.help) {
      console.log(HELP.trimEnd());
      return;
    }
    if (options.target === undefined) {
      list();
      return;
    }
    const path = pathOf(options.target);
    const source = await Source.open(path);
    const title = `rill top ${options.target}`;
    if (options.once || options.json) {
      await printOnce(source, options, title);
    } else if (process.stdin.isTTY && process.stdout.isTTY) {
      await watch(source, options, title);
    } else {
      throw new UsageError("there is no terminal: use --once or --json");
    }
    await source.close();
  } catch (error) {
    console.error(`rill top: ${error.message}`);
    process.exit(error instanceof UsageError ? 2 : 1);
  }
}
