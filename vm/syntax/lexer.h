// SPDX-License-Identifier: MIT
// Text to tokens, one at a time, on demand of the parser, which knows whether
// a slash begins a regular expression. Errors leave through longjmp, so every
// function here returns only with a good token.
#ifndef RILL_VM_SYNTAX_LEXER_H
#define RILL_VM_SYNTAX_LEXER_H

#include <setjmp.h>

#include "vm/syntax/characters.h"
#include "vm/syntax/names.h"
#include "vm/syntax/syntax.h"
#include "vm/syntax/token.h"

typedef struct Lexer {
  const void *units;
  uint32_t length;
  bool wide;
  bool html_comments; // Annex B.1.1: not in modules
  uint32_t position;  // where the next token's search begins
  const SourceText *source;
  Arena arena;
  Arena name_arena; // of `names`, when `arena` may be rewound
  NameTable names;
  // Units of a literal with escapes.
  uint16_t *buffer, *first_buffer; // it begins with FIRST_BUFFER in the arena
  uint32_t buffer_length;
  uint32_t buffer_capacity;
  SyntaxError *error;
  uint32_t speculations; // open ones: nobody reads what their errors say
  bool is_fatal;         // this error ends all speculation
  jmp_buf escape;
} Lexer;
enum { FIRST_BUFFER = 256 };

// Fills lexer->error and leaves the parse. `format` is printf's.
_Noreturn void syntax_fail(Lexer *lexer, uint32_t start, uint32_t end,
                           const char *format, ...)
    __attribute__((format(printf, 4, 5)));
_Noreturn void syntax_fail_invalid(Lexer *lexer, uint32_t start, uint32_t end);

// Skips a hashbang comment at the start of the text.
void syntax_lexer_skip_hashbang(Lexer *lexer);

// Scans the token after lexer->position.
void syntax_scan_latin1(Lexer *lexer, Token *token);
void syntax_scan_utf16(Lexer *lexer, Token *token);

static inline void lexer_scan(Lexer *lexer, Token *token) {
  if (lexer->wide)
    syntax_scan_utf16(lexer, token);
  else
    syntax_scan_latin1(lexer, token);
}

// `token` is DIVIDE or DIVIDE_ASSIGN: scans the regular expression that begins
// there instead.
void syntax_scan_regexp(Lexer *lexer, Token *token, Name **pattern,
                        Name **flags);

// Scans a template part whose first unit is at `start` (after the backquote or
// the closing brace).
void syntax_scan_template(Lexer *lexer, Token *token, uint32_t start);

// Slow paths of the scanners. `position` is where the literal's text goes on.
void syntax_scan_string_slow(Lexer *lexer, Token *token, uint32_t position);
void syntax_scan_number(Lexer *lexer, Token *token);
// An identifier with escapes or characters above Latin-1; token->start is at
// its first unit (after '#' for private names, with `private_name` set).
void syntax_scan_identifier_slow(Lexer *lexer, Token *token, bool private_name);

// The name spelled by text[start, end).
Name *syntax_intern_source(Lexer *lexer, uint32_t start, uint32_t end);

// The scratch buffer.
void syntax_buffer_grow(Lexer *lexer);
static inline void buffer_push(Lexer *lexer, uint32_t unit) {
  if (lexer->buffer_length == lexer->buffer_capacity) syntax_buffer_grow(lexer);
  lexer->buffer[lexer->buffer_length++] = (uint16_t)unit;
}
static inline void buffer_push_code_point(Lexer *lexer, uint32_t c) {
  if (c >= 0x10000) {
    buffer_push(lexer, 0xd800 + ((c - 0x10000) >> 10));
    c = 0xdc00 + ((c - 0x10000) & 0x3ff);
  }
  buffer_push(lexer, c);
}

static inline uint32_t lexer_unit(const Lexer *lexer, uint32_t index) {
  return lexer->wide ? ((const uint16_t *)lexer->units)[index]
                     : ((const uint8_t *)lexer->units)[index];
}

// The unit at `index`, or a value that is no unit at the end of the text.
static inline uint32_t lexer_peek(const Lexer *lexer, uint32_t index) {
  return index < lexer->length ? lexer_unit(lexer, index) : 0x110000;
}

// The code point at `index`; *size is its length in units.
uint32_t syntax_code_point(const Lexer *lexer, uint32_t index, uint32_t *size);

#endif
