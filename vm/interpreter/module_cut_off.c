// SPDX-License-Identifier: MIT
// Modules whose evaluation was ended from outside: by termination, or by an
// error that is thrown where their body awaits.
#include "vm/interpreter/fiber.h"
#include "vm/interpreter/modules.h"
#include "vm/objects/operations.h"

static void mark(Isolate *iso, Module *module, bool ended) {
  iso->has_cut_off_modules = true;
  if (module->was_cut_off && module->was_terminated >= ended) return;
  module->was_cut_off = true;
  module->was_terminated |= ended;
  // They wait for it.
  ValueList *parents = module->async_parents;
  for (uint64_t i = 0; parents != NULL && i < parents->count; i++)
    mark(iso, (Module *)value_as_cell(parents->items[i]), ended);
}

void vm_module_terminated(Isolate *iso, Module *module) {
  mark(iso, module, true);
}

void vm_module_fiber_terminated(Isolate *iso, const Fiber *fiber) {
  if (!vm_is_terminating(iso) || fiber->owner == NULL) return;
  Value owner = value_from_cell(fiber->owner);
  if (!value_is_promise(owner)) return;
  Module *module = vm_module_of_execution((Promise *)value_as_cell(owner));
  if (module != NULL) mark(iso, module, true);
}

static bool needs_cut_off(Module *module, uint64_t walk) {
  if (module->was_cut_off) return true;
  if (module->walk == walk || module_status(module) == MODULE_EVALUATED ||
      module->code == NULL || module->requested == NULL)
    return false;
  module->walk = walk;
  for (uint32_t i = 0; i < module_request_count(module); i++) {
    Module *required = module_requested(module, i);
    if (required != NULL && needs_cut_off(required, walk)) return true;
  }
  return false;
}

bool vm_module_was_cut_off(Isolate *iso, Module *module) {
  return unlikely(iso->has_cut_off_modules) &&
         needs_cut_off(module, module_walk_new(iso));
}

// Those that are linked may be waiting for their turn in another evaluation.
static void cut_off_failed(Isolate *iso, Module *module, uint64_t walk) {
  ModuleStatus status = module_status(module);
  bool has_failed =
      status == MODULE_NEW || status == MODULE_UNLINKED ||
      (status == MODULE_EVALUATED && module->evaluation_error != VALUE_EMPTY);
  if (module->walk == walk || !has_failed) return;
  module->walk = walk;
  mark(iso, module, false);
  for (uint32_t i = 0;
       module->requested != NULL && i < module_request_count(module); i++) {
    Module *required = module_requested(module, i);
    if (required != NULL) cut_off_failed(iso, required, walk);
  }
}

void vm_module_cut_off_failed(Isolate *iso, Module *module) {
  cut_off_failed(iso, module, module_walk_new(iso));
}

static bool is_pending(const Promise *promise) {
  return promise != NULL && promise_state(promise) == PROMISE_PENDING;
}

static void cut_off_importers(Isolate *iso, const Module *module, int depth);

// A module whose body awaits an import that fails for that reason has failed
// for that reason, too.
static void cut_off_waiters(Isolate *iso, const Promise *promise, int depth) {
  if (depth > 100) return;
  for (const PromiseReaction *r = promise_reactions(promise); r != NULL;
       r = r->next) {
    if (r->cell.flags != REACTION_AWAIT) continue;
    const Object *owner = ((Fiber *)value_as_cell(r->target))->owner;
    if (owner == NULL || !value_is_promise(value_from_cell(owner))) continue;
    Module *module = vm_module_of_execution((const Promise *)owner);
    if (module == NULL) {
      cut_off_waiters(iso, (const Promise *)owner, depth + 1);
    } else {
      mark(iso, module, false);
      cut_off_importers(iso, module, depth + 1);
    }
  }
}

static void cut_off_importers(Isolate *iso, const Module *module, int depth) {
  if (!is_pending(module->top_level_capability)) return;
  const PromiseReaction *r = promise_reactions(module->top_level_capability);
  for (; r != NULL; r = r->next) {
    Promise *import = vm_import_of_reaction(r);
    if (import != NULL) cut_off_waiters(iso, import, depth);
  }
}

void vm_module_reject_terminated(Isolate *iso, Module *module, Value error) {
  if (!module->was_terminated || !is_pending(module->top_level_capability))
    return;
  cut_off_importers(iso, module, 0);
  const PromiseReaction *r = promise_reactions(module->top_level_capability);
  for (; r != NULL; r = r->next) {
    Promise *import = vm_import_of_reaction(r);
    // Nobody need have asked how it ends.
    if (import != NULL) import->object.cell.aux |= PROMISE_IS_HANDLED;
  }
  vm_promise_reject(iso, module->top_level_capability, error);
}

// What the evaluation of the module waits for, if it is only for the one who
// imports `module`; NULL: something else. Cuts off what leads there.
static Promise *stop(Isolate *iso, Module *module, uint64_t walk) {
  if (module->walk == walk) return NULL;
  module->walk = walk;
  Promise *waits = is_pending(module->execution) ? module->execution : NULL;
  for (uint32_t i = 0; waits == NULL && i < module_request_count(module); i++) {
    Module *required = module_requested(module, i);
    if (module_request_phase(module, i) == PHASE_SOURCE || required == NULL ||
        required->code == NULL || required->top_level_capability != NULL ||
        module_status(required) != MODULE_EVALUATING_ASYNC ||
        required->async_parents == NULL || required->async_parents->count != 1)
      continue;
    waits = stop(iso, required, walk);
  }
  if (waits != NULL) mark(iso, module, false);
  return waits;
}

Promise *vm_module_stop(Isolate *iso, Module *module, const Promise *import) {
  if (!is_pending(module->top_level_capability) || module->code == NULL)
    return NULL;
  const PromiseReaction *r = promise_reactions(module->top_level_capability);
  if (r == NULL || r->next != NULL || vm_import_of_reaction(r) != import ||
      (module->async_parents != NULL && module->async_parents->count != 0))
    return NULL;
  return stop(iso, module, module_walk_new(iso));
}
