#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files under hard conditions: full disks, no descriptors, no rights, files that
change while they are read, special files, links that lead back.

Usage: test_file_faults.py RILL

Each program tells clear errors, ends in time and leaves no descriptor open.
"""
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

RILL = sys.argv[1]
START = """
import * as fs from "rill:fs";
import { readText, readFile, writeFile, open } from "rill:fs";
import { spawn } from "rill:task";
import { sleep } from "rill:time";
import { readdirSync, readlinkSync } from "node:fs";
const folder = process.argv[2];
const at = (name) => `${folder}/${name}`;
const attempt = async (name, work) => {
  try {
    const value = await work();
    console.log(name, value);
  } catch (e) {
    console.log(name, e.name, e.code, e.message.replaceAll(folder, "F"));
  }
};
"""
# What is open: nothing below the folder.
END = """
const opened = readdirSync("/proc/self/fd").map((fd) => {
  try { return readlinkSync(`/proc/self/fd/${fd}`); } catch { return ""; }
}).filter((path) => path.startsWith(folder));
console.log("open", opened.length);
"""


def run(folder, text, before=None, during=None, timeout=30, end=END):
    program = os.path.join(folder, "program.mjs")
    with open(program, "w", encoding="utf-8") as out:
        out.write(START + text + end)
    os.chmod(program, 0o644)
    child = subprocess.Popen([RILL, "run", program, folder],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, preexec_fn=before)
    if during is not None:
        threading.Thread(target=during, args=(child,), daemon=True).start()
    try:
        return child.communicate(timeout=timeout)[0].splitlines()
    except subprocess.TimeoutExpired:
        child.kill()
        return child.communicate()[0].splitlines() + ["DOES NOT END"]


def full_disk(folder):
    disk = os.path.join(folder, "disk")
    os.mkdir(disk)
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk],
        capture_output=True, check=False).returncode == 0
    try:
        lines = run(folder, """
        await attempt("device", () => writeFile("/dev/full", "x"));
        await attempt("limit", () => writeFile(at("big"), new Uint8Array(3e6)));
        """ + ("""
        const big = new Uint8Array(1e6);
        await attempt("write", () => writeFile(at("disk/a"), big));
        await fs.unlink(at("disk/a"));
        await writeFile(at("disk/old"), "old");
        await attempt("atomic", () => writeFile(at("disk/old"), big,
                                                { atomic: true }));
        console.log(await readText(at("disk/old")),
                    (await fs.readDirectory(at("disk"))).join());
        await writeFile(at("source"), big);
        await attempt("copy", () => fs.copyFile(at("source"), at("disk/c")));
        console.log((await fs.readDirectory(at("disk"))).join());
        const writer = fs.writeStream(at("disk/s")).getWriter();
        await attempt("stream", async () => {
          for (let i = 0; i < 20; i++) await writer.write(big.subarray(0, 65536));
        });
        """ if mounted else ""),
                    before=lambda: resource.setrlimit(
                        resource.RLIMIT_FSIZE, (2000000, 2000000)))
    finally:
        if mounted:
            subprocess.run(["umount", disk], check=False)
    no_space = "ENOSPC: no space left on device"
    return lines, [
        f"device Error ENOSPC {no_space}, write '/dev/full'",
        "limit Error EFBIG EFBIG: file too large, write 'F/big'",
    ] + ([
        f"write Error ENOSPC {no_space}, write 'F/disk/a'",
        f"atomic Error ENOSPC {no_space}, write 'F/disk/old'",
        "old old",
        f"copy Error ENOSPC {no_space}, copyfile 'F/source' -> 'F/disk/c'",
        "old",
        f"stream Error ENOSPC {no_space}, write",
    ] if mounted else []) + ["open 0"]


def no_descriptors(folder):
    return run(folder, """
    await writeFile(at("a"), "text");
    const files = [];
    await attempt("open", async () => {
      for (;;) files.push(await open(at("a")));
    });
    await attempt("read", () => readText(at("a")));
    await attempt("entries", async () => {
      for await (const entry of fs.entries(folder)) console.log(entry.name);
    });
    await attempt("temporary", () => fs.temporaryFile({ directory: folder }));
    for (const file of files) await file.close();
    await attempt("after", () => readText(at("a")));
    const list = await Promise.all(
      Array.from({ length: 1000 }, () => readText(at("a"))));
    console.log(list.length);
    """, before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))), [
        "open Error EMFILE EMFILE: too many open files, open 'F/a'",
        "read Error EMFILE EMFILE: too many open files, open 'F/a'",
        "entries Error EMFILE EMFILE: too many open files, open 'F'",
        "temporary Error EMFILE EMFILE: too many open files, open",
        "after text", "1000", "open 0"]


def no_rights(folder):
    os.chmod(folder, 0o755)
    closed = os.path.join(folder, "closed")
    os.mkdir(closed)
    with open(os.path.join(closed, "inner"), "w", encoding="utf-8"):
        pass
    os.chmod(closed, 0)
    root = os.geteuid() == 0

    def become_nobody():
        if root:
            os.setgid(65534)
            os.setuid(65534)

    try:
        lines = run(folder, """
        await attempt("read", () => readText(at("closed/inner")));
        await attempt("write", () => writeFile(at("closed/new"), ""));
        await attempt("list", () => fs.readDirectory(at("closed")));
        const failed = [];
        const walk = fs.walk(folder, { onError: (e, p) => failed.push(e.code) });
        for await (const entry of walk) failed.push(entry.name);
        console.log(failed.join());
        await attempt("owner", () => fs.changeOwner("/etc/hostname", 0, 0));
        """, before=become_nobody)
    except PermissionError:
        return [], []  # the build is nobody's to run
    finally:
        os.chmod(closed, 0o755)
    if lines and "denied" in lines[0] and "rill" in lines[0]:
        return [], []
    denied = "Error EACCES EACCES: permission denied"
    return lines, [f"read {denied}, open 'F/closed/inner'",
                   f"write {denied}, open 'F/closed/new'",
                   f"list {denied}, scandir 'F/closed'",
                   "closed,EACCES,program.mjs",
                   "owner Error EPERM EPERM: operation not permitted, chown "
                   "'/etc/hostname'", "open 0"]


def changing(folder):
    """Somebody else cuts and extends the file all the time."""
    path = os.path.join(folder, "changing")
    with open(path, "wb") as file:
        file.write(b"x" * 100000)

    def change(child):
        with open(path, "r+b") as file:
            while child.poll() is None:
                file.truncate(10)
                file.seek(0)
                file.write(b"x" * 300000)
                file.flush()

    return run(folder, """
    let bad = 0;
    for (let i = 0; i < 300; i++) {
      const text = await readText(at("changing"));
      if (!/^[x\\0]*$/.test(text) || text.length > 300000) bad++;
    }
    let chunks = 0;
    for await (const chunk of fs.readStream(at("changing"))) chunks++;
    console.log(bad, chunks <= 5);
    """, during=change), ["0 true", "open 0"]


def special(folder):
    os.mkfifo(os.path.join(folder, "fifo"))
    return run(folder, """
    console.log((await readText("/proc/self/status")).startsWith("Name:"),
                (await readFile("/proc/self/stat")).length > 10);
    await attempt("memory", () => readText("/proc/self/mem"));
    await attempt("zeros", () => readText("/dev/zero", { timeout: 50 }));
    const started = performance.now();
    await attempt("fifo", () => readText(at("fifo"), { timeout: 50 }));
    const gate = new AbortController();
    setTimeout(() => gate.abort(), 50);
    await attempt("fifo", () => open(at("fifo"), "w", { signal: gate.signal }));
    {
      // More than the pool has threads.
      const waiting = Array.from({ length: 12 },
        () => readText(at("fifo"), { timeout: 50 }).catch((e) => e.name));
      console.log([...new Set(await Promise.all(waiting))].join());
    }
    {
      await using file = await open(at("fifo"), "r+");
      await attempt("read", () => file.read(5, { timeout: 50 }));
      const reading = file.read(5);
      await file.write("hello");
      console.log(new TextDecoder().decode(await reading));
      const late = file.read(5);
      const closing = file.close(); // waits for what still reads
      await using other = await open(at("fifo"), "r+");
      await other.write("world");
      console.log(new TextDecoder().decode(await late));
      await closing;
    }
    const fused = async (path) => {
      try {
        await readText(path);
      } catch (e) {
        console.log(`task ${e.name}`);
      }
    };
    const unfused = async (path) => {
      const text = readText(path);
      try {
        await text;
      } catch (e) {
        console.log(`task ${e.name}`);
      }
    };
    const inMethod = async (path) => {
      await using file = await open(path, "r+");
      try {
        await file.read(1);
      } catch (e) {
        console.log(`task ${e.name}`);
      }
    };
    for (const work of [fused, unfused, inMethod]) {
      const tasks = Array.from({ length: 3 }, () => spawn(work, at("fifo")));
      await sleep(50);
      for (const task of tasks) task.abort();
      const ends = await Promise.allSettled(tasks);
      console.log(ends.filter((end) => end.reason?.name === "AbortError")
        .length);
    }
    console.log(performance.now() - started < 5000);
    """), ["true true", "memory Error EIO EIO: i/o error, read '/proc/self/mem'",
           "zeros TimeoutError 23 readText took longer than 50 ms",
           "fifo TimeoutError 23 readText took longer than 50 ms",
           "fifo AbortError 20 This operation was aborted", "TimeoutError",
           "read TimeoutError 23 read took longer than 50 ms", "hello", "world",
           *(["task AbortError"] * 3 + ["3"]) * 3, "true", "open 0"]


def ends(folder):
    """A program that is over does not wait for what never comes."""
    os.mkfifo(os.path.join(folder, "fifo"))
    start = time.time()
    lines = run(folder, """
    for (let i = 0; i < 6; i++) readText(at("fifo")).catch(() => {});
    setTimeout(() => { console.log("exit"); process.exit(0); }, 50);
    """, end="")
    return lines + [time.time() - start < 5], ["exit", True]


def links(folder):
    os.symlink("two", os.path.join(folder, "one"))
    os.symlink("one", os.path.join(folder, "two"))
    os.makedirs(os.path.join(folder, "d/e"))
    os.symlink("../..", os.path.join(folder, "d/e/up"))
    return run(folder, """
    await attempt("read", () => readText(at("one")));
    await attempt("stat", () => fs.stat(at("one")));
    await attempt("lstat", async () => (await fs.lstat(at("one"))).kind);
    let count = 0;
    for await (const entry of fs.walk(folder, { followLinks: true })) count++;
    console.log(count);
    count = 0;
    for await (const path of fs.glob("**", { cwd: folder, followLinks: true }))
      count++;
    console.log(count < 20);
    await attempt("copy", () => fs.copy(at("d"), at("copy"),
                                        { followLinks: true }));
    await attempt("copy", () => fs.copy(at("d"), at("plain")));
    await attempt("link", () => fs.readLink(at("plain/e/up")));
    await attempt("remove", () => fs.remove(at("d"), { recursive: true }));
    await attempt("still", () => fs.exists(at("one")));
    console.log((await fs.readDirectory(folder)).join());
    """), ["read Error ELOOP ELOOP: too many symbolic links encountered, open "
           "'F/one'",
           "stat Error ELOOP ELOOP: too many symbolic links encountered, stat "
           "'F/one'", "lstat link", "6", "true", "copy Error", "copy undefined",
           "link ../..", "remove undefined", "still false", None, "open 0"]


def main():
    bad = 0
    for test in (full_disk, no_descriptors, no_rights, changing, special, ends,
                 links):
        folder = tempfile.mkdtemp(prefix="file-faults-")
        try:
            lines, expected = test(folder)
        finally:
            shutil.rmtree(folder)
        matches = len(lines) == len(expected) and all(
            want is None or line == want or
            isinstance(want, str) and str(line).startswith(want)
            for line, want in zip(lines, expected))
        print(f"{test.__name__}: {'ok' if matches else 'FAILED'}", flush=True)
        if not matches:
            bad += 1
            for line in lines:
                print(f"    {line}")
    return bad != 0


sys.exit(main())
