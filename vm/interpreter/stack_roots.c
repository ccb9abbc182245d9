// SPDX-License-Identifier: MIT
// Scanning the register stack: at once, or a part at a time.
#include "vm/interpreter/stack_roots.h"

#include <stdlib.h>
#include <string.h>

// Words scanned in a stop, and at a barrier: takes some 20 microseconds.
enum { PART_WORDS = 8192 };
// A page; what the scripts of most turns use.
enum { FIRST_WORDS = 512 };

// The lowest frame that lies above `limit`, from `frame` on; `frame` itself if
// none does, or only it.
static Frame *lowest_above(Frame *frame, const Value *limit) {
  while (frame->caller != NULL && (Value *)frame->caller > limit)
    frame = frame->caller;
  return frame;
}

// Everything below the frame is left as it is until the script returns there.
static void set_watermark(Isolate *iso, Frame *frame) {
  bool is_lowest = frame->caller == NULL;
  iso->stack_watermark = is_lowest ? NULL : (Value *)frame;
  if (!is_lowest) frame->flags |= FRAME_WATERMARK;
}

void vm_stack_trace_roots(Isolate *iso, GcTracer *tracer) {
  Value *from = iso->stack_base;
  if (gc_leaves_roots(tracer)) {
    iso->stack_watermark = NULL;
    if (iso->frame != NULL && iso->stack_top - from > 2 * PART_WORDS) {
      Frame *frame = lowest_above(iso->frame, iso->stack_top - PART_WORDS);
      set_watermark(iso, frame);
      if (iso->stack_watermark != NULL) from = iso->stack_watermark;
    }
    iso->stack_left = from;
  } else if (tracer->is_verifying && iso->stack_watermark != NULL &&
             (Value *)iso->frame < iso->stack_watermark && gc_barrier_is_on()) {
    abort(); // a frame was left without the barrier
  }
  gc_trace_conservatively(tracer, from, iso->stack_top);
}

bool vm_stack_trace_part(Isolate *iso, GcTracer *tracer, uint32_t part) {
  size_t left = (size_t)(iso->stack_left - iso->stack_base),
         begin = (size_t)part * PART_WORDS;
  if (begin >= left) return false;
  size_t count = left - begin < PART_WORDS ? left - begin : PART_WORDS;
  const Value *end = iso->stack_left - begin;
  gc_trace_conservatively(tracer, end - count, end);
  return true;
}

void vm_stack_clear_stale(Isolate *iso) {
  if (iso->stale_top > iso->stack_top)
    memset(iso->stack_top, 0,
           (size_t)(iso->stale_top - iso->stack_top) * sizeof(Value));
  // The frames that go on may have held as much.
  iso->stale_top = iso->frame == NULL ? NULL : iso->stack_top;
}

__attribute__((noinline)) void vm_c_stack_clear_stale(Isolate *iso) {
  enum { MOST_BYTES = 64 << 10 }; // what calls of builtins take
  iso->c_stack_is_stale = false;
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  size_t left = here > iso->c_stack_limit ? here - iso->c_stack_limit : 0;
  size_t bytes = left < MOST_BYTES ? left : MOST_BYTES;
  void *below = __builtin_alloca(bytes);
  memset(below, 0, bytes);
  __asm__ volatile("" : : "r"(below) : "memory"); // it is read by nobody
}

void vm_stack_begin(Isolate *iso) {
  if (iso->frame != NULL) return;
  size_t left = (size_t)(iso->stack_limit - iso->stack_top);
  Value *end = iso->stack_top + (left < FIRST_WORDS ? left : FIRST_WORDS);
  if (iso->stale_top < end) iso->stale_top = end;
  vm_stack_clear_stale(iso);
}

void vm_stack_barrier_slow(Isolate *iso, Frame *frame) {
  frame->flags &= (uint16_t)~FRAME_WATERMARK;
  // Else the mark is of an earlier cycle.
  if ((Value *)frame != iso->stack_watermark) return;
  iso->stack_watermark = NULL;
  if (!gc_is_marking(iso->heap)) return;
  Frame *lowest = lowest_above(frame->caller, (Value *)frame - PART_WORDS);
  set_watermark(iso, lowest);
  gc_barrier_conservatively(iso->heap,
                            iso->stack_watermark != NULL ? iso->stack_watermark
                                                         : iso->stack_base,
                            frame);
}
