// SPDX-License-Identifier: MIT
// Pools from C: a test for each row of E in the list of what rill must do, by
// its name; and, last, a hundred thousand evaluations of all sorts, of which
// each is accounted for.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <uv.h>

#include "rill.h"

// Threads that can be started still; negative: any number.
static int threads_left = -1;
int __real_uv_thread_create(uv_thread_t *, uv_thread_cb, void *);
int __wrap_uv_thread_create(uv_thread_t *, uv_thread_cb, void *);
int __wrap_uv_thread_create(uv_thread_t *thread, uv_thread_cb entry,
                            void *data) {
  if (threads_left == 0) return UV_EAGAIN;
  if (threads_left > 0) threads_left--;
  return __real_uv_thread_create(thread, entry, data);
}

static const char endless[] = "for (;;);";

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static rill_pool_options defaults(uint32_t workers) {
  rill_pool_options options = RILL_POOL_OPTIONS_INIT;
  options.workers = workers;
  options.isolate.allow = RILL_ALLOW_CONSOLE;
  return options;
}

static rill_pool *pool(uint32_t workers) {
  rill_pool_options options = defaults(workers);
  rill_pool *p = rill_pool_new(&options, NULL);
  assert_non_null(p);
  return p;
}

static rill_request json(const char *source) {
  rill_request r = RILL_REQUEST_INIT;
  r.source = source;
  r.length = RILL_TEXT_END;
  r.form = RILL_RESULT_JSON;
  return r;
}

static rill_evaluation *submit(rill_pool *p, const rill_request *r) {
  rill_evaluation *e;
  assert_int_equal(rill_pool_submit_wait(p, r, -1, &e), RILL_OK);
  return e;
}

static rill_evaluation *ended(rill_pool *p, const rill_request *r) {
  rill_evaluation *e = submit(p, r);
  assert_int_equal(rill_evaluation_wait(e, -1), RILL_OK);
  return e;
}

static void expect(rill_pool *p, const rill_request *r, const char *result) {
  rill_evaluation *e = ended(p, r);
  if (rill_evaluation_outcome(e) != RILL_OUTCOME_RETURNED)
    fail_msg("%s: %s", r->source, rill_evaluation_get_error(e)->error.stack);
  assert_string_equal(rill_evaluation_json(e, NULL), result);
  rill_evaluation_release(e);
}

static void expect_text(rill_pool *p, const char *source, const char *result) {
  rill_request r = json(source);
  expect(p, &r, result);
}

// What it ended with, and its error's name.
static void expect_end(rill_pool *p, const rill_request *r,
                       rill_outcome outcome, const char *name) {
  rill_evaluation *e = ended(p, r);
  assert_int_equal(rill_evaluation_outcome(e), outcome);
  const rill_evaluation_error *error = rill_evaluation_get_error(e);
  assert_non_null(error);
  assert_string_equal(error->error.name, name);
  assert_int_equal(error->is_timeout, outcome == RILL_OUTCOME_TIMED_OUT);
  assert_int_equal(error->is_cancelled, outcome == RILL_OUTCOME_CANCELLED);
  rill_evaluation_release(e);
}

static rill_pool_statistics statistics(rill_pool *p) {
  rill_pool_statistics s = {.size = sizeof s};
  rill_pool_get_statistics(p, &s);
  return s;
}

// Until so many run.
static void await_busy(rill_pool *p, uint32_t busy) {
  for (int i = 0; i < 10000 && statistics(p).busy != busy; i++)
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  assert_int_equal(statistics(p).busy, busy);
}

static void E1_evaluate(void **state) {
  rill_pool *p = pool(2);
  expect_text(p, "1 + 2", "3");
  expect_text(p, "undefined", "null");
  expect_text(p,
              "const later = await new Promise((r) => setTimeout(r, 2, 5));"
              "later * 2",
              "10");
  expect_text(p, "Promise.resolve({ list: [1, 'h\xc3\xa9', null] })",
              "{\"list\":[1,\"h\xc3\xa9\",null]}");
  rill_request r = json("(a, b) => a.n + b");
  r.arguments = "[{\"n\": 40}, 2]";
  expect(p, &r, "42");
  // As a value of an isolate of the caller's.
  rill_isolate *iso = rill_isolate_new(NULL);
  r = json("new Map([['a', new Date(5)]])");
  r.form = RILL_RESULT_CLONE;
  rill_evaluation *e = ended(p, &r);
  assert_null(rill_evaluation_json(e, NULL));
  rill_value value = rill_evaluation_value(e, iso);
  rill_set(iso, rill_global(iso), "value", value);
  rill_value seen =
      rill_eval(iso, "value.get('a').getTime()", RILL_TEXT_END, NULL);
  assert_true(rill_to_number(iso, seen) == 5);
  assert_null(rill_evaluation_value(e, iso)); // once
  rill_evaluation_release(e);
  rill_isolate_free(iso);
  r.form = RILL_RESULT_NONE;
  e = ended(p, &r);
  assert_int_equal(rill_evaluation_outcome(e), RILL_OUTCOME_RETURNED);
  rill_evaluation_release(e);
  // What cannot leave its isolate is an error.
  r = json("() => 1");
  r.form = RILL_RESULT_CLONE;
  expect_end(p, &r, RILL_OUTCOME_THREW, "DataCloneError");
  r.source = NULL;
  assert_int_equal(rill_pool_submit(p, &r, &e), RILL_INVALID);
  rill_pool_free(p);
}

static void E1_batch(void **state) {
  enum { COUNT = 50 };
  rill_pool_options options = defaults(2);
  options.queue_limit = 4; // it waits for room
  rill_pool *p = rill_pool_new(&options, NULL);
  rill_request requests[COUNT];
  char sources[COUNT][16], result[16];
  rill_evaluation *all[COUNT];
  for (int i = 0; i < COUNT; i++) {
    snprintf(sources[i], sizeof sources[i], "%d * 2", i);
    requests[i] = json(sources[i]);
    requests[i].data = &sources[i];
  }
  size_t submitted;
  assert_int_equal(rill_pool_submit_batch(p, requests, COUNT, all, &submitted),
                   RILL_OK);
  assert_int_equal(submitted, COUNT);
  for (int i = 0; i < COUNT; i++) {
    assert_int_equal(rill_evaluation_wait(all[i], -1), RILL_OK);
    snprintf(result, sizeof result, "%d", i * 2);
    assert_string_equal(rill_evaluation_json(all[i], NULL), result);
    assert_ptr_equal(rill_evaluation_data(all[i]), &sources[i]);
    rill_evaluation_release(all[i]);
  }
  rill_pool_free(p);
}

static void E2_timeout(void **state) {
  rill_pool_options options = defaults(1);
  options.timeout_ms = 40;
  rill_pool *p = rill_pool_new(&options, NULL);
  static const char *const stubborn[] = {
      endless,
      "try { for (;;); } finally { for (;;); }",
      "await new Promise(() => setInterval(() => {}, 1))",
      "[3, 2, 1].sort(() => { for (;;); })",
      "({ toJSON() { for (;;); } })",
      "throw { get stack() { for (;;); }, toString() { for (;;); } }",
      "throw Object.defineProperty(new Error(''), 'stack',"
      " { get() { for (;;); } })",
  };
  for (size_t i = 0; i < sizeof stubborn / sizeof *stubborn; i++) {
    rill_request r = json(stubborn[i]);
    double start = now_ms();
    rill_evaluation *e = ended(p, &r);
    double took = now_ms() - start;
    if (took > 5000) fail_msg("%s took %.0f ms", stubborn[i], took);
    bool throws = strncmp(stubborn[i], "throw", 5) == 0;
    if (!throws) {
      assert_int_equal(rill_evaluation_outcome(e), RILL_OUTCOME_TIMED_OUT);
      assert_true(rill_evaluation_get_error(e)->is_timeout);
      assert_non_null(
          strstr(rill_evaluation_get_error(e)->error.message, "40 ms"));
    }
    rill_evaluation_release(e);
    r = json("1"); // usable again at once
    r.timeout_ms = -1;
    expect(p, &r, "1");
  }
  // A call's own limit, and none.
  rill_request r = json(endless);
  r.timeout_ms = 10;
  expect_end(p, &r, RILL_OUTCOME_TIMED_OUT, "TimeoutError");
  r = json("const end = Date.now() + 60; while (Date.now() < end); 7");
  r.timeout_ms = -1;
  expect(p, &r, "7");
  rill_pool_free(p);
}

static void E3_cancel(void **state) {
  rill_pool *p = pool(1);
  rill_request busy = json(endless), waits = json(
                                         "await new Promise(() => "
                                         "setTimeout(() => {}, 1e6))");
  rill_evaluation *running = submit(p, &busy), *pending = submit(p, &waits);
  await_busy(p, 1);
  assert_int_equal(rill_evaluation_outcome(pending), RILL_OUTCOME_QUEUED);
  rill_evaluation_cancel(pending);
  assert_int_equal(rill_evaluation_outcome(pending), RILL_OUTCOME_CANCELLED);
  assert_int_equal(rill_evaluation_worker(pending), -1);
  assert_int_equal(rill_evaluation_wait(running, 1000000), RILL_TIMED_OUT);
  rill_evaluation_cancel(running);
  assert_int_equal(rill_evaluation_wait(running, -1), RILL_OK);
  assert_int_equal(rill_evaluation_outcome(running), RILL_OUTCOME_CANCELLED);
  assert_true(rill_evaluation_get_error(running)->is_cancelled);
  rill_evaluation_cancel(running); // nothing any more
  rill_evaluation_release(running);
  rill_evaluation_release(pending);
  // One that awaits: what it has begun does not go on in the next. Cancelled
  // before it has begun something, it leaves its isolate as it was.
  for (useconds_t pause = 1; statistics(p).isolates < 2; pause *= 2) {
    running = submit(p, &waits);
    await_busy(p, 1);
    usleep(pause);
    rill_evaluation_cancel(running);
    assert_int_equal(rill_evaluation_wait(running, -1), RILL_OK);
    assert_string_equal(rill_evaluation_get_error(running)->error.name,
                        "AbortError");
    rill_evaluation_release(running);
    expect_text(p, "2", "2");
    assert_true(pause < 1000000);
  }
  rill_pool_free(p);
}

static void E4_bounded_queue(void **state) {
  rill_pool_options options = defaults(1);
  options.queue_limit = 2;
  rill_pool *p = rill_pool_new(&options, NULL);
  rill_request busy = json(endless), quick = json("1");
  rill_evaluation *running = submit(p, &busy), *more[3];
  await_busy(p, 1);
  assert_int_equal(rill_pool_submit(p, &quick, &more[0]), RILL_OK);
  assert_int_equal(rill_pool_submit(p, &quick, &more[1]), RILL_OK);
  // Full: rejected, or waited for.
  assert_int_equal(rill_pool_submit(p, &quick, &more[2]), RILL_WOULD_BLOCK);
  assert_null(more[2]);
  assert_int_equal(rill_pool_submit_wait(p, &quick, 1000000, &more[2]),
                   RILL_TIMED_OUT);
  rill_pool_statistics s = statistics(p);
  assert_int_equal(s.queued, 2);
  assert_int_equal(s.rejected, 1);
  rill_acquire room;
  rill_pool_reserve_init(&room, p);
  assert_int_equal(rill_future_wait(&room.future, 1000000), RILL_TIMED_OUT);
  rill_evaluation_cancel(running);
  assert_int_equal(rill_future_wait(&room.future, -1), RILL_OK);
  assert_int_equal(rill_pool_submit_reserved(p, &quick, &more[2]), RILL_OK);
  rill_future_drop(&room.future);
  rill_evaluation_release(running);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(rill_evaluation_wait(more[i], -1), RILL_OK);
    assert_int_equal(rill_evaluation_outcome(more[i]), RILL_OUTCOME_RETURNED);
    rill_evaluation_release(more[i]);
  }
  rill_pool_free(p);
}

static rill_value host_answer(rill_isolate *iso, void *data,
                              rill_value this_value, size_t count,
                              const rill_value *arguments) {
  return rill_number(iso, *(int *)data);
}
static int answer = 7;
static bool define_answer(void *data, rill_isolate *iso, uint32_t worker) {
  return rill_define(iso, "answer", host_answer, &answer);
}

static void E5_bootstrap_and_prewarm(void **state) {
  rill_pool_options options = defaults(2);
  options.bootstrap =
      "const base = await Promise.resolve(answer() * 10);"
      "globalThis.plus = (n) => base + n;";
  options.bootstrap_length = RILL_TEXT_END;
  options.on_isolate = define_answer;
  rill_pool *p = rill_pool_new(&options, NULL);
  assert_int_equal(statistics(p).threads, 0); // started when there is work
  assert_int_equal(rill_pool_prewarm(p, 0), RILL_OK);
  rill_pool_statistics s = statistics(p);
  assert_int_equal(s.threads, 2);
  assert_int_equal(s.started, 2);
  assert_int_equal(s.isolates, 2);
  assert_int_equal(s.submitted, 0);
  for (int i = 0; i < 8; i++)
    expect_text(p, "plus(2)", "72");
  assert_int_equal(statistics(p).isolates, 2);
  rill_pool_free(p);
  // One that fails says so to each evaluation; one without end has its limit.
  options.bootstrap = "throw new RangeError('no')";
  p = rill_pool_new(&options, NULL);
  assert_int_equal(rill_pool_prewarm(p, 1), RILL_FAILED);
  rill_request r = json("1");
  expect_end(p, &r, RILL_OUTCOME_THREW, "RangeError");
  rill_pool_free(p);
  options.bootstrap = endless;
  options.bootstrap_timeout_ms = 20;
  p = rill_pool_new(&options, NULL);
  rill_evaluation *e = ended(p, &r);
  assert_int_equal(rill_evaluation_outcome(e), RILL_OUTCOME_THREW);
  rill_evaluation_release(e);
  rill_pool_free(p);
}

static void E6_sessions(void **state) {
  rill_pool *p = pool(2);
  rill_request a = json("let n = 1; n"), b = json("var n = 10; n");
  a.session = "a";
  b.session = "b";
  expect(p, &a, "1");
  expect(p, &b, "10");
  a.source = b.source = "++n";
  for (int i = 2; i < 6; i++) {
    char result[16];
    snprintf(result, sizeof result, "%d", i);
    expect(p, &a, result);
  }
  expect(p, &b, "11");
  expect_text(p, "typeof n", "\"undefined\"");
  assert_int_equal(statistics(p).sessions, 2);
  // Cut off, it keeps what it has.
  a.source = endless;
  a.timeout_ms = 20;
  expect_end(p, &a, RILL_OUTCOME_TIMED_OUT, "TimeoutError");
  a.source = "n";
  expect(p, &a, "5");
  // Released: what was queued for it is done, then a new one begins.
  rill_evaluation *last = submit(p, &a);
  assert_true(rill_pool_close_session(p, "a"));
  assert_false(rill_pool_close_session(p, "a"));
  assert_int_equal(rill_evaluation_wait(last, -1), RILL_OK);
  assert_string_equal(rill_evaluation_json(last, NULL), "5");
  rill_evaluation_release(last);
  a.source = "typeof n";
  expect(p, &a, "\"undefined\"");
  assert_int_equal(statistics(p).sessions, 2);
  // Not kept at all.
  rill_request fresh = json("globalThis.left = 1");
  fresh.fresh = true;
  expect(p, &fresh, "1");
  fresh.source = "typeof left";
  expect(p, &fresh, "\"undefined\"");
  rill_evaluation *e;
  fresh.session = "c";
  assert_int_equal(rill_pool_submit(p, &fresh, &e), RILL_INVALID);
  rill_pool_free(p);
}

// A session more than may be open is refused, until one is closed.
static void E6_session_limit(void **state) {
  rill_pool_options options = defaults(2);
  options.session_limit = 2;
  rill_pool *p = rill_pool_new(&options, NULL);
  rill_request r = json("globalThis.n = (globalThis.n ?? 0) + 1");
  r.session = "a";
  expect(p, &r, "1");
  r.session = "b";
  expect(p, &r, "1");
  r.session = "c";
  rill_evaluation *e;
  assert_int_equal(rill_pool_submit(p, &r, &e), RILL_WOULD_BLOCK);
  assert_null(e);
  assert_int_equal(rill_pool_submit_wait(p, &r, -1, &e), RILL_WOULD_BLOCK);
  assert_null(e);
  assert_int_equal(statistics(p).sessions, 2);
  // Those that are open, and what needs none, go on.
  r.session = "a";
  expect(p, &r, "2");
  r.session = NULL;
  expect(p, &r, "1");
  assert_true(rill_pool_close_session(p, "a"));
  r.session = "c";
  expect(p, &r, "1");
  r.session = "a";
  assert_int_equal(rill_pool_submit(p, &r, &e), RILL_WOULD_BLOCK);
  r.session = "b";
  expect(p, &r, "2");
  rill_pool_free(p);
}

static void E7_same_calls_here(void **state) {
  rill_isolate *iso = rill_isolate_new(NULL);
  rill_pool *p = pool(1);
  rill_request requests[] = {json("1 + 1"), json("throw new TypeError('x')"),
                             json(endless), json("(n) => n + 1")};
  requests[2].timeout_ms = 20;
  requests[3].arguments = "[1]";
  for (int i = 0; i < 4; i++) {
    rill_evaluation *here, *there = ended(p, &requests[i]);
    assert_int_equal(rill_evaluate_here(iso, &requests[i], &here), RILL_OK);
    assert_int_equal(rill_evaluation_wait(here, 0), RILL_OK);
    assert_int_equal(rill_evaluation_outcome(here),
                     rill_evaluation_outcome(there));
    if (rill_evaluation_outcome(here) == RILL_OUTCOME_RETURNED) {
      assert_string_equal(rill_evaluation_json(here, NULL), "2");
    } else {
      assert_string_equal(rill_evaluation_get_error(here)->error.message,
                          rill_evaluation_get_error(there)->error.message);
    }
    rill_evaluation_release(here);
    rill_evaluation_release(there);
  }
  rill_pool_free(p);
  rill_isolate_free(iso);
}

static void E8_without_threads(void **state) {
  rill_pool_options options = defaults(4);
  options.without_threads = true;
  options.queue_limit = 3;
  rill_pool *p = rill_pool_new(&options, NULL);
  assert_int_equal(rill_pool_prewarm(p, 0), RILL_OK);
  expect_text(p, "await new Promise((r) => setTimeout(r, 1, 4))", "4");
  rill_request r = json(endless);
  r.timeout_ms = 20;
  expect_end(p, &r, RILL_OUTCOME_TIMED_OUT, "TimeoutError");
  r = json("globalThis.n = (globalThis.n ?? 0) + 1");
  r.session = "s";
  rill_evaluation *all[10];
  for (int i = 0; i < 10; i++)
    all[i] = submit(p, &r); // runs others where there is no room
  assert_true(rill_pool_step(p));
  assert_int_equal(rill_evaluation_wait(all[9], -1), RILL_OK);
  assert_string_equal(rill_evaluation_json(all[9], NULL), "10");
  assert_false(rill_pool_step(p));
  rill_pool_statistics s = statistics(p);
  assert_int_equal(s.threads, 0);
  assert_int_equal(s.workers, 1);
  assert_int_equal(s.returned, 11);
  for (int i = 0; i < 10; i++)
    rill_evaluation_release(all[i]);
  rill_evaluation *left = submit(p, &r);
  rill_pool_free(p);
  assert_int_equal(rill_evaluation_outcome(left), RILL_OUTCOME_CANCELLED);
  rill_evaluation_release(left);
}

static void E8_falls_back(void **state) {
  threads_left = 0;
  rill_pool *p = pool(3);
  expect_text(p, "1 + 1", "2");
  assert_int_equal(rill_pool_prewarm(p, 0), RILL_OK);
  rill_request r = json("globalThis.n = (globalThis.n ?? 0) + 1");
  r.session = "s";
  expect(p, &r, "1");
  expect(p, &r, "2");
  assert_int_equal(statistics(p).workers, 1);
  rill_pool_free(p);
  // One is enough.
  threads_left = 1;
  p = pool(3);
  r.session = "a";
  expect(p, &r, "1");
  r.session = "b";
  expect(p, &r, "1");
  for (int i = 0; i < 5; i++)
    expect_text(p, "1", "1");
  assert_int_equal(statistics(p).threads, 1);
  assert_int_equal(rill_pool_prewarm(p, 0), RILL_OK);
  threads_left = -1;
  rill_pool_free(p);
}

static void E9_statistics(void **state) {
  rill_pool *p = pool(2);
  rill_request slow =
      json("const end = Date.now() + 20; while (Date.now() < end); 0");
  for (int i = 0; i < 10; i++)
    rill_evaluation_release(ended(p, &slow));
  rill_request wrong = json("null.x");
  expect_end(p, &wrong, RILL_OUTCOME_THREW, "TypeError");
  rill_pool_statistics s = statistics(p);
  assert_int_equal(s.workers, 2);
  assert_int_equal(s.busy, 0);
  assert_int_equal(s.available, 2);
  assert_int_equal(s.queued, 0);
  assert_int_equal(s.submitted, 11);
  assert_int_equal(s.returned, 10);
  assert_int_equal(s.threw, 1);
  assert_int_equal(s.run_time.count, 11);
  assert_int_equal(s.queue_time.count, 11);
  assert_true(s.run_time.p50 >= 18000000 && s.run_time.p50 <= s.run_time.p95);
  assert_true(s.run_time.p95 <= s.run_time.p99 &&
              s.run_time.p99 <= s.run_time.max);
  assert_true(s.run_time.mean > 1e7 && s.run_time.mean <= s.run_time.max);
  rill_pool_free(p);
}

static void E10_default_size(void **state) {
  rill_pool *p = pool(0);
  assert_int_equal(statistics(p).workers, rill_available_parallelism());
  rill_pool_free(p);
  rill_pool_options options = defaults(5000);
  rill_status status;
  assert_null(rill_pool_new(&options, &status));
  assert_int_equal(status, RILL_INVALID);
}

static _Atomic int events[RILL_POOL_WORKER_STOPPED + 1];
static void count_event(void *data, const rill_pool_event *event) {
  atomic_fetch_add(&events[event->kind], 1);
}

static void E12_tracing(void **state) {
  rill_pool_options options = defaults(1);
  options.on_event = count_event;
  rill_pool *p = rill_pool_new(&options, NULL);
  rill_request r = json("1");
  r.session = "s";
  rill_evaluation_release(ended(p, &r));
  rill_pool_close_session(p, "s");
  rill_pool_free(p);
  for (int kind = 0; kind <= RILL_POOL_WORKER_STOPPED; kind++)
    assert_int_equal(events[kind], kind == RILL_POOL_REJECTED ? 0 : 1);
  rill_pool_event event = {.kind = RILL_POOL_ENDED,
                           .outcome = RILL_OUTCOME_TIMED_OUT,
                           .worker = 1,
                           .evaluation = 9,
                           .session = "a\"b",
                           .time = 1500000000,
                           .nanoseconds = 2500000};
  char text[256];
  size_t length = rill_pool_event_text(&event, true, text, sizeof text);
  assert_string_equal(text,
                      "{\"time\":1.500000,\"event\":\"ended\",\"worker\":1,"
                      "\"evaluation\":9,\"session\":\"a\\\"b\","
                      "\"outcome\":\"timed out\",\"ms\":2.500}");
  assert_int_equal(length, strlen(text));
  assert_true(rill_pool_event_text(&event, false, text, 8) > 8);
  assert_int_equal(strlen(text), 7);
}

static void E13_errors(void **state) {
  rill_pool *p = pool(1);
  rill_request exits = json("process.exit(3)");
  expect_end(p, &exits, RILL_OUTCOME_THREW, "Error");
  rill_request r = json(
      "\n  function deep() { throw new RangeError('far'); }\n"
      "  deep();");
  r.name = "plan.js";
  rill_evaluation *e = ended(p, &r);
  assert_int_equal(rill_evaluation_outcome(e), RILL_OUTCOME_THREW);
  const rill_evaluation_error *error = rill_evaluation_get_error(e);
  rill_pool_free(p); // it is the evaluation's
  assert_string_equal(error->error.name, "RangeError");
  assert_string_equal(error->error.message, "far");
  assert_non_null(strstr(error->error.stack, "deep"));
  assert_string_equal(error->error.file, "plan.js");
  assert_int_equal(error->error.line, 2);
  assert_false(error->is_timeout);
  assert_null(rill_evaluation_json(e, NULL));
  rill_evaluation_release(e);
}

static void shutdown_waits(void **state) {
  rill_pool *p = pool(2);
  rill_request r = json("await new Promise((r) => setTimeout(r, 5)); 1"),
               stuck = json(endless);
  rill_evaluation *all[6], *last;
  for (int i = 0; i < 6; i++)
    all[i] = submit(p, &r);
  assert_int_equal(rill_pool_shutdown(p, -1), RILL_OK);
  for (int i = 0; i < 6; i++) {
    assert_int_equal(rill_evaluation_outcome(all[i]), RILL_OUTCOME_RETURNED);
    rill_evaluation_release(all[i]);
  }
  assert_int_equal(rill_pool_submit(p, &r, &last), RILL_SHUT_DOWN);
  rill_pool_free(p);
  p = pool(1);
  last = submit(p, &stuck);
  assert_int_equal(rill_pool_shutdown(p, 20), RILL_OK);
  assert_int_equal(rill_evaluation_outcome(last), RILL_OUTCOME_CANCELLED);
  rill_evaluation_release(last);
  rill_pool_free(p);
}

// A tenth each ends by its limit, by an exception and by being cancelled.
static void all_accounted_for(void **state) {
  enum { MOST = 1000 }; // at once
  int count = getenv("RILL_POOL_COUNT") == NULL
                  ? 3000
                  : atoi(getenv("RILL_POOL_COUNT"));
  rill_pool *p = pool(2);
  static rill_evaluation *all[MOST];
  uint64_t seen[RILL_OUTCOME_CANCELLED + 1] = {0};
  uint64_t wrong = 0;
  for (int i = 0; i < count + MOST; i++) {
    rill_evaluation *e = all[i % MOST];
    if (e != NULL) {
      int kind = (i - MOST) % 10;
      assert_int_equal(rill_evaluation_wait(e, -1), RILL_OK);
      rill_outcome outcome = rill_evaluation_outcome(e);
      seen[outcome]++;
      wrong += outcome != (kind == 0   ? RILL_OUTCOME_TIMED_OUT
                           : kind == 1 ? RILL_OUTCOME_THREW
                           : kind == 2 ? RILL_OUTCOME_CANCELLED
                                       : RILL_OUTCOME_RETURNED);
      if (outcome == RILL_OUTCOME_RETURNED) {
        char result[16];
        snprintf(result, sizeof result, "%d", i - MOST);
        assert_string_equal(rill_evaluation_json(e, NULL), result);
      }
      rill_evaluation_release(e);
      all[i % MOST] = NULL;
    }
    if (i >= count) continue;
    char source[64];
    int kind = i % 10;
    snprintf(source, sizeof source, kind == 1 ? "throw new Error(%d)" : "%d",
             i);
    rill_request r = json(kind == 0   ? endless
                          : kind == 2 ? "await new Promise(() => "
                                        "setTimeout(() => {}, 1e6))"
                                      : source);
    if (kind == 0) r.timeout_ms = 1;
    all[i % MOST] = submit(p, &r);
    // Some while they run, some while they are queued.
    if (kind == 3) rill_evaluation_cancel(all[(i - 1) % MOST]);
  }
  rill_pool_statistics s = statistics(p);
  assert_int_equal(wrong, 0);
  assert_int_equal(s.submitted, count);
  assert_int_equal(s.returned, seen[RILL_OUTCOME_RETURNED]);
  assert_int_equal(s.threw, seen[RILL_OUTCOME_THREW]);
  assert_int_equal(s.timed_out, seen[RILL_OUTCOME_TIMED_OUT]);
  assert_int_equal(s.cancelled, seen[RILL_OUTCOME_CANCELLED]);
  assert_int_equal(s.returned + s.threw + s.timed_out + s.cancelled, count);
  assert_int_equal(s.queued, 0);
  assert_int_equal(s.busy, 0);
  print_message(
      "%d evaluations: %d returned, %d threw, %d timed out, %d were "
      "cancelled; queued %.1f ms at most, ran %.1f\n",
      count, (int)s.returned, (int)s.threw, (int)s.timed_out, (int)s.cancelled,
      (double)s.queue_time.max / 1e6, (double)s.run_time.max / 1e6);
  rill_pool_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(E1_evaluate),
      cmocka_unit_test(E1_batch),
      cmocka_unit_test(E2_timeout),
      cmocka_unit_test(E3_cancel),
      cmocka_unit_test(E4_bounded_queue),
      cmocka_unit_test(E5_bootstrap_and_prewarm),
      cmocka_unit_test(E6_sessions),
      cmocka_unit_test(E6_session_limit),
      cmocka_unit_test(E7_same_calls_here),
      cmocka_unit_test(E8_without_threads),
      cmocka_unit_test(E8_falls_back),
      cmocka_unit_test(E9_statistics),
      cmocka_unit_test(E10_default_size),
      cmocka_unit_test(E12_tracing),
      cmocka_unit_test(E13_errors),
      cmocka_unit_test(shutdown_waits),
      cmocka_unit_test(all_accounted_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
