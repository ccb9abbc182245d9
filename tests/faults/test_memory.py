#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""There is no memory any more: every allocation of runtime/ and vm/ from one on
fails, or that one alone.

Usage: test_memory.py RILL_FAULTS LIBRARY [--most N] [--at N] [SCRIPT...]

The scripts run once for each of N allocations (default 40), spread evenly but
for the first ones, and twice: the allocation fails, and all that follow it do.
However little can be done then, the program ends in time by itself, by no
signal; if it fails, it says so; its loops are closed.
"""
import argparse
import concurrent.futures
import subprocess
import sys
import tempfile

from test_faults import TOLD, Tester, write_ranges

SCRIPTS = ["everything.mjs", "memory_files.mjs", "memory_messages.mjs",
           "memory_net.mjs", "memory_tls.mjs", "memory_worker.mjs"]


def chosen(count, most):
    """Half of them near the start, where each is another place."""
    if most == 0 or count <= most:
        return range(1, count + 1)
    near = most // 2
    return sorted({1 + i for i in range(near)} |
                  {near + (count - near) * (i + 1) // (most - near)
                   for i in range(most - near)})


def check(tester, at, every):
    fail = {"FAIL_CALL": "memory", "FAIL_AT": str(at)}
    if every:
        fail["FAIL_ALL"] = "1"
    try:
        done = tester.run(**fail)
    except subprocess.TimeoutExpired:
        return "does not end"
    # The reserve is used up as well (docs/manual/memory.md).
    if every and done.returncode == 70 and TOLD.search(done.stderr):
        return ""
    wrong = []
    # 7: what listens to the end of the process has failed.
    if done.returncode not in (0, 1, 7, 13):
        wrong.append(f"exit {done.returncode}")
    elif done.returncode in (1, 7) and not TOLD.search(done.stderr):
        wrong.append(f"exit {done.returncode} without a word")
    if "Sanitizer" in done.stderr:
        wrong.append("sanitizer")
    if "[busy]" in done.stderr:
        wrong.append("a loop could not be closed")
    if not wrong:
        return ""
    return "; ".join(wrong) + "\n" + done.stdout[-300:] + done.stderr[-1500:]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("library")
    parser.add_argument("scripts", nargs="*")
    parser.add_argument("--most", type=int, default=40)
    parser.add_argument("--at", type=int)
    options = parser.parse_intermixed_args()
    bad = runs = 0
    with tempfile.NamedTemporaryFile("w") as ranges, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        write_ranges(options.program, options.library, ranges.name,
                     ("runtime_", "vm_"))
        for script in options.scripts or SCRIPTS:
            tester = Tester(options.program, ranges.name, script)
            if not tester.baseline():
                print(f"{script} fails by itself:", *tester.normal, sep="\n")
                return 1
            count = tester.counts["memory"]
            places = [options.at] if options.at else chosen(count, options.most)
            cases = [(at, every) for at in places for every in (True, False)]
            results = pool.map(lambda case: check(tester, *case), cases)
            for (at, every), wrong in zip(cases, results):
                runs += 1
                if wrong:
                    bad += 1
                    print(f"{script}, allocation {at}{' and all after it' if every else ''}"
                          f" of {count}: {wrong}")
    print(f"{runs} runs, {bad} bad")
    return bad != 0


sys.exit(main())
