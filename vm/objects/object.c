// SPDX-License-Identifier: MIT
// Creation of objects, and of the properties that functions get late.
#include "vm/bytecode/template.h"
#include "vm/objects/deferred_members.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"

Object *vm_object_from_shape(Isolate *iso, Shape *shape) {
  uint32_t capacity = shape->inline_capacity;
  Object *o = gc_allocate(iso->heap, sizeof(Object) + capacity * sizeof(Value),
                          CELL_OBJECT);
  o->cell.aux = (uint16_t)capacity;
  o->shape = shape;
  o->elements = iso->empty_elements;
  uint32_t count = shape->cell.extra;
  if (count == 0) return o;
  for (uint32_t i = 0; i < count && i < capacity; i++) {
    o->inline_slots[i] = VALUE_UNDEFINED;
  }
  if (count > capacity) {
    // SHARED shapes are small enough for a small cell.
    uint32_t overflow = vm_slots_capacity(count - capacity);
    Slots *slots = gc_allocate(
        iso->heap, sizeof(Slots) + overflow * sizeof(Value), CELL_SLOTS);
    slots->cell.extra = overflow;
    for (uint32_t i = 0; i < overflow; i++)
      slots->values[i] = VALUE_UNDEFINED;
    o->slots = slots;
  }
  return o;
}

Object *vm_object_new(Isolate *iso) {
  return vm_object_from_shape(iso, iso->realm->object_shape);
}

Object *vm_object_new_with(Isolate *iso, Object *prototype) {
  if (prototype == INTRINSIC_OBJECT(iso, ObjectPrototype)) {
    return vm_object_new(iso);
  }
  return vm_object_from_shape(iso, vm_shape_root(iso, CELL_OBJECT, prototype,
                                                 VM_DEFAULT_INLINE_CAPACITY));
}

void *vm_object_allocate(Isolate *iso, CellKind kind, size_t bytes,
                         Object *prototype) {
  if (kind == CELL_OBJECT) return vm_object_new_with(iso, prototype);
  Shape *shape = kind == CELL_ARRAY && iso->realm &&
                         prototype == INTRINSIC_OBJECT(iso, ArrayPrototype)
                     ? iso->realm->array_shape
                     : vm_shape_root(iso, kind, prototype, 0);
  Object *o = gc_allocate(iso->heap, bytes, (uint8_t)kind);
  if (vm_object_classes[kind] != NULL) o->cell.flags = OBJECT_EXOTIC;
  o->shape = shape;
  o->elements = iso->empty_elements;
  return o;
}

Object *vm_default_prototype(Isolate *iso, Realm *realm, int intrinsic) {
  if (unlikely(realm->intrinsics[intrinsic] == NULL)) {
    vm_object_materialize(iso, realm->intrinsics[INTRINSIC_Intl]);
  }
  return realm->intrinsics[intrinsic];
}

// ECMA-262 10.1.14 GetPrototypeFromConstructor. NULL: threw.
Object *vm_prototype_from_constructor(Isolate *iso, Value new_target,
                                      int default_intrinsic) {
  if (!value_is_object(new_target)) {
    return vm_default_prototype(iso, iso->realm, default_intrinsic);
  }
  Value v = vm_get(iso, value_as_object(new_target), KEY(prototype));
  if (value_is_exception(v)) return NULL;
  if (likely(value_is_object(v))) return value_as_object(v);
  Realm *realm = vm_function_realm(iso, value_as_object(new_target));
  return realm ? vm_default_prototype(iso, realm, default_intrinsic) : NULL;
}

void *vm_object_from_constructor(Isolate *iso, Value new_target,
                                 int default_intrinsic, CellKind kind,
                                 size_t bytes) {
  Object *prototype =
      vm_prototype_from_constructor(iso, new_target, default_intrinsic);
  return prototype ? vm_object_allocate(iso, kind, bytes, prototype) : NULL;
}

// The prototype property that a function gets with its first use. NULL: none.
static Object *make_prototype(Isolate *iso, Function *f, const Template *t) {
  Realm *realm = vm_code_realm(f->code);
  if (t->flags & TEMPLATE_GENERATOR) {
    Object *parent = realm->intrinsics[t->flags & TEMPLATE_ASYNC
                                           ? INTRINSIC_AsyncGeneratorPrototype
                                           : INTRINSIC_GeneratorPrototype];
    return vm_object_new_with(iso, parent);
  }
  if (t->kind != CODE_NORMAL ||
      (t->flags & (TEMPLATE_ASYNC | TEMPLATE_SELF_HOSTED))) {
    return NULL;
  }
  Object *prototype = vm_object_from_shape(iso, realm->object_shape);
  vm_put(iso, prototype, KEY(constructor), value_from_cell(f), PROPERTY_HIDDEN);
  return prototype;
}

// At most three overflow slots with the prototype: a small cell, which always
// exists.
void vm_put_length_and_name(Isolate *iso, Object *o, uint32_t length,
                            String *name) {
  if (name == NULL) name = ATOM(empty);
  vm_put(iso, o, KEY(length), value_from_uint32(length), PROPERTY_CONFIGURABLE);
  vm_put(iso, o, KEY(name), value_from_cell(name), PROPERTY_CONFIGURABLE);
}

void vm_object_materialize(Isolate *iso, Object *o) {
  Shape *lazy = o->shape;
  if (likely(!(lazy->cell.flags & SHAPE_LAZY))) return;
  if (lazy->cell.flags & SHAPE_UNIQUE) {
    vm_make_deferred_members(iso, o);
    return;
  }
  uint32_t length = 0;
  String *name;
  Object *prototype = NULL;
  if (object_kind(o) == CELL_FUNCTION) {
    Function *f = (Function *)o;
    const Template *t = vm_code_template(f->code);
    length = t->length;
    name = t->name;
    prototype = make_prototype(iso, f, t);
  } else {
    NativeFunction *f = (NativeFunction *)o;
    length = f->length;
    name = f->name;
  }
  Shape *root = vm_shape_root_with(iso, (CellKind)lazy->object_kind,
                                   lazy->prototype, lazy->inline_capacity,
                                   lazy->cell.flags & (uint8_t)~SHAPE_LAZY);
  object_set_shape(iso, o, root);
  vm_put_length_and_name(iso, o, length, name);
  if (prototype != NULL) {
    vm_put(iso, o, KEY(prototype), value_from_cell(prototype),
           PROPERTY_WRITABLE);
  }
}

bool vm_value_list_append(Isolate *iso, ValueList **list, Value item) {
  ValueList *old = *list;
  uint64_t count = old ? old->count : 0;
  if (old == NULL || count == old->cell.extra) {
    uint32_t capacity = old ? old->cell.extra * 2 : 4;
    ValueList *grown =
        gc_allocate_any(iso->heap, sizeof(ValueList) + capacity * sizeof(Value),
                        CELL_VALUE_LIST);
    if (grown == NULL) {
      vm_request_interrupt(iso, INTERRUPT_OUT_OF_MEMORY);
      return false;
    }
    grown->cell.extra = capacity;
    if (old != NULL) memcpy(grown->items, old->items, count * sizeof(Value));
    grown->count = count;
    gc_store_pointer(iso->heap, list, grown);
    old = grown;
  }
  gc_publish(&old->items[count], item);
  old->count = count + 1;
  return true;
}

Foreign *vm_foreign_new(Isolate *iso, void *pointer, void (*finalize)(void *)) {
  Foreign *f = gc_allocate(iso->heap, sizeof(Foreign), CELL_FOREIGN);
  f->pointer = pointer;
  f->finalize = finalize;
  if (finalize != NULL) gc_add_finalizer(iso->heap, f);
  return f;
}
