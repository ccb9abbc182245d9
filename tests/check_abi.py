#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The symbols that librill.so exports are those of a list: programs that were
linked with an earlier version find all that they call. What is new is named, to
be added to the list (--write); what is gone fails.

Usage: check_abi.py [--write] NM LIBRARY LIST
"""
import pathlib
import subprocess
import sys

arguments = sys.argv[1:]
write = arguments[0] == "--write"
nm, library, listed_file = arguments[write:]
out = subprocess.run([nm, "-D", "--defined-only", library], check=True,
                     capture_output=True, text=True).stdout
# Addresses of the file's own are no symbols of ours.
LINKER = {"_init", "_fini", "_end", "_edata", "__bss_start"}
exported = {line.split()[-1].split("@")[0] for line in out.splitlines()}
exported -= LINKER
listed = set(pathlib.Path(listed_file).read_text().split())

gone, new = sorted(listed - exported), sorted(exported - listed)
foreign = [name for name in new if not name.startswith("rill_")]
if gone:
    print("gone, and programs that call them do not start:", *gone, sep="\n  ")
if foreign:
    print("exported, but not of the API:", *foreign, sep="\n  ")
if gone or foreign:
    sys.exit(1)
if new and write:
    pathlib.Path(listed_file).write_text("\n".join(sorted(exported)) + "\n")
elif new:
    print("new, to be added by --write:", *new, sep="\n  ")
print(f"{len(exported)} symbols")
