// SPDX-License-Identifier: MIT
// rill:internal/context: the async context for node:async_hooks and
// rill:context, whose variables are a Map that nobody changes once it is set.
#include "runtime/modules/native_modules.h"
#include "vm/interpreter/async_context.h"

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

static const NativeExport context_exports[] = {
    {"capture", capture, 1},
    {"setVariables", set_variables, 1},
    {"variables", variables, 0},
};
const NativeModule rt_context_module =
    NATIVE_MODULE("rill:internal/context", context_exports);
