#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The system gives no more memory: each program runs under many limits of its
address space (RLIMIT_AS), from less than the program needs to start.

Usage: test_address_space.py RILL [--limits N] [--only NAME] [--at MIB] [--show]

However little there is, a program ends in time by itself: with exit code 0, or
with another one and a word about it; by no signal. What a script catches is a
RangeError, and it goes on after it.
"""
import argparse
import concurrent.futures
import os
import re
import resource
import subprocess
import sys
import tempfile

CATCH = """
function outOfMemory(e) {
  if (!(e instanceof RangeError)) throw e;
  return true;
}
let caught = 0;
function fill(step, most) {
  let all = [];
  try { for (let i = 0; i < most; i++) all.push(step(i)); }
  catch (e) { all = null; if (outOfMemory(e)) caught++; }
}
"""
WORKER = """
import { parentPort } from "node:worker_threads";
const all = [];
for (let i = 0; i < 3e5; i++) all.push({ i });
parentPort.postMessage(all.length);
"""
GO_ON = """
let sum = 0;
for (let i = 0; i < 1000; i++) sum += { i, list: [i] }.list[0];
if (sum !== 499500) throw new Error("a sum is wrong: " + sum);
console.log("went on, caught " + caught);
"""
PROGRAMS = {
    "start": "let caught = 0;",
    "objects": CATCH + "fill((i) => ({ i, o: { i } }), 4e6);",
    "arrays": CATCH + """
fill((i) => new Array(100000).fill(i), 1000);
let long = [];
try { for (let i = 0; i < 3e7; i++) long.push(i); }
catch (e) { long = null; if (outOfMemory(e)) caught++; }""",
    "strings": CATCH + """
fill((i) => ("x" + i).repeat(300000).toUpperCase(), 500);
let s = "ab";
try { for (;;) { s += s; s.charCodeAt(7); s.replace("ba", "c"); } }
catch (e) { s = null; if (outOfMemory(e)) caught++; }""",
    "buffers": CATCH + """
fill((i) => new Uint8Array(1 << 20).fill(i), 600);
fill((i) => new ArrayBuffer(10, { maxByteLength: 1 << 24 }), 300);
fill((i) => new SharedArrayBuffer(1 << 22), 300);""",
    "maps": CATCH + """
let map = new Map(), set = new Set(), weak = new WeakMap(), keys = [];
try { for (let i = 0; i < 3e6; i++) {
  map.set(i, i); set.add("k" + i);
  if (i % 8 === 0) { const key = {}; keys.push(key); weak.set(key, [i]); }
} }
catch (e) { map = set = weak = keys = null; if (outOfMemory(e)) caught++; }""",
    "properties": CATCH + """
let o = {};
try { for (let i = 0; i < 2e6; i++) o["p" + i] = i; }
catch (e) { o = null; if (outOfMemory(e)) caught++; }""",
    "recursion": CATCH + """
const deep = (n) => n === 0 ? 0 : 1 + deep(n - 1);
for (const n of [1000, 10000, 1e7]) {
  try { deep(n); } catch (e) { if (outOfMemory(e)) caught++; }
}
const nest = (n) => { let a = []; for (let i = 0; i < n; i++) a = [a]; return a; };
try { JSON.stringify(nest(1e6)); } catch (e) { if (outOfMemory(e)) caught++; }
try { new RegExp("(".repeat(1e5)); } catch (e) { caught++; }""",
    "depth": CATCH + """
const text = "[".repeat(1e5), kept = [];
text.charCodeAt(5);
try { for (let i = 0; i < 3e5; i++) kept.push(new Array(1000).fill(0)); }
catch (e) { if (outOfMemory(e)) caught++; }
try { JSON.parse(text); } catch (e) { caught++; }
if (kept.length === 0) throw new RangeError("no memory at all");""",
    "bigints": CATCH + """
fill((i) => 7n ** BigInt(200000 + i), 300);
let b = 3n;
try { for (let i = 0; i < 26; i++) b *= b; }
catch (e) { b = null; if (outOfMemory(e)) caught++; }""",
    "regexps": CATCH + """
fill((i) => new RegExp("(a|b" + i + ")*c[x-z]{3,50}"), 20000);
try { /(?:(a+)+)+$/.test("a".repeat(25) + "b"); }
catch (e) { caught++; }""",
    "closures": CATCH + """
fill((i) => Function("a", "return () => a + " + i + "; // " + "x".repeat(500)), 50000);
let generators = [];
try { for (let i = 0; i < 200000; i++) {
  const g = function* () { yield i; }(); g.next(); generators.push(g); } }
catch (e) { generators = null; if (outOfMemory(e)) caught++; }""",
    "promises": CATCH + """
fill((i) => new Promise(() => {}).then(() => i), 500000);
await null;""",
    "json": CATCH + """
let text;
try {
  text = JSON.stringify(Array.from({ length: 300000 }, (_, i) => ({ i, s: "s" + i })));
} catch (e) { if (outOfMemory(e)) caught++; }
fill(() => JSON.parse(text ?? "[]"), 20);
try { structuredClone(JSON.parse(text ?? "[]")); } catch (e) { caught++; }
try { JSON.parse(text ?? "[]").sort((a, b) => b.i - a.i).map((x) => [x]); }
catch (e) { if (outOfMemory(e)) caught++; }""",
    "timers": CATCH + """
const timers = [];
try { for (let i = 0; i < 300000; i++) timers.push(setTimeout(() => {}, 1e6)); }
catch (e) { if (outOfMemory(e)) caught++; }
for (const timer of timers) clearTimeout(timer);
await new Promise((resolve) => setTimeout(resolve, 1)).catch(() => {});""",
    "finalizers": CATCH + """
const registry = new FinalizationRegistry(() => {});
fill((i) => { const o = { i }; registry.register(o, i, o); return new WeakRef(o); },
     500000);
fill((i) => { registry.register({ i }, i); new ArrayBuffer(5000); }, 300000);""",
    "modules": CATCH + """
for (let i = 0; i < 300; i++) {
  try { await import("data:text/javascript,export const a = " + i + ";//" + "x".repeat(50000)); }
  catch (e) { caught++; }
}""",
    "workers": CATCH + """
const { Worker } = await import("node:worker_threads");
const workers = [];
let came = 0;
for (let i = 0; i < 8; i++) {
  try {
    const worker = new Worker(new URL("./worker.mjs", import.meta.url));
    workers.push(new Promise((resolve) => {
      worker.on("message", (n) => { if (n === 3e5) came++; });
      worker.on("error", () => resolve(caught++));
      worker.on("exit", resolve);
    }));
  } catch (e) { caught++; }
}
await Promise.all(workers);""",
    "tasks": CATCH + """
const { spawn } = await import("rill:task");
const tasks = [];
for (let i = 0; i < 40; i++) {
  try {
    tasks.push(spawn((n) => {
      const all = []; for (let i = 0; i < n; i++) all.push({ i }); return all.length;
    }, 100000));
  } catch (e) { caught++; }
}
for (const r of await Promise.allSettled(tasks)) if (r.status === "rejected") caught++;
""",
    "files": CATCH + """
const fs = await import("rill:fs");
const chunks = [];
try { for (let i = 0; i < 200; i++) chunks.push(await fs.readFile("/proc/self/exe")); }
catch (e) { chunks.length = 0; caught++; }""",
}
# The system's own programs that start do not say more than this.
TOLD = re.compile(r"memory|Error|error|cannot|exhausted", re.I)


def limit_to(mib):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (mib << 20, mib << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return limit


def least(rill):
    """What the system needs to load the program, which is none of its own."""
    for mib in range(16, 512, 4):
        done = subprocess.run([rill, "--version"], preexec_fn=limit_to(mib),
                              capture_output=True)
        if done.returncode == 0:
            return mib
    raise SystemExit("the program does not start at all")


def check(rill, script, mib, shows):
    try:
        done = subprocess.run(
            [rill, "run", script], preexec_fn=limit_to(mib), timeout=60,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", env={"PATH": os.environ["PATH"], "TZ": "UTC"})
    except subprocess.TimeoutExpired:
        return "does not end"
    if shows:
        print(f"{os.path.basename(script)} {mib}: {done.returncode} "
              f"{(done.stdout + done.stderr).strip()[:90]!r}", flush=True)
    what = f"exit {done.returncode}: {done.stdout[-200:]}{done.stderr[-1500:]}"
    if done.returncode == 0:
        return "" if "went on" in done.stdout else what
    if done.returncode < 0:
        return what
    if done.returncode not in (1, 70):
        return what
    return "" if TOLD.search(done.stderr) else what


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rill")
    parser.add_argument("--limits", type=int, default=6)
    parser.add_argument("--only")
    parser.add_argument("--at", type=int)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    lowest, highest = least(options.rill), 700
    ratio = (highest / lowest) ** (1 / max(options.limits - 1, 1))
    limits = ([options.at] if options.at else
              [round(lowest * ratio ** i) for i in range(options.limits)])
    bad = runs = 0
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        cases = []
        with open(os.path.join(folder, "worker.mjs"), "w") as file:
            file.write(WORKER)
        for name, source in PROGRAMS.items():
            if options.only not in (None, name):
                continue
            script = os.path.join(folder, name + ".mjs")
            with open(script, "w") as file:
                file.write(source + GO_ON)
            cases += [(name, script, mib) for mib in limits]
        results = pool.map(lambda c: check(options.rill, c[1], c[2], options.show), cases)
        for (name, _, mib), wrong in zip(cases, results):
            runs += 1
            if wrong:
                bad += 1
                print(f"{name} with {mib} MiB: {wrong}", flush=True)
    print(f"{runs} runs, {bad} bad")
    return bad != 0


sys.exit(main())
