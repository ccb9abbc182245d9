// SPDX-License-Identifier: MIT
// Names of the node types, for dumps and messages.
#include "vm/syntax/ast.h"

static const char *const type_names[AST_TYPE_COUNT] = {
#define AST_NODE(name, type, text) text,
#include "vm/syntax/ast_types.def"
#undef AST_NODE
};

const char *ast_type_name(AstType type) {
  return type < AST_TYPE_COUNT ? type_names[type] : "?";
}
