// SPDX-License-Identifier: MIT
// Sweeping: bits only, dead cells are not touched. A block is swept by the
// collector in the background or by the mutator that needs one of its class,
// whoever takes it off the unswept list.
#include "gc/heap.h"

void gc_sweep_begin(Heap *h) {
  memcpy(h->unswept, h->blocks, sizeof h->unswept);
  memset(h->blocks, 0, sizeof h->blocks);
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

// Blocks with few live cells, and those of chunks with few blocks, are filled
// again only when no others have room: if they are not needed, they become
// empty. Otherwise a heap that was large once would stay so, its live cells
// being all over it.
static bool is_sparse(Heap *h, const Block *b, const ClassInfo *info,
                      uint32_t live) {
  bool is_oversize =
      atomic_load_explicit(&h->is_oversize, memory_order_relaxed);
  return live <= info->cells / (is_oversize ? 2 : 4) ||
         gc_is_chunk_sparse(chunk_of(b));
}

// Those that have not been needed for longest come last.
static void add_sparse(Heap *h, Block *b, uint32_t c, bool was_needed) {
  Block **first = &h->blocks[BLOCKS_SPARSE][c];
  Block **last = &h->last_sparse[c];
  if (*first == NULL || !was_needed) {
    b->next = NULL;
    *(*first ? &(*last)->next : first) = b;
    *last = b;
  } else {
    push_block(h, BLOCKS_SPARSE, b);
  }
}

// Under lock: a swept block that was in list `from`.
static void publish(Heap *h, Block *b, uint32_t c, uint32_t live,
                    BlockList from) {
  const ClassInfo *info = &gc_classes[c];
  h->swept_live_bytes += (size_t)live * info->bytes;
  if (live == 0) {
    gc_give_free_blocks(h, b, 1);
    return;
  }
  if (live < info->cells && is_sparse(h, b, info, live)) {
    add_sparse(h, b, c, from == BLOCKS_TAKEN);
    return;
  }
  push_block(h, live < info->cells ? BLOCKS_ROOMY : BLOCKS_TAKEN, b);
}

// Dead weak cells and finalizers may take long to look after. If the mutator
// took fresh blocks meanwhile, the heap would grow from cycle to cycle: blocks
// would become sparse as fast, but not empty.
Block *gc_take_early_block(Heap *h, uint32_t c) {
  static const BlockList lists[] = {BLOCKS_ROOMY, BLOCKS_SPARSE};
  Block *b = NULL;
  pthread_mutex_lock(&h->lock);
  for (int i = 0; i < 2 && !h->may_sweep && !b; i++) {
    Block **unswept = &h->unswept[lists[i]][c];
    b = *unswept;
    if (!b) continue;
    *unswept = b->next;
    b->next = h->early;
    h->early = b;
    atomic_store_explicit(&b->is_early, true, memory_order_relaxed);
  }
  pthread_mutex_unlock(&h->lock);
  return b;
}

// The mutator may be allocating there, so they stay with it.
static void sweep_early(Heap *h) {
  pthread_mutex_lock(&h->lock);
  for (Block *b = h->early, *next; b; b = next) {
    next = b->next;
    h->swept_live_bytes +=
        (size_t)sweep_block(h, b) * gc_classes[b->class].bytes;
    push_block(h, BLOCKS_TAKEN, b);
    atomic_store_explicit(&b->is_early, false, memory_order_release);
  }
  h->early = NULL;
  pthread_mutex_unlock(&h->lock);
}

enum { BATCH = 32 };

bool gc_sweep_some(Heap *h, BlockList list, uint32_t c, uint32_t count) {
  Block *blocks[BATCH];
  uint32_t live[BATCH], n = 0;
  pthread_mutex_lock(&h->lock);
  if (h->may_sweep) {
    Block **unswept = &h->unswept[list][c];
    while (n < count && n < BATCH && *unswept) {
      blocks[n] = *unswept;
      *unswept = blocks[n]->next;
      n++;
    }
  }
  pthread_mutex_unlock(&h->lock);
  if (n == 0) return false;
  for (uint32_t i = 0; i < n; i++)
    live[i] = sweep_block(h, blocks[i]);
  pthread_mutex_lock(&h->lock);
  for (uint32_t i = 0; i < n; i++)
    publish(h, blocks[i], c, live[i], list);
  pthread_mutex_unlock(&h->lock);
  return true;
}

void gc_sweep_all(Heap *h) {
  pthread_mutex_lock(&h->lock);
  Block *large = h->unswept_large;
  h->unswept_large = NULL;
  pthread_mutex_unlock(&h->lock);
  sweep_early(h);
  size_t live = gc_sweep_large(h, large);
  for (uint32_t list = 0; list < BLOCK_LISTS; list++) {
    for (uint32_t c = 0; c < CLASS_COUNT; c++) {
      while (gc_sweep_some(h, (BlockList)list, c, BATCH))
        gc_delay(h);
    }
  }
  pthread_mutex_lock(&h->lock);
  h->swept_live_bytes += live;
  pthread_mutex_unlock(&h->lock);
  gc_release_surplus(h);
}

// A pending cell is one whose finalizer has not run yet: its memory stays, what
// it refers to does not. Stale words on a stack may still lead there, so its
// kind becomes 0, without references, and is kept beside its address.
enum { KIND_SHIFT = 48 };

static GcCell *to_pending(GcCell *cell) {
  uintptr_t kind = cell->kind;
  cell->kind = 0;
  return (GcCell *)((uintptr_t)cell | kind << KIND_SHIFT);
}

static GcCell *of_pending(GcCell *pending, uint8_t *kind) {
  *kind = (uint8_t)((uintptr_t)pending >> KIND_SHIFT);
  return (GcCell *)((uintptr_t)pending & (((uintptr_t)1 << KIND_SHIFT) - 1));
}

// Before anything is swept, and after weak cells were cleared: no weak word
// leads to what is made pending.
void gc_find_finalizable(Heap *h) {
  CellList all = h->finalizable, dead = {0}, kept = {0};
  h->finalizable = (CellList){0};
  pthread_mutex_lock(&h->lock);
  CellList pending = h->pending_finalizers; // the mutator has time
  h->pending_finalizers = (CellList){0};
  pthread_mutex_unlock(&h->lock);
  for (CellSegment *s = pending.first; s; s = s->next) {
    uint8_t kind;
    for (uint32_t i = s->begin; i < s->count; i++)
      mark_cell(of_pending(s->cells[i], &kind));
  }
  for (GcCell *cell; (cell = gc_list_take(&all)) != NULL;) {
    if (is_kept(h, cell)) {
      gc_list_push(h, &kept, cell);
    } else {
      mark_cell(cell);
      gc_list_push(h, &dead, to_pending(cell));
    }
  }
  h->finalizable = kept;
  pthread_mutex_lock(&h->lock);
  gc_list_join(&pending, &dead);
  gc_list_join(&h->pending_finalizers, &pending);
  h->may_sweep = true;
  gc_set_poll(h);
  pthread_mutex_unlock(&h->lock);
}

// In the order in which the cells were given to gc_add_finalizer. A finalizer
// frees only what is the cell's own.
void gc_run_finalizers(Heap *h, size_t budget) {
  if (h->is_finalizing) return; // a finalizer has allocated
  pthread_mutex_lock(&h->lock);
  h->is_finalizing = true;
  uint64_t began = h->pending_finalizers.first != NULL ? gc_now_ns() : 0;
  for (GcCell *pending;
       budget > 0 && (pending = gc_list_take(&h->pending_finalizers)) != NULL;
       budget--) {
    pthread_mutex_unlock(&h->lock);
    uint8_t kind_number;
    GcCell *cell = of_pending(pending, &kind_number);
    const GcKind *kind = &h->options.kinds[kind_number];
    cell->kind = kind_number;
    if (kind->finalize) kind->finalize(&h->public, cell);
    cell->kind = 0;
    pthread_mutex_lock(&h->lock);
  }
  h->is_finalizing = false;
  if (began != 0) gc_record_phase(h, GC_PHASE_FINALIZERS, began);
  gc_set_poll(h);
  pthread_mutex_unlock(&h->lock);
}
