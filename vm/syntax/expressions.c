// SPDX-License-Identifier: MIT
// Expressions from the comma down to the left-hand side (ECMA-262 13.3 to
// 13.16). Left-associative chains are loops, so that their length is limited
// by memory alone.
#include "vm/syntax/parser.h"

enum {
  PRECEDENCE_NULLISH = 1,
  PRECEDENCE_BIT_OR = 4,
  PRECEDENCE_RELATIONAL = 8,
  PRECEDENCE_SHIFT = 9,
  PRECEDENCE_EXPONENT = 12
};

typedef struct BinaryOperator {
  uint8_t precedence;
  uint8_t op; // AstOperator
} BinaryOperator;

static const BinaryOperator binary_operators[TOKEN_TYPE_COUNT] = {
    [TOKEN_NULLISH] = {1, AST_OP_NULLISH},
    [TOKEN_OR] = {2, AST_OP_OR},
    [TOKEN_AND] = {3, AST_OP_AND},
    [TOKEN_BIT_OR] = {4, AST_OP_BIT_OR},
    [TOKEN_BIT_XOR] = {5, AST_OP_BIT_XOR},
    [TOKEN_BIT_AND] = {6, AST_OP_BIT_AND},
    [TOKEN_EQUAL] = {7, AST_OP_EQUAL},
    [TOKEN_NOT_EQUAL] = {7, AST_OP_NOT_EQUAL},
    [TOKEN_STRICT_EQUAL] = {7, AST_OP_STRICT_EQUAL},
    [TOKEN_STRICT_NOT_EQUAL] = {7, AST_OP_STRICT_NOT_EQUAL},
    [TOKEN_LESS] = {8, AST_OP_LESS},
    [TOKEN_LESS_EQUAL] = {8, AST_OP_LESS_EQUAL},
    [TOKEN_GREATER] = {8, AST_OP_GREATER},
    [TOKEN_GREATER_EQUAL] = {8, AST_OP_GREATER_EQUAL},
    [TOKEN_IN] = {8, AST_OP_IN},
    [TOKEN_INSTANCEOF] = {8, AST_OP_INSTANCEOF},
    [TOKEN_AS] = {8, AST_OP_NONE},
    [TOKEN_SATISFIES] = {8, AST_OP_NONE},
    [TOKEN_SHIFT_LEFT] = {9, AST_OP_SHIFT_LEFT},
    [TOKEN_SHIFT_RIGHT] = {9, AST_OP_SHIFT_RIGHT},
    [TOKEN_SHIFT_RIGHT_UNSIGNED] = {9, AST_OP_SHIFT_RIGHT_UNSIGNED},
    [TOKEN_ADD] = {10, AST_OP_ADD},
    [TOKEN_SUBTRACT] = {10, AST_OP_SUBTRACT},
    [TOKEN_MULTIPLY] = {11, AST_OP_MULTIPLY},
    [TOKEN_DIVIDE] = {11, AST_OP_DIVIDE},
    [TOKEN_REMAINDER] = {11, AST_OP_REMAINDER},
    [TOKEN_EXPONENT] = {12, AST_OP_EXPONENT},
};

static const uint8_t assignment_operators[TOKEN_TYPE_COUNT] = {
    [TOKEN_ADD_ASSIGN] = AST_OP_ADD,
    [TOKEN_SUBTRACT_ASSIGN] = AST_OP_SUBTRACT,
    [TOKEN_MULTIPLY_ASSIGN] = AST_OP_MULTIPLY,
    [TOKEN_DIVIDE_ASSIGN] = AST_OP_DIVIDE,
    [TOKEN_REMAINDER_ASSIGN] = AST_OP_REMAINDER,
    [TOKEN_EXPONENT_ASSIGN] = AST_OP_EXPONENT,
    [TOKEN_SHIFT_LEFT_ASSIGN] = AST_OP_SHIFT_LEFT,
    [TOKEN_SHIFT_RIGHT_ASSIGN] = AST_OP_SHIFT_RIGHT,
    [TOKEN_SHIFT_RIGHT_UNSIGNED_ASSIGN] = AST_OP_SHIFT_RIGHT_UNSIGNED,
    [TOKEN_BIT_AND_ASSIGN] = AST_OP_BIT_AND,
    [TOKEN_BIT_OR_ASSIGN] = AST_OP_BIT_OR,
    [TOKEN_BIT_XOR_ASSIGN] = AST_OP_BIT_XOR,
    [TOKEN_AND_ASSIGN] = AST_OP_AND,
    [TOKEN_OR_ASSIGN] = AST_OP_OR,
    [TOKEN_NULLISH_ASSIGN] = AST_OP_NULLISH,
};

static const uint8_t unary_operators[TOKEN_TYPE_COUNT] = {
    [TOKEN_ADD] = AST_OP_PLUS,
    [TOKEN_SUBTRACT] = AST_OP_MINUS,
    [TOKEN_BIT_NOT] = AST_OP_BIT_NOT,
    [TOKEN_NOT] = AST_OP_NOT,
    [TOKEN_TYPEOF] = AST_OP_TYPEOF,
    [TOKEN_VOID] = AST_OP_VOID,
    [TOKEN_DELETE] = AST_OP_DELETE,
    // An assertion or a generic arrow function, in TypeScript.
    [TOKEN_LESS] = AST_OP_LESS,
    [TOKEN_SHIFT_LEFT] = AST_OP_LESS,
};

static const char invalid_assignment[] = "Invalid left-hand side in assignment";

void syntax_check_cover(Parser *p) {
  if (p->cover.start != NO_OFFSET)
    FAIL(p, p->cover.start, p->cover.end, "%s", p->cover.message);
}

// A sequence of assignments; `parse` is the cover or the checked form.
static AstNode *parse_sequence(Parser *p, AstNode *(*parse)(Parser *)) {
  AstNode *first = parse(p);
  if (!at(p, TOKEN_COMMA)) return first;
  uint32_t mark = p->item_count;
  push_item(p, first);
  while (accept(p, TOKEN_COMMA))
    push_item(p, parse(p));
  AstListNode *sequence = NEW(p, AstListNode, AST_SEQUENCE, first->start);
  sequence->list = syntax_take_list(p, mark);
  return finish(p, sequence);
}

AstNode *syntax_parse_expression(Parser *p) {
  return parse_sequence(p, syntax_parse_assignment);
}

AstNode *syntax_parse_expression_cover(Parser *p) {
  return parse_sequence(p, syntax_parse_assignment_cover);
}

AstNode *syntax_parse_assignment(Parser *p) {
  CoverError saved = p->cover;
  p->cover.start = NO_OFFSET;
  AstNode *node = syntax_parse_assignment_cover(p);
  if (p->cover.start != NO_OFFSET) syntax_check_cover(p);
  p->cover = saved;
  return node;
}

static bool is_unparenthesized(const AstNode *node, AstType type) {
  return node->type == type && !is_parenthesized(node);
}

static bool is_logical(const AstNode *node, bool nullish) {
  return is_unparenthesized(node, AST_LOGICAL) &&
         (node->op == AST_OP_NULLISH) == nullish;
}

// An operand of a binary operator, or `#x in o`, whose level is relational.
static AstNode *parse_operand(Parser *p, int least) {
  if (!at(p, TOKEN_PRIVATE_NAME)) return syntax_parse_unary(p);
  Token token = p->token;
  next(p);
  if (!at(p, TOKEN_IN) || !p->context.allow_in || least > PRECEDENCE_RELATIONAL)
    syntax_unexpected(p, &token);
  return &syntax_new_reference(p, AST_PRIVATE_NAME, token.name, token.start,
                               token.end)
              ->base;
}

static AstNode *parse_binary(Parser *p, AstNode *left, int least);

static AstNode *parse_right(Parser *p, int least) {
  AstNode *right = parse_operand(p, least);
  return binary_operators[p->token.type].precedence >= least
             ? parse_binary(p, right, least)
             : right;
}

static AstNode *parse_binary(Parser *p, AstNode *left, int least) {
  for (;;) {
    BinaryOperator operator= binary_operators[p->token.type];
    int precedence = operator.precedence;
    if (!precedence || precedence < least) return left;
    if (precedence == PRECEDENCE_RELATIONAL) {
      if (at(p, TOKEN_IN) && !p->context.allow_in) return left;
      if (operator.op == AST_OP_NONE) {
        if (after_newline(p) || left->type == AST_PRIVATE_NAME) return left;
        syntax_erase_conversion(p);
        continue;
      }
    }
    AstType type = precedence <= 3 ? AST_LOGICAL : AST_BINARY;
    int least_right = precedence + 1;
    if (precedence <= 3) {
      // Neither mixes with the other; the operator is then unexpected.
      if (is_logical(left, operator.op != AST_OP_NULLISH)) return left;
      if (operator.op == AST_OP_NULLISH) least_right = PRECEDENCE_BIT_OR;
    } else if (precedence == PRECEDENCE_EXPONENT) {
      least_right = precedence;
      if (is_unparenthesized(left, AST_UNARY) ||
          is_unparenthesized(left, AST_AWAIT))
        FAIL(p, left->start, p->token.end,
             "Unary operator used immediately before exponentiation "
             "expression. Parenthesis must be used to disambiguate operator "
             "precedence");
    } else if (left->type == AST_PRIVATE_NAME) {
      type = AST_PRIVATE_IN;
    }
    next(p);
    AstNode *right = parse_right(p, least_right);
    AstBinary *binary = NEW(p, AstBinary, type, left->start);
    binary->base.op = operator.op;
    binary->left = left;
    binary->right = right;
    left = finish(p, binary);
  }
}

// yield, yield x, yield* x: the token is `yield`.
static AstNode *parse_yield(Parser *p) {
  uint32_t start = p->token.start;
  if (p->token.flags & TOKEN_HAS_ESCAPE)
    FAIL_TOKEN(p, "Keyword must not contain escaped characters");
  if (p->context.in_parameters)
    FAIL_TOKEN(p, "Yield expression not allowed in formal parameter");
  p->last_yield = start + 1;
  p->context.function->contains_yield = true;
  AstUnary *yield = NEW(p, AstUnary, AST_YIELD, start);
  next(p);
  if (!after_newline(p)) {
    switch (p->token.type) {
    case TOKEN_MULTIPLY:
      next(p);
      yield->base.flags |= AST_DELEGATES;
      yield->operand = syntax_parse_assignment(p);
      break;
    case TOKEN_RIGHT_PAREN:
    case TOKEN_RIGHT_BRACKET:
    case TOKEN_RIGHT_BRACE:
    case TOKEN_COMMA:
    case TOKEN_SEMICOLON:
    case TOKEN_COLON:
    case TOKEN_END:
    case TOKEN_IN:
      break;
    default:
      yield->operand = syntax_parse_assignment(p);
    }
  }
  return finish(p, yield);
}

// ECMA-262 8.6.4: what may stand before `op=`, `++` and the like.
static void check_simple_target(Parser *p, AstNode *node, const char *message) {
  if (node->type == AST_ARRAY || node->type == AST_OBJECT)
    FAIL_NODE(p, node, "%s", message);
  syntax_to_assignment_target(p, node, false, message);
}

// The `?` of an optional parameter is no operator.
static bool at_optional_mark(Parser *p) {
  switch (syntax_peek(p).type) {
  case TOKEN_COLON:
  case TOKEN_COMMA:
  case TOKEN_RIGHT_PAREN:
  case TOKEN_ASSIGN:
    return true;
  default:
    return false;
  }
}

AstNode *syntax_parse_assignment_cover(Parser *p) {
  syntax_check_stack(p);
  if (at(p, TOKEN_YIELD) && p->context.yield_operator) return parse_yield(p);
  CoverError saved = p->cover;
  p->cover.start = NO_OFFSET;
  p->arrow_start = p->token.start;
  AstNode *left = parse_operand(p, 0);
  if (is_unparenthesized(left, AST_ARROW)) {
    p->cover = saved;
    return left;
  }
  if (binary_operators[p->token.type].precedence)
    left = parse_binary(p, left, 0);
  if (at(p, TOKEN_QUESTION) && !(p->typescript && at_optional_mark(p))) {
    AstConditional *conditional =
        NEW(p, AstConditional, AST_CONDITIONAL, left->start);
    next(p);
    syntax_check_cover(p);
    conditional->test = left;
    bool allow_in = p->context.allow_in;
    p->context.allow_in = true;
    p->types.then_start = p->token.start;
    conditional->then = syntax_parse_assignment(p);
    p->context.allow_in = allow_in;
    expect(p, TOKEN_COLON);
    conditional->otherwise = syntax_parse_assignment(p);
    p->cover = saved;
    return finish(p, conditional);
  }
  if (!token_is_assignment(p->token.type)) {
    if (p->cover.start == NO_OFFSET) {
      p->cover = saved;
      return left;
    }
    if (!is_unparenthesized(left, AST_OBJECT) &&
        !is_unparenthesized(left, AST_ARRAY))
      syntax_check_cover(p);
    // The innermost construct that may forgive it also forgives the older one.
    if (saved.start != NO_OFFSET) p->cover = saved;
    return left;
  }
  if (is_converted(p)) syntax_unexpected(p, &p->token);
  TokenType token = p->token.type;
  AstType type = AST_ASSIGN;
  if (token == TOKEN_ASSIGN) {
    if (is_unparenthesized(left, AST_OBJECT) ||
        is_unparenthesized(left, AST_ARRAY))
      p->cover.start = NO_OFFSET;
    syntax_check_cover(p);
    syntax_to_assignment_target(p, left, false, invalid_assignment);
  } else {
    type = token >= TOKEN_AND_ASSIGN ? AST_LOGICAL_ASSIGN : AST_COMPOUND_ASSIGN;
    syntax_check_cover(p);
    if (type == AST_LOGICAL_ASSIGN && left->type == AST_CALL)
      FAIL_NODE(p, left, "%s", invalid_assignment);
    check_simple_target(p, left, invalid_assignment);
  }
  next(p);
  AstBinary *assign = NEW(p, AstBinary, type, left->start);
  assign->base.op = assignment_operators[token];
  assign->left = left;
  assign->right = syntax_parse_assignment(p);
  p->cover = saved;
  return finish(p, assign);
}

static AstNode *parse_await(Parser *p) {
  uint32_t start = p->token.start;
  if (p->token.flags & TOKEN_HAS_ESCAPE)
    FAIL_TOKEN(p, "Keyword must not contain escaped characters");
  if (p->context.in_parameters)
    FAIL_TOKEN(p,
               "Illegal await-expression in formal parameters of async "
               "function");
  p->last_await = start + 1;
  p->context.function->contains_await = true;
  AstUnary *await = NEW(p, AstUnary, AST_AWAIT, start);
  next(p);
  await->operand = syntax_parse_unary(p);
  return finish(p, await);
}

static bool is_private_member(const AstNode *node) {
  for (;;) {
    if (node->type == AST_PRIVATE_MEMBER) return true;
    if (node->type != AST_OPTIONAL_CHAIN) return false;
    node = ((const AstUnary *)node)->operand;
  }
}

AstNode *syntax_parse_unary(Parser *p) {
  syntax_check_stack(p);
  uint32_t start = p->token.start;
  TokenType token = p->token.type;
  if (unary_operators[token]) {
    if (unary_operators[token] == AST_OP_LESS) {
      if (!p->typescript) syntax_unexpected(p, &p->token);
      return syntax_parse_angle_operand(p);
    }
    AstUnary *unary = NEW(p, AstUnary, AST_UNARY, start);
    unary->base.op = unary_operators[token];
    next(p);
    AstNode *operand = syntax_parse_unary(p);
    unary->operand = operand;
    if (token == TOKEN_DELETE) {
      if (operand->type == AST_IDENTIFIER && p->context.strict)
        FAIL_NODE(p, operand,
                  "Delete of an unqualified identifier in strict mode.");
      if (is_private_member(operand))
        FAIL_NODE(p, operand, "Private fields can not be deleted");
    }
    return finish(p, unary);
  }
  if (token == TOKEN_INCREMENT || token == TOKEN_DECREMENT) {
    AstUnary *update = NEW(p, AstUnary, AST_UPDATE, start);
    update->base.op =
        token == TOKEN_INCREMENT ? AST_OP_INCREMENT : AST_OP_DECREMENT;
    update->base.flags |= AST_PREFIX;
    next(p);
    update->operand = syntax_parse_unary(p);
    check_simple_target(p, update->operand,
                        "Invalid left-hand side expression in prefix "
                        "operation");
    return finish(p, update);
  }
  if (token == TOKEN_AWAIT && p->context.await_operator) return parse_await(p);
  AstNode *node = syntax_parse_left_hand_side(p);
  token = p->token.type;
  if ((token == TOKEN_INCREMENT || token == TOKEN_DECREMENT) &&
      !after_newline(p) && !is_unparenthesized(node, AST_ARROW)) {
    check_simple_target(p, node,
                        "Invalid left-hand side expression in postfix "
                        "operation");
    AstUnary *update = NEW(p, AstUnary, AST_UPDATE, node->start);
    update->base.op =
        token == TOKEN_INCREMENT ? AST_OP_INCREMENT : AST_OP_DECREMENT;
    update->operand = node;
    next(p);
    return finish(p, update);
  }
  return node;
}

AstList syntax_parse_arguments(Parser *p, bool *has_spread) {
  bool allow_in = p->context.allow_in;
  p->context.allow_in = true;
  uint32_t mark = p->item_count;
  expect(p, TOKEN_LEFT_PAREN);
  while (!at(p, TOKEN_RIGHT_PAREN)) {
    if (at(p, TOKEN_ELLIPSIS)) {
      AstUnary *spread = NEW(p, AstUnary, AST_SPREAD, p->token.start);
      next(p);
      spread->operand = syntax_parse_assignment(p);
      push_item(p, finish(p, spread));
      *has_spread = true;
    } else {
      push_item(p, syntax_parse_assignment(p));
    }
    if (!at(p, TOKEN_COMMA)) break;
    next(p);
  }
  if (!at(p, TOKEN_RIGHT_PAREN) && !at(p, TOKEN_END) &&
      (at(p, TOKEN_SEMICOLON) || token_is_identifier(p->token.type) ||
       p->token.type <= TOKEN_STRING))
    FAIL_TOKEN(p, "missing ) after argument list");
  expect(p, TOKEN_RIGHT_PAREN);
  p->context.allow_in = allow_in;
  return syntax_take_list(p, mark);
}

static AstNode *parse_call(Parser *p, AstNode *callee, bool optional) {
  AstCall *call = NEW(p, AstCall, AST_CALL, callee->start);
  call->callee = callee;
  if (optional) call->base.flags |= AST_OPTIONAL;
  call->arguments = syntax_parse_arguments(p, &call->has_spread);
  if (is_unparenthesized(callee, AST_IDENTIFIER) && !optional &&
      ((AstIdentifier *)callee)->name == p->known.eval) {
    call->base.flags |= AST_DIRECT_EVAL;
    p->scope->has_direct_eval = true;
    p->has_direct_eval = true;
    p->lazy.eval_count++;
  }
  return finish(p, call);
}

AstNode *syntax_parse_member(Parser *p, AstNode *object, bool optional) {
  uint8_t flags = optional ? AST_OPTIONAL : 0;
  if (at(p, TOKEN_PRIVATE_NAME)) {
    AstPrivateMember *member =
        NEW(p, AstPrivateMember, AST_PRIVATE_MEMBER, object->start);
    member->base.flags = flags;
    member->object = object;
    member->name = syntax_new_reference(p, AST_PRIVATE_NAME, p->token.name,
                                        p->token.start, p->token.end);
    next(p);
    return finish(p, member);
  }
  if (!token_is_identifier_name(p->token.type)) syntax_unexpected(p, &p->token);
  AstMember *member = NEW(p, AstMember, AST_MEMBER, object->start);
  member->base.flags = flags;
  member->object = object;
  member->name = p->token.name;
  member->name_start = p->token.start;
  next(p);
  return finish(p, member);
}

static AstNode *parse_index(Parser *p, AstNode *object, bool optional) {
  AstIndex *index = NEW(p, AstIndex, AST_INDEX, object->start);
  if (optional) index->base.flags |= AST_OPTIONAL;
  index->object = object;
  bool allow_in = p->context.allow_in;
  p->context.allow_in = true;
  next(p);
  index->index = syntax_parse_expression(p);
  expect(p, TOKEN_RIGHT_BRACKET);
  p->context.allow_in = allow_in;
  return finish(p, index);
}

static AstNode *parse_tagged(Parser *p, AstNode *tag) {
  AstTaggedTemplate *tagged =
      NEW(p, AstTaggedTemplate, AST_TAGGED_TEMPLATE, tag->start);
  tagged->tag = tag;
  tagged->quasi = (AstTemplate *)syntax_parse_template(p, true);
  return finish(p, tagged);
}

// `?.<T>(x)` behind the dot.
static AstNode *parse_generic_call(Parser *p, AstNode *callee) {
  syntax_erase_type_arguments(p);
  return parse_call(p, callee, true);
}

// What TypeScript has behind an operand and erases: `!`, type arguments.
static bool skip_type_suffix(Parser *p) {
  if (!p->typescript) return false;
  if (!at(p, TOKEN_NOT)) return syntax_try_type_arguments(p);
  if (after_newline(p)) return false;
  syntax_erase_token(p);
  return true;
}

// The rest of an optional chain: the token is `?.`.
static AstNode *parse_optional_chain(Parser *p, AstNode *node) {
  AstUnary *chain = NEW(p, AstUnary, AST_OPTIONAL_CHAIN, node->start);
  for (;;) {
    switch (p->token.type) {
    case TOKEN_OPTIONAL:
      next(p);
      if (at(p, TOKEN_LEFT_PAREN))
        node = parse_call(p, node, true);
      else if (at(p, TOKEN_LEFT_BRACKET))
        node = parse_index(p, node, true);
      else if (p->typescript && (at(p, TOKEN_LESS) || at(p, TOKEN_SHIFT_LEFT)))
        node = parse_generic_call(p, node);
      else if (at(p, TOKEN_TEMPLATE))
        FAIL_TOKEN(p, "Invalid tagged template on optional chain");
      else
        node = syntax_parse_member(p, node, true);
      break;
    case TOKEN_DOT:
      next(p);
      node = syntax_parse_member(p, node, false);
      break;
    case TOKEN_LEFT_BRACKET:
      node = parse_index(p, node, false);
      break;
    case TOKEN_LEFT_PAREN:
      node = parse_call(p, node, false);
      break;
    case TOKEN_TEMPLATE:
      FAIL_TOKEN(p, "Invalid tagged template on optional chain");
    case TOKEN_NOT:
    case TOKEN_LESS:
    case TOKEN_SHIFT_LEFT:
      finish(p, chain);
      if (skip_type_suffix(p)) break;
      chain->operand = node;
      return &chain->base;
    default:
      chain->operand = node;
      return finish(p, chain);
    }
  }
}

AstNode *syntax_parse_left_hand_side(Parser *p) {
  AstNode *node = syntax_parse_primary(p);
  if (is_unparenthesized(node, AST_ARROW)) return node;
  for (;;) {
    switch (p->token.type) {
    case TOKEN_DOT:
      next(p);
      node = syntax_parse_member(p, node, false);
      break;
    case TOKEN_LEFT_PAREN:
      node = parse_call(p, node, false);
      break;
    case TOKEN_LEFT_BRACKET:
      node = parse_index(p, node, false);
      break;
    case TOKEN_TEMPLATE:
      node = parse_tagged(p, node);
      break;
    case TOKEN_OPTIONAL:
      node = parse_optional_chain(p, node);
      // A chain is no assignment target and takes no template, but an update
      // or assignment after it is reported by its own rule.
      return node;
    case TOKEN_NOT:
    case TOKEN_LESS:
    case TOKEN_SHIFT_LEFT:
      if (!skip_type_suffix(p)) return node;
      break;
    default:
      return node;
    }
  }
}

// new callee(arguments), new.target: the token is `new`.
AstNode *syntax_parse_new(Parser *p) {
  syntax_check_stack(p);
  uint32_t start = p->token.start;
  next(p);
  if (accept(p, TOKEN_DOT)) {
    if (!at_word(p, p->known.target)) syntax_unexpected(p, &p->token);
    next(p);
    if (!p->context.allow_new_target)
      FAIL(p, start, p->previous_end,
           "new.target expression is not allowed here");
    return &syntax_new_reference(p, AST_NEW_TARGET, p->known.new_target, start,
                                 p->previous_end)
                ->base;
  }
  AstCall *call = NEW(p, AstCall, AST_NEW, start);
  uint32_t callee_start = p->token.start;
  AstNode *callee;
  if (at(p, TOKEN_NEW)) {
    callee = syntax_parse_new(p);
  } else {
    callee = syntax_parse_primary(p);
    if (callee->type == AST_IMPORT_CALL && !is_parenthesized(callee))
      FAIL(p, callee_start, p->previous_end, "Cannot use new with import");
  }
  for (;;) {
    if (accept(p, TOKEN_DOT))
      callee = syntax_parse_member(p, callee, false);
    else if (at(p, TOKEN_LEFT_BRACKET))
      callee = parse_index(p, callee, false);
    else if (at(p, TOKEN_TEMPLATE))
      callee = parse_tagged(p, callee);
    else if ((!at(p, TOKEN_NOT) && !at(p, TOKEN_LESS) &&
              !at(p, TOKEN_SHIFT_LEFT)) ||
             !skip_type_suffix(p))
      break;
  }
  if (at(p, TOKEN_OPTIONAL))
    FAIL_TOKEN(p, "Invalid optional chain from new expression");
  call->callee = callee;
  if (at(p, TOKEN_LEFT_PAREN))
    call->arguments = syntax_parse_arguments(p, &call->has_spread);
  return finish(p, call);
}
