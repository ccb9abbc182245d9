// SPDX-License-Identifier: MIT
// rill:internal/context: the async context for node:async_hooks and
// rill:context, whose variables are a Map that nobody changes once it is set.
#include "runtime/modules/native_modules.h"
#include "runtime/runtime.h"
#include "vm/interpreter/async_context.h"
#include "vm/interpreter/promise.h"

// variables(): of the current context, or undefined.
static Value variables(Isolate *iso, const NativeCall *call) {
  (void)call;
  return vm_context_variables(iso->async_context);
}

// setVariables(map or undefined)
static Value set_variables(Isolate *iso, const NativeCall *call) {
  vm_context_set_variables(iso, native_argument(call, 0));
  return VALUE_UNDEFINED;
}

// capture(function): one that runs in the context that is current now.
static Value capture(Isolate *iso, const NativeCall *call) {
  return vm_context_bind(iso, native_argument(call, 0));
}

// Tells the script, unless it is being told: what it makes then is its own.
static void tell_script(Isolate *iso, int event, Promise *promise) {
  Runtime *rt = rt_of(iso);
  if (rt->is_told_of_promise || vm_is_terminating(iso)) return;
  rt->is_told_of_promise = true;
  Value pending = vm_has_exception(iso) ? vm_take_exception(iso) : VALUE_EMPTY;
  Promise *parent = iso->promise_parent;
  iso->promise_parent = NULL;
  Value arguments[] = {value_from_int(event), value_from_cell(promise),
                       parent == NULL ? VALUE_UNDEFINED
                                      : value_from_cell(parent)};
  Value done =
      vm_call(iso, rt->promise_hook.word, VALUE_UNDEFINED, 3, arguments);
  if (value_is_exception(done) && vm_is_terminating(iso)) {
    // Whoever makes a promise is not unwound: the next safepoint is.
    vm_end_termination(iso);
    vm_request_interrupt(iso, INTERRUPT_TERMINATE);
  } else if (value_is_exception(done)) {
    rt_uncaught(rt);
  }
  iso->promise_parent = parent;
  if (pending != VALUE_EMPTY) vm_throw(iso, pending);
  rt->is_told_of_promise = false;
}

// observePromises(function of (PromiseEvent, promise, parent) or undefined)
static Value observe_promises(Isolate *iso, const NativeCall *call) {
  Value function = native_argument(call, 0);
  rt_of(iso)->promise_hook.word = function;
  iso->promise_hook = value_is_callable(function) ? tell_script : NULL;
  return VALUE_UNDEFINED;
}

static const NativeExport context_exports[] = {
    {"capture", capture, 1},
    {"observePromises", observe_promises, 1},
    {"setVariables", set_variables, 1},
    {"variables", variables, 0},
};
const NativeModule rt_context_module =
    NATIVE_MODULE("rill:internal/context", context_exports);
