// SPDX-License-Identifier: MIT
// Loading of module graphs through the host (ECMA-262 16.2.1.6.1.1), and
// import() (13.3.10).
#include <stdlib.h>

#include "vm/interpreter/modules.h"
#include "vm/interpreter/run.h"
#include "vm/objects/operations.h"

// The loading of one graph (GraphLoadingState). Freed when nothing is pending.
typedef struct LoadState {
  GcRoot promise, visited; // visited: a ValueList of Modules
  uint32_t pending;
  bool failed;
} LoadState;

enum {
  ROOT_REFERRER,
  ROOT_REALM,
  ROOT_SPECIFIER,
  ROOT_PROMISE,
  ROOT_ATTRIBUTES,
  ROOT_COUNT
};
_Static_assert(ROOT_COUNT ==
                   sizeof((ModuleLoadRequest){0}.roots) / sizeof(GcRoot),
               "ModuleLoadRequest.roots has another size");

static ModuleLoadRequest *request_new(Isolate *iso, Realm *realm,
                                      Module *referrer, String *referrer_name,
                                      String *specifier) {
  ModuleLoadRequest *request = calloc(1, sizeof *request);
  if (request == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  request->realm = realm;
  request->referrer = referrer;
  request->referrer_name = referrer_name;
  request->specifier = specifier;
  gc_root_add(iso->heap, &request->roots[ROOT_REFERRER],
              value_from_cell(referrer));
  gc_root_add(iso->heap, &request->roots[ROOT_REALM], value_from_cell(realm));
  gc_root_add(iso->heap, &request->roots[ROOT_SPECIFIER],
              value_from_cell(specifier));
  gc_root_add(iso->heap, &request->roots[ROOT_PROMISE], VALUE_UNDEFINED);
  gc_root_add(iso->heap, &request->roots[ROOT_ATTRIBUTES], VALUE_UNDEFINED);
  return request;
}

static void request_free(Isolate *iso, ModuleLoadRequest *request) {
  for (int i = 0; i < ROOT_COUNT; i++)
    gc_root_remove(iso->heap, &request->roots[i]);
  if (request->is_dynamic) free((void *)request->attributes);
  free(request);
}

static void ask_host(Isolate *iso, ModuleLoadRequest *request) {
  if (iso->hooks != NULL && iso->hooks->load_module != NULL) {
    Realm *realm = iso->realm;
    iso->realm = request->realm;
    iso->hooks->load_module(iso->host, iso, request);
    iso->realm = realm;
    return;
  }
  vm_throw_type(iso, "This host loads no modules");
  vm_module_loaded(iso, request, NULL);
}

// With what is pending.
static void fail(Isolate *iso, LoadState *state) {
  state->failed = true;
  vm_promise_reject_with_exception(
      iso, (Promise *)value_as_cell(state->promise.word));
}

// False: it was visited before, or loading has failed.
static bool visit(Isolate *iso, LoadState *state, Module *module) {
  ValueList *visited = state->visited.word != 0
                           ? (ValueList *)value_as_cell(state->visited.word)
                           : NULL;
  for (uint64_t i = 0; visited != NULL && i < visited->count; i++)
    if (visited->items[i] == value_from_cell(module)) return false;
  if (!vm_value_list_append(iso, &visited, value_from_cell(module))) {
    vm_throw_out_of_memory(iso);
    fail(iso, state);
    return false;
  }
  state->visited.word = value_from_cell(visited);
  return true;
}

// InnerModuleLoading
static void load_inner(Isolate *iso, LoadState *state, Module *module) {
  if (module->code == NULL || module_status(module) != MODULE_NEW ||
      !visit(iso, state, module))
    return;
  const ModuleFacts *facts = module->code->template->module;
  for (uint32_t i = 0; i < facts->request_count && !state->failed; i++) {
    Module *known = module_requested(module, i);
    ModulePhase phase = facts->requests[i].phase;
    if (known != NULL) {
      if (phase != PHASE_SOURCE) load_inner(iso, state, known);
      continue;
    }
    ModuleLoadRequest *request = request_new(
        iso, module->realm, module, module->name, facts->requests[i].specifier);
    if (request == NULL) {
      fail(iso, state);
      return;
    }
    request->attribute_count = facts->requests[i].attribute_count;
    request->attributes = facts->requests[i].attributes;
    request->request_index = i;
    request->phase = phase;
    request->state = state;
    state->pending++;
    ask_host(iso, request);
  }
}

static void load_step_done(Isolate *iso, LoadState *state) {
  if (--state->pending != 0) return;
  if (!state->failed) {
    ValueList *visited = state->visited.word != 0
                             ? (ValueList *)value_as_cell(state->visited.word)
                             : NULL;
    for (uint64_t i = 0; visited != NULL && i < visited->count; i++) {
      Module *m = (Module *)value_as_cell(visited->items[i]);
      if (module_status(m) == MODULE_NEW) m->cell.flags = MODULE_UNLINKED;
    }
    vm_promise_fulfill(iso, (Promise *)value_as_cell(state->promise.word),
                       VALUE_UNDEFINED);
  }
  gc_root_remove(iso->heap, &state->promise);
  gc_root_remove(iso->heap, &state->visited);
  free(state);
}

Promise *vm_module_load(Isolate *iso, Module *module) {
  LoadState *state = calloc(1, sizeof *state);
  if (state == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  Promise *promise = vm_promise_new(iso);
  gc_root_add(iso->heap, &state->promise, value_from_cell(promise));
  gc_root_add(iso->heap, &state->visited, 0);
  state->pending = 1;
  load_inner(iso, state, module);
  load_step_done(iso, state);
  return promise;
}

static void import_loaded(Isolate *, Promise *, Module *, ModulePhase);

void vm_module_set_requested(Isolate *iso, Module *module, uint32_t request,
                             Module *requested) {
  gc_store_word(iso->heap, &module->requested->words[request],
                value_from_cell(requested));
}

void vm_module_loaded(Isolate *iso, ModuleLoadRequest *request,
                      Module *module) {
  ModulePhase phase = request->phase;
  if (request->is_dynamic) {
    Promise *promise =
        (Promise *)value_as_cell(request->roots[ROOT_PROMISE].word);
    request_free(iso, request);
    if (module == NULL) {
      vm_promise_reject_with_exception(iso, promise);
    } else {
      import_loaded(iso, promise, module, phase);
    }
    return;
  }
  LoadState *state = request->state;
  Module *referrer = request->referrer;
  uint32_t index = request->request_index;
  request_free(iso, request);
  if (module == NULL) {
    const Template *t = referrer->code->template;
    vm_error_add_offset(iso, t->source, t->module->requests[index].start);
    if (state->failed) {
      (void)vm_take_exception(iso);
    } else {
      state->failed = true;
      vm_promise_reject_with_exception(
          iso, (Promise *)value_as_cell(state->promise.word));
    }
  } else {
    vm_module_set_requested(iso, referrer, index, module);
    // Of a module whose source alone is wanted nothing else is loaded.
    if (!state->failed && phase != PHASE_SOURCE) load_inner(iso, state, module);
  }
  load_step_done(iso, state);
}

// Load, link, evaluate. The job's data is a list: the promise that waits, the
// module, and what the promise gets.
typedef enum { WANTS_NOTHING, WANTS_NAMESPACE, WANTS_DEFERRED } ImportGoal;
static void evaluated_for_import(Isolate *iso, PromiseState state, Value result,
                                 Value data) {
  CellList *pair = (CellList *)value_as_cell(data);
  Promise *promise = (Promise *)value_as_cell(pair->words[0]);
  if (state == PROMISE_REJECTED) {
    vm_promise_reject(iso, promise, result);
    return;
  }
  if (value_as_int(pair->words[2]) == WANTS_NOTHING) {
    vm_promise_fulfill(iso, promise, VALUE_UNDEFINED);
    return;
  }
  Value object =
      vm_module_namespace(iso, (Module *)value_as_cell(pair->words[1]));
  if (value_is_exception(object)) {
    vm_promise_reject_with_exception(iso, promise);
  } else {
    // A namespace with an export `then` is a thenable.
    vm_promise_resolve(iso, promise, object);
  }
}

Promise *vm_import_of_reaction(const PromiseReaction *r) {
  if (r->cell.flags != REACTION_NATIVE || r->callback != evaluated_for_import)
    return NULL;
  return (Promise *)value_as_cell(
      ((CellList *)value_as_cell(r->target))->words[0]);
}

static void loaded_for_import(Isolate *iso, PromiseState state, Value result,
                              Value data) {
  CellList *pair = (CellList *)value_as_cell(data);
  Promise *promise = (Promise *)value_as_cell(pair->words[0]);
  Module *module = (Module *)value_as_cell(pair->words[1]);
  promise->object.cell.aux &= ~(uint32_t)PROMISE_IS_LOADING;
  if (promise_state(promise) != PROMISE_PENDING) return; // given up
  if (state == PROMISE_REJECTED) {
    vm_promise_reject(iso, promise, result);
    return;
  }
  if (!vm_module_link(iso, module)) {
    vm_promise_reject_with_exception(iso, promise);
    return;
  }
  if (value_as_int(pair->words[2]) == WANTS_DEFERRED) {
    vm_module_finish_deferred_import(iso, promise, module);
    return;
  }
  Promise *evaluation = vm_module_evaluate(iso, module);
  // Terminated: it stays pending, unless vm_module_reject_terminated is called.
  if (evaluation == NULL) evaluation = module->top_level_capability;
  if (evaluation == NULL) return;
  vm_promise_on_settled(iso, evaluation, evaluated_for_import, data);
}

static void run_after_load(Isolate *iso, Promise *promise, Module *module,
                           ImportGoal goal) {
  Promise *loading = vm_module_load(iso, module);
  CellList *pair = loading != NULL ? vm_cell_list_new(iso, 3) : NULL;
  if (pair == NULL) {
    vm_promise_reject_with_exception(iso, promise);
    return;
  }
  pair->words[0] = value_from_cell(promise);
  pair->words[1] = value_from_cell(module);
  pair->words[2] = value_from_int(goal);
  vm_promise_on_settled(iso, loading, loaded_for_import, value_from_cell(pair));
}

// ContinueDynamicImport
static void import_loaded(Isolate *iso, Promise *promise, Module *module,
                          ModulePhase phase) {
  if (phase != PHASE_SOURCE) {
    run_after_load(iso, promise, module,
                   phase == PHASE_DEFER ? WANTS_DEFERRED : WANTS_NAMESPACE);
    return;
  }
  Value source = vm_module_source(iso, module);
  if (value_is_exception(source)) {
    vm_promise_reject_with_exception(iso, promise);
  } else {
    vm_promise_fulfill(iso, promise, source);
  }
}

Promise *vm_module_run(Isolate *iso, Module *module) {
  Promise *promise = vm_promise_new(iso);
  run_after_load(iso, promise, module, WANTS_NOTHING);
  return promise;
}

// The attributes of import()'s options (13.3.10.2, EvaluateImportCall).
static bool read_attributes(Isolate *iso, Value options,
                            ModuleLoadRequest *request) {
  if (value_is_undefined(options)) return true;
  if (!value_is_object(options)) {
    vm_throw_type(iso, "The second argument of import() must be an object");
    return false;
  }
  Value with = vm_get(iso, value_as_object(options), KEY(with));
  if (value_is_exception(with)) return false;
  if (value_is_undefined(with)) return true;
  if (!value_is_object(with)) {
    vm_throw_type(iso, "The 'with' option of import() must be an object");
    return false;
  }
  Object *o = value_as_object(with);
  KeyList keys;
  vm_key_list_init(&keys);
  bool done = vm_own_keys(iso, o, &keys);
  String **attributes = calloc(keys.count * 2 + 1, sizeof *attributes);
  if (done && attributes == NULL) {
    vm_throw_out_of_memory(iso);
    done = false;
  }
  CellList *alive = done ? vm_cell_list_new(iso, keys.count * 2 + 1) : NULL;
  done = alive != NULL;
  if (alive != NULL)
    request->roots[ROOT_ATTRIBUTES].word = value_from_cell(alive);
  uint32_t count = 0;
  for (uint32_t i = 0; done && i < keys.count; i++) {
    PropertyKey key = keys.keys[i];
    if (key_is_symbol(key)) continue;
    PropertyDescriptor d;
    Tri has = vm_get_own_property(iso, o, key, &d);
    done = has >= 0;
    if (has <= 0 || !(d.attributes & PROPERTY_ENUMERABLE)) continue;
    Value v = vm_get(iso, o, key);
    if (value_is_exception(v)) {
      done = false;
    } else if (!value_is_string(v)) {
      vm_throw_type(iso, "Import attribute values must be strings");
      done = false;
    } else {
      String *name = vm_key_to_string(iso, key);
      done = name != NULL;
      attributes[count] = name;
      attributes[count + 1] = value_as_string(v);
      gc_publish(&alive->words[count], value_from_cell(name));
      gc_publish(&alive->words[count + 1], v);
      count += 2;
    }
  }
  request->attributes = attributes;
  request->attribute_count = count / 2;
  return done;
}

Value vm_import_call(Isolate *iso, Code *code, Value specifier, Value options,
                     ModulePhase phase) {
  Promise *promise = vm_promise_new(iso);
  promise->object.cell.aux |= PROMISE_IS_LOADING;
  ModuleLoadRequest *request = NULL;
  String *text = vm_to_string(iso, specifier);
  if (text != NULL) {
    request = request_new(iso, code->realm, code->module, code->referrer, text);
    if (request != NULL) {
      request->is_dynamic = true;
      request->phase = phase;
      request->roots[ROOT_PROMISE].word = value_from_cell(promise);
      if (!read_attributes(iso, options, request)) {
        request_free(iso, request);
        request = NULL;
      }
    }
  }
  if (request != NULL) ask_host(iso, request);
  if (vm_is_terminating(iso)) return VALUE_EXCEPTION;
  if (request == NULL) vm_promise_reject_with_exception(iso, promise);
  return value_from_cell(promise);
}

Promise *vm_import_in(Isolate *iso, Realm *realm, String *referrer,
                      String *specifier) {
  Promise *promise = vm_promise_new(iso);
  ModuleLoadRequest *request =
      request_new(iso, realm, NULL, referrer, specifier);
  if (request == NULL) return NULL;
  request->is_dynamic = true;
  request->roots[ROOT_PROMISE].word = value_from_cell(promise);
  ask_host(iso, request);
  return vm_is_terminating(iso) ? NULL : promise;
}
