// SPDX-License-Identifier: MIT
// What rill top shows: rows of tasks out of a snapshot and the one before, and
// their lines.
import { stringWidth, withoutControls } from "rill:internal/string_width";

const place = (frame) =>
  frame === undefined ? "" : `${frame.file.split("/").at(-1)}:${frame.line}`;

// Frames of the program's own come first to mind.
const ownFrame = (stack) =>
  stack.find((f) => !/^(rill|node):/.test(f.file)) ?? stack[0];

const LEAK_MS = 60000, LONG_MS = 1000;

function warningsOf(task, before, isolate, deadlocked) {
  const warnings = [];
  if (deadlocked.has(task.id)) warnings.push("waits in a ring");
  if (isolate.activity.startsWith("did not answer")) {
    warnings.push("stalled: its isolate did not answer");
  }
  if (task.state === "running" && before?.state === "running" &&
      before.polls === task.polls && before.name === task.name) {
    warnings.push("never yields: it has run since the last look");
  }
  if (task.polls >= 20 && task.selfWakes * 2 > task.polls) {
    warnings.push("wakes itself: most of its awaits are settled already");
  }
  if (task.waitKind === "promise" && task.idleMs > LEAK_MS) {
    warnings.push("may be leaked: nobody is known who settles its promise");
  }
  return warnings;
}

function scriptRows(snapshot, previous, elapsed) {
  const before = new Map();
  for (const isolate of previous?.dump.isolates ?? []) {
    for (const task of isolate.tasks) before.set(task.id, task);
  }
  const deadlocked = new Set(snapshot.dump.deadlocks.flat());
  return snapshot.dump.isolates.flatMap((isolate) => isolate.tasks.map((task) => {
    const old = before.get(task.id);
    const busy = task.busyMs - (old?.busyMs ?? task.busyMs);
    const percent = task.state === "running" && !(busy > 0) ? 100
        : elapsed > 0 && busy >= 0 ? Math.min(100, (100 * busy) / elapsed) : 0;
    return {
      id: task.id,
      kind: task.kind,
      name: task.name,
      state: task.state,
      count: task.count,
      age: task.ageMs,
      busy: task.busyMs,
      percent,
      idle: task.idleMs,
      polls: task.polls,
      waits: task.state === "waiting" ? task.waitsFor : "",
      place: place(ownFrame(task.stack)),
      warnings: warningsOf(task, old, isolate, deadlocked),
      task,
      isolate,
    };
  }));
}

const executorRows = (snapshot) => snapshot.dump.executors.flatMap((executor) =>
  executor.tasks.map((task) => ({
    id: `c${task.id}`,
    kind: "C",
    name: task.name,
    state: task.state,
    count: 1,
    percent: 0,
    waits: task.waitsFor ?? "",
    place: "",
    warnings: [],
    task,
    executor,
  })));

export const SORTS = ["busy", "polls", "idle", "age", "name", "state"];
const sortKeys = {
  busy: (r) => -r.percent * 1e9 - (r.busy ?? 0),
  polls: (r) => -(r.polls ?? -1),
  idle: (r) => -(r.idle ?? -1),
  age: (r) => -(r.age ?? -1),
  name: (r) => r.name,
  state: (r) => r.state,
};

export function rowsOf(snapshot, previous, sort = "busy", reverse = false) {
  const elapsed = previous === undefined ? 0
      : snapshot.uptimeMs - previous.uptimeMs;
  const rows = [...scriptRows(snapshot, previous, elapsed),
                ...executorRows(snapshot)];
  const key = sortKeys[sort];
  const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  rows.sort((a, b) =>
    Number(b.warnings.length > 0) - Number(a.warnings.length > 0) ||
    order(key(a), key(b)) || order(a.id, b.id));
  return reverse ? rows.reverse() : rows;
}

// Lines ---------------------------------------------------------------------

function duration(ms) {
  if (ms === undefined || Number.isNaN(ms)) return "-";
  if (ms < 1) return `${Math.round(ms * 1000)}us`;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)}ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${String(Math.floor(seconds % 60)).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m`;
}

const size = (bytes) => (bytes < 1 << 20 ? `${(bytes / 1024).toFixed(0)} KiB`
                                         : `${(bytes / (1 << 20)).toFixed(1)} MiB`);

// Exactly so wide.
export function fit(text, width, right = false) {
  let shown = withoutControls(String(text).replaceAll("\n", " "));
  if (stringWidth(shown) > width) {
    const characters = [...shown];
    shown = "";
    for (const c of characters) {
      if (stringWidth(shown + c) > width - 1) break;
      shown += c;
    }
    shown += width > 0 ? "…" : "";
  }
  const rest = " ".repeat(Math.max(0, width - stringWidth(shown)));
  return right ? rest + shown : shown + rest;
}

const columns = [
  ["W", 1, false, (r) => (r.warnings.length > 0 ? "!" : "")],
  ["ID", 8, true, (r) => r.id],
  ["STATE", 7, false, (r) => r.state],
  ["BUSY%", 6, true, (r) => r.percent.toFixed(1)],
  ["BUSY", 7, true, (r) => duration(r.busy)],
  ["IDLE", 7, true, (r) => duration(r.idle)],
  ["AGE", 7, true, (r) => duration(r.age)],
  ["POLLS", 7, true, (r) => r.polls ?? "-"],
  ["KIND", 8, false, (r) => r.kind],
  ["NAME", 22, false, (r) => (r.count > 1 ? `${r.name} (x${r.count})` : r.name)],
  ["PLACE", 18, false, (r) => r.place],
];

export function header(width) {
  const text = columns.map(([name, w, right]) => fit(name, w, right)).join(" ");
  return fit(`${text} WAITS FOR`, width);
}

export function line(row, width) {
  const text = columns.map(([, w, right, of]) => fit(of(row), w, right)).join(" ");
  return fit(`${text} ${row.waits}`, width);
}

// Isolates and executors.
export function summary(snapshot, previous, title) {
  const { isolates, executors, deadlocks } = snapshot.dump;
  const tasks = isolates.reduce((n, i) => n + i.taskCount, 0);
  const lines = [`${title}  up ${duration(snapshot.uptimeMs)}  ${tasks} tasks`];
  for (const i of isolates) {
    const busy = i.busyPercent === undefined ? "" : `busy ${i.busyPercent.toFixed(1)} %, `;
    lines.push(`isolate ${i.isolate} (${i.name}): ${busy}${i.activity}, ` +
               `${i.taskCount} tasks, ${i.timers} timers, ${i.sockets} sockets, ` +
               `heap ${size(i.heapBytes)}, gc ${i.gc.cycles} cycles, ` +
               `longest stop ${duration(i.gc.pauseMaxUs / 1000)}`);
  }
  const elapsed = previous === undefined ? 0
      : snapshot.uptimeMs - previous.uptimeMs;
  for (const e of executors) {
    if (e.alive === 0 && e.workers.length < 2) continue;
    const old = previous?.dump.executors.find((x) => x.name === e.name);
    const shares = e.workers.map((w, i) => {
      const busy = w.busyMs - (old?.workers[i]?.busyMs ?? w.busyMs);
      return elapsed > 0 ? `${Math.min(100, (100 * busy) / elapsed).toFixed(0)}%` : "-";
    });
    lines.push(`executor ${e.name}: ${e.alive} tasks, workers busy ` +
               shares.join(" "));
  }
  for (const ring of deadlocks) lines.push(`DEADLOCK: ${ring.join(" -> ")}`);
  return lines;
}

// One task, with its stack and how long its polls took.
export function details(row) {
  const { task } = row;
  const lines = [`${row.kind} ${row.name}  ${row.id}`, "",
                 `state     ${row.state}${row.waits ? ` for ${row.waits}` : ""}`];
  if (row.count > 1) lines.push(`count     ${row.count} alike`);
  if (task.polls !== undefined) {
    lines.push(`busy      ${duration(row.busy)} in ${row.polls} polls ` +
               `(${row.percent.toFixed(1)} % now)`,
               `idle      ${duration(row.idle)}`, `age       ${duration(row.age)}`);
  }
  if (task.locksHeld > 0) lines.push(`holds     ${task.locksHeld} locks`);
  for (const warning of row.warnings) lines.push(`warning   ${warning}`);
  if (task.stack !== undefined) {
    lines.push("", "stack");
    for (const f of task.stack) {
      const where = `${f.file}:${f.line}:${f.column}`;
      lines.push(`  at ${f.async ? "async " : ""}` +
                 (f.function === "" ? where : `${f.function} (${where})`));
    }
  }
  const times = task.pollTimes ?? [];
  const most = Math.max(0, ...times);
  if (most > 0) {
    lines.push("", "polls that took less than");
    const from = times.findIndex((n) => n > 0), to = times.findLastIndex((n) => n > 0);
    for (let i = from; i <= to; i++) {
      lines.push(`  ${fit(i === times.length - 1 ? "longer" : duration(2 ** i / 1000),
                         7, true)}  ` +
                 `${"█".repeat(Math.ceil((40 * times[i]) / most))} ${times[i]}`);
    }
  }
  return lines;
}
