// SPDX-License-Identifier: MIT
// Finds the exports of a CommonJS module in its text: a lexer that knows just
// enough to step over what is not code, and the patterns of export_scan.h on
// its tokens.
#include "runtime/modules/export_scan.h"

#include <stdlib.h>
#include <string.h>

typedef enum {
  TOKEN_END,
  TOKEN_WORD, // identifiers and keywords
  TOKEN_STRING,
  TOKEN_OTHER, // numbers, templates, regular expressions
  TOKEN_MARK,  // one character of punctuation; "=>", "==" and "===" are '>'
} TokenKind;

typedef struct Token {
  TokenKind kind;
  char mark; // MARK: the character
  TextPiece text;
} Token;

enum { MAX_TEMPLATE_DEPTH = 32 };

typedef struct Scanner {
  const char *at, *end;
  Token token, previous; // previous: tells division from regular expression
  // Open braces of `${`: by how many braces each is nested.
  uint32_t braces, templates[MAX_TEMPLATE_DEPTH], template_depth;
  ExportScan *out;
  TextPieces required; // variable, specifier, ...: var x = require('x')
  bool failed;         // out of memory
} Scanner;

static void add(Scanner *s, TextPieces *list, TextPiece piece) {
  if (list->count == list->capacity) {
    uint32_t capacity = list->capacity ? list->capacity * 2 : 16;
    TextPiece *items = realloc(list->items, capacity * sizeof *items);
    if (items == NULL) {
      s->failed = true;
      return;
    }
    list->items = items;
    list->capacity = capacity;
  }
  list->items[list->count++] = piece;
}

// Lexing ----------------------------------------------------------------------

static bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '\\' ||
         (unsigned char)c >= 0x80;
}

static bool is_piece(TextPiece piece, const char *text) {
  return piece.length == strlen(text) &&
         memcmp(piece.start, text, piece.length) == 0;
}

static void skip_space(Scanner *s) {
  while (s->at < s->end) {
    char c = *s->at;
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      s->at++;
    } else if (c == '/' && s->at + 1 < s->end && s->at[1] == '/') {
      while (s->at < s->end && *s->at != '\n')
        s->at++;
    } else if (c == '/' && s->at + 1 < s->end && s->at[1] == '*') {
      const char *close =
          memmem(s->at + 2, (size_t)(s->end - s->at - 2), "*/", 2);
      s->at = close == NULL ? s->end : close + 2;
    } else {
      return;
    }
  }
}

// After a value `/` divides; elsewhere a regular expression begins.
static bool regexp_may_begin(const Scanner *s) {
  static const char *const keywords[] = {
      "return", "typeof", "case",   "do",    "else", "in",    "instanceof",
      "new",    "void",   "delete", "throw", "of",   "yield", "await"};
  switch (s->previous.kind) {
  case TOKEN_END:
    return true;
  case TOKEN_WORD:
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
      if (is_piece(s->previous.text, keywords[i])) return true;
    return false;
  case TOKEN_MARK:
    return strchr(")]}", s->previous.mark) == NULL;
  default:
    return false;
  }
}

static void skip_regexp(Scanner *s) {
  bool in_class = false;
  for (s->at++; s->at < s->end && *s->at != '\n'; s->at++) {
    if (*s->at == '\\') {
      s->at++;
    } else if (*s->at == '[') {
      in_class = true;
    } else if (*s->at == ']') {
      in_class = false;
    } else if (*s->at == '/' && !in_class) {
      s->at++;
      break;
    }
  }
  while (s->at < s->end && is_word_byte(*s->at))
    s->at++;
}

// From behind the opening quote or a `}` to the end of the template or to the
// code that is in it.
static void skip_template(Scanner *s) {
  for (; s->at < s->end; s->at++) {
    if (*s->at == '\\') {
      s->at++;
    } else if (*s->at == '`') {
      s->at++;
      return;
    } else if (*s->at == '$' && s->at + 1 < s->end && s->at[1] == '{') {
      s->at += 2;
      if (s->template_depth == MAX_TEMPLATE_DEPTH) {
        s->at = s->end; // nothing that is nested so deeply exports anything
      } else {
        s->templates[s->template_depth++] = s->braces++;
      }
      return;
    }
  }
}

static void string_token(Scanner *s, char quote) {
  const char *start = ++s->at;
  while (s->at < s->end && *s->at != quote && *s->at != '\n')
    s->at += *s->at == '\\' ? 2 : 1;
  if (s->at > s->end) s->at = s->end;
  s->token.kind = TOKEN_STRING;
  s->token.text = (TextPiece){start, (size_t)(s->at - start)};
  if (s->at < s->end) s->at++;
}

static void mark_token(Scanner *s, char c) {
  s->token.kind = TOKEN_MARK;
  s->token.mark = c;
  s->at++;
  if (c == '=' && s->at < s->end && (*s->at == '=' || *s->at == '>')) {
    s->token.mark = '>';
    while (s->at < s->end && (*s->at == '=' || *s->at == '>'))
      s->at++;
  } else if (strchr("!<>", c) != NULL && s->at < s->end && *s->at == '=') {
    while (s->at < s->end && *s->at == '=')
      s->at++;
  } else if (c == '{') {
    s->braces++;
  } else if (c == '}' && s->braces > 0) {
    s->braces--;
    if (s->template_depth > 0 &&
        s->templates[s->template_depth - 1] == s->braces) {
      s->template_depth--;
      skip_template(s);
      s->token.kind = TOKEN_OTHER;
    }
  }
}

static void advance(Scanner *s) {
  s->previous = s->token;
  skip_space(s);
  s->token = (Token){.kind = TOKEN_END};
  if (s->at >= s->end) return;
  const char *start = s->at;
  char c = *start;
  if (c == '\'' || c == '"') {
    string_token(s, c);
  } else if (c == '`') {
    s->at++;
    skip_template(s);
    s->token.kind = TOKEN_OTHER;
  } else if (is_word_byte(c)) {
    while (s->at < s->end && is_word_byte(*s->at))
      s->at++;
    s->token.kind = c >= '0' && c <= '9' ? TOKEN_OTHER : TOKEN_WORD;
    s->token.text = (TextPiece){start, (size_t)(s->at - start)};
  } else if (c == '/' && regexp_may_begin(s)) {
    skip_regexp(s);
    s->token.kind = TOKEN_OTHER;
  } else {
    mark_token(s, c);
  }
}

static bool at_mark(const Scanner *s, char mark) {
  return s->token.kind == TOKEN_MARK && s->token.mark == mark;
}
static bool at_word(const Scanner *s, const char *word) {
  return s->token.kind == TOKEN_WORD && is_piece(s->token.text, word);
}
static bool accept_mark(Scanner *s, char mark) {
  if (!at_mark(s, mark)) return false;
  advance(s);
  return true;
}
static bool accept_word(Scanner *s, const char *word) {
  if (!at_word(s, word)) return false;
  advance(s);
  return true;
}

// Patterns: each leaves the scanner behind what it has understood -------------

// require('x'): true and the specifier.
static bool accept_require(Scanner *s, TextPiece *specifier) {
  if (!accept_word(s, "require") || !accept_mark(s, '(') ||
      s->token.kind != TOKEN_STRING)
    return false;
  *specifier = s->token.text;
  advance(s);
  return accept_mark(s, ')');
}

// exports, or module.exports.
static bool accept_exports(Scanner *s) {
  if (accept_word(s, "exports")) return true;
  return accept_word(s, "module") && accept_mark(s, '.') &&
         accept_word(s, "exports");
}

// To the comma or the brace that ends a property's value.
static void skip_value(Scanner *s) {
  uint32_t depth = 0;
  for (; s->token.kind != TOKEN_END; advance(s)) {
    if (s->token.kind != TOKEN_MARK) continue;
    if (strchr("([{", s->token.mark) != NULL) {
      depth++;
    } else if (strchr(")]}", s->token.mark) != NULL) {
      if (depth-- == 0) return;
    } else if (s->token.mark == ',' && depth == 0) {
      return;
    }
  }
}

// { a, 'b': ..., get c() {}, ...require('x') }
static void scan_literal(Scanner *s) {
  advance(s);
  while (s->token.kind != TOKEN_END && !at_mark(s, '}')) {
    if (at_mark(s, '.')) {
      TextPiece specifier;
      while (accept_mark(s, '.')) {
      }
      if (accept_require(s, &specifier)) {
        add(s, &s->out->reexports, specifier);
      }
    } else if (s->token.kind == TOKEN_WORD || s->token.kind == TOKEN_STRING) {
      Token key = s->token;
      advance(s);
      // get, set, async before another key; methods of these names have `(`.
      while (key.kind == TOKEN_WORD &&
             (s->token.kind == TOKEN_WORD || s->token.kind == TOKEN_STRING)) {
        key = s->token;
        advance(s);
      }
      add(s, &s->out->names, key.text);
    }
    skip_value(s);
    if (!accept_mark(s, ',')) break;
  }
}

// Behind `module.exports =` or `exports =`.
static void scan_assigned(Scanner *s) {
  if (at_mark(s, '{')) {
    scan_literal(s);
    return;
  }
  TextPiece specifier;
  if (at_word(s, "require") && accept_require(s, &specifier) &&
      !at_mark(s, '.') && !at_mark(s, '(') && !at_mark(s, '[')) {
    add(s, &s->out->reexports, specifier);
  }
}

// Behind `exports`: .a =, ['a'] =, or = of all of it.
static void scan_member(Scanner *s, bool is_module_exports) {
  TextPiece name;
  if (accept_mark(s, '.')) {
    if (s->token.kind != TOKEN_WORD) return;
    name = s->token.text;
    advance(s);
  } else if (accept_mark(s, '[')) {
    if (s->token.kind != TOKEN_STRING) return;
    name = s->token.text;
    advance(s);
    if (!accept_mark(s, ']')) return;
  } else {
    // An assignment to `exports` alone exports nothing.
    if (!accept_mark(s, '=') || !is_module_exports) return;
    if (!accept_word(s, "exports") || accept_mark(s, '=')) scan_assigned(s);
    return;
  }
  if (at_mark(s, '=')) add(s, &s->out->names, name);
}

// Behind `Object`.
static void scan_object_call(Scanner *s) {
  if (!accept_mark(s, '.')) return;
  if (accept_word(s, "defineProperty")) {
    if (accept_mark(s, '(') && accept_exports(s) && accept_mark(s, ',') &&
        s->token.kind == TOKEN_STRING) {
      add(s, &s->out->names, s->token.text);
    }
    return;
  }
  if (!accept_word(s, "keys") || !accept_mark(s, '(') ||
      s->token.kind != TOKEN_WORD)
    return;
  TextPiece variable = s->token.text;
  advance(s);
  if (!accept_mark(s, ')') || !accept_mark(s, '.') ||
      !accept_word(s, "forEach"))
    return;
  for (uint32_t i = 0; i + 1 < s->required.count; i += 2) {
    TextPiece known = s->required.items[i];
    if (known.length == variable.length &&
        memcmp(known.start, variable.start, known.length) == 0) {
      add(s, &s->out->reexports, s->required.items[i + 1]);
    }
  }
}

// Behind `x`, which may be followed by `= require('x')`, perhaps within a call
// of one of the helpers that compilers add.
static void scan_variable(Scanner *s, TextPiece variable) {
  advance(s);
  Scanner here = *s;
  if (s->token.kind == TOKEN_WORD && s->token.text.length > 0 &&
      s->token.text.start[0] == '_') {
    advance(s);
    if (!accept_mark(s, '(')) {
      *s = here;
      return;
    }
  }
  TextPiece specifier;
  if (at_word(s, "require") && accept_require(s, &specifier)) {
    add(s, &s->required, variable);
    add(s, &s->required, specifier);
  }
}

static bool ends_with(TextPiece piece, const char *end) {
  size_t length = strlen(end);
  return piece.length >= length &&
         memcmp(piece.start + piece.length - length, end, length) == 0;
}

static void scan_word(Scanner *s) {
  TextPiece word = s->token.text;
  bool is_member = s->previous.kind == TOKEN_MARK && s->previous.mark == '.';
  if (is_piece(word, "module") && !is_member) {
    advance(s);
    if (accept_mark(s, '.') && accept_word(s, "exports")) scan_member(s, true);
  } else if (is_piece(word, "exports") && !is_member) {
    advance(s);
    scan_member(s, false);
  } else if (is_piece(word, "Object") && !is_member) {
    advance(s);
    scan_object_call(s);
  } else if (ends_with(word, "__exportStar") || ends_with(word, "__export")) {
    advance(s);
    TextPiece specifier;
    if (accept_mark(s, '(') && accept_require(s, &specifier)) {
      add(s, &s->out->reexports, specifier);
    }
  } else {
    advance(s);
    if (at_mark(s, '=') && !is_member) scan_variable(s, word);
  }
}

bool rt_scan_exports(const char *text, size_t length, ExportScan *out) {
  *out = (ExportScan){0};
  Scanner s = {.at = text, .end = text + length, .out = out};
  advance(&s);
  while (s.token.kind != TOKEN_END && !s.failed) {
    if (s.token.kind == TOKEN_WORD) {
      scan_word(&s);
    } else {
      advance(&s);
    }
  }
  free(s.required.items);
  return !s.failed;
}

void rt_release_scan(ExportScan *scan) {
  free(scan->names.items);
  free(scan->reexports.items);
}
