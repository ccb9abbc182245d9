// SPDX-License-Identifier: MIT
// The counters of -Dcounters=true, in a program that has the parts of the
// interpreter that count in place of the library's.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka needs the headers above first.
#include <cmocka.h>

#include "vm/interpreter/counters.h"
#include "vm/interpreter/run.h"

static void evaluate(Isolate *iso, const char *text) {
  Value v = vm_evaluate_script(iso, text, strlen(text), "counted.js");
  assert_false(value_is_exception(v));
}

static void test_runs_and_misses(void **state) {
  (void)state;
  IsolateOptions options = {0};
  Isolate *iso = vm_isolate_new(&options);
  assert_non_null(iso);
  assert_non_null(vm_realm_new(iso));
  memset(&vm_counters, 0, sizeof vm_counters);
  // One site, which sees a shape, then three more, and then a fifth.
  evaluate(iso, "function get(o) { return o.x; }\n"
               "for (let i = 0; i < 1000; i++) get({x: 1});\n");
  const uint64_t *misses = vm_counters.misses[OP_GET_NAMED];
  assert_int_equal(vm_counters.runs[OP_GET_NAMED], 1000);
  assert_int_equal(misses[CACHE_STATE_EMPTY], 1);
  assert_int_equal(misses[CACHE_STATE_MONOMORPHIC], 0);
  evaluate(iso, "for (let i = 0; i < 1000; i++) {\n"
               "  get({a: 1, x: 1}), get({b: 1, x: 1}), get({c: 1, x: 1});\n"
               "  get({d: 1, x: 1});\n"
               "}\n");
  assert_int_equal(vm_counters.runs[OP_GET_NAMED], 5000);
  assert_int_equal(misses[CACHE_STATE_EMPTY], 1);
  assert_int_equal(misses[CACHE_STATE_MONOMORPHIC], 1);
  assert_true(misses[CACHE_STATE_POLYMORPHIC] >= 3);
  uint64_t runs = 0, pairs = 0;
  for (int first = 0; first < OP_COUNT; first++) {
    runs += vm_counters.runs[first];
    for (int second = 0; second < OP_COUNT; second++)
      pairs += vm_counters.pairs[first][second];
  }
  assert_int_equal(runs, pairs);

  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  vm_counters_print(out);
  fclose(out);
  assert_non_null(strstr(text, "GET_NAMED\n"));
  assert_non_null(strstr(text, "  pair\n"));
  free(text);
  vm_isolate_free(iso);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_runs_and_misses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
