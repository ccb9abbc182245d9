// SPDX-License-Identifier: MIT
// Scratch memory and the error exit of one compilation of a pattern. All that
// parser and emitter allocate lives here and goes at once; a syntax error or a
// failed malloc leaves by longjmp to the one setjmp in regexp.c, so no step in
// between checks anything or owns anything.
#ifndef RILL_VM_REGEXP_ARENA_H
#define RILL_VM_REGEXP_ARENA_H

#include <setjmp.h>
#include <string.h>

#include "vm/regexp/regexp.h"

typedef struct ArenaBlock {
  struct ArenaBlock *next;
  max_align_t data[];
} ArenaBlock;

typedef struct Arena {
  jmp_buf exit;
  RegExpError error;
  ArenaBlock *blocks;
  char *free, *end;
  size_t total;           // bytes of all blocks
  const WorkWatch *watch; // asked for each block; or NULL
} Arena;

// Leaves the compilation; `message` is static text.
_Noreturn void regexp_fail(Arena *, RegExpErrorKind, const char *message,
                           size_t offset);
void *regexp_arena_refill(Arena *, size_t bytes);
void regexp_arena_free(Arena *);

// Uninitialized memory; never NULL.
static inline void *regexp_allocate(Arena *arena, size_t bytes) {
  bytes = (bytes + 15) & ~(size_t)15;
  if ((size_t)(arena->end - arena->free) >= bytes) {
    void *result = arena->free;
    arena->free += bytes;
    return result;
  }
  return regexp_arena_refill(arena, bytes);
}

// Makes room for one more element in a growing array of the arena.
#define REGEXP_GROW(arena, array, count, capacity)                             \
  do {                                                                         \
    if ((count) == (capacity)) {                                               \
      size_t new_capacity_ = (capacity) ? 2 * (size_t)(capacity) : 8;          \
      void *grown_ =                                                           \
          regexp_allocate((arena), new_capacity_ * sizeof *(array));           \
      if (count) memcpy(grown_, (array), (count) * sizeof *(array));           \
      (array) = grown_;                                                        \
      (capacity) = (uint32_t)new_capacity_;                                    \
    }                                                                          \
  } while (0)

#endif
