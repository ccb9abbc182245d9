// SPDX-License-Identifier: MIT
// COUNT_BLOCK instructions, in code that is compiled with coverage.
#include "vm/bytecode/coverage.h"
#include "vm/bytecode/emitter.h"

static void count(FunctionState *f, _Atomic uint64_t *counter) {
  if (counter == NULL) {
    bytecode_fail(B(f), BUILD_OUT_OF_MEMORY);
    return;
  }
  bytecode_emit_word(B(f), OP_COUNT_BLOCK, 0, 0, 0,
                     (uint64_t)(uintptr_t)counter);
}

void bytecode_count_function(FunctionState *f) {
  const AstFunction *ast = f->ast;
  CoverageFile *file = f->unit->coverage;
  // CommonJS's wrapper is no function of the file, nor is what sets fields.
  if (file == NULL || f->outer == NULL || f->kind == CODE_FIELD_INITIALIZER)
    return;
  count(f,
        coverage_function(file, f->name, ast->source_start, ast->source_end));
}

void bytecode_count_statement(FunctionState *f, const AstNode *node) {
  CoverageFile *file = f->unit->coverage;
  switch ((AstType)node->type) {
  case AST_BLOCK:
  case AST_EMPTY:
  case AST_FUNCTION_DECLARATION:
  case AST_IMPORT:
  case AST_EXPORT:
  case AST_LABELED:
    return;
  case AST_EXPORT_DEFAULT:
    if (((const AstExportDefault *)node)->value->type ==
        AST_FUNCTION_DECLARATION)
      return;
    break;
  default:
    break;
  }
  count(f, coverage_statement(file, node->start, node->end));
}

uint32_t bytecode_new_branch(FunctionState *f, BranchKind kind,
                             const AstNode *node) {
  uint32_t branch =
      coverage_branch(f->unit->coverage, kind, node->start, node->end);
  if (branch == UINT32_MAX) bytecode_fail(B(f), BUILD_OUT_OF_MEMORY);
  return branch;
}

void bytecode_count_arm(FunctionState *f, uint32_t branch, const AstNode *arm,
                        const AstNode *whole) {
  if (branch == NO_BRANCH) return;
  // An arm that is not written has the place of the whole.
  if (arm == NULL) arm = whole;
  count(f, coverage_arm(f->unit->coverage, branch, arm->start, arm->end));
}
