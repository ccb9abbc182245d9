// SPDX-License-Identifier: MIT
// includes, indexOf and lastIndexOf of %TypedArray.prototype%, ECMA-262
// 23.2.3.15, 16 and 20. The element is looked for in the array's own type, so
// the loops are plain comparisons.
#include <math.h>

#include "vm/builtins/typed_array.h"
#include "vm/objects/bigint.h"
#include "vm/objects/charge.h"
#include "vm/objects/number_text.h"
#include "vm/objects/operations.h"

#define NOT_FOUND SIZE_MAX

// Forwards 32 bytes at a time.
#define SEARCH(type, wanted)                                                   \
  do {                                                                         \
    type w = (type)(wanted);                                                   \
    const type *p = (const type *)(const void *)t->data;                       \
    if (!backwards) {                                                          \
      typedef type Block __attribute__((vector_size(16)));                     \
      enum { COUNT = 16 / sizeof(type) };                                      \
      size_t i = from;                                                         \
      for (; i + 2 * COUNT <= end; i += 2 * COUNT) {                           \
        Block a, b;                                                            \
        uint64_t any[2];                                                       \
        memcpy(&a, p + i, 16);                                                 \
        memcpy(&b, p + i + COUNT, 16);                                         \
        __auto_type hits = (a == w) | (b == w);                                \
        memcpy(any, &hits, 16);                                                \
        if ((any[0] | any[1]) != 0) break;                                     \
      }                                                                        \
      for (; i < end; i++)                                                     \
        if (p[i] == w) return i;                                               \
    } else {                                                                   \
      for (size_t i = end; i-- > from;)                                        \
        if (p[i] == w) return i;                                               \
    }                                                                          \
    return NOT_FOUND;                                                          \
  } while (0)

// The first (or last) element of [from, end) equal to a number that is no NaN.
static size_t search_number(const TypedArray *t, double d, size_t from,
                            size_t end, bool backwards) {
#define INTEGER(type, low, high)                                               \
  if (!(d >= low && d <= high && d == trunc(d))) return NOT_FOUND;             \
  SEARCH(type, d)
  switch (typed_array_kind(t)) {
  case ELEMENT_INT8:
    INTEGER(int8_t, INT8_MIN, INT8_MAX);
  case ELEMENT_UINT8:
  case ELEMENT_UINT8_CLAMPED:
    INTEGER(uint8_t, 0, UINT8_MAX);
  case ELEMENT_INT16:
    INTEGER(int16_t, INT16_MIN, INT16_MAX);
  case ELEMENT_UINT16:
    INTEGER(uint16_t, 0, UINT16_MAX);
  case ELEMENT_INT32:
    INTEGER(int32_t, INT32_MIN, INT32_MAX);
  case ELEMENT_UINT32:
    INTEGER(uint32_t, 0, UINT32_MAX);
  case ELEMENT_FLOAT32:
    if ((double)(float)d != d) return NOT_FOUND;
    SEARCH(float, d);
  case ELEMENT_FLOAT64:
    SEARCH(double, d);
  case ELEMENT_FLOAT16: {
    if (vm_half_to_double(vm_double_to_half(d)) != d) return NOT_FOUND;
    if (d != 0) SEARCH(uint16_t, vm_double_to_half(d));
    const uint16_t *p = (const uint16_t *)(const void *)t->data;
    for (size_t n = 0; n < end - from; n++) {
      size_t i = backwards ? end - 1 - n : from + n;
      if ((p[i] & 0x7fff) == 0) return i;
    }
    return NOT_FOUND;
  }
  default:
    return NOT_FOUND;
  }
#undef INTEGER
}

static size_t search_nan(Isolate *iso, const TypedArray *t, size_t from,
                         size_t end) {
  ElementKind kind = typed_array_kind(t);
  if (kind < ELEMENT_FLOAT32 || element_is_bigint(kind)) return NOT_FOUND;
  for (size_t i = from; i < end; i++)
    if (isnan(value_as_number(vm_typed_array_load(iso, t, i)))) return i;
  return NOT_FOUND;
}

static size_t search_bigint(const TypedArray *t, const BigInt *b, size_t from,
                            size_t end, bool backwards) {
  bool is_signed = typed_array_kind(t) == ELEMENT_BIGINT64;
  if (bigint_limb_count(b) > 1) return NOT_FOUND;
  uint64_t bits = (uint64_t)vm_bigint_to_int64(b);
  if (bigint_is_negative(b) ? !is_signed || (int64_t)bits >= 0
                            : is_signed && (int64_t)bits < 0)
    return NOT_FOUND;
  SEARCH(uint64_t, bits);
}

static size_t search_freely(Isolate *iso, const TypedArray *t, Value wanted,
                            size_t from, size_t end, bool backwards,
                            bool find_nan) {
  if (from >= end) return NOT_FOUND;
  bool is_bigint = element_is_bigint(typed_array_kind(t));
  if (value_is_number(wanted) && !is_bigint) {
    double d = value_as_number(wanted);
    if (!isnan(d)) return search_number(t, d, from, end, backwards);
    return find_nan ? search_nan(iso, t, from, end) : NOT_FOUND;
  }
  if (value_is_bigint(wanted) && is_bigint)
    return search_bigint(t, value_as_bigint(wanted), from, end, backwards);
  return NOT_FOUND;
}

// False: threw.
static bool search(Isolate *iso, const TypedArray *t, Value wanted, size_t from,
                   size_t end, bool backwards, bool find_nan, size_t *found) {
  *found = search_freely(iso, t, wanted, from, end, backwards, find_nan);
  if (from >= end) return true;
  return vm_charge(iso, *found == NOT_FOUND ? end - from
                        : backwards         ? end - *found
                                            : *found - from);
}

static Value found_index(size_t found) {
  return found == NOT_FOUND ? value_from_int(-1)
                            : value_from_number((double)found);
}

// 23.2.3.15
static Value typed_array_includes(Isolate *iso, const NativeCall *call) {
  size_t length;
  TypedArray *t = vm_typed_array_validate(iso, call->this_value, &length);
  if (t == NULL) return VALUE_EXCEPTION;
  if (length == 0) return VALUE_FALSE;
  double from;
  if (!vm_to_relative_index(iso, native_argument(call, 1), (double)length, 0,
                            &from))
    return VALUE_EXCEPTION;
  size_t now = vm_typed_array_length(t);
  Value wanted = native_argument(call, 0);
  // Elements that are gone meanwhile are undefined.
  if (value_is_undefined(wanted))
    return value_from_bool(now < length && from < (double)length);
  size_t end = now < length ? now : length, found;
  return search(iso, t, wanted, (size_t)from, end, false, true, &found)
             ? value_from_bool(found != NOT_FOUND)
             : VALUE_EXCEPTION;
}

// 23.2.3.16
static Value typed_array_index_of(Isolate *iso, const NativeCall *call) {
  size_t length;
  TypedArray *t = vm_typed_array_validate(iso, call->this_value, &length);
  if (t == NULL) return VALUE_EXCEPTION;
  if (length == 0) return value_from_int(-1);
  double from;
  if (!vm_to_relative_index(iso, native_argument(call, 1), (double)length, 0,
                            &from))
    return VALUE_EXCEPTION;
  size_t now = vm_typed_array_length(t), found;
  return search(iso, t, native_argument(call, 0), (size_t)from,
                now < length ? now : length, false, false, &found)
             ? found_index(found)
             : VALUE_EXCEPTION;
}

// 23.2.3.20
static Value typed_array_last_index_of(Isolate *iso, const NativeCall *call) {
  size_t length;
  TypedArray *t = vm_typed_array_validate(iso, call->this_value, &length);
  if (t == NULL) return VALUE_EXCEPTION;
  if (length == 0) return value_from_int(-1);
  double from = (double)length - 1;
  if (call->argc > 1) {
    if (!vm_to_integer_or_infinity(iso, call->argv[1], &from))
      return VALUE_EXCEPTION;
    from = from >= 0 ? fmin(from, (double)length - 1) : (double)length + from;
    if (from < 0) return value_from_int(-1);
  }
  size_t now = vm_typed_array_length(t), end = (size_t)from + 1, found;
  return search(iso, t, native_argument(call, 0), 0, now < end ? now : end,
                true, false, &found)
             ? found_index(found)
             : VALUE_EXCEPTION;
}

static const Builtin typed_array_search[] = {
    BUILTIN("includes", typed_array_includes, 1),
    BUILTIN("indexOf", typed_array_index_of, 1),
    BUILTIN("lastIndexOf", typed_array_last_index_of, 1),
};

void vm_define_typed_array_search(Isolate *iso, Object *prototype) {
  VM_DEFINE_BUILTINS(iso, prototype, typed_array_search);
}
