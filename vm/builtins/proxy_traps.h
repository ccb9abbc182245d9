// SPDX-License-Identifier: MIT
// Between proxy.c and proxy_properties.c.
#ifndef RILL_VM_BUILTINS_PROXY_TRAPS_H
#define RILL_VM_BUILTINS_PROXY_TRAPS_H

#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"
#include "vm/objects/proxy.h"

typedef struct ProxyTrap {
  Object *target;
  Value handler;
  Value method; // undefined: the target's own method does it
} ProxyTrap;

// Looks up the trap. False: threw (revoked, too deep, not callable).
bool vm_proxy_trap(Isolate *, Object *proxy, AtomId name,
                   ProxyTrap *out) VM_CHECKED;
// Calls it; argv[0] is filled with the target here.
Value vm_proxy_call_trap(Isolate *, const ProxyTrap *, uint32_t argc,
                         Value *argv) VM_CHECKED;
// The same, the answer as a boolean.
Tri vm_proxy_ask(Isolate *, const ProxyTrap *, uint32_t argc,
                 Value *argv) VM_CHECKED;

Tri vm_proxy_get_own(Isolate *, Object *, PropertyKey, PropertyDescriptor *);
Tri vm_proxy_define_own(Isolate *, Object *, PropertyKey,
                        const PropertyDescriptor *);
Tri vm_proxy_has(Isolate *, Object *, PropertyKey);
Value vm_proxy_get(Isolate *, Object *, PropertyKey, Value receiver);
Tri vm_proxy_set(Isolate *, Object *, PropertyKey, Value, Value receiver);
Tri vm_proxy_delete(Isolate *, Object *, PropertyKey);
bool vm_proxy_own_keys(Isolate *, Object *, KeyList *);

#endif
