# SPDX-License-Identifier: MIT
"""For tests in which each call that a program makes fails once, in a run of its
own; the library that makes it fail (net/fail.h) says so on standard error."""
import os
import subprocess


def run_program(command, library, call, at, error, **environment):
    """The program whose at-th call fails, and whether it made so many."""
    environment = dict(os.environ, LD_PRELOAD=library, FAIL_CALL=call,
                       FAIL_AT=str(at), FAIL_ERRNO=str(error), **environment)
    done = subprocess.run(command, env=environment, capture_output=True,
                          text=True, timeout=30)
    did_fail = "[failed]" in done.stderr
    done.stderr = done.stderr.replace("[failed]\n", "")
    return done, did_fail


def ends_well(done, call):
    return (done.returncode == 0 and done.stdout.endswith("end\n") and
            "Sanitizer" not in done.stderr)


def fail_each(calls, run, is_good=ends_well, first=None):
    """Runs run(call, at) for each; True, if one was bad or none failed.

    first: the number of a call to begin with, where it is not 1.
    """
    bad = failed = 0
    for call in calls:
        at = (first or {}).get(call, 1) - 1
        while True:
            at += 1
            try:
                done, did_fail = run(call, at)
            except subprocess.TimeoutExpired:
                print(f"{call} {at}: does not end")
                bad += 1
                continue
            if not did_fail:
                break
            failed += 1
            if not is_good(done, call):
                print(f"{call} {at}: exit {done.returncode}\n{done.stdout}"
                      f"{done.stderr}")
                bad += 1
        print(f"{call}: {at - 1} calls", flush=True)
    if failed == 0:
        print("no call failed: the library was not loaded")
    return bad != 0 or failed == 0
