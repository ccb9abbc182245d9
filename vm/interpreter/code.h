// SPDX-License-Identifier: MIT
// Code: a Template's instance in one realm: inline caches, the Codes of nested
// functions, counters and the optimized variant.
//
// One cell holds everything; the caches follow the header, so that the dispatch
// loop reaches all it needs from one register. `instructions` and
// `register_count` are the template's until optimized code is installed
// (optimized.h).
#ifndef RILL_VM_INTERPRETER_CODE_H
#define RILL_VM_INTERPRETER_CODE_H

#include "vm/bytecode/template.h"
#include "vm/interpreter/inline_cache.h"
#include "vm/objects/isolate.h"

enum {
  CODE_FLAG_STRICT = 1 << 0,
  CODE_FLAG_GENERATOR = 1 << 1,
  CODE_FLAG_ASYNC = 1 << 2,
  CODE_FLAG_CLASS = 1 << 3, // not callable
  CODE_FLAG_DERIVED = 1 << 4,
  CODE_FLAG_SELF_HOSTED = 1 << 5,
  // Anything that keeps a call from the fast path: generators, async
  // functions, class constructors.
  CODE_FLAG_SPECIAL_CALL = 1 << 6,
};

typedef struct Module Module;

struct Code {
  GcCell cell; // flags: CODE_FLAG_*; extra: number of caches
  const Instruction *instructions;
  const Value *constants;
  const PropertyKey *keys;
  uint16_t register_count, parameter_count;
  uint16_t is_strict;
  uint16_t expected_properties;
  Realm *realm;
  // The realm if calls need nothing but a frame, else NULL (SPECIAL_CALL): one
  // comparison tells the dispatch loop both.
  Realm *plain_call_realm;
  const Template *template; // a reference is held
  Module *module;           // of module code; NULL: script
  String *referrer; // of its import(): the file's name; eval has its caller's
  // Lazily made: Codes of nested templates, template objects. Both NULL at
  // first, then cells of template->function_count and record_count words.
  struct CellList *functions;
  struct CellList *template_objects;
  // Of a template without code (Template.lazy): the Code that runs in its
  // place, once the function has been called. Then `instructions` is NULL.
  Code *compiled;
  // For `new F`: the shape of what F constructs, good while F is
  // `construct_target`, has `construct_target_shape`, and its slot
  // `construct_slot` (prototype) still holds `construct_prototype`.
  Shape *construct_shape;
  Function *construct_target;
  Shape *construct_target_shape;
  Object *construct_prototype;
  uint32_t construct_slot; // of the overflow slots
  // Heat: counted by safepoints (one tick each `SAFEPOINT_BUDGET` back-edges
  // and calls), read by the compile queue.
  uint32_t heat;
  uint32_t deopt_count;
  uint32_t tier;         // CodeTier
  uint32_t compilations; // variants made so far
  // The template of the optimized variant that calls run, installed at a
  // safepoint; NULL: none.
  const Template *optimized;
  struct OptimizedCode *variants; // the newest first; owned
  struct CellList *inlined;       // Codes that variants refer to
  uint8_t *no_guards; // baseline words whose guards failed; owned, or NULL
  Isolate *isolate;
  uint32_t list_index;     // in isolate->codes
  uint32_t external_bytes; // told to gc_external_adjust
  InlineCache caches[];
};

// All Codes of an isolate, for profiles: vm_next_code(iso, NULL) is the first.
// NULL: no more. On the isolate's thread.
Code *vm_next_code(Isolate *, const Code *after);
// Takes from that list; from finalizers.
void vm_code_list_remove(Isolate *, uint32_t index);
void vm_code_list_free(Isolate *);

// The Code that calls of the function run: before its first call, this
// compiles it. NULL: threw; the function can be called again.
Code *vm_code_to_run(Isolate *, Function *) VM_CHECKED;

// A vector of cells or Values, each traced.
typedef struct CellList {
  GcCell cell; // extra: count
  uint64_t words[];
} CellList;
CellList *vm_cell_list_new(Isolate *, uint32_t count); // zero words

// A Code for a template in the running realm; takes a reference of its own.
// NULL: threw.
Code *vm_code_new(Isolate *, Template *, Module *module_or_null) VM_CHECKED;
// The same, but takes the caller's reference in any case. If that is the only
// one, as of a text just compiled, the memory counts as the heap's.
Code *vm_code_take(Isolate *, Template *, Module *module_or_null) VM_CHECKED;
// The Code of nested template `index` (one per Code, so that closures share
// their caches). NULL: threw.
Code *vm_code_nested(Isolate *, Code *, uint32_t index) VM_CHECKED;
// A closure. NULL never: see gc_allocate.
Function *vm_function_new(Isolate *, Code *, Environment *,
                          Object *home_object);
// A function flavoured by its template with another [[Prototype]] (classes).
Function *vm_function_new_with(Isolate *, Code *, Environment *,
                               Object *home_object, Object *prototype);
// The template object of a tagged template (13.2.8.4).
Value vm_template_object(Isolate *, Code *, uint32_t record) VM_CHECKED;

static inline bool code_is_strict(const Code *code) {
  return code->is_strict;
}

// How much of the C stack the parser may use from here: vm_compile_lazy's
// stack_bytes.
size_t vm_parser_stack_room(Isolate *);

#endif
