// SPDX-License-Identifier: MIT
// The receiving side of clone_functions.c.
#include <string.h>

#include "runtime/modules/loader.h"
#include "runtime/runtime.h"
#include "runtime/web/clone_internal.h"
#include "runtime/web/shipped_code.h"
#include "vm/interpreter/calls.h"
#include "vm/objects/elements.h"

bool rt_clone_make_environments(CloneReader *r) {
  Isolate *iso = r->isolate;
  const Clone *c = r->clone;
  r->environments = vm_cell_list_new(iso, c->environment_count);
  if (r->environments == NULL) return false;
  for (uint32_t i = 0; i < c->environment_count; i++) {
    Environment *e =
        vm_environment_new(iso, NULL, c->environments[i].slot_count);
    if (e == NULL) return false;
    gc_store_word(iso->heap, &r->environments->words[i], value_from_cell(e));
  }
  for (uint32_t i = 0; i < c->environment_count; i++) {
    if (c->environments[i].parent == 0) continue;
    Environment *e = (Environment *)(uintptr_t)r->environments->words[i];
    uint64_t parent = r->environments->words[c->environments[i].parent - 1];
    gc_store_pointer(iso->heap, &e->parent, (Environment *)(uintptr_t)parent);
  }
  return true;
}

static Environment *environment_at(CloneReader *r, uint64_t number) {
  return (Environment *)(uintptr_t)r->environments->words[number];
}

Value rt_clone_read_symbol(CloneReader *r, Value instead) {
  Isolate *iso = r->isolate;
  uint64_t sort = clone_get_number(r);
  if (sort == 0) {
    return value_from_cell(vm_well_known_symbols[clone_get_number(r)]);
  }
  uint8_t flags = sort == 2 ? (uint8_t)clone_get_number(r) : 0;
  CloneTag tag = (CloneTag)*r->at++;
  String *text = NULL;
  if (tag != CLONE_HOLE) {
    text = clone_get_string(r, tag);
    if (text == NULL) return VALUE_EXCEPTION;
  }
  Symbol *symbol = sort == 1                ? vm_symbol_for(iso, text)
                   : instead != VALUE_EMPTY ? value_as_symbol(instead)
                                            : vm_symbol_new(iso, text, flags);
  if (symbol == NULL || (sort == 2 && !clone_number_read(r, symbol))) {
    return VALUE_EXCEPTION;
  }
  return value_from_cell(symbol);
}

// "Array.prototype.map": from the global object on.
static Value read_path(Isolate *iso, String *path) {
  char *text = vm_string_to_utf8(iso, path, NULL);
  if (text == NULL) return vm_throw_out_of_memory(iso);
  Value value = iso->realm->global_this;
  char *rest = text;
  for (char *name; (name = strsep(&rest, ".")) != NULL;) {
    value = vm_get_of_value(iso, value, vm_key_from_c(name));
    if (value_is_exception(value)) break;
  }
  free(text);
  return value;
}

Value rt_clone_read_global(CloneReader *r, CloneTag tag) {
  Isolate *iso = r->isolate;
  if (tag == CLONE_INTRINSIC) {
    return value_from_cell(iso->realm->intrinsics[clone_get_number(r)]);
  }
  String *text = clone_get_string(r, (CloneTag)*r->at++);
  if (text == NULL) return VALUE_EXCEPTION;
  if (tag == CLONE_GLOBAL) return read_path(iso, text);
  String *exported = clone_get_string(r, (CloneTag)*r->at++);
  String *atom = exported == NULL ? NULL : vm_string_intern(iso, exported);
  char *name = atom == NULL ? NULL : vm_string_to_utf8(iso, text, NULL);
  if (name == NULL) return vm_throw_out_of_memory(iso);
  Value module = rt_builtin_namespace(rt_of(iso), name);
  free(name);
  return value_is_exception(module)
             ? module
             : vm_get(iso, value_as_object(module), key_from_atom(atom));
}

// NULL with no exception: there is none.
static bool read_module(CloneReader *r, Module **out) {
  Isolate *iso = r->isolate;
  Runtime *rt = rt_of(iso);
  *out = NULL;
  uint64_t number = clone_get_number(r);
  if (number == 0) return true;
  String *name = clone_get_string(r, (CloneTag)*r->at++);
  Module *module =
      name == NULL
          ? NULL
          : rt_shipped_module(rt, r->clone->templates[number - 1], name);
  if (module == NULL) return false;
  CloneTag tag = (CloneTag)*r->at++;
  if (tag != CLONE_HOLE) {
    String *query = clone_get_string(r, tag);
    if (query == NULL) return false;
    gc_store_word(iso->heap, &module->host_value, value_from_cell(query));
  }
  for (uint64_t import; (import = clone_get_number(r)) != 0;) {
    Promise *pending;
    if (!rt_shipped_import(rt, module, (uint32_t)import - 1, &pending)) {
      return false;
    }
    if (pending != NULL &&
        !clone_list_push(r, &r->arrivals.pending, value_from_cell(pending))) {
      return false;
    }
  }
  *out = module;
  return true;
}

bool rt_clone_read_imports(CloneReader *r) {
  const Clone *c = r->clone;
  for (uint32_t i = 0; i < c->module_count; i++) {
    Module *module;
    r->at = c->bytes + c->modules[i];
    if (!read_module(r, &module)) return false;
  }
  return true;
}

static bool read_captures(CloneReader *r) {
  for (uint64_t number; (number = clone_get_number(r)) != 0;) {
    uint64_t slot = clone_get_number(r);
    Value value = rt_clone_read_value(r);
    if (value_is_exception(value)) return false;
    gc_store_word(r->isolate->heap, &environment_at(r, number - 1)->slots[slot],
                  value);
  }
  return true;
}

Value rt_clone_read_function(CloneReader *r) {
  Isolate *iso = r->isolate;
  Template *t = r->clone->templates[clone_get_number(r)];
  Function *expected = r->expected, *own = NULL;
  r->expected = NULL;
  Module *module;
  // Evaluating a module may run script, but not with what is being read.
  if (!read_module(r, &module)) return VALUE_EXCEPTION;
  uint64_t environment = clone_get_number(r);
  Code *code = rt_shipped_code(rt_of(iso), t, module);
  if (code == NULL) return VALUE_EXCEPTION;
  Function *f = vm_function_new(
      iso, code, environment == 0 ? NULL : environment_at(r, environment - 1),
      NULL);
  bool is_class = rt_clone_is_class(t);
  if (is_class && !rt_clone_find_class(r, t, module, expected, &own)) {
    return VALUE_EXCEPTION;
  }
  Value self = value_from_cell(own != NULL ? own : f);
  uint32_t number = r->objects == NULL ? 0 : r->objects->length;
  if (!clone_number_read(r, value_as_cell(self)) ||
      (is_class && !rt_clone_read_class(r, f, own)) || !read_captures(r)) {
    return VALUE_EXCEPTION;
  }
  if (own != NULL && *r->at == CLONE_FUNCTION) {
    r->expected = rt_clone_parent_class(own);
  }
  Value parent = rt_clone_read_value(r);
  // A class that it leads to may have told for which one it is a copy.
  self = r->objects->object.elements->values[number];
  if (is_class && self != value_from_cell(f)) {
    own = (Function *)value_as_cell(self);
  }
  if (value_is_exception(parent) ||
      (own != NULL && !rt_clone_replace_parent(r, parent, own))) {
    return VALUE_EXCEPTION;
  }
  if (parent != VALUE_EMPTY) {
    Object *prototype =
        value_is_object(parent) ? value_as_object(parent) : NULL;
    if (vm_set_prototype_of(iso, &f->object, prototype) == TRI_THREW) {
      return VALUE_EXCEPTION;
    }
  }
  Value home = rt_clone_read_value(r);
  if (value_is_exception(home)) return home;
  if (value_is_object(home)) {
    gc_store_pointer(iso->heap, &f->home_object, value_as_object(home));
  }
  Value initializer = rt_clone_read_value(r);
  if (value_is_exception(initializer)) return initializer;
  gc_store_word(iso->heap, &f->field_initializer, initializer);
  if (clone_get_number(r) != 0) {
    vm_object_materialize(iso, &f->object);
    if (!rt_clone_read_members(r, &f->object)) return VALUE_EXCEPTION;
  }
  return r->objects->object.elements->values[number];
}
