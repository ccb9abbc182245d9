// SPDX-License-Identifier: MIT
// Exact sums of doubles: a fixed-point accumulator wide enough for any of them,
// so that nothing is rounded before the end.
#ifndef RILL_VM_BUILTINS_MATH_SUM_H
#define RILL_VM_BUILTINS_MATH_SUM_H

#include <stdbool.h>
#include <stdint.h>

// Doubles are multiples of 2^-1074 below 2^1024; 64 bits more hold the carries
// of 2^63 terms, and the sign.
enum { EXACT_SUM_LIMBS = 34 };

typedef struct ExactSum {
  uint64_t limbs[EXACT_SUM_LIMBS]; // two's complement, units of 2^-1074
  bool nan, plus_infinity, minus_infinity;
  bool not_minus_zero; // something other than -0 was added
} ExactSum;

void vm_exact_sum_init(ExactSum *);
void vm_exact_sum_add(ExactSum *, double);
// -0 if nothing but -0 was added.
double vm_exact_sum_result(const ExactSum *);

#endif
