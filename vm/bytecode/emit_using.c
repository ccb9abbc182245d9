// SPDX-License-Identifier: MIT
// `using` and `await using` (ECMA-262 14.3.1, 9.5): a scope that declares
// resources ends in a finalizer. How many there are is known here, so that none
// needs a list: a resource is the value of its binding, which nothing can
// change, and a register with the method that disposes of it. That is undefined
// where there is nothing to do, and null where there is nothing but an await.
#include "vm/bytecode/emitter.h"

void bytecode_disposal_init(FunctionState *f, Disposal *d, Scope *scope) {
  *d = (Disposal){.scope = scope, .finalizer = LABEL_INIT};
  d->completion = temp(f);
  d->value = temp(f);
  for (Binding *b = scope->first_binding; b; b = b->next) {
    if (b->kind != BINDING_USING) continue;
    b->disposer = temp(f);
    d->awaits |= b->is_await_using;
  }
}

void bytecode_disposal_add(FunctionState *f, const Binding *binding,
                           Register value) {
  bytecode_emit(B(f), OP_GET_DISPOSER, binding->disposer, value,
                binding->is_await_using);
}

void bytecode_disposal_begin(FunctionState *f, Disposal *d) {
  bool is_first = true;
  for (const Binding *b = d->scope->first_binding; b; b = b->next) {
    if (b->kind != BINDING_USING) continue;
    if (!is_first) {
      bytecode_load_value(f, VALUE_UNDEFINED, (Register)b->disposer);
      // The finalizer has code that reads it.
      Place place = bytecode_place(f, b);
      if (place.kind == PLACE_REGISTER && !b->needs_tdz)
        bytecode_load_value(f, VALUE_UNDEFINED, place.reg);
    }
    is_first = false;
  }
  bytecode_finally_begin(f, &d->control, &d->finalizer, d->completion,
                         d->value);
  d->has_begun = true;
}

void bytecode_using(FunctionState *f, Disposal *d, AstListNode *node) {
  for (uint32_t i = 0; i < node->list.count; i++) {
    uint32_t mark = mark_of(f);
    AstBinary *declarator = (AstBinary *)node->list.items[i];
    AstIdentifier *id = (AstIdentifier *)declarator->left;
    Place place = bytecode_place(f, id->binding);
    bool in_place = place.kind == PLACE_REGISTER && !id->binding->needs_tdz;
    Register value = in_place ? place.reg : temp(f);
    bytecode_named_expression(f, declarator->right,
                              bytecode_atom(f->unit, id->name), value);
    bytecode_at(B(f), declarator->base.start);
    bytecode_disposal_add(f, id->binding, value);
    if (!in_place) bytecode_initialize(f, id->binding, value);
    release(f, mark);
    if (!d->has_begun) bytecode_disposal_begin(f, d);
  }
}

// What disposing of the resources has awaited, in the order of the clauses of
// DisposeResources.
enum { AWAITED_NOTHING, AWAIT_IS_DUE, HAS_AWAITED };

static void await_if_due(FunctionState *f, Register state, int32_t then) {
  uint32_t mark = mark_of(f);
  Register r = temp(f);
  Label done = LABEL_INIT;
  bytecode_jump_compare(B(f), OP_JUMP_IF_STRICT_NOT_EQUAL_INT, state,
                        AWAIT_IS_DUE, &done);
  bytecode_load_value(f, VALUE_UNDEFINED, r);
  bytecode_await_register(f, r);
  bytecode_emit_imm(B(f), OP_LOAD_INT, state, then);
  bytecode_bind(B(f), &done);
  release(f, mark);
}

static void dispose(FunctionState *f, Disposal *d, const Binding *binding,
                    Register state) {
  uint32_t mark = mark_of(f);
  Register method = (Register)binding->disposer;
  Register base = bytecode_temps(B(f), 2), error = temp(f);
  Label next = LABEL_INIT;
  bytecode_at(B(f), binding->declared_at);
  bytecode_jump(B(f), OP_JUMP_IF_UNDEFINED, method, &next);
  if (binding->is_await_using) {
    Label has_method = LABEL_INIT;
    bytecode_jump(B(f), OP_JUMP_IF_NOT_NULLISH, method, &has_method);
    bytecode_jump_compare(B(f), OP_JUMP_IF_STRICT_EQUAL_INT, state, HAS_AWAITED,
                          &next);
    bytecode_emit_imm(B(f), OP_LOAD_INT, state, AWAIT_IS_DUE);
    bytecode_goto(B(f), &next);
    bytecode_bind(B(f), &has_method);
  } else if (d->awaits) {
    await_if_due(f, state, AWAITED_NOTHING);
  }
  Control region;
  bytecode_region_begin(f, &region, CONTROL_CATCH);
  bytecode_move(B(f), base, method);
  bytecode_load_binding(f, binding, (Register)(base + 1));
  bytecode_emit(B(f), OP_CALL, base, base, 0);
  if (binding->is_await_using) {
    bytecode_emit_imm(B(f), OP_LOAD_INT, state, HAS_AWAITED);
    bytecode_await_register(f, base);
  }
  bytecode_goto(B(f), &next);
  if (bytecode_region_end(f, &region, error)) {
    Label first = LABEL_INIT;
    bytecode_jump_compare(B(f), OP_JUMP_IF_STRICT_NOT_EQUAL_INT, d->completion,
                          COMPLETION_THROW, &first);
    bytecode_emit(B(f), OP_SUPPRESS_ERROR, error, error, d->value);
    bytecode_bind(B(f), &first);
    bytecode_move(B(f), d->value, error);
    bytecode_emit_imm(B(f), OP_LOAD_INT, d->completion, COMPLETION_THROW);
  }
  bytecode_bind(B(f), &next);
  release(f, mark);
}

// The latest resource comes first.
static void dispose_from(FunctionState *f, Disposal *d, const Binding **using,
                         uint32_t count) {
  uint32_t mark = mark_of(f);
  Register state = NO_REGISTER;
  if (d->awaits) {
    state = temp(f);
    bytecode_emit_imm(B(f), OP_LOAD_INT, state, AWAITED_NOTHING);
  }
  while (count > 0)
    dispose(f, d, using[--count], state);
  if (d->awaits) await_if_due(f, state, HAS_AWAITED);
  release(f, mark);
}

void bytecode_disposal_end(FunctionState *f, Disposal *d) {
  if (!d->has_begun) return; // failed
  bytecode_finally_enter(f, &d->control);
  uint32_t count = 0;
  for (const Binding *b = d->scope->first_binding; b; b = b->next)
    count += b->kind == BINDING_USING;
  const Binding **using = bytecode_arena(f->unit, count * sizeof(Binding *));
  if (!using) return;
  count = 0;
  for (const Binding *b = d->scope->first_binding; b; b = b->next)
    if (b->kind == BINDING_USING) using[count++] = b;
  dispose_from(f, d, using, count);
  bytecode_finally_dispatch(f, &d->control, true);
}

void bytecode_scope_statements(FunctionState *f, Scope *scope,
                               const AstList *list) {
  if (!scope->has_using) {
    bytecode_statements(f, list);
    return;
  }
  uint32_t mark = mark_of(f);
  Disposal d;
  bytecode_disposal_init(f, &d, scope);
  for (uint32_t i = 0; i < list->count; i++) {
    AstNode *node = list->items[i];
    if (node->type == AST_DECLARATION && node->op >= AST_DECLARE_USING) {
      bytecode_using(f, &d, (AstListNode *)node);
    } else {
      bytecode_statement(f, node);
    }
  }
  bytecode_disposal_end(f, &d);
  release(f, mark);
}
