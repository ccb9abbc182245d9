// SPDX-License-Identifier: MIT
// What runtime/ beyond the executor uses of a worker's insides: giving it a
// loop to drive, and pinning. Everything here is for the worker's own thread.
#ifndef RILL_EXECUTOR_REACTOR_H
#define RILL_EXECUTOR_REACTOR_H

#include <uv.h>

#include "rill/task.h"

// A loop that is the worker's reactor. `ran` is called after each round, when
// callbacks may have left something to be done.
typedef struct ReactorGuest {
  uv_loop_t *loop;
  void (*ran)(void *data);
  void *data;
  struct Worker *worker; // that drives it
} ReactorGuest;

// The worker whose thread calls drives the guest's loop from now on, and sleeps
// in it. Its own handles there do not keep the loop alive. 0 or a libuv error;
// UV_EBUSY: it has a loop already. The guest is kept by reference.
int exec_reactor_host(ReactorGuest *);
// The same for a current_thread executor that nobody drives yet.
int exec_reactor_host_on(rill_executor *, ReactorGuest *);
// Ends it, if it was begun. The loop must be run once more, for the worker's
// handles to close.
void exec_reactor_leave(ReactorGuest *);

// Drives a current_thread executor on the calling thread, or goes on driving
// the worker that is calling: turns, until one is followed by false of
// `go_on`. A turn is the tasks that are ready, or, if there are none, one round
// of the loop, which waits for an event. Nothing if another thread drives it.
void exec_reactor_drive(rill_executor *, bool (*go_on)(void *data), void *data);
// The same for one turn whose round of the loop somebody else makes, by calling
// uv_run: `round`, if no task was ready. Its result, or true.
bool exec_reactor_turn_by(rill_executor *, bool (*round)(void *data),
                          void *data);
// rill_executor_shutdown, whatever the calling thread is doing: it may be a
// worker, of another executor or of this current_thread one.
rill_status exec_reactor_stop(rill_executor *, const rill_shutdown *);

// The guest tells when its loop begins to wait for events, as the last thing it
// does before, and when callbacks begin to run. Nothing outside of a worker.
void exec_reactor_waits(void);
void exec_reactor_runs_callbacks(void);

// Lean tasks are in memory of the caller's, which gets it back by `freed`, on
// any thread. Nobody joins one, and scopes that are opened within it are not
// its own. No member of its future is aligned more than a pointer.
typedef struct ExecLeanType {
  rill_future_type future;
  void (*freed)(rill_future *);
} ExecLeanType;
// Spawning in two steps: places it in so many bytes, aligned as a pointer is,
// with a name that outlives the executor (NULL: the type's), and gives the
// future, zeroed but for its type (NULL: out of memory); and starts the task
// (false: the executor is shut down). One that was not started is abandoned:
// its future is not dropped, nor is it `freed`.
size_t exec_lean_bytes(const ExecLeanType *);
rill_future *exec_lean_place(rill_executor *, void *memory,
                             const ExecLeanType *, const char *name);
bool exec_lean_start(rill_future *);
void exec_lean_abandon(rill_future *);
uint64_t exec_lean_id(const rill_future *);

// By a worker: a task pinned to it that is neither listed nor counted. NULL:
// out of memory, or the executor is shut down.
rill_join *exec_spawn_unlisted(const rill_future *);
// The task is polled again. Any thread that has the join handle.
void exec_join_wake(rill_join *);

// What began as tasks of the executor and waits without being any more, to be
// listed and counted with its tasks. Any thread may ask.
typedef struct ExecLodgers {
  uint64_t (*count)(void *data);
  void (*each)(void *data, void (*)(void *, const rill_task_info *),
               void *of_callback);
  void *data;
} ExecLodgers;
// Kept by reference as long as the executor is there.
void exec_set_lodgers(rill_executor *, const ExecLodgers *);

// Polls outside of a task, or within one for somebody else: the future may
// sleep and spawn there.
rill_poll exec_poll_within(rill_executor *, rill_future *, rill_context *);

// The poll was long: the worker looks at events before it takes another task.
void exec_look_soon(void);

#endif
