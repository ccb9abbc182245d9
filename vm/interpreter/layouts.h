// SPDX-License-Identifier: MIT
// What the collector needs of the interpreter's kinds of cells; the table of
// all kinds is vm/objects/layouts.c.
#ifndef RILL_VM_INTERPRETER_LAYOUTS_H
#define RILL_VM_INTERPRETER_LAYOUTS_H

#include "gc/gc.h"

// Kinds CODE, FIBER, PROMISE_REACTION, MODULE, CELL_LIST, POLYMORPHIC_CACHE.
void vm_trace_code(GcTracer *, GcCell *);
void vm_finalize_code(GcHeap *, GcCell *); // given to gc_add_finalizer
void vm_trace_fiber(GcTracer *, GcCell *);
void vm_trace_promise_reaction(GcTracer *, GcCell *);
void vm_trace_module(GcTracer *, GcCell *);
void vm_trace_cell_list(GcTracer *, GcCell *);
void vm_trace_polymorphic_cache(GcTracer *, GcCell *);
// Objects: what follows the Object header (whose words the caller traced).
void vm_trace_promise(GcTracer *, GcCell *);
void vm_trace_generator(GcTracer *, GcCell *);
void vm_trace_async_generator(GcTracer *, GcCell *);
void vm_trace_module_namespace(GcTracer *, GcCell *);

#endif
