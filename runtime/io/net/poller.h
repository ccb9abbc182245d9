// SPDX-License-Identifier: MIT
// Which streams of a runtime can be read: one epoll of our own, edge-triggered,
// that the libuv loop polls as a single descriptor. A stream registers once in
// its life, so that reading on or pausing costs no system call, and nobody
// looks again at a socket that has been read empty. Decision 26 says why.
#ifndef RILL_RUNTIME_IO_NET_POLLER_H
#define RILL_RUNTIME_IO_NET_POLLER_H

#include <uv.h>

#include "runtime/runtime.h"

typedef struct Stream Stream;
typedef struct Poller Poller;

// A libuv error: nothing was made.
int poller_new(Runtime *, Poller **);
// The streams are closed before. Freed when the loop has run.
void poller_close(Poller *);

// Reports to stream_ready from now on. A libuv error.
int poller_add(Poller *, Stream *, int descriptor);
// Reports again even what it has reported before. A libuv error.
int poller_rearm(Poller *, Stream *, int descriptor);
// Before the descriptor is closed: no report will name the stream any more.
void poller_remove(Poller *, Stream *, int descriptor);

// One stream more or less that the program waits for.
void poller_want(Poller *);
void poller_unwant(Poller *);

#endif
