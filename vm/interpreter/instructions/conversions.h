// SPDX-License-Identifier: MIT
// Operators of one operand, conversions and checks of a value.
// A part of vm_run (dispatch.c), which includes it within its body.

CASE(NEGATE) {
  Value x = r[pc->b];
  if (likely(value_is_int(x) && value_as_int(x) != 0 &&
             value_as_int(x) != INT32_MIN)) {
    r[pc->a] = value_from_int(-value_as_int(x));
    NEXT(1);
  }
  if (likely(value_is_number(x))) {
    // Not by box_arithmetic: negation flips the sign of a NaN.
    r[pc->a] = value_from_double(-value_as_number(x));
    NEXT(1);
  }
  RESULT(1, vm_negate(iso, x));
}
CASE(BIT_NOT) {
  Value x = r[pc->b];
  if (likely(value_is_number(x))) {
    r[pc->a] = value_from_int(
        ~(likely(value_is_int(x)) ? value_as_int(x) : number_to_int32(x)));
    NEXT(1);
  }
  RESULT(1, vm_bitwise_not(iso, x));
}
CASE(NOT) {
  r[pc->a] = value_from_bool(!truth(r[pc->b]));
  NEXT(1);
}
CASE(TYPEOF) {
  r[pc->a] = value_from_cell(vm_typeof(iso, r[pc->b]));
  NEXT(1);
}
CASE(POST_INCREMENT) {
  Value x = r[pc->b];
  if (likely(value_is_int(x) && value_as_int(x) != INT32_MAX)) {
    r[pc->a] = x;
    r[pc->b] = value_from_int(value_as_int(x) + 1);
    NEXT(1);
  }
  SAVE_PC();
  x = vm_to_numeric(iso, x);
  CHECK_VALUE(x);
  r[pc->a] = x;
  x = vm_increment_any(iso, x, 1);
  CHECK_VALUE(x);
  r[pc->b] = x;
  NEXT(1);
}
CASE(POST_DECREMENT) {
  Value x = r[pc->b];
  if (likely(value_is_int(x) && value_as_int(x) != INT32_MIN)) {
    r[pc->a] = x;
    r[pc->b] = value_from_int(value_as_int(x) - 1);
    NEXT(1);
  }
  SAVE_PC();
  x = vm_to_numeric(iso, x);
  CHECK_VALUE(x);
  r[pc->a] = x;
  x = vm_increment_any(iso, x, -1);
  CHECK_VALUE(x);
  r[pc->b] = x;
  NEXT(1);
}
CASE(INCREMENT) {
  Value x = r[pc->b];
  if (likely(value_is_int(x) && value_as_int(x) != INT32_MAX)) {
    r[pc->a] = value_from_int(value_as_int(x) + 1);
    NEXT(1);
  }
  if (likely(value_is_number(x))) {
    r[pc->a] = box_arithmetic(value_as_number(x) + 1);
    NEXT(1);
  }
  RESULT(1, vm_increment_any(iso, x, 1));
}
CASE(DECREMENT) {
  Value x = r[pc->b];
  if (likely(value_is_int(x) && value_as_int(x) != INT32_MIN)) {
    r[pc->a] = value_from_int(value_as_int(x) - 1);
    NEXT(1);
  }
  if (likely(value_is_number(x))) {
    r[pc->a] = box_arithmetic(value_as_number(x) - 1);
    NEXT(1);
  }
  RESULT(1, vm_increment_any(iso, x, -1));
}
CASE(TO_NUMBER) {
  Value x = r[pc->b];
  if (unlikely(!value_is_number(x))) {
    SAVE_PC();
    x = vm_to_number(iso, x);
    CHECK_VALUE(x);
  }
  r[pc->a] = x;
  NEXT(1);
}
CASE(TO_NUMERIC) {
  Value x = r[pc->b];
  if (unlikely(!value_is_number(x))) {
    SAVE_PC();
    x = vm_to_numeric(iso, x);
    CHECK_VALUE(x);
  }
  r[pc->a] = x;
  NEXT(1);
}
CASE(TO_STRING) {
  Value x = r[pc->b];
  if (!value_is_string(x)) {
    SAVE_PC();
    String *s = vm_to_string(iso, x);
    CHECK(s != NULL);
    x = value_from_cell(s);
  }
  r[pc->a] = x;
  NEXT(1);
}
CASE(TO_PROPERTY_KEY) {
  Value x = r[pc->b];
  if (!value_is_int(x) && !value_is_symbol(x)) {
    SAVE_PC();
    if (!value_is_string(x)) {
      x = vm_to_primitive(iso, x, HINT_STRING);
      CHECK_VALUE(x);
      if (!value_is_symbol(x)) {
        String *s = vm_to_string(iso, x);
        CHECK(s != NULL);
        x = value_from_cell(s);
      }
    }
  }
  r[pc->a] = x;
  NEXT(1);
}
CASE(TO_OBJECT) {
  Value x = r[pc->b];
  if (!value_is_object(x)) {
    SAVE_PC();
    Object *o = vm_to_object(iso, x);
    CHECK(o != NULL);
    x = value_from_cell(o);
  }
  r[pc->a] = x;
  NEXT(1);
}
CASE(CHECK_COERCIBLE) {
  if (unlikely(value_is_nullish(r[pc->a]))) {
    SAVE_PC();
    vm_throw_not_coercible(iso, r[pc->a]);
    goto exception;
  }
  NEXT(1);
}
CASE(GET_DISPOSER) {
  RESULT(1, vm_get_disposer(iso, r[pc->b], pc->c));
}
CASE(SUPPRESS_ERROR) {
  RESULT(1, vm_suppressed_error(iso, r[pc->b], r[pc->c]));
}
CASE(CHECK_OBJECT) {
  if (unlikely(!value_is_object(r[pc->a]))) {
    SAVE_PC();
    vm_throw_type_value(iso, "Iterator result %s is not an object", r[pc->a]);
    goto exception;
  }
  NEXT(1);
}
