#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every allocation of a script fails once.

Usage: test_allocations.py [--most N] [--dense N] [--ways N] [--within SECONDS]
         [--at-most SECONDS] [--jobs N] [--kind KIND]... [--at N] [--seconds S]
         [--from KIND:N]
         FAIL_ALLOCATIONS RILL FILE-OR-FOLDER...

FAIL_ALLOCATIONS is the program of fail_allocations.c. It runs each file once
for each allocation, which fails: of cells of the heap, and of our C code's
memory. The run must end in time, by itself, without a crash and, with
AddressSanitizer, without a leak; whatever is thrown, no promise stays pending
because of it; and the isolate must be usable afterwards.

A file's options of `rill run` are taken from its comment `// arguments: ...`,
as far as they change what it does (fail_allocations.c).

Of each file the first --dense allocations fail (default 400), and then --most
(default 200) others, evenly; with --ways N also the first N of each way in
which the program comes to an allocation: of all that differ in the C functions
that are active, or in the place in the script. All of them fail of a file for which
that takes no longer than --within. Where what was chosen takes longer than
--at-most, as many of it fail as take so long, evenly, and how many is told.

After --seconds with a file the next one begins; the place from which another
call goes on with it, by --from, is told.
"""
import argparse
import concurrent.futures
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

SECONDS = 30  # a run that takes longer hangs, unless it always does
KINDS = ["cell", "memory"]
UNSETTLED = 13
SOME, WAY, EACH = range(3)
TAKEN = ("--max-heap=", "--import-map=", "--conditions=", "--stress-jit")


def options_of(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("// arguments:"):
                return [word for word in line.split() if word.startswith(TAKEN)]
    return []


class Runner:
    """The program for one file, started again after a crash."""

    def __init__(self, program, rill, path):
        self.program, self.rill = program, rill
        self.path = path
        self.process = None
        self.places = []
        self.patience = SECONDS

    def start(self):
        read, write = os.pipe()
        self.errors = tempfile.TemporaryFile("w+b")
        self.process = subprocess.Popen(
            [self.program, self.rill, os.path.basename(self.path), str(write),
             *options_of(self.path)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=self.errors, pass_fds=(write,), text=True,
            cwd=os.path.dirname(self.path),
            env=dict(os.environ, LSAN_OPTIONS="print_suppressions=0",
                     UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1"))
        os.close(write)
        self.answers = os.fdopen(read, "r")

    def stop(self):
        if self.process is None:
            return None
        try:
            self.process.stdin.close()
        except OSError:
            pass
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.answers.close()
        code = self.process.returncode
        self.process = None
        return code

    def told(self):
        self.errors.seek(0)
        text = self.errors.read().decode(errors="replace")
        return self.named(text[:6000])

    def named(self, text):
        """The C functions' names for their addresses in the program."""
        frame = re.escape(self.program) + r"\(.*\+(0x[0-9a-f]+)\) ?\[0x[0-9a-f]+\]"
        addresses = re.findall(frame, text)
        if not addresses or shutil.which("addr2line") is None:
            return text
        names = iter(subprocess.run(
            ["addr2line", "-s", "-f", "-p", "-e", self.program, *addresses],
            capture_output=True, text=True).stdout.splitlines())
        return re.sub(frame, lambda match: "  " + next(names, match[0]), text)

    def run(self, kind, at):
        """(what is wrong or "", exit code, allocations made, one has failed)"""
        if self.process is None:
            self.start()
        self.errors.seek(0)
        self.errors.truncate()
        try:
            self.process.stdin.write(f"{kind} {at}\n")
            self.process.stdin.flush()
        except OSError:
            pass
        ready, _, _ = select.select([self.answers], [], [], self.patience)
        if not ready:
            subprocess.run(["kill", "-ABRT", str(self.process.pid)])
            self.stop()
            return "does not end\n" + self.told(), 0, 0, True
        line = self.answers.readline()
        if not line:
            code = self.stop()
            return f"crashed ({code})\n" + self.told(), code, 0, True
        code, made, failed, usable, leaks, *self.places = map(int, line.split())
        wrong = []
        if not usable:
            wrong.append("not usable afterwards")
        if leaks:
            wrong.append("leaks")
        if failed and code == UNSETTLED:
            wrong.append("a promise is never settled")
        return ("; ".join(wrong) + "\n" + self.told() if wrong else "",
                code, made, bool(failed))


def chosen(count, dense, most):
    first = list(range(1, min(count, dense) + 1))
    rest = count - len(first)
    if rest <= 0 or most == 0:
        return first
    step = max(1, rest // most)
    return first + list(range(len(first) + 1, count + 1, step))


def places_of(runner, kind, made, options):
    """Which of `made` allocations are to fail, and what these are: SOME, one
    for each WAY, or EACH."""
    if options.at:
        return [options.at], SOME
    begin = time.monotonic()
    runner.run(kind, 0)  # warm, unlike the first time
    taken = time.monotonic() - begin
    if taken * made <= options.within:
        return range(1, made + 1), EACH
    places = chosen(made, options.dense, options.most)
    if options.ways:
        runner.run(kind, -options.ways)
        places = sorted(set(places).union(runner.places))
    count, room = len(places), max(1, int(options.at_most / taken))
    if count > room:
        print(f"{os.path.relpath(runner.path)}: {room} of {count} places, "
              f"{made} allocations of {kind}", flush=True)
        return [places[i * count // room] for i in range(room)], SOME
    return places, EACH if count == made else WAY if options.ways else SOME


def test(path, options):
    """The findings of one file, the number of runs, and what these were one
    for: SOME places, each WAY to one, or EACH."""
    runner = Runner(options.program, options.rill, path)
    findings, runs = [], 0
    from_kind, from_at = options.start
    complete = EACH if options.start == (options.kind[0], 1) else SOME
    end = time.monotonic() + options.seconds
    for kind in options.kind[options.kind.index(from_kind):]:
        begin = time.monotonic()
        count_wrong, code, made, _ = runner.run(kind, 0)
        runner.patience = max(SECONDS, 20 * (time.monotonic() - begin))
        if count_wrong and not count_wrong.startswith("a promise"):
            if count_wrong.startswith("does not end"):
                print(f"{os.path.relpath(path)}: too slow", flush=True)
            else:
                findings.append((kind, 0, count_wrong))
            complete = SOME
            continue
        normal = code
        places, of = places_of(runner, kind, made, options)
        complete = min(complete, of)
        for at in places:
            if kind == from_kind and at < from_at:
                continue
            if time.monotonic() > end:
                print(f"{os.path.relpath(path)}: goes on --from {kind}:{at}",
                      flush=True)
                runner.stop()
                return findings, runs, SOME
            wrong, code, _, _ = runner.run(kind, at)
            runs += 1
            if wrong and not (code == UNSETTLED == normal):
                findings.append((kind, at, wrong))
            if len(findings) >= options.stop_after:
                complete = SOME
                break
    runner.stop()
    return findings, runs, complete


def place(text):
    kind, at = text.split(":")
    return kind, int(at)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("rill", type=os.path.abspath)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--most", type=int, default=200)
    parser.add_argument("--dense", type=int, default=400)
    parser.add_argument("--ways", type=int, default=0)
    parser.add_argument("--within", type=float, default=0)
    parser.add_argument("--at-most", type=float, default=1e9)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--kind", action="append")
    parser.add_argument("--at", type=int, default=0)
    parser.add_argument("--stop-after", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--from", dest="start", type=place)
    options = parser.parse_args()
    options.kind = options.kind or KINDS
    options.start = options.start or (options.kind[0], 1)
    files = [os.path.abspath(p) for p in options.paths if os.path.isfile(p)]
    files += sorted(os.path.join(base, name)
                    for folder in options.paths
                    for base, _, names in os.walk(os.path.abspath(folder))
                    for name in names
                    if name.endswith((".js", ".ts")) and "fixtures" not in base
                    and "node_modules" not in base)
    bad = runs = done = 0
    whole = [0, 0, 0]

    def one(path):
        return (path, *test(path, options))

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path, findings, count, complete in pool.map(one, files):
            done += 1
            runs += count
            whole[complete] += 1
            for kind, at, wrong in findings:
                bad += 1
                print(f"{os.path.relpath(path)}: {kind} {at}: {wrong}",
                      flush=True)
    print(f"{done} files, {whole[EACH]} of them with each allocation, "
          f"{whole[WAY]} with each way to one, {runs} runs, {bad} bad")
    return bad != 0


sys.exit(main())
