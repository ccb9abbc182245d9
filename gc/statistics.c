// SPDX-License-Identifier: MIT
// Figures of a heap, and of all of the process. A histogram has 8 buckets for
// every doubling, so a percentile is at most an eighth too high.
#include <stdlib.h>

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

// A heap that never had one has no histogram, nor has one without memory.
static void record(PauseHistogram **place, uint64_t ns) {
  PauseHistogram *p = *place;
  if (!p) *place = p = calloc(1, sizeof *p);
  if (!p) return;
  p->count++;
  p->total_ns += ns;
  if (ns > p->max_ns) p->max_ns = ns;
  p->buckets[bucket_of(ns)]++;
}

void gc_record_stop(Heap *h, uint64_t ns) {
  record(&h->pauses, ns);
  h->cycle.stops++;
  h->cycle.stop_total_ns += ns;
  if (ns > h->cycle.stop_max_ns) h->cycle.stop_max_ns = ns;
}

void gc_record_wait(Heap *h, uint64_t ns) {
  record(&h->waits, ns);
  if (ns > h->cycle.wait_max_ns) h->cycle.wait_max_ns = ns;
}

void gc_record_stall(Heap *h, uint64_t ns) {
  record(&h->stalls, ns);
  h->cycle.stalls++;
  h->cycle.stall_total_ns += ns;
}

uint64_t gc_record_phase(Heap *h, GcPhase phase, uint64_t began) {
  uint64_t now = gc_now_ns();
  if (phase == GC_PHASE_FINALIZERS)
    h->phase_ns[phase] += now - began;
  else // of the whole heap once the cycle is over
    h->cycle.phase_ns[phase] += now - began;
  return now;
}

// What is added up over all heaps as it changes, for the sake of its peak.
typedef struct Level {
  _Atomic int64_t now, peak;
} Level;
static Level heap_level, live_level;

static void change_level(Level *level, int64_t change) {
  int64_t now =
      atomic_fetch_add_explicit(&level->now, change, memory_order_relaxed) +
      change;
  int64_t peak = atomic_load_explicit(&level->peak, memory_order_relaxed);
  while (now > peak && !atomic_compare_exchange_weak_explicit(
                           &level->peak, &peak, now, memory_order_relaxed,
                           memory_order_relaxed)) {
  }
}

static uint64_t read_level(const _Atomic int64_t *level) {
  int64_t bytes = atomic_load_explicit(level, memory_order_relaxed);
  return bytes > 0 ? (uint64_t)bytes : 0;
}

void gc_count_heap_bytes(int64_t change) {
  change_level(&heap_level, change);
}

void gc_record_cycle_end(Heap *h) {
  GcCycle *c = &h->cycle;
  c->end = gc_now_ns();
  c->live_after = h->live_bytes;
  c->heap_bytes = h->chunk_bytes;
  for (int i = 0; i < GC_PHASE_FINALIZERS; i++)
    h->phase_ns[i] += c->phase_ns[i];
  uint64_t finalizers = h->phase_ns[GC_PHASE_FINALIZERS];
  c->phase_ns[GC_PHASE_FINALIZERS] = finalizers - h->finalizers_told_ns;
  h->finalizers_told_ns = finalizers;
  const Pace *p = &h->pace;
  uint64_t meanwhile = p->finished_at - p->begun_at;
  if (meanwhile > p->headroom) {
    c->overshoot_bytes = meanwhile - p->headroom;
    h->overshoot_cycles++;
  }
  if (c->overshoot_bytes > h->overshoot_bytes) {
    h->overshoot_bytes = c->overshoot_bytes;
  }
  h->cycles_ns += c->end - c->begin;
  h->collector_cpu_ns += c->collector_cpu_ns;
  if (h->live_bytes > h->peak_live_bytes) h->peak_live_bytes = h->live_bytes;
  change_level(&live_level, (int64_t)h->live_bytes - (int64_t)c->live_before);
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

static GcTimes summary(const PauseHistogram *p) {
  GcTimes times = {
      .count = p->count,
      .total_us = (double)p->total_ns / 1e3,
      .p50_us = percentile_us(p, 0.5),
      .p99_us = percentile_us(p, 0.99),
      .max_us = (double)p->max_ns / 1e3,
  };
  uint32_t i = 0;
  for (uint32_t b = 0; b < PAUSE_BUCKETS; b++) {
    while (i < RILL_GC_TIME_BUCKETS - 1 && bucket_end(b) > 1e3 * (1 << i))
      i++;
    times.buckets[i] += p->buckets[b];
  }
  return times;
}

static void add(PauseHistogram *to, const PauseHistogram *from) {
  if (!from) return;
  to->count += from->count;
  to->total_ns += from->total_ns;
  if (from->max_ns > to->max_ns) to->max_ns = from->max_ns;
  for (uint32_t b = 0; b < PAUSE_BUCKETS; b++)
    to->buckets[b] += from->buckets[b];
}

// What adds up over heaps.
typedef struct Sums {
  GcStats stats;
  PauseHistogram pauses, waits, stalls;
} Sums;

static void raise_to(uint64_t *most, uint64_t value) {
  if (value > *most) *most = value;
}

// Under the heap's lock.
static void add_heap(Sums *sums, Heap *h) {
  GcStats *s = &sums->stats;
  uint64_t allocated =
      atomic_load_explicit(&h->allocated, memory_order_relaxed);
  uint64_t goal = atomic_load_explicit(&h->trigger_at, memory_order_relaxed) +
                  h->pace.headroom;
  uint64_t external[GC_EXTERNAL_KINDS];
  for (int i = 0; i < GC_EXTERNAL_KINDS; i++) {
    int64_t bytes =
        atomic_load_explicit(&h->external_by_kind[i], memory_order_relaxed);
    external[i] = bytes > 0 ? (uint64_t)bytes : 0;
    s->external_bytes += external[i];
  }
  s->external_buffer_bytes += external[GC_EXTERNAL_BUFFERS];
  s->external_native_bytes += external[GC_EXTERNAL_NATIVE];
  s->external_name_bytes += external[GC_EXTERNAL_NAMES];
  s->heaps++;
  s->cycles += h->cycles_done;
  s->allocated_bytes += allocated;
  s->heap_bytes += h->chunk_bytes;
  s->live_bytes += h->live_bytes;
  raise_to(&s->peak_heap_bytes, h->peak_chunk_bytes);
  raise_to(&s->peak_live_bytes, h->peak_live_bytes);
  s->goal_bytes += goal > allocated ? goal - allocated : 0;
  raise_to(&s->overshoot_bytes, h->overshoot_bytes);
  s->overshoot_cycles += h->overshoot_cycles;
  s->cycle_ms += (double)h->cycles_ns / 1e6;
  s->root_scan_ms += (double)h->phase_ns[GC_PHASE_ROOTS] / 1e6;
  s->mark_ms += (double)h->phase_ns[GC_PHASE_MARK] / 1e6;
  s->final_stop_ms += (double)h->phase_ns[GC_PHASE_FINAL] / 1e6;
  s->weak_ms += (double)h->phase_ns[GC_PHASE_WEAK] / 1e6;
  s->sweep_ms += (double)h->phase_ns[GC_PHASE_SWEEP] / 1e6;
  s->finalizer_ms += (double)h->phase_ns[GC_PHASE_FINALIZERS] / 1e6;
  s->collector_cpu_ms += (double)h->collector_cpu_ns / 1e6;
  s->safepoint_polls += atomic_load_explicit(&h->polls, memory_order_relaxed);
  add(&sums->pauses, h->pauses);
  add(&sums->waits, h->waits);
  add(&sums->stalls, h->stalls);
}

static void give(Sums *sums, GcStats *out) {
  *out = sums->stats;
  out->size = sizeof *out;
  out->pauses = summary(&sums->pauses);
  out->waits = summary(&sums->waits);
  out->stalls = summary(&sums->stalls);
}

void gc_stats(GcHeap *heap, GcStats *out) {
  Heap *h = heap_of(heap);
  Sums sums = {0};
  pthread_mutex_lock(&h->lock);
  add_heap(&sums, h);
  pthread_mutex_unlock(&h->lock);
  give(&sums, out);
}

// All heaps, and what closed ones have left. Lock order: this one, a heap's.
static pthread_mutex_t heaps_lock = PTHREAD_MUTEX_INITIALIZER;
static Heap *newest_heap;
static size_t heap_count;
static uint32_t last_number;
static Sums closed_heaps;

size_t gc_heaps_lock(void) {
  pthread_mutex_lock(&heaps_lock);
  return heap_count;
}

void gc_heaps_unlock(void) {
  pthread_mutex_unlock(&heaps_lock);
}

void gc_heaps_visit(void (*visit)(Heap *, void *), void *data) {
  pthread_mutex_lock(&heaps_lock);
  for (Heap *h = newest_heap; h; h = h->older)
    visit(h, data);
  pthread_mutex_unlock(&heaps_lock);
}

void gc_statistics_add_heap(Heap *h) {
  pthread_mutex_lock(&heaps_lock);
  if (++last_number == 0) last_number = 1;
  h->number = last_number;
  gc_round_joined(h);
  heap_count++;
  h->older = newest_heap;
  if (newest_heap) newest_heap->newer = h;
  newest_heap = h;
  pthread_mutex_unlock(&heaps_lock);
}

void gc_statistics_remove_heap(Heap *h) {
  pthread_mutex_lock(&heaps_lock);
  gc_round_left(h);
  heap_count--;
  if (h->newer)
    h->newer->older = h->older;
  else
    newest_heap = h->older;
  if (h->older) h->older->newer = h->newer;
  pthread_mutex_lock(&h->lock);
  add_heap(&closed_heaps, h);
  pthread_mutex_unlock(&h->lock);
  change_level(&live_level, -(int64_t)h->live_bytes);
  // It holds nothing any more.
  GcStats *s = &closed_heaps.stats;
  s->heaps_closed++;
  s->heaps = s->heap_bytes = s->live_bytes = s->goal_bytes = 0;
  s->external_bytes = s->external_buffer_bytes = s->external_native_bytes =
      s->external_name_bytes = 0;
  pthread_mutex_unlock(&heaps_lock);
}

void gc_process_stats(GcStats *out) {
  pthread_mutex_lock(&heaps_lock);
  Sums sums = closed_heaps;
  for (Heap *h = newest_heap; h; h = h->older) {
    pthread_mutex_lock(&h->lock);
    add_heap(&sums, h);
    pthread_mutex_unlock(&h->lock);
  }
  pthread_mutex_unlock(&heaps_lock);
  // Cells that isolates share count, too. The heaps were not read all at once.
  GcStats *s = &sums.stats;
  s->heap_bytes = read_level(&heap_level.now);
  s->peak_heap_bytes = read_level(&heap_level.peak);
  s->peak_live_bytes = read_level(&live_level.peak);
  raise_to(&s->peak_heap_bytes, s->heap_bytes);
  raise_to(&s->peak_live_bytes, s->live_bytes);
  give(&sums, out);
}

static _Atomic(GcObserver) observer;

void gc_observe(GcObserver wanted) {
  atomic_store_explicit(&observer, wanted, memory_order_relaxed);
}

void gc_told(GcStretch stretch, uint64_t began_ns) {
  GcObserver tell = atomic_load_explicit(&observer, memory_order_relaxed);
  if (unlikely(tell != NULL)) tell(stretch, began_ns, gc_now_ns());
}
