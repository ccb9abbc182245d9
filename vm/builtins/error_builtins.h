// SPDX-License-Identifier: MIT
// Between the files of the errors' builtins.
#ifndef RILL_VM_BUILTINS_ERROR_BUILTINS_H
#define RILL_VM_BUILTINS_ERROR_BUILTINS_H

#include "vm/objects/isolate.h"

void vm_init_call_site(Isolate *, Realm *);

#endif
