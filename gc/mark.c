// SPDX-License-Identifier: MIT
// Marking: a stack of words still to look at, and a small ring in front of
// tracing in which cells wait until their bits and first line are in the cache.
// A cell is marked when it leaves the ring, so the stack may hold it twice.
// Of large cells only a slice is on the stack at a time.
#include <assert.h>
#include <stdlib.h>

#include "gc/heap.h"

void gc_tracer_init(GcTracer *t, GcHeap *heap) {
  *t = (GcTracer){.heap = heap};
}

void gc_tracer_free(GcTracer *t) {
  for (Segment *s = t->segment, *below; s; s = below) {
    below = s->below;
    gc_record_free(s);
  }
  if (t->spare) gc_record_free(t->spare);
  free(t->ranges);
  *t = (GcTracer){.heap = t->heap};
}

static void use_segment(GcTracer *t, Segment *s, bool full) {
  t->segment = s;
  t->base = s->entries;
  t->limit = s->entries + SEGMENT_ENTRIES;
  t->top = full ? t->limit : t->base;
}

void gc_trace_push_slow(GcTracer *t, uint64_t word) {
  Segment *s = t->spare;
  t->spare = NULL;
  if (!s) s = gc_record_new(heap_of(t->heap), sizeof *s);
  s->below = t->segment;
  use_segment(t, s, false);
  *t->top++ = word;
}

// The top segment is empty: goes on with the one below.
static bool pop_segment(GcTracer *t) {
  Segment *s = t->segment;
  if (!s || !s->below) return false;
  if (t->spare) gc_record_free(t->spare);
  t->spare = s;
  use_segment(t, s->below, true);
  return true;
}

enum {
  SLICE_WORDS = 2048,
  SLICE_COST = 64, // in cells
};

static bool push_range(GcTracer *t, Range range) {
  if (t->range_count == t->range_capacity) {
    uint32_t capacity = t->range_capacity ? 2 * t->range_capacity : 16;
    Range *ranges = realloc(t->ranges, capacity * sizeof *ranges);
    if (!ranges) return false;
    t->ranges = ranges;
    t->range_capacity = capacity;
  }
  t->ranges[t->range_count++] = range;
  return true;
}

static void push_words(GcTracer *t, const uint64_t *words, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint64_t word = __atomic_load_n(&words[i], __ATOMIC_ACQUIRE);
    gc_trace_word(t, word);
  }
}

static void push_records(GcTracer *t, const Range *r, size_t count) {
  if (r->record_words == 1) {
    push_words(t, r->words, count);
    return;
  }
  for (size_t i = 0; i < count; i++)
    push_words(t, r->words + i * r->record_words, r->references);
}

static void push_slice(GcTracer *t) {
  Range *r = &t->ranges[t->range_count - 1], slice = *r;
  size_t most = SLICE_WORDS / r->record_words,
         count = r->count < most ? r->count : most;
  r->words += count * r->record_words;
  r->count -= count;
  if (r->count == 0) t->range_count--;
  push_records(t, &slice, count);
}

void gc_trace_words(GcTracer *t, const uint64_t *words, size_t count) {
  if (count > SLICE_WORDS && t->is_draining &&
      push_range(t, (Range){words, count, 1, 1})) {
    return;
  }
  push_words(t, words, count);
}

void gc_trace_records(GcTracer *t, const uint64_t *records, size_t count,
                      uint32_t words, uint32_t references) {
  Range range = {records, count, words, references};
  if (count > SLICE_WORDS / words && t->is_draining && push_range(t, range)) {
    return;
  }
  push_records(t, &range, count);
}

__attribute__((no_sanitize("address"), no_sanitize("thread"))) void
gc_trace_conservatively(GcTracer *t, const void *begin, const void *end) {
  if (t->is_verifying) return; // finds dead cells, rightly
  const uintptr_t *p =
      (const uintptr_t *)(((uintptr_t)begin + 7) & ~(uintptr_t)7);
  for (; p + 1 <= (const uintptr_t *)end; p++) {
    uintptr_t word = *(const volatile uintptr_t *)p;
    if (gc_is_no_address(word)) continue;
    void *cell = gc_resolve_root(t->heap, word);
    if (cell) gc_trace_cell(t, cell);
  }
}

bool gc_is_marked(GcTracer *t, uint64_t word) {
  if (!gc_word_is_cell(word)) return true;
  void *cell = (void *)(uintptr_t)word;
  if (chunk_of(cell)->heap != t->heap || is_marked_or_fresh(cell)) return true;
  Heap *h = heap_of(t->heap);
  return atomic_load_explicit(&h->clearing, memory_order_relaxed) &&
         is_kept(h, cell);
}

bool gc_drain(GcTracer *t, size_t budget) {
  const GcKind *kinds = heap_of(t->heap)->options.kinds;
  Heap *h = heap_of(t->heap);
  bool is_checked = gc_is_verified(h), is_done = false;
  bool has_ephemerons = t->traces_ephemerons;
  uint32_t at = t->ring_at, in_ring = t->in_ring;
  size_t left = budget, marked = 0;
  t->is_draining = true;
  while (left > 0) {
    GcCell *next = NULL;
    if (t->top == t->base && !pop_segment(t) && t->range_count > 0) {
      push_slice(t);
      left -= left < SLICE_COST ? left : SLICE_COST;
    }
    if (t->top != t->base) {
      next = (GcCell *)(uintptr_t) * --t->top;
      __builtin_prefetch(next);
      __builtin_prefetch((const char *)next + 64);
      __builtin_prefetch(&block_of(next)->bits[granule_of(next) / 64], 1);
      in_ring++;
    } else if (in_ring == 0) {
      if (t->range_count > 0) continue;
      is_done = true;
      break;
    }
    GcCell *cell = t->ring[at];
    t->ring[at] = next;
    at = (at + 1) % GC_TRACER_RING;
    if (!cell) continue;
    in_ring--;
    if (unlikely(t->puts_off_large) && block_of(cell)->class == CLASS_LARGE &&
        !is_marked_or_fresh(cell)) {
      gc_trace_cell(t, cell);
      break;
    }
    if (!mark_cell(cell)) {
      if (unlikely(is_mortal(cell) || is_checked)) gc_mortal_reached(t, cell);
      continue;
    }
    marked++;
    left = left > 0 ? left - 1 : 0;
    uint8_t kind = __atomic_load_n(&cell->kind, __ATOMIC_ACQUIRE);
    assert(kind < heap_of(t->heap)->options.kind_count);
    uint64_t *before = t->top;
    if (kinds[kind].trace) kinds[kind].trace(t, cell);
    if (unlikely(is_checked)) gc_check_words(t, cell, before);
    if (unlikely(has_ephemerons)) gc_ephemerons_marked(h, cell);
  }
  t->is_draining = false;
  t->ring_at = at;
  t->in_ring = in_ring;
  t->marked_cells += marked;
  return is_done;
}
