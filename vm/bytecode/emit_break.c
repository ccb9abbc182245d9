// SPDX-License-Identifier: MIT
// BREAK_LINE instructions, in code that is compiled with break lines: one in
// each function that has statements on such a line, before the first of them.
#include "vm/bytecode/emitter.h"

static bool is_asked_for(const CompileOptions *options, uint32_t line) {
  for (uint32_t i = 0; i < options->break_line_count; i++)
    if (options->break_lines[i] == line) return true;
  return false;
}

void bytecode_break_line(FunctionState *f, const AstNode *node) {
  CompileUnit *unit = f->unit;
  uint32_t line = syntax_line_table_locate(&unit->lines, node->start).line +
                  unit->first_line - 1;
  // A `finally` is emitted for each way into it: its first statement again.
  if ((line == f->break_line && node->start != f->break_start) ||
      !is_asked_for(unit->options, line))
    return;
  f->break_line = line;
  f->break_start = node->start;
  uint32_t mark = mark_of(f);
  Register environment = bytecode_environment(f);
  bytecode_emit_imm(B(f), OP_BREAK_LINE, environment, (int32_t)line);
  release(f, mark);
}
