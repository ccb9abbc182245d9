// SPDX-License-Identifier: MIT
// What spawn does in a simulation: the function runs in this isolate, on copies
// of all that another one would get as copies (lib/internal/simulated_task.js).
#include "runtime/arguments.h"
#include "runtime/program/clock.h"
#include "runtime/tasks/sync_handles.h"
#include "runtime/tasks/tasks_internal.h"
#include "runtime/testing/testing.h"

// A copy of several parts; `arrivals`: for a task, which has not this isolate's
// classes, or NULL. False: threw.
static bool copy(Isolate *iso, ClonePart *parts, uint32_t count, Value transfer,
                 Value *copies, CloneArrivals *arrivals) {
  Clone clone = {0};
  Array *list =
      transfer == VALUE_UNDEFINED ? NULL : (Array *)value_as_cell(transfer);
  bool done = rt_clone_serialize_parts(iso, parts, count, list, CLONE_CODE, &clone);
  clone.keeps_apart = arrivals != NULL;
  done = done &&
         rt_clone_deserialize_parts(iso, &clone, copies, count, NULL, arrivals);
  rt_clone_free(&clone);
  return done;
}

// copyCall(function, arguments, transfer or undefined): [function, arguments,
// promises of modules that it needs, handles of rill:sync that arrived or
// undefined]
Value rt_test_copy_call(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "faA")) return VALUE_EXCEPTION;
  ClonePart parts[] = {{call->argv[0], ""}, {call->argv[1], "arguments"}};
  Value copies[2];
  CloneArrivals arrivals;
  if (!copy(iso, parts, 2, native_argument(call, 2), copies, &arrivals))
    return VALUE_EXCEPTION;
  if (arrivals.pending == NULL) arrivals.pending = vm_array_new(iso, 0);
  Value all[] = {copies[0], copies[1], value_from_cell(arrivals.pending),
                 arrivals.handles == NULL ? VALUE_UNDEFINED
                                          : value_from_cell(arrivals.handles)};
  Array *result = vm_array_from(iso, all, 4);
  return result == NULL ? VALUE_EXCEPTION : value_from_cell(result);
}

// copyResult(value, transfer or undefined)
Value rt_test_copy_result(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, ".A")) return VALUE_EXCEPTION;
  ClonePart part = {native_argument(call, 0), NULL};
  Value result;
  return copy(iso, &part, 1, native_argument(call, 1), &result, NULL)
             ? result
             : VALUE_EXCEPTION;
}

// closeChannels(handles): as the end of a task does.
Value rt_test_close_channels(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "A")) return VALUE_EXCEPTION;
  Value handles = native_argument(call, 0);
  uint32_t count = value_is_undefined(handles)
                       ? 0
                       : ((Array *)value_as_cell(handles))->length;
  for (uint32_t i = 0; i < count; i++) {
    Value item = vm_get_element(iso, handles, value_from_int((int32_t)i));
    if (value_is_exception(item)) return item;
    if (!value_is_kind(item, CELL_HOST_OBJECT) ||
        !rt_is_sync_handle((HostObject *)value_as_cell(item)))
      return vm_throw_type_value(iso, "%s is no handle of rill:sync", item);
  }
  rt_task_close_channels(handles);
  return VALUE_UNDEFINED;
}

// isSimulating()
Value rt_test_is_simulating(Isolate *iso, const NativeCall *call) {
  return value_from_bool(rt_is_simulating(rt_of(iso)));
}
