#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns self-hosted builtins (*.js) into a C table.

Usage: embed_self_hosted.py OUTPUT.c INPUT.js...

A file holds top-level functions only, each from a line `function Name(` (or
`function* Name(`, `async function Name(`) to a line `}`. Each becomes one row
{name, text, line}, compiled on its first call.
"""
import json
import os
import re
import sys


def functions(path):
    rows, current, start = [], None, 0
    for number, line in enumerate(open(path, encoding="ascii"), 1):
        head = re.match(r"(?:async )?function\*? (\w+)\(", line)
        if current is None and head:
            current, start, text = head.group(1), number, []
        elif current is None and line.strip() and not line.startswith("//"):
            sys.exit(f"{path}:{number}: text outside a function")
        if current is not None:
            text.append(line)
            if line.rstrip() == "}":
                rows.append((current, "".join(text), os.path.basename(path),
                             start))
                current = None
    if current is not None:
        sys.exit(f"{path}: {current} is not closed by a line }}")
    return rows


def main():
    output, inputs = sys.argv[1], sys.argv[2:]
    rows = sorted(row for path in inputs for row in functions(path))
    with open(output, "w", encoding="ascii") as out:
        out.write('#include "vm/builtins/self_hosted.h"\n\n')
        out.write("const SelfHostedSource vm_self_hosted_sources[] = {\n")
        for name, text, file, line in rows:
            out.write(f'{{"{name}", "{file}", {line},\n')
            for part in text.splitlines(keepends=True):
                out.write(f"  {json.dumps(part)}\n")
            out.write("},\n")
        out.write("};\n")
        out.write("const unsigned vm_self_hosted_source_count = "
                  f"{len(rows)};\n")


main()
