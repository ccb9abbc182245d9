// SPDX-License-Identifier: MIT
// Diagnosis of a running process: all its Runtimes are registered, and any
// thread can have snapshots of all of them (snapshot.h). An isolate makes its
// own at the next safepoint or turn of its loop; one that does not come there
// in time is looked at from outside.
//
// Locks: `collecting` (one collects at a time), then the registry's. An
// isolate's thread that waits for one of them goes on answering the others.
#ifndef RILL_TRACE_TRACE_H
#define RILL_TRACE_TRACE_H

#include "runtime/trace/snapshot.h"
#include "runtime/web/text_buffer.h"

typedef struct RuntimeTrace {
  struct RuntimeTrace *next, **link; // registry
  Runtime *rt;
  uint32_t number;
  // Another thread wants a snapshot (the registry's lock, but the flag).
  _Atomic bool wanted;
  TraceSnapshot *answer;
  _Atomic bool thread_wanted; // a signal waits for the thread that dumps
  // The turn: one callback of the loop and its jobs. Only while it is watched
  // (watchdog.h) or measured.
  _Atomic bool watched;        // the isolate's thread reads it
  _Atomic uint64_t turn_began; // nanoseconds; 0: polls, or is not watched
  _Atomic bool stall_wanted;   // the watchdog asks what runs
  _Atomic uint64_t stall_told; // the turn that was told, by its beginning
  _Atomic uint64_t turns;      // that have begun
  uint64_t stall_asked, stall_asked_at; // the watchdog's own
  char stall_name[160];                 // of the task that was told
  struct Stall *stall;                  // answer; the registry's lock
  struct Accounts *accounts;            // NULL: tasks are not measured
} RuntimeTrace;

// rt_new and rt_free. False: out of memory.
bool trace_register(Runtime *);
void trace_unregister(Runtime *); // others do not find it any more
void trace_free(Runtime *);
// Its number, and what it is for people: "main", "worker", "isolate".
void trace_name_of(const Runtime *, uint32_t *number, char *name, size_t size);

// Answers what other threads want to know. On the isolate's thread, at a
// safepoint or with the isolate entered outside of script.
void trace_answer(Runtime *);
static inline bool trace_is_asked(const Runtime *rt) {
  return atomic_load_explicit(&rt->trace->wanted, memory_order_relaxed) ||
         atomic_load_explicit(&rt->trace->stall_wanted, memory_order_relaxed) ||
         atomic_load_explicit(&rt->trace->thread_wanted, memory_order_relaxed);
}

// Snapshots of all isolates, in the order they were made, and the rings of
// tasks that wait for each other. `self`: of the calling thread, entered; NULL:
// the thread has none. NULL: out of memory.
TraceSnapshot *trace_collect(Runtime *self);

// Calls back for each registered runtime, under the registry's lock: it can
// not be freed meanwhile.
void trace_each(void (*)(void *data, RuntimeTrace *), void *data);

// The signal that dumps (signal.c) --------------------------------------------

// rill_dump_on_signal for the program, whose main runtime this is: the thread
// is started by the first signal, with the help of the isolate.
bool trace_dump_on_signal(Runtime *);
// Starts that thread, if it is yet to be: the isolate cannot be asked while it
// is in native code that may block for long.
void trace_expect_blocking(void);
// The runtime goes away.
void trace_forget_starter(RuntimeTrace *);

// Rings of tasks (cycles.c) --------------------------------------------------

typedef struct TraceRing {
  struct TraceRing *next;
  uint32_t count;
  struct TraceRingMember {
    const TraceSnapshot *snapshot;
    const TraceTask *task;
  } members[]; // each waits for the next one, the last for the first
} TraceRing;
// NULL: none, or out of memory. They point into the snapshots.
TraceRing *trace_find_rings(const TraceSnapshot *);
void trace_rings_free(TraceRing *);

// Forms (text.c, json.c) -----------------------------------------------------

// "#3", or "2:#3" for an isolate that is not the first.
void trace_append_id(TextBuffer *, const TraceSnapshot *, const TraceTask *);
void trace_append_text(TextBuffer *, const TraceSnapshot *, const TraceRing *);
void trace_append_json(TextBuffer *, const TraceSnapshot *, const TraceRing *);
void trace_append_frame(TextBuffer *, const TraceFrame *);
void trace_append_ring(TextBuffer *, const TraceRing *);
// The executors' tasks (executors.c), those of C.
void trace_append_executors_text(TextBuffer *);
void trace_append_executors_json(TextBuffer *);
// A whole dump; false: out of memory.
bool trace_dump(Runtime *self, bool json, TextBuffer *out);

// JSON texts.
void trace_append_quoted(TextBuffer *, const char *utf8);
void trace_append_format(TextBuffer *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Somebody looks: isolates measure their tasks from their next snapshot on.
extern _Atomic bool trace_tasks_are_measured;
// Takes the socket's name away; for a signal's handler.
void trace_inspect_unlink(void);

// A detached thread that takes no signals. False: there is none.
bool trace_start_thread(void *(*)(void *));

#endif
