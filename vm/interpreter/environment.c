// SPDX-License-Identifier: MIT
// Environments.
#include "vm/interpreter/calls.h"

// NULL: out of memory, thrown (a scope of more than a thousand slots is a large
// cell).
Environment *vm_environment_new(Isolate *iso, Environment *parent,
                                uint32_t slots) {
  Environment *e = (Environment *)gc_allocate_any(
      iso->heap, sizeof(Environment) + slots * sizeof(Value), CELL_ENVIRONMENT);
  if (unlikely(e == NULL)) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  e->parent = parent;
  for (uint32_t i = 0; i < slots; i++)
    e->slots[i] = VALUE_EMPTY;
  e->cell.extra = slots;
  return e;
}

Environment *vm_scope_environment_new(Isolate *iso, Code *code,
                                      Environment *parent,
                                      const ScopeDescription *description) {
  // One more slot, which keeps the Code alive and by it the description.
  Environment *e = vm_environment_new(iso, parent, description->slot_count + 1);
  if (e == NULL) return NULL;
  e->slots[description->slot_count] = value_from_cell(code);
  e->description = description;
  return e;
}

Environment *vm_environment_copy(Isolate *iso, const Environment *from) {
  Environment *e = vm_environment_new(iso, from->parent, from->cell.extra);
  if (e == NULL) return NULL;
  e->description = from->description;
  memcpy(e->slots, from->slots, from->cell.extra * sizeof(Value));
  return e;
}

static const ScopeDescription with_description = {
    .kind = DESCRIPTION_WITH,
    .slot_count = 1,
};

Environment *vm_with_environment_new(Isolate *iso, Environment *parent,
                                     Value object) {
  Object *o = vm_to_object(iso, object);
  if (o == NULL) return NULL;
  Environment *e = vm_environment_new(iso, parent, 1);
  e->description = &with_description;
  e->slots[0] = value_from_cell(o);
  return e;
}
