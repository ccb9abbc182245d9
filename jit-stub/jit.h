// SPDX-License-Identifier: MIT
// Background compilation: hot code goes through a queue to the compile thread,
// which makes better bytecode of it. See docs/decisions/0003-compile-queue.md.
//
// The one compile thread belongs to the process and lives as long as isolates
// are attached. It sees templates and snapshots only, never a cell of a heap.
#ifndef RILL_JIT_STUB_JIT_H
#define RILL_JIT_STUB_JIT_H

#include "vm/objects/isolate.h"

typedef struct JitOptions {
  bool trace; // lines about each step to standard error
  // For tests: every function is compiled at its first call or back-edge, on
  // the isolate's own thread.
  bool stress;
} JitOptions;

// Gives the isolate a compile queue, until it is freed. False: out of memory or
// threads; the isolate then runs baseline code. On the isolate's thread.
bool jit_attach(Isolate *, const JitOptions *) VM_CHECKED;

typedef struct JitStatistics {
  uint32_t queued, compiled, abandoned, installed, entered, deoptimized;
  uint64_t compile_nanoseconds;
} JitStatistics;
// Of an attached isolate; on its thread.
JitStatistics jit_statistics(const Isolate *);

// For those who trace: called for each job that the compile thread has done;
// NULL: no more. Times in nanoseconds of CLOCK_MONOTONIC.
typedef void (*JitObserver)(const struct Template *, bool optimized,
                            uint64_t began, uint64_t nanoseconds);
void jit_observe(JitObserver);

#endif
