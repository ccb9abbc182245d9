// SPDX-License-Identifier: MIT
// Module namespace exotic objects (ECMA-262 10.4.6).
#ifndef RILL_VM_INTERPRETER_MODULE_NAMESPACE_H
#define RILL_VM_INTERPRETER_MODULE_NAMESPACE_H

#include "vm/interpreter/modules.h"

// Export names in code unit order, and where each lives, by the same index. A
// deferred namespace has no lists: it shows those of module->name_space.
struct ModuleNamespace {
  Object object;
  Module *module;
  CellList *names; // atoms
  BindingList *bindings;
  uint64_t count;
  bool is_deferred;
};

// A deferred one if both lists are NULL. Else with no names yet:
// vm_module_namespace_sort counts and sorts what the caller put into the lists.
// NULL: threw.
ModuleNamespace *vm_module_namespace_new(Isolate *, Module *, CellList *names,
                                         BindingList *bindings);

// Fills a place in a namespace's list, which the collector may be reading.
static inline void vm_module_binding_put(ModuleBinding *to,
                                         const ModuleBinding *from) {
  gc_publish(&to->environment, from->environment);
  gc_publish(&to->name_space, from->name_space);
  gc_publish(&to->slot, from->slot);
}
void vm_module_namespace_sort(Isolate *, ModuleNamespace *, uint32_t count);

#endif
