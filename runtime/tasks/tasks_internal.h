// SPDX-License-Identifier: MIT
// Between worker.c (the threads) and workers.c (those who spawn).
#ifndef RILL_RUNTIME_TASKS_TASKS_INTERNAL_H
#define RILL_RUNTIME_TASKS_TASKS_INTERNAL_H

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

struct SpawnedTask {
  _Atomic uint32_t references; // handle, queue or worker, way back
  _Atomic uint32_t state;      // TaskState; written under the set's lock
  _Atomic bool aborted;
  TaskOutcome outcome;
  struct TaskHome *home; // a reference
  struct Worker *worker; // under the set's lock; NULL: none yet
  SpawnedTask *next;     // in the queue, then in the home's inbox
  Clone call, result;
  // Home's thread.
  bool settled;
  SpawnedTask *previous_pending, *next_pending; // until it is settled
  GcRoot promise, reason;
  // Worker's thread: among its running tasks, and what it awaits.
  SpawnedTask *previous_running, *next_running;
  GcRoot awaited;
  GcRoot handles;  // an Array of what it got of rill:sync
  bool is_stopped; // was told that it is aborted
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
  struct ScriptFuture *futures;
  uint32_t keeping; // what the loop stays alive for
} TaskHome;

typedef struct Worker {
  struct WorkerSet *set;
  uv_thread_t thread;
  Runtime *runtime; // under the set's lock: NULL before it is made and later
  uv_async_t wake;
  bool idle; // under the set's lock: waits for work
  // The thread's own.
  uint32_t transfers;           // results that have a transfer list
  SpawnedTask *running;         // all that are not over
  SpawnedTask *_Atomic current; // the one whose function is being called
} Worker;

typedef struct WorkerSet {
  uv_mutex_t lock;
  RuntimeOptions options;
  TaskHome *main; // of the program's runtime: uncaught errors and exits
  bool stopping;
  SpawnedTask *first, *last; // the queue
  uint32_t limit, started, idle_count;
  Worker **workers;
} WorkerSet;

// The runtime's, made on first use. NULL: out of memory or resources.
TaskHome *rt_task_home(Runtime *);
// One more thing that the loop stays alive for, or (-1) one less.
void rt_task_home_keep(TaskHome *, int change);
TaskHome *rt_task_home_retain(TaskHome *);
void rt_task_home_release(TaskHome *);
// Ends the home's program, with an exit code.
void rt_task_home_end(TaskHome *, int code);
// Hands the task's reference to its home.
void rt_task_post(SpawnedTask *);
// False: no thread.
bool rt_worker_start(WorkerSet *, uint32_t index);

#endif
