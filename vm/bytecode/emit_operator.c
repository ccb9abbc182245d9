// SPDX-License-Identifier: MIT
// Unary, binary and logical operators, and conditions: expressions that only
// decide where control goes never make a boolean.
#include "vm/bytecode/emitter.h"

// Opcodes ---------------------------------------------------------------------

static const uint16_t binary_opcodes[] = {
    [AST_OP_ADD] = OP_ADD,
    [AST_OP_SUBTRACT] = OP_SUBTRACT,
    [AST_OP_MULTIPLY] = OP_MULTIPLY,
    [AST_OP_DIVIDE] = OP_DIVIDE,
    [AST_OP_REMAINDER] = OP_REMAINDER,
    [AST_OP_EXPONENT] = OP_EXPONENT,
    [AST_OP_SHIFT_LEFT] = OP_SHIFT_LEFT,
    [AST_OP_SHIFT_RIGHT] = OP_SHIFT_RIGHT,
    [AST_OP_SHIFT_RIGHT_UNSIGNED] = OP_SHIFT_RIGHT_UNSIGNED,
    [AST_OP_BIT_AND] = OP_BIT_AND,
    [AST_OP_BIT_OR] = OP_BIT_OR,
    [AST_OP_BIT_XOR] = OP_BIT_XOR,
    [AST_OP_EQUAL] = OP_EQUAL,
    [AST_OP_NOT_EQUAL] = OP_NOT_EQUAL,
    [AST_OP_STRICT_EQUAL] = OP_STRICT_EQUAL,
    [AST_OP_STRICT_NOT_EQUAL] = OP_STRICT_NOT_EQUAL,
    [AST_OP_LESS] = OP_LESS,
    [AST_OP_LESS_EQUAL] = OP_LESS_EQUAL,
    [AST_OP_GREATER] = OP_GREATER,
    [AST_OP_GREATER_EQUAL] = OP_GREATER_EQUAL,
    [AST_OP_IN] = OP_HAS_PROPERTY,
    [AST_OP_INSTANCEOF] = OP_INSTANCE_OF,
};

void bytecode_arithmetic(FunctionState *f, uint8_t op, Register dst,
                         Register left, Register right) {
  bytecode_emit(B(f), (Opcode)binary_opcodes[op], dst, left, right);
}

bool bytecode_arithmetic_int(FunctionState *f, uint8_t op, Register dst,
                             Register left, int32_t right) {
  Opcode opcode;
  switch (op) {
  case AST_OP_ADD:
    opcode = OP_ADD_INT;
    break;
  case AST_OP_SUBTRACT:
    opcode = OP_SUBTRACT_INT;
    break;
  case AST_OP_MULTIPLY:
    opcode = OP_MULTIPLY_INT;
    break;
  case AST_OP_REMAINDER:
    opcode = OP_REMAINDER_INT;
    break;
  case AST_OP_BIT_AND:
    opcode = OP_BIT_AND_INT;
    break;
  case AST_OP_BIT_OR:
    opcode = OP_BIT_OR_INT;
    break;
  case AST_OP_SHIFT_LEFT:
    opcode = OP_SHIFT_LEFT_INT;
    break;
  case AST_OP_SHIFT_RIGHT:
    opcode = OP_SHIFT_RIGHT_INT;
    break;
  case AST_OP_SHIFT_RIGHT_UNSIGNED:
    opcode = OP_SHIFT_RIGHT_UNSIGNED_INT;
    break;
  default:
    return false;
  }
  bytecode_emit(B(f), opcode, dst, left, (uint16_t)right);
  return true;
}

static bool has_int_form(uint8_t op) {
  switch (op) {
  case AST_OP_ADD:
  case AST_OP_SUBTRACT:
  case AST_OP_MULTIPLY:
  case AST_OP_REMAINDER:
  case AST_OP_BIT_AND:
  case AST_OP_BIT_OR:
  case AST_OP_SHIFT_LEFT:
  case AST_OP_SHIFT_RIGHT:
  case AST_OP_SHIFT_RIGHT_UNSIGNED:
    return true;
  default:
    return false;
  }
}

// A constant on the left of these may change sides: it has no effects, and a
// BigInt on the other side throws the same TypeError.
static bool commutes(uint8_t op) {
  return op == AST_OP_MULTIPLY || op == AST_OP_BIT_AND || op == AST_OP_BIT_OR;
}

// Binary ----------------------------------------------------------------------

// Operator of `node` with its left operand in a register.
static void apply(FunctionState *f, AstBinary *node, Register dst,
                  Register left) {
  uint32_t mark = mark_of(f);
  int32_t small;
  if (has_int_form(node->base.op) && bytecode_small_int(node->right, &small)) {
    bytecode_at(B(f), node->base.start);
    bytecode_arithmetic_int(f, node->base.op, dst, left, small);
  } else {
    Register right = bytecode_operand(f, node->right);
    bytecode_at(B(f), node->base.start);
    bytecode_arithmetic(f, node->base.op, dst, left, right);
  }
  release(f, mark);
}

// The links of a chain that leans left, innermost first, in `few` or the arena.
// NULL: out of memory.
enum { FEW_LINKS = 16 };
static AstBinary **spine_of(FunctionState *f, AstBinary *node, uint32_t count,
                            AstBinary **few) {
  AstBinary **spine =
      count <= FEW_LINKS ? few : bytecode_arena(f->unit, count * sizeof *spine);
  for (uint32_t i = count; spine != NULL && i-- > 0;
       node = (AstBinary *)node->left)
    spine[i] = node;
  return spine;
}

void bytecode_binary(FunctionState *f, AstBinary *node, Register dst) {
  uint32_t mark = mark_of(f);
  uint32_t count = 1;
  AstBinary *inner = node;
  Value value;
  while (inner->left->type == AST_BINARY &&
         !bytecode_constant_of(inner->left, &value)) {
    inner = (AstBinary *)inner->left;
    count++;
  }
  int32_t small;
  if (count == 1 && commutes(node->base.op) &&
      bytecode_small_int(node->left, &small)) {
    Register right = bytecode_operand(f, node->right);
    bytecode_at(B(f), node->base.start);
    bytecode_arithmetic_int(f, node->base.op, dst, right, small);
    release(f, mark);
    return;
  }
  if (count == 1) {
    Register left = bytecode_stable_operand(f, node->left, node->right);
    apply(f, node, dst, left);
    release(f, mark);
    return;
  }
  AstBinary *few[FEW_LINKS] = {0};
  AstBinary **spine = spine_of(f, node, count, few);
  if (spine == NULL) return;
  Register accumulator = temp(f);
  uint32_t inner_mark = mark_of(f);
  Register left = bytecode_stable_operand(f, spine[0]->left, spine[0]->right);
  for (uint32_t i = 0; i < count; i++) {
    apply(f, spine[i], i + 1 == count ? dst : accumulator, left);
    left = accumulator;
    release(f, inner_mark);
  }
  release(f, mark);
}

static bool is_comparison(uint8_t op) {
  return op >= AST_OP_EQUAL && op <= AST_OP_GREATER_EQUAL;
}

// Is its value a boolean that a fused jump decides?
static bool is_condition(const AstNode *node) {
  if (node->type == AST_BINARY) return is_comparison(node->op);
  return node->type == AST_UNARY && node->op == AST_OP_NOT;
}

// condition && x, condition || x: only where the jump is taken a boolean is
// made.
static void condition_or_value(FunctionState *f, AstBinary *node,
                               Register dst) {
  bool is_or = node->base.op == AST_OP_OR;
  Label decided = LABEL_INIT, done = LABEL_INIT;
  bytecode_branch(f, node->left, &decided, is_or);
  bytecode_expression(f, node->right, dst);
  bytecode_goto(B(f), &done);
  bytecode_bind(B(f), &decided);
  bytecode_load_value(f, is_or ? VALUE_TRUE : VALUE_FALSE, dst);
  bytecode_bind(B(f), &done);
}

void bytecode_logical(FunctionState *f, AstBinary *node, Register dst) {
  if (node->base.op != AST_OP_NULLISH && is_condition(node->left)) {
    condition_or_value(f, node, dst);
    return;
  }
  // a || b || c leans left: find the innermost, then go outwards.
  Opcode opcode = node->base.op == AST_OP_AND  ? OP_JUMP_IF_FALSE
                  : node->base.op == AST_OP_OR ? OP_JUMP_IF_TRUE
                                               : OP_JUMP_IF_NOT_NULLISH;
  uint32_t count = 1;
  AstBinary *inner = node;
  while (inner->left->type == AST_LOGICAL && inner->left->op == node->base.op) {
    inner = (AstBinary *)inner->left;
    count++;
  }
  AstBinary *few[FEW_LINKS] = {0};
  AstBinary **spine = spine_of(f, node, count, few);
  if (spine == NULL) return;
  Label done = LABEL_INIT;
  uint32_t arms = bytecode_branch_begin(f, BRANCH_LOGICAL, &node->base);
  bytecode_count_arm(f, arms, inner->left, NULL);
  if (inner->left->type == AST_OPTIONAL_CHAIN &&
      node->base.op == AST_OP_NULLISH) {
    // a?.b ?? c: what `?.` skips goes on with c.
    Label skip = LABEL_INIT;
    uint32_t mark = mark_of(f);
    Register r = dst + 1u == mark ? dst : temp(f);
    bytecode_chain_link(f, ((AstUnary *)inner->left)->operand, r, &skip);
    bytecode_move(B(f), dst, r);
    release(f, mark);
    bytecode_jump(B(f), opcode, dst, &done);
    bytecode_bind(B(f), &skip);
  } else {
    bytecode_expression(f, inner->left, dst);
    bytecode_jump(B(f), opcode, dst, &done);
  }
  for (uint32_t i = 0; i < count; i++) {
    AstNode *right = spine[i]->right;
    bytecode_count_arm(f, arms, right, NULL);
    bytecode_expression(f, right, dst);
    if (i + 1 < count) bytecode_jump(B(f), opcode, dst, &done);
  }
  bytecode_bind(B(f), &done);
}

// Unary -----------------------------------------------------------------------

static void type_of(FunctionState *f, AstNode *operand, Register dst) {
  uint32_t mark = mark_of(f);
  Register r;
  if (operand->type == AST_IDENTIFIER &&
      bytecode_local_register(f, operand) == NO_REGISTER) {
    r = temp(f);
    bytecode_load_identifier(f, (AstIdentifier *)operand, r, true);
  } else {
    r = bytecode_operand(f, operand);
  }
  bytecode_emit(B(f), OP_TYPEOF, dst, r, 0);
  release(f, mark);
}

void bytecode_unary(FunctionState *f, AstUnary *node, Register dst) {
  uint32_t mark = mark_of(f);
  Opcode opcode;
  switch (node->base.op) {
  case AST_OP_TYPEOF:
    type_of(f, node->operand, dst);
    return;
  case AST_OP_DELETE:
    bytecode_delete(f, node->operand, dst);
    return;
  case AST_OP_VOID:
    bytecode_effect(f, node->operand);
    bytecode_load_value(f, VALUE_UNDEFINED, dst);
    return;
  case AST_OP_PLUS:
    opcode = OP_TO_NUMBER;
    break;
  case AST_OP_MINUS:
    opcode = OP_NEGATE;
    break;
  case AST_OP_BIT_NOT:
    opcode = OP_BIT_NOT;
    break;
  default:
    opcode = OP_NOT;
    break;
  }
  Register r = bytecode_operand(f, node->operand);
  bytecode_at(B(f), node->base.start);
  bytecode_emit(B(f), opcode, dst, r, 0);
  release(f, mark);
}

// Conditions ------------------------------------------------------------------

typedef struct Comparison {
  uint16_t jump, jump_int;         // taken when it holds
  uint16_t not_jump, not_jump_int; // taken when it does not
  uint16_t loop, loop_int;
  uint16_t not_loop, not_loop_int; // 0: there is none
  uint8_t swapped;                 // the operator with sides changed
} Comparison;

#define RELATION(NAME, other)                                                  \
  {                                                                            \
    OP_JUMP_IF_##NAME, OP_JUMP_IF_##NAME##_INT, OP_JUMP_IF_NOT_##NAME,         \
        OP_JUMP_IF_NOT_##NAME##_INT, OP_LOOP_IF_##NAME,                        \
        OP_LOOP_IF_##NAME##_INT, 0, 0, AST_OP_##other                          \
  }
#define EQUALITY(NAME, INVERSE)                                                \
  {                                                                            \
    OP_JUMP_IF_##NAME, OP_JUMP_IF_##NAME##_INT, OP_JUMP_IF_##INVERSE,          \
        OP_JUMP_IF_##INVERSE##_INT, OP_LOOP_IF_##NAME,                         \
        OP_LOOP_IF_##NAME##_INT, OP_LOOP_IF_##INVERSE,                         \
        OP_LOOP_IF_##INVERSE##_INT, AST_OP_##NAME                              \
  }
static const Comparison comparisons[] = {
    [AST_OP_LESS] = RELATION(LESS, GREATER),
    [AST_OP_LESS_EQUAL] = RELATION(LESS_EQUAL, GREATER_EQUAL),
    [AST_OP_GREATER] = RELATION(GREATER, LESS),
    [AST_OP_GREATER_EQUAL] = RELATION(GREATER_EQUAL, LESS_EQUAL),
    [AST_OP_EQUAL] = EQUALITY(EQUAL, NOT_EQUAL),
    [AST_OP_NOT_EQUAL] = EQUALITY(NOT_EQUAL, EQUAL),
    [AST_OP_STRICT_EQUAL] = EQUALITY(STRICT_EQUAL, STRICT_NOT_EQUAL),
    [AST_OP_STRICT_NOT_EQUAL] = EQUALITY(STRICT_NOT_EQUAL, STRICT_EQUAL),
};

static void jump_fused(FunctionState *f, const Comparison *row, bool is_int,
                       Register left, uint32_t right, Label *target,
                       bool sense) {
  bool back = target->position >= 0;
  uint16_t opcode;
  if (!back) {
    opcode = sense ? (is_int ? row->jump_int : row->jump)
                   : (is_int ? row->not_jump_int : row->not_jump);
  } else {
    opcode = sense ? (is_int ? row->loop_int : row->loop)
                   : (is_int ? row->not_loop_int : row->not_loop);
  }
  if (opcode) {
    bytecode_jump_compare(B(f), (Opcode)opcode, left, right, target);
    return;
  }
  Label leave = LABEL_INIT;
  jump_fused(f, row, is_int, left, right, &leave, true);
  bytecode_goto(B(f), target);
  bytecode_bind(B(f), &leave);
}

// Jump with one register operand, JMP32.
static void jump_simple(FunctionState *f, Opcode opcode, Opcode inverse,
                        Register r, Label *target) {
  if (target->position < 0) {
    bytecode_jump(B(f), opcode, r, target);
    return;
  }
  Label leave = LABEL_INIT;
  bytecode_jump(B(f), inverse, r, &leave);
  bytecode_goto(B(f), target);
  bytecode_bind(B(f), &leave);
}

static void jump_if_is(FunctionState *f, Register r, Value constant,
                       Label *target, bool sense) {
  if (target->position < 0) {
    bytecode_jump_compare(B(f), sense ? OP_JUMP_IF_IS : OP_JUMP_IF_IS_NOT, r,
                          (uint32_t)constant, target);
    return;
  }
  Label leave = LABEL_INIT;
  jump_if_is(f, r, constant, &leave, !sense);
  bytecode_goto(B(f), target);
  bytecode_bind(B(f), &leave);
}

// x == null, x === undefined, x === true and their negations.
static bool branch_on_nullish(FunctionState *f, AstBinary *node, Label *target,
                              bool sense) {
  Value constant;
  AstNode *tested = node->left;
  if (!bytecode_constant_of(node->right, &constant)) {
    if (!bytecode_constant_of(node->left, &constant)) return false;
    tested = node->right;
  }
  bool is_nullish = constant == VALUE_NULL || constant == VALUE_UNDEFINED;
  if (value_is_number(constant)) return false;
  bool is_equal =
      node->base.op == AST_OP_EQUAL || node->base.op == AST_OP_STRICT_EQUAL;
  bool is_strict = node->base.op == AST_OP_STRICT_EQUAL ||
                   node->base.op == AST_OP_STRICT_NOT_EQUAL;
  if (!is_strict && !is_nullish) return false;
  if (is_strict && constant != VALUE_UNDEFINED) {
    uint32_t mark = mark_of(f);
    Register r = bytecode_operand(f, tested);
    jump_if_is(f, r, constant, target, is_equal == sense);
    release(f, mark);
    return true;
  }
  Opcode yes = is_strict ? OP_JUMP_IF_UNDEFINED : OP_JUMP_IF_NULLISH;
  Opcode no = is_strict ? OP_JUMP_IF_NOT_UNDEFINED : OP_JUMP_IF_NOT_NULLISH;
  uint32_t mark = mark_of(f);
  Register r = bytecode_operand(f, tested);
  if (is_equal == sense) {
    jump_simple(f, yes, no, r, target);
  } else {
    jump_simple(f, no, yes, r, target);
  }
  release(f, mark);
  return true;
}

// A string that keys can hold: no array index.
static String *string_constant(FunctionState *f, const AstNode *node) {
  if (node->type != AST_STRING) return NULL;
  String *atom = bytecode_atom(f->unit, ((const AstString *)node)->value);
  return atom->index == STRING_NOT_INDEX ? atom : NULL;
}

static void jump_if_string(FunctionState *f, Register r, String *atom,
                           Label *target, bool sense) {
  if (target->position < 0) {
    bytecode_jump_compare(B(f),
                          sense ? OP_JUMP_IF_STRING : OP_JUMP_IF_NOT_STRING, r,
                          bytecode_atom_key(f, atom), target);
    return;
  }
  Label leave = LABEL_INIT;
  jump_if_string(f, r, atom, &leave, !sense);
  bytecode_goto(B(f), target);
  bytecode_bind(B(f), &leave);
}

// x === "text". typeof gives a string, so == compares the same.
static bool branch_on_string(FunctionState *f, AstBinary *node, Label *target,
                             bool sense) {
  uint8_t op = node->base.op;
  AstNode *tested = node->left;
  String *atom = string_constant(f, node->right);
  if (!atom) {
    atom = string_constant(f, node->left);
    tested = node->right;
  }
  if (!atom) return false;
  bool is_equal = op == AST_OP_STRICT_EQUAL || op == AST_OP_EQUAL;
  if (op != AST_OP_STRICT_EQUAL && op != AST_OP_STRICT_NOT_EQUAL &&
      !(tested->type == AST_UNARY && tested->op == AST_OP_TYPEOF)) {
    return false;
  }
  uint32_t mark = mark_of(f);
  Register r = bytecode_operand(f, tested);
  jump_if_string(f, r, atom, target, is_equal == sense);
  release(f, mark);
  return true;
}

static void branch_on_comparison(FunctionState *f, AstBinary *node,
                                 Label *target, bool sense) {
  uint8_t op = node->base.op;
  if (op <= AST_OP_STRICT_NOT_EQUAL &&
      (branch_on_nullish(f, node, target, sense) ||
       branch_on_string(f, node, target, sense))) {
    return;
  }
  uint32_t mark = mark_of(f);
  int32_t small;
  if (bytecode_small_int(node->right, &small)) {
    Register left = bytecode_operand(f, node->left);
    bytecode_at(B(f), node->base.start);
    jump_fused(f, &comparisons[op], true, left, (uint16_t)small, target, sense);
  } else if (bytecode_small_int(node->left, &small)) {
    Register right = bytecode_operand(f, node->right);
    bytecode_at(B(f), node->base.start);
    jump_fused(f, &comparisons[comparisons[op].swapped], true, right,
               (uint16_t)small, target, sense);
  } else {
    Register left = bytecode_stable_operand(f, node->left, node->right);
    Register right = bytecode_operand(f, node->right);
    bytecode_at(B(f), node->base.start);
    jump_fused(f, &comparisons[op], false, left, right, target, sense);
  }
  release(f, mark);
}

static bool truth_of_constant(Value value) {
  if (value_is_number(value)) {
    double d = value_as_number(value);
    return d != 0 && d == d;
  }
  return value == VALUE_TRUE;
}

static void jump_on_truth(FunctionState *f, Register r, Label *target,
                          bool sense) {
  bool back = target->position >= 0;
  bytecode_jump(B(f),
                sense ? (back ? OP_LOOP_IF_TRUE : OP_JUMP_IF_TRUE)
                      : (back ? OP_LOOP_IF_FALSE : OP_JUMP_IF_FALSE),
                r, target);
}

static void branch(FunctionState *f, AstNode *node, Label *target, bool sense) {
  for (;;) {
    Value value;
    if (bytecode_constant_of(node, &value)) {
      if (truth_of_constant(value) == sense) bytecode_goto(B(f), target);
      return;
    }
    if (node->type == AST_UNARY && node->op == AST_OP_NOT) {
      node = ((AstUnary *)node)->operand;
      sense = !sense;
      continue;
    }
    if (node->type == AST_LOGICAL && node->op != AST_OP_NULLISH) {
      AstBinary *n = (AstBinary *)node;
      bool jumps_early = (node->op == AST_OP_OR) == sense;
      uint32_t arms = bytecode_branch_begin(f, BRANCH_LOGICAL, node);
      bytecode_count_arm(f, arms, n->left, NULL);
      if (jumps_early) {
        bytecode_branch(f, n->left, target, sense);
        bytecode_count_arm(f, arms, n->right, NULL);
        node = n->right;
        continue;
      }
      Label through = LABEL_INIT;
      bytecode_branch(f, n->left, &through, !sense);
      bytecode_count_arm(f, arms, n->right, NULL);
      bytecode_branch(f, n->right, target, sense);
      bytecode_bind(B(f), &through);
      return;
    }
    if (node->type == AST_SEQUENCE) {
      AstListNode *n = (AstListNode *)node;
      for (uint32_t i = 0; i + 1 < n->list.count; i++)
        bytecode_effect(f, n->list.items[i]);
      node = n->list.items[n->list.count - 1];
      continue;
    }
    break;
  }
  if (node->type == AST_BINARY && is_comparison(node->op)) {
    branch_on_comparison(f, (AstBinary *)node, target, sense);
    return;
  }
  uint32_t mark = mark_of(f);
  Label skip = LABEL_INIT;
  Register r;
  if (node->type == AST_OPTIONAL_CHAIN) {
    // A skipped chain is undefined: false.
    bool direct = !sense && target->position < 0;
    r = temp(f);
    bytecode_chain_link(f, ((AstUnary *)node)->operand, r,
                        direct ? target : &skip);
    jump_on_truth(f, r, target, sense);
    if (!direct && !sense) {
      Label past = LABEL_INIT;
      bytecode_goto(B(f), &past);
      bytecode_bind(B(f), &skip);
      bytecode_goto(B(f), target);
      bytecode_bind(B(f), &past);
    } else if (!direct) {
      bytecode_bind(B(f), &skip);
    }
    release(f, mark);
    return;
  }
  r = bytecode_operand(f, node);
  jump_on_truth(f, r, target, sense);
  release(f, mark);
}

void bytecode_branch(FunctionState *f, AstNode *node, Label *target,
                     bool sense) {
  if (!bytecode_enter(f)) return;
  branch(f, node, target, sense);
  bytecode_exit_depth(f);
}
