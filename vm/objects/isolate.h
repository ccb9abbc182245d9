// SPDX-License-Identifier: MIT
// The isolate: one heap, one register stack, its realms and everything a
// running script needs to reach quickly. An isolate runs on one thread at a
// time; every function taking an Isolate * must be called on that thread unless
// it says otherwise.
#ifndef RILL_VM_OBJECTS_ISOLATE_H
#define RILL_VM_OBJECTS_ISOLATE_H

#include <stdatomic.h>

#include "vm/host_hooks.h"
#include "vm/objects/function.h"

typedef enum {
#define INTRINSIC(name) INTRINSIC_##name,
#include "vm/objects/intrinsics.def"
#undef INTRINSIC
  INTRINSIC_COUNT
} Intrinsic;

// One global environment. An isolate has one, or several for conformance tests
// and same-heap sandboxes.
enum { REALM_IN_SETUP = 1 }; // its builtins are being defined
struct Realm {
  GcCell cell; // flags: REALM_*
  Isolate *isolate;
  Object *global; // the global object
  Value global_this;
  // Top-level let, const and class bindings of scripts: an object without
  // prototype whose slots hold VALUE_EMPTY until initialized. Writable
  // attribute clear: const.
  Object *lexicals;
  // Changes whenever a name may resolve differently than a global cache
  // remembers: a new lexical binding, or a global property removed.
  uint32_t global_epoch;
  Object *intrinsics[INTRINSIC_COUNT];
  // Root shapes used by instructions.
  Shape *object_shape; // {} with the default in-object capacity
  Shape *array_shape;
  Shape *function_shapes[FUNCTION_FLAVOUR_COUNT]; // LAZY ones
  Shape *iterator_result_shape;                   // {value, done}
  Shape *arguments_shapes[3]; // of new arguments objects; NULL: not made yet
  Value host_defined;
  Value template_objects;         // kept per site by Code
  struct ValueList *regexp_state; // vm/builtins/regexp_builtins.h
  struct ValueList *regexp_cache; // NULL: nothing compiled yet
};

typedef struct Frame Frame; // vm/interpreter/frame.h
typedef struct Fiber Fiber;
typedef struct JobQueue JobQueue;
typedef struct JitQueue JitQueue;

enum { INSTANCE_OF_ENTRIES = 8 };

struct Promise;
struct Isolate {
  // Hot: read by the interpreter at every safepoint. `budget` counts down at
  // back-edges and calls; at or below zero vm_safepoint runs. Other threads
  // stop the isolate by setting `interrupt` and then budget to 0.
  _Atomic int32_t budget;
  _Atomic uint32_t interrupt; // INTERRUPT_*
  GcHeap *heap;
  Realm *realm;    // of the running function
  Value exception; // pending; VALUE_EMPTY: none
  bool terminating;
  bool has_cut_off_modules; // Module.was_cut_off of some
  bool cannot_block;        // Atomics.wait throws ([[CanBlock]] is false)
  uint32_t async_waiters;   // promises of Atomics.waitAsync that are pending

  // The register stack: one reserved range, committed by use; never moves.
  Value *stack_base, *stack_limit;
  Value *stack_top; // first free register above the running frame
  Value *stale_top; // vm/interpreter/stack_roots.h; NULL: nothing is
  Frame *frame;     // the running script frame; NULL: none
  // vm/interpreter/stack_roots.h: what is below was left for the collector to
  // scan (NULL: nothing), and where that began in this cycle.
  Value *stack_watermark, *stack_left;
  uintptr_t c_stack_limit; // C code below this address throws RangeError
  bool c_stack_is_stale;   // vm/interpreter/stack_roots.h
  uint32_t native_depth;

  Elements *empty_elements;    // shared by all objects without index keys
  PrototypeInfo *no_prototype; // root shapes of objects without prototype
  ValidityCell *always_valid;
  // Some prototype object has, or has had, index keys, or is exotic: a hole
  // must be looked up along the chain. While false, a hole in the elements of
  // an object whose shape has no SHAPE_EXOTIC_ELEMENTS is undefined.
  bool indexed_prototypes;
  // Functions that instanceof may test by their prototype property alone, by
  // shape (vm/objects/instance_of.c).
  struct InstanceOfEntry {
    Shape *shape; // of the function
    ValidityCell *validity;
    uint32_t slot; // of "prototype"
  } instance_of[INSTANCE_OF_ENTRIES];
  struct EvalCache *eval_cache; // vm/interpreter/eval_cache.h; made on use
  JobQueue *jobs;
  const struct JobHooks *job_hooks; // jobs.h; NULL: nobody measures them
  // interpreter/promise.h; NULL: nobody observes promises.
  void (*promise_hook)(struct Isolate *, int event, struct Promise *);
  // While the host makes what it is settled with: whoever awaits it is beyond
  // the frames of errors.
  struct Promise *settling;
  struct Promise *promise_parent; // while the promise of a then() is made
  const HostHooks *hooks;
  void *host;                // of the hooks
  struct Coverage *coverage; // vm/bytecode/coverage.h; NULL: off
  uint64_t hash_seed;
  uint64_t random_state[2];  // Math.random; zero: seeded on first use
  Value out_of_memory_error; // preallocated
  bool ran_out_of_memory;    // it was thrown; who looks at it takes it back
  Elements *number_strings;  // recent numbers and their strings; root; or NULL
  uint32_t *recent_texts;    // text_keys.c; NULL: none yet
  struct SymbolRegistry *symbol_registry;
  struct CodeList *codes;
  // Budget that the last safepoint gave out. With a compile queue its length
  // varies, or loops whose calls divide it would heat one function only.
  int32_t budget_given;
  uint32_t budget_jitter;
  JitQueue *jit; // NULL: no compile queue
  const struct JitHooks *jit_hooks;
  struct Profiler *profiler;
  struct MegamorphicCache *megamorphic;
  Value async_context;          // of what runs (vm/interpreter/async_context.h)
  Value thrown, thrown_context; // the last exception that left a context
  Value kept_alive; // WeakRef targets of the current job; a ValueList
  // FinalizationRegistries with registrations; a callback is due.
  struct ValueList *registries;
  _Atomic bool finalizers_pending; // set by the collector
  uint64_t next_async_id;
  struct ModuleMap *modules;
  struct Inspection *inspection; // interpreter/inspection.h; NULL: off
  // Limits, set by the embedder; 0: none.
  uint64_t deadline_nanoseconds;
  int64_t fuel; // instruction budget left, in back-edges and calls; <0: off
  // Any thread: no script is to run any more, whoever takes a termination.
  _Atomic bool is_stopped;
};

enum {
  INTERRUPT_GC = 1 << 0,            // the collector wants a handshake
  INTERRUPT_TERMINATE = 1 << 1,     // end the script, uncatchably
  INTERRUPT_HOST = 1 << 2,          // call hooks->on_interrupt
  INTERRUPT_JIT = 1 << 3,           // optimized code is ready
  INTERRUPT_OUT_OF_MEMORY = 1 << 4, // what could not be thrown at once
  INTERRUPT_HEAP_FULL = 1 << 5,     // the same, if the heap still is
};

static inline void vm_realm_set_intrinsic(Realm *realm, Intrinsic which,
                                          Object *object) {
  gc_publish(&realm->intrinsics[which], object);
}
#define INTRINSIC_OBJECT(iso, name) ((iso)->realm->intrinsics[INTRINSIC_##name])

typedef struct IsolateOptions {
  size_t max_heap_bytes;  // 0: no limit
  size_t stack_bytes;     // register stack; 0: 16 MiB
  const HostHooks *hooks; // NULL: none (no I/O, no modules)
  void *host;
  // As in GcOptions, for tests and measurements.
  size_t gc_trigger_bytes;
  uint32_t gc_stress;
  bool gc_stand_in;
  bool gc_verify;
  uint64_t gc_delay_seed;
  bool gc_stop_the_world;
} IsolateOptions;
// An isolate without a realm. NULL: out of memory. It belongs to the calling
// thread.
Isolate *vm_isolate_new(const IsolateOptions *);
void vm_isolate_free(Isolate *);
// A realm with all builtins; the isolate's current one if it had none. NULL:
// threw. An isolate keeps its current realm alive; others need a root.
Realm *vm_realm_new(Isolate *);

// True if the C stack still has room for a recursive step; else throws.
bool vm_check_stack(Isolate *) VM_CHECKED;

// Any thread: makes the isolate reach a safepoint soon.
void vm_request_interrupt(Isolate *, uint32_t interrupt);
// The isolate's thread: at the next safepoint that comes anyway.
static inline void vm_interrupt_later(Isolate *iso, uint32_t interrupt) {
  atomic_fetch_or_explicit(&iso->interrupt, interrupt, memory_order_relaxed);
}
// The budget is used up: answers the collector, interrupts, deadlines and fuel,
// heats the running code. False: threw.
bool vm_safepoint(Isolate *) VM_CHECKED;
// Charges a long native loop: call it every so often with the steps done.
// False: threw (interrupted, out of fuel, out of memory).
VM_CHECKED static inline bool vm_poll(Isolate *iso, uint32_t steps) {
  int32_t charge = steps > 1 << 20 ? 1 << 20 : (int32_t)steps;
  int32_t budget =
      atomic_load_explicit(&iso->budget, memory_order_relaxed) - charge;
  atomic_store_explicit(&iso->budget, budget, memory_order_relaxed);
  return likely(budget > 0) || vm_safepoint(iso);
}

// Jobs (microtasks): vm/interpreter/jobs.h.

#endif
