// SPDX-License-Identifier: MIT
// The memory of one parse and of the emitter behind it: a bump allocator whose
// chunks are freed together. Running out calls the failure handler, which does
// not return, so no caller of the parser's ever sees NULL; the emitter's do.
// A parse that shall end is told that it has run out: chunks are asked for all
// the time.
#ifndef RILL_VM_SYNTAX_ARENA_H
#define RILL_VM_SYNTAX_ARENA_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "vm/work_watch.h"

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena {
  char *next;
  char *end;
  ArenaChunk *chunks;
  ArenaChunk *kept; // by rewinding, for the next chunk; or NULL
  size_t used;      // bytes in all chunks
  size_t limit;     // 0: none
  size_t chunk_size;
  const WorkWatch *watch; // asked for each chunk but the first ones; or NULL
  void (*fail)(void *data) __attribute__((noreturn));
  void *data;
} Arena;

// `limit` in bytes, 0 for none.
void syntax_arena_init(Arena *arena, size_t limit,
                       void (*fail)(void *data) __attribute__((noreturn)),
                       void *data);
void syntax_arena_release(Arena *arena);

// Slow paths of arena_alloc and arena_try_alloc.
void *syntax_arena_grow(Arena *arena, size_t size);
void *syntax_arena_try_grow(Arena *arena, size_t size);

// Uninitialized memory, aligned for pointers and doubles.
static inline void *arena_alloc(Arena *arena, size_t size) {
  size = (size + 7) & ~(size_t)7;
  if (__builtin_expect((size_t)(arena->end - arena->next) < size, 0))
    return syntax_arena_grow(arena, size);
  void *result = arena->next;
  arena->next += size;
  return result;
}

// The same, but NULL without memory.
static inline void *arena_try_alloc(Arena *arena, size_t size) {
  size = (size + 7) & ~(size_t)7;
  if (__builtin_expect((size_t)(arena->end - arena->next) < size, 0))
    return syntax_arena_try_grow(arena, size);
  void *result = arena->next;
  arena->next += size;
  return result;
}

// A place to rewind to: what is allocated after it goes at once.
typedef struct ArenaMark {
  char *next, *end;
  ArenaChunk *chunks;
  size_t used;
} ArenaMark;

static inline ArenaMark arena_mark(const Arena *arena) {
  return (ArenaMark){arena->next, arena->end, arena->chunks, arena->used};
}
void syntax_arena_rewind(Arena *arena, const ArenaMark *mark);

static inline void *arena_zalloc(Arena *arena, size_t size) {
  return memset(arena_alloc(arena, size), 0, size);
}

#endif
