// SPDX-License-Identifier: MIT
// The Atomics object, ECMA-262 25.4.
#include <math.h>
#include <sched.h>

#include "vm/builtins/atomics_wait.h"
#include "vm/builtins/builtins.h"
#include "vm/objects/bigint.h"
#include "vm/objects/operations.h"

typedef enum {
  ATOMIC_ADD,
  ATOMIC_AND,
  ATOMIC_EXCHANGE,
  ATOMIC_OR,
  ATOMIC_SUBTRACT,
  ATOMIC_XOR,
} AtomicOperation;

// ValidateIntegerTypedArray (25.4.3.1). NULL: threw.
typedef enum { TO_READ, TO_WRITE, TO_WAIT } Purpose;
static TypedArray *validate(Isolate *iso, Value v, Purpose purpose,
                            size_t *length) {
  bool waitable = purpose == TO_WAIT;
  TypedArray *t = purpose == TO_WRITE
                      ? vm_typed_array_validate_writable(iso, v, length)
                      : vm_typed_array_validate(iso, v, length);
  if (t == NULL) return NULL;
  ElementKind kind = typed_array_kind(t);
  bool good = waitable
                  ? kind == ELEMENT_INT32 || kind == ELEMENT_BIGINT64
                  : kind != ELEMENT_UINT8_CLAMPED && kind != ELEMENT_FLOAT16 &&
                        kind != ELEMENT_FLOAT32 && kind != ELEMENT_FLOAT64;
  if (good) return t;
  vm_throw_type(iso, waitable ? "[object Array] is not an int32 or BigInt64 "
                                "typed array"
                              : "[object Array] is not an integer typed array");
  return NULL;
}

static bool throw_index(Isolate *iso) {
  vm_throw_range(iso, "Invalid atomic access index");
  return false;
}

// ValidateAtomicAccess (25.4.3.2)
static bool access_index(Isolate *iso, Value v, size_t length, size_t *out) {
  double index;
  if (!vm_to_index(iso, v, &index)) return false;
  if (index >= (double)length) return throw_index(iso);
  *out = (size_t)index;
  return true;
}

// RevalidateAtomicAccess (25.4.3.4): conversions may have run script.
static bool revalidate(Isolate *iso, TypedArray *t, size_t index) {
  size_t length;
  if (vm_typed_array_validate(iso, value_from_cell(t), &length) == NULL)
    return false;
  return index < length || throw_index(iso);
}

static uint8_t *address_of(const TypedArray *t, size_t index) {
  return t->data + (index << vm_element_shifts[typed_array_kind(t)]);
}

// The operand as the array's conversion takes it, and its low bits.
static bool to_operand(Isolate *iso, const TypedArray *t, Value v,
                       Value *converted, uint64_t *bits) {
  if (element_is_bigint(typed_array_kind(t))) {
    *converted = vm_to_bigint(iso, v);
    if (value_is_exception(*converted)) return false;
    *bits = (uint64_t)vm_bigint_to_int64(value_as_bigint(*converted));
    return true;
  }
  double d;
  if (!vm_to_integer_or_infinity(iso, v, &d)) return false;
  *converted = value_from_number(d + 0.0);
  *bits = (uint32_t)vm_double_to_int32(d);
  return true;
}

static Value from_bits(Isolate *iso, const TypedArray *t, uint64_t bits) {
  return vm_element_load(iso, typed_array_kind(t), (uint8_t *)&bits);
}

#define BY_SIZE(t, p, EXPRESSION)                                              \
  switch (vm_element_shifts[typed_array_kind(t)]) {                            \
  case 0: {                                                                    \
    uint8_t *q = (p);                                                          \
    typedef uint8_t Cell;                                                      \
    EXPRESSION;                                                                \
    break;                                                                     \
  }                                                                            \
  case 1: {                                                                    \
    uint16_t *q = (uint16_t *)(void *)(p);                                     \
    typedef uint16_t Cell;                                                     \
    EXPRESSION;                                                                \
    break;                                                                     \
  }                                                                            \
  case 2: {                                                                    \
    uint32_t *q = (uint32_t *)(void *)(p);                                     \
    typedef uint32_t Cell;                                                     \
    EXPRESSION;                                                                \
    break;                                                                     \
  }                                                                            \
  default: {                                                                   \
    uint64_t *q = (uint64_t *)(void *)(p);                                     \
    typedef uint64_t Cell;                                                     \
    EXPRESSION;                                                                \
  }                                                                            \
  }

// AtomicReadModifyWrite (25.4.3.17); magic: AtomicOperation.
static Value atomics_modify(Isolate *iso, const NativeCall *call) {
  size_t length, index;
  TypedArray *t = validate(iso, native_argument(call, 0), TO_WRITE, &length);
  Value operand;
  uint64_t bits, old = 0;
  if (t == NULL ||
      !access_index(iso, native_argument(call, 1), length, &index) ||
      !to_operand(iso, t, native_argument(call, 2), &operand, &bits) ||
      !revalidate(iso, t, index))
    return VALUE_EXCEPTION;
  uint8_t *p = address_of(t, index);
  switch ((AtomicOperation)native_magic(call)) {
  case ATOMIC_ADD:
    BY_SIZE(t, p, old = __atomic_fetch_add(q, (Cell)bits, __ATOMIC_SEQ_CST));
    break;
  case ATOMIC_AND:
    BY_SIZE(t, p, old = __atomic_fetch_and(q, (Cell)bits, __ATOMIC_SEQ_CST));
    break;
  case ATOMIC_EXCHANGE:
    BY_SIZE(t, p, old = __atomic_exchange_n(q, (Cell)bits, __ATOMIC_SEQ_CST));
    break;
  case ATOMIC_OR:
    BY_SIZE(t, p, old = __atomic_fetch_or(q, (Cell)bits, __ATOMIC_SEQ_CST));
    break;
  case ATOMIC_SUBTRACT:
    BY_SIZE(t, p, old = __atomic_fetch_sub(q, (Cell)bits, __ATOMIC_SEQ_CST));
    break;
  case ATOMIC_XOR:
    BY_SIZE(t, p, old = __atomic_fetch_xor(q, (Cell)bits, __ATOMIC_SEQ_CST));
    break;
  }
  return from_bits(iso, t, old);
}

// 25.4.6
static Value atomics_compare_exchange(Isolate *iso, const NativeCall *call) {
  size_t length, index;
  TypedArray *t = validate(iso, native_argument(call, 0), TO_WRITE, &length);
  Value operand;
  uint64_t expected, replacement, old = 0;
  if (t == NULL ||
      !access_index(iso, native_argument(call, 1), length, &index) ||
      !to_operand(iso, t, native_argument(call, 2), &operand, &expected) ||
      !to_operand(iso, t, native_argument(call, 3), &operand, &replacement) ||
      !revalidate(iso, t, index))
    return VALUE_EXCEPTION;
  BY_SIZE(t, address_of(t, index), {
    Cell found = (Cell)expected;
    __atomic_compare_exchange_n(q, &found, (Cell)replacement, false,
                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    old = found;
  });
  return from_bits(iso, t, old);
}

// 25.4.8
static Value atomics_is_lock_free(Isolate *iso, const NativeCall *call) {
  double n;
  if (!vm_to_integer_or_infinity(iso, native_argument(call, 0), &n))
    return VALUE_EXCEPTION;
  return value_from_bool(n == 1 || n == 2 || n == 4 || n == 8);
}

// 25.4.9
static Value atomics_load(Isolate *iso, const NativeCall *call) {
  size_t length, index;
  TypedArray *t = validate(iso, native_argument(call, 0), TO_READ, &length);
  if (t == NULL ||
      !access_index(iso, native_argument(call, 1), length, &index) ||
      !revalidate(iso, t, index))
    return VALUE_EXCEPTION;
  uint64_t bits = 0;
  BY_SIZE(t, address_of(t, index), {
    Cell found = __atomic_load_n(q, __ATOMIC_SEQ_CST);
    bits = found;
  });
  return from_bits(iso, t, bits);
}

// 25.4.11
static Value atomics_store(Isolate *iso, const NativeCall *call) {
  size_t length, index;
  TypedArray *t = validate(iso, native_argument(call, 0), TO_WRITE, &length);
  Value operand;
  uint64_t bits;
  if (t == NULL ||
      !access_index(iso, native_argument(call, 1), length, &index) ||
      !to_operand(iso, t, native_argument(call, 2), &operand, &bits) ||
      !revalidate(iso, t, index))
    return VALUE_EXCEPTION;
  BY_SIZE(t, address_of(t, index),
          __atomic_store_n(q, (Cell)bits, __ATOMIC_SEQ_CST));
  return operand;
}

// Atomics.pause ( [ N ] )
static Value atomics_pause(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (!value_is_undefined(v)) {
    double n = value_is_number(v) ? value_as_number(v) : NAN;
    if (!isfinite(n) || n != trunc(n))
      return vm_throw_type_value(iso, "%s is not an integral Number", v);
  }
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  sched_yield();
#endif
  return VALUE_UNDEFINED;
}

// DoWait (25.4.3.14), Atomics.wait and, magic 1, waitAsync.
static Value atomics_wait(Isolate *iso, const NativeCall *call) {
  bool is_async = native_magic(call) != 0;
  size_t length, index;
  TypedArray *t = validate(iso, native_argument(call, 0), TO_WAIT, &length);
  if (t == NULL) return VALUE_EXCEPTION;
  if (!buffer_is_shared(t->buffer))
    return vm_throw_type(iso,
                         "Atomics.wait needs a typed array on shared "
                         "memory");
  if (!access_index(iso, native_argument(call, 1), length, &index))
    return VALUE_EXCEPTION;
  uint64_t expected;
  if (typed_array_kind(t) == ELEMENT_BIGINT64) {
    Value v = vm_to_bigint(iso, native_argument(call, 2));
    if (value_is_exception(v)) return v;
    expected = (uint64_t)vm_bigint_to_int64(value_as_bigint(v));
  } else {
    int32_t i;
    if (!vm_to_int32(iso, native_argument(call, 2), &i)) return VALUE_EXCEPTION;
    expected = (uint32_t)i;
  }
  double timeout;
  if (!vm_to_double(iso, native_argument(call, 3), &timeout))
    return VALUE_EXCEPTION;
  timeout = isnan(timeout) ? INFINITY : fmax(timeout, 0);
  if (!is_async && iso->cannot_block)
    return vm_throw_type(iso, "Atomics.wait cannot be called in this context");

  WaitLocation where = {t->buffer->shared, address_of(t, index),
                        typed_array_kind(t) == ELEMENT_BIGINT64};
  Value value = VALUE_UNDEFINED;
  WaitResult result =
      is_async ? vm_atomics_wait_async(iso, where, expected, timeout, &value)
               : vm_atomics_wait(iso, where, expected, timeout);
  if (result == WAIT_THREW) return VALUE_EXCEPTION;
  if (!is_async || result != WAIT_OK)
    value = value_from_cell(vm_atom_from_c(result == WAIT_OK ? "ok"
                                           : result == WAIT_NOT_EQUAL
                                               ? "not-equal"
                                               : "timed-out"));
  if (!is_async) return value;
  Object *answer = vm_object_new(iso);
  vm_put(iso, answer, KEY(async), value_from_bool(result == WAIT_OK),
         PROPERTY_DEFAULT);
  vm_put(iso, answer, KEY(value), value, PROPERTY_DEFAULT);
  return value_from_cell(answer);
}

// 25.4.15
static Value atomics_notify(Isolate *iso, const NativeCall *call) {
  size_t length, index;
  TypedArray *t = validate(iso, native_argument(call, 0), TO_WAIT, &length);
  if (t == NULL || !access_index(iso, native_argument(call, 1), length, &index))
    return VALUE_EXCEPTION;
  double count = INFINITY;
  if (!value_is_undefined(native_argument(call, 2))) {
    if (!vm_to_integer_or_infinity(iso, call->argv[2], &count))
      return VALUE_EXCEPTION;
    count = fmax(count, 0);
  }
  if (!buffer_is_shared(t->buffer)) return value_from_int(0);
  return value_from_number(vm_atomics_notify(iso, address_of(t, index), count));
}

static const Builtin atomics_table[] = {
    BUILTIN_MAGIC("add", atomics_modify, 3, ATOMIC_ADD),
    BUILTIN_MAGIC("and", atomics_modify, 3, ATOMIC_AND),
    BUILTIN("compareExchange", atomics_compare_exchange, 4),
    BUILTIN_MAGIC("exchange", atomics_modify, 3, ATOMIC_EXCHANGE),
    BUILTIN("isLockFree", atomics_is_lock_free, 1),
    BUILTIN("load", atomics_load, 2),
    BUILTIN("notify", atomics_notify, 3),
    BUILTIN_MAGIC("or", atomics_modify, 3, ATOMIC_OR),
    BUILTIN("pause", atomics_pause, 0),
    BUILTIN("store", atomics_store, 3),
    BUILTIN_MAGIC("sub", atomics_modify, 3, ATOMIC_SUBTRACT),
    BUILTIN_MAGIC("wait", atomics_wait, 4, 0),
    BUILTIN_MAGIC("waitAsync", atomics_wait, 4, 1),
    BUILTIN_MAGIC("xor", atomics_modify, 3, ATOMIC_XOR),
    BUILTIN_TAG("Atomics"),
};

void vm_init_atomics(Isolate *iso, Realm *realm) {
  Object *atomics = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_Atomics, atomics);
  VM_DEFINE_BUILTINS(iso, atomics, atomics_table);
  vm_put(iso, realm->global, vm_key_from_c("Atomics"), value_from_cell(atomics),
         PROPERTY_HIDDEN);
}
