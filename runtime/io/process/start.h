// SPDX-License-Identifier: MIT
// Starting a child and noticing its end. Forking copies the tables of all of
// the parent's memory, 0.3 ms for each MB of a busy heap; so a child is started
// by posix_spawn, which shares them until the child's program runs, and its end
// is read from a descriptor of it, without SIGCHLD. What that cannot do goes
// through libuv, which forks.
#ifndef RILL_RUNTIME_IO_PROCESS_START_H
#define RILL_RUNTIME_IO_PROCESS_START_H

#include "runtime/io/process/options.h"

typedef struct ChildWatch {
  pid_t pid;
  int descriptor;  // of the child; -1: libuv reaps it
  bool has_handle; // the handle was initialized, also where starting failed
} ChildWatch;

// handle: room for a uv_poll_t and a uv_process_t; its data is set before. One
// of the callbacks is called on the loop when the child has ended: ended with
// the poll handle, exited by libuv. 0, or a libuv error.
int child_start(uv_loop_t *, uv_handle_t *handle, ChildOptions *, ChildWatch *,
                uv_poll_cb ended, uv_exit_cb exited);
// From `ended`: takes its exit code and signal. False: it is not over.
bool child_reap(ChildWatch *, int64_t *code, int *signal);
// After the handle was closed.
void child_watch_release(ChildWatch *);

#endif
