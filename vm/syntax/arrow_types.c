// SPDX-License-Identifier: MIT
// Arrow functions of TypeScript. Their parameters are read as expressions, as
// JavaScript's are, with what types put between; a return type is read ahead.
#include "vm/syntax/parser.h"

static const char invalid_parameter[] =
    "Invalid destructuring assignment target";

// Puts a default into the item pushed last, as an assignment would.
static void parse_cover_default(Parser *p, AstNode *target) {
  syntax_to_assignment_target(p, target, false, invalid_parameter);
  AstBinary *assign = NEW(p, AstBinary, AST_ASSIGN, target->start);
  next(p);
  assign->left = target;
  assign->right = syntax_parse_assignment(p);
  p->items[p->item_count - 1] = finish(p, assign);
}

// Is the item a parameter without a default?
static bool may_have_type(const AstNode *item) {
  if (item->type == AST_SPREAD || item->type == AST_REST)
    item = ((const AstUnary *)item)->operand;
  switch (item->type) {
  case AST_IDENTIFIER:
  case AST_BINDING_IDENTIFIER:
  case AST_ARRAY:
  case AST_ARRAY_PATTERN:
  case AST_OBJECT:
  case AST_OBJECT_PATTERN:
    return !is_parenthesized(item);
  default:
    return false;
  }
}

bool syntax_parse_cover_annotation(Parser *p) {
  if (!at(p, TOKEN_QUESTION) && !at(p, TOKEN_COLON)) return false;
  AstNode *item = p->items[p->item_count - 1];
  if (!may_have_type(item)) syntax_unexpected(p, &p->token);
  if (at(p, TOKEN_QUESTION)) syntax_erase_token(p);
  if (at(p, TOKEN_COLON)) syntax_erase_annotation(p);
  // A pattern may have what an expression may not.
  p->cover.start = NO_OFFSET;
  if (at(p, TOKEN_ASSIGN) && item->type != AST_SPREAD && item->type != AST_REST)
    parse_cover_default(p, item);
  return true;
}

// ---- Return types -----------------------------------------------------------

static bool parse_arrow_type(Parser *p, void *data) {
  (void)data;
  syntax_erase_return_type(p);
  return at(p, TOKEN_ARROW) && !after_newline(p);
}

bool syntax_try_arrow_type(Parser *p, const ArrowMark *mark, bool is_certain) {
  uint32_t parenthesis = p->previous_end - 1;
  uint32_t erasure = p->types.erasure_count;
  if (is_certain) {
    syntax_erase_return_type(p);
    if (!at(p, TOKEN_ARROW) || after_newline(p))
      syntax_unexpected(p, &p->token);
  } else if ((mark->is_then && syntax_has_failed(p, mark->start)) ||
             !syntax_try(p, parse_arrow_type, NULL)) {
    return false;
  }
  // `=>` stands on the line of its parenthesis.
  if (syntax_has_newline(p, parenthesis, p->token.start))
    syntax_erase_but(p, parenthesis, p->types.erasures[erasure].end, 0, ')');
  return true;
}

// ---- Between `?` and `:` ----------------------------------------------------

typedef struct ThenTry {
  AstNode *(*parse)(Parser *);
  AstNode *node;
} ThenTry;

static bool parse_then(Parser *p, void *data) {
  ThenTry *try = data;
  try->node = try->parse(p);
  bool has_return_type =
      try->node->type == AST_ARROW && try->node->flags & AST_INTERNAL;
  return !has_return_type || at(p, TOKEN_COLON);
}

// `a ? (b) : c => d` and `a ? (b): c => d : e`: what follows the body decides.
// Having failed, the place is known to have no return type.
AstNode *syntax_parse_then(Parser *p, AstNode *(*parse)(Parser *)) {
  uint32_t start = p->token.start;
  p->types.then_tried = start;
  ThenTry try = {.parse = parse};
  if (!syntax_has_failed(p, start)) {
    if (syntax_try(p, parse_then, &try)) return try.node;
    syntax_note_failure(p, start);
    p->types.then_start = p->types.then_tried = start;
  }
  return parse(p);
}
