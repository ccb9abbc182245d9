// SPDX-License-Identifier: MIT
// The Math object, ECMA-262 21.3. Results are the C library's, which rounds the
// elementary functions within an ulp; integers take paths of their own.
#include <math.h>
#include <stdlib.h>
#include <sys/random.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/math_sum.h"
#include "vm/objects/date_math.h"
#include "vm/objects/number_math.h"
#include "vm/objects/number_text.h"
#include "vm/objects/operations.h"

#define MATH_UNARY(name, expression)                                           \
  static Value name(Isolate *iso, const NativeCall *call) {                    \
    double x;                                                                  \
    if (!vm_to_double(iso, native_argument(call, 0), &x))                      \
      return VALUE_EXCEPTION;                                                  \
    return value_from_number(expression);                                      \
  }

MATH_UNARY(math_acos, acos(x))
MATH_UNARY(math_acosh, acosh(x))
MATH_UNARY(math_asin, asin(x))
MATH_UNARY(math_asinh, asinh(x))
MATH_UNARY(math_atan, atan(x))
MATH_UNARY(math_atanh, atanh(x))
// The C library's cbrt is off by an ulp even for cubes of integers.
MATH_UNARY(math_cbrt, (double)cbrtl((long double)x))
MATH_UNARY(math_cos, cos(x))
MATH_UNARY(math_cosh, cosh(x))
MATH_UNARY(math_exp, exp(x))
MATH_UNARY(math_expm1, expm1(x))
MATH_UNARY(math_fround, (double)(float)x)
MATH_UNARY(math_f16round, vm_half_to_double(vm_double_to_half(x)))
MATH_UNARY(math_log, log(x))
MATH_UNARY(math_log1p, log1p(x))
MATH_UNARY(math_log10, log10(x))
MATH_UNARY(math_log2, log2(x))
MATH_UNARY(math_sin, sin(x))
MATH_UNARY(math_sinh, sinh(x))
MATH_UNARY(math_sqrt, sqrt(x))
MATH_UNARY(math_tan, tan(x))
MATH_UNARY(math_tanh, tanh(x))

// Functions that leave an integer as it is.
#define MATH_ROUNDING(name, expression)                                        \
  static Value name(Isolate *iso, const NativeCall *call) {                    \
    Value v = native_argument(call, 0);                                        \
    if (likely(value_is_int(v))) return v;                                     \
    double x;                                                                  \
    if (!vm_to_double(iso, v, &x)) return VALUE_EXCEPTION;                     \
    return value_from_number(expression);                                      \
  }

// 21.3.2.28: ties go up; -0 and what rounds to it from below stay -0.
static double round_half_up(double x) {
  double down = floor(x);
  double rounded = x - down >= 0.5 ? down + 1 : down;
  return copysign(rounded, x);
}

MATH_ROUNDING(math_ceil, ceil(x))
MATH_ROUNDING(math_floor, floor(x))
MATH_ROUNDING(math_round, round_half_up(x))
MATH_ROUNDING(math_trunc, trunc(x))

// 21.3.2.1
static Value math_abs(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (likely(value_is_int(v))) {
    int32_t i = value_as_int(v);
    return i >= 0 ? v : value_from_int64(-(int64_t)i);
  }
  double x;
  if (!vm_to_double(iso, v, &x)) return VALUE_EXCEPTION;
  return value_from_number(fabs(x));
}

// 21.3.2.29
static Value math_sign(Isolate *iso, const NativeCall *call) {
  double x;
  if (!vm_to_double(iso, native_argument(call, 0), &x)) return VALUE_EXCEPTION;
  return x > 0   ? value_from_int(1)
         : x < 0 ? value_from_int(-1)
                 : value_from_number(x);
}

// 21.3.2.8
static Value math_atan2(Isolate *iso, const NativeCall *call) {
  double y, x;
  if (!vm_to_double(iso, native_argument(call, 0), &y) ||
      !vm_to_double(iso, native_argument(call, 1), &x))
    return VALUE_EXCEPTION;
  return value_from_number(atan2(y, x));
}

// 21.3.2.26
static Value math_pow(Isolate *iso, const NativeCall *call) {
  double base, exponent;
  if (!vm_to_double(iso, native_argument(call, 0), &base) ||
      !vm_to_double(iso, native_argument(call, 1), &exponent))
    return VALUE_EXCEPTION;
  return value_from_number(vm_number_exponentiate(base, exponent));
}

// 21.3.2.11
static Value math_clz32(Isolate *iso, const NativeCall *call) {
  uint32_t n;
  if (!vm_to_uint32(iso, native_argument(call, 0), &n)) return VALUE_EXCEPTION;
  return value_from_int(n == 0 ? 32 : __builtin_clz(n));
}

// 21.3.2.19
static Value math_imul(Isolate *iso, const NativeCall *call) {
  uint32_t a, b;
  if (!vm_to_uint32(iso, native_argument(call, 0), &a) ||
      !vm_to_uint32(iso, native_argument(call, 1), &b))
    return VALUE_EXCEPTION;
  return value_from_int((int32_t)(a * b));
}

// 21.3.2.24 Math.max and 21.3.2.25 Math.min; magic: 1 for max. All arguments
// are converted, even after a NaN.
static Value math_extreme(Isolate *iso, const NativeCall *call) {
  bool is_max = native_magic(call) != 0;
  if (call->argc == 2 && value_both_int(call->argv[0], call->argv[1])) {
    int32_t a = value_as_int(call->argv[0]), b = value_as_int(call->argv[1]);
    return call->argv[(a < b) == is_max];
  }
  double best = is_max ? -INFINITY : INFINITY;
  for (uint32_t i = 0; i < call->argc; i++) {
    double x;
    if (!vm_to_double(iso, call->argv[i], &x)) return VALUE_EXCEPTION;
    if (isnan(x) || isnan(best)) {
      best = NAN;
    } else if (x == best) {
      // Only zeros of different signs are equal and not the same.
      if (x == 0 && (signbit(x) != 0) == !is_max) best = x;
    } else if ((x > best) == is_max) {
      best = x;
    }
  }
  return value_from_number(best);
}

// 21.3.2.18
static Value math_hypot(Isolate *iso, const NativeCall *call) {
  double stack[8], *x = stack;
  uint32_t count = call->argc;
  if (count > 8) {
    x = malloc(count * sizeof *x);
    if (x == NULL) return vm_throw_out_of_memory(iso);
  }
  bool infinite = false, nan = false;
  double largest = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (!vm_to_double(iso, call->argv[i], &x[i])) {
      if (x != stack) free(x);
      return VALUE_EXCEPTION;
    }
    infinite |= isinf(x[i]) != 0;
    nan |= isnan(x[i]) != 0;
    largest = fmax(largest, fabs(x[i]));
  }
  double result;
  if (infinite) {
    result = INFINITY;
  } else if (nan) {
    result = NAN;
  } else if (largest == 0) {
    result = 0;
  } else if (count == 2) {
    result = hypot(x[0], x[1]);
  } else {
    // Scaled against overflow, summed with compensation.
    double sum = 0, lost = 0;
    for (uint32_t i = 0; i < count; i++) {
      double n = x[i] / largest;
      double term = n * n - lost;
      double next = sum + term;
      lost = (next - sum) - term;
      sum = next;
    }
    result = sqrt(sum) * largest;
  }
  if (x != stack) free(x);
  return value_from_number(result);
}

// 21.3.2.27, xorshift128+.
static Value math_random(Isolate *iso, const NativeCall *call) {
  (void)call;
  uint64_t a = iso->random_state[0], b = iso->random_state[1];
  if (unlikely((a | b) == 0)) {
    // Each isolate has a sequence of its own. Without entropy the addresses and
    // the time must do; the state must not be zero.
    uint64_t seed[2] = {(uint64_t)(uintptr_t)iso, (uint64_t)vm_date_now()};
    if (getrandom(seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
      seed[0] ^= iso->hash_seed;
    a = seed[0] | 1;
    b = seed[1];
  }
  iso->random_state[0] = b;
  a ^= a << 23;
  a ^= a >> 17 ^ b ^ b >> 26;
  iso->random_state[1] = a;
  return value_from_double((double)((a + b) >> 11) * 0x1p-53);
}

// Math.sumPrecise ( items ): the exact sum of Numbers, rounded once.
static Value math_sum_precise(Isolate *iso, const NativeCall *call) {
  Value items = native_argument(call, 0);
  if (value_is_nullish(items))
    return vm_throw_type_value(iso, "%s is not iterable", items);
  IteratorRecord iterator;
  if (!vm_get_iterator(iso, items, &iterator)) return VALUE_EXCEPTION;
  ExactSum sum;
  vm_exact_sum_init(&sum);
  for (;;) {
    Value item;
    Tri more = vm_iterator_step(iso, &iterator, &item);
    if (more == TRI_THREW) return VALUE_EXCEPTION;
    if (!more) break;
    if (!value_is_number(item)) {
      vm_throw_type_value(iso, "%s is not a number", item);
      vm_iterator_close(iso, &iterator);
      return VALUE_EXCEPTION;
    }
    vm_exact_sum_add(&sum, value_as_number(item));
  }
  return value_from_number(vm_exact_sum_result(&sum));
}

static const Builtin math_table[] = {
    BUILTIN_CONST("E", 2.718281828459045),
    BUILTIN_CONST("LN10", 2.302585092994046),
    BUILTIN_CONST("LN2", 0.6931471805599453),
    BUILTIN_CONST("LOG10E", 0.4342944819032518),
    BUILTIN_CONST("LOG2E", 1.4426950408889634),
    BUILTIN_CONST("PI", 3.141592653589793),
    BUILTIN_CONST("SQRT1_2", 0.7071067811865476),
    BUILTIN_CONST("SQRT2", 1.4142135623730951),
    BUILTIN_TAG("Math"),
    BUILTIN("abs", math_abs, 1),
    BUILTIN("acos", math_acos, 1),
    BUILTIN("acosh", math_acosh, 1),
    BUILTIN("asin", math_asin, 1),
    BUILTIN("asinh", math_asinh, 1),
    BUILTIN("atan", math_atan, 1),
    BUILTIN("atanh", math_atanh, 1),
    BUILTIN("atan2", math_atan2, 2),
    BUILTIN("cbrt", math_cbrt, 1),
    BUILTIN("ceil", math_ceil, 1),
    BUILTIN("clz32", math_clz32, 1),
    BUILTIN("cos", math_cos, 1),
    BUILTIN("cosh", math_cosh, 1),
    BUILTIN("exp", math_exp, 1),
    BUILTIN("expm1", math_expm1, 1),
    BUILTIN("floor", math_floor, 1),
    BUILTIN("fround", math_fround, 1),
    BUILTIN("f16round", math_f16round, 1),
    BUILTIN("hypot", math_hypot, 2),
    BUILTIN("imul", math_imul, 2),
    BUILTIN("log", math_log, 1),
    BUILTIN("log1p", math_log1p, 1),
    BUILTIN("log10", math_log10, 1),
    BUILTIN("log2", math_log2, 1),
    BUILTIN_MAGIC("max", math_extreme, 2, 1),
    BUILTIN_MAGIC("min", math_extreme, 2, 0),
    BUILTIN("pow", math_pow, 2),
    BUILTIN("random", math_random, 0),
    BUILTIN("round", math_round, 1),
    BUILTIN("sign", math_sign, 1),
    BUILTIN("sin", math_sin, 1),
    BUILTIN("sinh", math_sinh, 1),
    BUILTIN("sqrt", math_sqrt, 1),
    BUILTIN("sumPrecise", math_sum_precise, 1),
    BUILTIN("tan", math_tan, 1),
    BUILTIN("tanh", math_tanh, 1),
    BUILTIN("trunc", math_trunc, 1),
};

void vm_init_math(Isolate *iso, Realm *realm) {
  Object *math = vm_object_new(iso);
  VM_DEFINE_BUILTINS(iso, math, math_table);
  vm_realm_set_intrinsic(realm, INTRINSIC_Math, math);
  vm_put(iso, realm->global, vm_key_from_c("Math"), value_from_cell(math),
         PROPERTY_HIDDEN);
}
