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
    BUILTIN_IN_LOOP("next", vm_loop_native, 1, LOOP_GENERATOR_NEXT),
    BUILTIN_IN_LOOP("return", vm_loop_native, 1, LOOP_GENERATOR_RETURN),
    BUILTIN_IN_LOOP("throw", vm_loop_native, 1, LOOP_GENERATOR_THROW),
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
  vm_define_value(iso, prototype, KEY(constructor), value_from_cell(f),
                  PROPERTY_CONFIGURABLE);
  return &f->object;
}

void vm_init_generator(Isolate *iso, Realm *realm) {
  Object *function_prototype = realm->intrinsics[INTRINSIC_FunctionPrototype];
  Object *shared =
      vm_object_new_with(iso, realm->intrinsics[INTRINSIC_IteratorPrototype]);
  vm_realm_set_intrinsic(realm, INTRINSIC_GeneratorPrototype, shared);
  VM_DEFINE_BUILTINS(iso, shared, generator_prototype);

  Object *prototype = vm_object_new_with(iso, function_prototype);
  vm_realm_set_intrinsic(realm, INTRINSIC_GeneratorFunctionPrototype,
                         prototype);
  VM_DEFINE_BUILTINS(iso, prototype, generator_function_tag);
  vm_define_value(iso, prototype, KEY(prototype), value_from_cell(shared),
                  PROPERTY_CONFIGURABLE);
  vm_define_value(iso, shared, KEY(constructor), value_from_cell(prototype),
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
}
