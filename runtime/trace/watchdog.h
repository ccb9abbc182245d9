// SPDX-License-Identifier: MIT
// The watchdog: a thread that tells of turns of isolates, and of polls of the
// executors' tasks, that take too long, while they go on; and of tasks that
// wait for each other in a ring, once each.
//
// A turn is one callback of the loop with the jobs after it, or the program's
// first evaluation. The isolate itself says what it runs, at its next
// safepoint; if there is none within a few milliseconds, it is in native code,
// and its frames, which stand still, are read from outside.
#ifndef RILL_TRACE_WATCHDOG_H
#define RILL_TRACE_WATCHDOG_H

#include "rill/trace.h"
#include "runtime/trace/trace.h"

typedef struct Stall {
  uint64_t turn;   // by its beginning
  char name[160];  // of the task
  TextBuffer text; // its frames
} Stall;
// What runs now; on the isolate's thread. NULL: out of memory.
Stall *trace_stall_new(Runtime *);
void trace_stall_free(Stall *); // may be NULL

// A runtime was registered: watches it if the watchdog is on.
void trace_watch_runtime(RuntimeTrace *);
// Makes the runtime say when its turns begin and end, from its thread or before
// it runs.
void trace_watch_turns(RuntimeTrace *);

// From the loop, if rt->trace->watched. A turn ends where the next one begins,
// or where the loop polls.
void trace_turn_begins(Runtime *);
void trace_turn_ends(Runtime *);

// Asks the isolate to come to trace_answer.
void trace_ask(RuntimeTrace *);

#endif
