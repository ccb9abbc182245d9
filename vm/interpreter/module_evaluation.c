// SPDX-License-Identifier: MIT
// Evaluation of module graphs with top-level await (ECMA-262 16.2.1.6.1.3).
#include <stdlib.h>

#include "vm/interpreter/fiber.h"
#include "vm/interpreter/module_stack.h"
#include "vm/interpreter/modules.h"
#include "vm/objects/operations.h"

static void settle_capability(Isolate *iso, Module *module, Value error) {
  if (module->top_level_capability == NULL) return;
  if (error == VALUE_EMPTY) {
    vm_promise_fulfill(iso, module->top_level_capability, VALUE_UNDEFINED);
  } else {
    vm_promise_reject(iso, module->top_level_capability, error);
  }
}

static void reject_parents(Isolate *iso, Module *module, Value error);

static void execution_rejected(Isolate *iso, Module *module, Value error) {
  if (module_status(module) == MODULE_EVALUATED) return;
  gc_store_word(iso->heap, &module->evaluation_error, error);
  module->cell.flags = MODULE_EVALUATED;
  module->async_order = ASYNC_ORDER_DONE;
  settle_capability(iso, module, error);
  reject_parents(iso, module, error);
}

static void reject_parents(Isolate *iso, Module *module, Value error) {
  ValueList *parents = module->async_parents;
  for (uint64_t i = 0; parents != NULL && i < parents->count; i++)
    execution_rejected(iso, (Module *)value_as_cell(parents->items[i]), error);
}

static void execution_fulfilled(Isolate *iso, Module *module);

static void async_settled(Isolate *iso, PromiseState state, Value result,
                          Value data) {
  Module *module = (Module *)value_as_cell(data);
  if (state == PROMISE_FULFILLED) {
    execution_fulfilled(iso, module);
  } else {
    execution_rejected(iso, module, result);
  }
}

// ExecuteAsyncModule. False: terminated.
static bool execute_async(Isolate *iso, Module *module) {
  Promise *promise = vm_promise_new(iso);
  Fiber *fiber = module->fiber;
  gc_store_pointer(iso->heap, &fiber->owner, &promise->object);
  gc_store_pointer(iso->heap, &promise->of_fiber, fiber);
  vm_promise_on_settled(iso, promise, async_settled, value_from_cell(module));
  gc_store_pointer(iso->heap, &module->execution, promise);
  gc_store_pointer(iso->heap, &module->fiber, NULL);
  return vm_fiber_resume(iso, fiber, RESUME_NEXT, VALUE_UNDEFINED) ||
         !vm_is_terminating(iso);
}

Module *vm_module_of_execution(const Promise *promise) {
  const PromiseReaction *r = promise_reactions(promise);
  while (r != NULL &&
         !(r->cell.flags == REACTION_NATIVE && r->callback == async_settled))
    r = r->next;
  return r == NULL ? NULL : (Module *)value_as_cell(r->target);
}

// ExecuteModule of a module without top-level await.
static bool execute(Isolate *iso, Module *module) {
  Fiber *fiber = module->fiber;
  gc_store_pointer(iso->heap, &module->fiber, NULL);
  return vm_fiber_resume(iso, fiber, RESUME_NEXT, VALUE_UNDEFINED);
}

static bool gather(Isolate *iso, Module *module, ModuleStack *list) {
  ValueList *parents = module->async_parents;
  for (uint64_t i = 0; parents != NULL && i < parents->count; i++) {
    Module *m = (Module *)value_as_cell(parents->items[i]);
    if (module_stack_has(list, m) ||
        (m->cycle_root != NULL &&
         m->cycle_root->evaluation_error != VALUE_EMPTY))
      continue;
    if (--m->pending_async_dependencies != 0) continue;
    if (!module_stack_push(iso, list, m) ||
        (!m->has_tla && !gather(iso, m, list)))
      return false;
  }
  return true;
}

static int by_order(const void *a, const void *b) {
  const Module *x = *(Module *const *)a, *y = *(Module *const *)b;
  return (x->async_order > y->async_order) - (x->async_order < y->async_order);
}

static void execution_fulfilled(Isolate *iso, Module *module) {
  if (module_status(module) == MODULE_EVALUATED) return;
  module->async_order = ASYNC_ORDER_DONE;
  module->cell.flags = MODULE_EVALUATED;
  settle_capability(iso, module, VALUE_EMPTY);
  ModuleStack list = {0};
  if (!gather(iso, module, &list)) {
    // Nobody else would go on with those that waited.
    reject_parents(iso, module, vm_take_exception(iso));
    free(list.modules);
    return;
  }
  if (list.count != 0)
    qsort(list.modules, list.count, sizeof *list.modules, by_order);
  // The modules stay reachable from the one whose evaluation began all this.
  for (uint32_t i = 0; i < list.count; i++) {
    Module *m = list.modules[i];
    if (module_status(m) == MODULE_EVALUATED) continue;
    if (m->has_tla) {
      if (execute_async(iso, m)) continue;
    } else if (execute(iso, m)) {
      m->async_order = ASYNC_ORDER_DONE;
      m->cell.flags = MODULE_EVALUATED;
      settle_capability(iso, m, VALUE_EMPTY);
      continue;
    } else if (!vm_is_terminating(iso)) {
      execution_rejected(iso, m, vm_take_exception(iso));
      continue;
    }
    for (; i < list.count; i++)
      vm_module_terminated(iso, list.modules[i]);
  }
  free(list.modules);
}

// The modules to evaluate before `module`, in order: those it requests, and of
// deferred ones what waits for something. False: threw.
static bool evaluation_list(Isolate *iso, Module *module, ModuleStack *list) {
  for (uint32_t i = 0; i < module_request_count(module); i++) {
    Module *required = module_requested(module, i);
    ModulePhase phase = module_request_phase(module, i);
    if (phase == PHASE_SOURCE) continue;
    if (phase == PHASE_DEFER) {
      if (!vm_module_gather_async(iso, required, list)) return false;
      continue;
    }
    if (!module_stack_has(list, required) &&
        !module_stack_push(iso, list, required))
      return false;
  }
  return true;
}

static bool evaluate_inner(Isolate *iso, Module *module, ModuleStack *stack);

// Evaluates what `module` requests, and counts what is not done by then.
static bool evaluate_requested(Isolate *iso, Module *module,
                               const ModuleStack *list, ModuleStack *stack) {
  for (uint32_t i = 0; i < list->count; i++) {
    Module *required = list->modules[i];
    if (!evaluate_inner(iso, required, stack)) return false;
    if (required->code == NULL) continue;
    if (module_status(required) == MODULE_EVALUATING) {
      if (required->dfs_ancestor_index < module->dfs_ancestor_index)
        module->dfs_ancestor_index = required->dfs_ancestor_index;
    } else {
      required = required->cycle_root;
      if (required->evaluation_error != VALUE_EMPTY) {
        vm_throw(iso, required->evaluation_error);
        return false;
      }
    }
    if (required->async_order != 0 &&
        required->async_order != ASYNC_ORDER_DONE) {
      if (!vm_value_list_append(iso, &required->async_parents,
                                value_from_cell(module))) {
        vm_throw_out_of_memory(iso);
        return false;
      }
      module->pending_async_dependencies++;
    }
  }
  return true;
}

// InnerModuleEvaluation (16.2.1.6.1.3.1)
static bool evaluate_inner(Isolate *iso, Module *module, ModuleStack *stack) {
  if (module->code == NULL) return vm_synthetic_module_evaluate(iso, module);
  ModuleStatus status = module_status(module);
  if (status == MODULE_EVALUATED || status == MODULE_EVALUATING_ASYNC) {
    if (module->evaluation_error == VALUE_EMPTY) return true;
    vm_throw(iso, module->evaluation_error);
    return false;
  }
  if (status == MODULE_EVALUATING) return true;
  if (status != MODULE_LINKED) {
    vm_throw_type(iso, "The module is not linked");
    return false;
  }
  // Only those on the stack have failed.
  if (!vm_check_stack(iso) || !module_stack_push(iso, stack, module))
    return false;
  module->cell.flags = MODULE_EVALUATING;
  module->dfs_index = module->dfs_ancestor_index = stack->index++;
  module->pending_async_dependencies = 0;
  ModuleStack list = {0};
  bool done = evaluation_list(iso, module, &list) &&
              evaluate_requested(iso, module, &list, stack);
  free(list.modules);
  if (!done) return false;
  if (module->pending_async_dependencies > 0 || module->has_tla) {
    module->async_order = ++iso->next_async_id;
    if (module->pending_async_dependencies == 0 && !execute_async(iso, module))
      return false;
  } else if (!execute(iso, module)) {
    return false;
  }
  if (module->dfs_index == module->dfs_ancestor_index) {
    Module *last;
    do {
      last = stack->modules[--stack->count];
      if (module_status(last) == MODULE_EVALUATING)
        last->cell.flags =
            last->async_order == 0 ? MODULE_EVALUATED : MODULE_EVALUATING_ASYNC;
      gc_store_pointer(iso->heap, &last->cycle_root, module);
    } while (last != module);
  }
  return true;
}

Promise *vm_module_evaluate(Isolate *iso, Module *module) {
  ModuleStatus status = module_status(module);
  if ((status == MODULE_EVALUATING_ASYNC || status == MODULE_EVALUATED) &&
      module->cycle_root != NULL)
    module = module->cycle_root;
  if (module->top_level_capability != NULL) return module->top_level_capability;
  Promise *promise = vm_promise_new(iso);
  gc_store_pointer(iso->heap, &module->top_level_capability, promise);
  ModuleStack stack = {0};
  if (evaluate_inner(iso, module, &stack)) {
    if (module_status(module) == MODULE_EVALUATED &&
        module->evaluation_error == VALUE_EMPTY)
      vm_promise_fulfill(iso, promise, VALUE_UNDEFINED);
  } else if (vm_is_terminating(iso)) {
    for (uint32_t i = 0; i < stack.count; i++)
      vm_module_terminated(iso, stack.modules[i]);
    free(stack.modules);
    return NULL;
  } else {
    Value error = vm_take_exception(iso);
    for (uint32_t i = 0; i < stack.count; i++) {
      Module *m = stack.modules[i];
      m->cell.flags = MODULE_EVALUATED;
      gc_store_word(iso->heap, &m->evaluation_error, error);
      if (m->cycle_root == NULL) gc_store_pointer(iso->heap, &m->cycle_root, m);
    }
    vm_promise_reject(iso, promise, error);
    // It has not begun: the next time it may.
    if (stack.count == 0)
      gc_store_pointer(iso->heap, &module->top_level_capability, NULL);
  }
  free(stack.modules);
  return promise;
}
