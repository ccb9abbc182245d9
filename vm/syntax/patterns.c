// SPDX-License-Identifier: MIT
// Patterns: parsed directly in declarations, converted from expressions in
// assignments and arrow functions (ECMA-262 13.15.5, 14.3.3, 15.1). The structs
// of an expression and its pattern are the same, so conversion is in place.
#include "vm/syntax/parser.h"

static const char invalid_pattern[] = "Invalid destructuring assignment target";
static const char rest_last[] = "Rest element must be last element";

static void convert_list(Parser *p, AstNode *node);

static bool is_restricted(const Parser *p, const Name *name) {
  return name == p->known.eval || name == p->known.arguments;
}

static void convert_object_item(Parser *p, AstNode *item) {
  if (item->type == AST_SPREAD) {
    if (item->flags & AST_INTERNAL) FAIL_NODE(p, item, "%s", rest_last);
    item->type = AST_REST;
    AstNode *operand = ((AstUnary *)item)->operand;
    if (operand->type == AST_OBJECT || operand->type == AST_ARRAY)
      FAIL_NODE(p, operand,
                "`...` must be followed by an assignable reference in "
                "assignment contexts");
    syntax_to_assignment_target(p, operand, true, invalid_pattern);
    return;
  }
  AstProperty *property = (AstProperty *)item;
  if (item->op != AST_PROPERTY_VALUE && item->op != AST_PROPERTY_SHORTHAND &&
      item->op != AST_PROPERTY_PROTO)
    FAIL_NODE(p, property->key, "%s", invalid_pattern);
  item->type = AST_PATTERN_PROPERTY;
  if (item->op == AST_PROPERTY_PROTO) item->op = AST_PROPERTY_VALUE;
  syntax_to_assignment_target(p, property->value, true, invalid_pattern);
}

static void convert_list(Parser *p, AstNode *node) {
  AstList list = ((AstListNode *)node)->list;
  bool is_array = node->type == AST_ARRAY;
  node->type = is_array ? AST_ARRAY_PATTERN : AST_OBJECT_PATTERN;
  for (uint32_t i = 0; i < list.count; i++) {
    AstNode *item = list.items[i];
    if (!item) continue;
    if (!is_array) {
      convert_object_item(p, item);
    } else if (item->type == AST_SPREAD) {
      if (i + 1 < list.count || item->flags & AST_INTERNAL)
        FAIL_NODE(p, item, "%s", rest_last);
      AstNode *operand = ((AstUnary *)item)->operand;
      if (operand->type == AST_ASSIGN)
        FAIL_NODE(p, operand, "%s", invalid_pattern);
      item->type = AST_REST;
      syntax_to_assignment_target(p, operand, true, invalid_pattern);
    } else {
      syntax_to_assignment_target(p, item, true, invalid_pattern);
    }
  }
}

void syntax_to_assignment_target(Parser *p, AstNode *node, bool in_pattern,
                                 const char *message) {
  syntax_check_stack(p);
  switch (node->type) {
  case AST_IDENTIFIER: {
    AstIdentifier *identifier = (AstIdentifier *)node;
    if (p->context.strict && is_restricted(p, identifier->name))
      FAIL_NODE(p, node, "Unexpected eval or arguments in strict mode");
    node->flags |= AST_WRITTEN;
    return;
  }
  case AST_MEMBER:
  case AST_INDEX:
  case AST_PRIVATE_MEMBER:
  case AST_SUPER_MEMBER:
    return;
  case AST_CALL:
    // Web compatibility: a ReferenceError at run time, in sloppy code.
    if (p->context.strict || in_pattern) break;
    return;
  case AST_ARRAY:
  case AST_OBJECT:
    if (is_parenthesized(node)) {
      message = in_pattern ? invalid_pattern : message;
      break;
    }
    convert_list(p, node);
    return;
  case AST_ASSIGN: {
    // The left side has been converted when it was parsed.
    if (!in_pattern || is_parenthesized(node)) break;
    node->type = AST_PATTERN_DEFAULT;
    return;
  }
  case AST_PATTERN_DEFAULT:
    syntax_to_assignment_target(p, ((AstBinary *)node)->left, true, message);
    return;
  default:
    break;
  }
  FAIL_NODE(p, node, "%s", message);
}

void syntax_check_strict_binding(Parser *p, const AstIdentifier *identifier) {
  const Name *name = identifier->name;
  if (p->types.is_ambient) return;
  if (is_restricted(p, name))
    FAIL_NODE(p, identifier, "Unexpected eval or arguments in strict mode");
  switch (name->keyword) {
  case TOKEN_LET:
  case TOKEN_STATIC:
  case TOKEN_YIELD:
  case TOKEN_STRICT_RESERVED:
    FAIL_NODE(p, identifier, "Unexpected strict mode reserved word");
  }
}

// Assignment targets to binding targets; `node` is already a target.
static void target_to_binding(Parser *p, AstNode *node) {
  syntax_check_stack(p);
  switch (node->type) {
  case AST_IDENTIFIER:
    if (is_parenthesized(node)) break;
    node->type = AST_BINDING_IDENTIFIER;
    return;
  case AST_PATTERN_DEFAULT:
    target_to_binding(p, ((AstBinary *)node)->left);
    return;
  case AST_REST: {
    AstNode *operand = ((AstUnary *)node)->operand;
    target_to_binding(p, operand);
    return;
  }
  case AST_PATTERN_PROPERTY:
    target_to_binding(p, ((AstProperty *)node)->value);
    return;
  case AST_ARRAY_PATTERN:
  case AST_OBJECT_PATTERN: {
    AstList list = ((AstListNode *)node)->list;
    for (uint32_t i = 0; i < list.count; i++)
      if (list.items[i]) target_to_binding(p, list.items[i]);
    return;
  }
  default:
    break;
  }
  FAIL_NODE(p, node, "%s", invalid_pattern);
}

void syntax_to_binding_target(Parser *p, AstNode *node) {
  if (is_parenthesized(node)) FAIL_NODE(p, node, "%s", invalid_pattern);
  if (node->type == AST_SPREAD) {
    // Of async(...x): a rest parameter.
    AstNode *operand = ((AstUnary *)node)->operand;
    if (node->flags & AST_INTERNAL)
      FAIL_NODE(p, node, "Rest parameter must be last formal parameter");
    if (operand->type == AST_ASSIGN)
      FAIL_NODE(p, operand,
                "Rest parameter may not have a default "
                "initializer");
    node->type = AST_REST;
    syntax_to_binding_target(p, operand);
    return;
  }
  if (node->type == AST_REST || node->type == AST_BINDING_IDENTIFIER) return;
  syntax_to_assignment_target(p, node, true, invalid_pattern);
  target_to_binding(p, node);
}

static AstNode *parse_binding_property(Parser *p) {
  Token first = p->token;
  AstProperty *property =
      NEW(p, AstProperty, AST_PATTERN_PROPERTY, first.start);
  bool computed;
  property->key = syntax_parse_property_key(p, &computed);
  if (computed) property->base.flags |= AST_COMPUTED;
  if (accept(p, TOKEN_COLON)) {
    property->base.op = AST_PROPERTY_VALUE;
    property->value = syntax_parse_binding_element(p);
    return finish(p, property);
  }
  if (computed || !token_is_identifier_name(first.type))
    syntax_unexpected(p, &p->token);
  property->base.op = AST_PROPERTY_SHORTHAND;
  Name *name = syntax_check_identifier(p, &first);
  AstIdentifier *identifier = syntax_new_identifier(
      p, AST_BINDING_IDENTIFIER, name, first.start, first.end);
  identifier->base.flags |= AST_WRITTEN;
  if (p->context.strict) syntax_check_strict_binding(p, identifier);
  property->value = &identifier->base;
  if (at(p, TOKEN_ASSIGN)) {
    AstBinary *pair = NEW(p, AstBinary, AST_PATTERN_DEFAULT, first.start);
    next(p);
    pair->left = property->value;
    pair->right = syntax_parse_assignment(p);
    property->value = finish(p, pair);
  }
  return finish(p, property);
}

static AstNode *parse_rest(Parser *p, TokenType end, bool only_identifier) {
  AstUnary *rest = NEW(p, AstUnary, AST_REST, p->token.start);
  next(p);
  if (only_identifier && !token_is_identifier(p->token.type)) {
    if (at(p, TOKEN_LEFT_BRACE) || at(p, TOKEN_LEFT_BRACKET))
      FAIL_TOKEN(p,
                 "`...` must be followed by an identifier in declaration "
                 "contexts");
  }
  rest->operand = syntax_parse_binding_target(p);
  if (!at(p, end)) {
    if (at(p, TOKEN_COMMA)) FAIL_TOKEN(p, "%s", rest_last);
    syntax_unexpected(p, &p->token);
  }
  return finish(p, rest);
}

AstNode *syntax_parse_binding_target(Parser *p) {
  syntax_check_stack(p);
  Token token = p->token;
  if (!at(p, TOKEN_LEFT_BRACE) && !at(p, TOKEN_LEFT_BRACKET)) {
    Name *name = syntax_check_identifier(p, &token);
    AstIdentifier *identifier = syntax_new_identifier(
        p, AST_BINDING_IDENTIFIER, name, token.start, token.end);
    identifier->base.flags |= AST_WRITTEN;
    if (p->context.strict) syntax_check_strict_binding(p, identifier);
    next(p);
    return &identifier->base;
  }
  bool allow_in = p->context.allow_in;
  p->context.allow_in = true;
  bool is_array = at(p, TOKEN_LEFT_BRACKET);
  TokenType end = is_array ? TOKEN_RIGHT_BRACKET : TOKEN_RIGHT_BRACE;
  AstListNode *pattern =
      NEW(p, AstListNode, is_array ? AST_ARRAY_PATTERN : AST_OBJECT_PATTERN,
          token.start);
  uint32_t mark = p->item_count;
  next(p);
  while (!at(p, end)) {
    if (is_array && accept(p, TOKEN_COMMA)) {
      push_item(p, NULL);
      continue;
    }
    if (at(p, TOKEN_ELLIPSIS)) {
      push_item(p, parse_rest(p, end, !is_array));
      break;
    }
    push_item(p, is_array ? syntax_parse_binding_element(p)
                          : parse_binding_property(p));
    if (!at(p, end)) expect(p, TOKEN_COMMA);
  }
  next(p);
  pattern->list = syntax_take_list(p, mark);
  p->context.allow_in = allow_in;
  return finish(p, pattern);
}

AstNode *syntax_parse_binding_element(Parser *p) {
  return syntax_parse_binding_default(p, syntax_parse_binding_target(p));
}

AstNode *syntax_parse_binding_default(Parser *p, AstNode *target) {
  if (!at(p, TOKEN_ASSIGN)) return target;
  AstBinary *pair = NEW(p, AstBinary, AST_PATTERN_DEFAULT, target->start);
  next(p);
  pair->left = target;
  bool allow_in = p->context.allow_in;
  p->context.allow_in = true;
  pair->right = syntax_parse_assignment(p);
  p->context.allow_in = allow_in;
  return finish(p, pair);
}
