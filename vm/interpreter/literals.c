// SPDX-License-Identifier: MIT
// Instructions that make objects: literals, arguments, classes; and super.
#include "vm/interpreter/calls.h"
#include "vm/interpreter/iteration.h"
#include "vm/interpreter/run.h"
#include "vm/objects/arguments.h"
#include "vm/objects/charge.h"
#include "vm/objects/elements.h"
#include "vm/objects/shape_internal.h"

Value vm_new_arguments(Isolate *iso, Frame *frame, Value environment,
                       bool mapped) {
  Arguments *arguments;
  if (mapped) {
    const Template *t = frame->code->template;
    arguments = vm_arguments_new_mapped(
        iso, frame->argc, frame->argv, &frame->function->object,
        // Without parameters no register was filled.
        t->parameter_count != 0 ? (Environment *)value_as_cell(environment)
                                : NULL,
        t->mapped_parameters, t->parameter_count);
  } else {
    arguments = vm_arguments_new_unmapped(iso, frame->argc, frame->argv);
  }
  return arguments != NULL ? value_from_cell(arguments) : VALUE_EXCEPTION;
}

Value vm_new_rest(Isolate *iso, Frame *frame, uint32_t from) {
  uint32_t count = frame->argc > from ? frame->argc - from : 0;
  Array *array =
      vm_array_from(iso, count != 0 ? frame->argv + from : NULL, count);
  return array != NULL ? value_from_cell(array) : VALUE_EXCEPTION;
}

static bool define(Isolate *iso, Object *o, Value key,
                   const PropertyDescriptor *d) {
  PropertyKey k;
  return vm_to_property_key(iso, key, &k) &&
         vm_define_own_or_throw(iso, o, k, d);
}

bool vm_define_method(Isolate *iso, Object *o, Value key, Value function) {
  PropertyDescriptor d = {.value = function,
                          .getter = VALUE_EMPTY,
                          .setter = VALUE_EMPTY,
                          .attributes = PROPERTY_HIDDEN,
                          .present = PROPERTY_DEFAULT};
  return define(iso, o, key, &d);
}

bool vm_define_accessor(Isolate *iso, Object *o, Value key, Value function,
                        uint64_t bits) {
  PropertyDescriptor d = {.value = VALUE_EMPTY,
                          .getter = bits & 1 ? VALUE_EMPTY : function,
                          .setter = bits & 1 ? function : VALUE_EMPTY,
                          .attributes = PROPERTY_CONFIGURABLE |
                                        (bits & 2 ? PROPERTY_ENUMERABLE : 0),
                          .present =
                              PROPERTY_CONFIGURABLE | PROPERTY_ENUMERABLE};
  return define(iso, o, key, &d);
}

// The common case of {...source} and {a, ...rest} = source: named data
// properties that a shared shape lists. False: take the general way; nothing
// was done.
static bool copy_from_shape(Isolate *iso, Object *to, Object *from,
                            const PropertyKey *excluded, uint64_t count) {
  enum { MOST = 32 };
  const Shape *steps[MOST];
  Shape *shape = from->shape;
  const unsigned unfit =
      SHAPE_UNIQUE | SHAPE_LAZY | SHAPE_HAS_SYMBOL_KEYS | SHAPE_EXOTIC_ELEMENTS;
  if (object_kind(from) != CELL_OBJECT || object_kind(to) != CELL_OBJECT ||
      (shape->cell.flags & unfit) || from->elements != iso->empty_elements ||
      (to->shape->cell.flags & (SHAPE_UNIQUE | SHAPE_NOT_EXTENSIBLE)) ||
      shape->property_count > MOST ||
      to->shape->property_count + shape->property_count > 64)
    return false;
  uint32_t properties = 0;
  for (const Shape *s = shape; s->parent != NULL; s = s->parent) {
    // Deleted and reconfigured properties make a shape of another descent.
    if (properties == shape->property_count ||
        s->attributes != PROPERTY_DEFAULT ||
        s->property_count != shape->property_count - properties)
      return false;
    steps[properties++] = s;
  }
  if (properties != shape->property_count) return false;
  PropertySlot slot;
  for (uint32_t i = 0; i < properties; i++)
    if (vm_shape_lookup(iso, to->shape, steps[i]->key, &slot)) return false;
  for (uint32_t i = properties; i-- > 0;) {
    PropertyKey key = steps[i]->key;
    bool skip = false;
    for (uint64_t k = 0; k < count && !skip; k++)
      skip = excluded[k] == key;
    if (skip) continue;
    Value v = *object_slot(from, steps[i]->cell.extra - 1);
    // Past the first property the general way would only repeat the others.
    if (!vm_object_append_slot(
            iso, to, vm_shape_add(iso, to->shape, key, PROPERTY_DEFAULT), v))
      return false;
  }
  return true;
}

// An object that is nothing but enumerable data properties with string keys is
// copied along its shape. False: it is not, or threw (then *threw).
static bool copy_plain_object(Isolate *iso, Object *to, Object *from,
                              bool *threw) {
  enum { MOST = 64 };
  PropertyKey keys[MOST];
  Shape *shape = from->shape;
  uint32_t count = shape->property_count;
  if (from->cell.kind != CELL_OBJECT || count > MOST ||
      count != shape->cell.extra ||
      (shape->cell.flags & (SHAPE_UNIQUE | SHAPE_LAZY | SHAPE_HAS_SYMBOL_KEYS |
                            SHAPE_EXOTIC_ELEMENTS)) ||
      elements_length(from->elements) != 0 || object_has_sparse_elements(from))
    return false;
  uint32_t left = count;
  for (const Shape *s = shape; s->parent != NULL; s = s->parent) {
    if (left == 0 || s->attributes != PROPERTY_DEFAULT) return false;
    keys[--left] = s->key;
  }
  if (left != 0) return false;
  for (uint32_t i = 0; i < count; i++) {
    if (vm_create_data(iso, to, keys[i], *object_slot(from, i)) < 0) {
      *threw = true;
      return false;
    }
  }
  return true;
}

// 7.3.26 CopyDataProperties
bool vm_copy_data_properties(Isolate *iso, Value target, Value source,
                             const Value *excluded, uint64_t count) {
  if (value_is_nullish(source)) return true;
  Object *from = vm_to_object(iso, source);
  if (from == NULL) return false;
  Object *to = value_as_object(target);
  bool threw = false;
  if (!vm_charge(iso, (size_t)from->shape->property_count * 16)) return false;
  if (count == 0 && (vm_dictionary_copy(iso, to, from) ||
                     copy_plain_object(iso, to, from, &threw)))
    return true;
  if (threw) return false;
  enum { FEW = 16 };
  PropertyKey few[FEW];
  const PropertyKey *hidden = few;
  KeyList many; // of more than a few: names that nobody else may hold
  vm_key_list_init(&many);
  for (uint64_t i = 0; i < count; i++) {
    PropertyKey key;
    if (!vm_to_property_key(iso, excluded[i], &key)) return false;
    if (count <= FEW)
      few[i] = key;
    else if (!vm_key_list_add(iso, &many, key))
      return false;
  }
  if (count > FEW) hidden = many.keys;
  if (copy_from_shape(iso, to, from, hidden, count)) return true;
  if (vm_has_exception(iso)) return false;
  KeyList own;
  vm_key_list_init(&own);
  bool done = vm_own_keys(iso, from, &own);
  for (uint32_t i = 0; done && i < own.count; i++) {
    PropertyKey key = own.keys[i];
    bool skip = false;
    for (uint64_t k = 0; k < count && !skip; k++)
      skip = hidden[k] == key;
    if (skip) continue;
    PropertyDescriptor d;
    Tri has = vm_get_own_property(iso, from, key, &d);
    done = has >= 0;
    if (has <= 0 || !(d.attributes & PROPERTY_ENUMERABLE)) continue;
    Value v = vm_get(iso, from, key);
    done = v != VALUE_EXCEPTION && vm_create_data_or_throw(iso, to, key, v);
  }
  return done;
}

// 15.7.14 ClassDefinitionEvaluation, steps 8 to 15.
bool vm_new_class(Isolate *iso, Code *code, uint32_t index, Value heritage,
                  Environment *environment, Value *out) {
  Realm *realm = code->realm;
  Object *parent = realm->intrinsics[INTRINSIC_FunctionPrototype];
  Object *prototype_parent = realm->intrinsics[INTRINSIC_ObjectPrototype];
  if (value_is_null(heritage)) {
    prototype_parent = NULL;
  } else if (heritage != VALUE_EMPTY) {
    if (!value_is_constructor(heritage)) {
      vm_throw_type_value(
          iso, "Class extends value %s is not a constructor or null", heritage);
      return false;
    }
    parent = value_as_object(heritage);
    Value v = vm_get(iso, parent, KEY(prototype));
    if (value_is_exception(v)) return false;
    if (!value_is_object(v) && !value_is_null(v)) {
      vm_throw_type_value(
          iso, "Class extends value does not have valid prototype property %s",
          v);
      return false;
    }
    prototype_parent = value_is_null(v) ? NULL : value_as_object(v);
  }
  Code *nested = vm_code_nested(iso, code, index);
  if (nested == NULL) return false;
  Object *prototype = vm_object_new_with(iso, prototype_parent);
  Function *f =
      vm_function_new_with(iso, nested, environment, prototype, parent);
  vm_object_materialize(iso, &f->object);
  vm_put(iso, &f->object, KEY(prototype), value_from_cell(prototype), 0);
  vm_put(iso, prototype, KEY(constructor), value_from_cell(f), PROPERTY_HIDDEN);
  out[0] = value_from_cell(f);
  out[1] = value_from_cell(prototype);
  return true;
}

// 10.2.9 SetFunctionName
bool vm_set_function_name(Isolate *iso, Value function, Value key,
                          unsigned prefix) {
  if (!value_is_object(function)) return true;
  Object *o = value_as_object(function);
  vm_object_materialize(iso, o);
  PropertySlot slot;
  if (vm_shape_lookup(iso, o->shape, KEY(name), &slot)) {
    // A static member called name, or a name of the function's own.
    if (slot.attributes != PROPERTY_CONFIGURABLE) return true;
    Value now = *object_slot(o, slot.slot);
    if (!value_is_string(now) || string_length(value_as_string(now)) != 0)
      return true;
  }
  String *name;
  if (value_is_symbol(key)) {
    Symbol *symbol = value_as_symbol(key);
    name = symbol->description;
    if (name == NULL) {
      name = ATOM(empty);
    } else if (!(symbol->cell.flags & SYMBOL_PRIVATE)) {
      StringBuilder b;
      vm_builder_init(&b, iso);
      vm_builder_append_unit(&b, '[');
      vm_builder_append(&b, name);
      vm_builder_append_unit(&b, ']');
      name = vm_builder_finish(&b);
    }
  } else {
    name = vm_to_string(iso, key);
  }
  if (name != NULL && prefix != 0)
    name = vm_string_concat(
        iso, prefix == 1 ? ATOM(get_space) : ATOM(set_space), name);
  if (name == NULL) return false;
  PropertyDescriptor d = {.value = value_from_cell(name),
                          .getter = VALUE_EMPTY,
                          .setter = VALUE_EMPTY,
                          .attributes = PROPERTY_CONFIGURABLE,
                          .present = PROPERTY_DEFAULT};
  return vm_define_own_or_throw(iso, o, KEY(name), &d);
}

bool vm_concat(Isolate *iso, const Value *values, uint32_t count, Value *out) {
  String *s = vm_string_concat_values(iso, values, count);
  *out = value_from_cell(s);
  return s != NULL;
}

// 13.3.7.3 MakeSuperPropertyReference: the home object's prototype.
static bool super_base(Isolate *iso, Frame *frame, Object **out) {
  Object *home = frame->function->home_object;
  *out = NULL;
  if (home != NULL && !(home->cell.flags & OBJECT_EXOTIC)) {
    *out = home->shape->prototype;
    return true;
  }
  return home == NULL || vm_get_prototype_of(iso, home, out) >= 0;
}

bool vm_get_super_base(Isolate *iso, Frame *frame, Value *out) {
  Object *base;
  if (!super_base(iso, frame, &base)) return false;
  *out = base != NULL ? value_from_cell(base) : VALUE_NULL;
  return true;
}

static bool get_super(Isolate *iso, Object *base, Value receiver, Value key,
                      Value *out) {
  PropertyKey k;
  if (base == NULL) {
    *out = vm_get_of_value(iso, VALUE_NULL, KEY(prototype));
    return false;
  }
  if (!vm_to_property_key(iso, key, &k)) return false;
  // Methods: data, whoever the receiver is.
  if (vm_get_data_quickly(iso, base, k, out)) return true;
  *out = vm_get_with_receiver(iso, base, k, receiver);
  return *out != VALUE_EXCEPTION;
}

bool vm_get_super(Isolate *iso, Frame *frame, Value receiver, Value key,
                  Value *out) {
  Object *base;
  return super_base(iso, frame, &base) &&
         get_super(iso, base, receiver, key, out);
}

bool vm_get_super_from(Isolate *iso, Value base, Value receiver, Value key,
                       Value *out) {
  return get_super(iso, value_is_object(base) ? value_as_object(base) : NULL,
                   receiver, key, out);
}

bool vm_set_super(Isolate *iso, Code *code, Value base, Value receiver,
                  Value key, Value value) {
  PropertyKey k;
  if (!vm_to_property_key(iso, key, &k)) return false;
  if (!value_is_object(base)) {
    vm_throw_type_key(iso, "Cannot set properties of null (setting '%s')", k);
    return false;
  }
  Tri done =
      vm_set_with_receiver(iso, value_as_object(base), k, value, receiver);
  if (done == 0 && code->is_strict) {
    vm_throw_type_key(iso, "Cannot assign to read only property '%s' of object",
                      k);
    return false;
  }
  return done >= 0;
}

// 13.3.7.2 GetSuperConstructor
Value vm_super_constructor(Isolate *iso, Value active_function) {
  Object *parent;
  if (!value_is_object(active_function)) // in loaded code only
    return vm_throw_type_value(iso, "%s has no super", active_function);
  if (vm_get_prototype_of(iso, value_as_object(active_function), &parent) < 0)
    return VALUE_EXCEPTION;
  // CONSTRUCT checks that it is one, after the arguments.
  return parent != NULL ? value_from_cell(parent) : VALUE_NULL;
}

// 10.2.1.2 OrdinaryCallBindThis of sloppy functions.
Value vm_coerce_this(Isolate *iso, Value v) {
  if (value_is_nullish(v)) return iso->realm->global_this;
  Object *o = vm_to_object(iso, v);
  return value_from_cell(o);
}

Object *vm_regexp_new(Isolate *, String *pattern, String *flags);

Value vm_new_regexp_literal(Isolate *iso, Code *code, uint32_t index) {
  const Record *record = &code->template->records[index];
  Object *o = vm_regexp_new(iso, record->regexp.pattern, record->regexp.flags);
  return o != NULL ? value_from_cell(o) : VALUE_EXCEPTION;
}

Value vm_new_array_constant(Isolate *iso, const Record *record) {
  Array *array =
      vm_array_from(iso, record->value_list.values, record->value_list.count);
  return array != NULL ? value_from_cell(array) : VALUE_EXCEPTION;
}
