// SPDX-License-Identifier: MIT
// The programs that rill bench --compare gives to every engine: a kernel with
// what times it, or a program of Octane with its driver. They run as scripts in
// QuickJS and as CommonJS modules in rill and Node, so they ask for no more than
// the language, console.log and performance.now.

// The functions timeKernels and driveOctane are read as text: they refer to
// nothing outside.

function timeKernels(settings) {
  const kernels = [];
  globalThis.bench = (name, run, operations) =>
    kernels.push({ name, run, operations: operations || 1 });

  let now = () => performance.now();
  if (settings.clock === "cpu") {
    // Nanoseconds that the main thread ran.
    const path = "/proc/self/schedstat";
    const read = typeof std === "object"
      ? () => { const f = std.open(path, "r"), s = f.getline(); f.close(); return s; }
      : () => require("fs").readFileSync(path, "latin1");
    now = () => parseInt(read(), 10) / 1e6;
  }

  const report = (name, value) =>
    console.log(settings.mark + JSON.stringify({ name, value }));
  // What kernels return is kept, so that no compiler leaves them out.
  let kept;
  const repeat = (run, count) => {
    const begin = now();
    for (let i = 0; i < count; i++) kept = run();
    return now() - begin;
  };
  const repeatAsync = async (run, count) => {
    const begin = now();
    for (let i = 0; i < count; i++) kept = await run();
    return now() - begin;
  };

  async function measure({ name, run, operations }) {
    let spent = now();
    kept = run();
    const isAsync = kept !== null && typeof kept === "object" &&
                    typeof kept.then === "function";
    if (isAsync) kept = await kept;
    spent = now() - spent;
    const round = isAsync ? repeatAsync : repeat;
    // Warm up; a batch is to be long beside the clock's steps.
    let count = 1, last = spent;
    while (spent < settings.warmUp) {
      if (last < settings.batch) count *= 2;
      last = isAsync ? await round(run, count) : round(run, count);
      spent += last;
    }
    let total = 0, calls = 0;
    do {
      total += isAsync ? await round(run, count) : round(run, count);
      calls += count;
    } while (total < settings.time);
    report(name, total / calls / operations * 1e6);
  }

  const begin = now();
  return async () => {
    if (kernels.length === 0) report(settings.name, (now() - begin) * 1e6);
    for (const kernel of kernels) await measure(kernel);
  };
}

function driveOctane(settings) {
  const failures = [];
  BenchmarkSuite.RunSuites({
    NotifyResult: (name, score) => console.log(settings.mark +
      JSON.stringify({ name, value: Number(score) })),
    NotifyError: (name, error) => failures.push(name + ": " + error),
    NotifyScore: () => {},
  });
  if (failures.length > 0) throw new Error(failures.join("; "));
}

// A kernel is wrapped in a function in all engines, so that its declarations are
// locals everywhere.
export function kernelProgram(text, settings) {
  return `const finish = (${timeKernels})(${JSON.stringify(settings)});
(function () {
${text}
})();
finish();
`;
}

// Octane's files are global scripts: rill needs --shell for them.
export function octaneProgram(paths, settings) {
  return `(function () {
if (typeof std === "object") {
  globalThis.read = std.loadFile;
  globalThis.load = std.loadScript;
} else if (typeof load === "undefined") {
  globalThis.read = (file) => require("fs").readFileSync(file, "utf8");
  globalThis.load = (file) => require("vm").runInThisContext(read(file), file);
}
globalThis.print = console.log;
for (const file of ${JSON.stringify(paths)}) load(file);
(${driveOctane})(${JSON.stringify(settings)});
})();
`;
}
