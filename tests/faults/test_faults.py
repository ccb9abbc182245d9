#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every call of libuv and every allocation of the runtime fails once.

Usage: test_faults.py RILL_FAULTS LIBRARY [--most N] [NAME...]

RILL_FAULTS is the program linked with fail_uv.c, LIBRARY the static librill. A
program that uses everything (everything.mjs) runs once for each call, which
fails. Then it goes on: it ends in time, by itself; what failed has been told as
an error that names the operation, or been overcome; no descriptor is left, and
every loop could be closed. At most N calls (default 3) of each function fail:
the first ones, and others evenly; 0: all.

A libuv function that uv_calls.def does not have fails the test.
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ALLOCATIONS = ["malloc", "calloc", "realloc", "strdup"]
# Where nobody waits, in a callback or before the program runs, an error ends it.
TOLD = re.compile(r"^rill: |Error: ", re.M)
LEFT = re.compile(r"^\[left (\d+)\]$", re.M)  # the last is the program's own


def definitions():
    """The names of uv_calls.def by kind."""
    kinds = {"CALL": [], "LATER": [], "SPAWN": [], "WORK": [], "NEVER": []}
    text = open(os.path.join(HERE, "uv_calls.def")).read()
    for kind, name in re.findall(r"^(CALL|LATER|SPAWN|WORK|NEVER|FS)\((\w+)", text, re.M):
        if kind == "FS":
            kind, name = "CALL", "uv_fs_" + name
        kinds[kind].append(name)
    return kinds


def symbols(*arguments):
    out = subprocess.run(["nm", *arguments], capture_output=True, text=True,
                         check=True).stdout
    return [line.split() for line in out.splitlines() if line]


def unknown_calls(library, kinds):
    known = {name for names in kinds.values() for name in names}
    used = {fields[-1] for fields in symbols("-u", library)
            if fields[-1].startswith("uv_")}
    return sorted(used - known)


def write_ranges(program, library, path, folders=("runtime_",)):
    """Where the code of runtime/ (of these folders) is in the program."""
    functions = set()
    for fields in symbols("-A", "-S", "--defined-only", library):
        if len(fields) == 4 and fields[2] in "tT" and \
                any(folder in fields[0] for folder in folders):
            functions.add((fields[3], fields[1]))
    base = 0
    found = []
    for fields in symbols("-n", "-S", program):
        if fields[-1] == "__executable_start":
            base = int(fields[0], 16)
        if len(fields) == 4 and fields[2] in "tT" and \
                (fields[3], fields[1]) in functions:
            start = int(fields[0], 16)
            found.append((start, start + int(fields[1], 16)))
    with open(path, "w") as file:
        for start, end in found:
            file.write(f"{start - base:x} {end - base:x}\n")


class Tester:
    def __init__(self, program, ranges, script="everything.mjs"):
        self.program, self.ranges = program, ranges
        self.script = os.path.join(HERE, script)
        self.counts = {}
        self.normal = self.left = None

    def run(self, **fail):
        environment = dict(os.environ, FAIL_RANGES=self.ranges, **fail)
        return subprocess.run(
            [self.program, "run", self.script],
            env=environment, capture_output=True, text=True, timeout=20,
            stdin=subprocess.DEVNULL)

    def baseline(self):
        with tempfile.NamedTemporaryFile("r") as file:
            done = self.run(FAIL_COUNT=file.name)
            for line in file:
                name, count = line.split()
                self.counts[name] = int(count)
        self.normal = set(done.stdout.splitlines())
        self.left = int(LEFT.findall(done.stderr)[-1])
        return done.returncode == 0 and done.stdout.endswith("end\n")

    def check(self, name, at, later):
        """What is wrong, or ""."""
        fail = {"FAIL_CALL": name, "FAIL_AT": str(at)}
        if later:
            fail["FAIL_LATER"] = "1"
        try:
            done = self.run(**fail)
        except subprocess.TimeoutExpired:
            return "does not end"
        if "[failed]" not in done.stderr:
            return ""  # it went another way this time
        wrong = []
        if done.returncode not in (0, 1) or "Sanitizer" in done.stderr or \
                (done.returncode == 1 and not TOLD.search(done.stderr)):
            wrong.append(f"exit {done.returncode}")
        if done.returncode == 0 and not done.stdout.endswith("end\n"):
            wrong.append("no end")
        left = LEFT.findall(done.stderr)
        if not left or int(left[-1]) > self.left:
            wrong.append(f"descriptors: {left and left[-1]} are left")
        if "[busy]" in done.stderr:
            wrong.append("a loop could not be closed")
        for line in done.stdout.splitlines():
            if "[unnamed]" in line and line not in self.normal:
                wrong.append(f"no operation named: {line}")
        if not wrong:
            return ""
        told = "".join(f"    {line}\n" for line in
                       (done.stdout + done.stderr).splitlines()
                       if line not in self.normal)
        return "; ".join(wrong) + "\n" + told


def chosen(count, most):
    if most == 0 or count <= most:
        return range(1, count + 1)
    half = (most + 1) // 2
    rest = most - half
    return sorted(set(list(range(1, half + 1)) +
                      [half + (count - half) * (i + 1) // rest
                       for i in range(rest)]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("library")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--most", type=int, default=3)
    options = parser.parse_intermixed_args()
    kinds = definitions()
    bad = 0
    for name in unknown_calls(options.library, kinds):
        print(f"{name}: not in uv_calls.def")
        bad += 1
    with tempfile.NamedTemporaryFile("w") as ranges:
        write_ranges(options.program, options.library, ranges.name)
        tester = Tester(options.program, ranges.name)
        if not tester.baseline():
            print("everything.mjs fails by itself:", *tester.normal, sep="\n")
            return 1
        cases = []
        for name in options.names or \
                kinds["CALL"] + kinds["LATER"] + kinds["SPAWN"] + kinds["WORK"] + \
                ALLOCATIONS:
            for at in chosen(tester.counts[name], options.most):
                cases.append((name, at, False))
                if name in kinds["LATER"]:
                    cases.append((name, at, True))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = pool.map(lambda case: tester.check(*case), cases)
            for (name, at, later), wrong in zip(cases, results):
                if wrong:
                    print(f"{name} {at}{' later' if later else ''}: {wrong}")
                    bad += 1
        never = [n for n in kinds["CALL"] + kinds["LATER"]
                 if tester.counts[n] == 0]
    print(f"{len(cases)} runs, {bad} bad; never called: {' '.join(never)}")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
