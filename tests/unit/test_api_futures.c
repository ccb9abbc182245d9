// SPDX-License-Identifier: MIT
// Isolates and the executor: futures as promises, promises as futures, tasks
// beside spawned functions, isolates that workers drive.
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the headers above.
#include <cmocka.h>
#include <poll.h>
#include <string.h>
#include <uv.h>

#include "rill.h"

static rill_isolate *isolate(void) {
  rill_options options = RILL_OPTIONS_INIT;
  options.allow = RILL_ALLOW_CONSOLE;
  rill_isolate *iso = rill_isolate_new(&options);
  assert_non_null(iso);
  return iso;
}

// Sleeps, then counts the times it was dropped.
typedef struct Nap {
  rill_future future;
  int at, number;
  int *drops;
  rill_sleep sleep;
} Nap;

static rill_poll nap_poll(rill_future *f, rill_context *cx) {
  Nap *self = (Nap *)f;
  RILL_ASYNC_BEGIN(self);
  rill_sleep_init(&self->sleep, 5000000);
  RILL_AWAIT(self, cx, &self->sleep.future);
  RILL_ASYNC_END(self);
}
static void nap_drop(rill_future *f) {
  Nap *self = (Nap *)f;
  rill_future_drop(&self->sleep.future);
  if (self->drops != NULL) ++*self->drops;
  self->drops = NULL;
}
static const rill_future_type nap_type = {sizeof(Nap), "nap", nap_poll,
                                          nap_drop, NULL};

static rill_value nap_result(rill_isolate *iso, void *data, rill_future *f) {
  int number = ((Nap *)f)->number;
  if (number < 0) return rill_throw_error(iso, "below %d", 0);
  return rill_number(iso, number * 2);
}

static rill_value nap(rill_isolate *iso, void *data, rill_value this_value,
                      size_t count, const rill_value *arguments) {
  Nap f = {.future = {&nap_type},
           .number = (int)rill_to_number(iso, arguments[0]),
           .drops = data};
  return rill_promise_of_future(iso, &f.future, nap_result, NULL);
}

static void test_future_as_promise(void **state) {
  rill_isolate *iso = isolate();
  int drops = 0;
  assert_true(rill_define(iso, "nap", nap, &drops));
  rill_value p = rill_eval(iso,
                           "Promise.all([nap(1), nap(2), nap(-1).catch(e => "
                           "e.message)]).then(String)",
                           RILL_TEXT_END, NULL);
  assert_string_equal(rill_to_string(iso, rill_await(iso, p), NULL),
                      "2,4,below 0");
  assert_int_equal(drops, 3);
  // One that is pending when the isolate goes is dropped.
  assert_non_null(rill_eval(iso, "nap(5)", RILL_TEXT_END, NULL));
  rill_isolate_free(iso);
  assert_int_equal(drops, 4);
}

// C7: what a future's result function throws has the frames of who awaits it.
static void C7_frames_of_who_awaits_a_future(void **state) {
  rill_isolate *iso = isolate();
  int drops = 0;
  assert_true(rill_define(iso, "nap", nap, &drops));
  rill_value p = rill_eval_async(iso,
                                 "async function inner() {\n"
                                 "  return 1 + await nap(-1);\n"
                                 "}\n"
                                 "async function outer() { await inner() }\n"
                                 "await outer();",
                                 RILL_TEXT_END, "awaits.js");
  assert_null(rill_await(iso, p));
  rill_error_record *e = rill_copy_error(iso);
  assert_string_equal(e->message, "below 0");
  assert_true(e->frame_count >= 2);
  assert_string_equal(e->frames[0].function, "inner");
  assert_true(e->frames[0].is_async);
  assert_int_equal(e->frames[0].line, 2);
  assert_string_equal(e->frames[0].source_line, "  return 1 + await nap(-1);");
  assert_string_equal(e->frames[1].function, "outer");
  assert_int_equal(e->frames[1].line, 4);
  rill_error_record_free(e);
  rill_isolate_free(iso);
}

static _Atomic int counted;
typedef struct Count {
  rill_future future;
} Count;
static rill_poll count_poll(rill_future *f, rill_context *cx) {
  assert_true(rill_current_worker() >= 0);
  atomic_fetch_add(&counted, 1);
  return RILL_READY;
}
static const rill_future_type count_type = {sizeof(Count), "count", count_poll,
                                            NULL, NULL};

static void test_one_executor(void **state) {
  rill_isolate *iso = isolate();
  rill_executor *ex = rill_isolate_executor(iso);
  assert_non_null(ex);
  assert_ptr_equal(ex, rill_isolate_executor(iso));
  rill_value module =
      rill_eval_module(iso,
                       "import { spawn } from 'rill:task';"
                       "export const handles = Array.from({length: 50},"
                       "  (_, i) => spawn((n) => n * 2, i));",
                       RILL_TEXT_END, "m.mjs");
  assert_non_null(module);
  rill_join *joins[50];
  for (int i = 0; i < 50; i++) {
    Count f = {{&count_type}};
    joins[i] = rill_spawn(ex, &f.future, NULL);
    assert_non_null(joins[i]);
  }
  rill_value sum = rill_eval_module(
      iso,
      "import { spawn, pendingTasks } from 'rill:task';"
      "let s = 0;"
      "for (const { promise } of pendingTasks()) s += await promise;"
      "export { s };",
      RILL_TEXT_END, "n.mjs");
  assert_non_null(sum);
  for (int i = 0; i < 50; i++) {
    assert_int_equal(rill_join_wait(joins[i], -1), RILL_OK);
    rill_join_free(joins[i]);
  }
  assert_int_equal(counted, 50);
  rill_executor_metrics m = {.size = sizeof m};
  rill_executor_get_metrics(ex, &m);
  assert_int_equal(m.spawned, 100);
  rill_isolate_free(iso);
}

// A task with a handle on its worker's own loop.
typedef struct Tick {
  rill_future future;
  int at;
  uv_timer_t timer;
  rill_waker waker;
  bool fired, closed;
} Tick;
static void on_closed(uv_handle_t *handle) {
  Tick *self = handle->data;
  self->closed = true;
  rill_waker_wake(&self->waker);
}
static void on_tick(uv_timer_t *timer) {
  ((Tick *)timer->data)->fired = true;
  uv_close((uv_handle_t *)timer, on_closed);
}
static rill_poll tick_poll(rill_future *f, rill_context *cx) {
  Tick *self = (Tick *)f;
  if (self->closed) return RILL_READY;
  rill_waker_keep(&self->waker, cx->waker);
  if (self->timer.data != NULL) return RILL_PENDING;
  self->timer.data = self;
  assert_int_equal(uv_timer_init(rill_worker_loop(), &self->timer), 0);
  uv_timer_start(&self->timer, on_tick, 20, 0);
  return RILL_PENDING;
}
static void tick_drop(rill_future *f) {
  rill_waker_release(&((Tick *)f)->waker);
}
static const rill_future_type tick_type = {sizeof(Tick), "tick", tick_poll,
                                           tick_drop, NULL};

static rill_join *tick(rill_executor *ex, int worker) {
  Tick f = {.future = {&tick_type}};
  rill_spawn_options options = RILL_SPAWN_OPTIONS_INIT;
  options.worker = worker;
  return rill_spawn(ex, &f.future, &options);
}

// Tasks with handles, before and after their workers have isolates.
static void test_own_loops(void **state) {
  rill_isolate *iso = isolate();
  rill_executor *ex = rill_isolate_executor(iso);
  int workers = (int)rill_executor_workers(ex);
  for (int round = 0; round < 3; round++) {
    rill_join *first = tick(ex, 0), *last = tick(ex, workers - 1);
    rill_value module = rill_eval_module(
        iso,
        "import { spawn } from 'rill:task';"
        "const late = (n) => new Promise((r) => setTimeout(r, 5, n));"
        "let s = 0;"
        "for (const h of Array.from({length: 20}, (_, i) => spawn(late, i)))"
        "  s += await h;"
        "export { s };",
        RILL_TEXT_END, "m.mjs");
    if (module == NULL) fail_msg("%s", rill_get_error(iso)->stack);
    assert_true(rill_to_number(iso, rill_get(iso, module, "s")) == 190);
    assert_int_equal(rill_join_wait(first, 5000000000), RILL_OK);
    assert_int_equal(rill_join_wait(last, 5000000000), RILL_OK);
    rill_join_free(first);
    rill_join_free(last);
  }
  rill_isolate_free(iso);
}

// A pinned task with an isolate that its worker drives.
typedef struct Host {
  rill_future future;
  int at;
  const char *source;
  rill_isolate *isolate;
  rill_kept *promise;
  rill_settled settled;
  bool fulfilled;
  double number;
} Host;

static rill_poll host_poll(rill_future *f, rill_context *cx) {
  Host *self = (Host *)f;
  RILL_ASYNC_BEGIN(self);
  self->isolate = isolate();
  rill_value v = rill_eval(self->isolate, self->source, RILL_TEXT_END, NULL);
  self->promise = rill_keep(self->isolate, v);
  assert_int_equal(
      rill_settled_init(&self->settled, self->isolate, self->promise), RILL_OK);
  RILL_AWAIT(self, cx, &self->settled.future);
  self->fulfilled = self->settled.fulfilled;
  rill_value result = rill_kept_value(self->isolate, self->promise);
  if (self->fulfilled) self->number = rill_to_number(self->isolate, result);
  rill_isolate_free(self->isolate);
  self->isolate = NULL;
  RILL_ASYNC_END(self);
}
static void host_drop(rill_future *f) {
  Host *self = (Host *)f;
  if (self->isolate == NULL) return;
  rill_future_drop(&self->settled.future);
  rill_isolate_free(self->isolate);
  self->isolate = NULL;
}
static const rill_future_type host_type = {sizeof(Host), "host", host_poll,
                                           host_drop, NULL};

static rill_join *host(rill_executor *ex, int worker, const char *source) {
  Host f = {.future = {&host_type}, .source = source};
  rill_spawn_options options = RILL_SPAWN_OPTIONS_INIT;
  options.worker = worker;
  rill_join *join = rill_spawn(ex, &f.future, &options);
  assert_non_null(join);
  return join;
}

static void test_driven_by_worker(void **state) {
  rill_executor_options options = RILL_EXECUTOR_OPTIONS_INIT;
  options.flavor = RILL_MULTI_THREAD;
  options.workers = 2;
  rill_executor *ex = rill_executor_new(&options, NULL);
  static const char late[] =
      "new Promise((resolve) => setTimeout(resolve, 10, 7))";
  static const char fails[] =
      "(async () => { await new Promise((resolve) => setTimeout(resolve, 5));"
      " throw new Error('x'); })()";
  rill_join *a = host(ex, 0, late), *b = host(ex, 1, fails);
  assert_int_equal(rill_join_wait(a, -1), RILL_OK);
  assert_int_equal(rill_join_wait(b, -1), RILL_OK);
  assert_true(((Host *)rill_join_state(a))->number == 7);
  assert_false(((Host *)rill_join_state(b))->fulfilled);
  rill_join_free(a);
  rill_join_free(b);
  // The same worker again; and one that is dropped while it waits.
  a = host(ex, 0, late);
  b = host(ex, 1, "new Promise(() => {})");
  assert_int_equal(rill_join_wait(a, -1), RILL_OK);
  rill_join_free(a);
  rill_join_free(b);
  rill_executor_free(ex);
}

// Driven by its descriptor alone; isolates come and go. False: it took too
// long.
static bool step_until_done(rill_executor *ex, int descriptor,
                            rill_join *join) {
  for (int i = 0; i < 10000; i++) {
    if (rill_join_status(join) != RILL_WOULD_BLOCK) return true;
    struct pollfd p = {.fd = descriptor, .events = POLLIN};
    poll(&p, 1, rill_executor_timeout(ex));
    rill_executor_step(ex);
  }
  return false;
}

static void C1_one_descriptor(void **state) {
  rill_executor *ex = rill_executor_new(NULL, NULL);
  int descriptor = rill_executor_fd(ex);
  assert_true(descriptor >= 0);
  for (int round = 0; round < 3; round++) {
    // Timers of both kinds, and another thread's message.
    rill_join *join = host(
        ex, -1,
        round == 0   ? "new Promise((resolve) => setTimeout(resolve, 10, 7))"
        : round == 1 ? "import('rill:task').then(({ spawn }) => spawn(() => 7))"
                     : "import('rill:time').then(({ sleep }) => sleep(3))"
                       ".then(() => 7)");
    assert_true(step_until_done(ex, descriptor, join));
    assert_int_equal(rill_join_status(join), RILL_OK);
    assert_true(((Host *)rill_join_state(join))->number == 7);
    rill_join_free(join);
    assert_int_equal(rill_executor_fd(ex), descriptor);
  }
  // Without any isolate left, it still tells of tasks.
  rill_sleep sleep;
  rill_sleep_init(&sleep, 1000000);
  rill_join *join = rill_spawn(ex, &sleep.future, NULL);
  assert_true(step_until_done(ex, descriptor, join));
  rill_join_free(join);
  // Asked for first when there is an isolate.
  rill_executor *late = rill_executor_new(NULL, NULL);
  join = host(late, -1, "new Promise((resolve) => setTimeout(resolve, 20, 7))");
  rill_executor_step(late);
  descriptor = rill_executor_fd(late);
  assert_true(descriptor >= 0);
  assert_true(step_until_done(late, descriptor, join));
  assert_int_equal(rill_join_status(join), RILL_OK);
  rill_join_free(join);
  assert_int_equal(rill_executor_fd(late), descriptor);
  rill_executor_free(late);
  rill_executor_free(ex);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_future_as_promise),
      cmocka_unit_test(C7_frames_of_who_awaits_a_future),
      cmocka_unit_test(test_one_executor),
      cmocka_unit_test(test_own_loops),
      cmocka_unit_test(test_driven_by_worker),
      cmocka_unit_test(C1_one_descriptor),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
