// SPDX-License-Identifier: MIT
// The worker set of a program: its executor, whose workers run functions that
// isolates of the program spawn, and what each of them has for that. It is made
// by the first spawn, with as many workers as RuntimeOptions.workers, the
// environment's RILL_WORKERS or the processors say, and ends with the program's
// runtime. A worker makes its Runtime when it takes the first function.
//
// A function and its arguments travel as a Clone, its result comes back as one.
// What tasks leave behind in a worker (globals, modules) the next ones find
// there.
#ifndef RILL_RUNTIME_TASKS_WORKERS_H
#define RILL_RUNTIME_TASKS_WORKERS_H

#include "runtime/runtime.h"

typedef struct SpawnedTask SpawnedTask;

// A call that is to be made on another thread.
typedef struct TaskSpawn {
  Value function;
  Array *arguments;
  Array *transfer;   // or NULL
  Value name;        // undefined: the function's
  bool is_scoped;    // it ends when the task that spawns it is aborted
  Object *prototype; // of the handle
} TaskSpawn;
// A promise that is settled by the call's end. NULL: threw (a DataCloneError,
// or resources).
struct JoinHandle *rt_task_spawn(Runtime *, const TaskSpawn *) VM_CHECKED;
// onStop(promise, stop) of rill:internal/promise: when a task is aborted that
// awaits the promise, alone, stop(reason) is called as a job, which has to
// reject it.
Value rt_on_stop(Isolate *, const NativeCall *);
// That of its executor task.
uint64_t rt_task_id(const SpawnedTask *);
const char *rt_task_name_of(const SpawnedTask *);
Promise *rt_task_promise(const SpawnedTask *);
// Those that were spawned from here and are not settled: calls back, in no
// order, until the callback returns false, which is returned; aborts all.
bool rt_tasks_visit(Runtime *, bool (*)(void *data, const SpawnedTask *),
                    void *data);
void rt_tasks_abort(Runtime *, Value reason);
// Ends a task that is not settled: its promise is rejected with the reason, or
// with an AbortError if that is undefined, once it has stopped. Script that
// runs is interrupted, and what awaits is given up. On the thread that spawned
// it.
void rt_task_abort(SpawnedTask *, Value reason);
// It ends with no other task any more.
void rt_task_detach(SpawnedTask *);
// Before the runtime's loop waits: takes what has come back. rt->tasks is
// there.
void rt_tasks_before_wait(Runtime *);
// Nobody goes on calling the loop: who brings something back wakes it.
void rt_tasks_not_awake(Runtime *);
// Of the set, which is made if there is none. NULL: out of memory or threads.
rill_executor *rt_workers_executor(Runtime *);
// The most threads that the set has.
uint32_t rt_workers_limit(Runtime *);
// Workers that have a Runtime.
uint32_t rt_workers_running(Runtime *);
// Tasks that no worker has taken yet.
uint32_t rt_workers_queued(Runtime *);
// INTERRUPT_HOST: false if what runs belongs to a task that was aborted.
bool rt_workers_on_interrupt(Runtime *);
// What the function of the running task is now, as the hook root_changed has
// it.
void rt_worker_root_changed(Runtime *, Value root);
// Some task that was spawned from here has not ended.
bool rt_tasks_are_pending(const Runtime *);
// What tasks and futures keep the loop alive by; NULL: nothing yet.
const uv_handle_t *rt_tasks_handle(const Runtime *);
// Tasks spawned here, and futures of rill:sync, that are not settled.
uint32_t rt_tasks_pending(const Runtime *);
// A result of the running worker has a transfer list.
void rt_workers_note_transfer(Runtime *);
// Ends the workers of a program's runtime, and takes no more results.
void rt_workers_close(Runtime *);
// Once the loop is closed.
void rt_workers_free(Runtime *);

#endif
