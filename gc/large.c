// SPDX-License-Identifier: MIT
// Blocks of a heap's chunks, and cells above 32 KiB: whole blocks of a chunk,
// or a huge chunk of their own.
#include "gc/heap.h"

static void unlink_chunk(Heap *h, Chunk *chunk) {
  if (chunk->previous)
    chunk->previous->next = chunk->next;
  else
    h->chunks = chunk->next;
  if (chunk->next)
    chunk->next->previous = chunk->previous;
  else
    h->last_chunk = chunk->previous;
}

static void link_first(Heap *h, Chunk *chunk) {
  chunk->previous = NULL;
  chunk->next = h->chunks;
  if (h->chunks)
    h->chunks->previous = chunk;
  else
    h->last_chunk = chunk;
  h->chunks = chunk;
}

static void link_last(Heap *h, Chunk *chunk) {
  chunk->next = NULL;
  chunk->previous = h->last_chunk;
  if (h->last_chunk)
    h->last_chunk->next = chunk;
  else
    h->chunks = chunk;
  h->last_chunk = chunk;
}

static void count_chunk(Heap *h, const Chunk *chunk) {
  h->chunk_bytes += chunk->total_bytes;
  gc_count_heap_bytes((int64_t)chunk->total_bytes);
  if (h->chunk_bytes > h->peak_chunk_bytes) {
    h->peak_chunk_bytes = h->chunk_bytes;
  }
}

static void uncount_chunk(Heap *h, const Chunk *chunk) {
  h->chunk_bytes -= chunk->total_bytes;
  gc_count_heap_bytes(-(int64_t)chunk->total_bytes);
}

// Chunks without a free block are kept behind all others.
Block *gc_take_free_blocks(Heap *h, uint32_t count, bool from_reserve) {
  Chunk *chunk = NULL;
  uint32_t fits = 0;
  if (h->free_blocks >= count) {
    for (chunk = h->chunks; chunk && chunk->free_mask; chunk = chunk->next) {
      fits = chunk->free_mask;
      for (uint32_t i = 1; i < count && fits; i++)
        fits &= fits >> 1;
      if (fits) break;
    }
  }
  if (!fits) {
    chunk = gc_chunk_acquire(&h->public, from_reserve);
    if (!chunk) return NULL;
    count_chunk(h, chunk);
    link_first(h, chunk);
    h->free_blocks += CHUNK_BLOCKS - 1;
    fits = chunk->free_mask;
    for (uint32_t i = 1; i < count; i++)
      fits &= fits >> 1;
  }
  uint32_t first = (uint32_t)__builtin_ctz(fits);
  chunk->free_mask &= ~(((UINT32_C(1) << count) - 1) << first);
  h->free_blocks -= count;
  h->used_bytes += (size_t)count * BLOCK_BYTES;
  if (!chunk->free_mask) {
    unlink_chunk(h, chunk);
    link_last(h, chunk);
  }
  for (uint32_t i = 0; i < count; i++) {
    chunk->blocks[first + i].class = CLASS_NONE;
    chunk->blocks[first + i].index = (uint8_t)(first + i);
  }
  return &chunk->blocks[first];
}

void gc_give_free_blocks(Heap *h, Block *first, uint32_t count) {
  Chunk *chunk = chunk_of(first);
  for (uint32_t i = 0; i < count; i++) {
    Block *b = first + i;
    b->class = CLASS_NONE;
    b->to_head = 0;
    b->block_count = 0;
  }
  allow_memory(block_start(first), (size_t)count * BLOCK_BYTES);
  bool was_full = !chunk->free_mask;
  chunk->free_mask |= ((UINT32_C(1) << count) - 1) << first->index;
  h->free_blocks += count;
  h->used_bytes -= (size_t)count * BLOCK_BYTES;
  if (chunk->free_mask == ~UINT32_C(1) &&
      h->free_blocks > h->keep_free_blocks) {
    unlink_chunk(h, chunk);
    h->free_blocks -= CHUNK_BLOCKS - 1;
    uncount_chunk(h, chunk);
    chunk->next = h->surplus;
    h->surplus = chunk;
  } else if (was_full) {
    unlink_chunk(h, chunk);
    link_first(h, chunk);
  }
}

// Zeroed, allocated, not linked yet.
static Block *new_in_chunk(Heap *h, size_t bytes) {
  uint32_t count = (uint32_t)((bytes + BLOCK_BYTES - 1) / BLOCK_BYTES);
  pthread_mutex_lock(&h->lock);
  Block *b = gc_take_free_blocks(h, count, false);
  if (b) {
    b->class = CLASS_LARGE;
    b->block_count = (uint16_t)count;
    b->large_bytes = (size_t)count * BLOCK_BYTES;
    for (uint32_t i = 1; i < count; i++)
      b[i].to_head = (uint8_t)i;
  }
  pthread_mutex_unlock(&h->lock);
  if (b) memset(block_start(b), 0, bytes);
  return b;
}

// Memory of a huge chunk comes from the system, or was given back to it: it is
// zero.
static Block *new_huge(Heap *h, size_t bytes) {
  Chunk *chunk = gc_chunk_acquire_huge(&h->public, bytes);
  if (!chunk) return NULL;
  pthread_mutex_lock(&h->lock);
  count_chunk(h, chunk);
  h->used_bytes += chunk->total_bytes;
  pthread_mutex_unlock(&h->lock);
  return &chunk->blocks[1];
}

void *gc_large_new(Heap *h, size_t bytes) {
  if (!gc_limit_allows(h, bytes)) return NULL;
  Block *b =
      bytes <= ROOM_FOR_LARGE ? new_in_chunk(h, bytes) : new_huge(h, bytes);
  if (!b) return NULL;
  b->born = h->epoch;
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

static void free_large(Heap *h, Block *b) {
  b->bits[0] = (BitWord){0};
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
      live += b->large_bytes;
      b->next = kept;
      kept = b;
      if (!last) last = b;
    } else {
      free_large(h, b);
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

void gc_release_surplus(Heap *h) {
  pthread_mutex_lock(&h->lock);
  Chunk *chunk = h->surplus;
  h->surplus = NULL;
  pthread_mutex_unlock(&h->lock);
  for (Chunk *next; chunk; chunk = next) {
    next = chunk->next;
    gc_chunk_release(chunk);
  }
}

void gc_free_all_blocks(Heap *h) {
  gc_release_surplus(h);
  for (Block *b = h->large, *next; b; b = next) {
    next = b->next;
    if (chunk_of(b)->is_huge) gc_chunk_release(chunk_of(b));
  }
  h->large = NULL;
  for (Chunk *chunk = h->chunks, *next; chunk; chunk = next) {
    next = chunk->next;
    gc_chunk_release(chunk);
  }
  h->chunks = h->last_chunk = NULL;
  gc_count_heap_bytes(-(int64_t)h->chunk_bytes);
  h->chunk_bytes = 0;
}
