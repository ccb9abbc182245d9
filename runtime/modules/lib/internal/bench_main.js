// SPDX-License-Identifier: MIT
// rill bench --compare=...: runs files of benchmarks, or the programs of Octane,
// in rill and in other engines, taking turns, and prints what each takes and how
// many times as fast rill is.
import { basename, join } from "node:path";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { kernelProgram, octaneProgram } from "rill:internal/bench_harness";
import { median, ratioOf } from "rill:internal/bench_statistics";
import { temporaryDirectory } from "rill:fs";
import { run } from "rill:process";

const HELP = `rill bench [OPTIONS] FILES...

Times the functions that files register by bench(name, function, operations = 1);
a file that registers none is timed as a whole.

  --compare=ENGINES  beside other engines, taking turns: NAME=COMMAND or one of
                     qjs, node, node-jitless, rill-no-jit, separated by commas
  --octane=FOLDER    the programs of Octane there, or those named
  --rounds=N         of which the medians are taken; default 5
  --time=MS          that a benchmark runs in each round at least, after half of
                     it to warm up; default 50
  --clock=cpu        time that the main thread ran (Linux), not elapsed time
  --timeout=S        for each run of a program; default 300
  --json=FILE        every figure as JSON

and, for rill, those of rill run.
`;

const PRESETS = {
  __proto__: null,
  qjs: ["qjs", "--std"],
  node: ["node"],
  "node-jitless": ["node", "--jitless"],
};

const OCTANE = {
  __proto__: null,
  richards: ["richards"],
  deltablue: ["deltablue"],
  crypto: ["crypto"],
  raytrace: ["raytrace"],
  "earley-boyer": ["earley-boyer"],
  regexp: ["regexp"],
  splay: ["splay"],
  "navier-stokes": ["navier-stokes"],
  pdfjs: ["pdfjs"],
  gbemu: ["gbemu-part1", "gbemu-part2"],
  "code-load": ["code-load"],
  box2d: ["box2d"],
  zlib: ["zlib", "zlib-data"],
  typescript: ["typescript", "typescript-input", "typescript-compiler"],
};
// What the suite v8-v7 had of them.
const V8_V7 = new Set(["Richards", "DeltaBlue", "Crypto", "RayTrace",
                       "EarleyBoyer", "RegExp", "Splay", "NavierStokes"]);

class UsageError extends Error {}

function engine(text, own) {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  if (at >= 0) {
    const command = text.slice(at + 1).split(" ").filter(Boolean);
    if (command.length > 0 && name !== "") return { name, command };
  } else if (name === "rill-no-jit") {
    return { name, command: [...own, "--no-jit"] };
  } else if (PRESETS[name]) {
    return { name, command: PRESETS[name] };
  }
  throw new UsageError(`--compare: ${JSON.stringify(text)} is none of ${
    Object.keys(PRESETS).join(", ")}, rill-no-jit and NAME=COMMAND`);
}

function positive(name, text) {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) {
    throw new UsageError(`--${name} needs a positive number`);
  }
  return value;
}

const NEEDED = {
  __proto__: null,
  compare: (text, o) => o.compare = text.split(","),
  octane: (text, o) => o.octane = text,
  rounds: (text, o) => {
    o.rounds = positive("rounds", text);
    if (!Number.isSafeInteger(o.rounds)) {
      throw new UsageError("--rounds needs an integer");
    }
  },
  time: (text, o) => o.time = positive("time", text),
  timeout: (text, o) => o.timeout = positive("timeout", text) * 1000,
  json: (text, o) => o.json = text,
  clock(text, o) {
    if (text !== "cpu" && text !== "elapsed") {
      throw new UsageError("--clock is elapsed or cpu");
    }
    o.clock = text;
  },
};

function parseOptions(args) {
  const options = { compare: [], rounds: 5, time: 50, timeout: 300_000,
                    clock: "elapsed", names: [] };
  for (const arg of args) {
    const match = /^--([a-z]+)(?:=(.+))?$/s.exec(arg);
    if (!arg.startsWith("-")) {
      options.names.push(arg);
    } else if (arg === "--help") {
      options.help = true;
    } else if (match === null || !NEEDED[match[1]]) {
      throw new UsageError(`no option ${arg}`);
    } else if (match[2] === undefined) {
      throw new UsageError(`--${match[1]} needs a value`);
    } else {
      NEEDED[match[1]](match[2], options);
    }
  }
  return options;
}

// Programs: { name, make(settings) } gives the text for every engine.
function programsOf(options) {
  if (options.octane !== undefined) {
    const names = options.names.length > 0 ? options.names
                                           : Object.keys(OCTANE);
    return names.map((name) => {
      if (!OCTANE[name]) {
        throw new UsageError(`--octane has ${Object.keys(OCTANE).join(", ")
          }, not ${name}`);
      }
      const paths = ["base", ...OCTANE[name]]
        .map((file) => join(options.octane, `${file}.js`));
      paths.forEach((path) => statSync(path));
      return { name, make: (settings) => octaneProgram(paths, settings) };
    });
  }
  if (options.names.length === 0) throw new UsageError("which files?");
  return options.names.map((path) => {
    const text = readFileSync(path, "utf8");
    return { name: basename(path, ".js"),
             make: (settings) => kernelProgram(text, settings) };
  });
}

// name -> value of each benchmark of a program, run once; an error's text if it
// failed.
async function runOnce({ command }, path, { mark }, { timeout }) {
  let done;
  try {
    done = await run(command[0], [...command.slice(1), path], { timeout });
  } catch (error) {
    return error.message;
  }
  const found = new Map();
  for (const line of done.stdout.split("\n")) {
    if (!line.startsWith(mark)) continue;
    const { name, value } = JSON.parse(line.slice(mark.length));
    found.set(name, value);
  }
  if (done.code === 0 && found.size > 0) return found;
  const last = done.stderr.trim().split("\n").slice(0, 3).join(" ");
  return `${done.signal ?? `exit code ${done.code}`}${last && `: ${last}`}`;
}

// Table ------------------------------------------------------------------------

const UNITS = [[1e9, "s"], [1e6, "ms"], [1e3, "us"], [0, "ns"]];

function valueText(value, isScore) {
  if (isScore) return value.toFixed(0);
  const [scale, unit] = UNITS.find(([least]) => value >= least);
  return `${(value / (scale || 1)).toPrecision(3)} ${unit}`;
}

const ratioText = ({ ratio, low, high }) =>
  `${ratio.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;

const WIDTH = 30;
const row = (first, cells) => console.log(
  first.padEnd(34) + cells.map((cell) => cell.padStart(WIDTH)).join(""));

class Report {
  constructor(engines, isScore) {
    this.engines = engines;
    this.isScore = isScore;
    this.subjects = []; // { name, rounds: engine -> [value] }
    this.failures = [];
  }
  begin() {
    const what = this.isScore ? "scores" : "time for each operation";
    console.log(`Medians: ${what}; in brackets how many times as fast rill is ` +
                "[95 % interval]\n");
    row("", this.engines.map(({ name }) => name));
  }
  // [value of the engine, value of rill] in an order that makes more better.
  pairs({ rounds }, name) {
    const [own] = this.engines;
    return rounds[own.name].map((value, i) =>
      this.isScore ? [value, rounds[name][i]] : [rounds[name][i], value]);
  }
  isComplete({ rounds }, name) {
    const count = rounds[this.engines[0].name]?.length ?? 0;
    return count > 0 && rounds[name]?.length === count;
  }
  add(subject) {
    this.subjects.push(subject);
    row(subject.name, this.engines.map(({ name }, i) => {
      if (!this.isComplete(subject, name)) return "failed";
      const text = valueText(median(subject.rounds[name]), this.isScore);
      if (i === 0) return text;
      subject.ratios ??= {};
      subject.ratios[name] = ratioOf([this.pairs(subject, name)]);
      return `${text} (${ratioText(subject.ratios[name])})`;
    }));
  }
  mean(label, subjects) {
    const means = {};
    row(label, this.engines.map(({ name }, i) => {
      const usable = subjects.filter((one) => this.isComplete(one, name));
      if (i === 0 || usable.length === 0) return "";
      means[name] = ratioOf(usable.map((one) => this.pairs(one, name)));
      means[name].subjects = usable.length;
      return ratioText(means[name]);
    }));
    return means;
  }
  end() {
    const { subjects } = this;
    console.log();
    const means = { all: this.mean("geometric mean", subjects) };
    const old = subjects.filter(({ name }) => V8_V7.has(name));
    if (this.isScore && old.length === V8_V7.size) {
      means["v8-v7"] = this.mean("geometric mean of v8-v7", old);
    }
    for (const { name } of this.engines.slice(1)) {
      const slower = subjects.filter((one) => one.ratios?.[name]?.ratio < 1)
        .sort((a, b) => a.ratios[name].ratio - b.ratios[name].ratio)
        .map((one) => `${one.name} ${one.ratios[name].ratio.toFixed(2)}`);
      console.log(`Below 1 against ${name}: ${slower.join(", ") || "none"}`);
    }
    for (const failure of this.failures) console.log(`Failed: ${failure}`);
    return means;
  }
}

async function compare(programs, engines, options, folder) {
  const report = new Report(engines, options.octane !== undefined);
  const settings = { mark: "\x1ebench ", clock: options.clock,
                     time: options.time, warmUp: options.time / 2, batch: 5 };
  report.begin();
  for (const program of programs) {
    const path = join(folder, `${program.name}.js`);
    writeFileSync(path, program.make({ ...settings, name: program.name }));
    const subjects = new Map();
    const failed = new Set();
    for (let round = 0; round < options.rounds; round++) {
      for (let i = 0; i < engines.length; i++) {
        // Each engine is first in its turn.
        const one = engines[(i + round) % engines.length];
        if (failed.has(one)) continue;
        const found = await runOnce(one, path, settings, options);
        if (typeof found === "string") {
          failed.add(one);
          report.failures.push(`${program.name} in ${one.name}: ${found}`);
          continue;
        }
        for (const [name, value] of found) {
          const label = options.octane !== undefined || name === program.name
            ? name : `${program.name}: ${name}`;
          if (!subjects.has(name)) subjects.set(name, { name: label, rounds: {} });
          (subjects.get(name).rounds[one.name] ??= []).push(value);
        }
      }
    }
    for (const subject of subjects.values()) report.add(subject);
  }
  const means = report.end();
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({
      unit: report.isScore ? "score" : "ns",
      clock: options.clock,
      engines,
      subjects: report.subjects,
      means,
      failures: report.failures,
    }, null, 1)}\n`);
  }
  return report.failures.length === 0;
}

export async function main([args, shared]) {
  let options, programs, engines;
  try {
    options = parseOptions(args);
    if (options.help) {
      console.log(HELP.trimEnd());
      return;
    }
    const own = [process.execPath, "run", ...shared,
                 ...options.octane === undefined ? [] : ["--shell"]];
    engines = [{ name: "rill", command: own },
               ...options.compare.map((text) => engine(text, own))];
    programs = programsOf(options);
  } catch (error) {
    // A file that cannot be read has a code.
    if (!(error instanceof UsageError) && error.code === undefined) throw error;
    console.error(`rill bench: ${error.message}`);
    process.exitCode = 2;
    return;
  }
  await using folder = await temporaryDirectory({ prefix: "rill-bench-" });
  process.exitCode =
    await compare(programs, engines, options, folder.path) ? 0 : 1;
}
