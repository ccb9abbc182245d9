// SPDX-License-Identifier: MIT
// The sampling profiler: a thread that reads the frames of a running isolate at
// a fixed rate, without stopping it.
//
// Frames lie on the isolate's register stack, memory that stays mapped, so the
// sampler may read them while they change: it takes the words of each frame
// (code, pc), follows callers only downwards within the stack, and looks
// nothing up. What the words mean is found out when the profile is written, by
// then knowing every Code there is. A torn read costs a sample.
#ifndef RILL_PROFILER_SAMPLER_H
#define RILL_PROFILER_SAMPLER_H

#include <stdio.h>

#include "vm/bytecode/bytecode.h"
#include "vm/objects/isolate.h"

typedef struct Profiler Profiler;

// A frame as it was read from outside: its words may be torn.
typedef struct ProfFrame {
  const struct Code *code;
  const Instruction *pc;
} ProfFrame;
// Reads the chain of frames of an isolate, innermost first; any thread.
int prof_read_frames(const Isolate *, ProfFrame *out, int limit);

// Starts sampling at `hertz` (1 to 10000). The isolate's Codes are kept until
// prof_free. NULL: out of memory, or the thread could not be made.
Profiler *prof_start(Isolate *, uint32_t hertz);
// Ends sampling. On the isolate's thread.
void prof_stop(Profiler *);
void prof_free(Profiler *);

// After prof_stop, on the isolate's thread. Chrome DevTools' .cpuprofile.
void prof_write_cpuprofile(Profiler *, FILE *);
// Collapsed stacks: "outer;inner;innermost count", for flame graphs.
void prof_write_collapsed(Profiler *, FILE *);

#endif
