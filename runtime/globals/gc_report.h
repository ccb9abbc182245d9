// SPDX-License-Identifier: MIT
// The collector's figures, for rill:runtime and --gc-stats.
#ifndef RILL_RUNTIME_GLOBALS_GC_REPORT_H
#define RILL_RUNTIME_GLOBALS_GC_REPORT_H

#include <stdio.h>

#include "gc/gc.h"
#include "vm/objects/value.h"

typedef struct Isolate Isolate;

// An object with all of them; VALUE_EXCEPTION: out of memory.
Value rt_gc_figures(Isolate *, const GcStats *);
// One line of JSON: those of the heap, and as "process" those of all heaps.
void rt_print_gc_figures(FILE *, GcHeap *);
// A line for --trace-gc: a GcCycleObserver whose data is not used.
void rt_print_gc_cycle(void *data, const GcCycle *);

#endif
