// SPDX-License-Identifier: MIT
// A chunk that nobody uses is freed, but for the last one with room.
#include "runtime/io/sleeps.h"

#include <stdlib.h>
#include <string.h>

enum { SLEEP_BYTES = offsetof(IoRequest, runtime), CHUNK_SLEEPS = 72 };

typedef struct Sleep {
  uint64_t words[SLEEP_BYTES / sizeof(uint64_t)]; // of the request
} Sleep;

typedef struct SleepChunk {
  Slab slab;
  Sleep sleeps[CHUNK_SLEEPS];
} SleepChunk;

static void count(Runtime *rt, int64_t bytes) {
  gc_external_hold(rt->isolate->heap, bytes);
}

static SleepChunk *chunk_with_room(Runtime *rt) {
  SleepChunk *chunk = (SleepChunk *)rt->io->sleeps;
  if (likely(chunk != NULL)) return chunk;
  chunk = malloc(sizeof *chunk);
  if (chunk == NULL) return NULL;
  chunk->slab = (Slab){0};
  slab_link(&rt->io->sleeps, &chunk->slab);
  count(rt, sizeof *chunk);
  return chunk;
}

IoRequest *rt_sleep_new(Runtime *rt) {
  SleepChunk *chunk = chunk_with_room(rt);
  if (chunk == NULL) return NULL;
  Sleep *sleep =
      slab_take(&chunk->slab, chunk->sleeps, sizeof(Sleep), CHUNK_SLEEPS);
  memset(sleep, 0, sizeof *sleep);
  IoRequest *request = (IoRequest *)(void *)sleep;
  request->timer.place = (uint16_t)(sleep - chunk->sleeps);
  return request;
}

static void free_chunk(Runtime *rt, SleepChunk *chunk) {
  count(rt, -(int64_t)sizeof *chunk);
  free(chunk);
}

void rt_sleep_free(Runtime *rt, IoRequest *request) {
  Slab **roomy = &rt->io->sleeps;
  Sleep *sleep = (Sleep *)(void *)request;
  SleepChunk *chunk = (SleepChunk *)((uintptr_t)(sleep - request->timer.place) -
                                     offsetof(SleepChunk, sleeps));
  if (!slab_give(roomy, &chunk->slab, sleep, CHUNK_SLEEPS) ||
      slab_is_only_one(roomy, &chunk->slab))
    return;
  slab_unlink(&chunk->slab);
  free_chunk(rt, chunk);
}

void rt_sleeps_free(Runtime *rt) {
  if (rt->io->sleeps != NULL) free_chunk(rt, (SleepChunk *)rt->io->sleeps);
  rt->io->sleeps = NULL;
}
