#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The table of features names tests and pages that exist, and each row without
a test says what is open.

Usage: check_features.py SOURCE
"""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
table = source / "docs/FEATURES-TABLE.md"
units = "".join(p.read_text() for p in (source / "tests/unit").glob("*.c"))
wrong, rows = [], []
for line in table.read_text().splitlines():
    if not re.match(r"\| [A-E]\d+ ", line):
        continue
    row, what, pages, tests, gaps = [c.strip() for c in line.split("|")[1:-1]]
    rows.append(row)
    for page in re.findall(r"\]\((.*?)\)", pages):
        if not (table.parent / page).exists():
            wrong.append(f"{row}: no page {page}")
    named = re.findall(r"`(.*?)`", tests)
    for test in named:
        if not (re.search(rf"^static void {re.escape(test)}\(", units, re.M) or
                (source / "tests/language" / test).exists() or
                (source / "examples" / test).exists()):
            wrong.append(f"{row}: no test {test}")
    if not named and not gaps:
        wrong.append(f"{row}: neither a test nor what is open")
expected = [f"{c}{i}" for c, n in ("B5", "C9", "D5") for i in
            range(1, int(n) + 1)] + [f"E{i}" for i in range(1, 15)]
if rows != expected:
    wrong.append(f"rows: {rows}")
sys.exit("\n".join(wrong) or 0)
