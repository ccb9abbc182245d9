#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs real programs from npm on rill and on Node and compares them.

Usage: run.py [--rill PATH] [--folder PATH] [--jitless] [NAME...]

A program is a file here that uses a package of package.json, or a line of
suites.txt: a test file or a command that a package ships. Each must exit alike
and print the same on both engines. The packages are installed once, by `npm ci`, into FOLDER
(build/programs). Exits with 77, saying why, where that cannot be done.
"""
import argparse
import concurrent.futures
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77
# What npm says when the registry cannot be reached, as against a broken lock
# file, which is a failure.
UNREACHABLE = re.compile(
    r"\b(ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|"
    r"EHOSTUNREACH|ERR_SOCKET_TIMEOUT|E40[137]|E50[0-9])\b")


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(SKIPPED)


def check_node():
    if shutil.which("node") is None:
        skip("node is missing (20 or newer)")
    version = subprocess.run(["node", "--version"], capture_output=True,
                             text=True).stdout
    if int(version.lstrip("v").partition(".")[0] or 0) < 20:
        skip(f"node is too old: {version.strip()}, 20 or newer is needed")


def install(folder):
    """Makes folder/node_modules what package-lock.json says."""
    digest = hashlib.sha256()
    for name in ("package.json", "package-lock.json"):
        with open(os.path.join(HERE, name), "rb") as file:
            digest.update(file.read())
    os.makedirs(folder, exist_ok=True)
    stamp = os.path.join(folder, "installed")
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read() == digest.hexdigest():
                return
        os.remove(stamp)
    if shutil.which("npm") is None:
        skip("npm is missing, which installs the programs")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(HERE, name), folder)
    try:
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=400)
    except subprocess.TimeoutExpired:
        skip("npm unreachable (no answer in 400 seconds)")
    if done.returncode != 0:
        if found := UNREACHABLE.search(done.stdout):
            skip(f"npm unreachable ({found[0]})")
        sys.exit(f"npm ci failed:\n{done.stdout}")
    with open(stamp, "w") as file:
        file.write(digest.hexdigest())


def programs(folder):
    """(name, working directory, file and arguments) of every program."""
    result = []
    for name in sorted(os.listdir(HERE)):
        if name.endswith((".mjs", ".cjs")):
            shutil.copy(os.path.join(HERE, name), folder)
            result.append((name, folder, [name]))
    with open(os.path.join(HERE, "suites.txt")) as file:
        for line in file:
            if line := line.partition("#")[0].strip():
                package, *command = line.split()
                result.append((f"{package}/{command[0]}",
                               os.path.join(folder, "node_modules", package),
                               command))
    return result


def run(command, directory):
    environment = dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8", NO_COLOR="1")
    start, before = time.perf_counter(), os.times()
    try:
        done = subprocess.run(command, cwd=directory,
                              env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=300)
        outcome = (done.returncode, done.stdout, done.stderr)
    except subprocess.TimeoutExpired:
        outcome = ("timed out", b"", b"")
    after = os.times()
    processor = (after.children_user + after.children_system -
                 before.children_user - before.children_system)
    return outcome, time.perf_counter() - start, processor


def difference(node, rill):
    """Where two outcomes part, in a few lines; empty if they do not."""
    if node[:2] == rill[:2]:
        return "" if node[1] else "  Node printed nothing: no test"
    lines = [f"  exit: node {node[0]}, rill {rill[0]}"]
    pairs = zip(node[1].split(b"\n") + [None], rill[1].split(b"\n") + [None])
    for number, (expected, actual) in enumerate(pairs, 1):
        if expected != actual:
            lines.append(f"  line {number}: node {expected!s:.300}\n"
                         f"  line {number}: rill {actual!s:.300}")
            break
    lines.append(rill[2].decode(errors="replace")[-1500:])
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", help="only these programs")
    build = os.path.join(HERE, "../../build")
    parser.add_argument("--rill", default=os.path.join(build, "rill"))
    parser.add_argument("--folder", default=os.path.join(build, "programs"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--jitless", action="store_true",
                        help="one after the other, with the processor's time, "
                        "and\nnode --jitless, too")
    arguments = parser.parse_args()
    if arguments.jitless:
        arguments.jobs = 1
    check_node()
    folder = os.path.abspath(arguments.folder)
    install(folder)

    chosen = [p for p in programs(folder)
              if not arguments.names or
              any(name in p[0] for name in arguments.names)]
    engines = [["node"], [os.path.abspath(arguments.rill), "run"]]
    if arguments.jitless:
        engines.append(["node", "--jitless"])

    def measure(program):
        _, directory, command = program
        return program, [run(e + command, directory) for e in engines]

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for (name, _, _), results in pool.map(measure, chosen):
            parted = difference(results[0][0], results[1][0])
            failed += parted != ""
            times = ", ".join(
                f"{' '.join([os.path.basename(e[0])] + e[1:])} "
                f"{processor if arguments.jitless else seconds:.2f} s"
                for e, (_, seconds, processor) in zip(engines, results))
            print(f"{'DIFFERENT' if parted else 'same':9} {name:30} "
                  f"{len(results[0][0][1]):8} bytes; {times}", flush=True)
            if parted:
                print(parted)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
