// SPDX-License-Identifier: MIT
// A dump for programs: rill:trace, rill top, other tools.
#include "runtime/trace/accounts.h"
#include "runtime/trace/trace.h"

void trace_append_quoted(TextBuffer *t, const char *utf8) {
  text_add(t, '"');
  for (const char *p = utf8; *p != 0; p++) {
    unsigned char c = (unsigned char)*p;
    if (c == '"' || c == '\\') {
      text_add(t, '\\');
      text_add(t, *p);
    } else if (c < 0x20) {
      trace_append_format(t, "\\u%04x", c);
    } else {
      text_add(t, *p);
    }
  }
  text_add(t, '"');
}

static void append_key(TextBuffer *t, const char *key, const char *text) {
  trace_append_format(t, ",\"%s\":", key);
  trace_append_quoted(t, text);
}

static void append_id(TextBuffer *t, uint32_t isolate, uint64_t id) {
  trace_append_format(t, "\"%u:%llu\"", isolate, (unsigned long long)id);
}

static void append_frames(TextBuffer *t, const TraceTask *task) {
  text_append_c(t, ",\"stack\":[");
  for (uint32_t i = 0; i < task->frame_count; i++) {
    const TraceFrame *f = &task->frames[i];
    text_append_c(t, i == 0 ? "{\"function\":" : ",{\"function\":");
    trace_append_quoted(t, f->function);
    append_key(t, "file", f->file);
    trace_append_format(t, ",\"line\":%u,\"column\":%u,\"async\":%s}", f->line,
                        f->column, f->is_async ? "true" : "false");
  }
  text_add(t, ']');
}

static void append_measures(TextBuffer *t, const TraceTask *task) {
  if (!task->measured) return;
  trace_append_format(
      t,
      ",\"polls\":%llu,\"busyMs\":%.3f,\"ageMs\":%.3f,\"idleMs\":%.3f,"
      "\"selfWakes\":%llu,\"pollTimes\":[",
      (unsigned long long)task->polls, (double)task->busy_ns / 1e6,
      (double)task->age_ns / 1e6, (double)task->idle_ns / 1e6,
      (unsigned long long)task->wakes_of_itself);
  for (int i = 0; i < TRACE_POLL_BUCKETS; i++)
    trace_append_format(t, "%s%u", i == 0 ? "" : ",", task->poll_times[i]);
  text_add(t, ']');
}

static void append_task(TextBuffer *t, const TraceSnapshot *s,
                        const TraceTask *task) {
  text_append_c(t, "{\"id\":");
  append_id(t, s->isolate, task->id);
  append_key(t, "kind", task->kind);
  append_key(t, "name", task->name);
  append_key(t, "state", trace_state_names[task->state]);
  trace_append_format(t, ",\"count\":%u", task->alike);
  if (task->state == TRACE_WAITING) {
    append_key(t, "waitKind", trace_wait_names[task->wait]);
    append_key(t, "waitsFor", task->waits_for);
    if (task->waits_for_task != 0) {
      text_append_c(t, ",\"waitsForTask\":");
      append_id(t, s->isolate, task->waits_for_task);
    }
  }
  trace_append_format(t, ",\"locksHeld\":%u", task->hold_count);
  append_measures(t, task);
  append_frames(t, task);
  text_add(t, '}');
}

static void append_isolate(TextBuffer *t, const TraceSnapshot *s) {
  trace_append_format(t, "{\"isolate\":%u", s->isolate);
  append_key(t, "name", s->name);
  append_key(t, "activity", s->activity);
  trace_append_format(
      t,
      ",\"thread\":%llu,\"taskCount\":%u,\"timers\":%llu,\"sockets\":%llu,"
      "\"jobs\":%llu,\"heapBytes\":%llu",
      (unsigned long long)s->thread, s->task_count,
      (unsigned long long)s->timers, (unsigned long long)s->handles,
      (unsigned long long)s->jobs, (unsigned long long)s->heap_bytes);
  trace_append_format(
      t, ",\"gc\":{\"cycles\":%llu,\"pauseMaxUs\":%.1f,\"pauseTotalUs\":%.1f}",
      (unsigned long long)s->gc_cycles, s->gc_pause_max_us,
      s->gc_pause_total_us);
  if (s->busy_percent >= 0)
    trace_append_format(t, ",\"busyPercent\":%.1f", s->busy_percent);
  text_append_c(t, ",\"tasks\":[");
  for (const TraceTask *task = s->tasks; task != NULL; task = task->next) {
    if (task != s->tasks) text_add(t, ',');
    append_task(t, s, task);
  }
  text_append_c(t, "]}");
}

void trace_append_json(TextBuffer *t, const TraceSnapshot *s,
                       const TraceRing *rings) {
  text_append_c(t, "{\"isolates\":[");
  for (const TraceSnapshot *first = s; s != NULL; s = s->next) {
    if (s != first) text_add(t, ',');
    append_isolate(t, s);
  }
  text_append_c(t, "],\"executors\":[");
  trace_append_executors_json(t);
  text_append_c(t, "],\"deadlocks\":[");
  for (const TraceRing *first = rings; rings != NULL; rings = rings->next) {
    text_append_c(t, rings == first ? "[" : ",[");
    for (uint32_t i = 0; i < rings->count; i++) {
      if (i > 0) text_add(t, ',');
      append_id(t, rings->members[i].snapshot->isolate,
                rings->members[i].task->id);
    }
    text_add(t, ']');
  }
  text_append_c(t, "]}");
}
