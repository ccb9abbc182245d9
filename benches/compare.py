#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times the workloads of benches/workloads on rill and, where present, other
engines, side by side, and prints ratios.

Usage: compare.py [--rill PATH] [--engine NAME=COMMAND]... [--octane DIR]
                  [--runs N] [WORKLOADS...]

Each round runs every engine once, so that the machine's moods hit all alike;
the figure of an engine is its best round (the mean of its scores for Octane).
A ratio above 1 means that rill is that many times as fast.
"""
import argparse
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
OCTANE = {
    "richards": ["richards"], "deltablue": ["deltablue"],
    "crypto": ["crypto"], "raytrace": ["raytrace"],
    "earley-boyer": ["earley-boyer"], "regexp": ["regexp"],
    "splay": ["splay"], "navier-stokes": ["navier-stokes"],
    "pdfjs": ["pdfjs"], "gbemu": ["gbemu-part1", "gbemu-part2"],
    "code-load": ["code-load"], "box2d": ["box2d"],
    "zlib": ["zlib", "zlib-data"],
    "typescript": ["typescript", "typescript-input", "typescript-compiler"],
}
DRIVER = """
var load_ = typeof load === "function" ? load
  : typeof std === "object" ? std.loadScript
  : (f) => require("vm").runInThisContext(require("fs").readFileSync(f, "utf8"), f);
if (typeof read === "undefined") globalThis.read = typeof std === "object"
  ? (f) => std.loadFile(f) : (f) => require("fs").readFileSync(f, "utf8");
var print_ = typeof print === "function" ? print : console.log;
if (typeof print === "undefined") globalThis.print = console.log;
%s
BenchmarkSuite.RunSuites({
  NotifyResult: (n, r) => print_("RESULT " + n + " " + r),
  NotifyError: (n, e) => print_("ERROR " + n + " " + e),
  NotifyScore: () => {},
});
"""


def engines(arguments):
    found = {"rill": [arguments.rill, "run"],
             "rill --no-jit": [arguments.rill, "run", "--no-jit"]}
    node = shutil.which("node")
    if node:
        found["node"] = [node]
        found["node --jitless"] = [node, "--jitless"]
    qjs = shutil.which("qjs")
    if qjs:
        found["qjs"] = [qjs, "--std"]
    for text in arguments.engine:
        name, _, command = text.partition("=")
        found[name] = command.split()
    if arguments.only:
        keep = ["rill"] + arguments.only.split(",")
        found = {k: v for k, v in found.items() if k in keep}
    return found


def run(command, file, shell=False):
    command = command + (["--shell"] if shell and "run" in command else [])
    start = time.perf_counter()
    done = subprocess.run(command + [file], capture_output=True, text=True,
                          timeout=600)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        return None, done.stdout + done.stderr
    return seconds, done.stdout


def table(title, names, rows):
    print(f"\n{title}")
    print("".join(f"{n:>18}" for n in ["", *names]))
    logs = {n: [] for n in names}
    for label, cells in rows:
        shown = []
        for name in names:
            value, ratio = cells[name]
            shown.append("failed" if value is None
                         else f"{value:.5g} ({ratio:.2f})" if ratio else
                         f"{value:.5g}")
            if ratio:
                logs[name].append(math.log(ratio))
        print(f"{label:>18}" + "".join(f"{s:>18}" for s in shown))
    means = [f"{math.exp(sum(v) / len(v)):.2f}" if v else "-"
             for v in logs.values()]
    print(f"{'geometric mean':>18}" + "".join(f"{m:>18}" for m in means))


def workloads(arguments, found):
    names = arguments.workloads or sorted(
        f[:-3] for f in os.listdir(os.path.join(HERE, "workloads"))
        if f.endswith(".js"))
    rows = []
    for name in names:
        file = os.path.join(HERE, "workloads", name + ".js")
        best = {}
        for _ in range(arguments.runs):
            for engine, command in found.items():
                seconds, _ = run(command, file)
                if seconds is not None:
                    best[engine] = min(best.get(engine, 1e9), seconds)
        rows.append((name, {
            e: (best.get(e), best[e] / best["rill"]
                if e in best and "rill" in best else None) for e in found}))
    table("Seconds (in brackets: how many times as long as rill)",
          list(found), rows)


def octane(arguments, found):
    rows = []
    for name in arguments.workloads or OCTANE:
        files = ["base"] + OCTANE[name]
        loads = "".join(f'load_("{arguments.octane}/{f}.js");\n'
                        for f in files)
        with tempfile.NamedTemporaryFile("w", suffix=".js",
                                         delete=False) as file:
            file.write(DRIVER % loads)
        scores = {}
        for _ in range(arguments.runs):
            for engine, command in found.items():
                _, out = run(command, file.name, shell=True)
                for test, score in re.findall(r"RESULT (\S+) ([\d.]+)", out):
                    scores.setdefault((engine, test), []).append(float(score))
                if "ERROR" in out or "RESULT" not in out:
                    print(f"{engine} {name}: {out[:300]}", file=sys.stderr)
        os.unlink(file.name)
        for test in dict.fromkeys(t for _, t in scores):
            mean = {e: sum(scores[e, test]) / len(scores[e, test])
                    for e in found if (e, test) in scores}
            rows.append((test, {
                e: (mean.get(e), mean["rill"] / mean[e]
                    if e in mean and "rill" in mean else None)
                for e in found}))
    table("Octane scores (in brackets: rill's score divided by it)",
          list(found), rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rill", default=os.path.join(HERE, "../build/rill"))
    parser.add_argument("--engine", action="append", default=[])
    parser.add_argument("--only", help="engines to compare rill with")
    parser.add_argument("--octane", help="a checkout of Octane 2.0")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("workloads", nargs="*")
    arguments = parser.parse_args()
    found = engines(arguments)
    if arguments.octane:
        octane(arguments, found)
    else:
        workloads(arguments, found)


main()
