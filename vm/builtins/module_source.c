// SPDX-License-Identifier: MIT
// %AbstractModuleSource% (source phase imports): what the source objects of all
// kinds of modules inherit from. Scripts reach it through such an object only.
#include "vm/builtins/module_source.h"
#include "vm/builtins/builtins.h"
#include "vm/objects/operations.h"

typedef struct ModuleSource {
  Object object;
  String *class_name;
} ModuleSource;

static Value construct(Isolate *iso, const NativeCall *call) {
  return vm_throw_type(iso, "AbstractModuleSource is an abstract class");
}

static Value get_tag(Isolate *iso, const NativeCall *call) {
  if (!value_is_kind(call->this_value, CELL_MODULE_SOURCE)) {
    return VALUE_UNDEFINED;
  }
  const ModuleSource *source = (ModuleSource *)value_as_cell(call->this_value);
  return value_from_cell(source->class_name);
}

static const Builtin module_source_prototype[] = {
    BUILTIN_GET("@@toStringTag", get_tag),
};

void vm_init_module_source(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_AbstractModuleSourcePrototype,
                         prototype);
  NativeFunction *constructor = vm_native_new(
      iso, construct, vm_atom_from_c("AbstractModuleSource"), 0, 0, true);
  vm_realm_set_intrinsic(realm, INTRINSIC_AbstractModuleSource,
                         &constructor->object);
  vm_define_value(iso, &constructor->object, KEY(prototype),
                  value_from_cell(prototype), 0);
  vm_define_value(iso, prototype, KEY(constructor),
                  value_from_cell(constructor), PROPERTY_HIDDEN);
  VM_DEFINE_BUILTINS(iso, prototype, module_source_prototype);
}

Object *vm_module_source_new(Isolate *iso, Object *prototype,
                             String *class_name) {
  ModuleSource *source = vm_object_allocate(iso, CELL_MODULE_SOURCE,
                                            sizeof(ModuleSource), prototype);
  source->class_name = class_name;
  return &source->object;
}
