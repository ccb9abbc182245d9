// SPDX-License-Identifier: MIT
// Memory of one compilation, freed at once.
#include <stdlib.h>
#include <string.h>

#include "jit-stub/ir.h"

enum { CHUNK_BYTES = 64 << 10 };

typedef struct JitChunk {
  struct JitChunk *next;
  _Alignas(16) char bytes[];
} JitChunk;

void *jit_allocate(JitArena *arena, size_t bytes) {
  bytes = (bytes + 15) & ~(size_t)15;
  if (arena->chunks == NULL || bytes > arena->capacity - arena->used) {
    size_t capacity = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    JitChunk *chunk = calloc(1, sizeof *chunk + capacity);
    if (chunk == NULL) longjmp(arena->escape, 1);
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->used = 0;
    arena->capacity = capacity;
  }
  void *result = arena->chunks->bytes + arena->used;
  arena->used += bytes;
  return result;
}

void jit_arena_free(JitArena *arena) {
  for (JitChunk *chunk = arena->chunks; chunk != NULL;) {
    JitChunk *next = chunk->next;
    free(chunk);
    chunk = next;
  }
  arena->chunks = NULL;
}
