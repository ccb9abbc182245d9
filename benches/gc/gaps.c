// SPDX-License-Identifier: MIT
// See gaps.h. The thread is looked at after every operation that took longer
// than a switch of threads does, so that a look tells of the last one only.
#include "benches/gc/gaps.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

enum {
  LOOK_NS = 10 * 1000,
  GAP_NS = 100 * 1000,
  HELD_UP_NS = 500 * 1000, // the longest step of gc/pace.c

};

static uint64_t clock_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t gaps_now(void) {
  return clock_ns(CLOCK_MONOTONIC);
}

static void look(Gaps *g, uint64_t wall) {
  struct rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  g->wall_ns = wall;
  g->processor_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  g->preemptions = usage.ru_nivcsw;
  g->waits = usage.ru_nvcsw;
  g->faults = usage.ru_minflt;
}

void gaps_begin(Gaps *g) {
  *g = (Gaps){0};
  g->begun_ns = g->last_ns = gaps_now();
  look(g, g->begun_ns);
}

void gaps_in_heap(Gaps *g, uint64_t began_ns) {
  uint64_t ns = gaps_now() - began_ns;
  g->heap_ns += ns;
  if (ns > g->longest_in_heap_ns) g->longest_in_heap_ns = ns;
}

// `before`: as of the end of the operation before, or a few short ones earlier.
static GapKind kind_of(const Gaps *g, const Gaps *before, uint64_t gap) {
  uint64_t wall = g->wall_ns - before->wall_ns,
           processor = g->processor_ns - before->processor_ns,
           away = wall > processor ? wall - processor : 0;
  bool is_in_heap = g->heap_ns > gap / 2;
  if (away <= gap / 2) {
    if (g->faults != before->faults) return GAP_FAULTS;
    return is_in_heap ? GAP_HEAP : GAP_STOLEN;
  }
  bool has_waited = g->waits != before->waits,
       was_preempted = g->preemptions != before->preemptions;
  if (!is_in_heap || !has_waited)
    return was_preempted ? GAP_PREEMPTED : GAP_STOLEN;
  return g->longest_in_heap_ns > HELD_UP_NS + GAP_NS ? GAP_LATE : GAP_HELD_UP;
}

uint64_t gaps_step(Gaps *g) {
  uint64_t now = gaps_now(), gap = now - g->last_ns;
  if (__builtin_expect(gap > LOOK_NS, 0)) {
    Gaps before = *g;
    look(g, now);
    if (gap > GAP_NS) {
      GapCount *c = &g->kinds[kind_of(g, &before, gap)];
      c->over_100us++;
      c->over_1ms += gap > 1000 * 1000;
      c->over_5ms += gap > 5000 * 1000;
      if (gap > c->longest_ns) c->longest_ns = gap;
    }
  }
  g->operations++;
  g->heap_ns = g->longest_in_heap_ns = 0;
  g->last_ns = now;
  return now;
}

void gaps_print(const Gaps *g) {
  static const char *const names[] = {
      "the heap computes",    "the heap waits",      "page faults",
      "woken late (machine)", "preempted (machine)", "stolen (machine)",
  };
  uint64_t all = 0;
  for (int i = 0; i < GAP_KINDS; i++)
    all += g->kinds[i].over_100us;
  printf("  %llu operations, %.4f %% of them longer than 0.1 ms\n",
         (unsigned long long)g->operations,
         100 * (double)all / (double)g->operations);
  printf("  gaps, by cause          > 0.1 ms     > 1     > 5   longest\n");
  for (int i = 0; i < GAP_KINDS; i++) {
    const GapCount *c = &g->kinds[i];
    printf("    %-21s %8llu %8llu %7llu %8.3f ms\n", names[i],
           (unsigned long long)c->over_100us, (unsigned long long)c->over_1ms,
           (unsigned long long)c->over_5ms, (double)c->longest_ns / 1e6);
  }
}
