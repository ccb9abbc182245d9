// SPDX-License-Identifier: MIT
// Statements other than loops and try. Temporaries do not outlive a statement;
// locals of a block live until its end.
#include "vm/bytecode/emitter.h"

void bytecode_complete(FunctionState *f, Value value) {
  if (f->completion != NO_REGISTER)
    bytecode_load_value(f, value, f->completion);
}

void bytecode_statements(FunctionState *f, const AstList *list) {
  for (uint32_t i = 0; i < list->count; i++)
    bytecode_statement(f, list->items[i]);
}

void bytecode_block(FunctionState *f, AstBlock *node) {
  if (!node->scope) {
    bytecode_statements(f, &node->body);
    return;
  }
  uint32_t mark = mark_of(f);
  Register outer;
  bytecode_enter_scope(f, node->scope, &outer);
  bytecode_hoist_functions(f, node->scope);
  bytecode_scope_statements(f, node->scope, &node->body);
  bytecode_leave_scope(f, node->scope, outer);
  release(f, mark);
}

// The label of a `break` or `continue` that crosses nothing, or NULL.
static Label *plain_jump(FunctionState *f, const AstNode *node) {
  if (node->type == AST_BLOCK) {
    const AstBlock *block = (const AstBlock *)node;
    if (block->scope || block->body.count != 1) return NULL;
    node = block->body.items[0];
  }
  if (node->type != AST_BREAK && node->type != AST_CONTINUE) return NULL;
  const AstJump *jump = (const AstJump *)node;
  for (Control *c = f->control; c; c = c->outer) {
    if (c->kind >= CONTROL_CATCH) return NULL;
    if (c->node == jump->target) {
      return node->type == AST_BREAK ? c->break_label : c->continue_label;
    }
  }
  return NULL;
}

static void if_statement(FunctionState *f, AstConditional *node) {
  Label done = LABEL_INIT;
  for (;;) {
    Label otherwise = LABEL_INIT;
    bytecode_complete(f, VALUE_UNDEFINED);
    uint32_t branch = bytecode_branch_begin(f, BRANCH_IF, &node->base);
    Label *jump = branch == NO_BRANCH ? plain_jump(f, node->then) : NULL;
    if (jump) {
      bytecode_branch(f, node->test, jump, true);
    } else {
      bytecode_branch(f, node->test, &otherwise, false);
      bytecode_count_arm(f, branch, node->then, NULL);
      bytecode_statement(f, node->then);
    }
    if ((node->otherwise && !jump) || branch != NO_BRANCH) {
      bytecode_goto(B(f), &done);
    }
    bytecode_bind(B(f), &otherwise);
    bytecode_count_arm(f, branch, node->otherwise, &node->base);
    if (!node->otherwise) break;
    if (node->otherwise->type != AST_IF) {
      bytecode_statement(f, node->otherwise);
      break;
    }
    node = (AstConditional *)node->otherwise;
  }
  bytecode_bind(B(f), &done);
}

// A function in a block also assigns the var of its name when it is reached
// (B.3.3).
static void reach_function(FunctionState *f, AstFunction *node) {
  // parameterBindings holds "arguments" (B.3.3.1 step 29.a.ii).
  if (!node->annex_b_binding || !node->annex_b_reference || !node->binding ||
      node->annex_b_binding->kind == BINDING_ARGUMENTS) {
    return;
  }
  uint32_t mark = mark_of(f);
  Place place = bytecode_place(f, node->binding);
  Register r = place.kind == PLACE_REGISTER ? place.reg : temp(f);
  bytecode_place_load(f, place, r);
  AstIdentifier *variable = node->annex_b_reference;
  if (variable->base.resolution == REFERENCE_LOCAL) {
    bytecode_store_identifier(f, variable, r, NO_REGISTER);
  } else {
    Register environment = temp(f);
    bytecode_emit(B(f), OP_LOAD_ENVIRONMENT, environment, 0, 0);
    bytecode_emit(B(f), OP_SET_HOISTED, environment,
                  bytecode_name_key(f, variable->name), r);
  }
  release(f, mark);
}

static void class_declaration(FunctionState *f, AstClass *node) {
  if (!node->name) return; // export default: emit_module.c
  uint32_t mark = mark_of(f);
  const Binding *binding = node->name->binding;
  String *name = bytecode_atom(f->unit, node->name->name);
  Register r = temp(f);
  bytecode_class(f, node, name, r);
  bytecode_initialize(f, binding, r);
  release(f, mark);
}

static void return_value(FunctionState *f, AstNode *operand, uint32_t start) {
  uint32_t mark = mark_of(f);
  while (operand && operand->type == AST_CONDITIONAL) {
    AstConditional *choice = (AstConditional *)operand;
    Label otherwise = LABEL_INIT;
    uint32_t branch = bytecode_branch_begin(f, BRANCH_CONDITIONAL, operand);
    bytecode_branch(f, choice->test, &otherwise, false);
    bytecode_count_arm(f, branch, choice->then, NULL);
    return_value(f, choice->then, start);
    bytecode_bind(B(f), &otherwise);
    bytecode_count_arm(f, branch, choice->otherwise, NULL);
    operand = choice->otherwise;
  }
  Value constant;
  bool awaits = f->is_async && f->is_generator;
  if (!operand || (bytecode_constant_of(operand, &constant) &&
                   constant == VALUE_UNDEFINED && !awaits)) {
    bytecode_return_undefined(f);
    return;
  }
  Register r = bytecode_operand(f, operand);
  bytecode_at(B(f), start);
  if (awaits) {
    if (r < mark) {
      Register copy = temp(f);
      bytecode_move(B(f), copy, r);
      r = copy;
    }
    bytecode_emit(B(f), OP_AWAIT, r, r, 0);
  }
  bytecode_return(f, r);
  release(f, mark);
}

static void labeled(FunctionState *f, AstLabeled *node) {
  Label done = LABEL_INIT;
  Control control = {.outer = f->control,
                     .kind = CONTROL_LABELED,
                     .node = &node->base,
                     .break_label = &done};
  f->control = &control;
  bytecode_statement(f, node->body);
  f->control = control.outer;
  bytecode_bind(B(f), &done);
}

static void with_statement(FunctionState *f, AstWith *node) {
  uint32_t mark = mark_of(f);
  Register outer = f->environment;
  bytecode_complete(f, VALUE_UNDEFINED);
  Register object = bytecode_operand(f, node->object);
  Register parent = bytecode_environment(f);
  Register environment = temp(f);
  bytecode_at(B(f), node->object->start);
  bytecode_emit(B(f), OP_NEW_WITH_ENVIRONMENT, environment, parent, object);
  f->environment = environment;
  layout_of(node->scope)->environment = environment;
  bytecode_statement(f, node->body);
  f->environment = outer;
  release(f, mark);
}

// switch ----------------------------------------------------------------------

// A table pays from 4 cases on, if at least half of its entries are used.
static bool table_range(const AstSwitch *node, int32_t *low, uint32_t *count) {
  int64_t least = INT32_MAX, most = INT32_MIN;
  uint32_t tests = 0;
  for (uint32_t i = 0; i < node->cases.count; i++) {
    const AstCase *c = (const AstCase *)node->cases.items[i];
    if (!c->test) continue;
    Value value;
    if (!bytecode_constant_of(c->test, &value) || !value_is_int(value)) {
      return false;
    }
    int32_t number = value_as_int(value);
    if (number < least) least = number;
    if (number > most) most = number;
    tests++;
  }
  if (tests < 4) return false;
  int64_t range = most - least + 1;
  if (range > (int64_t)tests * 2 + 8) return false;
  *low = (int32_t)least;
  *count = (uint32_t)range;
  return true;
}

static bool jump_table(FunctionState *f, AstSwitch *node, Register value,
                       Label *labels) {
  int32_t low;
  uint32_t count;
  if (!B(f)->is_reachable || !table_range(node, &low, &count)) return false;
  int32_t *offsets = bytecode_arena(f->unit, count * sizeof *offsets);
  if (!offsets) return false;
  Record record = {.kind = RECORD_JUMP_TABLE};
  record.jump_table.low = low;
  record.jump_table.count = count;
  record.jump_table.offsets = offsets;
  uint32_t index = bytecode_record(B(f), record);
  uint32_t word = bytecode_emit(B(f), OP_JUMP_TABLE, value, index, 0);
  // The first of equal cases wins.
  bool *taken = bytecode_arena(f->unit, count * sizeof *taken);
  if (!taken) return false;
  for (uint32_t i = 0; i < node->cases.count; i++) {
    AstCase *c = (AstCase *)node->cases.items[i];
    Value number;
    if (!c->test || !bytecode_constant_of(c->test, &number)) continue;
    uint32_t entry = (uint32_t)(value_as_int(number) - low);
    if (taken[entry]) continue;
    taken[entry] = true;
    bytecode_table_entry(B(f), word, index, entry, &labels[i]);
  }
  return true;
}

static void compare_cases(FunctionState *f, AstSwitch *node, Register value,
                          Label *labels) {
  for (uint32_t i = 0; i < node->cases.count; i++) {
    AstCase *c = (AstCase *)node->cases.items[i];
    if (!c->test) continue;
    uint32_t mark = mark_of(f);
    int32_t small;
    bytecode_at(B(f), c->test->start);
    if (bytecode_small_int(c->test, &small)) {
      bytecode_jump_compare(B(f), OP_JUMP_IF_STRICT_EQUAL_INT, value,
                            (uint16_t)small, &labels[i]);
    } else if (c->test->type == AST_STRING &&
               bytecode_atom(f->unit, ((AstString *)c->test)->value)->index ==
                   STRING_NOT_INDEX) {
      bytecode_jump_compare(B(f), OP_JUMP_IF_STRING, value,
                            bytecode_name_key(f, ((AstString *)c->test)->value),
                            &labels[i]);
    } else {
      Register test = bytecode_operand(f, c->test);
      bytecode_jump_compare(B(f), OP_JUMP_IF_STRICT_EQUAL, value, test,
                            &labels[i]);
    }
    release(f, mark);
  }
}

static void switch_statement(FunctionState *f, AstSwitch *node) {
  uint32_t mark = mark_of(f);
  bytecode_complete(f, VALUE_UNDEFINED);
  // Cases may assign the variable that is switched on.
  Register value = bytecode_operand(f, node->discriminant);
  if (value < mark) {
    for (uint32_t i = 0; i < node->cases.count; i++) {
      const AstNode *test = ((AstCase *)node->cases.items[i])->test;
      if (test && bytecode_may_assign(f, test, value)) {
        Register copy = temp(f);
        bytecode_move(B(f), copy, value);
        value = copy;
        break;
      }
    }
  }
  Register outer = f->environment;
  if (node->scope) {
    bytecode_enter_scope(f, node->scope, &outer);
    bytecode_hoist_functions(f, node->scope);
  }
  uint32_t count = node->cases.count;
  Label *labels = bytecode_arena(f->unit, (count + 1) * sizeof *labels);
  if (!labels) return;
  for (uint32_t i = 0; i < count; i++)
    labels[i] = LABEL_INIT;
  Label done = LABEL_INIT;
  if (!jump_table(f, node, value, labels)) {
    compare_cases(f, node, value, labels);
  }
  bytecode_goto(B(f), node->default_index >= 0 ? &labels[node->default_index]
                                               : &done);
  Control control = {.outer = f->control,
                     .kind = CONTROL_SWITCH,
                     .node = &node->base,
                     .break_label = &done};
  f->control = &control;
  uint32_t branch = bytecode_branch_begin(f, BRANCH_SWITCH, &node->base);
  for (uint32_t i = 0; i < count; i++) {
    bytecode_bind(B(f), &labels[i]);
    bytecode_count_arm(f, branch, node->cases.items[i], NULL);
    bytecode_statements(f, &((AstCase *)node->cases.items[i])->body);
  }
  f->control = control.outer;
  bytecode_bind(B(f), &done);
  if (node->scope) bytecode_leave_scope(f, node->scope, outer);
  release(f, mark);
}

// export default --------------------------------------------------------------

static void export_default(FunctionState *f, AstExportDefault *node) {
  uint32_t mark = mark_of(f);
  switch ((AstType)node->value->type) {
  case AST_FUNCTION_DECLARATION:
    return; // hoisted
  case AST_CLASS_DECLARATION: {
    AstClass *class_ = (AstClass *)node->value;
    if (class_->name) {
      class_declaration(f, class_);
      return;
    }
    Register r = temp(f);
    bytecode_class(f, class_, ATOM(default_), r);
    bytecode_initialize(f, node->binding, r);
    break;
  }
  default: {
    Register r = temp(f);
    bytecode_named_expression(f, node->value, ATOM(default_), r);
    bytecode_initialize(f, node->binding, r);
    break;
  }
  }
  release(f, mark);
}

// Dispatch --------------------------------------------------------------------

void bytecode_statement(FunctionState *f, AstNode *node) {
  uint32_t mark = mark_of(f);
  bytecode_at(B(f), node->start);
  if (f->unit->coverage != NULL) bytecode_count_statement(f, node);
  if (f->unit->options->break_line_count != 0) bytecode_break_line(f, node);
  switch ((AstType)node->type) {
  case AST_BLOCK:
    bytecode_block(f, (AstBlock *)node);
    break;
  case AST_EXPRESSION_STATEMENT:
    if (f->completion != NO_REGISTER) {
      bytecode_expression(f, ((AstUnary *)node)->operand, f->completion);
    } else {
      bytecode_effect(f, ((AstUnary *)node)->operand);
    }
    break;
  case AST_DECLARATION:
    bytecode_declaration(f, (AstListNode *)node);
    break;
  case AST_FUNCTION_DECLARATION:
    reach_function(f, (AstFunction *)node);
    break;
  case AST_CLASS_DECLARATION:
    class_declaration(f, (AstClass *)node);
    break;
  case AST_IF:
    if_statement(f, (AstConditional *)node);
    break;
  case AST_FOR:
    bytecode_for(f, (AstFor *)node);
    break;
  case AST_FOR_IN:
    bytecode_for_in(f, (AstForIn *)node);
    break;
  case AST_FOR_OF:
    bytecode_for_of(f, (AstForIn *)node);
    break;
  case AST_WHILE:
    bytecode_while(f, (AstWhile *)node);
    break;
  case AST_DO_WHILE:
    bytecode_do_while(f, (AstWhile *)node);
    break;
  case AST_RETURN:
    return_value(f, ((AstUnary *)node)->operand, node->start);
    break;
  case AST_THROW: {
    Register r = bytecode_operand(f, ((AstUnary *)node)->operand);
    bytecode_at(B(f), node->start);
    bytecode_emit(B(f), OP_THROW, r, 0, 0);
    break;
  }
  case AST_BREAK:
    bytecode_exit(f, ((AstJump *)node)->target, false);
    break;
  case AST_CONTINUE:
    bytecode_exit(f, ((AstJump *)node)->target, true);
    break;
  case AST_TRY:
    bytecode_try(f, (AstTry *)node);
    break;
  case AST_SWITCH:
    switch_statement(f, (AstSwitch *)node);
    break;
  case AST_LABELED:
    labeled(f, (AstLabeled *)node);
    break;
  case AST_WITH:
    with_statement(f, (AstWith *)node);
    break;
  case AST_DEBUGGER:
    bytecode_emit(B(f), OP_DEBUGGER, 0, 0, 0);
    break;
  case AST_EXPORT:
    bytecode_statement(f, ((AstUnary *)node)->operand);
    break;
  case AST_EXPORT_DEFAULT:
    export_default(f, (AstExportDefault *)node);
    break;
  default: // EMPTY, IMPORT, export lists
    break;
  }
  release(f, mark);
}
