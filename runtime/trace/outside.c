// SPDX-License-Identifier: MIT
// An isolate that does not answer, seen from outside. Its frames are on a stack
// that stays mapped; if two looks a moment apart see the same, it is in native
// code called by the innermost one, and they are good to be described.
#include <time.h>

#include "profiler/sampler.h"
#include "runtime/trace/trace.h"
#include "vm/interpreter/optimized.h"
#include "vm/objects/error_object.h"

static bool same(const ProfFrame *a, int count, const ProfFrame *b, int other) {
  if (count != other) return false;
  for (int i = 0; i < count; i++) {
    if (a[i].code != b[i].code || a[i].pc != b[i].pc) return false;
  }
  return true;
}

static const char *copy(TraceSnapshot *s, Isolate *iso, String *text) {
  if (text == NULL || (text->cell.flags & (STRING_ROPE | STRING_SLICE)) != 0)
    return "";
  char *utf8 = vm_string_to_utf8(iso, text, NULL);
  const char *result = utf8 == NULL ? "" : trace_text(s, "%s", utf8);
  free(utf8);
  return result;
}

void trace_add_outside_frames(TraceSnapshot *s, Runtime *rt) {
  enum { DEPTH = 32 };
  ProfFrame frames[DEPTH], again[DEPTH];
  int count = prof_read_frames(rt->isolate, frames, DEPTH);
  nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
  if (!same(frames, count, again,
            prof_read_frames(rt->isolate, again, DEPTH)) ||
      count == 0) {
    return;
  }
  TraceTask *task = arena_zalloc(&s->arena, sizeof *task);
  task->alike = 1;
  task->kind = "callback";
  task->waits_for = "";
  task->frames = arena_zalloc(&s->arena, (size_t)count * sizeof *task->frames);
  for (int i = 0; i < count; i++) {
    const Code *code = frames[i].code;
    uint32_t offset = vm_baseline_offset(code, frames[i].pc);
    if (offset == UINT32_MAX) continue;
    ErrorFrame frame;
    vm_error_describe_place(rt->isolate, NULL, code, offset, &frame);
    task->frames[task->frame_count++] = (TraceFrame){
        .function = copy(s, rt->isolate, frame.name),
        .file = copy(s, rt->isolate, frame.file),
        .line = frame.line,
        .column = frame.column,
    };
  }
  task->name = trace_callback_name(task->frames, task->frame_count);
  s->tasks = task;
  s->task_count = 1;
}
