// SPDX-License-Identifier: MIT
// rill test: finds files of tests, runs each in a process of its own, and
// prints what they report, one file after the other.
import { join, relative, resolve } from "node:path";
import { isTerminal, writeOutput } from "rill:internal/test";
import { lstat, readDirectory, stat } from "rill:internal/fs-sync";
import { hostInfo } from "rill:internal/host";
import { Printer, reporters } from "rill:internal/test_reporters";
import { loadBuiltin } from "rill:internal/modules";
import { spawn } from "rill:process";

const HELP = `rill test [OPTIONS] [PATHS...]

Runs files of tests: those named, and in folders (default: this one) all
*.test.{js,mjs,cjs,ts,mts,cts}, *_test.* and what is in folders named test.

  --filter=TEXT        only tests whose full name has it; /REGEX/flags too
  --only               only tests marked by .only
  --bail[=N]           stop after N (1) failures
  --timeout=MS         for each test; default 5000, 0: no limit
  --jobs=N             files at a time; default: one for each processor
  --reporter=NAME      spec, dot, tap, junit or json
  --update-snapshots   write snapshots that differ, remove obsolete ones
  --ci                 write no snapshots: a missing one is a failure
  --seed=N             simulate every test with this seed: see --repeat
  --repeat=N           run each test N times; with --seed from that seed on
  --jitter=MS          of a simulation's timers, at most; default 1
  --events             print the events of a simulation that failed
  --shuffle[=SEED]     run tests in another order
  --coverage[=FORM]    text (default), html, lcov or v8 (in --coverage-folder,
                       default "coverage"); may be given several times
  --coverage-threshold=P  less than P % of lines, branches or functions fails
  --retries=N          of a test that fails
  --no-leaks           what tests leave open is no failure
  --watch              run again what changes
  --no-color, --color

and those of rill run. Exit codes: 0: all passed, 1: not so, 2: wrong options.
`;

const coverageModule = () => loadBuiltin("rill:internal/test_coverage");

class UsageError extends Error {}

function integer(name, text, least) {
  const value = Number(text);
  if (text === "" || !Number.isSafeInteger(value) || value < least) {
    throw new UsageError(`--${name} needs an integer from ${least} on`);
  }
  return value;
}

function number(name, text) {
  const value = Number(text);
  if (text === "" || !(value >= 0)) {
    throw new UsageError(`--${name} needs a number from 0 on`);
  }
  return value;
}

// [source, flags] of a RegExp.
function filterOf(text) {
  const match = /^\/(.*)\/([a-z]*)$/s.exec(text);
  const parts = match === null
    ? [RegExp.escape(text), ""] : [match[1], match[2].replace("g", "")];
  try {
    new RegExp(...parts);
  } catch (error) {
    throw new UsageError(`--filter: ${error.message}`);
  }
  return parts;
}

// name -> (value, options) of --name=value; without a value it is undefined.
const needed = (parse) => (text, options, name) => {
  if (text === undefined) throw new UsageError(`--${name} needs a value`);
  return parse(name, text, options);
};
const flag = (set) => (text, options, name) => {
  if (text !== undefined) throw new UsageError(`--${name} takes no value`);
  set(options);
};
const OPTIONS = {
  filter: needed((name, text, o) => o.filter = filterOf(text)),
  only: flag((o) => o.only = true),
  bail: (text, o, name) => o.bail = text === undefined ? 1
    : integer(name, text, 1),
  timeout: needed((name, text, o) => o.timeout = number(name, text)),
  jobs: needed((name, text, o) => o.jobs = integer(name, text, 1)),
  reporter: needed((name, text, o) => {
    if (!Object.hasOwn(reporters, text)) {
      throw new UsageError(`--reporter is one of ${
        Object.keys(reporters).join(", ")}, not ${text}`);
    }
    o.reporter = text;
  }),
  "update-snapshots": flag((o) => o.snapshotMode = "all"),
  ci: flag((o) => o.snapshotMode = "none"),
  seed: needed((name, text, o) => o.seed = integer(name, text, 0)),
  repeat: needed((name, text, o) => o.repeat = integer(name, text, 1)),
  jitter: needed((name, text, o) => o.jitter = number(name, text)),
  events: flag((o) => o.events = true),
  shuffle: (text, o, name) => o.shuffle = text === undefined
    ? Math.floor(Math.random() * 1e6) : integer(name, text, 0),
  retries: needed((name, text, o) => o.retries = integer(name, text, 0)),
  coverage(text, o) {
    const form = text ?? "text";
    const { forms } = coverageModule();
    if (!forms.includes(form)) {
      throw new UsageError(`--coverage is one of ${forms.join(", ")}, not ${
        form}`);
    }
    (o.coverage ??= new Set()).add(form);
  },
  "coverage-folder": needed((name, text, o) => o.coverageFolder = text),
  "coverage-threshold": needed((name, text, o) => {
    o.threshold = number(name, text);
    o.coverage ??= new Set(["text"]);
  }),
  watch: flag((o) => o.watch = true),
  "no-leaks": flag((o) => o.leaks = false),
  color: flag((o) => o.color = true),
  "no-color": flag((o) => o.color = false),
  help: flag((o) => o.help = true),
};

function parseOptions(args) {
  const options = {
    snapshotMode: "new",
    coverageFolder: "coverage",
    reporter: "spec",
    jobs: hostInfo().parallelism,
    color: isTerminal() && !process.env.NO_COLOR,
  };
  const paths = [];
  let ended = false;
  for (const arg of args) {
    if (ended || !arg.startsWith("-")) {
      paths.push(arg);
    } else if (arg === "--") {
      ended = true;
    } else {
      const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(arg);
      if (match === null || !Object.hasOwn(OPTIONS, match[1])) {
        throw new UsageError(`no option ${arg}`);
      }
      OPTIONS[match[1]](match[2], options, match[1]);
    }
  }
  return { options, paths };
}

// Files ----------------------------------------------------------------------

const EXTENSION = /\.[cm]?[jt]s$/;
const TEST = /[._-]test\.[cm]?[jt]s$|^test(?:-.*)?\.[cm]?[jt]s$/;

function find(folder, inTestFolder, found) {
  for (const name of readDirectory(folder).sort()) {
    const path = join(folder, name);
    if (name.startsWith(".") || name === "node_modules" ||
        name === "__snapshots__" || name === "fixtures") {
      continue;
    }
    if (lstat(path).isDirectory) {
      find(path, inTestFolder || name === "test", found);
    } else if (EXTENSION.test(name) && !name.endsWith(".d.ts") &&
               (inTestFolder || TEST.test(name))) {
      found.push(path);
    }
  }
}

function filesOf(paths) {
  const found = [];
  for (const path of paths.length === 0 ? ["."] : paths) {
    let stats;
    try {
      stats = stat(path);
    } catch (error) {
      throw new UsageError(`${path}: ${
        error.code === "ENOENT" ? "no such file or folder" : error.message}`);
    }
    if (stats.isDirectory) {
      find(resolve(path), false, found);
    } else {
      found.push(resolve(path));
    }
  }
  return [...new Set(found)];
}

// Processes -------------------------------------------------------------------

// What no line of a test begins with.
const mark = `\x1e${process.pid}.${Math.random().toString(36).slice(2)}:`;

// Hands over what comes, whole lines at a time, until the end or a cut.
async function readLines(reader, onLines) {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (let chunk; (chunk = await reader.read()) !== null;) {
      rest += decoder.decode(chunk, { stream: true });
      const end = rest.lastIndexOf("\n") + 1;
      if (end > 0) onLines(rest.slice(0, end));
      rest = rest.slice(end);
    }
  } catch (error) {
    if (error !== CUT) throw error;
  }
  if (rest !== "") onLines(rest);
}
const CUT = new Error("nobody reads any longer");
// Others may hold a process's output open after its end.
const PATIENCE = 300;

// Runs one file: tell(event) gets what it reports, and {type: "output", text};
// the last event is "end".
function runFile(file, settings, shared, tell, onEnd) {
  let ended = false, current, hangs;
  const child = spawn(process.execPath, [
    "test", ...shared, "--file", ...settings.coverage ? ["--count"] : [],
    JSON.stringify({ ...settings, file }),
  ], { stdin: "null", stdout: "pipe", stderr: "inherit" });
  const relax = () => clearTimeout(hangs);
  // Script is ended by its own process; this is for what never comes back.
  const watch = (timeout) => {
    relax();
    if (!Number.isFinite(timeout)) return;
    hangs = setTimeout(() => {
      current.hung = true;
      child.kill("SIGKILL");
    }, timeout * 2 + 5000);
  };
  const onEvent = (event) => {
    if (event.type === "start") {
      current = event;
      watch(event.timeout ?? Infinity);
      return;
    }
    relax();
    if (event.type === "end") ended = true;
    tell(event);
  };
  const onLines = (text) => {
    let output = "";
    for (const line of text.split(/(?<=\n)/)) {
      const at = line.indexOf(mark);
      if (at < 0) {
        output += line;
        continue;
      }
      output += line.slice(0, at);
      if (output !== "") {
        tell({ type: "output", text: output.endsWith("\n") ? output
                                                           : `${output}\n` });
      }
      output = "";
      onEvent(JSON.parse(line.slice(at + mark.length)));
    }
    if (output !== "") tell({ type: "output", text: output });
  };
  const report = (how) => {
    tell({
      type: "result",
      path: current?.path ?? ["<file>"],
      status: "fail",
      ms: 0,
      diagnostics: [],
      errors: [{
        name: "", stack: [],
        message: current === undefined ? `The file ${how} before its tests`
          : `The test's process ${how} while it ran, or after it`,
      }],
    });
    tell({ type: "end", failures: 1 });
  };
  (async () => {
    const reading = readLines(child.stdout, onLines);
    const { code, signal } = await child.status;
    const cut = setTimeout(() => child.stdout.cut(CUT), PATIENCE);
    await reading;
    clearTimeout(cut);
    relax();
    if (!ended) {
      report(current?.hung ? "did not come back, and was killed"
             : signal !== null ? `was killed by ${signal}`
             : `called process.exit(${code})`);
    }
    onEnd();
  })();
  return child;
}

async function runFiles(files, options, shared, reporter, coverage) {
  const { jobs, snapshotMode, filter, only, timeout, seed, repeat, jitter,
          events, shuffle, retries, leaks, bail } = options;
  const settings = { mark, snapshotMode, filter, only, timeout, seed, repeat,
                     jitter, events, shuffle, retries, leaks, bail,
                     coverage: coverage !== undefined,
                     places: options.reporter === "junit" ||
                             options.reporter === "json" };
  if (timeout === undefined) settings.timeout = 5000;
  if (timeout === 0) settings.timeout = null;
  let failures = 0, failedFiles = 0, bailed = false;
  const running = new Map(); // index of the file -> child
  // Events of files that are not to be shown yet.
  const buffers = files.map(() => []);
  const done = files.map(() => false);
  let head = 0;
  const show = (index, event) => {
    const file = files[index];
    switch (event.type) {
      case "result":
        reporter.result(file, event);
        break;
      case "output":
        reporter.output(file, event.text);
        break;
      case "end":
        if (event.failures > 0) failedFiles++;
        reporter.fileEnd(file, event);
        break;
    }
  };
  const advance = () => {
    for (; head < files.length; head++) {
      for (const event of buffers[head].splice(0)) show(head, event);
      if (!done[head]) return;
    }
  };
  let next = 0;
  await new Promise((finished) => {
    const start = () => {
      while (!bailed && running.size < jobs && next < files.length) {
        const index = next++;
        const tell = (event) => {
          if (event.type === "coverage") {
            coverage.add(event.files);
            return;
          }
          if (bailed) return;
          if (event.type === "result" && event.status === "fail") failures++;
          if (index === head) {
            show(index, event);
          } else {
            buffers[index].push(event);
          }
          if (failures >= (bail ?? Infinity)) {
            bailed = true;
            for (const buffer of buffers) {
              for (const late of buffer.splice(0)) show(index, late);
            }
            for (const child of running.values()) child.kill("SIGKILL");
          }
        };
        const onEnd = () => {
          running.delete(index);
          done[index] = true;
          if (!bailed) advance();
          if (running.size === 0 && (bailed || next === files.length)) {
            finished();
          } else {
            start();
          }
        };
        running.set(index,
                    runFile(files[index], settings, shared, tell, onEnd));
      }
    };
    start();
  });
  return { files: next, failures, failedFiles, bailed };
}

// Beside the results: on standard error where these are for programs.
function reportCoverage(coverage, tests, options) {
  const { table, totals, write } = coverageModule();
  const folder = `${process.cwd()}/`;
  const files = coverage.files((file) => file.startsWith(folder) &&
    !file.includes("/node_modules/") && !tests.includes(file));
  const isText = ["spec", "dot"].includes(options.reporter);
  const say = isText ? writeOutput : (text) => process.stderr.write(text);
  const printer = new Printer(say, isText && options.color);
  for (const form of options.coverage) {
    if (form === "text") {
      table(files, printer);
    } else {
      printer.line(`Coverage: ${write(form, files, options.coverageFolder)}`);
    }
  }
  let passed = true;
  for (const [kind, value] of Object.entries(totals(files))) {
    if (value >= (options.threshold ?? 0)) continue;
    passed = false;
    printer.line(printer.red(`Coverage of ${kind} is ${value.toFixed(2)} %, ` +
                             `below ${options.threshold} %`));
  }
  return passed;
}

async function runOnce(files, options, shared) {
  const begin = performance.now();
  const printer = new Printer(writeOutput, options.color);
  const reporter = new reporters[options.reporter](printer);
  const coverage = options.coverage && new (coverageModule().Coverage)();
  reporter.begin(files.length);
  const result = await runFiles(files, options, shared, reporter, coverage);
  const { failures, failedFiles, bailed } = result;
  reporter.end({
    files: result.files,
    failedFiles,
    bailed,
    shuffle: options.shuffle,
    ms: performance.now() - begin,
  });
  const passed = failures === 0;
  return coverage ? reportCoverage(coverage, files, options) && passed : passed;
}

const IGNORED = /(^|\/)(\.|node_modules\/|__snapshots__\/)/;
const SETTLE = 100; // milliseconds without another change

// Runs files of tests that changed, or all if something else did.
async function watchFiles(watcher, paths, options, shared) {
  const say = new Printer(writeOutput, options.color);
  let changed = new Set(), timer, running = Promise.resolve();
  const runChanged = async () => {
    const names = changed;
    changed = new Set();
    const all = filesOf(paths);
    const own = all.filter((file) => names.has(file));
    say.line();
    await runOnce(own.length === names.size ? own : all, options, shared);
    say.line(say.gray("Waiting for changes."));
  };
  say.line(say.gray("Waiting for changes."));
  for await (const { path } of watcher) {
    const name = relative(process.cwd(), resolve(path));
    if (IGNORED.test(name) || name.startsWith(options.coverageFolder) ||
        !/\.[cm]?[jt]sx?$|\.json$/.test(name)) {
      continue;
    }
    changed.add(resolve(path));
    clearTimeout(timer);
    timer = setTimeout(() => running = running.then(runChanged), SETTLE);
  }
}

export async function main([args, shared]) {
  let options, paths, files;
  try {
    ({ options, paths } = parseOptions(args));
    if (options.help) {
      writeOutput(HELP);
      return;
    }
    files = filesOf(paths);
  } catch (error) {
    // A folder that cannot be read has a code.
    if (!(error instanceof UsageError) && error.code === undefined) throw error;
    console.error(`rill test: ${error.message}`);
    process.exitCode = 2;
    return;
  }
  let watcher;
  if (options.watch) {
    // What changes from now on is seen.
    watcher = loadBuiltin("rill:fs").watch(process.cwd(), { recursive: true });
    await watcher.ready;
  }
  if (files.length === 0) {
    console.error("rill test: no files of tests were found");
    process.exitCode = 1;
    if (!options.watch) return;
  } else {
    process.exitCode = await runOnce(files, options, shared) ? 0 : 1;
  }
  if (options.watch) await watchFiles(watcher, paths, options, shared);
}
