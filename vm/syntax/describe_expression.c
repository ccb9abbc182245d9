// SPDX-License-Identifier: MIT
// What the message of a failed instruction names: "o.list(...).map". Only the
// instruction's position is known, so the text around it is parsed again. Where
// a call's expression starts is guessed backwards; the guess counts only if the
// parse finds a call that stands at the position.
#include "vm/syntax/characters.h"
#include "vm/syntax/parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

// Where it starts -------------------------------------------------------------

static uint32_t unit_before(const SourceText *source, uint32_t at) {
  return at ? source_unit(source, at - 1) : 0;
}

// Also over block comments.
static uint32_t skip_space_back(const SourceText *source, uint32_t at) {
  for (; at; at--) {
    if (at > 3 && source_unit(source, at - 1) == '/' &&
        source_unit(source, at - 2) == '*') {
      for (at -= 3; at > 1 && (source_unit(source, at - 1) != '*' ||
                               source_unit(source, at - 2) != '/');)
        at--;
      at--;
      continue;
    }
    uint32_t unit = source_unit(source, at - 1);
    if (!is_line_terminator(unit) &&
        !(unit < 0x100 ? syntax_characters[unit] & CHARACTER_SPACE
                       : syntax_is_space_slow(unit)))
      break;
  }
  return at;
}

static bool is_name_unit(uint32_t unit) {
  return unit == '#' || (unit & 0xf800) == 0xd800 || is_id_part(unit);
}

static uint32_t name_start(const SourceText *source, uint32_t at) {
  while (at && is_name_unit(source_unit(source, at - 1)))
    at--;
  return at;
}

static bool is_word(const SourceText *source, uint32_t start, uint32_t end,
                    const char *word) {
  uint32_t i = 0;
  for (; start + i < end && word[i]; i++)
    if (source_unit(source, start + i) != (uint8_t)word[i]) return false;
  return start + i == end && !word[i];
}

// A keyword that an expression may follow.
static bool is_keyword(const SourceText *source, uint32_t start, uint32_t end) {
  static const char *const words[] = {
      "await", "case", "delete", "do",         "else", "extends", "if",
      "in",    "for",  "return", "instanceof", "new",  "switch",  "throw",
      "of",    "void", "while",  "typeof",     "with", "yield"};
  for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
    if (is_word(source, start, end, words[i])) return true;
  return false;
}

// The opening bracket of the closing one before `at`; NO_OFFSET: none.
static uint32_t opening(const SourceText *source, uint32_t at) {
  uint32_t depth = 0;
  while (at) {
    uint32_t unit = source_unit(source, --at);
    if (unit == ')' || unit == ']' || unit == '}') depth++;
    if ((unit == '(' || unit == '[' || unit == '{') && --depth == 0) return at;
  }
  return NO_OFFSET;
}

// `start`, or that of a `new` before it.
static uint32_t with_new(const SourceText *source, uint32_t start) {
  uint32_t end = skip_space_back(source, start);
  uint32_t word = name_start(source, end);
  return is_word(source, word, end, "new") ? word : start;
}

// The start of the member chain that ends before `at`; NO_OFFSET: unknown.
static uint32_t chain_start(const SourceText *source, uint32_t at) {
  for (;;) {
    at = skip_space_back(source, at);
    uint32_t unit = unit_before(source, at), start;
    if (unit == ')' || unit == ']') {
      start = opening(source, at);
      if (start == NO_OFFSET) return start;
      // Arguments or an index, if an operand comes before.
      uint32_t before = skip_space_back(source, start);
      unit = unit_before(source, before);
      if (unit == ')' || unit == ']') {
        at = before;
        continue;
      }
      if (unit == '.' && unit_before(source, before - 1) == '?') {
        at = before - 2;
        continue;
      }
      if (is_name_unit(unit) &&
          !is_keyword(source, name_start(source, before), before)) {
        at = before;
        continue;
      }
      return with_new(source, start);
    }
    if (unit == '"' || unit == '\'') {
      for (start = at - 1; start && (source_unit(source, start - 1) != unit ||
                                     unit_before(source, start - 1) == '\\');)
        start--;
      return start ? start - 1 : NO_OFFSET;
    }
    if (!is_name_unit(unit)) return NO_OFFSET;
    start = name_start(source, at);
    at = skip_space_back(source, start);
    if (unit_before(source, at) != '.' || unit_before(source, at - 1) == '.')
      return with_new(source, start);
    at -= unit_before(source, at - 1) == '?' ? 2 : 1;
  }
}

// Printing --------------------------------------------------------------------

// Chains lean left without limit: beyond a depth they are not printed.
enum { DEEPEST = 100 };

typedef struct Printer {
  char *text;
  size_t length, capacity;
  uint32_t depth;
} Printer;

static void put(Printer *to, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  size_t room = to->capacity - to->length;
  int length = vsnprintf(to->text + to->length, room, format, arguments);
  va_end(arguments);
  if (length > 0)
    to->length += (size_t)length < room ? (size_t)length : room - 1;
}

static void put_name(Printer *to, const Name *name) {
  syntax_name_to_utf8(name, to->text + to->length, to->capacity - to->length);
  to->length += strlen(to->text + to->length);
}

static void put_expression(Printer *to, const AstNode *node);
static void put_node(Printer *to, const AstNode *node);

static const char *operator_text(uint8_t op) {
  static const char *const texts[] = {
      [AST_OP_ADD] = "+",
      [AST_OP_SUBTRACT] = "-",
      [AST_OP_MULTIPLY] = "*",
      [AST_OP_DIVIDE] = "/",
      [AST_OP_REMAINDER] = "%",
      [AST_OP_EXPONENT] = "**",
      [AST_OP_SHIFT_LEFT] = "<<",
      [AST_OP_SHIFT_RIGHT] = ">>",
      [AST_OP_SHIFT_RIGHT_UNSIGNED] = ">>>",
      [AST_OP_BIT_AND] = "&",
      [AST_OP_BIT_OR] = "|",
      [AST_OP_BIT_XOR] = "^",
      [AST_OP_EQUAL] = "==",
      [AST_OP_NOT_EQUAL] = "!=",
      [AST_OP_STRICT_EQUAL] = "===",
      [AST_OP_STRICT_NOT_EQUAL] = "!==",
      [AST_OP_LESS] = "<",
      [AST_OP_LESS_EQUAL] = "<=",
      [AST_OP_GREATER] = ">",
      [AST_OP_GREATER_EQUAL] = ">=",
      [AST_OP_IN] = "in",
      [AST_OP_INSTANCEOF] = "instanceof",
      [AST_OP_AND] = "&&",
      [AST_OP_OR] = "||",
      [AST_OP_NULLISH] = "??",
      [AST_OP_PLUS] = "+",
      [AST_OP_MINUS] = "-",
      [AST_OP_BIT_NOT] = "~",
      [AST_OP_NOT] = "!",
      [AST_OP_TYPEOF] = "typeof ",
      [AST_OP_VOID] = "void ",
      [AST_OP_DELETE] = "delete ",
      [AST_OP_INCREMENT] = "++",
      [AST_OP_DECREMENT] = "--",
  };
  return texts[op];
}

static void put_list(Printer *to, const AstList *list, const char *between) {
  for (uint32_t i = 0; i < list->count; i++) {
    if (i) put(to, "%s", between);
    if (list->items[i])
      put_node(to, list->items[i]);
    else
      put(to, "(intermediate value)");
  }
}

static void put_index(Printer *to, const AstIndex *node) {
  bool optional = node->base.flags & AST_OPTIONAL;
  put_node(to, node->object);
  if (node->index->type == AST_STRING) {
    put(to, optional ? "?." : ".");
    put_name(to, ((const AstString *)node->index)->value);
    return;
  }
  put(to, optional ? "?.[" : "[");
  put_node(to, node->index);
  put(to, "]");
}

static void put_unary(Printer *to, const AstUnary *node) {
  if (node->base.op == AST_OP_MINUS && node->operand->type == AST_NUMBER) {
    put(to, "-");
    put_node(to, node->operand);
    return;
  }
  const char *op = operator_text(node->base.op);
  bool postfix =
      node->base.type == AST_UPDATE && !(node->base.flags & AST_PREFIX);
  put(to, "(%s", postfix ? "" : op);
  put_node(to, node->operand);
  put(to, "%s)", postfix ? op : "");
}

static void put_node(Printer *to, const AstNode *node) {
  if (to->depth++ < DEEPEST)
    put_expression(to, node);
  else
    put(to, "(intermediate value)");
  to->depth--;
}

static void put_expression(Printer *to, const AstNode *node) {
  switch ((AstType)node->type) {
  case AST_IDENTIFIER:
    put_name(to, ((const AstIdentifier *)node)->name);
    return;
  case AST_THIS:
    put(to, "this");
    return;
  case AST_NULL:
    put(to, "null");
    return;
  case AST_TRUE:
    put(to, "true");
    return;
  case AST_FALSE:
    put(to, "false");
    return;
  case AST_NUMBER:
    put(to, "%.15g", ((const AstNumber *)node)->value);
    return;
  case AST_STRING:
    put(to, "\"");
    put_name(to, ((const AstString *)node)->value);
    put(to, "\"");
    return;
  case AST_REGEXP:
    put(to, "/");
    put_name(to, ((const AstRegExp *)node)->pattern);
    put(to, "/");
    put_name(to, ((const AstRegExp *)node)->flags);
    return;
  case AST_ARRAY:
    put(to, "[");
    put_list(to, &((const AstListNode *)node)->list, ",");
    put(to, "]");
    return;
  case AST_OBJECT:
    put(to, "{");
    for (uint32_t i = 0; i < ((const AstListNode *)node)->list.count; i++)
      put(to, "(intermediate value)");
    put(to, "}");
    return;
  case AST_SPREAD:
    put(to, "(...");
    put_node(to, ((const AstUnary *)node)->operand);
    put(to, ")");
    return;
  case AST_SEQUENCE:
    put(to, "(");
    put_list(to, &((const AstListNode *)node)->list, " , ");
    put(to, ")");
    return;
  case AST_MEMBER: {
    const AstMember *member = (const AstMember *)node;
    put_node(to, member->object);
    put(to, node->flags & AST_OPTIONAL ? "?." : ".");
    put_name(to, member->name);
    return;
  }
  case AST_PRIVATE_MEMBER: {
    const AstPrivateMember *member = (const AstPrivateMember *)node;
    put_node(to, member->object);
    put(to, node->flags & AST_OPTIONAL ? "?." : ".");
    put_name(to, member->name->name);
    return;
  }
  case AST_INDEX:
    put_index(to, (const AstIndex *)node);
    return;
  case AST_SUPER_MEMBER: {
    const AstSuperMember *member = (const AstSuperMember *)node;
    put(to, "(intermediate value)");
    if (member->name || member->index->type == AST_STRING) {
      put(to, ".");
      put_name(to, member->name ? member->name
                                : ((const AstString *)member->index)->value);
    } else {
      put(to, "[");
      put_node(to, member->index);
      put(to, "]");
    }
    return;
  }
  case AST_CALL:
    put_node(to, ((const AstCall *)node)->callee);
    put(to, "(...)");
    return;
  case AST_TAGGED_TEMPLATE:
    put_node(to, ((const AstTaggedTemplate *)node)->tag);
    put(to, "(...)");
    return;
  case AST_OPTIONAL_CHAIN:
    if (is_parenthesized(node)) break;
    put_node(to, ((const AstUnary *)node)->operand);
    return;
  case AST_TEMPLATE: {
    const AstTemplate *template = (const AstTemplate *)node;
    if (template->expression_count) break;
    put(to, "\"");
    put_name(to, template->parts[0].cooked);
    put(to, "\"");
    return;
  }
  case AST_ASSIGN:
  case AST_COMPOUND_ASSIGN:
  case AST_LOGICAL_ASSIGN:
    put_node(to, ((const AstBinary *)node)->left);
    return;
  case AST_UNARY:
  case AST_UPDATE:
    put_unary(to, (const AstUnary *)node);
    return;
  case AST_BINARY:
  case AST_LOGICAL:
    put(to, "(");
    put_node(to, ((const AstBinary *)node)->left);
    put(to, " %s ", operator_text(node->op));
    put_node(to, ((const AstBinary *)node)->right);
    put(to, ")");
    return;
  default:
    break;
  }
  put(to, "(intermediate value)");
}

// Finding the call ------------------------------------------------------------

// What the node calls, and where its code says it stands; NULL: no call.
static const AstNode *callee_of(const AstNode *node, uint32_t *position) {
  *position = node->start;
  if (node->type == AST_NEW) return ((const AstCall *)node)->callee;
  const AstNode *callee = node->type == AST_CALL
                              ? ((const AstCall *)node)->callee
                          : node->type == AST_TAGGED_TEMPLATE
                              ? ((const AstTaggedTemplate *)node)->tag
                              : NULL;
  if (callee && callee->type == AST_MEMBER)
    *position = ((const AstMember *)callee)->name_start;
  return callee;
}

static const AstNode *next_link(const AstNode *node) {
  uint32_t position;
  switch ((AstType)node->type) {
  case AST_MEMBER:
    return ((const AstMember *)node)->object;
  case AST_INDEX:
    return ((const AstIndex *)node)->object;
  case AST_PRIVATE_MEMBER:
    return ((const AstPrivateMember *)node)->object;
  case AST_OPTIONAL_CHAIN:
    return ((const AstUnary *)node)->operand;
  default:
    return callee_of(node, &position);
  }
}

// Of the calls at `position` in the chain the one with `ordinal`, counted from
// the innermost: its callee, or NULL.
static const AstNode *find_callee(const AstNode *chain, uint32_t position,
                                  uint32_t ordinal) {
  uint32_t count = 0, at;
  for (const AstNode *node = chain; node; node = next_link(node))
    count += callee_of(node, &at) && at == position;
  for (const AstNode *node = chain; node; node = next_link(node)) {
    const AstNode *callee = callee_of(node, &at);
    if (callee && at == position && --count == ordinal) return callee;
  }
  return NULL;
}

static ParseResult parse_from(const SourceText *source, uint32_t start,
                              SourceText *rest_of_source,
                              ParseFragment fragment) {
  SourceText rest = *source;
  rest.length -= start;
  rest.units = source->kind == SOURCE_LATIN1
                   ? (const void *)((const uint8_t *)source->units + start)
                   : (const void *)((const uint16_t *)source->units + start);
  SyntaxOptions options = {.goal = SYNTAX_DIRECT_EVAL,
                           .in_function = true,
                           .in_method = true,
                           // Errors are made with little stack left, too.
                           .stack_bytes = 1 << 16};
  *rest_of_source = rest;
  return syntax_parse_text(rest_of_source, &options, fragment);
}

static bool describe_from(const SourceText *source, uint32_t start,
                          uint32_t position, uint32_t ordinal, Printer *to) {
  SourceText rest;
  ParseResult result = parse_from(source, start, &rest, FRAGMENT_CALL);
  const AstNode *callee =
      result.expression
          ? find_callee(result.expression, position - start, ordinal)
          : NULL;
  if (callee) put_node(to, callee);
  syntax_parse_release(&result);
  return callee;
}

// Also when parentheses around the expression are before where it starts.
static bool describe_around(const SourceText *source, uint32_t start,
                            uint32_t position, uint32_t ordinal, Printer *to) {
  enum { MOST_PARENTHESES = 4 };
  for (int i = 0; i <= MOST_PARENTHESES; i++) {
    if (describe_from(source, start, position, ordinal, to)) return true;
    uint32_t before = skip_space_back(source, start);
    if (unit_before(source, before) != '(') return false;
    start = before - 1;
  }
  return false;
}

bool syntax_describe_callee(const SourceText *source, uint32_t position,
                            uint32_t ordinal, char *text, size_t capacity) {
  Printer to = {.text = text, .capacity = capacity};
  text[0] = 0;
  if (position >= source->length) return false;
  uint32_t before = skip_space_back(source, position);
  if (unit_before(source, before) != '.')
    return describe_around(source, position, position, ordinal, &to);
  bool optional = unit_before(source, before - 1) == '?';
  uint32_t start = chain_start(source, before - (optional ? 2 : 1));
  if (start != NO_OFFSET &&
      describe_around(source, start, position, ordinal, &to))
    return true;
  put(&to, "(intermediate value)%s", optional ? "?." : ".");
  return describe_from(source, position, position, ordinal, &to);
}

// What is taken apart
// -----------------------------------------------------------

// Is the pattern at `start` a parameter?
static bool is_parameter(const SourceText *source, uint32_t start) {
  uint32_t depth = 0, at = start;
  for (; at; at--) {
    uint32_t unit = source_unit(source, at - 1);
    if (unit == ')' || unit == ']' || unit == '}') depth++;
    if ((unit == '(' || unit == '[' || unit == '{') && depth-- == 0) break;
  }
  if (unit_before(source, at) != '(') return false;
  uint32_t end = skip_space_back(source, at - 1);
  uint32_t word = name_start(source, end);
  return !is_word(source, word, end, "catch") && !is_keyword(source, word, end);
}

ExpressionSource syntax_describe_source(const SourceText *source,
                                        uint32_t position, char *text,
                                        size_t capacity) {
  Printer to = {.text = text, .capacity = capacity};
  text[0] = 0;
  if (position + 3 < source->length && source_unit(source, position) == '.')
    position += 3; // a spread
  if (position >= source->length) return SOURCE_UNKNOWN;
  SourceText rest;
  ParseResult result = parse_from(source, position, &rest, FRAGMENT_ASSIGNMENT);
  const AstNode *node = result.expression;
  if (node && node->type == AST_ASSIGN && node->start == 0 &&
      (((const AstBinary *)node)->left->type == AST_OBJECT_PATTERN ||
       ((const AstBinary *)node)->left->type == AST_ARRAY_PATTERN))
    put_node(&to, ((const AstBinary *)node)->right);
  else if (node && node->type != AST_ARRAY && node->type != AST_OBJECT &&
           node->type != AST_YIELD)
    put_node(&to, node);
  syntax_parse_release(&result);
  if (to.length) return SOURCE_FOUND;
  return is_parameter(source, position) ? SOURCE_PARAMETER : SOURCE_UNKNOWN;
}

ExpressionSource syntax_describe_pattern_source(const SourceText *source,
                                                uint32_t property, char *text,
                                                size_t capacity) {
  uint32_t before = skip_space_back(source, property);
  if (property >= source->length || unit_before(source, before) != '{')
    return SOURCE_UNKNOWN;
  return syntax_describe_source(source, before - 1, text, capacity);
}
