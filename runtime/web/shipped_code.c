// SPDX-License-Identifier: MIT
// A table by template. It is emptied when it is half full: then functions that
// come again start with cold caches.
#include "runtime/web/shipped_code.h"

#include <stdlib.h>

#include "runtime/modules/loader.h"

enum { TABLE_SIZE = 4096 }; // at most half is used, but by one large clone

typedef struct ShippedEntry {
  Template *template; // a reference; NULL: free
  bool has_captures;
  Captures captures;
  GcRoot cell; // Code or Module; undefined: none yet
} ShippedEntry;

struct ShippedCode {
  uint32_t count;
  ShippedEntry entries[TABLE_SIZE];
};

static void clear(Runtime *rt) {
  struct ShippedCode *table = rt->shipped;
  for (uint32_t i = 0; i < TABLE_SIZE; i++) {
    ShippedEntry *e = &table->entries[i];
    if (e->template == NULL) continue;
    gc_root_remove(rt->isolate->heap, &e->cell);
    vm_captures_free(&e->captures);
    vm_template_release(e->template);
    e->template = NULL;
  }
  table->count = 0;
}

void rt_shipped_free(Runtime *rt) {
  if (rt->shipped == NULL) return;
  clear(rt);
  free(rt->shipped);
  rt->shipped = NULL;
}

void rt_shipped_trim(Runtime *rt) {
  // Whoever is writing holds on to captures.
  if (rt->shipping == 0 && rt->shipped != NULL &&
      rt->shipped->count >= TABLE_SIZE / 2) {
    clear(rt);
  }
}

// The entry, or the free one that it would have.
static ShippedEntry *place_of(struct ShippedCode *table, const Template *t) {
  uint64_t hash = (uintptr_t)t * UINT64_C(0x9e3779b97f4a7c15);
  uint32_t at = (uint32_t)(hash >> 40) % TABLE_SIZE;
  while (table->entries[at].template != NULL &&
         table->entries[at].template != t)
    at = (at + 1) % TABLE_SIZE;
  return &table->entries[at];
}

static ShippedEntry *entry_of(Runtime *rt, Template *t) {
  if (rt->shipped == NULL) rt->shipped = calloc(1, sizeof *rt->shipped);
  if (rt->shipped == NULL) {
    vm_throw_out_of_memory(rt->isolate);
    return NULL;
  }
  rt_shipped_trim(rt);
  ShippedEntry *e = place_of(rt->shipped, t);
  if (e->template != NULL) return e;
  if (rt->shipped->count == TABLE_SIZE - 1) {
    vm_throw_range(rt->isolate, "Too many functions in one clone");
    return NULL;
  }
  *e = (ShippedEntry){.template = vm_template_retain(t)};
  gc_root_add(rt->isolate->heap, &e->cell, VALUE_UNDEFINED);
  rt->shipped->count++;
  return e;
}

const Captures *rt_shipped_captures(Runtime *rt, const Template *t) {
  ShippedEntry *e = entry_of(rt, (Template *)t);
  if (e == NULL) return NULL;
  if (!e->has_captures) {
    if (!vm_template_captures(t, &e->captures)) {
      vm_throw_out_of_memory(rt->isolate);
      return NULL;
    }
    e->has_captures = true;
  }
  return &e->captures;
}

Code *rt_shipped_code(Runtime *rt, Template *t, Module *module) {
  ShippedEntry *e = entry_of(rt, t);
  if (e == NULL) return NULL;
  if (e->cell.word == VALUE_UNDEFINED) {
    Code *code = vm_code_new(rt->isolate, t, module);
    if (code == NULL) return NULL;
    if (module != NULL) code->referrer = module->name;
    e->cell.word = value_from_cell(code);
  }
  return (Code *)value_as_cell(e->cell.word);
}

Module *rt_shipped_module(Runtime *rt, Template *t, String *name) {
  Isolate *iso = rt->isolate;
  ShippedEntry *e = entry_of(rt, t);
  if (e == NULL) return NULL;
  if (e->cell.word == VALUE_UNDEFINED) {
    Module *module = vm_module_new(iso, t, name);
    uint32_t words =
        t->module->import_count * (uint32_t)(sizeof(ModuleBinding) / 8) + 1;
    BindingList *imports =
        module == NULL ? NULL : (BindingList *)vm_cell_list_new(iso, words);
    if (imports == NULL) return NULL;
    gc_store_pointer(iso->heap, &module->imports, imports);
    e->cell.word = value_from_cell(module);
  }
  return (Module *)value_as_cell(e->cell.word);
}

bool rt_shipped_import(Runtime *rt, Module *module, uint32_t index,
                       Promise **pending) {
  Isolate *iso = rt->isolate;
  *pending = NULL;
  ModuleBinding *binding = &module->imports->bindings[index];
  if (binding->environment != NULL || binding->name_space != 0) return true;
  const ModuleFacts *facts = module->code->template->module;
  const TemplateImport *import = &facts->imports[index];
  const TemplateRequest *request = &facts->requests[import->request];
  ModuleLoadRequest load = {.referrer = module,
                            .referrer_name = module->name,
                            .realm = iso->realm,
                            .specifier = request->specifier,
                            .attribute_count = request->attribute_count,
                            .attributes = request->attributes};
  Module *from = rt_requested_module(rt, &load);
  if (from == NULL || !rt_module_link_now(iso, from)) return false;
  if (request->phase == PHASE_EVALUATION) {
    Promise *done = vm_module_evaluate(iso, from);
    if (done == NULL) return false;
    vm_promise_mark_handled(iso, done);
    if (promise_state(done) == PROMISE_REJECTED) {
      vm_throw(iso, done->result);
      return false;
    }
    if (promise_state(done) == PROMISE_PENDING) *pending = done;
  }
  ModuleExportPlace place = module_object_place(from, request->phase);
  if (import->import_name != NULL) {
    ModuleResolution found =
        vm_module_resolve_export(iso, from, import->import_name, &place);
    if (found == RESOLUTION_THREW) return false;
    if (found != RESOLUTION_FOUND) {
      char *name = vm_string_to_utf8(iso, import->import_name, NULL);
      vm_throw_syntax(iso, "The module no longer exports '%s'",
                      name == NULL ? "" : name);
      free(name);
      return false;
    }
  }
  Value object = VALUE_UNDEFINED;
  if (place.slot < 0) {
    object = vm_module_place_object(iso, place);
    if (value_is_exception(object)) return false;
    if (object == VALUE_EMPTY) {
      vm_throw_syntax(iso, "The module has no source");
      return false;
    }
  } else {
    gc_store_pointer(iso->heap, &binding->environment,
                     place.module->environment);
  }
  gc_store_word(iso->heap, &binding->name_space, object);
  gc_store_word(iso->heap, &binding->slot, value_from_int(place.slot));
  return true;
}
