// SPDX-License-Identifier: MIT
// Expressions: the dispatch on node types, operands that are locals already,
// and what may be evaluated straight into a variable.
#include "vm/bytecode/emitter.h"

// Chains that lean left without limit are walked in loops where they occur in
// practice (operators); what is left recurses up to this depth.
enum { MAX_DEPTH = 2500 };

bool bytecode_enter(FunctionState *f) {
  if (f->unit->depth < MAX_DEPTH) {
    f->unit->depth++;
    return true;
  }
  B(f)->failure_message = "Expression is nested too deeply";
  bytecode_fail(B(f), BUILD_UNSUPPORTED);
  return false;
}

bool bytecode_constant_of(const AstNode *node, Value *value) {
  switch ((AstType)node->type) {
  case AST_NULL:
    *value = VALUE_NULL;
    return true;
  case AST_TRUE:
    *value = VALUE_TRUE;
    return true;
  case AST_FALSE:
    *value = VALUE_FALSE;
    return true;
  case AST_NUMBER:
    *value = value_from_number(((const AstNumber *)node)->value);
    return true;
  case AST_IDENTIFIER: {
    const AstIdentifier *id = (const AstIdentifier *)node;
    if (node->resolution != REFERENCE_GLOBAL || id->binding) return false;
    if (id->name->wide || id->name->length != 9 ||
        memcmp(id->name->units, "undefined", 9) != 0) {
      return false;
    }
    *value = VALUE_UNDEFINED;
    return true;
  }
  case AST_UNARY: {
    const AstNode *operand = ((const AstUnary *)node)->operand;
    Value inner;
    if (operand->type == AST_BINARY || !bytecode_constant_of(operand, &inner)) {
      return false;
    }
    switch (node->op) {
    case AST_OP_VOID:
      *value = VALUE_UNDEFINED;
      return true;
    case AST_OP_NOT:
      if (value_is_number(inner)) {
        double d = value_as_number(inner);
        *value = value_from_bool(d == 0 || d != d);
      } else {
        *value = value_from_bool(inner != VALUE_TRUE);
      }
      return true;
    case AST_OP_MINUS:
      if (!value_is_number(inner)) return false;
      *value = value_from_number(-value_as_number(inner));
      return true;
    case AST_OP_PLUS:
      if (!value_is_number(inner)) return false;
      *value = inner;
      return true;
    case AST_OP_BIT_NOT:
      if (!value_is_int(inner)) return false;
      *value = value_from_int(~value_as_int(inner));
      return true;
    default:
      return false;
    }
  }
  case AST_BINARY: {
    const AstBinary *n = (const AstBinary *)node;
    Value l, r;
    // Only short ones: the spine may be long.
    if (n->left->type == AST_BINARY || n->right->type == AST_BINARY ||
        !bytecode_constant_of(n->left, &l) ||
        !bytecode_constant_of(n->right, &r) || !value_is_number(l) ||
        !value_is_number(r)) {
      return false;
    }
    double x = value_as_number(l), y = value_as_number(r);
    bool ints = value_both_int(l, r);
    int32_t i = ints ? value_as_int(l) : 0, j = ints ? value_as_int(r) : 0;
    switch (node->op) {
    case AST_OP_ADD:
      *value = value_from_number(x + y);
      return true;
    case AST_OP_SUBTRACT:
      *value = value_from_number(x - y);
      return true;
    case AST_OP_MULTIPLY:
      *value = value_from_number(x * y);
      return true;
    case AST_OP_DIVIDE:
      *value = value_from_number(x / y);
      return true;
    case AST_OP_SHIFT_LEFT:
      if (!ints) return false;
      *value = value_from_int((int32_t)((uint32_t)i << (j & 31)));
      return true;
    case AST_OP_BIT_OR:
      if (!ints) return false;
      *value = value_from_int(i | j);
      return true;
    case AST_OP_BIT_AND:
      if (!ints) return false;
      *value = value_from_int(i & j);
      return true;
    default:
      return false;
    }
  }
  default:
    return false;
  }
}

bool bytecode_small_int(const AstNode *node, int32_t *result) {
  Value value;
  if (node->type == AST_IDENTIFIER || !bytecode_constant_of(node, &value) ||
      !value_is_int(value)) {
    return false;
  }
  *result = value_as_int(value);
  return *result >= INT16_MIN && *result <= INT16_MAX;
}

bool bytecode_writes_last(const AstNode *node) {
  switch ((AstType)node->type) {
  case AST_IDENTIFIER:
  case AST_THIS:
  case AST_NEW_TARGET:
    return node->resolution != REFERENCE_DYNAMIC;
  case AST_NULL:
  case AST_TRUE:
  case AST_FALSE:
  case AST_NUMBER:
  case AST_BIGINT:
  case AST_STRING:
  case AST_REGEXP:
  case AST_TEMPLATE:
  case AST_FUNCTION:
  case AST_ARROW:
  case AST_BINARY:
  case AST_CALL:
  case AST_NEW:
  case AST_SUPER_CALL:
  case AST_INTRINSIC_CALL:
  case AST_MEMBER:
  case AST_INDEX:
  case AST_PRIVATE_MEMBER:
  case AST_SUPER_MEMBER:
  case AST_TAGGED_TEMPLATE:
  case AST_IMPORT_CALL:
  case AST_AWAIT:
    return true;
  case AST_UNARY:
    return node->op != AST_OP_DELETE && node->op != AST_OP_VOID;
  case AST_CONDITIONAL:
    return bytecode_writes_last(((const AstConditional *)node)->then) &&
           ((const AstConditional *)node)->otherwise->type != AST_CONDITIONAL &&
           bytecode_writes_last(((const AstConditional *)node)->otherwise);
  default:
    return false;
  }
}

// Does it write a local? ------------------------------------------------------

typedef struct AssignSearch {
  FunctionState *f;
  Register reg;
  int budget;
} AssignSearch;

static bool does_not_assign(void *data, const AstNode *node) {
  AssignSearch *search = data;
  if (--search->budget < 0) return false;
  if (node->type == AST_IDENTIFIER) {
    if (!(node->flags & AST_WRITTEN)) return true;
    const Binding *binding = ((const AstIdentifier *)node)->binding;
    return !binding || !(binding->emitter_bits & BINDING_IN_REGISTER) ||
           binding->slot != search->reg;
  }
  return bytecode_each_child(node, does_not_assign, data);
}

bool bytecode_may_assign(FunctionState *f, const AstNode *node, Register reg) {
  AssignSearch search = {f, reg, 200};
  return !does_not_assign(&search, node);
}

// Operands --------------------------------------------------------------------

// The register of `this`, if it has one here.
static Register this_operand(FunctionState *f, AstIdentifier *id) {
  const Binding *binding = id->binding;
  if (id->base.resolution != REFERENCE_LOCAL || !binding ||
      !(binding->emitter_bits & BINDING_IN_REGISTER)) {
    return NO_REGISTER;
  }
  if (binding->scope->function->kind == FUNCTION_DERIVED_CONSTRUCTOR) {
    bytecode_at(B(f), id->base.start);
    bytecode_emit(B(f), OP_CHECK_THIS, binding->slot, 0, 0);
  }
  return (Register)binding->slot;
}

Register bytecode_operand(FunctionState *f, AstNode *node) {
  Register r = NO_REGISTER;
  switch ((AstType)node->type) {
  case AST_IDENTIFIER: {
    AstIdentifier *id = (AstIdentifier *)node;
    r = bytecode_local_register(f, node);
    if (r == NO_REGISTER && node->resolution == REFERENCE_LOCAL &&
        id->binding && (id->binding->emitter_bits & BINDING_IN_REGISTER)) {
      r = (Register)id->binding->slot;
      if (node->flags & AST_NEEDS_TDZ_CHECK) {
        bytecode_at(B(f), node->start);
        bytecode_emit(B(f), OP_CHECK_INITIALIZED, r,
                      bytecode_name_key(f, id->name), 0);
      }
    }
    break;
  }
  case AST_THIS:
    r = this_operand(f, (AstIdentifier *)node);
    break;
  case AST_NEW_TARGET: {
    const Binding *binding = ((AstIdentifier *)node)->binding;
    if (binding && node->resolution == REFERENCE_LOCAL &&
        (binding->emitter_bits & BINDING_IN_REGISTER)) {
      r = (Register)binding->slot;
    }
    break;
  }
  case AST_ASSIGN:
  case AST_COMPOUND_ASSIGN:
    r = bytecode_local_register(f, ((AstBinary *)node)->left);
    if (r != NO_REGISTER) bytecode_effect(f, node);
    break;
  case AST_UPDATE:
    if (node->flags & AST_PREFIX) {
      r = bytecode_local_register(f, ((AstUnary *)node)->operand);
      if (r != NO_REGISTER) bytecode_effect(f, node);
    }
    break;
  default:
    break;
  }
  if (r != NO_REGISTER) return r;
  r = temp(f);
  bytecode_expression(f, node, r);
  return r;
}

Register bytecode_stable_operand(FunctionState *f, AstNode *node,
                                 const AstNode *later) {
  uint32_t mark = mark_of(f);
  Register r = bytecode_operand(f, node);
  if (r >= mark || !later || !bytecode_may_assign(f, later, r)) return r;
  Register copy = temp(f);
  bytecode_move(B(f), copy, r);
  return copy;
}

// Dispatch --------------------------------------------------------------------

static void load_bigint(FunctionState *f, AstString *node, Register dst) {
  BigInt *value = bytecode_bigint(f->unit, node->value);
  if (value) bytecode_load_value(f, value_from_cell(value), dst);
}

static void conditional(FunctionState *f, AstConditional *node, Register dst) {
  Label done = LABEL_INIT;
  for (;;) {
    Label otherwise = LABEL_INIT;
    uint32_t branch = bytecode_branch_begin(f, BRANCH_CONDITIONAL, &node->base);
    bytecode_branch(f, node->test, &otherwise, false);
    bytecode_count_arm(f, branch, node->then, NULL);
    if (dst == NO_REGISTER) {
      bytecode_effect(f, node->then);
    } else {
      bytecode_expression(f, node->then, dst);
    }
    bytecode_goto(B(f), &done);
    bytecode_bind(B(f), &otherwise);
    bytecode_count_arm(f, branch, node->otherwise, NULL);
    if (node->otherwise->type != AST_CONDITIONAL) break;
    node = (AstConditional *)node->otherwise;
  }
  if (dst == NO_REGISTER) {
    bytecode_effect(f, node->otherwise);
  } else {
    bytecode_expression(f, node->otherwise, dst);
  }
  bytecode_bind(B(f), &done);
}

static void sequence(FunctionState *f, AstListNode *node, Register dst) {
  uint32_t last = node->list.count - 1;
  for (uint32_t i = 0; i < last; i++)
    bytecode_effect(f, node->list.items[i]);
  if (dst == NO_REGISTER) {
    bytecode_effect(f, node->list.items[last]);
  } else {
    bytecode_expression(f, node->list.items[last], dst);
  }
}

static void private_in(FunctionState *f, AstBinary *node, Register dst) {
  uint32_t mark = mark_of(f);
  Register object = bytecode_operand(f, node->right);
  Register key = temp(f);
  bytecode_load_identifier(f, (AstIdentifier *)node->left, key, false);
  bytecode_at(B(f), node->base.start);
  bytecode_emit(B(f), OP_HAS_PRIVATE, dst, object, key);
  release(f, mark);
}

static void expression(FunctionState *f, AstNode *node, Register dst) {
  Value value;
  if (bytecode_constant_of(node, &value)) {
    bytecode_load_value(f, value, dst);
    return;
  }
  switch ((AstType)node->type) {
  case AST_IDENTIFIER:
  case AST_THIS:
  case AST_NEW_TARGET:
  case AST_PRIVATE_NAME:
  case AST_PSEUDO_REFERENCE:
    bytecode_load_identifier(f, (AstIdentifier *)node, dst, false);
    return;
  case AST_STRING:
    bytecode_load_string(f, ((AstString *)node)->value, dst);
    return;
  case AST_BIGINT:
    load_bigint(f, (AstString *)node, dst);
    return;
  case AST_REGEXP:
    bytecode_regexp(f, (AstRegExp *)node, dst);
    return;
  case AST_TEMPLATE:
    bytecode_template(f, (AstTemplate *)node, dst);
    return;
  case AST_TAGGED_TEMPLATE:
    bytecode_tagged_template(f, (AstTaggedTemplate *)node, dst);
    return;
  case AST_ARRAY:
    bytecode_array(f, (AstListNode *)node, dst);
    return;
  case AST_OBJECT:
    bytecode_object(f, (AstListNode *)node, dst);
    return;
  case AST_FUNCTION:
  case AST_ARROW:
    bytecode_named_expression(f, node, ATOM(empty), dst);
    return;
  case AST_CLASS:
    bytecode_named_expression(f, node, ATOM(empty), dst);
    return;
  case AST_UNARY:
    bytecode_unary(f, (AstUnary *)node, dst);
    return;
  case AST_UPDATE:
    bytecode_update(f, (AstUnary *)node, dst);
    return;
  case AST_BINARY:
    bytecode_binary(f, (AstBinary *)node, dst);
    return;
  case AST_LOGICAL:
    bytecode_logical(f, (AstBinary *)node, dst);
    return;
  case AST_PRIVATE_IN:
    private_in(f, (AstBinary *)node, dst);
    return;
  case AST_ASSIGN:
    bytecode_assign(f, (AstBinary *)node, dst);
    return;
  case AST_COMPOUND_ASSIGN:
    bytecode_compound_assign(f, (AstBinary *)node, dst);
    return;
  case AST_LOGICAL_ASSIGN:
    bytecode_logical_assign(f, (AstBinary *)node, dst);
    return;
  case AST_CONDITIONAL:
    conditional(f, (AstConditional *)node, dst);
    return;
  case AST_SEQUENCE:
    sequence(f, (AstListNode *)node, dst);
    return;
  case AST_CALL:
  case AST_MEMBER:
  case AST_INDEX:
  case AST_PRIVATE_MEMBER:
  case AST_SUPER_MEMBER:
    bytecode_chain_link(f, node, dst, NULL);
    return;
  case AST_NEW:
    bytecode_new(f, (AstCall *)node, dst);
    return;
  case AST_SUPER_CALL:
    bytecode_super_call(f, (AstSuperCall *)node, dst);
    return;
  case AST_INTRINSIC_CALL:
    bytecode_intrinsic_call(f, (AstIntrinsicCall *)node, dst);
    return;
  case AST_OPTIONAL_CHAIN:
    bytecode_optional_chain(f, (AstUnary *)node, dst);
    return;
  case AST_IMPORT_CALL:
    bytecode_import_call(f, (AstImportCall *)node, dst);
    return;
  case AST_IMPORT_META:
    bytecode_at(B(f), node->start);
    bytecode_emit(B(f), OP_IMPORT_META, dst, 0, 0);
    return;
  case AST_YIELD:
    bytecode_yield(f, (AstUnary *)node, dst);
    return;
  case AST_AWAIT:
    bytecode_await(f, (AstUnary *)node, dst);
    return;
  default:
    B(f)->failure_message = "Internal: not an expression";
    bytecode_fail(B(f), BUILD_UNSUPPORTED);
  }
}

void bytecode_expression(FunctionState *f, AstNode *node, Register dst) {
  if (!bytecode_enter(f)) return;
  expression(f, node, dst);
  bytecode_exit_depth(f);
}

void bytecode_named_expression(FunctionState *f, AstNode *node, String *name,
                               Register dst) {
  switch ((AstType)node->type) {
  case AST_FUNCTION:
  case AST_ARROW: {
    AstFunction *function = (AstFunction *)node;
    if (function->name) name = bytecode_atom(f->unit, function->name->name);
    bytecode_closure(f, function, name, dst);
    return;
  }
  case AST_CLASS: {
    AstClass *class_ = (AstClass *)node;
    if (class_->name) name = bytecode_atom(f->unit, class_->name->name);
    bytecode_class(f, class_, name, dst);
    return;
  }
  default:
    bytecode_expression(f, node, dst);
  }
}

// Only the effects ------------------------------------------------------------

void bytecode_effect(FunctionState *f, AstNode *node) {
  uint32_t mark = mark_of(f);
  Value value;
  if (bytecode_constant_of(node, &value)) return;
  switch ((AstType)node->type) {
  case AST_STRING:
  case AST_BIGINT:
    return;
  case AST_IDENTIFIER:
    if (bytecode_local_register(f, node) != NO_REGISTER) return;
    break;
  case AST_ASSIGN:
    bytecode_assign(f, (AstBinary *)node, NO_REGISTER);
    return;
  case AST_COMPOUND_ASSIGN:
    bytecode_compound_assign(f, (AstBinary *)node, NO_REGISTER);
    return;
  case AST_UPDATE:
    bytecode_update(f, (AstUnary *)node, NO_REGISTER);
    return;
  case AST_YIELD:
    bytecode_yield(f, (AstUnary *)node, NO_REGISTER);
    release(f, mark);
    return;
  case AST_SEQUENCE:
    sequence(f, (AstListNode *)node, NO_REGISTER);
    return;
  case AST_CONDITIONAL:
    conditional(f, (AstConditional *)node, NO_REGISTER);
    return;
  case AST_LOGICAL:
    if (node->op != AST_OP_NULLISH) {
      Label done = LABEL_INIT;
      uint32_t arms = bytecode_branch_begin(f, BRANCH_LOGICAL, node);
      bytecode_count_arm(f, arms, ((AstBinary *)node)->left, NULL);
      bytecode_branch(f, ((AstBinary *)node)->left, &done,
                      node->op == AST_OP_OR);
      bytecode_count_arm(f, arms, ((AstBinary *)node)->right, NULL);
      bytecode_effect(f, ((AstBinary *)node)->right);
      bytecode_bind(B(f), &done);
      return;
    }
    break;
  case AST_OPTIONAL_CHAIN: {
    Label skip = LABEL_INIT;
    bytecode_chain_link(f, ((AstUnary *)node)->operand, temp(f), &skip);
    bytecode_bind(B(f), &skip);
    release(f, mark);
    return;
  }
  case AST_UNARY:
    if (node->op == AST_OP_NOT || node->op == AST_OP_VOID) {
      bytecode_effect(f, ((AstUnary *)node)->operand);
      return;
    }
    break;
  default:
    break;
  }
  bytecode_expression(f, node, temp(f));
  release(f, mark);
}
