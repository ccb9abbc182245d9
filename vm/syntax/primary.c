// SPDX-License-Identifier: MIT
// Primary expressions: names, `this`, parentheses and the arrow functions they
// may turn out to be, `async`, `super`, `import` (ECMA-262 13.2, 13.3, 15.3).
#include "vm/syntax/parser.h"

static AstNode *parse_identifier_expression(Parser *p) {
  Token token = p->token;
  Name *name = syntax_check_identifier(p, &token);
  next(p);
  if (at(p, TOKEN_ARROW) && p->arrow_start == token.start &&
      !after_newline(p)) {
    ArrowMark mark = syntax_mark_arrow(p, token.start);
    push_item(p, syntax_new_identifier(p, AST_IDENTIFIER, name, token.start,
                                       token.end));
    return syntax_parse_arrow(p, &mark, false);
  }
  return &syntax_new_reference(p, AST_IDENTIFIER, name, token.start, token.end)
              ->base;
}

// `...target` as the last parameter of an arrow function.
static void parse_arrow_rest(Parser *p) {
  AstUnary *rest = NEW(p, AstUnary, AST_REST, p->token.start);
  next(p);
  rest->operand = syntax_parse_binding_target(p);
  push_item(p, finish(p, rest));
  if (p->typescript) syntax_parse_cover_annotation(p);
  if (at(p, TOKEN_ASSIGN))
    FAIL_TOKEN(p, "Rest parameter may not have a default initializer");
  if (at(p, TOKEN_COMMA))
    FAIL_TOKEN(p, "Rest parameter must be last formal parameter");
}

static AstNode *parse_paren(Parser *p) {
  if (is_untried_then(p)) return syntax_parse_then(p, parse_paren);
  Token open = p->token;
  bool may_be_arrow = p->arrow_start == open.start;
  ArrowMark mark = syntax_mark_arrow(p, open.start);
  Context saved = p->context;
  p->context.allow_in = true;
  CoverError cover = p->cover;
  p->cover.start = NO_OFFSET;
  uint32_t eager_start = p->lazy.eager_start;
  next(p);
  expect_call(p);
  bool must_be_arrow = false;
  Token odd = open;
  uint32_t count = 0;
  for (;;) {
    if (at(p, TOKEN_RIGHT_PAREN)) {
      // `()` or a trailing comma.
      must_be_arrow = true;
      odd = p->token;
      break;
    }
    if (at(p, TOKEN_ELLIPSIS)) {
      odd = p->token;
      if (!may_be_arrow) syntax_unexpected(p, &odd);
      parse_arrow_rest(p);
      must_be_arrow = true;
      break;
    }
    push_item(p, syntax_parse_assignment_cover(p));
    count++;
    if (is_converted(p) && p->items[p->item_count - 1]->type != AST_ASSIGN)
      may_be_arrow = false;
    if (p->typescript && may_be_arrow) {
      Token mark_of_type = p->token;
      if (syntax_parse_cover_annotation(p)) {
        must_be_arrow = true;
        odd = mark_of_type;
      }
    }
    if (!accept(p, TOKEN_COMMA)) break;
  }
  uint32_t inner_end = p->previous_end;
  expect(p, TOKEN_RIGHT_PAREN);
  p->context.allow_in = saved.allow_in;
  bool has_type = at(p, TOKEN_COLON) && p->typescript && may_be_arrow &&
                  syntax_try_arrow_type(p, &mark, must_be_arrow);
  if (at(p, TOKEN_ARROW) && may_be_arrow && !after_newline(p)) {
    p->cover = cover;
    p->lazy.eager_start = eager_start;
    AstNode *arrow = syntax_parse_arrow(p, &mark, false);
    if (has_type) arrow->flags |= AST_INTERNAL;
    return arrow;
  }
  if (must_be_arrow)
    syntax_unexpected(p, may_be_arrow && at(p, TOKEN_END) ? &p->token : &odd);
  syntax_check_cover(p);
  p->cover = cover;
  syntax_drop_arrow_mark(p, &mark);
  AstNode *node;
  if (count == 1) {
    node = p->items[--p->item_count];
  } else {
    uint32_t start = p->items[mark.items]->start;
    AstListNode *sequence = NEW(p, AstListNode, AST_SEQUENCE, start);
    sequence->list = syntax_take_list(p, mark.items);
    sequence->base.end = inner_end;
    node = &sequence->base;
  }
  node->flags |= AST_PARENTHESIZED;
  return node;
}

// Arguments that may be the parameters of an async arrow function; they are
// pushed as items. True: only parameters have such types.
static bool parse_cover_arguments(Parser *p, bool *has_spread) {
  bool has_types = false;
  bool allow_in = p->context.allow_in;
  p->context.allow_in = true;
  expect(p, TOKEN_LEFT_PAREN);
  while (!at(p, TOKEN_RIGHT_PAREN)) {
    if (at(p, TOKEN_ELLIPSIS)) {
      AstUnary *spread = NEW(p, AstUnary, AST_SPREAD, p->token.start);
      next(p);
      spread->operand = syntax_parse_assignment_cover(p);
      *has_spread = true;
      push_item(p, finish(p, spread));
      // Not a rest parameter when a comma follows.
      if (at(p, TOKEN_COMMA)) spread->base.flags |= AST_INTERNAL;
    } else {
      push_item(p, syntax_parse_assignment_cover(p));
    }
    if (p->typescript) has_types |= syntax_parse_cover_annotation(p);
    if (!accept(p, TOKEN_COMMA)) break;
  }
  expect(p, TOKEN_RIGHT_PAREN);
  p->context.allow_in = allow_in;
  return has_types;
}

// At `async`, no escape: an async function, arrow, call, or the identifier.
static AstNode *parse_async(Parser *p) {
  if (is_untried_then(p)) return syntax_parse_then(p, parse_async);
  Token token = p->token;
  bool may_be_arrow = p->arrow_start == token.start;
  next(p);
  if (at(p, TOKEN_FUNCTION) && !after_newline(p))
    return syntax_parse_function_expression(p, token.start, true);
  if (may_be_arrow && !after_newline(p) && token_is_identifier(p->token.type)) {
    // async x => ...
    Token parameter = p->token;
    Token following = syntax_peek(p);
    if (following.type == TOKEN_ARROW) {
      ArrowMark mark = syntax_mark_arrow(p, token.start);
      if (parameter.type == TOKEN_AWAIT)
        FAIL_TOKEN(p, "Unexpected reserved word");
      Name *name = syntax_check_identifier(p, &parameter);
      push_item(p, syntax_new_identifier(p, AST_IDENTIFIER, name,
                                         parameter.start, parameter.end));
      next(p);
      if (after_newline(p)) syntax_unexpected(p, &p->token);
      return syntax_parse_arrow(p, &mark, true);
    }
  }
  if (at(p, TOKEN_ARROW) && may_be_arrow && !after_newline(p)) {
    ArrowMark mark = syntax_mark_arrow(p, token.start);
    push_item(p, syntax_new_identifier(p, AST_IDENTIFIER, token.name,
                                       token.start, token.end));
    return syntax_parse_arrow(p, &mark, false);
  }
  bool is_generic = p->typescript && may_be_arrow && !after_newline(p) &&
                    syntax_try_type_parameters(p);
  if (!at(p, TOKEN_LEFT_PAREN) || (after_newline(p) && !is_generic) ||
      !may_be_arrow)
    return &syntax_new_reference(p, AST_IDENTIFIER, token.name, token.start,
                                 token.end)
                ->base;
  // async(...): a call, or the head of an async arrow function.
  ArrowMark mark = syntax_mark_arrow(p, token.start);
  CoverError cover = p->cover;
  p->cover.start = NO_OFFSET;
  bool has_spread = false;
  bool must_be_arrow = parse_cover_arguments(p, &has_spread);
  bool has_type = at(p, TOKEN_COLON) && p->typescript &&
                  syntax_try_arrow_type(p, &mark, must_be_arrow);
  if (at(p, TOKEN_ARROW) && !after_newline(p)) {
    p->cover = cover;
    AstNode *arrow = syntax_parse_arrow(p, &mark, true);
    if (has_type) arrow->flags |= AST_INTERNAL;
    return arrow;
  }
  if (must_be_arrow) syntax_unexpected(p, &p->token);
  syntax_check_cover(p);
  p->cover = cover;
  syntax_drop_arrow_mark(p, &mark);
  AstCall *call = NEW(p, AstCall, AST_CALL, token.start);
  call->callee = &syntax_new_reference(p, AST_IDENTIFIER, token.name,
                                       token.start, token.end)
                      ->base;
  call->has_spread = has_spread;
  call->arguments = syntax_take_list(p, mark.items);
  return finish(p, call);
}

static AstIdentifier *pseudo_reference(Parser *p, Name *name, uint32_t start) {
  return syntax_new_reference(p, AST_PSEUDO_REFERENCE, name, start, start);
}

static AstNode *parse_super(Parser *p) {
  Token token = p->token;
  next(p);
  switch (p->token.type) {
  case TOKEN_LEFT_PAREN: {
    if (!p->context.allow_super_call) break;
    AstSuperCall *call = NEW(p, AstSuperCall, AST_SUPER_CALL, token.start);
    call->active_function =
        pseudo_reference(p, p->known.function_, token.start);
    call->new_target = pseudo_reference(p, p->known.new_target, token.start);
    call->arguments = syntax_parse_arguments(p, &call->has_spread);
    call->this_reference = pseudo_reference(p, p->known.this_, token.start);
    call->this_reference->base.flags |= AST_WRITTEN;
    return finish(p, call);
  }
  case TOKEN_DOT:
  case TOKEN_LEFT_BRACKET: {
    if (!p->context.allow_super_property) break;
    AstSuperMember *member =
        NEW(p, AstSuperMember, AST_SUPER_MEMBER, token.start);
    member->home_object = pseudo_reference(p, p->known.home, token.start);
    member->this_reference = pseudo_reference(p, p->known.this_, token.start);
    if (accept(p, TOKEN_DOT)) {
      if (at(p, TOKEN_PRIVATE_NAME)) FAIL_TOKEN(p, "Unexpected private field");
      if (!token_is_identifier_name(p->token.type))
        syntax_unexpected(p, &p->token);
      member->name = p->token.name;
      next(p);
    } else {
      bool allow_in = p->context.allow_in;
      p->context.allow_in = true;
      next(p);
      member->index = syntax_parse_expression(p);
      expect(p, TOKEN_RIGHT_BRACKET);
      p->context.allow_in = allow_in;
    }
    return finish(p, member);
  }
  default:
    break;
  }
  FAIL(p, token.start, token.end, "'super' keyword unexpected here");
}

static AstNode *import_meta(Parser *p, uint32_t start) {
  if (p->module)
    syntax_module_set_import_meta(p);
  else if (p->options->goal != SYNTAX_LAZY)
    FAIL(p, start, p->previous_end,
         "Cannot use 'import.meta' outside a "
         "module");
  return finish(p, NEW(p, AstNode, AST_IMPORT_META, start));
}

static AstNode *parse_import_expression(Parser *p) {
  uint32_t start = p->token.start;
  next(p);
  ModulePhase phase = PHASE_EVALUATION;
  if (accept(p, TOKEN_DOT)) {
    if (accept_word(p, p->known.defer)) {
      phase = PHASE_DEFER;
    } else if (accept_word(p, p->known.source)) {
      phase = PHASE_SOURCE;
    } else if (accept_word(p, p->known.meta)) {
      return import_meta(p, start);
    } else {
      syntax_unexpected(p, &p->token);
    }
  }
  if (!at(p, TOKEN_LEFT_PAREN)) {
    if (phase != PHASE_EVALUATION || p->options->goal == SYNTAX_MODULE)
      syntax_unexpected(p, &p->token);
    FAIL(p, start, p->previous_end,
         "Cannot use import statement outside a module");
  }
  bool allow_in = p->context.allow_in;
  p->context.allow_in = true;
  next(p);
  if (at(p, TOKEN_RIGHT_PAREN)) FAIL_TOKEN(p, "import() requires a specifier");
  AstImportCall *call = NEW(p, AstImportCall, AST_IMPORT_CALL, start);
  call->phase = phase;
  call->specifier = syntax_parse_assignment(p);
  if (accept(p, TOKEN_COMMA) && !at(p, TOKEN_RIGHT_PAREN)) {
    call->options = syntax_parse_assignment(p);
    accept(p, TOKEN_COMMA);
  }
  expect(p, TOKEN_RIGHT_PAREN);
  p->context.allow_in = allow_in;
  return finish(p, call);
}

static AstNode *parse_regexp(Parser *p) {
  AstRegExp *regexp = NEW(p, AstRegExp, AST_REGEXP, p->token.start);
  syntax_scan_regexp(&p->lexer, &p->token, &regexp->pattern, &regexp->flags);
  const SyntaxHost *host = p->options->host;
  if (host && host->validate_regexp) {
    char message[160] = "";
    if (!host->validate_regexp(host->data, regexp->pattern, regexp->flags,
                               p->options->watch, message, sizeof(message))) {
      if (message[0] == 0) p->lexer.arena.fail(p->lexer.arena.data);
      char pattern[80];
      char flags[16];
      syntax_name_to_utf8(regexp->pattern, pattern, sizeof(pattern));
      syntax_name_to_utf8(regexp->flags, flags, sizeof(flags));
      FAIL_TOKEN(p, "Invalid regular expression: /%s/%s: %s", pattern, flags,
                 message);
    }
  }
  next(p);
  return finish(p, regexp);
}

// %Name(...) of self-hosted code: the token is `%`.
static AstNode *parse_intrinsic_call(Parser *p) {
  AstIntrinsicCall *call =
      NEW(p, AstIntrinsicCall, AST_INTRINSIC_CALL, p->token.start);
  next(p);
  if (!token_is_identifier_name(p->token.type)) syntax_unexpected(p, &p->token);
  call->name = p->token.name;
  next(p);
  bool has_spread = false;
  call->arguments = syntax_parse_arguments(p, &has_spread);
  if (has_spread)
    FAIL(p, call->base.start, p->previous_end,
         "Intrinsics take no spread arguments");
  return finish(p, call);
}

static AstNode *parse_word(Parser *p, AstType type) {
  AstNode *node = NEW(p, AstNode, type, p->token.start);
  next(p);
  return finish(p, node);
}

AstNode *syntax_parse_primary(Parser *p) {
  switch (p->token.type) {
  case TOKEN_NAME:
  case TOKEN_AS:
  case TOKEN_SATISFIES:
  case TOKEN_AWAIT:
  case TOKEN_LET:
  case TOKEN_STATIC:
  case TOKEN_YIELD:
  case TOKEN_STRICT_RESERVED:
    return parse_identifier_expression(p);
  case TOKEN_ASYNC:
    return parse_async(p);
  case TOKEN_THIS: {
    Token token = p->token;
    next(p);
    return &syntax_new_reference(p, AST_THIS, p->known.this_, token.start,
                                 token.end)
                ->base;
  }
  case TOKEN_NULL:
    return parse_word(p, AST_NULL);
  case TOKEN_TRUE:
    return parse_word(p, AST_TRUE);
  case TOKEN_FALSE:
    return parse_word(p, AST_FALSE);
  case TOKEN_NUMBER:
  case TOKEN_BIGINT:
    return syntax_parse_number(p);
  case TOKEN_STRING:
    return syntax_parse_string(p);
  case TOKEN_TEMPLATE:
    return syntax_parse_template(p, false);
  case TOKEN_LEFT_PAREN:
    return parse_paren(p);
  case TOKEN_LEFT_BRACKET:
    return syntax_parse_array(p);
  case TOKEN_LEFT_BRACE:
    return syntax_parse_object(p);
  case TOKEN_FUNCTION:
    return syntax_parse_function_expression(p, p->token.start, false);
  case TOKEN_AT:
  case TOKEN_CLASS:
    return syntax_parse_class(p, AST_CLASS, true);
  case TOKEN_NEW:
    return syntax_parse_new(p);
  case TOKEN_SUPER:
    return parse_super(p);
  case TOKEN_IMPORT:
    return parse_import_expression(p);
  case TOKEN_DIVIDE:
  case TOKEN_DIVIDE_ASSIGN:
    return parse_regexp(p);
  case TOKEN_REMAINDER:
    if (p->options->self_hosted) return parse_intrinsic_call(p);
    break;
  default:
    break;
  }
  syntax_unexpected(p, &p->token);
}
