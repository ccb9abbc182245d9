// SPDX-License-Identifier: MIT
// Arithmetic with a small int in the instruction.
// A part of vm_run (dispatch.c), which includes it within its body.

#define IMMEDIATE() ((int16_t)pc->c)
CASE(ADD_INT) {
  Value x = r[pc->b];
  int32_t result;
  if (likely(value_is_int(x) &&
             !__builtin_add_overflow(value_as_int(x), IMMEDIATE(), &result))) {
    r[pc->a] = value_from_int(result);
    NEXT(1);
  }
  if (likely(value_is_number(x))) {
    r[pc->a] = box_arithmetic(value_as_number(x) + IMMEDIATE());
    NEXT(1);
  }
  SLOW_BINARY(ARITH_ADD, value_from_int(IMMEDIATE()));
}
CASE(SUBTRACT_INT) {
  Value x = r[pc->b];
  int32_t result;
  if (likely(value_is_int(x) &&
             !__builtin_sub_overflow(value_as_int(x), IMMEDIATE(), &result))) {
    r[pc->a] = value_from_int(result);
    NEXT(1);
  }
  if (likely(value_is_number(x))) {
    r[pc->a] = box_arithmetic(value_as_number(x) - IMMEDIATE());
    NEXT(1);
  }
  SLOW_BINARY(ARITH_SUBTRACT, value_from_int(IMMEDIATE()));
}
CASE(MULTIPLY_INT) {
  Value x = r[pc->b];
  int32_t result;
  if (likely(value_is_int(x) &&
             !__builtin_mul_overflow(value_as_int(x), IMMEDIATE(), &result) &&
             (result != 0 || (value_as_int(x) | IMMEDIATE()) >= 0))) {
    r[pc->a] = value_from_int(result);
    NEXT(1);
  }
  if (likely(value_is_number(x))) {
    r[pc->a] = box_arithmetic(value_as_number(x) * IMMEDIATE());
    NEXT(1);
  }
  SLOW_BINARY(ARITH_MULTIPLY, value_from_int(IMMEDIATE()));
}
CASE(REMAINDER_INT) {
  Value x = r[pc->b];
  int32_t right = IMMEDIATE();
  if (likely(value_is_int(x) && value_as_int(x) >= 0 && right > 0)) {
    uint32_t left = (uint32_t)value_as_int(x);
    r[pc->a] = value_from_int((right & (right - 1)) == 0
                                  ? (int32_t)(left & (uint32_t)(right - 1))
                                  : (int32_t)(left % (uint32_t)right));
    NEXT(1);
  }
  if (value_is_number(x)) {
    r[pc->a] =
        value_from_number(vm_number_remainder(value_as_number(x), right));
    NEXT(1);
  }
  SLOW_BINARY(ARITH_REMAINDER, value_from_int(right));
}
#define INT_IMMEDIATE(NAME, operator, expression)                              \
  CASE(NAME) {                                                                 \
    Value x = r[pc->b];                                                        \
    int32_t right = IMMEDIATE();                                               \
    if (likely(value_is_number(x))) {                                          \
      int32_t left =                                                           \
          likely(value_is_int(x)) ? value_as_int(x) : number_to_int32(x);      \
      r[pc->a] = expression;                                                   \
      NEXT(1);                                                                 \
    }                                                                          \
    SLOW_BINARY(operator, value_from_int(right));                              \
  }
INT_IMMEDIATE(BIT_AND_INT, ARITH_AND, value_from_int(left &right))
INT_IMMEDIATE(BIT_OR_INT, ARITH_OR, value_from_int(left | right))
INT_IMMEDIATE(SHIFT_LEFT_INT, ARITH_SHIFT_LEFT,
              value_from_int((int32_t)((uint32_t)left << (right & 31))))
INT_IMMEDIATE(SHIFT_RIGHT_INT, ARITH_SHIFT_RIGHT,
              value_from_int(left >> (right & 31)))
INT_IMMEDIATE(SHIFT_RIGHT_UNSIGNED_INT, ARITH_SHIFT_RIGHT_UNSIGNED,
              value_from_uint32((uint32_t)left >> (right & 31)))
