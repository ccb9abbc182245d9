#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each system call that starting a child makes fails once, in a run of its own.

Usage: test_failing_processes.py RILL LIBRARY [CALL...]

LIBRARY is fail_process.c. The program goes on: it ends in time, what failed has
been told as an error or been overcome, no descriptor is left and no zombie.
"""
import errno
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ERRORS = {
    "pipe2": errno.EMFILE, "socketpair": errno.EMFILE,
    "posix_spawn": errno.EAGAIN, "pidfd_open": errno.EMFILE,
    "fcntl": errno.EMFILE, "waitpid": errno.EINTR,
}


def run(rill, library, call, at):
    environment = dict(os.environ, LD_PRELOAD=library, FAIL_CALL=call,
                       FAIL_AT=str(at), FAIL_ERRNO=str(ERRORS[call]))
    done = subprocess.run([rill, "run", "--no-jit",
                           os.path.join(HERE, "attempts.mjs")],
                          env=environment, capture_output=True, text=True,
                          timeout=30)
    return done, "[failed]" in done.stderr


def main(rill, library, *calls):
    bad = failed = 0
    for call in calls or ERRORS:
        # The first two pipes are libuv's own, without which it ends the program.
        at = 2 if call == "pipe2" else 0
        while at < 40:
            at += 1
            try:
                done, did_fail = run(rill, library, call, at)
            except subprocess.TimeoutExpired:
                print(f"{call} {at}: does not end")
                bad += 1
                continue
            if not did_fail:
                break
            failed += 1
            told = done.stderr.replace("[failed]\n", "")
            if done.returncode != 0 or not done.stdout.endswith("end\n") or \
                    "Sanitizer" in told:
                print(f"{call} {at}: exit {done.returncode}\n{done.stdout}"
                      f"{told}")
                bad += 1
        print(f"{call}: {at - 1} calls", flush=True)
    if failed == 0:
        print("no call failed: the library was not loaded")
    return bad != 0 or failed == 0


sys.exit(main(*sys.argv[1:]))
