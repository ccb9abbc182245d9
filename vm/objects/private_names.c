// SPDX-License-Identifier: MIT
// Private names (7.3.27 to 7.3.32): properties under symbols that nothing
// lists, kept in the object's shape like any other. A proxy has its own.
#include "vm/objects/lookup.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"

static const char *text_of(Isolate *iso, Symbol *name, char *buffer,
                           size_t size) {
  vm_describe_key(iso, key_from_symbol(name), buffer, size);
  return buffer;
}

static void throw_absent(Isolate *iso, const char *verb, Symbol *name) {
  char text[96];
  vm_throw_type(iso,
                "Cannot %s private member %s %s an object whose class did not "
                "declare it",
                verb, text_of(iso, name, text, sizeof text),
                verb[0] == 'r' ? "from" : "to");
}

Value vm_private_get(Isolate *iso, Object *o, Symbol *name) {
  PropertySlot p;
  if (!vm_shape_lookup(iso, o->shape, key_from_symbol(name), &p)) {
    throw_absent(iso, "read", name);
    return VALUE_EXCEPTION;
  }
  Value v = *object_slot(o, p.slot);
  if (!(p.attributes & PROPERTY_ACCESSOR)) return v;
  Value getter = ((Accessor *)value_as_cell(v))->getter;
  if (getter == VALUE_UNDEFINED) {
    char text[96];
    return vm_throw_type(iso, "'%s' was defined without a getter",
                         text_of(iso, name, text, sizeof text));
  }
  return vm_call(iso, getter, value_from_cell(o), 0, NULL);
}

bool vm_private_set(Isolate *iso, Object *o, Symbol *name, Value value) {
  PropertySlot p;
  char text[96];
  if (!vm_shape_lookup(iso, o->shape, key_from_symbol(name), &p)) {
    throw_absent(iso, "write", name);
    return false;
  }
  Value *slot = object_slot(o, p.slot);
  if (p.attributes & PROPERTY_ACCESSOR) {
    Value setter = ((Accessor *)value_as_cell(*slot))->setter;
    if (setter == VALUE_UNDEFINED) {
      vm_throw_type(iso, "'%s' was defined without a setter",
                    text_of(iso, name, text, sizeof text));
      return false;
    }
    Value r = vm_call(iso, setter, value_from_cell(o), 1, &value);
    return !value_is_exception(r);
  }
  if (!(p.attributes & PROPERTY_WRITABLE)) {
    vm_throw_type(iso, "Private method '%s' is not writable",
                  text_of(iso, name, text, sizeof text));
    return false;
  }
  gc_store_word(iso->heap, slot, value);
  return true;
}

static bool add(Isolate *iso, Object *o, Symbol *name, Value stored,
                uint8_t attributes) {
  PropertyKey key = key_from_symbol(name);
  PropertySlot p;
  vm_object_materialize(iso, o);
  if (vm_shape_lookup(iso, o->shape, key, &p)) {
    char text[96];
    vm_throw_type(iso, "Cannot initialize %s twice on the same object",
                  text_of(iso, name, text, sizeof text));
    return false;
  }
  if (unlikely(o->shape->cell.flags & SHAPE_NOT_EXTENSIBLE)) {
    char text[96];
    vm_throw_type(iso,
                  "Cannot define private member %s, object is not extensible",
                  text_of(iso, name, text, sizeof text));
    return false;
  }
  return vm_object_add_property(iso, o, key, stored, attributes);
}

bool vm_private_add(Isolate *iso, Object *o, Symbol *name, Value value) {
  bool method = (name->cell.flags & SYMBOL_PRIVATE_METHOD) != 0;
  return add(iso, o, name, value, method ? 0 : PROPERTY_WRITABLE);
}

bool vm_private_add_accessor(Isolate *iso, Object *o, Symbol *name,
                             Value getter, Value setter) {
  Accessor *a = gc_allocate(iso->heap, sizeof(Accessor), CELL_ACCESSOR);
  a->getter = getter;
  a->setter = setter;
  return add(iso, o, name, value_from_cell(a), PROPERTY_ACCESSOR);
}

bool vm_private_has(Isolate *iso, Object *o, Symbol *name) {
  PropertySlot p;
  return vm_shape_lookup(iso, o->shape, key_from_symbol(name), &p);
}
