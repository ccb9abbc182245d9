// SPDX-License-Identifier: MIT
#ifndef RILL_RUNTIME_IO_HTTP_FETCH_H
#define RILL_RUNTIME_IO_HTTP_FETCH_H

#include "runtime/io/net/handle.h"

typedef struct Fetches Fetches;

// Ends all transfers; the loop then has to run.
void fetches_close(Runtime *);
void fetches_free(Runtime *);
void fetches_list_waits(Runtime *, TraceGraph *);

#endif
