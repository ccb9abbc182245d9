// SPDX-License-Identifier: MIT
// Process-wide cells: two heaps without a mutator, all of whose cells count as
// marked. Those of the first are there for good. Mortal ones are marked and
// fresh at once, as no other cells are: that is how marking, the barrier and
// the scan of stacks know them, and note in the cell that it was seen. Dead
// ones are not fresh any more.
//
// Whoever keeps mortal cells in a table lets go of them in rounds. To see a
// cell is to note the round in it. When all heaps that there were when a round
// began have marked from a snapshot taken after that, nobody has what was not
// seen since: it was in no snapshot, and nobody has found it in the table, for
// that counts as seeing. Dead cells stay as they are until the next round is
// over, since somebody may have been reading the table when they died.
#include "gc/heap.h"

static const BitWord marked = {.mark = ~UINT64_C(0)};
static const BitWord mortal = {.mark = ~UINT64_C(0), .fresh = ~UINT64_C(0)};

static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static Heap immortals = {.lock = PTHREAD_MUTEX_INITIALIZER,
                         .trigger_at = UINT64_MAX};
static Heap mortals = {.lock = PTHREAD_MUTEX_INITIALIZER,
                       .trigger_at = UINT64_MAX};

bool gc_heap_is_shared(const GcHeap *heap) {
  return heap == &immortals.public || heap == &mortals.public;
}

bool gc_heap_is_mortal(const GcHeap *heap) {
  return heap == &mortals.public;
}

static void *allocate(Heap *h, size_t bytes, BitWord bits, GcCell header,
                      bool from_reserve) {
  void *cell;
  pthread_mutex_lock(&shared_lock);
  if (bytes > GC_MAX_MEDIUM) {
    cell = gc_large_new(h, (bytes + 15) & ~(size_t)15, false);
    if (cell) {
      BitWord *word = &block_of(cell)->bits[0];
      store_bits(&word->mark, bits.mark);
      store_bits(&word->fresh, bits.fresh);
    }
  } else {
    cell = gc_take_shared_cell(h, bytes, bits, from_reserve);
  }
  pthread_mutex_unlock(&shared_lock);
  if (!cell) return NULL;
  uint64_t word;
  memcpy(&word, &header, sizeof word);
  __atomic_store_n((uint64_t *)cell, word, __ATOMIC_RELEASE);
  return cell;
}

void *gc_allocate_shared(size_t bytes, uint8_t kind) {
  return gc_is_to_fail() ? NULL
                         : allocate(&immortals, bytes, marked,
                                    (GcCell){.kind = kind}, false);
}

void *gc_allocate_shared_reserved(size_t bytes, uint8_t kind) {
  return allocate(&immortals, bytes, marked, (GcCell){.kind = kind}, true);
}

void *gc_allocate_mortal(size_t bytes, uint8_t kind) {
  GcCell header = {.kind = kind, .aux = gc_mortal_stamp()};
  return gc_is_to_fail() ? NULL
                         : allocate(&mortals, bytes, mortal, header, false);
}

// The bit that says of a mortal cell that it is not dead. Cells that share the
// word are killed by whoever has the lock of another table.
static uint64_t *alive_bit(const GcCell *cell, uint64_t *bit) {
  uint32_t g = granule_of(cell);
  *bit = UINT64_C(1) << (g % 64);
  return &block_of(cell)->bits[g / 64].fresh;
}

bool gc_mortal_kill(GcCell *cell) {
  uint16_t state = __atomic_load_n(&cell->aux, __ATOMIC_RELAXED);
  if (state == gc_mortal_stamp() ||
      !__atomic_compare_exchange_n(&cell->aux, &state,
                                   (uint16_t)(GC_MORTAL | GC_DEAD), false,
                                   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    return false;
  uint64_t bit, *alive = alive_bit(cell, &bit);
  __atomic_fetch_and(alive, ~bit, __ATOMIC_RELEASE);
  return true;
}

// Under the lock.
static void free_mortal(GcCell *cell) {
  Block *b = block_of(cell);
  if (b->class == CLASS_LARGE) {
    for (Block **link = &mortals.large; *link; link = &(*link)->next) {
      if (*link != b) continue;
      *link = b->next;
      break;
    }
    gc_free_large(&mortals, b);
  } else {
    uint32_t g = granule_of(cell);
    uint64_t *alloc = &b->bits[g / 64].alloc;
    __atomic_store_n(alloc, *alloc & ~(UINT64_C(1) << (g % 64)),
                     __ATOMIC_RELEASE);
    // For the next one: whoever sees it sees that this one is gone.
    uint64_t bit, *alive = alive_bit(cell, &bit);
    __atomic_fetch_or(alive, bit, __ATOMIC_RELEASE);
    forbid_memory(cell, gc_classes[b->class].bytes);
  }
}

void gc_mortals_free(GcCell *const *cells, size_t count) {
  pthread_mutex_lock(&shared_lock);
  for (size_t i = 0; i < count; i++)
    free_mortal(cells[i]);
  pthread_mutex_unlock(&shared_lock);
}

static uint32_t count_cells(const Block *b) {
  uint32_t count = 0;
  for (uint32_t w = 0; w < BLOCK_WORDS; w++)
    count += (uint32_t)__builtin_popcountll(b->bits[w].alloc);
  return count;
}

// The blocks of a class: those with room can be taken again, empty ones go.
static void sort_blocks(Heap *h, uint32_t c) {
  Block *lists[] = {h->blocks[BLOCKS_ROOMY][c], h->blocks[BLOCKS_TAKEN][c]};
  h->blocks[BLOCKS_ROOMY][c] = h->blocks[BLOCKS_TAKEN][c] = NULL;
  for (int i = 0; i < 2; i++) {
    for (Block *b = lists[i], *next; b; b = next) {
      next = b->next;
      uint32_t count = count_cells(b);
      if (count == 0 && b != h->current[c]) {
        for (uint32_t w = 0; w < BLOCK_WORDS; w++)
          clear_bits(&b->bits[w]);
        gc_give_free_blocks(h, b, 1);
      } else {
        bool has_room = count < gc_classes[c].cells && b != h->current[c];
        push_block(h, has_room ? BLOCKS_ROOMY : BLOCKS_TAKEN, b);
      }
    }
  }
}

void gc_mortals_freed(void) {
  for (uint32_t c = 0; c < CLASS_COUNT; c++) {
    pthread_mutex_lock(&shared_lock);
    pthread_mutex_lock(&mortals.lock);
    sort_blocks(&mortals, c);
    pthread_mutex_unlock(&mortals.lock);
    pthread_mutex_unlock(&shared_lock);
  }
  gc_release_surplus(&mortals);
}

void gc_mortal_reached(GcTracer *t, GcCell *cell) {
  if (chunk_of(cell)->heap != &mortals.public) return;
  if (gc_mortal_see(cell)) return;
  if (gc_is_verified(heap_of(t->heap))) gc_fail_dead_mortal(cell);
}

void gc_mortal_overwritten(GcCell *cell) {
  if (chunk_of(cell)->heap == &mortals.public) gc_mortal_see(cell);
}

// Rounds ----------------------------------------------------------------------

uint64_t gc_round;
static _Atomic size_t heaps_missing; // in that round
static void (*_Atomic told)(void);

void gc_on_cycles(void (*wanted)(void)) {
  atomic_store_explicit(&told, wanted, memory_order_release);
}

void gc_tell_cycle(void) {
  void (*tell)(void) = atomic_load_explicit(&told, memory_order_acquire);
  if (tell) tell();
}

static uint64_t this_round(void) {
  return __atomic_load_n(&gc_round, __ATOMIC_SEQ_CST);
}

void gc_round_joined(Heap *h) {
  h->round_done = this_round();
}

void gc_round_snapshot(Heap *h) {
  h->round_begun = this_round();
}

static void count_done(Heap *h, uint64_t number) {
  if (h->round_done == number || number != this_round()) return;
  h->round_done = number;
  atomic_fetch_sub(&heaps_missing, 1);
}

void gc_round_marked(Heap *h) {
  count_done(h, h->round_begun);
}

void gc_round_left(Heap *h) {
  count_done(h, this_round());
}

void gc_round_begin(void) {
  size_t heaps = gc_heaps_lock();
  atomic_store(&heaps_missing, heaps);
  __atomic_fetch_add(&gc_round, 1, __ATOMIC_SEQ_CST);
  gc_heaps_unlock();
}

bool gc_round_is_over(void) {
  return atomic_load(&heaps_missing) == 0;
}

// A mutator in native state is stopped at once. Others may not answer for a
// long time, and a collector's thread would wait for each: so only one of them
// is asked at a time, and mostly those that do something collect by themselves.
static void hurry(Heap *h, void *data) {
  bool *has_asked = data;
  pthread_mutex_lock(&h->lock);
  bool is_native = h->mutator == MUTATOR_NATIVE;
  if (h->round_done != this_round() && !h->options.stop_the_world &&
      !h->cycle_active && (is_native || !*has_asked)) {
    gc_collector_request(h);
    *has_asked |= !is_native;
  }
  pthread_mutex_unlock(&h->lock);
}

void gc_round_hurry(void) {
  bool has_asked = false;
  gc_heaps_visit(hurry, &has_asked);
}
