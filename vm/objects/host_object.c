// SPDX-License-Identifier: MIT
#include "vm/objects/host_object.h"

#include "vm/objects/isolate.h"
#include "vm/objects/layouts.h"

_Thread_local uint32_t vm_host_finalizers_running;

// What is behind one takes at least this much.
enum { LEAST_BYTES = 256 };

HostObject *vm_host_object_new(Isolate *iso, const void *type, void *data,
                               void (*finalize)(void *)) {
  HostObject *o = vm_object_allocate(iso, CELL_HOST_OBJECT, sizeof(HostObject),
                                     INTRINSIC_OBJECT(iso, ObjectPrototype));
  o->type = type;
  o->data = data;
  o->finalize = finalize;
  if (finalize == NULL) return o;
  gc_add_finalizer(iso->heap, o);
  vm_host_object_takes(iso, o, LEAST_BYTES);
  return o;
}

void vm_host_object_takes(Isolate *iso, HostObject *o, size_t bytes) {
  gc_external_adjust(iso->heap, GC_EXTERNAL_NATIVE,
                     (int64_t)bytes - (int64_t)o->external_bytes);
  o->external_bytes = bytes;
}

void vm_trace_host_object(GcTracer *tracer, GcCell *cell) {
  vm_trace_object_header(tracer, cell);
}

void vm_finalize_host_object(GcHeap *heap, GcCell *cell) {
  HostObject *o = (HostObject *)cell;
  if (o->finalize == NULL) return;
  if (o->external_bytes != 0)
    gc_external_adjust(heap, GC_EXTERNAL_NATIVE, -(int64_t)o->external_bytes);
  vm_host_finalizers_running++;
  o->finalize(o->data);
  vm_host_finalizers_running--;
}
