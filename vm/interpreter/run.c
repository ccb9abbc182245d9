// SPDX-License-Identifier: MIT
// Entry points: compiling and running scripts; the interpreter's part of an
// isolate.
#include <stdlib.h>
#include <string.h>

#include "vm/bytecode/coverage.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/eval_cache.h"
#include "vm/interpreter/inspection.h"
#include "vm/interpreter/jobs.h"
#include "vm/interpreter/megamorphic.h"
#include "vm/interpreter/modules.h"
#include "vm/interpreter/optimized.h"
#include "vm/interpreter/run.h"
#include "vm/interpreter/stack_roots.h"
#include "vm/objects/charge.h"
#include "vm/objects/error_object.h"

bool vm_interpreter_init(Isolate *iso) {
  iso->jobs = vm_job_queue_new();
  iso->megamorphic = &vm_megamorphic_none;
  return iso->jobs != NULL;
}

void vm_interpreter_free(Isolate *iso) {
  vm_job_queue_free(iso->jobs);
  vm_megamorphic_free(iso);
  vm_code_list_free(iso);
  vm_eval_cache_free(iso);
  iso->jobs = NULL;
}

void vm_interpreter_trace_roots(Isolate *iso, GcTracer *tracer) {
  vm_stack_trace_roots(iso, tracer);
  // A collection can come before vm_interpreter_init.
  if (iso->jobs != NULL) vm_job_queue_trace(iso->jobs, tracer);
  if (iso->jit != NULL) iso->jit_hooks->trace(iso, tracer);
  if (iso->profiler != NULL) { // a profile names the code it saw
    for (Code *code = vm_next_code(iso, NULL); code != NULL;
         code = vm_next_code(iso, code))
      gc_trace_cell(tracer, code);
  }
  // Not traced, so that nothing in it outlives its last user.
  vm_megamorphic_clear(iso);
}

Value vm_throw_compile_error(Isolate *iso, const CompileError *error,
                             const char *file_name) {
  if (error->out_of_memory)
    return vm_ends(iso) ? VALUE_EXCEPTION : vm_throw_out_of_memory(iso);
  vm_throw_error(iso,
                 error->is_reference_error ? ERROR_REFERENCE : ERROR_SYNTAX,
                 "%s", error->message);
  vm_error_add_place(iso, file_name, error->line, error->column);
  return VALUE_EXCEPTION;
}

// Builtin modules and texts without a name have no lines to report.
static bool is_counted(const Coverage *coverage,
                       const CompileOptions *options) {
  const char *name = options->file_name;
  if (name == NULL || strncmp(name, "rill:", 5) == 0 ||
      strncmp(name, "node:", 5) == 0)
    return false;
  bool is_module =
      options->goal == COMPILE_MODULE || options->goal == COMPILE_COMMONJS;
  return coverage->of_all ? is_module || options->goal == COMPILE_SCRIPT
                          : is_module && name[0] == '/';
}

static bool may_compile(void *iso) {
  return !vm_is_to_end(iso);
}

WorkWatch vm_compile_watch(Isolate *iso) {
  return (WorkWatch){may_compile, iso};
}

static CompileOptions options_of(const Isolate *iso,
                                 const CompileOptions *options,
                                 const WorkWatch *watch) {
  CompileOptions with = *options;
  with.is_lazy = true;
  with.watch = watch;
  if (unlikely(iso->coverage != NULL) && is_counted(iso->coverage, options))
    with.coverage = iso->coverage;
  if (unlikely(iso->inspection != NULL))
    vm_inspect_compiled(iso->inspection, &with);
  return with;
}

Template *vm_compile_string(Isolate *iso, String *source,
                            const CompileOptions *options) {
  StringView view;
  if (!vm_string_view(iso, source, &view)) return NULL;
  CompileError error;
  if (!vm_charge(iso, (size_t)view.length * 4)) return NULL;
  WorkWatch watch = vm_compile_watch(iso);
  CompileOptions with = options_of(iso, options, &watch);
  Template *t =
      vm_compile(view.units, view.length, view.is_wide, &with, &error);
  if (t == NULL) vm_throw_compile_error(iso, &error, options->file_name);
  return t;
}

Template *vm_compile_text(Isolate *iso, char *utf8, size_t length,
                          bool is_owned, const CompileOptions *options) {
  CompileError error;
  vm_charge_bulk(iso, length * 4);
  WorkWatch watch = vm_compile_watch(iso);
  CompileOptions with = options_of(iso, options, &watch);
  Template *t = vm_compile_utf8(utf8, length, is_owned, &with, &error);
  if (t == NULL) vm_throw_compile_error(iso, &error, options->file_name);
  return t;
}
Value vm_run_function(Isolate *iso, Function *function, Value this_value) {
  Realm *realm = iso->realm;
  Value *top = iso->stack_top;
  CallRequest request = {.callee = value_from_cell(function),
                         .this_value = this_value,
                         .new_target = VALUE_UNDEFINED,
                         .flags = FRAME_ENTRY,
                         .top = top};
  CallOutcome outcome =
      vm_push_frame(iso, &request, function) != NULL ? CALL_PUSHED : CALL_THREW;
  return vm_run_prepared(iso, &request, outcome, realm, top);
}

Value vm_run_template(Isolate *iso, Template *t) {
  if (!vm_check_stack(iso)) return VALUE_EXCEPTION;
  vm_stack_begin(iso);
  Code *code = vm_code_new(iso, t, NULL);
  if (code == NULL) return VALUE_EXCEPTION;
  Function *function = vm_function_new(iso, code, NULL, NULL);
  return vm_run_function(iso, function, iso->realm->global_this);
}

Value vm_evaluate_string(Isolate *iso, String *source,
                         const CompileOptions *options) {
  Template *t = vm_compile_string(iso, source, options);
  if (t == NULL) return VALUE_EXCEPTION;
  Value v = vm_run_template(iso, t);
  vm_template_release(t);
  return v;
}

Value vm_evaluate_script(Isolate *iso, const char *utf8, size_t length,
                         const char *name) {
  String *source = vm_string_from_utf8(iso, utf8, length);
  if (source == NULL) return VALUE_EXCEPTION;
  CompileOptions options = {.goal = COMPILE_SCRIPT, .file_name = name};
  return vm_evaluate_string(iso, source, &options);
}
