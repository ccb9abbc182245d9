// SPDX-License-Identifier: MIT
// Making and freeing isolates: the heap with its roots, the register stack, the
// bounds of the C stack.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "vm/builtins/atomics_wait.h"
#include "vm/interpreter/optimized.h"
#include "vm/interpreter/run.h"
#include "vm/interpreter/stack_roots.h"
#include "vm/objects/atom_rounds.h"
#include "vm/objects/isolate.h"
#include "vm/objects/layouts.h"
#include "vm/objects/symbols.h"

enum {
  DEFAULT_STACK_BYTES = 16 << 20,
  // C code that checks the stack may use this much below the limit.
  C_STACK_RESERVE = 256 << 10,
};

static void trace_roots(void *data, GcTracer *tracer) {
  Isolate *iso = data;
  gc_trace_cell(tracer, iso->realm);
  gc_trace_word(tracer, iso->exception);
  gc_trace_cell(tracer, iso->empty_elements);
  gc_trace_cell(tracer, iso->no_prototype);
  gc_trace_cell(tracer, iso->always_valid);
  gc_trace_word(tracer, iso->out_of_memory_error);
  gc_trace_cell(tracer, iso->number_strings);
  gc_trace_word(tracer, iso->kept_alive);
  gc_trace_word(tracer, iso->async_context);
  gc_trace_word(tracer, iso->thrown);
  gc_trace_word(tracer, iso->thrown_context);
  gc_trace_cell(tracer, iso->registries);
  for (uint32_t i = 0; i < INSTANCE_OF_ENTRIES; i++) {
    gc_trace_cell(tracer, iso->instance_of[i].shape);
    gc_trace_cell(tracer, iso->instance_of[i].validity);
  }
  if (iso->hooks != NULL && iso->hooks->trace_roots != NULL) {
    iso->hooks->trace_roots(iso->host, tracer);
  }
  // A collection may come before the interpreter is there.
  if (iso->jobs != NULL) vm_interpreter_trace_roots(iso, tracer);
}

static bool trace_roots_later(void *data, GcTracer *tracer, uint32_t part) {
  return vm_stack_trace_part(data, tracer, part);
}

static void request_safepoint(void *data) {
  vm_request_interrupt(data, INTERRUPT_GC);
}

static void out_of_memory(void *data, bool at_limit) {
  vm_request_interrupt(data, at_limit ? INTERRUPT_HEAP_FULL
                                      : INTERRUPT_OUT_OF_MEMORY);
}

// Adopts the calling thread (its C stack bounds) for an isolate that no other
// thread is using.
static void enter_thread(Isolate *iso) {
  const GcThreadStack *stack = gc_thread_stack();
  iso->c_stack_limit = 0;
  if (stack != NULL) {
    // A main thread without a limit is told an enormous stack: use less of it.
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    iso->c_stack_limit = stack->low + C_STACK_RESERVE;
    if (stack->high - stack->low > (uintptr_t)64 << 20 && here > (uintptr_t)64
                                                                     << 20) {
      iso->c_stack_limit = here - ((uintptr_t)48 << 20);
    }
  }
  gc_heap_adopt(iso->heap, NULL);
}

static bool reserve_stack(Isolate *iso, size_t bytes) {
  size_t page = getauxval(AT_PAGESZ);
  bytes = (bytes + page - 1) & ~(page - 1);
  void *stack = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED) return false;
  iso->stack_base = stack;
  iso->stack_limit = (Value *)(void *)((char *)stack + bytes);
  iso->stack_top = iso->stack_left = iso->stack_base;
  return true;
}

static void free_isolate_memory(Isolate *iso) {
  if (iso->stack_base) {
    munmap(iso->stack_base,
           (size_t)((char *)iso->stack_limit - (char *)iso->stack_base));
  }
  if (iso->symbol_registry) vm_symbol_registry_free(iso->symbol_registry);
  free(iso->recent_texts);
  free(iso);
}

Isolate *vm_isolate_new(const IsolateOptions *options) {
  Isolate *iso = vm_atoms_init() ? calloc(1, sizeof *iso) : NULL;
  if (iso == NULL) return NULL;
  if (options->gc_stress != 0 || options->gc_verify) vm_atom_rounds_eager();
  iso->exception = VALUE_EMPTY;
  iso->out_of_memory_error = VALUE_UNDEFINED;
  iso->kept_alive = VALUE_UNDEFINED;
  iso->async_context = VALUE_UNDEFINED;
  iso->thrown = iso->thrown_context = VALUE_UNDEFINED;
  iso->fuel = -1;
  iso->hooks = options->hooks;
  iso->host = options->host;
  iso->budget = iso->budget_given = SAFEPOINT_BUDGET;
  if (getrandom(&iso->hash_seed, sizeof iso->hash_seed, GRND_NONBLOCK) !=
      (ssize_t)sizeof iso->hash_seed) {
    iso->hash_seed = (uint64_t)(uintptr_t)iso ^ (uint64_t)time(NULL);
  }
  iso->symbol_registry = vm_symbol_registry_new();
  size_t stack =
      options->stack_bytes ? options->stack_bytes : DEFAULT_STACK_BYTES;
  if (iso->symbol_registry == NULL || !reserve_stack(iso, stack)) {
    free_isolate_memory(iso);
    return NULL;
  }
  GcOptions heap = {
      .kinds = vm_layouts,
      .kind_count = CELL_KIND_COUNT,
      .trace_roots = trace_roots,
      .trace_roots_later = trace_roots_later,
      .request_safepoint = request_safepoint,
      .out_of_memory = out_of_memory,
      .data = iso,
      .max_bytes = options->max_heap_bytes,
      .trigger_bytes = options->gc_trigger_bytes,
      .stress = options->gc_stress,
      .stand_in = options->gc_stand_in,
      .verify = options->gc_verify,
      .delay_seed = options->gc_delay_seed,
      .stop_the_world = options->gc_stop_the_world,
  };
  iso->heap = gc_heap_create(&heap);
  if (iso->heap == NULL) {
    free_isolate_memory(iso);
    return NULL;
  }
  enter_thread(iso);
  iso->empty_elements = gc_allocate(iso->heap, sizeof(Elements), CELL_ELEMENTS);
  (void)vm_prototype_validity(iso, NULL); // makes always_valid
  if (!vm_interpreter_init(iso)) {
    gc_heap_destroy(iso->heap);
    free_isolate_memory(iso);
    return NULL;
  }
  return iso;
}

void vm_isolate_free(Isolate *iso) {
  if (iso == NULL) return;
  vm_atomics_forget(iso);
  if (iso->jit != NULL) iso->jit_hooks->detach(iso);
  gc_heap_destroy(iso->heap);
  vm_interpreter_free(iso);
  free_isolate_memory(iso);
}

bool vm_check_stack(Isolate *iso) {
  if (likely((uintptr_t)__builtin_frame_address(0) > iso->c_stack_limit)) {
    return true;
  }
  vm_throw_stack_overflow(iso);
  return false;
}
