// SPDX-License-Identifier: MIT
// Module records: making them, resolving exports, linking (ECMA-262 16.2.1.6,
// 16.2.1.7).
#include "vm/interpreter/modules.h"
#include "vm/interpreter/module_stack.h"

#include <stdlib.h>

#include "vm/interpreter/calls.h"
#include "vm/interpreter/module_namespace.h"
#include "vm/interpreter/run.h"

static Module *allocate(Isolate *iso, String *name) {
  Module *module =
      (Module *)gc_allocate(iso->heap, sizeof(Module), CELL_MODULE);
  module->realm = iso->realm;
  module->name = name;
  module->evaluation_error = VALUE_EMPTY;
  module->meta = VALUE_EMPTY;
  module->source = VALUE_EMPTY;
  module->host_value = VALUE_UNDEFINED;
  return module;
}

Module *vm_module_new(Isolate *iso, Template *t, String *name) {
  Module *module = allocate(iso, name);
  Code *code = vm_code_new(iso, t, module);
  if (code == NULL) return NULL;
  gc_store_pointer(iso->heap, &module->code, code);
  CellList *requested = vm_cell_list_new(iso, t->module->request_count);
  if (requested == NULL) return NULL;
  gc_store_pointer(iso->heap, &module->requested, requested);
  module->has_tla = t->module->has_top_level_await;
  return module;
}

static Module *compile(Isolate *iso, const char *utf8, size_t length,
                       const char *name, bool is_typescript) {
  String *title = vm_string_from_c(iso, name != NULL ? name : "<anonymous>");
  if (title == NULL) return NULL;
  CompileOptions options = {
      .goal = COMPILE_MODULE,
      .file_name = name,
      .is_typescript = is_typescript,
      .is_strict = true,
  };
  Template *t = vm_compile_text(iso, (char *)utf8, length, false, &options);
  if (t == NULL) return NULL;
  Module *module = vm_module_new(iso, t, title);
  vm_template_release(t);
  return module;
}

Module *vm_module_compile(Isolate *iso, const char *utf8, size_t length,
                          const char *name) {
  return compile(iso, utf8, length, name, false);
}

Module *vm_module_compile_typescript(Isolate *iso, const char *utf8,
                                     size_t length, const char *name) {
  return compile(iso, utf8, length, name, true);
}

Module *vm_synthetic_module_new(Isolate *iso, String *name,
                                String *const *exports, uint32_t count,
                                SyntheticInit init, void *data) {
  Module *module = allocate(iso, name);
  CellList *names = vm_cell_list_new(iso, count);
  if (names == NULL) return NULL;
  for (uint32_t i = 0; i < count; i++) {
    String *atom = vm_string_intern(iso, exports[i]);
    if (atom == NULL) return NULL;
    gc_publish(&names->words[i], value_from_cell(atom));
  }
  gc_store_pointer(iso->heap, &module->export_names, names);
  Environment *environment = vm_environment_new(iso, NULL, count);
  if (environment == NULL) return NULL;
  for (uint32_t i = 0; i < count; i++)
    environment->slots[i] = VALUE_UNDEFINED;
  gc_store_pointer(iso->heap, &module->environment, environment);
  module->synthetic_init = init;
  module->synthetic_data = data;
  module->cell.flags = MODULE_LINKED;
  return module;
}

static int32_t synthetic_slot(const Module *module, const String *name) {
  for (uint32_t i = 0; i < module->export_names->cell.extra; i++)
    if (module->export_names->words[i] == value_from_cell(name))
      return (int32_t)i;
  return -1;
}

bool vm_module_set_export(Isolate *iso, Module *module, String *name,
                          Value value) {
  String *atom = vm_string_intern(iso, name);
  int32_t slot = atom != NULL ? synthetic_slot(module, atom) : -1;
  if (slot < 0) return false;
  gc_store_word(iso->heap, &module->environment->slots[slot], value);
  return true;
}

bool vm_synthetic_module_evaluate(Isolate *iso, Module *module) {
  if (module_status(module) == MODULE_EVALUATED) {
    if (module->evaluation_error == VALUE_EMPTY) return true;
    vm_throw(iso, module->evaluation_error);
    return false;
  }
  module->cell.flags = MODULE_EVALUATED;
  if (module->synthetic_init == NULL) return true;
  Realm *realm = iso->realm;
  iso->realm = module->realm;
  bool done = module->synthetic_init(iso, module, module->synthetic_data);
  iso->realm = realm;
  if (done) return true;
  if (vm_is_terminating(iso))
    vm_module_terminated(iso, module);
  else
    gc_store_word(iso->heap, &module->evaluation_error, iso->exception);
  return false;
}

// The (module, name) pairs being resolved, innermost first.
typedef struct ResolveSet {
  const struct ResolveSet *outer;
  const Module *module;
  const String *name;
} ResolveSet;

static ModuleResolution resolve(Isolate *iso, Module *module, String *name,
                                const ResolveSet *outer,
                                ModuleExportPlace *out);

// What `import_name` of a requested module is; NULL: all of it.
static ModuleResolution resolve_import(Isolate *iso, Module *module,
                                       uint32_t request, String *import_name,
                                       const ResolveSet *set,
                                       ModuleExportPlace *out) {
  Module *from = module_requested(module, request);
  if (from == NULL) return RESOLUTION_NONE;
  if (import_name == NULL) {
    *out = module_object_place(from, module_request_phase(module, request));
    return RESOLUTION_FOUND;
  }
  return resolve(iso, from, import_name, set, out);
}

static ModuleResolution resolve(Isolate *iso, Module *module, String *name,
                                const ResolveSet *outer,
                                ModuleExportPlace *out) {
  if (!vm_check_stack(iso)) return RESOLUTION_THREW;
  if (module->code == NULL) {
    int32_t slot = synthetic_slot(module, name);
    *out = (ModuleExportPlace){module, slot};
    return slot >= 0 ? RESOLUTION_FOUND : RESOLUTION_NONE;
  }
  for (const ResolveSet *s = outer; s != NULL; s = s->outer)
    if (s->module == module && s->name == name) return RESOLUTION_NONE;
  ResolveSet set = {outer, module, name};
  const ModuleFacts *facts = module->code->template->module;
  for (uint32_t i = 0; i < facts->export_count; i++) {
    const TemplateExport *e = &facts->exports[i];
    if (e->export_name != name) continue;
    if (e->kind == EXPORT_LOCAL) {
      *out = (ModuleExportPlace){module, e->slot};
      return RESOLUTION_FOUND;
    }
    if (e->kind == EXPORT_INDIRECT)
      return resolve_import(iso, module, e->request, e->import_name, &set, out);
  }
  if (name == ATOM(default_)) return RESOLUTION_NONE;
  bool found = false;
  for (uint32_t i = 0; i < facts->export_count; i++) {
    const TemplateExport *e = &facts->exports[i];
    if (e->kind != EXPORT_STAR || e->export_name != NULL) continue;
    Module *from = module_requested(module, e->request);
    ModuleExportPlace place;
    if (from == NULL) continue;
    ModuleResolution r = resolve(iso, from, name, &set, &place);
    if (r == RESOLUTION_AMBIGUOUS || r == RESOLUTION_THREW) return r;
    if (r == RESOLUTION_NONE) continue;
    if (found && (place.module != out->module || place.slot != out->slot))
      return RESOLUTION_AMBIGUOUS;
    found = true;
    *out = place;
  }
  return found ? RESOLUTION_FOUND : RESOLUTION_NONE;
}

ModuleResolution vm_module_resolve_export(Isolate *iso, Module *module,
                                          String *name,
                                          ModuleExportPlace *out) {
  return resolve(iso, module, name, NULL, out);
}

// GetExportedNames (16.2.1.7.2.1), each name once.
typedef struct NameSet {
  String **names;
  const Module **visited;
  uint32_t count, capacity, visited_count, visited_capacity;
} NameSet;

static bool name_set_add(Isolate *iso, NameSet *set, String *name) {
  for (uint32_t i = 0; i < set->count; i++)
    if (set->names[i] == name) return true;
  if (set->count == set->capacity) {
    uint32_t capacity = set->capacity ? set->capacity * 2 : 16;
    String **grown = realloc(set->names, capacity * sizeof *grown);
    if (grown == NULL) {
      vm_throw_out_of_memory(iso);
      return false;
    }
    set->names = grown;
    set->capacity = capacity;
  }
  set->names[set->count++] = name;
  return true;
}

static bool exported_names(Isolate *iso, Module *module, NameSet *set,
                           bool with_default) {
  if (!vm_check_stack(iso)) return false;
  for (uint32_t i = 0; i < set->visited_count; i++)
    if (set->visited[i] == module) return true;
  if (set->visited_count == set->visited_capacity) {
    uint32_t capacity = set->visited_capacity ? set->visited_capacity * 2 : 16;
    const Module **grown = realloc(set->visited, capacity * sizeof *grown);
    if (grown == NULL) {
      vm_throw_out_of_memory(iso);
      return false;
    }
    set->visited = grown;
    set->visited_capacity = capacity;
  }
  set->visited[set->visited_count++] = module;
  if (module->code == NULL) {
    for (uint32_t i = 0; i < module->export_names->cell.extra; i++) {
      String *name = value_as_string(module->export_names->words[i]);
      if ((with_default || name != ATOM(default_)) &&
          !name_set_add(iso, set, name))
        return false;
    }
    return true;
  }
  const ModuleFacts *facts = module->code->template->module;
  for (uint32_t i = 0; i < facts->export_count; i++) {
    const TemplateExport *e = &facts->exports[i];
    if (e->kind == EXPORT_STAR && e->export_name == NULL) {
      Module *from = module_requested(module, e->request);
      if (from != NULL && !exported_names(iso, from, set, false)) return false;
    } else if ((with_default || e->export_name != ATOM(default_)) &&
               !name_set_add(iso, set, e->export_name)) {
      return false;
    }
  }
  return true;
}

// GetModuleNamespace (16.2.1.12)
Value vm_module_namespace(Isolate *iso, Module *module) {
  if (module->name_space != NULL) return value_from_cell(module->name_space);
  NameSet set = {0};
  bool done = exported_names(iso, module, &set, true);
  CellList *names = done ? vm_cell_list_new(iso, set.count) : NULL;
  BindingList *bindings =
      names != NULL
          ? (BindingList *)vm_cell_list_new(
                iso, set.count * (uint32_t)(sizeof(ModuleBinding) / 8) + 1)
          : NULL;
  uint32_t count = 0;
  // The object first, so that cycles of namespaces end.
  ModuleNamespace *object =
      bindings != NULL ? vm_module_namespace_new(iso, module, names, bindings)
                       : NULL;
  if (object != NULL) {
    gc_store_pointer(iso->heap, &module->name_space, object);
    for (uint32_t i = 0; i < set.count && done; i++) {
      ModuleExportPlace place;
      ModuleResolution r =
          vm_module_resolve_export(iso, module, set.names[i], &place);
      if (r == RESOLUTION_THREW) done = false;
      if (r != RESOLUTION_FOUND) continue;
      ModuleBinding binding = {NULL, VALUE_UNDEFINED, 0};
      if (place.slot < 0) {
        binding.name_space = vm_module_place_object(iso, place);
        if (value_is_exception(binding.name_space)) done = false;
      } else {
        binding.environment = place.module->environment;
        binding.slot = value_from_int(place.slot);
        // Environments are made when modules are linked: remember the module.
        if (binding.environment == NULL)
          binding.name_space = value_from_cell(place.module);
      }
      gc_publish(&names->words[count], value_from_cell(set.names[i]));
      vm_module_binding_put(&bindings->bindings[count++], &binding);
    }
    if (done) vm_module_namespace_sort(iso, object, count);
  }
  free(set.names);
  free(set.visited);
  if (!done || object == NULL) {
    gc_store_pointer(iso->heap, &module->name_space, NULL);
    return VALUE_EXCEPTION;
  }
  return value_from_cell(module->name_space);
}

// Nothing in it is copied: the lists are those of the other namespace.
Value vm_module_deferred_namespace(Isolate *iso, Module *module) {
  if (module->deferred_name_space == NULL) {
    ModuleNamespace *object = vm_module_namespace_new(iso, module, NULL, NULL);
    if (object == NULL) return VALUE_EXCEPTION;
    gc_store_pointer(iso->heap, &module->deferred_name_space, object);
  }
  return value_from_cell(module->deferred_name_space);
}

void vm_module_set_source(Isolate *iso, Module *module, Object *source) {
  gc_store_word(iso->heap, &module->source, value_from_cell(source));
}

Value vm_module_source(Isolate *iso, Module *module) {
  if (module->source != VALUE_EMPTY) return module->source;
  char *name = vm_string_to_utf8(iso, module->name, NULL);
  vm_throw_syntax(iso, "The module '%s' has no source object",
                  name != NULL ? name : "");
  free(name);
  return VALUE_EXCEPTION;
}

Value vm_module_place_object(Isolate *iso, ModuleExportPlace place) {
  switch (place.slot) {
  case PLACE_NAMESPACE:
    return vm_module_namespace(iso, place.module);
  case PLACE_DEFERRED_NAMESPACE:
    return vm_module_deferred_namespace(iso, place.module);
  default:
    return place.module->source;
  }
}

// The place in the importing module goes into the stack of what was thrown.
static bool thrown_at(Isolate *iso, Module *module, uint32_t start) {
  vm_error_add_offset(iso, module->code->template->source, start);
  return false;
}

static void throw_no_text_export(Isolate *iso, const char *specifier,
                                 const char *name) {
  vm_throw_syntax(
      iso,
      "Named export '%s' not found. The requested module '%s' is a CommonJS "
      "module, which may not support all module.exports as named exports.\n"
      "CommonJS modules can always be imported via the default export, for "
      "example using:\n\nimport pkg from '%s';\nconst { %s } = pkg;\n",
      name, specifier, specifier, name);
}

static bool throw_unresolved(Isolate *iso, Module *module, uint32_t request,
                             String *name, uint32_t start, ModuleResolution r) {
  if (r == RESOLUTION_THREW) return false;
  const TemplateRequest *from =
      &module->code->template->module->requests[request];
  char *text = vm_string_to_utf8(iso, name, NULL);
  char *specifier = vm_string_to_utf8(iso, from->specifier, NULL);
  if (text == NULL || specifier == NULL) {
    vm_throw_out_of_memory(iso);
  } else if (r == RESOLUTION_AMBIGUOUS) {
    vm_throw_syntax(iso,
                    "The requested module '%s' contains conflicting star "
                    "exports for name '%s'",
                    specifier, text);
  } else if (module_requested(module, request)->exports_by_text) {
    throw_no_text_export(iso, specifier, text);
  } else {
    vm_throw_syntax(iso,
                    "The requested module '%s' does not provide an export "
                    "named '%s'%s",
                    specifier, text,
                    module->code->template->source->is_typescript
                        ? " (if it is a type, write `type` before its name)"
                        : "");
  }
  free(text);
  free(specifier);
  return thrown_at(iso, module, start);
}

// InitializeEnvironment (16.2.1.7.3.1): resolves what it imports and runs its
// code up to the hoisted functions.
static bool initialize_environment(Isolate *iso, Module *module) {
  const Template *t = module->code->template;
  const ModuleFacts *facts = t->module;
  for (uint32_t i = 0; i < facts->export_count; i++) {
    const TemplateExport *e = &facts->exports[i];
    if (e->kind != EXPORT_INDIRECT) continue;
    ModuleExportPlace place;
    ModuleResolution r =
        vm_module_resolve_export(iso, module, e->export_name, &place);
    if (r != RESOLUTION_FOUND)
      return throw_unresolved(iso, module, e->request,
                              e->import_name != NULL ? e->import_name
                                                     : e->export_name,
                              e->start, r);
  }
  BindingList *imports = (BindingList *)vm_cell_list_new(
      iso, facts->import_count * (uint32_t)(sizeof(ModuleBinding) / 8) + 1);
  if (imports == NULL) return false;
  gc_store_pointer(iso->heap, &module->imports, imports);
  for (uint32_t i = 0; i < facts->import_count; i++) {
    const TemplateImport *import = &facts->imports[i];
    Module *from = module_requested(module, import->request);
    ModuleExportPlace place = module_object_place(
        from, module_request_phase(module, import->request));
    if (import->import_name != NULL) {
      ModuleResolution r =
          vm_module_resolve_export(iso, from, import->import_name, &place);
      if (r != RESOLUTION_FOUND)
        return throw_unresolved(iso, module, import->request,
                                import->import_name, import->start, r);
    }
    ModuleBinding *binding = &imports->bindings[i];
    if (place.slot < 0) {
      Value v = place.slot == PLACE_SOURCE ? vm_module_source(iso, place.module)
                                           : vm_module_place_object(iso, place);
      if (value_is_exception(v)) return thrown_at(iso, module, import->start);
      gc_publish(&binding->name_space, v);
    } else {
      // The environment of a module in the same cycle may come later.
      gc_publish(&binding->name_space, value_from_cell(place.module));
      gc_publish(&binding->environment, place.module->environment);
      gc_publish(&binding->slot, value_from_int(place.slot));
    }
  }
  Environment *environment =
      vm_scope_environment_new(iso, module->code, NULL, facts->environment);
  if (environment == NULL) return false;
  gc_store_pointer(iso->heap, &module->environment, environment);
  Function *function = vm_function_new(iso, module->code, environment, NULL);
  Realm *realm = iso->realm;
  Value *top = iso->stack_top;
  iso->realm = module->realm;
  CallRequest request = {.callee = value_from_cell(function),
                         .this_value = VALUE_UNDEFINED,
                         .new_target = VALUE_UNDEFINED,
                         .flags = FRAME_ENTRY,
                         .top = top};
  CallOutcome outcome =
      vm_push_frame(iso, &request, function) != NULL ? CALL_PUSHED : CALL_THREW;
  // Registers of the saved frame must all be Values.
  if (outcome == CALL_PUSHED) {
    Frame *frame = iso->frame;
    for (uint32_t i = 0; i < module->code->register_count; i++)
      frame->registers[i] = VALUE_UNDEFINED;
  }
  Value v = vm_run_prepared(iso, &request, outcome, realm, top);
  if (value_is_exception(v)) return false;
  gc_store_pointer(iso->heap, &module->fiber, (Fiber *)value_as_cell(v));
  return true;
}

// InnerModuleLinking (16.2.1.6.1.2.1). Everything on the stack is reachable
// from the module that link() was called with.
static bool link_inner(Isolate *iso, Module *module, ModuleStack *stack) {
  if (module->code == NULL || module_status(module) >= MODULE_LINKING)
    return true;
  // Only those on the stack are unlinked again.
  if (!vm_check_stack(iso) || !module_stack_push(iso, stack, module))
    return false;
  module->cell.flags = MODULE_LINKING;
  module->dfs_index = module->dfs_ancestor_index = stack->index++;
  for (uint32_t i = 0; i < module_request_count(module); i++) {
    if (module_request_phase(module, i) == PHASE_SOURCE) continue;
    Module *required = module_requested(module, i);
    if (required == NULL) {
      vm_throw_type(iso, "A requested module was not loaded");
      return false;
    }
    if (!link_inner(iso, required, stack)) return false;
    if (required->code != NULL && module_status(required) == MODULE_LINKING &&
        required->dfs_ancestor_index < module->dfs_ancestor_index)
      module->dfs_ancestor_index = required->dfs_ancestor_index;
  }
  if (!initialize_environment(iso, module)) return false;
  if (module->dfs_index == module->dfs_ancestor_index) {
    Module *last;
    do {
      last = stack->modules[--stack->count];
      last->cell.flags = MODULE_LINKED;
    } while (last != module);
  }
  return true;
}

// Its environment will be another one: what has places in it is made anew, too.
static void undo_link(Isolate *iso, Module *module) {
  module->cell.flags = MODULE_UNLINKED;
  gc_store_pointer(iso->heap, &module->environment, NULL);
  gc_store_pointer(iso->heap, &module->name_space, NULL);
}

bool vm_module_link(Isolate *iso, Module *module) {
  ModuleStack stack = {0};
  bool done = link_inner(iso, module, &stack);
  for (uint32_t i = 0; !done && i < stack.count; i++)
    undo_link(iso, stack.modules[i]);
  free(stack.modules);
  return done;
}

Value vm_get_import(Isolate *iso, Module *module, uint32_t index) {
  ModuleBinding *binding = &module->imports->bindings[index];
  Environment *environment = binding->environment;
  if (unlikely(environment == NULL)) {
    if (!value_is_kind(binding->name_space, CELL_MODULE))
      return binding->name_space;
    Module *from = (Module *)value_as_cell(binding->name_space);
    environment = from->environment;
    gc_store_pointer(iso->heap, &binding->environment, environment);
  }
  Value v = environment != NULL
                ? environment->slots[value_as_int(binding->slot)]
                : VALUE_EMPTY;
  if (likely(v != VALUE_EMPTY)) return v;
  const TemplateImport *import =
      &module->code->template->module->imports[index];
  return vm_throw_not_initialized(iso, key_from_atom(import->import_name));
}

Value vm_import_meta(Isolate *iso, Module *module) {
  if (module->meta != VALUE_EMPTY) return module->meta;
  Object *meta = vm_object_new_with(iso, NULL);
  gc_store_word(iso->heap, &module->meta, value_from_cell(meta));
  if (iso->hooks != NULL && iso->hooks->import_meta != NULL)
    iso->hooks->import_meta(iso->host, iso, value_from_cell(meta),
                            value_from_cell(module));
  return module->meta;
}
