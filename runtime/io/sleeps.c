// SPDX-License-Identifier: MIT
// Chunks with room are in a list; one that nobody uses is freed, but for the
// last one with room.
#include "runtime/io/sleeps.h"

#include <stdlib.h>
#include <string.h>

enum { SLEEP_BYTES = offsetof(IoRequest, runtime), CHUNK_SLEEPS = 72 };

typedef union Sleep {
  union Sleep *next_free;
  uint64_t words[SLEEP_BYTES / sizeof(uint64_t)]; // of the request
} Sleep;

struct SleepChunk {
  SleepChunk *next, **link; // of those with room
  Sleep *free;
  uint32_t used, untouched; // how many are in use; from where on none was
  Sleep sleeps[CHUNK_SLEEPS];
};

static void count(Runtime *rt, int64_t bytes) {
  gc_external_hold(rt->isolate->heap, bytes);
}

static void link_chunk(IoState *io, SleepChunk *chunk) {
  chunk->next = io->sleeps;
  chunk->link = &io->sleeps;
  if (chunk->next != NULL) chunk->next->link = &chunk->next;
  io->sleeps = chunk;
}

static void unlink_chunk(SleepChunk *chunk) {
  *chunk->link = chunk->next;
  if (chunk->next != NULL) chunk->next->link = chunk->link;
}

static SleepChunk *chunk_with_room(Runtime *rt) {
  SleepChunk *chunk = rt->io->sleeps;
  if (likely(chunk != NULL)) return chunk;
  chunk = malloc(sizeof *chunk);
  if (chunk == NULL) return NULL;
  chunk->free = NULL;
  chunk->used = chunk->untouched = 0;
  link_chunk(rt->io, chunk);
  count(rt, sizeof *chunk);
  return chunk;
}

IoRequest *rt_sleep_new(Runtime *rt) {
  SleepChunk *chunk = chunk_with_room(rt);
  if (chunk == NULL) return NULL;
  Sleep *sleep = chunk->free;
  if (sleep != NULL)
    chunk->free = sleep->next_free;
  else
    sleep = &chunk->sleeps[chunk->untouched++];
  if (++chunk->used == CHUNK_SLEEPS) unlink_chunk(chunk);
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
  IoState *io = rt->io;
  Sleep *sleep = (Sleep *)(void *)request;
  SleepChunk *chunk = (SleepChunk *)((uintptr_t)(sleep - request->timer.place) -
                                     offsetof(SleepChunk, sleeps));
  sleep->next_free = chunk->free;
  chunk->free = sleep;
  if (chunk->used-- == CHUNK_SLEEPS) link_chunk(io, chunk);
  bool is_only_one = io->sleeps == chunk && chunk->next == NULL;
  if (chunk->used > 0 || is_only_one) return;
  unlink_chunk(chunk);
  free_chunk(rt, chunk);
}

void rt_sleeps_free(Runtime *rt) {
  if (rt->io->sleeps != NULL) free_chunk(rt, rt->io->sleeps);
  rt->io->sleeps = NULL;
}
