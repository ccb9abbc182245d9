// SPDX-License-Identifier: MIT
// Pauses and counters. The histogram has 8 buckets for every doubling, so a
// percentile is at most an eighth too high.
#include <string.h>

#include "gc/heap.h"

enum { SUB_BITS = 3, SUB = 1 << SUB_BITS };

static uint32_t bucket_of(uint64_t ns) {
  if (ns < SUB) return (uint32_t)ns;
  uint32_t shift = 63 - (uint32_t)__builtin_clzll(ns) - SUB_BITS;
  uint32_t bucket = ((shift + 1) << SUB_BITS) + (uint32_t)(ns >> shift) - SUB;
  return bucket < PAUSE_BUCKETS ? bucket : PAUSE_BUCKETS - 1;
}

// The least value above the bucket.
static double bucket_end(uint32_t bucket) {
  if (bucket < SUB) return bucket + 1;
  uint32_t shift = (bucket >> SUB_BITS) - 1;
  return (double)((uint64_t)(SUB + bucket % SUB + 1) << shift);
}

void gc_record_pause(PauseHistogram *p, uint64_t ns) {
  p->count++;
  p->total_ns += ns;
  if (ns > p->max_ns) p->max_ns = ns;
  p->buckets[bucket_of(ns)]++;
}

void gc_record_stop(Heap *h, uint64_t ns) {
  gc_record_pause(&h->pauses, ns);
  h->cycle.stops++;
  h->cycle.stop_total_ns += ns;
  if (ns > h->cycle.stop_max_ns) h->cycle.stop_max_ns = ns;
}

void gc_observe_cycles(GcHeap *heap, GcCycleObserver observer, void *data) {
  Heap *h = heap_of(heap);
  pthread_mutex_lock(&h->lock);
  h->observer = observer;
  h->observer_data = data;
  pthread_mutex_unlock(&h->lock);
}

static double percentile_us(const PauseHistogram *p, double fraction) {
  uint64_t rank = (uint64_t)((double)p->count * fraction), seen = 0;
  if (rank >= p->count) rank = p->count ? p->count - 1 : 0;
  for (uint32_t b = 0; b < PAUSE_BUCKETS; b++) {
    seen += p->buckets[b];
    if (seen > rank) {
      double ns = bucket_end(b);
      return (ns < (double)p->max_ns ? ns : (double)p->max_ns) / 1e3;
    }
  }
  return 0;
}

static GcPauses summary(const PauseHistogram *p) {
  return (GcPauses){
      .count = p->count,
      .total_us = (double)p->total_ns / 1e3,
      .p50_us = percentile_us(p, 0.5),
      .p99_us = percentile_us(p, 0.99),
      .max_us = (double)p->max_ns / 1e3,
  };
}

void gc_histogram(GcHeap *heap, GcTimes which,
                  uint64_t buckets[GC_TIME_BUCKETS]) {
  Heap *h = heap_of(heap);
  memset(buckets, 0, GC_TIME_BUCKETS * sizeof *buckets);
  pthread_mutex_lock(&h->lock);
  const PauseHistogram *p = which == GC_TIMES_PAUSES  ? &h->pauses
                            : which == GC_TIMES_WAITS ? &h->waits
                                                      : &h->stalls;
  uint32_t i = 0;
  for (uint32_t b = 0; b < PAUSE_BUCKETS; b++) {
    while (i < GC_TIME_BUCKETS - 1 && bucket_end(b) > 1e3 * (1 << i))
      i++;
    buckets[i] += p->buckets[b];
  }
  pthread_mutex_unlock(&h->lock);
}

void gc_stats(GcHeap *heap, GcStats *out) {
  Heap *h = heap_of(heap);
  pthread_mutex_lock(&h->lock);
  int64_t external = atomic_load_explicit(&h->external, memory_order_relaxed);
  *out = (GcStats){
      .cycles = h->cycles_done,
      .allocated_bytes =
          atomic_load_explicit(&h->allocated, memory_order_relaxed),
      .heap_bytes = h->chunk_bytes,
      .live_bytes = h->live_bytes,
      .external_bytes = external > 0 ? (uint64_t)external : 0,
      .peak_heap_bytes = h->peak_chunk_bytes,
      .mark_ms = (double)h->mark_ns / 1e6,
      .sweep_ms = (double)h->sweep_ns / 1e6,
      .pauses = summary(&h->pauses),
      .waits = summary(&h->waits),
      .stalls = summary(&h->stalls),
  };
  pthread_mutex_unlock(&h->lock);
}

static _Atomic(GcObserver) observer;

void gc_observe(GcObserver wanted) {
  atomic_store_explicit(&observer, wanted, memory_order_relaxed);
}

void gc_told(GcStretch stretch, uint64_t began_ns) {
  GcObserver tell = atomic_load_explicit(&observer, memory_order_relaxed);
  if (unlikely(tell != NULL)) tell(stretch, began_ns, gc_now_ns());
}
