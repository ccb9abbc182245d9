// SPDX-License-Identifier: MIT
// Scratch memory of a compilation: blocks of doubling size.
#include "vm/regexp/arena.h"

#include <stdlib.h>

enum { LARGEST_BLOCK = 1 << 20 };

_Noreturn void regexp_fail(Arena *arena, RegExpErrorKind kind,
                           const char *message, size_t offset) {
  arena->error = (RegExpError){kind, message, offset};
  longjmp(arena->exit, 1);
}

void *regexp_arena_refill(Arena *arena, size_t bytes) {
  size_t size = arena->total < 4096 ? 4096 : arena->total;
  if (size > LARGEST_BLOCK) size = LARGEST_BLOCK;
  if (size < bytes) size = bytes;
  bool goes_on = arena->total == 0 || watch_goes_on(arena->watch);
  ArenaBlock *block = goes_on ? malloc(sizeof *block + size) : NULL;
  if (!block) {
    regexp_fail(arena, REGEXP_ERROR_OUT_OF_MEMORY, "Out of memory", 0);
  }
  block->next = arena->blocks;
  arena->blocks = block;
  arena->total += size;
  arena->free = (char *)block->data + bytes;
  arena->end = (char *)block->data + size;
  return block->data;
}

void regexp_arena_free(Arena *arena) {
  for (ArenaBlock *block = arena->blocks; block;) {
    ArenaBlock *next = block->next;
    free(block);
    block = next;
  }
  arena->blocks = NULL;
}
