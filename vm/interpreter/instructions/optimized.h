// SPDX-License-Identifier: MIT
// Typed and fused instructions of optimized code. What is not the short path
// goes on as the first instruction alone; the second follows.
// A part of vm_run (dispatch.c), which includes it within its body.

#define BOTH_DOUBLES(x, y) (value_is_double(x) && value_is_double(y))
#define TYPED_DOUBLE(NAME, operator)                                           \
  CASE(NAME##_DOUBLE) {                                                        \
    Value x = r[pc->b], y = r[pc->c];                                          \
    if (likely(BOTH_DOUBLES(x, y))) {                                          \
      r[pc->a] =                                                               \
          box_arithmetic(value_as_double(x) operator value_as_double(y));      \
      NEXT(1);                                                                 \
    }                                                                          \
    goto L_##NAME;                                                             \
  }
TYPED_DOUBLE(ADD, +)
TYPED_DOUBLE(SUBTRACT, -)
TYPED_DOUBLE(MULTIPLY, *)
// The value of a monomorphic own property, or on as `otherwise`.
#define LOAD_OWN(result, at, cache_of, otherwise)                              \
  do {                                                                         \
    Value from = r[(at)->b];                                                   \
    const InlineCache *ic = (cache_of);                                        \
    if (unlikely(!value_is_object(from) ||                                     \
                 value_as_object(from)->shape != ic->first.shape ||            \
                 ic->first.kind != IC_OWN_INLINE))                             \
      otherwise;                                                               \
    result = *(const Value *)((const char *)value_as_object(from) +            \
                              ic->first.offset);                               \
    r[(at)->a] = result;                                                       \
  } while (0)
CASE(GET_NAMED__GET_NAMED) {
  Value v;
  LOAD_OWN(v, pc, &code->caches[pc->c], goto L_GET_NAMED);
  LOAD_OWN(v, pc + 1, &code->caches[pc[1].c], NEXT(1));
  (void)v;
  NEXT(2);
}
CASE(GET_NAMED_AT__GET_NAMED_AT) {
  Value v;
  LOAD_OWN(v, pc, (const InlineCache *)(uintptr_t)X_WORD(),
           goto L_GET_NAMED_AT);
  LOAD_OWN(v, pc + 2, (const InlineCache *)(uintptr_t)pc[3].word, NEXT(2));
  (void)v;
  NEXT(4);
}
CASE(GET_NAMED__MULTIPLY_DOUBLE)
CASE(GET_NAMED__MULTIPLY) {
  Value v;
  LOAD_OWN(v, pc, &code->caches[pc->c], goto L_GET_NAMED);
  (void)v;
  Value x = r[pc[1].b], y = r[pc[1].c];
  if (unlikely(!BOTH_DOUBLES(x, y))) NEXT(1);
  r[pc[1].a] = box_arithmetic(value_as_double(x) * value_as_double(y));
  NEXT(2);
}
#define MULTIPLY_THEN(NAME, operator)                                          \
  CASE(MULTIPLY_DOUBLE__##NAME##_DOUBLE) {                                     \
    Value x = r[pc->b], y = r[pc->c];                                          \
    if (unlikely(!BOTH_DOUBLES(x, y))) goto L_MULTIPLY;                        \
    r[pc->a] = box_arithmetic(value_as_double(x) * value_as_double(y));        \
    x = r[pc[1].b], y = r[pc[1].c];                                            \
    if (unlikely(!BOTH_DOUBLES(x, y))) NEXT(1);                                \
    r[pc[1].a] =                                                               \
        box_arithmetic(value_as_double(x) operator value_as_double(y));        \
    NEXT(2);                                                                   \
  }
MULTIPLY_THEN(ADD, +)
MULTIPLY_THEN(SUBTRACT, -)
// The element of a vector, or on as GET_ELEMENT.
#define LOAD_ELEMENT(result, at, otherwise)                                    \
  do {                                                                         \
    Value base = r[(at)->b], key = r[(at)->c];                                 \
    if (unlikely(!value_is_int(key) || !value_is_object(base))) otherwise;     \
    const Elements *e = value_as_object(base)->elements;                       \
    uint32_t index = (uint32_t)value_as_int(key);                              \
    if (unlikely(index >= elements_length(e) ||                                \
                 e->values[index] == VALUE_EMPTY))                             \
      otherwise;                                                               \
    result = e->values[index];                                                 \
    r[(at)->a] = result;                                                       \
  } while (0)
CASE(GET_ELEMENT__ADD) {
  Value v;
  LOAD_ELEMENT(v, pc, goto L_GET_ELEMENT);
  (void)v;
  Value x = r[pc[1].b], y = r[pc[1].c];
  int32_t sum;
  if (unlikely(!value_both_int(x, y) ||
               __builtin_add_overflow(value_as_int(x), value_as_int(y), &sum)))
    NEXT(1);
  r[pc[1].a] = value_from_int(sum);
  NEXT(2);
}
CASE(GET_ELEMENT__ADD_DOUBLE) {
  Value v;
  LOAD_ELEMENT(v, pc, goto L_GET_ELEMENT);
  (void)v;
  Value x = r[pc[1].b], y = r[pc[1].c];
  if (unlikely(!BOTH_DOUBLES(x, y))) NEXT(1);
  r[pc[1].a] = box_arithmetic(value_as_double(x) + value_as_double(y));
  NEXT(2);
}
#define ELEMENT_THEN(NAME, expression)                                         \
  CASE(GET_ELEMENT__##NAME) {                                                  \
    Value v;                                                                   \
    LOAD_ELEMENT(v, pc, goto L_GET_ELEMENT);                                   \
    v = r[pc[1].b];                                                            \
    if (unlikely(!value_is_int(v))) NEXT(1);                                   \
    int32_t left = value_as_int(v), right = (int16_t)pc[1].c;                  \
    r[pc[1].a] = value_from_int(expression);                                   \
    NEXT(2);                                                                   \
  }
ELEMENT_THEN(BIT_AND_INT, left &right)
ELEMENT_THEN(SHIFT_RIGHT_INT, left >> (right & 31))
CASE(INCREMENT__GET_ELEMENT) {
  Value x = r[pc->b];
  if (unlikely(!value_is_int(x) || value_as_int(x) == INT32_MAX))
    goto L_INCREMENT;
  r[pc->a] = value_from_int(value_as_int(x) + 1);
  LOAD_ELEMENT(x, pc + 1, NEXT(1));
  NEXT(2);
}
CASE(MULTIPLY__ADD) {
  Value x = r[pc->b], y = r[pc->c];
  int32_t result;
  if (unlikely(
          !value_both_int(x, y) ||
          __builtin_mul_overflow(value_as_int(x), value_as_int(y), &result) ||
          result == 0))
    goto L_MULTIPLY;
  r[pc->a] = value_from_int(result);
  x = r[pc[1].b], y = r[pc[1].c];
  if (unlikely(
          !value_both_int(x, y) ||
          __builtin_add_overflow(value_as_int(x), value_as_int(y), &result)))
    NEXT(1);
  r[pc[1].a] = value_from_int(result);
  NEXT(2);
}
CASE(ADD__MULTIPLY) {
  Value x = r[pc->b], y = r[pc->c];
  int32_t result;
  if (unlikely(
          !value_both_int(x, y) ||
          __builtin_add_overflow(value_as_int(x), value_as_int(y), &result)))
    goto L_ADD;
  r[pc->a] = value_from_int(result);
  x = r[pc[1].b], y = r[pc[1].c];
  if (unlikely(
          !value_both_int(x, y) ||
          __builtin_mul_overflow(value_as_int(x), value_as_int(y), &result) ||
          result == 0))
    NEXT(1);
  r[pc[1].a] = value_from_int(result);
  NEXT(2);
}
CASE(MOVE__MOVE) {
  r[pc->a] = r[pc->b];
  r[pc[1].a] = r[pc[1].b];
  NEXT(2);
}
