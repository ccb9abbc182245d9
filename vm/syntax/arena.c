// SPDX-License-Identifier: MIT
// Chunks of the parse's arena: each is malloced, linked, and freed at the end.
// Two first chunks are kept for the next parse, so that small texts are read
// without the allocator.
#include "vm/syntax/arena.h"

#include <stdatomic.h>
#include <stdlib.h>

struct ArenaChunk {
  ArenaChunk *next;
  size_t size;
  char data[];
};

enum {
  FIRST_CHUNK = 32 << 10,
  LARGEST_CHUNK = 1 << 20,
  // What takes less is done before anybody has waited.
  WATCHED_FROM = 256 << 10,
};

// Chunks of FIRST_CHUNK that nobody uses, or NULL: a parse has two arenas.
static _Atomic(ArenaChunk *) spare[2];

static ArenaChunk *new_chunk(size_t capacity) {
  ArenaChunk *chunk = NULL;
  if (capacity == FIRST_CHUNK) {
    chunk = atomic_exchange(&spare[0], NULL);
    if (chunk == NULL) chunk = atomic_exchange(&spare[1], NULL);
  }
  if (chunk == NULL) chunk = malloc(sizeof(*chunk) + capacity);
  if (chunk != NULL) chunk->size = capacity;
  return chunk;
}

static void free_chunk(ArenaChunk *chunk) {
  for (int i = 0; i < 2 && chunk->size == FIRST_CHUNK; i++) {
    ArenaChunk *none = NULL;
    if (atomic_compare_exchange_strong(&spare[i], &none, chunk)) return;
  }
  free(chunk);
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
  if (arena->kept) free_chunk(arena->kept);
  arena->chunks = arena->kept = NULL;
  arena->next = arena->end = NULL;
}

void syntax_arena_rewind(Arena *arena, const ArenaMark *mark) {
  while (arena->chunks != mark->chunks) {
    ArenaChunk *chunk = arena->chunks;
    arena->chunks = chunk->next;
    // The largest one is at hand for whatever comes next.
    if (!arena->kept || arena->kept->size < chunk->size) {
      ArenaChunk *smaller = arena->kept;
      arena->kept = chunk;
      chunk = smaller;
    }
    if (chunk) free_chunk(chunk);
  }
#ifndef NDEBUG
  // Nobody may look there again.
  size_t gone = (size_t)(mark->end - mark->next);
  if (arena->end == mark->end) gone = (size_t)(arena->next - mark->next);
  if (gone) memset(mark->next, 0xdb, gone);
#endif
  arena->next = mark->next;
  arena->end = mark->end;
  arena->used = mark->used;
}

void *syntax_arena_try_grow(Arena *arena, size_t size) {
  size_t capacity = arena->chunk_size;
  if (arena->chunk_size < LARGEST_CHUNK) arena->chunk_size *= 2;
  if (capacity < size) capacity = size;
  if (size > SIZE_MAX / 4) return NULL;
  if (arena->used >= WATCHED_FROM && !watch_goes_on(arena->watch)) return NULL;
  if (arena->limit && arena->used + capacity > arena->limit) {
    // Near the limit, chunks shrink to what is asked for.
    capacity = size;
    if (arena->used + capacity > arena->limit) return NULL;
  }
  ArenaChunk *chunk = arena->kept;
  if (chunk && chunk->size >= size) {
    arena->kept = NULL;
    capacity = chunk->size;
  } else {
    chunk = new_chunk(capacity);
  }
  if (!chunk) return NULL;
  chunk->next = arena->chunks;
  arena->chunks = chunk;
  arena->used += capacity;
  // A block larger than what is left keeps the current chunk in use.
  if ((size_t)(arena->end - arena->next) >= capacity - size) return chunk->data;
  arena->next = chunk->data + size;
  arena->end = chunk->data + capacity;
  return chunk->data;
}

void *syntax_arena_grow(Arena *arena, size_t size) {
  void *result = syntax_arena_try_grow(arena, size);
  if (!result) arena->fail(arena->data);
  return result;
}
