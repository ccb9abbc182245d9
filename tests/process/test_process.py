#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Children, standard streams, signals and terminals of a running rill.

Usage: test_process.py RILL [NAME...]
"""
import fcntl
import os
import pty
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
RILL = os.path.abspath(sys.argv[1])
CLEAN = {name: value for name, value in os.environ.items()
         if name not in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "CI", "TMUX",
                         "TERM_PROGRAM", "NODE_DISABLE_COLORS")}


def run(code, **options):
    """A program given as text, as an ES module."""
    with tempfile.NamedTemporaryFile("w", suffix=".mjs") as file:
        file.write(code)
        file.flush()
        return subprocess.run([RILL, "run", file.name], capture_output=True,
                              text=True, timeout=60, **options)


class Terminal:
    """terminal.mjs on a pseudo-terminal."""

    def __init__(self, what, **environment):
        self.child, self.fd = pty.fork()
        if self.child == 0:
            # nohup ignores the one, a shell that runs this beside it the other.
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.environ.clear()
            os.environ.update(CLEAN, TERM="xterm-256color", **environment)
            os.execv(RILL, [RILL, "run", os.path.join(HERE, "terminal.mjs"),
                            what])
        self.text, self.what = "", what
        self.status = None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.status is None:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        os.close(self.fd)

    def read(self, seconds):
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            piece = os.read(self.fd, 65536)
        except OSError:
            return False
        self.text += piece.decode(errors="replace")
        return piece != b""

    def until(self, text, seconds=10):
        """Reads until the text has come; takes it out with all before it."""
        end = time.time() + seconds
        while text not in self.text:
            assert time.time() < end, f"no {text!r} in {self.text!r}"
            self.read(0.1)
        before, _, self.text = self.text.partition(text)
        return before + text

    def send(self, text):
        os.write(self.fd, text.encode())

    def keys(self, *texts):
        """One after the other, as fingers do it: what comes together is pasted."""
        for text in texts:
            self.send(text)
            self.read(0.5)  # mostly it answers at once
            time.sleep(0.02)

    def is_raw(self):
        return not termios.tcgetattr(self.fd)[3] & termios.ICANON

    def wait_for(self, condition, seconds=5):
        end = time.time() + seconds
        while not condition():
            assert time.time() < end, f"it does not happen: {self.text!r}"
            time.sleep(0.02)

    def end(self, seconds=10):
        """Its exit code, or minus the signal."""
        end = time.time() + seconds
        while True:
            child, status = os.waitpid(self.child, os.WNOHANG)
            if child != 0:
                while self.read(0):
                    pass
                self.status = os.waitstatus_to_exitcode(status)
                return self.status
            assert time.time() < end, f"{self.what} does not end: {self.text!r}"
            self.read(0.05)


def test_children():
    done = subprocess.run([RILL, "run", os.path.join(HERE, "children.mjs")],
                          capture_output=True, text=True, timeout=120)
    expected = open(os.path.join(HERE, "children.expected")).read()
    assert done.stdout == expected, done.stdout + done.stderr
    assert done.stderr == "" and done.returncode == 0, done.stderr


def test_closed_reader_ends_quietly():
    programs = {
        "console": 'for (let i = 0; i < 1e7; i++) console.log("line", i);',
        "rill": 'import { stdout } from "rill:process";'
                'for (;;) await stdout.write("line\\n");',
        "node": "const f = () => { for (let i = 0; i < 1000; i++)"
                ' process.stdout.write("line\\n"); setImmediate(f); }; f();',
        "pipe": 'import { Readable } from "node:stream";'
                "Readable.from((function* () { for (;;) yield 'line\\n'; })())"
                ".pipe(process.stdout);",
    }
    hook = 'process.on("exit", (code) => console.error("exit", code));\n'
    for name, code in programs.items():
        with tempfile.NamedTemporaryFile("w", suffix=".mjs") as file:
            file.write(hook + code)
            file.flush()
            child = subprocess.Popen([RILL, "run", file.name], text=True,
                                     stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE)
            assert child.stdout.readline().startswith("line")
            child.stdout.close()
            told = child.stderr.read()
            child.stderr.close()
            assert child.wait(30) == 141, (name, child.returncode, told)
            assert told == "exit 141\n", (name, told)


def test_error_listener_is_told():
    child = subprocess.Popen(
        [RILL, "eval",
         'process.stdout.on("error", (e) => { console.error(e.message);'
         " process.exit(9); });"
         " const f = () => { for (let i = 0; i < 1000; i++)"
         ' process.stdout.write("line\\n"); setImmediate(f); }; f();'],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    child.stdout.readline()
    child.stdout.close()
    assert child.stderr.read() == "write EPIPE\n"
    child.stderr.close()
    assert child.wait(30) == 9


def test_exit_loses_nothing():
    code = ('import { exit, stdout } from "rill:process";'
            'stdout.write("x".repeat(300000)); console.log("y".repeat(200000));'
            'stdout.write("z".repeat(100000)); process.stdout.write("end");'
            "exit(3);")
    with tempfile.NamedTemporaryFile("w", suffix=".mjs") as file:
        file.write(code)
        file.flush()
        child = subprocess.Popen([RILL, "run", file.name],
                                 stdout=subprocess.PIPE)
        time.sleep(0.3)
        text = child.stdout.read()
        child.stdout.close()
        assert child.wait(30) == 3
    assert text == b"x" * 300000 + b"y" * 200000 + b"\n" + b"z" * 100000 + b"end"


def test_exit_for_an_uncaught_error():
    done = run('process.on("exit", (code) => console.log("exit", code));'
               'process.on("uncaughtException", (error) => {'
               "  console.log(error.message); process.exit(9); });"
               "setTimeout(() => { throw new Error('thrown'); }, 1);"
               "setInterval(() => {}, 1000);")
    assert done.returncode == 9 and done.stdout == "thrown\nexit 9\n", done
    assert done.stderr == "", done.stderr


def test_slow_reader_blocks_nobody():
    code = ('import { stdout } from "rill:process";'
            "let ticks = 0; setInterval(() => ticks++, 5).unref();"
            'await stdout.write("x".repeat(1 << 20));'
            "console.error(ticks > 20);")
    with tempfile.NamedTemporaryFile("w", suffix=".mjs") as file:
        file.write(code)
        file.flush()
        child = subprocess.Popen([RILL, "run", file.name], text=True,
                                 stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
        time.sleep(0.5)
        assert len(child.stdout.read()) == 1 << 20
        assert child.stderr.read() == "true\n"
        child.stdout.close()
        child.stderr.close()
        child.wait(30)


def test_closed_descriptors():
    for closed in range(3):
        code = ("import { run } from 'rill:process';"
                "const { stdout } = await run('echo', ['hi']);"
                f"(process.exitCode = stdout === 'hi\\n' ? 5 : 6);")
        with tempfile.NamedTemporaryFile("w", suffix=".mjs") as file:
            file.write(code)
            file.flush()
            done = subprocess.run(
                ["/bin/sh", "-c",
                 f'exec "$0" run "$1" {closed}{"<" if closed == 0 else ">"}&-',
                 RILL, file.name], timeout=30)
            assert done.returncode == 5, (closed, done.returncode)


def test_standard_input():
    code = ('import { stdin } from "rill:process"; let n = 0;'
            "for await (const line of stdin.lines()) n += line.length;"
            "console.log(n);")
    text = "".join(f"{i}\n" for i in range(100000))
    want = str(sum(len(line) for line in text.split("\n"))) + "\n"
    assert run(code, input=text).stdout == want
    with tempfile.TemporaryFile("w+") as file:
        file.write(text)
        file.seek(0)
        assert run(code, stdin=file).stdout == want
    code = ("let n = 0; for await (const chunk of process.stdin)"
            " n += chunk.length; console.log(n);")
    assert run(code, input=text).stdout == f"{len(text)}\n"
    # Nobody reads it: the program does not wait for it.
    done = subprocess.run(
        ["/bin/sh", "-c", 'sleep 5 | "$0" eval "process.stdin.fd"', RILL],
        capture_output=True, text=True, timeout=4.5 + 10)
    assert done.stdout == "0\n", done


def test_descriptors_run_out():
    code = ('import { spawn } from "rill:process"; const all = []; let error;'
            "try { for (;;) all.push(spawn('sleep', ['60'])); }"
            " catch (e) { error = e; }"
            "console.log(error.message, all.length > 3);"
            "for (const child of all) child.cut();"
            "await Promise.all(all.map((child) => child.status));"
            "await using again = spawn('true');"
            "console.log((await again.status).code);")
    done = run(code, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_NOFILE, (60, 60)))
    assert done.stdout in ("pipe EMFILE true\n0\n",
                           "spawn sleep EMFILE true\n0\n"), done
    code = ('import cp from "node:child_process"; const all = [];'
            "const end = Promise.withResolvers();"
            "for (let i = 0; i < 60; i++) {"
            " const child = cp.spawn('sleep', ['60']);"
            " child.on('error', (e) => end.resolve(e.message)); all.push(child);"
            "}"
            "console.log(await end.promise);"
            "for (const child of all) child.kill();")
    done = run(code, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_NOFILE, (60, 60)))
    assert done.stdout == "spawn sleep EMFILE\n", done


def test_processes_run_out():
    if os.getuid() != 0:
        return  # the limit counts all processes of the user

    def limit():
        resource.setrlimit(resource.RLIMIT_NPROC, (8, 8))
        os.setgid(65534)
        os.setuid(65534)
    code = ('import { spawn } from "rill:process"; const all = []; let error;'
            "try { for (;;) all.push(spawn('sleep', ['60'])); }"
            " catch (e) { error = e; }"
            "console.log(error.message, error.path);"
            "for (const child of all) child.cut();"
            "await Promise.all(all.map((child) => child.status));")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "a.mjs")
        with open(path, "w") as file:
            file.write(code)
        done = subprocess.run([RILL, "run", "--no-jit", path],
                              capture_output=True, text=True, timeout=60,
                              preexec_fn=limit)
    assert done.stdout == "spawn sleep EAGAIN sleep\n", done


def test_identity():
    if os.getuid() != 0:
        return
    code = ('import { run } from "rill:process";'
            "const { stdout } = await run('id', ['-u'], { uid: 65534 });"
            "console.log(stdout.trim());")
    assert run(code).stdout == "65534\n"


def test_title():
    """It is written over the process's arguments, not over the program's."""
    code = ("import fs from 'node:fs';"
            "const shown = () => fs.readFileSync('/proc/self/cmdline', 'utf8')"
            ".replace(/\\0[^]*/, '');"
            "const before = shown(); process.title = 'a title';"
            "console.log(before !== 'a title', shown(), process.title,"
            " process.argv[1].endsWith('.mjs'), process.argv0 !== 'a title');")
    done = run(code)
    assert done.stdout == "true a title a title true true\n", done


def test_channel():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "child.cjs"), "w") as file:
            file.write('process.send("ready"); process.on("message", (m) => {'
                       ' if (m === "end") process.disconnect();'
                       " else process.send({ echo: m }); });")
        code = (f"""
import {{ fork }} from "node:child_process";
const child = fork({folder + "/child.cjs"!r});
child.on("message", (message) => {{
  console.log(JSON.stringify(message));
  if (message === "ready") {{
    child.send({{ text: "\\u00e9".repeat(100000).length, list: [1] }});
    child.send("end");
  }}
}});
child.on("disconnect", () => console.log("disconnect", child.connected));
child.on("close", (...how) => console.log("close", ...how));
""")
        done = run(code)
        assert done.stdout == ('"ready"\n{"echo":{"text":100000,"list":[1]}}\n'
                               "disconnect false\nclose 0 null\n"), done


def test_raw_mode():
    with Terminal("keys") as t:
        t.until("raw")
        assert t.is_raw()
        t.keys("a", "\x1b[A", "\x03", "\x04")
        assert "97\r\n27 91 65\r\n3\r\n4\r\n" in t.until("\r\n4\r\n")
        assert t.end() == 0
        assert not t.is_raw()
    with Terminal("leave") as t:
        t.until("raw")
        t.send("x")
        t.until("left")
        assert not t.is_raw()
        t.send("\n")
        assert t.end() == 0


def test_raw_mode_never_outlives():
    for what, key, want in (("end", "x", 0), ("exit", "x", 3),
                            ("error", "x", 1), ("abort", "x", -signal.SIGABRT)):
        with Terminal(what) as t:
            t.until("raw")
            assert t.is_raw()
            t.send(key)
            assert t.end() == want, what
            assert not t.is_raw(), what
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP,
                   signal.SIGSEGV, signal.SIGBUS, signal.SIGUSR2):
        with Terminal("wait") as t:
            t.until("raw")
            t.wait_for(t.is_raw)
            os.kill(t.child, number)
            assert t.end() == -number, number
            assert not t.is_raw(), number


def is_stopped(child):
    with open(f"/proc/{child}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "T"


def test_stop_and_go_on():
    with Terminal("wait") as t:
        t.until("raw")
        for _ in range(2):
            os.kill(t.child, signal.SIGTSTP)
            # A group without a shell above it is not stopped by SIGTSTP.
            time.sleep(0.1)
            if is_stopped(t.child):
                assert not t.is_raw()
            os.kill(t.child, signal.SIGCONT)
            t.wait_for(t.is_raw)
        os.kill(t.child, signal.SIGSTOP)
        t.wait_for(lambda: is_stopped(t.child))
        mode = termios.tcgetattr(t.fd)
        mode[3] |= termios.ICANON | termios.ECHO
        termios.tcsetattr(t.fd, termios.TCSANOW, mode)
        os.kill(t.child, signal.SIGCONT)
        t.wait_for(t.is_raw)


def test_size():
    with Terminal("resize") as t:
        t.until("80 24 80 24 true true\r\n")
        time.sleep(0.1)
        fcntl.ioctl(t.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 132, 0, 0))
        text = t.until("rill 132 50\r\n")
        assert "node 132 50" in text or "node 132 50" in t.until("node 132 50")


def test_colors():
    for environment, want in (({}, "8 8 true"), ({"NO_COLOR": "1"}, "1 1 false"),
                              ({"FORCE_COLOR": "3"}, "24 24 true"),
                              ({"FORCE_COLOR": "0"}, "1 1 false"),
                              ({"COLORTERM": "truecolor"}, "24 24 true"),
                              ({"TERM": "dumb"}, "1 1 false")):
        environment = {"TERM": "xterm-256color", **environment}
        with Terminal("colors", **{n: v for n, v in environment.items()
                                   if n != "TERM" or v == "dumb"}) as t:
            if environment["TERM"] == "dumb":
                continue
            t.until(want)
            assert t.end() == 0


def test_interrupt():
    with Terminal("wait") as t:
        t.until("raw")
        t.send("\x03")  # a byte, in raw mode
        time.sleep(0.2)
        assert os.waitpid(t.child, os.WNOHANG) == (0, 0)
    with Terminal("signal") as t:
        t.until("ready")
        for i in (1, 2):
            t.send("\x03")
            t.until(f"SIGINT {i}")
        time.sleep(0.1)
        t.send("\x03")  # nobody listens any more
        assert t.end() == -signal.SIGINT
    with Terminal("interrupt") as t:
        t.until("> ")
        t.send("\x03")
        t.until("EDITOR SIGINT")
        assert t.end() == 0
        assert not t.is_raw()
    with Terminal("lines") as t:
        t.until("$ ")
        t.keys("abc", "\x03")
        t.until("CLOSED")
        assert t.end() == 0


def test_lines():
    with Terminal("lines") as t:
        t.until("$ ")

        def line(want, *keys):
            t.keys(*keys, "\r")
            t.until(f"LINE {want}\r\n")
        line('"abc"', "abc")
        line('"hello world"', "hello wrld", "\x1b[D", "\x1b[D", "\x1b[D", "o")
        line('"abc"', "\x1b[A", "\x1b[A")           # history
        line('"hello world"', "hel", "\x1b[A")      # what begins like that
        line('"one three"', "one two", "\x17", "three")
        line('"AxyzB"', "xyz", "\x01", "A", "\x05", "B")
        line('"hello"', "h", "e", "\t", "l", "\t")  # completion
        line('"caf\u00e9!\u6f22"', "caf\u00e9 \u6f22", "\x1b[D", "\x7f", "!")
        line('"yank kill me"', "kill me", "\x15", "yank ", "\x19")
        line('"a"', "a", "b", "c", "\x1f", "\x1f")  # undo
        line('"a\\tb"', "a\tb")                     # pasted
        line('"oo"', "foo bar baz", "\x1bb", "\x1b[1;5D", "\x0b", "\x1b[3~",
             "\x1b[H", "\x1b[3~", "\x1b[F", "\x08")
        line('"zx%syx"' % ("x" * 98), "x" * 100, "\x1b[D", "y", "\x01", "z")
        t.keys("he", "\t", "\t")
        t.until("hello  help")
        t.keys("\x15", "\x04")
        t.until("CLOSED")
        assert t.end() == 0
        assert not t.is_raw()


def test_question():
    with Terminal("question") as t:
        t.until("name? ")
        t.keys("Bob", "\r")
        t.until("ANSWER Bob")
        t.until("ERROR AbortError")
        assert t.end() == 0


def test_suspended_editor():
    with Terminal("suspend") as t:
        t.until("> ")
        t.wait_for(t.is_raw)
        t.send("\x1a")
        time.sleep(0.2)
        os.kill(t.child, signal.SIGCONT)
        t.wait_for(t.is_raw)
        t.keys("go on", "\r")
        t.until("LINE go on")
        assert t.end() == 0


def main():
    failed = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_") or (sys.argv[2:] and
                                            name[5:] not in sys.argv[2:]):
            continue
        try:
            test()
            print(f"{name[5:]}: ok", flush=True)
        except Exception as problem:
            failed += 1
            print(f"{name[5:]}: {type(problem).__name__}: {problem}",
                  flush=True)
    sys.exit(failed > 0)


main()
