#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of rill test. Usage: test_runner.py RILL"""
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
import xml.dom.minidom

RILL = os.path.abspath(sys.argv.pop(1))
HEAD = 'import { test, describe, it, expect, mock, clock, simulate, before, ' \
       'after, beforeEach, afterEach } from "rill:test";\n' \
       'import { sleep } from "rill:time";\n'


def masked(text):
    text = re.sub(r"\(?\d+(\.\d+)? (ms|s)\)?(?=\n|$)", "TIME", text)
    return re.sub(r" TIME(?=\n)", "", text)


class Runner(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def file(self, name, text, head=HEAD):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as out:
            out.write(head + text)

    def read(self, name):
        with open(self.path(name)) as text:
            return text.read()

    def rill(self, *arguments, command="test"):
        done = subprocess.run([RILL, command, *arguments], text=True,
                              capture_output=True, timeout=120,
                              cwd=self.folder.name)
        self.assertEqual(done.stderr.replace("rill test: ", ""),
                         "" if done.returncode != 2 else
                         done.stderr.replace("rill test: ", ""))
        return done

    def results(self, *arguments):
        """{name: (status, [messages])} by the JSON reporter."""
        done = self.rill("--reporter=json", *arguments)
        found = {}
        for line in done.stdout.splitlines():
            event = json.loads(line)
            if event["type"] == "result":
                found[" > ".join(event["path"])] = (
                    event["status"],
                    [e["message"] for e in event.get("errors", [])])
        self.assertEqual(done.returncode,
                         any(s == "fail" for s, _ in found.values()) * 1)
        return found

    def test_spec_output(self):
        self.file("a.test.mjs", """
describe("outer", () => {
  test("passes", () => {});
  describe("inner", () => {
    it("fails", () => { expect([1, 2]).toEqual([1, 3]); });
    it.skip("is skipped", () => {});
    it.todo("is planned");
  });
});
test("says", (t) => { t.diagnostic("a note"); console.log("printed"); });
""")
        self.file("sub/b_test.mjs", 'test("other", () => {});\n')
        self.file("sub/not.mjs", "syntax error", head="")
        done = self.rill()
        self.assertEqual(done.returncode, 1)
        self.assertEqual(masked(done.stdout), """a.test.mjs
  outer
    ✓ passes
    inner
      ✗ fails
      - is skipped, skipped
      … is planned, todo
printed
  ✓ says
    a note

sub/b_test.mjs
  ✓ other

Failures:

1) a.test.mjs > outer > inner > fails
   expected [ 1, 2 ] to equal [ 1, 3 ]

   - expected
   + actual

     [
       1,
   -   3
   +   2
     ]

   5 |   test("passes", () => {});
   6 |   describe("inner", () => {
   7 |     it("fails", () => { expect([1, 2]).toEqual([1, 3]); });
     |                                        ^

   at FOLDER/a.test.mjs:7:40

Tests: 3 passed, 1 failed, 1 skipped, 1 todo
Files: 2, 1 failed
Time:
""".replace("FOLDER", os.path.realpath(self.folder.name)))

    def test_usage(self):
        for arguments in [["--nonsense"], ["--jobs=0"], ["--jobs"],
                          ["--filter"], ["--filter=/(/"], ["--reporter=x"],
                          ["--seed=-1"], ["--only=1"], ["/no/such/folder"],
                          ["--max-heap=lots"], ["--coverage=pdf"],
                          ["--repeat=x"], ["-x"]]:
            done = self.rill(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("rill", done.stderr)
        self.assertIn("--filter", self.rill("--help").stdout)
        done = subprocess.run([RILL, "test"], capture_output=True, text=True,
                              cwd=self.folder.name, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no files", done.stderr)

    # A runner that cannot fail is worth nothing: each of these must.
    def test_everything_fails_that_should(self):
        cases = {
            "toBe": "expect(1).toBe(2)",
            "toBe object": "expect({}).toBe({})",
            "toEqual": "expect({a: 1}).toEqual({a: 1, b: 2})",
            "toEqual zero": "expect(0).toEqual(-0)",
            "toStrictEqual": "expect({a: 1, b: undefined})"
                             ".toStrictEqual({a: 1})",
            "toMatchObject": "expect({a: 1}).toMatchObject({b: 1})",
            "toBeTruthy": "expect(0).toBeTruthy()",
            "toBeFalsy": "expect(1).toBeFalsy()",
            "toBeNull": "expect(undefined).toBeNull()",
            "toBeDefined": "expect(undefined).toBeDefined()",
            "toBeGreaterThan": "expect(1).toBeGreaterThan(1)",
            "toBeLessThanOrEqual": "expect(2).toBeLessThanOrEqual(1)",
            "toBeCloseTo": "expect(0.1).toBeCloseTo(0.2)",
            "toBeInstanceOf": "expect([]).toBeInstanceOf(Map)",
            "toMatch": "expect('abc').toMatch(/x/)",
            "toContain": "expect([1]).toContain(2)",
            "toContainEqual": "expect([{a: 1}]).toContainEqual({a: 2})",
            "toHaveLength": "expect([1]).toHaveLength(2)",
            "toHaveProperty": "expect({a: {b: 1}}).toHaveProperty('a.b', 2)",
            "toThrow": "expect(() => {}).toThrow()",
            "toThrow class": "expect(() => { throw new Error() })"
                             ".toThrow(TypeError)",
            "not": "expect(1).not.toBe(1)",
            "not toThrow": "expect(() => { throw 1 }).not.toThrow()",
            "any": "expect('x').toEqual(expect.any(Number))",
            "containing": "expect([1]).toEqual(expect.arrayContaining([2]))",
            "rejects": "await expect(Promise.resolve(1)).rejects.toThrow()",
            "resolves": "await expect(Promise.reject(1)).resolves.toBe(1)",
            "mock": "expect(mock.fn()).toHaveBeenCalled()",
            "mock with": "const f = mock.fn(); f(1); "
                         "expect(f).toHaveBeenCalledWith(2)",
            "assertions": "expect.assertions(2); expect(1).toBe(1)",
            "hasAssertions": "expect.hasAssertions()",
            "plan": "t.plan(1)",
            "throws": "throw new Error('x')",
            "throws null": "throw null",
            "rejected": "await Promise.reject(new Error('x'))",
            "unhandled": "Promise.reject(new Error('lost'))",
            "uncaught": "setTimeout(() => { throw new Error('lost') }); "
                        "await sleep(20)",
            "subtest": "await t.test('inner', () => { throw 1 })",
            "subtest not awaited": "t.test('inner', () => { throw 1 })",
            "leak timer": "setTimeout(() => {}, 1e6)",
            "leak interval": "setInterval(() => {}, 1e6)",
            "leak sleep": "sleep(1e6)",
            "leak server": "(await import('rill:net')).listen({port: 0})",
            "leak task": "(await import('rill:task'))"
                         ".spawn(() => new Promise(() => setTimeout(() => {}, "
                         "1e6)))",
            "leak connection": "const c = await (await import('rill:net'))"
                               ".connect({port: globalThis.port}); "
                               "await c.read()",
            "leak worker": "new (await import('node:worker_threads')).Worker("
                           "'setInterval(() => {}, 1e3)', {eval: true})",
            "leak watch": "(await import('rill:fs')).watch('.')"
                          "[Symbol.asyncIterator]().next()",
            "leak process": "(await import('rill:process'))"
                            ".spawn('sleep', ['100'])",
            "never": "await new Promise(() => {})",
            "node assert": "(await import('node:assert')).strictEqual(1, 2)",
            "after": "t.after(() => { throw new Error('late') })",
            "signal": "await new Promise((_, no) => t.signal.addEventListener("
                      "'abort', () => no(t.signal.reason)))",
        }
        self.file("all.test.mjs", """
import { listen } from "rill:net";
let server;
before(async () => {
  server = await listen({ port: 0 });
  globalThis.port = server.address.port;
  (async () => { for await (const c of server) c.write("x"); })();
});
after(() => server.close());
""" + "".join(
            f"test({json.dumps(name)}, {{timeout: 700}}, async (t) => "
            f"{{ {code}; }});\n" for name, code in cases.items()) + """
test.failing("failing", () => {});
describe("hooks", () => { before(() => { throw 1 }); test("before", () => {}) });
describe("hooks 2", () => { beforeEach(() => { throw 1 });
                            test("each", () => {}) });
describe("hooks 3", () => { after(() => { throw 1 }); test("fine", () => {}) });
describe("body", () => { throw new Error("body"); });
""")
        found = self.results()
        for name in [*cases, "failing", "hooks > before", "hooks 2 > each",
                     "hooks 3 > after hook", "body"]:
            self.assertEqual(found[name][0], "fail", name)
        self.assertEqual(found["hooks 3 > fine"][0], "pass")

    def test_everything_passes_that_should(self):
        self.file("all.test.mjs", """
test("equality", () => {
  expect({a: 1, b: undefined}).toEqual({a: 1});
  expect(new Map([[1, {a: [1]}]])).toEqual(new Map([[1, {a: [1]}]]));
  expect(new Set([1, 2])).toEqual(new Set([2, 1]));
  expect(NaN).toBe(NaN);
  expect([1, {x: "abc"}]).toEqual([expect.any(Number),
                                  {x: expect.stringContaining("b")}]);
  expect({a: 1, b: {c: [1, 2], d: 3}}).toMatchObject({b: {c: [1, 2]}});
  expect({a: {b: [5]}}).toHaveProperty("a.b[0]", 5);
  expect({a: 1}).not.toEqual(expect.objectContaining({b: 1}));
  expect(0.1 + 0.2).toBeCloseTo(0.3);
  expect(new Error("x")).toEqual(new Error("x"));
});
test("errors", async () => {
  expect(() => { throw new TypeError("bad thing") }).toThrow("bad");
  expect(() => { throw new TypeError("bad") }).toThrow(TypeError);
  expect(() => { throw new TypeError("bad") }).toThrow(/^b/);
  await expect(Promise.reject(new Error("no"))).rejects.toThrow("no");
  await expect(async () => { throw new Error("no") }).rejects.toThrow("no");
  await expect(Promise.resolve([1])).resolves.toEqual([1]);
});
test("mocks", (t) => {
  const f = mock.fn((a) => a + 1);
  expect(f(1)).toBe(2);
  f.mockReturnValueOnce(9);
  expect([f(1), f(1)]).toEqual([9, 2]);
  expect(f).toHaveBeenCalledTimes(3);
  expect(f).toHaveBeenLastCalledWith(1);
  expect(f.mock.calls[0].arguments).toEqual([1]);
  const spy = mock.method(Math, "max", () => 7);
  expect(Math.max(1)).toBe(7);
  expect(spy).toHaveBeenCalledWith(1);
  t.mock.method(Math, "min", () => 8);
  expect(Math.min(1)).toBe(8);
});
test("spies are gone", () => {
  expect(Math.max(1)).toBe(1);
  expect(Math.min(1)).toBe(1);
});
const order = [];
describe("hooks", () => {
  before(() => order.push("before"));
  after(() => order.push("after"));
  beforeEach(() => order.push("each"));
  afterEach(() => order.push("end"));
  test("one", (t) => { t.after(() => order.push("own")); order.push("one") });
  test("two", () => { order.push("two") });
});
test("hooks ran in order", () => {
  expect(order.join(" ")).toBe(
    "before each one end own each two end after");
});
test.each([[1, 2, 3], [2, 2, 4]])("%d + %d is %d", (a, b, sum) => {
  expect(a + b).toBe(sum);
});
test.each([{a: 1}, {a: 2}])("a is $a", ({a}) => { expect(a).toBeTypeOf("number") });
let tries = 0;
test("flaky", {retries: 2}, () => { expect(++tries).toBe(3) });
test.failing("known bug", () => { throw new Error("bug") });
let together = 0, most = 0;
for (let i = 0; i < 4; i++) test.concurrent(`together ${i}`, async (t) => {
  together++;
  most = Math.max(most, together);
  await sleep(20);
  together--;
  t.expect(together).toBeLessThan(4);
});
test("they were together", () => { expect(most).toBe(4) });
test("closed things are no leaks", async () => {
  const { listen } = await import("rill:net");
  const server = await listen({port: 0});
  setTimeout(() => {}, 1e6).unref();
  clearTimeout(setTimeout(() => {}, 1e6));
  await server.close();
});
describe("a server of a hook", () => {
  let server;
  before(async () => {
    server = await (await import("rill:http")).serve({ port: 0 }, () => "hi");
  });
  after(() => server.close());
  test("may keep its connections", async () => {
    const response = await fetch(`http://127.0.0.1:${server.address.port}/`);
    expect(await response.text()).toBe("hi");
  });
});
test("a process that ends is no leak", async () => {
  await (await import("rill:process")).spawn("true").status;
});
describe("asynchronous body", async () => {
  await sleep(1);
  test("after an await", (t) => {
    expect(t.fullName).toBe("asynchronous body > after an await");
  });
});
test("plan", (t) => { t.plan(2); t.assert.ok(true); t.expect(1).toBe(1); });
test("paused by option", {clock: "auto"}, async () => {
  const begin = performance.now();
  await sleep(1e6);
  expect(performance.now() - begin).toBe(1e6);
});
test("wrong options", () => {
  for (const options of [{timeout: "5"}, {timeout: 0}, {seed: 0.5},
                         {repeat: 0}, {retries: -1}, {clock: 1}]) {
    expect(() => test("x", options, () => {})).toThrow(RangeError);
  }
});
test("a leak that is allowed", {leaks: false}, () => { setTimeout(() => {}, 1e6) });
test("extend", () => {
  expect.extend({ toBeEven: (n) => ({ pass: n % 2 === 0, message: () => "odd" }) });
  expect(2).toBeEven();
  expect(3).not.toBeEven();
});
""")
        found = self.results()
        self.assertEqual({name: r for name, r in found.items()
                          if r[0] != "pass"}, {})
        self.assertGreater(len(found), 20)
        for seed in ["1", "77"]:
            done = self.rill("--shuffle=" + seed, "--filter=extend")
            self.assertIn(f"--shuffle={seed}", done.stdout)

    def test_endless_loops_are_named(self):
        self.file("a.test.mjs", """
test("loops", {timeout: 200}, () => { for (;;); });
test("loops later", {timeout: 200}, async () => { await sleep(1); for (;;); });
test("sleeps", {timeout: 100}, () => sleep(1e6));
test("regexp", {timeout: 200}, () => { /^(a+)+$(?<=b)/.test("a".repeat(40)); });
test("goes on", () => {});
""")
        done = self.rill()
        self.assertEqual(done.returncode, 1)
        for name in ["loops", "loops later", "sleeps"]:
            self.assertIn(f"✗ {name}", done.stdout)
        self.assertIn("✓ goes on", done.stdout)
        self.assertRegex(done.stdout, r"did not end within 200 ms: it was "
                                      r"stopped here\n(.*\n)*.*a.test.mjs:4:")
        self.file("b.test.mjs", "for (;;);\n")
        done = self.rill("b.test.mjs", "--timeout=200")
        self.assertEqual(done.returncode, 1)
        self.assertIn("did not end within 200 ms", done.stdout)

    def test_files_that_break(self):
        self.file("syntax.test.mjs", "let = = 3;\n")
        self.file("throws.test.mjs", 'throw new Error("at the top");\n')
        self.file("exits.test.mjs", 'test("leaves", () => process.exit(0));\n')
        self.file("killed.test.mjs", 'test("dies", () => '
                                     'process.kill(process.pid, "SIGKILL"));\n')
        self.file("waits.test.mjs", "await new Promise(() => {});\n")
        self.file("rejects.test.mjs", 'Promise.reject(new Error("top"));\n'
                                      'test("x", () => {});\n')
        done = self.rill("--reporter=tap")
        self.assertEqual(done.returncode, 1)
        self.assertIn("SyntaxError", done.stdout)
        self.assertIn("at the top", done.stdout)
        self.assertIn("exits.test.mjs > leaves", done.stdout)
        self.assertIn("killed by SIGKILL", done.stdout)
        self.assertIn("# fail 6\n", done.stdout)

    def test_odd_errors(self):
        self.file("a b ü.test.mjs", """
const thrown = {
  itself: (() => { const e = new Error("loop"); e.cause = e; return e; })(),
  aggregate: new AggregateError([new Error("one"), new Error("two")], "both"),
  proxy: (() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke();
                  return proxy; })(),
  getter: { get message() { throw 1 }, stack: "x" },
  symbol: Symbol("s"),
  deep: (() => { const f = () => f(); try { f() } catch (e) { return e } })(),
  undefined: undefined,
  long: new Error("x".repeat(1e6)),
  lines: new Error("\\u001e a\\n{}\\n\\0"),
};
for (const [name, error] of Object.entries(thrown)) {
  test(name, () => { throw error; });
}
test("prints", () => {
  process.stdout.write("no end of line \\u001e1234:{}");
});
""")
        found = self.results()
        self.assertEqual(len(found), 10, found)
        self.assertEqual([n for n, (s, _) in found.items() if s == "pass"],
                         ["prints"])
        shown = self.rill().stdout
        self.assertNotIn("because of Error: loop", shown)
        self.assertIn("with Error: two", shown)
        self.assertIn("no end of line \x1e1234:{}\n", shown)

    def test_selection(self):
        self.file("a.test.mjs", """
test("alpha one", () => {});
test("beta one", () => {});
describe("group", () => { test("alpha two", () => {}); });
""")
        self.assertEqual(list(self.results("--filter=alpha")),
                         ["alpha one", "group > alpha two"])
        self.assertEqual(list(self.results("--filter=/^BETA/i")), ["beta one"])
        self.assertEqual(list(self.results("--filter=group alpha")),
                         ["group > alpha two"])
        self.file("b.test.mjs", """
test("no", () => { throw 1 });
test.only("yes", () => {});
describe.only("these", () => { test("too", () => {}) });
""")
        self.assertEqual(list(self.results("b.test.mjs")),
                         ["yes", "these > too"])
        self.file("c.test.mjs", 'for (let i = 0; i < 5; i++) '
                                'test(`t${i}`, () => { throw 1 });\n')
        self.assertEqual(len(self.results("c.test.mjs", "--bail=2")), 2)

    def test_output_is_not_interleaved(self):
        for name in "abcd":
            self.file(f"{name}.test.mjs", f"""
for (let i = 0; i < 20; i++) test(`{name}${{i}}`, async () => {{
  console.log("out {name}", i);
  await sleep(Math.random() * 5);
}});
""")
        done = self.rill("--jobs=4")
        lines = [line for line in done.stdout.splitlines() if "out" in line]
        self.assertEqual(lines, [f"out {name} {i}" for name in "abcd"
                                 for i in range(20)])

    def test_snapshots(self):
        text = """
test("one", () => {
  expect({ a: [1, 2], text: "a`${b}\\\\\\n" }).toMatchSnapshot();
  expect("two\\nlines").toMatchSnapshot("hint");
  expect({ x: 1 }).toMatchInlineSnapshot();
});
"""
        self.file("a.test.mjs", text)
        done = self.rill("--ci")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--ci refuses", done.stdout)
        self.assertFalse(os.path.exists(self.path("__snapshots__")))
        self.assertIn("3 written", self.rill().stdout)
        stored = self.read("__snapshots__/a.test.mjs.snap")
        self.assertIn("exports[`one 1`]", stored)
        self.assertIn('exports[`one > hint 1`] = `\n"two\nlines"\n`;', stored)
        self.assertIn("toMatchInlineSnapshot(`\n    {\n      x: 1\n    }\n  `)",
                      self.read("a.test.mjs"))
        self.assertNotIn("Snapshots", self.rill("--ci").stdout)
        written = self.read("a.test.mjs")
        self.file("a.test.mjs", written.replace("x: 1 }", "x: 2 }")
                  .replace('"two', '"three')[len(HEAD):])
        done = self.rill()
        self.assertEqual(done.returncode, 1)
        self.assertIn('+ "three\n', done.stdout)
        self.assertIn("2 updated", self.rill("--update-snapshots").stdout)
        self.assertEqual(self.rill("--ci").returncode, 0)
        self.file("a.test.mjs", self.read("a.test.mjs").replace(
            '"hint"', '"other"')[len(HEAD):])
        done = self.rill()
        self.assertIn("1 written, 1 obsolete", done.stdout)
        self.assertIn("obsolete: a.test.mjs: one > hint 1", done.stdout)
        self.assertIn("1 removed", self.rill("--update-snapshots").stdout)

    def test_paused_clock(self):
        self.file("a.test.mjs", """
test("order", async () => {
  clock.pause({ now: Date.UTC(2030, 0, 1) });
  const log = [];
  const start = performance.now();
  const at = (name) => log.push(`${name}@${performance.now() - start}`);
  setTimeout(() => { at("b"); Promise.resolve().then(() => at("job"));
                     setImmediate(() => at("immediate"));
                     setTimeout(() => at("inner"), 5); }, 10);
  setTimeout(at, 5, "a");
  const interval = setInterval(() => at("tick"), 8);
  sleep(12).then(() => at("sleep"));
  const signal = AbortSignal.timeout(11);
  signal.addEventListener("abort", () => at("abort"));
  await clock.advance(4);
  expect(log).toEqual([]);
  await clock.advance(20);
  clearInterval(interval);
  expect(log).toEqual(["a@5", "tick@8", "b@10", "job@10", "immediate@10",
    "abort@11", "sleep@12", "inner@15", "tick@16", "tick@24"]);
  expect(new Date().toISOString()).toBe("2030-01-01T00:00:00.024Z");
});
test("it goes on for real", async () => {
  expect(clock.isPaused).toBe(false);
  const start = performance.now();
  await sleep(20);
  expect(performance.now() - start).toBeGreaterThan(15);
  expect(new Date().getFullYear()).toBeLessThan(2030);
});
test("all and next", async () => {
  clock.pause();
  let n = 0;
  setTimeout(() => { n++; setTimeout(() => n++, 1e6); }, 1e6);
  expect(await clock.next()).toBe(true);
  expect(n).toBe(1);
  await clock.runAll();
  expect(n).toBe(2);
  expect(await clock.next()).toBe(false);
});
test("running timers are taken along", async () => {
  let fired = false;
  setTimeout(() => { fired = true }, 100000);
  clock.pause();
  await clock.advance(100001);
  expect(fired).toBe(true);
});
test("by itself", async () => {
  clock.pause({ autoAdvance: true });
  const start = performance.now();
  await sleep(3600e3);
  await Promise.all([sleep(1000), sleep(500)]);
  expect(performance.now() - start).toBe(3601e3);
});
test("files are waited for", async () => {
  const { writeFile, readText } = await import("rill:fs");
  clock.pause({ autoAdvance: true });
  let late = false;
  const timer = setTimeout(() => { late = true }, 1e9);
  await writeFile("x.tmp", "text");
  expect(await readText("x.tmp")).toBe("text");
  expect(late).toBe(false);
  clearTimeout(timer);
});
test("at once", (t) => {
  t.mock.timers.enable();
  const f = t.mock.fn();
  setTimeout(f, 50);
  t.mock.timers.tick(49);
  expect(f).not.toHaveBeenCalled();
  t.mock.timers.tick(1);
  expect(f).toHaveBeenCalledTimes(1);
});
test("misuse", async () => {
  expect(() => clock.tick(1)).toThrow("not paused");
  clock.pause();
  await expect(clock.advance(-1)).rejects.toThrow(RangeError);
});
""")
        found = self.results()
        self.assertEqual({n: r for n, r in found.items() if r[0] != "pass"}, {})

    SIMULATION = """
import { channel, Mutex } from "rill:sync";
import { spawn } from "rill:task";
async function program() {
  const log = [];
  const mutex = new Mutex();
  const [sender, receiver] = channel(2);
  const worker = async (name) => {
    for (let i = 0; i < 3; i++) {
      await sleep(1);
      using guard = await mutex.lock();
      log.push(name + i);
      await sender.send(name);
    }
  };
  const reader = (async () => {
    for (let i = 0; i < 9; i++) log.push("<" + await receiver.receive());
  })();
  setImmediate(() => log.push("immediate"));
  setTimeout(() => log.push("t1"), 2);
  setTimeout(() => log.push("t2"), 2);
  await Promise.all([worker("a"), worker("b"), worker("c"), reader,
                     spawn((n) => n + 1, 1).then((n) => log.push("task" + n))]);
  log.push(Math.random().toFixed(6), Date.now(), performance.now());
  return log.join(" ");
}
"""

    def test_simulation(self):
        self.file("a.mjs", self.SIMULATION + """
const results = await simulate(program, { runs: 200 });
for (const { seed, events, trace, value } of results) {
  console.log(seed, events, trace, value);
}
""")
        first = self.rill("a.mjs", command="run").stdout
        second = self.rill("a.mjs", command="run").stdout
        for pair in zip(first.splitlines(), second.splitlines(), strict=True):
            self.assertEqual(*pair)
        lines = first.splitlines()
        self.assertEqual(len(lines), 200)
        # Other seeds, other orders.
        orders = {re.sub(r" 0\..*", "", line.split(" ", 3)[3])
                  for line in lines}
        self.assertGreater(len(orders), 150)

    def test_failing_seed_is_printed(self):
        self.file("a.test.mjs", """
async function racy() {
  let balance = 100;
  const take = async (n) => {
    const before = balance;
    await sleep(1);
    balance = before - n;
  };
  const first = take(30);
  await sleep(1);
  await take(50);
  await first;
  return balance;
}
test("no race", async () => { expect(await racy()).toBe(20) });
test("by hand", async () => {
  await expect(simulate(async () => {
    if (await racy() !== 20) throw new Error("lost");
  }, { runs: 50 })).rejects.toThrow(/fails with seed \\d+/);
}, { simulate: false });
""")
        done = self.rill("--filter=no race", "--seed=1", "--repeat=50")
        self.assertEqual(done.returncode, 1)
        again = re.search(r"again: rill (test .*)", done.stdout).group(1)
        seed = re.search(r"--seed=(\d+)", again).group(1)
        trace = re.search(r"trace (\w+)", done.stdout).group(1)
        self.assertRegex(self.rill("--filter=no race", f"--seed={seed}",
                                   "--events").stdout,
                         r"\n     sleep \d+ at \d")
        done = subprocess.run(f"{RILL} {again}", shell=True, text=True,
                              capture_output=True, timeout=60,
                              cwd=self.folder.name)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"seed {seed},", done.stdout)
        self.assertIn(f"trace {trace}", done.stdout)

    def test_errors_find_their_test(self):
        self.file("a.test.mjs", """
test.concurrent("innocent", () => sleep(40));
test.concurrent("throws in a timer", () => {
  setTimeout(() => { throw new Error("mine") }, 5);
  return sleep(40);
});
test.concurrent("rejects", async () => {
  sleep(5).then(() => { throw new Error("also mine") });
  await sleep(40);
});
test.concurrent("snapshot", async () => {
  await sleep(5);
  expect(1).toMatchSnapshot();
});
test.sequential("leaves a job", {leaks: false}, () => {
  setTimeout(() => { throw new Error("late") }, 30);
});
test.sequential("waits", () => sleep(60));
""")
        found = self.results()
        self.assertEqual({n: s for n, (s, _) in found.items()}, {
            "innocent": "pass", "throws in a timer": "fail", "rejects": "fail",
            "snapshot": "pass", "leaves a job": "pass", "waits": "pass",
            "<file>": "fail"})
        self.assertIn("after leaves a job had ended: Error: late",
                      self.rill().stdout)

    def test_watch(self):
        self.file("a.test.mjs", 'test("one", () => {});\n')
        self.file("b.test.mjs", 'import { x } from "./lib.mjs";\n'
                                'test("x", () => expect(x).toBe(1));\n')
        self.file("lib.mjs", "export const x = 1;\n", head="")
        process = subprocess.Popen([RILL, "test", "--watch"], text=True,
                                   stdout=subprocess.PIPE,
                                   cwd=self.folder.name)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        # It must not wait for ever for what does not come.
        timer = threading.Timer(60, process.kill)
        timer.start()
        self.addCleanup(timer.cancel)

        def run():
            lines = []
            while lines[-1:] != ["Waiting for changes.\n"]:
                lines.append(process.stdout.readline())
                self.assertNotEqual(lines[-1], "", "it has ended")
            return "".join(lines)
        self.assertIn("Files: 2\n", run())
        self.file("a.test.mjs", 'test("two", () => {});\n')
        shown = run()
        self.assertIn("✓ two", shown)
        self.assertIn("Files: 1\n", shown)
        self.file("lib.mjs", "export const x = 2;\n", head="")
        shown = run()
        self.assertIn("Files: 2, 1 failed\n", shown)
        self.assertIn("expected 2 to be 1", shown)

    def test_simulations_that_end_badly(self):
        self.file("a.test.mjs", """
import { Notify } from "rill:sync";
test("deadlock", () => simulate(async ({ seed }) => {
  if (seed === 3) await new Notify().notified();
}, { runs: 5 }));
test("loop", {timeout: 300}, () => simulate(async ({ seed }) => {
  await sleep(1);
  while (seed === 2);
}, { runs: 5 }));
test("the clock is back", async () => {
  expect(clock.isPaused).toBe(false);
  const begin = Date.now();
  await sleep(20);
  expect(Date.now() - begin).toBeGreaterThan(15);
});
test("what is left does not reach the next run", async () => {
  let fired = 0;
  const run = async () => {
    const handle = setTimeout(() => fired++, 50);
    setInterval(() => fired++, 7);
    sleep(60).then(() => fired++);
    await sleep(20);
    return handle;
  };
  const together = await simulate(run, { runs: 3 });
  clearTimeout(together[0].value);
  const [alone] = await simulate(run, { seed: 3 });
  expect(alone.trace).toBe(together[2].trace);
  expect(fired).toBe(8);
});
test("timers of before have their turn", async () => {
  const order = [];
  setTimeout(() => order.push(1), 5);
  await simulate(() => sleep(1000));
  setTimeout(() => order.push(2), 30);
  await sleep(60);
  expect(order).toEqual([1, 2]);
});
test("misuse", async () => {
  await expect(simulate(() => {}, { seed: -1 })).rejects.toThrow(RangeError);
  await expect(simulate("x")).rejects.toThrow(TypeError);
  clock.pause();
  await expect(simulate(() => {})).rejects.toThrow("paused");
});
""")
        found = self.results()
        self.assertEqual({n: s for n, (s, _) in found.items() if s != "pass"},
                         {"deadlock": "fail", "loop": "fail"})
        self.assertIn("never ends", found["deadlock"][1][0])
        done = self.rill()
        self.assertIn("in the simulation with seed 3", done.stdout)
        self.assertIn("in the simulation with seed 2", done.stdout)

    def test_reporters(self):
        self.file("a.test.mjs", """
test("good", () => {});
test("b<a>&d", () => { expect("x\\ny").toBe("x\\nz") });
test.skip("not", () => {});
""")
        tap = self.rill("--reporter=tap").stdout
        self.assertIn("TAP version 14\nok 1 - a.test.mjs > good\n", tap)
        self.assertIn("not ok 2 - a.test.mjs > b<a>&d\n", tap)
        self.assertIn("ok 3 - a.test.mjs > not # SKIP\n", tap)
        self.assertIn("\n1..3\n", tap)
        document = xml.dom.minidom.parseString(
            self.rill("--reporter=junit").stdout)
        self.assertEqual(document.documentElement.getAttribute("failures"), "1")
        names = [case.getAttribute("name")
                 for case in document.getElementsByTagName("testcase")]
        self.assertEqual(names, ["good", "b<a>&d", "not"])
        self.assertTrue(self.rill("--reporter=dot").stdout.startswith(".F-\n"))
        self.assertIn("\x1b[32m", self.rill("--color").stdout)
        self.assertNotIn("\x1b", self.rill("--no-color").stdout)

    def test_coverage(self):
        self.file("lib.ts", """export function sign(x: number): number {
  if (x > 0) {
    return 1;
  }
  return x < 0
    ? -1
    : 0;
}
export function unused() {
  return 1;
}
""", head="")
        self.file("a.test.mjs", """import { sign } from "./lib.ts";
test("positive", () => { expect(sign(3)).toBe(1) });
""")
        self.file("b.test.mjs", """import { sign } from "./lib.ts";
test("zero", () => { expect(sign(0)).toBe(0) });
""")
        done = self.rill("--coverage", "--coverage=lcov", "--coverage=v8",
                         "--coverage=html")
        self.assertEqual(done.returncode, 0)
        self.assertIn("lib.ts       75.00    75.00    50.00  10\n", done.stdout)
        lcov = self.read("coverage/lcov.info")
        for line in ["FNDA:2,sign", "FNDA:0,unused", "DA:2,2", "DA:3,1",
                     "DA:5,1", "DA:10,0", "LF:4", "LH:3", "BRDA:2,0,0,1",
                     "BRDA:2,0,1,1", "BRDA:5,1,0,0", "BRDA:5,1,1,1"]:
            self.assertIn(line + "\n", lcov)
        page = self.read("coverage/index.html")
        self.assertIn('<span class="c">0</span><span class="n">  return 1;',
                      page)
        self.assertIn('<span class="y">  if (x &#62; 0) {</span>', page)
        v8 = json.loads(self.read("coverage/coverage-rill.json"))
        ranges = v8["result"][0]["functions"][1]["ranges"]
        self.assertEqual(ranges[0]["count"], 2)
        self.assertIn(0, [r["count"] for r in ranges])
        done = self.rill("--coverage-threshold=60", command="test")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Coverage of functions is 50.00 %", done.stdout)

    def test_node_test(self):
        self.file("a.test.cjs", """
const test = require("node:test");
const assert = require("node:assert");
const { describe, it, mock } = test;
test("callback", (t, done) => { setTimeout(done, 2); });
test("callback fails", (t, done) => { done(new Error("given")); });
describe("suite", () => {
  it("subtests", async (t) => {
    await t.test("inner", () => assert.ok(true));
    t.assert.strictEqual(1, 1);
  });
});
test("mock", (t) => {
  const spy = t.mock.method({ f: () => 1 }, "f");
  assert.strictEqual(spy.mock.callCount(), 0);
});
""", head="")
        found = self.results()
        self.assertEqual(found["callback fails"], ("fail", ["given"]))
        self.assertEqual([n for n, r in found.items() if r[0] == "fail"],
                         ["callback fails"])

    def test_as_a_program(self):
        self.file("a.mjs", 'test("runs", () => {});\n'
                           'test("fails", () => { throw new Error("x") });\n')
        done = self.rill("a.mjs", command="run")
        self.assertEqual(done.returncode, 1)
        self.assertIn("✓ runs", done.stdout)
        self.assertIn("Tests: 1 passed, 1 failed", done.stdout)


unittest.main()
