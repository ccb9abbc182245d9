// SPDX-License-Identifier: MIT
// Structured events: spans, which begin and end, things that happen at a
// moment, and stretches of time that are told once they are over. Each thread
// writes into a ring of its own, which a thread of the exporter reads; a ring
// that is full drops what comes and counts it.
//
// Off, everything is one comparison of a byte: ask trace_wants before anything
// is put together.
#ifndef RILL_TRACE_EVENTS_H
#define RILL_TRACE_EVENTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum TraceLevel { // 0: off
  TRACE_ERROR = 1,
  TRACE_WARN,
  TRACE_INFO,
  TRACE_DEBUG,
  TRACE_TRACE,
} TraceLevel;
extern const char *const trace_level_names[]; // "off", "error", ...

typedef enum TraceCategory {
  TRACE_APP,   // scripts and embedders, by rill:trace and the C API
  TRACE_TASK,  // spawned functions
  TRACE_HTTP,  // requests to servers
  TRACE_FETCH, // requests of fetch
  TRACE_FS,    // file operations
  TRACE_LOOP,  // turns of isolates
  TRACE_GC,    // cycles and stops
  TRACE_JIT,   // compile jobs
  TRACE_CATEGORY_COUNT
} TraceCategory;
extern const char *const trace_category_names[];

extern _Atomic uint8_t trace_levels[TRACE_CATEGORY_COUNT];
static inline bool trace_wants(TraceCategory category, TraceLevel level) {
  return __builtin_expect(
      atomic_load_explicit(&trace_levels[category], memory_order_relaxed) >=
          (uint8_t)level,
      0);
}

typedef enum TraceEventKind {
  TRACE_SPAN_BEGIN,
  TRACE_SPAN_END,
  TRACE_INSTANT,
  TRACE_STRETCH, // duration is set, time is its beginning
} TraceEventKind;

// As it lies in a ring; name and attributes follow, each with a NUL.
typedef struct TraceEvent {
  uint32_t bytes; // of all of it, a multiple of 8; 0: the rest of the ring is
                  // unused
  uint8_t kind, category, level;
  uint32_t isolate; // 0: none
  uint32_t thread;
  uint64_t time, duration; // nanoseconds of uv_hrtime
  uint64_t span, parent;   // 0: none
  uint32_t name_length, attributes_length;
  char text[]; // attributes: members of a JSON object without its braces
} TraceEvent;
static inline const char *trace_event_attributes(const TraceEvent *e) {
  return e->text + e->name_length + 1;
}

// A span's number; it is to be ended, on any thread. `parent`: 0: none.
uint64_t trace_span_begin(TraceCategory, TraceLevel, uint32_t isolate,
                          uint64_t parent, const char *name,
                          const char *attributes);
// No effect for span 0. Attributes are added to those of the beginning.
void trace_span_end(TraceCategory, TraceLevel, uint32_t isolate, uint64_t span,
                    const char *attributes);
void trace_instant(TraceCategory, TraceLevel, uint32_t isolate, uint64_t span,
                   const char *name, const char *attributes);
void trace_stretch(TraceCategory, TraceLevel, uint32_t isolate, uint64_t began,
                   uint64_t ended, const char *name, const char *attributes);

// Levels by a filter: "info", "http=debug,gc=off", "warn,app=trace". What is
// not named gets the last plain level, or info. False: it is wrong, and
// nothing has changed.
bool trace_filter_parse(const char *filter, uint8_t out[TRACE_CATEGORY_COUNT]);

// For the exporter, one thread: takes the events until a time (of uv_hrtime)
// out of all rings, in their order. Those of other threads that are just being
// written are missed if that time is now. Returns how many were dropped so far.
uint64_t trace_events_drain(uint64_t until,
                            void (*each)(void *, const TraceEvent *),
                            void *data);

#endif
