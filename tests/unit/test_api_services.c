// SPDX-License-Identifier: MIT
// Between isolates, from C: clones, tables of sessions, services.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs those first.
#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "api_tests.h"

// The text of what `source` awaits, or of its error.
static const char *eval(rill_isolate *iso, const char *source) {
  rill_value promise = rill_eval_async(iso, source, RILL_TEXT_END, "test.js");
  rill_value value = promise == NULL ? NULL : rill_await(iso, promise);
  return value == NULL ? rill_get_error(iso)->message
                       : rill_to_string(iso, value, NULL);
}

static rill_clone *clone_of(rill_isolate *iso, const char *source) {
  rill_value value = rill_eval(iso, source, RILL_TEXT_END, "clone.js");
  assert_non_null(value);
  rill_clone *clone = rill_clone_new(iso, value, 0, NULL);
  assert_non_null(clone);
  return clone;
}

// Clones ----------------------------------------------------------------------

static void test_clones(void **state) {
  rill_isolate *a = isolate(0, 0), *b = isolate(0, 0);
  rill_clone *clone =
      clone_of(a,
               "const o = { n: 1n, d: new Date(5), m: new Map([[1, /x/g]]),"
               "e: new RangeError('far') }; o.self = o; o");
  rill_isolate_free(a); // the clone is nobody's
  for (int i = 0; i < 2; i++) {
    rill_value copy = rill_clone_read(b, clone);
    assert_non_null(copy);
    assert_true(rill_set(b, rill_global(b), "copy", copy));
    assert_string_equal(
        eval(b,
             "[copy.n, +copy.d, copy.m.get(1), copy.e instanceof RangeError,"
             " copy.e.message, copy.self === copy] + ''"),
        "1,5,/x/g,true,far,true");
  }
  rill_clone_release(clone);
  rill_clone_release(NULL);
  // Refused, with the path.
  rill_value f = rill_eval(b, "({ a: [1, () => 1] })", RILL_TEXT_END, "f");
  assert_null(rill_clone_new(b, f, 0, NULL));
  assert_string_equal(rill_get_error(b)->name, "DataCloneError");
  assert_non_null(strstr(rill_get_error(b)->message, "a[1]"));
  // Moved.
  rill_value buffer = rill_eval(b, "var buffer = new ArrayBuffer(8); buffer",
                                RILL_TEXT_END, "");
  clone = rill_clone_new(b, buffer, 1, &buffer);
  assert_non_null(clone);
  assert_string_equal(eval(b, "buffer.detached"), "true");
  assert_true(rill_set(b, rill_global(b), "moved", rill_clone_read(b, clone)));
  assert_string_equal(eval(b, "moved.byteLength"), "8");
  rill_clone_release(clone);
  rill_isolate_free(b);
}

// Sessions --------------------------------------------------------------------

typedef struct Completion {
  rill_sessions *sessions;
  rill_session session;
  rill_clone *value;
} Completion;
static void *complete(void *data) {
  Completion *c = data;
  return rill_session_complete(c->sessions, c->session, &c->value) == RILL_OK
             ? c
             : NULL;
}

// Opened by a script, completed by a thread of the host; and the other way.
static void D2_host_and_scripts(void **state) {
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  rill_sessions *t = rill_sessions_new(rill_clone_element());
  assert_true(rill_set(iso, rill_global(iso), "sessions",
                       rill_sessions_object(iso, t)));
  rill_value number = rill_eval(
      iso, "const one = sessions.open(5); var waits = sessions.wait(one); one",
      RILL_TEXT_END, "");
  Completion c = {t, (rill_session)rill_to_number(iso, number),
                  clone_of(iso, "['done', 42]")};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, complete, &c), 0);
  assert_string_equal(eval(iso, "(await waits) + ''"), "done,42");
  void *completed;
  pthread_join(thread, &completed);
  assert_non_null(completed);
  assert_int_equal(rill_sessions_count(t), 0);

  rill_session session;
  assert_int_equal(rill_session_open(t, 1, &session), RILL_OK);
  assert_true(rill_set(iso, rill_global(iso), "two",
                       rill_number(iso, (double)session)));
  assert_string_equal(eval(iso, "sessions.reject(two, new TypeError('no'))"),
                      "true");
  rill_clone *reason = NULL;
  assert_int_equal(rill_session_recv_wait(t, session, &reason, -1),
                   RILL_FAILED);
  rill_value error = rill_clone_read(iso, reason);
  assert_string_equal(rill_to_string(iso, error, NULL), "TypeError: no");
  rill_clone_release(reason);

  assert_int_equal(rill_session_open(t, 1, &session), RILL_OK);
  rill_value promise = rill_session_promise(iso, t, session);
  assert_int_equal(rill_session_cancel(t, session), RILL_OK);
  assert_null(rill_await(iso, promise));
  assert_string_equal(rill_get_error(iso)->name, "AbortError");
  rill_sessions_release(t);
  rill_isolate_free(iso);
}

// The isolate, or the table, goes while scripts wait.
static void D5_isolate_with_sessions(void **state) {
  rill_sessions *t = rill_sessions_new(rill_clone_element());
  for (int round = 0; round < 2; round++) {
    rill_isolate *iso = isolate(0, 0);
    assert_true(rill_set(iso, rill_global(iso), "sessions",
                         rill_sessions_object(iso, t)));
    assert_string_equal(
        eval(iso,
             "var all = Promise.allSettled(Array.from({ length: 1000 },"
             " () => sessions.wait(sessions.open()))); 0"),
        "0");
    assert_int_equal(rill_sessions_count(t), 1000);
    if (round == 1) {
      rill_sessions_close(t);
      assert_string_equal(
          eval(iso, "new Set((await all).map((s) => s.reason.name)).size"),
          "1");
    }
    rill_isolate_free(iso);
    assert_int_equal(rill_sessions_count(t), 0);
  }
  rill_sessions_release(t);
}

// Services --------------------------------------------------------------------

static const char counting[] =
    "var calls = 0, gates = [];\n"
    "({ add: (a, b) => (calls++, a + b),\n"
    "   echo: (...all) => all,\n"
    "   typed: () => new Map([[1n, new Uint8Array([1, 2])]]),\n"
    "   fail(text) { throw new RangeError(text) },\n"
    "   async later() { await null; throw { code: 7 } },\n"
    "   wait: () => new Promise((open) => gates.push(open)),\n"
    "   open: () => gates.splice(0).map((open) => open('opened')).length,\n"
    "   self() { return typeof this.add },\n"
    "   function: () => () => 1,\n"
    "   thenable: () => ({ then(done) { done(5) } }),\n"
    "   throws: () => { throw () => 1 },\n"
    "   spin() { for (;;); },\n"
    "   constant: 3 })";

// A service on a thread of its own.
typedef struct Home {
  pthread_t thread;
  sem_t there;
  rill_service *service;
  uint64_t deadline;
  bool ended_well;
  char error[64];
} Home;

static void *run_home(void *data) {
  Home *home = data;
  rill_isolate *iso = rill_isolate_new(NULL);
  rill_value methods = rill_eval(iso, counting, RILL_TEXT_END, "service.js");
  home->service = methods == NULL ? NULL : rill_service_new(iso, methods);
  sem_post(&home->there);
  do {
    if (home->deadline != 0) rill_set_deadline(iso, home->deadline);
    home->ended_well = rill_run_loop(iso);
    rill_set_deadline(iso, 0);
  } while (!home->ended_well && home->deadline != 0);
  rill_isolate_free(iso);
  return NULL;
}

static void start(Home *home) {
  sem_init(&home->there, 0, 0);
  assert_int_equal(pthread_create(&home->thread, NULL, run_home, home), 0);
  sem_wait(&home->there);
  assert_non_null(home->service);
}

static void end(Home *home) {
  rill_service_end(home->service);
  pthread_join(home->thread, NULL);
  assert_true(home->ended_well);
  rill_service_release(home->service);
  sem_destroy(&home->there);
}

typedef struct Case {
  const char *source, *result;
} Case;

static void D4_services_call_each_other(void **state) {
  Home home = {0};
  start(&home);
  rill_isolate *iso = isolate(0, 0);
  assert_true(rill_set(iso, rill_global(iso), "s",
                       rill_service_object(iso, home.service)));
  static const Case cases[] = {
      {"await s.add(1, 2)", "3"},
      {"await s.add()", "NaN"},
      {"Object.keys(s).length + ' ' + s.constant", "12 undefined"},
      {"const [o] = await s.echo({ a: [1n, new Date(0)] });"
       "o.a[0] + ' ' + o.a[1].getTime()",
       "1 0"},
      {"(await s.echo(1, , 2)) + ''", "Unexpected token ','"},
      {"(await s.typed()).get(1n) + ''", "1,2"},
      {"[...(await s.typed()).values()][0] + ''", "1,2"},
      {"try { await s.fail('far') } catch (e) {"
       "[e instanceof RangeError, e.message, /service.js:5/.test(e.stack)] + "
       "'' }",
       "true,far,true"},
      {"try { await s.later() } catch (e) { e.code }", "7"},
      {"await s.self()", "function"},
      {"await s.thenable()", "5"},
      {"await s.function().catch((e) => e.name)", "DataCloneError"},
      {"await s.throws().catch((e) => e.name)", "DataCloneError"},
      {"await s.add(() => 1).catch((e) => e.name)", "DataCloneError"},
      // Many calls at once; one that awaits lets others go on.
      {"const waits = [s.wait(), s.wait(), s.wait()];"
       "let n = 0; while (n < 3) n += await s.open();"
       "(await Promise.all(waits)) + ''",
       "opened,opened,opened"},
      {"(await Promise.all(Array.from({ length: 2000 }, (_, i) => s.add(i, "
       "1))))"
       ".reduce((a, b) => a + b)",
       "2001000"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    rill_scope scope;
    rill_scope_open(iso, &scope);
    assert_string_equal(eval(iso, cases[i].source), cases[i].result);
    rill_scope_close(iso, &scope);
  }
  assert_int_equal(rill_service_pending(home.service), 0);
  rill_isolate_free(iso);
  end(&home);
}

static void D4_calls_from_c(void **state) {
  Home home = {0};
  start(&home);
  rill_isolate *iso = isolate(0, 0);
  rill_clone *arguments = clone_of(iso, "[20, 22]");
  rill_service_call call;
  assert_int_equal(
      rill_service_call_init(&call, home.service, "add", arguments), RILL_OK);
  assert_int_equal(rill_future_wait(&call.future, -1), RILL_OK);
  assert_int_equal(call.status, RILL_OK);
  assert_true(rill_to_number(iso, rill_clone_read(iso, call.result)) == 42);
  rill_clone_release(call.result);
  assert_int_equal(rill_service_call_init(&call, home.service, "fail", NULL),
                   RILL_OK);
  assert_int_equal(rill_future_wait(&call.future, -1), RILL_OK);
  assert_int_equal(call.status, RILL_FAILED);
  rill_clone_release(call.result);
  assert_int_equal(rill_service_call_init(&call, home.service, "none", NULL),
                   RILL_INVALID);
  // Arguments that are no array.
  rill_clone *number = clone_of(iso, "7");
  assert_int_equal(rill_service_call_init(&call, home.service, "add", number),
                   RILL_OK);
  assert_int_equal(rill_future_wait(&call.future, -1), RILL_OK);
  assert_int_equal(call.status, RILL_FAILED);
  rill_clone_release(call.result);
  rill_clone_release(number);
  // Given up: what comes later is nobody's.
  assert_int_equal(rill_service_call_init(&call, home.service, "wait", NULL),
                   RILL_OK);
  assert_int_equal(rill_future_wait(&call.future, 0), RILL_TIMED_OUT);
  rill_future_drop(&call.future);
  assert_int_equal(rill_service_pending(home.service), 0);
  rill_clone_release(arguments);
  rill_isolate_free(iso);
  end(&home);
}

// In scripts; the service is of the same isolate, so that what is queued has
// not begun.
static void D4_calls_with_limits(void **state) {
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  rill_value methods = rill_eval(iso, counting, RILL_TEXT_END, "service.js");
  rill_service *s = rill_service_new(iso, methods);
  assert_non_null(s);
  assert_true(
      rill_set(iso, rill_global(iso), "s", rill_service_object(iso, s)));
  static const Case cases[] = {
      {"await s.add.with({ timeout: 60000 })(1, 2)", "3"},
      {"await s.add.with({ signal: new AbortController().signal })(3, 4)", "7"},
      {"await s.add.with()(5, 6)", "11"},
      {"Object.keys(s.add).length + s.add.with.name", "0with"},
      {"await s.fail.with({ timeout: 60000 })('far').catch((e) => e.message)",
       "far"},
      // Given up while it waits: the answer is nobody's.
      {"try { await s.wait.with({ timeout: 5 })() } catch (e) {"
       "  e.name + ': ' + e.message }",
       "TimeoutError: wait took longer than 5 ms"},
      {"const c = new AbortController(), p = s.wait.with(c)();"
       "await s.add(); c.abort('why'); await p.catch((r) => r)",
       "why"},
      {"await s.open() > 0", "true"},
      // Given up before it begins: it does not run.
      {"calls = 0; const d = new AbortController(),"
       "  q = s.add.with(d)(1, 2); d.abort('early');"
       "[await q.catch((r) => r), await s.add(1, 1), calls] + ''",
       "early,2,1"},
      {"calls = 0; await s.add.with({ signal: AbortSignal.abort('before') })()"
       ".catch((r) => [r, calls] + '')",
       "before,0"},
      {"await s.add.with({ timeout: '1' })().catch((e) => e.code)",
       "ERR_INVALID_ARG_TYPE"},
      {"await s.add.with({ signal: 1 })().catch((e) => e.code)",
       "ERR_INVALID_ARG_TYPE"},
      {"await s.add.with({ timeout: 9 })(() => 1).catch((e) => e.name)",
       "DataCloneError"},
      {"const { with: w } = s.add; try { w({}) } catch (e) { e.name }",
       "TypeError"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_string_equal(eval(iso, cases[i].source), cases[i].result);
  assert_int_equal(rill_service_pending(s), 0);
  rill_service_release(s);
  rill_isolate_free(iso);
}

// A limit of the service's isolate ends the call that runs into it.
static void D4_limits(void **state) {
  Home home = {.deadline = 50};
  start(&home);
  rill_service_call call;
  assert_int_equal(rill_service_call_init(&call, home.service, "spin", NULL),
                   RILL_OK);
  assert_int_equal(rill_future_wait(&call.future, -1), RILL_OK);
  assert_int_equal(call.status, RILL_CANCELLED);
  // And the next ones are served.
  do {
    assert_int_equal(rill_service_call_init(&call, home.service, "self", NULL),
                     RILL_OK);
    assert_int_equal(rill_future_wait(&call.future, -1), RILL_OK);
    rill_clone_release(call.result);
  } while (call.status != RILL_OK);
  end(&home);
}

static void D5_ended_while_called(void **state) {
  Home home = {0};
  start(&home);
  rill_isolate *iso = isolate(0, 0);
  assert_true(rill_set(iso, rill_global(iso), "s",
                       rill_service_object(iso, home.service)));
  assert_string_equal(eval(iso,
                           "var waits = [s.wait(), s.wait()];"
                           "await s.add(1, 1)"),
                      "2");
  assert_int_equal(rill_service_pending(home.service), 2);
  rill_service *service = home.service;
  rill_service_retain(service);
  end(&home);
  assert_string_equal(
      eval(iso,
           "(await Promise.allSettled(waits)).map((w) => w.reason.message)"
           " + ''"),
      "The service has ended,The service has ended");
  assert_string_equal(eval(iso, "await s.add(1, 1)"), "The service has ended");
  rill_service_call call;
  assert_int_equal(rill_service_call_init(&call, service, "add", NULL),
                   RILL_CLOSED);
  rill_service_end(service);
  rill_service_release(service);
  rill_isolate_free(iso);
}

// Of one isolate, which calls itself; freed with calls that nobody answered.
static void D5_freed_with_calls(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_value methods = rill_eval(iso, counting, RILL_TEXT_END, "service.js");
  rill_service *s = rill_service_new(iso, methods);
  assert_non_null(s);
  assert_true(
      rill_set(iso, rill_global(iso), "s", rill_service_object(iso, s)));
  assert_string_equal(eval(iso, "await s.add(3, 4)"), "7");
  rill_service_call waiting, posted;
  assert_int_equal(rill_service_call_init(&waiting, s, "wait", NULL), RILL_OK);
  assert_string_equal(eval(iso, "await s.add(3, 5)"), "8");
  assert_int_equal(rill_service_call_init(&posted, s, "add", NULL), RILL_OK);
  rill_isolate_free(iso);
  assert_int_equal(rill_future_wait(&waiting.future, -1), RILL_OK);
  assert_int_equal(waiting.status, RILL_CLOSED);
  assert_int_equal(rill_future_wait(&posted.future, -1), RILL_OK);
  assert_int_equal(posted.status, RILL_CLOSED);
  rill_service_release(s);
}

static void test_no_service(void **state) {
  rill_isolate *iso = isolate(0, 0);
  static const char *const wrong[] = {"({})", "({ a: 1 })", "1",
                                      "({ get f() { throw 1 } })"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_null(rill_service_new(
        iso, rill_eval(iso, wrong[i], RILL_TEXT_END, "wrong.js")));
  rill_isolate_free(iso);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_clones),
      cmocka_unit_test(D2_host_and_scripts),
      cmocka_unit_test(D5_isolate_with_sessions),
      cmocka_unit_test(D4_services_call_each_other),
      cmocka_unit_test(D4_calls_from_c),
      cmocka_unit_test(D4_calls_with_limits),
      cmocka_unit_test(D4_limits),
      cmocka_unit_test(D5_ended_while_called),
      cmocka_unit_test(D5_freed_with_calls),
      cmocka_unit_test(test_no_service),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
