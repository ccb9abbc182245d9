// SPDX-License-Identifier: MIT
// Native functions, promises and host objects of the embedder.
#include <stdlib.h>

#include "runtime/api/api.h"
#include "vm/objects/host_object.h"

enum { SLOT_CODE, SLOT_DATA, SLOT_COUNT };

Value api_returned(rill_isolate *api, rill_value returned, uint32_t failures) {
  Isolate *iso = api->iso;
  if (unlikely(api->ends)) {
    api->ends = false;
    return vm_terminate(iso);
  }
  if (likely(returned != NULL && iso->exception == VALUE_EMPTY))
    return api_value(api, returned);
  // A failed call within the function left its error without a pending
  // exception: returning NULL passes it on.
  if (returned == NULL && !vm_has_exception(iso) && api->failures != failures &&
      api->error.kind == RILL_ERROR_THROWN &&
      !value_is_empty(api->exception.word)) {
    vm_throw(iso, api->exception.word);
    rill_clear_error(api);
  }
  return vm_has_exception(iso) ? VALUE_EXCEPTION : api_value(api, returned);
}

Value api_call_host(rill_isolate *api, const NativeCall *call,
                    rill_function code, void *data) {
  Isolate *iso = api->iso;
  uint32_t failures = api->failures;
  ApiMark mark = api_mark(api);
  rill_value few[API_FEW_ARGUMENTS], *arguments = few;
  if (likely(api->checks == NULL && call->argc <= API_FEW_ARGUMENTS &&
             mark.used + call->argc + 1 <= API_HANDLES_PER_BLOCK)) {
    struct rill_handle *handles = &mark.block->handles[mark.used];
    api->used = mark.used + call->argc + 1;
    handles[0].value = call->this_value;
    for (uint32_t i = 0; i < call->argc; i++) {
      handles[i + 1].value = call->argv[i];
      few[i] = &handles[i + 1];
    }
    rill_value returned = code(api, data, handles, call->argc, few);
    Value result = api_returned(api, returned, failures);
    api_cut_back(api, mark);
    return result;
  }
  size_t scopes = api->checks == NULL ? 0 : api_check_scopes(api);
  if (call->argc > API_FEW_ARGUMENTS) {
    arguments = malloc(call->argc * sizeof *arguments);
    if (arguments == NULL) return vm_throw_out_of_memory(iso);
  }
  rill_value this_value = api_handle(api, call->this_value);
  bool complete = this_value != NULL;
  for (uint32_t i = 0; i < call->argc; i++) {
    arguments[i] = api_handle(api, call->argv[i]);
    complete = complete && arguments[i] != NULL;
  }
  Value result;
  if (!complete) {
    result = vm_throw_out_of_memory(iso);
  } else {
    result = api_returned(
        api, code(api, data, this_value, call->argc, arguments), failures);
  }
  if (arguments != few) free(arguments);
  if (unlikely(api->checks != NULL)) api_check_returned(api, scopes);
  api_cut_back(api, mark);
  return result;
}

static Value call_native(Isolate *iso, const NativeCall *call) {
  return api_call_host(
      rt_of(iso)->embedder, call,
      (rill_function)api_address_of(native_slot(call, SLOT_CODE)),
      (void *)api_address_of(native_slot(call, SLOT_DATA)));
}

rill_value rill_function_new(rill_isolate *api, const char *name,
                             rill_function code, void *data) {
  Isolate *iso = api->iso;
  api_use(api);
  String *text = vm_string_from_c(iso, name == NULL ? "" : name);
  if (text == NULL) return api_fail(api);
  NativeFunction *f =
      vm_native_new(iso, call_native, text, 0, SLOT_COUNT, false);
  f->slots[SLOT_CODE] = api_address_value((uintptr_t)code);
  f->slots[SLOT_DATA] = api_address_value((uintptr_t)data);
  return api_handle(api, value_from_cell(f));
}

bool rill_define(rill_isolate *api, const char *name, rill_function code,
                 void *data) {
  ApiMark mark = api_mark(api);
  rill_value f = rill_function_new(api, name, code, data);
  bool done = f != NULL && rill_set(api, rill_global(api), name, f);
  api_cut_back(api, mark);
  return done;
}

rill_value rill_promise(rill_isolate *api) {
  api_use(api);
  return api_handle(api, value_from_cell(vm_promise_new(api->iso)));
}

static bool settle(rill_isolate *api, rill_value promise, rill_value value,
                   bool fulfil) {
  Value p = api_value(api, promise);
  if (!value_is_promise(p) ||
      promise_state((Promise *)value_as_cell(p)) != PROMISE_PENDING) {
    api_fail_host(api, "not a pending promise");
    return false;
  }
  api_enter(api);
  if (fulfil) {
    vm_promise_resolve(api->iso, (Promise *)value_as_cell(p),
                       api_value(api, value));
  } else {
    vm_promise_reject(api->iso, (Promise *)value_as_cell(p),
                      api_value(api, value));
  }
  return api_leave(api);
}

bool rill_resolve(rill_isolate *api, rill_value promise, rill_value value) {
  return settle(api, promise, value, true);
}
bool rill_reject(rill_isolate *api, rill_value promise, rill_value value) {
  return settle(api, promise, value, false);
}

rill_value rill_host_object(rill_isolate *api, const void *type, void *data,
                            rill_finalizer finalize) {
  api_use(api);
  return api_handle(
      api, value_from_cell(vm_host_object_new(api->iso, type, data, finalize)));
}

void *rill_host_data(rill_isolate *api, rill_value value, const void *type) {
  Value v = api_value(api, value);
  if (!value_is_kind(v, CELL_HOST_OBJECT)) return NULL;
  HostObject *o = (HostObject *)value_as_cell(v);
  return o->type == type && (o->object.cell.aux & HOST_OBJECT_OF_CLASS) == 0
             ? o->data
             : NULL;
}
