#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns the builtin modules written in the language into a C table.

Usage: embed_modules.py OUTPUT.c BASE INPUT.js...

BASE/node/fs.js is the module "node:fs"; BASE/internal/x.js "rill:internal/x";
BASE/rill/x.js "rill:x"; BASE/web/x.js "rill:internal/web/x".
"""
import os
import sys


def name_of(base, path):
    relative = os.path.relpath(path, base)[:-len(".js")]
    folder, _, rest = relative.partition(os.sep)
    return {"node": "node:", "rill": "rill:",
            "internal": "rill:internal/",
            "web": "rill:internal/web/"}[folder] + rest


def main():
    output, base, inputs = sys.argv[1], sys.argv[2], sys.argv[3:]
    rows = sorted((name_of(base, path), path) for path in inputs)
    with open(output, "w", encoding="ascii") as out:
        out.write('#include "runtime/modules/embedded.h"\n\n')
        out.write("const EmbeddedModule rt_embedded_modules[] = {\n")
        for name, path in rows:
            text = open(path, "rb").read()
            out.write(f'{{"{name}", {len(text)},\n')
            for line in text.splitlines(keepends=True):
                escaped = "".join(
                    f"\\{byte:03o}" if byte < 32 or byte > 126 or
                    chr(byte) in '"\\?' else chr(byte) for byte in line)
                out.write(f'  "{escaped}"\n')
            out.write("},\n")
        out.write("};\n")
        out.write(f"const unsigned rt_embedded_module_count = {len(rows)};\n")


main()
