// SPDX-License-Identifier: MIT
// Sweeping: bits only, dead cells are not touched. A block is swept by the
// collector in the background or by the mutator that needs one of its class,
// whoever takes it off the unswept list.
#include "gc/heap.h"

void gc_sweep_begin(Heap *h) {
  for (uint32_t c = 0; c < CLASS_COUNT; c++) {
    h->unswept[c] = h->in_use[c];
    h->in_use[c] = NULL;
    h->available[c] = NULL;
  }
  h->unswept_large = h->large;
  h->large = NULL;
  h->swept_live_bytes = 0;
  h->may_sweep = false;
}

// A word that is taken for a cell and faults when followed.
#define POISON UINT64_C(0x0000dead00beef00)

static void poison(Block *b, const ClassInfo *info) {
  char *start = block_start(b);
  for (uint32_t i = 0; i < info->cells; i++) {
    uint32_t g = i * info->granules;
    if ((b->bits[g / 64].alloc >> (g % 64)) & 1) continue;
    uint64_t *words = (uint64_t *)(start + (size_t)i * info->bytes);
    allow_memory(words, info->bytes);
    for (uint32_t k = 0; k < info->bytes / 8; k++)
      words[k] = POISON;
    forbid_memory(words, info->bytes);
  }
}

// Returns the number of live cells.
static uint32_t sweep_block(Heap *h, Block *b) {
  uint32_t live = 0;
  for (uint32_t w = 0; w < BLOCK_WORDS; w++) {
    BitWord *word = &b->bits[w];
    uint64_t bits = load_bits(&word->mark) | load_bits(&word->fresh);
    word->alloc = bits;
    store_bits(&word->mark, 0);
    store_bits(&word->fresh, 0);
    live += (uint32_t)__builtin_popcountll(bits);
  }
  if (FORBIDS_MEMORY || unlikely(h->options.stress))
    poison(b, &gc_classes[b->class]);
  return live;
}

// Under lock.
static void publish(Heap *h, Block *b, uint32_t c, uint32_t live) {
  const ClassInfo *info = &gc_classes[c];
  h->swept_live_bytes += (size_t)live * info->bytes;
  if (live == 0) {
    gc_give_free_blocks(h, b, 1);
    return;
  }
  b->next = h->in_use[c];
  h->in_use[c] = b;
  if (live < info->cells) {
    b->next_available = h->available[c];
    h->available[c] = b;
  }
}

enum { BATCH = 32 };

bool gc_sweep_some(Heap *h, uint32_t c, uint32_t count) {
  Block *blocks[BATCH];
  uint32_t live[BATCH], n = 0;
  pthread_mutex_lock(&h->lock);
  if (h->may_sweep) {
    while (n < count && n < BATCH && h->unswept[c]) {
      blocks[n] = h->unswept[c];
      h->unswept[c] = blocks[n]->next;
      n++;
    }
  }
  pthread_mutex_unlock(&h->lock);
  if (n == 0) return false;
  for (uint32_t i = 0; i < n; i++)
    live[i] = sweep_block(h, blocks[i]);
  pthread_mutex_lock(&h->lock);
  for (uint32_t i = 0; i < n; i++)
    publish(h, blocks[i], c, live[i]);
  pthread_mutex_unlock(&h->lock);
  return true;
}

void gc_sweep_all(Heap *h) {
  pthread_mutex_lock(&h->lock);
  Block *large = h->unswept_large;
  h->unswept_large = NULL;
  pthread_mutex_unlock(&h->lock);
  size_t live = gc_sweep_large(h, large);
  for (uint32_t c = 0; c < CLASS_COUNT; c++) {
    while (gc_sweep_some(h, c, BATCH)) {
    }
  }
  pthread_mutex_lock(&h->lock);
  h->swept_live_bytes += live;
  pthread_mutex_unlock(&h->lock);
  gc_release_surplus(h);
}

// After the final stop, before anything is swept.
void gc_find_finalizable(Heap *h) {
  CellVector *all = &h->finalizable, dead = {0};
  size_t kept = 0;
  for (size_t i = 0; i < all->count; i++) {
    GcCell *cell = all->cells[i];
    if (is_marked_or_fresh(cell)) {
      all->cells[kept++] = cell;
    } else if (gc_vector_push(&dead, cell)) {
      mark_cell(cell); // its memory stays until finalize has run
    } else {
      mark_cell(cell); // no memory for the list: the next cycle tries again
      all->cells[kept++] = cell;
    }
  }
  all->count = kept;
  pthread_mutex_lock(&h->lock);
  for (size_t i = 0; i < dead.count; i++) {
    if (!gc_vector_push(&h->pending_finalizers, dead.cells[i])) {
      all->cells[all->count++] = dead.cells[i];
    }
  }
  h->may_sweep = true;
  gc_set_poll(h);
  pthread_mutex_unlock(&h->lock);
  gc_vector_free(&dead);
}

// Finalizers of cells in a dead graph run in no order; each frees only what is
// its own.
void gc_run_finalizers(Heap *h) {
  if (h->is_finalizing) return; // a finalizer has allocated
  pthread_mutex_lock(&h->lock);
  h->is_finalizing = true;
  uint64_t began = h->pending_finalizers.count > 0 ? gc_now_ns() : 0;
  while (h->pending_finalizers.count > 0) {
    GcCell *cell = h->pending_finalizers.cells[--h->pending_finalizers.count];
    pthread_mutex_unlock(&h->lock);
    const GcKind *kind = &h->options.kinds[cell->kind];
    if (kind->finalize) kind->finalize(&h->public, cell);
    // What it refers to is gone, while a stale word on a stack may still lead
    // here: from now on it is a cell without references.
    cell->kind = 0;
    pthread_mutex_lock(&h->lock);
  }
  h->is_finalizing = false;
  if (began != 0) gc_record_phase(h, GC_PHASE_FINALIZERS, began);
  gc_set_poll(h);
  pthread_mutex_unlock(&h->lock);
}
