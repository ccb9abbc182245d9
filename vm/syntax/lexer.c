// SPDX-License-Identifier: MIT
// What both scanners share: failing, identifiers with escapes or beyond
// Latin-1, regular expressions, the scratch buffer.
#include "vm/syntax/lexer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const token_texts[TOKEN_TYPE_COUNT] = {
#define TOKEN(name, text) text,
#define KEYWORD(name, text) text,
#include "vm/syntax/token_types.def"
#undef TOKEN
#undef KEYWORD
};

const char *syntax_token_text(TokenType type) {
  return token_texts[type];
}

void syntax_fail(Lexer *lexer, uint32_t start, uint32_t end, const char *format,
                 ...) {
  SyntaxError *error = lexer->error;
  error->type = SYNTAX_ERROR_SYNTAX;
  error->start = start;
  error->end = end < start ? start : end;
  if (lexer->speculations && !lexer->is_fatal) longjmp(lexer->escape, 1);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof(error->message), format, arguments);
  va_end(arguments);
  longjmp(lexer->escape, 1);
}

void syntax_fail_invalid(Lexer *lexer, uint32_t start, uint32_t end) {
  syntax_fail(lexer, start, end, "Invalid or unexpected token");
}

void syntax_buffer_grow(Lexer *lexer) {
  uint32_t capacity = lexer->buffer_capacity * 2;
  bool is_first = lexer->buffer == lexer->first_buffer;
  uint16_t *buffer =
      realloc(is_first ? NULL : lexer->buffer, (size_t)capacity * 2);
  if (!buffer) lexer->arena.fail(lexer->arena.data);
  if (is_first) {
    memcpy(buffer, lexer->buffer, (size_t)lexer->buffer_length * 2);
  }
  lexer->buffer = buffer;
  lexer->buffer_capacity = capacity;
}

void syntax_lexer_skip_hashbang(Lexer *lexer) {
  if (lexer_peek(lexer, 0) != '#' || lexer_peek(lexer, 1) != '!') return;
  uint32_t i = 2;
  while (i < lexer->length && !is_line_terminator(lexer_unit(lexer, i)))
    i++;
  lexer->position = i;
}

Name *syntax_intern_source(Lexer *lexer, uint32_t start, uint32_t end) {
  if (lexer->wide)
    return syntax_intern_utf16(&lexer->names,
                               (const uint16_t *)lexer->units + start,
                               end - start, true);
  const uint8_t *units = (const uint8_t *)lexer->units + start;
  return syntax_intern_latin1(&lexer->names, units, end - start);
}

uint32_t syntax_code_point(const Lexer *lexer, uint32_t index, uint32_t *size) {
  uint32_t c = lexer_unit(lexer, index);
  *size = 1;
  if ((c & 0xfc00) == 0xd800) {
    uint32_t next = lexer_peek(lexer, index + 1);
    if ((next & 0xfffffc00) == 0xdc00) {
      *size = 2;
      return 0x10000 + ((c & 0x3ff) << 10) + (next & 0x3ff);
    }
  }
  return c;
}

// \uXXXX or \u{X...} at `*position` (at the backslash). Moves past it.
static uint32_t scan_identifier_escape(Lexer *lexer, uint32_t *position) {
  uint32_t start = *position, i = start + 1, c = 0;
  if (lexer_peek(lexer, i) != 'u') syntax_fail_invalid(lexer, start, start + 1);
  i++;
  bool good = true;
  if (lexer_peek(lexer, i) == '{') {
    uint32_t digits = 0;
    for (i++; good; i++, digits++) {
      int digit = hex_value(lexer_peek(lexer, i));
      if (digit < 0) break;
      c = c * 16 + (uint32_t)digit;
      good = c <= 0x10ffff;
    }
    good = good && digits && lexer_peek(lexer, i) == '}';
    i++;
  } else {
    for (int k = 0; k < 4 && good; k++, i++) {
      int digit = hex_value(lexer_peek(lexer, i));
      good = digit >= 0;
      c = c * 16 + (uint32_t)digit;
    }
  }
  if (!good) syntax_fail(lexer, start, i, "Invalid Unicode escape sequence");
  *position = i;
  return c;
}

void syntax_scan_identifier_slow(Lexer *lexer, Token *token,
                                 bool private_name) {
  uint32_t i = token->start;
  bool first = true;
  lexer->buffer_length = 0;
  if (private_name) {
    buffer_push(lexer, '#');
    i++;
  }
  while (i < lexer->length) {
    uint32_t size, at = i;
    uint32_t c = syntax_code_point(lexer, i, &size);
    if (c == '\\') {
      c = scan_identifier_escape(lexer, &i);
      token->flags |= TOKEN_HAS_ESCAPE;
      if (first ? !is_id_start(c) : !is_id_part(c))
        syntax_fail(lexer, at, i, "Invalid Unicode escape sequence");
    } else if (first ? is_id_start(c) : is_id_part(c)) {
      i += size;
    } else {
      break;
    }
    buffer_push_code_point(lexer, c);
    first = false;
  }
  if (first) syntax_fail_invalid(lexer, token->start, token->start + 1);
  Name *name = syntax_intern_utf16(&lexer->names, lexer->buffer,
                                   lexer->buffer_length, false);
  token->name = name;
  token->end = lexer->position = i;
  token->type = private_name    ? TOKEN_PRIVATE_NAME
                : name->keyword ? name->keyword
                                : TOKEN_NAME;
  if (token->flags & TOKEN_HAS_ESCAPE) {
    if (token->type > TOKEN_ESCAPED_KEYWORD)
      token->type = TOKEN_ESCAPED_KEYWORD;
    if (token->type >= TOKEN_AS && token->type <= TOKEN_ASYNC)
      token->type = TOKEN_NAME;
  }
}

// ECMA-262 12.9.5.
void syntax_scan_regexp(Lexer *lexer, Token *token, Name **pattern,
                        Name **flags) {
  uint32_t start = token->start, i = start + 1;
  bool in_class = false;
  for (;; i++) {
    uint32_t c = lexer_peek(lexer, i);
    if (c == '\\')
      c = lexer_peek(lexer, ++i), c = c == '/' ? 'x' : c | 0x200000;
    if ((c & 0x1fffff) == 0x110000 || is_line_terminator(c & 0x1fffff))
      syntax_fail(lexer, start, i, "Invalid regular expression: missing /");
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    if (c == '/' && !in_class) break;
  }
  *pattern = syntax_intern_source(lexer, start + 1, i);
  uint32_t flags_start = ++i;
  while (i < lexer->length) {
    uint32_t size;
    uint32_t c = syntax_code_point(lexer, i, &size);
    if (c == '\\')
      syntax_fail(lexer, i, i + 1, "Invalid regular expression flags");
    if (!is_id_part(c)) break;
    i += size;
  }
  *flags = syntax_intern_source(lexer, flags_start, i);
  uint32_t seen = 0;
  for (uint32_t k = flags_start; k < i; k++) {
    static const char known[] = "dgimsuvy";
    uint32_t c = lexer_unit(lexer, k);
    const char *at = c && c < 0x80 ? strchr(known, (int)c) : NULL;
    uint32_t bit = at ? 1u << (at - known) : 0;
    if (!bit || seen & bit)
      syntax_fail(lexer, start, i, "Invalid regular expression flags");
    seen |= bit;
  }
  if ((seen & 1u << 5) && (seen & 1u << 6))
    syntax_fail(lexer, start, i, "Invalid regular expression flags");
  token->end = lexer->position = i;
}
