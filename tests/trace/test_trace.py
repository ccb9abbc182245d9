#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of diagnosis from outside: the dump on SIGQUIT, the watchdog.
Usage: test_trace.py RILL"""
import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

RILL = os.path.abspath(sys.argv.pop(1))
# A shell that starts this in the background has it ignored, and children with it.
signal.signal(signal.SIGQUIT, signal.SIG_DFL)


class Program(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def start(self, text, *options, name="main.mjs", **more):
        path = os.path.join(self.folder.name, name)
        with open(path, "w") as out:
            out.write(text)
        process = subprocess.Popen(
            [RILL, "run", *options, path], text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def errors_with(self, process, *patterns, dumps=False):
        """Standard error, once it has all of them; asks for dumps until then."""
        deadline = time.time() + 100
        seen, asked = "", 0
        os.set_blocking(process.stderr.fileno(), False)
        while not all(re.search(pattern, seen) for pattern in patterns):
            self.assertLess(time.time(), deadline, (patterns, seen[-4000:]))
            self.assertIsNone(process.poll(), "the program goes on")
            if dumps and time.time() - asked > 2:
                process.send_signal(signal.SIGQUIT)
                asked = time.time()
            if select.select([process.stderr], [], [], 0.2)[0]:
                seen += os.read(process.stderr.fileno(), 65536).decode()
        return seen

    def run_to_end(self, text, *options, timeout=100):
        process = self.start(text, *options)
        out, err = process.communicate(timeout=timeout)
        return process.returncode, out, err


class Dump(Program):
    def begin(self, text, *options):
        process = self.start('console.log("ready");' + text, *options)
        process.stdout.readline()  # it takes signals from here on
        return process

    def test_endless_loop(self):
        process = self.begin("""
            import { sleep } from "rill:time";
            async function waits() { await sleep(1e6); }
            waits();
            function spin() { for (;;) ; }
            function outer() { spin(); }
            setTimeout(outer, 1);
        """)
        self.errors_with(
            process, f"Tasks of process {process.pid}",
            r"callback outer: running\n    at spin \(",
            r"async waits: waiting for sleep, \d+ ms left", dumps=True)

    def test_workers_and_waiting(self):
        process = self.begin("""
            import { spawn } from "rill:task";
            const flag = new SharedArrayBuffer(4);
            spawn(function busy() {
              for (;;) if (new Int32Array(flag)[0]) return;
            });
            async function joins() { await spawn(async function idle() {
              await new Promise((r) => setTimeout(r, 1e6));
            }); }
            joins();
        """, "--workers=2")
        self.errors_with(
            process, r"joins: waiting for a spawned task",
            r"\(worker\).*running", r"at busy \(",
            r"spawn idle: waiting for setTimeout", dumps=True)

    def test_native_code(self):
        pipe = os.path.join(self.folder.name, "pipe")
        os.mkfifo(pipe)
        process = self.begin("""
            import { readFileSync } from "node:fs";
            function block() {
              readFileSync(%r);
            }
            setTimeout(block, 1);
        """ % pipe)
        self.errors_with(process, "did not answer: in native code",
                         r"at block \(", dumps=True)

    def test_ignored(self):
        process = self.start("console.log('ready'); setInterval(() => {}, 1000)",
                             preexec_fn=lambda: signal.signal(
                                 signal.SIGQUIT, signal.SIG_IGN))
        process.stdout.readline()
        process.send_signal(signal.SIGQUIT)
        time.sleep(1)
        self.assertIsNone(process.poll(), "the program goes on")
        process.kill()
        self.assertEqual(process.communicate()[1], "")


class Watchdog(Program):
    def test_names_the_frame(self):
        code, out, err = self.run_to_end("""
            import { sleep } from "rill:time";
            function slow(ms) { const e = Date.now() + ms; while (Date.now() < e); }
            async function task() { await sleep(1); slow(1000); await sleep(1); }
            await task();
            slow(1);
        """, "--watchdog=300")
        self.assertEqual(code, 0)
        begun = re.search(r"has been busy for ([\d.]+) ms \(limit 300.0 ms\) "
                          r"in #\d+ module (.*)\n    at slow \(.*\n"
                          r"    at async task \(|"
                          r"has been busy for ([\d.]+) ms.*\n    at slow", err)
        self.assertIsNotNone(begun, err)
        ended = re.findall(r"was busy for ([\d.]+) ms", err)
        self.assertGreaterEqual(max(map(float, ended)), 990, err)
        # Once for each time, of which a busy machine has more.
        self.assertEqual(err.count("has been busy"), len(ended))

    def test_quiet(self):
        code, out, err = self.run_to_end("""
            import { sleep } from "rill:time";
            for (let i = 0; i < 20; i++) await sleep(5);
        """, "--watchdog=20000")
        self.assertEqual((code, err), (0, ""))

    def test_native(self):
        pipe = os.path.join(self.folder.name, "pipe")
        os.mkfifo(pipe)
        process = self.start("""
            import { readFileSync } from "node:fs";
            setTimeout(function stuck() { readFileSync(%r); }, 1);
        """ % pipe, "--watchdog=100")
        self.errors_with(process, r"has been busy for .* in native code",
                         r"at stuck \(")
        open(pipe, "w").close()
        out, err = process.communicate(timeout=60)
        self.assertRegex(err, r"was busy for")

    def test_ring(self):
        process = self.start("""
            import { Mutex } from "rill:sync";
            import { sleep } from "rill:time";
            const m1 = new Mutex(), m2 = new Mutex();
            async function one() {
              using a = await m1.lock(); await sleep(5);
              using b = await m2.lock();
            }
            async function other() {
              using b = await m2.lock(); await sleep(5);
              using a = await m1.lock();
            }
            await Promise.all([one(), other()]);
        """, "--watchdog=100")
        err = self.errors_with(
            process, r"one waits for a mutex, held by #\d+ other",
            r"other waits for a mutex, held by #\d+ one")
        time.sleep(1)  # it is told once
        process.kill()
        os.set_blocking(process.stderr.fileno(), True)
        err += process.communicate()[1]
        self.assertEqual(err.count("Deadlock: 2 tasks wait in a ring"), 1, err)

    def test_bad_option(self):
        for bad in ["--watchdog", "--watchdog=0", "--watchdog=x"]:
            done = subprocess.run([RILL, "run", bad, "x.js"],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn("--watchdog", done.stderr)


class Events(Program):
    text = """
        import { span, event } from "rill:trace";
        import { sleep } from "rill:time";
        import { spawn } from "rill:task";
        const spans = [];
        for (let i = 0; i < 50; i++) {
          spans.push(span(`number ${i}`, { i }, async () => {
            await sleep(i % 5);
            event("now");
          }));
        }
        await Promise.all(spans);
        await spawn(function remote() { return 1; });
        let list = [];
        for (let i = 0; i < 1e6; i++) list.push({ i });
        function slow() { const e = Date.now() + 5; while (Date.now() < e); }
        setTimeout(slow, 1);
    """

    def test_chrome(self):
        file = os.path.join(self.folder.name, "trace.json")
        code, _, err = self.run_to_end(self.text, f"--trace=chrome:{file}",
                                       "--trace-filter=debug")
        self.assertEqual((code, err), (0, ""))
        with open(file) as read:
            trace = json.load(read)
        events = trace["traceEvents"]
        open_spans, stretches, threads = {}, {}, set()
        for e in events:
            self.assertEqual(e["pid"], events[0]["pid"])
            self.assertIsInstance(e["name"], str)
            self.assertIsInstance(e["args"], dict)
            if e["ph"] == "M":
                threads.add(e["args"]["name"])
            if e["ph"] == "b":
                self.assertNotIn(e["id"], open_spans)
                open_spans[e["id"]] = e
            elif e["ph"] == "e":
                begun = open_spans.pop(e["id"])
                self.assertEqual((begun["name"], begun["cat"]),
                                 (e["name"], e["cat"]))
                self.assertGreaterEqual(e["ts"], begun["ts"])
            elif e["ph"] == "X":
                stretches.setdefault(e["tid"], []).append(
                    (e["ts"], e["ts"] + e["dur"], e["name"]))
        self.assertEqual(open_spans, {})
        self.assertLessEqual({"rill", "rill-task-0"}, threads)
        names = {e["name"] for e in events}
        self.assertLessEqual({"number 0", "now", "remote", "gc cycle", "turn"},
                             names)
        # What is drawn on a thread lies side by side, or one in the other.
        for list_ in stretches.values():
            outer = []
            for begin, end, name in sorted(list_, key=lambda s: (s[0], -s[1])):
                while outer and outer[-1] <= begin + 0.001:
                    outer.pop()
                self.assertTrue(not outer or end <= outer[-1] + 0.001, name)
                outer.append(end)

    def test_text_and_json(self):
        _, _, err = self.run_to_end(self.text, "--trace=text",
                                    "--trace-filter=off,app=info")
        self.assertRegex(err, r"info  app: number 3 \{\"i\":3\} [\d.]+ ms\n")
        self.assertEqual(err.count("app: now"), 50)
        self.assertNotIn("gc", err)
        _, _, err = self.run_to_end(self.text, "--trace=json")
        events = [json.loads(line) for line in err.splitlines()]
        times = [e["time"] for e in events if e["type"] != "stretch"]
        self.assertEqual(times, sorted(times))

    def test_bad_options(self):
        for bad in ["--trace", "--trace=xml", "--trace-filter="]:
            done = subprocess.run([RILL, "run", bad, "x.js"],
                                  capture_output=True, text=True)
            self.assertIn(done.returncode, (1, 2))
            self.assertIn("--trace", done.stderr)
        code, _, err = self.run_to_end("1", "--trace=json:/no/such/folder/x")
        self.assertEqual(code, 1)
        self.assertIn("cannot write /no/such/folder/x", err)
        code, _, err = self.run_to_end("1", "--trace=text",
                                       "--trace-filter=loud")
        self.assertEqual(code, 1)
        self.assertIn("--trace-filter needs levels", err)


class Top(Program):
    text = """
        import { sleep } from "rill:time";
        import { Mutex } from "rill:sync";
        async function ticker() {
          for (;;) {
            await sleep(5);
            const end = performance.now() + 2;
            while (performance.now() < end);
          }
        }
        async function selfish() {
          for (;;) { for (let i = 0; i < 50; i++) await null; await sleep(5); }
        }
        const one = new Mutex(), other = new Mutex();
        async function left() {
          using a = await one.lock(); await sleep(5);
          using b = await other.lock();
        }
        async function right() {
          using b = await other.lock(); await sleep(5);
          using a = await one.lock();
        }
        ticker(); selfish(); left(); right();
    """

    def setUp(self):
        super().setUp()
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.folder.name)
        self.process = self.start(self.text, "--inspect-tasks",
                                  env=self.environment)
        self.socket = os.path.join(self.folder.name, "rill",
                                   f"{self.process.pid}.sock")
        deadline = time.time() + 60
        while not os.path.exists(self.socket) and time.time() < deadline:
            time.sleep(0.05)

    def top(self, *arguments):
        return subprocess.run([RILL, "top", *arguments], capture_output=True,
                              text=True, env=self.environment, timeout=30,
                              stdin=subprocess.DEVNULL)

    def test_socket_is_private(self):
        folder = os.path.dirname(self.socket)
        self.assertEqual(os.stat(folder).st_mode & 0o777, 0o700)
        self.assertEqual(os.stat(self.socket).st_mode & 0o777, 0o600)
        self.assertEqual(os.listdir(folder), [os.path.basename(self.socket)])
        self.process.terminate()
        self.process.wait()
        self.assertFalse(os.path.exists(self.socket))

    def test_unsafe_folder(self):
        with tempfile.TemporaryDirectory() as base:
            os.mkdir(os.path.join(base, "rill"), 0o755)
            os.chmod(os.path.join(base, "rill"), 0o755)
            process = self.start("1", "--inspect-tasks",
                                 env=dict(os.environ, XDG_RUNTIME_DIR=base))
            self.assertIn("no socket for rill top",
                          process.communicate(timeout=20)[1])
            self.assertEqual(process.returncode, 1)

    def eventually(self, check):
        """The socket is there before the program has begun."""
        deadline = time.time() + 60
        while True:
            try:
                return check()
            except AssertionError:
                if time.time() > deadline:
                    raise
            time.sleep(0.2)

    def test_once(self):
        self.assertIn(str(self.process.pid), self.top().stdout.split())
        self.eventually(self.check_once)

    def check_once(self):
        done = self.top(str(self.process.pid), "--once")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"isolate 1 \(main\): busy [\d.]+ %")
        self.assertRegex(done.stdout, r"DEADLOCK: 1:\d+ -> 1:\d+")
        ticker = re.search(r"1:\d+ \w+ +([\d.]+) .*ticker", done.stdout)
        self.assertIsNotNone(ticker, done.stdout)
        self.assertGreater(float(ticker[1]), 0)
        self.assertRegex(done.stdout,
                         r"! +1:\d+ .*selfish.*\n +! wakes itself")
        self.assertRegex(done.stdout, r"left .*a mutex\n +! waits in a ring")

    def test_json(self):
        self.eventually(self.check_json)

    def check_json(self):
        done = self.top(self.socket, "--json")
        snapshot = json.loads(done.stdout)
        self.assertEqual(snapshot["pid"], self.process.pid)
        names = {t["name"] for t in snapshot["dump"]["isolates"][0]["tasks"]}
        self.assertLessEqual({"ticker", "selfish", "left", "right"}, names)

    def test_errors(self):
        for arguments, code in [(["x"], 2), (["1", "--what"], 2),
                                (["1", "2"], 2), (["99999999"], 1),
                                (["/no/such/socket", "--once"], 1),
                                ([str(self.process.pid)], 2),
                                (["--sort=size", "1"], 2)]:
            done = self.top(*arguments)
            self.assertEqual(done.returncode, code, done)
            self.assertTrue(done.stderr.startswith("rill top: "), done)

    def test_garbage(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.socket)
            s.sendall(b"what\n")
            self.assertIn(b"no such request", s.recv(1000))
            s.sendall(b"x" * 1000)
            try:
                self.assertEqual(s.recv(1000), b"")
            except ConnectionResetError:
                pass  # closed with bytes that it has not read
        self.assertEqual(self.top(self.socket, "--json").returncode, 0)

    def test_live_view(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update(self.environment, TERM="xterm")
            os.execv(RILL, [RILL, "top", "--interval=100",
                            str(self.process.pid)])
        fcntl.ioctl(terminal, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 30, 140, 0, 0))
        seen = b""

        def wait_for(text):
            nonlocal seen
            deadline = time.time() + 20
            while text not in seen:
                self.assertLess(time.time(), deadline, (text, seen[-2000:]))
                if select.select([terminal], [], [], 0.2)[0]:
                    seen += os.read(terminal, 65536)
            seen = b""

        wait_for(b"WAITS FOR")
        wait_for(b"ticker")
        os.write(terminal, b"s")
        wait_for(b"s sort (polls)")
        os.write(terminal, b"\x1b[B\x1b[A\r")
        wait_for(b"  at ")
        os.write(terminal, b"\x1b")
        wait_for(b"enter details")
        os.write(terminal, b"p")
        wait_for(b"p go on")
        os.write(terminal, b"q")
        wait_for(b"\x1b[?1049l")
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        os.close(terminal)


if __name__ == "__main__":
    unittest.main()
