// SPDX-License-Identifier: MIT
// Loops. Conditions are tested at the bottom, so that an iteration costs one
// jump. Environments of loop variables are made per iteration only where a
// closure captures one.
#include "vm/bytecode/emitter.h"

static void push_loop(FunctionState *f, Control *control, const AstNode *node,
                      Label *break_label, Label *continue_label) {
  *control = (Control){.outer = f->control,
                       .kind = CONTROL_LOOP,
                       .node = node,
                       .break_label = break_label,
                       .continue_label = continue_label};
  f->control = control;
}

// The loop's start, which code further down jumps back to.
static void bind_start(FunctionState *f, Label *start, bool is_reachable) {
  B(f)->is_reachable = is_reachable;
  bytecode_bind(B(f), start);
}

static bool is_true(const AstNode *test) {
  Value value;
  if (!test) return true;
  return bytecode_constant_of(test, &value) &&
         (value == VALUE_TRUE ||
          (value_is_number(value) && value_as_number(value) != 0 &&
           value_as_number(value) == value_as_number(value)));
}

// Could code in it keep the environment, or look into it by name?
static bool is_closed(void *data, const AstNode *node) {
  switch ((AstType)node->type) {
  case AST_FUNCTION:
  case AST_ARROW:
  case AST_CLASS:
    return false;
  case AST_OBJECT: // methods
    return false;
  case AST_CALL:
    if (node->flags & AST_DIRECT_EVAL) return false;
    break;
  default:
    break;
  }
  return bytecode_each_child(node, is_closed, data);
}

// start: body; continue: update; condition: if (test) goto start
static void loop(FunctionState *f, const AstNode *node, AstNode *test,
                 AstNode *update, AstNode *body, Scope *copied) {
  Label start = LABEL_INIT, condition = LABEL_INIT;
  Label next = LABEL_INIT, done = LABEL_INIT;
  bool reachable = B(f)->is_reachable;
  if (!is_true(test)) bytecode_goto(B(f), &condition);
  bind_start(f, &start, reachable);
  f->repeats++;
  Control control;
  push_loop(f, &control, node, &done, &next);
  bytecode_statement(f, body);
  f->control = control.outer;
  bytecode_bind(B(f), &next);
  if (copied) {
    Register environment = layout_of(copied)->environment;
    bytecode_emit(B(f), OP_COPY_ENVIRONMENT, environment, environment, 0);
  }
  if (update) bytecode_effect(f, update);
  bytecode_bind(B(f), &condition);
  if (is_true(test)) {
    bytecode_goto(B(f), &start);
  } else {
    bytecode_branch(f, test, &start, true);
  }
  f->repeats--;
  bytecode_bind(B(f), &done);
}

void bytecode_while(FunctionState *f, AstWhile *node) {
  bytecode_complete(f, VALUE_UNDEFINED);
  loop(f, &node->base, node->test, NULL, node->body, NULL);
}

void bytecode_do_while(FunctionState *f, AstWhile *node) {
  bytecode_complete(f, VALUE_UNDEFINED);
  Label start = LABEL_INIT, next = LABEL_INIT, done = LABEL_INIT;
  bytecode_bind(B(f), &start);
  f->repeats++;
  Control control;
  push_loop(f, &control, &node->base, &done, &next);
  bytecode_statement(f, node->body);
  f->control = control.outer;
  bytecode_bind(B(f), &next);
  bytecode_branch(f, node->test, &start, true);
  f->repeats--;
  bytecode_bind(B(f), &done);
}

void bytecode_for(FunctionState *f, AstFor *node) {
  uint32_t mark = mark_of(f);
  Register outer;
  bytecode_enter_scope(f, node->scope, &outer);
  Disposal disposal;
  bool has_using = node->scope && node->scope->has_using;
  if (has_using) {
    bytecode_disposal_init(f, &disposal, node->scope);
    bytecode_using(f, &disposal, (AstListNode *)node->initializer);
  } else if (node->initializer) {
    if (node->initializer->type == AST_DECLARATION) {
      bytecode_declaration(f, (AstListNode *)node->initializer);
    } else {
      bytecode_effect(f, node->initializer);
    }
  }
  bytecode_complete(f, VALUE_UNDEFINED);
  Scope *copied = NULL;
  if (node->scope && node->scope->needs_per_iteration_environment &&
      layout_of(node->scope)->has_environment) {
    copied = node->scope;
    if (node->initializer && !is_closed(NULL, node->initializer)) {
      Register environment = layout_of(copied)->environment;
      bytecode_emit(B(f), OP_COPY_ENVIRONMENT, environment, environment, 0);
    }
  }
  loop(f, &node->base, node->test, node->update, node->body, copied);
  if (has_using) bytecode_disposal_end(f, &disposal);
  bytecode_leave_scope(f, node->scope, outer);
  release(f, mark);
}

// for-in, for-of --------------------------------------------------------------

static AstNode *declared_target(AstForIn *node) {
  if (node->target->type != AST_DECLARATION) return node->target;
  AstListNode *declaration = (AstListNode *)node->target;
  return ((AstBinary *)declaration->list.items[0])->left;
}

// The iterated expression, in the scope of the still uninitialized loop
// variables: closures in it count that environment, too.
static Register iterated(FunctionState *f, AstForIn *node) {
  if (node->target->type == AST_DECLARATION) { // for (var x = 1 in o), B.3.5
    AstBinary *declarator =
        (AstBinary *)((AstListNode *)node->target)->list.items[0];
    if (declarator->right) {
      bytecode_declaration(f, (AstListNode *)node->target);
    }
  }
  Register result = temp(f);
  if (!node->scope ||
      (!node->scope->head_needs_tdz && is_closed(NULL, node->iterated))) {
    bytecode_expression(f, node->iterated, result);
    return result;
  }
  uint32_t mark = mark_of(f);
  Register outer;
  bytecode_enter_scope(f, node->scope, &outer);
  bytecode_expression(f, node->iterated, result);
  bytecode_leave_scope(f, node->scope, outer);
  release(f, mark);
  return result;
}

// Enters the scope of one iteration; the register for the next value, which is
// the variable's own where that is a plain local.
static Register enter_iteration(FunctionState *f, AstForIn *node,
                                Register *outer, AstNode *target,
                                Register *local) {
  *outer = f->environment;
  *local = NO_REGISTER;
  if (node->scope) {
    for (Binding *b = node->scope->first_binding; b; b = b->next) {
      if (b->emitter_bits & BINDING_IN_ENVIRONMENT) continue;
      b->slot = temp(f);
      b->emitter_bits |= BINDING_IN_REGISTER;
    }
    if (target->type == AST_BINDING_IDENTIFIER) {
      *local = bytecode_local_register(f, target);
    }
  }
  return *local != NO_REGISTER ? *local : temp(f);
}

// After a value has arrived.
static void begin_iteration(FunctionState *f, AstForIn *node, AstNode *target,
                            Register value, Register local) {
  if (node->scope) {
    bytecode_new_environment(f, node->scope);
    for (Binding *b = node->scope->first_binding; b; b = b->next) {
      if (b->needs_tdz && (b->emitter_bits & BINDING_IN_REGISTER) &&
          b->slot != local) {
        bytecode_load_value(f, VALUE_EMPTY, (Register)b->slot);
      }
    }
  }
  if (local == NO_REGISTER) bytecode_assign_target(f, target, value);
}

void bytecode_for_in(FunctionState *f, AstForIn *node) {
  uint32_t mark = mark_of(f);
  Register object = iterated(f, node);
  bytecode_complete(f, VALUE_UNDEFINED);
  bytecode_at(B(f), node->iterated->start);
  bytecode_emit(B(f), OP_FOR_IN_START, object, object, 0);
  AstNode *target = declared_target(node);
  Register outer, local;
  Register value = enter_iteration(f, node, &outer, target, &local);
  Label start = LABEL_INIT, done = LABEL_INIT;
  bytecode_bind(B(f), &start);
  bytecode_at(B(f), node->target->start);
  bytecode_jump_x(B(f), OP_FOR_IN_STEP, value, object, 0, &done);
  Label next = LABEL_INIT;
  f->repeats++;
  Control control;
  push_loop(f, &control, &node->base, &done, &next);
  begin_iteration(f, node, target, value, local);
  bytecode_statement(f, node->body);
  f->control = control.outer;
  f->repeats--;
  f->environment = outer;
  bytecode_bind(B(f), &next);
  bytecode_goto(B(f), &start);
  bytecode_bind(B(f), &done);
  release(f, mark);
}

// Next value of an async iteration in `value`, or goto done.
static void async_step(FunctionState *f, Register iterator, Register value,
                       Label *done) {
  uint32_t mark = mark_of(f);
  Register result = temp(f), is_done = temp(f);
  bytecode_load_value(f, VALUE_EMPTY, result); // no argument
  bytecode_emit(B(f), OP_ITERATOR_CALL_NEXT, result, iterator, result);
  bytecode_emit(B(f), OP_AWAIT, result, result, 0);
  bytecode_emit(B(f), OP_CHECK_OBJECT, result, 0, 0);
  bytecode_get_named(f, is_done, result, ATOM(done));
  bytecode_jump(B(f), OP_JUMP_IF_TRUE, is_done, done);
  bytecode_get_named(f, value, result, ATOM(value));
  release(f, mark);
}

// for (using x of y): x is disposed of before the next iteration.
static void iteration_with_resource(FunctionState *f, AstForIn *node,
                                    AstNode *target, Register value,
                                    Register local) {
  uint32_t mark = mark_of(f);
  Disposal disposal;
  bytecode_disposal_init(f, &disposal, node->scope);
  bytecode_disposal_add(f, ((AstIdentifier *)target)->binding, value);
  begin_iteration(f, node, target, value, local);
  bytecode_disposal_begin(f, &disposal);
  bytecode_statement(f, node->body);
  bytecode_disposal_end(f, &disposal);
  release(f, mark);
}

void bytecode_for_of(FunctionState *f, AstForIn *node) {
  uint32_t mark = mark_of(f);
  bool is_async = node->base.flags & AST_FOR_AWAIT;
  Register iterator = bytecode_temps(B(f), 3);
  if (!bytecode_iterator_direct(f, node->iterated, iterator)) {
    Register iterable = iterated(f, node);
    bytecode_complete(f, VALUE_UNDEFINED);
    bytecode_at(B(f), node->iterated->start);
    bytecode_emit(B(f), is_async ? OP_GET_ASYNC_ITERATOR : OP_GET_ITERATOR,
                  iterator, iterable, 0);
  }
  AstNode *target = declared_target(node);
  Register outer, local;
  Register value = enter_iteration(f, node, &outer, target, &local);
  Label start = LABEL_INIT, done = LABEL_INIT;
  Label leave = LABEL_INIT, next = LABEL_INIT;
  bytecode_bind(B(f), &start);
  bytecode_at(B(f), node->target->start);
  if (is_async) {
    async_step(f, iterator, value, &done);
  } else {
    bytecode_jump_x(B(f), OP_ITERATOR_STEP, value, iterator, 0, &done);
  }
  Control guard, control;
  bytecode_guard_begin(f, &guard, iterator, is_async);
  f->repeats++;
  push_loop(f, &control, &node->base, &leave, &next);
  if (node->scope && node->scope->has_using) {
    iteration_with_resource(f, node, target, value, local);
  } else {
    begin_iteration(f, node, target, value, local);
    bytecode_statement(f, node->body);
  }
  f->control = control.outer;
  f->repeats--;
  f->environment = outer;
  bytecode_bind(B(f), &next);
  bytecode_goto(B(f), &start);
  bytecode_bind(B(f), &leave);
  bytecode_at(B(f), node->iterated->start);
  bytecode_guard_end(f, &guard, true);
  bytecode_bind(B(f), &done);
  release(f, mark);
}
