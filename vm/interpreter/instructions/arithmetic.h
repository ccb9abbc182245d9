// SPDX-License-Identifier: MIT
// Arithmetic. Each handler: ints, then doubles, then the slow path.
// A part of vm_run (dispatch.c), which includes it within its body.

#define SLOW_BINARY(operator, right)                                           \
  RESULT(1, vm_slow_binary(iso, operator, r[pc->b], (right)))
// Doubles, then doubles with ints among them. (With unbox_doubles the compiler
// makes slower code of this.)
#define DOUBLE_BINARY(x, y, expression)                                        \
  do {                                                                         \
    uint64_t left_bits = (x)-VALUE_DOUBLE_OFFSET;                              \
    uint64_t right_bits = (y)-VALUE_DOUBLE_OFFSET;                             \
    double left, right;                                                        \
    if (likely(left_bits < DOUBLE_LIMIT && right_bits < DOUBLE_LIMIT)) {       \
      memcpy(&left, &left_bits, sizeof left);                                  \
      memcpy(&right, &right_bits, sizeof right);                               \
      r[pc->a] = box_arithmetic(expression);                                   \
      NEXT(1);                                                                 \
    }                                                                          \
    if (both_numbers(x, y)) {                                                  \
      left = value_as_number(x);                                               \
      right = value_as_number(y);                                              \
      r[pc->a] = box_arithmetic(expression);                                   \
      NEXT(1);                                                                 \
    }                                                                          \
  } while (0);
CASE(ADD) {
  Value x = r[pc->b], y = r[pc->c];
  if (likely(value_both_int(x, y))) {
    int32_t sum;
    if (likely(
            !__builtin_add_overflow(value_as_int(x), value_as_int(y), &sum))) {
      r[pc->a] = value_from_int(sum);
      NEXT(1);
    }
  }
  DOUBLE_BINARY(x, y, left + right)
  if (value_is_string(x) && value_is_string(y)) {
    SAVE_PC();
    String *s = vm_string_concat(iso, value_as_string(x), value_as_string(y));
    CHECK(s != NULL);
    r[pc->a] = value_from_cell(s);
    NEXT(1);
  }
  RESULT(1, vm_slow_add(iso, x, y));
}
CASE(SUBTRACT) {
  Value x = r[pc->b], y = r[pc->c];
  if (likely(value_both_int(x, y))) {
    int32_t difference;
    if (likely(!__builtin_sub_overflow(value_as_int(x), value_as_int(y),
                                       &difference))) {
      r[pc->a] = value_from_int(difference);
      NEXT(1);
    }
  }
  DOUBLE_BINARY(x, y, left - right)
  RESULT(1, vm_slow_subtract(iso, x, y));
}
CASE(MULTIPLY) {
  Value x = r[pc->b], y = r[pc->c];
  if (likely(value_both_int(x, y))) {
    int32_t product;
    if (likely(!__builtin_mul_overflow(value_as_int(x), value_as_int(y),
                                       &product) &&
               (product != 0 || (value_as_int(x) | value_as_int(y)) >= 0))) {
      r[pc->a] = value_from_int(product);
      NEXT(1);
    }
  }
  DOUBLE_BINARY(x, y, left * right)
  RESULT(1, vm_slow_multiply(iso, x, y));
}
CASE(DIVIDE) {
  Value x = r[pc->b], y = r[pc->c];
  if (value_both_int(x, y) && value_as_int(y) != 0) {
    double d = (double)value_as_int(x) / value_as_int(y);
    int64_t i = (int64_t)d;
    // A quotient of ints that is one again is likely to be an index.
    r[pc->a] = (double)i == d && i != 0 && i == (int32_t)i
                   ? value_from_int((int32_t)i)
                   : box_arithmetic(d);
    NEXT(1);
  }
  DOUBLE_BINARY(x, y, left / right)
  SLOW_BINARY(ARITH_DIVIDE, y);
}
CASE(REMAINDER) {
  Value x = r[pc->b], y = r[pc->c];
  if (likely(value_both_int(x, y))) {
    int32_t left = value_as_int(x), right = value_as_int(y);
    if (likely(left >= 0 && right > 0)) {
      r[pc->a] =
          value_from_int((right & (right - 1)) == 0
                             ? left & (right - 1)
                             : (int32_t)((uint32_t)left % (uint32_t)right));
      NEXT(1);
    }
  }
  if (both_numbers(x, y)) {
    r[pc->a] = value_from_number(
        vm_number_remainder(value_as_number(x), value_as_number(y)));
    NEXT(1);
  }
  SLOW_BINARY(ARITH_REMAINDER, y);
}
CASE(EXPONENT) {
  SLOW_BINARY(ARITH_EXPONENT, r[pc->c]);
}
// The int32 of a number, modulo 2^32; ints and in-range doubles inline.
#define INT_OPERANDS(x, y)                                                     \
  int32_t left, right;                                                         \
  if (likely(value_both_int(x, y))) {                                          \
    left = value_as_int(x);                                                    \
    right = value_as_int(y);                                                   \
  } else if (both_numbers(x, y)) {                                             \
    left = number_to_int32(x);                                                 \
    right = number_to_int32(y);                                                \
  } else
CASE(BIT_AND) {
  Value x = r[pc->b], y = r[pc->c];
  INT_OPERANDS(x, y) RESULT(1, vm_slow_and(iso, x, y));
  r[pc->a] = value_from_int(left & right);
  NEXT(1);
}
CASE(BIT_OR) {
  Value x = r[pc->b], y = r[pc->c];
  INT_OPERANDS(x, y) RESULT(1, vm_slow_or(iso, x, y));
  r[pc->a] = value_from_int(left | right);
  NEXT(1);
}
CASE(BIT_XOR) {
  Value x = r[pc->b], y = r[pc->c];
  INT_OPERANDS(x, y) RESULT(1, vm_slow_xor(iso, x, y));
  r[pc->a] = value_from_int(left ^ right);
  NEXT(1);
}
CASE(SHIFT_LEFT) {
  Value x = r[pc->b], y = r[pc->c];
  INT_OPERANDS(x, y) SLOW_BINARY(ARITH_SHIFT_LEFT, y);
  r[pc->a] = value_from_int((int32_t)((uint32_t)left << (right & 31)));
  NEXT(1);
}
CASE(SHIFT_RIGHT) {
  Value x = r[pc->b], y = r[pc->c];
  INT_OPERANDS(x, y) SLOW_BINARY(ARITH_SHIFT_RIGHT, y);
  r[pc->a] = value_from_int(left >> (right & 31));
  NEXT(1);
}
CASE(SHIFT_RIGHT_UNSIGNED) {
  Value x = r[pc->b], y = r[pc->c];
  INT_OPERANDS(x, y) SLOW_BINARY(ARITH_SHIFT_RIGHT_UNSIGNED, y);
  r[pc->a] = value_from_uint32((uint32_t)left >> (right & 31));
  NEXT(1);
}
