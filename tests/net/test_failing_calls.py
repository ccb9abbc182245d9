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
CUT_OFF = "AbortError,sent,AbortError,sent\nsent\nsecond\nfourth\nfifth\nend\n"


def main(rill, library, *calls):
    def run(call, at):
        return run_program(
            [rill, "run", "--no-jit", os.path.join(HERE, "attempts.mjs")],
            library, call, at, ERRORS[call])
    bad = fail_each(calls or ERRORS, run)
    if not calls:
        done, did_fail = run_program(
            [rill, "run", os.path.join(HERE, "datagrams_cut_off.mjs")],
            library, "sendmsg", 1, errno.EAGAIN)
        if not did_fail or done.stdout != CUT_OFF:
            print(f"datagrams cut off: {done.stdout}{done.stderr}")
            bad = True
    return bad


sys.exit(main(*sys.argv[1:]))
