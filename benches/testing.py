#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files of tests under rill test and under node --test, in turns.

Usage: testing.py RILL [RUNS]
"""
import os
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


def seconds(command):
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


with tempfile.TemporaryDirectory() as folder:
    print(f"{'milliseconds (medians)':24}{'rill test':>12}{'--coverage':>12}"
          f"{'node --test':>12}{'ratio':>8}")
    for name, text in FILES.items():
        path = os.path.join(folder, "a.test.mjs")
        with open(path, "w") as out:
            out.write(text)
        commands = [[RILL, "test", path], [RILL, "test", "--coverage", path],
                    ["node", "--test", path]]
        times = [sorted(column)[RUNS // 2] * 1000 for column in
                 zip(*[[seconds(c) for c in commands] for _ in range(RUNS)])]
        print(f"{name:24}" + "".join(f"{t:12.0f}" for t in times) +
              f"{times[2] / times[0]:8.1f}")
