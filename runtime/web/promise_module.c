// SPDX-License-Identifier: MIT
// rill:internal/promise: promises for modules in modules/lib/web, out of the
// reach of scripts that patch Promise, and without resolving functions.
#include "runtime/modules/native_modules.h"
#include "runtime/tasks/workers.h"
#include "vm/interpreter/promise.h"
#include "vm/objects/throw.h"

// The first argument. NULL: threw.
static Promise *promise_of(Isolate *iso, const NativeCall *call) {
  Value value = native_argument(call, 0);
  if (value_is_promise(value)) return (Promise *)value_as_cell(value);
  vm_throw_type(iso, "It is no promise");
  return NULL;
}

// newPromise(): to be settled once, by one of the next two.
static Value new_promise(Isolate *iso, const NativeCall *call) {
  return value_from_cell(vm_promise_new(iso));
}

// resolvePromise(promise, value)
static Value resolve_promise(Isolate *iso, const NativeCall *call) {
  Promise *promise = promise_of(iso, call);
  if (promise == NULL) return VALUE_EXCEPTION;
  vm_promise_resolve(iso, promise, native_argument(call, 1));
  return vm_has_exception(iso) ? VALUE_EXCEPTION : VALUE_UNDEFINED;
}

// rejectPromise(promise, reason)
static Value reject_promise(Isolate *iso, const NativeCall *call) {
  Promise *promise = promise_of(iso, call);
  if (promise == NULL) return VALUE_EXCEPTION;
  vm_promise_reject(iso, promise, native_argument(call, 1));
  return VALUE_UNDEFINED;
}

// resolvedWith(value): always a new promise, of a promise, too (Web IDL, "a
// promise resolved with").
static Value resolved_with(Isolate *iso, const NativeCall *call) {
  Promise *promise = vm_promise_new(iso);
  vm_promise_resolve(iso, promise, native_argument(call, 0));
  return vm_has_exception(iso) ? VALUE_EXCEPTION : value_from_cell(promise);
}

// rejectedWith(reason)
static Value rejected_with(Isolate *iso, const NativeCall *call) {
  Promise *promise = vm_promise_new(iso);
  vm_promise_reject(iso, promise, native_argument(call, 0));
  return value_from_cell(promise);
}

// upon(promise, fulfilled, rejected): callbacks that throw nothing; what a lack
// of memory makes `fulfilled` throw goes to `rejected`.
static Value upon(Isolate *iso, const NativeCall *call) {
  Promise *promise = promise_of(iso, call);
  if (promise == NULL) return VALUE_EXCEPTION;
  vm_promise_then(iso, promise, native_argument(call, 1),
                  native_argument(call, 2), NULL);
  return VALUE_UNDEFINED;
}

// react(promise, fulfilled, rejected): the promise of what they return.
static Value react(Isolate *iso, const NativeCall *call) {
  Promise *promise = promise_of(iso, call);
  if (promise == NULL) return VALUE_EXCEPTION;
  Promise *result = vm_promise_new(iso);
  PromiseCapability capability = {value_from_cell(result), VALUE_EMPTY,
                                  VALUE_EMPTY};
  vm_promise_then(iso, promise, native_argument(call, 1),
                  native_argument(call, 2), &capability);
  return value_from_cell(result);
}

// markHandled(promise)
static Value mark_handled(Isolate *iso, const NativeCall *call) {
  Promise *promise = promise_of(iso, call);
  if (promise == NULL) return VALUE_EXCEPTION;
  vm_promise_mark_handled(iso, promise);
  return VALUE_UNDEFINED;
}

static const NativeExport promise_exports[] = {
    {"markHandled", mark_handled, 1},
    {"newPromise", new_promise, 0},
    {"onStop", rt_on_stop, 2},
    {"react", react, 3},
    {"rejectPromise", reject_promise, 2},
    {"rejectedWith", rejected_with, 1},
    {"resolvePromise", resolve_promise, 2},
    {"resolvedWith", resolved_with, 1},
    {"upon", upon, 3},
};
const NativeModule rt_promise_module =
    NATIVE_MODULE("rill:internal/promise", promise_exports);
