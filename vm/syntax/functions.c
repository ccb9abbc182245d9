// SPDX-License-Identifier: MIT
// Functions of every form: heads, parameters, bodies and directives, arrow
// functions (ECMA-262 15.1 to 15.8, Annex B.3.1).
#include "vm/syntax/parser.h"

AstFunction *syntax_new_function(Parser *p, const FunctionHead *head) {
  AstFunction *function = NEW(p, AstFunction, head->type, head->start);
  function->kind = (uint8_t)head->kind;
  function->is_async = head->is_async;
  function->is_generator = head->is_generator;
  function->name = head->name;
  function->source_start = head->start;
  function->is_in_loop = p->context.in_loop;
  function->outer = p->context.function;
  function->index = p->function_count++;
  return function;
}

// Does a pattern evaluate anything: a default or a computed key?
static bool has_expression(const AstNode *target) {
  switch (target->type) {
  case AST_PATTERN_DEFAULT:
    return true;
  case AST_REST:
    return has_expression(((const AstUnary *)target)->operand);
  case AST_PATTERN_PROPERTY:
    return target->flags & AST_COMPUTED ||
           has_expression(((const AstProperty *)target)->value);
  case AST_ARRAY_PATTERN:
  case AST_OBJECT_PATTERN: {
    AstList list = ((const AstListNode *)target)->list;
    for (uint32_t i = 0; i < list.count; i++)
      if (list.items[i] && has_expression(list.items[i])) return true;
    return false;
  }
  default:
    return false;
  }
}

static _Noreturn void fail_duplicate(Parser *p, const AstIdentifier *name) {
  FAIL_NODE(p, name, "Duplicate parameter name not allowed in this context");
}

// Declares the parameters and sets what the function knows about them. Returns
// the first duplicate, which is then allowed in sloppy code only.
static AstIdentifier *declare_parameters(Parser *p, AstFunction *function) {
  AstList parameters = function->parameters;
  bool simple = true, counting = true, expressions = false;
  for (uint32_t i = 0; i < parameters.count; i++) {
    AstNode *parameter = parameters.items[i];
    if (parameter->type != AST_BINDING_IDENTIFIER) simple = false;
    if (parameter->type == AST_REST) function->has_rest = true;
    if (parameter->type == AST_PATTERN_DEFAULT || parameter->type == AST_REST)
      counting = false;
    if (counting) function->length++;
    if (!expressions) expressions = has_expression(parameter);
  }
  function->has_simple_parameters = simple;
  function->has_parameter_expressions = expressions;
  p->duplicate_parameter = NULL;
  for (uint32_t i = 0; i < parameters.count; i++) {
    AstNode *parameter = parameters.items[i];
    syntax_declare_target(p, parameter, BINDING_PARAMETER,
                          expressions ? parameter->end : 0);
    if (parameter->type == AST_BINDING_IDENTIFIER) {
      Binding *binding = ((AstIdentifier *)parameter)->binding;
      binding->is_simple_parameter = true;
      binding->parameter_index = (int32_t)i;
    }
  }
  AstIdentifier *duplicate = p->duplicate_parameter;
  if (duplicate && (!simple || function->kind != FUNCTION_NORMAL))
    fail_duplicate(p, duplicate);
  function->has_duplicate_parameters = duplicate != NULL;
  return duplicate;
}

static void check_strict_target(Parser *p, AstNode *target) {
  switch (target->type) {
  case AST_BINDING_IDENTIFIER:
    syntax_check_strict_binding(p, (AstIdentifier *)target);
    return;
  case AST_PATTERN_DEFAULT:
    check_strict_target(p, ((AstBinary *)target)->left);
    return;
  default:
    // Other forms are not simple, so no directive can follow them.
    return;
  }
}

static void parse_directive(Parser *p, AstFunction *function,
                            const Token *token) {
  if (token->name != p->known.use_strict || token->flags & TOKEN_HAS_ESCAPE)
    return;
  if (!function->has_simple_parameters && function->parameters.count)
    FAIL(p, token->start, token->end,
         "Illegal 'use strict' directive in function with non-simple parameter "
         "list");
  function->has_use_strict = true;
  p->context.strict = true;
  p->scope->is_strict = true;
  function->scope->is_strict = true;
}

AstList syntax_parse_body(Parser *p, AstFunction *function, TokenType end) {
  uint32_t mark = p->item_count;
  Token octal = {0};
  while (at(p, TOKEN_STRING)) {
    Token token = p->token;
    if (token.flags & TOKEN_LEGACY_OCTAL && !octal.type) octal = token;
    AstNode *statement = syntax_parse_statement_list_item(p);
    push_item(p, statement);
    if (statement->type != AST_EXPRESSION_STATEMENT) break;
    AstNode *operand = ((AstUnary *)statement)->operand;
    if (operand->type != AST_STRING || is_parenthesized(operand)) break;
    parse_directive(p, function, &token);
    if (p->context.strict && octal.type)
      syntax_fail_octal(p, octal.octal_offset);
  }
  while (!at(p, end))
    push_item(p, syntax_parse_statement_list_item(p));
  return syntax_take_list(p, mark);
}

static AstNode *parse_typed_parameter(Parser *p) {
  if (syntax_at_modifier(p)) syntax_refuse_parameter_property(p);
  AstNode *target = syntax_parse_binding_target(p);
  if (at(p, TOKEN_QUESTION)) syntax_erase_token(p);
  if (at(p, TOKEN_COLON)) syntax_erase_annotation(p);
  return syntax_parse_binding_default(p, target);
}

// Parameters up to `end`, which is not consumed.
static void parse_parameter_list(Parser *p, AstFunction *function,
                                 TokenType end) {
  uint32_t mark = p->item_count;
  if (p->typescript && at(p, TOKEN_THIS)) syntax_erase_this_parameter(p);
  while (!at(p, end)) {
    if (at(p, TOKEN_ELLIPSIS)) {
      AstUnary *rest = NEW(p, AstUnary, AST_REST, p->token.start);
      next(p);
      rest->operand = syntax_parse_binding_target(p);
      push_item(p, finish(p, rest));
      if (p->typescript && at(p, TOKEN_COLON)) syntax_erase_annotation(p);
      if (at(p, TOKEN_ASSIGN))
        FAIL_TOKEN(p, "Rest parameter may not have a default initializer");
      if (p->types.is_ambient) accept(p, TOKEN_COMMA);
      if (at(p, TOKEN_COMMA))
        FAIL_TOKEN(p, "Rest parameter must be last formal parameter");
      break;
    }
    push_item(p, p->typescript ? parse_typed_parameter(p)
                               : syntax_parse_binding_element(p));
    if (!at(p, end)) {
      if (!at(p, TOKEN_COMMA) && token_is_identifier(p->token.type))
        FAIL_TOKEN(p, "missing ) after formal parameters");
      expect(p, TOKEN_COMMA);
    }
  }
  if (!at(p, end)) syntax_unexpected(p, &p->token);
  function->parameters = syntax_take_list(p, mark);
}

static void parse_parameters(Parser *p, AstFunction *function) {
  if (p->typescript && at(p, TOKEN_LESS)) syntax_erase_type_parameters(p);
  expect(p, TOKEN_LEFT_PAREN);
  parse_parameter_list(p, function, TOKEN_RIGHT_PAREN);
  uint32_t end = p->token.end;
  next(p);
  AstList list = function->parameters;
  if (function->kind == FUNCTION_GETTER && list.count)
    FAIL(p, list.items[0]->start, end,
         "Getter must not have any formal parameters.");
  if (function->kind == FUNCTION_SETTER &&
      (list.count != 1 || list.items[0]->type == AST_REST))
    FAIL(p, list.count ? list.items[0]->start : end - 1, end,
         list.count == 1
             ? "Setter function argument must not be a rest parameter"
             : "Setter must have exactly one formal parameter.");
  if (p->typescript && at(p, TOKEN_COLON)) syntax_erase_return_type(p);
}

// Does the signature of a function end here, without a body?
static bool at_signature_end(const Parser *p) {
  return at(p, TOKEN_SEMICOLON) || at(p, TOKEN_RIGHT_BRACE) ||
         at(p, TOKEN_END) || (after_newline(p) && !at(p, TOKEN_LEFT_BRACE));
}

// Braces, statements and the scopes of a body, once the parameters are
// declared. Stops at the closing brace.
static LazyMark parse_block_body(Parser *p, AstFunction *function,
                                 bool was_strict, AstIdentifier *duplicate) {
  p->context.in_parameters = false;
  p->context.allow_return = true;
  p->context.allow_in = true;
  p->context.targets = NULL;
  p->context.in_loop = false;
  function->body_start = p->token.start;
  LazyMark lazy = syntax_lazy_begin(p, function);
  if (lazy.body) {
    syntax_lazy_skip(p, function, &lazy);
    return lazy;
  }
  expect(p, TOKEN_LEFT_BRACE);
  uint32_t body_mark = 0;
  Scope *body = function->scope;
  if (function->has_parameter_expressions)
    body = syntax_open_scope(p, SCOPE_FUNCTION_BODY, function->body_start,
                             &body_mark);
  function->body_scope = body;
  function->body = syntax_parse_body(p, function, TOKEN_RIGHT_BRACE);
  if (p->context.strict) {
    if (duplicate) fail_duplicate(p, duplicate);
    if (!was_strict) {
      if (function->name) syntax_check_strict_binding(p, function->name);
      for (uint32_t i = 0; i < function->parameters.count; i++)
        check_strict_target(p, function->parameters.items[i]);
    }
  }
  function->is_strict = p->context.strict;
  syntax_settle_annex_b(p, body);
  p->previous_end = p->token.end;
  if (body != function->scope) syntax_close_scope(p, body_mark);
  return lazy;
}

static void end_function(Parser *p, AstFunction *function, uint32_t mark,
                         const LazyMark *lazy) {
  syntax_close_scope(p, mark);
  finish(p, function);
  function->source_end = function->base.end;
  if (lazy && lazy->may_drop) syntax_lazy_end(p, function, lazy);
}

// What holds inside `function`, from its parameters on.
static Context function_context(const Context *outer, AstFunction *function) {
  return (Context){
      .function = function,
      .strict = outer->strict,
      .allow_in = true,
      .await_operator = function->is_async,
      .await_reserved = outer->await_reserved,
      .yield_operator = function->is_generator,
      .in_parameters = true,
      .allow_new_target = true,
      .allow_super_property = function->kind != FUNCTION_NORMAL,
      .allow_super_call = function->kind == FUNCTION_DERIVED_CONSTRUCTOR,
  };
}

AstFunction *syntax_parse_function_rest(Parser *p, const FunctionHead *head) {
  syntax_check_stack(p);
  AstFunction *function = syntax_new_function(p, head);
  function->rest_start = p->token.start;
  Context saved = p->context;
  uint32_t last_await = p->last_await, last_yield = p->last_yield;
  uint32_t last_identifier = p->last_await_identifier;
  p->context = function_context(&saved, function);
  uint32_t mark;
  function->scope = syntax_open_scope(p, SCOPE_FUNCTION, p->token.start, &mark);
  function->scope->function = function;
  parse_parameters(p, function);
  if (head->may_lack_body && at_signature_end(p)) {
    // Its parameters have not been declared yet.
    p->context = saved;
    p->scope = function->scope->parent;
    p->reference_count = mark;
    p->function_count = function->index;
    return NULL;
  }
  AstIdentifier *duplicate = declare_parameters(p, function);
  if (duplicate && saved.strict) fail_duplicate(p, duplicate);
  LazyMark lazy = parse_block_body(p, function, saved.strict, duplicate);
  // The function of the Function constructor does not see its own name.
  bool is_dynamic = p->options->goal == SYNTAX_DYNAMIC_FUNCTION &&
                    saved.function->kind == FUNCTION_SCRIPT;
  if (head->type == AST_FUNCTION && head->name && !is_dynamic &&
      !syntax_find_binding(head->name->name, function->scope)) {
    function->name_binding =
        syntax_add_binding(p, function->scope, head->name->name,
                           BINDING_FUNCTION_NAME, head->name->base.start);
    head->name->binding = function->name_binding;
    head->name->base.resolution = REFERENCE_LOCAL;
  }
  p->context = saved;
  p->last_await = last_await;
  p->last_yield = last_yield;
  p->last_await_identifier = last_identifier;
  // The closing brace belongs to the function; what follows is lexed outside.
  uint32_t end = p->token.end;
  p->previous_end = end;
  end_function(p, function, mark, &lazy);
  next(p);
  return function;
}

// The name of a function, which `await` and `yield` restrict in their own way.
static AstIdentifier *parse_function_name(Parser *p) {
  Token token = p->token;
  Name *name = syntax_check_identifier(p, &token);
  AstIdentifier *identifier = syntax_new_identifier(
      p, AST_BINDING_IDENTIFIER, name, token.start, token.end);
  if (p->context.strict) syntax_check_strict_binding(p, identifier);
  next(p);
  return identifier;
}

AstNode *syntax_parse_function_expression(Parser *p, uint32_t start,
                                          bool is_async) {
  FunctionHead head = {.kind = FUNCTION_NORMAL,
                       .type = AST_FUNCTION,
                       .is_async = is_async,
                       .start = start};
  next(p);
  head.is_generator = accept(p, TOKEN_MULTIPLY);
  if (!at(p, TOKEN_LEFT_PAREN) && !(p->typescript && at(p, TOKEN_LESS))) {
    // An expression's name is inside its own function.
    Context saved = p->context;
    p->context.await_operator = is_async;
    p->context.yield_operator = head.is_generator;
    p->context.in_static_block = false;
    p->context.in_class_field = false;
    uint32_t last_identifier = p->last_await_identifier;
    head.name = parse_function_name(p);
    p->last_await_identifier = last_identifier;
    p->context = saved;
  }
  return &syntax_parse_function_rest(p, &head)->base;
}

AstNode *syntax_parse_function_declaration(Parser *p, uint32_t start,
                                           bool is_async, bool name_optional) {
  FunctionHead head = {.kind = FUNCTION_NORMAL,
                       .type = AST_FUNCTION_DECLARATION,
                       .is_async = is_async,
                       .start = start,
                       .may_lack_body = p->typescript};
  uint32_t erasures = p->types.erasure_count;
  next(p);
  head.is_generator = accept(p, TOKEN_MULTIPLY);
  bool has_name = !at(p, TOKEN_LEFT_PAREN) &&
                  !(name_optional && p->typescript && at(p, TOKEN_LESS));
  if (!has_name && !name_optional)
    FAIL_TOKEN(p, "Function statements require a function name");
  if (has_name) head.name = parse_function_name(p);
  AstFunction *function = syntax_parse_function_rest(p, &head);
  if (!function) {
    accept(p, TOKEN_SEMICOLON);
    return syntax_end_erased(p, start, erasures);
  }
  if (head.name) syntax_declare_function(p, function);
  return &function->base;
}

ArrowMark syntax_mark_arrow(Parser *p, uint32_t start) {
  ArrowMark mark = {
      .start = start,
      .is_then = start == p->types.then_start,
      .references = p->reference_count,
      .items = p->item_count,
      .last_child = p->scope->last_child,
      .has_direct_eval = p->scope->has_direct_eval,
  };
  p->scope->has_direct_eval = false;
  return mark;
}

void syntax_drop_arrow_mark(Parser *p, const ArrowMark *mark) {
  p->scope->has_direct_eval |= mark->has_direct_eval;
}

// The scopes that the parameters' expressions opened become the arrow's.
static void adopt_scopes(Scope *outer, Scope *arrow, const ArrowMark *mark) {
  Scope *first =
      mark->last_child ? mark->last_child->next_sibling : outer->first_child;
  arrow->has_direct_eval = outer->has_direct_eval;
  outer->has_direct_eval = mark->has_direct_eval;
  if (!first) return;
  arrow->first_child = first;
  arrow->last_child = outer->last_child;
  for (Scope *child = first; child; child = child->next_sibling)
    child->parent = arrow;
  outer->last_child = mark->last_child;
  if (mark->last_child)
    mark->last_child->next_sibling = NULL;
  else
    outer->first_child = NULL;
}

static void check_arrow_parameters(Parser *p, const ArrowMark *mark,
                                   bool is_async) {
  if (p->last_yield > mark->start)
    FAIL(p, p->last_yield - 1, p->last_yield + 4,
         "Yield expression not allowed in formal parameter");
  if (p->last_await > mark->start)
    FAIL(p, p->last_await - 1, p->last_await + 4,
         "Illegal await-expression in formal parameters of async function");
  if (is_async && p->last_await_identifier > mark->start)
    FAIL(p, p->last_await_identifier - 1, p->last_await_identifier + 4,
         "Unexpected reserved word");
}

AstNode *syntax_parse_arrow(Parser *p, const ArrowMark *mark, bool is_async) {
  check_arrow_parameters(p, mark, is_async);
  FunctionHead head = {.kind = FUNCTION_ARROW,
                       .type = AST_ARROW,
                       .is_async = is_async,
                       .start = mark->start};
  AstFunction *function = syntax_new_function(p, &head);
  Scope *outer = p->scope;
  uint32_t unused;
  function->scope = syntax_open_scope(p, SCOPE_FUNCTION, mark->start, &unused);
  function->scope->function = function;
  adopt_scopes(outer, function->scope, mark);
  for (uint32_t i = mark->items; i < p->item_count; i++)
    syntax_to_binding_target(p, p->items[i]);
  function->parameters = syntax_take_list(p, mark->items);
  AstIdentifier *duplicate = declare_parameters(p, function);
  Context saved = p->context;
  p->context.function = function;
  p->context.targets = NULL;
  p->context.await_operator = is_async;
  p->context.yield_operator = false;
  p->context.in_parameters = false;
  p->context.in_static_block = false;
  p->context.in_loop = false;
  uint32_t last_await = p->last_await, last_yield = p->last_yield;
  expect(p, TOKEN_ARROW);
  // What the function returns is still between `?` and `:`.
  if (mark->is_then) p->types.then_start = p->token.start;
  if (at(p, TOKEN_LEFT_BRACE)) {
    LazyMark lazy = parse_block_body(p, function, saved.strict, duplicate);
    p->context = saved;
    end_function(p, function, mark->references, &lazy);
    next(p);
  } else {
    function->is_expression_body = true;
    function->body_start = p->token.start;
    function->body_scope = function->scope;
    uint32_t body_mark = 0;
    if (function->has_parameter_expressions)
      function->body_scope = syntax_open_scope(
          p, SCOPE_FUNCTION_BODY, function->body_start, &body_mark);
    AstUnary *body = NEW(p, AstUnary, AST_RETURN, p->token.start);
    body->operand = syntax_parse_assignment(p);
    finish(p, body);
    push_item(p, body);
    function->body = syntax_take_list(p, p->item_count - 1);
    function->is_strict = p->context.strict;
    p->context = saved;
    if (function->body_scope != function->scope)
      syntax_close_scope(p, body_mark);
    end_function(p, function, mark->references, NULL);
  }
  p->last_await = last_await;
  p->last_yield = last_yield;
  return &function->base;
}

// The parameters or the body of a dynamic function, alone in the text.
void syntax_parse_fragment(Parser *p, bool is_body) {
  FunctionHead head = {.kind = FUNCTION_NORMAL,
                       .type = AST_FUNCTION,
                       .is_async = p->options->is_async,
                       .is_generator = p->options->is_generator};
  AstFunction *function = syntax_new_function(p, &head);
  p->context = function_context(&p->context, function);
  uint32_t mark;
  function->scope = syntax_open_scope(p, SCOPE_FUNCTION, 0, &mark);
  function->scope->function = function;
  if (is_body) {
    p->context.in_parameters = false;
    p->context.allow_return = true;
    function->has_simple_parameters = true;
    function->body = syntax_parse_body(p, function, TOKEN_END);
  } else {
    parse_parameter_list(p, function, TOKEN_END);
    declare_parameters(p, function);
  }
}

// The whole text as the body of a function with the given parameters.
AstNode *syntax_parse_wrapped(Parser *p, const char *const *parameters,
                              uint32_t count) {
  FunctionHead head = {.kind = FUNCTION_NORMAL, .type = AST_FUNCTION};
  AstFunction *function = syntax_new_function(p, &head);
  Context saved = p->context;
  p->context = function_context(&saved, function);
  p->context.in_parameters = false;
  p->context.allow_return = true;
  uint32_t mark;
  function->scope = syntax_open_scope(p, SCOPE_FUNCTION, 0, &mark);
  function->scope->function = function;
  function->body_scope = function->scope;
  uint32_t items = p->item_count;
  for (uint32_t i = 0; i < count; i++) {
    Name *name = syntax_intern_text(&p->lexer.names, parameters[i]);
    push_item(p, syntax_new_identifier(p, AST_BINDING_IDENTIFIER, name, 0, 0));
  }
  function->parameters = syntax_take_list(p, items);
  declare_parameters(p, function);
  function->body = syntax_parse_body(p, function, TOKEN_END);
  function->is_strict = p->context.strict;
  syntax_settle_annex_b(p, function->scope);
  p->context = saved;
  p->previous_end = p->lexer.length;
  end_function(p, function, mark, NULL);
  AstUnary *statement = NEW(p, AstUnary, AST_EXPRESSION_STATEMENT, 0);
  statement->operand = &function->base;
  return finish(p, statement);
}
