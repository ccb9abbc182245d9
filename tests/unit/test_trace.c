// SPDX-License-Identifier: MIT
// Dumps, the watchdog and events through the C API.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "rill.h"
#include "rill/executor.h"
#include "rill/sync.h"
#include "rill/task.h"
#include "rill/time.h"
#include "rill/trace.h"

static void wait_ms(long ms) {
  nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static rill_executor *two_workers(void) {
  rill_executor_options options = RILL_EXECUTOR_OPTIONS_INIT;
  options.flavor = RILL_MULTI_THREAD;
  options.workers = 2;
  options.name = "tested";
  rill_executor *ex = rill_executor_new(&options, NULL);
  assert_non_null(ex);
  return ex;
}

static void test_dump(void **state) {
  rill_executor *ex = two_workers();
  rill_sleep sleep;
  rill_sleep_init(&sleep, UINT64_C(1000000000000));
  rill_spawn_options options = RILL_SPAWN_OPTIONS_INIT;
  options.name = "sleeper";
  rill_join *first = rill_spawn(ex, &sleep.future, &options);
  rill_semaphore *semaphore = rill_semaphore_new(0);
  rill_acquire acquire;
  rill_acquire_init(&acquire, semaphore, 1);
  options.name = "locker";
  rill_join *second = rill_spawn(ex, &acquire.future, &options);
  rill_isolate *isolate = rill_isolate_new(NULL);
  assert_non_null(isolate);
  wait_ms(100);
  char *text = rill_dump_tasks(RILL_DUMP_TEXT);
  assert_non_null(text);
  assert_non_null(strstr(text, "Executor tested: 2 workers, 2 tasks"));
  assert_non_null(strstr(text, "sleeper: waiting for sleep"));
  assert_non_null(strstr(text, "locker: waiting for acquire"));
  // Nobody runs the isolate's loop.
  assert_non_null(strstr(text, "Isolate 1 (main)"));
  free(text);
  text = rill_dump_tasks(RILL_DUMP_JSON);
  assert_non_null(strstr(text, "\"name\":\"tested\",\"alive\":2"));
  free(text);
  rill_isolate_free(isolate);
  rill_join_abort(first);
  rill_join_abort(second);
  rill_join_wait(first, -1);
  rill_join_wait(second, -1);
  rill_join_free(first);
  rill_join_free(second);
  rill_semaphore_release(semaphore);
  rill_executor_shutdown(ex, NULL);
  rill_executor_free(ex);
  text = rill_dump_tasks(RILL_DUMP_TEXT);
  assert_string_equal(text, "");
  free(text);
}

typedef struct Reports {
  pthread_mutex_t lock;
  int stalls, ends, deadlocks;
  uint64_t longest;
  char task[64];
} Reports;

static void on_report(void *data, const rill_watch_report *report) {
  Reports *r = data;
  pthread_mutex_lock(&r->lock);
  if (report->event == RILL_WATCH_STALL) {
    r->stalls++;
    snprintf(r->task, sizeof r->task, "%s", report->task);
  } else if (report->event == RILL_WATCH_STALL_END) {
    r->ends++;
    if (report->nanoseconds > r->longest) r->longest = report->nanoseconds;
  } else {
    r->deadlocks++;
  }
  pthread_mutex_unlock(&r->lock);
}

static rill_poll stall_poll(rill_future *f, rill_context *cx) {
  wait_ms(300);
  return RILL_READY;
}

static void test_watchdog(void **state) {
  static Reports reports = {.lock = PTHREAD_MUTEX_INITIALIZER};
  rill_watchdog_options options = {.size = sizeof options,
                                   .on_report = on_report,
                                   .data = &reports};
  assert_int_equal(rill_watchdog_start(NULL), RILL_INVALID);
  assert_int_equal(rill_watchdog_start(&options), RILL_INVALID); // no limit
  options.limit_ms = 100;
  assert_int_equal(rill_watchdog_start(&options), RILL_OK);
  assert_int_equal(rill_watchdog_start(&options), RILL_INVALID);
  rill_executor *ex = two_workers();
  static const rill_future_type type = {
      .size = sizeof(rill_future), .name = "staller", .poll = stall_poll};
  rill_future future = {&type};
  rill_join *join = rill_spawn(ex, &future, NULL);
  assert_int_equal(rill_join_wait(join, -1), RILL_OK);
  rill_join_free(join);
  wait_ms(100);
  pthread_mutex_lock(&reports.lock);
  assert_int_equal(reports.stalls, 1);
  assert_int_equal(reports.ends, 1);
  assert_string_equal(reports.task, "staller");
  assert_true(reports.longest >= UINT64_C(290000000));
  pthread_mutex_unlock(&reports.lock);
  rill_executor_shutdown(ex, NULL);
  rill_executor_free(ex);
}

typedef struct Seen {
  int begins, ends, events;
  uint64_t last, span;
  char attributes[128], name[32];
} Seen;

// On the exporter's thread alone.
static void on_event(void *data, const rill_trace_event *e) {
  Seen *seen = data;
  assert_true(e->nanoseconds >= seen->last);
  seen->last = e->nanoseconds;
  if (e->type == RILL_TRACE_BEGIN) {
    seen->begins++;
  } else if (e->type == RILL_TRACE_END) {
    seen->ends++;
    seen->span = e->span;
    snprintf(seen->name, sizeof seen->name, "%s", e->name);
    snprintf(seen->attributes, sizeof seen->attributes, "%s", e->attributes);
  } else {
    seen->events++;
  }
}

static void *emit_many(void *data) {
  uint64_t span = *(uint64_t *)data;
  for (int i = 0; i < 1000; i++)
    rill_trace_emit(RILL_TRACE_INFO, span, "tick", NULL);
  return NULL;
}

static void test_events(void **state) {
  assert_int_equal(rill_trace_span_begin(RILL_TRACE_ERROR, 0, "off", NULL), 0);
  Seen seen = {0};
  rill_trace_options options = {
      .size = sizeof options, .on_event = on_event, .data = &seen};
  options.filter = "wrong=";
  assert_int_equal(rill_trace_start(&options), RILL_INVALID);
  options.filter = "off,app=info";
  assert_int_equal(rill_trace_start(&options), RILL_OK);
  assert_int_equal(rill_trace_start(&options), RILL_INVALID);
  uint64_t span =
      rill_trace_span_begin(RILL_TRACE_INFO, 0, "outer", "\"a\":1");
  assert_true(span != 0);
  assert_int_equal(rill_trace_span_begin(RILL_TRACE_DEBUG, span, "x", NULL), 0);
  pthread_t threads[4];
  for (int i = 0; i < 4; i++)
    pthread_create(&threads[i], NULL, emit_many, &span);
  for (int i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  rill_trace_span_end(span, "\"b\":2");
  rill_trace_span_end(0, NULL);
  assert_int_equal(rill_trace_stop(), 0);
  assert_int_equal(seen.begins, 1);
  assert_int_equal(seen.ends, 1);
  assert_int_equal(seen.events, 4000);
  assert_int_equal(seen.span, span);
  assert_string_equal(seen.name, "outer");
  assert_string_equal(seen.attributes, "{\"a\":1,\"b\":2}");
}

// More than a ring holds before the exporter comes: dropped and counted.
static void test_drops(void **state) {
  Seen seen = {0};
  rill_trace_options options = {
      .size = sizeof options, .on_event = on_event, .data = &seen};
  assert_int_equal(rill_trace_start(&options), RILL_OK);
  enum { MANY = 200000 };
  for (int i = 0; i < MANY; i++)
    rill_trace_emit(RILL_TRACE_INFO, 0, "flood", "\"text\":\"abcdefgh\"");
  uint64_t dropped = rill_trace_stop();
  assert_int_equal(seen.events + dropped, MANY);
  assert_true(seen.events > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_dump),
      cmocka_unit_test(test_events),
      cmocka_unit_test(test_drops),
      cmocka_unit_test(test_watchdog),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
