// SPDX-License-Identifier: MIT
// Values: 64 bits, NaN-boxed in favour of pointers.
//
//   cell      0000 pppp pppp pppp   address of a heap cell, 16-byte aligned
//   constant  0000 0000 0000 00xx   bit 1 set: null, undefined, booleans, ...
//   double    0002.. to fffc..      the IEEE bits plus 2^49
//   int32     fffe 0000 iiii iiii
//
// A cell's address is stored as it is, so that a conservative scan of a stack
// sees it, and no number looks like an address. The word 0 is never a Value:
// zeroed memory has to be filled before a script can see it.
//
// A Number may be held as int32 or as double, whatever its value; only -0,
// NaN, fractions and large magnitudes are always doubles. Compare numbers by
// vm_strict_equals and friends, not by bits.
#ifndef RILL_VM_OBJECTS_VALUE_H
#define RILL_VM_OBJECTS_VALUE_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "gc/gc.h"
#include "vm/objects/cell_kinds.h"

typedef uint64_t Value;

#define VALUE_NUMBER_TAG UINT64_C(0xfffe000000000000)
#define VALUE_DOUBLE_OFFSET (UINT64_C(1) << 49)
#define VALUE_CONSTANT_BIT UINT64_C(2)

#define VALUE_NULL ((Value)0x02)
#define VALUE_FALSE ((Value)0x06)
#define VALUE_TRUE ((Value)0x07)
#define VALUE_UNDEFINED ((Value)0x0a)
// A hole in an array, an uninitialized binding, an absent argument. Scripts
// never see it.
#define VALUE_EMPTY ((Value)0x12)
// What a function returning a Value returns when it threw: the exception is in
// the isolate (vm/objects/throw.h).
#define VALUE_EXCEPTION ((Value)0x22)

typedef struct Isolate Isolate;
typedef struct Realm Realm;
typedef struct String String;
typedef struct Symbol Symbol;
typedef struct BigInt BigInt;
typedef struct Object Object;

// A function with this attribute can throw: look at what it returned.
#define VM_CHECKED __attribute__((warn_unused_result))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

// The answer of an operation that can throw: abrupt, no or yes.
typedef int Tri;
#define TRI_THREW (-1)

static inline bool value_is_int(Value v) {
  return v >= VALUE_NUMBER_TAG;
}
static inline bool value_is_number(Value v) {
  return (v & VALUE_NUMBER_TAG) != 0;
}
static inline bool value_is_double(Value v) {
  return value_is_number(v) && !value_is_int(v);
}
static inline bool value_both_int(Value a, Value b) {
  return (a & b) >= VALUE_NUMBER_TAG;
}
static inline bool value_is_cell(Value v) {
  return (v & (VALUE_NUMBER_TAG | VALUE_CONSTANT_BIT)) == 0;
}
static inline bool value_is_undefined(Value v) {
  return v == VALUE_UNDEFINED;
}
static inline bool value_is_null(Value v) {
  return v == VALUE_NULL;
}
static inline bool value_is_nullish(Value v) {
  return (v & ~UINT64_C(8)) == VALUE_NULL;
}
static inline bool value_is_boolean(Value v) {
  return (v & ~UINT64_C(1)) == VALUE_FALSE;
}
static inline bool value_is_empty(Value v) {
  return v == VALUE_EMPTY;
}
static inline bool value_is_exception(Value v) {
  return unlikely(v == VALUE_EXCEPTION);
}

static inline GcCell *value_as_cell(Value v) {
  return (GcCell *)(uintptr_t)v;
}
static inline Value value_from_cell(const void *cell) {
  return (Value)(uintptr_t)cell;
}
static inline bool value_is_kind(Value v, CellKind kind) {
  return value_is_cell(v) && value_as_cell(v)->kind == kind;
}
static inline bool value_is_string(Value v) {
  return value_is_kind(v, CELL_STRING);
}
static inline bool value_is_symbol(Value v) {
  return value_is_kind(v, CELL_SYMBOL);
}
static inline bool value_is_bigint(Value v) {
  return value_is_kind(v, CELL_BIGINT);
}
static inline bool value_is_object(Value v) {
  return value_is_cell(v) && value_as_cell(v)->kind >= CELL_FIRST_OBJECT;
}
static inline String *value_as_string(Value v) {
  return (String *)(uintptr_t)v;
}
static inline Symbol *value_as_symbol(Value v) {
  return (Symbol *)(uintptr_t)v;
}
static inline BigInt *value_as_bigint(Value v) {
  return (BigInt *)(uintptr_t)v;
}
static inline Object *value_as_object(Value v) {
  return (Object *)(uintptr_t)v;
}

static inline Value value_from_bool(bool b) {
  return VALUE_FALSE | (Value)b;
}
static inline bool value_as_bool(Value v) {
  return v == VALUE_TRUE;
}
static inline Value value_from_int(int32_t i) {
  return VALUE_NUMBER_TAG | (uint32_t)i;
}
static inline int32_t value_as_int(Value v) {
  return (int32_t)(uint32_t)v;
}

// Boxes a double as a double, without trying int32. NaNs become the one NaN
// whose bits stay clear of the int32 tag.
static inline Value value_from_double(double d) {
  uint64_t bits;
  if (unlikely(d != d)) {
    bits = UINT64_C(0x7ff8000000000000);
  } else {
    memcpy(&bits, &d, sizeof bits);
  }
  return bits + VALUE_DOUBLE_OFFSET;
}
static inline double value_as_double(Value v) {
  uint64_t bits = v - VALUE_DOUBLE_OFFSET;
  double d;
  memcpy(&d, &bits, sizeof d);
  return d;
}
// The number of a Value that is a Number.
static inline double value_as_number(Value v) {
  return value_is_int(v) ? (double)value_as_int(v) : value_as_double(v);
}
// Boxes a number, as int32 where that holds it exactly.
static inline Value value_from_number(double d) {
#ifdef __SSE2__
  int32_t i = _mm_cvttsd_si32(_mm_set_sd(d)); // INT32_MIN: out of range
#else
  int32_t i = (int32_t)(d >= -2147483648.0 && d <= 2147483647.0 ? d : 0.5);
#endif
  if ((double)i == d && (i != 0 || !signbit(d))) return value_from_int(i);
  return value_from_double(d);
}
static inline Value value_from_uint32(uint32_t u) {
  return u <= INT32_MAX ? value_from_int((int32_t)u)
                        : value_from_double((double)u);
}
static inline Value value_from_int64(int64_t i) {
  return i == (int32_t)i ? value_from_int((int32_t)i)
                         : value_from_double((double)i);
}

// A property key: an array index (0 to 2^32-2, boxed like an int32 but read as
// unsigned), the address of an interned String that is no array index, or the
// address of a Symbol. Equal keys have equal bits.
typedef uint64_t PropertyKey;

static inline bool key_is_index(PropertyKey k) {
  return k >= VALUE_NUMBER_TAG;
}
static inline uint32_t key_as_index(PropertyKey k) {
  return (uint32_t)k;
}
static inline PropertyKey key_from_index(uint32_t index) {
  return VALUE_NUMBER_TAG | index;
}
static inline PropertyKey key_from_symbol(const Symbol *s) {
  return (PropertyKey)(uintptr_t)s;
}
// The string must be interned and no array index; else use vm_string_to_key.
static inline PropertyKey key_from_atom(const String *s) {
  return (PropertyKey)(uintptr_t)s;
}
static inline bool key_is_symbol(PropertyKey k) {
  return !key_is_index(k) && value_as_cell(k)->kind == CELL_SYMBOL;
}
static inline bool key_is_string(PropertyKey k) {
  return !key_is_index(k) && value_as_cell(k)->kind == CELL_STRING;
}

#endif
