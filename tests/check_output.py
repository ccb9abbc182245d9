#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a program and compares its standard output with a file.

Usage: check_output.py PROGRAM EXPECTED
"""
import subprocess
import sys

program, expected_file = sys.argv[1:]
expected = open(expected_file).read()
out = subprocess.run([program], capture_output=True, text=True, timeout=60)
if out.returncode != 0 or out.stdout != expected:
    sys.exit(f"expected:\n{expected}\ngot ({out.returncode}):\n{out.stdout}"
             f"{out.stderr}")
