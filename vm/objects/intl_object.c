// SPDX-License-Identifier: MIT
#include "vm/objects/intl_object.h"

#include "vm/objects/isolate.h"
#include "vm/objects/layouts.h"
#include "vm/objects/throw.h"

IntlObject *vm_intl_object_new(Isolate *iso, Value new_target,
                               int default_intrinsic, IntlType type, void *data,
                               void (*close)(void *), size_t bytes) {
  IntlObject *o =
      value_is_undefined(new_target)
          ? vm_object_allocate(
                iso, CELL_INTL, sizeof(IntlObject),
                vm_default_prototype(iso, iso->realm, default_intrinsic))
          : vm_object_from_constructor(iso, new_target, default_intrinsic,
                                       CELL_INTL, sizeof(IntlObject));
  if (o == NULL || !gc_reserve_external(iso->heap, bytes)) {
    close(data);
    if (o != NULL) vm_throw_out_of_memory(iso);
    return NULL;
  }
  gc_publish(&o->bound, VALUE_UNDEFINED);
  o->data = data;
  o->close = close;
  o->external_bytes = bytes;
  o->type = (uint8_t)type;
  gc_external_adjust(iso->heap, GC_EXTERNAL_NATIVE, (int64_t)bytes);
  gc_add_finalizer(iso->heap, o);
  return o;
}

void vm_trace_intl_object(GcTracer *tracer, GcCell *cell) {
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &((IntlObject *)cell)->bound);
}

void vm_finalize_intl_object(GcHeap *heap, GcCell *cell) {
  IntlObject *o = (IntlObject *)cell;
  gc_external_adjust(heap, GC_EXTERNAL_NATIVE, -(int64_t)o->external_bytes);
  o->close(o->data);
}
