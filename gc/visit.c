// SPDX-License-Identifier: MIT
// Looking at every live cell of a heap, for those who describe what a program
// is doing.
#include "gc/heap.h"

typedef struct Visit {
  void (*visit)(void *, GcCell *);
  void *data;
} Visit;

static void visit_block(Heap *h, Block *b, uint32_t cells, uint32_t granules,
                        const Visit *v) {
  for (uint32_t i = 0; i < cells; i++) {
    uint32_t g = i * granules;
    if (!((b->bits[g / 64].alloc >> (g % 64)) & 1)) continue;
    GcCell *cell = (GcCell *)(void *)(block_start(b) + (size_t)g * GC_GRANULE);
    if (cell->kind == 0 || is_in_run(h, b, cell)) continue;
    v->visit(v->data, cell);
  }
}

void gc_visit_cells(GcHeap *heap, void (*visit)(void *, GcCell *), void *data) {
  Heap *h = heap_of(heap);
  // What a sweep has left allocated is alive, or was made since.
  gc_collect(heap, GC_FULL);
  Visit v = {visit, data};
  pthread_mutex_lock(&h->lock);
  for (uint32_t c = 0; c < CLASS_COUNT; c++) {
    for (uint32_t list = 0; list < BLOCK_LISTS; list++) {
      for (Block *b = h->blocks[list][c]; b != NULL; b = b->next)
        visit_block(h, b, gc_classes[c].cells, gc_classes[c].granules, &v);
    }
  }
  for (Block *b = h->large; b != NULL; b = b->next)
    visit_block(h, b, 1, 1, &v);
  pthread_mutex_unlock(&h->lock);
}
