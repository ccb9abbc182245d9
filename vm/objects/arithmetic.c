// SPDX-License-Identifier: MIT
// Arithmetic: the general forms behind the instructions' fast paths. Operands
// are converted left before right; a BigInt and a Number never mix.
#include "vm/objects/bigint.h"
#include "vm/objects/isolate.h"
#include "vm/objects/number_math.h"
#include "vm/objects/number_text.h"
#include "vm/objects/operations.h"

// ECMA-262 6.1.6.1.3 Number::exponentiate. C's pow differs from it where the
// exponent is NaN or the base is 1 and the exponent infinite.
double vm_number_exponentiate(double base, double exponent) {
  if (exponent != exponent) return NAN;
  if (isinf(exponent) && fabs(base) == 1) return NAN;
  if (exponent == 2) return base * base;
  // pow is correct here, but for -Infinity and the sign of -0 its specification
  // is not ours.
  if (exponent == 0.5 && isfinite(base) && base != 0) return sqrt(base);
  return pow(base, exponent);
}

// ECMA-262 6.1.6.1.6 Number::remainder
double vm_number_remainder(double n, double d) {
  // fmod is slow; most operands are integers that fit in 53 bits.
  if (fabs(n) <= 9007199254740991.0 && fabs(d) <= 9007199254740991.0) {
    int64_t i = (int64_t)n, k = (int64_t)d;
    if ((double)i == n && (double)k == d && k != 0) {
      int64_t r = i % k;
      return r == 0 && signbit(n) ? -0.0 : (double)r;
    }
  }
  return fmod(n, d);
}

static Value number_operation(ArithOperator op, double x, double y) {
  switch (op) {
  case ARITH_ADD:
    return value_from_number(x + y);
  case ARITH_SUBTRACT:
    return value_from_number(x - y);
  case ARITH_MULTIPLY:
    return value_from_number(x * y);
  case ARITH_DIVIDE:
    return value_from_number(x / y);
  case ARITH_REMAINDER:
    return value_from_number(vm_number_remainder(x, y));
  case ARITH_EXPONENT:
    return value_from_number(vm_number_exponentiate(x, y));
  default:
    break;
  }
  uint32_t a = (uint32_t)vm_double_to_int32(x);
  uint32_t b = (uint32_t)vm_double_to_int32(y);
  switch (op) {
  case ARITH_SHIFT_LEFT:
    return value_from_int((int32_t)(a << (b & 31)));
  case ARITH_SHIFT_RIGHT:
    return value_from_int((int32_t)a >> (b & 31));
  case ARITH_SHIFT_RIGHT_UNSIGNED:
    return value_from_uint32(a >> (b & 31));
  case ARITH_AND:
    return value_from_int((int32_t)(a & b));
  case ARITH_OR:
    return value_from_int((int32_t)(a | b));
  default:
    return value_from_int((int32_t)(a ^ b));
  }
}

static Value bigint_operation(Isolate *iso, ArithOperator op, const BigInt *x,
                              const BigInt *y) {
  Value small = vm_bigint_small_binary(iso, op, x, y);
  if (likely(!value_is_empty(small))) return small;
  BigInt *r = NULL;
  switch (op) {
  case ARITH_ADD:
    r = vm_bigint_add(iso, x, y);
    break;
  case ARITH_SUBTRACT:
    r = vm_bigint_subtract(iso, x, y);
    break;
  case ARITH_MULTIPLY:
    r = vm_bigint_multiply(iso, x, y);
    break;
  case ARITH_DIVIDE:
    r = vm_bigint_divide(iso, x, y);
    break;
  case ARITH_REMAINDER:
    r = vm_bigint_remainder(iso, x, y);
    break;
  case ARITH_EXPONENT:
    r = vm_bigint_exponentiate(iso, x, y);
    break;
  case ARITH_SHIFT_LEFT:
    r = vm_bigint_shift_left(iso, x, y);
    break;
  case ARITH_SHIFT_RIGHT:
    r = vm_bigint_shift_right(iso, x, y);
    break;
  case ARITH_SHIFT_RIGHT_UNSIGNED:
    // ECMA-262 6.1.6.2.11
    return vm_throw_type(iso,
                         "BigInts have no unsigned right shift, use >> "
                         "instead");
  case ARITH_AND:
    r = vm_bigint_and(iso, x, y);
    break;
  case ARITH_OR:
    r = vm_bigint_or(iso, x, y);
    break;
  case ARITH_XOR:
    r = vm_bigint_xor(iso, x, y);
    break;
  }
  return r ? value_from_cell(r) : VALUE_EXCEPTION;
}

static Value concatenate(Isolate *iso, String *x, String *y) {
  String *s = vm_string_concat(iso, x, y);
  return s ? value_from_cell(s) : VALUE_EXCEPTION;
}

static size_t number_text(Value number, uint8_t *text) {
  return value_is_int(number)
             ? vm_int_to_text(value_as_int(number), (char *)text)
             : vm_number_to_text(value_as_double(number), (char *)text);
}

// A string and a number, in either order.
static Value add_to_string(Isolate *iso, Value x, Value y) {
  uint8_t text[NUMBER_TEXT_SIZE];
  String *s;
  if (value_is_string(x)) {
    uint32_t length = (uint32_t)number_text(y, text);
    s = vm_string_append_latin1(iso, value_as_string(x), text, length);
  } else {
    uint32_t length = (uint32_t)number_text(x, text);
    s = vm_string_prepend_latin1(iso, text, length, value_as_string(y));
  }
  return s ? value_from_cell(s) : VALUE_EXCEPTION;
}

// ECMA-262 13.15.3
Value vm_binary(Isolate *iso, ArithOperator op, Value x, Value y) {
  if (value_is_number(x) && value_is_number(y))
    return number_operation(op, value_as_number(x), value_as_number(y));
  if (value_is_bigint(x) && value_is_bigint(y))
    return bigint_operation(iso, op, value_as_bigint(x), value_as_bigint(y));
  if (op == ARITH_ADD) {
    if (value_is_string(x) ? value_is_number(y)
                           : value_is_number(x) && value_is_string(y))
      return add_to_string(iso, x, y);
    x = vm_to_primitive(iso, x, HINT_DEFAULT);
    if (value_is_exception(x)) return x;
    y = vm_to_primitive(iso, y, HINT_DEFAULT);
    if (value_is_exception(y)) return y;
    if (value_is_string(x) || value_is_string(y)) {
      String *left = vm_to_string(iso, x);
      if (!left) return VALUE_EXCEPTION;
      String *right = vm_to_string(iso, y);
      return right ? concatenate(iso, left, right) : VALUE_EXCEPTION;
    }
  }
  x = vm_to_numeric(iso, x);
  if (value_is_exception(x)) return x;
  y = vm_to_numeric(iso, y);
  if (value_is_exception(y)) return y;
  if (value_is_number(x) && value_is_number(y))
    return number_operation(op, value_as_number(x), value_as_number(y));
  if (value_is_number(x) || value_is_number(y))
    return vm_throw_type(iso,
                         "Cannot mix BigInt and other types, use explicit "
                         "conversions");
  return bigint_operation(iso, op, value_as_bigint(x), value_as_bigint(y));
}

// ECMA-262 13.5.5
Value vm_negate(Isolate *iso, Value v) {
  v = vm_to_numeric(iso, v);
  if (value_is_exception(v)) return v;
  if (value_is_number(v)) return value_from_number(-value_as_number(v));
  BigInt *r = vm_bigint_negate(iso, value_as_bigint(v));
  return r ? value_from_cell(r) : VALUE_EXCEPTION;
}

// ECMA-262 13.5.6
Value vm_bitwise_not(Isolate *iso, Value v) {
  v = vm_to_numeric(iso, v);
  if (value_is_exception(v)) return v;
  if (value_is_int(v)) return value_from_int(~value_as_int(v));
  if (value_is_number(v))
    return value_from_int(~vm_double_to_int32(value_as_double(v)));
  BigInt *r = vm_bigint_not(iso, value_as_bigint(v));
  return r ? value_from_cell(r) : VALUE_EXCEPTION;
}

Value vm_increment(Isolate *iso, Value numeric, int delta) {
  if (value_is_number(numeric))
    return value_from_number(value_as_number(numeric) + delta);
  Value v = vm_bigint_small_increment(iso, value_as_bigint(numeric), delta);
  if (v != VALUE_EMPTY) return v;
  BigInt *one = vm_bigint_from_int64(iso, delta);
  if (!one) return VALUE_EXCEPTION;
  return bigint_operation(iso, ARITH_ADD, value_as_bigint(numeric), one);
}
