// SPDX-License-Identifier: MIT
// What a program is doing: for each isolate its tasks, what they wait for and
// where. Plain memory of one arena, made on the isolate's own thread and read
// by any other afterwards.
//
// A task of an isolate is an async activation that no other one awaits: a
// function called without await, the function of a spawned task, a request's
// handler, a module. Its stack goes from where the innermost one waits through
// the awaiting callers. Nothing is recorded for that while the program runs:
// the isolate's heap is looked through when somebody asks. Tasks with the same
// stack that wait for the same kind of thing are told once, with their number.
#ifndef RILL_TRACE_SNAPSHOT_H
#define RILL_TRACE_SNAPSHOT_H

#include "runtime/runtime.h"
#include "vm/objects/host_object.h"
#include "vm/syntax/arena.h"

typedef enum TraceState {
  TRACE_RUNNING,
  TRACE_READY,
  TRACE_WAITING,
} TraceState;
extern const char *const trace_state_names[];

typedef enum TraceWaitKind {
  TRACE_WAIT_NONE,
  TRACE_WAIT_PROMISE, // nothing is known of who settles it
  TRACE_WAIT_TASK,    // the result of another task
  TRACE_WAIT_SLEEP,
  TRACE_WAIT_TIMER,
  TRACE_WAIT_FILE,
  TRACE_WAIT_NET,
  TRACE_WAIT_LOCK,
  TRACE_WAIT_CHANNEL,
  TRACE_WAIT_OTHER,
} TraceWaitKind;
extern const char *const trace_wait_names[];

typedef struct TraceFrame {
  const char *function; // "" if it has no name
  const char *file;
  uint32_t line, column;
  bool is_async; // it awaits the one before
} TraceFrame;

typedef struct TraceTask {
  struct TraceTask *next;
  uint64_t id; // in its isolate; 0: what runs has none
  TraceState state;
  const char *kind; // "main", "module", "spawn", "http", "setTimeout",
                    // "setInterval", "async", "callback"
  const char *name;
  uint32_t alike; // tasks that this one stands for, itself included
  TraceWaitKind wait;
  double due;              // of a timer: milliseconds; negative: it is none
  const char *waits_for;   // "" while it does not wait
  uint64_t waits_for_task; // id in the same isolate; 0: none
  // Identities of what it waits for, what it is the result of, and what it
  // holds; NULL: none. They are the same for all isolates.
  const void *wait_resource, *identity;
  const void **holds;
  uint32_t hold_count;
  TraceFrame *frames;
  uint32_t frame_count;
  // While tasks are measured (accounts.h):
  bool measured;
  uint64_t polls, busy_ns, age_ns, idle_ns, wakes_of_itself;
  const uint32_t *poll_times; // TRACE_POLL_BUCKETS
} TraceTask;

typedef struct TraceGraph TraceGraph;
typedef struct TraceSnapshot {
  struct TraceSnapshot *next;
  Arena arena;
  bool failed;          // out of memory: something is missing
  uint32_t isolate;     // its number in this process, from 1
  char name[32];        // "main", "worker 2"
  uint64_t thread;      // of the system
  const char *activity; // "running", "idle", or "did not answer: ..."
  TraceTask *tasks;     // in the order they began
  uint32_t task_count;  // with those that are told once
  uint64_t timers, handles, jobs;
  uint64_t heap_bytes, gc_cycles;
  double gc_pause_max_us, gc_pause_total_us;
  double busy_percent; // since the last snapshot; negative: not measured
} TraceSnapshot;

// On the isolate's thread, at a safepoint or outside of script. It runs no
// script. NULL: out of memory.
TraceSnapshot *trace_snapshot_new(Runtime *);
// Of an isolate that does not answer: its frames, read without its help. Any
// thread; the runtime must be registered meanwhile.
TraceSnapshot *trace_snapshot_from_outside(Runtime *);
// Only what runs, without looking at the heap.
TraceSnapshot *trace_snapshot_of_running(Runtime *);
// The outermost of the frames that is the program's own.
const char *trace_callback_name(const TraceFrame *, uint32_t count);
void trace_add_outside_frames(TraceSnapshot *, Runtime *); // outside.c
void trace_snapshot_free(TraceSnapshot *); // and those that follow

// Text in the snapshot's memory.
const char *trace_text(TraceSnapshot *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Who settles what: filled by the parts of the runtime that hold promises and
// parked fibers, each for its own, before a snapshot is made.
typedef struct TraceWait {
  TraceWaitKind kind;
  const void *resource; // NULL: none
  const char *text;
} TraceWait;
typedef void (*TraceDescribe)(TraceSnapshot *, Runtime *, const void *object,
                              const char *note, TraceWait *out);
// `waiter` is a pending promise or a parked fiber that belongs to `object`. The
// note is kept by reference.
void trace_add_wait(TraceGraph *, uint64_t waiter, TraceDescribe,
                    const void *object, const char *note);

// Timers of scripts that call a function: each is a task of its own.
void rt_timers_list_tasks(Runtime *,
                          void (*each)(void *data, const char *kind,
                                       Value function, double left),
                          void *data); // program/timers.c

// One of these for each part of the runtime that settles promises:
void rt_requests_list_waits(Runtime *, TraceGraph *); // io/request.c
void rt_timers_list_waits(Runtime *, TraceGraph *);   // program/timers.c
void rt_futures_list_waits(Runtime *, TraceGraph *);  // tasks/futures.c
void rt_tasks_list_waits(Runtime *, TraceGraph *);    // tasks/workers.c
void rt_network_list_waits(Runtime *, TraceGraph *);  // io/net/waits.c

// Who waits natively for the end of a task knows what it is for: a spawned
// function, a request. False: it is not this part's callback.
typedef struct TraceRoot {
  const char *kind, *name;
  const void *identity;
} TraceRoot;
bool rt_tasks_describe_root(TraceSnapshot *, Runtime *, PromiseCallback,
                            Value data, TraceRoot *); // tasks/worker.c
// The same of a fiber that nobody waits for natively.
bool rt_tasks_describe_fiber(Runtime *, const Fiber *, TraceRoot *);
bool http_describe_root(TraceSnapshot *, Runtime *, PromiseCallback, Value data,
                        TraceRoot *); // io/http/connection.c
// The lock that a host object is held by (rill:sync's Guard), or NULL; and the
// task that took it, 0: unknown.
const void *rt_held_lock(const HostObject *, uint64_t *task);
// The number of the task that a fiber belongs to.
uint64_t trace_task_of(Fiber *);

#endif
