// SPDX-License-Identifier: MIT
// Structured clone between isolates: a Clone outlives the isolate that made it
// and is read by another one on another thread.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// Both have a type of this name.
#define SourceLocation CmockaSourceLocation
#include <cmocka.h>
#undef SourceLocation

#include "runtime/runtime.h"
#include "runtime/web/structured_clone.h"

static Runtime *new_runtime(void) {
  RuntimeOptions options = {.no_jit = true, .deny_files = true};
  Runtime *rt = rt_new(&options);
  assert_non_null(rt);
  rt_enter(rt);
  return rt;
}

static Value evaluate(Runtime *rt, const char *source) {
  Value value =
      vm_evaluate_script(rt->isolate, source, strlen(source), "test.js");
  assert_false(value_is_exception(value));
  return value;
}

// The clone of what an expression gives, with the array `list` transferred.
static Clone clone_of(const char *source, bool with_list) {
  Runtime *rt = new_runtime();
  Value value = evaluate(rt, source);
  Array *list =
      with_list ? (Array *)value_as_object(evaluate(rt, "list")) : NULL;
  Clone clone;
  assert_true(rt_clone_serialize(rt->isolate, value, list, &clone));
  if (with_list) {
    assert_true(evaluate(rt, "list.every((b) => b.detached !== false)") ==
                VALUE_TRUE);
  }
  rt_free(rt);
  return clone;
}

typedef struct Reading {
  Clone *clone;
  const char *test; // an expression over `got` that must be true
  bool passed;
} Reading;

static void *read_clone(void *argument) {
  Reading *reading = argument;
  Runtime *rt = new_runtime();
  Isolate *iso = rt->isolate;
  Value got = rt_clone_deserialize(iso, reading->clone, NULL);
  rt_clone_free(reading->clone);
  if (!value_is_exception(got)) {
    vm_put(iso, iso->realm->global, vm_key_from_c("got"), got,
           PROPERTY_DEFAULT);
    reading->passed = evaluate(rt, reading->test) == VALUE_TRUE;
  }
  rt_free(rt);
  return NULL;
}

static void check(const char *source, bool with_list, const char *test) {
  Clone clone = clone_of(source, with_list);
  Reading reading = {&clone, test, false};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, read_clone, &reading), 0);
  pthread_join(thread, NULL);
  if (!reading.passed) print_error("%s: not %s\n", source, test);
  assert_true(reading.passed);
}

static void test_values(void **state) {
  check(
      "[undefined, null, true, 1, -1, 2 ** 31, 0.5, 'a', '\\u20ac', 7n ** 99n]",
      false,
      "got.length === 10 && Object.is(got[4], -1) && got[5] === 2147483648"
      " && got[8] === '\\u20ac' && got[9] === 7n ** 99n");
  check(
      "var o = {name: 'x', list: [1, , 3], nested: {name: 'y'}}; o.self = o;"
      " o.list.extra = 1; o",
      false,
      "got.self === got && got.nested.name === 'y' && !(1 in got.list)"
      " && got.list.extra === 1 && Object.keys(got).length === 4");
  check("new Map([[new Set([1, 'two']), new Date(5)], ['r', /a(b)/gi]])", false,
        "[...[...got.keys()][0]].join() === '1,two' &&"
        " [...got.values()][0].getTime() === 5 &&"
        " String(got.get('r')) === '/a(b)/gi' && got instanceof Map");
  check("var e = new RangeError('no', {cause: [1]}); e.stack; e", false,
        "got instanceof RangeError && got.message === 'no' &&"
        " got.cause[0] === 1 && got.stack.includes('test.js')");
}

static void test_buffers(void **state) {
  check(
      "var b = new ArrayBuffer(64, {maxByteLength: 128}); var u ="
      " new Uint8Array(b, 8); u[0] = 5; ({b, u, f: new Float64Array([1.5])})",
      false,
      "got.u.buffer === got.b && got.u[0] === 5 && got.f[0] === 1.5 &&"
      " (got.b.resize(128), got.u.length === 120)");
  check(
      "var list = [new ArrayBuffer(8), new ArrayBuffer(100000)];"
      " new Uint8Array(list[1])[99999] = 3; ({a: list[0], u: list[1]})",
      true, "got.a.byteLength === 8 && new Uint8Array(got.u)[99999] === 3");
  check("new DataView(new SharedArrayBuffer(4))", false,
        "got.buffer instanceof SharedArrayBuffer && got.byteLength === 4");
}

static void test_platform_objects(void **state) {
  check("new DOMException('stop', 'AbortError')", false,
        "got instanceof DOMException && got.code === 20 && got.name ==="
        " 'AbortError' && got.message === 'stop'");
  check("({file: new File(['abc'], 'n', {type: 'a/b'})})", false,
        "got.file instanceof File && got.file.size === 3 &&"
        " got.file.type === 'a/b'");
}

// A clone that nobody reads gives its bytes back.
static void test_unread(void **state) {
  Clone clone = clone_of(
      "var list = [new ArrayBuffer(100000)];"
      " [list[0], new SharedArrayBuffer(9)]",
      true);
  assert_int_equal(clone.buffer_count, 1);
  assert_int_equal(clone.shared_count, 1);
  rt_clone_free(&clone);
}

static void test_failure(void **state) {
  Runtime *rt = new_runtime();
  Clone clone;
  Value value = evaluate(rt, "({a: [1, {f() {}}]})");
  assert_false(rt_clone_serialize(rt->isolate, value, NULL, &clone));
  Value error = vm_take_exception(rt->isolate);
  Value message =
      vm_get(rt->isolate, value_as_object(error), vm_key_from_c("message"));
  char *text = vm_string_to_utf8(rt->isolate, value_as_string(message), NULL);
  assert_non_null(strstr(text, "(at a[1].f)"));
  free(text);
  rt_free(rt);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values),           cmocka_unit_test(test_buffers),
      cmocka_unit_test(test_platform_objects), cmocka_unit_test(test_unread),
      cmocka_unit_test(test_failure),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
