// SPDX-License-Identifier: MIT
// Handles of scripts to the synchronization objects of runtime/sync: host
// objects, which structured clone shares between isolates or, where only one
// may have it, moves.
#ifndef RILL_RUNTIME_TASKS_SYNC_HANDLES_H
#define RILL_RUNTIME_TASKS_SYNC_HANDLES_H

#include "vm/objects/function.h"
#include "vm/objects/host_object.h"

typedef struct SyncType {
  const char *name;
  // Another reference to the same, for another thread; NULL: it only moves.
  void *(*share)(void *object);
  void (*release)(void *object);
  bool ends_with_task; // closed when the task that got it ends
} SyncType;

// Counted: the host object, each future that borrows the object, a Clone on its
// way. Used by one thread at a time.
typedef struct SyncHandle {
  uint32_t references;
  const SyncType *type;
  void *object;
} SyncHandle;

// Takes the object over, even if it fails. NULL: threw.
HostObject *rt_sync_handle_new(Isolate *, const SyncType *,
                               void *object) VM_CHECKED;
bool rt_is_sync_handle(const HostObject *);
// The handle behind an object that is one; NULL: closed, or moved away.
SyncHandle *rt_sync_handle_of(const HostObject *);
void rt_sync_handle_release(SyncHandle *);
// The handle of either type (which may be NULL) that is the first argument.
// NULL: threw.
SyncHandle *rt_sync_argument(Isolate *, const NativeCall *, const SyncType *,
                             const SyncType *) VM_CHECKED;
// For a Clone: shared, or else moved. The hooks of the classes in rill:sync see
// to it that only what is transferred moves. 0: it is closed, or futures wait
// on what would move.
Tri rt_sync_handle_take(Isolate *, HostObject *, SyncHandle **) VM_CHECKED;
// A host object of its own for a handle of a Clone. NULL: threw.
HostObject *rt_sync_handle_object(Isolate *, const SyncHandle *) VM_CHECKED;
// What holds a lock (sync_guard.c): natives of rill:internal/sync.
// newGuard(prototype, handle, kind, count)
Value rt_sync_guard_new(Isolate *, const NativeCall *);
// giveBack(handle, kind, count): what is held, but could not be guarded.
Value rt_sync_give_back(Isolate *, const NativeCall *);
// releaseGuard(guard): once; no effect later.
Value rt_sync_guard_release(Isolate *, const NativeCall *);
// Gives up the script's reference.
void rt_sync_handle_close(HostObject *);

#endif
