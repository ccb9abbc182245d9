// SPDX-License-Identifier: MIT
// Constants, moves and what the running function knows of itself.
// A part of vm_run (dispatch.c), which includes it within its body.

CASE(LOAD_CONSTANT) {
  r[pc->a] = code->constants[pc->imm];
  NEXT(1);
}
CASE(LOAD_INT) {
  r[pc->a] = value_from_int(pc->imm);
  NEXT(1);
}
CASE(LOAD_SPECIAL) {
  r[pc->a] = (Value)(uint32_t)pc->imm;
  NEXT(1);
}
CASE(LOAD_UNDEFINED) {
  Value *first = &r[pc->a];
  for (uint32_t i = 0, count = pc->b; i < count; i++)
    first[i] = VALUE_UNDEFINED;
  NEXT(1);
}
CASE(MOVE) {
  r[pc->a] = r[pc->b];
  NEXT(1);
}

// The running function
CASE(LOAD_THIS) {
  r[pc->a] = FRAME()->this_value;
  NEXT(1);
}
CASE(COERCE_THIS_GET_NAMED) {
  Value v = FRAME()->this_value;
  if (unlikely(!value_is_object(v))) v = vm_coerce_this(iso, v);
  r[pc->b] = v;
  goto L_GET_NAMED; // the operands are in the same fields
}
CASE(COERCE_THIS_GET_METHOD) {
  Value v = FRAME()->this_value;
  if (unlikely(!value_is_object(v))) v = vm_coerce_this(iso, v);
  r[pc->b] = v;
  goto L_GET_METHOD;
}
CASE(COERCE_THIS_SET_NAMED) {
  Value v = FRAME()->this_value;
  if (unlikely(!value_is_object(v))) v = vm_coerce_this(iso, v);
  r[pc->a] = v;
  goto L_SET_NAMED;
}
CASE(LOAD_THIS_GET_NAMED) {
  r[pc->b] = FRAME()->this_value;
  goto L_GET_NAMED;
}
CASE(LOAD_THIS_GET_METHOD) {
  r[pc->b] = FRAME()->this_value;
  goto L_GET_METHOD;
}
CASE(LOAD_THIS_SET_NAMED) {
  r[pc->a] = FRAME()->this_value;
  goto L_SET_NAMED;
}
CASE(COERCE_THIS) {
  Value v = FRAME()->this_value;
  if (unlikely(!value_is_object(v))) v = vm_coerce_this(iso, v);
  r[pc->a] = v;
  NEXT(1);
}
CASE(LOAD_GLOBAL_THIS) {
  r[pc->a] = code->realm->global_this;
  NEXT(1);
}
CASE(LOAD_NEW_TARGET) {
  r[pc->a] = FRAME()->new_target;
  NEXT(1);
}
CASE(LOAD_CALLEE) {
  r[pc->a] = value_from_cell(FRAME()->function);
  NEXT(1);
}
CASE(LOAD_HOME_OBJECT) {
  Object *home = FRAME()->function->home_object;
  r[pc->a] = home != NULL ? value_from_cell(home) : VALUE_UNDEFINED;
  NEXT(1);
}
CASE(NEW_ARGUMENTS) {
  RESULT(1, vm_new_arguments(iso, FRAME(), r[pc->b], pc->c == 1));
}
CASE(NEW_REST) {
  RESULT(1, vm_new_rest(iso, FRAME(), pc->b));
}
CASE(ARGUMENT_COUNT) {
  r[pc->a] = value_from_int((int32_t)FRAME()->argc);
  NEXT(1);
}
CASE(GET_ARGUMENT) {
  Value key = r[pc->b];
  Frame *frame = FRAME();
  if (likely(value_is_int(key) && (uint32_t)value_as_int(key) < frame->argc)) {
    r[pc->a] = frame->argv[(uint32_t)value_as_int(key)];
    NEXT(1);
  }
  SAVE_PC();
  // Anything else is seen by what an arguments object would have.
  Value object = vm_new_arguments(iso, frame, VALUE_UNDEFINED, false);
  CHECK_VALUE(object);
  Value v;
  CHECK(vm_get_element_slow(iso, object, key, &v));
  r[pc->a] = v;
  NEXT(1);
}
CASE(CHECK_INITIALIZED) {
  if (unlikely(r[pc->a] == VALUE_EMPTY)) {
    SAVE_PC();
    throw_key(iso, code, pc->b);
    goto exception;
  }
  NEXT(1);
}
CASE(CHECK_THIS) {
  if (unlikely(r[pc->a] == VALUE_EMPTY)) {
    SAVE_PC();
    vm_throw_reference(
        iso,
        "Must call super constructor in derived class before accessing "
        "'this' or returning from derived constructor");
    goto exception;
  }
  NEXT(1);
}
CASE(CHECK_SUPER_ONCE) {
  if (unlikely(r[pc->a] != VALUE_EMPTY)) {
    SAVE_PC();
    vm_throw_reference(iso, "Super constructor may only be called once");
    goto exception;
  }
  NEXT(1);
}
