// SPDX-License-Identifier: MIT
// Calls of GMP that end when there is no memory, or when they shall. GMP itself
// ends the process then, or goes on, and knows no other way back than a jump
// out of its memory functions.
//
//   GmpCall call;
//   if (!vm_gmp_begins(&call)) return failed;
//   mpn_mul(...);
//   vm_gmp_end(&call);
//
// What GMP has allocated since the call began is freed when there is no more
// memory, mpz_t of the caller included; what was allocated before must not be
// freed nor grown within. Variables that change within and are read after a
// failure must be volatile. Any thread; calls may be nested.
//
// Long calls want memory all the time: those of this thread ask its watch for
// each large block.
#ifndef RILL_VM_OBJECTS_GMP_CALL_H
#define RILL_VM_OBJECTS_GMP_CALL_H

#include <setjmp.h>
#include <stdbool.h>

#include "vm/work_watch.h"

typedef struct GmpCall {
  jmp_buf failed;
  struct GmpBlock *blocks;
  struct GmpCall *outer;
} GmpCall;

// Until the next one, which may be NULL; not copied.
void vm_gmp_watch(const WorkWatch *);

void vm_gmp_enter(GmpCall *);
void vm_gmp_end(GmpCall *);
// True: go on. False: there was no memory, and the call has ended.
#define vm_gmp_begins(call) (vm_gmp_enter(call), _setjmp((call)->failed) == 0)

#endif
