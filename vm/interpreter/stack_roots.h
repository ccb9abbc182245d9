// SPDX-License-Identifier: MIT
// The register stack as roots of a collection. Of a deep one the stop that
// takes the snapshot scans the upper part only. What is below is read by the
// collector beside the script: nothing there changes as long as the script does
// not return to it. The lowest frame of the upper part is marked by
// FRAME_WATERMARK: whoever leaves it (returns, throws, suspends) calls
// vm_stack_barrier first, which tells the collector of a few frames more and
// moves the mark down to them.
#ifndef RILL_VM_INTERPRETER_STACK_ROOTS_H
#define RILL_VM_INTERPRETER_STACK_ROOTS_H

#include "vm/interpreter/frame.h"
#include "vm/objects/isolate.h"

// In a stop, or whenever the script does not run.
void vm_stack_trace_roots(Isolate *, GcTracer *);
// What that left out, in parts from 0. False: there is no such part. Beside the
// script.
bool vm_stack_trace_part(Isolate *, GcTracer *, uint32_t part);

// Registers of frames that have ended keep what they referred to alive once
// they are those of new frames, which are not all written at once. That matters
// after an error that a limit threw: its frames may have held the whole heap.
// So what an error of the engine leaves, up to iso->stale_top, is cleared when
// it is caught, and when nothing runs.
void vm_stack_clear_stale(Isolate *);
// The same for the C stack below the caller, after a limit's error. For who goes
// back to the embedder: the next call's frames lie where those were that had the
// heap, and do not write all of their words.
void vm_c_stack_clear_stale(Isolate *);
// A script is to run. What the last one left in the first registers, whichever
// way it ended, is cleared if nothing else runs.
void vm_stack_begin(Isolate *);

void vm_stack_barrier_slow(Isolate *, Frame *);
// Before the frame is left: isolate->frame is still the frame itself.
static inline void vm_stack_barrier(Isolate *iso, Frame *frame) {
  if (unlikely(frame->flags & FRAME_WATERMARK)) {
    vm_stack_barrier_slow(iso, frame);
  }
}

#endif
