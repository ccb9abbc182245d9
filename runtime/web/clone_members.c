// SPDX-License-Identifier: MIT
// Objects that travel with their class: prototypes and home objects whole, and
// instances with their prototype and private members. Nothing here runs script:
// own properties are written as they are, accessors included.
#include "runtime/web/clone_internal.h"
#include "vm/objects/elements.h"
#include "vm/objects/shape_internal.h"

static bool is_seen(CloneWriter *w, Object *o) {
  return vm_hash_table_find(w->isolate, w->seen, value_from_cell(o)) != NULL;
}

static bool write_optional(CloneWriter *w, Value value, const Place *place) {
  return value == VALUE_EMPTY ? clone_put_tag(w, CLONE_HOLE)
                              : rt_clone_write_value(w, value, place);
}

// Classes ---------------------------------------------------------------------

// The constructor whose `prototype` the object is, as far as data properties
// tell; NULL: there is none.
static Object *constructor_of(Isolate *iso, Object *prototype) {
  Value c = rt_clone_own_value(iso, prototype, KEY(constructor));
  if (!value_is_callable(c) || value_is_kind(c, CELL_PROXY)) return NULL;
  Object *constructor = value_as_object(c);
  return rt_clone_own_value(iso, constructor, KEY(prototype)) ==
                 value_from_cell(prototype)
             ? constructor
             : NULL;
}

// 1: the object is the prototype of a class that goes by name, and is written.
static Tri write_named_prototype(CloneWriter *w, Object *o) {
  Object *constructor = constructor_of(w->isolate, o);
  if (constructor == NULL || !rt_clone_goes_by_name(w->isolate, constructor)) {
    return 0;
  }
  size_t start = w->out->length;
  if (!clone_put_tag(w, CLONE_PROTOTYPE_OF)) return TRI_THREW;
  Tri done = rt_clone_write_by_name(w, constructor);
  if (done > 0 && !clone_number_cell(w, value_from_cell(o))) done = TRI_THREW;
  if (done == 0) w->out->length = start;
  return done;
}

// Members ---------------------------------------------------------------------

// Is it a private name of a builtin module's class that the object inherits
// from? The receiver's class has another one.
static bool is_of_builtin_class(Isolate *iso, Object *o, Symbol *name) {
  for (Object *p = o->shape->prototype;
       p != NULL && object_kind(p) == CELL_OBJECT; p = p->shape->prototype) {
    Object *c = constructor_of(iso, p);
    if (c == NULL || object_kind(c) != CELL_FUNCTION ||
        !rt_clone_goes_by_name(iso, c))
      continue;
    Environment *e = ((Function *)c)->environment;
    for (uint32_t i = 0; e != NULL && i < e->cell.extra; i++) {
      if (e->slots[i] == value_from_cell(name)) return true;
    }
  }
  return false;
}

static bool is_private_member(Isolate *iso, const ShapeEntry *e) {
  if (e->key == 0 || !key_is_symbol(e->key)) return false;
  Value name = vm_key_to_value(iso, e->key);
  return value_as_cell(name)->flags & SYMBOL_PRIVATE &&
         value_as_symbol(name) != rt_platform_symbol(iso);
}

// Sort, name and value, or getter and setter.
static bool write_private_member(CloneWriter *w, Object *o, Symbol *name,
                                 const Place *place) {
  Isolate *iso = w->isolate;
  PropertySlot p;
  if (!vm_shape_lookup(iso, o->shape, key_from_symbol(name), &p)) return true;
  Place here = {.parent = place, .key = key_from_atom(name->description)};
  Value value = *object_slot(o, p.slot);
  bool is_accessor = p.attributes & PROPERTY_ACCESSOR;
  const HashEntry *known =
      vm_hash_table_find(iso, w->seen, value_from_cell(name));
  if (known == NULL && is_of_builtin_class(iso, o, name))
    return rt_clone_refuse(w, value_from_cell(o), &here);
  if (!clone_put_number(w, is_accessor ? 2 : 1) ||
      !rt_clone_write_symbol(w, name)) {
    return false;
  }
  if (!is_accessor) return rt_clone_write_value(w, value, &here);
  Accessor *a = (Accessor *)value_as_cell(value);
  return rt_clone_write_value(w, a->getter, &here) &&
         rt_clone_write_value(w, a->setter, &here);
}

// The names of private members. False: threw.
static bool private_names(Isolate *iso, Object *o, KeyList *names) {
  vm_key_list_init(names);
  if (!(o->shape->cell.flags & SHAPE_HAS_SYMBOL_KEYS)) return true;
  ShapeTable *table = vm_shape_table(iso, o->shape);
  uint32_t limit = shape_table_limit(o->shape);
  for (uint32_t i = 0; i < limit && i < table->count; i++) {
    if (is_private_member(iso, &table->entries[i]) &&
        !vm_key_list_add(iso, names, table->entries[i].key))
      return false;
  }
  return true;
}

// Private members: 1, name, value, or 2, name, getter, setter; 0 at the end.
static bool write_private_members(CloneWriter *w, Object *o,
                                  const Place *place) {
  KeyList names;
  bool done = private_names(w->isolate, o, &names);
  for (uint32_t i = 0; done && i < names.count; i++) {
    Symbol *name = value_as_symbol(vm_key_to_value(w->isolate, names.keys[i]));
    done = write_private_member(w, o, name, place);
  }
  return done && clone_put_number(w, 0);
}

// Own keys but those of elements that the value of a derived object has.
static bool member_keys(Isolate *iso, Object *o, KeyList *keys) {
  CellKind kind = object_kind(o);
  vm_key_list_init(keys);
  return kind == CELL_TYPED_ARRAY || kind == CELL_STRING_OBJECT ||
                 (kind == CELL_ARRAY && !object_has_sparse_elements(o))
             ? vm_named_own_keys(iso, o, keys)
             : vm_own_keys(iso, o, keys);
}

static bool write_member(CloneWriter *w, Object *o, PropertyKey key,
                         const PropertyDescriptor *d, const Place *place) {
  bool is_accessor = descriptor_is_accessor(d);
  Value name = vm_key_to_value(w->isolate, key);
  bool is_symbol = value_is_symbol(name);
  Place here = {.parent = place,
                .key = is_symbol ? 0 : key,
                .note = is_symbol ? "[symbol]" : NULL};
  if (value_is_exception(name) ||
      !clone_put_number(w, 1u + d->attributes + (is_accessor ? 32u : 0)) ||
      !rt_clone_write_value(w, name, &here)) {
    return false;
  }
  if (is_accessor) {
    return write_optional(w, d->getter, &here) &&
           write_optional(w, d->setter, &here);
  }
  return key == KEY(prototype) && (o->cell.flags & OBJECT_CALLABLE) &&
                 value_is_object(d->value)
             ? rt_clone_write_whole(w, d->value, &here)
             : rt_clone_write_value(w, d->value, &here);
}

// All own properties: 1 + attributes, whether it is an accessor (32), key,
// value or getter and setter; 0 at the end. Then private ones, and whether it
// cannot be extended (1), nor an array's length changed (2).
bool rt_clone_write_members(CloneWriter *w, Object *o, const Place *place) {
  Isolate *iso = w->isolate;
  CellKind kind = object_kind(o);
  bool has_length = kind == CELL_ARRAY || kind == CELL_STRING_OBJECT;
  KeyList keys;
  bool done = member_keys(iso, o, &keys);
  for (uint32_t i = 0; done && i < keys.count; i++) {
    PropertyKey key = keys.keys[i];
    if (has_length && key == KEY(length)) continue;
    PropertyDescriptor d;
    Tri found = vm_get_own_property(iso, o, key, &d);
    done = found != TRI_THREW && (!found || write_member(w, o, key, &d, place));
  }
  bool is_final =
      kind == CELL_ARRAY && (o->cell.flags & OBJECT_LENGTH_READ_ONLY);
  uint64_t limits = (o->shape->cell.flags & SHAPE_NOT_EXTENSIBLE ? 1 : 0) +
                    (is_final ? 2 : 0);
  return done && clone_put_number(w, 0) && write_private_members(w, o, place) &&
         clone_put_number(w, limits);
}

bool rt_clone_write_object_whole(CloneWriter *w, Object *o,
                                 const Place *place) {
  Value self = value_from_cell(o);
  const HashEntry *known = vm_hash_table_find(w->isolate, w->seen, self);
  if (known != NULL) {
    return clone_put_tag(w, CLONE_REFERENCE) &&
           clone_put_number(w, (uint64_t)value_as_number(known->value));
  }
  Value prototype = o->shape->prototype == NULL
                        ? VALUE_NULL
                        : value_from_cell(o->shape->prototype);
  return vm_check_stack(w->isolate) && clone_number_cell(w, self) &&
         clone_put_tag(w, CLONE_WHOLE_OBJECT) &&
         rt_clone_write_whole(w, prototype, place) &&
         rt_clone_write_members(w, o, place);
}

bool rt_clone_write_whole(CloneWriter *w, Value value, const Place *place) {
  if (!value_is_object(value)) return rt_clone_write_value(w, value, place);
  Object *o = value_as_object(value);
  if (is_seen(w, o)) return rt_clone_write_object_whole(w, o, place);
  if (o->cell.flags & OBJECT_CALLABLE) {
    return rt_clone_write_value(w, value, place);
  }
  Tri done = rt_clone_write_intrinsic(w, o);
  if (done == 0) done = write_named_prototype(w, o);
  if (done != 0) return done > 0;
  if (object_kind(o) != CELL_OBJECT)
    return rt_clone_write_value(w, value, place);
  Object *class = constructor_of(w->isolate, o);
  if (class == NULL || !(class->cell.flags & OBJECT_CLASS_CONSTRUCTOR) ||
      is_seen(w, class)) {
    return rt_clone_write_object_whole(w, o, place);
  }
  // The class comes first, which is known by then.
  Place here = {.parent = place, .key = KEY(constructor)};
  return vm_check_stack(w->isolate) && clone_put_tag(w, CLONE_OF_CLASS) &&
         rt_clone_write_value(w, value_from_cell(class), &here) &&
         rt_clone_write_object_whole(w, o, place);
}

// Instances -------------------------------------------------------------------

// Is it a prototype, so that nothing of it may be left out? Prototypes of
// classes begin with their constructor.
static bool is_prototype(Isolate *iso, Object *o) {
  if (o->shape->cell.flags & SHAPE_IS_PROTOTYPE) return true;
  vm_object_materialize(iso, o); // of a builtin
  if (o->shape->property_count == 0) return false;
  const ShapeEntry *first = &vm_shape_table(iso, o->shape)->entries[0];
  return first->key == KEY(constructor) && first->attributes == PROPERTY_HIDDEN;
}

static Tri has_private_members(Isolate *iso, Object *o) {
  KeyList names;
  return private_names(iso, o, &names) ? names.count > 0 : TRI_THREW;
}

// Has it members besides what every error's copy has, as `code`?
static Tri says_more(Isolate *iso, Object *error) {
  Tri done = has_private_members(iso, error);
  if (done != 0) return done;
  KeyList keys;
  vm_key_list_init(&keys);
  if (!vm_own_keys(iso, error, &keys)) return TRI_THREW;
  for (uint32_t i = 0; i < keys.count; i++) {
    PropertyKey key = keys.keys[i];
    if (key != KEY(message) && key != KEY(stack) && key != KEY(cause)) return 1;
  }
  return 0;
}

// Can it be copied as a prototype, with all above it?
static bool is_copied_whole(CloneWriter *w, Object *prototype) {
  for (Object *p = prototype; p != NULL; p = p->shape->prototype) {
    if (object_kind(p) == CELL_OBJECT) continue;
    if (object_kind(p) == CELL_PROXY) return false;
    return (p->cell.flags & OBJECT_CALLABLE) || is_seen(w, p) ||
           rt_clone_is_intrinsic(w->isolate, p);
  }
  return true;
}

// The prototype by which an instance knows its class. 0: it is a usual one, or
// a builtin class that has no name, or whose private members cannot be copied,
// or one that is, or inherits from, something else than an object or function.
static Tri write_class_prototype(CloneWriter *w, Object *o,
                                 const Place *place) {
  Isolate *iso = w->isolate;
  Object *p = o->shape->prototype;
  if (p == NULL) return clone_put_tag(w, CLONE_NULL) ? 1 : TRI_THREW;
  if (!is_seen(w, p)) {
    Tri as_object = object_kind(o) == CELL_OBJECT ? 1
                    : object_kind(o) == CELL_ERROR
                        ? says_more(iso, o)
                        : has_private_members(iso, o);
    if (as_object == TRI_THREW) return TRI_THREW;
    if (as_object) {
      Tri done = rt_clone_write_intrinsic(w, p);
      if (done != 0) return done;
    } else if (rt_clone_is_intrinsic(iso, p)) {
      return 0;
    }
    if (!is_copied_whole(w, p)) return 0;
    Object *constructor = constructor_of(iso, p);
    if (constructor != NULL && rt_clone_goes_by_name(iso, constructor)) {
      Tri has_private = has_private_members(iso, o);
      return has_private == 0  ? write_named_prototype(w, p)
             : has_private > 0 ? 0
                               : TRI_THREW;
    }
  }
  return rt_clone_write_whole(w, value_from_cell(p), place) ? 1 : TRI_THREW;
}

// Are all members data properties of the usual attributes, under names?
static bool is_simple(Isolate *iso, Object *o) {
  const Shape *shape = o->shape;
  if ((shape->cell.flags & (SHAPE_UNIQUE | SHAPE_LAZY | SHAPE_NOT_EXTENSIBLE |
                            SHAPE_EXOTIC_ELEMENTS)) ||
      object_has_sparse_elements(o) || elements_length(o->elements) > 0)
    return false;
  ShapeTable *table = vm_shape_table(iso, o->shape);
  for (uint32_t i = 0; i < shape->property_count; i++) {
    const ShapeEntry *e = &table->entries[i];
    if (key_is_symbol(e->key) ? !is_private_member(iso, e)
                              : e->attributes != PROPERTY_DEFAULT)
      return false;
  }
  return true;
}

static bool write_simple_members(CloneWriter *w, Object *o,
                                 const Place *place) {
  Shape *shape = o->shape;
  ShapeTable *table = vm_shape_table(w->isolate, shape);
  for (uint32_t i = 0; i < shape->property_count; i++) {
    ShapeEntry e = table->entries[i];
    if (key_is_symbol(e.key)) continue;
    Value value;
    if (likely(o->shape == shape)) {
      value = *object_slot(o, e.slot);
    } else { // a getter of a plain object that is a value
      value = rt_clone_own_value(w->isolate, o, e.key);
      if (value == VALUE_EMPTY) continue;
    }
    Place here = {.parent = place, .key = e.key};
    if (!clone_put_key(w, e.key) || !rt_clone_write_value(w, value, &here))
      return false;
  }
  return clone_put_tag(w, CLONE_END) && write_private_members(w, o, place);
}

// Is it the prototype of a script's class?
static bool is_of_script(Isolate *iso, Object *prototype) {
  const Object *class = constructor_of(iso, prototype);
  return class != NULL && (class->cell.flags & OBJECT_CLASS_CONSTRUCTOR) &&
         !rt_clone_goes_by_name(iso, class);
}

Tri rt_clone_write_instance(CloneWriter *w, Object *o, const Place *place) {
  Isolate *iso = w->isolate;
  bool is_usual = o->shape->prototype == INTRINSIC_OBJECT(iso, ObjectPrototype);
  if (is_prototype(iso, o) && (is_usual || is_of_script(iso, o)))
    return rt_clone_write_whole(w, value_from_cell(o), place) ? 1 : TRI_THREW;
  if (is_usual) {
    // A constructor may give private members to any object.
    Tri has_private = has_private_members(iso, o);
    if (has_private <= 0) return has_private;
  }
  size_t start = w->out->length;
  uint32_t count = w->count;
  bool simple = is_simple(iso, o);
  if (!clone_number_cell(w, value_from_cell(o)) ||
      !clone_put_tag(w, simple ? CLONE_INSTANCE : CLONE_WHOLE_OBJECT))
    return TRI_THREW;
  Tri done = write_class_prototype(w, o, place);
  if (done == 0) { // its number is given to it again
    w->out->length = start;
    w->count = count;
  }
  if (done <= 0) return done;
  return (simple ? write_simple_members(w, o, place)
                 : rt_clone_write_members(w, o, place))
             ? 1
             : TRI_THREW;
}

Tri rt_clone_begin_derived(CloneWriter *w, Object *o, const Place *place) {
  size_t start = w->out->length;
  if (!clone_put_tag(w, CLONE_DERIVED)) return TRI_THREW;
  Tri done = write_class_prototype(w, o, place);
  if (done == 0) w->out->length = start;
  return done;
}
