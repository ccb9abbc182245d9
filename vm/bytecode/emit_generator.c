// SPDX-License-Identifier: MIT
// await, yield and yield* (ECMA-262 15.5.5). A return completion sent to a
// generator is a return statement at its yield.
#include "vm/bytecode/emitter.h"
#include "vm/objects/throw.h"

void bytecode_await(FunctionState *f, AstUnary *node, Register dst) {
  AstNode *operand = node->operand;
  if (operand->type == AST_CALL &&
      bytecode_io_call(f, (AstCall *)operand, dst, true)) {
    return;
  }
  uint32_t mark = mark_of(f);
  Register r = bytecode_operand(f, operand);
  bytecode_at(B(f), node->base.start);
  bytecode_emit(B(f), OP_AWAIT, dst, r, 0);
  release(f, mark);
}

void bytecode_await_register(FunctionState *f, Register r) {
  bytecode_emit(B(f), OP_AWAIT, r, r, 0);
}

static void plain_yield(FunctionState *f, AstUnary *node, Register dst) {
  uint32_t mark = mark_of(f);
  Register r = temp(f), yielded = r;
  if (!node->operand) {
    bytecode_load_value(f, VALUE_UNDEFINED, r);
  } else if (f->is_async) {
    bytecode_expression(f, node->operand, r);
  } else {
    yielded = bytecode_operand(f, node->operand);
  }
  bytecode_at(B(f), node->base.start);
  if (f->is_async) bytecode_await_register(f, r);
  Label returned = LABEL_INIT, resumed = LABEL_INIT;
  bytecode_jump_x(B(f), OP_YIELD, r, yielded, 0, &returned);
  bytecode_goto(B(f), &resumed);
  bytecode_bind(B(f), &returned);
  if (f->is_async) bytecode_await_register(f, r);
  bytecode_return(f, r);
  bytecode_bind(B(f), &resumed);
  if (dst != NO_REGISTER) bytecode_move(B(f), dst, r);
  release(f, mark);
}

// Calls method r[base] of the iterator with `argument`; a checked result.
static void call_inner(FunctionState *f, Register base, Register iterator,
                       Register argument, Register result) {
  bytecode_move(B(f), (Register)(base + 1), iterator);
  bytecode_move(B(f), (Register)(base + 2), argument);
  bytecode_emit(B(f), OP_CALL, result, base, 1);
  if (f->is_async) bytecode_await_register(f, result);
  bytecode_emit(B(f), OP_CHECK_OBJECT, result, 0, 0);
}

static void delegate(FunctionState *f, AstUnary *node, Register dst) {
  uint32_t mark = mark_of(f);
  Register iterator = bytecode_temps(B(f), 3);
  Register received = temp(f), result = temp(f), mode = temp(f);
  Register base = bytecode_temps(B(f), 3);
  bytecode_expression(f, node->operand, result);
  bytecode_at(B(f), node->base.start);
  bytecode_emit(B(f), f->is_async ? OP_GET_ASYNC_ITERATOR : OP_GET_ITERATOR,
                iterator, result, 0);
  bytecode_load_value(f, VALUE_UNDEFINED, received);
  Label next = LABEL_INIT, check = LABEL_INIT, yield = LABEL_INIT;
  Label thrown = LABEL_INIT, returned = LABEL_INIT, done = LABEL_INIT;

  bytecode_bind(B(f), &next);
  bytecode_emit(B(f), OP_ITERATOR_CALL_NEXT, result, iterator, received);
  if (f->is_async) bytecode_await_register(f, result);
  bytecode_emit(B(f), OP_CHECK_OBJECT, result, 0, 0);
  bytecode_bind(B(f), &check);
  bytecode_get_named(f, base, result, ATOM(done));
  bytecode_jump(B(f), OP_JUMP_IF_TRUE, base, &done);

  bytecode_bind(B(f), &yield);
  if (f->is_async) bytecode_get_named(f, result, result, ATOM(value));
  bytecode_emit(B(f), OP_YIELD_DELEGATE, received, result, mode);
  bytecode_jump_compare(B(f), OP_JUMP_IF_STRICT_EQUAL_INT, mode, 2, &returned);
  bytecode_jump_compare(B(f), OP_JUMP_IF_STRICT_EQUAL_INT, mode, 1, &thrown);
  bytecode_goto(B(f), &next);

  bytecode_bind(B(f), &returned);
  if (f->is_async) {
    // AsyncGeneratorYield awaits the value; a rejection is a throw completion.
    Label awaited = LABEL_INIT;
    Control region;
    bytecode_region_begin(f, &region, CONTROL_CATCH);
    bytecode_await_register(f, received);
    bytecode_goto(B(f), &awaited);
    bytecode_region_end(f, &region, received);
    bytecode_goto(B(f), &thrown);
    bytecode_bind(B(f), &awaited);
  }
  Label has_return = LABEL_INIT, finished = LABEL_INIT;
  bytecode_emit(B(f), OP_ITERATOR_METHOD, base, iterator,
                bytecode_atom_key(f, ATOM(return_)));
  bytecode_jump(B(f), OP_JUMP_IF_NOT_UNDEFINED, base, &has_return);
  if (f->is_async) bytecode_await_register(f, received);
  bytecode_return(f, received);
  bytecode_bind(B(f), &has_return);
  call_inner(f, base, iterator, received, result);
  bytecode_get_named(f, base, result, ATOM(done));
  bytecode_jump(B(f), OP_JUMP_IF_TRUE, base, &finished);
  bytecode_goto(B(f), &yield);
  bytecode_bind(B(f), &finished);
  bytecode_get_named(f, result, result, ATOM(value));
  bytecode_return(f, result);

  Label has_throw = LABEL_INIT;
  bytecode_bind(B(f), &thrown);
  bytecode_emit(B(f), OP_ITERATOR_METHOD, base, iterator,
                bytecode_atom_key(f, ATOM(throw_)));
  bytecode_jump(B(f), OP_JUMP_IF_NOT_UNDEFINED, base, &has_throw);
  bytecode_iterator_close(f, iterator, f->is_async);
  bytecode_throw_error(f, ERROR_TYPE,
                       "The iterator does not provide a 'throw' method");
  bytecode_bind(B(f), &has_throw);
  call_inner(f, base, iterator, received, result);
  bytecode_goto(B(f), &check);

  bytecode_bind(B(f), &done);
  bytecode_get_named(f, dst, result, ATOM(value));
  release(f, mark);
}

void bytecode_yield(FunctionState *f, AstUnary *node, Register dst) {
  if (node->base.flags & AST_DELEGATES) {
    if (dst == NO_REGISTER) dst = temp(f);
    delegate(f, node, dst);
  } else {
    plain_yield(f, node, dst);
  }
}
