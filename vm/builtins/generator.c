// SPDX-License-Identifier: MIT
// Generator functions and objects (ECMA-262 27.3, 27.5), async functions
// (27.7). next, return and throw are carried out by the interpreter's loop.
#include "vm/builtins/builtins.h"
#include "vm/builtins/loop_natives.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/run.h"

static Value construct_generator_function(Isolate *iso,
                                          const NativeCall *call) {
  return vm_create_dynamic_function(iso, call, TEMPLATE_GENERATOR);
}
static Value construct_async_function(Isolate *iso, const NativeCall *call) {
  return vm_create_dynamic_function(iso, call, TEMPLATE_ASYNC);
}

Value vm_loop_native(Isolate *iso, const NativeCall *call) {
  return vm_call(iso, call->callee, call->this_value, call->argc, call->argv);
}

static const Builtin generator_prototype[] = {
    BUILTIN_MAGIC("next", vm_loop_native, 1, LOOP_GENERATOR_NEXT),
    BUILTIN_MAGIC("return", vm_loop_native, 1, LOOP_GENERATOR_RETURN),
    BUILTIN_MAGIC("throw", vm_loop_native, 1, LOOP_GENERATOR_THROW),
    BUILTIN_TAG("Generator"),
};
static const Builtin generator_function_tag[] = {
    BUILTIN_TAG("GeneratorFunction"),
};
static const Builtin async_function_tag[] = {
    BUILTIN_TAG("AsyncFunction"),
};

Object *vm_define_function_constructor(Isolate *iso, Realm *realm,
                                       const char *name, NativeCode code,
                                       Object *prototype) {
  NativeFunction *f = vm_define_constructor(
      iso, name, code, 1, prototype, realm->intrinsics[INTRINSIC_Function]);
  PropertyDescriptor d = {.value = value_from_cell(f),
                          .getter = VALUE_EMPTY,
                          .setter = VALUE_EMPTY,
                          .attributes = PROPERTY_CONFIGURABLE,
                          .present = PROPERTY_DEFAULT};
  (void)!vm_define_own(iso, prototype, KEY(constructor), &d);
  return &f->object;
}

void vm_mark_loop_native(Isolate *iso, Object *o, PropertyKey key) {
  Value v = vm_get(iso, o, key);
  if (value_is_kind(v, CELL_NATIVE_FUNCTION))
    value_as_cell(v)->flags |= NATIVE_RUNS_IN_LOOP;
}

void vm_init_generator(Isolate *iso, Realm *realm) {
  Object *function_prototype = realm->intrinsics[INTRINSIC_FunctionPrototype];
  Object *shared =
      vm_object_new_with(iso, realm->intrinsics[INTRINSIC_IteratorPrototype]);
  vm_realm_set_intrinsic(realm, INTRINSIC_GeneratorPrototype, shared);
  VM_DEFINE_BUILTINS(iso, shared, generator_prototype);
  vm_mark_loop_native(iso, shared, KEY(next));
  vm_mark_loop_native(iso, shared, KEY(return_));
  vm_mark_loop_native(iso, shared, KEY(throw_));

  Object *prototype = vm_object_new_with(iso, function_prototype);
  vm_realm_set_intrinsic(realm, INTRINSIC_GeneratorFunctionPrototype,
                         prototype);
  VM_DEFINE_BUILTINS(iso, prototype, generator_function_tag);
  vm_put(iso, prototype, KEY(prototype), value_from_cell(shared),
         PROPERTY_CONFIGURABLE);
  vm_put(iso, shared, KEY(constructor), value_from_cell(prototype),
         PROPERTY_CONFIGURABLE);
  vm_realm_set_intrinsic(
      realm, INTRINSIC_GeneratorFunction,
      vm_define_function_constructor(iso, realm, "%GeneratorFunction",
                                     construct_generator_function, prototype));

  prototype = vm_object_new_with(iso, function_prototype);
  vm_realm_set_intrinsic(realm, INTRINSIC_AsyncFunctionPrototype, prototype);
  VM_DEFINE_BUILTINS(iso, prototype, async_function_tag);
  vm_realm_set_intrinsic(
      realm, INTRINSIC_AsyncFunction,
      vm_define_function_constructor(iso, realm, "%AsyncFunction",
                                     construct_async_function, prototype));
  vm_mark_array_iteration(iso, realm);
}
