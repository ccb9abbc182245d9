// SPDX-License-Identifier: MIT
// From source text to a Template: parse, analyse scopes, emit. Touches no
// isolate, so it may run on any thread.
#ifndef RILL_VM_BYTECODE_COMPILE_H
#define RILL_VM_BYTECODE_COMPILE_H

#include "vm/bytecode/template.h"
#include "vm/work_watch.h"

typedef enum {
  COMPILE_SCRIPT,
  COMPILE_MODULE,
  COMPILE_EVAL,        // direct or indirect
  COMPILE_FUNCTION,    // CreateDynamicFunction: text is the whole function
  COMPILE_SELF_HOSTED, // a function expression with %Intrinsics()
  COMPILE_COMMONJS,    // body of function(exports, require, module,
                       // __filename, __dirname)
} CompileGoal;

typedef struct CompileOptions {
  CompileGoal goal;
  const char *file_name; // UTF-8; NULL: "<anonymous>"
  uint32_t first_line;   // 0 counts as 1
  bool is_typescript;    // not for COMPILE_FUNCTION and direct eval
  bool is_strict;        // eval called from strict code
  bool is_lazy;          // functions not likely to be called at once are
                         // compiled when they are; not with coverage or
                         // break lines
  bool repl;             // top-level await and redeclaration allowed; the
                         // completion value is returned
  // Direct eval: what its caller's scope allows, and that scope's descriptions
  // are reached at run time through the environment chain.
  bool is_direct_eval, in_function, in_method, in_derived_constructor,
      in_field_initializer, in_parameters;
  String *const *private_names; // visible "#x" atoms
  uint32_t private_name_count;
  // COMPILE_FUNCTION: parameters and body are validated apart; the text is put
  // together from them and `units` of vm_compile is not read.
  bool is_async, is_generator;
  struct Coverage *coverage; // gets what is counted; NULL: nothing is
  // Lines of the file at whose statements BREAK_LINE stands; 0: none.
  const uint32_t *break_lines;
  uint32_t break_line_count;
  const void *parameters, *body; // units in the width of `units`
  uint32_t parameters_length, body_length;
  // Says whether to go on: if not, memory has run out. NULL: always.
  const WorkWatch *watch;
} CompileOptions;

typedef struct CompileError {
  bool is_reference_error; // else SyntaxError
  bool out_of_memory;
  bool too_deep; // vm_compile_lazy: nested too deeply for the stack
  char message[512];
  uint32_t line, column; // 1-based
  uint32_t offset, end_offset;
} CompileError;

// The template with the code of one that has none yet (Template.lazy), or `t`
// itself; `t` owns it. Any thread. NULL: no memory (error->out_of_memory), less
// than the stack_bytes of C stack were enough (error->too_deep), or the
// function is too large; another call tries again. `watch`: as in
// CompileOptions.
Template *vm_compile_lazy(const Template *t, size_t stack_bytes,
                          const WorkWatch *watch, CompileError *error);

// NULL: *error says why and where. The units are copied. For COMPILE_FUNCTION,
// COMPILE_SELF_HOSTED and COMPILE_COMMONJS the template is the one function's
// own, to be closed over the global environment.
Template *vm_compile(const void *units, uint32_t length, bool is_wide,
                     const CompileOptions *, CompileError *error);
// The same of UTF-8, less a byte order mark. Text that is_owned is malloc'ed,
// and freed or kept in any case, without a copy if it is ASCII.
Template *vm_compile_utf8(char *utf8, size_t length, bool is_owned,
                          const CompileOptions *, CompileError *error);

#endif
