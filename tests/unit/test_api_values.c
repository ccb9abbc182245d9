// SPDX-License-Identifier: MIT
// The C API: symbols, BigInts, dates, collections, properties by any key,
// comparison, buffers and views, errors with codes.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/api_tests.h"

static rill_value eval(rill_isolate *iso, const char *source) {
  rill_value value = rill_eval(iso, source, RILL_TEXT_END, "test.js");
  if (value == NULL) print_error("%s\n", rill_get_error(iso)->stack);
  assert_non_null(value);
  return value;
}

// What a script says of a value under the global name `v`.
static const char *told(rill_isolate *iso, rill_value v, const char *source) {
  assert_true(rill_set(iso, rill_global(iso), "v", v));
  return rill_to_string(iso, eval(iso, source), NULL);
}

static void test_symbols(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_value a = rill_symbol(iso, "h\xc3\xa9"), b = rill_symbol(iso, NULL);
  assert_int_equal(rill_type_of(iso, a), RILL_SYMBOL);
  assert_string_equal(rill_symbol_description(iso, a), "h\xc3\xa9");
  assert_null(rill_symbol_description(iso, b));
  assert_null(rill_symbol_description(iso, rill_null(iso)));
  assert_false(rill_strict_equals(iso, a, rill_symbol(iso, "h\xc3\xa9")));
  assert_true(rill_strict_equals(iso, rill_symbol_for(iso, "k"),
                                 eval(iso, "Symbol.for('k')")));
  for (int i = RILL_SYMBOL_ASYNC_ITERATOR; i <= RILL_SYMBOL_ASYNC_DISPOSE; i++)
    assert_non_null(rill_symbol_known(iso, (rill_known_symbol)i));
  assert_true(rill_strict_equals(iso,
                                 rill_symbol_known(iso, RILL_SYMBOL_ITERATOR),
                                 eval(iso, "Symbol.iterator")));
  assert_true(
      rill_strict_equals(iso, rill_symbol_known(iso, RILL_SYMBOL_ASYNC_DISPOSE),
                         eval(iso, "Symbol.asyncDispose")));
  assert_null(rill_symbol_known(iso, (rill_known_symbol)99));
  rill_value o = rill_object(iso);
  assert_true(rill_set_value(iso, o, a, rill_number(iso, 3)));
  assert_int_equal(rill_to_number(iso, rill_get_value(iso, o, a)), 3);
  assert_int_equal(rill_has(iso, o, a), 1);
  assert_int_equal(rill_has(iso, o, b), 0);
  rill_isolate_free(iso);
}

static void test_bigints(void **state) {
  rill_isolate *iso = isolate(0, 0);
  static const int64_t signed_numbers[] = {0, 1, -1, INT64_MAX, INT64_MIN};
  for (size_t i = 0; i < 5; i++) {
    int64_t n;
    rill_value b = rill_bigint_int64(iso, signed_numbers[i]);
    assert_true(rill_get_int64(iso, b, &n));
    assert_true(n == signed_numbers[i]);
  }
  assert_string_equal(
      rill_to_string(iso, rill_bigint_int64(iso, INT64_MIN), NULL),
      "-9223372036854775808");
  assert_true(
      rill_strict_equals(iso, rill_bigint_int64(iso, 0), eval(iso, "0n")));
  uint64_t u;
  int64_t n;
  assert_true(rill_get_uint64(iso, rill_bigint_uint64(iso, UINT64_MAX), &u));
  assert_true(u == UINT64_MAX);
  assert_false(rill_get_int64(iso, rill_bigint_uint64(iso, UINT64_MAX), &n));
  assert_false(rill_get_uint64(iso, rill_bigint_int64(iso, -1), &u));
  assert_false(rill_get_uint64(iso, eval(iso, "(1n << 64n) + 5n"), &u));
  assert_true(u == 5);
  assert_true(rill_get_int64(iso, rill_number(iso, -4294967296.0), &n));
  assert_true(n == -4294967296);
  assert_false(rill_get_int64(iso, rill_number(iso, 0.5), &n));
  assert_false(rill_get_int64(iso, rill_number(iso, INFINITY), &n));
  assert_false(rill_get_int64(iso, rill_string(iso, "1", 1), &n));
  rill_value big =
      rill_bigint_text(iso, "  0xffffffffffffffffff ", RILL_TEXT_END);
  assert_string_equal(rill_to_string(iso, big, NULL), "4722366482869645213695");
  assert_null(rill_bigint_text(iso, "1.5", RILL_TEXT_END));
  assert_string_equal(rill_get_error(iso)->name, "SyntaxError");
  int32_t i;
  uint32_t m;
  assert_true(rill_to_int32(iso, rill_number(iso, 4294967297.0), &i));
  assert_int_equal(i, 1);
  assert_true(rill_to_uint32(iso, rill_number(iso, -1), &m));
  assert_true(m == UINT32_MAX);
  assert_false(rill_to_int32(iso, big, &i));
  rill_isolate_free(iso);
}

static void test_dates(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_value date = rill_date(iso, 86400000.7);
  assert_true(rill_is_date(iso, date));
  assert_true(rill_date_time(iso, date) == 86400000);
  assert_string_equal(told(iso, date, "v.toISOString()"),
                      "1970-01-02T00:00:00.000Z");
  assert_true(isnan(rill_date_time(iso, rill_date(iso, NAN))));
  assert_false(rill_is_date(iso, rill_number(iso, 1)));
  assert_true(isnan(rill_date_time(iso, rill_number(iso, 1))));
  rill_isolate_free(iso);
}

static void test_collections(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_value map = rill_map_new(iso), set = rill_set_new(iso);
  rill_value key = rill_object(iso), nan = rill_number(iso, NAN);
  assert_true(rill_map_set(iso, map, key, rill_number(iso, 1)));
  assert_true(rill_map_set(iso, map, nan, rill_number(iso, 2)));
  assert_true(rill_map_set(iso, map, rill_number(iso, -0.0), nan));
  assert_int_equal(rill_collection_size(iso, map), 3);
  assert_int_equal(rill_to_number(iso, rill_map_get(iso, map, nan)), 2);
  assert_int_equal(rill_type_of(iso, rill_map_get(iso, map, rill_object(iso))),
                   RILL_UNDEFINED);
  assert_string_equal(
      told(iso, map, "Object.is([...v.keys()][2], 0) + ' ' + v.size"),
      "true 3");
  assert_int_equal(rill_collection_delete(iso, map, key), 1);
  assert_int_equal(rill_collection_delete(iso, map, key), 0);
  assert_int_equal(rill_collection_has(iso, map, nan), 1);
  assert_string_equal(
      rill_to_string(iso, rill_collection_entries(iso, map), NULL),
      "NaN,2,0,NaN");
  for (int i = 0; i < 100; i++)
    assert_true(rill_set_add(iso, set, rill_number(iso, i % 10)));
  assert_int_equal(rill_collection_size(iso, set), 10);
  assert_int_equal(rill_length(iso, rill_collection_entries(iso, set)), 10);
  assert_true(rill_is_set(iso, set) && rill_is_map(iso, map));
  assert_false(rill_is_set(iso, map) || rill_is_map(iso, set));
  // Of another kind: the error names it.
  assert_null(rill_map_get(iso, set, nan));
  assert_string_equal(rill_get_error(iso)->name, "TypeError");
  assert_false(rill_set_add(iso, map, nan));
  assert_false(rill_map_set(iso, key, nan, nan));
  assert_int_equal(rill_collection_has(iso, key, nan), -1);
  assert_int_equal(rill_collection_delete(iso, NULL, nan), -1);
  assert_null(rill_collection_entries(iso, nan));
  assert_int_equal(rill_collection_size(iso, nan), 0);
  rill_isolate_free(iso);
}

static rill_value twice(rill_isolate *iso, void *data, rill_value this_value,
                        size_t count, const rill_value *arguments) {
  rill_value n = rill_get(iso, this_value, "n");
  return rill_number(iso, 2 * rill_to_number(iso, n));
}

static void test_properties(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_value o = eval(iso, "({ b: 1, 7: 2, n: 21, [Symbol('s')]: 3 })");
  rill_value name = rill_string(iso, "hidden", RILL_TEXT_END);
  rill_property property = RILL_PROPERTY_INIT;
  property.value = rill_number(iso, 5);
  assert_true(rill_define_property(iso, o, name, &property));
  assert_string_equal(rill_to_string(iso, rill_own_keys(iso, o, 0), NULL),
                      "7,b,n,hidden");
  assert_string_equal(
      rill_to_string(iso, rill_own_keys(iso, o, RILL_KEYS_ENUMERABLE), NULL),
      "7,b,n");
  rill_value all =
      rill_own_keys(iso, o, RILL_KEYS_ENUMERABLE | RILL_KEYS_SYMBOLS);
  assert_int_equal(rill_length(iso, all), 4);
  assert_int_equal(rill_type_of(iso, rill_get_index(iso, all, 3)), RILL_SYMBOL);
  // Read-only: strict, as everywhere.
  assert_false(rill_set(iso, o, "hidden", rill_number(iso, 6)));
  assert_string_equal(rill_get_error(iso)->name, "TypeError");
  assert_int_equal(rill_delete(iso, o, name), 0);
  property.value = rill_number(iso, 6);
  assert_false(rill_define_property(iso, o, name, &property));

  rill_property accessor = RILL_PROPERTY_INIT;
  accessor.getter = rill_function_new(iso, "get twice", twice, NULL);
  accessor.attributes = RILL_CONFIGURABLE | RILL_ENUMERABLE;
  rill_value key = rill_string(iso, "twice", 5);
  assert_true(rill_define_property(iso, o, key, &accessor));
  assert_int_equal(rill_to_number(iso, rill_get_value(iso, o, key)), 42);
  assert_false(rill_set_value(iso, o, key, name));
  rill_property got = RILL_PROPERTY_INIT;
  assert_int_equal(rill_get_own_property(iso, o, key, &got), 1);
  assert_int_equal(got.attributes, RILL_CONFIGURABLE | RILL_ENUMERABLE);
  assert_true(rill_strict_equals(iso, got.getter, accessor.getter));
  assert_int_equal(rill_type_of(iso, got.setter), RILL_UNDEFINED);
  assert_null(got.value);
  got = (rill_property)RILL_PROPERTY_INIT;
  assert_int_equal(rill_get_own_property(iso, o, name, &got), 1);
  assert_int_equal(got.attributes, 0);
  assert_null(got.getter);
  assert_int_equal(rill_to_number(iso, got.value), 5);
  assert_int_equal(
      rill_get_own_property(iso, o, rill_string(iso, "x", 1), &got), 0);
  accessor.getter = rill_number(iso, 1);
  assert_false(rill_define_property(iso, o, key, &accessor));
  assert_int_equal(rill_delete(iso, o, key), 1);
  assert_int_equal(rill_has_own(iso, o, key), 0);
  assert_int_equal(rill_has(iso, o, rill_string(iso, "toString", 8)), 1);
  assert_int_equal(rill_has_own(iso, o, rill_string(iso, "toString", 8)), 0);
  assert_int_equal(rill_has(iso, name, key), -1);

  rill_value base = rill_object(iso);
  assert_true(rill_set_prototype(iso, o, base));
  assert_true(rill_strict_equals(iso, rill_get_prototype(iso, o), base));
  assert_false(rill_set_prototype(iso, base, o)); // a cycle
  assert_string_equal(rill_get_error(iso)->name, "TypeError");
  assert_false(rill_set_prototype(iso, base, name));
  assert_true(rill_set_prototype(iso, base, rill_null(iso)));
  assert_int_equal(rill_type_of(iso, rill_get_prototype(iso, base)), RILL_NULL);
  assert_true(rill_freeze(iso, base));
  assert_false(rill_set(iso, base, "x", name));
  // What scripts throw from traps is the error.
  rill_value proxy = eval(iso,
                          "new Proxy({}, { ownKeys() { throw "
                          "new RangeError('trap') }, has() { throw 1 } })");
  assert_true(rill_is_proxy(iso, proxy));
  assert_null(rill_own_keys(iso, proxy, 0));
  assert_string_equal(rill_get_error(iso)->message, "trap");
  assert_int_equal(rill_has(iso, proxy, key), -1);
  rill_isolate_free(iso);
}

static void test_comparison(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_value nan = rill_number(iso, NAN), zero = rill_number(iso, 0);
  rill_value minus = rill_number(iso, -0.0), text = rill_string(iso, "0", 1);
  assert_false(rill_strict_equals(iso, nan, nan));
  assert_true(rill_same_value(iso, nan, nan));
  assert_true(rill_strict_equals(iso, zero, minus));
  assert_false(rill_same_value(iso, zero, minus));
  assert_int_equal(rill_loosely_equals(iso, zero, text), 1);
  assert_false(rill_strict_equals(iso, zero, text));
  assert_int_equal(rill_loosely_equals(iso, zero,
                                       eval(iso,
                                            "({ valueOf() {"
                                            "throw 1 } })")),
                   -1);
  rill_value array = eval(iso, "Array");
  assert_int_equal(rill_instance_of(iso, rill_array(iso), array), 1);
  assert_int_equal(rill_instance_of(iso, zero, array), 0);
  assert_int_equal(rill_instance_of(iso, zero, zero), -1);
  static const struct {
    const char *source, *type;
  } types[] = {{"undefined", "undefined"}, {"null", "object"},
               {"true", "boolean"},        {"1", "number"},
               {"''", "string"},           {"Symbol()", "symbol"},
               {"1n", "bigint"},           {"({})", "object"},
               {"(() => 1)", "function"}};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    assert_string_equal(rill_typeof(iso, eval(iso, types[i].source)),
                        types[i].type);
  assert_true(rill_is_regexp(iso, eval(iso, "/x/")));
  rill_isolate_free(iso);
}

static int releases;
static void count_release(void *data, void *bytes, size_t length) {
  assert_int_equal(length, *(size_t *)data);
  releases++;
}

static void test_buffers(void **state) {
  rill_isolate *iso = isolate(0, 0);
  static unsigned char bytes[64];
  size_t length = sizeof bytes;
  releases = 0;
  rill_value buffer =
      rill_buffer_external(iso, bytes, sizeof bytes, count_release, &length);
  rill_value view = rill_view_new(iso, RILL_VIEW_UINT16, buffer, 2, 3);
  told(iso, view, "v[0] = 0x1234");
  assert_true(bytes[2] + bytes[3] == 0x12 + 0x34); // of either byte order
  bytes[4] = bytes[5] = 7;
  assert_string_equal(told(iso, view, "v[1]"), "1799");
  rill_view look = RILL_VIEW_INIT;
  assert_true(rill_get_view(iso, view, &look));
  assert_int_equal(look.kind, RILL_VIEW_UINT16);
  assert_int_equal(look.byte_offset, 2);
  assert_int_equal(look.length, 3);
  assert_int_equal(look.byte_length, 6);
  assert_ptr_equal(look.bytes, bytes + 2);
  assert_true(rill_strict_equals(iso, look.buffer, buffer));
  assert_true(rill_get_view(iso, buffer, &look));
  assert_int_equal(look.kind, RILL_VIEW_BUFFER);
  assert_int_equal(look.length, 64);
  for (int kind = RILL_VIEW_INT8; kind <= RILL_VIEW_DATA; kind++) {
    rill_value each = rill_view_new(iso, (rill_view_kind)kind, buffer, 8, 2);
    assert_true(rill_get_view(iso, each, &look));
    assert_int_equal(look.kind, kind);
    assert_int_equal(look.byte_offset, 8);
    assert_int_equal(look.length, 2);
  }
  static const struct {
    rill_view_kind kind;
    size_t offset, length;
    const char *name; // NULL: misuse
  } bad[] = {{RILL_VIEW_UINT16, 1, 1, "RangeError"},
             {RILL_VIEW_UINT16, 0, 33, "RangeError"},
             {RILL_VIEW_UINT8, 65, 0, "RangeError"},
             {RILL_VIEW_UINT8, 1, SIZE_MAX, "RangeError"},
             {RILL_VIEW_NONE, 0, 0, ""},
             {RILL_VIEW_BUFFER, 0, 0, ""}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_null(
        rill_view_new(iso, bad[i].kind, buffer, bad[i].offset, bad[i].length));
    assert_string_equal(rill_get_error(iso)->name, bad[i].name);
  }
  assert_null(rill_view_new(iso, RILL_VIEW_INT8, rill_object(iso), 0, 0));
  // Detached: the bytes are the host's again.
  assert_int_equal(releases, 0);
  assert_true(rill_buffer_detach(iso, buffer));
  assert_int_equal(releases, 1);
  assert_string_equal(told(iso, view, "v.length + ' ' + v.buffer.detached"),
                      "0 true");
  assert_true(rill_get_view(iso, view, &look));
  assert_int_equal(look.byte_length, 0);
  assert_false(rill_buffer_detach(iso, buffer));
  assert_false(rill_buffer_detach(iso, view));
  assert_null(rill_view_new(iso, RILL_VIEW_UINT8, buffer, 0, 0));
  // Immutable.
  static const char text[] = "constant";
  length = sizeof text;
  rill_value constant =
      rill_buffer_constant(iso, text, sizeof text, count_release, &length);
  assert_string_equal(
      told(iso, constant,
           "const u = new Uint8Array(v); u[0] = 0; let e = ''; "
           "try { u.fill(1) } catch (x) { e = x.name } [u[0], e] + ''"),
      "99,TypeError");
  assert_false(rill_buffer_detach(iso, constant));
  // Without a finalizer, without bytes.
  assert_non_null(rill_buffer_external(iso, bytes, 0, NULL, NULL));
  assert_int_equal(
      rill_get_view(iso, rill_buffer(iso, 100), &look) ? look.length : 0, 100);
  assert_null(rill_buffer(iso, SIZE_MAX));
  assert_string_equal(rill_get_error(iso)->name, "RangeError");
  assert_false(rill_get_view(iso, rill_number(iso, 1), &look));
  assert_int_equal(look.kind, RILL_VIEW_NONE);
  assert_true(rill_get_view(
      iso, eval(iso, "new Int8Array(new SharedArrayBuffer(8), 3)"), &look));
  assert_int_equal(look.length, 5);
  assert_true(rill_get_view(iso, look.buffer, &look));
  assert_int_equal(look.kind, RILL_VIEW_SHARED_BUFFER);
  rill_isolate_free(iso);
  assert_int_equal(releases, 2);
}

static void test_external_buffers_are_freed(void **state) {
  rill_isolate *iso = isolate(0, 0);
  size_t length = 1 << 20;
  releases = 0;
  for (int i = 0; i < 50; i++) {
    rill_scope scope;
    rill_scope_open(iso, &scope);
    static unsigned char bytes[1 << 20];
    assert_non_null(
        rill_buffer_external(iso, bytes, length, count_release, &length));
    rill_scope_close(iso, &scope);
  }
  rill_collect_garbage(iso);
  rill_collect_garbage(iso);
  assert_true(releases > 25);
  rill_isolate_free(iso);
  assert_int_equal(releases, 50);
}

static rill_value fail_coded(rill_isolate *iso, void *data,
                             rill_value this_value, size_t count,
                             const rill_value *arguments) {
  return rill_throw(iso, rill_error_new(iso, RILL_ERROR_TYPE_RANGE, "E_LIMIT",
                                        "100 % too much"));
}

static void test_errors_with_codes(void **state) {
  rill_isolate *iso = isolate(0, 0);
  assert_true(rill_define(iso, "fail", fail_coded, NULL));
  assert_string_equal(
      rill_to_string(
          iso,
          eval(iso,
               "try { fail() } catch (e) { [e instanceof RangeError, "
               "e.code, e.message, e.stack.includes('test.js')] + '' }"),
          NULL),
      "true,E_LIMIT,100 % too much,true");
  static const char *const names[] = {
      "Error",       "EvalError", "RangeError", "ReferenceError",
      "SyntaxError", "TypeError", "URIError"};
  for (int type = RILL_ERROR_TYPE_ERROR; type <= RILL_ERROR_TYPE_URI; type++) {
    rill_value error =
        rill_error_new(iso, (rill_error_type)type, NULL, "m\xc3\xa4");
    assert_true(rill_is_error(iso, error));
    assert_string_equal(rill_to_string(iso, rill_get(iso, error, "name"), NULL),
                        names[type]);
  }
  assert_null(rill_error_new(iso, (rill_error_type)7, NULL, "x"));
  rill_isolate_free(iso);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_symbols),
      cmocka_unit_test(test_bigints),
      cmocka_unit_test(test_dates),
      cmocka_unit_test(test_collections),
      cmocka_unit_test(test_properties),
      cmocka_unit_test(test_comparison),
      cmocka_unit_test(test_buffers),
      cmocka_unit_test(test_external_buffers_are_freed),
      cmocka_unit_test(test_errors_with_codes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
