// SPDX-License-Identifier: MIT
// Classes that come to where they are already: the copy of a class that a
// module makes at its top level stands for the class of the same module there,
// if it has been evaluated, so that `instanceof` and private names mean the
// same. Of what is read, only the class, its prototype and its private names
// are replaced; the copy itself is read beside them and forgotten.
//
// For this a class is written ahead of all that knows it: first its private
// names, then its prototype, then the rest. What cannot be seen to be of a
// class may come first, and what a copy is of may turn out while it is being
// read, or later: then what was read so far gets the prototype and the private
// names.
#include "runtime/modules/loader.h"
#include "runtime/web/clone_internal.h"
#include "runtime/web/sent_classes.h"
#include "vm/interpreter/modules.h"
#include "vm/objects/elements.h"
#include "vm/objects/shape_internal.h"

static bool is_private_name(Value v) {
  return value_is_symbol(v) && (value_as_cell(v)->flags & SYMBOL_PRIVATE);
}

static Value prototype_of(Isolate *iso, Function *class) {
  return rt_clone_own_value(iso, &class->object, KEY(prototype));
}

bool rt_clone_is_class(const Template *t) {
  return t->kind == CODE_CLASS_CONSTRUCTOR ||
         t->kind == CODE_DERIVED_CONSTRUCTOR;
}

// Writing ---------------------------------------------------------------------

// Does the module's code itself make the class, and but one of that text? Not a
// function of it, nor a loop.
static bool is_of_module(const Function *f) {
  return f->code->module != NULL &&
         (f->code->template->flags & TEMPLATE_MADE_ONCE);
}

uint32_t rt_clone_class_levels(const Function *f) {
  uint32_t level = 0, levels = 0;
  for (Environment *e = f->environment; e != NULL; e = e->parent) {
    level++;
    for (uint32_t i = 0; i < e->cell.extra; i++) {
      if (is_private_name(e->slots[i])) levels = level;
    }
  }
  return levels;
}

// Level + 1, slot, name; 0 at the end.
static bool write_names(CloneWriter *w, Function *f) {
  uint32_t level = 0;
  for (Environment *e = f->environment; e != NULL; e = e->parent) {
    level++;
    for (uint32_t i = 0; i < e->cell.extra; i++) {
      if (!is_private_name(e->slots[i])) continue;
      if (!rt_clone_take_slot(w, e, i, NULL) || !clone_put_number(w, level) ||
          !clone_put_number(w, i) ||
          !rt_clone_write_symbol(w, value_as_symbol(e->slots[i])))
        return false;
    }
  }
  return clone_put_number(w, 0);
}

bool rt_clone_write_class(CloneWriter *w, Function *f, const Place *place) {
  Place here = {.parent = place, .key = KEY(prototype)};
  bool has_module = is_of_module(f);
  // A copy's module has no variables.
  if (has_module && f->code->module->environment != NULL &&
      !rt_sent_class_add(rt_of(w->isolate), f)) {
    return false;
  }
  Value prototype = prototype_of(w->isolate, f);
  return clone_put_number(w, has_module) && write_names(w, f) &&
         rt_clone_write_object_whole(w, value_as_object(prototype), &here);
}

// Reading ---------------------------------------------------------------------

static bool same_text(const SourceFile *a, const SourceFile *b) {
  return a == b ||
         (a->units != NULL && b->units != NULL && a->length == b->length &&
          a->is_wide == b->is_wide &&
          memcmp(a->units, b->units, (size_t)a->length << a->is_wide) == 0);
}

static bool is_class_of(Value v, const Template *t) {
  if (!value_is_kind(v, CELL_FUNCTION) ||
      !(value_as_cell(v)->flags & OBJECT_CLASS_CONSTRUCTOR))
    return false;
  const Template *own = ((Function *)value_as_cell(v))->code->template;
  return own == t || (own->source_start == t->source_start &&
                      own->source_end == t->source_end &&
                      same_text(own->source, t->source));
}

// The receiver's own module of that name; NULL: it has none with variables, or
// threw.
static Module *own_module(Isolate *iso, const Module *shipped) {
  String *name = shipped->name;
  if (value_is_string(shipped->host_value)) {
    name = vm_string_concat(iso, name, value_as_string(shipped->host_value));
    if (name == NULL) return NULL;
  }
  PropertyKey key;
  if (!vm_string_to_key(iso, name, &key)) return NULL;
  Value module =
      rt_clone_own_value(iso, rt_module_table(iso, TABLE_RECORDS), key);
  if (!value_is_kind(module, CELL_MODULE)) return NULL;
  Module *own = (Module *)value_as_cell(module);
  return own->code != NULL && own->environment != NULL ? own : NULL;
}

bool rt_clone_find_class(CloneReader *r, const Template *t,
                         const Module *shipped, Function *expected,
                         Function **out) {
  Isolate *iso = r->isolate;
  *out = NULL;
  bool is_of_module = clone_get_number(r) != 0;
  if (r->clone->keeps_apart) return true;
  if (expected != NULL && is_class_of(value_from_cell(expected), t)) {
    *out = expected;
    return true;
  }
  if (!is_of_module) return true;
  *out = rt_sent_class(rt_of(iso), t);
  if (*out != NULL) return true;
  Module *own = own_module(iso, shipped);
  if (own == NULL) return !vm_has_exception(iso);
  const Environment *e = own->environment;
  for (uint32_t i = 0; i < e->cell.extra; i++) {
    if (!is_class_of(e->slots[i], t)) continue;
    *out = (Function *)value_as_cell(e->slots[i]);
    break;
  }
  return true;
}

static Value object_at(const CloneReader *r, uint64_t number) {
  return r->objects->object.elements->values[number];
}

// Another object in the place of a copy that was read before, and as the
// prototype of what has that one. False: threw.
static bool replace(CloneReader *r, Value old, Value with) {
  Isolate *iso = r->isolate;
  if (!vm_charge(iso, r->objects->length)) return false;
  for (uint32_t i = 0; i < r->objects->length; i++) {
    Value v = object_at(r, i);
    if (v == old) {
      gc_store_word(iso->heap, &r->objects->object.elements->values[i], with);
    } else if (value_is_object(v) &&
               value_as_object(v)->shape->prototype == value_as_object(old)) {
      vm_object_reshape(iso, value_as_object(v), value_as_object(with), 0, 0);
    }
  }
  return true;
}

// Of an object that was read before: the member has another name, too. Nothing
// knows it by the first one any more.
static bool rename_member(CloneReader *r, Object *o, Value old, Value with) {
  Isolate *iso = r->isolate;
  PropertyKey key = key_from_symbol(value_as_symbol(with));
  PropertySlot p, other;
  if (!(o->shape->cell.flags & SHAPE_HAS_SYMBOL_KEYS) ||
      !vm_shape_lookup(iso, o->shape, key_from_symbol(value_as_symbol(old)),
                       &p) ||
      vm_shape_lookup(iso, o->shape, key, &other))
    return true;
  Value value = *object_slot(o, p.slot), setter = VALUE_UNDEFINED;
  if (p.attributes & PROPERTY_ACCESSOR) {
    Accessor *a = (Accessor *)value_as_cell(value);
    Value getter = a->getter;
    setter = a->setter;
    rt_clone_own_method(r, with, &getter, &setter);
    gc_store_word(iso->heap, &a->getter, getter);
    gc_store_word(iso->heap, &a->setter, setter);
  } else {
    rt_clone_own_method(r, with, &value, &setter);
  }
  return vm_object_add_property(iso, o, key, value, p.attributes);
}

static bool is_own_name(const CloneReader *r, Value name) {
  const Array *list = r->own_names;
  for (uint32_t i = 0; list != NULL && i < list->length; i++) {
    if (list->object.elements->values[i] == name) return true;
  }
  return false;
}

// The receiver's private name in the place of a copy's, which functions and
// objects that were read before may have. False: threw.
static bool replace_name(CloneReader *r, Value old, Value with) {
  Isolate *iso = r->isolate;
  if (is_own_name(r, old)) return true; // it was replaced, or came as it is
  if (!vm_charge(iso, r->objects->length)) return false;
  for (uint32_t i = 0; i < r->objects->length; i++) {
    Value v = object_at(r, i);
    if (v == old) {
      gc_store_word(iso->heap, &r->objects->object.elements->values[i], with);
    } else if (value_is_object(v) &&
               !rename_member(r, value_as_object(v), old, with)) {
      return false;
    }
  }
  for (uint32_t i = 0; i < r->clone->environment_count; i++) {
    Environment *e = (Environment *)(uintptr_t)r->environments->words[i];
    for (uint32_t k = 0; k < e->cell.extra; k++) {
      if (e->slots[k] == old) gc_store_word(iso->heap, &e->slots[k], with);
    }
  }
  return true;
}

// A private name of the receiver's class. The functions of a method or accessor
// lie behind it.
static bool note_name(CloneReader *r, const Environment *e, uint64_t slot) {
  if (is_own_name(r, e->slots[slot])) return true;
  if (!clone_list_push(r, &r->own_names, e->slots[slot])) return false;
  if (!(value_as_cell(e->slots[slot])->flags & SYMBOL_PRIVATE_METHOD)) {
    return true;
  }
  for (uint64_t i = slot; i < slot + 3; i++) {
    Value v = i < e->cell.extra ? e->slots[i] : VALUE_UNDEFINED;
    if (i > slot && !value_is_callable(v)) v = VALUE_UNDEFINED;
    if (!clone_list_push(r, &r->own_methods, v)) return false;
  }
  return true;
}

// In `copies`: the number of the class's prototype follows. NULL: it is none.
static Value *find_copy(const CloneReader *r, Value class) {
  const Array *list = r->copies;
  for (uint32_t i = 0; list != NULL && i < list->length; i += 2) {
    Value *row = &list->object.elements->values[i];
    if (row[0] == class) return row;
  }
  return NULL;
}

// The names of a class that is being read, or was.
static bool replace_names(CloneReader *r, const Function *copy,
                          const Function *own) {
  const Environment *there = own->environment;
  for (Environment *e = copy->environment; e != NULL && there != NULL;
       e = e->parent, there = there->parent) {
    for (uint32_t i = 0; i < e->cell.extra && i < there->cell.extra; i++) {
      Value old = e->slots[i], name = there->slots[i];
      if (!is_private_name(old) || !is_private_name(name)) continue;
      if (!note_name(r, there, i) || !replace_name(r, old, name)) return false;
    }
  }
  return true;
}

bool rt_clone_replace_parent(CloneReader *r, Value parent,
                             const Function *child) {
  for (Function *own = rt_clone_parent_class(child); own != NULL;
       own = rt_clone_parent_class(own)) {
    Value *row = find_copy(r, parent);
    if (row == NULL || !is_class_of(parent, own->code->template)) break;
    Value prototype = object_at(r, (uint64_t)value_as_number(row[1]));
    gc_store_word(r->isolate->heap, &row[0], VALUE_UNDEFINED);
    const Function *copy = (Function *)value_as_cell(parent);
    Object *above = copy->object.shape->prototype;
    if (!replace_names(r, copy, own) ||
        !replace(r, prototype, prototype_of(r->isolate, own)) ||
        !replace(r, parent, value_from_cell(own)))
      return false;
    parent = above == NULL ? VALUE_NULL : value_from_cell(above);
  }
  return true;
}

static bool read_names(CloneReader *r, Function *copy, Function *own) {
  Isolate *iso = r->isolate;
  for (uint64_t level; (level = clone_get_number(r)) != 0;) {
    uint64_t slot = clone_get_number(r);
    Environment *there =
        own == NULL ? NULL : clone_hop(own->environment, level - 1);
    Value name = there != NULL && slot < there->cell.extra &&
                         is_private_name(there->slots[slot])
                     ? there->slots[slot]
                     : VALUE_EMPTY;
    Value read = name;
    if (*r->at++ == CLONE_SYMBOL) {
      read = rt_clone_read_symbol(r, name);
      if (value_is_exception(read)) return false;
    } else {
      read = object_at(r, clone_get_number(r));
    }
    if (name != VALUE_EMPTY &&
        (!note_name(r, there, slot) || !replace_name(r, read, name)))
      return false;
    gc_store_word(iso->heap,
                  &clone_hop(copy->environment, level - 1)->slots[slot],
                  name == VALUE_EMPTY ? read : name);
  }
  return true;
}

static bool note_copy(CloneReader *r, Function *copy, uint64_t prototype) {
  return clone_list_push(r, &r->copies, value_from_cell(copy)) &&
         clone_list_push(r, &r->copies, value_from_number((double)prototype));
}

bool rt_clone_read_class(CloneReader *r, Function *copy, Function *own) {
  if (!read_names(r, copy, own)) return false;
  Value prototype = own == NULL ? VALUE_EMPTY : prototype_of(r->isolate, own);
  bool is_known = *r->at++ == CLONE_REFERENCE;
  // A new one gets its number before anything in it.
  uint64_t number = is_known ? clone_get_number(r) : r->objects->length;
  if (own == NULL && !note_copy(r, copy, number)) return false;
  if (is_known)
    return own == NULL || replace(r, object_at(r, number), prototype);
  return !value_is_exception(rt_clone_read_whole_object(
      r, own == NULL ? NULL : value_as_object(prototype),
      own == NULL ? NULL : rt_clone_parent_class(own)));
}

Function *rt_clone_parent_class(const Function *own) {
  Object *parent = own->object.shape->prototype;
  return parent != NULL && object_kind(parent) == CELL_FUNCTION
             ? (Function *)parent
             : NULL;
}

void rt_clone_own_method(CloneReader *r, Value name, Value *first,
                         Value *second) {
  Array *list = r->own_methods;
  for (uint32_t i = 0; list != NULL && i < list->length; i += 3) {
    const Value *row = &list->object.elements->values[i];
    if (row[0] != name) continue;
    *first = row[1];
    *second = row[2];
  }
}
