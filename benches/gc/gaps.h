// SPDX-License-Identifier: MIT
// The gaps that a program sees between two of its operations, and whose they
// are: the heap's, or the machine's, which anybody would have had. For one
// thread. What a virtual machine's host takes from it while the heap computes
// cannot be told from that.
#ifndef RILL_BENCHES_GC_GAPS_H
#define RILL_BENCHES_GC_GAPS_H

#include <stdint.h>

// What most of the gap went to.
typedef enum GapKind {
  GAP_HEAP,      // the heap computed: ours
  GAP_HELD_UP,   // it waited for its pace or a lock: ours
  GAP_FAULTS,    // pages were touched for the first time
  GAP_LATE,      // it waited for what was over long before: the machine's
  GAP_PREEMPTED, // others had the processor: the machine's
  GAP_STOLEN,    // none of these (the host, interrupts): the machine's
  GAP_KINDS,
} GapKind;

typedef struct GapCount {
  uint64_t over_100us, over_1ms, over_5ms, longest_ns;
} GapCount;

typedef struct Gaps {
  GapCount kinds[GAP_KINDS];
  uint64_t operations;
  uint64_t begun_ns, last_ns;
  // In the operation under way.
  uint64_t heap_ns, longest_in_heap_ns;
  // What this thread had used when it was last looked at.
  uint64_t wall_ns, processor_ns;
  long preemptions, waits, faults;
} Gaps;

uint64_t gaps_now(void); // nanoseconds
void gaps_begin(Gaps *);
// The heap's slow path was in use since then.
void gaps_in_heap(Gaps *, uint64_t began_ns);
// An operation has ended. The time now.
uint64_t gaps_step(Gaps *);
void gaps_print(const Gaps *);

#endif
