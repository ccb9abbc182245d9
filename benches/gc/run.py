#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The collector side by side: one program on rill and, where present, other
engines and Go, in turns.

Usage: run.py RILL [--rounds N] [--seconds S] [--depth N,N...] [--qjs PATH]
              [--node NODE] [--go GO] [--only NAME,NAME...]

tree: tree.mjs and tree.go. `off` is rill without collection, `idle` rows are
the same program when there is nothing to collect: what gaps it has are the
machine's. binary-trees: binary_trees.mjs. Printed are, for each contender, the
round with the median rate, the smallest of the rounds' longest gaps, the peak
memory of the process, and for rill what its collector says of itself.
Octane's splay and splay-latency: rill bench --octane=DIR (docs/PERFORMANCE.md).
Whose the gaps of a C program are: gc-tree. Single long steps: growth.mjs, and
stops.mjs for what lengthens a stop.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def run(command):
    """Standard output, what --gc-stats=json printed, and peak memory in MB."""
    with tempfile.TemporaryFile("w+") as out, \
            tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        text, errors = out.read(), err.read()
    if process.returncode != 0:
        raise SystemExit(f"{command}: {process.returncode}\n{errors}")
    found = re.search(r"^{.*}$", errors, re.M)
    return (text.strip(), json.loads(found.group(0)) if found else None,
            usage.ru_maxrss / 1024)


def in_turns(contenders, rounds):
    """Name: [(output, statistics, memory)]."""
    results = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, command in contenders.items():
            results[name].append(run(command))
    return results


def collector(stats):
    if stats is None:
        return ""
    pauses = stats["pauses"]
    return (f"  heap {stats['peak_heap_bytes'] / 2**20:.0f} MB, "
            f"{stats['cycles']} cycles, stops p50 {pauses['p50_us']:.0f} "
            f"p99 {pauses['p99_us']:.0f} max {pauses['max_us']:.0f} us, "
            f"held up for {stats['stalls']['total_us'] / 1000:.0f} ms")


def show(title, results, figure, longest, best):
    print(title)
    for name, rounds in results.items():
        value = best(figure(r[0]) for r in rounds)
        text, stats, memory = next(r for r in rounds if figure(r[0]) == value)
        gap = min(longest(r[0]) for r in rounds)
        print(f"  {name:16} {text}; least longest {gap:.1f} ms, "
              f"{memory:.0f} MB{collector(stats)}", flush=True)


def number(pattern):
    return lambda text: float(re.search(pattern, text).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rill")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", default="5")
    parser.add_argument("--depth", default="20,22")
    parser.add_argument("--qjs", default="qjs")
    parser.add_argument("--node", default="node")
    parser.add_argument("--go", default="go")
    parser.add_argument("--only")
    options = parser.parse_args()
    rill = [options.rill, "run", "--gc-stats=json"]
    off = [*rill, "--gc-trigger=64G"]
    engines = {"rill": rill}
    if shutil.which(options.qjs):
        engines["qjs"] = [options.qjs]
    if shutil.which(options.node):
        engines["node"] = [options.node]
        engines["node --jitless"] = [options.node, "--no-expose-wasm",
                                     "--jitless"]
    keep = options.only.split(",") if options.only else None

    def kept(contenders):
        return {name: command for name, command in contenders.items()
                if keep is None or name in keep}

    with tempfile.TemporaryDirectory() as directory:
        go = []
        if shutil.which(options.go) and (keep is None or "go" in keep):
            go = [os.path.join(directory, "tree")]
            subprocess.run([options.go, "build", "-o", go[0],
                            f"{HERE}/tree.go"], check=True)
        for depth in options.depth.split(","):
            size = [depth, options.seconds]
            tree = [f"{HERE}/tree.mjs", *size]
            contenders = {n: [*c, *tree] for n, c in engines.items()}
            contenders["off"] = [*off, *tree]
            contenders["idle"] = [*rill, *tree, "idle"]
            if "node" in engines:
                contenders["node idle"] = [options.node, *tree, "idle"]
            if go:
                contenders["go"] = [*go, *size]
            show(f"tree of depth {depth}, replaced without pause",
                 in_turns(kept(contenders), options.rounds),
                 number(r"^(\d+) /s"), number(r"max ([\d.]+) ms"),
                 statistics.median_low)
    contenders = {n: [*c, f"{HERE}/binary_trees.mjs"]
                  for n, c in engines.items()}
    show("binary-trees", in_turns(kept(contenders), options.rounds),
         number(r"^(\d+) ms"), number(r"pause ([\d.]+) ms"),
         statistics.median_low)


main()
