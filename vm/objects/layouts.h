// SPDX-License-Identifier: MIT
// What the collector knows of each kind of cell: vm_layouts[kind] is handed to
// gc_heap_create.
//
// The functions run on the collector thread while the isolate runs: see
// GcKind in gc/gc.h for the rules. A kind whose struct has its own fields has
// its functions in its own file (`vm_trace_<kind>`), declared here, and one row
// in layouts.c.
#ifndef RILL_VM_OBJECTS_LAYOUTS_H
#define RILL_VM_OBJECTS_LAYOUTS_H

#include "vm/objects/object.h"

extern const GcKind vm_layouts[CELL_KIND_COUNT];

// Object's own three references. Every trace function of an object kind starts
// with this.
static inline void vm_trace_object_header(GcTracer *tracer, GcCell *cell) {
  Object *o = (Object *)cell;
  gc_trace_common(tracer, &o->shape);
  gc_trace_field(tracer, &o->slots);
  gc_trace_common(tracer, &o->elements); // most objects have the empty ones
}

void vm_transitions_clear(GcTracer *, GcCell *);
void vm_prototype_info_clear(GcTracer *, GcCell *);
bool vm_prototype_info_is_clean(GcTracer *, GcCell *);
void vm_trace_shape_index(GcTracer *, GcCell *);
void vm_trace_hash_table(GcTracer *, GcCell *);
void vm_trace_map_object(GcTracer *, GcCell *);
void vm_trace_weak_table(GcTracer *, GcCell *);
void vm_weak_table_clear(GcTracer *, GcCell *);
void vm_weak_ref_clear(GcTracer *, GcCell *);
void vm_trace_registration_page(GcTracer *, GcCell *);
void vm_registration_page_clear(GcTracer *, GcCell *);
void vm_trace_finalization_registry(GcTracer *, GcCell *);

// buffer.c
void vm_trace_array_buffer(GcTracer *, GcCell *);
void vm_finalize_array_buffer(GcHeap *, GcCell *);
void vm_buffer_views_clear(GcTracer *, GcCell *);
void vm_trace_typed_array(GcTracer *, GcCell *);
void vm_trace_data_view(GcTracer *, GcCell *);

#endif
