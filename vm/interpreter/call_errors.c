// SPDX-License-Identifier: MIT
// The errors of calling what cannot be called: they name the expression that
// the running instruction calls, where there is one.
#include <stdio.h>

#include "vm/bytecode/function_builder.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/optimized.h"
#include "vm/syntax/syntax.h"

static bool is_call(Opcode op) {
  switch (op) {
  case OP_CALL:
  case OP_CALL_FUNCTION:
  case OP_CALL_FORWARD:
  case OP_CALL_SPREAD:
  case OP_CALL_EVAL:
  case OP_NEW:
  case OP_CONSTRUCT_SPREAD:
    return true;
  default:
    return false;
  }
}

static bool same_place(CodePosition x, CodePosition y) {
  return x.line == y.line && x.column == y.column;
}

// Calls at `position` before the word `offset`.
static uint32_t ordinal_of(const Template *t, uint32_t offset,
                           CodePosition position) {
  uint32_t ordinal = 0;
  for (uint32_t pc = 0; pc < offset;) {
    Opcode op = (Opcode)t->code[pc].op;
    ordinal += is_call(op) && same_place(vm_template_position(t, pc), position);
    pc += bytecode_width(op);
  }
  return ordinal;
}

// What the innermost activation calls. False: no expression of a script's.
static bool describe_callee(Isolate *iso, char *text, size_t capacity) {
  Activation at;
  if (iso->frame == NULL || !vm_frame_activation(iso->frame, 0, &at) ||
      at.code->cell.flags & CODE_FLAG_SELF_HOSTED)
    return false;
  const Template *t = at.code->template;
  const SourceFile *file = t->source;
  CodePosition position = vm_template_position(t, at.offset);
  if (file == NULL || !is_call((Opcode)t->code[at.offset].op) ||
      position.line == 0 || position.line > file->line_count)
    return false;
  SourceText source = file->is_wide
                          ? syntax_source_utf16(file->units, file->length)
                          : syntax_source_latin1(file->units, file->length);
  return syntax_describe_callee(
      &source, file->line_starts[position.line - 1] + position.column - 1,
      ordinal_of(t, at.offset, position), text, capacity);
}

void vm_throw_bad_callee(Isolate *iso, Value callee, bool is_construct) {
  char text[256];
  const char *what = is_construct ? "a constructor" : "a function";
  if (describe_callee(iso, text, sizeof text)) {
    vm_throw_type(iso, "%s is not %s", text, what);
  } else if (is_construct) {
    vm_throw_type_value(iso, "%s is not a constructor", callee);
  } else {
    vm_throw_not_callable(iso, callee);
  }
}
