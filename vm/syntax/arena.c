// SPDX-License-Identifier: MIT
// Chunks of the parse's arena: each is malloced, linked, and freed at the end.
// One first chunk is kept for the next parse, so that small texts are read
// without the allocator.
#include "vm/syntax/arena.h"

#include <stdatomic.h>
#include <stdlib.h>

struct ArenaChunk {
  ArenaChunk *next;
  size_t size;
  char data[];
};

enum { FIRST_CHUNK = 32 << 10, LARGEST_CHUNK = 1 << 20 };

// A chunk of FIRST_CHUNK that nobody uses, or NULL.
static _Atomic(ArenaChunk *) spare;

static ArenaChunk *new_chunk(size_t capacity) {
  ArenaChunk *chunk = NULL;
  if (capacity == FIRST_CHUNK) chunk = atomic_exchange(&spare, NULL);
  if (chunk == NULL) chunk = malloc(sizeof(*chunk) + capacity);
  if (chunk != NULL) chunk->size = capacity;
  return chunk;
}

static void free_chunk(ArenaChunk *chunk) {
  ArenaChunk *none = NULL;
  if (chunk->size != FIRST_CHUNK ||
      !atomic_compare_exchange_strong(&spare, &none, chunk)) {
    free(chunk);
  }
}

void syntax_arena_init(Arena *arena, size_t limit,
                       void (*fail)(void *data) __attribute__((noreturn)),
                       void *data) {
  *arena = (Arena){
      .limit = limit, .chunk_size = FIRST_CHUNK, .fail = fail, .data = data};
}

void syntax_arena_release(Arena *arena) {
  for (ArenaChunk *chunk = arena->chunks; chunk;) {
    ArenaChunk *next = chunk->next;
    free_chunk(chunk);
    chunk = next;
  }
  arena->chunks = NULL;
  arena->next = arena->end = NULL;
}

void *syntax_arena_grow(Arena *arena, size_t size) {
  size_t capacity = arena->chunk_size;
  if (arena->chunk_size < LARGEST_CHUNK) arena->chunk_size *= 2;
  if (capacity < size) capacity = size;
  if (size > SIZE_MAX / 4) arena->fail(arena->data);
  if (arena->limit && arena->used + capacity > arena->limit) {
    // Near the limit, chunks shrink to what is asked for.
    capacity = size;
    if (arena->used + capacity > arena->limit) arena->fail(arena->data);
  }
  ArenaChunk *chunk = new_chunk(capacity);
  if (!chunk) arena->fail(arena->data);
  chunk->next = arena->chunks;
  arena->chunks = chunk;
  arena->used += capacity;
  // A block larger than what is left keeps the current chunk in use.
  if ((size_t)(arena->end - arena->next) >= capacity - size) return chunk->data;
  arena->next = chunk->data + size;
  arena->end = chunk->data + capacity;
  return chunk->data;
}
