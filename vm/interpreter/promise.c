// SPDX-License-Identifier: MIT
// Promises: settling, reactions, thenables (ECMA-262 27.2.1, 27.2.2).
#include <assert.h>

#include "vm/interpreter/calls.h"
#include "vm/interpreter/jobs.h"
#include "vm/interpreter/promise.h"

Promise *vm_promise_new(Isolate *iso) {
  Promise *promise =
      (Promise *)vm_object_allocate(iso, CELL_PROMISE, sizeof(Promise),
                                    INTRINSIC_OBJECT(iso, PromisePrototype));
  vm_promise_tell(iso, PROMISE_MADE, promise);
  return promise;
}

static void notify(Isolate *iso, PromiseRejectionEvent event,
                   Promise *promise) {
  if (iso->hooks != NULL && iso->hooks->promise_rejection != NULL)
    iso->hooks->promise_rejection(iso->host, iso, event,
                                  value_from_cell(promise),
                                  promise_result(promise));
}

// The job of one reaction.
static void enqueue_reaction(Isolate *iso, PromiseReaction *reaction,
                             PromiseState state, Value argument) {
  Job job = {.b = argument, .c = VALUE_UNDEFINED};
  bool fulfilled = state == PROMISE_FULFILLED;
  if (reaction->cell.flags == REACTION_AWAIT) {
    job.kind = fulfilled ? JOB_RESUME : JOB_RESUME_THROW;
    job.a = reaction->target;
  } else {
    job.kind = fulfilled ? JOB_REACTION_FULFILLED : JOB_REACTION_REJECTED;
    job.a = value_from_cell(reaction);
  }
  vm_enqueue_job(iso, &job);
}

static void settle(Isolate *iso, Promise *promise, PromiseState state,
                   Value result) {
  PromiseReaction *newest = promise->reactions, *oldest = NULL;
  gc_store_word(iso->heap, &promise->result, result);
  if (promise_fiber(promise) != NULL)
    gc_store_pointer(iso->heap, &promise->of_fiber, NULL);
  promise->object.cell.extra = state;
  while (newest != NULL) { // reactions run in the order they were added
    PromiseReaction *next = newest->next;
    gc_store_pointer(iso->heap, &newest->next, oldest);
    oldest = newest;
    newest = next;
  }
  for (; oldest != NULL; oldest = oldest->next)
    enqueue_reaction(iso, oldest, state, result);
}

void vm_promise_fulfill(Isolate *iso, Promise *promise, Value value) {
  if (promise_state(promise) != PROMISE_PENDING) return;
  vm_promise_tell(iso, PROMISE_RESOLVED, promise);
  settle(iso, promise, PROMISE_FULFILLED, value);
}

void vm_promise_reject(Isolate *iso, Promise *promise, Value reason) {
  assert(reason != VALUE_EMPTY); // who failed has thrown
  if (promise_state(promise) != PROMISE_PENDING) return;
  vm_promise_tell(iso, PROMISE_RESOLVED, promise);
  settle(iso, promise, PROMISE_REJECTED, reason);
  if (!(promise->object.cell.aux & PROMISE_IS_HANDLED))
    notify(iso, PROMISE_REJECTED_WITHOUT_HANDLER, promise);
}

void vm_promise_reject_with_exception(Isolate *iso, Promise *promise) {
  if (vm_is_terminating(iso)) return;
  vm_promise_reject(iso, promise, vm_take_exception(iso));
}

void vm_promise_resolve(Isolate *iso, Promise *promise, Value value) {
  if (promise_state(promise) != PROMISE_PENDING) return;
  if (!value_is_object(value)) {
    vm_promise_fulfill(iso, promise, value);
    return;
  }
  if (value == value_from_cell(promise)) {
    vm_throw_type(iso, "Chaining cycle detected for promise #<Promise>");
    vm_promise_reject_with_exception(iso, promise);
    return;
  }
  Value then = vm_get_quickly(iso, value_as_object(value), KEY(then));
  if (value_is_exception(then)) {
    vm_promise_reject_with_exception(iso, promise);
    return;
  }
  if (!value_is_callable(then)) {
    vm_promise_fulfill(iso, promise, value);
    return;
  }
  vm_promise_tell(iso, PROMISE_RESOLVED, promise);
  Job job = {.kind = JOB_THENABLE,
             .a = value_from_cell(promise),
             .b = value,
             .c = then,
             .context = iso->async_context};
  vm_enqueue_job(iso, &job);
}

Promise *vm_promise_from_value(Isolate *iso, Value value) {
  if (value_is_promise(value)) {
    Value constructor =
        vm_get_quickly(iso, value_as_object(value), KEY(constructor));
    if (value_is_exception(constructor)) return NULL;
    if (constructor == value_from_cell(INTRINSIC_OBJECT(iso, Promise)))
      return (Promise *)value_as_cell(value);
  }
  Promise *promise = vm_promise_new(iso);
  vm_promise_resolve(iso, promise, value);
  return vm_is_terminating(iso) ? NULL : promise;
}

// The resolving functions (27.2.1.3). Slot 0: the promise; slot 1: a cell list
// of one word, the [[AlreadyResolved]] record that both share.
static Promise *resolving(Isolate *iso, const NativeCall *call) {
  CellList *already = (CellList *)value_as_cell(native_slot(call, 1));
  if (already->words[0] == VALUE_TRUE) return NULL;
  gc_store_word(iso->heap, &already->words[0], VALUE_TRUE);
  return (Promise *)value_as_cell(native_slot(call, 0));
}
static Value resolve_function(Isolate *iso, const NativeCall *call) {
  Promise *promise = resolving(iso, call);
  if (promise != NULL)
    vm_promise_resolve(iso, promise, native_argument(call, 0));
  return vm_is_terminating(iso) ? VALUE_EXCEPTION : VALUE_UNDEFINED;
}
static Value reject_function(Isolate *iso, const NativeCall *call) {
  Promise *promise = resolving(iso, call);
  if (promise != NULL)
    vm_promise_reject(iso, promise, native_argument(call, 0));
  return VALUE_UNDEFINED;
}

const Promise *vm_resolving_function_promise(Value function) {
  if (!value_is_kind(function, CELL_NATIVE_FUNCTION)) return NULL;
  const NativeFunction *f = (const NativeFunction *)value_as_cell(function);
  if (f->code != resolve_function && f->code != reject_function) return NULL;
  return (const Promise *)value_as_cell(f->slots[0]);
}

Fiber *vm_awaiting_fiber(const Promise *promise) {
  const PromiseReaction *reaction = promise_reactions(promise);
  for (; reaction != NULL; reaction = reaction->next)
    if (reaction->cell.flags == REACTION_AWAIT)
      return (Fiber *)value_as_cell(reaction->target);
  return NULL;
}

void vm_promise_resolving_functions(Isolate *iso, Promise *promise,
                                    Value *resolve, Value *reject) {
  CellList *already = vm_cell_list_new(iso, 1);
  NativeFunction *f = vm_native_new(iso, resolve_function, NULL, 1, 2, false);
  f->slots[0] = value_from_cell(promise);
  f->slots[1] = value_from_cell(already);
  *resolve = value_from_cell(f);
  f = vm_native_new(iso, reject_function, NULL, 1, 2, false);
  f->slots[0] = value_from_cell(promise);
  f->slots[1] = value_from_cell(already);
  *reject = value_from_cell(f);
}

// GetCapabilitiesExecutor Functions (27.2.1.5.1). Slots: resolve, reject.
static Value capability_executor(Isolate *iso, const NativeCall *call) {
  NativeFunction *f = (NativeFunction *)value_as_cell(call->callee);
  if (!value_is_undefined(f->slots[0]) || !value_is_undefined(f->slots[1]))
    return vm_throw_type(iso,
                         "Promise executor has already been invoked with "
                         "non-undefined arguments");
  gc_store_word(iso->heap, &f->slots[0], native_argument(call, 0));
  gc_store_word(iso->heap, &f->slots[1], native_argument(call, 1));
  return VALUE_UNDEFINED;
}

bool vm_new_promise_capability(Isolate *iso, Value constructor,
                               PromiseCapability *out) {
  if (constructor == value_from_cell(INTRINSIC_OBJECT(iso, Promise))) {
    out->promise = value_from_cell(vm_promise_new(iso));
    out->resolve = out->reject = VALUE_EMPTY;
    return true;
  }
  if (!value_is_constructor(constructor)) {
    vm_throw_type_value(iso, "%s is not a constructor", constructor);
    return false;
  }
  NativeFunction *executor =
      vm_native_new(iso, capability_executor, NULL, 2, 2, false);
  Value argument = value_from_cell(executor);
  out->promise = vm_construct(iso, constructor, 1, &argument, constructor);
  if (value_is_exception(out->promise)) return false;
  out->resolve = executor->slots[0];
  out->reject = executor->slots[1];
  if (!value_is_callable(out->resolve) || !value_is_callable(out->reject)) {
    vm_throw_type(iso, "Promise resolve or reject function is not callable");
    return false;
  }
  return true;
}

bool vm_capability_resolve(Isolate *iso, const PromiseCapability *capability,
                           Value value) {
  if (capability->resolve == VALUE_EMPTY) {
    vm_promise_resolve(iso, (Promise *)value_as_cell(capability->promise),
                       value);
    return !vm_is_terminating(iso);
  }
  return vm_call(iso, capability->resolve, VALUE_UNDEFINED, 1, &value) !=
         VALUE_EXCEPTION;
}
bool vm_capability_reject(Isolate *iso, const PromiseCapability *capability,
                          Value reason) {
  if (capability->reject == VALUE_EMPTY) {
    vm_promise_reject(iso, (Promise *)value_as_cell(capability->promise),
                      reason);
    return true;
  }
  return vm_call(iso, capability->reject, VALUE_UNDEFINED, 1, &reason) !=
         VALUE_EXCEPTION;
}

static PromiseReaction *reaction_new(Isolate *iso, ReactionKind kind) {
  PromiseReaction *reaction = (PromiseReaction *)gc_allocate(
      iso->heap, sizeof(PromiseReaction), CELL_PROMISE_REACTION);
  reaction->cell.flags = (uint8_t)kind;
  reaction->on_fulfilled = reaction->on_rejected = VALUE_UNDEFINED;
  reaction->target = VALUE_UNDEFINED;
  reaction->resolve = reaction->reject = VALUE_EMPTY;
  reaction->context = iso->async_context;
  return reaction;
}

void vm_promise_mark_handled(Isolate *iso, Promise *promise) {
  if (promise_state(promise) == PROMISE_REJECTED &&
      !(promise->object.cell.aux & PROMISE_IS_HANDLED))
    notify(iso, PROMISE_HANDLER_ADDED_AFTER_REJECTION, promise);
  promise->object.cell.aux |= PROMISE_IS_HANDLED;
}

// Hangs a reaction on a promise, or queues it.
static void react(Isolate *iso, Promise *promise, PromiseReaction *reaction) {
  PromiseState state = promise_state(promise);
  if (state == PROMISE_PENDING) {
    reaction->next = promise->reactions;
    gc_store_pointer(iso->heap, &promise->reactions, reaction);
  } else {
    enqueue_reaction(iso, reaction, state, promise->result);
  }
  vm_promise_mark_handled(iso, promise);
}

void vm_promise_then(Isolate *iso, Promise *promise, Value on_fulfilled,
                     Value on_rejected, const PromiseCapability *capability) {
  PromiseReaction *reaction = reaction_new(iso, REACTION_THEN);
  if (value_is_callable(on_fulfilled)) reaction->on_fulfilled = on_fulfilled;
  if (value_is_callable(on_rejected)) reaction->on_rejected = on_rejected;
  if (capability != NULL) {
    reaction->target = capability->promise;
    reaction->resolve = capability->resolve;
    reaction->reject = capability->reject;
  }
  react(iso, promise, reaction);
}

void vm_promise_on_settled(Isolate *iso, Promise *promise,
                           PromiseCallback callback, Value data) {
  PromiseReaction *reaction = reaction_new(iso, REACTION_NATIVE);
  reaction->callback = callback;
  reaction->target = data;
  react(iso, promise, reaction);
}

void vm_promise_await(Isolate *iso, Promise *promise, Fiber *fiber) {
  PromiseState state = promise_state(promise);
  if (state == PROMISE_PENDING) {
    PromiseReaction *reaction = reaction_new(iso, REACTION_AWAIT);
    reaction->target = value_from_cell(fiber);
    react(iso, promise, reaction);
    return;
  }
  vm_promise_mark_handled(iso, promise);
  Job job = {.kind = state == PROMISE_FULFILLED ? JOB_RESUME : JOB_RESUME_THROW,
             .a = value_from_cell(fiber),
             .b = promise->result,
             .c = VALUE_UNDEFINED};
  vm_enqueue_job(iso, &job);
}

// NewPromiseReactionJob (27.2.2.1).
bool vm_promise_run_reaction(Isolate *iso, PromiseReaction *reaction,
                             PromiseState state, Value argument) {
  bool fulfilled = state == PROMISE_FULFILLED;
  switch ((ReactionKind)reaction->cell.flags) {
  case REACTION_NATIVE:
    reaction->callback(iso, state, argument, reaction->target);
    return !vm_is_terminating(iso);
  case REACTION_RESOLVE: {
    Promise *promise = (Promise *)value_as_cell(reaction->target);
    if (fulfilled) {
      vm_promise_resolve(iso, promise, argument);
    } else {
      vm_promise_reject(iso, promise, argument);
    }
    return !vm_is_terminating(iso);
  }
  case REACTION_AWAIT:
    return true; // queued as a resumption
  case REACTION_THEN:
    break;
  }
  Value handler = fulfilled ? reaction->on_fulfilled : reaction->on_rejected;
  PromiseCapability capability = {reaction->target, reaction->resolve,
                                  reaction->reject};
  bool has_capability = !value_is_undefined(reaction->target);
  Value result = argument;
  if (!value_is_undefined(handler)) {
    result = vm_call(iso, handler, VALUE_UNDEFINED, 1, &argument);
    fulfilled = result != VALUE_EXCEPTION;
    if (!fulfilled) {
      if (vm_is_terminating(iso)) return false;
      result = vm_take_exception(iso);
    }
  }
  if (!has_capability) {
    // Of our own (vm_promise_then): no promise tells that a handler threw,
    // which only a lack of memory makes it do; so the handler of errors is
    // told, once more if it was that one: it may not even have been compiled.
    if (fulfilled || value_is_undefined(reaction->on_rejected)) return true;
    if (state == PROMISE_REJECTED) result = argument;
    if (!value_is_exception(
            vm_call(iso, reaction->on_rejected, VALUE_UNDEFINED, 1, &result)))
      return true;
    if (vm_is_terminating(iso)) return false;
    (void)vm_take_exception(iso);
    return true;
  }
  return fulfilled ? vm_capability_resolve(iso, &capability, result)
                   : vm_capability_reject(iso, &capability, result);
}

// NewPromiseResolveThenableJob (27.2.2.2). A native promise whose `then` is the
// original one needs no closures: nobody could see them.
bool vm_promise_run_thenable_job(Isolate *iso, Promise *promise, Value thenable,
                                 Value then) {
  Object *intrinsic = INTRINSIC_OBJECT(iso, PromiseThen);
  if (value_is_promise(thenable) && then == value_from_cell(intrinsic)) {
    Value promise_constructor = value_from_cell(INTRINSIC_OBJECT(iso, Promise));
    Value constructor = vm_species_constructor(iso, value_as_object(thenable),
                                               promise_constructor);
    if (constructor == promise_constructor) {
      PromiseReaction *reaction = reaction_new(iso, REACTION_RESOLVE);
      reaction->target = value_from_cell(promise);
      react(iso, (Promise *)value_as_cell(thenable), reaction);
      return true;
    }
    if (constructor == VALUE_EXCEPTION) {
      vm_promise_reject_with_exception(iso, promise);
      return !vm_is_terminating(iso);
    }
    // Another constructor: then() with it, its species already chosen.
    Value functions[2];
    vm_promise_resolving_functions(iso, promise, &functions[0], &functions[1]);
    PromiseCapability capability;
    if (!vm_new_promise_capability(iso, constructor, &capability)) {
      if (vm_is_terminating(iso)) return false;
      Value reason = vm_take_exception(iso);
      return vm_call(iso, functions[1], VALUE_UNDEFINED, 1, &reason) !=
             VALUE_EXCEPTION;
    }
    vm_promise_then(iso, (Promise *)value_as_cell(thenable), functions[0],
                    functions[1], &capability);
    return true;
  }
  Value functions[2];
  vm_promise_resolving_functions(iso, promise, &functions[0], &functions[1]);
  Value result = vm_call(iso, then, thenable, 2, functions);
  if (result != VALUE_EXCEPTION) return true;
  if (vm_is_terminating(iso)) return false;
  Value reason = vm_take_exception(iso);
  return vm_call(iso, functions[1], VALUE_UNDEFINED, 1, &reason) !=
         VALUE_EXCEPTION;
}
