// SPDX-License-Identifier: MIT
// Dedicated workers: a thread whose Runtime runs a program of its own, until it
// has nothing left to do or is terminated. It talks to its owner through
// channels that come with its start data.
#ifndef RILL_RUNTIME_TASKS_THREAD_WORKER_H
#define RILL_RUNTIME_TASKS_THREAD_WORKER_H

#include "runtime/runtime.h"

// Ends the workers that the runtime started and waits for them.
void rt_thread_workers_close(Runtime *);

#endif
