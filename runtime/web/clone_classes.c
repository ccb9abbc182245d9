// SPDX-License-Identifier: MIT
// Classes that come to where they are already: the copy of a class that a
// module makes at its top level stands for the class of the same module there,
// if it has been evaluated, so that `instanceof` and private names mean the
// same. Of what is read, only the class, its prototype and its private names
// are replaced; the copy itself is read beside them and forgotten.
//
// For this a class is written ahead of all that knows it: first its private
// names, then its prototype, then the rest.
#include "runtime/modules/loader.h"
#include "runtime/web/clone_internal.h"
#include "runtime/web/shipped_code.h"
#include "vm/interpreter/modules.h"
#include "vm/objects/elements.h"

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
      !rt_shipped_note_class(rt_of(w->isolate), f)) {
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
  *out = rt_shipped_class(rt_of(iso), t);
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

// Another object in the place of one that was read before.
static void replace(CloneReader *r, Value old, Value with) {
  Elements *objects = r->objects->object.elements;
  for (uint32_t i = 0; i < r->objects->length; i++) {
    if (objects->values[i] == old)
      gc_store_word(r->isolate->heap, &objects->values[i], with);
  }
}

// The same of a private name, which functions that were read before may have
// captured.
static void replace_name(CloneReader *r, Value old, Value with) {
  replace(r, old, with);
  for (uint32_t i = 0; i < r->clone->environment_count; i++) {
    Environment *e = (Environment *)(uintptr_t)r->environments->words[i];
    for (uint32_t k = 0; k < e->cell.extra; k++) {
      if (e->slots[k] == old)
        gc_store_word(r->isolate->heap, &e->slots[k], with);
    }
  }
}

// The functions of a private method or accessor lie behind its name.
static bool note_method(CloneReader *r, const Environment *e, uint64_t slot) {
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

// Instances that were read before keep their copy of the class, with its names.
bool rt_clone_replace_parent(CloneReader *r, Value parent,
                             const Function *child) {
  for (Function *own = rt_clone_parent_class(child); own != NULL;
       own = rt_clone_parent_class(own)) {
    if (!value_is_kind(parent, CELL_FUNCTION)) break;
    Function *copy = (Function *)value_as_cell(parent);
    if (copy == own || !is_class_of(parent, own->code->template)) break;
    Environment *there = own->environment;
    for (Environment *e = copy->environment; e != NULL && there != NULL;
         e = e->parent, there = there->parent) {
      for (uint32_t i = 0; i < e->cell.extra && i < there->cell.extra; i++) {
        Value old = e->slots[i], name = there->slots[i];
        if (!is_private_name(old) || !is_private_name(name)) continue;
        if (!note_method(r, there, i)) return false;
        replace(r, old, name);
      }
    }
    Object *above = copy->object.shape->prototype;
    replace(r, prototype_of(r->isolate, copy), prototype_of(r->isolate, own));
    replace(r, parent, value_from_cell(own));
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
    if (name != VALUE_EMPTY && !note_method(r, there, slot)) return false;
    if (*r->at++ == CLONE_SYMBOL) {
      name = rt_clone_read_symbol(r, name);
      if (value_is_exception(name)) return false;
    } else {
      Value old = r->objects->object.elements->values[clone_get_number(r)];
      if (name == VALUE_EMPTY) {
        name = old;
      } else {
        replace_name(r, old, name);
      }
    }
    gc_store_word(iso->heap,
                  &clone_hop(copy->environment, level - 1)->slots[slot], name);
  }
  return true;
}

bool rt_clone_read_class(CloneReader *r, Function *copy, Function *own) {
  if (!read_names(r, copy, own)) return false;
  Value prototype = own == NULL ? VALUE_EMPTY : prototype_of(r->isolate, own);
  if (*r->at++ == CLONE_REFERENCE) {
    Value old = r->objects->object.elements->values[clone_get_number(r)];
    if (own != NULL) replace(r, old, prototype);
    return true;
  }
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
