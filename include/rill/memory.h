/* SPDX-License-Identifier: MIT */
/*
 * What the collector did: figures of one isolate's heap, or of all heaps of the
 * process, those of closed isolates, Workers and spawned tasks included. They
 * are always kept; reading them costs microseconds and stops nothing.
 */
#ifndef RILL_MEMORY_H
#define RILL_MEMORY_H

#include "rill/base.h"

RILL_BEGIN_DECLARATIONS

/* Entries of the histogram of durations. */
#define RILL_GC_TIME_BUCKETS 20
/* Durations of one kind. */
typedef struct rill_gc_times {
  uint64_t count; /* how many */
  /* Percentiles are at most an eighth too high, max is exact. */
  double total_us, p50_us, p99_us, max_us;
  /* The i-th: how many took less than 2^i microseconds, but not less than half
   * of that; the last: all longer ones. They add up to `count`. */
  uint64_t buckets[RILL_GC_TIME_BUCKETS];
} rill_gc_times;

/* What the collector did. */
typedef struct rill_gc_statistics {
  size_t size; /* sizeof(rill_gc_statistics), set by who asks */

  uint64_t heaps;        /* open ones: 1 for an isolate */
  uint64_t heaps_closed; /* since the process began: 0 for an isolate */
  uint64_t cycles;       /* that have ended */

  /* Bytes. */
  uint64_t allocated_bytes; /* since the heap was made; grows only */
  uint64_t heap_bytes;      /* held from the system for cells */
  uint64_t peak_heap_bytes; /* the most that was held */
  uint64_t live_bytes;      /* survived the last cycle */
  uint64_t peak_live_bytes; /* the most that survived a cycle */
  /* Outside the heap, kept alive by its cells; then the same by kind. */
  uint64_t external_bytes;
  uint64_t external_buffer_bytes; /* ArrayBuffers */
  uint64_t external_native_bytes; /* Intl objects, patterns, sleeps, tasks */
  uint64_t external_name_bytes;   /* property names that it made */

  /* Pace. What may be allocated until the next cycle has to be done with
   * marking; and what was allocated beyond that in cycles that were late. */
  uint64_t goal_bytes;
  uint64_t overshoot_bytes;  /* the most of any cycle */
  uint64_t overshoot_cycles; /* that had some */

  /* Milliseconds, in total. A cycle's wall time is from its first stop until
   * all is swept. root_scan and final_stop are stops of the script, weak in
   * part (WeakMap, WeakRef, FinalizationRegistry); mark and sweep run beside
   * it. These five add up to no more than cycle_ms. Finalizers run on the
   * isolate's thread after that. */
  double cycle_ms;
  /* The five phases, in order. */
  double root_scan_ms, mark_ms, final_stop_ms, weak_ms, sweep_ms;
  double finalizer_ms;     /* after the cycles */
  double collector_cpu_ms; /* processor time of the collector's thread */

  uint64_t safepoint_polls; /* counted in stress mode only */

  rill_gc_times pauses; /* stops of the script */
  /* From when the collector asks for a stop until the script answers. */
  rill_gc_times waits;
  /* The script held up in small steps because it allocated faster than marking
   * could follow. */
  rill_gc_times stalls;
} rill_gc_statistics;

RILL_END_DECLARATIONS
#endif
