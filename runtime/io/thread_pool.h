// SPDX-License-Identifier: MIT
// libuv's thread pool, which files and the system's name lookups wait in.
#ifndef RILL_RUNTIME_IO_THREAD_POOL_H
#define RILL_RUNTIME_IO_THREAD_POOL_H

#include <stdbool.h>

// Asked before anything is given to the pool, whose threads start with the
// first that is: libuv ends the process if it can start none. False: now there
// are no threads or no memory to be had. Any thread.
bool rt_thread_pool_is_ready(void);

#endif
