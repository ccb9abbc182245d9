// SPDX-License-Identifier: MIT
// Between worker.c (where tasks run) and workers.c (those who spawn). The call
// of a spawned function is a task of the set's executor: any worker may take it
// until it has begun. From there on the function is that worker's, for its
// state is in the worker's Runtime, and no task of the executor any more.
#ifndef RILL_RUNTIME_TASKS_TASKS_INTERNAL_H
#define RILL_RUNTIME_TASKS_TASKS_INTERNAL_H

#include "rill/task.h"
#include "runtime/executor/loop_waker.h"
#include "runtime/tasks/task_blocks.h"
#include "runtime/tasks/task_table.h"
#include "runtime/tasks/workers.h"
#include "runtime/web/structured_clone.h"

// What script has of a task: a promise whose word for the host is the address
// of its task or, once it is settled, the task's identity and another bit. The
// JoinHandle of rill:task is its prototype.
typedef struct JoinHandle {
  Promise promise; // PROMISE_OF_HOST
} JoinHandle;
#define HANDLE_IS_SETTLED (UINT64_C(1) << 62)
// NULL: it is settled.
static inline SpawnedTask *rt_handle_task(const JoinHandle *handle) {
  uint64_t word = handle->promise.host;
  return word & HANDLE_IS_SETTLED
             ? NULL
             : (SpawnedTask *)(uintptr_t)(word & ~PROMISE_HOST_WORD);
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
  TaskBlocks blocks;
  uint32_t unsettled; // tasks
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
  TaskTable running;        // tasks that are not over, and what they have
  uint32_t waiting;         // of them, for their children
  GcHandle *codes;          // by TaskFunction.index: Code, or Function
  uint32_t code_count;
  TaskCall *call;               // whose poll this is
  SpawnedTask *_Atomic current; // the one whose function is being called
  rill_join
      *keeper; // as `runtime`: a task that waits as long as others may run
  SpawnedTask *_Atomic told; // to be stopped; added to under the set's lock
  _Atomic uint64_t lodgers;  // tasks whose call is over, by this thread alone
  _Alignas(64) _Atomic uint64_t begun; // tasks, by this thread alone
} ScriptWorker;

typedef struct WorkerSet {
  uv_mutex_t lock;
  RuntimeOptions options;
  TaskHome *main; // of the program's runtime: uncaught errors and exits
  rill_executor *executor;
  ExecLodgers lodgers;
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
// Frees what a task that was taken from the queue was to be called with.
void rt_task_drop_call(SpawnedTask *);
// A name for tasks, which lives as long as the set. NULL: it is empty, or one
// too many.
const char *rt_task_name_for(Runtime *, String *name);
// Hands an ended task back to its home.
void rt_task_post(SpawnedTask *);
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
// Any thread: what a set's workers have that is no task of its executor.
uint64_t rt_lodgers_count(void *set);
void rt_lodgers_each(void *set, void (*)(void *, const rill_task_info *),
                     void *of_callback);

// The innermost async function that somebody who awaits the promise waits in,
// or that a root waits in, has what it awaits replaced by the reason
// (undefined: an AbortError), so that its finally blocks run. An I/O operation
// that it awaits is cancelled.
typedef enum {
  STOPPED_NOTHING, // the wait is for something else, or over
  STOPPED,
  STOPPED_LATER, // it goes on in a job that is queued: ask again after that
} StoppedAwait;
StoppedAwait rt_stop_await(Isolate *, Value awaited, Value reason);
// What a task ends with that was aborted without a reason.
Value rt_task_abort_error(Isolate *);

// Closes the ends of channels in an Array of what a task got of rill:sync, or
// undefined.
void rt_task_close_channels(Value handles);

#endif
