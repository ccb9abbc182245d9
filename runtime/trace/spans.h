// SPDX-License-Identifier: MIT
// Spans of an isolate: the current one goes with the async context.
#ifndef RILL_TRACE_SPANS_H
#define RILL_TRACE_SPANS_H

#include "runtime/trace/events.h"
#include "runtime/trace/trace.h"

// 0: none.
uint64_t trace_current_span(const Isolate *);
// The number as a context keeps it.
Value trace_span_value(uint64_t span);
// Begins a span of level info within the current one. `attributes`: members of
// a JSON object, or NULL.
uint64_t trace_span_here(Isolate *, TraceCategory, const char *name,
                         TextBuffer *attributes);
// A turn of the loop has ended.
void trace_turn_event(Runtime *, uint64_t began, uint64_t ended);
// What the collector and the compile queue do becomes events, or no more.
void trace_hook_background(bool on);

#endif
