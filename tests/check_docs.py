#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The pages on embedding: each fragment of C compiles, as C11 with warnings as
errors, within a function that has an isolate and what else a host would have;
and in all pages, links lead to files and headings that are there.

Usage: check_docs.py SOURCE C_COMPILER
"""
import pathlib
import re
import subprocess
import sys

source, compiler = pathlib.Path(sys.argv[1]), sys.argv[2].split()
# What fragments use and do not declare.
HOST = """
#include <rill.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
rill_value add(rill_isolate *, void *, rill_value, size_t, const rill_value *);
rill_value get_value(rill_isolate *, void *, rill_value, size_t,
                     const rill_value *);
rill_value set_value(rill_isolate *, void *, rill_value, size_t,
                     const rill_value *);
rill_value parse(rill_isolate *, void *, rill_value, size_t,
                 const rill_value *);
void on_free(void *data, void *bytes, size_t length);
bool set_up(rill_isolate *, void *data);
bool show(rill_isolate *, void *data, const char *file, uint32_t line,
          rill_value variables);
extern rill_isolate *iso;
extern rill_value function, list;
extern void *pixels;
extern const char *text, *map;
extern size_t size;
"""
# Fragments that begin with a function or a type are not put in one.
AT_TOP = re.compile(r"^(?:static|typedef|struct)\b[^;=]*\{", re.M)
wrong, compiled = [], 0

for page in ("docs/EMBEDDING.md", "docs/manual/embedding.md"):
    content = (source / page).read_text()
    for found in re.finditer(r"^```c\n(.*?)^```", content, re.M | re.S):
        line = content.count("\n", 0, found.start()) + 2
        code = f'#line {line} "{page}"\n{found[1]}'
        host = HOST
        if AT_TOP.match(found[1]):  # it may define what others use
            host = HOST.replace("bool show(", "bool shown(")
        else:
            code = "void fragment(void);\nvoid fragment(void) {\n" + code + "}"
        done = subprocess.run(
            [*compiler, "-std=c11", "-Wall", "-Wextra", "-Werror",
             "-Wno-unused", "-fsyntax-only", "-I", str(source / "include"),
             "-x", "c", "-"], input=host + code + "\n", text=True,
            capture_output=True)
        compiled += 1
        if done.returncode != 0:
            wrong.append(done.stderr)
if compiled < 10:
    wrong.append(f"only {compiled} fragments were found")


def anchors(page):
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-")
            for h in headings}


links = 0
for page in [source / "README.md", *sorted((source / "docs").rglob("*.md"))]:
    prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text(),
                   flags=re.M | re.S)
    for target in re.findall(r"\]\(((?!\w+:)[^)\s]+)\)", prose):
        links += 1
        path, _, anchor = target.partition("#")
        there = page if path == "" else page.parent / path
        if not there.exists():
            wrong.append(f"{page.relative_to(source)}: no {target}")
        elif anchor and anchor not in anchors(there):
            wrong.append(f"{page.relative_to(source)}: no heading {target}")
print(f"{compiled} fragments, {links} links")
sys.exit("\n".join(wrong) or 0)
