// SPDX-License-Identifier: MIT
// Variables of frames at lines of files. Only code that is compiled while a
// line is asked for stops there (BREAK_LINE). Isolate's thread.
#ifndef RILL_VM_INTERPRETER_INSPECTION_H
#define RILL_VM_INTERPRETER_INSPECTION_H

#include "vm/bytecode/bytecode.h"
#include "vm/bytecode/compile.h"
#include "vm/interpreter/frame.h"

// What is asked for of one file.
typedef struct BreakFile {
  struct BreakFile *next;
  String *name; // atom
  uint32_t count;
  uint32_t *lines; // malloc'ed, as `askers` is
  void **askers;   // who is told, of each line
} BreakFile;

// The embedder's; Isolate.inspection while there is a file.
typedef struct Inspection {
  BreakFile *files;
  // False: threw. It may change the files.
  bool (*reached)(Isolate *, void *asker, Value variables);
  bool is_telling; // nothing is told while it is
} Inspection;

// NULL: there is none.
BreakFile *vm_break_file(const Inspection *, const String *name);
// Has code of that file stop at its lines.
void vm_inspect_compiled(const Inspection *, CompileOptions *);
// BREAK_LINE. False: threw.
bool vm_reach_line(Isolate *, Frame *, const Instruction *) VM_CHECKED;
// let, const, class, then vars, functions and other enumerable data properties
// of the global object, as far as `to` has none of the name and they are
// initialized. False: threw.
bool vm_add_globals(Isolate *, Object *to) VM_CHECKED;

#endif
