#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each system call that sockets make fails once, in a run of its own.

Usage: test_failing_calls.py RILL LIBRARY [CALL...]

LIBRARY is fail_call.c. The program goes on: it ends in time, by itself, and
what failed has been told as an error, or been overcome.
"""
import errno
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from failing_calls import fail_each, run_program

HERE = os.path.dirname(os.path.abspath(__file__))
ERRORS = {
    "socket": errno.EMFILE, "bind": errno.EACCES, "listen": errno.EADDRINUSE,
    "connect": errno.ENETUNREACH, "accept4": errno.EMFILE,
    "getsockname": errno.ENOBUFS, "getpeername": errno.ENOBUFS,
    "setsockopt": errno.ENOMEM, "getsockopt": errno.ENOBUFS,
    "shutdown": errno.ENOTCONN, "read": errno.ECONNRESET,
    "write": errno.ECONNRESET, "writev": errno.EPIPE, "sendmsg": errno.ENOBUFS,
    "recvmsg": errno.ENOMEM, "dup": errno.EMFILE,
    "sendto": errno.ECONNRESET, "recvfrom": errno.ECONNRESET,
}


def main(rill, library, *calls):
    def run(call, at):
        return run_program(
            [rill, "run", "--no-jit", os.path.join(HERE, "attempts.mjs")],
            library, call, at, ERRORS[call])
    return fail_each(calls or ERRORS, run)


sys.exit(main(*sys.argv[1:]))
