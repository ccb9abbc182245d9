#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that rill-test262 notices what it has to: a suite of a few files, each
of which must pass or fail for a known reason.

Usage: check_runner.py RILL_TEST262
"""
import json
import os
import subprocess
import sys
import tempfile

HARNESS = {
    "assert.js": "function assert(x, m) { if (!x) throw new Test262Error(m); }",
    "sta.js": "function Test262Error(m) { this.message = m; }",
    "doneprintHandle.js": """
        function $DONE(e) {
          print(e ? 'Test262:AsyncTestFailure:' + e
                  : 'Test262:AsyncTestComplete');
        }""",
}
# name: (front matter, text, runs, failing runs, part of the message)
FILES = {
    "passes": ("", "assert(true);", 2, 0, ""),
    "fails": ("", "assert(false, 'no');", 2, 2, "Test262Error: no"),
    "strict_fails": ("", "assert(this === undefined || "
                     "(function () { return this; })() !== undefined);",
                     2, 1, "(strict mode)"),
    "only_strict": ("flags: [onlyStrict]",
                    "assert((function () { return this; })() === undefined);",
                    1, 0, ""),
    "no_strict": ("flags: [noStrict]", "with ({}) {}", 1, 0, ""),
    "raw": ("flags: [raw]", "if (typeof assert !== 'undefined') throw 1;",
            1, 0, ""),
    "module": ("flags: [module]", "assert(this === undefined); export {};",
               1, 0, ""),
    "syntax": ("negative:\n  phase: parse\n  type: SyntaxError", "let let;",
               2, 0, ""),
    "no_error": ("negative:\n  phase: parse\n  type: SyntaxError", ";",
                 2, 2, "nothing was thrown"),
    "wrong_error": ("negative:\n  phase: runtime\n  type: TypeError",
                    "throw new RangeError;", 2, 2, "expected TypeError"),
    "wrong_phase": ("negative:\n  phase: parse\n  type: SyntaxError",
                    "throw new SyntaxError;", 2, 2, "expected SyntaxError"),
    "done": ("flags: [async]", "Promise.resolve().then($DONE);", 2, 0, ""),
    "never_done": ("flags: [async]", "", 2, 2, "$DONE was not called"),
    "failed_done": ("flags: [async]", "Promise.resolve('x').then($DONE);",
                    2, 2, "x"),
    "hangs": ("flags: [raw]", "for (;;);", 1, 1, "timeout"),
}


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def run(runner, suite, *options):
    return subprocess.run(
        [runner, "--suite", suite, "--jobs", "2", "--timeout", "2", *options],
        capture_output=True, text=True, timeout=120)


def main():
    runner = sys.argv[1]
    problems = []
    with tempfile.TemporaryDirectory() as suite:
        for name, text in HARNESS.items():
            write(f"{suite}/harness/{name}", text)
        for name, (meta, text, *_) in FILES.items():
            write(f"{suite}/test/language/{name}.js",
                  f"/*---\ndescription: {name}\n{meta}\n---*/\n{text}\n")
        found_path, list_path = f"{suite}/found.json", f"{suite}/list.txt"
        done = run(runner, suite, "--json", found_path)
        if done.returncode != 1:
            problems.append(f"exit code {done.returncode} with failures")
        found = json.load(open(found_path, encoding="utf-8"))
        failures = {os.path.basename(f["path"])[:-3]: f
                    for f in found["failures"]}
        wanted = {name: row for name, row in FILES.items() if row[3] > 0}
        if found["runs"] != sum(row[2] for row in FILES.values()):
            problems.append(f"{found['runs']} runs")
        if failures.keys() != wanted.keys():
            problems.append(f"failed: {sorted(failures)}")
        for name in failures.keys() & wanted.keys():
            got, (_, _, runs, failed, message) = failures[name], wanted[name]
            if (got["runs"], got["failed"]) != (runs, failed):
                problems.append(f"{name}: {got['failed']} of {got['runs']}")
            if message not in got["message"]:
                problems.append(f"{name}: {got['message']}")

        def with_list(lines, code, text):
            write(list_path, "# a comment\n" + "\n".join(lines) + "\n")
            got = run(runner, suite, "--expect", list_path)
            if got.returncode != code or text not in got.stdout:
                problems.append(f"list {lines[-1]}: exit code "
                                f"{got.returncode}, {got.stdout}")

        right = [f"test/language/{name}.js  # known" for name in wanted]
        with_list(right, 0, "runs passed")
        with_list(right[:-1], 1, "FAIL")
        with_list(right + ["test/language/passes.js  # no"], 1, "NOW PASSES")
        with_list(right + ["test/language/absent.js  # no"], 1, "GONE")
        with_list(right[:-1] + [right[-1].split("  ")[0]], 1, "NO REASON")
    for problem in problems:
        print(problem)
    sys.exit(bool(problems))


main()
