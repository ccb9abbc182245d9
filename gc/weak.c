// SPDX-License-Identifier: MIT
// Weak cells: kinds with clear_weak, and with trace_ephemerons.
//
// They have to be settled in the final stop, all at once. To keep that short
// the collector looks at them before, beside the mutator: a cell that is clean,
// all it refers to being marked, stays so. For what is marked stays marked, and
// what the mutator puts into the cell afterwards it holds by a strong
// reference, which this cycle keeps. So each list is the clean cells, then the
// others.
#include "gc/heap.h"

enum { PREFETCH_AHEAD = 8 };

static inline GcCell *cell_at(const CellVector *v, size_t i) {
  if (i + PREFETCH_AHEAD < v->count) {
    GcCell *ahead = v->cells[i + PREFETCH_AHEAD];
    __builtin_prefetch(ahead);
    __builtin_prefetch(&block_of(ahead)->bits[granule_of(ahead) / 64]);
  }
  return v->cells[i];
}

static inline const GcKind *kind_of(const Heap *h, const GcCell *cell) {
  return &h->options.kinds[cell->kind];
}

void gc_add_weak(GcHeap *heap, void *cell) {
  Heap *h = heap_of(heap);
  WeakList *list =
      kind_of(h, cell)->trace_ephemerons ? &h->ephemerons : &h->weak;
  if (!gc_vector_push(&list->added, cell)) gc_exhausted();
}

static void merge(WeakList *list) {
  list->clean = 0;
  for (size_t i = 0; i < list->added.count; i++) {
    if (!gc_vector_push(&list->cells, list->added.cells[i])) gc_exhausted();
  }
  list->added.count = 0;
}

void gc_weak_begin(Heap *h) {
  merge(&h->weak);
  merge(&h->ephemerons);
}

// Moves clean cells to the front.
static void find_clean(Heap *h, WeakList *list) {
  CellVector *v = &list->cells;
  for (size_t i = list->clean; i < v->count; i++) {
    GcCell *cell = cell_at(v, i);
    const GcKind *kind = kind_of(h, cell);
    if (!kind->weak_is_clean || !is_marked_or_fresh(cell) ||
        !kind->weak_is_clean(&h->tracer, cell)) {
      continue;
    }
    v->cells[i] = v->cells[list->clean];
    v->cells[list->clean++] = cell;
  }
}

void gc_weak_before_stop(Heap *h) {
  GcTracer *t = &h->tracer;
  CellVector *v = &h->ephemerons.cells;
  size_t before;
  do {
    before = t->marked_cells;
    for (size_t i = h->ephemerons.clean; i < v->count; i++) {
      GcCell *cell = cell_at(v, i);
      const GcKind *kind = kind_of(h, cell);
      if (kind->weak_is_clean && is_marked_or_fresh(cell)) {
        kind->trace_ephemerons(t, cell);
      }
    }
    gc_drain(t, SIZE_MAX);
  } while (t->marked_cells != before);
  find_clean(h, &h->ephemerons);
  find_clean(h, &h->weak);
}

static void trace_ephemerons_of(Heap *h, const CellVector *v, size_t from) {
  for (size_t i = from; i < v->count; i++) {
    GcCell *cell = cell_at(v, i);
    if (is_marked_or_fresh(cell)) {
      kind_of(h, cell)->trace_ephemerons(&h->tracer, cell);
    }
  }
}

bool gc_weak_trace_ephemerons(Heap *h, size_t budget) {
  GcTracer *t = &h->tracer;
  size_t before;
  do {
    before = t->marked_cells;
    trace_ephemerons_of(h, &h->ephemerons.cells, h->ephemerons.clean);
    trace_ephemerons_of(h, &h->ephemerons.added, 0);
    if (!gc_drain(t, budget)) return false;
  } while (t->marked_cells != before);
  return true;
}

// Drops dead cells and clears what is dead in the others.
static void clear(Heap *h, CellVector *v, size_t from) {
  size_t kept = from;
  for (size_t i = from; i < v->count; i++) {
    GcCell *cell = cell_at(v, i);
    if (!is_marked_or_fresh(cell)) continue;
    const GcKind *kind = kind_of(h, cell);
    if (kind->clear_weak) kind->clear_weak(&h->tracer, cell);
    v->cells[kept++] = cell;
  }
  v->count = kept;
}

void gc_weak_clear(Heap *h) {
  clear(h, &h->weak.cells, h->weak.clean);
  clear(h, &h->weak.added, 0);
  clear(h, &h->ephemerons.cells, h->ephemerons.clean);
  clear(h, &h->ephemerons.added, 0);
}

void gc_weak_free(Heap *h) {
  gc_vector_free(&h->weak.cells);
  gc_vector_free(&h->weak.added);
  gc_vector_free(&h->ephemerons.cells);
  gc_vector_free(&h->ephemerons.added);
}
