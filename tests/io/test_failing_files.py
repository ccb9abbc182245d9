#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each system call that rill:fs makes fails once, in a run of its own.

Usage: test_failing_files.py RILL LIBRARY [CALL...]

LIBRARY is fail_file.c. The program goes on, tells of an error that names the
operation, and leaves no descriptor and no temporary file behind.
"""
import errno
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from failing_calls import fail_each, run_program

HERE = os.path.dirname(os.path.abspath(__file__))
CALLS = ["open", "read", "write", "pread", "pwrite", "fstat", "fsync",
         "fdatasync", "ftruncate", "fchmod", "fchown", "futimens", "flock",
         "getdents64", "copy_file_range", "stat", "lstat", "mkdir", "rmdir",
         "unlink", "rename", "chmod", "readlink", "inotify_init1",
         "inotify_add_watch"]
# What removes: if that fails, something is left.
REMOVING = ["unlink", "rmdir", "lstat", "getdents64", "open", "readlink"]


def main(rill, library, *calls):
    def run(call, at):
        with tempfile.TemporaryDirectory(prefix="failing-") as folder:
            return run_program(
                [rill, "run", "--no-jit", os.path.join(HERE, "attempts.mjs"),
                 folder], library, call, at, errno.EIO,
                FAIL_PATH=os.path.basename(folder))

    def is_good(done, call):
        is_left = "LEFT" in done.stdout and call not in REMOVING
        return (done.returncode == 0 and done.stdout.endswith("end\n") and
                "OPEN" not in done.stdout and "UNCLEAR" not in done.stdout and
                not is_left and not done.stderr)
    return fail_each(calls or CALLS, run, is_good)


sys.exit(main(*sys.argv[1:]))
