// SPDX-License-Identifier: MIT
#ifndef RILL_PROFILER_HEAP_SNAPSHOT_H
#define RILL_PROFILER_HEAP_SNAPSHOT_H

#include <stdio.h>

#include "vm/objects/isolate.h"

// Writes the isolate's heap in the format of Chrome's .heapsnapshot files,
// after a full collection. On the isolate's thread, no native function having
// it in a half-made state. False: out of memory, or `out` has an error.
bool prof_write_heap_snapshot(Isolate *, FILE *out);

#endif
