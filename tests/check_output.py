#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a program and compares its standard output with a file. A program that
ends with 77 could not be run here: skipped, for the reason that it prints.

Usage: check_output.py EXPECTED PROGRAM [ARGUMENT...]
"""
import subprocess
import sys

expected_file, *command = sys.argv[1:]
expected = open(expected_file).read()
out = subprocess.run(command, capture_output=True, text=True, timeout=60)
if out.returncode == 77:
    print(out.stdout + out.stderr)
    sys.exit(77)
if out.returncode != 0 or out.stdout != expected:
    sys.exit(f"expected:\n{expected}\ngot ({out.returncode}):\n{out.stdout}"
             f"{out.stderr}")
