#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs language tests: each NAME.js or .ts prints, NAME.expected says what.

Usage: run_language.py RILL DIRECTORY-OR-FILE...

The first lines of a test may hold directives:
  // arguments: --flag value   put before the file name
  // exit: 1                   expected exit code (0)
  // stderr: text              standard error must contain it
A test without .expected file must print nothing. RILL_TEST_OPTIONS are put
before all of them; RILL_TEST_SECONDS is what one may take (60).
"""
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TIMEOUT_SECONDS = int(os.environ.get("RILL_TEST_SECONDS", "60"))


def directives(path):
    found = {"arguments": [], "exit": 0, "stderr": []}
    for line in open(path, encoding="utf-8", errors="replace"):
        if not line.startswith("//"):
            break
        key, _, value = line[2:].strip().partition(":")
        if key == "arguments":
            found["arguments"] = shlex.split(value)
        elif key == "exit":
            found["exit"] = int(value)
        elif key == "stderr":
            found["stderr"].append(value.strip())
    return found


def run(rill, path):
    want = directives(path)
    expected_path = path.rsplit(".", 1)[0] + ".expected"
    expected = ""
    if os.path.exists(expected_path):
        expected = open(expected_path, encoding="utf-8").read()
    command = [rill, "run", *os.environ.get("RILL_TEST_OPTIONS", "").split(), *want["arguments"], os.path.basename(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              errors="replace", timeout=TIMEOUT_SECONDS,
                              cwd=os.path.dirname(path),
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return [f"took longer than {TIMEOUT_SECONDS} s"]
    problems = []
    if done.stdout != expected:
        got, wish = done.stdout.splitlines(), expected.splitlines()
        at = next((i for i, (a, b) in enumerate(zip(got, wish)) if a != b),
                  min(len(got), len(wish)))
        problems.append(f"line {at + 1}: expected "
                        f"{wish[at] if at < len(wish) else '(end)'!r}, got "
                        f"{got[at] if at < len(got) else '(end)'!r}")
    if done.returncode != want["exit"]:
        problems.append(f"exit code {done.returncode}, not {want['exit']}")
    problems += [f"no {text!r} in standard error" for text in want["stderr"]
                 if text not in done.stderr]
    if problems and done.stderr:
        problems.append("standard error: " + done.stderr[:2000])
    return problems


def main():
    rill, folders = os.path.abspath(sys.argv[1]), sys.argv[2:]
    tests = [os.path.abspath(f) for f in folders if os.path.isfile(f)]
    tests += sorted(os.path.join(base, name)
                    for folder in folders
                    for base, _, names in os.walk(os.path.abspath(folder))
                    for name in names
                    if name.endswith((".js", ".ts")) and "fixtures" not in base
                    and "node_modules" not in base)
    if not tests:
        sys.exit(f"no tests in {' '.join(folders)}")
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, problems in zip(tests, pool.map(lambda t: run(rill, t),
                                                  tests)):
            if problems:
                failed += 1
                print(f"FAIL {os.path.relpath(path)}")
                for problem in problems:
                    print("    " + problem)
    print(f"{len(tests) - failed} of {len(tests)} passed")
    sys.exit(failed > 0)


main()
