// SPDX-License-Identifier: MIT
// Weak cells: kinds with clear_weak, and ephemerons.
//
// Ephemerons are traced beside the mutator, when all else is marked. What hangs
// on keys that are not marked by then goes into a map by key; from now on every
// cell that is marked is looked up there, in the final stop too. So their cost
// is linear, and the stop has nothing to look through: an ephemeron that the
// mutator adds while marking has a key and a value that it holds by strong
// references, which this cycle keeps.
//
// Clearing after the final stop (`clears_beside`): until it is done nothing is
// swept, so the bits tell which words refer to dead cells, and the mutator, by
// gc_load_weak, takes these for cleared. What it puts into a weak cell
// meanwhile is in blocks of this epoch or has its bit set.
//
// Clearing within the stop is for kinds that the mutator reads all the time. To
// keep it short, the collector looks at them before, beside the mutator: a cell
// that is clean, all it refers to being marked, stays so. For what is marked
// stays marked, and what the mutator puts into the cell afterwards it holds by
// a strong reference.
#include <stdlib.h>

#include "gc/heap.h"

uint32_t gc_clearing_heaps;

static inline const GcKind *kind_of(const Heap *h, const GcCell *cell) {
  return &h->options.kinds[cell->kind];
}

void gc_add_weak(GcHeap *heap, void *cell) {
  Heap *h = heap_of(heap);
  WeakCells *cells =
      kind_of(h, cell)->clears_beside ? &h->weak_beside : &h->weak;
  gc_list_push(h, &cells->added, cell);
}

void gc_weak_begin(Heap *h) {
  gc_list_join(&h->weak.cells, &h->weak.added);
  gc_list_join(&h->weak_beside.cells, &h->weak_beside.added);
}

// Ephemerons ----------------------------------------------------------------

static inline size_t place_of(const EphemeronMap *map, uint64_t key) {
  return (size_t)((key >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 20) & map->mask;
}

static void put(EphemeronMap *map, uint64_t key, uint64_t value) {
  size_t i = place_of(map, key);
  while (map->entries[i].key != 0)
    i = (i + 1) & map->mask;
  map->entries[i] = (struct Ephemeron){key, value};
}

static bool make_room(EphemeronMap *map) {
  if (map->mask != 0 && (map->count + 1) * 2 <= map->mask) return true;
  EphemeronMap grown = *map;
  grown.mask = map->mask ? map->mask * 2 + 1 : 255;
  grown.entries = calloc(grown.mask + 1, sizeof grown.entries[0]);
  if (!grown.entries) return false;
  for (size_t i = 0; map->mask && i <= map->mask; i++) {
    const struct Ephemeron *e = &map->entries[i];
    if (e->key) put(&grown, e->key, e->value);
  }
  free(map->entries);
  *map = grown;
  return true;
}

void gc_trace_ephemeron(GcTracer *t, uint64_t key, uint64_t value) {
  if (!gc_word_is_cell(value) || gc_is_marked(t, value)) return;
  if (gc_is_marked(t, key)) {
    gc_trace_word(t, value);
    return;
  }
  EphemeronMap *map = &heap_of(t->heap)->pending_ephemerons;
  if (!make_room(map)) {
    map->has_failed = true;
    return;
  }
  put(map, key, value);
  map->count++;
}

void gc_ephemerons_marked(Heap *h, GcCell *key) {
  const EphemeronMap *map = &h->pending_ephemerons;
  if (map->count == 0) return;
  uint64_t word = (uint64_t)(uintptr_t)key;
  for (size_t i = place_of(map, word); map->entries[i].key != 0;
       i = (i + 1) & map->mask) {
    if (map->entries[i].key == word)
      gc_trace_word(&h->tracer, map->entries[i].value);
  }
}

bool gc_defers_ephemerons(GcTracer *t, GcCell *cell) {
  Heap *h = heap_of(t->heap);
  if (t != &h->tracer) return true; // a walk, which only strong ones matter to
  if (!h->pending_ephemerons.is_retracing)
    gc_list_push(h, &h->reached_ephemerons, cell);
  return !t->traces_ephemerons;
}

static void trace_reached(Heap *h) {
  h->pending_ephemerons.is_retracing = true;
  for (CellSegment *s = h->reached_ephemerons.first; s; s = s->next) {
    for (uint32_t i = 0; i < s->count; i++)
      kind_of(h, s->cells[i])->trace(&h->tracer, s->cells[i]);
  }
  h->pending_ephemerons.is_retracing = false;
}

bool gc_weak_trace(Heap *h, size_t budget) {
  GcTracer *t = &h->tracer;
  if (!gc_drain(t, budget)) return false;
  if (!t->traces_ephemerons) {
    t->traces_ephemerons = true;
    trace_reached(h);
  }
  for (;;) {
    size_t before = t->marked_cells;
    if (!gc_drain(t, budget)) return false;
    if (!h->pending_ephemerons.has_failed || t->marked_cells == before)
      return true;
    trace_reached(h);
  }
}

static void forget_ephemerons(Heap *h) {
  gc_list_free(&h->reached_ephemerons);
  free(h->pending_ephemerons.entries);
  h->pending_ephemerons = (EphemeronMap){0};
}

// Clearing ------------------------------------------------------------------

// Keeps those that are not clean.
static bool is_unclean(Heap *h, GcCell *cell) {
  const GcKind *kind = kind_of(h, cell);
  if (!kind->weak_is_clean || !is_marked_or_fresh(cell) ||
      !kind->weak_is_clean(&h->tracer, cell)) {
    return true;
  }
  gc_list_push(h, &h->weak.clean, cell);
  return false;
}

void gc_weak_before_stop(Heap *h) {
  do {
    gc_weak_trace(h, SIZE_MAX);
  } while (gc_buffers_take(h));
  gc_list_filter(h, &h->weak.cells, is_unclean);
}

static bool clear(Heap *h, GcCell *cell) {
  if (!is_kept(h, cell)) return false;
  kind_of(h, cell)->clear_weak(&h->tracer, cell);
  return true;
}

void gc_weak_clear_in_stop(Heap *h) {
  h->epoch++;
  gc_list_join(&h->weak.cells, &h->weak.added);
  gc_list_filter(h, &h->weak.cells, clear);
  gc_list_join(&h->weak.cells, &h->weak.clean);
  gc_list_join(&h->weak_beside.cells, &h->weak_beside.added);
  atomic_store_explicit(&h->clearing, true, memory_order_relaxed);
  __atomic_fetch_add(&gc_clearing_heaps, 1, __ATOMIC_SEQ_CST);
}

static bool clear_unless_cancelled(Heap *h, GcCell *cell) {
  return gc_is_cancelled(h) || clear(h, cell);
}

bool gc_weak_clear_beside(Heap *h) {
  forget_ephemerons(h);
  gc_list_filter(h, &h->weak_beside.cells, clear_unless_cancelled);
  if (gc_is_cancelled(h)) return false;
  atomic_store_explicit(&h->clearing, false, memory_order_release);
  __atomic_fetch_sub(&gc_clearing_heaps, 1, __ATOMIC_SEQ_CST);
  // Sweeping changes the bits that gc_load_weak_slow looks at.
  atomic_thread_fence(memory_order_seq_cst);
  return true;
}

// The mutator stops before weak cells are cleared again: if the heap is not
// being cleared now, or not any more after the bits were read, the word tells.
uint64_t gc_load_weak_slow(GcHeap *heap, const uint64_t *slot, uint64_t dead) {
  Heap *h = heap_of(heap);
  while (atomic_load_explicit(&h->clearing, memory_order_acquire)) {
    uint64_t word = __atomic_load_n(slot, __ATOMIC_RELAXED);
    if (!gc_word_is_cell(word)) return word;
    void *cell = (void *)(uintptr_t)word;
    bool kept = chunk_of(cell)->heap != heap || is_kept(h, cell);
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&h->clearing, memory_order_relaxed))
      return kept ? word : dead;
  }
  return __atomic_load_n(slot, __ATOMIC_RELAXED);
}

void gc_weak_free(Heap *h) {
  WeakCells *all[] = {&h->weak, &h->weak_beside};
  for (int i = 0; i < 2; i++) {
    gc_list_free(&all[i]->cells);
    gc_list_free(&all[i]->added);
    gc_list_free(&all[i]->clean);
  }
  forget_ephemerons(h);
}
