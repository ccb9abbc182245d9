#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each system call that rill:fs makes fails once, in a run of its own.

Usage: test_failing_files.py RILL LIBRARY [CALL...]

LIBRARY is fail_file.c. The program goes on, tells of an error that names the
operation, and leaves no descriptor and no temporary file behind.
"""
import errno
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CALLS = ["open", "read", "write", "pread", "pwrite", "fstat", "fsync",
         "fdatasync", "ftruncate", "fchmod", "fchown", "futimens", "flock",
         "getdents64", "copy_file_range", "stat", "lstat", "mkdir", "rmdir",
         "unlink", "rename", "chmod", "readlink", "inotify_init1",
         "inotify_add_watch"]
# What removes: if that fails, something is left.
REMOVING = ["unlink", "rmdir", "lstat", "getdents64", "open", "readlink"]


def run(rill, library, call, at):
    with tempfile.TemporaryDirectory(prefix="failing-") as folder:
        environment = dict(os.environ, LD_PRELOAD=library, FAIL_CALL=call,
                           FAIL_AT=str(at), FAIL_ERRNO=str(errno.EIO),
                           FAIL_PATH=os.path.basename(folder))
        done = subprocess.run(
            [rill, "run", "--no-jit", os.path.join(HERE, "attempts.mjs"),
             folder],
            env=environment, capture_output=True, text=True, timeout=30)
    return done, "[failed]" in done.stderr


def main(rill, library, *calls):
    bad = failed = 0
    for call in calls or CALLS:
        at = 0
        while True:
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
            is_left = "LEFT" in done.stdout and call not in REMOVING
            if (done.returncode != 0 or not done.stdout.endswith("end\n") or
                    "OPEN" in done.stdout or "UNCLEAR" in done.stdout or
                    is_left or told):
                print(f"{call} {at}: exit {done.returncode}\n{done.stdout}"
                      f"{told}")
                bad += 1
        print(f"{call}: {at - 1} calls", flush=True)
    if failed == 0:
        print("no call failed: the library was not loaded")
    return bad != 0 or failed == 0


sys.exit(main(*sys.argv[1:]))
