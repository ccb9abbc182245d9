// SPDX-License-Identifier: MIT
// rill:internal/task: spawning, for modules/lib/rill/task.js.
#include "runtime/modules/native_modules.h"
#include "runtime/tasks/workers.h"
#include "vm/objects/elements.h"
#include "vm/objects/host_object.h"

static const char task_type[] = "Task";

static void finalize_task(void *data) {
  rt_task_release(data);
}

// spawn(function, arguments, transfer or undefined, name, is it a scope's):
// [promise, task, id]
static Value spawn(Isolate *iso, const NativeCall *call) {
  Value transfer = call->argv[2];
  Promise *promise;
  SpawnedTask *task = rt_task_spawn(
      rt_of(iso), call->argv[0], (Array *)value_as_cell(call->argv[1]),
      transfer == VALUE_UNDEFINED ? NULL : (Array *)value_as_cell(transfer),
      call->argv[3], value_as_bool(call->argv[4]), &promise);
  if (task == NULL) return VALUE_EXCEPTION;
  HostObject *handle = vm_host_object_new(iso, task_type, task, finalize_task);
  Value parts[] = {value_from_cell(promise), value_from_cell(handle),
                   value_from_number((double)rt_task_id(task))};
  Array *result = vm_array_from(iso, parts, 3);
  return result == NULL ? VALUE_EXCEPTION : value_from_cell(result);
}

static SpawnedTask *task_of(const NativeCall *call) {
  return ((HostObject *)value_as_cell(call->argv[0]))->data;
}

// abort(task, reason)
static Value abort_task(Isolate *iso, const NativeCall *call) {
  rt_task_abort(task_of(call), call->argv[1]);
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

// isFinished(task)
static Value is_finished(Isolate *iso, const NativeCall *call) {
  return value_from_bool(rt_task_is_finished(task_of(call)));
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
    {"abort", abort_task, 2},
    {"abortAll", abort_all, 1},
    {"isFinished", is_finished, 1},
    {"isWorker", is_worker, 0},
    {"noteTransfer", note_transfer, 0},
    {"pending", pending, 0},
    {"spawn", spawn, 5},
    {"workers", workers, 0},
};
const NativeModule rt_task_module =
    NATIVE_MODULE("rill:internal/task", task_exports);
