// SPDX-License-Identifier: MIT
// Blocks of a heap's chunks, and cells above 32 KiB: whole blocks of a chunk,
// or a huge chunk of their own.
#include <sys/mman.h>

#include "gc/heap.h"

// Chunks are listed by how many blocks of theirs are free. Blocks come from the
// fullest chunk that has them, so that the emptiest ones become empty and can
// be given back, and large cells find room.
static uint32_t free_blocks_of(const Chunk *chunk) {
  return gc_count_blocks(chunk->free_mask);
}

static void unlink_chunk(Heap *h, Chunk *chunk) {
  uint32_t list = free_blocks_of(chunk);
  if (chunk->previous)
    chunk->previous->next = chunk->next;
  else
    h->chunks[list] = chunk->next;
  if (chunk->next) chunk->next->previous = chunk->previous;
}

static void link_chunk(Heap *h, Chunk *chunk) {
  uint32_t list = free_blocks_of(chunk);
  chunk->previous = NULL;
  chunk->next = h->chunks[list];
  if (chunk->next) chunk->next->previous = chunk;
  h->chunks[list] = chunk;
}

static bool is_empty(const Chunk *chunk) {
  return chunk->free_mask == ~UINT32_C(1);
}

// Of a chunk that is not listed (any more).
static void set_free_mask(Heap *h, Chunk *chunk, uint32_t mask) {
  h->free_blocks += (size_t)gc_count_blocks(mask) - free_blocks_of(chunk);
  chunk->free_mask = mask;
}

static void count_bytes(Heap *h, size_t bytes) {
  h->chunk_bytes += bytes;
  gc_count_heap_bytes((int64_t)bytes);
  if (h->chunk_bytes > h->peak_chunk_bytes) {
    h->peak_chunk_bytes = h->chunk_bytes;
  }
}

static void uncount_bytes(Heap *h, size_t bytes) {
  h->chunk_bytes -= bytes;
  gc_count_heap_bytes(-(int64_t)bytes);
}

static void count_chunk(Heap *h, const Chunk *chunk) {
  count_bytes(h, chunk->total_bytes);
}

static void uncount_chunk(Heap *h, const Chunk *chunk) {
  uncount_bytes(h, chunk->total_bytes);
}

// Some of the free blocks of a chunk are gone, or are not any more.
static void set_gone_mask(Heap *h, Chunk *chunk, uint32_t mask) {
  size_t before = gc_count_blocks(chunk->gone_mask),
         after = gc_count_blocks(mask);
  chunk->gone_mask = mask;
  h->gone_blocks += after - before;
  if (after > before)
    uncount_bytes(h, (after - before) * BLOCK_BYTES);
  else
    count_bytes(h, (before - after) * BLOCK_BYTES);
}

// Where `count` blocks in a row are free: bits of the first ones.
static uint32_t places_for(uint32_t free_mask, uint32_t count) {
  for (uint32_t i = 1; i < count && free_mask; i++)
    free_mask &= free_mask >> 1;
  return free_mask;
}

static Chunk *find_room(const Heap *h, uint32_t count) {
  if (h->free_blocks < count) return NULL;
  for (uint32_t list = count; list < CHUNK_BLOCKS; list++) {
    for (Chunk *chunk = h->chunks[list]; chunk; chunk = chunk->next) {
      if (places_for(chunk->free_mask, count)) return chunk;
    }
  }
  return NULL;
}

Block *gc_take_free_blocks(Heap *h, uint32_t count, bool from_reserve) {
  Chunk *chunk = find_room(h, count);
  if (chunk) {
    unlink_chunk(h, chunk);
  } else {
    chunk = gc_chunk_acquire(&h->public, from_reserve);
    if (!chunk) return NULL;
    count_chunk(h, chunk);
    h->free_blocks += CHUNK_BLOCKS - 1;
  }
  uint32_t first = (uint32_t)__builtin_ctz(places_for(chunk->free_mask, count));
  uint32_t taken = ((UINT32_C(1) << count) - 1) << first;
  set_free_mask(h, chunk, chunk->free_mask & ~taken);
  if (chunk->gone_mask & taken)
    set_gone_mask(h, chunk, chunk->gone_mask & ~taken);
  link_chunk(h, chunk);
  h->used_bytes += (size_t)count * BLOCK_BYTES;
  for (uint32_t i = 0; i < count; i++) {
    set_class(&chunk->blocks[first + i], CLASS_NONE);
    chunk->blocks[first + i].index = (uint8_t)(first + i);
  }
  return &chunk->blocks[first];
}

// Under lock: an empty one.
static void make_surplus(Heap *h, Chunk *chunk) {
  unlink_chunk(h, chunk);
  h->free_blocks -= CHUNK_BLOCKS - 1;
  set_gone_mask(h, chunk, 0);
  uncount_chunk(h, chunk);
  chunk->next = h->surplus;
  h->surplus = chunk;
}

void gc_give_free_blocks(Heap *h, Block *first, uint32_t count) {
  Chunk *chunk = chunk_of(first);
  for (uint32_t i = 0; i < count; i++) {
    Block *b = first + i;
    set_class(b, CLASS_NONE);
    set_to_head(b, 0);
    b->block_count = 0;
  }
  allow_memory(block_start(first), (size_t)count * BLOCK_BYTES);
  unlink_chunk(h, chunk);
  set_free_mask(h, chunk,
                chunk->free_mask | ((UINT32_C(1) << count) - 1)
                                       << first->index);
  link_chunk(h, chunk);
  h->used_bytes -= (size_t)count * BLOCK_BYTES;
  if (is_empty(chunk) && h->free_blocks > h->keep_free_blocks)
    make_surplus(h, chunk);
}

// Zeroed, allocated, not linked yet.
static Block *new_in_chunk(Heap *h, size_t bytes) {
  uint32_t count = (uint32_t)((bytes + BLOCK_BYTES - 1) / BLOCK_BYTES);
  pthread_mutex_lock(&h->lock);
  Block *b = gc_take_free_blocks(h, count, false);
  if (b) {
    set_class(b, CLASS_LARGE);
    b->block_count = (uint16_t)count;
    b->large_bytes = (size_t)count * BLOCK_BYTES;
    for (uint32_t i = 1; i < count; i++)
      set_to_head(&b[i], i);
  }
  pthread_mutex_unlock(&h->lock);
  if (b) memset(block_start(b), 0, bytes);
  return b;
}

// Memory of a huge chunk comes from the system, or was given back to it: it is
// zero.
static Block *new_huge(Heap *h, size_t bytes, bool grows) {
  Chunk *chunk = gc_chunk_acquire_huge(&h->public, bytes, grows);
  if (!chunk) return NULL;
  pthread_mutex_lock(&h->lock);
  count_chunk(h, chunk);
  h->used_bytes += chunk->total_bytes;
  pthread_mutex_unlock(&h->lock);
  return &chunk->blocks[1];
}

void *gc_large_new(Heap *h, size_t bytes, bool grows) {
  if (!gc_limit_allows(h, bytes)) return NULL;
  // Half of a chunk that only one growing cell uses may go unused for a while.
  size_t most = grows ? ROOM_FOR_LARGE / 2 : ROOM_FOR_LARGE;
  Block *b = bytes <= most ? new_in_chunk(h, bytes) : new_huge(h, bytes, grows);
  if (!b) return NULL;
  __atomic_store_n(&b->born, h->epoch, __ATOMIC_RELAXED);
  if (atomic_load_explicit(&h->marking, memory_order_relaxed)) {
    store_bits(&b->bits[0].fresh, 1);
  }
  __atomic_store_n(&b->bits[0].alloc, 1, __ATOMIC_RELEASE);
  atomic_fetch_add_explicit(&h->allocated, b->large_bytes,
                            memory_order_relaxed);
  pthread_mutex_lock(&h->lock);
  b->next = h->large;
  h->large = b;
  pthread_mutex_unlock(&h->lock);
  return block_start(b);
}

bool gc_grow(GcHeap *heap, void *cell, size_t bytes) {
  Heap *h = heap_of(heap);
  Block *b = block_of(cell);
  Chunk *chunk = chunk_of(cell);
  if (b->class != CLASS_LARGE || !chunk->is_huge) return false;
  if (bytes <= b->large_bytes) return true;
  size_t total = gc_chunk_huge_bytes(bytes);
  if (bytes > ((size_t)1 << 46) || chunk->mapped_bytes == 0) return false;
  if (unlikely(h->options.stress) && gc_is_to_fail()) return false;
  gc_safepoint(heap);
  size_t more = total - chunk->total_bytes;
  if (!gc_limit_allows(h, more) || !gc_chunk_grow(chunk, total)) return false;
  pthread_mutex_lock(&h->lock);
  uncount_chunk(h, chunk);
  chunk->total_bytes = total;
  count_chunk(h, chunk);
  h->used_bytes += more;
  // Sweeping adds it up.
  __atomic_store_n(&b->large_bytes, total - BLOCK_BYTES, __ATOMIC_RELAXED);
  pthread_mutex_unlock(&h->lock);
  atomic_fetch_add_explicit(&h->allocated, more, memory_order_relaxed);
  return true;
}

void gc_free_large(Heap *h, Block *b) {
  clear_bits(&b->bits[0]);
  Chunk *chunk = chunk_of(b);
  pthread_mutex_lock(&h->lock);
  if (chunk->is_huge) {
    h->used_bytes -= chunk->total_bytes;
    uncount_chunk(h, chunk);
  } else {
    gc_give_free_blocks(h, b, b->block_count);
  }
  pthread_mutex_unlock(&h->lock);
  if (chunk->is_huge) gc_chunk_release(chunk);
}

size_t gc_sweep_large(Heap *h, Block *list) {
  size_t live = 0;
  Block *kept = NULL, *last = NULL;
  while (list) {
    Block *b = list;
    list = b->next;
    BitWord *w = &b->bits[0];
    if ((load_bits(&w->mark) | load_bits(&w->fresh)) & 1) {
      store_bits(&w->mark, 0);
      store_bits(&w->fresh, 0);
      live += __atomic_load_n(&b->large_bytes, __ATOMIC_RELAXED);
      b->next = kept;
      kept = b;
      if (!last) last = b;
    } else {
      gc_free_large(h, b);
    }
  }
  if (kept) {
    pthread_mutex_lock(&h->lock);
    last->next = h->large;
    h->large = kept;
    pthread_mutex_unlock(&h->lock);
  }
  return live;
}

// Under lock: the emptiest chunk with free blocks that are not gone.
static Chunk *find_not_gone(const Heap *h) {
  for (uint32_t list = CHUNK_BLOCKS - 1; list > 0; list--) {
    for (Chunk *chunk = h->chunks[list]; chunk; chunk = chunk->next) {
      if (chunk->free_mask & ~chunk->gone_mask) return chunk;
    }
  }
  return NULL;
}

// Runs of blocks.
static void give_to_system(const Chunk *chunk, uint32_t mask) {
  while (mask) {
    uint32_t first = (uint32_t)__builtin_ctz(mask),
             count = (uint32_t)__builtin_ctzll(~((uint64_t)mask >> first));
    char *begin = (char *)chunk + (size_t)first * BLOCK_BYTES;
    (void)madvise(begin, (size_t)count * BLOCK_BYTES, MADV_DONTNEED);
    mask &= (uint32_t)(~UINT64_C(0) << (first + count));
  }
}

// Live cells all over the heap keep chunks that are nearly empty. The memory of
// their free blocks goes back to the system if the next cycle will not want it.
static void release_free_blocks(Heap *h) {
  enum {
    SPARE = (4 << 20) / BLOCK_BYTES, // not worth it
    MOST = 64,                       // chunks in a cycle
  };
  for (int i = 0; i < MOST; i++) {
    pthread_mutex_lock(&h->lock);
    size_t here = h->free_blocks - h->gone_blocks;
    Chunk *chunk = here > h->keep_free_blocks + SPARE ? find_not_gone(h) : NULL;
    uint32_t mask = 0;
    if (chunk) { // they are taken as long as the lock is open
      mask = chunk->free_mask & ~chunk->gone_mask;
      unlink_chunk(h, chunk);
      set_free_mask(h, chunk, chunk->free_mask & ~mask);
      link_chunk(h, chunk);
    }
    pthread_mutex_unlock(&h->lock);
    if (!chunk) return;
    give_to_system(chunk, mask);
    pthread_mutex_lock(&h->lock);
    unlink_chunk(h, chunk);
    set_free_mask(h, chunk, chunk->free_mask | mask);
    set_gone_mask(h, chunk, chunk->gone_mask | mask);
    link_chunk(h, chunk);
    pthread_mutex_unlock(&h->lock);
  }
}

void gc_release_surplus(Heap *h) {
  pthread_mutex_lock(&h->lock);
  // What was kept for a cycle that came to less.
  while (h->chunks[CHUNK_BLOCKS - 1] &&
         h->free_blocks >= h->keep_free_blocks + CHUNK_BLOCKS)
    make_surplus(h, h->chunks[CHUNK_BLOCKS - 1]);
  Chunk *chunk = h->surplus;
  h->surplus = NULL;
  pthread_mutex_unlock(&h->lock);
  for (Chunk *next; chunk; chunk = next) {
    next = chunk->next;
    gc_chunk_release(chunk);
  }
  release_free_blocks(h);
}

void gc_free_all_blocks(Heap *h) {
  gc_release_surplus(h);
  for (Block *b = h->large, *next; b; b = next) {
    next = b->next;
    if (chunk_of(b)->is_huge) gc_chunk_release(chunk_of(b));
  }
  h->large = NULL;
  for (uint32_t list = 0; list < CHUNK_BLOCKS; list++) {
    for (Chunk *chunk = h->chunks[list], *next; chunk; chunk = next) {
      next = chunk->next;
      gc_chunk_release(chunk);
    }
    h->chunks[list] = NULL;
  }
  gc_count_heap_bytes(-(int64_t)h->chunk_bytes);
  h->chunk_bytes = 0;
}
