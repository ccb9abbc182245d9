// SPDX-License-Identifier: MIT
// The types of TypeScript: read, checked for their form and left behind. They
// make no nodes. Nothing here looks further ahead than the parameters of one
// function type, so that a type is read once.
#include "vm/syntax/parser.h"

static void skip_function_type(Parser *p);

// Inside brackets, and in what a function returns, conditional types are
// allowed again.
static void skip_inside(Parser *p, void (*skip)(Parser *)) {
  bool saved = p->types.no_conditional;
  p->types.no_conditional = false;
  skip(p);
  p->types.no_conditional = saved;
}

void syntax_close_angle(Parser *p) {
  switch (p->token.type) {
  case TOKEN_GREATER:
    next(p);
    return;
  case TOKEN_GREATER_EQUAL:
  case TOKEN_SHIFT_RIGHT:
  case TOKEN_SHIFT_RIGHT_ASSIGN:
  case TOKEN_SHIFT_RIGHT_UNSIGNED:
  case TOKEN_SHIFT_RIGHT_UNSIGNED_ASSIGN:
    p->token.end = p->token.start + 1;
    p->lexer.position = p->token.end;
    next(p);
    return;
  default:
    syntax_unexpected(p, &p->token);
  }
}

static void expect_name(Parser *p) {
  if (!token_is_identifier(p->token.type)) syntax_unexpected(p, &p->token);
  next(p);
}

static void expect_identifier_name(Parser *p) {
  if (!token_is_identifier_name(p->token.type)) syntax_unexpected(p, &p->token);
  next(p);
}

void syntax_skip_entity_name(Parser *p) {
  expect_name(p);
  while (accept(p, TOKEN_DOT))
    expect_identifier_name(p);
}

// ---- Type parameters and arguments ------------------------------------------

// `in`, `out`, `const` before the name.
static void skip_variance(Parser *p) {
  for (;;) {
    if (at(p, TOKEN_IN) || at(p, TOKEN_CONST)) {
      next(p);
    } else if (at_word(p, p->types.words.out)) {
      // The parameter's own name, perhaps.
      TokenType type = syntax_peek(p).type;
      if (!token_is_identifier(type) && type != TOKEN_IN && type != TOKEN_CONST)
        return;
      next(p);
    } else {
      return;
    }
  }
}

static void skip_type_parameters(Parser *p) {
  next(p);
  do {
    if (at(p, TOKEN_GREATER) && p->token.start != p->previous_end) break;
    skip_variance(p);
    expect_name(p);
    if (accept(p, TOKEN_EXTENDS)) syntax_skip_type(p);
    if (accept(p, TOKEN_ASSIGN)) syntax_skip_type(p);
  } while (accept(p, TOKEN_COMMA) && !at(p, TOKEN_GREATER));
  syntax_close_angle(p);
}

void syntax_skip_type_parameters(Parser *p) {
  if (!at(p, TOKEN_LESS)) syntax_unexpected(p, &p->token);
  skip_inside(p, skip_type_parameters);
}

static void skip_type_arguments(Parser *p) {
  do {
    syntax_skip_type(p);
  } while (accept(p, TOKEN_COMMA) && !at(p, TOKEN_GREATER));
}

void syntax_skip_type_arguments(Parser *p) {
  TypeState *types = &p->types;
  syntax_note_open(p, p->token.start);
  // `a<<T>() => void>`
  if (at(p, TOKEN_SHIFT_LEFT)) p->lexer.position = p->token.start + 1;
  next(p);
  skip_inside(p, skip_type_arguments);
  syntax_close_angle(p);
  types->open_count--;
}

static bool at_type_arguments(const Parser *p) {
  return (at(p, TOKEN_LESS) || at(p, TOKEN_SHIFT_LEFT)) && !after_newline(p);
}

void syntax_skip_heritage(Parser *p) {
  do {
    syntax_skip_entity_name(p);
    if (at_type_arguments(p)) syntax_skip_type_arguments(p);
  } while (accept(p, TOKEN_COMMA));
}

// ---- Function types ---------------------------------------------------------

// A pattern, of which only the names mean something to a reader.
static void skip_pattern(Parser *p) {
  syntax_check_stack(p);
  if (!at(p, TOKEN_LEFT_BRACE) && !at(p, TOKEN_LEFT_BRACKET)) {
    if (!accept(p, TOKEN_THIS)) expect_name(p);
    return;
  }
  bool is_array = at(p, TOKEN_LEFT_BRACKET);
  TokenType end = is_array ? TOKEN_RIGHT_BRACKET : TOKEN_RIGHT_BRACE;
  next(p);
  while (!at(p, end)) {
    if (is_array && accept(p, TOKEN_COMMA)) continue;
    if (is_array || at(p, TOKEN_ELLIPSIS)) {
      accept(p, TOKEN_ELLIPSIS);
      skip_pattern(p);
    } else if (at(p, TOKEN_STRING) || at(p, TOKEN_NUMBER)) {
      next(p);
      expect(p, TOKEN_COLON);
      skip_pattern(p);
    } else {
      expect_identifier_name(p);
      if (accept(p, TOKEN_COLON)) skip_pattern(p);
    }
    if (!at(p, end)) expect(p, TOKEN_COMMA);
  }
  next(p);
}

static void skip_parameters(Parser *p) {
  expect(p, TOKEN_LEFT_PAREN);
  while (!at(p, TOKEN_RIGHT_PAREN)) {
    accept(p, TOKEN_ELLIPSIS);
    skip_pattern(p);
    accept(p, TOKEN_QUESTION);
    if (accept(p, TOKEN_COLON)) syntax_skip_type(p);
    if (!accept(p, TOKEN_COMMA)) break;
  }
  expect(p, TOKEN_RIGHT_PAREN);
}

// `<T>(a: A) => B` from its `<` or `(`.
static void skip_function_type(Parser *p) {
  if (at(p, TOKEN_LESS)) syntax_skip_type_parameters(p);
  skip_inside(p, skip_parameters);
  expect(p, TOKEN_ARROW);
  skip_inside(p, syntax_skip_return_type);
}

// `<T>(a: A): B` as a member of an object type.
static void skip_signature(Parser *p) {
  if (at(p, TOKEN_LESS)) syntax_skip_type_parameters(p);
  skip_inside(p, skip_parameters);
  if (accept(p, TOKEN_COLON)) syntax_skip_return_type(p);
}

static bool is_parameter_start(Parser *p, void *data) {
  (void)data;
  next(p);
  if (at(p, TOKEN_RIGHT_PAREN) || at(p, TOKEN_ELLIPSIS)) return true;
  skip_pattern(p);
  switch (p->token.type) {
  case TOKEN_COLON:
  case TOKEN_COMMA:
  case TOKEN_QUESTION:
  case TOKEN_ASSIGN:
    return true;
  case TOKEN_RIGHT_PAREN:
    next(p);
    return at(p, TOKEN_ARROW);
  default:
    return false;
  }
}

// At `(`: the parameters of a function type, or a type in parentheses?
static bool at_parameters(Parser *p) {
  Token after = syntax_peek(p);
  switch (after.type) {
  case TOKEN_RIGHT_PAREN:
  case TOKEN_ELLIPSIS:
    return true;
  case TOKEN_LEFT_BRACE:
  case TOKEN_LEFT_BRACKET:
  case TOKEN_THIS:
    break;
  default:
    if (!token_is_identifier(after.type)) return false;
  }
  Checkpoint start = syntax_checkpoint(p);
  if (!syntax_try(p, is_parameter_start, NULL)) return false;
  syntax_go_back(p, &start);
  return true;
}

// ---- Object types -----------------------------------------------------------

// [expression] as the name of a member: `[Symbol.iterator]`, `["a"]`.
static void skip_computed_name(Parser *p) {
  if (at(p, TOKEN_SUBTRACT) || at(p, TOKEN_ADD)) {
    next(p);
    if (!at(p, TOKEN_NUMBER)) syntax_unexpected(p, &p->token);
  }
  switch (p->token.type) {
  case TOKEN_STRING:
  case TOKEN_NUMBER:
  case TOKEN_BIGINT:
    next(p);
    return;
  case TOKEN_TEMPLATE:
    if (!(p->token.flags & TOKEN_TEMPLATE_END)) break;
    next(p);
    return;
  default:
    syntax_skip_entity_name(p);
    while (accept(p, TOKEN_LEFT_BRACKET)) {
      skip_computed_name(p);
      expect(p, TOKEN_RIGHT_BRACKET);
    }
    return;
  }
  syntax_unexpected(p, &p->token);
}

static void skip_member_name(Parser *p) {
  if (accept(p, TOKEN_LEFT_BRACKET)) {
    skip_computed_name(p);
    expect(p, TOKEN_RIGHT_BRACKET);
  } else if (at(p, TOKEN_STRING) || at(p, TOKEN_NUMBER) ||
             at(p, TOKEN_BIGINT)) {
    next(p);
  } else {
    expect_identifier_name(p);
  }
}

static void end_member(Parser *p) {
  if (accept(p, TOKEN_SEMICOLON) || accept(p, TOKEN_COMMA)) return;
  if (!at(p, TOKEN_RIGHT_BRACE) && !after_newline(p))
    syntax_unexpected(p, &p->token);
}

// The rest of a property or method behind its name.
static void skip_member_rest(Parser *p) {
  accept(p, TOKEN_QUESTION);
  if (at(p, TOKEN_LEFT_PAREN) || at(p, TOKEN_LESS))
    skip_signature(p);
  else if (accept(p, TOKEN_COLON))
    syntax_skip_type(p);
}

// Is what stands here the name itself, and no word before one?
static bool is_word_before_name(Parser *p) {
  switch (syntax_peek(p).type) {
  case TOKEN_COLON:
  case TOKEN_QUESTION:
  case TOKEN_LEFT_PAREN:
  case TOKEN_LESS:
  case TOKEN_COMMA:
  case TOKEN_SEMICOLON:
  case TOKEN_RIGHT_BRACE:
    return false;
  default:
    return true;
  }
}

bool syntax_skip_index_signature(Parser *p) {
  if (!at(p, TOKEN_LEFT_BRACKET)) return false;
  Token after[2];
  syntax_peek_two(p, after);
  if (!token_is_identifier(after[0].type) || after[1].type != TOKEN_COLON)
    return false;
  next(p);
  next(p);
  next(p);
  syntax_skip_type(p);
  expect(p, TOKEN_RIGHT_BRACKET);
  if (accept(p, TOKEN_COLON)) syntax_skip_type(p);
  return true;
}

static void skip_member(Parser *p) {
  syntax_check_stack(p);
  const TypeWords *words = &p->types.words;
  if (at(p, TOKEN_LEFT_PAREN) || at(p, TOKEN_LESS)) {
    skip_signature(p);
    end_member(p);
    return;
  }
  if (at(p, TOKEN_NEW)) {
    TokenType type = syntax_peek(p).type;
    if (type == TOKEN_LEFT_PAREN || type == TOKEN_LESS) {
      next(p);
      skip_signature(p);
      end_member(p);
      return;
    }
  }
  if (at_word(p, words->readonly) && is_word_before_name(p)) next(p);
  if (!syntax_skip_index_signature(p)) {
    if ((at_word(p, p->known.get) || at_word(p, p->known.set)) &&
        is_word_before_name(p) && !(syntax_peek(p).flags & TOKEN_AFTER_NEWLINE))
      next(p);
    skip_member_name(p);
    skip_member_rest(p);
  }
  end_member(p);
}

static void skip_object_members(Parser *p) {
  expect(p, TOKEN_LEFT_BRACE);
  while (!at(p, TOKEN_RIGHT_BRACE))
    skip_member(p);
  next(p);
}

void syntax_skip_object_type(Parser *p) {
  skip_inside(p, skip_object_members);
}

// `[K in T as U]?: V` behind the brace and `readonly`.
static void skip_mapped_rest(Parser *p) {
  expect(p, TOKEN_LEFT_BRACKET);
  expect_name(p);
  expect(p, TOKEN_IN);
  syntax_skip_type(p);
  if (accept_word(p, p->known.as)) syntax_skip_type(p);
  expect(p, TOKEN_RIGHT_BRACKET);
  if (at(p, TOKEN_ADD) || at(p, TOKEN_SUBTRACT)) {
    next(p);
    expect(p, TOKEN_QUESTION);
  } else {
    accept(p, TOKEN_QUESTION);
  }
  if (accept(p, TOKEN_COLON)) syntax_skip_type(p);
  accept(p, TOKEN_SEMICOLON);
  expect(p, TOKEN_RIGHT_BRACE);
}

static bool at_mapped_key(Parser *p) {
  if (!at(p, TOKEN_LEFT_BRACKET)) return false;
  Token after[2];
  syntax_peek_two(p, after);
  return token_is_identifier(after[0].type) && after[1].type == TOKEN_IN;
}

static void skip_brace_type(Parser *p) {
  next(p);
  if (at(p, TOKEN_ADD) || at(p, TOKEN_SUBTRACT)) {
    next(p);
    if (!accept_word(p, p->types.words.readonly))
      syntax_unexpected(p, &p->token);
    skip_mapped_rest(p);
    return;
  }
  if (at_word(p, p->types.words.readonly) &&
      syntax_peek(p).type == TOKEN_LEFT_BRACKET) {
    // Of a member the word means the same.
    next(p);
  }
  if (at_mapped_key(p)) {
    skip_mapped_rest(p);
    return;
  }
  while (!at(p, TOKEN_RIGHT_BRACE))
    skip_member(p);
  next(p);
}

// ---- Primary types ----------------------------------------------------------

// `name: T`, `name?: T`, `...T`, `T?` in a tuple.
static void skip_tuple(Parser *p) {
  next(p);
  while (!at(p, TOKEN_RIGHT_BRACKET)) {
    accept(p, TOKEN_ELLIPSIS);
    Token after[2];
    if (token_is_identifier_name(p->token.type)) {
      syntax_peek_two(p, after);
      if (after[0].type == TOKEN_COLON) {
        next(p);
        next(p);
      } else if (after[0].type == TOKEN_QUESTION &&
                 after[1].type == TOKEN_COLON) {
        next(p);
        next(p);
        next(p);
      }
    }
    syntax_skip_type(p);
    accept(p, TOKEN_QUESTION);
    if (!accept(p, TOKEN_COMMA)) break;
  }
  expect(p, TOKEN_RIGHT_BRACKET);
}

static void skip_parenthesized(Parser *p) {
  next(p);
  syntax_skip_type(p);
  expect(p, TOKEN_RIGHT_PAREN);
}

static void skip_template(Parser *p) {
  for (;;) {
    if (!p->token.name)
      FAIL(p, p->token.bad_escape_start, p->token.bad_escape_end, "%s",
           p->token.bad_escape);
    if (p->token.flags & TOKEN_TEMPLATE_END) break;
    next(p);
    syntax_skip_type(p);
    if (!at(p, TOKEN_RIGHT_BRACE)) syntax_unexpected(p, &p->token);
    p->token.flags = 0;
    syntax_scan_template(&p->lexer, &p->token, p->token.end);
  }
  next(p);
}

// The braces of import("x", { with: { ... } }): names and strings.
static void skip_import_options(Parser *p) {
  syntax_check_stack(p);
  expect(p, TOKEN_LEFT_BRACE);
  while (!at(p, TOKEN_RIGHT_BRACE)) {
    if (!accept(p, TOKEN_STRING)) expect_identifier_name(p);
    expect(p, TOKEN_COLON);
    if (at(p, TOKEN_LEFT_BRACE))
      skip_import_options(p);
    else
      expect(p, TOKEN_STRING);
    if (!accept(p, TOKEN_COMMA)) break;
  }
  expect(p, TOKEN_RIGHT_BRACE);
}

// import("x").A.B<T>
static void skip_import_type(Parser *p) {
  next(p);
  expect(p, TOKEN_LEFT_PAREN);
  syntax_skip_type(p);
  if (accept(p, TOKEN_COMMA) && at(p, TOKEN_LEFT_BRACE)) {
    skip_import_options(p);
    accept(p, TOKEN_COMMA);
  }
  expect(p, TOKEN_RIGHT_PAREN);
  while (accept(p, TOKEN_DOT))
    expect_identifier_name(p);
  if (at_type_arguments(p)) syntax_skip_type_arguments(p);
}

static void skip_typeof(Parser *p) {
  next(p);
  if (at(p, TOKEN_IMPORT)) {
    skip_import_type(p);
    return;
  }
  if (!accept(p, TOKEN_THIS)) expect_name(p);
  while (accept(p, TOKEN_DOT)) {
    if (!accept(p, TOKEN_PRIVATE_NAME)) expect_identifier_name(p);
  }
  if (at_type_arguments(p)) syntax_skip_type_arguments(p);
}

// Types that take no arguments, so that `x as number < 5` is a comparison.
static bool is_plain_type(const Parser *p, const Name *name) {
  Name *const *plain = p->types.words.plain;
  for (int i = 0; i < PLAIN_TYPE_COUNT; i++)
    if (plain[i] == name) return true;
  return false;
}

static void skip_primary(Parser *p) {
  switch (p->token.type) {
  case TOKEN_STRING:
  case TOKEN_NUMBER:
  case TOKEN_BIGINT:
  case TOKEN_TRUE:
  case TOKEN_FALSE:
  case TOKEN_NULL:
  case TOKEN_VOID:
  case TOKEN_THIS:
    next(p);
    return;
  case TOKEN_SUBTRACT:
    next(p);
    if (!at(p, TOKEN_NUMBER) && !at(p, TOKEN_BIGINT))
      syntax_unexpected(p, &p->token);
    next(p);
    return;
  case TOKEN_TEMPLATE:
    skip_inside(p, skip_template);
    return;
  case TOKEN_LEFT_BRACE:
    skip_inside(p, skip_brace_type);
    return;
  case TOKEN_LEFT_BRACKET:
    skip_inside(p, skip_tuple);
    return;
  case TOKEN_LEFT_PAREN:
    skip_inside(p, skip_parenthesized);
    return;
  case TOKEN_IMPORT:
    skip_import_type(p);
    return;
  case TOKEN_TYPEOF:
    skip_typeof(p);
    return;
  default: {
    bool is_plain = is_plain_type(p, p->token.name);
    uint32_t end = p->token.end;
    syntax_skip_entity_name(p);
    if (is_plain && p->previous_end == end) return;
    if (at_type_arguments(p)) syntax_skip_type_arguments(p);
  }
  }
}

// T[], T["a"]
static void skip_postfix(Parser *p) {
  skip_primary(p);
  while (at(p, TOKEN_LEFT_BRACKET) && !after_newline(p)) {
    next(p);
    if (!at(p, TOKEN_RIGHT_BRACKET)) skip_inside(p, syntax_skip_type);
    expect(p, TOKEN_RIGHT_BRACKET);
  }
}

// `infer U extends X`: a constraint, unless a `?` shows that it is the
// `extends` of a conditional type, which has been read by then.
static void skip_infer(Parser *p) {
  next(p);
  expect_name(p);
  if (!at(p, TOKEN_EXTENDS)) return;
  bool allowed = !p->types.no_conditional;
  p->types.no_conditional = true;
  next(p);
  syntax_skip_type(p);
  p->types.no_conditional = !allowed;
  if (allowed && at(p, TOKEN_QUESTION)) p->types.extends_read = true;
}

static bool at_operator(Parser *p) {
  const TypeWords *words = &p->types.words;
  return at_word(p, words->keyof) || at_word(p, words->unique) ||
         at_word(p, words->readonly);
}

static void skip_unary(Parser *p) {
  while (at_operator(p))
    next(p);
  if (at_word(p, p->types.words.infer))
    skip_infer(p);
  else
    skip_postfix(p);
}

static bool at_function_type(Parser *p) {
  if (at(p, TOKEN_LESS) || at(p, TOKEN_NEW)) return true;
  if (at(p, TOKEN_LEFT_PAREN)) return at_parameters(p);
  return at_word(p, p->types.words.abstract) &&
         syntax_peek(p).type == TOKEN_NEW;
}

// A | B & C, and function types, which take all that follows.
static void skip_union(Parser *p) {
  if (at(p, TOKEN_BIT_OR) || at(p, TOKEN_BIT_AND)) next(p);
  for (;;) {
    if (at_function_type(p)) {
      if (at_word(p, p->types.words.abstract)) next(p);
      accept(p, TOKEN_NEW);
      skip_function_type(p);
    } else {
      skip_unary(p);
    }
    if (!at(p, TOKEN_BIT_OR) && !at(p, TOKEN_BIT_AND)) return;
    next(p);
  }
}

void syntax_skip_type(Parser *p) {
  for (;;) {
    syntax_check_stack(p);
    p->types.extends_read = false;
    skip_union(p);
    if (p->types.extends_read) {
      p->types.extends_read = false;
    } else {
      if (p->types.no_conditional || !at(p, TOKEN_EXTENDS) || after_newline(p))
        return;
      next(p);
      p->types.no_conditional = true;
      syntax_skip_type(p);
      p->types.no_conditional = false;
    }
    expect(p, TOKEN_QUESTION);
    syntax_skip_type(p);
    expect(p, TOKEN_COLON);
    // The last part is the rest of the chain.
  }
}

void syntax_skip_return_type(Parser *p) {
  const TypeWords *words = &p->types.words;
  if (at_word(p, words->asserts)) {
    Token after = syntax_peek(p);
    if ((token_is_identifier(after.type) || after.type == TOKEN_THIS) &&
        !(after.flags & TOKEN_AFTER_NEWLINE)) {
      next(p);
      next(p);
      if (at_word(p, words->is) && !after_newline(p)) {
        next(p);
        syntax_skip_type(p);
      }
      return;
    }
  }
  if (token_is_identifier(p->token.type) || at(p, TOKEN_THIS)) {
    Token after = syntax_peek(p);
    if (after.name == words->is && after.type == TOKEN_NAME &&
        !(after.flags & TOKEN_AFTER_NEWLINE)) {
      next(p);
      next(p);
    }
  }
  syntax_skip_type(p);
}
