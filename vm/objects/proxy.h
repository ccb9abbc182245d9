// SPDX-License-Identifier: MIT
// Proxy exotic objects (10.5): layout, and the entry points of the interpreter.
// The traps are in vm/builtins/proxy.c.
#ifndef RILL_VM_OBJECTS_PROXY_H
#define RILL_VM_OBJECTS_PROXY_H

#include "vm/objects/object.h"

typedef struct Proxy {
  Object object;
  Value target, handler; // null once revoked
} Proxy;

// The target. Throws TypeError if the proxy is revoked.
Value vm_proxy_target(Isolate *, Object *proxy) VM_CHECKED;
// [[Call]] and [[Construct]]: the proxy has the flag OBJECT_CALLABLE or
// OBJECT_CONSTRUCTOR.
Value vm_proxy_call(Isolate *, Object *proxy, Value this_value, uint32_t argc,
                    const Value *argv) VM_CHECKED;
Value vm_proxy_construct(Isolate *, Object *proxy, uint32_t argc,
                         const Value *argv, Value new_target) VM_CHECKED;

#endif
