// SPDX-License-Identifier: MIT
// Which variables outside of a function its code, and all code nested in it,
// can reach: what has to go along when the function goes to another isolate.
#ifndef RILL_VM_BYTECODE_CAPTURES_H
#define RILL_VM_BYTECODE_CAPTURES_H

#include "vm/bytecode/template.h"

typedef struct Capture {
  uint32_t hops, slot; // of the environment that the function closed over
  String *name;        // an atom; NULL: this, a private name, or unknown
} Capture;

typedef struct Captures {
  Capture *items; // each variable once
  uint32_t count;
  uint32_t *imports; // indices of the module's imports, each once
  uint32_t import_count;
  // Names are looked up at run time (direct eval, with): the lists are not all.
  bool is_dynamic;
} Captures;

// False: out of memory, nothing is left to free.
bool vm_template_captures(const Template *, Captures *out);
void vm_captures_free(Captures *);

#endif
