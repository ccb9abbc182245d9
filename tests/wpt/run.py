#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs web-platform-tests in rill and compares with the expected failures.

Usage: run.py --suite DIR [--rill RILL] [--jobs N] [--filter TEXT]
              [--expect FILE] [--show] [--update] [DIRECTORY...]

DIR is a checkout of the web-platform-tests. Run are the .any.js files, and the
.window.js and .worker.js files that need no document and no worker, of the
directories named (default: AREAS). A subtest that fails must be listed in
expected-failures.txt, as "PATH[?VARIANT] | SUBTEST"; --update takes lines out
of the list that pass now, and never adds one unless the list is empty. --expect
names a list of more that may fail, for a checkout of another time. --show prints
what failed, and why. Prints a table, one line a directory; exits with 1
if something failed that is not expected.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
EXPECTED = os.path.join(HERE, "expected-failures.txt")
AREAS = [
    "url", "encoding", "streams", "dom/abort", "dom/events",
    "html/webappapis/structured-clone", "html/webappapis/timers",
    "html/webappapis/microtask-queuing", "html/webappapis/atob",
    "compression", "webmessaging", "FileAPI", "fetch/data-urls", "hr-time",
    "performance-timeline", "user-timing", "WebCryptoAPI/digest",
]
TIMEOUT_SECONDS = 60
STATUS = {0: "PASS", 1: "FAIL", 2: "TIMEOUT", 3: "NOTRUN",
          4: "PRECONDITION_FAILED"}
# What a shell does not offer.
NEEDS_PAGE = re.compile(
    r"\bdocument\b|createElement|XMLHttpRequest|iframe|\bnew Worker\(|"
    r"SharedWorker\(|window\.open|\bwindow\.event\b|importScripts|"
    r"sessionStorage")
# The same for tests that run anywhere; rill's workers take no blob: URLs.
NEEDS_BROWSER = re.compile(
    r"XMLHttpRequest|remote-context-helper|rc-helper|new Worker\(")


def metadata(text):
    found = {}
    for match in re.finditer(r"^//\s*META:\s*(\w+)=(.*)$", text, re.M):
        found.setdefault(match[1], []).append(match[2].strip())
    return found


def wanted(name, text, meta):
    if name.endswith(".any.js"):
        scopes = ",".join(meta.get("global", ["window"])).split(",")
        return NEEDS_BROWSER.search(text) is None and any(
            s in ("window", "worker", "dedicatedworker") for s in scopes)
    if name.endswith((".window.js", ".worker.js")):
        return NEEDS_PAGE.search(text) is None and \
            NEEDS_BROWSER.search(text) is None
    return False


def collect(suite, areas, only):
    tests = []
    for area in areas:
        for folder, _, names in os.walk(os.path.join(suite, area)):
            for name in sorted(names):
                if not name.endswith(".js"):
                    continue
                path = os.path.relpath(os.path.join(folder, name), suite)
                if only and only not in path:
                    continue
                text = open(os.path.join(suite, path), encoding="utf-8",
                            errors="replace").read()
                meta = metadata(text)
                if wanted(name, text, meta):
                    for variant in meta.get("variant", [""]):
                        tests.append((path, variant, meta.get("script", [])))
    return sorted(tests)


def run(rill, suite, test):
    """[(subtest, status, message)] of one file."""
    path, variant, scripts = test
    command = [rill, "run", "--shell", os.path.join(HERE, "driver.js"), suite,
               path, variant, *scripts, "/" + path]
    with tempfile.TemporaryFile() as out:
        try:
            code = subprocess.run(command, stdout=out,
                                  stderr=subprocess.STDOUT,
                                  stdin=subprocess.DEVNULL,
                                  timeout=TIMEOUT_SECONDS).returncode
            end = f"exit code {code}"
        except subprocess.TimeoutExpired:
            end = f"took longer than {TIMEOUT_SECONDS} s"
        out.seek(0)
        text = out.read().decode("utf-8", errors="replace")
    results, complete, rest = [], False, []
    for line in text.split("\n"):
        kind, _, fields = line.partition(" ")
        if kind == "result":
            status, _, fields = fields.partition(" ")
            name, at = json.JSONDecoder().raw_decode(fields)
            results.append((name, STATUS[int(status)],
                            json.loads(fields[at:])))
        elif kind == "complete":
            status, _, message = fields.partition(" ")
            complete = status in ("0", "3")
            end = message
        else:
            rest.append(line)
    if not complete:
        results.append(("(harness)", "FAIL",
                        end + "\n" + "\n".join(rest[:8])))
    return [r for r in results if r[1] != "PRECONDITION_FAILED"]


def area_of(path, areas):
    # Longest first: one area may lie within another.
    for area in sorted(areas, key=len, reverse=True):
        if path.startswith(area + "/"):
            rest = path[len(area) + 1:].split("/")
            return f"{area}/{rest[0]}" if len(rest) > 1 else area
    return os.path.dirname(path)


def printable(text):
    # A line of the list is text, whatever a subtest is called.
    return re.sub(r"[\x00-\x1f]", lambda m: repr(m[0])[1:-1], text)


def listed(path):
    with open(path, encoding="utf-8") as file:
        return {line for line in file.read().split("\n")
                if line and line[0] != "#"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--suite", required=True)
    parser.add_argument("--rill", default=os.path.join(HERE,
                                                       "../../build/rill"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--filter")
    parser.add_argument("--expect")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("areas", nargs="*")
    options = parser.parse_args()
    areas = [a.rstrip("/") for a in options.areas] or AREAS
    suite = os.path.abspath(options.suite)
    rill = os.path.abspath(options.rill)
    expected = set()
    if os.path.exists(EXPECTED):
        expected = listed(EXPECTED)

    tests = collect(suite, areas, options.filter)
    with ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(lambda t: run(rill, suite, t), tests))

    table, failed, passed = {}, [], set()
    for (path, variant, _), results in zip(tests, outcomes):
        row = table.setdefault(area_of(path, areas), [0, 0, 0])
        row[0] += 1
        for name, status, message in results:
            name = name.encode("utf-8", "backslashreplace").decode()
            key = printable(f"{path}{variant} | {name}")
            row[2] += 1
            if status == "PASS":
                row[1] += 1
                passed.add(key)
            else:
                failed.append(key)
                if options.show:
                    print(f"{status} {key}\n    "
                          + message.replace("\n", "\n    "))

    width = max([len(a) for a in table] + [len("all")])
    total = [sum(row[i] for row in table.values()) for i in range(3)]
    for area, row in [*sorted(table.items()), ("all", total)]:
        share = 100 * row[1] / row[2] if row[2] else 100
        print(f"{area:{width}}  {row[0]:4} files  {row[1]:6} / {row[2]:6} "
              f"subtests  {share:6.2f} %")

    also = listed(options.expect) if options.expect else set()
    news = sorted(set(failed) - expected - also)
    if options.update:
        # Twins: a name may stand for several subtests.
        lines = ["# Subtests that fail. This list may only shrink."]
        if expected:
            lines = open(EXPECTED, encoding="utf-8").read().rstrip("\n").split("\n")
        gone = passed - set(failed)
        with open(EXPECTED, "w", encoding="utf-8") as out:
            out.writelines(line + "\n" for line in
                           (lines if expected else lines + sorted(set(failed)))
                           if line not in gone)
    for key in news[:200]:
        print(f"unexpected failure: {key}")
    if len(news) > 200:
        print(f"... and {len(news) - 200} more")
    fixed = sorted(expected & (passed - set(failed)))
    if fixed and not options.update:
        print(f"{len(fixed)} expected failures pass: run with --update")
    print(f"{total[1]} passed, {len(news)} failed, "
          f"{total[2] - total[1] - len(news)} skipped")
    return 1 if news else 0


sys.exit(main())
