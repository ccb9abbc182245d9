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


class Snapshot:
    """Nodes by index: (type, name, id, size, edges as (type, name, index))."""

    def __init__(self, path):
        with open(path) as file:
            self.text = file.read()
        self.data = data = json.loads(self.text)
        meta = data["snapshot"]["meta"]
        self.strings = data["strings"]
        types = meta["node_types"][0]
        edge_types = meta["edge_types"][0]
        width = len(meta["node_fields"])
        assert meta["node_fields"][:5] == ["type", "name", "id", "self_size",
                                           "edge_count"]
        flat, edges = data["nodes"], data["edges"]
        assert len(flat) == width * data["snapshot"]["node_count"]
        assert len(edges) == 3 * data["snapshot"]["edge_count"]
        self.nodes, at = [], 0
        for i in range(0, len(flat), width):
            own = []
            for _ in range(flat[i + 4]):
                kind = edge_types[edges[at]]
                name = edges[at + 1]
                if kind in ("property", "internal", "shortcut", "context"):
                    name = self.strings[name]
                assert edges[at + 2] % width == 0
                own.append((kind, name, edges[at + 2] // width))
                at += 3
            self.nodes.append((types[flat[i]], self.strings[flat[i + 1]],
                               flat[i + 2], flat[i + 3], own))
        assert at == len(edges)

    def retainers(self, index):
        """The ways to it that count: (edge type, name, from index)."""
        if not hasattr(self, "backwards"):
            self.backwards = {}
            for at, node in enumerate(self.nodes):
                for kind, label, to in node[4]:
                    if kind != "weak":
                        self.backwards.setdefault(to, []).append(
                            (kind, label, at))
        return self.backwards.get(index, [])

    def way_from_root(self, index):
        """A shortest one, as DevTools shows it: [(edge name, node name)]."""
        waiting, seen = [(index, [])], {index}
        for at, way in waiting:
            if at == 0:
                return way
            for _, label, holder in self.retainers(at):
                if holder not in seen:
                    seen.add(holder)
                    waiting.append(
                        (holder, [(label, self.nodes[at][1])] + way))
        return None

    def named(self, name):
        return [n for n in self.nodes if n[1] == name and n[0] == "object"]

    def property(self, node, name):
        for kind, label, to in node[4]:
            if kind == "property" and label == name:
                return self.nodes[to]
        return None

    def global_object(self):
        for kind, _, to in self.nodes[0][4]:
            if kind == "shortcut":
                return self.nodes[to]
        return None


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

    def test_all_nodes_are_retained(self):
        seen, waiting = {0}, [0]
        while waiting:
            for kind, _, to in self.first.nodes[waiting.pop()][4]:
                if kind != "weak" and to not in seen:
                    seen.add(to)
                    waiting.append(to)
        self.assertEqual(len(seen), len(self.first.nodes))

    def test_what_devtools_expects(self):
        s = self.first
        snapshot, meta = s.data["snapshot"], s.data["snapshot"]["meta"]
        # Its loader reads the file in this order, as it comes.
        places = [s.text.index('"%s":' % key) for key in (
            "snapshot", "nodes", "edges", "trace_function_infos", "trace_tree",
            "samples", "locations", "strings")]
        self.assertEqual(places, sorted(places))
        self.assertEqual(meta["node_fields"][5:],
                         ["trace_node_id", "detachedness"])
        self.assertEqual(len(meta["node_types"]), len(meta["node_fields"]))
        self.assertEqual(meta["edge_fields"],
                         ["type", "name_or_index", "to_node"])
        self.assertEqual(len(meta["edge_types"]), 3)
        # What was not recorded is empty.
        self.assertEqual(snapshot["trace_function_count"], 0)
        for key in ("trace_function_infos", "trace_tree", "samples",
                    "locations"):
            self.assertEqual(s.data[key], [])
        width = len(meta["node_fields"])
        flat = s.data["nodes"]
        for at in range(0, len(flat), width):
            kind, name, number, size, edges, trace, detached = \
                flat[at:at + width]
            self.assertLess(kind, len(meta["node_types"][0]))
            self.assertLess(name, len(s.strings))
            self.assertTrue(number >= 0 and size >= 0 and edges >= 0)
            self.assertEqual((trace, detached), (0, 0))
        for _, _, _, _, own in s.nodes:
            for kind, label, to in own:
                self.assertLess(to, len(s.nodes))
                if kind in ("element", "hidden"):
                    self.assertIsInstance(label, int)
        self.assertEqual(s.nodes[0][0], "synthetic")
        self.assertTrue(all(isinstance(text, str) for text in s.strings))

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
