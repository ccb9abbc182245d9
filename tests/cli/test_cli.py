#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of the rill program's commands. Usage: test_cli.py RILL"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

RILL = os.path.abspath(sys.argv.pop(1))


def rill(*arguments, text=None, folder=None):
    return subprocess.run([RILL, *arguments], capture_output=True, text=True,
                          input=text or "", timeout=60, cwd=folder)


class Cli(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w") as out:
            out.write(text)
        return path

    def test_version_and_help(self):
        self.assertRegex(rill("--version").stdout, r"^rill \d+\.\d+\.\d+\n$")
        shown = rill("--help").stdout
        for command in ["run", "eval", "repl", "prof", "bench", "disasm"]:
            self.assertIn(f"rill {command}", shown)

    def test_bad_use(self):
        for arguments in [["nonsense"], ["run"], ["run", "--what", "x.js"],
                          ["eval"], ["prof"], ["disasm"], ["bench"],
                          ["run", "--max-heap=lots", "x.js"],
                          ["run", "--counters", "x.js"]]:
            done = rill(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("rill", done.stderr)
        done = rill("run", "/no/such/file.js")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/no/such/file.js", done.stderr)

    def test_program_from_a_pipe(self):
        self.file("m.mjs", "export const a = 7;")
        text = 'import { a } from "./m.mjs"; console.log(a, process.argv[2]);'
        done = rill("run", "-", "x", text=text, folder=self.folder.name)
        self.assertEqual((done.stdout, done.stderr), ("7 x\n", ""))
        done = rill("run", "-", text="require('./m.mjs');\nnull.x",
                    folder=self.folder.name)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.folder.name}/[stdin]:2", done.stderr)
        self.assertEqual(rill("/dev/stdin", text="console.log(1)").stdout, "1\n")
        self.assertEqual(rill("run", "-").returncode, 0)
        # What was read of a file before is not read again.
        with open(self.file("two.js", "first\nconsole.log(2)")) as file:
            os.lseek(file.fileno(), 6, os.SEEK_SET)
            done = subprocess.run([RILL, "run", "-"], stdin=file,
                                  capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stdout, done.stderr), ("2\n", ""))
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(b"console.log(3)")
            ours.shutdown(socket.SHUT_WR)
            done = subprocess.run([RILL, "run", "-"], stdin=theirs,
                                  capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stdout, done.stderr), ("3\n", ""))

    def test_eval(self):
        self.assertEqual(rill("eval", "[1, 2].map(x => x * 2)").stdout,
                         "[ 2, 4 ]\n")
        self.assertEqual(rill("eval", "await Promise.resolve('x')").stdout,
                         "'x'\n")
        self.assertEqual(rill("eval", "undefined").stdout, "")
        self.assertEqual(rill("eval", "--typescript",
                              "const x: number = 2; (x as any)!").stdout, "2\n")
        self.assertIn("SyntaxError", rill("eval", "2 as any").stderr)
        done = rill("eval", "throw new TypeError('bad')")
        self.assertEqual(done.returncode, 1)
        self.assertIn("TypeError: bad", done.stderr)

    def test_repl(self):
        done = rill("repl", text="let a = 20\nfunction f() {\nreturn a + 1\n}\n"
                    "f() * 2\n_ + 1\nawait 7\nnope\nlet a = 3\na\n")
        self.assertIn("42\n43\n7\n", done.stdout)
        self.assertIn("nope is not defined", done.stderr)
        self.assertTrue(done.stdout.endswith("3\n"))
        self.assertEqual(done.returncode, 0)

    def test_disasm(self):
        path = self.file("io.mjs", 'import { sleep } from "rill:time";\n'
                         "await sleep(1);\nconst p = sleep(2);\n")
        shown = rill("disasm", path).stdout
        self.assertIn("IO_AWAIT", shown)
        self.assertRegex(shown, r"\bIO\s")
        done = rill("disasm", self.file("bad.js", "let = = 3"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("bad.js:1:", done.stderr)

    def test_prof(self):
        path = self.file("hot.js", "function hot(n) { let s = 0; for (let i = "
                         "0; i < n; i++) s += i % 7; return s; }\n"
                         "function outer() { return hot(3e7); }\nouter();\n")
        out = os.path.join(self.folder.name, "out.cpuprofile")
        self.assertEqual(rill("prof", path, "-o", out).returncode, 0)
        with open(out) as file:
            profile = json.load(file)
        nodes = {n["id"]: n for n in profile["nodes"]}
        names = {n["callFrame"]["functionName"] for n in nodes.values()}
        self.assertLessEqual({"(root)", "outer", "hot"}, names)
        self.assertEqual(len(profile["samples"]), len(profile["timeDeltas"]))
        for sample in profile["samples"]:
            self.assertIn(sample, nodes)
        collapsed = os.path.join(self.folder.name, "out.txt")
        rill("prof", path, "-o", collapsed)
        with open(collapsed) as file:
            self.assertRegex(file.read(), r"outer \(hot\.js:\d\);hot \(hot.js")

    def test_gc_stats(self):
        path = self.file("garbage.js", "for (let i = 0; i < 2e6; i++) ({ i });")
        done = rill("run", "--gc-stats=json", path)
        stats = json.loads(done.stderr)
        self.assertGreater(stats["allocated_bytes"], 1e7)
        for key in ["count", "p50_us", "p99_us", "max_us"]:
            self.assertIn(key, stats["pauses"])

    def test_trace_jit(self):
        path = self.file("loop.js", "function f(n) { let s = 0; for (let i = 0;"
                         " i < n; i++) s = (s + i * 2) | 0; return s; }\n"
                         "let t = 0; for (let k = 0; k < 300; k++) t += "
                         "f(20000); console.log(t);\n")
        done = rill("run", "--trace-jit", path)
        self.assertIn("queued", done.stderr)
        self.assertIn("installed", done.stderr)
        self.assertEqual(done.stdout, rill("run", "--no-jit", path).stdout)

    def test_bench(self):
        path = self.file("b.js", "bench('nothing', () => {});")
        self.assertRegex(rill("bench", path).stdout, r"nothing +[\d.]+ ns/call")
        path = self.file("m.js", "bench('m', () => {}, 1e6);")
        self.assertRegex(rill("bench", path).stdout, r"m +0\.\d+ ns/call")

    def test_bench_compare(self):
        path = self.file("b.js", "let n = 0; bench('sync', () => ++n, 10);\n"
                         "bench('async', async () => await n);\n")
        whole = self.file("whole.js", "for (let i = 0; i < 100; i++);")
        figures = os.path.join(self.folder.name, "figures.json")
        done = rill("bench", "--compare=rill-no-jit,own=" + RILL + " run",
                    "--rounds=3", "--time=1", "--json=" + figures, path, whole)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        ratio = r" \([\d.]+ \[[\d.]+, [\d.]+\]\)"
        cell = r" +[\d.]+ [mnu]?s"
        for name in ["b: sync", "b: async", "whole"]:
            self.assertRegex(done.stdout,
                             f"(?m)^{name}{cell}{cell}{ratio}{cell}{ratio}$")
        self.assertRegex(done.stdout, "geometric mean")
        with open(figures) as file:
            data = json.load(file)
        self.assertEqual([e["name"] for e in data["engines"]],
                         ["rill", "rill-no-jit", "own"])
        self.assertEqual(len(data["subjects"]), 3)
        self.assertEqual(len(data["subjects"][0]["rounds"]["own"]), 3)

    def test_bench_compare_failures(self):
        path = self.file("b.js", "bench('one', () => { throw Error('no'); });")
        done = rill("bench", "--rounds=1", path)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, "Failed: b in rill: exit code 1: .*no")
        done = rill("bench", "--compare=x=/nosuch/engine", "--rounds=1",
                    self.file("c.js", "bench('one', () => {});"))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, "Failed: c in x: .*ENOENT")
        for wrong in [["--compare=nosuch", path], ["--rounds=0", path],
                      ["--rounds=1.5", path], ["--clock=sun", path],
                      ["--compare", path], ["--nosuch", path],
                      ["--octane=/nosuch"], ["--rounds=1"],
                      ["--rounds=1", "/nosuch.js"]]:
            done = rill("bench", *wrong)
            self.assertEqual(done.returncode, 2, wrong)
            self.assertRegex(done.stderr, "^rill bench: ")

    def test_shell(self):
        self.file("lib.js", "var shared = 41;")
        path = self.file("main.js", "load('lib.js'); print(shared + 1, "
                         "read('lib.js').length, arguments.length); quit(3);")
        done = rill("run", "--shell", path, "x", folder=self.folder.name)
        self.assertEqual((done.stdout, done.returncode), ("42 16 1\n", 3))

    def test_source_map_file(self):
        self.file("out.js.map", json.dumps({
            "version": 3, "sources": ["src/in.ts"], "names": [],
            "mappings": "AAEE"}))
        path = self.file("out.js", "null.x;\n//# sourceMappingURL=out.js.map")
        self.assertIn("src/in.ts:3:3",
                      rill("run", "--enable-source-maps", path).stderr)
        self.assertIn("out.js:1:", rill("run", path).stderr)

    def test_compile(self):
        self.file("other.mjs", "export const y = 3;")
        self.file("other.cjs", "exports.y = 4;")
        module = self.file("m.mjs", "import { y } from './other.mjs';\n"
                           "const z = (await import('./other.mjs')).y;\n"
                           "console.log(y + z, process.argv.length);")
        common = self.file("c.cjs", "const f = () => require('./other.cjs').y;"
                           "console.log(f(), __filename.slice(-5));")
        typed = self.file("t.ts", "const n: number = 5; console.log(n);\n"
                          "(null as any).x;")
        out = os.path.join(self.folder.name, "a.rbc")
        for path, printed in ((module, "6 2\n"), (common, "4 a.rbc\n"),
                              (typed, "5\n")):
            done = rill("compile", path, "-o", out)
            self.assertEqual((done.stderr, done.returncode), ("", 0))
            done = rill("run", out)
            self.assertEqual(done.stdout, printed)
        self.assertIn("t.ts:2:", done.stderr)
        with open(out, "r+b") as saved:
            saved.seek(100)
            saved.write(b"!!!!!!!!")
        done = rill("run", out)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the bytes have changed", done.stderr)
        bad = self.file("bad.js", "let 1")
        done = rill("compile", bad, "-o", out)
        self.assertEqual(done.returncode, 1)
        self.assertIn("bad.js:1:5", done.stderr)
        self.assertEqual(rill("compile", bad).returncode, 2)

    def compiled(self, name, text, *options):
        """The path of name.rbc, compiled in a folder of its own."""
        os.makedirs(os.path.join(self.folder.name, "from"), exist_ok=True)
        path = self.file("from/" + name, text)
        out = os.path.join(self.folder.name, name.split(".")[0] + ".rbc")
        done = rill("compile", *options, path, "-o", out)
        self.assertEqual((done.stderr, done.returncode), ("", 0))
        os.remove(path)
        return out

    def test_compiled_imports(self):
        self.file("plain.mjs", "export const plain = 1;")
        self.compiled("esm.mjs", "import { plain } from './plain.mjs';\n"
                      "export const x = plain + 1; export default 'd';\n"
                      "export const url = import.meta.url;\n"
                      "export const late = () => import('./plain.mjs');")
        self.compiled("waits.mjs", "export const w = await 7;")
        self.compiled("cjs.cjs", "exports.a = 3; exports.b = __filename;\n"
                      "exports.again = require('./all.rbc');")
        self.compiled("all.cjs", "module.exports = require('./inner.rbc');")
        self.compiled("inner.cjs", "exports.c = 'ü';")
        self.compiled("typed.mts", "export const n: number = 5;")
        main = self.file("main.mjs", """
            import def, { x, url, late } from './esm.rbc';
            import * as cjs from './cjs.rbc';
            import { c } from './all.rbc';
            import { n } from './typed.rbc';
            import { w } from './waits.rbc';
            import { createRequire } from 'node:module';
            const require = createRequire(import.meta.url);
            console.log(x, def, url.slice(-8), (await late()).plain);
            console.log(cjs.a, cjs.b.slice(-8), cjs.again.c, c, n, w);
            console.log((await import('./esm.rbc')).x, require('./esm.rbc').x,
                        require('./cjs.rbc').a === cjs.default.a);
            for (const wrong of ['text', 'script', 'spoilt', 'other', 'cut'])
              for (const requires of [false, true])
                try {
                  if (requires) require(`./${wrong}.rbc`);
                  else await import(`./${wrong}.rbc`);
                } catch (e) {
                  console.log(e.name, e.code, e.message.replace(/.*\\//, ''));
                }
            console.log(require('./esm.rbc').x);
        """)
        self.file("text.rbc", "export const x = 1;")
        self.compiled("script.js", "1", "--script")
        with open(os.path.join(self.folder.name, "esm.rbc"), "rb") as saved:
            good = saved.read()
        for name, at in ("spoilt", len(good) - 9), ("other", 16):
            bad = bytearray(good)
            bad[at] ^= 1
            with open(os.path.join(self.folder.name, name + ".rbc"),
                      "wb") as out:
                out.write(bad)
        with open(os.path.join(self.folder.name, "cut.rbc"), "wb") as out:
            out.write(good[:-20])
        done = rill("run", main)
        self.assertEqual(done.stderr, "")
        invalid = "TypeError ERR_INVALID_SAVED_CODE "
        expected = [
            "2 d /esm.rbc 1", "3 /cjs.rbc ü ü 5 7", "2 2 true",
            *[invalid + "text.rbc: not compiled code of rill"] * 2,
            *["TypeError ERR_UNKNOWN_MODULE_FORMAT "
              "script.rbc was saved as a script, which is no module"] * 2,
            *[invalid + "spoilt.rbc: the checksum does not fit: "
              "the bytes have changed"] * 2,
            *[invalid + "other.rbc: compiled by another build of rill"] * 2,
            *[invalid + "cut.rbc: cut off"] * 2,
            "2"]
        self.assertEqual(done.stdout.splitlines(), expected)
        for name, problem in (("text", "not compiled code"),
                              ("other", "another build of rill")):
            done = rill("run", os.path.join(self.folder.name, name + ".rbc"))
            self.assertEqual(done.returncode, 1)
            self.assertIn(problem, done.stderr)

    def test_interrupt(self):
        marker = os.path.join(self.folder.name, "marker")
        path = self.file("spin.js", "console.log('printed'); require('fs')."
                         f"writeFileSync({marker!r}, ''); for (;;);")
        process = subprocess.Popen([RILL, "run", path], stdout=subprocess.PIPE)
        deadline = time.time() + 60
        while not os.path.exists(marker) and time.time() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
        self.assertEqual(out, b"printed\n")
        self.assertEqual(process.returncode, -signal.SIGINT)
        path = self.file("handled.js", "process.on('SIGINT', () => { console."
                         "log('handled'); process.exit(9); }); setInterval(() "
                         "=> {}, 1000); console.log('ready');")
        process = subprocess.Popen([RILL, "run", path], stdout=subprocess.PIPE)
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
        self.assertEqual((out, process.returncode), (b"handled\n", 9))


unittest.main()
