// SPDX-License-Identifier: MIT
// Guards of rill:sync: the object that holds permits of a semaphore, or a lock,
// until it is released. A guard that dies unreleased keeps them: its owner lost
// it, and waking others then would hide that.
#include <stdlib.h>

#include "rill/sync.h"
#include "runtime/tasks/sync_handles.h"
#include "runtime/trace/snapshot.h"
#include "vm/interpreter/frame.h"
#include "vm/objects/operations.h"

static const char guard_type[] = "SyncGuard";

typedef enum GuardKind { GUARD_PERMITS, GUARD_READ, GUARD_WRITE } GuardKind;

typedef struct Guard {
  SyncHandle *handle; // a reference
  GuardKind kind;
  size_t count;
  uint64_t task; // that it was made for (snapshot.h); 0: unknown
} Guard;

static void finalize(void *data) {
  Guard *guard = data;
  if (guard == NULL) return;
  rt_sync_handle_release(guard->handle);
  free(guard);
}

// The task that runs: the outermost of those who await it.
static uint64_t running_task(const Isolate *iso) {
  const Frame *outermost = NULL;
  for (const Frame *f = iso->frame; f != NULL; f = f->caller)
    outermost = f;
  if (outermost == NULL) return 0;
  bool has_fiber =
      outermost->flags & (FRAME_ASYNC | FRAME_GENERATOR | FRAME_ENTRY);
  Fiber *fiber = has_fiber ? outermost->fiber : NULL;
  return fiber == NULL ? 0 : trace_task_of(fiber);
}

// `lock` may be NULL: nothing is left to be released.
static void unlock(void *lock, GuardKind kind, size_t count) {
  if (lock == NULL) return;
  if (kind == GUARD_PERMITS) {
    rill_semaphore_add(lock, count);
  } else if (kind == GUARD_WRITE) {
    rill_rwlock_write_unlock(lock);
  } else {
    rill_rwlock_read_unlock(lock);
  }
}

// The arguments from `first` on are a handle, a kind and a count?
static bool are_of_lock(const NativeCall *call, uint32_t first) {
  Value of = native_argument(call, first);
  return call->argc >= first + 3 && value_is_kind(of, CELL_HOST_OBJECT) &&
         rt_is_sync_handle((HostObject *)value_as_cell(of)) &&
         value_is_number(call->argv[first + 1]) &&
         value_is_number(call->argv[first + 2]);
}

Value rt_sync_give_back(Isolate *iso, const NativeCall *call) {
  if (!are_of_lock(call, 0)) return vm_throw_type(iso, "No lock");
  const SyncHandle *handle =
      rt_sync_handle_of((HostObject *)value_as_cell(call->argv[0]));
  if (handle != NULL)
    unlock(handle->object, (GuardKind)value_as_number(call->argv[1]),
           (size_t)value_as_number(call->argv[2]));
  return VALUE_UNDEFINED;
}

Value rt_sync_guard_new(Isolate *iso, const NativeCall *call) {
  if (!value_is_object(native_argument(call, 0)) || !are_of_lock(call, 1))
    return vm_throw_type(iso, "No lock");
  SyncHandle *handle =
      rt_sync_handle_of((HostObject *)value_as_cell(call->argv[1]));
  Guard *guard = handle == NULL ? NULL : malloc(sizeof *guard);
  if (guard == NULL) {
    return handle == NULL ? vm_throw_type(iso, "The lock is closed")
                          : vm_throw_out_of_memory(iso);
  }
  handle->references++;
  *guard = (Guard){
      .handle = handle,
      .kind = (GuardKind)value_as_number(call->argv[2]),
      .count = (size_t)value_as_number(call->argv[3]),
      .task = running_task(iso),
  };
  HostObject *o = vm_object_allocate(iso, CELL_HOST_OBJECT, sizeof(HostObject),
                                     value_as_object(call->argv[0]));
  o->type = guard_type;
  o->data = guard;
  o->finalize = finalize;
  gc_add_finalizer(iso->heap, o);
  return value_from_cell(o);
}

Value rt_sync_guard_release(Isolate *iso, const NativeCall *call) {
  Value value = native_argument(call, 0);
  HostObject *o = value_is_kind(value, CELL_HOST_OBJECT)
                      ? (HostObject *)value_as_cell(value)
                      : NULL;
  if (o == NULL || o->type != guard_type)
    return vm_throw_type(iso, "Not a guard of a lock");
  Guard *guard = o->data;
  if (guard == NULL) return VALUE_UNDEFINED;
  o->data = NULL;
  unlock(guard->handle->object, guard->kind, guard->count);
  finalize(guard);
  return VALUE_UNDEFINED;
}

const void *rt_held_lock(const HostObject *o, uint64_t *task) {
  const Guard *guard = o->type == guard_type ? o->data : NULL;
  if (guard == NULL) return NULL;
  *task = guard->task;
  return guard->handle->object;
}
