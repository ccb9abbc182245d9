// SPDX-License-Identifier: MIT
// WeakRef and FinalizationRegistry (ECMA-262 26.1, 26.2).
#include "vm/builtins/builtins.h"
#include "vm/builtins/collections.h"
#include "vm/objects/cells.h"
#include "vm/objects/weak_table.h"

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

// A free entry; the registry's vector grows, or is made, as needed.
static RegistryEntry *free_entry(Isolate *iso, FinalizationRegistryObject *r) {
  RegistryEntries *old = r->entries;
  for (uint64_t i = 0; old != NULL && i < old->count; i++) {
    if (old->entries[i].target == 0) return &old->entries[i];
    // Searching all of a large vector each time would be quadratic.
    if (i >= 64) break;
  }
  if (old != NULL && old->count < old->cell.extra) {
    return &old->entries[old->count++];
  }
  uint32_t capacity = old ? old->cell.extra * 2 : 4;
  RegistryEntries *grown = gc_allocate_any(
      iso->heap, sizeof(RegistryEntries) + capacity * sizeof(RegistryEntry),
      CELL_REGISTRY_ENTRIES);
  if (grown == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  grown->cell.extra = capacity;
  grown->isolate = iso;
  for (uint64_t i = 0; old != NULL && i < old->count; i++) {
    const RegistryEntry *e = &old->entries[i];
    if (e->target == 0) continue;
    grown->entries[grown->count++] = (RegistryEntry){
        .target = gc_load_weak(iso->heap, &e->target, VALUE_EMPTY),
        .held = e->held,
        .token = gc_load_weak(iso->heap, &e->token, VALUE_UNDEFINED),
    };
  }
  gc_add_weak(iso->heap, grown);
  gc_store_pointer(iso->heap, &r->entries, grown);
  if (old == NULL) {
    // Registries with registrations stay alive for the sake of their callbacks.
    vm_value_list_append(iso, &iso->registries, value_from_cell(r));
  }
  return &grown->entries[grown->count++];
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
  RegistryEntry *e = free_entry(iso, r);
  if (e == NULL) return VALUE_EXCEPTION;
  gc_store_word(iso->heap, &e->held, held);
  gc_publish(&e->token, token);
  gc_publish(&e->target, target);
  return VALUE_UNDEFINED;
}

// ECMA-262 26.2.3.3
static Value registry_unregister(Isolate *iso, const NativeCall *call) {
  FinalizationRegistryObject *r = receiver(iso, call);
  if (r == NULL) return VALUE_EXCEPTION;
  Value token = native_argument(call, 0);
  if (!vm_can_be_held_weakly(token)) {
    return vm_throw_type_value(iso, "Invalid unregisterToken ('%s')", token);
  }
  bool removed = false;
  for (uint64_t i = 0; r->entries != NULL && i < r->entries->count; i++) {
    RegistryEntry *e = &r->entries->entries[i];
    if (e->target == 0 || e->token != token) continue;
    e->target = 0;
    e->token = VALUE_UNDEFINED;
    gc_store_word(iso->heap, &e->held, VALUE_UNDEFINED);
    removed = true;
  }
  return value_from_bool(removed);
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
