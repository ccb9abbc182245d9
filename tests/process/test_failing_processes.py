#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each system call that starting a child makes fails once, in a run of its own.

Usage: test_failing_processes.py RILL LIBRARY [CALL...]

LIBRARY is fail_process.c. The program goes on: it ends in time, what failed has
been told as an error or been overcome, no descriptor is left and no zombie.
"""
import errno
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from failing_calls import fail_each, run_program

HERE = os.path.dirname(os.path.abspath(__file__))
ERRORS = {
    "pipe2": errno.EMFILE, "socketpair": errno.EMFILE,
    "posix_spawn": errno.EAGAIN, "pidfd_open": errno.EMFILE,
    "fcntl": errno.EMFILE, "waitpid": errno.EINTR,
}


def main(rill, library, *calls):
    def run(call, at):
        return run_program(
            [rill, "run", "--no-jit", os.path.join(HERE, "attempts.mjs")],
            library, call, at, ERRORS[call])
    # The first two pipes are libuv's own, without which it ends the program.
    return fail_each(calls or ERRORS, run, first={"pipe2": 3})


sys.exit(main(*sys.argv[1:]))
