// SPDX-License-Identifier: MIT
// The check behind stress mode: when marking has ended, no reference leads from
// a surviving cell or a precise root to a cell that is about to be freed. One
// that does was stored behind the collector's back: some overwriting without a
// barrier, or a trace function that leaves a word out.
#include <stdio.h>
#include <stdlib.h>

#include "gc/heap.h"

static const char *name_of(const Heap *h, const GcCell *cell) {
  if (cell->kind >= h->options.kind_count) return "damaged cell";
  const char *name = h->options.kinds[cell->kind].name;
  return name ? name : "unnamed kind";
}

static void fail(Heap *h, const GcCell *from, const GcCell *to) {
  fprintf(stderr, "gc: %s %p refers to %s %p, which was not marked\n",
          from ? name_of(h, from) : "a root", (const void *)from,
          name_of(h, to), (const void *)to);
  abort();
}

// What was pushed came from the cell (NULL: the roots).
static void check_words(Heap *h, GcTracer *t, const GcCell *from) {
  for (; t->top > t->base; t->top--) {
    GcCell *child = (GcCell *)(uintptr_t)t->top[-1];
    if (!is_marked_or_fresh(child)) fail(h, from, child);
  }
}

// Looks at every cell of the block that survives.
static void verify_block(Heap *h, GcTracer *t, Block *b, uint32_t cells,
                         uint32_t granules) {
  for (uint32_t i = 0; i < cells; i++) {
    uint32_t g = i * granules;
    GcCell *cell = (GcCell *)(void *)(block_start(b) + (size_t)g * GC_GRANULE);
    if (is_in_run(h, b, cell)) continue;
    if (!is_marked_or_fresh(cell) || cell->kind == 0) continue;
    if (cell->kind >= h->options.kind_count) fail(h, NULL, cell);
    void (*trace)(GcTracer *, GcCell *) = h->options.kinds[cell->kind].trace;
    if (!trace) continue;
    trace(t, cell);
    check_words(h, t, cell);
  }
}

void gc_check_words(GcTracer *t, const GcCell *from, const uint64_t *before) {
  Heap *h = heap_of(t->heap);
  // A new segment was begun: what is in the old one is let go.
  if (before < t->base || before > t->top) before = t->base;
  for (const uint64_t *p = before; p < t->top; p++) {
    if (gc_is_cell(t->heap, *p)) continue;
    fprintf(stderr, "gc: %s %p holds %#llx, which is no cell\n",
            name_of(h, from), (const void *)from, (unsigned long long)*p);
    abort();
  }
}

void gc_verify(Heap *h) {
  GcTracer t;
  if (!gc_walk_tracer_init(&t, h)) return;
  t.is_verifying = true;
  if (h->options.trace_roots) h->options.trace_roots(h->options.data, &t);
  gc_handles_trace(h, &t, NULL);
  check_words(h, &t, NULL);
  for (uint32_t c = 0; c < CLASS_COUNT; c++) {
    const ClassInfo *info = &gc_classes[c];
    for (Block *b = h->in_use[c]; b; b = b->next) {
      verify_block(h, &t, b, info->cells, info->granules);
    }
  }
  for (Block *b = h->large; b; b = b->next)
    verify_block(h, &t, b, 1, 1);
  gc_walk_tracer_free(&t);
}
