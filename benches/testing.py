#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files of tests under rill test and under node --test, in turns.

Usage: testing.py RILL [RUNS]
"""
import os
import resource
import subprocess
import sys
import tempfile
import time

RILL = os.path.abspath(sys.argv[1])
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 7
HEAD = 'import { test } from "node:test";\nimport assert from "node:assert";\n'
FILES = {
    "1 test": HEAD + "test('t', () => {});\n",
    "1,000 tests": HEAD + "".join(
        f"test('t{i}', () => {{ assert.strictEqual({i} + 1, {i + 1}); }});\n"
        for i in range(1000)),
    "1,000 async tests": HEAD + "".join(
        f"test('t{i}', async () => {{ await null; "
        f"assert.deepStrictEqual([{i}], [{i}]); }});\n" for i in range(1000)),
}


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def seconds(command):
    """Of the clock, and of processors."""
    begin, used = time.perf_counter(), processor_time()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin, processor_time() - used


with tempfile.TemporaryDirectory() as folder:
    print(f"{'milliseconds (medians)':31}{'rill test':>11}{'--coverage':>12}"
          f"{'node --test':>12}{'ratio':>7}")
    for name, text in FILES.items():
        path = os.path.join(folder, "a.test.mjs")
        with open(path, "w") as out:
            out.write(text)
        commands = [[RILL, "test", path], [RILL, "test", "--coverage", path],
                    ["node", "--test", path]]
        runs = [[seconds(c) for c in commands] for _ in range(RUNS)]
        for kind, what in enumerate(["elapsed", "processors"]):
            times = [sorted(run[i][kind] for run in runs)[RUNS // 2] * 1000
                     for i in range(len(commands))]
            print(f"{name + ', ' + what:31}{times[0]:11.0f}{times[1]:12.0f}"
                  f"{times[2]:12.0f}{times[2] / times[0]:7.1f}")
