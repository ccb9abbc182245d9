// SPDX-License-Identifier: MIT
// The C API: evaluation to a promise, compiled code, native modules, module
// hooks, generators, hooks of the isolate.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/api_tests.h"

static const char *text(rill_isolate *iso, rill_value value) {
  return value == NULL ? rill_get_error(iso)->message
                       : rill_to_string(iso, value, NULL);
}
static const char *eval(rill_isolate *iso, const char *source) {
  return text(iso, rill_eval(iso, source, RILL_TEXT_END, "test.js"));
}
static const char *module(rill_isolate *iso, const char *source,
                          const char *export) {
  rill_value m = rill_eval_module(iso, source, RILL_TEXT_END, "main.js");
  return text(iso, m == NULL ? NULL : rill_get(iso, m, export));
}

// C2: an evaluation is a promise of its value; `await` works at its top.
static void C2_top_level_await(void **state) {
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  rill_value promise = rill_eval_async(
      iso, "let n = 1; for (let i = 0; i < 3; i++) { await null; n *= 2 } n",
      RILL_TEXT_END, "a.js");
  assert_true(rill_is_promise(iso, promise));
  assert_string_equal(text(iso, rill_await(iso, promise)), "8");
  // Timers, and what was declared before.
  promise = rill_eval_async(
      iso, "await new Promise((r) => setTimeout(r, 1)); ({ n: n + 1 }).n",
      RILL_TEXT_END, NULL);
  assert_string_equal(text(iso, rill_await(iso, promise)), "9");
  promise = rill_eval_async(iso, "1 + 1", RILL_TEXT_END, NULL);
  assert_string_equal(text(iso, rill_await(iso, promise)), "2");
  promise = rill_eval_async(iso, "await 0; throw new RangeError('late')",
                            RILL_TEXT_END, NULL);
  assert_null(rill_await(iso, promise));
  assert_string_equal(rill_get_error(iso)->name, "RangeError");
  assert_null(rill_eval_async(iso, "await", RILL_TEXT_END, NULL));
  assert_string_equal(rill_get_error(iso)->name, "SyntaxError");
  rill_isolate_free(iso);
}

static void *run_it(void *compiled) {
  rill_isolate *iso = rill_isolate_new(NULL);
  char *result = strdup(text(iso, rill_run_compiled(iso, compiled)));
  rill_isolate_free(iso);
  return result;
}

static void test_compiled_once(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_compiled *script = rill_compile(
      iso, RILL_GOAL_SCRIPT, "var runs = (globalThis.runs ?? 0) + 1; runs",
      RILL_TEXT_END, "c.js");
  assert_string_equal(text(iso, rill_run_compiled(iso, script)), "1");
  assert_string_equal(text(iso, rill_run_compiled(iso, script)), "2");
  pthread_t threads[2];
  for (int i = 0; i < 2; i++)
    pthread_create(&threads[i], NULL, run_it, script);
  for (int i = 0; i < 2; i++) {
    void *result;
    pthread_join(threads[i], &result);
    assert_string_equal(result, "1");
    free(result);
  }
  rill_compiled *async =
      rill_compile(iso, RILL_GOAL_ASYNC, "await 5", RILL_TEXT_END, NULL);
  assert_string_equal(text(iso, rill_await(iso, rill_run_compiled(iso, async))),
                      "5");
  rill_compiled *m = rill_compile(
      iso, RILL_GOAL_MODULE, "export const url = import.meta !== undefined;",
      RILL_TEXT_END, "m.js");
  rill_value names = rill_run_compiled(iso, m);
  assert_string_equal(text(iso, rill_get(iso, names, "url")), "true");
  assert_null(rill_compile(iso, RILL_GOAL_SCRIPT, "let 1", 5, NULL));
  assert_string_equal(rill_get_error(iso)->name, "SyntaxError");
  assert_null(rill_compile(iso, (rill_goal)9, "1", 1, NULL));
  rill_compiled_retain(script);
  rill_compiled_release(script);
  rill_isolate_free(iso);
  rill_compiled_release(script);
  rill_compiled_release(async);
  rill_compiled_release(m);
}

static rill_value twice(rill_isolate *iso, void *data, rill_value this_value,
                        size_t count, const rill_value *arguments) {
  return rill_number(iso,
                     2 * rill_to_number(iso, arguments[0]) + *(double *)data);
}
static bool set_up(rill_isolate *iso, void *data, rill_module *m) {
  assert_false(rill_module_set(iso, m, "other", NULL));
  return rill_module_set(iso, m, "version", rill_string(iso, "1.2", 3)) &&
         rill_module_set(iso, m, "default", rill_object(iso));
}
static bool fail_to_set_up(rill_isolate *iso, void *data, rill_module *m) {
  rill_throw_error(iso, "no database");
  return false;
}

static void test_native_modules(void **state) {
  rill_isolate *iso = isolate(0, 0);
  double one = 1;
  rill_export exports[] = {
      {"twice", twice, &one}, {"version", NULL, NULL}, {"default", NULL, NULL}};
  rill_module_options options = RILL_MODULE_INIT;
  options.name = "host:math";
  options.exports = exports;
  options.export_count = 3;
  options.init = set_up;
  assert_true(rill_module_define(iso, &options));
  assert_false(rill_module_define(iso, &options)); // the name is taken
  options.name = "host:broken";
  options.init = fail_to_set_up;
  assert_true(rill_module_define(iso, &options));
  options.name = "host:again";
  exports[1].name = "twice";
  assert_false(rill_module_define(iso, &options));
  assert_string_equal(
      module(iso,
             "import { twice, version } from 'host:math'; import * as all from "
             "'host:math'; export const r = [twice(4), version, "
             "typeof all.default, Object.keys(all)] + ''",
             "r"),
      "9,1.2,object,default,twice,version");
  assert_string_equal(
      text(iso,
           rill_await(iso, rill_eval_async(iso,
                                           "(await import('host:math')) === "
                                           "(await import('host:math'))",
                                           RILL_TEXT_END, NULL))),
      "true");
  assert_string_equal(module(iso, "import 'host:broken'", ""), "no database");
  assert_string_equal(
      module(iso, "import { nothing } from 'host:math'", ""),
      "The requested module 'host:math' does not provide an export named "
      "'nothing'");
  rill_isolate_free(iso);
}

static int loads, releases;
static rill_compiled *shared;
static void count_release(void *data, const char *text) {
  releases++;
}
// "./x" within "dir/y" is "dir/x"; "builtin:..." is left to rill.
static const char *resolve(rill_isolate *iso, void *data,
                           const rill_module_request *r) {
  static char name[256];
  if (strncmp(r->specifier, "rill:", 5) == 0) return NULL;
  if (strcmp(r->specifier, "forbidden") == 0) {
    rill_throw(
        iso, rill_error_new(iso, RILL_ERROR_TYPE_RANGE, "E_NO", "not for you"));
    return NULL;
  }
  const char *slash = strrchr(r->referrer, '/');
  int folder = slash == NULL ? 0 : (int)(slash + 1 - r->referrer);
  const char *tail =
      strncmp(r->specifier, "./", 2) == 0 ? r->specifier + 2 : r->specifier;
  snprintf(name, sizeof name, "%.*s%s", folder, r->referrer, tail);
  return name;
}
static bool load(rill_isolate *iso, void *data, const char *name,
                 const rill_module_request *r, rill_module_source *out) {
  static const struct {
    const char *name, *text;
    rill_source_kind kind;
  } files[] = {
      {"lib/a.js",
       "export { b } from './b.js'; import d from './d.json' with "
       "{ type: 'json' }; export const list = d.list",
       RILL_SOURCE_MODULE},
      {"lib/b.js", "export const b = 'b of ' + import.meta.url",
       RILL_SOURCE_MODULE},
      {"lib/d.json", "{\"list\":[1,2]}", RILL_SOURCE_JSON},
      {"bad.json", "{", RILL_SOURCE_JSON},
      {"bad.js", "let let = 1", RILL_SOURCE_MODULE},
      {"typed.ts", "export const t: number = 7", RILL_SOURCE_TYPESCRIPT},
      {"note", "plain \xc3\xa9", RILL_SOURCE_TEXT},
      {"none", NULL, RILL_SOURCE_TEXT},
      {"odd", "x", (rill_source_kind)77},
      {"compiled", "", RILL_SOURCE_COMPILED},
  };
  loads++;
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    if (strcmp(files[i].name, name) != 0) continue;
    out->kind = files[i].kind;
    out->text = files[i].text;
    out->compiled = shared;
    out->release = count_release;
    if (strcmp(name, "lib/d.json") == 0) {
      assert_int_equal(r->attribute_count, 1);
      assert_string_equal(r->attributes[0], "type");
      assert_string_equal(r->attributes[1], "json");
      assert_false(r->is_dynamic);
    }
    return true;
  }
  return false;
}

static void test_module_hooks(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_module_hooks hooks = RILL_MODULE_HOOKS_INIT;
  hooks.resolve = resolve;
  hooks.load = load;
  rill_set_module_hooks(iso, &hooks);
  shared = rill_compile(iso, RILL_GOAL_MODULE, "export default 'compiled'",
                        RILL_TEXT_END, "compiled");
  loads = releases = 0;
  assert_string_equal(
      module(iso,
             "import { list, b } from 'lib/a.js'; import 'lib/b.js';"
             "export const r = list + ' ' + b.slice(0, 4)",
             "r"),
      "1,2 b of");
  assert_int_equal(loads, 3);
  assert_int_equal(releases, 3);
  assert_string_equal(
      module(iso,
             "import n from 'note'; import c from 'compiled'; "
             "import { t } from 'typed.ts'; export const r = n + c + t",
             "r"),
      "plain \xc3\xa9"
      "compiled7");
  assert_string_equal(module(iso, "import 'forbidden'", ""), "not for you");
  assert_string_equal(
      text(iso,
           rill_await(iso,
                      rill_eval_async(
                          iso, "await import('forbidden').catch(e => e.code)",
                          RILL_TEXT_END, NULL))),
      "E_NO");
  assert_string_equal(module(iso, "import 'missing'", ""),
                      "Cannot find module 'missing' imported from main.js");
  assert_string_equal(module(iso, "import 'none'", ""),
                      "the host loads no text for none");
  assert_string_equal(module(iso, "import 'odd'", ""),
                      "what the host loads for odd is of no kind");
  assert_null(rill_eval_module(iso, "import 'bad.js'", RILL_TEXT_END, "m"));
  assert_string_equal(rill_get_error(iso)->name, "SyntaxError");
  assert_null(rill_eval_module(iso, "import 'bad.json'", RILL_TEXT_END, "m"));
  assert_string_equal(rill_get_error(iso)->name, "SyntaxError");
  rill_set_module_hooks(iso, NULL);
  assert_null(rill_eval_module(iso, "import 'note'", RILL_TEXT_END, "m"));
  rill_isolate_free(iso);
  rill_compiled_release(shared);
}

static void D1_generators(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_value g = rill_eval(
      iso,
      "const log = []; (function* () { try { const a = yield 1; const b = "
      "yield "
      "a + 1; return b } catch (e) { log.push(e); yield 'caught' } finally { "
      "log.push('finally') } })()",
      RILL_TEXT_END, NULL);
  assert_true(rill_is_generator(iso, g));
  assert_false(rill_is_async_generator(iso, g));
  assert_false(rill_is_generator(iso, rill_object(iso)));
  rill_step step = RILL_STEP_INIT;
  assert_true(rill_generator_step(iso, g, RILL_RESUME_NEXT, NULL, &step));
  assert_false(step.done);
  assert_int_equal(rill_to_number(iso, step.value), 1);
  assert_true(rill_generator_step(iso, g, RILL_RESUME_NEXT,
                                  rill_number(iso, 41), &step));
  assert_int_equal(rill_to_number(iso, step.value), 42);
  assert_true(rill_generator_step(iso, g, RILL_RESUME_THROW,
                                  rill_string(iso, "bad", 3), &step));
  assert_string_equal(text(iso, step.value), "caught");
  assert_true(rill_generator_step(iso, g, RILL_RESUME_RETURN,
                                  rill_number(iso, 5), &step));
  assert_true(step.done);
  assert_int_equal(rill_to_number(iso, step.value), 5);
  assert_string_equal(eval(iso, "log + ''"), "bad,finally");
  assert_true(rill_generator_step(iso, g, RILL_RESUME_NEXT, NULL, &step));
  assert_true(step.done);
  // What it throws is the error; nor is anything else a generator.
  g = rill_eval(iso, "(function* () { throw new RangeError('x') })()",
                RILL_TEXT_END, NULL);
  assert_false(rill_generator_step(iso, g, RILL_RESUME_NEXT, NULL, &step));
  assert_string_equal(rill_get_error(iso)->name, "RangeError");
  assert_false(rill_generator_step(iso, rill_object(iso), RILL_RESUME_NEXT,
                                   NULL, &step));
  assert_string_equal(rill_get_error(iso)->name, "TypeError");
  assert_false(rill_generator_step(iso, g, (rill_resume)3, NULL, &step));
  assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_HOST);
  rill_isolate_free(iso);
}

// C3: the host handles each yield of a script, and may stop it early.
static void C3_async_generators(void **state) {
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  rill_value chat =
      rill_eval(iso,
                "let ended = 'no'; (async function* () { try { let answer = "
                "yield 'name?';"
                "for (;;) { await new Promise((r) => setTimeout(r, 1));"
                "answer = yield 'hello ' + answer } } finally { await null; "
                "ended = 'yes' "
                "} })()",
                RILL_TEXT_END, "chat.js");
  assert_true(rill_is_async_generator(iso, chat));
  rill_step step = RILL_STEP_INIT;
  assert_true(rill_generator_step(iso, chat, RILL_RESUME_NEXT, NULL, &step));
  assert_string_equal(text(iso, step.value), "name?");
  for (int i = 0; i < 3; i++) {
    rill_value answer = rill_number(iso, i);
    assert_true(
        rill_generator_step(iso, chat, RILL_RESUME_NEXT, answer, &step));
    char expected[16];
    snprintf(expected, sizeof expected, "hello %d", i);
    assert_string_equal(text(iso, step.value), expected);
    assert_false(step.done);
  }
  assert_true(rill_generator_step(iso, chat, RILL_RESUME_RETURN,
                                  rill_number(iso, 9), &step));
  assert_true(step.done);
  assert_int_equal(rill_to_number(iso, step.value), 9);
  assert_string_equal(eval(iso, "ended"), "yes");
  // Steps asked for ahead are answered in order.
  rill_value counter = rill_eval(
      iso, "(async function* () { yield 1; yield 2 })()", RILL_TEXT_END, NULL);
  rill_value steps[3];
  for (int i = 0; i < 3; i++)
    steps[i] = rill_generator_start(iso, counter, RILL_RESUME_NEXT, NULL);
  for (int i = 0; i < 3; i++) {
    assert_true(rill_step_of(iso, rill_await(iso, steps[i]), &step));
    assert_int_equal(step.done, i == 2);
  }
  rill_value failing =
      rill_eval(iso,
                "(async function* () { yield 1; await 0; throw "
                "new TypeError('midway') })()",
                RILL_TEXT_END, NULL);
  assert_true(rill_generator_step(iso, failing, RILL_RESUME_NEXT, NULL, &step));
  assert_false(
      rill_generator_step(iso, failing, RILL_RESUME_NEXT, NULL, &step));
  assert_string_equal(rill_get_error(iso)->message, "midway");
  assert_null(
      rill_generator_start(iso, rill_object(iso), RILL_RESUME_NEXT, NULL));
  assert_false(rill_step_of(iso, NULL, &step));
  rill_isolate_free(iso);
}

typedef struct Heard {
  char out[256], errors[256];
  int uncaught, rejections, interrupts;
  bool goes_on;
} Heard;

static void hear_output(void *data, bool to_error, const char *bytes,
                        size_t length) {
  Heard *h = data;
  char *to = to_error ? h->errors : h->out;
  strncat(to, bytes, length);
}
static bool hear_uncaught(rill_isolate *iso, void *data,
                          const struct rill_error *error) {
  Heard *h = data;
  assert_string_equal(error->message, "nobody");
  h->uncaught++;
  return h->goes_on;
}
static bool hear_rejection(rill_isolate *iso, void *data, rill_value promise,
                           rill_value reason) {
  Heard *h = data;
  assert_true(rill_is_promise(iso, promise));
  h->rejections++;
  return rill_to_number(iso, reason) == 1;
}
static bool hear_interrupt(rill_isolate *iso, void *data) {
  Heard *h = data;
  assert_int_equal(
      rill_to_number(iso, rill_get(iso, rill_global(iso), "marker")), 3);
  rill_set(iso, rill_global(iso), "stop", rill_boolean(iso, true));
  return ++h->interrupts < 2;
}
static void *ask_soon(void *iso) {
  usleep(20000);
  rill_request_call(iso);
  return NULL;
}

static void test_hooks(void **state) {
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  Heard heard = {.goes_on = true};
  rill_hooks hooks = RILL_HOOKS_INIT;
  hooks.data = &heard;
  hooks.output = hear_output;
  hooks.uncaught = hear_uncaught;
  hooks.rejection = hear_rejection;
  hooks.interrupt = hear_interrupt;
  rill_set_hooks(iso, &hooks);
  eval(iso, "console.log('to', 1); console.error('err')");
  assert_string_equal(heard.out, "to 1\n");
  assert_string_equal(heard.errors, "err\n");
  assert_string_equal(
      eval(iso,
           "setTimeout(() => { throw new Error('nobody') });"
           "setTimeout(() => { globalThis.later = 1 }, 1); 'set'"),
      "set");
  assert_true(rill_run_loop(iso));
  assert_int_equal(heard.uncaught, 1);
  assert_string_equal(eval(iso, "later"), "1");
  heard.goes_on = false;
  eval(iso, "setTimeout(() => { throw new Error('nobody') })");
  assert_false(rill_run_loop(iso));
  assert_string_equal(rill_get_error(iso)->message, "nobody");
  assert_non_null(rill_eval(iso, "Promise.reject(1); 0", RILL_TEXT_END, NULL));
  assert_int_equal(heard.rejections, 1);
  rill_set_hooks(iso, NULL);
  rill_hooks one = RILL_HOOKS_INIT;
  one.data = &heard;
  one.interrupt = hear_interrupt;
  rill_set_hooks(iso, &one);
  pthread_t thread;
  pthread_create(&thread, NULL, ask_soon, iso);
  assert_string_equal(
      eval(iso, "var marker = 3, stop = false; while (!stop); 'stopped'"),
      "stopped");
  pthread_join(thread, NULL);
  rill_request_call(iso); // the second ends the script
  assert_null(rill_eval(iso, "for (;;);", RILL_TEXT_END, NULL));
  assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
  assert_int_equal(heard.interrupts, 2);
  rill_isolate_free(iso);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(C2_top_level_await),
      cmocka_unit_test(test_compiled_once),
      cmocka_unit_test(test_native_modules),
      cmocka_unit_test(test_module_hooks),
      cmocka_unit_test(D1_generators),
      cmocka_unit_test(C3_async_generators),
      cmocka_unit_test(test_hooks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
