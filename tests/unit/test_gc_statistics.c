// SPDX-License-Identifier: MIT
// The collector's figures: what they must add up to, for a heap and for all of
// the process, with a collector thread and without.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs the three above first.
#include <cmocka.h>

#include "gc/gc.h"

enum { KIND_NODE = 1, KIND_HANDLE };

typedef struct Node {
  GcCell cell;
  uint64_t next;
} Node;

static void trace_node(GcTracer *t, GcCell *cell) {
  gc_trace_field(t, &((Node *)cell)->next);
}
static int finalized;
static void finalize(GcHeap *heap, GcCell *cell) {
  finalized++;
}
static const GcKind kinds[] = {
    {0},
    {.name = "node", .trace = trace_node},
    {.name = "handle", .finalize = finalize},
};

static bool plain_mode;
static GcHeap *new_heap(uint32_t stress) {
  GcHeap *heap = gc_heap_create(&(GcOptions){
      .kinds = kinds,
      .kind_count = sizeof kinds / sizeof *kinds,
      .stop_the_world = plain_mode,
      .stress = stress,
      .trigger_bytes = 1 << 20,
  });
  assert_non_null(heap);
  return heap;
}

// A list of `live` nodes on the root, and ten times as much garbage.
static void work(GcHeap *heap, GcRoot *root, int live) {
  root->word = 0;
  for (int i = 0; i < live; i++) {
    for (int k = 0; k < 10; k++)
      gc_allocate(heap, sizeof(Node), KIND_NODE);
    Node *n = gc_allocate(heap, sizeof *n, KIND_NODE);
    n->next = root->word;
    root->word = (uint64_t)(uintptr_t)n;
    gc_safepoint(heap);
  }
}

static void check_times(const GcTimes *t) {
  uint64_t sum = 0;
  for (int i = 0; i < RILL_GC_TIME_BUCKETS; i++)
    sum += t->buckets[i];
  assert_int_equal(sum, t->count);
  assert_true(t->p50_us <= t->p99_us && t->p99_us <= t->max_us);
  assert_true(t->max_us <= t->total_us + 0.001);
  assert_true(t->total_us <= t->max_us * (double)t->count + 0.001);
}

static void check(const GcStats *s) {
  assert_int_equal(s->size, sizeof *s);
  double phases = s->root_scan_ms + s->mark_ms + s->final_stop_ms + s->weak_ms +
                  s->sweep_ms;
  assert_true(phases <= s->cycle_ms + 0.001);
  assert_true(s->collector_cpu_ms <= s->cycle_ms + (double)s->cycles + 1);
  assert_true(s->live_bytes <= s->peak_live_bytes);
  assert_true(s->heap_bytes <= s->peak_heap_bytes);
  assert_true(s->overshoot_cycles <= s->cycles);
  assert_true((s->overshoot_bytes == 0) == (s->overshoot_cycles == 0));
  assert_int_equal(s->external_bytes, s->external_buffer_bytes +
                                          s->external_native_bytes +
                                          s->external_name_bytes);
  check_times(&s->pauses);
  check_times(&s->waits);
  check_times(&s->stalls);
}

static void check_grown(const GcStats *before, const GcStats *after) {
  assert_true(after->cycles >= before->cycles);
  assert_true(after->allocated_bytes >= before->allocated_bytes);
  assert_true(after->peak_heap_bytes >= before->peak_heap_bytes);
  assert_true(after->peak_live_bytes >= before->peak_live_bytes);
  assert_true(after->overshoot_bytes >= before->overshoot_bytes);
  assert_true(after->cycle_ms >= before->cycle_ms);
  assert_true(after->root_scan_ms >= before->root_scan_ms);
  assert_true(after->mark_ms >= before->mark_ms);
  assert_true(after->final_stop_ms >= before->final_stop_ms);
  assert_true(after->weak_ms >= before->weak_ms);
  assert_true(after->sweep_ms >= before->sweep_ms);
  assert_true(after->finalizer_ms >= before->finalizer_ms);
  assert_true(after->collector_cpu_ms >= before->collector_cpu_ms);
  assert_true(after->pauses.count >= before->pauses.count);
  assert_true(after->waits.count >= before->waits.count);
  assert_true(after->stalls.count >= before->stalls.count);
}

static void figures_add_up(void **state) {
  GcHeap *heap = new_heap(0);
  GcRoot root;
  gc_root_add(heap, &root, 0);
  GcStats before, after;
  gc_stats(heap, &before);
  check(&before);
  assert_int_equal(before.heaps, 1);
  assert_int_equal(before.cycles, 0);
  for (int i = 0; i < 10; i++) {
    work(heap, &root, 20000);
    if (i % 3 == 0) gc_collect(heap, GC_FULL);
    gc_stats(heap, &after);
    check(&after);
    check_grown(&before, &after);
    before = after;
  }
  gc_collect(heap, GC_FULL);
  gc_stats(heap, &after);
  assert_true(after.cycles > 4);
  assert_true(after.live_bytes >= 20000 * sizeof(Node));
  assert_true(after.allocated_bytes >= 10 * 11 * 20000 * sizeof(Node));
  if (plain_mode) {
    assert_int_equal(after.pauses.count, after.cycles);
    assert_int_equal(after.waits.count, 0);
    assert_true(after.collector_cpu_ms == 0);
  } else {
    // Two stops a cycle at least, each answered once; leaving native state can
    // count as one, too.
    assert_true(after.waits.count >= 2 * after.cycles);
    assert_true(after.collector_cpu_ms > 0);
  }
  assert_int_equal(after.safepoint_polls, 0);
  gc_root_remove(heap, &root);
  gc_heap_destroy(heap);
}

static void external_memory_is_counted_by_kind(void **state) {
  GcHeap *heap = new_heap(0);
  gc_external_adjust(heap, GC_EXTERNAL_BUFFERS, 1000);
  gc_external_adjust(heap, GC_EXTERNAL_NATIVE, 200);
  gc_external_adjust(heap, GC_EXTERNAL_NAMES, 30);
  gc_external_adjust(heap, GC_EXTERNAL_BUFFERS, -500);
  GcStats s;
  gc_stats(heap, &s);
  assert_int_equal(s.external_buffer_bytes, 500);
  assert_int_equal(s.external_native_bytes, 200);
  assert_int_equal(s.external_name_bytes, 30);
  assert_int_equal(s.external_bytes, 730);
  gc_heap_destroy(heap);
}

static void finalizers_are_timed(void **state) {
  GcHeap *heap = new_heap(0);
  for (int i = 0; i < 1000; i++)
    gc_add_finalizer(heap, gc_allocate(heap, sizeof(Node), KIND_HANDLE));
  finalized = 0;
  gc_collect(heap, GC_FULL);
  gc_collect(heap, GC_FULL);
  GcStats s;
  gc_stats(heap, &s);
  assert_true(finalized > 900);
  assert_true(s.finalizer_ms > 0);
  gc_heap_destroy(heap);
}

static void polls_are_counted_in_stress_mode(void **state) {
  GcHeap *heap = new_heap(100);
  for (int i = 0; i < 77; i++)
    gc_safepoint(heap);
  GcStats s;
  gc_stats(heap, &s);
  assert_int_equal(s.safepoint_polls, 77);
  gc_heap_destroy(heap);
}

static GcCycle last_cycle;
static uint64_t cycles_seen, observed_ns[GC_PHASES];
static void on_cycle(void *data, const GcCycle *c) {
  assert_ptr_equal(data, &cycles_seen);
  assert_int_equal(c->number, ++cycles_seen);
  assert_true(c->begin <= c->end && last_cycle.end <= c->begin);
  uint64_t phases = 0;
  for (int i = 0; i < GC_PHASES; i++) {
    observed_ns[i] += c->phase_ns[i];
    if (i != GC_PHASE_FINALIZERS) phases += c->phase_ns[i];
  }
  assert_true(phases <= c->end - c->begin);
  assert_true(c->stop_max_ns <= c->stop_total_ns);
  assert_int_equal(c->live_before, last_cycle.live_after);
  last_cycle = *c;
}

static void cycles_tell_the_same(void **state) {
  GcHeap *heap = new_heap(0);
  GcRoot root;
  gc_root_add(heap, &root, 0);
  cycles_seen = 0;
  memset(observed_ns, 0, sizeof observed_ns);
  last_cycle = (GcCycle){0};
  gc_observe_cycles(heap, on_cycle, &cycles_seen);
  work(heap, &root, 50000);
  gc_collect(heap, GC_FULL);
  gc_observe_cycles(heap, NULL, NULL);
  // What was asked for before that is told by now, or never.
  gc_collect(heap, GC_FULL);
  GcStats s;
  gc_stats(heap, &s);
  assert_true(cycles_seen > 1 && cycles_seen < s.cycles);
  assert_true((double)observed_ns[GC_PHASE_MARK] / 1e6 <= s.mark_ms + 0.001);
  assert_true((double)observed_ns[GC_PHASE_SWEEP] / 1e6 <= s.sweep_ms + 0.001);
  gc_root_remove(heap, &root);
  gc_heap_destroy(heap);
}

static void *use_a_heap(void *unused) {
  GcHeap *heap = new_heap(0);
  GcRoot root;
  gc_root_add(heap, &root, 0);
  work(heap, &root, 10000);
  gc_collect(heap, GC_FULL);
  gc_root_remove(heap, &root);
  gc_heap_destroy(heap);
  return NULL;
}

static void the_process_counts_closed_heaps(void **state) {
  GcStats before, now, after;
  gc_process_stats(&before);
  check(&before);
  pthread_t threads[3];
  for (int i = 0; i < 3; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, use_a_heap, NULL), 0);
  for (int i = 0; i < 200; i++) {
    gc_process_stats(&now);
    check(&now);
    check_grown(&before, &now);
  }
  for (int i = 0; i < 3; i++)
    pthread_join(threads[i], NULL);
  gc_process_stats(&after);
  check(&after);
  check_grown(&now, &after);
  assert_int_equal(after.heaps, before.heaps);
  assert_int_equal(after.heaps_closed, before.heaps_closed + 3);
  assert_int_equal(after.live_bytes, before.live_bytes);
  assert_true(after.cycles >= before.cycles + 3);
  assert_true(after.allocated_bytes - before.allocated_bytes >=
              3 * 11 * 10000 * sizeof(Node));
  assert_true(after.heap_bytes <= before.heap_bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(figures_add_up),
      cmocka_unit_test(external_memory_is_counted_by_kind),
      cmocka_unit_test(finalizers_are_timed),
      cmocka_unit_test(polls_are_counted_in_stress_mode),
      cmocka_unit_test(cycles_tell_the_same),
      cmocka_unit_test(the_process_counts_closed_heaps),
  };
  int failed = cmocka_run_group_tests_name("concurrent", tests, NULL, NULL);
  plain_mode = true;
  return failed + cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
