// SPDX-License-Identifier: MIT
// Decorators (the proposal of that name): `@a.b.#c`, one call of it, or any
// expression in parentheses.
#include "vm/syntax/parser.h"

static AstNode *parse_decorator(Parser *p) {
  expect(p, TOKEN_AT);
  if (at(p, TOKEN_LEFT_PAREN)) {
    bool allow_in = p->context.allow_in;
    p->context.allow_in = true;
    next(p);
    AstNode *expression = syntax_parse_expression(p);
    expect(p, TOKEN_RIGHT_PAREN);
    p->context.allow_in = allow_in;
    expression->flags |= AST_PARENTHESIZED;
    return expression;
  }
  Token token = p->token;
  Name *name = syntax_check_identifier(p, &token);
  AstNode *node =
      &syntax_new_reference(p, AST_IDENTIFIER, name, token.start, token.end)
           ->base;
  next(p);
  while (accept(p, TOKEN_DOT))
    node = syntax_parse_member(p, node, false);
  if (p->typescript && (at(p, TOKEN_LESS) || at(p, TOKEN_SHIFT_LEFT)))
    syntax_try_type_arguments(p);
  if (!at(p, TOKEN_LEFT_PAREN)) return node;
  AstCall *call = NEW(p, AstCall, AST_CALL, node->start);
  call->callee = node;
  call->arguments = syntax_parse_arguments(p, &call->has_spread);
  return finish(p, call);
}

void syntax_check_decorators(Parser *p) {
  if (p->decorators.count)
    FAIL_TOKEN(p, "Decorators must come before or after export, not both");
}

AstList syntax_parse_decorators(Parser *p) {
  uint32_t mark = p->item_count;
  while (at(p, TOKEN_AT))
    push_item(p, parse_decorator(p));
  return syntax_take_list(p, mark);
}
