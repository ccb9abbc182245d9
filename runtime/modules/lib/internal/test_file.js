// SPDX-License-Identifier: MIT
// One file of tests: in a process of its own, told by rill test what to do, or
// in a program that rill run runs, after it.
import { loadBuiltin } from "rill:internal/modules";
import {
  coverageReport,
  isTerminal,
  loadFile,
  writeOutput,
} from "rill:internal/test";
import { config, onIdle, runAll } from "rill:internal/test_runner";
import { snapshots } from "rill:internal/test_snapshot";

let managed = false;

// rill test --file JSON. Events are lines among the output of the tests: the
// mark, then JSON.
export async function main([[text]]) {
  const { mark, filter, snapshotMode, argv, ...rest } = JSON.parse(text);
  managed = true;
  Object.assign(config, rest);
  config.bail = rest.bail ?? Infinity;
  config.timeout = rest.timeout ?? Infinity;
  if (filter !== undefined) config.filter = new RegExp(...filter);
  snapshots.file = config.file;
  snapshots.mode = snapshotMode;
  config.report = (event) =>
    writeOutput(`${mark}${JSON.stringify(event)}\n`);
  process.argv[1] = config.file;
  process.on("beforeExit", onIdle);
  const passed = await runAll(() => loadFile(config.file));
  const files = coverageReport();
  if (files !== undefined) {
    writeOutput(`${mark}{"type":"coverage","files":${files}}\n`);
  }
  process.exit(passed ? 0 : 1);
}

// A file with tests that is run as a program.
export function autorun() {
  if (managed) return;
  managed = true;
  const { Printer, reporters } = loadBuiltin("rill:internal/test_reporters");
  const printer = new Printer(writeOutput, isTerminal());
  const reporter = new reporters.spec(printer);
  const file = process.argv[1] ?? "<program>";
  config.report = (event) => {
    if (event.type === "result") reporter.result(file, event);
  };
  snapshots.file = process.argv[1];
  let ran = false;
  process.on("beforeExit", () => {
    if (ran) {
      onIdle();
      return;
    }
    ran = true;
    const begin = performance.now();
    reporter.begin(1);
    runAll().then((passed) => {
      reporter.end({ files: 1, failedFiles: passed ? 0 : 1,
                     ms: performance.now() - begin });
      process.exit(process.exitCode || (passed ? 0 : 1));
    });
  });
}
