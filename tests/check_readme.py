#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the embedding example and checks that the README shows its text.

Usage: check_readme.py EMBED README.md embed.c
"""
import subprocess
import sys

EXPECTED = """Hello, world
42
demo.js:2: TypeError: Cannot read properties of null (reading 'y')
"""

program, readme, source = sys.argv[1:]
if f"```c\n{open(source).read()}```" not in open(readme).read():
    sys.exit("README.md does not show examples/embed.c as it is")
out = subprocess.run([program], capture_output=True, text=True, timeout=60)
if out.returncode != 0 or out.stdout != EXPECTED:
    sys.exit(f"expected:\n{EXPECTED}\ngot ({out.returncode}):\n{out.stdout}"
             f"{out.stderr}")
