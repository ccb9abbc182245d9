// SPDX-License-Identifier: MIT
// Walking over references outside of any cycle: for snapshots, and for the
// check behind stress mode. What trace functions push is read off a stack that
// is never drained.
#include <stdlib.h>
#include <sys/mman.h>

#include "gc/heap.h"

enum { STACK_BYTES = 1 << 30 }; // of addresses; memory comes by use

bool gc_walk_tracer_init(GcTracer *t, Heap *h) {
  uint64_t *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED) return false;
  *t = (GcTracer){.heap = &h->public,
                  .base = stack,
                  .top = stack,
                  .limit = stack + STACK_BYTES / sizeof *stack};
  return true;
}

void gc_walk_tracer_free(GcTracer *t) {
  munmap(t->base, STACK_BYTES);
}

struct GcWalk {
  GcTracer tracer;
  void (*visit)(void *data, GcCell *);
  void *data;
};

GcWalk *gc_walk_begin(GcHeap *heap, void (*visit)(void *data, GcCell *),
                      void *data) {
  GcWalk *w = malloc(sizeof *w);
  if (w == NULL) return NULL;
  if (!gc_walk_tracer_init(&w->tracer, heap_of(heap))) {
    free(w);
    return NULL;
  }
  w->visit = visit;
  w->data = data;
  return w;
}

void gc_walk_end(GcWalk *w) {
  gc_walk_tracer_free(&w->tracer);
  free(w);
}

static void report(GcWalk *w) {
  Heap *h = heap_of(w->tracer.heap);
  for (const uint64_t *p = w->tracer.base; p < w->tracer.top; p++) {
    GcCell *cell = (GcCell *)(uintptr_t)*p;
    GcHeap *owner = chunk_of(cell)->heap;
    bool is_shared = gc_heap_is_shared(owner);
    if (is_shared ||
        (owner == w->tracer.heap && !is_in_run(h, block_of(cell), cell))) {
      w->visit(w->data, cell);
    }
  }
  w->tracer.top = w->tracer.base;
}

void gc_walk_roots(GcWalk *w) {
  Heap *h = heap_of(w->tracer.heap);
  if (h->options.trace_roots) {
    h->options.trace_roots(h->options.data, &w->tracer);
  }
  for (GcRoot *r = h->roots.next; r != &h->roots; r = r->next)
    gc_trace_word(&w->tracer, r->word);
  gc_handles_trace(h, &w->tracer, NULL);
  report(w);
}

void gc_walk_references(GcWalk *w, GcCell *cell) {
  Heap *h = heap_of(w->tracer.heap);
  if (chunk_of(cell)->heap != w->tracer.heap) return; // shared: holds none
  void (*trace)(GcTracer *, GcCell *) = h->options.kinds[cell->kind].trace;
  if (trace == NULL) return;
  trace(&w->tracer, cell);
  report(w);
}

// Cells are numbered by their place, and chunks by their slot in this table.
enum { CHUNK_NUMBER_BITS = 14, CHUNK_NUMBERS = 1 << CHUNK_NUMBER_BITS };
static pthread_mutex_t numbers_lock = PTHREAD_MUTEX_INITIALIZER;
static uintptr_t numbered[CHUNK_NUMBERS];

uint32_t gc_cell_number(const void *cell) {
  uintptr_t chunk = (uintptr_t)chunk_of(cell);
  uint32_t slot = (uint32_t)((chunk >> CHUNK_SHIFT) * 0x9e3779b1u) >>
                  (32 - CHUNK_NUMBER_BITS);
  uint32_t probes = 0;
  pthread_mutex_lock(&numbers_lock);
  while (numbered[slot] != 0 && numbered[slot] != chunk &&
         probes < CHUNK_NUMBERS) {
    slot = (slot + 1) % CHUNK_NUMBERS;
    probes++;
  }
  bool is_full = probes == CHUNK_NUMBERS;
  if (!is_full) numbered[slot] = chunk;
  pthread_mutex_unlock(&numbers_lock);
  if (is_full) return 0;
  uint32_t granule =
      (uint32_t)((uintptr_t)cell & (CHUNK_BYTES - 1)) / GC_GRANULE;
  return slot << (CHUNK_SHIFT - 3) | granule << 1 | 1;
}
