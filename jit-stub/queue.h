// SPDX-License-Identifier: MIT
// Compile jobs on their way from an isolate to the compile thread and back.
//
// A job is the isolate's until queued, the thread's until done, then the
// isolate's again. `code` is read by the isolate's thread only.
#ifndef RILL_JIT_STUB_QUEUE_H
#define RILL_JIT_STUB_QUEUE_H

#include "jit-stub/ir.h"
#include "jit-stub/jit.h"

typedef struct JitJob JitJob;
struct JitJob {
  JitJob *next;            // in the queue or the done list
  JitJob *next_of_isolate; // all jobs of one isolate, for tracing
  JitQueue *owner;
  Code *code;
  Template *template; // a reference is held
  JitCallee *callees;
  uint64_t *doubles; // a set of registers
  uint32_t doubles_count;
  uint8_t *loads_own; // by cache
  uint8_t *no_guards;
  // Results
  OptimizedCode *optimized; // NULL: abandoned
  char failure[120];
  uint64_t queued_at, nanoseconds;
  uint32_t words_before, words_after;
  uint32_t changes[JIT_MAX_PASSES];
};

struct JitQueue {
  Isolate *isolate;
  JitOptions options;
  JitJob *jobs;      // all that are not installed yet
  JitJob *done;      // guarded by the queue's lock
  bool holds_thread; // since its first job
  JitStatistics statistics;
};

// The calls of a frame's code whose callees are worth inlining (snapshot.c).
// Owned by the caller; on the isolate's thread.
JitCallee *jit_find_callees(Isolate *, const Frame *);
void jit_callees_free(JitCallee *);
// Which caches knew one shape with an own in-object property; owned by the
// caller; NULL: out of memory.
uint8_t *jit_loads_own(const Code *);

// Compiles on the calling thread.
void jit_compile(JitJob *);

// Starts the compile thread if need be. False: there is none, or the queue is
// full.
bool jit_queue_push(JitJob *);
// The jobs that are done; the caller's now.
JitJob *jit_queue_take_done(JitQueue *);
// Waits until the thread runs none of the owner's jobs, takes all of them out
// of its hands, and ends it if nobody else has jobs.
void jit_queue_detach(JitQueue *);

#endif
