// SPDX-License-Identifier: MIT
// Bound functions (ECMA-262 10.4.1), and the name and length of functions that
// pass their calls on to another.
#include "vm/objects/bound_function.h"

#include <math.h>

#include "vm/bytecode/template.h"
#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"
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

// The length of a function that passes on to `target`, `bound` arguments
// aside.
static bool copied_length(Isolate *iso, Object *target, uint32_t bound,
                          double *out) {
  *out = 0;
  Tri has = vm_has_own(iso, target, KEY(length));
  if (has != 1) return has == 0;
  Value v = vm_get(iso, target, KEY(length));
  if (value_is_exception(v)) return false;
  if (!value_is_number(v)) return true;
  double length = value_as_number(v);
  if (isnan(length)) return true;
  length = trunc(length) - bound;
  *out = length > 0 ? length : 0;
  return true;
}

// A function's name and length while its properties have not been made.
static bool peek_lazy(Object *target, Value *name, double *length) {
  if (!(target->shape->cell.flags & SHAPE_LAZY)) return false;
  if (object_kind(target) == CELL_FUNCTION) {
    const Template *t = vm_code_template(((Function *)target)->code);
    *name = value_from_cell(t->name);
    *length = t->length;
  } else {
    const NativeFunction *f = (const NativeFunction *)target;
    *name = f->name ? value_from_cell(f->name) : ATOM_VALUE(empty);
    *length = f->length;
  }
  return true;
}

bool vm_copy_name_and_length(Isolate *iso, Object *f, Object *target,
                             String *prefix, uint32_t bound) {
  Value name;
  double length;
  if (peek_lazy(target, &name, &length)) {
    length = length > bound ? length - bound : 0;
  } else {
    if (!copied_length(iso, target, bound, &length)) return false;
    name = vm_get(iso, target, KEY(name));
    if (value_is_exception(name)) return false;
    if (!value_is_string(name)) name = ATOM_VALUE(empty);
  }
  String *full = value_as_string(name);
  if (prefix != NULL) full = vm_string_concat(iso, prefix, full);
  if (full == NULL) return false;
  vm_put(iso, f, KEY(length), value_from_number(length), PROPERTY_CONFIGURABLE);
  vm_put(iso, f, KEY(name), value_from_cell(full), PROPERTY_CONFIGURABLE);
  return true;
}
