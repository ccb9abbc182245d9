// SPDX-License-Identifier: MIT
// The Promise constructor and prototype (ECMA-262 27.2.3 to 27.2.5). The
// combinators are in promise_combinators.c.
#include "vm/interpreter/promise.h"
#include "vm/builtins/builtins.h"
#include "vm/builtins/promise_builtins.h"
#include "vm/interpreter/calls.h"

// 27.2.3.1 Promise ( executor )
static Value construct(Isolate *iso, const NativeCall *call) {
  if (value_is_undefined(call->new_target))
    return vm_throw_type(iso,
                         "Promise constructor cannot be invoked without 'new'");
  Value executor = native_argument(call, 0);
  if (!value_is_callable(executor))
    return vm_throw_type_value(iso, "Promise resolver %s is not a function",
                               executor);
  Promise *promise =
      call->new_target == call->callee
          ? vm_promise_new(iso)
          : (Promise *)vm_object_from_constructor(
                iso, call->new_target, INTRINSIC_PromisePrototype, CELL_PROMISE,
                sizeof(Promise));
  if (promise == NULL) return VALUE_EXCEPTION;
  if (call->new_target != call->callee)
    vm_promise_tell(iso, PROMISE_MADE, promise);
  Value functions[2];
  vm_promise_resolving_functions(iso, promise, &functions[0], &functions[1]);
  Value result = vm_call(iso, executor, VALUE_UNDEFINED, 2, functions);
  if (value_is_exception(result)) {
    if (vm_is_terminating(iso)) return VALUE_EXCEPTION;
    Value reason = vm_take_exception(iso);
    if (vm_call(iso, functions[1], VALUE_UNDEFINED, 1, &reason) ==
        VALUE_EXCEPTION)
      return VALUE_EXCEPTION;
  }
  return value_from_cell(promise);
}

// 27.2.4.7.1 PromiseResolve
static Value resolve_with(Isolate *iso, Value constructor, Value value) {
  if (constructor == value_from_cell(INTRINSIC_OBJECT(iso, Promise))) {
    Promise *promise = vm_promise_from_value(iso, value);
    return promise != NULL ? value_from_cell(promise) : VALUE_EXCEPTION;
  }
  if (value_is_promise(value)) {
    Value its = vm_get(iso, value_as_object(value), KEY(constructor));
    if (value_is_exception(its)) return its;
    if (vm_same_value(iso, its, constructor)) return value;
  }
  PromiseCapability capability;
  if (!vm_new_promise_capability(iso, constructor, &capability) ||
      !vm_capability_resolve(iso, &capability, value))
    return VALUE_EXCEPTION;
  return capability.promise;
}

// 27.2.4.7 Promise.resolve
static Value resolve(Isolate *iso, const NativeCall *call) {
  if (!value_is_object(call->this_value))
    return vm_throw_type(iso, "PromiseResolve called on non-object");
  return resolve_with(iso, call->this_value, native_argument(call, 0));
}

// 27.2.4.6 Promise.reject
static Value reject(Isolate *iso, const NativeCall *call) {
  PromiseCapability capability;
  if (!vm_new_promise_capability(iso, call->this_value, &capability) ||
      !vm_capability_reject(iso, &capability, native_argument(call, 0)))
    return VALUE_EXCEPTION;
  return capability.promise;
}

// The functions that scripts see of a capability whose promise is native.
static void show_functions(Isolate *iso, PromiseCapability *capability) {
  if (capability->resolve == VALUE_EMPTY)
    vm_promise_resolving_functions(
        iso, (Promise *)value_as_cell(capability->promise),
        &capability->resolve, &capability->reject);
}

// 27.2.4.9 Promise.withResolvers
static Value with_resolvers(Isolate *iso, const NativeCall *call) {
  PromiseCapability capability;
  if (!vm_new_promise_capability(iso, call->this_value, &capability))
    return VALUE_EXCEPTION;
  show_functions(iso, &capability);
  Object *o = vm_object_new(iso);
  vm_put(iso, o, KEY(promise), capability.promise, PROPERTY_DEFAULT);
  vm_put(iso, o, KEY(resolve), capability.resolve, PROPERTY_DEFAULT);
  vm_put(iso, o, KEY(reject), capability.reject, PROPERTY_DEFAULT);
  return value_from_cell(o);
}

// 27.2.4.8 Promise.try
static Value try_call(Isolate *iso, const NativeCall *call) {
  if (!value_is_object(call->this_value))
    return vm_throw_type(iso, "Promise.try called on non-object");
  PromiseCapability capability;
  if (!vm_new_promise_capability(iso, call->this_value, &capability))
    return VALUE_EXCEPTION;
  Value result = vm_call(iso, native_argument(call, 0), VALUE_UNDEFINED,
                         call->argc > 1 ? call->argc - 1 : 0, call->argv + 1);
  bool done;
  if (value_is_exception(result)) {
    if (vm_is_terminating(iso)) return VALUE_EXCEPTION;
    done = vm_capability_reject(iso, &capability, vm_take_exception(iso));
  } else {
    done = vm_capability_resolve(iso, &capability, result);
  }
  return done ? capability.promise : VALUE_EXCEPTION;
}

static Value species(Isolate *iso, const NativeCall *call) {
  return call->this_value;
}

// 27.2.5.4 Promise.prototype.then
static Value then(Isolate *iso, const NativeCall *call) {
  if (!value_is_promise(call->this_value))
    return vm_throw_type_value(
        iso, "Method Promise.prototype.then called on incompatible receiver %s",
        call->this_value);
  Value intrinsic = value_from_cell(INTRINSIC_OBJECT(iso, Promise));
  Value constructor =
      vm_species_constructor(iso, value_as_object(call->this_value), intrinsic);
  if (value_is_exception(constructor)) return constructor;
  PromiseCapability capability;
  iso->promise_parent = (Promise *)value_as_cell(call->this_value);
  bool made = vm_new_promise_capability(iso, constructor, &capability);
  iso->promise_parent = NULL;
  if (!made) return VALUE_EXCEPTION;
  vm_promise_then(iso, (Promise *)value_as_cell(call->this_value),
                  native_argument(call, 0), native_argument(call, 1),
                  &capability);
  return capability.promise;
}

static Value invoke_then(Isolate *iso, Value promise, Value on_fulfilled,
                         Value on_rejected) {
  Value arguments[] = {on_fulfilled, on_rejected};
  return vm_invoke(iso, promise, KEY(then), 2, arguments);
}

// 27.2.5.1 Promise.prototype.catch
static Value catch_method(Isolate *iso, const NativeCall *call) {
  return invoke_then(iso, call->this_value, VALUE_UNDEFINED,
                     native_argument(call, 0));
}

// Functions of Promise.prototype.finally (27.2.5.3). Slots: what they give.
static Value value_thunk(Isolate *iso, const NativeCall *call) {
  return native_slot(call, 0);
}
static Value thrower(Isolate *iso, const NativeCall *call) {
  return vm_throw(iso, native_slot(call, 0));
}
// Slots: onFinally, constructor. magic 1: rejected.
static Value finally_function(Isolate *iso, const NativeCall *call) {
  Value result = vm_call(iso, native_slot(call, 0), VALUE_UNDEFINED, 0, NULL);
  if (value_is_exception(result)) return result;
  Value promise = resolve_with(iso, native_slot(call, 1), result);
  if (value_is_exception(promise)) return promise;
  NativeFunction *f = vm_native_new(
      iso, native_magic(call) ? thrower : value_thunk, NULL, 0, 1, false);
  f->slots[0] = native_argument(call, 0);
  Value argument = value_from_cell(f);
  return vm_invoke(iso, promise, KEY(then), 1, &argument);
}

// 27.2.5.3 Promise.prototype.finally
static Value finally_method(Isolate *iso, const NativeCall *call) {
  Value on_finally = native_argument(call, 0);
  if (!value_is_object(call->this_value))
    return vm_throw_type(iso,
                         "Promise.prototype.finally called on a non-object");
  Value constructor =
      vm_species_constructor(iso, value_as_object(call->this_value),
                             value_from_cell(INTRINSIC_OBJECT(iso, Promise)));
  if (value_is_exception(constructor)) return constructor;
  if (!value_is_callable(on_finally))
    return invoke_then(iso, call->this_value, on_finally, on_finally);
  NativeFunction *functions[2];
  for (int i = 0; i < 2; i++) {
    functions[i] = vm_native_new(iso, finally_function, NULL, 1, 2, false);
    functions[i]->magic = (uint16_t)i;
    functions[i]->slots[0] = on_finally;
    functions[i]->slots[1] = constructor;
  }
  return invoke_then(iso, call->this_value, value_from_cell(functions[0]),
                     value_from_cell(functions[1]));
}

static const Builtin promise_prototype[] = {
    BUILTIN("catch", catch_method, 1),
    BUILTIN("finally", finally_method, 1),
    BUILTIN("then", then, 2),
    BUILTIN_TAG("Promise"),
};
static const Builtin promise_constructor[] = {
    BUILTIN_MAGIC("all", vm_promise_combinator, 1, COMBINATOR_ALL),
    BUILTIN_MAGIC("allKeyed", vm_promise_combinator, 1, COMBINATOR_ALL_KEYED),
    BUILTIN_MAGIC("allSettledKeyed", vm_promise_combinator, 1,
                  COMBINATOR_ALL_SETTLED_KEYED),
    BUILTIN_MAGIC("allSettled", vm_promise_combinator, 1,
                  COMBINATOR_ALL_SETTLED),
    BUILTIN_MAGIC("any", vm_promise_combinator, 1, COMBINATOR_ANY),
    BUILTIN_MAGIC("race", vm_promise_combinator, 1, COMBINATOR_RACE),
    BUILTIN("reject", reject, 1),
    BUILTIN("resolve", resolve, 1),
    BUILTIN("try", try_call, 1),
    BUILTIN("withResolvers", with_resolvers, 0),
    BUILTIN_GET("@@species", species),
};

// NULL until the prototype has members.
static void remember_then(Isolate *iso, Object *prototype) {
  vm_realm_set_intrinsic(iso->realm, INTRINSIC_PromiseThen,
                         value_as_object(vm_get(iso, prototype, KEY(then))));
}

void vm_init_promise(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_PromisePrototype, prototype);
  VM_DEFINE_BUILTINS(iso, prototype, promise_prototype);
  NativeFunction *f =
      vm_define_constructor(iso, "Promise", construct, 1, prototype, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_Promise, &f->object);
  VM_DEFINE_BUILTINS(iso, &f->object, promise_constructor);
  vm_define_action(iso, prototype, remember_then);
}
