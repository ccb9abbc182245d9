// SPDX-License-Identifier: MIT
// Async generators (ECMA-262 27.4, 27.6): the queue of requests, and the
// objects around them.
#include "vm/interpreter/async_generator.h"
#include "vm/builtins/builtins.h"
#include "vm/builtins/loop_natives.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/run.h"

static AsyncGeneratorState state_of(const AsyncGenerator *g) {
  return (AsyncGeneratorState)g->object.cell.extra;
}
static void set_state(AsyncGenerator *g, AsyncGeneratorState state) {
  g->object.cell.extra = state;
}

void vm_async_generator_init(AsyncGenerator *generator) {
  set_state(generator, ASYNC_GENERATOR_SUSPENDED_START);
}

// AsyncGeneratorCompleteStep (27.6.3.5)
static void complete_step(Isolate *iso, AsyncGenerator *g, bool threw,
                          Value value, bool done) {
  CellList *request = g->first;
  Value next = request->words[REQUEST_NEXT];
  gc_store_pointer(iso->heap, &g->first,
                   value_is_cell(next) ? (CellList *)value_as_cell(next)
                                       : NULL);
  if (g->first == NULL) gc_store_pointer(iso->heap, &g->last, NULL);
  Promise *promise = (Promise *)value_as_cell(request->words[REQUEST_PROMISE]);
  if (threw) {
    vm_promise_reject(iso, promise, value);
  } else {
    vm_promise_resolve(iso, promise, vm_iterator_result(iso, value, done));
  }
}

static void drain_queue(Isolate *iso, AsyncGenerator *g);

static void return_settled(Isolate *iso, PromiseState state, Value result,
                           Value data) {
  AsyncGenerator *g = (AsyncGenerator *)value_as_cell(data);
  complete_step(iso, g, state == PROMISE_REJECTED, result, true);
  drain_queue(iso, g);
}

// AsyncGeneratorAwaitReturn (27.6.3.9)
static void await_return(Isolate *iso, AsyncGenerator *g) {
  Promise *promise = vm_promise_from_value(iso, g->first->words[REQUEST_VALUE]);
  if (promise == NULL) {
    if (vm_is_terminating(iso)) return;
    complete_step(iso, g, true, vm_take_exception(iso), true);
    drain_queue(iso, g);
    return;
  }
  vm_promise_on_settled(iso, promise, return_settled, value_from_cell(g));
}

// AsyncGeneratorDrainQueue (27.6.3.10)
static void drain_queue(Isolate *iso, AsyncGenerator *g) {
  while (g->first != NULL) {
    ResumeMode mode = (ResumeMode)value_as_int(g->first->words[REQUEST_MODE]);
    if (mode == RESUME_RETURN) {
      await_return(iso, g);
      return;
    }
    complete_step(iso, g, mode == RESUME_THROW,
                  mode == RESUME_THROW ? g->first->words[REQUEST_VALUE]
                                       : VALUE_UNDEFINED,
                  true);
  }
  set_state(g, ASYNC_GENERATOR_COMPLETED);
}

void vm_async_generator_finish(Isolate *iso, AsyncGenerator *g, ResumeMode mode,
                               Value value) {
  gc_store_pointer(iso->heap, &g->fiber, NULL);
  set_state(g, ASYNC_GENERATOR_DRAINING);
  complete_step(iso, g, mode == RESUME_THROW, value, true);
  drain_queue(iso, g);
}

static bool resume_first(Isolate *iso, AsyncGenerator *g) {
  CellList *request = g->first;
  set_state(g, ASYNC_GENERATOR_EXECUTING);
  Promise *promise = (Promise *)value_as_cell(request->words[REQUEST_PROMISE]);
  gc_store_pointer(iso->heap, &promise->of_fiber, g->fiber);
  return vm_fiber_resume(iso, g->fiber,
                         (ResumeMode)value_as_int(request->words[REQUEST_MODE]),
                         request->words[REQUEST_VALUE]);
}

// AsyncGeneratorYield (27.6.3.8), after the await of its value.
void vm_async_generator_yield(Isolate *iso, Fiber *fiber, Value value) {
  AsyncGenerator *g = (AsyncGenerator *)fiber->owner;
  complete_step(iso, g, false, value, false);
  set_state(g, ASYNC_GENERATOR_SUSPENDED_YIELD);
  if (g->first != NULL) (void)!resume_first(iso, g);
}

Value vm_async_generator_enqueue(Isolate *iso, Value generator, ResumeMode mode,
                                 Value value) {
  Promise *promise = vm_promise_new(iso);
  if (!value_is_kind(generator, CELL_ASYNC_GENERATOR)) {
    vm_throw_type_value(iso, "%s is not an async generator", generator);
    vm_promise_reject_with_exception(iso, promise);
    return value_from_cell(promise);
  }
  AsyncGenerator *g = (AsyncGenerator *)value_as_cell(generator);
  AsyncGeneratorState state = state_of(g);
  if (mode == RESUME_THROW && state == ASYNC_GENERATOR_SUSPENDED_START) {
    gc_store_pointer(iso->heap, &g->fiber, NULL);
    set_state(g, ASYNC_GENERATOR_COMPLETED);
    state = ASYNC_GENERATOR_COMPLETED;
  }
  if (state == ASYNC_GENERATOR_COMPLETED && mode != RESUME_RETURN) {
    if (mode == RESUME_THROW) {
      vm_promise_reject(iso, promise, value);
    } else {
      vm_promise_resolve(iso, promise,
                         vm_iterator_result(iso, VALUE_UNDEFINED, true));
    }
    return value_from_cell(promise);
  }
  CellList *request = vm_cell_list_new(iso, REQUEST_WORDS);
  if (request == NULL) return VALUE_EXCEPTION;
  request->words[REQUEST_MODE] = value_from_int((int32_t)mode);
  request->words[REQUEST_VALUE] = value;
  request->words[REQUEST_PROMISE] = value_from_cell(promise);
  request->words[REQUEST_NEXT] = VALUE_UNDEFINED;
  if (g->last != NULL) {
    gc_store_word(iso->heap, &g->last->words[REQUEST_NEXT],
                  value_from_cell(request));
  } else {
    gc_store_pointer(iso->heap, &g->first, request);
  }
  gc_store_pointer(iso->heap, &g->last, request);
  if (mode == RESUME_RETURN && (state == ASYNC_GENERATOR_SUSPENDED_START ||
                                state == ASYNC_GENERATOR_COMPLETED)) {
    gc_store_pointer(iso->heap, &g->fiber, NULL);
    set_state(g, ASYNC_GENERATOR_DRAINING);
    await_return(iso, g);
  } else if (state == ASYNC_GENERATOR_SUSPENDED_START ||
             state == ASYNC_GENERATOR_SUSPENDED_YIELD) {
    if (!vm_check_stack(iso) || !resume_first(iso, g)) return VALUE_EXCEPTION;
  }
  return vm_is_terminating(iso) ? VALUE_EXCEPTION : value_from_cell(promise);
}

// 27.6.1.2, 27.6.1.3, 27.6.1.4
static Value enqueue(Isolate *iso, const NativeCall *call) {
  return vm_async_generator_enqueue(iso, call->this_value,
                                    (ResumeMode)native_magic(call),
                                    native_argument(call, 0));
}

static Value construct_async_generator_function(Isolate *iso,
                                                const NativeCall *call) {
  return vm_create_dynamic_function(iso, call,
                                    TEMPLATE_GENERATOR | TEMPLATE_ASYNC);
}

static const Builtin async_generator_prototype[] = {
    BUILTIN_MAGIC("next", enqueue, 1, RESUME_NEXT),
    BUILTIN_MAGIC("return", enqueue, 1, RESUME_RETURN),
    BUILTIN_MAGIC("throw", enqueue, 1, RESUME_THROW),
    BUILTIN_TAG("AsyncGenerator"),
};
static const Builtin async_generator_function_tag[] = {
    BUILTIN_TAG("AsyncGeneratorFunction"),
};

void vm_init_async_generator(Isolate *iso, Realm *realm) {
  Object *shared = vm_object_new_with(
      iso, realm->intrinsics[INTRINSIC_AsyncIteratorPrototype]);
  vm_realm_set_intrinsic(realm, INTRINSIC_AsyncGeneratorPrototype, shared);
  VM_DEFINE_BUILTINS(iso, shared, async_generator_prototype);
  Object *prototype =
      vm_object_new_with(iso, realm->intrinsics[INTRINSIC_FunctionPrototype]);
  vm_realm_set_intrinsic(realm, INTRINSIC_AsyncGeneratorFunctionPrototype,
                         prototype);
  VM_DEFINE_BUILTINS(iso, prototype, async_generator_function_tag);
  vm_define_value(iso, prototype, KEY(prototype), value_from_cell(shared),
                  PROPERTY_CONFIGURABLE);
  vm_define_value(iso, shared, KEY(constructor), value_from_cell(prototype),
                  PROPERTY_CONFIGURABLE);
  vm_realm_set_intrinsic(realm, INTRINSIC_AsyncGeneratorFunction,
                         vm_define_function_constructor(
                             iso, realm, "%AsyncGeneratorFunction",
                             construct_async_generator_function, prototype));
}
