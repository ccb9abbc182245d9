// SPDX-License-Identifier: MIT
// Iteration: for-of, destructuring, for-in.
// A part of vm_run (dispatch.c), which includes it within its body.

CASE(GET_ITERATOR) {
  SAVE_PC();
  CHECK(vm_get_iterator_slow(iso, &r[pc->a], r[pc->b]));
  NEXT(1);
}
CASE(GET_ASYNC_ITERATOR) {
  SAVE_PC();
  CHECK(vm_get_async_iterator_slow(iso, &r[pc->a], r[pc->b]));
  NEXT(1);
}
// An array by its values, without an iterator object: next is EMPTY, the state
// is the index.
#define STEP_ARRAY(words)                                                      \
  Array *array = (Array *)value_as_cell(it[0]);                                \
  uint32_t index = (uint32_t)value_as_int(it[2]);                              \
  const Elements *elements = array->object.elements;                           \
  if (likely(index < elements_length(elements) &&                              \
             elements->values[index] != VALUE_EMPTY)) {                        \
    it[2] = value_from_int((int32_t)index + 1);                                \
    r[pc->a] = elements->values[index];                                        \
    NEXT(words);                                                               \
  }
CASE(ITERATOR_STEP) {
  Value *it = &r[pc->b];
  if (likely(it[1] == VALUE_EMPTY)) {
    STEP_ARRAY(2);
    if (index >= array->length) {
      it[0] = it[1] = it[2] = VALUE_UNDEFINED;
      r[pc->a] = VALUE_UNDEFINED;
      pc += 2 + (int64_t)(int32_t)X_WORD();
      DISPATCH();
    }
  }
  SAVE_PC();
  goto iterator_step;
}
CASE(ITERATOR_STEP_OR_UNDEFINED) {
  Value *it = &r[pc->b];
  if (it[0] == VALUE_UNDEFINED) {
    r[pc->a] = VALUE_UNDEFINED;
    NEXT(1);
  }
  if (likely(it[1] == VALUE_EMPTY)) {
    STEP_ARRAY(1);
  }
  SAVE_PC();
  goto iterator_step;
}
SHARED(iterator_step) {
  Value *it = &r[pc->b];
  Value next = it[1];
  // `next` in the language, and generators, run in this loop.
  if (value_is_kind(next, CELL_FUNCTION)) {
    request.callee = next;
    request.this_value = it[0];
    request.new_target = VALUE_UNDEFINED;
    request.argv = NULL;
    request.argc = 0;
    request.result_register = pc->a;
    request.flags = FRAME_NEXT_CALL;
    request.top = r + code->register_count;
    switch (vm_prepare_call(iso, &request)) {
    case CALL_PUSHED:
      goto enter_frame;
    case CALL_THREW:
      it = &r[pc->b];
      it[0] = it[1] = it[2] = VALUE_UNDEFINED;
      goto exception;
    case CALL_RETURNED:
      break;
    }
    Value v = VALUE_UNDEFINED;
    Tri more = vm_iterator_step_finish(iso, it, request.result, &v);
    CHECK(more >= 0);
    r[pc->a] = v;
    if (!more && pc->op == OP_ITERATOR_STEP) {
      pc += 2 + (int64_t)(int32_t)X_WORD();
      DISPATCH();
    }
    goto next_instruction;
  }
  if (value_is_kind(next, CELL_NATIVE_FUNCTION)) {
    Generator *generator =
        vm_generator_of_next(it[0], (NativeFunction *)value_as_cell(next));
    Fiber *fiber = generator != NULL ? generator->fiber : NULL;
    Frame *frame = (Frame *)(r + code->register_count);
    if (likely(fiber != NULL &&
               vm_fiber_is_parked(iso, fiber, frame, FRAME(), pc->a))) {
      vm_fiber_unpark(fiber);
      iso->frame = frame;
      r = frame->registers;
      code = frame->code;
      iso->stack_top = r + code->register_count;
      r[frame->pc->a] = VALUE_UNDEFINED;
      pc = vm_after_yield(frame->pc);
      DISPATCH(); // the loop's own turn is counted at its end
    }
    if (fiber != NULL && fiber->cell.flags != FIBER_RUNNING) {
      request.result_register = pc->a;
      request.flags = FRAME_STEP;
      request.top = r + code->register_count;
      switch (vm_prepare_resume(iso, &request, generator, RESUME_NEXT,
                                VALUE_UNDEFINED)) {
      case CALL_PUSHED:
        goto enter_frame;
      default:
        it[0] = it[1] = it[2] = VALUE_UNDEFINED;
        goto exception;
      }
    }
  }
  Value v = VALUE_UNDEFINED;
  Tri more = vm_iterator_step_slow(iso, it, &v);
  CHECK(more >= 0);
  r[pc->a] = more ? v : VALUE_UNDEFINED;
  if (!more && pc->op == OP_ITERATOR_STEP) {
    pc += 2 + (int64_t)(int32_t)X_WORD();
    DISPATCH();
  }
  goto next_instruction;
}
CASE(ITERATOR_REST) {
  SAVE_PC();
  Value v;
  CHECK(vm_iterator_rest(iso, &r[pc->b], &v));
  r[pc->a] = v;
  NEXT(1);
}
CASE(ITERATOR_CLOSE) {
  SAVE_PC();
  CHECK(vm_iterator_close_registers(iso, &r[pc->a], false));
  NEXT(1);
}
CASE(ITERATOR_CLOSE_QUIETLY) {
  SAVE_PC();
  CHECK(vm_iterator_close_registers(iso, &r[pc->a], true));
  NEXT(1);
}
CASE(ITERATOR_MARK_DONE) {
  Value *it = &r[pc->a];
  it[0] = it[1] = it[2] = VALUE_UNDEFINED;
  NEXT(1);
}
CASE(ITERATOR_CALL_NEXT) {
  SAVE_PC();
  CHECK(vm_iterator_materialize(iso, &r[pc->b]));
  request.callee = r[pc->b + 1];
  request.this_value = r[pc->b];
  request.new_target = VALUE_UNDEFINED;
  // for await passes nothing: EMPTY.
  request.argv = &r[pc->c];
  request.argc = r[pc->c] != VALUE_EMPTY;
  request.result_register = pc->a;
  request.flags = 0;
  request.top = r + code->register_count;
  goto call_request;
}
CASE(ITERATOR_METHOD) {
  SAVE_PC();
  CHECK(vm_iterator_materialize(iso, &r[pc->b]));
  Value v = vm_get_method(iso, r[pc->b], code->keys[pc->c]);
  CHECK_VALUE(v);
  r[pc->a] = v;
  NEXT(1);
}
CASE(FOR_IN_START) {
  SAVE_PC();
  Value v;
  CHECK(vm_for_in_start(iso, r[pc->b], &v));
  r[pc->a] = v;
  NEXT(1);
}
CASE(FOR_IN_STEP) {
  SAVE_PC();
  Value v;
  Tri more = vm_for_in_step(iso, r[pc->b], &v);
  CHECK(more >= 0);
  if (!more) {
    pc += 2 + (int64_t)(int32_t)X_WORD();
    DISPATCH();
  }
  r[pc->a] = v;
  NEXT(2);
}
