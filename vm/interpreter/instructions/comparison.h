// SPDX-License-Identifier: MIT
// Equality and order.
// A part of vm_run (dispatch.c), which includes it within its body.

CASE(EQUAL) {
  Value x = r[pc->b], y = r[pc->c];
  if (likely(value_both_int(x, y))) {
    r[pc->a] = value_from_bool(x == y);
    NEXT(1);
  }
  SAVE_PC();
  Tri equal = vm_equal_quickly(iso, x, y);
  CHECK(equal >= 0);
  r[pc->a] = value_from_bool(equal);
  NEXT(1);
}
CASE(NOT_EQUAL) {
  Value x = r[pc->b], y = r[pc->c];
  if (likely(value_both_int(x, y))) {
    r[pc->a] = value_from_bool(x != y);
    NEXT(1);
  }
  SAVE_PC();
  Tri equal = vm_equal_quickly(iso, x, y);
  CHECK(equal >= 0);
  r[pc->a] = value_from_bool(!equal);
  NEXT(1);
}
CASE(STRICT_EQUAL) {
  int equal = strict_equals_quickly(r[pc->b], r[pc->c]);
  if (unlikely(equal < 0)) {
    SAVE_PC();
    equal = vm_strict_equals(iso, r[pc->b], r[pc->c]);
  }
  r[pc->a] = value_from_bool(equal);
  NEXT(1);
}
CASE(STRICT_NOT_EQUAL) {
  int equal = strict_equals_quickly(r[pc->b], r[pc->c]);
  if (unlikely(equal < 0)) {
    SAVE_PC();
    equal = vm_strict_equals(iso, r[pc->b], r[pc->c]);
  }
  r[pc->a] = value_from_bool(!equal);
  NEXT(1);
}
#define COMPARISON(NAME, operator, slow)                                       \
  CASE(NAME) {                                                                 \
    Value x = r[pc->b], y = r[pc->c];                                          \
    if (likely(value_both_int(x, y))) {                                        \
      r[pc->a] = value_from_bool(value_as_int(x) operator value_as_int(y));    \
      NEXT(1);                                                                 \
    }                                                                          \
    if (likely(both_numbers(x, y))) {                                          \
      r[pc->a] =                                                               \
          value_from_bool(value_as_number(x) operator value_as_number(y));     \
      NEXT(1);                                                                 \
    }                                                                          \
    SAVE_PC();                                                                 \
    int answer = slow(iso, x, y);                                              \
    CHECK(answer >= 0);                                                        \
    r[pc->a] = value_from_bool(answer);                                        \
    NEXT(1);                                                                   \
  }
COMPARISON(LESS, <, vm_slow_less)
COMPARISON(LESS_EQUAL, <=, vm_slow_less_equal)
COMPARISON(GREATER, >, vm_slow_greater)
COMPARISON(GREATER_EQUAL, >=, vm_slow_greater_equal)
