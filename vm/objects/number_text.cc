// SPDX-License-Identifier: MIT
// Numbers <-> text. Decimal conversions are double-conversion's; small integers
// and short decimals, which are nearly all, take exact shortcuts before it.
// Other radixes are done here with exact integer arithmetic.
#include "vm/objects/number_text.h"

#include <cmath>
#include <cstring>
#include <gmp.h>
#include <limits>

#include <double-conversion/double-conversion.h>

extern "C" {
#include "vm/objects/unicode.h"
}

using double_conversion::DoubleToStringConverter;
using double_conversion::StringBuilder;
using double_conversion::StringToDoubleConverter;

namespace {

const double kNaN = std::numeric_limits<double>::quiet_NaN();
const double kInfinity = std::numeric_limits<double>::infinity();

const char kDigitPairs[] =
    "00010203040506070809101112131415161718192021222324"
    "25262728293031323334353637383940414243444546474849"
    "50515253545556575859606162636465666768697071727374"
    "75767778798081828384858687888990919293949596979899";
const char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

// Decimal digits of an integer; returns how many.
size_t put_uint64(uint64_t n, char *out) {
  char scratch[20];
  char *p = scratch + sizeof scratch;
  while (n >= 100) {
    p -= 2;
    memcpy(p, kDigitPairs + n % 100 * 2, 2);
    n /= 100;
  }
  if (n >= 10) {
    p -= 2;
    memcpy(p, kDigitPairs + n * 2, 2);
  } else {
    *--p = (char)('0' + n);
  }
  size_t length = (size_t)(scratch + sizeof scratch - p);
  memcpy(out, p, length);
  out[length] = 0;
  return length;
}

size_t finish(StringBuilder &builder) {
  size_t length = (size_t)builder.position();
  builder.Finalize();
  return length;
}

size_t put_text(const char *text, char *out) {
  size_t length = strlen(text);
  memcpy(out, text, length + 1);
  return length;
}

// 21.1.3.3, steps 8 to 11, where |d| * 10^digits is below 10^18: the nearest
// integer to the exact product, the larger one of two, with its point put in.
// Returns 0 where it is not.
size_t put_fixed(double d, int digits, char *out) {
  static const uint64_t powers[] = {1,      10,      100,      1000,     10000,
                                    100000, 1000000, 10000000, 100000000};
  double magnitude = std::fabs(d);
  if (digits > 8 || !(magnitude * (double)powers[digits] < 1e18)) return 0;
  uint64_t bits;
  memcpy(&bits, &magnitude, sizeof bits);
  int exponent = (int)(bits >> 52);
  uint64_t significand = bits & ((UINT64_C(1) << 52) - 1);
  if (exponent > 0) significand |= UINT64_C(1) << 52;
  int shift = 1075 - (exponent > 0 ? exponent : 1);
  // Below 2^80.
  unsigned __int128 product = (unsigned __int128)significand * powers[digits];
  uint64_t n = 0;
  if (shift <= 0)
    n = (uint64_t)(product << -shift);
  else if (shift <= 100)
    n = (uint64_t)((product + ((unsigned __int128)1 << (shift - 1))) >> shift);
  size_t sign = d < 0 ? 1 : 0;
  if (sign) *out++ = '-';
  size_t length = put_uint64(n / powers[digits], out);
  if (digits > 0) {
    uint64_t fraction = n % powers[digits];
    out[length] = '.';
    for (int i = digits; i > 0; i--, fraction /= 10)
      out[length + (size_t)i] = (char)('0' + fraction % 10);
    length += (size_t)digits + 1;
    out[length] = 0;
  }
  return sign + length;
}

size_t put_not_finite(double d, char *out) {
  return put_text(d != d ? "NaN" : d < 0 ? "-Infinity" : "Infinity", out);
}

const DoubleToStringConverter &ecma_converter() {
  return DoubleToStringConverter::EcmaScriptConverter();
}

// All powers of ten that a double holds exactly.
const double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

double convert_decimal(const uint8_t *units, int length) {
  static const StringToDoubleConverter converter(
      StringToDoubleConverter::NO_FLAGS, kNaN, kNaN, nullptr, nullptr);
  int processed;
  return converter.StringToDouble((const char *)units, length, &processed);
}
double convert_decimal(const uint16_t *units, int length) {
  static const StringToDoubleConverter converter(
      StringToDoubleConverter::NO_FLAGS, kNaN, kNaN, nullptr, nullptr);
  int processed;
  return converter.StringToDouble(units, length, &processed);
}

// Reads the longest StrUnsignedDecimalLiteral without Infinity at `units`.
// Returns how many units it has, 0 if there is none.
template <typename Unit>
size_t scan_decimal(const Unit *units, size_t length, double *value) {
  size_t i = 0;
  uint64_t mantissa = 0;
  unsigned significant = 0; // digits in mantissa; above 19: inexact
  int64_t exponent = 0;
  size_t digits = 0;
  for (; i < length && (unsigned)(units[i] - '0') < 10; i++, digits++) {
    if (significant < 20 && (significant != 0 || units[i] != '0'))
      significant++;
    if (significant < 20) mantissa = mantissa * 10 + (units[i] - '0');
  }
  if (i < length && units[i] == '.') {
    size_t point = i++;
    for (; i < length && (unsigned)(units[i] - '0') < 10; i++, digits++) {
      if (significant < 20 && (significant != 0 || units[i] != '0'))
        significant++;
      if (significant < 20) {
        mantissa = mantissa * 10 + (units[i] - '0');
        exponent--;
      }
    }
    if (digits == 0) {
      (void)point;
      return 0;
    }
  }
  if (digits == 0) return 0;
  size_t end = i;
  if (i < length && (units[i] | 0x20) == 'e') {
    i++;
    bool negative = false;
    if (i < length && (units[i] == '+' || units[i] == '-'))
      negative = units[i++] == '-';
    if (i < length && (unsigned)(units[i] - '0') < 10) {
      int64_t e = 0;
      for (; i < length && (unsigned)(units[i] - '0') < 10; i++)
        if (e < 100000) e = e * 10 + (units[i] - '0');
      exponent += negative ? -e : e;
      end = i;
    }
  }
  if (significant < 20 && mantissa <= UINT64_C(1) << 53 && exponent >= -22 &&
      exponent <= 22) {
    double m = (double)mantissa;
    *value =
        exponent < 0 ? m / kPowersOfTen[-exponent] : m * kPowersOfTen[exponent];
  } else if (mantissa == 0) {
    *value = 0;
  } else {
    *value = convert_decimal(units, (int)end);
  }
  return end;
}

// Value of digits that are all valid in the radix, rounded to nearest even.
template <typename Unit>
double digits_to_double(const Unit *digits, size_t length, unsigned radix) {
  while (length > 1 && digits[0] == '0') {
    digits++;
    length--;
  }
  if (radix == 10) {
    double value;
    return scan_decimal(digits, length, &value) ? value : kNaN;
  }
  // Without leading zeros, 1025 digits are at least 2^1024.
  if (length > 1024) return kInfinity;
  uint64_t small = 0;
  size_t i = 0;
  for (; i < length && small < (UINT64_C(1) << 53) / 36 - 1; i++)
    small = small * radix + vm_unicode_digit_value(digits[i]);
  if (i == length) return (double)small;
  unsigned char values[1024];
  for (i = 0; i < length; i++)
    values[i] = (unsigned char)vm_unicode_digit_value(digits[i]);
  mp_limb_t limbs[1024 * 6 / GMP_NUMB_BITS + 2];
  mp_size_t count = mpn_set_str(limbs, values, length, (int)radix);
  while (count > 0 && limbs[count - 1] == 0)
    count--;
  if (count == 0) return 0;
  // The top 64 bits, the lowest of them sticky, round as the whole does.
  int zeros = __builtin_clzll(limbs[count - 1]);
  uint64_t top = limbs[count - 1] << zeros;
  bool sticky = false;
  if (count > 1) {
    if (zeros) top |= limbs[count - 2] >> (64 - zeros);
    sticky =
        zeros != 0 ? (limbs[count - 2] << zeros) != 0 : limbs[count - 2] != 0;
    for (mp_size_t k = 0; k < count - 2; k++)
      sticky |= limbs[k] != 0;
  }
  // uint64 -> double rounds once; ldexp is then exact or overflows.
  return std::ldexp((double)(top | sticky), (int)(count - 1) * 64 - zeros);
}

template <typename Unit> void trim(const Unit *&units, size_t &length) {
  while (length > 0 && vm_unicode_is_trimmed(units[0])) {
    units++;
    length--;
  }
  while (length > 0 && vm_unicode_is_trimmed(units[length - 1]))
    length--;
}

template <typename Unit> bool starts_with_infinity(const Unit *u, size_t n) {
  static const char text[] = "Infinity";
  if (n < 8) return false;
  for (size_t i = 0; i < 8; i++)
    if (u[i] != (Unit)text[i]) return false;
  return true;
}

template <typename Unit> double string_to_number(const Unit *u, size_t n) {
  trim(u, n);
  if (n == 0) return 0;
  if (n > 2 && u[0] == '0' && u[1] > '9') {
    Unit letter = u[1] | 0x20;
    unsigned radix = letter == 'x'   ? 16
                     : letter == 'o' ? 8
                     : letter == 'b' ? 2
                                     : 0;
    if (radix != 0 && u[1] < 128) {
      for (size_t i = 2; i < n; i++)
        if (vm_unicode_digit_value(u[i]) >= radix) return kNaN;
      return digits_to_double(u + 2, n - 2, radix);
    }
  }
  bool negative = u[0] == '-';
  if (negative || u[0] == '+') {
    u++;
    n--;
  }
  double value;
  if (starts_with_infinity(u, n)) {
    if (n != 8) return kNaN;
    value = kInfinity;
  } else {
    size_t used = scan_decimal(u, n, &value);
    if (used == 0 || used != n) return kNaN;
  }
  return negative ? -value : value;
}

template <typename Unit> double parse_float(const Unit *u, size_t n) {
  trim(u, n);
  if (n == 0) return kNaN;
  bool negative = u[0] == '-';
  if (negative || u[0] == '+') {
    u++;
    n--;
  }
  double value;
  if (starts_with_infinity(u, n))
    value = kInfinity;
  else if (scan_decimal(u, n, &value) == 0)
    return kNaN;
  return negative ? -value : value;
}

template <typename Unit>
double parse_int(const Unit *u, size_t n, int32_t radix) {
  trim(u, n);
  if (n == 0) return kNaN;
  bool negative = u[0] == '-';
  if (negative || u[0] == '+') {
    u++;
    n--;
  }
  bool strip_prefix = true;
  if (radix != 0) {
    if (radix < 2 || radix > 36) return kNaN;
    strip_prefix = radix == 16;
  } else {
    radix = 10;
  }
  if (strip_prefix && n >= 2 && u[0] == '0' && (u[1] == 'x' || u[1] == 'X')) {
    u += 2;
    n -= 2;
    radix = 16;
  }
  size_t end = 0;
  while (end < n && vm_unicode_digit_value(u[end]) < (unsigned)radix)
    end++;
  if (end == 0) return kNaN;
  double value = digits_to_double(u, end, (unsigned)radix);
  return negative ? -value : value;
}

} // namespace

extern "C" {

size_t vm_uint32_to_text(uint32_t n, char *buffer) {
  return put_uint64(n, buffer);
}

size_t vm_int_to_text(int32_t n, char *buffer) {
  if (n >= 0) return put_uint64((uint64_t)n, buffer);
  *buffer = '-';
  return 1 + put_uint64((uint64_t) - (int64_t)n, buffer + 1);
}

size_t vm_number_to_text(double d, char *buffer) {
  if (std::fabs(d) < 1e15 && d == (double)(int64_t)d) {
    int64_t i = (int64_t)d;
    if (i >= 0) return put_uint64((uint64_t)i, buffer);
    *buffer = '-';
    return 1 + put_uint64((uint64_t)-i, buffer + 1);
  }
  StringBuilder builder(buffer, NUMBER_TEXT_SIZE);
  ecma_converter().ToShortest(d, &builder);
  return finish(builder);
}

size_t vm_number_to_fixed(double d, int digits, char *buffer) {
  if (!std::isfinite(d)) return put_not_finite(d, buffer);
  if (std::fabs(d) >= 1e21) return vm_number_to_text(d, buffer);
  size_t length = put_fixed(d, digits, buffer);
  if (length != 0) return length;
  StringBuilder builder(buffer, NUMBER_TEXT_FORMAT_SIZE);
  ecma_converter().ToFixed(d, digits, &builder);
  return finish(builder);
}

size_t vm_number_to_exponential(double d, int digits, char *buffer) {
  if (!std::isfinite(d)) return put_not_finite(d, buffer);
  StringBuilder builder(buffer, NUMBER_TEXT_FORMAT_SIZE);
  ecma_converter().ToExponential(d, digits, &builder);
  return finish(builder);
}

size_t vm_number_to_precision(double d, int precision, char *buffer) {
  if (!std::isfinite(d)) return put_not_finite(d, buffer);
  StringBuilder builder(buffer, NUMBER_TEXT_FORMAT_SIZE);
  ecma_converter().ToPrecision(d, precision, &builder);
  return finish(builder);
}

// The fraction digits are Steele and White's free-format generation: emit while
// the rest is further than half a unit in the last place from both ends. The
// rest and the half unit are fixed-point numbers with `bits` fraction bits, so
// every step is exact.
size_t vm_number_to_radix_text(double d, unsigned radix, char *buffer) {
  if (radix == 10) return vm_number_to_text(d, buffer);
  if (!std::isfinite(d)) return put_not_finite(d, buffer);
  char *out = buffer;
  if (d < 0) {
    *out++ = '-';
    d = -d;
  }
  uint64_t raw;
  memcpy(&raw, &d, sizeof raw);
  int exponent = (int)(raw >> 52 & 0x7ff);
  uint64_t mantissa = raw & ((UINT64_C(1) << 52) - 1);
  if (exponent != 0)
    mantissa |= UINT64_C(1) << 52;
  else
    exponent = 1;
  exponent -= 1075; // d = mantissa * 2^exponent

  // Integer part.
  if (exponent <= 0) {
    uint64_t whole = exponent > -64 ? mantissa >> -exponent : 0;
    char scratch[64];
    char *p = scratch + sizeof scratch;
    do {
      *--p = kDigits[whole % radix];
      whole /= radix;
    } while (whole != 0);
    size_t length = (size_t)(scratch + sizeof scratch - p);
    memcpy(out, p, length);
    out += length;
  } else {
    mp_limb_t limbs[1024 / GMP_NUMB_BITS + 3] = {0};
    int word = exponent / 64, shift = exponent % 64;
    limbs[word] = mantissa << shift;
    if (shift > 11) limbs[word + 1] = mantissa >> (64 - shift);
    mp_size_t count = word + 1 + (limbs[word + 1] != 0);
    while (count > 1 && limbs[count - 1] == 0)
      count--;
    size_t length = mpn_get_str((unsigned char *)out, (int)radix, limbs, count);
    size_t zeros = 0;
    while (zeros + 1 < length && out[zeros] == 0)
      zeros++;
    for (size_t i = 0; i + zeros < length; i++)
      out[i] = kDigits[(unsigned char)out[i + zeros]];
    out += length - zeros;
  }

  // Fraction.
  if (exponent < 0) {
    unsigned bits = (unsigned)-exponent + 1; // one more, for the half unit
    uint64_t fraction = bits - 1 >= 64
                            ? mantissa
                            : mantissa & ((UINT64_C(1) << (bits - 1)) - 1);
    if (fraction != 0) {
      *out++ = '.';
      // Room for the digit above the point, at most 6 bits.
      mp_size_t count = bits / 64 + 1;
      mp_limb_t rest[20] = {0}, half[20] = {0}, sum[20];
      rest[0] = fraction << 1;
      if (count > 1) rest[1] = fraction >> 63;
      half[0] = 1;
      unsigned word = bits / 64, shift = bits % 64;
      if (shift > 58) count++;
      for (;;) {
        mpn_mul_1(rest, rest, count, radix);
        mpn_mul_1(half, half, count, radix);
        unsigned digit = (unsigned)(rest[word] >> shift);
        if (shift > 58 && (mp_size_t)word + 1 < count)
          digit |= (unsigned)(rest[word + 1] << (64 - shift));
        rest[word] &= shift != 0 ? (UINT64_C(1) << shift) - 1 : 0;
        if ((mp_size_t)word + 1 < count) rest[word + 1] = 0;
        bool low = mpn_cmp(rest, half, count) < 0;
        mpn_add_n(sum, rest, half, count);
        uint64_t above = sum[word] >> shift;
        if ((mp_size_t)word + 1 < count) above |= sum[word + 1];
        bool high = false;
        if (above != 0) {
          // rest + half > 1: more than exactly one.
          sum[word] -= UINT64_C(1) << shift;
          high = above > 1 || !mpn_zero_p(sum, count);
        }
        if (low || high) {
          // Nearer end; a tie goes up.
          unsigned top = bits - 1;
          bool up = (rest[top / 64] >> (top % 64) & 1) != 0;
          if (high && !low) up = true;
          if (low && !high) up = false;
          *out++ = kDigits[digit + up];
          break;
        }
        *out++ = kDigits[digit];
      }
    }
  }
  *out = 0;
  return (size_t)(out - buffer);
}

double vm_number_from_latin1(const uint8_t *units, size_t length) {
  return string_to_number(units, length);
}
double vm_number_from_utf16(const uint16_t *units, size_t length) {
  return string_to_number(units, length);
}
double vm_parse_float_latin1(const uint8_t *units, size_t length) {
  return parse_float(units, length);
}
double vm_parse_float_utf16(const uint16_t *units, size_t length) {
  return parse_float(units, length);
}
double vm_parse_int_latin1(const uint8_t *units, size_t length, int32_t radix) {
  return parse_int(units, length, radix);
}
double vm_parse_int_utf16(const uint16_t *units, size_t length, int32_t radix) {
  return parse_int(units, length, radix);
}

double vm_number_from_digits(const char *digits, size_t length,
                             unsigned radix) {
  return digits_to_double((const uint8_t *)digits, length, radix);
}

double vm_half_to_double(uint16_t bits) {
  int exponent = bits >> 10 & 0x1f;
  double mantissa = bits & 0x3ff;
  double magnitude;
  if (exponent == 0x1f)
    magnitude = mantissa != 0 ? kNaN : kInfinity;
  else if (exponent == 0)
    magnitude = std::ldexp(mantissa, -24);
  else
    magnitude = std::ldexp(mantissa + 1024, exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

uint16_t vm_double_to_half(double d) {
  uint16_t sign = std::signbit(d) ? 0x8000 : 0;
  double magnitude = std::fabs(d);
  if (d != d) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 6.103515625e-05) {
    // Subnormal, counted in units of 2^-24; 1024 of them is the least normal.
    return sign | (uint16_t)std::nearbyint(magnitude * 16777216.0);
  }
  uint64_t raw;
  memcpy(&raw, &magnitude, sizeof raw);
  // Rounding may carry into the exponent, which is as it should be.
  raw += (UINT64_C(1) << 41) - 1 + (raw >> 42 & 1);
  return sign | (uint16_t)((raw >> 42) - (UINT64_C(1008) << 10));
}

} // extern "C"
