// SPDX-License-Identifier: MIT
// BigInts: operations on the cells of string.h. Results are normalized; zero
// has no limbs and is not negative. "Threw": NULL or TRI_THREW with an
// exception pending, RangeError where a result would pass BIGINT_MAX_BITS
// (bigint_limbs.h).
#ifndef RILL_VM_OBJECTS_BIGINT_H
#define RILL_VM_OBJECTS_BIGINT_H

#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"
#include "vm/objects/string.h"

enum { BIGINT_NEGATIVE = 1 << 0, BIGINT_UNORDERED = 2 };

static inline bool bigint_is_negative(const BigInt *b) {
  return (b->cell.flags & BIGINT_NEGATIVE) != 0;
}
static inline uint32_t bigint_limb_count(const BigInt *b) {
  return b->cell.extra;
}
static inline bool bigint_is_zero(const BigInt *b) {
  return b->cell.extra == 0;
}

// ECMA-262 6.1.6.2. Division and remainder by zero and negative exponents are
// RangeErrors.
BigInt *vm_bigint_add(Isolate *, const BigInt *, const BigInt *) VM_CHECKED;
BigInt *vm_bigint_subtract(Isolate *, const BigInt *,
                           const BigInt *) VM_CHECKED;
BigInt *vm_bigint_multiply(Isolate *, const BigInt *,
                           const BigInt *) VM_CHECKED;
BigInt *vm_bigint_divide(Isolate *, const BigInt *, const BigInt *) VM_CHECKED;
BigInt *vm_bigint_remainder(Isolate *, const BigInt *,
                            const BigInt *) VM_CHECKED;
BigInt *vm_bigint_exponentiate(Isolate *, const BigInt *,
                               const BigInt *) VM_CHECKED;
BigInt *vm_bigint_shift_left(Isolate *, const BigInt *,
                             const BigInt *) VM_CHECKED;
BigInt *vm_bigint_shift_right(Isolate *, const BigInt *,
                              const BigInt *) VM_CHECKED;
BigInt *vm_bigint_and(Isolate *, const BigInt *, const BigInt *) VM_CHECKED;
BigInt *vm_bigint_or(Isolate *, const BigInt *, const BigInt *) VM_CHECKED;
BigInt *vm_bigint_xor(Isolate *, const BigInt *, const BigInt *) VM_CHECKED;
BigInt *vm_bigint_negate(Isolate *, const BigInt *) VM_CHECKED;
BigInt *vm_bigint_not(Isolate *, const BigInt *) VM_CHECKED;
// Of one limb and not negative, as nearly all are.
static inline bool bigint_is_natural(const BigInt *b) {
  return b->cell.extra == 1 && !bigint_is_negative(b);
}
// `n` is not 0.
static inline Value vm_bigint_natural(Isolate *iso, uint64_t n) {
  BigInt *b =
      gc_allocate(iso->heap, sizeof *b + sizeof b->limbs[0], CELL_BIGINT);
  b->cell.extra = 1;
  b->limbs[0] = n;
  return value_from_cell(b);
}
// Any of the binary operators on BigInts of at most one limb; VALUE_EMPTY: not
// this way (a larger operand, or something to throw).
Value vm_bigint_small_binary(Isolate *, ArithOperator, const BigInt *,
                             const BigInt *);
// b + 1 or b - 1 in the same way.
Value vm_bigint_small_increment(Isolate *, const BigInt *, int delta);
// BigInt.asIntN and asUintN.
BigInt *vm_bigint_as_int_n(Isolate *, double bits, const BigInt *) VM_CHECKED;
BigInt *vm_bigint_as_uint_n(Isolate *, double bits, const BigInt *) VM_CHECKED;

int vm_bigint_compare(const BigInt *, const BigInt *); // -1, 0, 1
// -1, 0, 1, or BIGINT_UNORDERED for NaN.
int vm_bigint_compare_double(const BigInt *, double);
double vm_bigint_to_double(const BigInt *); // rounds half to even
// `d` is an integral Number.
BigInt *vm_bigint_from_double(Isolate *, double d) VM_CHECKED;
String *vm_bigint_to_string(Isolate *, const BigInt *, int radix) VM_CHECKED;
// StringToBigInt (7.1.14): 1, 0 if the text is no BigInt, or TRI_THREW.
Tri vm_string_to_bigint(Isolate *, String *, BigInt **out) VM_CHECKED;
// The digits of a literal, radix 2 to 36, all of them valid. NULL: threw.
BigInt *vm_bigint_from_digits(Isolate *, const uint8_t *latin1, size_t length,
                              int radix, bool negative) VM_CHECKED;

#endif
