// SPDX-License-Identifier: MIT
// Exact sums of doubles.
#include "vm/builtins/math_sum.h"

#include <math.h>
#include <string.h>

#include "vm/objects/bigint_limbs.h"

void vm_exact_sum_init(ExactSum *s) {
  memset(s, 0, sizeof *s);
}

void vm_exact_sum_add(ExactSum *s, double d) {
  uint64_t bits;
  memcpy(&bits, &d, sizeof bits);
  if (bits != UINT64_C(1) << 63) s->not_minus_zero = true;
  unsigned exponent = bits >> 52 & 0x7ff;
  uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
  if (exponent == 0x7ff) {
    if (mantissa != 0)
      s->nan = true;
    else if (d > 0)
      s->plus_infinity = true;
    else
      s->minus_infinity = true;
    return;
  }
  if (exponent == 0)
    exponent = 1;
  else
    mantissa |= UINT64_C(1) << 52;
  unsigned word = (exponent - 1) / 64, shift = (exponent - 1) % 64;
  unsigned __int128 wide = (unsigned __int128)mantissa << shift;
  uint64_t low = (uint64_t)wide, high = (uint64_t)(wide >> 64);
  if (d > 0) {
    unsigned __int128 t = (unsigned __int128)s->limbs[word] + low;
    s->limbs[word] = (uint64_t)t;
    t = (unsigned __int128)s->limbs[word + 1] + high + (uint64_t)(t >> 64);
    s->limbs[word + 1] = (uint64_t)t;
    for (unsigned i = word + 2; t >> 64 && i < EXACT_SUM_LIMBS; i++)
      t = (unsigned __int128)++s->limbs[i] == 0 ? t : 0;
  } else {
    unsigned __int128 t = (unsigned __int128)s->limbs[word] - low;
    s->limbs[word] = (uint64_t)t;
    t = (unsigned __int128)s->limbs[word + 1] - high - (uint64_t)(t >> 127);
    s->limbs[word + 1] = (uint64_t)t;
    for (unsigned i = word + 2; t >> 64 && i < EXACT_SUM_LIMBS; i++)
      t = s->limbs[i]-- == 0 ? t : 0;
  }
}

double vm_exact_sum_result(const ExactSum *s) {
  if (s->nan || (s->plus_infinity && s->minus_infinity)) return NAN;
  if (s->plus_infinity) return INFINITY;
  if (s->minus_infinity) return -INFINITY;
  uint64_t limbs[EXACT_SUM_LIMBS];
  memcpy(limbs, s->limbs, sizeof limbs);
  bool negative = limbs[EXACT_SUM_LIMBS - 1] >> 63;
  uint64_t carry = 1;
  for (unsigned i = 0; negative && i < EXACT_SUM_LIMBS; i++) {
    limbs[i] = ~limbs[i] + carry;
    carry &= limbs[i] == 0;
  }
  unsigned count = EXACT_SUM_LIMBS;
  while (count > 0 && limbs[count - 1] == 0)
    count--;
  if (count == 0) return s->not_minus_zero ? 0.0 : -0.0;
  // Three limbs, the lowest bit sticky, round as all of them do. A result below
  // 2^53 units is exact, one above is no subnormal: ldexp does not round again.
  unsigned dropped = count > 3 ? count - 3 : 0;
  for (unsigned i = 0; i < dropped; i++)
    limbs[dropped] |= limbs[i] != 0;
  LimbView top = {limbs + dropped, count - dropped, negative};
  return ldexp(vm_limbs_to_double(top), (int)dropped * 64 - 1074);
}
