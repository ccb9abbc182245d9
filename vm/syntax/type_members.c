// SPDX-License-Identifier: MIT
// Modifiers of class elements and parameters (TypeScript).
#include "vm/syntax/parser.h"

static bool is_modifier_word(const Parser *p) {
  const TypeWords *words = &p->types.words;
  const Name *name = p->token.name;
  return name == words->public_ || name == words->private_ ||
         name == words->protected_ || name == words->readonly ||
         name == words->abstract || name == words->override ||
         name == words->declare;
}

// May an element's name, or another modifier, begin with this token?
static bool begins_element(TokenType type) {
  switch (type) {
  case TOKEN_STRING:
  case TOKEN_NUMBER:
  case TOKEN_BIGINT:
  case TOKEN_PRIVATE_NAME:
  case TOKEN_LEFT_BRACKET:
  case TOKEN_LEFT_BRACE:
  case TOKEN_MULTIPLY:
  case TOKEN_ELLIPSIS:
    return true;
  default:
    return token_is_identifier_name(type);
  }
}

bool syntax_at_modifier(Parser *p) {
  if (!token_is_identifier(p->token.type) || p->token.flags & TOKEN_HAS_ESCAPE)
    return false;
  bool is_static = at(p, TOKEN_STATIC);
  if (!is_static && !is_modifier_word(p)) return false;
  Token after = syntax_peek(p);
  // `static {` is a block; `static` may stand on a line of its own.
  if (is_static) return after.type != TOKEN_LEFT_BRACE &&
                        begins_element(after.type);
  return begins_element(after.type) && !(after.flags & TOKEN_AFTER_NEWLINE);
}

void syntax_refuse_parameter_property(Parser *p) {
  FAIL_TOKEN(p,
             "TypeScript parameter properties are not supported, because they "
             "make code: declare the field and assign it in the constructor");
}

void syntax_erase_this_parameter(Parser *p) {
  uint32_t start = p->token.start;
  next(p);
  if (accept(p, TOKEN_COLON)) syntax_skip_type(p);
  if (!at(p, TOKEN_RIGHT_PAREN)) expect(p, TOKEN_COMMA);
  syntax_erase(p, start, p->previous_end);
}
