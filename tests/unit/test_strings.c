// SPDX-License-Identifier: MIT
// Strings: representations, appending, interning, keys, searching, builders.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs the three above first.
#include <cmocka.h>

#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"
#include "vm/objects/string_search.h"

static Isolate *iso;

static String *str(const char *text) {
  String *s = vm_string_from_c(iso, text);
  assert_non_null(s);
  return s;
}

static void assert_text(String *s, const char *expected) {
  assert_non_null(s);
  char *text = vm_string_to_utf8(iso, s, NULL);
  assert_non_null(text);
  assert_string_equal(text, expected);
  free(text);
}

static StringView view(String *s) {
  StringView v = {0};
  assert_true(vm_string_view(iso, s, &v));
  return v;
}

static void test_making(void **state) {
  (void)state;
  assert_ptr_equal(str(""), ATOM(empty));
  assert_ptr_equal(str("x"), vm_unit_atom('x'));
  assert_text(str("h\xc3\xa9llo"), "h\xc3\xa9llo");
  assert_false(view(str("h\xc3\xa9llo")).is_wide);
  assert_int_equal(string_length(str("h\xc3\xa9llo")), 5);
  assert_true(view(str("\xe2\x82\xac")).is_wide);
  assert_int_equal(string_length(str("\xf0\x9f\x98\x80")), 2);
  assert_text(str("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");
  assert_text(str("a\xff"), "a\xef\xbf\xbd");
  uint16_t narrow[] = {'o', 'k'};
  assert_false(view(vm_string_from_utf16(iso, narrow, 2)).is_wide);
  assert_text(vm_string_format(iso, "%d-%s", 12, "ab"), "12-ab");
}

static void test_appending(void **state) {
  (void)state;
  // Every old value keeps its text while newer ones grow behind it.
  enum { COUNT = 20000 };
  String *s = ATOM(empty), *middle = NULL;
  char piece[8];
  for (int i = 0; i < COUNT; i++) {
    snprintf(piece, sizeof piece, "%05d", i);
    s = vm_string_concat(iso, s, str(piece));
    assert_non_null(s);
    if (i == COUNT / 2) middle = s;
    if (i % 1000 == 7) assert_int_equal(vm_string_at(iso, s, 4), '0');
  }
  assert_int_equal(string_length(s), COUNT * 5);
  for (int i = 0; i < COUNT; i += 37) {
    snprintf(piece, sizeof piece, "%05d", i);
    for (uint32_t k = 0; k < 5; k++)
      assert_int_equal(vm_string_at(iso, s, (uint32_t)i * 5 + k), piece[k]);
  }
  assert_int_equal(string_length(middle), (COUNT / 2 + 1) * 5);
  // Two different continuations of the same string.
  String *a = vm_string_concat(iso, middle, str("first"));
  String *b = vm_string_concat(iso, middle, str("other"));
  assert_text(
      vm_string_substring(iso, a, string_length(middle), string_length(a)),
      "first");
  assert_text(
      vm_string_substring(iso, b, string_length(middle), string_length(b)),
      "other");
  // Widening in the middle of it.
  String *wide = vm_string_concat(iso, s, str("\xe2\x82\xac"));
  assert_int_equal(vm_string_at(iso, wide, COUNT * 5), 0x20ac);
  assert_int_equal(vm_string_at(iso, wide, 9), '1');
}

static void test_deep_ropes(void **state) {
  (void)state;
  String *left = str("some text that is long enough to make ropes of it");
  String *right = left;
  for (int i = 0; i < 200000; i++) {
    left = vm_string_concat(iso, left, left == right ? right : str("yy"));
    right = vm_string_concat(iso, str("xx"), right);
  }
  assert_int_equal(vm_string_at(iso, left, 0), 's');
  assert_int_equal(vm_string_at(iso, right, 399999), 'x');
  assert_int_equal(vm_string_at(iso, right, 400000), 's');
  // Doubling: the same node many times.
  String *s = str("ab");
  for (int i = 0; i < 20; i++)
    s = vm_string_concat(iso, s, s);
  assert_int_equal(string_length(s), 2 << 20);
  assert_int_equal(vm_string_at(iso, s, (2 << 20) - 1), 'b');
}

static void test_too_long(void **state) {
  (void)state;
  String *s = str("0123456789abcdef0123456789abcdef");
  while (s && string_length(s) < STRING_MAX_LENGTH / 2)
    s = vm_string_concat(iso, s, s);
  assert_non_null(s);
  assert_null(vm_string_concat(iso, s, s));
  assert_true(vm_has_exception(iso));
  vm_take_exception(iso);
}

static void test_slices(void **state) {
  (void)state;
  String *s =
      str("The quick brown fox jumps over the lazy dog, they say, and "
          "the dog does not mind.");
  String *slice = vm_string_substring(iso, s, 4, 60);
  assert_text(vm_string_substring(iso, slice, 0, 5), "quick");
  String *again = vm_string_substring(iso, slice, 6, 50);
  assert_text(vm_string_substring(iso, again, 0, 9), "brown fox");
  assert_ptr_equal(vm_string_substring(iso, s, 3, 3), ATOM(empty));
  assert_ptr_equal(vm_string_substring(iso, s, 0, string_length(s)), s);
  assert_ptr_equal(vm_string_substring(iso, s, 0, 1), vm_unit_atom('T'));
}

// They are made without looking for them.
static void test_first_atoms(void **state) {
  (void)state;
  for (int i = 0; i < ATOM_COUNT; i++) {
    StringView v = view(vm_atoms[i]);
    assert_ptr_equal(vm_string_intern_view(iso, v), vm_atoms[i]);
  }
  for (int i = 0; i < 256; i++) {
    uint8_t unit = (uint8_t)i;
    assert_int_equal(string_view_at(view(vm_unit_atom(i)), 0), i);
    assert_ptr_equal(vm_atom_from_latin1(&unit, 1), vm_unit_atom(i));
  }
  assert_text(ATOM(new_target), "new.target");
  assert_text(ATOM(bound_space), "bound ");
}

static void test_interning(void **state) {
  (void)state;
  String *a = vm_string_intern(iso, str("someName"));
  String *b =
      vm_string_intern(iso, vm_string_concat(iso, str("some"), str("Name")));
  assert_ptr_equal(a, b);
  assert_ptr_equal(a, vm_atom_from_c("someName"));
  uint16_t wide[] = {'s', 'o', 'm', 'e', 'N', 'a', 'm', 'e'};
  assert_ptr_equal(a, vm_atom_from_utf16(wide, 8));
  PropertyKey key;
  assert_true(vm_string_to_key(iso, str("4294967294"), &key));
  assert_true(key_is_index(key));
  assert_int_equal(key_as_index(key), 4294967294u);
  assert_true(vm_string_to_key(iso, str("4294967295"), &key));
  assert_true(key_is_string(key));
  assert_true(vm_string_to_key(iso, str("01"), &key));
  assert_true(key_is_string(key));
  assert_true(vm_string_to_key(iso, str("0"), &key));
  assert_true(key_is_index(key));
  assert_text(vm_key_to_string(iso, key_from_index(123456)), "123456");
  assert_int_equal(vm_string_find_key(iso, str("nor this one 0815"), &key), 0);
}

static void *intern_many(void *data) {
  String **out = data;
  char text[32];
  for (int i = 0; i < 20000; i++) {
    snprintf(text, sizeof text, "shared name %d", i);
    out[i] = vm_atom_from_c(text);
  }
  return NULL;
}

static void test_interning_on_threads(void **state) {
  (void)state;
  enum { THREADS = 4, COUNT = 20000 };
  static String *found[THREADS][COUNT];
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, intern_many, found[i]),
                     0);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  for (int i = 0; i < COUNT; i++) {
    assert_non_null(found[0][i]);
    for (int k = 1; k < THREADS; k++)
      assert_ptr_equal(found[0][i], found[k][i]);
  }
}

static void test_comparing(void **state) {
  (void)state;
  String *narrow = str("abc");
  uint16_t units[] = {'a', 'b', 'c', 0x20ac};
  String *wide = vm_string_from_utf16(iso, units, 4);
  String *cut = vm_string_substring(iso, wide, 0, 3);
  assert_true(vm_string_equals(iso, narrow, cut));
  assert_int_equal(vm_string_hash(iso, narrow), vm_string_hash(iso, cut));
  assert_true(vm_string_compare(iso, narrow, wide) < 0);
  assert_true(vm_string_compare(iso, str("b"), wide) > 0);
  assert_int_equal(vm_string_compare(iso, narrow, cut), 0);
}

static uint32_t find(const char *haystack, const char *needle, uint32_t from) {
  return vm_string_find(view(str(haystack)), view(str(needle)), from);
}

static uint32_t find_last(const char *haystack, const char *needle,
                          uint32_t from) {
  return vm_string_find_last(view(str(haystack)), view(str(needle)), from);
}

static void test_searching(void **state) {
  (void)state;
  assert_int_equal(find("hello world", "o", 0), 4);
  assert_int_equal(find("hello world", "o", 5), 7);
  assert_int_equal(find("hello world", "world", 0), 6);
  assert_int_equal(find("hello world", "worlds", 0), STRING_NOT_FOUND);
  assert_int_equal(find("hello", "", 5), 5);
  assert_int_equal(find("hello", "", 6), STRING_NOT_FOUND);
  assert_int_equal(find("aaaaaaaaaaaaaaaaaaaaaaaaab", "ab", 0), 24);
  assert_int_equal(find("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ab", 0),
                   STRING_NOT_FOUND);
  assert_int_equal(find("0123456789\xe2\x82\xac-abc", "abc", 0), 12);
  assert_int_equal(find("0123456789\xe2\x82\xac-abc", "\xe2\x82\xac", 3), 10);
  assert_int_equal(find("latin", "\xe2\x82\xac", 0), STRING_NOT_FOUND);
  assert_int_equal(find_last("abcabc", "bc", 99), 4);
  assert_int_equal(find_last("abcabc", "bc", 3), 1);
  assert_int_equal(find_last("abc", "", 2), 2);
  assert_int_equal(find_last("\xe2\x82\xac"
                             "ab",
                             "ab", 9),
                   1);
  assert_int_equal(find_last("abc", "abcd", 9), STRING_NOT_FOUND);
}

static void test_builder(void **state) {
  (void)state;
  StringBuilder b;
  vm_builder_init(&b, iso);
  for (int i = 0; i < 1000; i++)
    vm_builder_append_ascii(&b, "ab");
  vm_builder_append_unit(&b, 0x20ac);
  vm_builder_append(&b, str("tail"));
  vm_builder_append_code_point(&b, 0x1f600);
  String *s = vm_builder_finish(&b);
  assert_non_null(s);
  assert_int_equal(string_length(s), 2007);
  assert_int_equal(vm_string_at(iso, s, 2000), 0x20ac);
  assert_int_equal(vm_string_at(iso, s, 1999), 'b');
  assert_text(vm_string_substring(iso, s, 2001, 2007), "tail\xf0\x9f\x98\x80");
}

static void test_numbers(void **state) {
  (void)state;
  assert_text(vm_number_to_string(iso, 0.1), "0.1");
  assert_text(vm_number_to_string(iso, -0.0), "0");
  assert_text(vm_number_to_string(iso, 1e21), "1e+21");
  assert_text(vm_number_to_string(iso, -5), "-5");
  assert_ptr_equal(vm_number_to_string(iso, 7), vm_unit_atom('7'));
  assert_ptr_equal(vm_number_to_string(iso, 123.5),
                   vm_number_to_string(iso, 123.5));
  assert_true(vm_string_to_number(iso, str(" 12 ")) == 12);
  assert_true(vm_string_to_number(iso, str("")) == 0);
  assert_true(vm_string_to_number(iso, str("0x1f")) == 31);
  assert_true(isnan(vm_string_to_number(iso, str("12px"))));
  assert_int_equal(vm_double_to_int32(4294967296.0 * 3 + 5), 5);
  assert_int_equal(vm_double_to_int32(-1.9), -1);
  assert_int_equal(vm_double_to_int32(1e300), 0);
  assert_int_equal(vm_double_to_int32(9007199254740994.0 * 2), 4);
  assert_int_equal(vm_double_to_int32(-9007199254740994.0), -2);
  assert_int_equal(vm_double_to_int32(NAN), 0);
  assert_int_equal(vm_double_to_int32(-INFINITY), 0);
}

static int set_up(void **state) {
  (void)state;
  IsolateOptions options = {0};
  iso = vm_isolate_new(&options);
  return iso && vm_realm_new(iso) ? 0 : -1;
}

static int tear_down(void **state) {
  (void)state;
  vm_isolate_free(iso);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_making),
      cmocka_unit_test(test_appending),
      cmocka_unit_test(test_deep_ropes),
      cmocka_unit_test(test_slices),
      cmocka_unit_test(test_interning),
      cmocka_unit_test(test_first_atoms),
      cmocka_unit_test(test_interning_on_threads),
      cmocka_unit_test(test_comparing),
      cmocka_unit_test(test_searching),
      cmocka_unit_test(test_builder),
      cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_too_long),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
