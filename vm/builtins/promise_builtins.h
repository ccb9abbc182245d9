// SPDX-License-Identifier: MIT
// What the files of the Promise builtins share.
#ifndef RILL_VM_BUILTINS_PROMISE_BUILTINS_H
#define RILL_VM_BUILTINS_PROMISE_BUILTINS_H

#include "vm/interpreter/promise.h"

typedef enum {
  COMBINATOR_ALL,
  COMBINATOR_ALL_SETTLED,
  COMBINATOR_ANY,
  COMBINATOR_RACE,
  COMBINATOR_ALL_KEYED,
  COMBINATOR_ALL_SETTLED_KEYED,
} Combinator;

// Promise.all and its kin, by magic.
Value vm_promise_combinator(Isolate *, const NativeCall *);
// The promise that a reaction's handler settles, if that is known: of a
// resolving function its own, of an element function that of the combinator
// (and *index is which of its promises). NULL: the handler is none of them.
const Promise *vm_settled_by(Value handler, int32_t *index);

#endif
