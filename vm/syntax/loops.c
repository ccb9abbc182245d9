// SPDX-License-Identifier: MIT
// Loops (ECMA-262 14.7). The head of a `for` is read once and its kind decided
// by what follows the first declaration or expression.
#include "vm/syntax/parser.h"

// The body of `loop`, which `break` and `continue` inside refer to.
static AstNode *parse_loop_body(Parser *p, AstNode *loop) {
  JumpTarget target = {.outer = p->context.targets, .node = loop};
  uint32_t start = loop->start;
  for (JumpTarget *label = target.outer;
       label && label->label && label->body_start == start;
       label = label->outer) {
    label->loop = loop;
    start = label->node->start;
  }
  p->context.targets = &target;
  bool in_loop = p->context.in_loop;
  p->context.in_loop = true;
  AstNode *body = syntax_parse_statement(p);
  p->context.in_loop = in_loop;
  p->context.targets = target.outer;
  return body;
}

AstNode *syntax_parse_while(Parser *p) {
  AstWhile *loop = NEW(p, AstWhile, AST_WHILE, p->token.start);
  next(p);
  expect(p, TOKEN_LEFT_PAREN);
  loop->test = syntax_parse_expression(p);
  expect(p, TOKEN_RIGHT_PAREN);
  loop->body = parse_loop_body(p, &loop->base);
  return finish(p, loop);
}

AstNode *syntax_parse_do_while(Parser *p) {
  AstWhile *loop = NEW(p, AstWhile, AST_DO_WHILE, p->token.start);
  next(p);
  loop->body = parse_loop_body(p, &loop->base);
  expect(p, TOKEN_WHILE);
  expect(p, TOKEN_LEFT_PAREN);
  loop->test = syntax_parse_expression(p);
  expect(p, TOKEN_RIGHT_PAREN);
  // A semicolon is always inserted here.
  accept(p, TOKEN_SEMICOLON);
  return finish(p, loop);
}

// A declaration in the head of for-in or for-of.
static void check_for_in_declaration(Parser *p, AstListNode *declaration,
                                     bool is_of, bool is_await) {
  const char *loop = is_await ? "for-await-of" : is_of ? "for-of" : "for-in";
  if (declaration->list.count != 1)
    FAIL_NODE(p, declaration,
              "Invalid left-hand side in %s loop: Must have a single binding.",
              loop);
  if (!is_of && declaration->base.op >= AST_DECLARE_USING)
    FAIL_NODE(p, declaration,
              "Invalid left-hand side in for-in loop: a using declaration.");
  AstBinary *declarator = (AstBinary *)declaration->list.items[0];
  if (!declarator->right) return;
  // Annex B.3.5: for (var x = 1 in o).
  if (!is_of && !p->context.strict && declaration->base.op == AST_DECLARE_VAR &&
      declarator->left->type == AST_BINDING_IDENTIFIER)
    return;
  FAIL_NODE(p, declaration,
            "%s loop variable declaration may not have an "
            "initializer.",
            loop);
}

static void check_initializers(Parser *p, AstListNode *declaration) {
  for (uint32_t i = 0; i < declaration->list.count; i++) {
    AstBinary *declarator = (AstBinary *)declaration->list.items[i];
    if (declarator->right) continue;
    if (declarator->left->type != AST_BINDING_IDENTIFIER)
      FAIL_NODE(p, declarator,
                "Missing initializer in destructuring declaration");
    if (declaration->base.op == AST_DECLARE_CONST)
      FAIL_NODE(p, declarator, "Missing initializer in const declaration");
    if (declaration->base.op >= AST_DECLARE_USING)
      FAIL_NODE(p, declarator, "Missing initializer in using declaration");
  }
}

static AstNode *parse_for_in(Parser *p, uint32_t start, AstNode *target,
                             Scope *scope, bool is_of, bool is_await) {
  AstForIn *loop = NEW(p, AstForIn, is_of ? AST_FOR_OF : AST_FOR_IN, start);
  if (is_await) loop->base.flags |= AST_FOR_AWAIT;
  p->context.allow_in = true;
  next(p);
  loop->target = target;
  loop->iterated =
      is_of ? syntax_parse_assignment(p) : syntax_parse_expression(p);
  if (scope)
    for (Binding *b = scope->first_binding; b; b = b->next)
      b->initialized_at = p->token.end;
  expect(p, TOKEN_RIGHT_PAREN);
  loop->body = parse_loop_body(p, &loop->base);
  return finish(p, loop);
}

// Makes the expression the target of for-in or for-of.
static void convert_target(Parser *p, AstNode *node, const Token *first,
                           bool is_of, bool is_await) {
  if (is_of && first->type == TOKEN_LET)
    FAIL(p, first->start, first->end,
         "The left-hand side of a for-of loop may not be 'let'.");
  if (is_of && !is_await && first->type == TOKEN_ASYNC &&
      node->type == AST_IDENTIFIER && !is_parenthesized(node))
    FAIL_NODE(p, node,
              "The left-hand side of a for-of loop may not be 'async'.");
  if (node->type == AST_ASSIGN || node->type == AST_SEQUENCE ||
      (node->type == AST_CALL && is_of && p->context.strict))
    FAIL_NODE(p, node, "Invalid left-hand side in for-loop");
  syntax_to_assignment_target(p, node, false,
                              "Invalid left-hand side in for-loop");
}

// `for (init; test; update)` from the first semicolon on.
static AstNode *parse_for_rest(Parser *p, AstFor *loop) {
  p->context.allow_in = true;
  expect(p, TOKEN_SEMICOLON);
  bool in_loop = p->context.in_loop;
  p->context.in_loop = true;
  if (!at(p, TOKEN_SEMICOLON)) loop->test = syntax_parse_expression(p);
  expect(p, TOKEN_SEMICOLON);
  if (!at(p, TOKEN_RIGHT_PAREN)) loop->update = syntax_parse_expression(p);
  p->context.in_loop = in_loop;
  expect(p, TOKEN_RIGHT_PAREN);
  loop->body = parse_loop_body(p, &loop->base);
  return finish(p, loop);
}

// Everything after the parenthesis, inside the scope of the head if any.
static AstNode *parse_head(Parser *p, uint32_t start, Scope *scope,
                           AstDeclarationKind kind, bool declares,
                           bool is_await) {
  AstNode *initializer = NULL;
  Token first = p->token;
  CoverError cover = p->cover;
  p->cover.start = NO_OFFSET;
  p->context.allow_in = false;
  if (declares) {
    syntax_next_declaration(p, kind);
    initializer = &syntax_parse_declarators(p, kind, first.start, true)->base;
  } else if (!at(p, TOKEN_SEMICOLON)) {
    initializer = syntax_parse_expression_cover(p);
  }
  p->context.allow_in = true;
  bool is_of = initializer && at_word(p, p->known.of);
  if (is_of || (initializer && at(p, TOKEN_IN) && !is_await)) {
    if (declares) {
      check_for_in_declaration(p, (AstListNode *)initializer, is_of, is_await);
    } else {
      if (initializer->type == AST_OBJECT || initializer->type == AST_ARRAY)
        p->cover.start = NO_OFFSET;
      syntax_check_cover(p);
      convert_target(p, initializer, &first, is_of, is_await);
    }
    p->cover = cover;
    return parse_for_in(p, start, initializer, scope, is_of, is_await);
  }
  if (is_await) syntax_unexpected(p, &p->token);
  syntax_check_cover(p);
  p->cover = cover;
  if (declares) check_initializers(p, (AstListNode *)initializer);
  // A question that only the resolved references answer.
  if (scope) scope->needs_per_iteration_environment = true;
  AstFor *loop = NEW(p, AstFor, AST_FOR, start);
  loop->initializer = initializer;
  return parse_for_rest(p, loop);
}

AstNode *syntax_parse_for(Parser *p) {
  uint32_t start = p->token.start;
  next(p);
  bool is_await = false;
  if (at(p, TOKEN_AWAIT)) {
    if (!p->context.await_operator || p->token.flags & TOKEN_HAS_ESCAPE)
      syntax_unexpected(p, &p->token);
    is_await = true;
    p->last_await = p->token.start + 1;
    p->context.function->contains_await = true;
    next(p);
  }
  expect(p, TOKEN_LEFT_PAREN);
  AstDeclarationKind kind = at(p, TOKEN_VAR)     ? AST_DECLARE_VAR
                            : at(p, TOKEN_CONST) ? AST_DECLARE_CONST
                                                 : AST_DECLARE_LET;
  bool lexical = at(p, TOKEN_CONST) || syntax_at_let_declaration(p) ||
                 syntax_at_using_declaration(p, true, &kind);
  bool declares = lexical || at(p, TOKEN_VAR);
  uint32_t mark = 0;
  Scope *scope = NULL;
  if (lexical) scope = syntax_open_scope(p, SCOPE_FOR, p->token.start, &mark);
  AstNode *loop = parse_head(p, start, scope, kind, declares, is_await);
  if (lexical) scope = syntax_close_scope(p, mark);
  if (loop->type == AST_FOR)
    ((AstFor *)loop)->scope = scope;
  else
    ((AstForIn *)loop)->scope = scope;
  return loop;
}
