#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A public header as doxygen reads it, on standard output. The headers have
plain comments, for people; here those before a declaration, and those behind
one on its line, become doxygen's. Headings, and remarks that a blank line
follows, stay as they are. Line numbers stay, too.

Usage: reference_filter.py HEADER
"""
import re
import sys

# Members that are the same wherever they are.
STANDARD = [
    (re.compile(r"^  rill_future future;$", re.M),
     r"\g<0> /* The future: polled, spawned or dropped through this. */"),
    (re.compile(r"^  \w.*\bprivate_(\[\d+\])?;$", re.M),
     r"\g<0> /* Not for the host. */"),
]
# Several members of a line share its comment, or the one before it.
SEVERAL = re.compile(r"^  ((?:\w+ )+)(\*?\w+(?:, \*?\w+)+);( */\*.*?\*/)?",
                     re.M | re.S)
COMMENT = re.compile(r"/\*.*?\*/", re.S)
# What doxygen would take for a command, a tag or a heading.
SPECIAL = re.compile(r"(`[^`\n]*`)|([\\@<>#%&])")


def escape(body):
    body = SPECIAL.sub(lambda m: m[1] or "\\" + m[2], body)
    # What is called by its name gets a link.
    return re.sub(r"`[^`\n]*`|\b(rill_\w+|RILL_\w+)\b(?!\*)(?=(\.h)?)",
                  lambda m: m[0] if not m[1] or m[2] else "#" + m[0], body)


def each_alone(found):
    told = found[3] or " /* With the one before. */"
    first, *others = found[2].split(", ")
    return f"  {found[1]}{first};{found[3] or ''}" + "".join(
        f" {found[1]}{name};{told}" for name in others)


def convert(text):
    for pattern, replacement in STANDARD:
        text = pattern.sub(replacement, text)
    text = SEVERAL.sub(each_alone, text)
    out, at, count = [], 0, 0
    for found in COMMENT.finditer(text):
        body = found[0][2:]
        line = text[text.rfind("\n", 0, found.start()) + 1:found.start()]
        count += 1
        if count == 1 or "---" in body.split("\n")[0]:  # the licence; a heading
            mark = None
        elif count == 2:
            mark = "/** @file"
        elif line.strip():
            mark = "/**<"
        elif re.match(r"[ \t]*\n[ \t]*\n", text[found.end():]):
            mark = None
        else:
            mark = "/**"
        out += [text[at:found.start()],
                found[0] if mark is None else mark + escape(body[:-2]) + "*/"]
        at = found.end()
    return "".join(out) + text[at:]


if __name__ == "__main__":
    sys.stdout.write(convert(open(sys.argv[1]).read()))
