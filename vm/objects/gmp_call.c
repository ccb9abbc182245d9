// SPDX-License-Identifier: MIT
// GMP's memory functions, which are of the whole process: outside of our calls
// they are those that were there before.
#include "vm/objects/gmp_call.h"

#include <gmp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

// Ahead of what GMP gets; keeps its alignment.
typedef struct GmpBlock {
  struct GmpBlock *next, *previous;
} Block;
_Static_assert(sizeof(Block) % 16 == 0, "aligned");

// Blocks of at least this size stand for work that takes longer than asking.
enum { WORTH_ASKING = 1 << 14 };

static _Thread_local GmpCall *current;
static _Thread_local const WorkWatch *watch;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void *(*others_allocate)(size_t);
static void *(*others_reallocate)(void *, size_t, size_t);
static void (*others_free)(void *, size_t);

static _Noreturn void fail(void) {
  GmpCall *call = current;
  vm_gmp_end(call);
  _longjmp(call->failed, 1);
}

static bool may_have(size_t size) {
  if (size > SIZE_MAX / 2) return false;
  return size < WORTH_ASKING || watch_goes_on(watch);
}

static void link_block(Block *b) {
  b->next = current->blocks;
  b->previous = NULL;
  if (b->next != NULL) b->next->previous = b;
  current->blocks = b;
}

static void unlink_block(Block *b) {
  if (b->previous != NULL)
    b->previous->next = b->next;
  else
    current->blocks = b->next;
  if (b->next != NULL) b->next->previous = b->previous;
}

static void *allocate(size_t size) {
  if (current == NULL) return others_allocate(size);
  Block *b = may_have(size) ? malloc(sizeof *b + size) : NULL;
  if (b == NULL) fail();
  link_block(b);
  return b + 1;
}

static void *reallocate(void *p, size_t old_size, size_t size) {
  if (current == NULL) return others_reallocate(p, old_size, size);
  Block *b = (Block *)p - 1;
  unlink_block(b);
  Block *grown = may_have(size) ? realloc(b, sizeof *grown + size) : NULL;
  link_block(grown != NULL ? grown : b);
  if (grown == NULL) fail();
  return grown + 1;
}

static void free_block(void *p, size_t size) {
  if (current == NULL) {
    others_free(p, size);
    return;
  }
  Block *b = (Block *)p - 1;
  unlink_block(b);
  free(b);
}

static void set_functions(void) {
  mp_get_memory_functions(&others_allocate, &others_reallocate, &others_free);
  mp_set_memory_functions(allocate, reallocate, free_block);
}

void vm_gmp_watch(const WorkWatch *w) {
  watch = w;
}

void vm_gmp_enter(GmpCall *call) {
  pthread_once(&once, set_functions);
  call->blocks = NULL;
  call->outer = current;
  current = call;
}

void vm_gmp_end(GmpCall *call) {
  for (Block *b = call->blocks, *next; b != NULL; b = next) {
    next = b->next;
    free(b);
  }
  call->blocks = NULL;
  current = call->outer;
}
