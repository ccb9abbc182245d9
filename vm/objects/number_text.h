// SPDX-License-Identifier: MIT
// Numbers <-> text by ECMA-262's rules. Pure functions; any thread. Texts are
// ASCII, NUL-terminated, in buffers of the caller; the length is returned.
#ifndef RILL_VM_OBJECTS_NUMBER_TEXT_H
#define RILL_VM_OBJECTS_NUMBER_TEXT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NUMBER_TEXT_SIZE 32         // vm_number_to_text
#define NUMBER_TEXT_FORMAT_SIZE 512 // toFixed, toExponential, toPrecision
#define NUMBER_TEXT_RADIX_SIZE 2200 // vm_number_to_radix_text

// Number::toString(x) (6.1.6.1.20): the shortest text that reads back.
size_t vm_number_to_text(double, char *buffer);
size_t vm_int_to_text(int32_t, char *buffer);
size_t vm_uint32_to_text(uint32_t, char *buffer);
// Radix 2 to 36; as many fraction digits as tell the number from its
// neighbours.
size_t vm_number_to_radix_text(double, unsigned radix, char *buffer);

// Number.prototype.toFixed (digits 0 to 100), toExponential (0 to 100, or -1:
// as many as necessary), toPrecision (1 to 100). Not finite: NaN, Infinity,
// -Infinity. toFixed of 1e21 or more: as vm_number_to_text.
size_t vm_number_to_fixed(double, int digits, char *buffer);
size_t vm_number_to_exponential(double, int digits, char *buffer);
size_t vm_number_to_precision(double, int precision, char *buffer);

// StringToNumber (7.1.4.1.1): trims, "" is 0, NaN if it is no
// StringNumericLiteral.
double vm_number_from_latin1(const uint8_t *units, size_t length);
double vm_number_from_utf16(const uint16_t *units, size_t length);
// parseFloat: the longest prefix that is a StrDecimalLiteral, or NaN.
double vm_parse_float_latin1(const uint8_t *units, size_t length);
double vm_parse_float_utf16(const uint16_t *units, size_t length);
// parseInt with radix as given (ToInt32 done by the caller; 0: find out). Exact
// rounding for every radix.
double vm_parse_int_latin1(const uint8_t *units, size_t length, int32_t radix);
double vm_parse_int_utf16(const uint16_t *units, size_t length, int32_t radix);

// Digits of the radix (2 to 36), known to be valid, exactly rounded.
double vm_number_from_digits(const char *digits, size_t length, unsigned radix);

// IEEE 754 binary16.
double vm_half_to_double(uint16_t bits);
uint16_t vm_double_to_half(double); // to nearest, ties to even

#ifdef __cplusplus
}
#endif

#endif
