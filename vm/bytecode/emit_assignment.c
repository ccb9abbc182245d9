// SPDX-License-Identifier: MIT
// Assignments, updates and declarations. A local is written straight by the
// expression's last instruction where nothing could notice.
#include "vm/bytecode/emitter.h"

// `node` into the local `r` that some code could still read meanwhile.
static void expression_into_local(FunctionState *f, AstNode *node, String *name,
                                  Register r) {
  if (bytecode_writes_last(node)) {
    bytecode_named_expression(f, node, name, r);
    return;
  }
  uint32_t mark = mark_of(f);
  Register value = temp(f);
  bytecode_named_expression(f, node, name, value);
  bytecode_move(B(f), r, value);
  release(f, mark);
}

// The name a plain `target = function () {}` gives.
static String *assigned_name(FunctionState *f, const AstNode *target) {
  if ((target->type == AST_IDENTIFIER ||
       target->type == AST_BINDING_IDENTIFIER) &&
      !(target->flags & AST_PARENTHESIZED)) {
    return bytecode_atom(f->unit, ((const AstIdentifier *)target)->name);
  }
  return ATOM(empty);
}

String *bytecode_target_name(FunctionState *f, const AstNode *target) {
  return assigned_name(f, target);
}

static bool is_pattern(const AstNode *node) {
  return node->type == AST_ARRAY_PATTERN || node->type == AST_OBJECT_PATTERN;
}

void bytecode_assign(FunctionState *f, AstBinary *node, Register dst) {
  uint32_t mark = mark_of(f);
  if (is_pattern(node->left)) {
    Register value = dst != NO_REGISTER ? temp(f) : NO_REGISTER;
    if (value != NO_REGISTER) {
      bytecode_expression(f, node->right, value);
    } else {
      value = bytecode_operand(f, node->right);
      if (value < mark && bytecode_may_assign(f, node->left, value)) {
        Register copy = temp(f);
        bytecode_move(B(f), copy, value);
        value = copy;
      }
    }
    bytecode_pattern(f, node->left, value);
    if (dst != NO_REGISTER) bytecode_move(B(f), dst, value);
    release(f, mark);
    return;
  }
  Register local = bytecode_local_register(f, node->left);
  if (local != NO_REGISTER) {
    expression_into_local(f, node->right, assigned_name(f, node->left), local);
    if (dst != NO_REGISTER) bytecode_move(B(f), dst, local);
    release(f, mark);
    return;
  }
  Reference ref = bytecode_reference(f, node->left, node->right);
  Register value;
  if (ast_is_anonymous_function(node->right)) {
    value = temp(f);
    bytecode_named_expression(f, node->right, assigned_name(f, node->left),
                              value);
  } else {
    value = bytecode_operand(f, node->right);
  }
  bytecode_reference_set(f, &ref, value);
  if (dst != NO_REGISTER) bytecode_move(B(f), dst, value);
  release(f, mark);
}

void bytecode_compound_assign(FunctionState *f, AstBinary *node, Register dst) {
  uint32_t mark = mark_of(f);
  uint8_t op = node->base.op;
  int32_t small;
  bool is_small = bytecode_small_int(node->right, &small);
  Register local = bytecode_local_register(f, node->left);
  if (local != NO_REGISTER) {
    bytecode_at(B(f), node->base.start);
    if (!is_small || !bytecode_arithmetic_int(f, op, local, local, small)) {
      Register left = local;
      if (bytecode_may_assign(f, node->right, local)) {
        left = temp(f);
        bytecode_move(B(f), left, local);
      }
      Register right = bytecode_operand(f, node->right);
      bytecode_at(B(f), node->base.start);
      bytecode_arithmetic(f, op, local, left, right);
    }
    if (dst != NO_REGISTER) bytecode_move(B(f), dst, local);
    release(f, mark);
    return;
  }
  Reference ref = bytecode_reference(f, node->left, node->right);
  bytecode_reference_fix_key(f, &ref);
  Register value = temp(f);
  bytecode_reference_get(f, &ref, value);
  bytecode_at(B(f), node->base.start);
  if (!is_small || !bytecode_arithmetic_int(f, op, value, value, small)) {
    Register right = bytecode_operand(f, node->right);
    bytecode_at(B(f), node->base.start);
    bytecode_arithmetic(f, op, value, value, right);
  }
  bytecode_reference_set(f, &ref, value);
  if (dst != NO_REGISTER) bytecode_move(B(f), dst, value);
  release(f, mark);
}

void bytecode_logical_assign(FunctionState *f, AstBinary *node, Register dst) {
  uint32_t mark = mark_of(f);
  Opcode opcode = node->base.op == AST_OP_AND  ? OP_JUMP_IF_FALSE
                  : node->base.op == AST_OP_OR ? OP_JUMP_IF_TRUE
                                               : OP_JUMP_IF_NOT_NULLISH;
  Label done = LABEL_INIT;
  Reference ref = bytecode_reference(f, node->left, node->right);
  bytecode_reference_fix_key(f, &ref);
  Register value = temp(f);
  bytecode_reference_get(f, &ref, value);
  bytecode_jump(B(f), opcode, value, &done);
  bytecode_named_expression(f, node->right, assigned_name(f, node->left),
                            value);
  bytecode_reference_set(f, &ref, value);
  bytecode_bind(B(f), &done);
  bytecode_move(B(f), dst, value);
  release(f, mark);
}

void bytecode_update(FunctionState *f, AstUnary *node, Register dst) {
  uint32_t mark = mark_of(f);
  Opcode opcode =
      node->base.op == AST_OP_INCREMENT ? OP_INCREMENT : OP_DECREMENT;
  bool keeps_old = dst != NO_REGISTER && !(node->base.flags & AST_PREFIX);
  Register local = bytecode_local_register(f, node->operand);
  if (local != NO_REGISTER) {
    bytecode_at(B(f), node->base.start);
    if (keeps_old) {
      Register old = dst == local ? temp(f) : dst;
      bytecode_emit(
          B(f), opcode == OP_INCREMENT ? OP_POST_INCREMENT : OP_POST_DECREMENT,
          old, local, 0);
      bytecode_move(B(f), dst, old);
    } else {
      bytecode_emit(B(f), opcode, local, local, 0);
      if (dst != NO_REGISTER) bytecode_move(B(f), dst, local);
    }
    release(f, mark);
    return;
  }
  Reference ref = bytecode_reference(f, node->operand, NULL);
  bytecode_reference_fix_key(f, &ref);
  Register value = temp(f);
  bytecode_reference_get(f, &ref, value);
  bytecode_at(B(f), node->base.start);
  if (keeps_old) {
    Register changed = temp(f);
    bytecode_emit(B(f), OP_TO_NUMERIC, value, value, 0);
    bytecode_emit(B(f), opcode, changed, value, 0);
    bytecode_reference_set(f, &ref, changed);
  } else {
    bytecode_emit(B(f), opcode, value, value, 0);
    bytecode_reference_set(f, &ref, value);
  }
  if (dst != NO_REGISTER) bytecode_move(B(f), dst, value);
  release(f, mark);
}

// Declarations ----------------------------------------------------------------

static void declare_one(FunctionState *f, AstBinary *declarator, uint8_t kind) {
  uint32_t mark = mark_of(f);
  AstNode *target = declarator->left;
  if (is_pattern(target)) {
    if (!declarator->right) return; // a for-in or for-of head
    Register value = bytecode_operand(f, declarator->right);
    if (value < mark && bytecode_may_assign(f, target, value)) {
      Register copy = temp(f);
      bytecode_move(B(f), copy, value);
      value = copy;
    }
    bytecode_pattern(f, target, value);
    release(f, mark);
    return;
  }
  AstIdentifier *id = (AstIdentifier *)target;
  bool initializes = target->flags & AST_INITIALIZES;
  if (!declarator->right) {
    if (kind == AST_DECLARE_VAR) return;
    Place place = bytecode_place(f, id->binding);
    Register r = place.kind == PLACE_REGISTER ? place.reg : temp(f);
    bytecode_load_value(f, VALUE_UNDEFINED, r);
    if (place.kind != PLACE_REGISTER) bytecode_initialize(f, id->binding, r);
    release(f, mark);
    return;
  }
  String *name = bytecode_atom(f->unit, id->name);
  if (initializes) {
    Place place = bytecode_place(f, id->binding);
    if (place.kind == PLACE_REGISTER && !id->binding->needs_tdz) {
      bytecode_named_expression(f, declarator->right, name, place.reg);
    } else if (place.kind == PLACE_REGISTER) {
      expression_into_local(f, declarator->right, name, place.reg);
    } else {
      Register value = NO_REGISTER;
      if (ast_is_anonymous_function(declarator->right)) {
        value = temp(f);
        bytecode_named_expression(f, declarator->right, name, value);
      } else {
        value = bytecode_operand(f, declarator->right);
      }
      bytecode_at(B(f), target->start);
      bytecode_initialize(f, id->binding, value);
    }
    release(f, mark);
    return;
  }
  Register local = bytecode_local_register(f, target);
  if (local != NO_REGISTER) {
    expression_into_local(f, declarator->right, name, local);
  } else {
    Reference ref = bytecode_reference(f, target, declarator->right);
    Register value;
    if (ast_is_anonymous_function(declarator->right)) {
      value = temp(f);
      bytecode_named_expression(f, declarator->right, name, value);
    } else {
      value = bytecode_operand(f, declarator->right);
    }
    bytecode_reference_set(f, &ref, value);
  }
  release(f, mark);
}

void bytecode_declaration(FunctionState *f, AstListNode *node) {
  for (uint32_t i = 0; i < node->list.count; i++) {
    declare_one(f, (AstBinary *)node->list.items[i], node->base.op);
  }
}
