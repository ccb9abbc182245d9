// SPDX-License-Identifier: MIT
// One compilation: decode, the passes, encode. Touches the job's template and
// snapshots only.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "jit-stub/queue.h"

const JitPass jit_passes[] = {
    {"inline", jit_pass_inline},           {"copies", jit_pass_copies},
    {"dead stores", jit_pass_dead_stores}, {"jumps", jit_pass_jumps},
    {"fusion", jit_pass_fusion},
};
const uint32_t jit_pass_count = sizeof jit_passes / sizeof *jit_passes;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void compile(JitGraph *g, JitJob *job) {
  if (setjmp(g->arena.escape) != 0) {
    g->failure = "out of memory";
    return;
  }
  if (!jit_decode(g, job->template)) return;
  for (uint32_t i = 0; i < jit_pass_count; i++)
    job->changes[i] = jit_passes[i].run(g);
  jit_mark_reachable(g);
  job->optimized = jit_encode(g, job->template);
}

void jit_compile(JitJob *job) {
  uint64_t start = now();
  JitGraph *g = calloc(1, sizeof *g);
  if (g != NULL) {
    g->callees = job->callees;
    g->doubles = job->doubles;
    g->doubles_count = job->doubles_count;
    g->loads_own = job->loads_own;
    g->no_guards = job->no_guards;
    compile(g, job);
    if (g->failure != NULL)
      snprintf(job->failure, sizeof job->failure, "%s", g->failure);
    jit_arena_free(&g->arena);
    free(g);
  }
  job->words_before = job->template->code_count;
  if (job->optimized != NULL)
    job->words_after = job->optimized->template->code_count;
  job->nanoseconds = now() - start;
}
