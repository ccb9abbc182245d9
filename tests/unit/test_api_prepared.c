// SPDX-License-Identifier: MIT
// Isolates started from a prepared one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs those first.
#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "api_tests.h"

static rill_value twice(rill_isolate *iso, void *data, rill_value this_value,
                        size_t count, const rill_value *arguments) {
  return rill_number(iso, 2 * rill_to_number(iso, arguments[0]));
}

static bool set_up(rill_isolate *iso, void *data) {
  if (data != NULL) return rill_throw_error(iso, "no %s", (char *)data) != NULL;
  return rill_define(iso, "twice", twice, NULL);
}

static rill_prepared *prepare(const char *source, void *data,
                              rill_error_record **error) {
  rill_options isolate = RILL_OPTIONS_INIT;
  isolate.allow = RILL_ALLOW_CONSOLE;
  rill_prepared_options options = RILL_PREPARED_OPTIONS_INIT;
  options.isolate = &isolate;
  options.source = source;
  options.set_up = set_up;
  options.data = data;
  options.timeout_ms = 60000;
  return rill_prepare(&options, error);
}

static double number_of(rill_isolate *iso, const char *source) {
  rill_value value = rill_eval(iso, source, RILL_TEXT_END, "test.js");
  if (value == NULL) fail_msg("%s", rill_get_error(iso)->stack);
  return rill_to_number(iso, value);
}

static const char bootstrap[] =
    "const { sleep } = await import('rill:time'); await sleep(1);"
    "let count = twice(20); const table = new Map([[1, 2]]);"
    "function next() { table.set(table.size, count); return ++count }"
    "next();";

// Each begins where the bootstrap ended, and none sees another.
static void test_alike_and_apart(void **state) {
  rill_error_record *error;
  rill_prepared *p = prepare(bootstrap, NULL, &error);
  assert_non_null(p);
  assert_null(error);
  rill_isolate *all[5];
  for (int i = 0; i < 5; i++) {
    all[i] = rill_isolate_start(p, &error);
    assert_non_null(all[i]);
    assert_true(number_of(all[i], "next()") == 42);
  }
  assert_true(number_of(all[2], "next()") == 43);
  rill_prepared_release(p); // they go on without it
  assert_true(number_of(all[3], "next()") == 43);
  for (int i = 0; i < 5; i++)
    rill_isolate_free(all[i]);
}

static void *start_many(void *data) {
  for (int i = 0; i < 20; i++) {
    rill_isolate *iso = rill_isolate_start(data, NULL);
    if (iso == NULL) return data;
    rill_value value = rill_eval(iso, "next()", RILL_TEXT_END, "");
    bool right = value != NULL && rill_to_number(iso, value) == 42;
    rill_isolate_free(iso);
    if (!right) return data;
  }
  return NULL;
}

static void test_by_threads(void **state) {
  rill_prepared *p = prepare(bootstrap, NULL, NULL);
  assert_non_null(p);
  pthread_t threads[3];
  for (int i = 0; i < 3; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, start_many, p), 0);
  for (int i = 0; i < 3; i++) {
    void *failed;
    pthread_join(threads[i], &failed);
    assert_null(failed);
  }
  rill_prepared_release(p);
  rill_prepared_release(NULL);
}

static void test_what_is_wrong_shows(void **state) {
  static const struct {
    const char *source;
    void *data;
    const char *message;
  } cases[] = {
      {"let let", NULL, "let"},
      {"await null; throw new TypeError('late')", NULL, "late"},
      {"1", "database", "no database"},
      {"await new Promise(() => {})", NULL, ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    rill_error_record *error = NULL;
    assert_null(prepare(cases[i].source, cases[i].data, &error));
    assert_non_null(error);
    assert_non_null(strstr(error->message, cases[i].message));
    rill_error_record_free(error);
    assert_null(prepare(cases[i].source, cases[i].data, NULL));
  }
  rill_prepared_options options = RILL_PREPARED_OPTIONS_INIT;
  options.source = "for (;;);";
  options.timeout_ms = 20;
  rill_error_record *error = NULL;
  assert_null(rill_prepare(&options, &error));
  assert_int_equal(error->kind, RILL_ERROR_TERMINATED);
  rill_error_record_free(error);
  // Nothing at all is an isolate like any other.
  rill_prepared_options none = RILL_PREPARED_OPTIONS_INIT;
  rill_prepared *p = rill_prepare(&none, NULL);
  rill_isolate *iso = rill_isolate_start(p, NULL);
  assert_true(number_of(iso, "1 + 1") == 2);
  rill_isolate_free(iso);
  rill_prepared_release(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_alike_and_apart),
      cmocka_unit_test(test_by_threads),
      cmocka_unit_test(test_what_is_wrong_shows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
