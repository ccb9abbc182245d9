// SPDX-License-Identifier: MIT
// Number operations that C's operators and library do not provide as
// ECMA-262 wants them. Pure functions.
#ifndef RILL_VM_OBJECTS_NUMBER_MATH_H
#define RILL_VM_OBJECTS_NUMBER_MATH_H

double vm_number_exponentiate(double base, double exponent); // 6.1.6.1.3
double vm_number_remainder(double dividend, double divisor); // 6.1.6.1.6

#endif
