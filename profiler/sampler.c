// SPDX-License-Identifier: MIT
// The sampler thread. See sampler.h for why reading racing frames is safe.
#include "profiler/sampler.h"

#include <stdlib.h>
#include <time.h>

#include "profiler/profile.h"

static uint64_t now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint64_t read_word(const void *address) {
  return __atomic_load_n((const uint64_t *)address, __ATOMIC_RELAXED);
}

// Reads the chain of frames, innermost first. Frames are only followed
// downwards within the register stack: no loop, no stray address.
__attribute__((no_sanitize("thread"))) int
prof_read_frames(const Isolate *iso, ProfFrame *out, int limit_count) {
  uintptr_t low = (uintptr_t)iso->stack_base;
  uintptr_t high = (uintptr_t)iso->stack_limit - sizeof(Frame);
  uintptr_t at = (uintptr_t)read_word(&iso->frame), limit = high;
  int count = 0;
  while (at != 0 && at >= low && at <= limit && (at & 7) == 0 &&
         count < limit_count) {
    const Frame *frame = (const Frame *)at;
    out[count].code = (const Code *)(uintptr_t)read_word(&frame->code);
    out[count].pc = (const Instruction *)(uintptr_t)read_word(&frame->pc);
    if (out[count].code != NULL) count++;
    limit = at - 1;
    at = (uintptr_t)read_word(&frame->caller);
  }
  return count;
}

static void take_sample(Profiler *p, uint32_t delta_us) {
  ProfFrame frames[PROF_MAX_DEPTH];
  int count = prof_read_frames(p->isolate, frames, PROF_MAX_DEPTH);
  if (count == 0) {
    if (!prof_add_sample(p, PROF_IDLE, NULL, delta_us)) {
      p->out_of_memory = true;
    }
    return;
  }
  uint32_t node = PROF_ROOT;
  for (int i = count - 1; i >= 0 && node != UINT32_MAX; i--) {
    node = prof_node(p, node, frames[i].code);
  }
  if (node == UINT32_MAX || !prof_add_sample(p, node, frames[0].pc, delta_us)) {
    p->out_of_memory = true;
  }
}

static void *run_sampler(void *argument) {
  Profiler *p = argument;
  uint64_t last = now_us(), next = last + p->period_us;
  while (!atomic_load_explicit(&p->stopping, memory_order_relaxed)) {
    struct timespec until = {.tv_sec = (time_t)(next / 1000000),
                             .tv_nsec = (long)(next % 1000000) * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    uint64_t now = now_us();
    if (!p->out_of_memory) take_sample(p, (uint32_t)(now - last));
    last = now;
    next += p->period_us;
    if (next < now) next = now + p->period_us; // behind: skip
  }
  p->end_us = now_us();
  return NULL;
}

Profiler *prof_start(Isolate *iso, uint32_t hertz) {
  Profiler *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  p->isolate = iso;
  p->period_us = 1000000 / hertz;
  p->start_us = now_us();
  iso->profiler = p;
  if (!prof_profile_init(p) ||
      pthread_create(&p->thread, NULL, run_sampler, p) != 0) {
    iso->profiler = NULL;
    prof_profile_free(p);
    free(p);
    return NULL;
  }
  return p;
}

void prof_stop(Profiler *p) {
  atomic_store(&p->stopping, true);
  pthread_join(p->thread, NULL);
}

void prof_free(Profiler *p) {
  p->isolate->profiler = NULL;
  prof_profile_free(p);
  free(p);
}
