// SPDX-License-Identifier: MIT
// Bound functions (ECMA-262 10.4.1).
#include "vm/objects/bound_function.h"
#include "vm/objects/isolate.h"
#include "vm/objects/throw.h"

BoundFunction *vm_bound_function_new(Isolate *iso, Object *target,
                                     Value bound_this, uint32_t argc,
                                     const Value *argv) {
  Object *prototype;
  if (vm_get_prototype_of(iso, target, &prototype) == TRI_THREW) return NULL;
  BoundFunction *f =
      gc_allocate_any(iso->heap, sizeof(BoundFunction) + argc * sizeof(Value),
                      CELL_BOUND_FUNCTION);
  if (f == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  f->object.cell.flags = OBJECT_CALLABLE;
  if (target->cell.flags & OBJECT_CONSTRUCTOR) {
    f->object.cell.flags |= OBJECT_CONSTRUCTOR;
  }
  f->object.elements = iso->empty_elements;
  f->target = target;
  f->bound_this = bound_this;
  f->argument_count = argc;
  if (argc) memcpy(f->arguments, argv, argc * sizeof(Value));
  gc_store_pointer(iso->heap, &f->object.shape,
                   vm_shape_root(iso, CELL_BOUND_FUNCTION, prototype, 0));
  return f;
}
