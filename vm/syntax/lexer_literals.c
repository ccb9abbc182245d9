// SPDX-License-Identifier: MIT
// Literals in their full forms: strings with escapes, templates, numbers.
// ECMA-262 12.9.3, 12.9.4, 12.9.6.
#include "vm/syntax/lexer.h"

#include "vm/objects/number_text.h"

// What an escape sequence turned out to be.
typedef struct Escape {
  uint32_t end; // after it
  bool octal;   // \1, \08, \8: not in strict code or templates
  const char *error;
} Escape;

// Reads the escape at `i` (at the backslash) and pushes what it stands for.
static Escape scan_escape(Lexer *lexer, uint32_t i) {
  Escape result = {0};
  uint32_t c = lexer_peek(lexer, ++i);
  uint32_t size = 1;
  if (c < 0x110000) c = syntax_code_point(lexer, i, &size);
  i += size;
  switch (c) {
  case 'b':
    buffer_push(lexer, '\b');
    break;
  case 'f':
    buffer_push(lexer, '\f');
    break;
  case 'n':
    buffer_push(lexer, '\n');
    break;
  case 'r':
    buffer_push(lexer, '\r');
    break;
  case 't':
    buffer_push(lexer, '\t');
    break;
  case 'v':
    buffer_push(lexer, '\v');
    break;
  case '\r':
    if (lexer_peek(lexer, i) == '\n') i++;
    break;
  case '\n':
  case 0x2028:
  case 0x2029:
    break;
  case 'x': {
    int high = hex_value(lexer_peek(lexer, i));
    int low = high < 0 ? -1 : hex_value(lexer_peek(lexer, i + 1));
    if (low < 0) {
      result.error = "Invalid hexadecimal escape sequence";
      i += high >= 0;
      break;
    }
    buffer_push(lexer, (uint32_t)(high * 16 + low));
    i += 2;
    break;
  }
  case 'u': {
    uint32_t value = 0;
    if (lexer_peek(lexer, i) == '{') {
      uint32_t digits = 0;
      for (i++;; i++, digits++) {
        int digit = hex_value(lexer_peek(lexer, i));
        if (digit < 0) break;
        value = value * 16 + (uint32_t)digit;
        if (value > 0x10ffff) {
          result.error = "Undefined Unicode code-point";
          break;
        }
      }
      if (!result.error && (!digits || lexer_peek(lexer, i) != '}'))
        result.error = "Invalid Unicode escape sequence";
      if (!result.error) i++;
    } else {
      for (int k = 0; k < 4; k++, i++) {
        int digit = hex_value(lexer_peek(lexer, i));
        if (digit < 0) {
          result.error = "Invalid Unicode escape sequence";
          break;
        }
        value = value * 16 + (uint32_t)digit;
      }
    }
    if (!result.error) buffer_push_code_point(lexer, value);
    break;
  }
  case '0' ... '7': {
    uint32_t value = c - '0';
    if (c == '0' && !is_digit(lexer_peek(lexer, i))) {
      buffer_push(lexer, 0);
      break;
    }
    result.octal = true;
    for (int k = 0; k < (c <= '3' ? 2 : 1); k++, i++) {
      uint32_t digit = lexer_peek(lexer, i) - '0';
      if (digit > 7) break;
      value = value * 8 + digit;
    }
    buffer_push(lexer, value);
    break;
  }
  case '8':
  case '9':
    result.octal = true;
    buffer_push(lexer, c);
    break;
  case 0x110000:
    i--;
    break;
  default:
    buffer_push_code_point(lexer, c);
  }
  result.end = i;
  return result;
}

void syntax_scan_string_slow(Lexer *lexer, Token *token, uint32_t position) {
  uint32_t quote = lexer_unit(lexer, token->start);
  lexer->buffer_length = 0;
  for (uint32_t i = token->start + 1; i < position; i++)
    buffer_push(lexer, lexer_unit(lexer, i));
  uint32_t i = position;
  for (;;) {
    uint32_t c = lexer_peek(lexer, i);
    if (c == quote) break;
    if (c == 0x110000 || c == '\n' || c == '\r')
      syntax_fail_invalid(lexer, token->start, i);
    if (c != '\\') {
      buffer_push(lexer, c);
      i++;
      continue;
    }
    token->flags |= TOKEN_HAS_ESCAPE;
    Escape escape = scan_escape(lexer, i);
    if (escape.error) syntax_fail(lexer, i, escape.end, "%s", escape.error);
    if (escape.octal && !(token->flags & TOKEN_LEGACY_OCTAL)) {
      token->flags |= TOKEN_LEGACY_OCTAL;
      token->octal_offset = i;
    }
    i = escape.end;
  }
  token->type = TOKEN_STRING;
  token->name = syntax_intern_utf16(&lexer->names, lexer->buffer,
                                    lexer->buffer_length, false);
  token->end = lexer->position = i + 1;
}

// The raw string of a template part: CR and CRLF become LF.
static Name *intern_raw(Lexer *lexer, uint32_t start, uint32_t end,
                        bool has_return) {
  if (!has_return) return syntax_intern_source(lexer, start, end);
  lexer->buffer_length = 0;
  for (uint32_t i = start; i < end; i++) {
    uint32_t c = lexer_unit(lexer, i);
    if (c == '\r') {
      if (i + 1 < end && lexer_unit(lexer, i + 1) == '\n') continue;
      c = '\n';
    }
    buffer_push(lexer, c);
  }
  return syntax_intern_utf16(&lexer->names, lexer->buffer, lexer->buffer_length,
                             false);
}

void syntax_scan_template(Lexer *lexer, Token *token, uint32_t start) {
  uint32_t i = start;
  bool has_return = false, has_escape = false;
  token->type = TOKEN_TEMPLATE;
  token->bad_escape = NULL;
  lexer->buffer_length = 0;
  for (;;) {
    uint32_t c = lexer_peek(lexer, i);
    if (c == '`' || (c == '$' && lexer_peek(lexer, i + 1) == '{')) break;
    if (c == 0x110000)
      syntax_fail(lexer, i, i, "Unterminated template literal");
    if (c == '\r') {
      has_return = true;
      if (lexer_peek(lexer, i + 1) == '\n') i++;
      c = '\n';
    }
    if (c != '\\') {
      buffer_push(lexer, c);
      i++;
      continue;
    }
    has_escape = true;
    if (lexer_peek(lexer, i + 1) == '\r') has_return = true;
    Escape escape = scan_escape(lexer, i);
    if (escape.octal)
      escape.error =
          "Octal escape sequences are not allowed in template "
          "strings";
    if (escape.error && !token->bad_escape) {
      token->bad_escape = escape.error;
      token->bad_escape_start = i;
      token->bad_escape_end = escape.end;
    }
    i = escape.end;
  }
  token->name = NULL;
  if (!token->bad_escape)
    token->name = syntax_intern_utf16(&lexer->names, lexer->buffer,
                                      lexer->buffer_length, false);
  token->raw = has_escape || has_return
                   ? intern_raw(lexer, start, i, has_return)
                   : token->name;
  if (lexer_unit(lexer, i) == '`') {
    token->flags |= TOKEN_TEMPLATE_END;
    token->end = lexer->position = i + 1;
  } else {
    token->end = lexer->position = i + 2;
  }
}

// Digits (in the scratch buffer from `from`) of a power-of-two radix, rounded
// to nearest, ties to even.
static double parse_binary(const Lexer *lexer, uint32_t from, int bits) {
  uint64_t mantissa = 0;
  int exponent = 0;
  bool sticky = false;
  for (uint32_t i = from; i < lexer->buffer_length; i++) {
    uint32_t digit = (uint32_t)hex_value(lexer->buffer[i]);
    for (int k = bits - 1; k >= 0; k--) {
      uint32_t bit = (digit >> k) & 1;
      if (mantissa >> 62) {
        sticky |= bit;
        if (exponent < 4096) exponent++;
      } else {
        mantissa = mantissa << 1 | bit;
      }
    }
  }
  // 63 bits and the sticky bit below them: the conversion rounds once.
  double value = (double)(mantissa << 1 | sticky);
  return __builtin_ldexp(value, exponent - 1);
}

// Copies digits of `radix` to the scratch buffer, with separators removed when
// allowed. Returns the offset after them.
static uint32_t scan_digits(Lexer *lexer, uint32_t i, uint32_t radix,
                            bool separators) {
  uint32_t first = i;
  for (;; i++) {
    uint32_t c = lexer_peek(lexer, i);
    if (c == '_' && separators) {
      if (i == first || lexer_unit(lexer, i - 1) == '_')
        syntax_fail(lexer, i, i + 1,
                    i == first ? "Numeric separators are not allowed here"
                               : "Only one underscore is allowed as numeric "
                                 "separator");
      continue;
    }
    int digit = hex_value(c);
    if (digit < 0 || (uint32_t)digit >= radix) break;
    buffer_push(lexer, c);
  }
  if (i > first && lexer_unit(lexer, i - 1) == '_')
    syntax_fail(lexer, i - 1, i,
                "Numeric separators are not allowed at the end of numeric "
                "literals");
  return i;
}

static void end_number(Lexer *lexer, Token *token, uint32_t i) {
  if (i < lexer->length) {
    uint32_t size;
    uint32_t c = syntax_code_point(lexer, i, &size);
    if (is_id_start(c) || is_digit(c) || c == '\\')
      syntax_fail_invalid(lexer, token->start, i + size);
  }
  token->end = lexer->position = i;
}

static void end_bigint(Lexer *lexer, Token *token, uint32_t i) {
  token->type = TOKEN_BIGINT;
  token->name = syntax_intern_utf16(&lexer->names, lexer->buffer,
                                    lexer->buffer_length, false);
  end_number(lexer, token, i);
}

static void scan_prefixed(Lexer *lexer, Token *token, uint32_t radix,
                          int bits) {
  uint32_t i = token->start + 2;
  buffer_push(lexer, '0');
  buffer_push(lexer, lexer_unit(lexer, i - 1) | 0x20);
  uint32_t end = scan_digits(lexer, i, radix, true);
  if (lexer->buffer_length == 2)
    syntax_fail_invalid(lexer, token->start, end + 1);
  if (lexer_peek(lexer, end) == 'n') {
    end_bigint(lexer, token, end + 1);
    return;
  }
  token->number = parse_binary(lexer, 2, bits);
  end_number(lexer, token, end);
}

void syntax_scan_number(Lexer *lexer, Token *token) {
  uint32_t i = token->start;
  lexer->buffer_length = 0;
  token->type = TOKEN_NUMBER;
  uint32_t first = lexer_unit(lexer, i);
  uint32_t second = lexer_peek(lexer, i + 1);
  bool separators = true;
  if (first == '0' && second < 0x80) {
    switch (second | 0x20) {
    case 'x':
      scan_prefixed(lexer, token, 16, 4);
      return;
    case 'o':
      scan_prefixed(lexer, token, 8, 3);
      return;
    case 'b':
      scan_prefixed(lexer, token, 2, 1);
      return;
    }
    if (second == '_')
      syntax_fail(lexer, i + 1, i + 2,
                  "Numeric separator can not be used after leading 0.");
    if (is_digit(second)) {
      // Annex B.1.1: octal unless an 8 or 9 appears.
      token->flags |= TOKEN_LEGACY_OCTAL;
      separators = false;
      uint32_t end = scan_digits(lexer, i, 8, false);
      uint32_t c = lexer_peek(lexer, end);
      if (c != '8' && c != '9') {
        token->number = parse_binary(lexer, 0, 3);
        end_number(lexer, token, end);
        return;
      }
      lexer->buffer_length = 0;
    }
  }
  if (first != '.') {
    i = scan_digits(lexer, i, 10, separators);
    if (lexer_peek(lexer, i) == 'n' && separators) {
      end_bigint(lexer, token, i + 1);
      return;
    }
  }
  if (lexer_peek(lexer, i) == '.') {
    buffer_push(lexer, '.');
    i++;
    if (lexer_peek(lexer, i) == '_')
      syntax_fail(lexer, i, i + 1, "Numeric separators are not allowed here");
    i = scan_digits(lexer, i, 10, true);
  }
  if ((lexer_peek(lexer, i) | 0x20) == 'e') {
    buffer_push(lexer, 'e');
    i++;
    uint32_t sign = lexer_peek(lexer, i);
    if (sign == '+' || sign == '-') {
      buffer_push(lexer, sign);
      i++;
    }
    uint32_t digits = i;
    i = scan_digits(lexer, i, 10, true);
    if (i == digits) syntax_fail_invalid(lexer, token->start, i + 1);
  }
  token->number = vm_number_from_utf16(lexer->buffer, lexer->buffer_length);
  end_number(lexer, token, i);
}
