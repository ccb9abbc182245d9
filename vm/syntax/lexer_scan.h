// SPDX-License-Identifier: MIT
// The token scanner, compiled once for each width of code unit: the includer
// defines SCAN_UNIT, SCAN_WIDE and SCAN_NAME. Rare forms (escapes, all but the
// simplest numbers) leave for the shared slow paths.

#if SCAN_WIDE
#define IS_NARROW(unit) ((unit) < 0x100)
#else
#define IS_NARROW(unit) true
#endif

static inline uint32_t unit_at(const SCAN_UNIT *units, uint32_t index,
                               uint32_t length) {
  return index < length ? units[index] : 0x110000;
}

static inline bool ends_line(uint32_t c) {
  return c == '\n' || c == '\r' || (SCAN_WIDE && (c | 1) == 0x2029);
}

// Where what is in a string as it stands may end: at the quote, a backslash or
// a line's end, or at any unit that is to be looked at.
static inline uint32_t plain_end(const SCAN_UNIT *units, uint32_t i,
                                 uint32_t length, SCAN_UNIT quote) {
#if !SCAN_WIDE
  for (; i + 8 <= length; i += 8) {
    uint64_t word = word_load(units + i);
    uint64_t found = word_equal(word, quote) | word_equal(word, '\\') |
                     word_equal(word, '\n') | word_equal(word, '\r');
    if (found) return i + word_first(found);
  }
#endif
  return i;
}

static uint32_t skip_line(const SCAN_UNIT *units, uint32_t i, uint32_t length) {
#if !SCAN_WIDE
  for (; i + 8 <= length; i += 8) {
    uint64_t word = word_load(units + i);
    uint64_t found = word_equal(word, '\n') | word_equal(word, '\r');
    if (found) return i + word_first(found);
  }
#endif
  while (i < length && !ends_line(units[i]))
    i++;
  return i;
}

// Skips the blanks by which a line is indented.
static inline uint32_t skip_blanks(const SCAN_UNIT *units, uint32_t i,
                                   uint32_t length) {
#if !SCAN_WIDE
  while (i + 8 <= length && word_load(units + i) == ' ' * WORD_ONES)
    i += 8;
#endif
  while (i < length && units[i] == ' ')
    i++;
  return i;
}

// Inside a block comment: the next `*` or end of a line, or at any unit that is
// to be looked at.
static inline uint32_t comment_end(const SCAN_UNIT *units, uint32_t i,
                                   uint32_t length) {
#if !SCAN_WIDE
  for (; i + 8 <= length; i += 8) {
    uint64_t word = word_load(units + i);
    uint64_t found =
        word_equal(word, '*') | word_equal(word, '\n') | word_equal(word, '\r');
    if (found) return i + word_first(found);
  }
#endif
  return i;
}

// Skips white space and comments from lexer->position; returns where the token
// starts, and sets *flags.
static uint32_t skip_trivia(Lexer *lexer, const SCAN_UNIT *units,
                            uint8_t *flags) {
  uint32_t i = lexer->position, length = lexer->length;
  uint8_t newline = i == 0 ? TOKEN_AFTER_NEWLINE : 0;
  while (i < length) {
    uint32_t c = units[i];
    if (c == ' ' || c == '\t') {
      i++;
    } else if (c == '\n' || c == '\r') {
      newline = TOKEN_AFTER_NEWLINE;
      i = skip_blanks(units, i + 1, length);
    } else if (c == '/') {
      uint32_t next = unit_at(units, i + 1, length);
      if (next == '/') {
        i = skip_line(units, i + 2, length);
      } else if (next == '*') {
        uint32_t start = i;
        for (i += 2;; i++) {
          i = comment_end(units, i, length);
          if (i + 1 >= length) syntax_fail_invalid(lexer, start, length);
          c = units[i];
          if (c == '*' && units[i + 1] == '/') break;
          if (ends_line(c)) newline = TOKEN_AFTER_NEWLINE;
        }
        i += 2;
      } else {
        break;
      }
    } else if (c == '<' && lexer->html_comments &&
               unit_at(units, i + 1, length) == '!' &&
               unit_at(units, i + 2, length) == '-' &&
               unit_at(units, i + 3, length) == '-') {
      i = skip_line(units, i + 4, length);
    } else if (c == '-' && newline && lexer->html_comments &&
               unit_at(units, i + 1, length) == '-' &&
               unit_at(units, i + 2, length) == '>') {
      i = skip_line(units, i + 3, length);
    } else if (c < 0x100 ? syntax_characters[c] & CHARACTER_SPACE
                         : syntax_is_space_slow(c)) {
      i++;
    } else if (SCAN_WIDE && (c | 1) == 0x2029) {
      newline = TOKEN_AFTER_NEWLINE;
      i++;
    } else {
      break;
    }
  }
  *flags = newline;
  return i;
}

static void scan_identifier(Lexer *lexer, Token *token,
                            const SCAN_UNIT *units) {
  uint32_t i = token->start + 1, length = lexer->length;
  while (i < length && IS_NARROW(units[i]) &&
         syntax_characters[units[i]] & CHARACTER_ID_PART)
    i++;
  if (i < length && (units[i] == '\\' || !IS_NARROW(units[i]))) {
    syntax_scan_identifier_slow(lexer, token, false);
    return;
  }
#if SCAN_WIDE
  Name *name = syntax_intern_narrow(&lexer->names, units + token->start,
                                    i - token->start);
#else
  Name *name = syntax_intern_latin1(&lexer->names, units + token->start,
                                    i - token->start);
#endif
  token->type = name->keyword ? name->keyword : TOKEN_NAME;
  token->name = name;
  token->end = lexer->position = i;
}

static void scan_string(Lexer *lexer, Token *token, const SCAN_UNIT *units) {
  uint32_t i = token->start + 1, length = lexer->length;
  SCAN_UNIT quote = units[token->start];
  for (;; i++) {
    i = plain_end(units, i, length, quote);
    if (i >= length) break;
    uint32_t c = units[i];
    if (c == quote) {
      token->type = TOKEN_STRING;
#if SCAN_WIDE
      token->name = syntax_intern_utf16(&lexer->names, units + token->start + 1,
                                        i - token->start - 1, true);
#else
      token->name = syntax_intern_latin1(
          &lexer->names, units + token->start + 1, i - token->start - 1);
#endif
      token->end = lexer->position = i + 1;
      return;
    }
    if (c == '\\' || c == '\n' || c == '\r') break;
  }
  syntax_scan_string_slow(lexer, token, i);
}

// The end of a plain decimal with a point at units[i], 0 if it is another.
static inline uint32_t decimal_end(const SCAN_UNIT *units, uint32_t i,
                                   uint32_t length) {
  do
    i++;
  while (i < length && is_digit(units[i]));
  uint32_t c = unit_at(units, i, length);
  bool goes_on = c == '\\' || (c < 0x110000 && is_id_part(c)) ||
                 (SCAN_WIDE && (c & 0xfc00) == 0xd800);
  return goes_on ? 0 : i;
}

// Decimals whose integer part has up to nine digits, without exponents.
static void scan_number(Lexer *lexer, Token *token, const SCAN_UNIT *units) {
  uint32_t i = token->start, length = lexer->length;
  uint32_t value = 0;
  if (units[i] == '0') {
    i++;
  } else {
    uint32_t limit = length - i > 9 ? i + 9 : length;
    while (i < limit && is_digit(units[i]))
      value = value * 10 + units[i++] - '0';
  }
  uint32_t c = unit_at(units, i, length);
  uint32_t end = c == '.' ? decimal_end(units, i, length) : 0;
  if (end) {
    token->type = TOKEN_NUMBER;
#if SCAN_WIDE
    token->number =
        vm_number_from_utf16(units + token->start, end - token->start);
#else
    token->number =
        vm_number_from_latin1(units + token->start, end - token->start);
#endif
    token->end = lexer->position = end;
    return;
  }
  if (c == '.' || c == '\\' || (c < 0x110000 && is_id_part(c)) ||
      (SCAN_WIDE && (c & 0xfc00) == 0xd800)) {
    syntax_scan_number(lexer, token);
    return;
  }
  token->type = TOKEN_NUMBER;
  token->number = value;
  token->end = lexer->position = i;
}

#define NEXT(k) unit_at(units, i + (k), length)
#define FOUND(token_type, size)                                                \
  do {                                                                         \
    token->type = (token_type);                                                \
    token->end = lexer->position = i + (size);                                 \
    return;                                                                    \
  } while (0)

void SCAN_NAME(Lexer *lexer, Token *token) {
  const SCAN_UNIT *units = lexer->units;
  uint32_t length = lexer->length;
  uint32_t i = skip_trivia(lexer, units, &token->flags);
  token->start = i;
  token->name = NULL;
  if (i >= length) FOUND(TOKEN_END, 0);
  uint32_t c = units[i];
  if (c < 0x100 && syntax_characters[c] & CHARACTER_ID_START) {
    scan_identifier(lexer, token, units);
    return;
  }
  switch (c) {
  case '0' ... '9':
    scan_number(lexer, token, units);
    return;
  case '"':
  case '\'':
    scan_string(lexer, token, units);
    return;
  case '`':
    syntax_scan_template(lexer, token, i + 1);
    return;
  case '{':
    FOUND(TOKEN_LEFT_BRACE, 1);
  case '}':
    FOUND(TOKEN_RIGHT_BRACE, 1);
  case '(':
    FOUND(TOKEN_LEFT_PAREN, 1);
  case ')':
    FOUND(TOKEN_RIGHT_PAREN, 1);
  case '[':
    FOUND(TOKEN_LEFT_BRACKET, 1);
  case ']':
    FOUND(TOKEN_RIGHT_BRACKET, 1);
  case ';':
    FOUND(TOKEN_SEMICOLON, 1);
  case ',':
    FOUND(TOKEN_COMMA, 1);
  case ':':
    FOUND(TOKEN_COLON, 1);
  case '~':
    FOUND(TOKEN_BIT_NOT, 1);
  case '@':
    FOUND(TOKEN_AT, 1);
  case '.':
    if (is_digit(NEXT(1))) {
      syntax_scan_number(lexer, token);
      return;
    }
    if (NEXT(1) == '.' && NEXT(2) == '.') FOUND(TOKEN_ELLIPSIS, 3);
    FOUND(TOKEN_DOT, 1);
  case '?':
    if (NEXT(1) == '?') {
      if (NEXT(2) == '=') FOUND(TOKEN_NULLISH_ASSIGN, 3);
      FOUND(TOKEN_NULLISH, 2);
    }
    if (NEXT(1) == '.' && !is_digit(NEXT(2))) FOUND(TOKEN_OPTIONAL, 2);
    FOUND(TOKEN_QUESTION, 1);
  case '=':
    if (NEXT(1) == '>') FOUND(TOKEN_ARROW, 2);
    if (NEXT(1) != '=') FOUND(TOKEN_ASSIGN, 1);
    if (NEXT(2) == '=') FOUND(TOKEN_STRICT_EQUAL, 3);
    FOUND(TOKEN_EQUAL, 2);
  case '!':
    if (NEXT(1) != '=') FOUND(TOKEN_NOT, 1);
    if (NEXT(2) == '=') FOUND(TOKEN_STRICT_NOT_EQUAL, 3);
    FOUND(TOKEN_NOT_EQUAL, 2);
  case '+':
    if (NEXT(1) == '+') FOUND(TOKEN_INCREMENT, 2);
    if (NEXT(1) == '=') FOUND(TOKEN_ADD_ASSIGN, 2);
    FOUND(TOKEN_ADD, 1);
  case '-':
    if (NEXT(1) == '-') FOUND(TOKEN_DECREMENT, 2);
    if (NEXT(1) == '=') FOUND(TOKEN_SUBTRACT_ASSIGN, 2);
    FOUND(TOKEN_SUBTRACT, 1);
  case '*':
    if (NEXT(1) == '*') {
      if (NEXT(2) == '=') FOUND(TOKEN_EXPONENT_ASSIGN, 3);
      FOUND(TOKEN_EXPONENT, 2);
    }
    if (NEXT(1) == '=') FOUND(TOKEN_MULTIPLY_ASSIGN, 2);
    FOUND(TOKEN_MULTIPLY, 1);
  case '/':
    if (NEXT(1) == '=') FOUND(TOKEN_DIVIDE_ASSIGN, 2);
    FOUND(TOKEN_DIVIDE, 1);
  case '%':
    if (NEXT(1) == '=') FOUND(TOKEN_REMAINDER_ASSIGN, 2);
    FOUND(TOKEN_REMAINDER, 1);
  case '<':
    if (NEXT(1) == '<') {
      if (NEXT(2) == '=') FOUND(TOKEN_SHIFT_LEFT_ASSIGN, 3);
      FOUND(TOKEN_SHIFT_LEFT, 2);
    }
    if (NEXT(1) == '=') FOUND(TOKEN_LESS_EQUAL, 2);
    FOUND(TOKEN_LESS, 1);
  case '>':
    if (NEXT(1) == '>') {
      if (NEXT(2) == '>') {
        if (NEXT(3) == '=') FOUND(TOKEN_SHIFT_RIGHT_UNSIGNED_ASSIGN, 4);
        FOUND(TOKEN_SHIFT_RIGHT_UNSIGNED, 3);
      }
      if (NEXT(2) == '=') FOUND(TOKEN_SHIFT_RIGHT_ASSIGN, 3);
      FOUND(TOKEN_SHIFT_RIGHT, 2);
    }
    if (NEXT(1) == '=') FOUND(TOKEN_GREATER_EQUAL, 2);
    FOUND(TOKEN_GREATER, 1);
  case '&':
    if (NEXT(1) == '&') {
      if (NEXT(2) == '=') FOUND(TOKEN_AND_ASSIGN, 3);
      FOUND(TOKEN_AND, 2);
    }
    if (NEXT(1) == '=') FOUND(TOKEN_BIT_AND_ASSIGN, 2);
    FOUND(TOKEN_BIT_AND, 1);
  case '|':
    if (NEXT(1) == '|') {
      if (NEXT(2) == '=') FOUND(TOKEN_OR_ASSIGN, 3);
      FOUND(TOKEN_OR, 2);
    }
    if (NEXT(1) == '=') FOUND(TOKEN_BIT_OR_ASSIGN, 2);
    FOUND(TOKEN_BIT_OR, 1);
  case '^':
    if (NEXT(1) == '=') FOUND(TOKEN_BIT_XOR_ASSIGN, 2);
    FOUND(TOKEN_BIT_XOR, 1);
  case '#':
    syntax_scan_identifier_slow(lexer, token, true);
    return;
  default:
    // A backslash, or above Latin-1: an identifier or nothing.
    syntax_scan_identifier_slow(lexer, token, false);
  }
}
