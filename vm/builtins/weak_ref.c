// SPDX-License-Identifier: MIT
// WeakRef and FinalizationRegistry (ECMA-262 26.1, 26.2).
#include "vm/builtins/builtins.h"
#include "vm/builtins/collections.h"
#include "vm/objects/finalization.h"

// ECMA-262 26.1.1.1
static Value construct_weak_ref(Isolate *iso, const NativeCall *call) {
  if (call->new_target == VALUE_UNDEFINED) {
    return vm_throw_type(iso, "Constructor WeakRef requires 'new'");
  }
  Value target = native_argument(call, 0);
  if (!vm_can_be_held_weakly(target)) {
    return vm_throw_type_value(iso, "Invalid WeakRef target: %s", target);
  }
  WeakRefObject *ref = vm_object_from_constructor(
      iso, call->new_target, INTRINSIC_WeakRefPrototype, CELL_WEAK_REF,
      sizeof(WeakRefObject));
  if (ref == NULL) return VALUE_EXCEPTION;
  ref->target = target;
  gc_add_weak(iso->heap, ref);
  vm_add_to_kept_objects(iso, target);
  return value_from_cell(ref);
}

// ECMA-262 26.1.3.2
static Value weak_ref_deref(Isolate *iso, const NativeCall *call) {
  WeakRefObject *ref =
      vm_collection_receiver(iso, call, CELL_WEAK_REF, "WeakRef");
  if (ref == NULL) return VALUE_EXCEPTION;
  Value target = gc_load_weak(iso->heap, &ref->target, VALUE_UNDEFINED);
  if (value_is_cell(target)) {
    gc_barrier_weak_read(iso->heap, value_as_cell(target));
    vm_add_to_kept_objects(iso, target);
  }
  return target;
}

static const Builtin weak_ref_prototype[] = {
    BUILTIN("deref", weak_ref_deref, 0),
    BUILTIN_TAG("WeakRef"),
};

void vm_init_weak_ref(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_WeakRefPrototype, prototype);
  NativeFunction *constructor = vm_define_constructor(
      iso, "WeakRef", construct_weak_ref, 1, prototype, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_WeakRef, &constructor->object);
  VM_DEFINE_BUILTINS(iso, prototype, weak_ref_prototype);
}

// FinalizationRegistry
// ---------------------------------------------------------

static FinalizationRegistryObject *receiver(Isolate *iso,
                                            const NativeCall *call) {
  return vm_collection_receiver(iso, call, CELL_FINALIZATION_REGISTRY,
                                "FinalizationRegistry");
}

// ECMA-262 26.2.1.1
static Value construct_registry(Isolate *iso, const NativeCall *call) {
  if (call->new_target == VALUE_UNDEFINED) {
    return vm_throw_type(iso,
                         "Constructor FinalizationRegistry requires 'new'");
  }
  Value cleanup = native_argument(call, 0);
  if (!value_is_callable(cleanup)) {
    return vm_throw_type(iso, "FinalizationRegistry: cleanup must be callable");
  }
  FinalizationRegistryObject *r = vm_object_from_constructor(
      iso, call->new_target, INTRINSIC_FinalizationRegistryPrototype,
      CELL_FINALIZATION_REGISTRY, sizeof(FinalizationRegistryObject));
  if (r == NULL) return VALUE_EXCEPTION;
  r->cleanup = cleanup;
  return value_from_cell(r);
}

// ECMA-262 26.2.3.2
static Value registry_register(Isolate *iso, const NativeCall *call) {
  FinalizationRegistryObject *r = receiver(iso, call);
  if (r == NULL) return VALUE_EXCEPTION;
  Value target = native_argument(call, 0), held = native_argument(call, 1),
        token = native_argument(call, 2);
  if (!vm_can_be_held_weakly(target)) {
    return vm_throw_type_value(
        iso, "FinalizationRegistry.prototype.register: invalid target %s",
        target);
  }
  if (vm_same_value(iso, target, held)) {
    return vm_throw_type(iso,
                         "FinalizationRegistry.prototype.register: target "
                         "and holdings must not be same");
  }
  if (!vm_can_be_held_weakly(token)) {
    if (token != VALUE_UNDEFINED) {
      return vm_throw_type_value(iso, "Invalid unregisterToken ('%s')", token);
    }
  }
  return vm_registry_add(iso, r, target, held, token) ? VALUE_UNDEFINED
                                                      : VALUE_EXCEPTION;
}

// ECMA-262 26.2.3.3
static Value registry_unregister(Isolate *iso, const NativeCall *call) {
  FinalizationRegistryObject *r = receiver(iso, call);
  if (r == NULL) return VALUE_EXCEPTION;
  Value token = native_argument(call, 0);
  if (!vm_can_be_held_weakly(token)) {
    return vm_throw_type_value(iso, "Invalid unregisterToken ('%s')", token);
  }
  return value_from_bool(vm_registry_remove(iso, r, token));
}

static const Builtin registry_prototype[] = {
    BUILTIN("register", registry_register, 2),
    BUILTIN("unregister", registry_unregister, 1),
    BUILTIN_TAG("FinalizationRegistry"),
};

void vm_init_finalization_registry(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_FinalizationRegistryPrototype,
                         prototype);
  NativeFunction *constructor = vm_define_constructor(
      iso, "FinalizationRegistry", construct_registry, 1, prototype, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_FinalizationRegistry,
                         &constructor->object);
  VM_DEFINE_BUILTINS(iso, prototype, registry_prototype);
}
