// SPDX-License-Identifier: MIT
// rill:internal/task: spawning, for modules/lib/rill/task.js.
#include "runtime/arguments.h"
#include "runtime/modules/native_modules.h"
#include "runtime/tasks/tasks_internal.h"
#include "vm/objects/elements.h"

// spawn(function, arguments, transfer or undefined, name or undefined, is it a
// scope's, prototype): a JoinHandle
static Value spawn(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "faASbo")) return VALUE_EXCEPTION;
  Value transfer = call->argv[2];
  TaskSpawn spawn = {
      .function = call->argv[0],
      .arguments = (Array *)value_as_cell(call->argv[1]),
      .transfer =
          transfer == VALUE_UNDEFINED ? NULL : (Array *)value_as_cell(transfer),
      .name = call->argv[3],
      .is_scoped = value_as_bool(call->argv[4]),
      .prototype = value_as_object(call->argv[5]),
  };
  JoinHandle *handle = rt_task_spawn(rt_of(iso), &spawn);
  if (handle == NULL) return VALUE_EXCEPTION;
  if (likely(vm_poll(iso, 1))) return value_from_cell(handle);
  // A lack of memory that is told of later would leave the task to nobody.
  if (vm_is_terminating(iso)) return VALUE_EXCEPTION;
  Value error = vm_take_exception(iso);
  vm_promise_mark_handled(iso, &handle->promise);
  if (rt_handle_task(handle) != NULL)
    rt_task_abort(rt_handle_task(handle), error);
  return vm_throw(iso, error);
}

// NULL: threw.
static JoinHandle *handle_of(Isolate *iso, const NativeCall *call) {
  Value value = call->argv[0];
  if (value_is_promise(value) && (value_as_cell(value)->aux & PROMISE_OF_HOST))
    return (JoinHandle *)value_as_cell(value);
  vm_throw_type_value(iso, "%s is not a JoinHandle", value);
  return NULL;
}

// abort(handle, reason or undefined, also one that was told before)
static Value abort_task(Isolate *iso, const NativeCall *call) {
  JoinHandle *handle = handle_of(iso, call);
  if (handle == NULL) return VALUE_EXCEPTION;
  SpawnedTask *task = rt_handle_task(handle);
  if (task != NULL && (task->aborts == 0 || call->argv[2] == VALUE_TRUE))
    rt_task_abort(task, call->argv[1]);
  return VALUE_UNDEFINED;
}

// detach(handle)
static Value detach(Isolate *iso, const NativeCall *call) {
  JoinHandle *handle = handle_of(iso, call);
  if (handle == NULL) return VALUE_EXCEPTION;
  SpawnedTask *task = rt_handle_task(handle);
  if (task != NULL) rt_task_detach(task);
  return VALUE_UNDEFINED;
}

// abortAll(reason)
static Value abort_all(Isolate *iso, const NativeCall *call) {
  rt_tasks_abort(rt_of(iso), call->argv[0]);
  return VALUE_UNDEFINED;
}

typedef struct PendingList {
  Isolate *iso;
  Array *list;
} PendingList;

static bool add_pending(void *data, const SpawnedTask *task) {
  PendingList *p = data;
  Isolate *iso = p->iso;
  String *name = vm_string_from_c(iso, rt_task_name_of(task));
  if (name == NULL) return false;
  Value parts[] = {value_from_number((double)rt_task_id(task)),
                   value_from_cell(name),
                   value_from_cell(rt_task_promise(task))};
  Array *row = vm_array_from(iso, parts, 3);
  return row != NULL && vm_array_push(iso, p->list, value_from_cell(row));
}

// pending(): [[id, name, promise], ...]
static Value pending(Isolate *iso, const NativeCall *call) {
  PendingList p = {iso, vm_array_new(iso, 0)};
  if (p.list == NULL || !rt_tasks_visit(rt_of(iso), add_pending, &p))
    return VALUE_EXCEPTION;
  return value_from_cell(p.list);
}

// describe(handle): [id, name]
static Value describe(Isolate *iso, const NativeCall *call) {
  JoinHandle *handle = handle_of(iso, call);
  if (handle == NULL) return VALUE_EXCEPTION;
  const char *given = rt_handle_name(rt_of(iso), handle);
  String *name = vm_string_from_c(iso, given == NULL ? "" : given);
  if (name == NULL) return VALUE_EXCEPTION;
  Value parts[] = {value_from_number((double)rt_handle_id(handle)),
                   value_from_cell(name)};
  Array *result = vm_array_from(iso, parts, 2);
  return result == NULL ? VALUE_EXCEPTION : value_from_cell(result);
}

// isFinished(handle)
static Value is_finished(Isolate *iso, const NativeCall *call) {
  JoinHandle *handle = handle_of(iso, call);
  return handle == NULL ? VALUE_EXCEPTION
                        : value_from_bool(rt_handle_task(handle) == NULL);
}

// isOrphan(handle): was it aborted because the task that waits for it was?
static Value is_orphan(Isolate *iso, const NativeCall *call) {
  (void)iso;
  return value_from_bool(
      value_is_promise(call->argv[0]) &&
      (value_as_cell(call->argv[0])->aux & PROMISE_IS_ORPHAN) != 0);
}

// stopAwait(promise of an async function, reason): was anybody told? undefined:
// not yet.
static Value stop_await(Isolate *iso, const NativeCall *call) {
  StoppedAwait stopped = rt_stop_await(iso, call->argv[0], call->argv[1]);
  return stopped == STOPPED_LATER ? VALUE_UNDEFINED
                                  : value_from_bool(stopped == STOPPED);
}

// workers(): [the most there may be, those that were started, queued tasks]
static Value workers(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  Value parts[] = {value_from_uint32(rt_workers_limit(rt)),
                   value_from_uint32(rt_workers_running(rt)),
                   value_from_uint32(rt_workers_queued(rt))};
  Array *result = vm_array_from(iso, parts, 3);
  return result == NULL ? VALUE_EXCEPTION : value_from_cell(result);
}

// isWorker()
static Value is_worker(Isolate *iso, const NativeCall *call) {
  return value_from_bool(rt_of(iso)->worker != NULL);
}

// noteTransfer(): the end of some task is to ask takeTransfer of rill:task.
static Value note_transfer(Isolate *iso, const NativeCall *call) {
  rt_workers_note_transfer(rt_of(iso));
  return VALUE_UNDEFINED;
}

static const NativeExport task_exports[] = {
    {"abort", abort_task, 3},
    {"abortAll", abort_all, 1},
    {"describe", describe, 1},
    {"detach", detach, 1},
    {"isFinished", is_finished, 1},
    {"isWorker", is_worker, 0},
    {"noteTransfer", note_transfer, 0},
    {"pending", pending, 0},
    {"spawn", spawn, 6},
    {"isOrphan", is_orphan, 1},
    {"stopAwait", stop_await, 2},
    {"workers", workers, 0},
};
const NativeModule rt_task_module =
    NATIVE_MODULE("rill:internal/task", task_exports);
