// SPDX-License-Identifier: MIT
// Entry points of the interpreter for C code. vm_call and vm_construct are
// declared in vm/objects/operations.h.
#ifndef RILL_VM_INTERPRETER_RUN_H
#define RILL_VM_INTERPRETER_RUN_H

#include "vm/bytecode/compile.h"
#include "vm/interpreter/frame.h"
#include "vm/objects/operations.h"
#include "vm/work_watch.h"

// What the isolate allocates for and frees with the interpreter: job queue,
// megamorphic cache, code list, module map. Called by vm_isolate_new and
// vm_isolate_free. False: out of memory.
bool vm_interpreter_init(Isolate *) VM_CHECKED;
void vm_interpreter_free(Isolate *);
// The interpreter's roots: the register stack, jobs, modules.
void vm_interpreter_trace_roots(Isolate *, GcTracer *);

// ParseScript and ScriptEvaluation (16.1.5, 16.1.6) in the running realm.
// Returns the completion value. `name` may be NULL.
Value vm_evaluate_script(Isolate *, const char *utf8, size_t length,
                         const char *name) VM_CHECKED;
Value vm_evaluate_string(Isolate *, String *source,
                         const CompileOptions *) VM_CHECKED;
// Runs a template of goal script in the running realm; takes no reference.
Value vm_run_template(Isolate *, Template *) VM_CHECKED;
// Runs the function of a script or eval code without arguments, whatever its
// kind allows.
Value vm_run_function(Isolate *, Function *, Value this_value) VM_CHECKED;
// Makes a CompileError pending as a SyntaxError (or ReferenceError) whose stack
// starts at the place in the source.
Value vm_throw_compile_error(Isolate *, const CompileError *,
                             const char *file_name);
// Puts a place in a source into the stack of the pending exception, if that is
// an error: as the first frame, or the second if the first is such a place.
void vm_error_add_place(Isolate *, const char *file_name, uint32_t line,
                        uint32_t column);
// The same of an offset in a source that has been compiled.
void vm_error_add_offset(Isolate *, const SourceFile *, uint32_t offset);
// Ends a compilation when the isolate's limits are reached. What it failed by
// is then told by vm_throw_compile_error.
WorkWatch vm_compile_watch(Isolate *);
// Compiles a string of the heap; NULL: threw.
Template *vm_compile_string(Isolate *, String *source,
                            const CompileOptions *) VM_CHECKED;
// Compiles UTF-8, as vm_compile_utf8; NULL: threw.
Template *vm_compile_text(Isolate *, char *utf8, size_t length, bool is_owned,
                          const CompileOptions *) VM_CHECKED;

// Runs the topmost frame until it returns: the dispatch loop (dispatch.c).
// `exception_first`: the frame starts by handling the pending exception.
Value vm_run(Isolate *, Frame *entry, bool exception_first) VM_CHECKED;

// Eval (eval.c): indirect (PerformEval), and CreateDynamicFunction (20.2.1.1.1)
// whose kind is given by template flags GENERATOR and ASYNC.
Value vm_indirect_eval(Isolate *, Value source) VM_CHECKED;
// The innermost running code that is not of a builtin module: what it makes of
// texts imports what it may, not what the module may that called eval for it.
// NULL: none.
const Code *vm_calling_script(Isolate *);
// Whether it is a builtin module's.
bool vm_is_builtin_code(Isolate *, const Code *);
// Whether the innermost running function is, but for builtins that are written
// in the language. What scripts put in the place of the methods of iterators and
// regular expressions is not for builtin modules: a loop of theirs might never
// end (docs/decisions/0033-replaced-builtins.md).
bool vm_runs_builtin_module(Isolate *);
// Runs a template of goal eval as indirect eval code of another realm.
// `referrer`: what its import() resolves from, or NULL.
Value vm_run_eval_in(Isolate *, Template *, Realm *,
                     String *referrer) VM_CHECKED;
Value vm_create_dynamic_function(Isolate *, const NativeCall *,
                                 uint32_t template_flags) VM_CHECKED;

// A realm's function object of a self-hosted source (self_hosted.c), compiled
// on its first call. NULL: threw.
Function *vm_self_hosted_function(Isolate *, const char *source_name,
                                  String *name, uint16_t length) VM_CHECKED;

// The text of a source line; malloc'ed UTF-8, NULL: none.
char *vm_source_line(const SourceFile *, uint32_t line);

enum { SAFEPOINT_BUDGET = 1000 }; // of vm_safepoint

#endif
