// SPDX-License-Identifier: MIT
// Modules (ECMA-262 16.2.1): cyclic module records for source text, synthetic
// ones for the host's own (builtin modules, JSON), linking, evaluation with
// top-level await, dynamic import, namespace objects, deferred evaluation and
// the source phase.
//
// Loading belongs to the host: hooks->load_module is asked for each request
// and answers through vm_module_loaded, now or later.
#ifndef RILL_VM_INTERPRETER_MODULES_H
#define RILL_VM_INTERPRETER_MODULES_H

#include "vm/interpreter/code.h"
#include "vm/interpreter/promise.h"
#include "vm/objects/cells.h"

typedef enum {
  MODULE_NEW,
  MODULE_UNLINKED, // all requested modules are loaded
  MODULE_LINKING,
  MODULE_LINKED,
  MODULE_EVALUATING,
  MODULE_EVALUATING_ASYNC,
  MODULE_EVALUATED,
} ModuleStatus;

// Where an imported name lives: slot `slot` of `environment`, or, with no
// environment, the namespace object `name_space`.
typedef struct ModuleBinding {
  Environment *environment;
  Value name_space;
  Value slot; // an int: every word of a list is traced
} ModuleBinding;
typedef struct BindingList {
  GcCell cell; // extra: count. Kind CELL_LIST: every word is traced.
  uint64_t reserved;
  ModuleBinding bindings[];
} BindingList;

typedef struct ModuleNamespace ModuleNamespace;
// Fills a synthetic module's exports by vm_module_set_export. False: threw.
typedef bool (*SyntheticInit)(Isolate *, Module *, void *data);

struct Module {
  GcCell cell; // flags: ModuleStatus
  Realm *realm;
  String *name; // file name or URL: the referrer of its imports
  Code *code;   // NULL: synthetic
  Environment *environment;
  Promise *top_level_capability; // or NULL
  Promise *execution;     // of a body with top-level await, once it has begun
  Value evaluation_error; // EMPTY: none
  Value meta;             // import.meta; EMPTY until asked for
  struct Fiber *fiber;    // of its body, after linking
  ModuleNamespace *name_space;          // NULL until asked for
  ModuleNamespace *deferred_name_space; // likewise
  Value source; // source phase: an object; EMPTY: it has none
  Module *cycle_root;
  CellList *requested;      // Modules, by request index
  ValueList *async_parents; // Modules
  CellList *export_names;   // synthetic: atoms, by slot
  BindingList *imports;     // resolved when linked
  Value host_value;         // the host's own (an object, or undefined)
  SyntheticInit synthetic_init;
  void *synthetic_data;
  uint32_t dfs_index, dfs_ancestor_index;
  uint32_t pending_async_dependencies;
  bool has_tla;
  bool exports_by_text; // synthetic, CommonJS: there may be more exports
  bool was_cut_off;     // the evaluation was ended from outside
  bool was_terminated;  // and none of it will run again
  uint64_t walk;        // of the last walk that came by (module_walk_new)
  uint64_t async_order; // 0: unset; ASYNC_ORDER_DONE
};

#define ASYNC_ORDER_DONE UINT64_MAX

// A source text module from a template of goal module; a reference is taken.
// NULL: threw.
Module *vm_module_new(Isolate *, Template *, String *name) VM_CHECKED;
Module *vm_module_compile(Isolate *, const char *utf8, size_t length,
                          const char *name) VM_CHECKED;
Module *vm_module_compile_typescript(Isolate *, const char *utf8, size_t length,
                                     const char *name) VM_CHECKED;
// A synthetic module with the given export names (atoms).
Module *vm_synthetic_module_new(Isolate *, String *name, String *const *exports,
                                uint32_t count, SyntheticInit,
                                void *data) VM_CHECKED;
bool vm_module_set_export(Isolate *, Module *, String *name, Value);

// What the host is asked to load. `specifier` and attributes are valid until
// vm_module_loaded.
typedef struct ModuleLoadRequest {
  Module *referrer;      // NULL: a script's import()
  String *referrer_name; // file name of the importing code; may be NULL
  Realm *realm; // the importing code's: running while the host is asked
  String *specifier;
  uint32_t attribute_count;
  String *const *attributes; // key, value, ...
  GcRoot roots[5];           // private
  void *state;               // private
  uint32_t request_index;    // private
  ModulePhase phase;         // private
  bool is_dynamic;
} ModuleLoadRequest;
// FinishLoadingImportedModule: with `module`, or NULL for failure with the
// exception pending (taken). Frees the request.
void vm_module_loaded(Isolate *, ModuleLoadRequest *, Module *module);

// Answers a module's request ahead of time: it will not be loaded.
void vm_module_set_requested(Isolate *, Module *, uint32_t request, Module *);
// LoadRequestedModules: a promise, fulfilled with undefined when the whole
// graph is there.
Promise *vm_module_load(Isolate *, Module *) VM_CHECKED;
bool vm_module_link(Isolate *, Module *) VM_CHECKED;
Promise *vm_module_evaluate(Isolate *, Module *) VM_CHECKED; // NULL: threw
// The script was terminated in its evaluation, which ends that of those who
// wait for it, too.
void vm_module_terminated(Isolate *, Module *);
// The same of the module whose body with top-level await the fiber is, if it is
// one, and if the script is terminating.
void vm_module_fiber_terminated(Isolate *, const struct Fiber *);
// Whether the module cannot be evaluated any more because it, or a module it
// needs, was cut off when it was half done. The host then loads it anew.
bool vm_module_was_cut_off(Isolate *, Module *);
// The module could not be loaded, linked or evaluated: it counts as cut off, as
// do those it needs of which that is true, too.
void vm_module_cut_off_failed(Isolate *, Module *);
// Rejects the imports that wait for a module if it was terminated.
void vm_module_reject_terminated(Isolate *, Module *, Value error);
// The promise of the body that holds up the evaluation that `import`, the
// promise of an import() of this module, waits for, if nobody else does: to be
// ended where it awaits. All from there on are cut off. NULL: there is none.
Promise *vm_module_stop(Isolate *, Module *, const Promise *import);
// Between the files: the module whose `execution` this is; the promise of
// import() that a reaction of an evaluation settles. NULL: it is something
// else.
Module *vm_module_of_execution(const Promise *);
Promise *vm_import_of_reaction(const PromiseReaction *);
// Load, link, evaluate; the promise of all that.
Promise *vm_module_run(Isolate *, Module *) VM_CHECKED;
Value vm_module_namespace(Isolate *, Module *) VM_CHECKED;
// The namespace object that evaluates the module when it is first used.
Value vm_module_deferred_namespace(Isolate *, Module *) VM_CHECKED;
// Gives a module what `import source` of it yields: an object that inherits
// from %AbstractModuleSource.prototype%.
void vm_module_set_source(Isolate *, Module *, Object *source);
// ReadyForSyncExecution of a linked module: nothing in its graph waits
// (top-level await), or is being evaluated right now.
Tri vm_module_is_ready(Isolate *, Module *) VM_CHECKED;
// EnsureDeferredNamespaceEvaluation: evaluates a linked module at once.
// TypeError if it is not ready. False: threw.
bool vm_module_ensure_evaluated(Isolate *, Module *) VM_CHECKED;

// Between the module files -----------------------------------------------

static inline ModuleStatus module_status(const Module *module) {
  return (ModuleStatus)module->cell.flags;
}
static inline Module *module_requested(const Module *module, uint32_t index) {
  return (Module *)(uintptr_t)module->requested->words[index];
}
static inline uint32_t module_request_count(const Module *module) {
  return module->requested != NULL ? module->requested->cell.extra : 0;
}
static inline ModulePhase module_request_phase(const Module *module,
                                               uint32_t index) {
  return module->code->template->module->requests[index].phase;
}
// A number that no module has as `walk` yet.
static inline uint64_t module_walk_new(Isolate *iso) {
  return ++iso->next_async_id;
}
// ResolveExport (16.2.1.7.2.2): 1 and *out, 0: not found, 2: ambiguous.
typedef enum {
  RESOLUTION_NONE,
  RESOLUTION_FOUND,
  RESOLUTION_AMBIGUOUS,
  RESOLUTION_THREW
} ModuleResolution;
// A slot of the module's environment, or an object that stands for all of it.
enum { PLACE_NAMESPACE = -1, PLACE_DEFERRED_NAMESPACE = -2, PLACE_SOURCE = -3 };
typedef struct ModuleExportPlace {
  Module *module;
  int32_t slot; // or PLACE_*
} ModuleExportPlace;
static inline ModuleExportPlace module_object_place(Module *module,
                                                    ModulePhase phase) {
  static const int32_t places[] = {PLACE_NAMESPACE, PLACE_DEFERRED_NAMESPACE,
                                   PLACE_SOURCE};
  return (ModuleExportPlace){module, places[phase]};
}
// The object of a PLACE_*; EMPTY: the module has no source.
Value vm_module_place_object(Isolate *, ModuleExportPlace) VM_CHECKED;
ModuleResolution vm_module_resolve_export(Isolate *, Module *, String *name,
                                          ModuleExportPlace *out);
// Runs a synthetic module's init, once. False: threw.
bool vm_synthetic_module_evaluate(Isolate *, Module *) VM_CHECKED;
// GetModuleSource: throws a SyntaxError if there is none.
Value vm_module_source(Isolate *, Module *) VM_CHECKED;

// module_deferred.c (ECMA-262 with import defer)
struct ModuleStack;
// GatherAsynchronousTransitiveDependencies: adds to the list what of `module`
// must be evaluated ahead of time. False: threw.
bool vm_module_gather_async(Isolate *, Module *,
                            struct ModuleStack *list) VM_CHECKED;
// The end of import.defer() of a linked module: evaluates what waits for
// something, then resolves the promise with the deferred namespace.
void vm_module_finish_deferred_import(Isolate *, Promise *, Module *);

// "rill:..." or "node:...": a builtin module's.
static inline bool vm_names_builtin(StringView name) {
  return !name.is_wide && name.length > 5 &&
         (memcmp(name.units, "rill:", 5) == 0 ||
          memcmp(name.units, "node:", 5) == 0);
}
// import() of `specifier` as of a script named `referrer` (or NULL) in another
// realm: a promise of the namespace object. NULL: threw.
Promise *vm_import_in(Isolate *, Realm *, String *referrer,
                      String *specifier) VM_CHECKED;

// Instructions.
Value vm_import_call(Isolate *, Code *referrer, Value specifier, Value options,
                     ModulePhase) VM_CHECKED;
Value vm_import_meta(Isolate *, Module *) VM_CHECKED;
Value vm_get_import(Isolate *, Module *, uint32_t index) VM_CHECKED;

#endif
