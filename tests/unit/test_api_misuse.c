// SPDX-License-Identifier: MIT
// Misuse of the C API. With RILL_CHECK_ON each mistake ends the process with a
// line that names it: each is made in a child. Without checks, what can be told
// apart for free is an error.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "rill.h"

static rill_isolate *checked(void) {
  rill_options options = RILL_OPTIONS_INIT;
  options.check = RILL_CHECK_ON;
  return rill_isolate_new(&options);
}

// What a child says on standard error, and how it ends.
static int run(void (*mistake)(rill_isolate *), char *said, size_t size) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    dup2(ends[1], 2);
    close(ends[0]);
    close(ends[1]);
    mistake(checked());
    _exit(0);
  }
  assert_true(child > 0);
  close(ends[1]);
  size_t length = 0;
  ssize_t n;
  while (length < size - 1 &&
         (n = read(ends[0], said + length, size - 1 - length)) > 0)
    length += (size_t)n;
  said[length] = 0;
  close(ends[0]);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  return status;
}

static void dies_of(void (*mistake)(rill_isolate *), const char *name) {
  char said[4096];
  int status = run(mistake, said, sizeof said);
  if (strstr(said, name) == NULL) print_error("said: %s\n", said);
  assert_non_null(strstr(said, name));
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void *make_number(void *iso) {
  rill_number(iso, 1);
  return NULL;
}
static void *evaluate(void *iso) {
  rill_eval(iso, "1", 1, NULL);
  return NULL;
}
static void on_thread(void *(*function)(void *), rill_isolate *iso) {
  pthread_t thread;
  pthread_create(&thread, NULL, function, iso);
  pthread_join(thread, NULL);
}
static void wrong_thread(rill_isolate *iso) {
  on_thread(make_number, iso);
}
static void eval_on_wrong_thread(rill_isolate *iso) {
  on_thread(evaluate, iso);
}
static void test_wrong_thread(void **state) {
  dies_of(wrong_thread, "called by another thread than the isolate's");
  dies_of(eval_on_wrong_thread,
          "rill_eval: called by another thread than the isolate's");
}

static void eval_closed(rill_isolate *iso) {
  rill_isolate_free(iso);
  rill_eval(iso, "1", 1, NULL);
}
static void interrupt_closed(rill_isolate *iso) {
  rill_isolate_free(iso);
  rill_interrupt(iso);
}
static void free_closed(rill_isolate *iso) {
  rill_isolate_free(iso);
  rill_isolate_free(iso);
}
static void test_closed_isolate(void **state) {
  dies_of(eval_closed, "rill_eval: the isolate has been freed");
  dies_of(interrupt_closed, "rill_interrupt: the isolate has been freed");
  dies_of(free_closed, "rill_isolate_free: the isolate has been freed");
}

static void stale(rill_isolate *iso) {
  rill_scope scope;
  rill_scope_open(iso, &scope);
  rill_value value = rill_number(iso, 1);
  rill_scope_close(iso, &scope);
  rill_to_number(iso, value);
}
static void stale_and_reused(rill_isolate *iso) {
  rill_scope scope;
  rill_scope_open(iso, &scope);
  rill_value value = rill_number(iso, 1);
  rill_scope_close(iso, &scope);
  rill_number(iso, 2); // in the same place
  rill_to_number(iso, value);
}
static void stale_far_above(rill_isolate *iso) {
  rill_scope scope;
  rill_scope_open(iso, &scope);
  rill_value value = NULL;
  for (int i = 0; i < 1000; i++)
    value = rill_number(iso, i);
  rill_scope_close(iso, &scope);
  rill_to_number(iso, value);
}
static rill_value handed_out;
static rill_value hand_out(rill_isolate *iso, void *data, rill_value this_value,
                           size_t count, const rill_value *arguments) {
  handed_out = rill_object(iso);
  return NULL;
}
static void stale_of_native(rill_isolate *iso) {
  rill_define(iso, "f", hand_out, NULL);
  rill_eval(iso, "f()", 3, NULL);
  rill_get(iso, handed_out, "x");
}
static void test_stale_handles(void **state) {
  static const char *const name = "a handle is used after its scope was closed";
  dies_of(stale, name);
  dies_of(stale_and_reused, name);
  dies_of(stale_far_above, name);
  dies_of(stale_of_native, name);
}

static void foreign(rill_isolate *iso) {
  rill_isolate *other = checked();
  rill_set(iso, rill_global(iso), "x", rill_object(other));
}
static void not_a_handle(rill_isolate *iso) {
  int64_t number = 1;
  rill_to_boolean(iso, (rill_value)(void *)&number);
}
static void test_foreign_values(void **state) {
  dies_of(foreign, "a value that is no handle of this isolate");
  dies_of(not_a_handle, "a value that is no handle of this isolate");
}

static rill_value free_within(rill_isolate *iso, void *data,
                              rill_value this_value, size_t count,
                              const rill_value *arguments) {
  rill_isolate_free(iso);
  return NULL;
}
static void free_in_native(rill_isolate *iso) {
  rill_define(iso, "f", free_within, NULL);
  rill_eval(iso, "f()", 3, NULL);
}
static rill_value wait_within(rill_isolate *iso, void *data,
                              rill_value this_value, size_t count,
                              const rill_value *arguments) {
  assert_false(rill_run_loop(iso));
  assert_string_equal(rill_get_error(iso)->message,
                      "rill_run_loop within a native function");
  assert_null(rill_await(iso, rill_promise(iso)));
  assert_string_equal(rill_get_error(iso)->message,
                      "rill_await within a native function");
  assert_null(rill_eval_module(iso, "1", 1, NULL));
  return rill_eval(iso, "40 + 2", RILL_TEXT_END, NULL); // this is allowed
}
static void test_reentry(void **state) {
  dies_of(free_in_native,
          "rill_isolate_free: called by a native function of the isolate");
  rill_isolate *iso = rill_isolate_new(NULL);
  rill_define(iso, "f", free_within, NULL);
  rill_define(iso, "g", wait_within, NULL);
  assert_non_null(rill_eval(iso, "f()", 3, NULL));
  assert_true(rill_to_number(iso, rill_eval(iso, "g()", 3, NULL)) == 42);
  rill_isolate_free(iso);
}

static rill_isolate *finalized;
static void call_back(void *data) {
  rill_number(finalized, 1);
}
static void finalizer_calls(rill_isolate *iso) {
  finalized = iso;
  static int kind;
  rill_host_object(iso, &kind, NULL, call_back);
  rill_isolate_free(iso);
}
static void call_back_of_buffer(void *data, void *bytes, size_t length) {
  rill_number(finalized, 1);
}
static void buffer_finalizer_calls(rill_isolate *iso) {
  static char bytes[2000];
  finalized = iso;
  rill_buffer_detach(iso, rill_buffer_external(iso, bytes, sizeof bytes,
                                               call_back_of_buffer, NULL));
}
static void test_finalizers(void **state) {
  dies_of(finalizer_calls, "rill_number: called by a finalizer");
  dies_of(buffer_finalizer_calls, "rill_number: called by a finalizer");
}

static void closed_twice(rill_isolate *iso) {
  rill_scope scope;
  rill_scope_open(iso, &scope);
  rill_scope_close(iso, &scope);
  rill_scope_close(iso, &scope);
}
static void wrong_order(rill_isolate *iso) {
  rill_scope outer, inner;
  rill_scope_open(iso, &outer);
  rill_scope_open(iso, &inner);
  rill_scope_close(iso, &outer);
}
static rill_value leave_open(rill_isolate *iso, void *data,
                             rill_value this_value, size_t count,
                             const rill_value *arguments) {
  static rill_scope scope;
  rill_scope_open(iso, &scope);
  return NULL;
}
static void left_open(rill_isolate *iso) {
  rill_define(iso, "f", leave_open, NULL);
  rill_eval(iso, "f()", 3, NULL);
}
static void test_scopes(void **state) {
  dies_of(closed_twice, "rill_scope_close: no scope is open");
  dies_of(wrong_order,
          "reverse order of opening; still open is one made at "
          "(");
  dies_of(wrong_order, "test_api_misuse.c:");
  dies_of(left_open, "a native function returned without closing its scope");
}

// A struct that was zeroed instead of begun with its RILL_..._INIT: its limits
// would be ignored.
static bool says_unsized(rill_isolate *iso) {
  const rill_error *error = rill_get_error(iso);
  return error != NULL && strstr(error->message, "size is not set") != NULL;
}
static void test_structs_without_size(void **state) {
  rill_options options = {.max_heap_bytes = 1 << 20};
  assert_null(rill_isolate_new(&options));
  rill_prepared_options prepared = RILL_PREPARED_OPTIONS_INIT;
  prepared.isolate = &options;
  assert_null(rill_prepare(&prepared, NULL));
  prepared = (rill_prepared_options){.timeout_ms = 1};
  assert_null(rill_prepare(&prepared, NULL));

  rill_status status = RILL_OK;
  rill_pool_options pool_options = {.workers = 1};
  assert_null(rill_pool_new(&pool_options, &status));
  assert_int_equal(status, RILL_INVALID);
  assert_null(rill_pool_new(&pool_options, NULL));
  pool_options.size = sizeof pool_options;
  assert_null(rill_pool_new(&pool_options, &status));
  pool_options = (rill_pool_options)RILL_POOL_OPTIONS_INIT;
  pool_options.without_threads = true;
  rill_pool *pool = rill_pool_new(&pool_options, &status);
  rill_request request = {.source = "1", .timeout_ms = 1};
  rill_evaluation *evaluation;
  assert_int_equal(rill_pool_submit(pool, &request, &evaluation), RILL_INVALID);
  rill_pool_free(pool);

  rill_isolate *iso = rill_isolate_new(NULL);
  assert_int_equal(rill_evaluate_here(iso, &request, &evaluation),
                   RILL_INVALID);
  rill_set_hooks(iso, &(rill_hooks){.data = iso});
  assert_true(says_unsized(iso));
  rill_set_module_hooks(iso, &(rill_module_hooks){.data = iso});
  assert_true(says_unsized(iso));
  assert_false(rill_module_define(iso, &(rill_module_options){.name = "m"}));
  assert_true(says_unsized(iso));
  assert_null(rill_class_new(iso, &(rill_class_options){.name = "C"}));
  assert_true(says_unsized(iso));
  rill_value object = rill_object(iso), key = rill_string(iso, "k", 1);
  rill_property property = {.value = object};
  assert_false(rill_define_property(iso, object, key, &property));
  assert_true(says_unsized(iso));
  assert_true(rill_set(iso, object, "k", key));
  assert_int_equal(rill_get_own_property(iso, object, key, &property), -1);
  assert_true(says_unsized(iso));
  rill_view view = {0};
  assert_false(rill_get_view(
      iso, rill_eval(iso, "new Uint8Array(1)", RILL_TEXT_END, NULL), &view));
  assert_true(says_unsized(iso));
  rill_step step = {0};
  assert_false(rill_step_of(iso, object, &step));
  assert_true(says_unsized(iso));
  rill_isolate_free(iso);
}

static void leaks(rill_isolate *iso) {
  static rill_scope scope;
  rill_scope_open(iso, &scope);
  rill_keep(iso, rill_object(iso));
  rill_isolate_free(iso);
}
// C4: the places of what was left open.
static void C4_leak_check_names_the_place(void **state) {
  char said[4096];
  assert_int_equal(run(leaks, said, sizeof said), 0);
  assert_non_null(strstr(said, "a scope is still open: "));
  assert_non_null(strstr(said, "a value is still kept: "));
  assert_non_null(strstr(said, "test_api_misuse.c:"));
}

static rill_value echo(rill_isolate *iso, void *data, rill_value this_value,
                       size_t count, const rill_value *arguments) {
  rill_scope scope;
  rill_scope_open(iso, &scope);
  rill_value result = rill_call(iso, arguments[0], NULL, 0, NULL);
  rill_kept *kept = rill_keep(iso, result);
  rill_scope_close(iso, &scope);
  result = rill_kept_value(iso, kept);
  rill_release(iso, kept);
  return result;
}
static void proper_use(rill_isolate *iso) {
  rill_define(iso, "echo", echo, NULL);
  for (int i = 0; i < 70000; i++) { // numbers of handles come round
    rill_scope scope;
    rill_scope_open(iso, &scope);
    rill_value value = rill_number(iso, i);
    if (rill_to_number(iso, value) != i) _exit(1);
    rill_scope_close(iso, &scope);
  }
  rill_value value =
      rill_eval(iso, "echo(() => echo(() => 7))", RILL_TEXT_END, NULL);
  if (value == NULL || rill_to_number(iso, value) != 7) _exit(2);
  rill_isolate_free(iso);
}
static void C4_proper_use_says_nothing(void **state) {
  char said[4096];
  assert_int_equal(run(proper_use, said, sizeof said), 0);
  assert_string_equal(said, "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_wrong_thread),
      cmocka_unit_test(test_closed_isolate),
      cmocka_unit_test(test_stale_handles),
      cmocka_unit_test(test_foreign_values),
      cmocka_unit_test(test_reentry),
      cmocka_unit_test(test_finalizers),
      cmocka_unit_test(test_scopes),
      cmocka_unit_test(test_structs_without_size),
      cmocka_unit_test(C4_leak_check_names_the_place),
      cmocka_unit_test(C4_proper_use_says_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
