// SPDX-License-Identifier: MIT
// Arithmetic of BigInts: sign and magnitude, 64-bit limbs, least significant
// first. Pure functions that read operands through views and write the result's
// magnitude to a buffer of the caller, with room for the limbs that the
// matching *_size function (or the comment) names. The answer says how many
// limbs are significant and the sign; zero has no limbs and is never negative.
//
// Operands are normalized (no leading zero limb). Results never alias operands
// unless said. A caller rejects what would pass BIGINT_MAX_LIMBS before calling
// (RangeError), by the size functions. `failed`: scratch memory ran out; the
// buffer's content is then undefined. Any thread.
#ifndef RILL_VM_OBJECTS_BIGINT_LIMBS_H
#define RILL_VM_OBJECTS_BIGINT_LIMBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BIGINT_MAX_BITS (UINT64_C(1) << 30)
#define BIGINT_MAX_LIMBS ((uint32_t)(BIGINT_MAX_BITS / 64))

typedef struct LimbView {
  const uint64_t *limbs;
  uint32_t count;
  bool negative;
} LimbView;

typedef struct LimbResult {
  uint32_t count;
  bool negative;
  bool failed;
} LimbResult;

// a + b, a - b: max(a.count, b.count) + 1 limbs. `out` may be either operand's
// limbs.
LimbResult vm_limbs_add(uint64_t *out, LimbView a, LimbView b);
LimbResult vm_limbs_subtract(uint64_t *out, LimbView a, LimbView b);
// a * b: a.count + b.count limbs.
LimbResult vm_limbs_multiply(uint64_t *out, LimbView a, LimbView b);
// Truncating division; b is not zero (the caller throws RangeError). Quotient:
// a.count limbs; remainder: a.count limbs.
LimbResult vm_limbs_divide(uint64_t *out, LimbView a, LimbView b);
LimbResult vm_limbs_remainder(uint64_t *out, LimbView a, LimbView b);
// base ** exponent. Size: limbs for the result, or UINT64_MAX if it passes
// BIGINT_MAX_LIMBS. The exponent is not negative (the caller throws
// RangeError).
uint64_t vm_limbs_power_size(LimbView base, LimbView exponent);
LimbResult vm_limbs_power(uint64_t *out, LimbView base, LimbView exponent);
// a << b, and a >> b by a negative b; a >> b rounds towards minus infinity.
// Size: as for power.
uint64_t vm_limbs_shift_left_size(LimbView a, LimbView b);
LimbResult vm_limbs_shift_left(uint64_t *out, LimbView a, LimbView b);
uint64_t vm_limbs_shift_right_size(LimbView a, LimbView b);
LimbResult vm_limbs_shift_right(uint64_t *out, LimbView a, LimbView b);
// Two's complement of infinite width: max(a.count, b.count) + 1 limbs.
LimbResult vm_limbs_and(uint64_t *out, LimbView a, LimbView b);
LimbResult vm_limbs_or(uint64_t *out, LimbView a, LimbView b);
LimbResult vm_limbs_xor(uint64_t *out, LimbView a, LimbView b);
// ~a = -a - 1: a.count + 1 limbs.
LimbResult vm_limbs_not(uint64_t *out, LimbView a);

// BigInt.asIntN, asUintN (21.2.2). Size: limbs for the result, UINT64_MAX if it
// passes BIGINT_MAX_LIMBS (only asUintN of a negative number can).
uint64_t vm_limbs_as_n_size(LimbView a, uint64_t bits);
LimbResult vm_limbs_as_int_n(uint64_t *out, LimbView a, uint64_t bits);
LimbResult vm_limbs_as_uint_n(uint64_t *out, LimbView a, uint64_t bits);

// <0, 0, >0.
int vm_limbs_compare(LimbView a, LimbView b);
bool vm_limbs_equal(LimbView a, LimbView b);
// By mathematical value; the double is not NaN.
int vm_limbs_compare_double(LimbView a, double);

// 𝔽(a): to nearest, ties to even; may be infinite.
double vm_limbs_to_double(LimbView a);
// An integral finite double: at most 17 limbs.
#define BIGINT_LIMBS_OF_DOUBLE 17
LimbResult vm_limbs_from_double(uint64_t *out, double integer);
// Modulo 2^64.
uint64_t vm_limbs_to_uint64(LimbView a);

// Text, radix 2 to 36, lower case, with "-". Size: bytes that suffice,
// terminator included. Returns the length; 0: scratch memory ran out.
size_t vm_limbs_text_size(LimbView a, unsigned radix);
size_t vm_limbs_to_text(LimbView a, unsigned radix, char *out);
// Digits of the radix, no sign, no prefix, at least one. Size: limbs that
// suffice, UINT64_MAX if they could pass BIGINT_MAX_LIMBS.
uint64_t vm_limbs_from_digits_size(size_t digits, unsigned radix);
LimbResult vm_limbs_from_digits(uint64_t *out, const char *digits,
                                size_t length, unsigned radix);
// StringToBigInt's syntax (7.1.14): finds the digits inside a text of Latin-1
// units: trims, takes 0x/0o/0b or a sign with decimals. *start and *length give
// the digits (length 0: the value is zero). False: no such literal.
bool vm_limbs_parse(const uint8_t *units, size_t count, size_t *start,
                    size_t *length, unsigned *radix, bool *negative);

#endif
