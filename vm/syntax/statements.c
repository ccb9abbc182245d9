// SPDX-License-Identifier: MIT
// Statements and declarations, without loops and modules (ECMA-262 14).
#include "vm/syntax/parser.h"

bool syntax_at_let_declaration(Parser *p) {
  if (!at(p, TOKEN_LET) || p->token.flags & TOKEN_HAS_ESCAPE) return false;
  Token token = syntax_peek(p);
  return token_is_identifier(token.type) || token.type == TOKEN_LEFT_BRACKET ||
         token.type == TOKEN_LEFT_BRACE || token.type == TOKEN_ESCAPED_KEYWORD;
}

static bool is_using(const Parser *p, const Token *token) {
  return token->name == p->known.using && token->type == TOKEN_NAME &&
         !(token->flags & TOKEN_HAS_ESCAPE);
}

// A name that a declaration may bind, on the line of what is before it.
static bool is_bound_name(const Token *token) {
  return (token_is_identifier(token->type) ||
          token->type == TOKEN_ESCAPED_KEYWORD) &&
         !(token->flags & TOKEN_AFTER_NEWLINE);
}

bool syntax_at_using_declaration(Parser *p, bool in_for,
                                 AstDeclarationKind *kind) {
  Token after[2];
  if (is_using(p, &p->token)) {
    Token name = syntax_peek(p);
    if (!is_bound_name(&name)) return false;
    *kind = AST_DECLARE_USING;
    if (!in_for || name.name != p->known.of) return true;
    syntax_peek_two(p, after);
    return after[1].type == TOKEN_ASSIGN;
  }
  if (!at(p, TOKEN_AWAIT) || p->token.flags & TOKEN_HAS_ESCAPE ||
      !p->context.await_operator)
    return false;
  // What follows another token may only make sense to the parser.
  Token word = syntax_peek(p);
  if (!is_using(p, &word) || word.flags & TOKEN_AFTER_NEWLINE) return false;
  syntax_peek_two(p, after);
  *kind = AST_DECLARE_AWAIT_USING;
  return is_bound_name(&after[1]);
}

void syntax_next_declaration(Parser *p, AstDeclarationKind kind) {
  if (kind == AST_DECLARE_AWAIT_USING) {
    p->last_await = p->token.start + 1;
    p->context.function->contains_await = true;
    next(p);
  }
  next(p);
}

// async function, on one line.
static bool at_async_function(Parser *p) {
  if (!at(p, TOKEN_ASYNC)) return false;
  Token token = syntax_peek(p);
  return token.type == TOKEN_FUNCTION && !(token.flags & TOKEN_AFTER_NEWLINE);
}

AstListNode *syntax_parse_declarators(Parser *p, AstDeclarationKind kind,
                                      uint32_t start, bool in_for) {
  static const uint8_t binding_kinds[] = {
      [AST_DECLARE_VAR] = BINDING_VAR,
      [AST_DECLARE_LET] = BINDING_LET,
      [AST_DECLARE_CONST] = BINDING_CONST,
      [AST_DECLARE_USING] = BINDING_USING,
      [AST_DECLARE_AWAIT_USING] = BINDING_USING,
  };
  bool is_using = kind >= AST_DECLARE_USING;
  AstListNode *declaration = NEW(p, AstListNode, AST_DECLARATION, start);
  declaration->base.op = (uint8_t)kind;
  uint32_t mark = p->item_count;
  do {
    AstBinary *declarator = NEW(p, AstBinary, AST_DECLARATOR, p->token.start);
    if (is_using && !token_is_identifier(p->token.type))
      syntax_unexpected(p, &p->token);
    declarator->left = syntax_parse_binding_target(p);
    if (p->typescript) {
      if (at(p, TOKEN_NOT) && !after_newline(p)) syntax_erase_token(p);
      if (at(p, TOKEN_COLON)) syntax_erase_annotation(p);
    }
    if (accept(p, TOKEN_ASSIGN))
      declarator->right = syntax_parse_assignment(p);
    else if (p->types.is_ambient)
      ; // declared without a value
    else if (!in_for && declarator->left->type != AST_BINDING_IDENTIFIER)
      FAIL_TOKEN(p, "Missing initializer in destructuring declaration");
    else if (!in_for && kind == AST_DECLARE_CONST)
      FAIL_TOKEN(p, "Missing initializer in const declaration");
    else if (!in_for && is_using)
      FAIL_TOKEN(p, "Missing initializer in using declaration");
    finish(p, declarator);
    syntax_declare_target(p, declarator->left, binding_kinds[kind],
                          p->previous_end);
    if (is_using) {
      p->scope->has_using = true;
      ((AstIdentifier *)declarator->left)->binding->is_await_using =
          kind == AST_DECLARE_AWAIT_USING;
    }
    push_item(p, declarator);
  } while (accept(p, TOKEN_COMMA));
  declaration->list = syntax_take_list(p, mark);
  return finish(p, declaration);
}

static AstNode *parse_declaration(Parser *p, AstDeclarationKind kind) {
  uint32_t start = p->token.start;
  syntax_next_declaration(p, kind);
  AstListNode *declaration = syntax_parse_declarators(p, kind, start, false);
  syntax_expect_semicolon(p);
  return finish(p, declaration);
}

// ECMA-262 14.3.1.1, 16.1.1: what is disposed of at the end of a scope is not
// declared in a case, which is no scope, nor in a script, which has no end.
static AstNode *parse_using(Parser *p, AstDeclarationKind kind) {
  switch (p->scope->kind) {
  case SCOPE_SWITCH:
    FAIL_TOKEN(p, "Using declaration cannot appear directly in a case");
  case SCOPE_SCRIPT:
  case SCOPE_EVAL:
    FAIL_TOKEN(p,
               "Using declaration cannot appear at the top level of a "
               "script");
  default:
    return parse_declaration(p, kind);
  }
}

static AstBlock *parse_block(Parser *p) {
  AstBlock *block = NEW(p, AstBlock, AST_BLOCK, p->token.start);
  uint32_t mark;
  syntax_open_scope(p, SCOPE_BLOCK, p->token.start, &mark);
  expect(p, TOKEN_LEFT_BRACE);
  uint32_t items = p->item_count;
  while (!at(p, TOKEN_RIGHT_BRACE))
    push_item(p, syntax_parse_statement_list_item(p));
  block->body = syntax_take_list(p, items);
  next(p);
  block->scope = syntax_close_scope(p, mark);
  return finish(p, block);
}

// A declaration; of an overload, in TypeScript, nothing is left.
static bool is_generator(const AstNode *node) {
  return node->type == AST_FUNCTION_DECLARATION &&
         ((const AstFunction *)node)->is_generator;
}

// The arm of an `if`: also a function declaration in sloppy code, which then
// stands as if in a block (Annex B.3.3).
static AstNode *parse_arm(Parser *p) {
  if (!at(p, TOKEN_FUNCTION) || p->context.strict)
    return syntax_parse_statement(p);
  AstBlock *block = NEW(p, AstBlock, AST_BLOCK, p->token.start);
  uint32_t mark;
  syntax_open_scope(p, SCOPE_BLOCK, p->token.start, &mark);
  AstNode *node =
      syntax_parse_function_declaration(p, p->token.start, false, false);
  if (is_generator(node))
    FAIL_NODE(p, node,
              "Generators can only be declared at the top level or inside a "
              "block.");
  push_item(p, node);
  block->body = syntax_take_list(p, p->item_count - 1);
  block->scope = syntax_close_scope(p, mark);
  return finish(p, block);
}

static AstNode *parse_if(Parser *p) {
  AstConditional *first = NULL, *last = NULL;
  // A chain of `else if` is a loop: its length is not nesting.
  for (;;) {
    AstConditional *node = NEW(p, AstConditional, AST_IF, p->token.start);
    if (last)
      last->otherwise = &node->base;
    else
      first = node;
    last = node;
    next(p);
    expect(p, TOKEN_LEFT_PAREN);
    node->test = syntax_parse_expression(p);
    expect(p, TOKEN_RIGHT_PAREN);
    node->then = parse_arm(p);
    if (!accept(p, TOKEN_ELSE)) break;
    if (at(p, TOKEN_IF)) continue;
    node->otherwise = parse_arm(p);
    break;
  }
  for (AstConditional *node = first;;
       node = (AstConditional *)node->otherwise) {
    finish(p, node);
    if (node == last) break;
  }
  return &first->base;
}

static JumpTarget *find_label(const Parser *p, const Name *label) {
  for (JumpTarget *target = p->context.targets; target; target = target->outer)
    if (target->label == label) return target;
  return NULL;
}

static AstNode *parse_jump(Parser *p, bool is_break) {
  AstJump *jump =
      NEW(p, AstJump, is_break ? AST_BREAK : AST_CONTINUE, p->token.start);
  next(p);
  if (token_is_identifier(p->token.type) && !after_newline(p)) {
    jump->label = syntax_check_identifier(p, &p->token);
    JumpTarget *target = find_label(p, jump->label);
    if (!target)
      syntax_fail_name(p, p->token.start, p->token.end, "Undefined label ",
                       jump->label, "");
    if (!is_break && !target->loop)
      syntax_fail_name(p, p->token.start, p->token.end,
                       "Illegal continue statement: ", jump->label,
                       " does not denote an iteration statement");
    jump->target = is_break ? target->node : target->loop;
    next(p);
  } else {
    JumpTarget *target = p->context.targets;
    while (target &&
           (target->label || (!is_break && target->node->type == AST_SWITCH)))
      target = target->outer;
    if (!target)
      FAIL(p, jump->base.start, p->previous_end, "%s",
           is_break ? "Illegal break statement"
                    : "Illegal continue statement: no surrounding iteration "
                      "statement");
    jump->target = target->node;
  }
  syntax_expect_semicolon(p);
  return finish(p, jump);
}

static AstNode *parse_return(Parser *p) {
  AstUnary *node = NEW(p, AstUnary, AST_RETURN, p->token.start);
  if (!p->context.allow_return) FAIL_TOKEN(p, "Illegal return statement");
  next(p);
  if (!at(p, TOKEN_SEMICOLON) && !at(p, TOKEN_RIGHT_BRACE) &&
      !at(p, TOKEN_END) && !after_newline(p))
    node->operand = syntax_parse_expression(p);
  syntax_expect_semicolon(p);
  return finish(p, node);
}

static AstNode *parse_throw(Parser *p) {
  AstUnary *node = NEW(p, AstUnary, AST_THROW, p->token.start);
  next(p);
  if (after_newline(p)) FAIL_TOKEN(p, "Illegal newline after throw");
  node->operand = syntax_parse_expression(p);
  syntax_expect_semicolon(p);
  return finish(p, node);
}

static AstNode *parse_try(Parser *p) {
  AstTry *node = NEW(p, AstTry, AST_TRY, p->token.start);
  next(p);
  node->block = parse_block(p);
  if (!at(p, TOKEN_CATCH) && !at(p, TOKEN_FINALLY))
    FAIL_TOKEN(p, "Missing catch or finally after try");
  if (accept(p, TOKEN_CATCH)) {
    uint32_t mark;
    Scope *scope = syntax_open_scope(p, SCOPE_CATCH, p->token.start, &mark);
    if (accept(p, TOKEN_LEFT_PAREN)) {
      node->parameter = syntax_parse_binding_target(p);
      if (p->typescript && at(p, TOKEN_COLON)) syntax_erase_annotation(p);
      syntax_declare_target(p, node->parameter, BINDING_CATCH,
                            node->parameter->end);
      if (node->parameter->type == AST_BINDING_IDENTIFIER)
        scope->first_binding->is_simple_catch = true;
      expect(p, TOKEN_RIGHT_PAREN);
    }
    node->handler = parse_block(p);
    node->catch_scope = syntax_close_scope(p, mark);
  }
  if (accept(p, TOKEN_FINALLY)) node->finalizer = parse_block(p);
  return finish(p, node);
}

static AstCase *parse_case(Parser *p) {
  AstCase *node = NEW(p, AstCase, AST_CASE, p->token.start);
  if (accept(p, TOKEN_CASE))
    node->test = syntax_parse_expression(p);
  else
    expect(p, TOKEN_DEFAULT);
  expect(p, TOKEN_COLON);
  uint32_t mark = p->item_count;
  while (!at(p, TOKEN_CASE) && !at(p, TOKEN_DEFAULT) &&
         !at(p, TOKEN_RIGHT_BRACE))
    push_item(p, syntax_parse_statement_list_item(p));
  node->body = syntax_take_list(p, mark);
  return finish(p, node);
}

static AstNode *parse_switch(Parser *p) {
  AstSwitch *node = NEW(p, AstSwitch, AST_SWITCH, p->token.start);
  next(p);
  expect(p, TOKEN_LEFT_PAREN);
  node->discriminant = syntax_parse_expression(p);
  expect(p, TOKEN_RIGHT_PAREN);
  JumpTarget target = {.outer = p->context.targets, .node = &node->base};
  p->context.targets = &target;
  node->default_index = -1;
  uint32_t mark;
  syntax_open_scope(p, SCOPE_SWITCH, p->token.start, &mark);
  expect(p, TOKEN_LEFT_BRACE);
  uint32_t items = p->item_count;
  while (!at(p, TOKEN_RIGHT_BRACE)) {
    if (at(p, TOKEN_DEFAULT)) {
      if (node->default_index >= 0)
        FAIL_TOKEN(p, "More than one default clause in switch statement");
      node->default_index = (int32_t)(p->item_count - items);
    }
    push_item(p, parse_case(p));
  }
  node->cases = syntax_take_list(p, items);
  next(p);
  node->scope = syntax_close_scope(p, mark);
  p->context.targets = target.outer;
  return finish(p, node);
}

static AstNode *parse_with(Parser *p) {
  AstWith *node = NEW(p, AstWith, AST_WITH, p->token.start);
  if (p->context.strict)
    FAIL_TOKEN(p, "Strict mode code may not include a with statement");
  next(p);
  expect(p, TOKEN_LEFT_PAREN);
  node->object = syntax_parse_expression(p);
  expect(p, TOKEN_RIGHT_PAREN);
  uint32_t mark;
  syntax_open_scope(p, SCOPE_WITH, p->token.start, &mark);
  p->lazy.with_count++;
  p->lazy.open_withs++;
  node->body = syntax_parse_statement(p);
  p->lazy.open_withs--;
  node->scope = syntax_close_scope(p, mark);
  return finish(p, node);
}

static AstNode *parse_labeled(Parser *p, AstIdentifier *label,
                              bool allow_function) {
  AstLabeled *node = NEW(p, AstLabeled, AST_LABELED, label->base.start);
  node->label = label->name;
  if (find_label(p, label->name))
    syntax_fail_name(p, label->base.start, label->base.end, "Label ",
                     label->name, " has already been declared");
  next(p);
  JumpTarget target = {.outer = p->context.targets,
                       .label = label->name,
                       .node = &node->base,
                       .body_start = p->token.start};
  p->context.targets = &target;
  if (at(p, TOKEN_FUNCTION) && !p->context.strict && allow_function) {
    uint32_t start = p->token.start;
    node->body = syntax_parse_function_declaration(p, start, false, false);
    if (is_generator(node->body))
      FAIL_NODE(p, node->body,
                "Generators can only be declared at the top level or inside a "
                "block.");
  } else {
    bool saved = p->labels_allow_function;
    p->labels_allow_function = allow_function;
    node->body = syntax_parse_statement(p);
    p->labels_allow_function = saved;
  }
  p->context.targets = target.outer;
  return finish(p, node);
}

static AstNode *parse_expression_statement(Parser *p, bool allow_function) {
  uint32_t start = p->token.start;
  bool may_be_label = token_is_identifier(p->token.type);
  AstNode *expression = syntax_parse_expression(p);
  if (may_be_label && at(p, TOKEN_COLON) &&
      expression->type == AST_IDENTIFIER && !is_parenthesized(expression)) {
    // Its name was recorded as a reference just now.
    p->reference_count--;
    return parse_labeled(p, (AstIdentifier *)expression, allow_function);
  }
  AstUnary *statement = NEW(p, AstUnary, AST_EXPRESSION_STATEMENT, start);
  statement->operand = expression;
  syntax_expect_semicolon(p);
  return finish(p, statement);
}

static AstNode *parse_simple(Parser *p, AstType type) {
  AstNode *node = NEW(p, AstNode, type, p->token.start);
  next(p);
  if (type == AST_DEBUGGER) syntax_expect_semicolon(p);
  return finish(p, node);
}

// Statements that are no declarations. Labels may stand before a function when
// `allow_function`: not in the body of a loop, `if` or `with`.
static AstNode *parse_statement(Parser *p, bool allow_function) {
  syntax_check_stack(p);
  switch (p->token.type) {
  case TOKEN_LEFT_BRACE:
    return &parse_block(p)->base;
  case TOKEN_VAR:
    return parse_declaration(p, AST_DECLARE_VAR);
  case TOKEN_SEMICOLON:
    return parse_simple(p, AST_EMPTY);
  case TOKEN_IF:
    return parse_if(p);
  case TOKEN_FOR:
    return syntax_parse_for(p);
  case TOKEN_WHILE:
    return syntax_parse_while(p);
  case TOKEN_DO:
    return syntax_parse_do_while(p);
  case TOKEN_CONTINUE:
    return parse_jump(p, false);
  case TOKEN_BREAK:
    return parse_jump(p, true);
  case TOKEN_RETURN:
    return parse_return(p);
  case TOKEN_WITH:
    return parse_with(p);
  case TOKEN_SWITCH:
    return parse_switch(p);
  case TOKEN_THROW:
    return parse_throw(p);
  case TOKEN_TRY:
    return parse_try(p);
  case TOKEN_DEBUGGER:
    return parse_simple(p, AST_DEBUGGER);
  case TOKEN_FUNCTION:
    FAIL_TOKEN(p, "%s",
               p->context.strict
                   ? "In strict mode code, functions can only be declared at "
                     "top level or inside a block."
                   : "In non-strict mode code, functions can only be declared "
                     "at top level, inside a block, or as the body of an if "
                     "statement.");
  case TOKEN_AT:
  case TOKEN_CLASS:
  case TOKEN_CONST:
    syntax_unexpected(p, &p->token);
  case TOKEN_LET: {
    if (p->token.flags & TOKEN_HAS_ESCAPE) break;
    Token token = syntax_peek(p);
    if (token.type == TOKEN_LEFT_BRACKET ||
        (!(token.flags & TOKEN_AFTER_NEWLINE) &&
         (token.type == TOKEN_LEFT_BRACE || token_is_identifier(token.type))))
      FAIL_TOKEN(p,
                 "Lexical declaration cannot appear in a single-statement "
                 "context");
    break;
  }
  case TOKEN_ASYNC:
    if (at_async_function(p))
      FAIL_TOKEN(p,
                 "Async functions can only be declared at the top level or "
                 "inside a block.");
    break;
  default:
    break;
  }
  return parse_expression_statement(p, allow_function);
}

AstNode *syntax_parse_statement(Parser *p) {
  bool allow_function = p->labels_allow_function;
  p->labels_allow_function = false;
  AstNode *statement = parse_statement(p, allow_function);
  p->labels_allow_function = allow_function;
  return statement;
}

// Decorators of a class, or of the class that is exported.
static AstNode *parse_decorated(Parser *p) {
  uint32_t start = p->token.start;
  syntax_check_decorators(p);
  p->decorators = syntax_parse_decorators(p);
  if (at(p, TOKEN_EXPORT) && p->module && p->scope->kind == SCOPE_MODULE)
    return syntax_parse_export_declaration(p);
  if (p->typescript && syntax_at_abstract_class(p)) syntax_erase_token(p);
  if (!at(p, TOKEN_CLASS)) syntax_unexpected(p, &p->token);
  AstNode *class = syntax_parse_class(p, AST_CLASS_DECLARATION, false);
  AstFunction *constructor = ((AstClass *)class)->constructor;
  class->start = start;
  if (constructor) constructor->source_start = start;
  return class;
}

static AstNode *parse_type_statement(Parser *p) {
  return p->typescript ? syntax_parse_type_statement(p, p->token.start) : NULL;
}

AstNode *syntax_parse_statement_list_item(Parser *p) {
  AstNode *statement;
  AstDeclarationKind kind;
  switch (p->token.type) {
  case TOKEN_FUNCTION:
    return syntax_parse_function_declaration(p, p->token.start, false, false);
  case TOKEN_AT:
    return parse_decorated(p);
  case TOKEN_CLASS:
    return syntax_parse_class(p, AST_CLASS_DECLARATION, false);
  case TOKEN_CONST:
    if ((statement = parse_type_statement(p))) return statement;
    return parse_declaration(p, AST_DECLARE_CONST);
  case TOKEN_ENUM:
  case TOKEN_STRICT_RESERVED:
    if ((statement = parse_type_statement(p))) return statement;
    break;
  case TOKEN_LET:
    if (syntax_at_let_declaration(p))
      return parse_declaration(p, AST_DECLARE_LET);
    break;
  case TOKEN_NAME:
    if ((statement = parse_type_statement(p))) return statement;
    // Fall through.
  case TOKEN_AWAIT:
    if (syntax_at_using_declaration(p, false, &kind))
      return parse_using(p, kind);
    break;
  case TOKEN_ASYNC:
    if (at_async_function(p)) {
      uint32_t start = p->token.start;
      next(p);
      return syntax_parse_function_declaration(p, start, true, false);
    }
    break;
  case TOKEN_IMPORT: {
    if ((statement = parse_type_statement(p))) return statement;
    if (!p->module || p->scope->kind != SCOPE_MODULE) break;
    Token token = syntax_peek(p);
    if (token.type == TOKEN_LEFT_PAREN || token.type == TOKEN_DOT) break;
    return syntax_parse_import_declaration(p);
  }
  case TOKEN_EXPORT:
    if ((statement = parse_type_statement(p))) return statement;
    if (!p->module || p->scope->kind != SCOPE_MODULE) break;
    return syntax_parse_export_declaration(p);
  default:
    break;
  }
  return parse_statement(p, true);
}
