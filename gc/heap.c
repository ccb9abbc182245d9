// SPDX-License-Identifier: MIT
// A heap's life, its roots and accounts, and the entry points of gc.h that
// need no more than a few lines.
#include <malloc.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "gc/heap.h"

static bool (*_Atomic fails)(void);

void gc_fail_allocations(bool (*wanted)(void)) {
  atomic_store(&fails, wanted);
}

bool gc_is_to_fail(void) {
  bool (*ask)(void) = atomic_load_explicit(&fails, memory_order_relaxed);
  return unlikely(ask != NULL) && ask();
}

// What closed heaps and their isolates have freed stays with malloc, between
// what others still use. From some megabytes on it is told to give it back,
// which takes a microsecond for a dozen of KiB. But a host may have so much of
// its own there that it takes longer: then it is asked less often.
static void count_freed(int64_t change) {
#ifdef __GLIBC__
  enum { MUCH = 2 << 20, SLOW_NS = 20000000, REST = 20, KEPT = 128 << 10 };
  static _Atomic int64_t freed;
  static _Atomic uint64_t not_before;
  int64_t old = atomic_load(&freed), now;
  do {
    now = old + change > 0 ? old + change : 0;
  } while (!atomic_compare_exchange_weak(&freed, &old, now));
  if (change < 0 || now < MUCH) return;
  if (gc_now_ns() < atomic_load(&not_before)) return;
  atomic_store(&freed, 0);
  uint64_t began = gc_processor_ns();
  malloc_trim(KEPT);
  uint64_t took = gc_processor_ns() - began;
  if (took > SLOW_NS) atomic_store(&not_before, gc_now_ns() + REST * took);
#else
  (void)change;
#endif
}
// Of an isolate beside its heap, about.
enum { ISOLATE_BYTES = 32 << 10 };

GcHeap *gc_heap_create(const GcOptions *options) {
  Heap *h = calloc(1, sizeof *h);
  if (!h) return NULL;
  h->options = *options;
  const GcThreadStack *stack = gc_thread_stack();
  if (!stack) {
    free(h);
    return NULL;
  }
  h->stack_bottom = (void *)stack->high;
  h->roots.next = h->roots.previous = &h->roots;
  pthread_mutex_init(&h->lock, NULL);
  pthread_condattr_t clock;
  pthread_condattr_init(&clock);
  pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
  pthread_cond_init(&h->changed, &clock);
  pthread_condattr_destroy(&clock);
  gc_tracer_init(&h->tracer, &h->public);
  gc_pace_next(h);
  gc_statistics_add_heap(h);
  count_freed(-ISOLATE_BYTES);
  return &h->public;
}

void gc_heap_destroy(GcHeap *heap) {
  if (!heap) return;
  Heap *h = heap_of(heap);
  gc_cycle_cancel(h);
  gc_stand_in_free(h);
  int64_t external = atomic_load_explicit(&h->external, memory_order_relaxed);
  gc_run_finalizers(h, SIZE_MAX);
  gc_statistics_remove_heap(h);
  gc_list_join(&h->finalizable, &h->new_finalizable);
  for (GcCell *cell; (cell = gc_list_take(&h->finalizable)) != NULL;) {
    const GcKind *kind = &h->options.kinds[cell->kind];
    if (kind->finalize) kind->finalize(heap, cell);
  }
  gc_weak_free(h);
  gc_handles_free(h);
  gc_buffers_free(h);
  gc_tracer_free(&h->tracer);
  gc_free_all_blocks(h);
  pthread_cond_destroy(&h->changed);
  pthread_mutex_destroy(&h->lock);
  free(h->pauses);
  free(h->waits);
  free(h->stalls);
  free(h);
  gc_tell_cycle();
  count_freed(ISOLATE_BYTES + (external > 0 ? external : 0));
}

void gc_heap_adopt(GcHeap *heap, void *stack_bottom) {
  Heap *h = heap_of(heap);
  const GcThreadStack *stack = stack_bottom ? NULL : gc_thread_stack();
  void *bottom = stack ? (void *)stack->high : stack_bottom;
  pthread_mutex_lock(&h->lock);
  if (bottom) h->stack_bottom = bottom;
  h->mutator = MUTATOR_RUNNING;
  pthread_mutex_unlock(&h->lock);
}

void gc_root_add(GcHeap *heap, GcRoot *root, uint64_t word) {
  Heap *h = heap_of(heap);
  root->word = word;
  root->next = &h->roots;
  root->previous = h->roots.previous;
  root->previous->next = root;
  h->roots.previous = root;
}

void gc_root_remove(GcHeap *heap, GcRoot *root) {
  root->previous->next = root->next;
  root->next->previous = root->previous;
  root->next = root->previous = NULL;
  root->word = 0; // it may be on the C stack
}

void gc_add_finalizer(GcHeap *heap, void *cell) {
  gc_list_push(heap_of(heap), &heap_of(heap)->new_finalizable, cell);
}

void gc_external_adjust(GcHeap *heap, GcExternal kind, int64_t bytes) {
  Heap *h = heap_of(heap);
  atomic_fetch_add_explicit(&h->external_by_kind[kind], bytes,
                            memory_order_relaxed);
  // Small amounts are gathered: the counters are shared with the collector.
  enum { GATHERED = 16 << 10 };
  h->external_pending += bytes;
  if (bytes > 0) h->allocated_pending += (uint64_t)bytes;
  if (h->allocated_pending < GATHERED && h->external_pending > -GATHERED &&
      h->external_pending < GATHERED)
    return;
  atomic_fetch_add_explicit(&h->external, h->external_pending,
                            memory_order_relaxed);
  atomic_fetch_add_explicit(&h->allocated, h->allocated_pending,
                            memory_order_relaxed);
  h->external_pending = 0;
  h->allocated_pending = 0;
}

void gc_external_hold(GcHeap *heap, int64_t bytes) {
  Heap *h = heap_of(heap);
  atomic_fetch_add_explicit(&h->external_by_kind[GC_EXTERNAL_NATIVE], bytes,
                            memory_order_relaxed);
  atomic_fetch_add_explicit(&h->external, bytes, memory_order_relaxed);
}

typedef struct Returns {
  const GcReturn *returns;
  size_t count;
} Returns;

static void return_names(Heap *h, void *data) {
  const Returns *all = data;
  for (size_t i = 0; i < all->count; i++) {
    if (all->returns[i].heap_number != h->number) continue;
    int64_t bytes = (int64_t)all->returns[i].bytes;
    atomic_fetch_sub_explicit(&h->external_by_kind[GC_EXTERNAL_NAMES], bytes,
                              memory_order_relaxed);
    atomic_fetch_sub_explicit(&h->external, bytes, memory_order_relaxed);
    return;
  }
}

void gc_external_return_names(const GcReturn *returns, size_t count) {
  gc_heaps_visit(return_names, &(Returns){returns, count});
}

uint32_t gc_heap_number(const GcHeap *heap) {
  return ((const Heap *)heap)->number;
}

bool gc_reserve_external(GcHeap *heap, size_t bytes) {
  // Who makes buffers may not take another block of cells for a long time.
  enum { MUCH = 4096 };
  if (bytes >= MUCH) gc_safepoint(heap);
  return !gc_is_to_fail() && gc_limit_allows(heap_of(heap), bytes);
}

void gc_safepoint(GcHeap *heap) {
  Heap *h = heap_of(heap);
  if (unlikely(h->options.stress)) {
    uint64_t polls = atomic_load_explicit(&h->polls, memory_order_relaxed);
    atomic_store_explicit(&h->polls, polls + 1, memory_order_relaxed);
    if (h->options.stand_in) gc_stand_in_reads(h);
  }
  if (atomic_load_explicit(&h->poll, memory_order_relaxed)) gc_answer_poll(h);
  if (unlikely(atomic_load_explicit(&h->allocated, memory_order_relaxed) >=
               atomic_load_explicit(&h->trigger_at, memory_order_relaxed))) {
    gc_cycle_if_due(h);
  }
}

void gc_collect(GcHeap *heap, GcCollectMode mode) {
  if (mode == GC_FULL)
    gc_cycle_full(heap_of(heap));
  else
    gc_cycle_start(heap_of(heap));
}
