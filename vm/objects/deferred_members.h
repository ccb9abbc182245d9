// SPDX-License-Identifier: MIT
// Builtin objects whose members are not made before somebody looks for one.
//
// While a realm is being set up, tables and properties given to an object that
// has nothing yet are only noted down: its shape becomes UNIQUE and LAZY, its
// `slots` hold the notes. vm_object_materialize carries them out, in order.
#ifndef RILL_VM_OBJECTS_DEFERRED_MEMBERS_H
#define RILL_VM_OBJECTS_DEFERRED_MEMBERS_H

#include "vm/objects/function.h"

// False: this is not the time or the object for it; make them now.
bool vm_defer_builtins(Isolate *, Object *, const Builtin *, uint32_t count);
bool vm_defer_property(Isolate *, Object *, PropertyKey, Value,
                       uint8_t attributes);
bool vm_defer_action(Isolate *, Object *, void (*)(Isolate *, Object *));
// Carries out what was noted down; the object's shape is UNIQUE and LAZY.
void vm_make_deferred_members(Isolate *, Object *);

#endif
