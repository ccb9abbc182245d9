// SPDX-License-Identifier: MIT
// The receiving side of clone_members.c.
#include "runtime/web/clone_internal.h"
#include "vm/objects/shape_internal.h"

// A private name's number in `objects`. False: threw.
static bool read_name(CloneReader *r, uint64_t *number) {
  if (*r->at == CLONE_REFERENCE) {
    r->at++;
    *number = clone_get_number(r);
    return true;
  }
  *number = r->objects->length;
  return !value_is_exception(rt_clone_read_value(r));
}

static bool read_private_members(CloneReader *r, Object *o) {
  Isolate *iso = r->isolate;
  for (uint64_t sort; (sort = clone_get_number(r)) != 0;) {
    uint64_t number;
    if (!read_name(r, &number)) return false;
    Value first = rt_clone_read_value(r);
    if (value_is_exception(first)) return false;
    Value setter = sort == 1 ? VALUE_UNDEFINED : rt_clone_read_value(r);
    if (value_is_exception(setter)) return false;
    // A class that the value leads to may have given it another name.
    Value name = r->objects->object.elements->values[number];
    rt_clone_own_method(r, name, &first, &setter);
    bool done = sort == 1 ? vm_private_add(iso, o, value_as_symbol(name), first)
                          : vm_private_add_accessor(
                                iso, o, value_as_symbol(name), first, setter);
    if (!done) return false;
  }
  return true;
}

bool rt_clone_read_members(CloneReader *r, Object *o) {
  Isolate *iso = r->isolate;
  uint64_t bits;
  while ((bits = clone_get_number(r)) != 0) {
    bool is_accessor = (bits - 1) & 32;
    PropertyDescriptor d = {
        .value = VALUE_EMPTY,
        .getter = VALUE_EMPTY,
        .setter = VALUE_EMPTY,
        .attributes = (uint8_t)((bits - 1) & 31),
        .present = PROPERTY_ENUMERABLE | PROPERTY_CONFIGURABLE |
                   (is_accessor ? 0 : PROPERTY_WRITABLE),
    };
    PropertyKey key;
    Value name = rt_clone_read_value(r);
    if (value_is_exception(name) || !vm_to_property_key(iso, name, &key)) {
      return false;
    }
    Value first = rt_clone_read_value(r);
    if (value_is_exception(first)) return false;
    if (is_accessor) {
      d.getter = first;
      d.setter = rt_clone_read_value(r);
      if (value_is_exception(d.setter)) return false;
    } else {
      d.value = first;
    }
    if (!vm_define_own_or_throw(iso, o, key, &d)) return false;
  }
  if (!read_private_members(r, o)) return false;
  uint64_t limits = clone_get_number(r);
  const PropertyDescriptor final = {.value = VALUE_EMPTY,
                                    .getter = VALUE_EMPTY,
                                    .setter = VALUE_EMPTY,
                                    .present = PROPERTY_WRITABLE};
  return (!(limits & 2) ||
          vm_define_own_or_throw(iso, o, KEY(length), &final)) &&
         (!(limits & 1) || vm_prevent_extensions(iso, o) != TRI_THREW);
}

// False: threw.
static bool read_prototype(CloneReader *r, Object **out) {
  Value prototype = rt_clone_read_value(r);
  if (value_is_exception(prototype)) return false;
  *out = value_is_object(prototype) ? value_as_object(prototype) : NULL;
  return true;
}

static bool is_new_above(CloneTag tag) {
  return tag == CLONE_WHOLE_OBJECT || tag == CLONE_INSTANCE ||
         tag == CLONE_INTRINSIC || tag == CLONE_NULL;
}

// An object with the prototype that follows. `instead`: gets its number. NULL:
// threw.
static Object *read_object(CloneReader *r, Object *instead) {
  Isolate *iso = r->isolate;
  Object *prototype;
  CloneTag tag = (CloneTag)*r->at;
  // Objects that are written within another one inherit from that one only by
  // way of something else, and only if a getter changed them under way.
  r->may_cycle = r->open > 0 && (r->may_cycle || !is_new_above(tag));
  if (tag == CLONE_REFERENCE || tag == CLONE_NULL) {
    // Most are not the first of their class.
    if (!read_prototype(r, &prototype)) return NULL;
    Object *o = vm_object_new_with(iso, prototype);
    return clone_number_read(r, instead != NULL ? instead : o) ? o : NULL;
  }
  Object *o = vm_object_new(iso);
  if (!clone_number_read(r, instead != NULL ? instead : o)) return NULL;
  r->open++;
  bool done = read_prototype(r, &prototype);
  r->open--;
  if (!done) return NULL;
  // Not through a chain of thousands for each object of it.
  if (!r->may_cycle) {
    vm_object_reshape(iso, o, prototype, 0, 0);
  } else if (vm_set_prototype_of(iso, o, prototype) == TRI_THREW) {
    return NULL;
  }
  return o;
}

Value rt_clone_read_whole_object(CloneReader *r, Object *instead,
                                 Function *parent) {
  if (r->at[0] == CLONE_OF_CLASS && r->at[1] == CLONE_FUNCTION) {
    r->expected = parent;
  }
  uint32_t number = r->objects == NULL ? 0 : r->objects->length;
  Object *o = read_object(r, instead);
  // Its class may have told for which prototype it is a copy.
  return o != NULL && rt_clone_read_members(r, o)
             ? r->objects->object.elements->values[number]
             : VALUE_EXCEPTION;
}

Value rt_clone_read_instance(CloneReader *r) {
  uint32_t number = r->objects == NULL ? 0 : r->objects->length;
  Object *o = read_object(r, NULL);
  return o != NULL && rt_clone_read_properties(r, o) &&
                 read_private_members(r, o)
             ? r->objects->object.elements->values[number]
             : VALUE_EXCEPTION;
}

Value rt_clone_read_derived(CloneReader *r) {
  Object *prototype;
  if (!read_prototype(r, &prototype)) return VALUE_EXCEPTION;
  // Its class leads to it: that was where it is written.
  bool is_known = *r->at == CLONE_REFERENCE;
  Value value = rt_clone_read_value(r);
  if (is_known || value_is_exception(value)) return value;
  Object *o = value_as_object(value);
  return vm_set_prototype_of(r->isolate, o, prototype) != TRI_THREW &&
                 rt_clone_read_members(r, o)
             ? value
             : VALUE_EXCEPTION;
}

Value rt_clone_read_prototype_of(CloneReader *r) {
  Value constructor = rt_clone_read_value(r);
  if (value_is_exception(constructor)) return constructor;
  Value prototype = vm_get_of_value(r->isolate, constructor, KEY(prototype));
  if (value_is_exception(prototype)) return prototype;
  return clone_list_push(r, &r->objects, prototype) ? prototype
                                                    : VALUE_EXCEPTION;
}
