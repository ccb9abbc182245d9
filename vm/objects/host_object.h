// SPDX-License-Identifier: MIT
// Objects that carry a pointer of the embedder's.
#ifndef RILL_VM_OBJECTS_HOST_OBJECT_H
#define RILL_VM_OBJECTS_HOST_OBJECT_H

#include "vm/objects/object.h"

enum {
  HOST_OBJECT_OF_CLASS = 1 << 0, // `type` is a rill_class; it is constructed
};

typedef struct HostObject {
  Object object;    // aux: HOST_OBJECT_*
  const void *type; // tells the embedder's kinds apart
  void *data;
  void (*finalize)(void *data); // once the object is dead; or NULL
  size_t external_bytes;        // what `data` takes, if it was told
} HostObject;

// A host object with %Object.prototype%.
HostObject *vm_host_object_new(Isolate *, const void *type, void *data,
                               void (*finalize)(void *));
// What `data` takes now, of an object with a finalizer: counts towards the
// limit and the pace.
void vm_host_object_takes(Isolate *, HostObject *, size_t bytes);
// Finalizers of the embedder's that this thread is in: they may not call back.
extern _Thread_local uint32_t vm_host_finalizers_running;
// Of the kind's layout.
void vm_trace_host_object(GcTracer *, GcCell *);
void vm_finalize_host_object(GcHeap *, GcCell *);

#endif
