// SPDX-License-Identifier: MIT
// BigInt arithmetic (vm/objects/bigint_limbs.h), against small numbers computed
// in 128 bits and against identities.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/objects/bigint_limbs.h"

#define LIMBS 64
typedef struct Big {
  uint64_t limbs[LIMBS];
  LimbResult r;
} Big;

static LimbView view(const Big *b) {
  return (LimbView){b->limbs, b->r.count, b->r.negative};
}

static Big parse(const char *text) {
  Big b;
  bool negative = *text == '-';
  text += negative;
  assert_true(vm_limbs_from_digits_size(strlen(text), 10) <= LIMBS);
  b.r = vm_limbs_from_digits(b.limbs, text, strlen(text), 10);
  b.r.negative = negative && b.r.count != 0;
  return b;
}

static void check(LimbView v, const char *expected) {
  char text[2048];
  assert_true(vm_limbs_text_size(v, 10) < sizeof text);
  assert_int_equal(vm_limbs_to_text(v, 10, text), strlen(expected));
  assert_string_equal(text, expected);
}

static Big from_int128(__int128 n) {
  Big b;
  unsigned __int128 m = n < 0 ? -(unsigned __int128)n : (unsigned __int128)n;
  b.limbs[0] = (uint64_t)m;
  b.limbs[1] = (uint64_t)(m >> 64);
  b.r = (LimbResult){.count = b.limbs[1]   ? 2
                              : b.limbs[0] ? 1
                                           : 0,
                     .negative = n < 0};
  return b;
}

static void same(const Big *b, __int128 n) {
  Big expected = from_int128(n);
  assert_true(vm_limbs_equal(view(b), view(&expected)));
}

static uint64_t random_state = 88172645463325252u;
static int64_t random_int(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (int64_t)random_state >> (random_state % 64);
}

static void small_numbers(void **state) {
  for (int n = 0; n < 5000; n++) {
    int64_t x = random_int(), y = random_int();
    Big a = from_int128(x), b = from_int128(y), out;
    LimbView va = view(&a), vb = view(&b);
    out.r = vm_limbs_add(out.limbs, va, vb);
    same(&out, (__int128)x + y);
    out.r = vm_limbs_subtract(out.limbs, va, vb);
    same(&out, (__int128)x - y);
    out.r = vm_limbs_multiply(out.limbs, va, vb);
    same(&out, (__int128)x * y);
    out.r = vm_limbs_and(out.limbs, va, vb);
    same(&out, x & y);
    out.r = vm_limbs_or(out.limbs, va, vb);
    same(&out, x | y);
    out.r = vm_limbs_xor(out.limbs, va, vb);
    same(&out, x ^ y);
    out.r = vm_limbs_not(out.limbs, va);
    same(&out, ~(__int128)x);
    if (y != 0) {
      out.r = vm_limbs_divide(out.limbs, va, vb);
      same(&out, (__int128)x / y);
      out.r = vm_limbs_remainder(out.limbs, va, vb);
      same(&out, (__int128)x % y);
    }
    unsigned bits = (unsigned)y % 63 + 1;
    Big amount = from_int128(bits);
    out.r = vm_limbs_shift_left(out.limbs, va, view(&amount));
    same(&out, (__int128)x * ((__int128)1 << bits));
    out.r = vm_limbs_shift_right(out.limbs, va, view(&amount));
    same(&out, x >> bits);
    out.r = vm_limbs_as_uint_n(out.limbs, va, bits);
    same(&out, (uint64_t)x & ((UINT64_C(1) << bits) - 1));
    out.r = vm_limbs_as_int_n(out.limbs, va, bits);
    same(&out, (int64_t)((uint64_t)x << (64 - bits)) >> (64 - bits));
    assert_int_equal(vm_limbs_compare(va, vb) > 0, x > y);
    assert_int_equal(vm_limbs_compare(va, vb) < 0, x < y);
    assert_true(vm_limbs_to_double(va) == (double)x);
    assert_int_equal(vm_limbs_to_uint64(va), (uint64_t)x);
    double d = (double)y;
    __int128 exact = (__int128)d;
    assert_int_equal(vm_limbs_compare_double(va, d) > 0, x > exact);
    assert_int_equal(vm_limbs_compare_double(va, d) < 0, x < exact);
  }
}

static void wide_numbers(void **state) {
  Big a = parse("123456789012345678901234567890123456789012345678901234567890");
  Big b = parse("-98765432109876543210987654321098765432109876543210");
  Big q, r, p, s;
  q.r = vm_limbs_divide(q.limbs, view(&a), view(&b));
  check(view(&q), "-1249999988");
  r.r = vm_limbs_remainder(r.limbs, view(&a), view(&b));
  p.r = vm_limbs_multiply(p.limbs, view(&q), view(&b));
  s.r = vm_limbs_add(s.limbs, view(&p), view(&r));
  assert_true(vm_limbs_equal(view(&s), view(&a)));
  Big two = parse("2"), hundred = parse("100"), three = parse("-3");
  assert_int_equal(vm_limbs_power_size(view(&two), view(&hundred)), 2);
  p.r = vm_limbs_power(p.limbs, view(&two), view(&hundred));
  check(view(&p), "1267650600228229401496703205376");
  p.r = vm_limbs_power(p.limbs, view(&three), view(&hundred));
  check(view(&p), "515377520732011331036461129765621272702107522001");
  p.r = vm_limbs_shift_left(p.limbs, view(&three), view(&hundred));
  check(view(&p), "-3802951800684688204490109616128");
  q.r = vm_limbs_shift_right(q.limbs, view(&p), view(&hundred));
  check(view(&q), "-3");
  q.r = vm_limbs_shift_right(q.limbs, view(&a), view(&a));
  check(view(&q), "0");
  q.r = vm_limbs_shift_right(q.limbs, view(&b), view(&a));
  check(view(&q), "-1");
  assert_true(vm_limbs_shift_left_size(view(&a), view(&a)) == UINT64_MAX);
  assert_true(vm_limbs_power_size(view(&a), view(&a)) == UINT64_MAX);
  Big one = parse("-1");
  assert_int_equal(vm_limbs_power_size(view(&one), view(&a)), 1);
  p.r = vm_limbs_power(p.limbs, view(&one), view(&a));
  check(view(&p), "1");
  p.r = vm_limbs_as_uint_n(p.limbs, view(&one), 130);
  check(view(&p), "1361129467683753853853498429727072845823");
  p.r = vm_limbs_as_int_n(p.limbs, view(&p), 130);
  check(view(&p), "-1");
  assert_true(vm_limbs_as_n_size(view(&one), UINT64_C(1) << 53) == UINT64_MAX);
  p.r = vm_limbs_as_int_n(p.limbs, view(&one), UINT64_C(1) << 53);
  check(view(&p), "-1");
}

static void doubles(void **state) {
  Big b;
  b.r = vm_limbs_from_double(b.limbs, -1e300);
  assert_true(vm_limbs_to_double(view(&b)) == -1e300);
  b.r = vm_limbs_from_double(b.limbs, 1.7976931348623157e308);
  assert_true(vm_limbs_to_double(view(&b)) == 1.7976931348623157e308);
  Big one = parse("1"), out;
  out.r = vm_limbs_multiply(out.limbs, view(&b), view(&b));
  assert_true(vm_limbs_to_double(view(&out)) == INFINITY);
  Big odd = parse("9007199254740993");
  assert_true(vm_limbs_to_double(view(&odd)) == 9007199254740992.0);
  assert_true(vm_limbs_compare_double(view(&odd), 9007199254740992.0) > 0);
  Big tie = parse("27021597764222979");
  assert_true(vm_limbs_to_double(view(&tie)) == 27021597764222980.0);
  assert_true(vm_limbs_compare_double(view(&one), 1.5) < 0);
  assert_true(vm_limbs_compare_double(view(&one), 0.5) > 0);
  assert_true(vm_limbs_compare_double(view(&one), INFINITY) < 0);
  Big minus = parse("-1");
  assert_true(vm_limbs_compare_double(view(&minus), -1.5) > 0);
  Big zero = parse("0");
  assert_true(vm_limbs_compare_double(view(&zero), -0.0) == 0);
  assert_true(vm_limbs_compare_double(view(&zero), -0.5) > 0);
}

static void text(void **state) {
  char out[4096];
  Big a = parse("340282366920938463463374607431768211455"), back;
  for (unsigned radix = 2; radix <= 36; radix++) {
    size_t length = vm_limbs_to_text(view(&a), radix, out);
    assert_true(length < vm_limbs_text_size(view(&a), radix));
    back.r = vm_limbs_from_digits(back.limbs, out, length, radix);
    assert_true(vm_limbs_equal(view(&a), view(&back)));
  }
  vm_limbs_to_text(view(&a), 16, out);
  assert_string_equal(out, "ffffffffffffffffffffffffffffffff");
  size_t start, length;
  unsigned radix;
  bool negative;
#define PARSE(t)                                                               \
  vm_limbs_parse((const uint8_t *)t, strlen(t), &start, &length, &radix,       \
                 &negative)
  assert_true(PARSE("  ") && length == 0);
  assert_true(PARSE(" -12 ") && negative && start == 2 && length == 2);
  assert_true(PARSE("0xFf") && radix == 16 && start == 2 && length == 2);
  assert_false(PARSE("-0x1"));
  assert_false(PARSE("0x"));
  assert_false(PARSE("1n"));
  assert_false(PARSE("1.0"));
  assert_false(PARSE("-"));
  assert_false(PARSE("0b2"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(small_numbers),
      cmocka_unit_test(wide_numbers),
      cmocka_unit_test(doubles),
      cmocka_unit_test(text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
