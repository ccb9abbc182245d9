// SPDX-License-Identifier: MIT
// What a TypeScript text leaves out when it runs, and going back in the text:
// whether `<` begins type arguments, or a parenthesis an arrow function, may
// show only far behind it. A place that has failed once is remembered, so that
// no text is read more often than it has levels of nesting.
#include "vm/syntax/parser.h"

void syntax_typescript_begin(Parser *p) {
  NameTable *names = &p->lexer.names;
  syntax_intern_text(names, "as")->keyword = TOKEN_AS;
  syntax_intern_text(names, "satisfies")->keyword = TOKEN_SATISFIES;
  TypeWords *words = &p->types.words;
#define WORD(field, text) words->field = syntax_intern_text(names, text)
  WORD(abstract, "abstract");
  WORD(asserts, "asserts");
  WORD(declare, "declare");
  WORD(global, "global");
  WORD(implements, "implements");
  WORD(infer, "infer");
  WORD(interface, "interface");
  WORD(is, "is");
  WORD(keyof, "keyof");
  WORD(module, "module");
  WORD(namespace, "namespace");
  WORD(out, "out");
  WORD(override, "override");
  WORD(private_, "private");
  WORD(protected_, "protected");
  WORD(public_, "public");
  WORD(readonly, "readonly");
  WORD(require, "require");
  WORD(type, "type");
  WORD(unique, "unique");
#undef WORD
  static const char *const plain[PLAIN_TYPE_COUNT] = {
      "any",    "bigint", "boolean", "never",     "number",
      "object", "string", "symbol",  "undefined", "unknown"};
  for (int i = 0; i < PLAIN_TYPE_COUNT; i++)
    words->plain[i] = syntax_intern_text(names, plain[i]);
}

void syntax_typescript_end(Parser *p, ParseResult *result) {
  uint32_t count = p->types.erasure_count;
  if (!count) return;
  size_t size = count * sizeof(SyntaxErasure);
  SyntaxErasure *erasures = arena_alloc(&p->lexer.arena, size);
  memcpy(erasures, p->types.erasures, size);
  result->erasures = erasures;
  result->erasure_count = count;
}

// ---- Erasures ---------------------------------------------------------------

void syntax_erase_but(Parser *p, uint32_t start, uint32_t end, char first,
                      char last) {
  TypeState *types = &p->types;
  if (types->erasure_count == types->erasure_capacity)
    types->erasures = syntax_grow(p, types->erasures, &types->erasure_capacity,
                                  sizeof(*types->erasures));
  types->erasures[types->erasure_count++] =
      (SyntaxErasure){start, end, first, last};
}

void syntax_erase(Parser *p, uint32_t start, uint32_t end) {
  syntax_erase_but(p, start, end, 0, 0);
}

void syntax_erase_token(Parser *p) {
  syntax_erase(p, p->token.start, p->token.end);
  next(p);
}

// Would a line that begins with this token go on with the one before?
static bool continues_line(TokenType type) {
  switch (type) {
  case TOKEN_LEFT_PAREN:
  case TOKEN_LEFT_BRACKET:
  case TOKEN_TEMPLATE:
  case TOKEN_ADD:
  case TOKEN_SUBTRACT:
  case TOKEN_MULTIPLY:
  case TOKEN_DIVIDE:
  case TOKEN_DIVIDE_ASSIGN:
  case TOKEN_LESS:
  case TOKEN_SHIFT_LEFT:
  case TOKEN_IN:
  case TOKEN_INSTANCEOF:
    return true;
  default:
    return false;
  }
}

void syntax_erase_whole(Parser *p, uint32_t start, uint32_t mark) {
  p->types.erasure_count = mark;
  syntax_erase_but(p, start, p->previous_end,
                   continues_line(p->token.type) ? ';' : 0, 0);
}

bool syntax_has_newline(const Parser *p, uint32_t start, uint32_t end) {
  for (uint32_t i = start; i < end; i++)
    if (is_line_terminator(lexer_unit(&p->lexer, i))) return true;
  return false;
}

void syntax_erase_annotation(Parser *p) {
  uint32_t start = p->token.start;
  expect(p, TOKEN_COLON);
  syntax_skip_type(p);
  syntax_erase(p, start, p->previous_end);
}

void syntax_erase_return_type(Parser *p) {
  uint32_t start = p->token.start;
  expect(p, TOKEN_COLON);
  syntax_skip_return_type(p);
  syntax_erase(p, start, p->previous_end);
}

void syntax_erase_type_parameters(Parser *p) {
  uint32_t start = p->token.start;
  syntax_skip_type_parameters(p);
  syntax_erase(p, start, p->previous_end);
}

void syntax_erase_type_arguments(Parser *p) {
  uint32_t start = p->token.start;
  syntax_skip_type_arguments(p);
  syntax_erase(p, start, p->previous_end);
}

void syntax_erase_conversion(Parser *p) {
  uint32_t start = p->token.start;
  next(p);
  // `as const`
  if (!accept(p, TOKEN_CONST)) syntax_skip_type(p);
  p->types.converted_end = p->previous_end;
  // What a new line begins with is a statement of its own behind a type.
  bool ends_statement =
      after_newline(p) && (at(p, TOKEN_LEFT_PAREN) ||
                           at(p, TOKEN_LEFT_BRACKET) || at(p, TOKEN_TEMPLATE));
  syntax_erase_but(p, start, p->previous_end, ends_statement ? ';' : 0, 0);
}

void syntax_blank_erasures(const ParseResult *result, void *units) {
  bool wide = result->source->kind == SOURCE_UTF16;
  uint16_t *utf16 = units;
  uint8_t *latin1 = units;
  for (uint32_t i = 0; i < result->erasure_count; i++) {
    SyntaxErasure erasure = result->erasures[i];
    for (uint32_t k = erasure.start; k < erasure.end; k++) {
      if (is_line_terminator(source_unit(result->source, k))) continue;
      char c = ' ';
      if (k == erasure.start && erasure.first) c = erasure.first;
      if (k + 1 == erasure.end && erasure.last) c = erasure.last;
      if (wide)
        utf16[k] = (uint8_t)c;
      else
        latin1[k] = (uint8_t)c;
    }
  }
}

// ---- Going back -------------------------------------------------------------

Checkpoint syntax_checkpoint(Parser *p) {
  return (Checkpoint){
      .token = p->token,
      .position = p->lexer.position,
      .previous_end = p->previous_end,
      .context = p->context,
      .scope = p->scope,
      .last_child = p->scope->last_child,
      .scope_has_direct_eval = p->scope->has_direct_eval,
      .cover = p->cover,
      .arrow_start = p->arrow_start,
      .last_await = p->last_await,
      .last_yield = p->last_yield,
      .last_await_identifier = p->last_await_identifier,
      .item_count = p->item_count,
      .reference_count = p->reference_count,
      .candidate_count = p->candidate_count,
      .function_count = p->function_count,
      .erasure_count = p->types.erasure_count,
      .open_count = p->types.open_count,
      .has_direct_eval = p->has_direct_eval,
      .labels_allow_function = p->labels_allow_function,
      .no_conditional = p->types.no_conditional,
      .extends_read = p->types.extends_read,
      .is_ambient = p->types.is_ambient,
      .duplicate_parameter = p->duplicate_parameter,
      .decorators = p->decorators,
  };
}

void syntax_discard(Parser *p, const Checkpoint *to) {
  syntax_abandon_scopes(p, to->scope);
  Scope *scope = to->scope;
  scope->last_child = to->last_child;
  if (to->last_child)
    to->last_child->next_sibling = NULL;
  else
    scope->first_child = NULL;
  scope->has_direct_eval = to->scope_has_direct_eval;
  p->context = to->context;
  p->cover = to->cover;
  p->last_await = to->last_await;
  p->last_yield = to->last_yield;
  p->last_await_identifier = to->last_await_identifier;
  p->item_count = to->item_count;
  p->reference_count = to->reference_count;
  p->candidate_count = to->candidate_count;
  p->function_count = to->function_count;
  p->has_direct_eval = to->has_direct_eval;
  p->labels_allow_function = to->labels_allow_function;
  p->types.no_conditional = to->no_conditional;
  p->types.extends_read = to->extends_read;
  p->types.is_ambient = to->is_ambient;
  p->duplicate_parameter = to->duplicate_parameter;
  p->decorators = to->decorators;
}

void syntax_go_back(Parser *p, const Checkpoint *to) {
  syntax_discard(p, to);
  p->token = to->token;
  p->lexer.position = to->position;
  p->previous_end = to->previous_end;
  p->arrow_start = to->arrow_start;
  p->types.erasure_count = to->erasure_count;
}

// The index of the first failure at or behind `start`.
static uint32_t find_failure(const TypeState *types, uint32_t start) {
  uint32_t low = 0, high = types->failed_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (types->failed[middle] < start)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

bool syntax_has_failed(const Parser *p, uint32_t start) {
  const TypeState *types = &p->types;
  uint32_t i = find_failure(types, start);
  return i < types->failed_count && types->failed[i] == start;
}

void syntax_note_failure(Parser *p, uint32_t start) {
  TypeState *types = &p->types;
  uint32_t i = find_failure(types, start);
  if (i < types->failed_count && types->failed[i] == start) return;
  if (types->failed_count == types->failed_capacity)
    types->failed = syntax_grow(p, types->failed, &types->failed_capacity,
                                sizeof(*types->failed));
  memmove(types->failed + i + 1, types->failed + i,
          (types->failed_count++ - i) * sizeof(*types->failed));
  types->failed[i] = start;
}

void syntax_note_open(Parser *p, uint32_t start) {
  TypeState *types = &p->types;
  if (types->open_count == types->open_capacity)
    types->open = syntax_grow(p, types->open, &types->open_capacity,
                              sizeof(*types->open));
  types->open[types->open_count++] = start;
}

static bool parse_type_arguments(Parser *p, void *data);

bool syntax_try(Parser *p, bool (*parse)(Parser *p, void *data), void *data) {
  Checkpoint start = syntax_checkpoint(p);
  jmp_buf outer;
  memcpy(&outer, &p->lexer.escape, sizeof(outer));
  volatile bool good = false;
  p->lexer.speculations++;
  if (setjmp(p->lexer.escape) == 0) good = parse(p, data);
  memcpy(&p->lexer.escape, &outer, sizeof(outer));
  p->lexer.speculations--;
  if (good) return true;
  // Many comparisons in one list look like deep types: they are no error.
  if (p->lexer.is_fatal && (parse != parse_type_arguments ||
                            p->lexer.error->type == SYNTAX_ERROR_MEMORY))
    longjmp(p->lexer.escape, 1);
  p->lexer.is_fatal = false;
  *p->lexer.error = (SyntaxError){0};
  // The lists that were open when it failed fail wherever one begins.
  while (p->types.open_count > start.open_count)
    syntax_note_failure(p, p->types.open[--p->types.open_count]);
  syntax_go_back(p, &start);
  return false;
}

// ---- Type arguments and arrow functions in expressions ----------------------

// May this token begin an expression, so that `a<b>c` is a comparison?
static bool begins_expression(TokenType type) {
  switch (type) {
  case TOKEN_PRIVATE_NAME:
  case TOKEN_CLASS:
  case TOKEN_DELETE:
  case TOKEN_FALSE:
  case TOKEN_FUNCTION:
  case TOKEN_IMPORT:
  case TOKEN_NEW:
  case TOKEN_NULL:
  case TOKEN_SUPER:
  case TOKEN_THIS:
  case TOKEN_TRUE:
  case TOKEN_TYPEOF:
  case TOKEN_VOID:
  case TOKEN_LEFT_BRACE:
  case TOKEN_LEFT_BRACKET:
  case TOKEN_AT:
  case TOKEN_NOT:
  case TOKEN_BIT_NOT:
  case TOKEN_INCREMENT:
  case TOKEN_DECREMENT:
  case TOKEN_DIVIDE_ASSIGN:
    return true;
  case TOKEN_AS:
  case TOKEN_SATISFIES:
    return false;
  default:
    return (type >= TOKEN_NUMBER && type <= TOKEN_STRING) ||
           token_is_identifier(type);
  }
}

static bool type_arguments_end(Parser *p) {
  switch (p->token.type) {
  case TOKEN_LEFT_PAREN:
  case TOKEN_TEMPLATE:
    return true;
  case TOKEN_LESS:
  case TOKEN_GREATER:
  case TOKEN_ADD:
  case TOKEN_SUBTRACT:
    return false;
  default:
    return after_newline(p) || !begins_expression(p->token.type);
  }
}

static bool parse_type_arguments(Parser *p, void *data) {
  (void)data;
  uint32_t start = p->token.start;
  syntax_skip_type_arguments(p);
  // `a<b>>c` and `a<b>=c` are operators.
  if (p->token.start == p->previous_end &&
      (at(p, TOKEN_GREATER) || at(p, TOKEN_GREATER_EQUAL) ||
       at(p, TOKEN_ASSIGN) || at(p, TOKEN_SHIFT_RIGHT) ||
       at(p, TOKEN_SHIFT_RIGHT_ASSIGN) || at(p, TOKEN_ARROW) ||
       at(p, TOKEN_EQUAL) || at(p, TOKEN_STRICT_EQUAL)))
    return false;
  if (!type_arguments_end(p)) return false;
  syntax_erase(p, start, p->previous_end);
  return true;
}

bool syntax_try_type_arguments(Parser *p) {
  uint32_t start = p->token.start;
  if (syntax_has_failed(p, start)) return false;
  return syntax_try(p, parse_type_arguments, NULL);
}

static bool parse_parameters_of_type(Parser *p, void *data) {
  (void)data;
  syntax_erase_type_parameters(p);
  return at(p, TOKEN_LEFT_PAREN);
}

// A parenthesis on a line below type parameters moves to where they began, for
// the sake of what is before them: `async`, `return`, `throw`, `yield`. True:
// it does.
static bool move_parenthesis(Parser *p, uint32_t start) {
  if (!syntax_has_newline(p, start, p->token.start)) return false;
  p->types.erasures[p->types.erasure_count - 1].first = '(';
  syntax_erase(p, p->token.start, p->token.end);
  return true;
}

bool syntax_try_type_parameters(Parser *p) {
  if (!at(p, TOKEN_LESS)) return false;
  uint32_t start = p->token.start;
  if (!syntax_try(p, parse_parameters_of_type, NULL)) return false;
  move_parenthesis(p, start);
  return true;
}

AstNode *syntax_parse_angle_operand(Parser *p) {
  uint32_t start = p->token.start;
  bool may_be_arrow = p->arrow_start == start;
  bool is_then = p->types.then_start == start;
  p->arrow_start = NO_OFFSET;
  if (syntax_try(p, parse_parameters_of_type, NULL)) {
    if (may_be_arrow) p->arrow_start = p->token.start;
    if (is_then) p->types.then_start = p->token.start;
    bool is_moved = move_parenthesis(p, start);
    AstNode *node = syntax_parse_unary(p);
    if (is_moved && node->type == AST_ARROW)
      ((AstFunction *)node)->source_start = start;
    return node;
  }
  if (at(p, TOKEN_SHIFT_LEFT)) {
    // `<<T>() => void>x`
    p->lexer.position = start + 1;
    next(p);
  } else {
    next(p);
  }
  if (!accept(p, TOKEN_CONST)) syntax_skip_type(p);
  syntax_close_angle(p);
  syntax_erase(p, start, p->previous_end);
  AstNode *operand = syntax_parse_unary(p);
  p->types.converted_end = p->previous_end;
  return operand;
}
