// SPDX-License-Identifier: MIT
// A dump for people.
#include <stdarg.h>
#include <stdio.h>

#include "runtime/trace/trace.h"

void trace_append_format(TextBuffer *t, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (n < 0) return;
  text_append(t, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

void trace_append_id(TextBuffer *t, const TraceSnapshot *s,
                     const TraceTask *task) {
  if (s->isolate != 1) trace_append_format(t, "%u:", s->isolate);
  trace_append_format(t, "#%llu", (unsigned long long)task->id);
}

void trace_append_frame(TextBuffer *t, const TraceFrame *frame) {
  text_append_c(t, "    at ");
  if (frame->is_async) text_append_c(t, "async ");
  bool named = frame->function[0] != 0;
  if (named) trace_append_format(t, "%s (", frame->function);
  trace_append_format(t, "%s:%u:%u",
                      frame->file[0] == 0 ? "<anonymous>" : frame->file,
                      frame->line, frame->column);
  text_append_c(t, named ? ")\n" : "\n");
}

static void append_task(TextBuffer *t, const TraceSnapshot *s,
                        const TraceTask *task) {
  text_append_c(t, "  ");
  if (task->id != 0) {
    trace_append_id(t, s, task);
    text_add(t, ' ');
  }
  text_append_c(t, task->kind);
  if (task->name[0] != 0) trace_append_format(t, " %s", task->name);
  if (task->alike > 1)
    trace_append_format(t, " (and %u more like it)", task->alike - 1);
  trace_append_format(t, ": %s", trace_state_names[task->state]);
  if (task->state == TRACE_WAITING)
    trace_append_format(t, " for %s", task->waits_for);
  if (task->hold_count > 0)
    trace_append_format(t, ", holds %u lock%s", task->hold_count,
                        task->hold_count == 1 ? "" : "s");
  text_add(t, '\n');
  for (uint32_t i = 0; i < task->frame_count; i++)
    trace_append_frame(t, &task->frames[i]);
}

void trace_append_ring(TextBuffer *t, const TraceRing *ring) {
  trace_append_format(t, "Deadlock: %u task%s wait%s in a ring:\n", ring->count,
                      ring->count == 1 ? "" : "s", ring->count == 1 ? "s" : "");
  for (uint32_t i = 0; i < ring->count; i++) {
    const struct TraceRingMember *m = &ring->members[i];
    const struct TraceRingMember *next = &ring->members[(i + 1) % ring->count];
    text_append_c(t, "  ");
    trace_append_id(t, m->snapshot, m->task);
    trace_append_format(t, " %s waits for %s, ", m->task->name,
                        m->task->waits_for);
    text_append_c(t,
                  m->task->wait == TRACE_WAIT_LOCK ? "held by " : "that is ");
    trace_append_id(t, next->snapshot, next->task);
    trace_append_format(t, " %s\n", next->task->name);
  }
}

void trace_append_text(TextBuffer *t, const TraceSnapshot *s,
                       const TraceRing *rings) {
  for (; s != NULL; s = s->next) {
    trace_append_format(t, "Isolate %u (%s), thread %llu: %s; %u task%s, ",
                        s->isolate, s->name, (unsigned long long)s->thread,
                        s->activity, s->task_count,
                        s->task_count == 1 ? "" : "s");
    trace_append_format(
        t, "%llu timer%s, %llu socket%s, %llu job%s, heap %.1f MiB\n",
        (unsigned long long)s->timers, s->timers == 1 ? "" : "s",
        (unsigned long long)s->handles, s->handles == 1 ? "" : "s",
        (unsigned long long)s->jobs, s->jobs == 1 ? "" : "s",
        (double)s->heap_bytes / (1 << 20));
    for (const TraceTask *task = s->tasks; task != NULL; task = task->next)
      append_task(t, s, task);
    if (s->failed) text_append_c(t, "  (out of memory: there are more)\n");
  }
  trace_append_executors_text(t);
  for (; rings != NULL; rings = rings->next)
    trace_append_ring(t, rings);
}
