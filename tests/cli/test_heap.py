#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of snapshots of the heap and of --trace-gc. Usage: test_heap.py RILL"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
sys.dont_write_bytecode = True  # tests leave nothing in the tree
from heap_snapshot import Snapshot, Wrong

RILL = os.path.abspath(sys.argv.pop(1))

PROGRAM = """
import { writeHeapSnapshot } from "rill:runtime";
class Row { constructor(n) { this.number = n; this.text = "row " + n; } }
globalThis.kept = Array.from({ length: 100 }, (_, i) => new Row(i));
let lost = Array.from({ length: 1000 }, (_, i) => new Row(i));
lost = null;
const key = { isKey: true };
globalThis.weak = new WeakMap([[key, { held: "by its key" }]]);
globalThis.key = key;
globalThis.hello = "h\\u00e9llo \\"\\n\\u{1f600}";
globalThis.closure = ((captured) => () => captured)({ inside: 1 });
const big = {};
for (let i = 0; i < 20000; i++) big["property" + i] = { i };
globalThis.big = big;
class Leak { constructor() { this.bytes = new Uint8Array(1000); } }
const listeners = new Map();
class Panel {
  #onClose = null;
  open() {
    const leak = new Leak();
    this.#onClose = () => leak.bytes.length;
    listeners.set("close", [this.#onClose]);
  }
}
globalThis.bus = { listeners };
new Panel().open(); // the panel is gone, what it registered is not
writeHeapSnapshot("first.heapsnapshot");
writeHeapSnapshot("second.heapsnapshot");
"""


class Heap(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = cls.temporary.name
        with open(os.path.join(cls.folder, "main.mjs"), "w") as out:
            out.write(PROGRAM)
        done = subprocess.run([RILL, "run", "main.mjs"], cwd=cls.folder,
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        cls.first = Snapshot(os.path.join(cls.folder, "first.heapsnapshot"))
        cls.second = Snapshot(os.path.join(cls.folder, "second.heapsnapshot"))

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_numbers_are_unique_and_stay(self):
        ids = [node[2] for node in self.first.nodes]
        self.assertEqual(len(ids), len(set(ids)))
        rows = {node[2] for node in self.first.named("Row")}
        self.assertEqual(rows, {node[2] for node in self.second.named("Row")})

    def test_something_of_every_kind(self):
        # The reader finds fault with whatever DevTools would, and more.
        path = os.path.join(self.folder, "rich.heapsnapshot")
        done = subprocess.run(
            [RILL, "run", os.path.join(os.path.dirname(os.path.abspath(
                __file__)), "rich_heap.mjs"), path],
            capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        s = Snapshot(path)
        # Cells that all isolates share are in it, too.
        alive = int(done.stdout)
        self.assertGreater(s.total_size(), alive * 0.8)
        self.assertLess(s.total_size(), alive + (4 << 20))
        all_of_it = s.property(s.global_object(), "everything")
        for name, kind in (("symbol", "symbol"), ("big", "bigint"),
                           ("Base", "closure"), ("many", "object")):
            self.assertEqual(s.property(all_of_it, name)[0], kind)
        retained = s.retained_sizes()
        many = s.nodes.index(s.property(all_of_it, "many"))
        self.assertGreater(retained[many], 20000 * 32)
        self.assertLess(retained[many], s.total_size())

    def test_what_is_wrong_is_found(self):
        def changed(change):
            data = json.loads(self.first.text)
            change(data)
            path = os.path.join(self.folder, "changed.heapsnapshot")
            with open(path, "w") as out:
                json.dump(data, out)
            return path

        def no_edges_to(data):
            # The last node is reached by nobody.
            last = len(data["nodes"]) - 7
            for at in range(0, len(data["edges"]), 3):
                if data["edges"][at + 2] == last:
                    data["edges"][at + 2] = 0

        def set_item(section, at, value):
            return lambda data: data[section].__setitem__(at, value)

        Snapshot(changed(lambda data: None))
        for change in (
                no_edges_to,
                set_item("edges", 2, 8),
                set_item("edges", 2, 7 << 40),
                set_item("edges", 0, 99),
                set_item("nodes", 7 + 1, 1 << 40),
                set_item("nodes", 7 + 2, self.first.nodes[2][2]),
                set_item("nodes", 7 + 4, 0),
                lambda data: data["edges"].append(0),
                lambda data: data["snapshot"].update(node_count=3),
                lambda data: data.pop("locations")):
            with self.assertRaises(Wrong):
                Snapshot(changed(change))

    def test_the_retainers_of_a_leak(self):
        s = self.first
        leaks = [i for i, node in enumerate(s.nodes)
                 if node[:2] == ("object", "Leak")]
        self.assertEqual(len(leaks), 1)
        way = s.way_from_root(leaks[0])
        self.assertIsNotNone(way)
        names = [label for label, _ in way]
        # It is the closure's captured variable that holds it...
        self.assertIn("context", names)
        holders = {s.nodes[at][0] for _, _, at in s.retainers(leaks[0])}
        self.assertNotIn("synthetic", holders)
        # ...and the closure is reached from the bus.
        bus = s.property(s.global_object(), "bus")
        listeners = s.property(bus, "listeners")
        self.assertEqual(listeners[1], "Map")
        reached, waiting = set(), [s.nodes.index(listeners)]
        while waiting:
            at = waiting.pop()
            if at in reached:
                continue
            reached.add(at)
            waiting += [to for kind, _, to in s.nodes[at][4] if kind != "weak"]
        self.assertIn(leaks[0], reached)
        # Whoever opened it is gone.
        self.assertEqual(s.named("Panel"), [])

    def test_what_is_lost_is_not_there(self):
        self.assertEqual(len(self.first.named("Row")), 100)

    def test_the_way_from_the_global_object(self):
        s = self.first
        kept = s.property(s.global_object(), "kept")
        self.assertEqual(kept[:2], ("object", "Array"))
        elements = [(label, s.nodes[to]) for kind, label, to in kept[4]
                    if kind == "element"]
        self.assertEqual([label for label, _ in elements], list(range(100)))
        self.assertEqual(elements[7][1][1], "Row")
        text = s.property(elements[7][1], "text")
        self.assertIn(text[0], ("string", "concatenated string"))
        self.assertGreaterEqual(elements[7][1][3], 32)

    def test_values_of_weak_maps(self):
        s = self.first
        table = next(s.nodes[to] for _, label, to in
                     s.property(s.global_object(), "weak")[4]
                     if label == "table")
        held = [s.nodes[to] for kind, _, to in table[4] if kind == "hidden"]
        self.assertTrue(any(s.property(node, "held") for node in held))

    def test_strings(self):
        text = self.first.property(self.first.global_object(), "hello")
        self.assertEqual(text[0], "string")
        self.assertTrue(text[1].startswith('h\u00e9llo "\n'))

    def test_closures_and_dictionaries(self):
        s = self.first
        closure = s.property(s.global_object(), "closure")
        self.assertEqual(closure[0], "closure")
        self.assertTrue(any(label == "context" for _, label, _ in closure[4]))
        big = s.property(s.global_object(), "big")
        self.assertIsNotNone(s.property(big, "property19999"))

    def test_at_the_end_of_a_program(self):
        done = subprocess.run(
            [RILL, "run", "--heap-snapshot=end.heapsnapshot", "main.mjs"],
            cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        end = Snapshot(os.path.join(self.folder, "end.heapsnapshot"))
        self.assertEqual(len(end.named("Row")), 100)

    def test_files_that_cannot_be_written(self):
        for path in ("no/such/folder/x", "/dev/full"):
            done = subprocess.run(
                [RILL, "eval", "(await import('node:v8'))"
                 ".writeHeapSnapshot('%s')" % path],
                capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r"(ENOENT|ENOSPC).*%s" % path)

    def test_trace_gc(self):
        done = subprocess.run(
            [RILL, "eval", "--trace-gc",
             "let a; for (let i = 0; i < 3e6; i++) a = { i, a: null };"],
            capture_output=True, text=True, timeout=60)
        lines = done.stderr.splitlines()
        self.assertGreater(len(lines), 1)
        for number, line in enumerate(lines, 1):
            self.assertRegex(line, r"^gc %d: [\d.]+ -> [\d.]+ MiB live, "
                             r"[\d.]+ MiB heap, [\d.]+ MiB over goal; roots "
                             r"[\d.]+ ms, mark [\d.]+ ms, final [\d.]+ ms, weak "
                             r"[\d.]+ ms, sweep [\d.]+ ms, finalizers [\d.]+ ms, "
                             r"processor [\d.]+ ms; \d+ stops of \d+ us at most, "
                             r"waits of \d+ us at most, \d+ stalls of [\d.]+ ms "
                             r"in all$" % number)

    def check_figures(self, s):
        phases = sum(s[name] for name in ("root_scan_ms", "mark_ms", "sweep_ms",
                                          "final_stop_ms", "weak_ms"))
        self.assertLessEqual(phases, s["cycle_ms"] + 0.01)
        self.assertLessEqual(s["live_bytes"], s["peak_live_bytes"])
        self.assertLessEqual(s["heap_bytes"], s["peak_heap_bytes"])
        self.assertEqual(s["external_bytes"], s["external_buffer_bytes"] +
                         s["external_native_bytes"] + s["external_name_bytes"])
        for times in (s["pauses"], s["waits"], s["stalls"]):
            self.assertEqual(sum(times["buckets"]), times["count"])
            self.assertLessEqual(times["p50_us"], times["p99_us"])
            self.assertLessEqual(times["p99_us"], times["max_us"])
        self.assertGreaterEqual(s["waits"]["count"], 2 * s["cycles"])

    def test_gc_stats(self):
        program = """
          import { spawn } from "rill:task";
          import { gcStatistics } from "rill:runtime";
          globalThis.keep = [new ArrayBuffer(3e6), new Intl.NumberFormat("en")];
          const work = () => {
            let a;
            for (let i = 0; i < 3e6; i++) a = { i, a: null };
            return a.i;
          };
          work();
          await Promise.all([spawn(work), spawn(work)]);
          const all = gcStatistics({ process: true }), own = gcStatistics();
          console.log(JSON.stringify({ all, own }));"""
        path = os.path.join(self.folder, "stats.mjs")
        with open(path, "w") as out:
            out.write(program)
        done = subprocess.run([RILL, "run", "--gc-stats=json", path],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        own = json.loads(done.stderr)
        process = own.pop("process")
        self.check_figures(own)
        self.check_figures(process)
        self.assertEqual(own["heaps"], 1)
        self.assertEqual(own.keys(), process.keys())
        self.assertGreaterEqual(own["external_buffer_bytes"], 3e6)
        self.assertGreater(own["external_native_bytes"], 0)
        self.assertGreater(process["heaps"] + process["heaps_closed"], 1)
        for name in ("cycles", "allocated_bytes", "mark_ms", "sweep_ms"):
            self.assertGreater(process[name], own[name], name)
        script = json.loads(done.stdout)
        self.assertEqual(script["own"].keys(), script["all"].keys())
        self.assertEqual(len(script["own"]), len(own))
        self.assertGreater(script["all"]["cycles"], script["own"]["cycles"])
        self.assertLessEqual(script["own"]["cycles"], own["cycles"])


if __name__ == "__main__":
    unittest.main()
