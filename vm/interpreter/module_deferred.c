// SPDX-License-Identifier: MIT
// Deferred evaluation (ECMA-262 with import defer): which modules must still be
// evaluated ahead of time because they wait for something, and evaluation at
// the first use of a deferred namespace object.
#include "vm/interpreter/module_stack.h"
#include "vm/interpreter/modules.h"

// IsModuleSCCEvaluated: a module of a cycle is evaluated when its root is.
static bool is_cycle_evaluated(const Module *module) {
  if (module->cycle_root != NULL) module = module->cycle_root;
  return module_status(module) == MODULE_EVALUATED;
}

static bool gather(Isolate *iso, Module *module, uint64_t walk,
                   ModuleStack *list) {
  if (module->code == NULL || module->walk == walk) return true;
  if (!vm_check_stack(iso)) return false;
  module->walk = walk;
  if (module_status(module) == MODULE_EVALUATING || is_cycle_evaluated(module))
    return true;
  if (module->has_tla)
    return module_stack_has(list, module) ||
           module_stack_push(iso, list, module);
  for (uint32_t i = 0; i < module_request_count(module); i++) {
    if (module_request_phase(module, i) != PHASE_SOURCE &&
        !gather(iso, module_requested(module, i), walk, list))
      return false;
  }
  return true;
}

bool vm_module_gather_async(Isolate *iso, Module *module, ModuleStack *list) {
  return gather(iso, module, module_walk_new(iso), list);
}

// ReadyForSyncExecution. TRI_THREW: out of stack.
static Tri is_ready(Isolate *iso, Module *module, uint64_t walk) {
  if (module->code == NULL || module->walk == walk) return 1;
  if (!vm_check_stack(iso)) return TRI_THREW;
  module->walk = walk;
  if (is_cycle_evaluated(module)) return 1;
  if (module_status(module) != MODULE_LINKED || module->has_tla) return 0;
  for (uint32_t i = 0; i < module_request_count(module); i++) {
    if (module_request_phase(module, i) == PHASE_SOURCE) continue;
    Tri ready = is_ready(iso, module_requested(module, i), walk);
    if (ready <= 0) return ready;
  }
  return 1;
}

static bool throw_not_ready(Isolate *iso, Module *module) {
  char *name = vm_string_to_utf8(iso, module->name, NULL);
  vm_throw_type(iso,
                "The deferred module '%s' cannot be evaluated now: it, or a "
                "module it depends on, is being evaluated or uses top-level "
                "await",
                name != NULL ? name : "");
  free(name);
  return false;
}

Tri vm_module_is_ready(Isolate *iso, Module *module) {
  return is_ready(iso, module, module_walk_new(iso));
}

bool vm_module_ensure_evaluated(Isolate *iso, Module *module) {
  if (!is_cycle_evaluated(module)) {
    Tri ready = vm_module_is_ready(iso, module);
    if (ready < 0) return false;
    if (!ready) return throw_not_ready(iso, module);
  } else if (module->evaluation_error == VALUE_EMPTY) {
    return true;
  }
  // EvaluateModuleSync
  Promise *evaluation = vm_module_evaluate(iso, module);
  if (evaluation == NULL) return false;
  if (promise_state(evaluation) == PROMISE_FULFILLED) return true;
  vm_promise_mark_handled(iso, evaluation);
  vm_throw(iso, evaluation->result);
  return false;
}

// What import.defer() waits for: words of a list.
enum { WAIT_PROMISE, WAIT_MODULE, WAIT_COUNT, WAIT_WORDS };

static void resolve_with_namespace(Isolate *iso, Promise *promise,
                                   Module *module) {
  vm_promise_resolve(iso, promise, vm_module_deferred_namespace(iso, module));
}

static void dependency_settled(Isolate *iso, PromiseState state, Value result,
                               Value data) {
  CellList *wait = (CellList *)value_as_cell(data);
  Promise *promise = (Promise *)value_as_cell(wait->words[WAIT_PROMISE]);
  if (promise_state(promise) != PROMISE_PENDING) return; // another one threw
  if (state == PROMISE_REJECTED) {
    vm_promise_reject(iso, promise, result);
    return;
  }
  int32_t left = value_as_int(wait->words[WAIT_COUNT]) - 1;
  gc_publish(&wait->words[WAIT_COUNT], value_from_int(left));
  if (left == 0)
    resolve_with_namespace(iso, promise,
                           (Module *)value_as_cell(wait->words[WAIT_MODULE]));
}

void vm_module_finish_deferred_import(Isolate *iso, Promise *promise,
                                      Module *module) {
  ModuleStack list = {0};
  CellList *wait = NULL;
  bool done = vm_module_gather_async(iso, module, &list);
  if (done && list.count != 0) {
    wait = vm_cell_list_new(iso, WAIT_WORDS);
    done = wait != NULL;
  }
  if (wait != NULL) {
    wait->words[WAIT_PROMISE] = value_from_cell(promise);
    wait->words[WAIT_MODULE] = value_from_cell(module);
    wait->words[WAIT_COUNT] = value_from_int((int32_t)list.count);
  }
  for (uint32_t i = 0; done && i < list.count; i++) {
    Promise *evaluation = vm_module_evaluate(iso, list.modules[i]);
    done = evaluation != NULL;
    if (done)
      vm_promise_on_settled(iso, evaluation, dependency_settled,
                            value_from_cell(wait));
  }
  if (!done) {
    vm_promise_reject_with_exception(iso, promise);
  } else if (wait == NULL) {
    resolve_with_namespace(iso, promise, module);
  }
  free(list.modules);
}
