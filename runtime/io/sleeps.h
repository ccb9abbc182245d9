// SPDX-License-Identifier: MIT
// Memory of plain sleeps, of which a million may be there: those that begin
// together are together, without the allocator's own words. The isolate's heap
// counts it. Of runtimes whose IoState is there.
#ifndef RILL_RUNTIME_IO_SLEEPS_H
#define RILL_RUNTIME_IO_SLEEPS_H

#include "runtime/io/request.h"

// A request up to its timer, zeroed. NULL: no memory.
IoRequest *rt_sleep_new(Runtime *);
void rt_sleep_free(Runtime *, IoRequest *);
// When no sleep is left.
void rt_sleeps_free(Runtime *);

#endif
