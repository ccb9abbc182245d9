// SPDX-License-Identifier: MIT
// The compile queue: code gets hot, is compiled elsewhere, installed, entered
// by OSR, left by guards and given up; isolates go away while it works.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "jit-stub/jit.h"
#include "vm/interpreter/optimized.h"
// cmocka has a SourceLocation, too: the project's goes by another name here.
#define SourceLocation RillSourceLocation
#include "vm/interpreter/run.h"
#undef SourceLocation

static Isolate *isolate_new(bool stress) {
  IsolateOptions options = {.stack_bytes = 1 << 20};
  Isolate *iso = vm_isolate_new(&options);
  assert_non_null(iso);
  assert_non_null(vm_realm_new(iso));
  JitOptions jit = {.stress = stress};
  assert_true(jit_attach(iso, &jit));
  return iso;
}

static double run(Isolate *iso, const char *text) {
  Value v = vm_evaluate_script(iso, text, strlen(text), "test.js");
  assert_false(value_is_exception(v));
  assert_true(value_is_number(v));
  return value_as_number(v);
}

static const char loop[] =
    "function inc(x) { return x + 1; }"
    "function sum(n) { let s = 0; for (let i = 0; i < n; i++) s = inc(s);"
    "  return s; }"
    "sum(200000)";

static void test_background(void **state) {
  (void)state;
  Isolate *iso = isolate_new(false);
  assert_true(run(iso, loop) == 200000);
  // The thread may be slow: give it work to finish beside.
  for (int i = 0; i < 200 && jit_statistics(iso).installed == 0; i++)
    run(iso, "sum(100000)");
  JitStatistics s = jit_statistics(iso);
  assert_true(s.queued >= 1);
  assert_true(s.installed >= 1);
  assert_true(s.compiled >= s.installed);
  assert_true(run(iso, "sum(1000)") == 1000);
  vm_isolate_free(iso);
}

static void test_osr_and_guards(void **state) {
  (void)state;
  Isolate *iso = isolate_new(true);
  assert_true(run(iso, loop) == 200000);
  JitStatistics s = jit_statistics(iso);
  assert_true(s.entered >= 1);
  assert_int_equal(s.deoptimized, 0);
  // Another callee: the guard fails, then the variant without it takes over.
  assert_true(run(iso, "inc = function (x) { return x + 2; }; sum(1000)") ==
              2000);
  s = jit_statistics(iso);
  assert_true(s.deoptimized >= 1);
  assert_true(s.deoptimized < 100);
  assert_true(run(iso, "sum(50000)") == 100000);
  assert_true(jit_statistics(iso).deoptimized < 100);
  vm_isolate_free(iso);
}

static void test_baseline_offsets(void **state) {
  (void)state;
  Isolate *iso = isolate_new(true);
  run(iso, loop);
  uint32_t variants = 0;
  for (Code *code = vm_next_code(iso, NULL); code != NULL;
       code = vm_next_code(iso, code)) {
    if (code->variants == NULL) continue;
    const Template *t = code->variants->template;
    variants++;
    for (uint32_t pc = 0; pc < t->code_count; pc++) {
      uint32_t offset = vm_baseline_offset(code, t->code + pc);
      assert_true(offset < code->template->code_count);
    }
    assert_ptr_equal(vm_template_of(code, t->code), t);
    assert_int_equal(vm_baseline_offset(code, (const Instruction *)t),
                     UINT32_MAX);
  }
  assert_true(variants >= 1);
  vm_isolate_free(iso);
}

// Isolates on several threads, freed while their jobs are queued or compiled.
static void *short_life(void *unused) {
  (void)unused;
  for (int i = 0; i < 5; i++) {
    Isolate *iso = isolate_new(false);
    run(iso,
        "let s = 0;"
        "for (let k = 0; k < 50; k++) {"
        "  const f = new Function('n', 'let s = ' + k + ';"
        "for (let i = 0; i < n; i++) s += i & 3; return s');"
        "  s += f(3000); } s");
    vm_isolate_free(iso);
  }
  return NULL;
}

static void test_threads(void **state) {
  (void)state;
  pthread_t threads[3];
  for (int i = 0; i < 3; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, short_life, NULL), 0);
  for (int i = 0; i < 3; i++)
    pthread_join(threads[i], NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_background),
      cmocka_unit_test(test_osr_and_guards),
      cmocka_unit_test(test_baseline_offsets),
      cmocka_unit_test(test_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
