// SPDX-License-Identifier: MIT
// One token: its type, place and value.
#ifndef RILL_VM_SYNTAX_TOKEN_H
#define RILL_VM_SYNTAX_TOKEN_H

#include "vm/syntax/scope.h"

typedef enum TokenType {
#define TOKEN(name, text) TOKEN_##name,
#define KEYWORD(name, text) TOKEN_##name,
#include "vm/syntax/token_types.def"
#undef TOKEN
#undef KEYWORD
  TOKEN_TYPE_COUNT
} TokenType;

typedef enum TokenFlag {
  // A line terminator stands between the previous token and this one.
  TOKEN_AFTER_NEWLINE = 1 << 0,
  // Names: written with a Unicode escape. Strings: with an escape or a line
  // continuation.
  TOKEN_HAS_ESCAPE = 1 << 1,
  // Numbers: 010 or 08. Strings: an octal escape or \8, \9.
  TOKEN_LEGACY_OCTAL = 1 << 2,
  // Templates: the last part (ended by a backquote, not by `${`).
  TOKEN_TEMPLATE_END = 1 << 3
} TokenFlag;

typedef struct Token {
  uint8_t type; // TokenType
  uint8_t flags;
  uint32_t start;
  uint32_t end;
  // Names, private names (with '#'), keywords, strings, bigints: the value.
  // Templates: the cooked string, or NULL after a malformed escape.
  Name *name;
  union {
    double number;
    Name *raw;             // templates
    uint32_t octal_offset; // strings with TOKEN_LEGACY_OCTAL
  };
  // Templates without `name`: the place and the kind of the bad escape.
  uint32_t bad_escape_start;
  uint32_t bad_escape_end;
  const char *bad_escape;
} Token;

static inline bool token_is_identifier(TokenType type) {
  return type >= TOKEN_NAME && type <= TOKEN_STRICT_RESERVED;
}

static inline bool token_is_identifier_name(TokenType type) {
  return type >= TOKEN_NAME && type <= TOKEN_WITH;
}

static inline bool token_is_assignment(TokenType type) {
  return type >= TOKEN_ASSIGN && type <= TOKEN_NULLISH_ASSIGN;
}

// "}", "if", "number", ...
const char *syntax_token_text(TokenType type);

#endif
