// SPDX-License-Identifier: MIT
// Allocation of small and medium cells: runs of free cells found in the alloc
// bits of a block, blocks from the available list, by sweeping, or fresh.
#include <limits.h>

#include "gc/heap.h"

// Sets (or clears) the bits of the cells that begin in [from, to) granules.
// While marking, the collector may look a stray word up (gc_resolve): it must
// not see a cell of the run that is not fresh, so fresh is set before alloc.
static void set_range(Block *b, const ClassInfo *info, uint32_t from,
                      uint32_t to, bool alloc, bool fresh, bool value) {
  for (uint32_t w = from / 64; w * 64 < to; w++) {
    uint64_t mask = info->starts[w];
    if (w == from / 64) mask &= ~UINT64_C(0) << (from % 64);
    if (to - w * 64 < 64) mask &= ~(~UINT64_C(0) << (to % 64));
    BitWord *word = &b->bits[w];
    if (fresh) {
      uint64_t bits = load_bits(&word->fresh);
      store_bits(&word->fresh, value ? bits | mask : bits & ~mask);
    }
    if (alloc) {
      uint64_t bits = value ? word->alloc | mask : word->alloc & ~mask;
      __atomic_store_n(&word->alloc, bits, __ATOMIC_RELEASE);
    }
  }
}

// The next run of free cells of a block becomes the run of its class. `fresh`:
// they have to be.
static bool find_run(Heap *h, Block *b, uint32_t c, bool fresh) {
  const ClassInfo *info = &gc_classes[c];
  uint32_t end_granule = info->cells * info->granules;
  uint32_t w = b->search_word;
  uint64_t free = 0;
  for (; w < BLOCK_WORDS; w++) {
    free = info->starts[w] & ~b->bits[w].alloc;
    if (free) break;
  }
  if (!free) {
    b->search_word = BLOCK_WORDS;
    return false;
  }
  uint32_t first = w * 64 + (uint32_t)__builtin_ctzll(free), end = end_granule;
  if (h->options.stress) {
    end = first + info->granules;
    b->search_word = (uint16_t)w;
  } else {
    uint64_t used = b->bits[w].alloc & (~UINT64_C(0) << (first % 64));
    while (!used && ++w < BLOCK_WORDS)
      used = b->bits[w].alloc;
    if (used) end = w * 64 + (uint32_t)__builtin_ctzll(used);
    b->search_word = (uint16_t)w;
  }
  set_range(b, info, first, end, true, fresh, true);
  GcRun *run = run_of(h, c);
  run->cursor = (uintptr_t)block_start(b) + (size_t)first * GC_GRANULE;
  run->limit = run->cursor + (size_t)(end - first) * GC_GRANULE;
  allow_memory((void *)run->cursor, run->limit - run->cursor);
  atomic_store_explicit(
      &h->allocated,
      atomic_load_explicit(&h->allocated, memory_order_relaxed) +
          (run->limit - run->cursor),
      memory_order_relaxed);
  return true;
}

static bool next_run(Heap *h, Block *b, uint32_t c) {
  if (likely(!atomic_load_explicit(&b->is_early, memory_order_acquire))) {
    return find_run(h, b, c,
                    atomic_load_explicit(&h->marking, memory_order_relaxed));
  }
  pthread_mutex_lock(&h->lock);
  bool found = find_run(
      h, b, c, atomic_load_explicit(&b->is_early, memory_order_relaxed));
  pthread_mutex_unlock(&h->lock);
  return found;
}

static void for_rest_of_run(Heap *h, uint32_t c, bool value) {
  GcRun *run = run_of(h, c);
  if (run->cursor >= run->limit) return;
  Block *b = h->current[c];
  uintptr_t start = (uintptr_t)block_start(b);
  set_range(b, &gc_classes[c], (uint32_t)((run->cursor - start) / GC_GRANULE),
            (uint32_t)((run->limit - start) / GC_GRANULE), !value, true, value);
}

void gc_blacken_runs(Heap *h) {
  for (uint32_t c = 0; c < CLASS_COUNT; c++)
    for_rest_of_run(h, c, true);
}

void gc_retire_runs(Heap *h) {
  for (uint32_t c = 0; c < CLASS_COUNT; c++) {
    for_rest_of_run(h, c, false);
    GcRun *run = run_of(h, c);
    run->cursor = run->limit = 0;
    h->current[c] = NULL;
  }
}

static Block *pop(Heap *h, BlockList list, uint32_t c) {
  pthread_mutex_lock(&h->lock);
  Block *b = h->blocks[list][c];
  if (b) {
    h->blocks[list][c] = b->next;
    push_block(h, BLOCKS_TAKEN, b);
  }
  pthread_mutex_unlock(&h->lock);
  return b;
}

// Right after marking there may be thousands of unswept blocks without a free
// cell: what was filled meanwhile. The mutator looks at a few only; at more in
// a heap that is too large already.
enum { SWEEP_ROUNDS = 4, OVERSIZE_ROUNDS = 16, SWEEP_BLOCKS = 4 };

// A block with room; if need be after sweeping what was in `list`.
static Block *take_of(Heap *h, BlockList list, uint32_t c, int rounds) {
  for (;;) {
    Block *b = pop(h, BLOCKS_ROOMY, c);
    if (!b && list == BLOCKS_SPARSE) b = pop(h, BLOCKS_SPARSE, c);
    if (b) return b;
    if (rounds-- == 0 || !gc_sweep_some(h, list, c, SWEEP_BLOCKS)) return NULL;
  }
}

// What nobody needed in the last cycle is sure to have room. If the mutator
// took fresh blocks while such ones wait for the collector, the heap would
// grow from cycle to cycle.
static Block *take_swept(Heap *h, uint32_t c, bool thoroughly) {
  int rounds = thoroughly ? INT_MAX
               : atomic_load_explicit(&h->is_oversize, memory_order_relaxed)
                   ? OVERSIZE_ROUNDS
                   : SWEEP_ROUNDS;
  Block *b = take_of(h, BLOCKS_ROOMY, c, rounds);
  if (!b) b = take_of(h, BLOCKS_TAKEN, c, rounds);
  if (!b) b = take_of(h, BLOCKS_SPARSE, c, rounds);
  return b ? b : gc_take_early_block(h, c);
}

static Block *take_fresh(Heap *h, uint32_t c, bool from_reserve) {
  pthread_mutex_lock(&h->lock);
  Block *b = gc_take_free_blocks(h, 1, from_reserve);
  if (b) {
    set_class(b, c);
    __atomic_store_n(&b->born, h->epoch, __ATOMIC_RELAXED);
    push_block(h, BLOCKS_TAKEN, b);
  }
  pthread_mutex_unlock(&h->lock);
  return b;
}

// Gives the class a run. False: if `bounded`, past the limit or out of memory;
// else not even the process's reserve has any left.
static bool refill(Heap *h, uint32_t c, bool bounded) {
  bool is_last_try = false;
  for (;;) {
    Block *b = h->current[c];
    if (b && next_run(h, b, c)) return true;
    h->current[c] = NULL;
    gc_cycle_if_due(h);
    b = take_swept(h, c, false);
    if (!b) {
      bool fits = gc_limit_allows(h, BLOCK_BYTES);
      if (h->options.max_bytes) b = take_swept(h, c, !fits); // it may have run
      if (!b) {
        if (bounded && !fits) return false;
        if (!fits || is_last_try) gc_tell_out_of_memory(h, !is_last_try);
        b = take_fresh(h, c, is_last_try);
        if (!b && (bounded || is_last_try)) return false;
        if (!b) {
          // The system has no memory left.
          gc_cycle_full(h);
          is_last_try = true;
          continue;
        }
      }
    }
    b->search_word = 0;
    h->current[c] = b;
  }
}

static inline void slow_poll(Heap *h) {
  if (atomic_load_explicit(&h->poll, memory_order_relaxed)) gc_answer_poll(h);
  if (likely(!h->options.stress)) return;
  if (h->options.stand_in) gc_stand_in_reads(h);
  if (++h->slow_allocations >= h->options.stress) {
    h->slow_allocations = 0;
    gc_cycle_start(h);
  }
}

static void *take_cell(Heap *h, uint32_t c) {
  GcRun *run = run_of(h, c);
  void *cell = (void *)run->cursor;
  run->cursor += gc_classes[c].bytes;
  return cell;
}

// A small isolate has a few cells of each of many classes. As long as that
// wastes less than a page has, they come from runs of larger classes: one that
// has a run already, or one of these.
enum { MAX_BORROWED_WASTE = 1536 };
static const uint16_t lender_bytes[] = {64, 256, 2048};

static bool may_lend(const Heap *h, uint32_t c, uint32_t larger) {
  uint32_t waste = (uint32_t)gc_class_bytes[larger] - gc_class_bytes[c];
  return h->borrowed_waste[c] + waste <= MAX_BORROWED_WASTE;
}

static void *borrow_cell(Heap *h, uint32_t c) {
  uint32_t lender = c + 1;
  while (lender < GC_SIZE_CLASS_COUNT &&
         h->public.runs[lender].cursor >= h->public.runs[lender].limit)
    lender++;
  if (lender == GC_SIZE_CLASS_COUNT || !may_lend(h, c, lender)) {
    uint32_t i = 0;
    while (i < 3 && lender_bytes[i] <= gc_class_bytes[c])
      i++;
    if (i == 3) return NULL;
    lender = gc_size_class(lender_bytes[i]);
    if (h->current[lender] != NULL || !may_lend(h, c, lender) ||
        !refill(h, lender, true)) {
      return NULL;
    }
  }
  h->borrowed_waste[c] +=
      (uint16_t)(gc_class_bytes[lender] - gc_class_bytes[c]);
  return take_cell(h, lender);
}

void *gc_allocate_slow(GcHeap *heap, uint32_t c) {
  Heap *h = heap_of(heap);
  slow_poll(h);
  if (h->current[c] == NULL && !h->options.stress) {
    void *cell = borrow_cell(h, c);
    if (cell != NULL) return cell;
  }
  if (unlikely(h->options.stress) && gc_is_to_fail())
    gc_tell_out_of_memory(h, false);
  GcRun *run = run_of(h, c);
  if (run->cursor == run->limit && !refill(h, c, false)) gc_exhausted();
  return take_cell(h, c);
}

// NULL if `bounded`, and past the limit or out of memory.
static void *allocate_medium(Heap *h, size_t bytes, bool bounded) {
  uint32_t c = gc_medium_class(bytes);
  slow_poll(h);
  GcRun *run = run_of(h, c);
  if (run->cursor == run->limit && !refill(h, c, bounded)) {
    if (bounded) return NULL;
    gc_exhausted();
  }
  void *cell = take_cell(h, c);
  memset(cell, 0, bytes);
  return cell;
}

static void *allocate_large(GcHeap *heap, size_t bytes, uint8_t kind,
                            bool grows) {
  Heap *h = heap_of(heap);
  void *cell;
  if (bytes <= GC_MAX_SMALL) return gc_allocate(heap, bytes, kind);
  if (unlikely(h->options.stress) && gc_is_to_fail()) return NULL;
  bytes = (bytes + 15) & ~(size_t)15;
  if (bytes <= GC_MAX_MEDIUM) {
    cell = allocate_medium(h, bytes, true);
  } else {
    slow_poll(h);
    gc_cycle_if_due(h);
    cell = gc_large_new(h, bytes, grows);
  }
  if (!cell) return NULL;
  __atomic_store_n((uint64_t *)cell, (uint64_t)kind, __ATOMIC_RELEASE);
  return cell;
}

void *gc_allocate_large(GcHeap *heap, size_t bytes, uint8_t kind) {
  return allocate_large(heap, bytes, kind, false);
}

void *gc_allocate_growable(GcHeap *heap, size_t bytes, uint8_t kind) {
  return allocate_large(heap, bytes, kind, true);
}

void *gc_allocate_certain(GcHeap *heap, size_t bytes, uint8_t kind) {
  if (bytes <= GC_MAX_SMALL) return gc_allocate(heap, bytes, kind);
  Heap *h = heap_of(heap);
  if (unlikely(h->options.stress) && gc_is_to_fail())
    gc_tell_out_of_memory(h, false);
  void *cell = allocate_medium(h, bytes, false);
  __atomic_store_n((uint64_t *)cell, (uint64_t)kind, __ATOMIC_RELEASE);
  return cell;
}

size_t gc_cell_bytes(const void *cell) {
  const Block *b = block_of(cell);
  return b->class == CLASS_LARGE
             ? __atomic_load_n(&b->large_bytes, __ATOMIC_RELAXED)
             : gc_classes[b->class].bytes;
}

// With a lock of the space's own held: no mutator's.
void *gc_take_shared_cell(Heap *h, size_t bytes, BitWord bits,
                          bool from_reserve) {
  uint32_t c =
      bytes <= GC_MAX_SMALL ? gc_size_class(bytes) : gc_medium_class(bytes);
  GcRun *run = run_of(h, c);
  while (run->cursor == run->limit) {
    Block *b = h->current[c];
    if (b && next_run(h, b, c)) break;
    b = pop(h, BLOCKS_ROOMY, c);
    if (!b && (b = take_fresh(h, c, from_reserve)) != NULL) {
      for (uint32_t w = 0; w < BLOCK_WORDS; w++) {
        store_bits(&b->bits[w].mark, bits.mark);
        store_bits(&b->bits[w].fresh, bits.fresh);
      }
    }
    h->current[c] = b;
    if (!b) return NULL;
    b->search_word = 0;
  }
  // A stray word may make a collector look at the header already.
  char *cell = take_cell(h, c);
  memset(cell + sizeof(GcCell), 0, bytes - sizeof(GcCell));
  return cell;
}
