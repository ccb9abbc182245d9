// SPDX-License-Identifier: MIT
// Statements that TypeScript alone has. Those that declare are read and
// dropped; those that would make code are errors.
#include "vm/syntax/parser.h"

static void skip_declaration(Parser *p);

AstNode *syntax_end_erased(Parser *p, uint32_t start, uint32_t mark) {
  syntax_erase_whole(p, start, mark);
  return finish(p, NEW(p, AstNode, AST_EMPTY, start));
}

static bool is_name_on_line(const Token *token) {
  return token_is_identifier(token->type) &&
         !(token->flags & TOKEN_AFTER_NEWLINE);
}

static _Noreturn void refuse_enum(Parser *p, uint32_t start) {
  FAIL(p, start, p->token.end,
       "TypeScript enum is not supported, because it makes code: write an "
       "object and `as const`, or compile the file");
}

static _Noreturn void refuse_import(Parser *p, uint32_t start) {
  FAIL(p, start, p->token.end,
       "TypeScript import = is not supported, because it makes code: write "
       "import ... from, or a const");
}

static _Noreturn void refuse_namespace(Parser *p, const Token *word) {
  FAIL(p, word->start, word->end,
       "TypeScript namespace with values is not supported, because it makes "
       "code: write a module, or only types in it");
}

// ---- Types ------------------------------------------------------------------

// interface A<T> extends B { ... }: the token is `interface`.
static void skip_interface(Parser *p) {
  next(p);
  if (!token_is_identifier(p->token.type)) syntax_unexpected(p, &p->token);
  next(p);
  if (at(p, TOKEN_LESS)) syntax_skip_type_parameters(p);
  if (accept(p, TOKEN_EXTENDS)) syntax_skip_heritage(p);
  syntax_skip_object_type(p);
}

// type A<T> = B;
static void skip_alias(Parser *p) {
  next(p);
  if (!token_is_identifier(p->token.type)) syntax_unexpected(p, &p->token);
  next(p);
  if (at(p, TOKEN_LESS)) syntax_skip_type_parameters(p);
  expect(p, TOKEN_ASSIGN);
  syntax_skip_type(p);
  syntax_expect_semicolon(p);
}

// ---- Declarations without code ----------------------------------------------

// enum E { A, B = 1 }: the token is `enum`.
static void skip_enum(Parser *p) {
  next(p);
  if (!token_is_identifier(p->token.type)) syntax_unexpected(p, &p->token);
  next(p);
  expect(p, TOKEN_LEFT_BRACE);
  while (!at(p, TOKEN_RIGHT_BRACE)) {
    bool computed;
    syntax_parse_property_key(p, &computed);
    if (accept(p, TOKEN_ASSIGN)) syntax_parse_assignment(p);
    if (!accept(p, TOKEN_COMMA)) break;
  }
  expect(p, TOKEN_RIGHT_BRACE);
}

// `{ a as b, type c } from "x"`
static void skip_specifiers(Parser *p) {
  expect(p, TOKEN_LEFT_BRACE);
  while (!at(p, TOKEN_RIGHT_BRACE)) {
    if (!at(p, TOKEN_STRING) && !token_is_identifier_name(p->token.type))
      syntax_unexpected(p, &p->token);
    next(p);
    if (!at(p, TOKEN_RIGHT_BRACE)) accept(p, TOKEN_COMMA);
  }
  next(p);
}

// `with { type: "json" }` and the like.
static void skip_attributes(Parser *p) {
  if (!accept(p, TOKEN_WITH)) return;
  expect(p, TOKEN_LEFT_BRACE);
  while (!at(p, TOKEN_RIGHT_BRACE)) {
    if (!at(p, TOKEN_STRING) && !token_is_identifier_name(p->token.type))
      syntax_unexpected(p, &p->token);
    next(p);
    expect(p, TOKEN_COLON);
    expect(p, TOKEN_STRING);
    if (!accept(p, TOKEN_COMMA)) break;
  }
  expect(p, TOKEN_RIGHT_BRACE);
}

static void skip_from(Parser *p) {
  if (!accept_word(p, p->known.from)) syntax_unexpected(p, &p->token);
  expect(p, TOKEN_STRING);
  skip_attributes(p);
  syntax_expect_semicolon(p);
}

// `require("x")` or `A.B`, and the semicolon.
static void skip_import_value(Parser *p) {
  Token after = syntax_peek(p);
  if (at_word(p, p->types.words.require) && after.type == TOKEN_LEFT_PAREN) {
    next(p);
    next(p);
    expect(p, TOKEN_STRING);
    expect(p, TOKEN_RIGHT_PAREN);
  } else {
    syntax_skip_entity_name(p);
  }
  syntax_expect_semicolon(p);
}

// What follows `import` or `import type`, up to the semicolon.
static void skip_import_rest(Parser *p) {
  if (accept(p, TOKEN_STRING)) {
    skip_attributes(p);
    syntax_expect_semicolon(p);
    return;
  }
  if (token_is_identifier(p->token.type)) {
    next(p);
    if (accept(p, TOKEN_ASSIGN)) {
      skip_import_value(p);
      return;
    }
    if (!accept(p, TOKEN_COMMA)) {
      skip_from(p);
      return;
    }
  }
  if (accept(p, TOKEN_MULTIPLY)) {
    if (!accept_word(p, p->known.as)) syntax_unexpected(p, &p->token);
    if (!token_is_identifier(p->token.type)) syntax_unexpected(p, &p->token);
    next(p);
  } else {
    skip_specifiers(p);
  }
  skip_from(p);
}

// What follows `export` or `export type`: braces or a star.
static void skip_export_list(Parser *p) {
  if (accept(p, TOKEN_MULTIPLY)) {
    if (accept_word(p, p->known.as)) {
      if (!at(p, TOKEN_STRING) && !token_is_identifier_name(p->token.type))
        syntax_unexpected(p, &p->token);
      next(p);
    }
    skip_from(p);
    return;
  }
  skip_specifiers(p);
  if (at_word(p, p->known.from))
    skip_from(p);
  else
    syntax_expect_semicolon(p);
}

// `export` in the body of a namespace, with what it exports.
static void skip_export(Parser *p) {
  next(p);
  if (at_word(p, p->types.words.type)) {
    TokenType type = syntax_peek(p).type;
    if (type == TOKEN_LEFT_BRACE || type == TOKEN_MULTIPLY) next(p);
  }
  if (at(p, TOKEN_LEFT_BRACE) || at(p, TOKEN_MULTIPLY)) {
    skip_export_list(p);
  } else if (accept(p, TOKEN_ASSIGN)) {
    syntax_parse_expression(p);
    syntax_expect_semicolon(p);
  } else if (accept_word(p, p->known.as)) {
    next(p); // namespace
    syntax_skip_entity_name(p);
    syntax_expect_semicolon(p);
  } else if (accept(p, TOKEN_DEFAULT)) {
    if (at(p, TOKEN_FUNCTION)) {
      syntax_parse_function_declaration(p, p->token.start, false, true);
    } else if (at(p, TOKEN_CLASS)) {
      syntax_parse_class(p, AST_CLASS_DECLARATION, true);
    } else if (at_word(p, p->types.words.interface) ||
               syntax_at_abstract_class(p)) {
      skip_declaration(p);
    } else {
      syntax_parse_assignment(p);
      syntax_expect_semicolon(p);
    }
  } else {
    skip_declaration(p);
  }
}

// `A.B`, `"module"` and perhaps a body: the token is behind the word.
static void skip_namespace(Parser *p) {
  syntax_check_stack(p);
  bool is_module = accept(p, TOKEN_STRING);
  if (!is_module && !at(p, TOKEN_LEFT_BRACE)) syntax_skip_entity_name(p);
  if (is_module && !at(p, TOKEN_LEFT_BRACE)) {
    syntax_expect_semicolon(p);
    return;
  }
  uint32_t mark;
  syntax_open_scope(p, SCOPE_STATIC_BLOCK, p->token.start, &mark);
  expect(p, TOKEN_LEFT_BRACE);
  while (!at(p, TOKEN_RIGHT_BRACE)) {
    if (accept(p, TOKEN_SEMICOLON)) continue;
    if (at(p, TOKEN_EXPORT))
      skip_export(p);
    else
      skip_declaration(p);
  }
  next(p);
  syntax_close_scope(p, mark);
}

static bool at_namespace(Parser *p) {
  const TypeWords *words = &p->types.words;
  if (!at_word(p, words->namespace) && !at_word(p, words->module)) return false;
  Token after = syntax_peek(p);
  return is_name_on_line(&after) ||
         (at_word(p, words->module) && after.type == TOKEN_STRING &&
          !(after.flags & TOKEN_AFTER_NEWLINE));
}

static bool at_alias(Parser *p) {
  if (!at_word(p, p->types.words.type)) return false;
  Token after = syntax_peek(p);
  return is_name_on_line(&after);
}

static bool at_interface(Parser *p) {
  if (!at_word(p, p->types.words.interface)) return false;
  Token after = syntax_peek(p);
  return is_name_on_line(&after);
}

bool syntax_at_abstract_class(Parser *p) {
  if (!at_word(p, p->types.words.abstract)) return false;
  Token after = syntax_peek(p);
  return after.type == TOKEN_CLASS && !(after.flags & TOKEN_AFTER_NEWLINE);
}

static bool at_const_enum(Parser *p) {
  return at(p, TOKEN_CONST) && syntax_peek(p).type == TOKEN_ENUM;
}

// A declaration inside `declare`: whatever it would make is dropped by the
// caller.
static void skip_declaration(Parser *p) {
  const TypeWords *words = &p->types.words;
  syntax_check_stack(p);
  if (at_word(p, words->declare)) {
    Token after = syntax_peek(p);
    if (token_is_identifier_name(after.type)) next(p);
  }
  if (at_alias(p)) {
    skip_alias(p);
  } else if (at_interface(p)) {
    skip_interface(p);
  } else if (at(p, TOKEN_ENUM)) {
    skip_enum(p);
  } else if (at_const_enum(p)) {
    next(p);
    skip_enum(p);
  } else if (at_namespace(p) || (at_word(p, words->global) &&
                                 syntax_peek(p).type == TOKEN_LEFT_BRACE)) {
    next(p);
    skip_namespace(p);
  } else if (at(p, TOKEN_IMPORT)) {
    next(p);
    if (at_word(p, words->type) && syntax_peek(p).type != TOKEN_ASSIGN &&
        syntax_peek(p).name != p->known.from)
      next(p);
    skip_import_rest(p);
  } else if (syntax_at_abstract_class(p)) {
    next(p);
    syntax_parse_class(p, AST_CLASS_DECLARATION, false);
  } else {
    switch (p->token.type) {
    case TOKEN_VAR:
    case TOKEN_LET:
    case TOKEN_CONST:
    case TOKEN_FUNCTION:
    case TOKEN_ASYNC:
    case TOKEN_CLASS:
    case TOKEN_AT:
    case TOKEN_NAME:
    case TOKEN_AWAIT:
      break;
    default:
      syntax_unexpected(p, &p->token);
    }
    AstNode *node = syntax_parse_statement_list_item(p);
    if (node->type == AST_EXPRESSION_STATEMENT || node->type == AST_LABELED)
      FAIL_NODE(p, node, "Statements are not allowed in ambient contexts");
  }
}

// `declare` and what follows.
static void skip_ambient(Parser *p) {
  uint32_t mark;
  Checkpoint before = syntax_checkpoint(p);
  next(p);
  p->types.is_ambient = true;
  syntax_open_scope(p, SCOPE_STATIC_BLOCK, p->token.start, &mark);
  skip_declaration(p);
  syntax_discard(p, &before);
}

static bool at_ambient(Parser *p) {
  const TypeWords *words = &p->types.words;
  if (!at_word(p, words->declare)) return false;
  Token after = syntax_peek(p);
  if (after.flags & TOKEN_AFTER_NEWLINE) return false;
  switch (after.type) {
  case TOKEN_VAR:
  case TOKEN_LET:
  case TOKEN_CONST:
  case TOKEN_FUNCTION:
  case TOKEN_ASYNC:
  case TOKEN_CLASS:
  case TOKEN_ENUM:
  case TOKEN_IMPORT:
    return true;
  default:
    return after.name == words->type || after.name == words->interface ||
           after.name == words->namespace || after.name == words->module ||
           after.name == words->global || after.name == words->abstract ||
           (after.name == p->known.using && after.type == TOKEN_NAME);
  }
}

// ---- Namespaces of types ----------------------------------------------------

// A namespace that is not declared may only hold types: the token is its word.
static bool skip_type_declaration(Parser *p);
static void skip_type_namespace(Parser *p) {
  syntax_check_stack(p);
  Token word = p->token;
  next(p);
  if (at(p, TOKEN_STRING))
    FAIL(p, word.start, p->token.end,
         "A module with a string as its name can only be declared");
  syntax_skip_entity_name(p);
  expect(p, TOKEN_LEFT_BRACE);
  while (!at(p, TOKEN_RIGHT_BRACE)) {
    if (accept(p, TOKEN_SEMICOLON)) continue;
    if (accept(p, TOKEN_EXPORT) && at(p, TOKEN_LEFT_BRACE)) {
      if (syntax_peek(p).type != TOKEN_RIGHT_BRACE) refuse_namespace(p, &word);
      skip_export_list(p);
    } else if (!skip_type_declaration(p)) {
      refuse_namespace(p, &word);
    }
  }
  next(p);
}

// A declaration of types alone, if the token begins one.
static bool skip_type_declaration(Parser *p) {
  if (at_alias(p)) {
    skip_alias(p);
  } else if (at_interface(p)) {
    skip_interface(p);
  } else if (at_namespace(p)) {
    skip_type_namespace(p);
  } else {
    return false;
  }
  return true;
}

// ---- Statements -------------------------------------------------------------

static AstNode *parse_type_import(Parser *p);

AstNode *syntax_parse_type_statement(Parser *p, uint32_t start) {
  uint32_t mark = p->types.erasure_count;
  switch (p->token.type) {
  case TOKEN_ENUM:
    refuse_enum(p, start);
  case TOKEN_CONST:
    if (at_const_enum(p)) refuse_enum(p, start);
    return NULL;
  case TOKEN_IMPORT:
    return parse_type_import(p);
  case TOKEN_EXPORT:
    return p->module ? NULL : syntax_parse_type_export(p, start);
  case TOKEN_NAME:
  case TOKEN_STRICT_RESERVED:
    break;
  default:
    return NULL;
  }
  if (at_ambient(p)) {
    skip_ambient(p);
  } else if (skip_type_declaration(p)) {
    // Nothing of it is left.
  } else if (syntax_at_abstract_class(p)) {
    syntax_erase_token(p);
    return syntax_parse_class(p, AST_CLASS_DECLARATION, false);
  } else {
    return NULL;
  }
  return syntax_end_erased(p, start, mark);
}

// ---- Modules ----------------------------------------------------------------

// `import type`, from the first of the two: does it import types?
static bool at_type_import(Parser *p, bool *is_value) {
  Token after[2];
  syntax_peek_two(p, after);
  *is_value = false;
  if (after[0].name != p->types.words.type || after[0].type != TOKEN_NAME) {
    *is_value =
        token_is_identifier(after[0].type) && after[1].type == TOKEN_ASSIGN;
    return false;
  }
  switch (after[1].type) {
  case TOKEN_LEFT_BRACE:
  case TOKEN_MULTIPLY:
    return true;
  case TOKEN_ASSIGN:
    *is_value = true;
    return false;
  default:
    return token_is_identifier(after[1].type);
  }
}

static bool parse_named_from(Parser *p, void *data) {
  (void)data;
  next(p); // import
  next(p); // type
  next(p); // from
  return at_word(p, p->known.from) || at(p, TOKEN_COMMA) || at(p, TOKEN_ASSIGN);
}

// At `import`: one of types alone. NULL: it is not.
static AstNode *parse_type_import(Parser *p) {
  bool is_value;
  if (!at_type_import(p, &is_value)) {
    if (is_value) refuse_import(p, p->token.start);
    return NULL;
  }
  Token after[2];
  syntax_peek_two(p, after);
  Checkpoint before = syntax_checkpoint(p);
  // `import type from "x"` imports a value named so.
  if (after[1].name == p->known.from) {
    if (!syntax_try(p, parse_named_from, NULL)) return NULL;
    syntax_go_back(p, &before);
  }
  uint32_t start = p->token.start;
  next(p);
  next(p);
  skip_import_rest(p);
  return syntax_end_erased(p, start, before.erasure_count);
}

AstNode *syntax_parse_type_export(Parser *p, uint32_t start) {
  uint32_t mark = p->types.erasure_count;
  bool is_inside = at(p, TOKEN_EXPORT); // of what is no module
  Token word = is_inside ? syntax_peek(p) : p->token;
  const TypeWords *words = &p->types.words;
  Checkpoint before = syntax_checkpoint(p);
  if (is_inside) next(p);
  if (word.type == TOKEN_ASSIGN)
    FAIL(p, start, word.end,
         "TypeScript export = is not supported, because it makes code: write "
         "export default, or module.exports = in CommonJS");
  if (word.type == TOKEN_IMPORT) {
    next(p);
    if (at_word(p, words->type) && syntax_peek(p).type != TOKEN_ASSIGN)
      next(p);
    else
      refuse_import(p, start);
    skip_import_rest(p);
    return syntax_end_erased(p, start, mark);
  }
  if (at_word(p, words->type)) {
    TokenType type = syntax_peek(p).type;
    if (type == TOKEN_LEFT_BRACE || type == TOKEN_MULTIPLY) {
      next(p);
      skip_export_list(p);
      return syntax_end_erased(p, start, mark);
    }
  }
  if (at_word(p, p->known.as) && syntax_peek(p).name == words->namespace) {
    next(p);
    next(p);
    syntax_skip_entity_name(p);
    syntax_expect_semicolon(p);
    return syntax_end_erased(p, start, mark);
  }
  if (syntax_at_abstract_class(p)) {
    if (is_inside)
      syntax_go_back(p, &before);
    else
      syntax_erase_token(p);
    return NULL;
  }
  AstNode *node = syntax_parse_type_statement(p, start);
  if (!node && is_inside) syntax_go_back(p, &before);
  return node;
}

AstNode *syntax_parse_type_default(Parser *p, uint32_t start) {
  uint32_t mark = p->types.erasure_count;
  if (syntax_at_abstract_class(p)) {
    syntax_erase_token(p);
    return NULL;
  }
  if (!at_interface(p)) return NULL;
  skip_interface(p);
  return syntax_end_erased(p, start, mark);
}

// `type` before a name, unless it is the name: `{ type }`, `{ type as x }`,
// but `{ type as }` and `{ type as as x }`.
static bool is_type_word(Parser *p) {
  if (!at_word(p, p->types.words.type)) return false;
  Token after[2];
  syntax_peek_two(p, after);
  if (after[0].type == TOKEN_STRING) return true;
  if (!token_is_identifier_name(after[0].type)) return false;
  if (after[0].name != p->known.as) return true;
  if (!token_is_identifier_name(after[1].type)) return true;
  if (after[1].name != p->known.as) return false;
  Checkpoint before = syntax_checkpoint(p);
  next(p);
  next(p);
  next(p); // the second `as`
  bool renamed = token_is_identifier_name(p->token.type);
  syntax_go_back(p, &before);
  return renamed;
}

bool syntax_erase_type_specifier(Parser *p) {
  if (!is_type_word(p)) return false;
  uint32_t start = p->token.start;
  next(p);
  next(p);
  if (accept_word(p, p->known.as)) {
    if (!at(p, TOKEN_STRING) && !token_is_identifier_name(p->token.type))
      syntax_unexpected(p, &p->token);
    next(p);
  }
  if (!at(p, TOKEN_RIGHT_BRACE)) expect(p, TOKEN_COMMA);
  syntax_erase(p, start, p->previous_end);
  return true;
}
