// SPDX-License-Identifier: MIT
// Between worker.c (where tasks run) and workers.c (those who spawn). A spawned
// function is a task of the set's executor: any worker may take it until it has
// begun; from there on it is pinned to that worker, for its state is in the
// worker's Runtime, and the task waits for the function's end.
#ifndef RILL_RUNTIME_TASKS_TASKS_INTERNAL_H
#define RILL_RUNTIME_TASKS_TASKS_INTERNAL_H

#include "rill/task.h"
#include "runtime/tasks/task_names.h"
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

// The future of its executor task, which lives as long as there are references.
struct SpawnedTask {
  rill_future future;
  struct WorkerSet *set;
  rill_join *join; // until the last reference goes
  uint64_t parent; // the id of the task whose scope it is in; 0: none
  _Atomic uint32_t references; // handle, executor, way back
  _Atomic uint32_t state;      // TaskState; written under the set's lock
  _Atomic bool aborted;
  _Atomic bool aborted_again; // its finally blocks are not waited for
  TaskOutcome outcome;
  struct TaskHome *home;       // a reference
  struct ScriptWorker *worker; // under the set's lock; NULL: none yet
  rill_waker waker;            // of its executor task; under the set's lock
  SpawnedTask *next;           // in the home's inbox
  Clone call, result;
  uint64_t span; // trace/events.h; 0: none
  // Home's thread.
  bool settled;
  SpawnedTask *previous_pending, *next_pending; // until it is settled
  GcRoot promise, reason;
  // Worker's thread: among its running tasks, and what it awaits.
  SpawnedTask *previous_running, *next_running;
  GcRoot awaited;
  struct HostObject *link; // what the reaction to its end has; or NULL
  GcRoot handles;          // an Array of what it got of rill:sync
  bool is_stopped;         // was told that it is aborted
};

// Where results come back to: the runtime that spawned. Outlives it as long as
// tasks refer to it.
typedef struct TaskHome {
  _Atomic uint32_t references;
  uv_mutex_t lock;
  bool closed;                     // under the lock, like:
  SpawnedTask *inbox, *inbox_last; // ended tasks, a reference each
  bool ends;                       // a worker ended the program:
  int exit_code;
  struct ScriptFuture *woken; // to be polled (futures.c), a reference each
  Runtime *runtime;           // home's thread only, like:
  uv_async_t wake;
  SpawnedTask *pending; // tasks whose promise is not settled
  GcRoot last_name;     // of the last task that was spawned, and as its set
  const char *last_name_text; // has it
  struct ScriptFuture *futures;
  uint32_t keeping; // what the loop stays alive for
} TaskHome;

// What a worker of the executor has for scripts.
typedef struct ScriptWorker {
  struct WorkerSet *set;
  Runtime *runtime; // under the set's lock: NULL before it is made and later
  // The thread's own.
  bool failed;                  // there will be no runtime
  uint64_t last_look;           // at the loop's events, by uv_hrtime
  uint32_t transfers;           // results that have a transfer list
  SpawnedTask *running;         // all that are not over
  SpawnedTask *_Atomic current; // the one whose function is being called
} ScriptWorker;

typedef struct WorkerSet {
  uv_mutex_t lock;
  RuntimeOptions options;
  TaskHome *main; // of the program's runtime: uncaught errors and exits
  rill_executor *executor;
  _Atomic bool stopping;     // under the lock
  TaskNames names;           // under the lock
  _Atomic uint32_t queued;   // tasks that have not begun
  _Atomic uint32_t runtimes; // that were made
  uint32_t limit;
  ScriptWorker *workers; // one for each of the executor's
} WorkerSet;

// The runtime's, made on first use. NULL: out of memory or resources.
TaskHome *rt_task_home(Runtime *);
// One more thing that the loop stays alive for, or (-1) one less.
void rt_task_home_keep(TaskHome *, int change);
TaskHome *rt_task_home_retain(TaskHome *);
void rt_task_home_release(TaskHome *);
// Ends the home's program, with an exit code.
void rt_task_home_end(TaskHome *, int code);
static inline void rt_task_retain(SpawnedTask *task) {
  atomic_fetch_add_explicit(&task->references, 1, memory_order_relaxed);
}
// Hands a reference of the task to its home.
void rt_task_post(SpawnedTask *);
extern const rill_future_type rt_spawned_task_type;
// The id of the spawned task that the running script belongs to; 0: none.
uint64_t rt_worker_running_id(Runtime *);
// Aborts what a task's scopes have spawned from this runtime.
void rt_tasks_abort_children(Runtime *, uint64_t parent);
// Ends what a worker has for scripts, on its thread, when that ends.
void rt_worker_stop(void *set, uint32_t index);
// Under the set's lock, by whoever ends or aborts a task: it is polled.
void rt_task_wake(SpawnedTask *);

// Closes the ends of channels in an Array of what a task got of rill:sync, or
// undefined.
void rt_task_close_channels(Value handles);

#endif
