// SPDX-License-Identifier: MIT
// %IteratorPrototype%, %AsyncIteratorPrototype%, and the wrapper of sync
// iterators for async iteration (ECMA-262 27.1.2 to 27.1.6). The Iterator
// constructor and its helpers are in iterator_helpers.c.
#include "vm/builtins/builtins.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/iteration.h"
#include "vm/interpreter/promise.h"
#include "vm/objects/iterator_object.h"

static const Builtin iterator_prototype[] = {
    BUILTIN("@@iterator", vm_return_this, 0),
};
static Value unwrap(Isolate *iso, const NativeCall *call) {
  return VALUE_UNDEFINED;
}

// 27.1.4.2 %AsyncIteratorPrototype% [ %Symbol.asyncDispose% ]
static Value async_dispose(Isolate *iso, const NativeCall *call) {
  PromiseCapability capability = {value_from_cell(vm_promise_new(iso)),
                                  VALUE_EMPTY, VALUE_EMPTY};
  Promise *promise = (Promise *)value_as_cell(capability.promise);
  Value method = vm_get_method(iso, call->this_value, KEY(return_));
  if (method == VALUE_UNDEFINED) {
    vm_promise_fulfill(iso, promise, VALUE_UNDEFINED);
    return capability.promise;
  }
  Value argument = VALUE_UNDEFINED;
  Value result = method != VALUE_EXCEPTION
                     ? vm_call(iso, method, call->this_value, 1, &argument)
                     : VALUE_EXCEPTION;
  Promise *wrapper =
      result != VALUE_EXCEPTION ? vm_promise_from_value(iso, result) : NULL;
  if (wrapper == NULL) {
    if (vm_is_terminating(iso)) return VALUE_EXCEPTION;
    vm_promise_reject_with_exception(iso, promise);
    return capability.promise;
  }
  NativeFunction *f = vm_native_new(iso, unwrap, NULL, 1, 0, false);
  vm_promise_then(iso, wrapper, value_from_cell(f), VALUE_UNDEFINED,
                  &capability);
  return capability.promise;
}

static const Builtin async_iterator_prototype[] = {
    BUILTIN("@@asyncDispose", async_dispose, 0),
    BUILTIN("@@asyncIterator", vm_return_this, 0),
};

// %AsyncFromSyncIteratorPrototype% objects are IteratorObjects: target is the
// sync iterator, extra its next method.
static Value async_from_sync_iterator(Isolate *iso,
                                      const IteratorRecord *record) {
  IteratorObject *it = vm_iterator_object_new(
      iso, INTRINSIC_OBJECT(iso, AsyncFromSyncIteratorPrototype),
      ITERATOR_ASYNC_FROM_SYNC, ITERATE_VALUES, record->iterator);
  it->extra = record->next;
  return value_from_cell(it);
}

Value vm_async_from_sync_iterator_from_method(Isolate *iso, Value items,
                                              Value method) {
  IteratorRecord record;
  if (!vm_get_iterator_from_method(iso, items, method, &record))
    return VALUE_EXCEPTION;
  return async_from_sync_iterator(iso, &record);
}

// The job after the value's promise. Data: a list of the result promise, the
// `done` flag, and the iterator to close on rejection (undefined: none).
static void value_settled(Isolate *iso, PromiseState state, Value result,
                          Value data) {
  CellList *list = (CellList *)value_as_cell(data);
  Promise *promise = (Promise *)value_as_cell(list->words[0]);
  if (state == PROMISE_FULFILLED) {
    vm_promise_resolve(
        iso, promise,
        vm_iterator_result(iso, result, list->words[1] == VALUE_TRUE));
    return;
  }
  if (!value_is_undefined(list->words[2])) {
    IteratorRecord record = {list->words[2], VALUE_UNDEFINED, false};
    vm_throw(iso, result);
    (void)!vm_iterator_close(iso, &record);
    vm_promise_reject_with_exception(iso, promise);
    return;
  }
  vm_promise_reject(iso, promise, result);
}

// AsyncFromSyncIteratorContinuation (27.1.6.4). An exception that is pending on
// the way rejects.
static Value continuation(Isolate *iso, Promise *promise, Value result,
                          Value sync_iterator, bool close_on_rejection) {
  if (value_is_exception(result)) goto rejected;
  if (!value_is_object(result)) {
    vm_throw_type_value(iso, "Iterator result %s is not an object", result);
    goto rejected;
  }
  Value done = vm_get(iso, value_as_object(result), KEY(done));
  if (value_is_exception(done)) goto rejected;
  bool is_done = vm_to_boolean(done);
  Value value = vm_get(iso, value_as_object(result), KEY(value));
  if (value_is_exception(value)) goto rejected;
  Promise *wrapper = vm_promise_from_value(iso, value);
  if (wrapper == NULL) {
    if (!is_done && close_on_rejection && !vm_is_terminating(iso)) {
      IteratorRecord record = {sync_iterator, VALUE_UNDEFINED, false};
      (void)!vm_iterator_close(iso, &record);
    }
    goto rejected;
  }
  CellList *list = vm_cell_list_new(iso, 3);
  if (list == NULL) goto rejected;
  list->words[0] = value_from_cell(promise);
  list->words[1] = value_from_bool(is_done);
  list->words[2] =
      !is_done && close_on_rejection ? sync_iterator : VALUE_UNDEFINED;
  vm_promise_on_settled(iso, wrapper, value_settled, value_from_cell(list));
  return value_from_cell(promise);
rejected:
  if (vm_is_terminating(iso)) return VALUE_EXCEPTION;
  vm_promise_reject_with_exception(iso, promise);
  return value_from_cell(promise);
}

static IteratorObject *wrapper_of(const NativeCall *call) {
  return (IteratorObject *)value_as_cell(call->this_value);
}

// 27.1.6.2.1 next
static Value async_from_sync_next(Isolate *iso, const NativeCall *call) {
  IteratorObject *it = wrapper_of(call);
  Promise *promise = vm_promise_new(iso);
  Value result =
      vm_call(iso, it->extra, it->target, call->argc != 0, call->argv);
  return continuation(iso, promise, result, it->target, true);
}

// 27.1.6.2.2 return
static Value async_from_sync_return(Isolate *iso, const NativeCall *call) {
  IteratorObject *it = wrapper_of(call);
  Promise *promise = vm_promise_new(iso);
  Value method = vm_get_method(iso, it->target, KEY(return_));
  if (value_is_exception(method))
    return continuation(iso, promise, method, it->target, false);
  if (value_is_undefined(method)) {
    vm_promise_resolve(iso, promise,
                       vm_iterator_result(iso, native_argument(call, 0), true));
    return value_from_cell(promise);
  }
  Value result = vm_call(iso, method, it->target, call->argc != 0, call->argv);
  return continuation(iso, promise, result, it->target, false);
}

// 27.1.6.2.3 throw
static Value async_from_sync_throw(Isolate *iso, const NativeCall *call) {
  IteratorObject *it = wrapper_of(call);
  Promise *promise = vm_promise_new(iso);
  Value method = vm_get_method(iso, it->target, KEY(throw_));
  if (value_is_exception(method))
    return continuation(iso, promise, method, it->target, false);
  if (value_is_undefined(method)) {
    IteratorRecord record = {it->target, VALUE_UNDEFINED, false};
    if (vm_iterator_close(iso, &record))
      vm_throw_type(iso, "The iterator does not provide a 'throw' method");
    return continuation(iso, promise, VALUE_EXCEPTION, it->target, false);
  }
  Value result = vm_call(iso, method, it->target, call->argc != 0, call->argv);
  return continuation(iso, promise, result, it->target, true);
}

static const Builtin async_from_sync_prototype[] = {
    BUILTIN("next", async_from_sync_next, 1),
    BUILTIN("return", async_from_sync_return, 1),
    BUILTIN("throw", async_from_sync_throw, 1),
};

void vm_init_iterator(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_IteratorPrototype, prototype);
  VM_DEFINE_BUILTINS(iso, prototype, iterator_prototype);
  Object *async = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_AsyncIteratorPrototype, async);
  VM_DEFINE_BUILTINS(iso, async, async_iterator_prototype);
  Object *wrapper = vm_object_new_with(iso, async);
  vm_realm_set_intrinsic(realm, INTRINSIC_AsyncFromSyncIteratorPrototype,
                         wrapper);
  VM_DEFINE_BUILTINS(iso, wrapper, async_from_sync_prototype);
}
