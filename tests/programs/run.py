#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs unmodified npm packages on rill and on Node and compares the output.

Usage: run.py NODE_MODULES [--rill PATH]

NODE_MODULES is a folder made by `npm install acorn marked typescript`.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules")
    parser.add_argument("--rill", default=os.path.join(HERE, "../../build/rill"))
    arguments = parser.parse_args()
    rill = os.path.abspath(arguments.rill)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.abspath(arguments.modules),
                   os.path.join(folder, "node_modules"))
        for name in sorted(os.listdir(HERE)):
            if not name.endswith((".mjs", ".cjs")):
                continue
            shutil.copy(os.path.join(HERE, name), folder)
            outputs, seconds = [], []
            for command in (["node"], [rill, "run"]):
                start = time.perf_counter()
                done = subprocess.run(command + [name], cwd=folder,
                                      capture_output=True, timeout=600)
                seconds.append(time.perf_counter() - start)
                outputs.append((done.returncode, done.stdout))
                if done.returncode != 0:
                    sys.stderr.buffer.write(done.stderr[:2000])
            same = outputs[0] == outputs[1]
            failed |= not same
            print(f"{name:16} {'same output' if same else 'DIFFERENT'} "
                  f"({len(outputs[0][1])} bytes; node {seconds[0]:.2f} s, "
                  f"rill {seconds[1]:.2f} s)")
    sys.exit(failed)


main()
