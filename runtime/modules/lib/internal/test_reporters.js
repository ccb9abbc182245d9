// SPDX-License-Identifier: MIT
// What rill test prints: spec, dot, tap, junit, json. A reporter has
// begin(files), result(file, event), output(file, text), fileEnd(file, event)
// and end(summary).
import { relative } from "node:path";

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, gray: 90, bold: 1 };

export class Printer {
  constructor(write, color) {
    this.write = write;
    this.color = color;
    for (const [name, code] of Object.entries(CODES)) {
      this[name] = color ? (text) => `\x1b[${code}m${text}\x1b[0m`
                         : (text) => text;
    }
  }
  line(text = "") {
    this.write(`${text}\n`);
  }
}

function nameOf(file) {
  const path = relative(process.cwd(), file);
  return path === "" || path.startsWith("..") ? file : path;
}

const indented = (text, by) =>
  text.split("\n").map((line) => line === "" ? "" : `${by}${line}`).join("\n");

function coloredDiff(printer, diff) {
  return diff.split("\n").map((line) =>
    line.startsWith("-") ? printer.green(line)
    : line.startsWith("+") ? printer.red(line)
    : line.startsWith("  ...") ? printer.gray(line) : line).join("\n");
}

// An error as lines of text.
function errorText(error, printer) {
  const lines = [];
  const head = error.name === "" || error.name === "AssertionError"
    ? error.message : `${error.name}: ${error.message}`;
  const why = error.why === "uncaught" ? "not caught: "
      : error.why?.startsWith("after ") ? `${error.why}: ` : "";
  lines.push(printer.red(`${why}${head}`));
  if (error.diff) lines.push("", coloredDiff(printer, error.diff));
  if (error.excerpt) lines.push("", error.excerpt);
  if (error.stack.length > 0) {
    lines.push(...error.excerpt || error.diff ? [""] : [],
               ...error.stack.map((line) => printer.gray(line)));
  }
  if (error.cause) {
    lines.push("", `because of ${errorText(error.cause, printer)}`);
  }
  for (const one of error.errors ?? []) {
    lines.push("", `with ${errorText(one, printer)}`);
  }
  return lines.join("\n");
}

const quoted = (text) => `'${text.replace(/'/g, "'\\''")}'`;

// How to run one test again.
function rerun(file, event) {
  const { simulation, path } = event;
  if (simulation === undefined) return undefined;
  const name = path.join(" ").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return `rill test ${nameOf(file)} --filter=${
    quoted(`/^${name}$/`)} --seed=${simulation.seed}${
    simulation.jitter === 1 ? "" : ` --jitter=${simulation.jitter}`}`;
}

const duration = (ms) =>
  ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(1)} ms`;

class Counting {
  counts = { pass: 0, fail: 0, skip: 0, todo: 0 };
  failures = [];
  constructor(printer) {
    this.printer = printer;
  }
  begin() {}
  output() {}
  fileEnd() {}
  result(file, event) {
    this.counts[event.status]++;
    if (event.status === "fail") this.failures.push({ file, event });
  }
  get total() {
    const { pass, fail, skip, todo } = this.counts;
    return pass + fail + skip + todo;
  }
}

class Text extends Counting {
  #snapshots = { written: 0, updated: 0, removed: 0, obsolete: [] };
  fileEnd(file, { snapshots }) {
    if (snapshots === undefined) return;
    for (const key of ["written", "updated", "removed"]) {
      this.#snapshots[key] += snapshots[key];
    }
    for (const name of snapshots.obsolete) {
      this.#snapshots.obsolete.push(`${nameOf(file)}: ${name}`);
    }
  }
  #failureDetails() {
    const { printer } = this;
    printer.line();
    printer.line(printer.bold("Failures:"));
    this.failures.forEach(({ file, event }, i) => {
      printer.line();
      printer.line(`${i + 1}) ${printer.bold(
        [nameOf(file), ...event.path].join(" > "))}`);
      for (const error of event.errors) {
        printer.line(indented(errorText(error, printer), "   "));
      }
      if (event.tries) printer.line(`   failed ${event.tries} times`);
      const again = rerun(file, event);
      if (again !== undefined) {
        printer.line(`   seed ${event.simulation.seed}, ${
          event.simulation.steps} events, trace ${event.simulation.trace}`);
        printer.line(`   again: ${again}`);
        for (const name of event.simulation.log ?? []) {
          printer.line(printer.gray(`     ${name}`));
        }
      }
    });
  }
  end({ files, failedFiles, ms, shuffle, bailed }) {
    const { printer, counts } = this;
    if (this.failures.length > 0) this.#failureDetails();
    const parts = [];
    if (counts.pass > 0) parts.push(printer.green(`${counts.pass} passed`));
    if (counts.fail > 0) parts.push(printer.red(`${counts.fail} failed`));
    if (counts.skip > 0) parts.push(printer.yellow(`${counts.skip} skipped`));
    if (counts.todo > 0) parts.push(printer.blue(`${counts.todo} todo`));
    if (parts.length === 0) parts.push("none");
    printer.line();
    printer.line(`Tests: ${parts.join(", ")}`);
    printer.line(`Files: ${files}${
      failedFiles > 0 ? `, ${printer.red(`${failedFiles} failed`)}` : ""}${
      bailed ? ", then stopped by --bail" : ""}`);
    const { written, updated, removed, obsolete } = this.#snapshots;
    const changes = Object.entries({ written, updated, removed })
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${count} ${what}`);
    if (obsolete.length > 0) changes.push(`${obsolete.length} obsolete`);
    if (changes.length > 0) printer.line(`Snapshots: ${changes.join(", ")}`);
    for (const name of obsolete) printer.line(`  obsolete: ${name}`);
    if (shuffle !== undefined) {
      printer.line(`Order: shuffled, again by --shuffle=${shuffle}`);
    }
    printer.line(`Time: ${duration(ms)}`);
  }
}

const SLOW = 75;

class Spec extends Text {
  #file;
  #shown = [];
  result(file, event) {
    super.result(file, event);
    const { printer } = this;
    this.#heading(file);
    const suites = event.path.slice(0, -1);
    let common = 0;
    while (common < suites.length && this.#shown[common] === suites[common]) {
      common++;
    }
    for (let i = common; i < suites.length; i++) {
      printer.line(`${"  ".repeat(i + 1)}${suites[i]}`);
    }
    this.#shown = suites;
    const by = "  ".repeat(event.path.length);
    const name = event.path.at(-1);
    const why = event.reason ? ` (${event.reason})` : "";
    const time = event.ms >= SLOW ? printer.yellow(` (${duration(event.ms)})`)
                                  : "";
    switch (event.status) {
      case "pass":
        printer.line(`${by}${printer.green("✓")} ${name}${time}${
          event.tries ? ` (after ${event.tries} tries)` : ""}`);
        break;
      case "fail":
        printer.line(`${by}${printer.red("✗")} ${printer.red(name)}${time}`);
        break;
      case "skip":
        printer.line(`${by}${printer.yellow("-")} ${name}, skipped${why}`);
        break;
      case "todo":
        printer.line(`${by}${printer.blue("…")} ${name}, todo${why}`);
        break;
    }
    for (const text of event.diagnostics) printer.line(`${by}  ${text}`);
  }
  #heading(file) {
    if (file === this.#file) return;
    if (this.#file !== undefined) this.printer.line();
    this.#file = file;
    this.#shown = [];
    this.printer.line(this.printer.bold(nameOf(file)));
  }
  output(file, text) {
    this.#heading(file);
    this.printer.write(text);
  }
}

class Dot extends Text {
  #column = 0;
  result(file, event) {
    super.result(file, event);
    const { printer } = this;
    const mark = { pass: ".", fail: "F", skip: "-", todo: "-" }[event.status];
    printer.write(event.status === "fail" ? printer.red(mark) : mark);
    if (++this.#column % 80 === 0) printer.line();
  }
  output(file, text) {
    if (this.#column % 80 !== 0) this.printer.line();
    this.#column = 0;
    this.printer.write(text);
  }
  end(summary) {
    if (this.#column % 80 !== 0) this.printer.line();
    super.end(summary);
  }
}

const tapName = (text) => text.replace(/[\\#]/g, "\\$&").replace(/\n/g, " ");
const yamlText = (text) => text.includes("\n")
  ? `|-\n${indented(text, "    ")}` : JSON.stringify(text);

class Tap extends Counting {
  begin() {
    this.printer.line("TAP version 14");
  }
  result(file, event) {
    super.result(file, event);
    const { printer } = this;
    const ok = event.status === "fail" ||
        (event.status === "todo" && event.errors?.length > 0)
      ? "not ok" : "ok";
    const directive = event.status === "skip" || event.status === "todo"
      ? ` # ${event.status.toUpperCase()}${
        event.reason ? ` ${tapName(event.reason)}` : ""}` : "";
    printer.line(`${ok} ${this.total} - ${
      tapName([nameOf(file), ...event.path].join(" > "))}${directive}`);
    printer.line("  ---");
    printer.line(`  duration_ms: ${event.ms.toFixed(3)}`);
    for (const error of event.errors ?? []) {
      const plain = new Printer(undefined, false);
      printer.line(`  message: ${yamlText(errorText(error, plain))}`);
      const { place } = error;
      if (place !== undefined) {
        printer.line(`  at: ${place.file}:${place.line}:${place.column}`);
      }
    }
    const again = rerun(file, event);
    if (event.status === "fail" && again !== undefined) {
      printer.line(`  again: ${JSON.stringify(again)}`);
    }
    printer.line("  ...");
    for (const text of event.diagnostics) printer.line(`# ${text}`);
  }
  output(file, text) {
    for (const line of text.replace(/\n$/, "").split("\n")) {
      this.printer.line(`# ${line}`);
    }
  }
  end() {
    const { pass, fail, skip, todo } = this.counts;
    this.printer.line(`1..${this.total}`);
    this.printer.line(`# tests ${this.total}`);
    this.printer.line(`# pass ${pass}`);
    this.printer.line(`# fail ${fail}`);
    this.printer.line(`# skipped ${skip}`);
    this.printer.line(`# todo ${todo}`);
  }
}

const xml = (text) => text
  .replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
  .replace(/[^\t\n\x20-\uffff]/g, "?");

class JUnit extends Counting {
  #files = new Map();
  #of(file) {
    if (!this.#files.has(file)) {
      this.#files.set(file, { cases: [], output: "" });
    }
    return this.#files.get(file);
  }
  result(file, event) {
    super.result(file, event);
    this.#of(file).cases.push(event);
  }
  output(file, text) {
    this.#of(file).output += text;
  }
  end({ ms }) {
    const { printer, counts } = this;
    const seconds = (time) => (time / 1000).toFixed(3);
    const plain = new Printer(undefined, false);
    printer.line('<?xml version="1.0" encoding="UTF-8"?>');
    printer.line(`<testsuites tests="${this.total}" failures="${
      counts.fail}" skipped="${counts.skip + counts.todo}" time="${
      seconds(ms)}">`);
    for (const [file, { cases, output }] of this.#files) {
      const of = (status) =>
        cases.filter((event) => event.status === status).length;
      printer.line(`  <testsuite name="${xml(nameOf(file))}" tests="${
        cases.length}" failures="${of("fail")}" skipped="${
        of("skip") + of("todo")}" time="${
        seconds(cases.reduce((sum, event) => sum + event.ms, 0))}">`);
      for (const event of cases) {
        const place = event.place === undefined ? ""
            : ` line="${event.place.line}"`;
        printer.line(`    <testcase name="${
          xml(event.path.join(" > "))}" classname="${
          xml(nameOf(file))}" file="${xml(nameOf(file))}"${place} time="${
          seconds(event.ms)}">`);
        if (event.status === "fail") {
          for (const error of event.errors) {
            printer.line(`      <failure message="${
              xml(error.message)}" type="${xml(error.name)}">${
              xml(errorText(error, plain))}</failure>`);
          }
        } else if (event.status !== "pass") {
          printer.line(`      <skipped message="${
            xml(event.reason ?? event.status)}"/>`);
        }
        printer.line("    </testcase>");
      }
      if (output !== "") {
        printer.line(`    <system-out>${xml(output)}</system-out>`);
      }
      printer.line("  </testsuite>");
    }
    printer.line("</testsuites>");
  }
}

// One JSON object a line.
class Json extends Counting {
  #line(object) {
    this.printer.line(JSON.stringify(object));
  }
  result(file, event) {
    super.result(file, event);
    this.#line({ ...event, file: nameOf(file), again: event.status === "fail"
      ? rerun(file, event) : undefined });
  }
  output(file, text) {
    this.#line({ type: "output", file: nameOf(file), text });
  }
  fileEnd(file, event) {
    this.#line({ ...event, type: "file", file: nameOf(file) });
  }
  end(summary) {
    this.#line({ type: "end", ...this.counts, ...summary });
  }
}

export const reporters = {
  spec: Spec, dot: Dot, tap: Tap, junit: JUnit, json: Json,
};
