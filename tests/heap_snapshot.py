#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads .heapsnapshot files as Chrome's DevTools do, and checks them.

Usage: heap_snapshot.py FILE...   says what is in each, or what is wrong with it.

DevTools' loader takes the file apart as it comes, section after section; then it
computes distances from the root, retainers, dominators and retained sizes. What
one of these steps relies on is checked here, and the steps are done.
"""
import json
import sys

SECTIONS = ("snapshot", "nodes", "edges", "trace_function_infos", "trace_tree",
            "samples", "locations", "strings")
NODE_FIELDS = ["type", "name", "id", "self_size", "edge_count"]
EDGE_FIELDS = ["type", "name_or_index", "to_node"]
NAMED = ("property", "internal", "shortcut", "context")


class Wrong(Exception):
    pass


def need(condition, what, *values):
    if not condition:
        raise Wrong(what % values)


class Snapshot:
    """Nodes by index: (type, name, id, size, edges as (type, name, index))."""

    def __init__(self, path):
        with open(path, encoding="utf-8", errors="strict") as file:
            self.text = file.read()
        self.data = data = json.loads(self.text)
        self.strings = data["strings"]
        self.check_sections()
        meta = data["snapshot"]["meta"]
        types, edge_types = meta["node_types"][0], meta["edge_types"][0]
        self.width = width = len(meta["node_fields"])
        flat, edges = data["nodes"], data["edges"]
        need(len(flat) == width * data["snapshot"]["node_count"],
             "%d numbers of nodes, told are %d nodes", len(flat),
             data["snapshot"]["node_count"])
        need(len(edges) == 3 * data["snapshot"]["edge_count"],
             "%d numbers of edges, told are %d edges", len(edges),
             data["snapshot"]["edge_count"])
        need(all(isinstance(n, int) and n >= 0 for n in flat + edges),
             "a node or an edge has something that is no number from 0 on")
        self.nodes, at = [], 0
        for i in range(0, len(flat), width):
            kind, name, number, size, count, trace, detached = \
                flat[i:i + width]
            need(kind < len(types), "node %d is of no type", i // width)
            need(name < len(self.strings), "node %d has no name", i // width)
            need((trace, detached) == (0, 0), "node %d tells what was not "
                 "recorded", i // width)
            own = []
            need(at + 3 * count <= len(edges), "the edges of node %d are not "
                 "there", i // width)
            for _ in range(count):
                need(edges[at] < len(edge_types), "an edge of node %d is of no "
                     "type", i // width)
                edge, label = edge_types[edges[at]], edges[at + 1]
                if edge in NAMED:
                    need(label < len(self.strings), "an edge of node %d has no "
                         "name", i // width)
                    label = self.strings[label]
                to = edges[at + 2]
                need(to % width == 0 and to < len(flat), "an edge of node %d "
                     "leads nowhere", i // width)
                own.append((edge, label, to // width))
                at += 3
            self.nodes.append((types[kind], self.strings[name], number, size,
                               own))
        need(at == len(edges), "edges that are no node's")
        self.check_nodes()

    def check_sections(self):
        data = self.data
        need(list(data) == list(SECTIONS), "sections %s", list(data))
        need(list(data["snapshot"])[0] == "meta", "meta does not come first")
        meta = data["snapshot"]["meta"]
        need(meta["node_fields"] ==
             NODE_FIELDS + ["trace_node_id", "detachedness"],
             "node_fields are %s", meta["node_fields"])
        need(len(meta["node_types"]) == len(meta["node_fields"]),
             "node_types are not one for each field")
        need(meta["edge_fields"] == EDGE_FIELDS, "edge_fields are %s",
             meta["edge_fields"])
        need(len(meta["edge_types"]) == 3, "edge_types are not three")
        need(data["snapshot"]["trace_function_count"] == 0, "functions traced")
        for key in SECTIONS[3:7]:
            need(data[key] == [], "%s is not empty", key)
        need(self.strings and all(isinstance(s, str) for s in self.strings),
             "strings are none")
        need(len(set(self.strings)) == len(self.strings), "a string twice")

    def check_nodes(self):
        root = self.nodes[0]
        need(root[0] == "synthetic" and root[3] == 0, "node 0 is no root")
        ids = {node[2] for node in self.nodes}
        need(len(ids) == len(self.nodes), "an id twice")
        for node in self.nodes[1:]:
            # Even ones are for what DevTools add themselves.
            need(node[2] % 2 == 1, "the id %d of %s", node[2], node[1])
            elements = [e[1] for e in node[4] if e[0] == "element"]
            need(len(set(elements)) == len(elements), "an element twice in %s",
                 node[1])
            hidden = [e[1] for e in node[4] if e[0] == "hidden"]
            need(len(set(hidden)) == len(hidden), "a hidden edge twice in %s",
                 node[1])
        # The rest is found by what is reached and held.
        distances = self.distances()
        lost = [i for i in range(len(self.nodes)) if i not in distances]
        need(not lost, "%d nodes are not reached from the root, as %s",
             len(lost), self.nodes[lost[0]][:4] if lost else "")
        for i in range(1, len(self.nodes)):
            need(self.retainers(i), "node %d has no retainer", i)
        retained = self.retained_sizes()
        need(retained[0] == self.total_size(), "the root retains %d of %d "
             "bytes", retained[0], self.total_size())

    def total_size(self):
        return sum(node[3] for node in self.nodes)

    def distances(self):
        """From the root, over edges that keep alive."""
        found, waiting = {0: 0}, [0]
        for at in waiting:
            for kind, _, to in self.nodes[at][4]:
                if kind != "weak" and to not in found:
                    found[to] = found[at] + 1
                    waiting.append(to)
        return found

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

    def dominators(self):
        """The node that each hangs on, by Cooper, Harvey and Kennedy."""
        order, seen, stack = [], {0}, [(0, 0)]
        while stack:  # in post-order
            at, next_edge = stack.pop()
            edges = self.nodes[at][4]
            while next_edge < len(edges):
                kind, _, to = edges[next_edge]
                next_edge += 1
                if kind != "weak" and to not in seen:
                    seen.add(to)
                    stack.append((at, next_edge))
                    stack.append((to, 0))
                    break
            else:
                order.append(at)
        place = {node: i for i, node in enumerate(order)}
        dominator, changed = {0: 0}, True
        while changed:
            changed = False
            for at in reversed(order[:-1]):
                best = None
                for _, _, holder in self.retainers(at):
                    if holder not in dominator:
                        continue
                    other = holder
                    while best is not None and best != other:
                        while place[other] < place[best]:
                            other = dominator[other]
                        while best != other and place[best] < place[other]:
                            best = dominator[best]
                    best = other
                if dominator.get(at) != best:
                    dominator[at] = best
                    changed = True
        return dominator, order

    def retained_sizes(self):
        dominator, order = self.dominators()
        sizes = [node[3] for node in self.nodes]
        for at in order[:-1]:
            sizes[dominator[at]] += sizes[at]
        return sizes

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


def main(paths):
    for path in paths:
        try:
            s = Snapshot(path)
        except (Wrong, OSError, ValueError, KeyError) as e:
            sys.exit("%s: %s" % (path, e))
        print("%s: %d nodes, %d edges, %d strings, %d bytes, at most %d away "
              "from the root" % (path, len(s.nodes), len(s.data["edges"]) // 3,
                                 len(s.strings), s.total_size(),
                                 max(s.distances().values())))


if __name__ == "__main__":
    main(sys.argv[1:])
