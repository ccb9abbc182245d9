// SPDX-License-Identifier: MIT
// Between worker.c (where tasks run) and workers.c (those who spawn). A spawned
// function is a task of the set's executor: any worker may take it until it has
// begun; from there on it is pinned to that worker, for its state is in the
// worker's Runtime, and the task waits for the function's end.
#ifndef RILL_RUNTIME_TASKS_TASKS_INTERNAL_H
#define RILL_RUNTIME_TASKS_TASKS_INTERNAL_H

#include "rill/task.h"
#include "runtime/executor/loop_waker.h"
#include "runtime/tasks/task_functions.h"
#include "runtime/tasks/task_names.h"
#include "runtime/tasks/task_table.h"
#include "runtime/tasks/workers.h"
#include "runtime/web/structured_clone.h"

typedef enum {
  TASK_QUEUED,
  TASK_RUNNING,
  TASK_ENDED, // the result is on its way or there
} TaskState;
typedef enum {
  TASK_RETURNED,
  TASK_THREW,
  TASK_ABORTED,
  TASK_FAILED, // the worker ran out of memory
} TaskOutcome;

// The future of its executor task. The home's thread has the task's join handle
// until it is settled, so that this lives until then and until the executor has
// dropped it; a hundred thousand may wait: each byte counts.
enum { PLAIN_ARGUMENTS = 3 };
struct SpawnedTask {
  rill_future future;
  struct TaskHome *home; // lives as long as the set
  uint64_t parent;       // the id of the task whose scope it is in; 0: none
  _Atomic uint8_t state; // TaskState: who moves it on from QUEUED has the call
  uint8_t outcome;       // TaskOutcome
  _Atomic bool aborted;
  _Atomic bool aborted_again; // its finally blocks are not waited for
  bool is_stopped;            // worker: was told that it is aborted
  bool waits_for_children;    // worker: it was stopped, and runs no more
  bool has_reason;            // home: of its abort
  bool has_clone;             // of its call, then of its result
  uint16_t worker;            // that runs it, from RUNNING on
  uint8_t argument_count;     // of a plain call
  uint32_t handle_slot;       // in the home's table: its JoinHandle
  uint32_t reason_slot;       // in the home's table
  // While it runs, in the worker's table: the promise of its function, or its
  // fiber; UINT32_MAX: none.
  uint32_t awaited_slot;
  union {
    const TaskFunction *function; // of a plain call until it has begun, or NULL
    SpawnedTask *next;            // in the home's inbox
  };
  // A call or a result is a Clone, or values that mean the same in every
  // isolate: plain arguments of a function that needs nothing but its code.
  union {
    Value values[PLAIN_ARGUMENTS];
    struct {
      Clone *clone;
      // While it runs, in the worker's table: an Array of what it got of
      // rill:sync; UINT32_MAX: none.
      uint32_t channels_slot;
    };
  };
};

// One that is traced.
typedef struct TracedTask {
  SpawnedTask task;
  uint64_t span; // trace/events.h; 0: none any more
} TracedTask;

// What script has of a task: a promise with more behind it. The JoinHandle of
// rill:task is its prototype.
typedef struct JoinHandle {
  Promise promise; // PROMISE_OF_HOST
  // The address of its task or, once it is settled, the number of its name
  // (task_names.h), the task's id, and this bit.
  uint64_t identity;
} JoinHandle;
enum { HANDLE_IS_SETTLED = 1, HANDLE_NAME_BITS = 15 };
// NULL: it is settled.
static inline SpawnedTask *rt_handle_task(const JoinHandle *handle) {
  uint64_t identity = handle->identity;
  return identity & HANDLE_IS_SETTLED ? NULL
                                      : (SpawnedTask *)(uintptr_t)identity;
}
uint64_t rt_handle_id(const JoinHandle *);
// Of the set's names, or NULL.
const char *rt_handle_name(Runtime *, const JoinHandle *);

// Where results come back to: the runtime that spawned. Outlives it as long as
// futures refer to it and the set is there.
typedef struct TaskHome {
  _Atomic uint32_t references;
  // Ended tasks, the last one first; &closed_inbox: the home takes no more.
  SpawnedTask *_Atomic inbox;
  // The thread looks into the inbox before it waits: nobody need wake it.
  _Atomic bool awake;
  uv_mutex_t lock;
  _Atomic bool ends; // a worker ended the program:
  int exit_code;     // under the lock, like:
  bool closed;
  struct ScriptFuture
      *_Atomic woken; // to be polled (futures.c), a reference each
  Runtime *runtime;   // home's thread only, like:
  LoopWaker *wake;
  struct TaskHome *next_of_set; // under the set's lock
  struct WorkerSet *set;        // that has a reference; NULL: nothing spawned
  TaskTable table; // tasks that are not settled, and reasons of aborts
  FunctionCache functions;
  struct ScriptFuture *futures;
  uint32_t keeping; // what the loop stays alive for
} TaskHome;

// What a worker of the executor has for scripts.
typedef struct ScriptWorker {
  struct WorkerSet *set;
  Runtime *runtime; // under the set's lock: NULL before it is made and later
  // The thread's own.
  bool failed;              // there will be no runtime
  uint64_t last_look;       // at the loop's events, by uv_hrtime
  uint64_t last_abort_look; // whether an abort waits
  uint32_t looks_held_up;   // in turn that found one held up by nobody's code
  uint32_t transfers;       // results that have a transfer list
  TaskTable running;        // tasks that are not over
  uint32_t waiting;         // of them, for their children
  GcHandle *codes;          // by TaskFunction.index: Code, or Function
  uint32_t code_count;
  SpawnedTask *polled;                 // whose poll this is
  SpawnedTask *_Atomic current;        // the one whose function is being called
  _Alignas(64) _Atomic uint64_t begun; // tasks, by this thread alone
} ScriptWorker;

typedef struct WorkerSet {
  uv_mutex_t lock;
  RuntimeOptions options;
  TaskHome *main; // of the program's runtime: uncaught errors and exits
  rill_executor *executor;
  _Atomic bool stopping;     // under the lock
  TaskNames names;           // under the lock
  TaskFunctions functions;   // under the lock
  TaskHome *homes;           // under the lock
  _Atomic uint32_t runtimes; // that were made
  uint32_t limit;
  ScriptWorker *workers;                 // one for each of the executor's
  _Alignas(64) _Atomic uint64_t spawned; // but for those aborted in the queue
} WorkerSet;

// The runtime's, made on first use. NULL: out of memory or resources.
TaskHome *rt_task_home(Runtime *);
// One more thing that the loop stays alive for, or (-1) one less.
void rt_task_home_keep(TaskHome *, int change);
TaskHome *rt_task_home_retain(TaskHome *);
void rt_task_home_release(TaskHome *);
// Ends the home's program, with an exit code.
void rt_task_home_end(TaskHome *, int code);
// Frees the call, of a task that was taken from the queue.
void rt_task_drop_call(SpawnedTask *);
// A name for tasks, which lives as long as the set. NULL: it is empty, or one
// too many.
const char *rt_task_name_for(Runtime *, String *name);
// Hands an ended task back to its home.
void rt_task_post(SpawnedTask *);
extern const rill_future_type rt_spawned_task_type, rt_traced_task_type;
static inline uint64_t *rt_task_span(SpawnedTask *task) {
  bool is_traced = unlikely(task->future.type == &rt_traced_task_type);
  return is_traced ? &((TracedTask *)task)->span : NULL;
}
// The id of the spawned task that the running script belongs to; 0: none.
uint64_t rt_worker_running_id(Runtime *);
// Aborts what a task's scopes have spawned from this runtime; `again`: what was
// aborted before, too. True: there is some that has not ended.
bool rt_tasks_abort_children(Runtime *, uint64_t parent, bool again);
bool rt_tasks_have_child(Runtime *, uint64_t parent);
// A child of the task, by its id, has ended or was let go of.
void rt_worker_child_ended(Runtime *, uint64_t parent);
// Ends what a worker has for scripts, on its thread, when that ends.
void rt_worker_stop(void *set, uint32_t index);
// It is polled again. Whoever calls has its join handle, or is its worker.
void rt_task_wake(SpawnedTask *);

// The innermost async function that somebody who awaits the promise waits in,
// or that a root waits in, has what it awaits replaced by the reason
// (undefined: an AbortError), so that its finally blocks run. An I/O operation
// that it awaits is cancelled. False: the wait is for something else, or over.
bool rt_stop_await(Isolate *, Value awaited, Value reason);
// What a task ends with that was aborted without a reason.
Value rt_task_abort_error(Isolate *);

// Closes the ends of channels in an Array of what a task got of rill:sync, or
// undefined.
void rt_task_close_channels(Value handles);

#endif
