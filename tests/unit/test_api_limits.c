// SPDX-License-Identifier: MIT
// Limits reach inside builtins that loop: each row of limit_rows/*.def is given
// more to do than it may, and nothing after it looks at the limits: a flag set
// right behind it stays as it was, and neither catch nor finally runs. Work in
// bulk may be refused before it is begun.
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/api_tests.h"

// What is done to 2^20 things, or endlessly, costs more than this.
enum { FUEL = 1 << 13 };
// In processor time, far more than any row takes: what cannot be left in the
// middle must be short.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const uint64_t LONGEST = 60000000000;
#else
static const uint64_t LONGEST = 5000000000;
#endif
// Under ThreadSanitizer all rows would take an hour; only the interrupts have
// to do with threads.
#ifdef __SANITIZE_THREAD__
enum { ROWS_APART = 16 };
#else
enum { ROWS_APART = 1 };
#endif

// What the rows use. `a`: an array of 2^20 numbers; `o`, `p`: array-likes
// without end, the latter a proxy; `ap`: a proxy of `a`; `s`: a string of 2^25
// units; `w`: one of 2^23 that is not Latin-1; `u`: a Uint8Array of 2^25; `m`,
// `t`: a Map and a Set of 2^18; `big`: a BigInt of 2^22 bits; G(x): an iterable
// without end; O: as many properties as a Map's; T: a TransformStream; ts: the
// path of a long TypeScript file; x, y, z: a row's own.
static const char set_up[] =
    "var END = 2 ** 53 - 1, a = Array.from({ length: 1 << 20 }, (_, i) =>"
    "  i * 7 % (1 << 20));"
    "var o = { length: END }, p = new Proxy({ length: END }, {});"
    "var ap = new Proxy(a, {}), s = 'ab'.repeat(1 << 24), id = (x) => x;"
    "var w = '\\u0416b'.repeat(1 << 22), spaces = ' '.repeat(1 << 25);"
    "s.charCodeAt(0); w.charCodeAt(0); spaces.charCodeAt(0);"
    "var count = 0;"
    "var u = new Uint8Array(1 << 25), m = new Map, t = new Set, O = {};"
    "for (let i = 0; i < 1 << 18; i++) {"
    "  m.set(i, i); t.add('k' + i); O['k' + i] = i; }"
    "var O2 = { ...O }, O3 = { ...O }, O4 = { ...O }, frozen ="
    "  Object.freeze({ ...O });"
    "var t2 = new Set([...t].map((k) => k + 'x')), A = Array.prototype;"
    "var big = 1n << 4194304n, digits = '7'.repeat(1 << 21);"
    "var json = JSON.stringify(a), hex = u.toHex?.() ?? '';"
    "var base64 = 'AAAA'.repeat(1 << 22), percent = '%41'.repeat(1 << 21);"
    "var text = 'x=1;'.repeat(1 << 20), f64 = Float64Array.from(a);"
    "var bits = new BigInt64Array(1 << 20), fn = Function.prototype;"
    "var buffer = u.buffer, holey = []; holey[1e6] = 1;"
    "var huge = []; huge.length = 2 ** 32 - 1;"
    "var texts = a.slice(0, 1 << 18).map(String), pairs = texts.map((k) => "
    "['k' + k, k]);"
    "var sp = new URLSearchParams('k=v&'.repeat(1 << 16)), x, y, z, f;"
    "var deep = null, graph = texts.map((v) => ({ v }));"
    "for (let i = 0; i < 1000; i++) deep = { deep, graph };"
    "var ring = { [Symbol.iterator]: () => ring,"
    "  next: () => ({ value: 1, done: false }) };"
    "function G(n) { return { *[Symbol.iterator]() { for (;;) yield n } } }"
    "function I(n) { return G(n)[Symbol.iterator](); }"
    "var S = () => new ReadableStream({ pull: (c) => c.enqueue(u16) }),"
    "  u16 = new Uint8Array(16), u2 = new Uint8Array(1 << 25), N = {};"
    "var F = await import('rill:fs'), loads = 0;"
    "var buffers = () => Array.from({ length: 1 << 17 },"
    "  () => new ArrayBuffer(8));"
    "var T = (how, readable) => new TransformStream(how, {}, readable);"
    "for (const name of ['assert', 'buffer', 'crypto', 'events', 'module',"
    "  'path', 'querystring', 'stream', 'string_decoder', 'url', 'util',"
    "  'vm', 'zlib']) N[name] = (await import('node:' + name)).default;"
    "var b = Buffer.from(buffer);";

typedef struct Row {
  const char *preparation; // NULL: none
  const char *code;
  bool is_used_up; // what was prepared is good for one run
  bool waits;      // it is the body of an async function
} Row;

static const Row rows[] = {
#define ROW(code) {NULL, code, false, false},
#define WITH(preparation, code) {preparation, code, false, false},
#define FRESH(preparation, code) {preparation, code, true, false},
#include "tests/unit/limit_rows/arrays.def"
#include "tests/unit/limit_rows/bigints.def"
#include "tests/unit/limit_rows/collections.def"
#include "tests/unit/limit_rows/json.def"
#include "tests/unit/limit_rows/node.def"
#include "tests/unit/limit_rows/objects.def"
#include "tests/unit/limit_rows/programs.def"
#include "tests/unit/limit_rows/proxies.def"
#include "tests/unit/limit_rows/regexps.def"
#include "tests/unit/limit_rows/strings.def"
#include "tests/unit/limit_rows/typed_arrays.def"
#include "tests/unit/limit_rows/web.def"
#undef ROW
#define ROW(code) {NULL, code, false, true},
#include "tests/unit/limit_rows/streams.def"
#undef ROW
#undef WITH
#undef FRESH
};

typedef enum Limit {
  LIMIT_FUEL,
  LIMIT_PAST,      // a deadline that is over when the builtin begins
  LIMIT_INTERRUPT, // rill_interrupt by another thread, before it begins
  // The same two while it runs. They are last: what has ended by itself once
  // may be known, and then there is nothing to end.
  LIMIT_AHEAD,
  LIMIT_INTERRUPT_AHEAD,
  LIMIT_COUNT,
} Limit;

static const char *const limit_names[] = {"fuel", "deadline", "interrupt",
                                          "deadline ahead", "interrupt ahead"};

// Another thread, which interrupts when it is asked.
static struct {
  pthread_t thread;
  sem_t asked, done;
  rill_isolate *isolate; // NULL: its end
  useconds_t delay;
} interrupter;

static void *interrupter_main(void *data) {
  for (;;) {
    sem_wait(&interrupter.asked);
    if (interrupter.isolate == NULL) return NULL;
    if (interrupter.delay != 0) usleep(interrupter.delay);
    rill_interrupt(interrupter.isolate);
    sem_post(&interrupter.done);
  }
}

static void ask_interrupter(rill_isolate *iso, useconds_t delay) {
  interrupter.isolate = iso;
  interrupter.delay = delay;
  sem_post(&interrupter.asked);
}

static uint64_t nanoseconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

// One that is over when this returns.
static void wait_for_deadline(rill_isolate *iso) {
  rill_set_deadline(iso, 1);
  for (uint64_t start = nanoseconds(CLOCK_MONOTONIC);
       nanoseconds(CLOCK_MONOTONIC) - start < 1100000;)
    continue;
}

// limit(): from here on.
static rill_value set_limit(rill_isolate *iso, void *data, rill_value this,
                            size_t count, const rill_value *arguments) {
  switch (*(Limit *)data) {
  case LIMIT_FUEL:
    rill_set_fuel(iso, FUEL);
    break;
  case LIMIT_PAST:
    wait_for_deadline(iso);
    break;
  case LIMIT_INTERRUPT:
    ask_interrupter(iso, 0);
    sem_wait(&interrupter.done);
    break;
  case LIMIT_INTERRUPT_AHEAD:
    ask_interrupter(iso, 2000);
    break;
  default:
    rill_set_deadline(iso, 2);
  }
  return NULL;
}

static const char forgets[] = "for (let i = 0; i < 5000; i++);";

static bool is_true(rill_isolate *iso, const char *name) {
  rill_value value = rill_eval(iso, name, RILL_TEXT_END, NULL);
  return value == NULL || rill_to_boolean(iso, value);
}

// What the code did apart from ending by the limit within the builtin, or NULL.
static const char *what_went_on(rill_isolate *iso, const Row *row,
                                Limit limit) {
  char source[1024];
  snprintf(
      source, sizeof source,
      "globalThis.after = globalThis.caught = false;"
      "%s try { limit(); %s;\n after = true; }"
      "catch (e) { caught = e?.stack ?? e; } finally { caught ||= true; } %s",
      row->waits ? "(async () => {" : "", row->code, row->waits ? "})()" : "");
  uint64_t start = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
  rill_value value = rill_eval(iso, source, RILL_TEXT_END, "loop.js");
  if (value != NULL && row->waits) value = rill_await(iso, value);
  uint64_t took = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - start;
  rill_set_fuel(iso, -1);
  rill_set_deadline(iso, 0);
  if (limit == LIMIT_INTERRUPT_AHEAD) {
    sem_wait(&interrupter.done);
    // One that came when all was over ends the next.
    if (value != NULL) rill_eval(iso, forgets, RILL_TEXT_END, NULL);
  }
  if (took > LONGEST) return "took long";
  if (limit == LIMIT_AHEAD || limit == LIMIT_INTERRUPT_AHEAD) return NULL;
  if (value != NULL) {
    value = rill_eval(iso, "String(caught)", RILL_TEXT_END, NULL);
    return rill_to_string(iso, value, NULL);
  }
  if (rill_get_error(iso)->kind != RILL_ERROR_TERMINATED)
    return rill_get_error(iso)->message;
  if (is_true(iso, "after")) return "went on after it";
  return is_true(iso, "caught") ? "was caught" : NULL;
}

static void forget_output(void *data, bool to_error, const char *bytes,
                          size_t length) {}

// A TypeScript file; its path is the global `ts`.
static void write_typescript(rill_isolate *iso, char *path) {
  static const char line[] = "{ const x: number = 1 as any; }\n";
  int descriptor = mkstemps(path, 3);
  FILE *f = descriptor < 0 ? NULL : fdopen(descriptor, "w");
  assert_non_null(f);
  for (int i = 0; i < 1 << 16; i++)
    assert_true(fputs(line, f) >= 0);
  assert_int_equal(fclose(f), 0);
  assert_true(rill_set(iso, rill_global(iso), "ts",
                       rill_string(iso, path, RILL_TEXT_END)));
}

static void test_limits_reach_every_builtin(void **state) {
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE | RILL_ALLOW_FILES, SIZE_MAX);
  char typescript[] = "/tmp/rill-limits-XXXXXX.ts";
  write_typescript(iso, typescript);
  sem_init(&interrupter.asked, 0, 0);
  sem_init(&interrupter.done, 0, 0);
  assert_int_equal(
      pthread_create(&interrupter.thread, NULL, interrupter_main, NULL), 0);
  rill_hooks hooks = RILL_HOOKS_INIT;
  hooks.output = forget_output;
  rill_set_hooks(iso, &hooks);
  Limit limit;
  assert_true(rill_define(iso, "limit", set_limit, &limit));
  rill_value ready = rill_eval_async(iso, set_up, RILL_TEXT_END, "set-up.js");
  assert_non_null(ready);
  assert_non_null(rill_await(iso, ready));
  int missed = 0;
  if (ROWS_APART != 1)
    print_message("SKIPPED: of %d rows all but one\n", ROWS_APART);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    rill_scope scope;
    rill_scope_open(iso, &scope);
    if (i % ROWS_APART != 0) { // what follows may use what it prepares
      if (rows[i].preparation != NULL)
        assert_non_null(
            rill_eval(iso, rows[i].preparation, RILL_TEXT_END, "prepare.js"));
      rill_scope_close(iso, &scope);
      continue;
    }
    for (limit = 0; limit < LIMIT_COUNT; limit++) {
      const char *preparation = rows[i].preparation;
      if (preparation != NULL && (limit == 0 || rows[i].is_used_up))
        assert_non_null(
            rill_eval(iso, preparation, RILL_TEXT_END, "prepare.js"));
      const char *what = what_went_on(iso, &rows[i], limit);
      if (what == NULL) continue;
      missed++;
      print_error("MISSED by %s: %s: %s\n", limit_names[limit], rows[i].code,
                  what);
    }
    rill_scope_close(iso, &scope);
  }
  ask_interrupter(NULL, 0);
  pthread_join(interrupter.thread, NULL);
  unlink(typescript);
  assert_int_equal(missed, 0);
  // The isolate is good afterwards.
  rill_value value = rill_eval(iso, "a.length", RILL_TEXT_END, NULL);
  assert_int_equal(rill_to_number(iso, value), 1 << 20);
  rill_isolate_free(iso);
}

// Wherever fuel runs out, the call ends in order: each row is given a little
// more until it is enough.
static void test_fuel_may_end_anywhere(void **state) {
  (void)state;
  static const char *const works[] = {
      "structuredClone(O)",
      "structuredClone(graph)",
      "structuredClone(new Map(Object.entries(O)))",
      "structuredClone(new Error('x', { cause: graph }))",
      "JSON.parse(JSON.stringify(O))",
      "Object.assign({}, O)",
  };
  enum { STEP = 7, MOST = 1 << 20 };
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  assert_non_null(
      rill_eval(iso,
                "var O = {}, graph = [];"
                "for (let i = 0; i < 3000; i++) O['k' + i] = i;"
                "for (let i = 0; i < 500; i++) graph.push({ a: i, b: [i] });",
                RILL_TEXT_END, NULL));
  for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
    rill_value value = NULL;
    int fuel = 0;
    while (value == NULL && fuel < MOST) {
      rill_scope scope;
      rill_scope_open(iso, &scope);
      rill_set_fuel(iso, fuel += STEP);
      value = rill_eval(iso, works[i], RILL_TEXT_END, NULL);
      if (value == NULL)
        assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
      rill_scope_close(iso, &scope);
    }
    assert_true(fuel < MOST);
  }
  rill_isolate_free(iso);
}

static void *interrupt_soon(void *iso) {
  usleep(30000);
  rill_interrupt(iso);
  return NULL;
}

// What waits, or is catastrophic, ends by an interrupt from another thread.
static void test_interrupts_reach_waits(void **state) {
  static const char *const waits[] = {
      "Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0)",
      "/^(a|aa|b\\1)*\\1c$/.test('a'.repeat(80) + 'cx')",
      "try { for (;;); } finally { for (;;); }",
      "new Promise((r) => { for (;;); })",
      "Array.from({ length: 2 ** 40 })",
      "[].concat.apply([], new Proxy([], { get: () => 2 ** 32 }))",
  };
  rill_isolate *iso = isolate(0, 0);
  for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
    pthread_t thread;
    pthread_create(&thread, NULL, interrupt_soon, iso);
    rill_value value = rill_eval(iso, waits[i], RILL_TEXT_END, NULL);
    pthread_join(thread, NULL);
    bool ended = value == NULL;
    if (!ended) print_error("%s\n", waits[i]);
    assert_true(ended);
    // One that came when all was over already ends the next.
    rill_eval(iso, forgets, RILL_TEXT_END, NULL);
  }
  rill_isolate_free(iso);
}

// What takes seconds, is allowed to begin and has no loop of ours ends midway.
static void test_long_work_ends_midway(void **state) {
  static const char *const works[] = {
      "3n ** (1n << 27n)",
      "String((1n << (1n << 27n)) - 1n)",
      "f = (1n << (1n << 28n)) - 12345n; f * f % (f >> (1n << 27n))",
      "BigInt('7'.repeat(3e7))",
      "eval('x=1;'.repeat(1 << 22))",
      "new Function('x=[1,2,{a:3}];'.repeat(1 << 20))",
      "new RegExp('[\\\\p{L}&&\\\\p{Lu}]'.repeat(1 << 14), 'iv')",
      "eval('/' + '[\\\\p{L}&&\\\\p{Lu}]'.repeat(1 << 14) + '/iv')",
  };
  rill_isolate *iso = isolate(0, SIZE_MAX);
  for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
    rill_set_deadline(iso, 20);
    rill_value value = rill_eval(iso, works[i], RILL_TEXT_END, NULL);
    if (value != NULL) print_error("%s\n", works[i]);
    assert_null(value);
    if (rill_get_error(iso)->kind != RILL_ERROR_TERMINATED)
      print_error("%s: %s\n", works[i], rill_get_error(iso)->message);
    assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
  }
  // The host's own text.
  enum { STATEMENTS = 1 << 20 };
  char *text = malloc(STATEMENTS * 4 + 1), *end = text;
  assert_non_null(text);
  for (int i = 0; i < STATEMENTS; i++, end += 4)
    memcpy(end, "x=1;", 4);
  for (int i = 0; i < 2; i++) {
    if (i == 0)
      rill_set_fuel(iso, 1000);
    else
      wait_for_deadline(iso);
    assert_null(rill_eval(iso, text, (size_t)(end - text), NULL));
    assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
    assert_false(is_true(iso, "typeof x !== 'undefined'"));
  }
  free(text);
  rill_isolate_free(iso);
}

// A native function that calls what it is given, and makes nothing of an error.
static rill_value call_back(rill_isolate *iso, void *data, rill_value this,
                            size_t count, const rill_value *arguments) {
  rill_call(iso, arguments[0], NULL, 0, NULL);
  return rill_number(iso, 1);
}

// What called the function that called the script that is ended ends with it.
static void test_ends_pass_native_functions(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_define(iso, "callBack", call_back, NULL);
  rill_set_fuel(iso, 5000);
  assert_null(rill_eval(iso,
                        "var after = false;"
                        "try { callBack(() => { for (;;); }); after = true; }"
                        "finally { after = true; for (;;); }",
                        RILL_TEXT_END, "nested.js"));
  assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
  assert_false(is_true(iso, "after"));
  rill_isolate_free(iso);
}

// Nothing that an ended script has queued runs in the calls that follow.
static void test_jobs_end_with_their_script(void **state) {
  static const char queues[] =
      "var hits = 0; const hit = () => { hits++; for (;;); };"
      "queueMicrotask(hit); Promise.resolve().then(hit); process.nextTick(hit);"
      "(async () => { await 1; hit(); })();";
  static const char loops[] =
      "const loop = async () => { for (;;) { await 1; hits++; } };"
      "loop(); loop(); (function f() { queueMicrotask(f) })(); loop();"
      "var tick = () => { hits++; process.nextTick(tick); }";
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  char source[1024];
  for (int i = 0; i < 2; i++) {
    rill_set_fuel(iso, 5000);
    snprintf(source, sizeof source, "{ %s for (;;); }", queues);
    assert_null(rill_eval(iso, source, RILL_TEXT_END, "queues.js"));
    assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
    assert_false(is_true(iso, "hits !== 0"));
    for (int ticks = 0; ticks < 2; ticks++) {
      rill_set_fuel(iso, 5000);
      snprintf(source, sizeof source, "{ var hits = 0; %s; %s }", loops,
               ticks ? "tick()" : "");
      assert_null(rill_eval(iso, source, RILL_TEXT_END, "loops.js"));
      assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
      assert_true(is_true(iso, "var before = hits; hits > 0"));
      assert_true(is_true(iso, "hits === before"));
    }
    // Jobs of later scripts run.
    rill_set_fuel(iso, 50000);
    rill_value value =
        rill_eval_async(iso, "await 1; await new Promise(process.nextTick)",
                        RILL_TEXT_END, "later.js");
    assert_non_null(rill_await(iso, value));
    rill_set_fuel(iso, -1);
  }
  rill_isolate_free(iso);
}

// Nor does anybody hear of its rejections, which are not the error either.
static void test_rejections_end_with_their_script(void **state) {
  (void)state;
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  for (int heard = 0; heard < 2; heard++) {
    rill_set_fuel(iso, 50000);
    assert_null(rill_eval(iso, "Promise.reject(new Error('x')); for (;;);",
                          RILL_TEXT_END, "rejects.js"));
    assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
    assert_false(is_true(iso, "globalThis.heard === true"));
    assert_non_null(
        rill_eval(iso, "process.on('unhandledRejection', () => heard = true)",
                  RILL_TEXT_END, NULL));
  }
  rill_isolate_free(iso);
}

// Nor does what waited for I/O that was answered by then.
static void test_answers_end_with_their_script(void **state) {
  (void)state;
  static const char aborts[] =
      "import { sleep } from 'rill:time';"
      "globalThis.hits = 0;"
      "const controller = new AbortController();"
      "async function wait() {"
      "  try { await sleep(10000, { signal: controller.signal }); }"
      "  catch { hits++; } }"
      "wait(); wait(); controller.abort(); for (;;);";
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  rill_set_fuel(iso, 50000);
  assert_null(rill_eval_module(iso, aborts, RILL_TEXT_END, "aborts.mjs"));
  assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
  for (int i = 0; i < 3; i++)
    assert_true(is_true(iso, "hits === 0"));
  assert_true(rill_run_loop(iso));
  assert_true(is_true(iso, "hits === 0"));
  rill_isolate_free(iso);
}

// What it has begun and is not over goes on when the host runs the loop, within
// the limits that are set then.
static void test_what_is_under_way_has_later_limits(void **state) {
  (void)state;
  static const char sleeps[] =
      "import { sleep } from 'rill:time';"
      "globalThis.hits = 0;"
      "const wait = async () => { await sleep(1); hits++; for (;;); };"
      "wait(); wait(); wait(); setTimeout(() => { hits++; for (;;); });"
      "for (;;);";
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  rill_set_fuel(iso, 50000);
  assert_null(rill_eval_module(iso, sleeps, RILL_TEXT_END, "sleeps.mjs"));
  assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
  for (int i = 0; i < 4; i++) {
    char done[32];
    snprintf(done, sizeof done, "hits === %d", i);
    assert_true(is_true(iso, done));
    rill_set_fuel(iso, 5000);
    assert_false(rill_run_loop(iso));
    assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
  }
  assert_true(is_true(iso, "hits === 4"));
  assert_true(rill_run_loop(iso));
  rill_isolate_free(iso);
}

// Nor do callbacks of its registries without limits, before the call returns.
// Script that describes an error has a limit also where the host has set none.
static void test_errors_have_limits(void **state) {
  static const struct {
    const char *code, *message, *stack;
  } rows[] = {
      {"Error.prepareStackTrace = () => { for (;;); }; throw new Error('a')",
       "a", ""},
      {"Error.prepareStackTrace = (error) => `of ${error.message}`;"
       "throw new Error('b')",
       "b", "of b"},
      {"throw Object.defineProperty(new Error('c'), 'name',"
       "  { get() { for (;;); } })",
       "c", NULL},
      {"throw Object.defineProperty(new Error, 'message',"
       "  { get() { for (;;); } })",
       "", NULL},
      {"throw { toString() { for (;;); } }", NULL, NULL},
      {"throw new Proxy({}, { get() { for (;;); } })", NULL, NULL},
  };
  rill_isolate *iso = rill_isolate_new(NULL);
  rill_scope scope;
  rill_scope_open(iso, &scope);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    assert_null(rill_eval(iso, rows[i].code, RILL_TEXT_END, "error.js"));
    const rill_error *error = rill_get_error(iso);
    assert_int_equal(error->kind, RILL_ERROR_THROWN);
    if (rows[i].message != NULL)
      assert_string_equal(error->message, rows[i].message);
    if (rows[i].stack != NULL) assert_string_equal(error->stack, rows[i].stack);
    rill_error_record *copy = rill_copy_error(iso);
    assert_non_null(copy);
    rill_error_record_free(copy);
    rill_value value = rill_eval(iso, "delete Error.prepareStackTrace; 6 * 7",
                                 RILL_TEXT_END, "after.js");
    assert_non_null(value);
    assert_int_equal((int)rill_to_number(iso, value), 42);
  }
  rill_scope_close(iso, &scope);
  rill_isolate_free(iso);
}

static void test_finalizers_have_limits(void **state) {
  (void)state;
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  for (int i = 0; i < 5; i++) {
    rill_set_fuel(iso, 500000);
    assert_null(rill_eval(iso,
                          "var registry = new FinalizationRegistry(() => {"
                          "  for (;;); });"
                          "for (;;) registry.register(new Array(100), 0);",
                          RILL_TEXT_END, "registers.js"));
    assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
  }
  rill_isolate_free(iso);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_limits_reach_every_builtin),
      cmocka_unit_test(test_fuel_may_end_anywhere),
      cmocka_unit_test(test_interrupts_reach_waits),
      cmocka_unit_test(test_long_work_ends_midway),
      cmocka_unit_test(test_ends_pass_native_functions),
      cmocka_unit_test(test_jobs_end_with_their_script),
      cmocka_unit_test(test_rejections_end_with_their_script),
      cmocka_unit_test(test_answers_end_with_their_script),
      cmocka_unit_test(test_what_is_under_way_has_later_limits),
      cmocka_unit_test(test_errors_have_limits),
      cmocka_unit_test(test_finalizers_have_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
