// SPDX-License-Identifier: MIT
// Literals with structure: arrays, objects, templates; and the plain ones.
// Arrays and objects may still become patterns (see CoverError).
#include "vm/syntax/parser.h"

void syntax_fail_octal(Parser *p, uint32_t offset) {
  bool octal = lexer_peek(&p->lexer, offset + 1) < '8';
  FAIL(p, offset, offset + 2, "%s",
       octal ? "Octal escape sequences are not allowed in strict mode."
             : "\\8 and \\9 are not allowed in strict mode.");
}

AstNode *syntax_parse_string(Parser *p) {
  if (p->token.flags & TOKEN_LEGACY_OCTAL && p->context.strict)
    syntax_fail_octal(p, p->token.octal_offset);
  AstNode *string =
      syntax_new_string(p, p->token.name, p->token.start, p->token.end);
  if (p->token.flags & TOKEN_HAS_ESCAPE) string->flags |= AST_HAS_ESCAPE;
  next(p);
  return string;
}

AstNode *syntax_parse_number(Parser *p) {
  if (at(p, TOKEN_BIGINT)) {
    AstString *bigint = NEW(p, AstString, AST_BIGINT, p->token.start);
    bigint->value = p->token.name;
    next(p);
    return finish(p, bigint);
  }
  if (p->token.flags & TOKEN_LEGACY_OCTAL && p->context.strict) {
    uint32_t second = lexer_peek(&p->lexer, p->token.start + 1);
    bool octal = second < '8';
    FAIL_TOKEN(p, octal ? "Octal literals are not allowed in strict mode."
                        : "Decimals with leading zeros are not allowed in "
                          "strict mode.");
  }
  AstNumber *number = NEW(p, AstNumber, AST_NUMBER, p->token.start);
  number->value = p->token.number;
  next(p);
  return finish(p, number);
}

// The token is the first part.
AstNode *syntax_parse_template(Parser *p, bool tagged) {
  AstTemplate *template = NEW(p, AstTemplate, AST_TEMPLATE, p->token.start);
  bool allow_in = p->context.allow_in;
  p->context.allow_in = true;
  AstTemplatePart small[8];
  AstTemplatePart *parts = small;
  uint32_t count = 0, capacity = 8;
  uint32_t mark = p->item_count;
  for (;;) {
    if (!p->token.name && !tagged)
      FAIL(p, p->token.bad_escape_start, p->token.bad_escape_end, "%s",
           p->token.bad_escape);
    if (count == capacity) {
      AstTemplatePart *more =
          arena_alloc(&p->lexer.arena, sizeof(*parts) * capacity * 2);
      memcpy(more, parts, sizeof(*parts) * capacity);
      parts = more;
      capacity *= 2;
    }
    parts[count++] = (AstTemplatePart){p->token.name, p->token.raw};
    if (p->token.flags & TOKEN_TEMPLATE_END) break;
    next(p);
    push_item(p, syntax_parse_expression(p));
    if (!at(p, TOKEN_RIGHT_BRACE)) {
      if (at(p, TOKEN_END)) FAIL_TOKEN(p, "Unterminated template literal");
      syntax_unexpected(p, &p->token);
    }
    p->token.flags = 0;
    syntax_scan_template(&p->lexer, &p->token, p->token.end);
  }
  next(p);
  AstList list = syntax_take_list(p, mark);
  template->expressions = list.items;
  template->expression_count = list.count;
  if (parts == small) {
    parts = arena_alloc(&p->lexer.arena, sizeof(*parts) * count);
    memcpy(parts, small, sizeof(*parts) * count);
  }
  template->parts = parts;
  p->context.allow_in = allow_in;
  return finish(p, template);
}

AstNode *syntax_parse_array(Parser *p) {
  AstListNode *array = NEW(p, AstListNode, AST_ARRAY, p->token.start);
  bool allow_in = p->context.allow_in;
  p->context.allow_in = true;
  uint32_t mark = p->item_count;
  next(p);
  while (!at(p, TOKEN_RIGHT_BRACKET)) {
    if (at(p, TOKEN_COMMA)) {
      next(p);
      push_item(p, NULL);
      continue;
    }
    if (at(p, TOKEN_ELLIPSIS)) {
      AstUnary *spread = NEW(p, AstUnary, AST_SPREAD, p->token.start);
      next(p);
      spread->operand = syntax_parse_assignment_cover(p);
      push_item(p, finish(p, spread));
      // No rest element then.
      if (at(p, TOKEN_COMMA)) spread->base.flags |= AST_INTERNAL;
    } else {
      push_item(p, syntax_parse_assignment_cover(p));
    }
    if (!at(p, TOKEN_RIGHT_BRACKET)) expect(p, TOKEN_COMMA);
  }
  next(p);
  array->list = syntax_take_list(p, mark);
  p->context.allow_in = allow_in;
  return finish(p, array);
}

AstNode *syntax_parse_property_key(Parser *p, bool *computed) {
  *computed = false;
  switch (p->token.type) {
  case TOKEN_STRING:
    return syntax_parse_string(p);
  case TOKEN_NUMBER:
  case TOKEN_BIGINT:
    return syntax_parse_number(p);
  case TOKEN_LEFT_BRACKET: {
    bool allow_in = p->context.allow_in;
    p->context.allow_in = true;
    next(p);
    AstNode *key = syntax_parse_assignment(p);
    expect(p, TOKEN_RIGHT_BRACKET);
    p->context.allow_in = allow_in;
    *computed = true;
    return key;
  }
  default:
    if (!token_is_identifier_name(p->token.type))
      syntax_unexpected(p, &p->token);
    AstNode *key =
        syntax_new_string(p, p->token.name, p->token.start, p->token.end);
    next(p);
    return key;
  }
}

// The token after a key word like `get` shows that it was the key itself.
static bool ends_key(const Parser *p) {
  switch (p->token.type) {
  case TOKEN_COMMA:
  case TOKEN_COLON:
  case TOKEN_LEFT_PAREN:
  case TOKEN_RIGHT_BRACE:
  case TOKEN_ASSIGN:
  case TOKEN_LESS:
  case TOKEN_END:
    return true;
  default:
    return false;
  }
}

static void set_cover_error(Parser *p, uint32_t start, uint32_t end,
                            const char *message) {
  if (p->cover.start == NO_OFFSET) p->cover = (CoverError){start, end, message};
}

static AstNode *parse_method(Parser *p, uint32_t start, AstFunctionKind kind,
                             bool is_async, bool is_generator) {
  FunctionHead head = {.kind = kind,
                       .type = AST_FUNCTION,
                       .is_async = is_async,
                       .is_generator = is_generator,
                       .start = start};
  return &syntax_parse_function_rest(p, &head)->base;
}

static void parse_shorthand(Parser *p, AstProperty *property,
                            const Token *token) {
  property->base.op = AST_PROPERTY_SHORTHAND;
  Name *name = syntax_check_identifier(p, token);
  AstNode *value =
      &syntax_new_reference(p, AST_IDENTIFIER, name, token->start, token->end)
           ->base;
  if (at(p, TOKEN_ASSIGN)) {
    set_cover_error(p, p->token.start, p->token.end,
                    "Invalid shorthand property initializer");
    AstBinary *pair = NEW(p, AstBinary, AST_PATTERN_DEFAULT, token->start);
    next(p);
    pair->left = value;
    CoverError cover = p->cover;
    pair->right = syntax_parse_assignment(p);
    p->cover = cover;
    value = finish(p, pair);
  }
  property->value = value;
}

static AstNode *parse_property(Parser *p, bool *has_proto) {
  Token first = p->token;
  AstProperty *property = NEW(p, AstProperty, AST_PROPERTY, first.start);
  bool is_async = false, is_generator = false, computed = false;
  AstPropertyKind kind = AST_PROPERTY_VALUE;
  AstNode *key = NULL;
  if (at(p, TOKEN_ASYNC) || at_word(p, p->known.get) ||
      at_word(p, p->known.set)) {
    next(p);
    if (ends_key(p)) {
      key = syntax_new_string(p, first.name, first.start, first.end);
    } else if (first.type == TOKEN_ASYNC) {
      if (after_newline(p)) syntax_unexpected(p, &p->token);
      is_async = true;
      kind = AST_PROPERTY_METHOD;
    } else {
      kind = first.name == p->known.get ? AST_PROPERTY_GETTER
                                        : AST_PROPERTY_SETTER;
    }
  }
  if (!key) {
    if ((kind == AST_PROPERTY_VALUE || is_async) && at(p, TOKEN_MULTIPLY)) {
      next(p);
      is_generator = true;
      kind = AST_PROPERTY_METHOD;
    }
    first = kind == AST_PROPERTY_VALUE ? p->token : first;
    key = syntax_parse_property_key(p, &computed);
  }
  property->key = key;
  if (computed) property->base.flags |= AST_COMPUTED;
  uint32_t start = property->base.start;
  if (kind == AST_PROPERTY_GETTER || kind == AST_PROPERTY_SETTER) {
    property->base.op = kind;
    property->value = parse_method(
        p, start,
        kind == AST_PROPERTY_GETTER ? FUNCTION_GETTER : FUNCTION_SETTER, false,
        false);
  } else if (at(p, TOKEN_LEFT_PAREN) || kind == AST_PROPERTY_METHOD ||
             (at(p, TOKEN_LESS) && p->typescript)) {
    property->base.op = AST_PROPERTY_METHOD;
    property->value =
        parse_method(p, start, FUNCTION_METHOD, is_async, is_generator);
  } else if (accept(p, TOKEN_COLON)) {
    property->base.op = AST_PROPERTY_VALUE;
    property->value = syntax_parse_assignment_cover(p);
    if (!computed && key->type == AST_STRING &&
        ((AstString *)key)->value == p->known.proto) {
      property->base.op = AST_PROPERTY_PROTO;
      if (*has_proto)
        set_cover_error(p, key->start, key->end,
                        "Duplicate __proto__ fields are not allowed in object "
                        "literals");
      *has_proto = true;
    }
  } else if (token_is_identifier_name(first.type) && !computed) {
    parse_shorthand(p, property, &first);
  } else {
    syntax_unexpected(p, &p->token);
  }
  return finish(p, property);
}

AstNode *syntax_parse_object(Parser *p) {
  AstListNode *object = NEW(p, AstListNode, AST_OBJECT, p->token.start);
  bool allow_in = p->context.allow_in;
  p->context.allow_in = true;
  uint32_t mark = p->item_count;
  bool has_proto = false;
  next(p);
  while (!at(p, TOKEN_RIGHT_BRACE)) {
    if (at(p, TOKEN_ELLIPSIS)) {
      AstUnary *spread = NEW(p, AstUnary, AST_SPREAD, p->token.start);
      next(p);
      spread->operand = syntax_parse_assignment_cover(p);
      push_item(p, finish(p, spread));
      if (at(p, TOKEN_COMMA)) spread->base.flags |= AST_INTERNAL;
    } else {
      push_item(p, parse_property(p, &has_proto));
    }
    if (!at(p, TOKEN_RIGHT_BRACE)) expect(p, TOKEN_COMMA);
  }
  next(p);
  object->list = syntax_take_list(p, mark);
  p->context.allow_in = allow_in;
  return finish(p, object);
}
