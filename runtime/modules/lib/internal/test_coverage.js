// SPDX-License-Identifier: MIT
// Coverage of several processes, put together: figures, a table, lcov, and
// V8's JSON for other tools.
import { join, relative } from "node:path";
import { makeDirectory, readText, writeFile } from "rill:internal/fs-sync";
import { loadBuiltin } from "rill:internal/modules";

export class Coverage {
  #files = new Map();

  // One process's list of files (runtime/testing/coverage_report.c).
  add(list) {
    for (const file of list) {
      const known = this.#files.get(file.file);
      if (known === undefined) {
        this.#files.set(file.file, file);
        continue;
      }
      for (const kind of ["functions", "statements", "arms"]) {
        // The same text gives the same lists.
        file[kind].forEach((entry, i) => {
          if (known[kind][i]?.[1] === entry[1]) known[kind][i][3] += entry[3];
        });
      }
    }
  }

  // Those that are to be reported, as figures.
  files(accepts) {
    return [...this.#files.values()].filter(({ file }) => accepts(file))
      .sort((a, b) => a.file < b.file ? -1 : 1)
      .map((file) => ({ ...file, ...figures(file) }));
  }
}

function figures({ functions, statements, branches, arms }) {
  const lines = new Map();
  for (const [line, , , count] of statements) {
    // What stands first on a line speaks for it, unless more ran.
    lines.set(line, Math.max(lines.get(line) ?? 0, count));
  }
  const hit = (list) => list.filter(([, , , count]) => count > 0).length;
  return {
    lines,
    found: {
      lines: lines.size, branches: arms.length, functions: functions.length,
      statements: statements.length,
    },
    hit: {
      lines: [...lines.values()].filter((count) => count > 0).length,
      branches: hit(arms),
      functions: hit(functions),
      statements: hit(statements),
    },
  };
}

const percent = (hit, found) => found === 0 ? 100 : 100 * hit / found;

export function totals(files) {
  const total = {};
  for (const kind of ["lines", "branches", "functions"]) {
    let found = 0, hit = 0;
    for (const file of files) {
      found += file.found[kind];
      hit += file.hit[kind];
    }
    total[kind] = percent(hit, found);
  }
  return total;
}

// "3-5, 9"
function ranges(numbers) {
  const parts = [];
  for (let i = 0; i < numbers.length;) {
    let end = i;
    while (numbers[end + 1] === numbers[end] + 1) end++;
    parts.push(end > i ? `${numbers[i]}-${numbers[end]}` : `${numbers[i]}`);
    i = end + 1;
  }
  return parts.join(", ");
}

export function table(files, printer) {
  const nameOf = (file) => relative(process.cwd(), file);
  const width = Math.max(9, ...files.map(({ file }) => nameOf(file).length));
  const shown = (value) => value.toFixed(2).padStart(8);
  const row = (name, lines, branches, functions, rest) =>
    `${name.padEnd(width)} ${lines} ${branches} ${functions}  ${rest}`
      .trimEnd();
  const color = (text, value) => value >= 80 ? printer.green(text)
      : value >= 50 ? printer.yellow(text) : printer.red(text);
  printer.line();
  printer.line(printer.bold(row("Coverage", " % lines", "% branch", " % funcs",
                                "not run")));
  const figure = ({ hit, found }, kind) => {
    const value = percent(hit[kind], found[kind]);
    return color(shown(value), value);
  };
  for (const file of files) {
    const missing = [...file.lines].filter(([, count]) => count === 0)
      .map(([line]) => line).sort((a, b) => a - b);
    printer.line(row(nameOf(file.file), figure(file, "lines"),
                     figure(file, "branches"), figure(file, "functions"),
                     ranges(missing)));
  }
  const all = totals(files);
  printer.line(row("all files", ...["lines", "branches", "functions"].map(
    (kind) => color(shown(all[kind]), all[kind])), ""));
}

function lcovText(files) {
  const out = [];
  for (const file of files) {
    out.push("TN:", `SF:${file.file}`);
    const names = new Map();
    const unique = (name, line) => {
      const base = name || `(anonymous_${line})`;
      const count = (names.get(base) ?? 0) + 1;
      names.set(base, count);
      return count === 1 ? base : `${base}_${count}`;
    };
    const functions = file.functions.map(([line, , , count, name]) =>
      [line, count, unique(name, line)]);
    for (const [line, , name] of functions) out.push(`FN:${line},${name}`);
    for (const [, count, name] of functions) out.push(`FNDA:${count},${name}`);
    out.push(`FNF:${file.found.functions}`, `FNH:${file.hit.functions}`);
    const arms = new Map();
    for (const [, , , count, branch] of file.arms) {
      const index = arms.get(branch) ?? 0;
      arms.set(branch, index + 1);
      const [line] = file.branches[branch];
      out.push(`BRDA:${line},${branch},${index},${count}`);
    }
    out.push(`BRF:${file.found.branches}`, `BRH:${file.hit.branches}`);
    for (const [line, count] of [...file.lines].sort((a, b) => a[0] - b[0])) {
      out.push(`DA:${line},${count}`);
    }
    out.push(`LF:${file.found.lines}`, `LH:${file.hit.lines}`, "end_of_record");
  }
  return `${out.join("\n")}\n`;
}

// V8's block coverage: a range whose count differs from that of the one around.
function v8Functions(file) {
  const counted = [...file.statements, ...file.arms]
    .map(([, start, end, count]) => ({ startOffset: start, endOffset: end,
                                       count }))
    .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  const make = (functionName, start, end, count) => ({
    functionName,
    isBlockCoverage: true,
    ranges: [{ startOffset: start, endOffset: end, count }],
  });
  const functions = [make("", 0, file.length, 1),
                     ...file.functions.map(([, start, end, count, name]) =>
                       make(name, start, end, count))];
  const contains = (a, b) => a.startOffset <= b.startOffset &&
      b.endOffset <= a.endOffset;
  for (const range of counted) {
    // The innermost function, then the innermost range in it.
    let owner = functions[0];
    for (const one of functions) {
      if (contains(one.ranges[0], range) &&
          contains(owner.ranges[0], one.ranges[0])) {
        owner = one;
      }
    }
    const around = owner.ranges.findLast((outer) => contains(outer, range));
    if (around.count !== range.count) owner.ranges.push(range);
  }
  return functions;
}

function v8Json(files) {
  return JSON.stringify({
    result: files.map((file, i) => ({
      scriptId: `${i + 1}`,
      url: loadBuiltin("node:url").pathToFileURL(file.file).href,
      functions: v8Functions(file),
    })),
  });
}

const escaped = (text) =>
  text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

const STYLE = `body{font:14px sans-serif;margin:2em}pre{margin:0}
td,th{padding:0 .6em;text-align:right}
td:first-child,th:first-child{text-align:left}
.c{color:#888;display:inline-block;width:6em;text-align:right;padding-right:1em}
.y{background:#e6ffe6}.n{background:#ffd6d6}.p{background:#fff3c4}`;

// A page: the figures, then each file's text with the count of every line.
function htmlText(files) {
  const name = ({ file }) => escaped(relative(process.cwd(), file));
  const cell = (value) => `<td>${value.toFixed(2)}</td>`;
  const kinds = ["lines", "branches", "functions"];
  const rows = files.map((file, i) => `<tr><td><a href="#f${i}">${
    name(file)}</a></td>${kinds.map((kind) =>
    cell(percent(file.hit[kind], file.found[kind]))).join("")}</tr>`);
  const all = totals(files);
  const texts = files.map((file, i) => {
    const partly = new Set(file.arms.filter((arm) => arm[3] === 0)
      .map((arm) => file.branches[arm[4]][0]));
    const source = readText(file.file);
    const lines = source.split("\n").map((text, at) => {
      const count = file.lines.get(at + 1);
      const kind = count === undefined ? "" : count === 0 ? "n"
          : partly.has(at + 1) ? "p" : "y";
      return `<span class="c">${count ?? ""}</span><span class="${kind}">${
        escaped(text)}</span>`;
    });
    return `<h3 id="f${i}">${name(file)}</h3><pre>${lines.join("\n")}</pre>`;
  });
  return `<!doctype html><meta charset="utf-8"><title>Coverage</title>
<style>${STYLE}</style>
<table><tr><th>Coverage</th><th>% lines</th><th>% branches</th>
<th>% functions</th></tr>${rows.join("\n")}<tr><th>all files</th>${
    kinds.map((kind) => cell(all[kind])).join("")}</tr></table>
<p>Green has run, red has not; of yellow lines a branch has not been taken.</p>
${texts.join("\n")}\n`;
}

// form -> [the file's name, what makes its text]
const FORMS = {
  lcov: ["lcov.info", lcovText],
  v8: ["coverage-rill.json", v8Json],
  html: ["index.html", htmlText],
};
export const forms = ["text", ...Object.keys(FORMS)];

// Writes a report below `folder`; its path.
export function write(form, files, folder) {
  const [name, make] = FORMS[form];
  const path = join(folder, name);
  makeDirectory(folder, { recursive: true });
  writeFile(path, make(files));
  return path;
}
