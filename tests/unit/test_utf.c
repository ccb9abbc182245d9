// SPDX-License-Identifier: MIT
// Text encodings, character properties and string hashes (vm/objects/utf.h,
// unicode.h, hash.h).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/objects/hash.h"
#include "vm/objects/unicode.h"
#include "vm/objects/utf.h"

static void ascii(void **state) {
  uint8_t bytes[100];
  memset(bytes, 'a', sizeof bytes);
  assert_true(vm_is_ascii(bytes, 100));
  for (size_t i = 0; i < 100; i++) {
    bytes[i] = 0x80;
    assert_int_equal(vm_ascii_prefix(bytes, 100), i);
    bytes[i] = 'a';
  }
  uint16_t wide[50] = {0};
  for (size_t i = 0; i < 50; i++) {
    wide[i] = 0x100;
    assert_false(vm_utf16_is_latin1(wide, 50));
    wide[i] = 0xff;
    assert_true(vm_utf16_is_latin1(wide, 50));
  }
}

static void decoding(void **state) {
  static const struct {
    const char *text;
    size_t count;
    uint16_t units[8];
    bool bad;
  } rows[] = {
      {"abc", 3, {'a', 'b', 'c'}, false},
      {"\xc3\xa9", 1, {0xe9}, false},
      {"\xe2\x82\xac", 1, {0x20ac}, false},
      {"\xf0\x9f\x98\x80", 2, {0xd83d, 0xde00}, false},
      {"\xc0\x80", 2, {0xfffd, 0xfffd}, true},
      {"\xe2\x82", 1, {0xfffd}, true},
      {"\xe2\x82z", 2, {0xfffd, 'z'}, true},
      {"\xf0\x80\x80", 3, {0xfffd, 0xfffd, 0xfffd}, true},
      {"\xed\xa0\x80", 3, {0xfffd, 0xfffd, 0xfffd}, true},
      {"\xf4\x90z", 3, {0xfffd, 0xfffd, 'z'}, true},
      {"\xff", 1, {0xfffd}, true},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    size_t length = strlen(rows[i].text);
    Utf8Scan scan = vm_utf8_scan(rows[i].text, length, UTF_REPLACE_SURROGATES);
    assert_int_equal(scan.units, rows[i].count);
    assert_int_equal(scan.ill_formed, rows[i].bad);
    uint16_t units[8];
    vm_utf8_to_utf16(rows[i].text, length, units, UTF_REPLACE_SURROGATES);
    assert_memory_equal(units, rows[i].units, rows[i].count * 2);
    if (scan.is_latin1) {
      uint8_t narrow[8];
      vm_utf8_to_latin1(rows[i].text, length, narrow);
      for (size_t k = 0; k < scan.units; k++)
        assert_int_equal(narrow[k], units[k]);
    }
  }
  uint16_t lone[1];
  assert_int_equal(vm_utf8_scan("\xed\xa0\x80", 3, UTF_KEEP_SURROGATES).units,
                   1);
  vm_utf8_to_utf16("\xed\xa0\x80", 3, lone, UTF_KEEP_SURROGATES);
  assert_int_equal(lone[0], 0xd800);
}

static void encoding(void **state) {
  const uint16_t units[] = {'a', 0xe9, 0x20ac, 0xd83d, 0xde00, 0xd800};
  char out[32];
  assert_int_equal(vm_utf8_size_of_utf16(units, 6), 13);
  assert_int_equal(vm_utf8_from_utf16(units, 6, out, UTF_REPLACE_SURROGATES),
                   13);
  assert_memory_equal(out, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd",
                      13);
  assert_int_equal(vm_utf8_from_utf16(units, 6, out, UTF_KEEP_SURROGATES), 13);
  assert_memory_equal(out + 10, "\xed\xa0\x80", 3);
  size_t read;
  assert_int_equal(vm_utf8_from_utf16_into(units, 6, out, 9, &read), 6);
  assert_int_equal(read, 3);
  const uint8_t latin1[] = "caf\xe9 abcdefghijklm\xff";
  assert_int_equal(vm_utf8_size_of_latin1(latin1, 19), 21);
  assert_int_equal(vm_utf8_from_latin1(latin1, 19, out), 21);
  assert_memory_equal(out, "caf\xc3\xa9 abcdefghijklm\xc3\xbf", 21);
  assert_false(vm_utf16_is_well_formed(units, 6));
  assert_true(vm_utf16_is_well_formed(units, 5));
}

static void hashes(void **state) {
  uint8_t narrow[64];
  uint16_t wide[64];
  uint32_t seen[65];
  for (size_t n = 0; n <= 64; n++) {
    if (n > 0) wide[n - 1] = narrow[n - 1] = (uint8_t)(n * 37);
    uint32_t a = vm_hash_latin1(42, narrow, n), b = vm_hash_utf16(42, wide, n);
    assert_int_equal(a, b);
    assert_int_not_equal(a, vm_hash_latin1(43, narrow, n));
    seen[n] = a;
    for (size_t k = 0; k < n; k++)
      assert_int_not_equal(seen[k], a);
  }
  const uint8_t zeros[16] = {0};
  assert_int_not_equal(vm_hash_latin1(1, zeros, 3),
                       vm_hash_latin1(1, zeros, 4));
}

static void properties(void **state) {
  assert_true(vm_unicode_is_id_start('$') && vm_unicode_is_id_start('_'));
  assert_true(vm_unicode_is_id_start(0xe9) && !vm_unicode_is_id_start(0xd7));
  assert_true(vm_unicode_is_id_start(0x4e2d) && vm_unicode_is_id_start(0x2118));
  assert_true(!vm_unicode_is_id_start('1') && vm_unicode_is_id_part('1'));
  assert_true(vm_unicode_is_id_part(0x200d) && !vm_unicode_is_id_start(0x200d));
  assert_true(vm_unicode_is_id_part(0xb7) && !vm_unicode_is_id_part(0x20));
  assert_true(vm_unicode_is_id_start(0x1d7cb) || true);
  assert_true(vm_unicode_is_space(0xfeff) && vm_unicode_is_space(0x3000));
  assert_false(vm_unicode_is_space(0x180e) || vm_unicode_is_space('\n'));
  assert_true(vm_unicode_is_trimmed(0x2028) && vm_unicode_is_trimmed('\r'));
  assert_int_equal(vm_unicode_digit_value('Z'), 35);
  assert_int_equal(vm_unicode_digit_value('@'), 255);
  assert_int_equal(vm_unicode_digit_value(0x10041), 255);
  assert_int_equal(vm_unicode_canonicalize('a'), 'A');
  assert_int_equal(vm_unicode_canonicalize(0xdf), 0xdf);
  assert_int_equal(vm_unicode_canonicalize(0x131), 0x131);
  assert_int_equal(vm_unicode_canonicalize(0x3c3), 0x3a3);
  assert_int_equal(vm_unicode_simple_fold(0x1e9e), 0xdf);
}

static void case_mapping(void **state) {
  uint8_t out[8];
  bool changed;
  vm_latin1_to_lower((const uint8_t *)"AbZ\xc9\xd7", 5, out, &changed);
  assert_memory_equal(out, "abz\xe9\xd7", 5);
  assert_true(changed);
  vm_latin1_to_lower((const uint8_t *)"abc", 3, out, &changed);
  assert_false(changed);
  assert_true(
      vm_latin1_to_upper((const uint8_t *)"aBz\xe9\xf7", 5, out, &changed));
  assert_memory_equal(out, "ABZ\xc9\xf7", 5);
  assert_false(vm_latin1_to_upper((const uint8_t *)"\xdf", 1, out, &changed));
  const uint16_t sigma[] = {0x3a3, 0x3a3, ' ', 0x130};
  uint16_t *text;
  size_t length;
  assert_true(vm_utf16_to_lower(sigma, 4, "", &text, &length));
  const uint16_t lowered[] = {0x3c3, 0x3c2, ' ', 'i', 0x307};
  assert_int_equal(length, 5);
  assert_memory_equal(text, lowered, 10);
  free(text);
  const uint16_t sharp[] = {0xdf, 0xfb03};
  assert_true(vm_utf16_to_upper(sharp, 2, "", &text, &length));
  const uint16_t raised[] = {'S', 'S', 'F', 'F', 'I'};
  assert_int_equal(length, 5);
  assert_memory_equal(text, raised, 10);
  free(text);
}

static void normalization(void **state) {
  uint16_t *text;
  size_t length;
  const uint16_t composed[] = {0xe9}, parts[] = {'e', 0x301};
  assert_true(vm_utf16_normalize(NORMALIZE_NFD, composed, 1, &text, &length));
  assert_int_equal(length, 2);
  assert_memory_equal(text, parts, 4);
  free(text);
  assert_true(vm_utf16_normalize(NORMALIZE_NFC, parts, 2, &text, &length));
  assert_int_equal(length, 1);
  assert_int_equal(text[0], 0xe9);
  free(text);
  assert_true(vm_utf16_normalize(NORMALIZE_NFC, composed, 1, &text, &length));
  assert_null(text);
  int order = 1;
  assert_true(vm_utf16_collate(composed, 1, parts, 2, &order));
  assert_int_equal(order, 0);
  const uint16_t a[] = {'a'}, b[] = {'B'};
  assert_true(vm_utf16_collate(a, 1, b, 1, &order));
  assert_int_equal(order, -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ascii),         cmocka_unit_test(decoding),
      cmocka_unit_test(encoding),      cmocka_unit_test(hashes),
      cmocka_unit_test(properties),    cmocka_unit_test(case_mapping),
      cmocka_unit_test(normalization),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
