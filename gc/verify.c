// SPDX-License-Identifier: MIT
// The checks behind stress mode and --verify-heap, and the collector's random
// delays.
//
// When marking has ended, no reference leads from a surviving cell or a precise
// root to a cell that is about to be freed. So all that a plain trace from
// these roots would reach survives. A reference that does was stored behind the
// collector's back: some overwriting without a barrier, or a trace function
// that leaves a word out.
//
// When a cycle begins, the one before is swept and left no bit behind, and no
// allocated cell, garbage included, refers to a free one.
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

static void fail_word(Heap *h, const GcCell *from, uint64_t word) {
  fprintf(stderr, "gc: %s %p holds %#llx, which is no cell\n",
          from ? name_of(h, from) : "a root", (const void *)from,
          (unsigned long long)word);
  abort();
}

void gc_check_words(GcTracer *t, const GcCell *from, const uint64_t *before) {
  Heap *h = heap_of(t->heap);
  // A new segment was begun: what is in the old one is let go.
  if (before < t->base || before > t->top) before = t->base;
  for (const uint64_t *p = before; p < t->top; p++) {
    if (!gc_is_cell(t->heap, *p)) fail_word(h, from, *p);
  }
}

static void push_roots(Heap *h, GcTracer *t) {
  if (h->options.trace_roots) h->options.trace_roots(h->options.data, t);
  for (GcRoot *r = h->roots.next; r != &h->roots; r = r->next)
    gc_trace_word(t, r->word);
  gc_handles_trace(h, t, NULL);
}

void gc_verify(Heap *h) {
  GcTracer t;
  if (!gc_walk_tracer_init(&t, h)) return;
  t.is_verifying = true;
  push_roots(h, &t);
  check_words(h, &t, NULL);
  for (uint32_t c = 0; c < CLASS_COUNT; c++) {
    const ClassInfo *info = &gc_classes[c];
    for (uint32_t list = 0; list < BLOCK_LISTS; list++) {
      for (Block *b = h->blocks[list][c]; b; b = b->next)
        verify_block(h, &t, b, info->cells, info->granules);
    }
  }
  for (Block *b = h->large; b; b = b->next)
    verify_block(h, &t, b, 1, 1);
  gc_walk_tracer_free(&t);
}

static void check_allocated(Heap *h, GcTracer *t, const GcCell *from) {
  for (; t->top > t->base; t->top--) {
    uint64_t word = t->top[-1];
    const GcCell *to = (const GcCell *)(uintptr_t)word;
    if (!gc_is_cell(t->heap, word) ||
        (chunk_of(to)->heap == t->heap && is_in_run(h, block_of(to), to))) {
      fail_word(h, from, word);
    }
  }
}

static void verify_swept_block(Heap *h, GcTracer *t, Block *b, uint32_t cells,
                               uint32_t granules) {
  for (uint32_t w = 0; w < BLOCK_WORDS; w++) {
    if ((load_bits(&b->bits[w].mark) | load_bits(&b->bits[w].fresh)) == 0)
      continue;
    fprintf(stderr, "gc: a block of class %u has bits of the last cycle\n",
            b->class);
    abort();
  }
  for (uint32_t i = 0; i < cells; i++) {
    uint32_t g = i * granules;
    if (!((b->bits[g / 64].alloc >> (g % 64)) & 1)) continue;
    GcCell *cell = (GcCell *)(void *)(block_start(b) + (size_t)g * GC_GRANULE);
    if (cell->kind == 0 || is_in_run(h, b, cell)) continue;
    if (cell->kind >= h->options.kind_count) fail(h, NULL, cell);
    void (*trace)(GcTracer *, GcCell *) = h->options.kinds[cell->kind].trace;
    if (!trace) continue;
    trace(t, cell);
    check_allocated(h, t, cell);
  }
}

void gc_verify_swept(Heap *h) {
  GcTracer t;
  if (!gc_walk_tracer_init(&t, h)) return;
  t.is_verifying = true;
  push_roots(h, &t);
  check_allocated(h, &t, NULL);
  bool is_swept = h->unswept_large == NULL && h->early == NULL;
  for (uint32_t c = 0; c < CLASS_COUNT; c++) {
    const ClassInfo *info = &gc_classes[c];
    for (uint32_t list = 0; list < BLOCK_LISTS; list++) {
      is_swept = is_swept && h->unswept[list][c] == NULL;
      for (Block *b = h->blocks[list][c]; b; b = b->next)
        verify_swept_block(h, &t, b, info->cells, info->granules);
    }
  }
  for (Block *b = h->large; b; b = b->next)
    verify_swept_block(h, &t, b, 1, 1);
  gc_walk_tracer_free(&t);
  if (is_swept) return;
  fprintf(stderr, "gc: a cycle begins before the last one is swept\n");
  abort();
}

uint32_t gc_delay_random(Heap *h, uint32_t below) {
  uint64_t x = h->delay_state ? h->delay_state : h->options.delay_seed;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  h->delay_state = x;
  return (uint32_t)(x >> 33) % below;
}

void gc_delay(Heap *h) {
  if (likely(h->options.delay_seed == 0)) return;
  uint32_t choice = gc_delay_random(h, 1024);
  if (choice < 32) {
    nanosleep(&(struct timespec){.tv_nsec = (long)choice * 10000}, NULL);
  } else if (choice < 512) {
    sched_yield();
  }
}

void gc_fail_dead_mortal(const GcCell *cell) {
  fprintf(stderr, "gc: a shared cell %p (kind %u) died too early\n",
          (const void *)cell, cell->kind);
  abort();
}
