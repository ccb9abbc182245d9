// SPDX-License-Identifier: MIT
// Spans from within the runtime, and events of its background threads.
#include "runtime/trace/spans.h"

#include "jit-stub/jit.h"
#include "vm/bytecode/template.h"
#include "vm/interpreter/async_context.h"

uint64_t trace_current_span(const Isolate *iso) {
  Value span = vm_context_span(iso->async_context);
  return value_is_undefined(span) ? 0 : (uint64_t)value_as_number(span);
}

Value trace_span_value(uint64_t span) {
  return span == 0 ? VALUE_UNDEFINED : value_from_number((double)span);
}

uint64_t trace_span_here(Isolate *iso, TraceCategory category, const char *name,
                         TextBuffer *attributes) {
  if (attributes != NULL) text_add(attributes, 0);
  bool has_attributes = attributes != NULL && !attributes->failed;
  return trace_span_begin(category, TRACE_INFO, rt_of(iso)->trace->number,
                          trace_current_span(iso), name,
                          has_attributes ? attributes->bytes : NULL);
}

enum { SHORT_TURN_NANOSECONDS = 1000000 };

void trace_turn_event(Runtime *rt, uint64_t began, uint64_t ended) {
  TraceLevel level =
      ended - began < SHORT_TURN_NANOSECONDS ? TRACE_TRACE : TRACE_DEBUG;
  if (trace_wants(TRACE_LOOP, level))
    trace_stretch(TRACE_LOOP, level, rt->trace->number, began, ended, "turn",
                  NULL);
}

static void on_collector(GcStretch what, uint64_t began, uint64_t ended) {
  static const char *const names[] = {"gc cycle", "gc stop", "gc whole cycle"};
  if (trace_wants(TRACE_GC, TRACE_INFO))
    trace_stretch(TRACE_GC, TRACE_INFO, 0, began, ended, names[what], NULL);
}

static void on_compiled(const Template *template, bool optimized,
                        uint64_t began, uint64_t nanoseconds) {
  if (!trace_wants(TRACE_JIT, TRACE_INFO)) return;
  char name[128] = "compile ";
  size_t at = strlen(name);
  const String *function = template->name;
  // Atoms are flat, and any thread may read them.
  for (uint32_t i = 0; i < string_length(function) && at + 1 < sizeof name;
       i++) {
    uint16_t unit = function->cell.flags & STRING_WIDE ? function->utf16[i]
                                                       : function->latin1[i];
    name[at++] = unit < 0x20 || unit > 0x7e ? '?' : (char)unit;
  }
  trace_stretch(TRACE_JIT, TRACE_INFO, 0, began, began + nanoseconds, name,
                optimized ? NULL : "\"abandoned\":true");
}

void trace_hook_background(bool on) {
  gc_observe(on ? on_collector : NULL);
  jit_observe(on ? on_compiled : NULL);
}
