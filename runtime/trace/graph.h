// SPDX-License-Identifier: MIT
// Between snapshot.c and graph.c: the suspended fibers of an isolate and who
// settles which promise, found by looking at every live cell.
#ifndef RILL_TRACE_GRAPH_H
#define RILL_TRACE_GRAPH_H

#include "runtime/trace/snapshot.h"
#include "vm/interpreter/fiber.h"

typedef struct WaitEntry {
  uint64_t waiter; // 0: empty
  TraceDescribe describe;
  const void *object;
  const char *note;
} WaitEntry;
// One pending promise is settled by what another one's reaction does.
typedef struct DerivedEntry {
  const Promise *promise, *source;
  int32_t index; // of the source, for Promise.all and its kin; or -1
} DerivedEntry;
typedef struct GuardEntry {
  const GcCell *guard; // in a task's registers
  const void *lock;
  uint64_t task; // that took it; 0: unknown
} GuardEntry;

struct TraceGraph {
  bool failed;    // out of memory: something is missing
  Fiber **fibers; // that await
  size_t fiber_count, fiber_capacity;
  DerivedEntry *derived; // sorted by promise, then by index
  size_t derived_count, derived_capacity;
  GuardEntry *guards; // sorted by guard
  size_t guard_count, guard_capacity;
  WaitEntry *waits; // open addressing by waiter
  size_t wait_count, wait_capacity;
};

void trace_graph_build(Runtime *, TraceGraph *);
void trace_graph_free(TraceGraph *);
const WaitEntry *trace_find_wait(const TraceGraph *, uint64_t waiter);
// The sources of a promise: the first, and their number.
const DerivedEntry *trace_find_derived(const TraceGraph *, const Promise *,
                                       size_t *count);
const GuardEntry *trace_find_guard(const TraceGraph *, const void *word);
// The fiber that awaits this fiber's result; NULL: none does.
Fiber *trace_awaiting_fiber(const Fiber *);

// The outermost of those who await it, by one another. Those who await each
// other in a ring have none: the eldest of them counts.
Fiber *trace_root_of(Fiber *);

#endif
