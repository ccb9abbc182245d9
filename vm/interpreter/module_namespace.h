// SPDX-License-Identifier: MIT
// Module namespace exotic objects (ECMA-262 10.4.6).
#ifndef RILL_VM_INTERPRETER_MODULE_NAMESPACE_H
#define RILL_VM_INTERPRETER_MODULE_NAMESPACE_H

#include "vm/interpreter/modules.h"

// Export names in code unit order, and where each lives, by the same index.
struct ModuleNamespace {
  Object object;
  Module *module;
  CellList *names; // atoms
  BindingList *bindings;
  uint64_t count;
};

// With no names yet: vm_module_namespace_sort counts and sorts what the caller
// put into the lists. Never NULL.
ModuleNamespace *vm_module_namespace_new(Isolate *, Module *, CellList *names,
                                         BindingList *bindings);

void vm_module_namespace_sort(Isolate *, ModuleNamespace *, uint32_t count);

#endif
