// SPDX-License-Identifier: MIT
// Generators and await, throwing, and instrumentation.
// A part of vm_run (dispatch.c), which includes it within its body.

CASE(START_GENERATOR) {
  SAVE_PC();
  Value v = vm_start_generator(iso, FRAME());
  CHECK_VALUE(v);
  request.result = v;
  goto deliver_result;
}
CASE(YIELD) {
  Frame *frame = FRAME();
  Value v = r[pc->b];
  // To the ITERATOR_STEP of a for-of that resumed it.
  if (likely(frame->flags == FRAME_FLAGS_STEP && code->variants == NULL &&
             !gc_barrier_is_on())) {
    SAVE_PC();
    vm_fiber_park(iso, frame->fiber, frame);
    iso->stack_top = (Value *)frame;
    iso->frame = frame = frame->caller;
    r = frame->registers;
    code = frame->code;
    pc = frame->pc;
    r[pc->a] = v;
    goto next_instruction;
  }
  SAVE_PC();
  if (code->cell.flags & CODE_FLAG_ASYNC) {
    vm_fiber_suspend(iso, frame, FIBER_SUSPENDED_YIELD);
    vm_async_generator_yield(iso, frame->fiber, v);
    request.result = VALUE_UNDEFINED;
  } else {
    vm_fiber_suspend(iso, frame, FIBER_SUSPENDED_YIELD);
    request.result =
        frame->flags & FRAME_STEP ? v : vm_iterator_result(iso, v, false);
  }
  goto deliver_result;
}
CASE(YIELD_DELEGATE) {
  SAVE_PC();
  Frame *frame = FRAME();
  Value v = r[pc->b];
  vm_fiber_suspend(iso, frame, FIBER_SUSPENDED_YIELD);
  if (code->cell.flags & CODE_FLAG_ASYNC) {
    vm_async_generator_yield(iso, frame->fiber, v);
    request.result = VALUE_UNDEFINED;
    goto deliver_result;
  }
  request.result = v;
  // A for-of takes the inner result object apart as it would any other.
  if (frame->flags & FRAME_STEP)
    frame->flags = (uint16_t)((frame->flags & ~FRAME_STEP) | FRAME_NEXT_CALL);
  goto deliver_result;
}
CASE(AWAIT) {
  SAVE_PC();
  Value v;
  CHECK(vm_await_value(iso, FRAME(), r[pc->b], &v));
  request.result = v;
  goto deliver_result;
}

// Exceptions
CASE(THROW) {
  SAVE_PC();
  vm_throw(iso, r[pc->a]);
  goto exception;
}
CASE(THROW_ERROR) {
  SAVE_PC();
  throw_error_instruction(iso, code, pc);
  goto exception;
}
CASE(THROW_CONSTANT_ASSIGNMENT) {
  SAVE_PC();
  throw_constant_assignment(iso);
  goto exception;
}
CASE(COUNT_BLOCK) {
  _Atomic uint64_t *count = (_Atomic uint64_t *)(uintptr_t)X_WORD();
  // Other threads may count, too: what is lost then does not matter.
  atomic_store_explicit(count,
                        atomic_load_explicit(count, memory_order_relaxed) + 1,
                        memory_order_relaxed);
  NEXT(2);
}
CASE(BREAK_LINE) {
  if (iso->inspection != NULL) {
    SAVE_PC();
    CHECK(vm_reach_line(iso, FRAME(), pc));
  }
  NEXT(1);
}
CASE(DEBUGGER) {
  NEXT(1);
}
