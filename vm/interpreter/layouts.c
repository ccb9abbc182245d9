// SPDX-License-Identifier: MIT
// What the collector traces in the interpreter's cells.
#include <stdlib.h>

#include "vm/interpreter/async_generator.h"
#include "vm/interpreter/layouts.h"
#include "vm/interpreter/module_namespace.h"
#include "vm/interpreter/optimized.h"

static void trace_entry(GcTracer *tracer, const CacheEntry *e) {
  gc_trace_field(tracer, &e->shape);
  gc_trace_field(tracer, &e->holder);
  gc_trace_field(tracer, &e->validity);
}

void vm_trace_code(GcTracer *tracer, GcCell *cell) {
  Code *code = (Code *)cell;
  gc_trace_field(tracer, &code->realm);
  gc_trace_field(tracer, &code->module);
  gc_trace_field(tracer, &code->functions);
  gc_trace_field(tracer, &code->template_objects);
  gc_trace_field(tracer, &code->compiled);
  gc_trace_field(tracer, &code->inlined);
  gc_trace_field(tracer, &code->construct_shape);
  gc_trace_field(tracer, &code->construct_target);
  gc_trace_field(tracer, &code->construct_target_shape);
  gc_trace_field(tracer, &code->construct_prototype);
  for (uint32_t i = 0; i < cell->extra; i++) {
    const InlineCache *ic = &code->caches[i];
    trace_entry(tracer, &ic->first);
    // A cell, or the epoch of a global cache: a number below all addresses.
    uint64_t more = __atomic_load_n(&ic->epoch, __ATOMIC_ACQUIRE);
    if (more > UINT32_MAX) gc_trace_word(tracer, more);
    gc_trace_field(tracer, &ic->key);
  }
}

void vm_finalize_code(GcHeap *heap, GcCell *cell) {
  Code *code = (Code *)cell;
  if (code->external_bytes != 0) {
    gc_external_adjust(heap, GC_EXTERNAL_NATIVE,
                       -(int64_t)code->external_bytes);
  }
  if (code->template != NULL) vm_template_release((Template *)code->template);
  vm_optimized_free(code->variants);
  free(code->no_guards);
  vm_code_list_remove(code->isolate, code->list_index);
}

void vm_trace_polymorphic_cache(GcTracer *tracer, GcCell *cell) {
  PolymorphicCache *cache = (PolymorphicCache *)cell;
  for (int i = 0; i < 3; i++)
    trace_entry(tracer, &cache->entries[i]);
}

void vm_trace_fiber(GcTracer *tracer, GcCell *cell) {
  Fiber *fiber = (Fiber *)cell;
  gc_trace_field(tracer, &fiber->function);
  gc_trace_field(tracer, &fiber->this_value);
  gc_trace_field(tracer, &fiber->owner);
  gc_trace_field(tracer, &fiber->awaiting);
  gc_trace_field(tracer, &fiber->context);
  // Temporaries that were never set hold whatever was on the stack before.
  gc_trace_conservatively(tracer, fiber->registers,
                          fiber->registers + cell->extra);
}

void vm_trace_cell_list(GcTracer *tracer, GcCell *cell) {
  gc_trace_words(tracer, ((CellList *)cell)->words, cell->extra);
}

void vm_trace_promise_reaction(GcTracer *tracer, GcCell *cell) {
  PromiseReaction *reaction = (PromiseReaction *)cell;
  gc_trace_field(tracer, &reaction->next);
  gc_trace_field(tracer, &reaction->on_fulfilled);
  gc_trace_field(tracer, &reaction->on_rejected);
  gc_trace_field(tracer, &reaction->target);
  gc_trace_field(tracer, &reaction->resolve);
  if (cell->flags != REACTION_NATIVE) gc_trace_field(tracer, &reaction->reject);
  gc_trace_field(tracer, &reaction->context);
}

void vm_trace_promise(GcTracer *tracer, GcCell *cell) {
  Promise *promise = (Promise *)cell;
  gc_trace_field(tracer, &promise->result);
  gc_trace_field(tracer, &promise->host);
}

void vm_trace_generator(GcTracer *tracer, GcCell *cell) {
  gc_trace_field(tracer, &((Generator *)cell)->fiber);
}

void vm_trace_async_generator(GcTracer *tracer, GcCell *cell) {
  AsyncGenerator *generator = (AsyncGenerator *)cell;
  gc_trace_field(tracer, &generator->fiber);
  gc_trace_field(tracer, &generator->first);
  gc_trace_field(tracer, &generator->last);
}

void vm_trace_module(GcTracer *tracer, GcCell *cell) {
  Module *module = (Module *)cell;
  gc_trace_field(tracer, &module->realm);
  gc_trace_field(tracer, &module->name);
  gc_trace_field(tracer, &module->code);
  gc_trace_field(tracer, &module->environment);
  gc_trace_field(tracer, &module->fiber);
  gc_trace_field(tracer, &module->top_level_capability);
  gc_trace_field(tracer, &module->execution);
  gc_trace_field(tracer, &module->evaluation_error);
  gc_trace_field(tracer, &module->meta);
  gc_trace_field(tracer, &module->name_space);
  gc_trace_field(tracer, &module->deferred_name_space);
  gc_trace_field(tracer, &module->source);
  gc_trace_field(tracer, &module->cycle_root);
  gc_trace_field(tracer, &module->requested);
  gc_trace_field(tracer, &module->async_parents);
  gc_trace_field(tracer, &module->export_names);
  gc_trace_field(tracer, &module->imports);
  gc_trace_field(tracer, &module->host_value);
}

void vm_trace_module_namespace(GcTracer *tracer, GcCell *cell) {
  ModuleNamespace *name_space = (ModuleNamespace *)cell;
  gc_trace_field(tracer, &name_space->module);
  gc_trace_field(tracer, &name_space->names);
  gc_trace_field(tracer, &name_space->bindings);
}
