#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every public symbol is documented: each function, type, constant and macro of
the headers has a comment, before it or behind it on its line, or is in a run of
lines without a blank line that begins with a comment; members of a struct or an
enum may be told about in the comment of the whole.

Usage: check_documented.py INCLUDE_FOLDER
"""
import pathlib
import re
import sys

# What only makes the headers work: names that no embedder writes.
INTERNAL = {"RILL_API", "RILL_BEGIN_DECLARATIONS", "RILL_END_DECLARATIONS"}

FUNCTION = re.compile(r"\b(rill_\w+)\s*\(")
TYPE = re.compile(r"^(?:typedef\s+)?(?:struct|enum|union)\s+(rill_\w+)\s*[{;]?")
MACRO = re.compile(r"^#define\s+(RILL_\w+)")


def paragraphs(text):
    """Runs of lines between blank lines, outside of braces."""
    lines, depth, first = [], 0, 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() and depth == 0:
            if lines:
                yield first, lines
            lines = []
            continue
        if not lines:
            first = number
        lines.append(line)
        code = re.sub(r'/\*.*?\*/|"[^"]*"', "", line)
        if not code.startswith("extern"):
            depth += code.count("{") - code.count("}")
            depth = max(depth, 0)
    if lines:
        yield first, lines


def names(line):
    if re.fullmatch(r"(struct|enum) \w+;", line):  # it is told where it is
        return []
    for pattern in (MACRO, TYPE):
        found = pattern.match(line)
        if found:
            return [found.group(1)]
    if line.startswith(("RILL_API", "static inline")):
        return FUNCTION.findall(line)[:1]
    if line.startswith("typedef") and line.rstrip().endswith(";"):
        return re.findall(r"\b(rill_\w+)(?=\)?\s*[;(])", line)[:1]
    return []


def check(path):
    undocumented, seen = [], 0
    for first, lines in paragraphs(path.read_text()):
        commented = False
        told = any("/*" in line for line in lines)  # of types: members may be
        joined = []  # declarations may go on on the next line
        for number, line in enumerate(lines, first):
            joined.append((number, line))
        for i, (number, line) in enumerate(joined):
            if "/*" in line:
                commented = True
            rest = line
            if line.startswith("RILL_API") and "(" not in line:
                rest = line + " " + joined[min(i + 1, len(joined) - 1)][1]
            for name in names(rest):
                if name in INTERNAL or name.endswith("_H"):
                    continue
                seen += 1
                # An initializer belongs to its struct.
                is_type = "struct " in line or "enum " in line
                if (not (commented or (told and is_type)) and
                        not name.endswith("_INIT")):
                    undocumented.append(f"{path.name}:{number}: {name}")
    return seen, undocumented


folder = pathlib.Path(sys.argv[1])
total, missing = 0, []
for header in [folder / "rill.h", *sorted((folder / "rill").glob("*.h"))]:
    seen, undocumented = check(header)
    total += seen
    missing += undocumented
if total < 300:
    sys.exit(f"only {total} symbols were found: has the style changed?")
if missing:
    sys.exit("undocumented:\n" + "\n".join(missing))
print(f"{total} symbols are documented")
