// SPDX-License-Identifier: MIT
// Arguments objects (ECMA-262 10.4.4).
//
// While the elements are dense, a mapped index is a hole there and has default
// attributes; once they are sparse it has an entry, whose attributes count and
// whose value does not.
#include "vm/objects/arguments.h"
#include "vm/objects/elements.h"
#include "vm/objects/operations.h"

static bool is_mapped(const Arguments *a, PropertyKey key) {
  return key_is_index(key) && key_as_index(key) < a->mapped_count &&
         a->slots[key_as_index(key)] != ARGUMENT_NOT_MAPPED;
}

static Value *mapped_slot(const Arguments *a, PropertyKey key) {
  return &a->environment->slots[a->slots[key_as_index(key)]];
}

// The shapes of new arguments objects, kept in the realm.
typedef enum { SHAPE_STRICT, SHAPE_SLOPPY, SHAPE_MAPPED } ArgumentsShape;

static Shape *shape_for(Isolate *iso, ArgumentsShape which) {
  Shape *shape = iso->realm->arguments_shapes[which];
  if (likely(shape != NULL)) return shape;
  shape = vm_shape_root_with(iso, CELL_ARGUMENTS,
                             INTRINSIC_OBJECT(iso, ObjectPrototype), 0,
                             which == SHAPE_MAPPED ? SHAPE_EXOTIC_ELEMENTS : 0);
  shape = vm_shape_add(iso, shape, KEY(length), PROPERTY_HIDDEN);
  shape = vm_shape_add(iso, shape, SYMBOL_KEY(iterator), PROPERTY_HIDDEN);
  shape =
      vm_shape_add(iso, shape, KEY(callee),
                   which == SHAPE_STRICT ? PROPERTY_ACCESSOR : PROPERTY_HIDDEN);
  gc_store_pointer(iso->heap, &iso->realm->arguments_shapes[which], shape);
  // Every arguments object has its `values`.
  vm_object_materialize(iso, INTRINSIC_OBJECT(iso, ArrayPrototype));
  return shape;
}

static Arguments *allocate(Isolate *iso, uint32_t argc, const Value *argv,
                           uint32_t mapped_count, ArgumentsShape which,
                           Value callee) {
  Shape *shape = shape_for(iso, which);
  Slots *slots =
      gc_allocate(iso->heap, sizeof(Slots) + 3 * sizeof(Value), CELL_SLOTS);
  slots->cell.extra = 3;
  slots->values[0] = value_from_uint32(argc);
  slots->values[1] =
      value_from_cell(INTRINSIC_OBJECT(iso, ArrayPrototypeValues));
  slots->values[2] = callee;
  Arguments *a = gc_allocate_any(
      iso->heap, sizeof(Arguments) + mapped_count * sizeof(uint16_t),
      CELL_ARGUMENTS);
  if (a == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  a->object.shape = shape;
  a->object.slots = slots;
  a->object.elements = iso->empty_elements;
  if (argc != 0) {
    Elements *e = vm_elements_from(iso, argv, argc);
    if (e == NULL) return NULL;
    gc_publish(&a->object.elements, e);
  }
  return a;
}

Arguments *vm_arguments_new_unmapped(Isolate *iso, uint32_t argc,
                                     const Value *argv) {
  Value thrower = value_from_cell(INTRINSIC_OBJECT(iso, ThrowTypeError));
  Accessor *accessor = gc_allocate(iso->heap, sizeof(Accessor), CELL_ACCESSOR);
  accessor->getter = accessor->setter = thrower;
  return allocate(iso, argc, argv, 0, SHAPE_STRICT, value_from_cell(accessor));
}

Arguments *vm_arguments_new_mapped(Isolate *iso, uint32_t argc,
                                   const Value *argv, Object *callee,
                                   Environment *environment,
                                   const uint16_t *slots,
                                   uint32_t parameter_count) {
  uint32_t mapped = argc < parameter_count ? argc : parameter_count;
  // Nothing is shared: the object is as ordinary as can be.
  if (mapped == 0) {
    return allocate(iso, argc, argv, 0, SHAPE_SLOPPY, value_from_cell(callee));
  }
  Arguments *a =
      allocate(iso, argc, argv, mapped, SHAPE_MAPPED, value_from_cell(callee));
  if (a == NULL) return NULL;
  a->object.cell.flags |= OBJECT_EXOTIC;
  gc_publish(&a->environment, environment);
  a->mapped_count = mapped;
  for (uint32_t i = 0; i < mapped; i++) {
    a->slots[i] = slots[i];
    if (slots[i] != ARGUMENT_NOT_MAPPED) {
      a->object.elements->values[i] = VALUE_EMPTY;
    }
  }
  return a;
}

bool vm_arguments_copy(Isolate *iso, const Arguments *a, Value *out,
                       uint64_t room, uint32_t *count) {
  Shape *const *shapes = iso->realm->arguments_shapes;
  const Shape *shape = a->object.shape;
  if (shape != shapes[0] && shape != shapes[1] && shape != shapes[2]) {
    return false;
  }
  Value length = a->object.slots->values[0];
  const Elements *e = a->object.elements;
  if (!value_is_int(length) || e->cell.kind != CELL_ELEMENTS ||
      (uint32_t)value_as_int(length) > elements_length(e) ||
      (uint32_t)value_as_int(length) > room) {
    return false;
  }
  *count = (uint32_t)value_as_int(length);
  for (uint32_t i = 0; i < *count; i++) {
    Value v = e->values[i];
    if (unlikely(v == VALUE_EMPTY)) {
      if (!is_mapped(a, key_from_index(i))) return false;
      v = *mapped_slot(a, key_from_index(i));
    }
    out[i] = v;
  }
  return true;
}

bool vm_arguments_became_sparse(Isolate *iso, Arguments *a) {
  for (uint32_t i = 0; i < a->mapped_count; i++) {
    if (a->slots[i] != ARGUMENT_NOT_MAPPED &&
        !vm_sparse_put(iso, &a->object, i, VALUE_UNDEFINED, PROPERTY_DEFAULT)) {
      return false;
    }
  }
  return true;
}

static Tri get_own(Isolate *iso, Object *o, PropertyKey key,
                   PropertyDescriptor *out) {
  const Arguments *a = (const Arguments *)o;
  if (!is_mapped(a, key)) return vm_ordinary_get_own(iso, o, key, out);
  if (object_has_sparse_elements(o)) {
    Tri found = vm_ordinary_get_own(iso, o, key, out);
    if (found != 1) return found;
    out->value = *mapped_slot(a, key);
    return 1;
  }
  *out = (PropertyDescriptor){*mapped_slot(a, key), VALUE_EMPTY, VALUE_EMPTY,
                              PROPERTY_DEFAULT, PROPERTY_DEFAULT};
  return 1;
}

// ECMA-262 10.4.4.2
static Tri define_own(Isolate *iso, Object *o, PropertyKey key,
                      const PropertyDescriptor *d) {
  Arguments *a = (Arguments *)o;
  if (!is_mapped(a, key)) return vm_ordinary_define_own(iso, o, key, d);
  Value *slot = mapped_slot(a, key);
  if (d->present == 0 && !descriptor_is_accessor(d) &&
      !object_has_sparse_elements(o)) {
    if (d->value != VALUE_EMPTY) gc_store_word(iso->heap, slot, d->value);
    return 1;
  }
  if (!vm_elements_make_sparse(iso, o)) return TRI_THREW;
  bool becomes_read_only = (d->present & PROPERTY_WRITABLE) != 0 &&
                           !(d->attributes & PROPERTY_WRITABLE);
  PropertyDescriptor change = *d;
  if (becomes_read_only && d->value == VALUE_EMPTY) change.value = *slot;
  Tri ok = vm_ordinary_define_own(iso, o, key, &change);
  if (ok != 1) return ok;
  bool accessor = descriptor_is_accessor(d);
  if (!accessor && d->value != VALUE_EMPTY) {
    gc_store_word(iso->heap, slot, d->value);
  }
  if (accessor || becomes_read_only) {
    a->slots[key_as_index(key)] = ARGUMENT_NOT_MAPPED;
  }
  return 1;
}

static Value get(Isolate *iso, Object *o, PropertyKey key, Value receiver) {
  const Arguments *a = (const Arguments *)o;
  if (is_mapped(a, key)) return *mapped_slot(a, key);
  return vm_ordinary_get(iso, o, key, receiver);
}

static Tri set(Isolate *iso, Object *o, PropertyKey key, Value value,
               Value receiver) {
  Arguments *a = (Arguments *)o;
  if (receiver == value_from_cell(o) && is_mapped(a, key)) {
    gc_store_word(iso->heap, mapped_slot(a, key), value);
    return 1;
  }
  return vm_ordinary_set(iso, o, key, value, receiver);
}

static Tri delete_own(Isolate *iso, Object *o, PropertyKey key) {
  Arguments *a = (Arguments *)o;
  Tri ok = vm_ordinary_delete(iso, o, key);
  if (ok == 1 && is_mapped(a, key)) {
    a->slots[key_as_index(key)] = ARGUMENT_NOT_MAPPED;
  }
  return ok;
}

static bool own_keys(Isolate *iso, Object *o, KeyList *out) {
  const Arguments *a = (const Arguments *)o;
  if (object_has_sparse_elements(o)) return vm_ordinary_own_keys(iso, o, out);
  const Elements *e = o->elements;
  for (uint32_t i = 0; i < elements_length(e) || i < a->mapped_count; i++) {
    bool there = is_mapped(a, key_from_index(i)) ||
                 (i < elements_length(e) && e->values[i] != VALUE_EMPTY);
    if (there && !vm_key_list_add(iso, out, key_from_index(i))) return false;
  }
  return vm_named_own_keys(iso, o, out);
}

const ObjectClass vm_class_arguments = {
    .name = "Arguments",
    .get_own = get_own,
    .define_own = define_own,
    .get = get,
    .set = set,
    .delete_own = delete_own,
    .own_keys = own_keys,
};
