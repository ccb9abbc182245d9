// SPDX-License-Identifier: MIT
// Boolean, ECMA-262 20.3.
#include "vm/builtins/builtins.h"
#include "vm/objects/operations.h"

// 20.3.1.1
static Value boolean_constructor(Isolate *iso, const NativeCall *call) {
  Value b = value_from_bool(vm_to_boolean(native_argument(call, 0)));
  if (value_is_undefined(call->new_target)) return b;
  PrimitiveObject *o = vm_object_from_constructor(iso, call->new_target,
                                                  INTRINSIC_BooleanPrototype,
                                                  CELL_BOOLEAN, sizeof *o);
  if (o == NULL) return VALUE_EXCEPTION;
  o->value = b;
  return value_from_cell(o);
}

// 20.3.3.2 toString, 20.3.3.3 valueOf; magic: 1 for toString.
static Value boolean_read(Isolate *iso, const NativeCall *call) {
  Value v = call->this_value;
  bool to_string = native_magic(call) != 0;
  if (value_is_kind(v, CELL_BOOLEAN))
    v = ((PrimitiveObject *)value_as_cell(v))->value;
  if (!value_is_boolean(v))
    return vm_throw_type(
        iso, "Boolean.prototype.%s requires that 'this' be a Boolean",
        to_string ? "toString" : "valueOf");
  if (!to_string) return v;
  return value_as_bool(v) ? ATOM_VALUE(true_) : ATOM_VALUE(false_);
}

static const Builtin boolean_prototype[] = {
    BUILTIN_MAGIC("toString", boolean_read, 0, 1),
    BUILTIN_MAGIC("valueOf", boolean_read, 0, 0),
};

void vm_init_boolean(Isolate *iso, Realm *realm) {
  PrimitiveObject *prototype =
      vm_object_allocate(iso, CELL_BOOLEAN, sizeof *prototype,
                         realm->intrinsics[INTRINSIC_ObjectPrototype]);
  prototype->value = VALUE_FALSE;
  vm_realm_set_intrinsic(realm, INTRINSIC_BooleanPrototype, &prototype->object);
  vm_realm_set_intrinsic(realm, INTRINSIC_Boolean,
                         &vm_define_constructor(iso, "Boolean",
                                                boolean_constructor, 1,
                                                &prototype->object, NULL)
                              ->object);
  VM_DEFINE_BUILTINS(iso, &prototype->object, boolean_prototype);
}
