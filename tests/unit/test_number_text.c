// SPDX-License-Identifier: MIT
// Numbers to text and back (vm/objects/number_text.h).
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/objects/number_text.h"

static void to_text(void **state) {
  static const struct {
    double number;
    const char *text;
  } rows[] = {
      {0, "0"},
      {-0.0, "0"},
      {1, "1"},
      {-1, "-1"},
      {100, "100"},
      {1234567890123456789.0, "1234567890123456800"},
      {1e21, "1e+21"},
      {1e-6, "0.000001"},
      {1e-7, "1e-7"},
      {0.1 + 0.2, "0.30000000000000004"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {-1.5, "-1.5"},
      {NAN, "NaN"},
      {-INFINITY, "-Infinity"},
      {123456789012345680000.0, "123456789012345680000"},
  };
  char buffer[NUMBER_TEXT_SIZE];
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    size_t length = vm_number_to_text(rows[i].number, buffer);
    assert_string_equal(buffer, rows[i].text);
    assert_int_equal(length, strlen(rows[i].text));
  }
  vm_int_to_text(INT32_MIN, buffer);
  assert_string_equal(buffer, "-2147483648");
  vm_uint32_to_text(UINT32_MAX, buffer);
  assert_string_equal(buffer, "4294967295");
}

static void to_radix(void **state) {
  static const struct {
    double number;
    unsigned radix;
    const char *text;
  } rows[] = {
      {255, 16, "ff"},
      {-255, 2, "-11111111"},
      {0.5, 2, "0.1"},
      {0.1, 2, "0.0001100110011001100110011001100110011001100110011001101"},
      {0.1, 3, "0.0022002200220022002200220022002201"},
      {35.5, 36, "z.i"},
      {4294967296.0, 16, "100000000"},
      {0x1p60, 16, "1000000000000000"},
      {0x1p100, 16, "10000000000000000000000000"},
      {0x1.8p1023, 2, NULL},
      {5e-324, 2, NULL},
      {5e-324, 36, NULL},
      {NAN, 16, "NaN"},
      {-INFINITY, 16, "-Infinity"},
  };
  static char buffer[NUMBER_TEXT_RADIX_SIZE];
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    size_t length =
        vm_number_to_radix_text(rows[i].number, rows[i].radix, buffer);
    assert_int_equal(length, strlen(buffer));
    if (rows[i].text != NULL) assert_string_equal(buffer, rows[i].text);
  }
  assert_true(vm_number_to_radix_text(0x1p-1074, 2, buffer) == 1076);
}

// The text in any radix must read back as the number it was made from.
static void radix_round_trip(void **state) {
  static char buffer[NUMBER_TEXT_RADIX_SIZE];
  uint64_t x = 88172645463325252u;
  for (int n = 0; n < 2000; n++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    double d = ldexp((double)(x >> 11), (int)(x % 90) - 70);
    unsigned radix = 2 + (unsigned)(x % 35);
    if (radix == 10) continue;
    vm_number_to_radix_text(d, radix, buffer);
    long double sum = 0, scale = 1;
    char *point = strchr(buffer, '.');
    size_t whole = point != NULL ? (size_t)(point - buffer) : strlen(buffer);
    sum = vm_number_from_digits(buffer, whole, radix);
    for (char *p = point; p != NULL && *++p != 0;) {
      scale /= radix;
      sum += scale * (*p <= '9' ? *p - '0' : *p - 'a' + 10);
    }
    // Long doubles have 11 bits to spare; scale loses a few of them.
    assert_true(fabsl(sum - d) <= ldexpl(d, -52));
  }
}

static void formats(void **state) {
  char buffer[NUMBER_TEXT_FORMAT_SIZE];
  vm_number_to_fixed(1.005, 2, buffer);
  assert_string_equal(buffer, "1.00");
  vm_number_to_fixed(0.5, 0, buffer);
  assert_string_equal(buffer, "1");
  vm_number_to_fixed(-2.5, 0, buffer);
  assert_string_equal(buffer, "-3");
  vm_number_to_fixed(-0.0000001, 2, buffer);
  assert_string_equal(buffer, "-0.00");
  vm_number_to_fixed(-0.0, 2, buffer);
  assert_string_equal(buffer, "0.00");
  vm_number_to_fixed(1e21, 2, buffer);
  assert_string_equal(buffer, "1e+21");
  assert_int_equal(vm_number_to_fixed(999999999999999868928.0, 100, buffer),
                   122);
  vm_number_to_exponential(12345, -1, buffer);
  assert_string_equal(buffer, "1.2345e+4");
  vm_number_to_exponential(0, 2, buffer);
  assert_string_equal(buffer, "0.00e+0");
  vm_number_to_exponential(1e-7, 0, buffer);
  assert_string_equal(buffer, "1e-7");
  vm_number_to_precision(123.456, 4, buffer);
  assert_string_equal(buffer, "123.5");
  vm_number_to_precision(0.000001, 2, buffer);
  assert_string_equal(buffer, "0.0000010");
  vm_number_to_precision(1e21, 3, buffer);
  assert_string_equal(buffer, "1.00e+21");
  vm_number_to_precision(123456, 2, buffer);
  assert_string_equal(buffer, "1.2e+5");
}

static double number(const char *text) {
  uint16_t wide[256];
  size_t length = strlen(text);
  for (size_t i = 0; i < length; i++)
    wide[i] = (uint8_t)text[i];
  double a = vm_number_from_latin1((const uint8_t *)text, length);
  double b = vm_number_from_utf16(wide, length);
  assert_true(a == b || (a != a && b != b));
  return a;
}

static void from_text(void **state) {
  assert_true(number("") == 0);
  assert_true(number("  \t\n\xa0") == 0);
  assert_true(number(" 12 ") == 12);
  assert_true(number("-0") == 0 && signbit(number("-0")));
  assert_true(number("0x1F") == 31);
  assert_true(number("0b101") == 5);
  assert_true(number("0O17") == 15);
  assert_true(number("-Infinity") == -INFINITY);
  assert_true(number("1e1000") == INFINITY);
  assert_true(number(".5") == 0.5 && number("5.") == 5);
  assert_true(number("1e-7") == 1e-7);
  assert_true(number("00012") == 12);
  assert_true(number("9007199254740993") == 9007199254740992.0);
  assert_true(number("9007199254740993.00000001") == 9007199254740994.0);
  assert_true(number("0.1") == 0.1);
  assert_true(number("123456789012345678901234567890") ==
              123456789012345678901234567890.0);
  assert_true(number("2.2250738585072011e-308") == 2.2250738585072011e-308);
  assert_true(number("0x20000000000001") == 0x20000000000000);
  assert_true(number("0x20000000000003") == 0x20000000000004);
  static const char *const bad[] = {
      "x",   "1x",  "0x",       "0xg",  "1e",  "1e+", ".",  "-",         "+-1",
      "1 2", "1_0", "infinity", "-0x1", "0b2", "0o8", "e5", "Infinityx", "+",
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_true(isnan(number(bad[i])));
  const uint16_t bom[] = {0xfeff, '7', 0x2029};
  assert_true(vm_number_from_utf16(bom, 3) == 7);
}

#define FLOAT(text) vm_parse_float_latin1((const uint8_t *)text, strlen(text))
#define INT(text, radix)                                                       \
  vm_parse_int_latin1((const uint8_t *)text, strlen(text), radix)

static void prefixes(void **state) {
  assert_true(FLOAT("3.14abc") == 3.14);
  assert_true(FLOAT("  -.5.5") == -0.5);
  assert_true(FLOAT("1e") == 1 && FLOAT("1e+x") == 1);
  assert_true(FLOAT("0x10") == 0);
  assert_true(FLOAT("Infinityx") == INFINITY);
  assert_true(isnan(FLOAT(".")) && isnan(FLOAT("")) && isnan(FLOAT("-")));
  assert_true(INT("42px", 0) == 42);
  assert_true(INT("0x1f", 0) == 31 && INT("0x1f", 16) == 31);
  assert_true(INT("0x1f", 10) == 0);
  assert_true(INT("-zz", 36) == -1295);
  assert_true(signbit(INT("-0", 0)));
  assert_true(isnan(INT("0x", 0)) && isnan(INT("9", 1)) && isnan(INT("9", 37)));
  assert_true(INT("9007199254740993", 10) == 9007199254740992.0);
  assert_true(INT("100000000000000000000000000000000000000000000000000001",
                  2) == 0x1p53);
  assert_true(INT("100000000000000000000000000000000000000000000000000011",
                  2) == 0x1p53 + 4);
  assert_true(INT("12345678901234567890abcdefghij", 36) ==
                  3.1126083126438856e+45 ||
              INT("12345678901234567890abcdefghij", 36) > 1e45);
}

static void halves(void **state) {
  for (unsigned bits = 0; bits < 0x10000; bits++) {
    double d = vm_half_to_double((uint16_t)bits);
    uint16_t back = vm_double_to_half(d);
    if (d != d)
      assert_int_equal(back, 0x7e00);
    else
      assert_int_equal(back, bits);
  }
  assert_int_equal(vm_double_to_half(65519.99), 0x7bff);
  assert_int_equal(vm_double_to_half(65520), 0x7c00);
  assert_int_equal(vm_double_to_half(0x1p-25), 0);
  assert_int_equal(vm_double_to_half(0x1.0000001p-25), 1);
  assert_int_equal(vm_double_to_half(1 + 0x1p-11), 0x3c00);
  assert_int_equal(vm_double_to_half(1 + 0x1p-11 + 0x1p-40), 0x3c01);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(to_text),   cmocka_unit_test(to_radix),
      cmocka_unit_test(formats),   cmocka_unit_test(radix_round_trip),
      cmocka_unit_test(from_text), cmocka_unit_test(prefixes),
      cmocka_unit_test(halves),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
