// SPDX-License-Identifier: MIT
// Fills a realm whose first prototypes and global object exist.
#ifndef RILL_VM_BUILTINS_REALM_SETUP_H
#define RILL_VM_BUILTINS_REALM_SETUP_H

#include "vm/objects/isolate.h"

void vm_realm_setup(Isolate *, Realm *);

#endif
