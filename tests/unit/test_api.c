// SPDX-License-Identifier: MIT
// The C API: values, functions, errors, limits, host objects, denials.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/api_tests.h"

static const char *eval_text(rill_isolate *iso, const char *source) {
  rill_value value = rill_eval(iso, source, RILL_TEXT_END, "test.js");
  return value == NULL ? rill_get_error(iso)->stack
                       : rill_to_string(iso, value, NULL);
}

static void test_values(void **state) {
  rill_isolate *iso = isolate(0, 0);
  assert_string_equal(eval_text(iso, "1 + 2 + 'x'"), "3x");
  rill_value o = rill_object(iso);
  assert_true(rill_set(iso, o, "a", rill_number(iso, 1.5)));
  assert_true(rill_set(iso, o, "list", rill_array(iso)));
  rill_value list = rill_get(iso, o, "list");
  assert_true(rill_push(iso, list, rill_string(iso, "h\xc3\xa9", 3)));
  assert_true(rill_push(iso, list, rill_null(iso)));
  assert_int_equal(rill_length(iso, list), 2);
  assert_string_equal(rill_to_json(iso, o, NULL),
                      "{\"a\":1.5,\"list\":[\"h\xc3\xa9\",null]}");
  rill_value parsed = rill_from_json(iso, "[1,{\"b\":true}]", RILL_TEXT_END);
  assert_true(
      rill_to_boolean(iso, rill_get(iso, rill_get_index(iso, parsed, 1), "b")));
  assert_null(rill_from_json(iso, "{bad", RILL_TEXT_END));
  assert_string_equal(rill_get_error(iso)->name, "SyntaxError");
  size_t length;
  unsigned char *bytes =
      rill_get_bytes(iso, rill_bytes(iso, "abc", 3), &length);
  assert_int_equal(length, 3);
  assert_memory_equal(bytes, "abc", 3);
  assert_int_equal(rill_type_of(iso, NULL), RILL_UNDEFINED);
  assert_int_equal(rill_type_of(iso, rill_eval(iso, "10n", 3, NULL)),
                   RILL_BIGINT);
  rill_isolate_free(iso);
}

static rill_value add(rill_isolate *iso, void *data, rill_value this_value,
                      size_t count, const rill_value *arguments) {
  double sum = *(double *)data;
  for (size_t i = 0; i < count; i++)
    sum += rill_to_number(iso, arguments[i]);
  return rill_number(iso, sum);
}
static rill_value throw_it(rill_isolate *iso, void *data, rill_value this_value,
                           size_t count, const rill_value *arguments) {
  return rill_throw_error(iso, "host says %d", 7);
}
static rill_value call_back(rill_isolate *iso, void *data,
                            rill_value this_value, size_t count,
                            const rill_value *arguments) {
  return rill_call(iso, arguments[0], NULL, 0, NULL);
}

static void test_functions(void **state) {
  rill_isolate *iso = isolate(0, 0);
  double base = 100;
  assert_true(rill_define(iso, "add", add, &base));
  assert_true(rill_define(iso, "fail", throw_it, NULL));
  assert_true(rill_define(iso, "callBack", call_back, NULL));
  assert_string_equal(eval_text(iso, "add(1, 2, 3, 4, 5, 6, 7, 8, 9)"), "145");
  assert_string_equal(eval_text(iso, "try { fail() } catch (e) { e.message }"),
                      "host says 7");
  assert_string_equal(eval_text(iso, "callBack(() => 'called')"), "called");
  assert_string_equal(eval_text(iso,
                                "try { callBack(() => { throw new "
                                "RangeError('inner') }) } catch (e) { "
                                "e.name + e.message }"),
                      "RangeErrorinner");
  rill_value f = rill_eval(iso, "(function (x) { return this.k + x })",
                           RILL_TEXT_END, NULL);
  rill_value self = rill_eval(iso, "({ k: 40 })", RILL_TEXT_END, NULL);
  rill_value two = rill_number(iso, 2);
  assert_true(rill_to_number(iso, rill_call(iso, f, self, 1, &two)) == 42);
  rill_isolate_free(iso);
}

static void test_errors(void **state) {
  rill_isolate *iso = isolate(0, 0);
  assert_null(rill_eval(iso, "function f() {\n  null.x;\n}\nf();",
                        RILL_TEXT_END, "err.js"));
  const rill_error *error = rill_get_error(iso);
  assert_int_equal(error->kind, RILL_ERROR_THROWN);
  assert_string_equal(error->name, "TypeError");
  assert_string_equal(error->file, "err.js");
  assert_int_equal(error->line, 2);
  assert_string_equal(error->source_line, "  null.x;");
  assert_non_null(strstr(error->stack, "at f (err.js:2:"));
  assert_null(rill_eval(iso, "let 1;", RILL_TEXT_END, "syn.js"));
  assert_string_equal(rill_get_error(iso)->name, "SyntaxError");
  assert_int_equal(rill_get_error(iso)->line, 1);
  assert_null(rill_eval(iso, "throw 'text'", RILL_TEXT_END, NULL));
  assert_string_equal(rill_get_error(iso)->message, "text");
  rill_clear_error(iso);
  assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_NONE);
  rill_isolate_free(iso);
}

static void *interrupt_soon(void *iso) {
  usleep(50000);
  rill_interrupt(iso);
  return NULL;
}

static void test_limits(void **state) {
  rill_isolate *iso = isolate(0, 64 << 20);
  rill_set_deadline(iso, 50);
  assert_null(
      rill_eval(iso, "try { for (;;); } catch (e) {}", RILL_TEXT_END, NULL));
  assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
  // Within one match, and within many short ones of one call.
  static const char *const endless[] = {
      "/^(a|aa|b\\1)*\\1c$/.test('a'.repeat(80) + 'cx')",
      "'a'.repeat(1 << 22).replace(/a.*?b|a/g, '')",
  };
  for (int i = 0; i < 2; i++) {
    rill_set_deadline(iso, 50);
    assert_null(rill_eval(iso, endless[i], RILL_TEXT_END, NULL));
    assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
  }
  rill_set_deadline(iso, 0);
  assert_true(rill_fuel(iso) == -1);
  rill_set_fuel(iso, 100000);
  assert_true(rill_fuel(iso) == 100000);
  assert_non_null(
      rill_eval(iso, "for (let i = 0; i < 50000; i++);", RILL_TEXT_END, NULL));
  assert_true(rill_fuel(iso) <= 50000 && rill_fuel(iso) > 48000);
  rill_set_fuel(iso, INT64_MAX);
  assert_true(rill_fuel(iso) > INT64_MAX - 10000);
  rill_set_fuel(iso, 20000);
  assert_true(rill_fuel(iso) == 20000);
  assert_null(rill_eval(iso, "for (;;);", RILL_TEXT_END, NULL));
  assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
  assert_true(rill_fuel(iso) == -1); // it has done its work
  pthread_t thread;
  pthread_create(&thread, NULL, interrupt_soon, iso);
  assert_null(rill_eval(iso, "for (;;);", RILL_TEXT_END, NULL));
  pthread_join(thread, NULL);
  assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
  assert_string_equal(eval_text(iso,
                                "try { const a = []; for (;;) a.push(new "
                                "Array(1000).fill(1)) } catch (e) { e.name }"),
                      "RangeError");
  assert_string_equal(
      eval_text(iso,
                "(function f() { try { return f() } catch (e) { return "
                "e.name } })()"),
      "RangeError");
  assert_string_equal(eval_text(iso, "'still ' + 'alive'"), "still alive");
  rill_isolate_free(iso);
}

static void test_gc_statistics(void **state) {
  rill_gc_statistics before = {.size = sizeof before}, after = before,
                     own = before, other = before;
  assert_true(rill_get_process_gc_statistics(&before));
  rill_isolate *iso = isolate(0, 0), *idle = isolate(0, 0);
  // On a busy machine the collector may come only when the script is over.
  for (int i = 0; i < 1000 && own.pauses.count == 0; i++) {
    assert_non_null(rill_eval(iso, "for (let i = 0; i < 1e6; i++) ({ i });",
                              RILL_TEXT_END, NULL));
    assert_true(rill_get_gc_statistics(iso, &own));
  }
  rill_collect_garbage(iso);
  assert_true(rill_get_gc_statistics(iso, &own));
  assert_true(rill_get_gc_statistics(idle, &other));
  assert_true(own.cycles >= 1 && other.cycles == 0);
  assert_true(own.pauses.count >= 1 && other.pauses.count == 0);
  assert_true(own.allocated_bytes > 1000000 && own.live_bytes < 1000000);
  assert_int_equal(own.heaps, 1);
  rill_isolate_free(iso);
  rill_isolate_free(idle);
  assert_true(rill_get_process_gc_statistics(&after));
  assert_int_equal(after.heaps, before.heaps);
  assert_int_equal(after.heaps_closed, before.heaps_closed + 2);
  assert_true(after.cycles >= before.cycles + own.cycles);
  own.size = 8;
  assert_false(rill_get_process_gc_statistics(&own));
}

// Ends the waiting, also with other timers due, and not the host.
static void test_exit(void **state) {
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE | RILL_ALLOW_PROCESS, 0);
  static const char program[] =
      "let after = 0;\n"
      "for (let i = 0; i < 5; i++)\n"
      "  setTimeout(() => i === 2 ? process.exit(3) : after++, 1);\n"
      "for (const begin = Date.now(); Date.now() - begin < 20;);\n"
      "await new Promise(() => {});";
  assert_null(rill_eval_module(iso, program, RILL_TEXT_END, "exit.mjs"));
  assert_string_equal(eval_text(iso, "'still ' + 'alive'"), "still alive");
  rill_isolate_free(iso);
}

static int finalized;
static void finalize(void *data) {
  finalized += *(int *)data;
}

static void test_host_objects(void **state) {
  rill_isolate *iso = isolate(0, 0);
  static int type, other, one = 1;
  finalized = 0;
  rill_scope scope;
  rill_scope_open(iso, &scope);
  rill_value o = rill_host_object(iso, &type, &one, finalize);
  assert_ptr_equal(rill_host_data(iso, o, &type), &one);
  assert_null(rill_host_data(iso, o, &other));
  rill_kept *kept = rill_keep(iso, o);
  rill_scope_close(iso, &scope);
  rill_collect_garbage(iso);
  assert_int_equal(finalized, 0);
  rill_release(iso, kept);
  for (int i = 0; i < 100; i++)
    rill_host_object(iso, &type, &one, finalize);
  rill_isolate_free(iso);
  assert_int_equal(finalized, 101);
}

static void test_heap_snapshots(void **state) {
  rill_isolate *iso = isolate(0, 0); // which itself may reach no file
  assert_false(rill_write_heap_snapshot(iso, "/no/such/folder/x"));
  const rill_error *error = rill_get_error(iso);
  assert_non_null(error);
  assert_non_null(strstr(error->message, "ENOENT"));
  assert_true(rill_write_heap_snapshot(iso, "/dev/null"));
  rill_isolate_free(iso);
}

// What is awaited comes in a timer that is due when the loop begins to run: the
// loop must not wait for the other one.
static void test_await_of_what_is_due(void **state) {
  rill_isolate *iso = isolate(RILL_ALLOW_ALL, 0);
  time_t began = time(NULL);
  rill_value module = rill_eval_module(
      iso,
      "import { sleep } from 'rill:time';\n"
      "void sleep(100000);\n"
      "await sleep(5);\n"
      "const due = sleep(1);\n"
      "for (const until = Date.now() + 20; Date.now() < until;);\n"
      "await due;\n",
      RILL_TEXT_END, "due.mjs");
  assert_non_null(module);
  assert_true(time(NULL) - began < 60);
  rill_isolate_free(iso);
}

static void test_promises(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_value promise = rill_promise(iso);
  assert_true(rill_set(iso, rill_global(iso), "p", promise));
  rill_value result =
      rill_eval(iso, "p.then((v) => v * 2)", RILL_TEXT_END, NULL);
  assert_true(rill_resolve(iso, promise, rill_number(iso, 21)));
  assert_true(rill_to_number(iso, rill_await(iso, result)) == 42);
  rill_value rejected =
      rill_eval(iso, "Promise.reject(new Error('no'))", RILL_TEXT_END, NULL);
  assert_true(rejected == NULL || rill_await(iso, rejected) == NULL);
  assert_string_equal(rill_get_error(iso)->message, "no");
  rill_value name_space =
      rill_eval_module(iso, "export const x = await Promise.resolve(5);",
                       RILL_TEXT_END, "m.mjs");
  assert_non_null(name_space);
  assert_true(rill_to_number(iso, rill_get(iso, name_space, "x")) == 5);
  rill_isolate_free(iso);
}

static void test_denied(void **state) {
  rill_isolate *iso = isolate(0, 0);
  assert_string_equal(eval_text(iso, "typeof console + typeof process"),
                      "undefinedundefined");
  assert_null(rill_eval_module(iso,
                               "import { readText } from 'rill:fs'; await "
                               "readText('/etc/passwd');",
                               RILL_TEXT_END, "m.mjs"));
  assert_non_null(strstr(rill_get_error(iso)->message, "allows no"));
  assert_null(
      rill_eval_module(iso, "import './x.mjs'", RILL_TEXT_END, "/tmp/m.mjs"));
  assert_non_null(strstr(rill_get_error(iso)->message, "allows no"));
  rill_isolate_free(iso);
}

// What reaches sockets fails; with the right it works, and what is left open is
// closed with the isolate.
static void test_network(void **state) {
  static const char *const modules[] = {
      "await (await import('rill:net')).listen({})",
      "await (await import('rill:net')).connect({ port: 1 })",
      "await (await import('rill:net')).datagram({})",
      "import 'rill:http'",
      "const { connect } = await import('node:net');"
      "await new Promise((_, no) => connect(1).on('error', no))",
      "import 'node:http'",
      "await fetch('http://127.0.0.1:1/')",
      "await (await import('rill:net')).lookup('localhost')",
  };
  uint32_t others = RILL_ALLOW_ALL & ~(uint32_t)RILL_ALLOW_NET;
  for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
    rill_isolate *iso = isolate(others, 0);
    assert_null(rill_eval_module(iso, modules[i], RILL_TEXT_END, "m.mjs"));
    assert_non_null(strstr(rill_get_error(iso)->message, "allows no access"));
    rill_isolate_free(iso);
  }
  static const char open[] =
      "import { connect, datagram, listen } from 'rill:net';\n"
      "import { serve } from 'rill:http';\n"
      "const hostname = '127.0.0.1';\n"
      "const server = await serve({ hostname }, () => new Promise(() => {}));\n"
      "const listener = await listen({ hostname });\n"
      "listener.accept();\n"
      "(await datagram({ hostname })).receive();\n"
      "const c = await connect({ hostname, port: server.port });\n"
      "await c.write('GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n');\n"
      "c.read();\n"
      "fetch(`http://${hostname}:${server.port}/`, { method: 'POST',"
      " body: 'x' });\n"
      "await new Promise((resolve) => setTimeout(resolve, 20));\n";
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE | RILL_ALLOW_NET, 0);
  if (rill_eval_module(iso, open, RILL_TEXT_END, "m.mjs") == NULL)
    fail_msg("%s", rill_get_error(iso)->stack);
  rill_isolate_free(iso);
}

// Without the right nothing starts, listens, reads or changes what belongs to
// the process, and its environment is not seen; with it a child that still runs
// is no burden for the isolate's end.
static void test_processes(void **state) {
  static const char *const attempts[] = {
      "(await import('rill:process')).spawn('true')",
      "await (await import('rill:process')).run('true')",
      "(await import('rill:process')).onSignal('SIGUSR1', () => {})",
      "(await import('rill:process')).signals('SIGUSR1')",
      "(await import('rill:process')).kill(1, 'SIGTERM')",
      "(await import('rill:process')).chdir('/')",
      "(await import('rill:process')).umask(0)",
      "await (await import('rill:process')).stdin.read()",
      "(await import('rill:process')).stdin.setRawMode()",
      "(await import('node:child_process')).spawn('true')",
      "(await import('node:child_process')).fork('/tmp/a.js')",
      "(await import('node:child_process')).execSync('true')",
      "(await import('node:child_process')).spawnSync('true')",
      "(await import('node:os')).setPriority(1)",
      "(await import('node:os')).userInfo()",
      "process.on('SIGUSR1', () => {})",
      "process.kill(process.pid, 'SIGTERM')",
      "process.abort()",
      "process.chdir('/')",
      "process.umask(0)",
      "process.setuid(0)",
      "process.env.TZ = 'UTC'",
      "for await (const chunk of process.stdin);",
  };
  uint32_t others = RILL_ALLOW_ALL & ~(uint32_t)RILL_ALLOW_PROCESS;
  for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
    rill_isolate *iso = isolate(others, 0);
    if (rill_eval_module(iso, attempts[i], RILL_TEXT_END, "m.mjs") != NULL)
      fail_msg("%s: allowed", attempts[i]);
    if (strstr(rill_get_error(iso)->message, "allows no access") == NULL)
      fail_msg("%s: %s", attempts[i], rill_get_error(iso)->message);
    rill_isolate_free(iso);
  }
  rill_isolate *iso = isolate(others, 0);
  setenv("RILL_TEST_SECRET", "secret", 1);
  assert_string_equal(eval_text(iso, "Object.keys(process.env).join()"), "");
  assert_string_equal(eval_text(iso, "process.title = 'x'; process.title"),
                      "rill");
  rill_isolate_free(iso);

  iso = isolate(RILL_ALLOW_CONSOLE | RILL_ALLOW_PROCESS, 0);
  assert_string_equal(eval_text(iso, "process.env.RILL_TEST_SECRET"), "secret");
  static const char good[] =
      "import { run, spawn } from 'rill:process';\n"
      "const { stdout } = await run('echo', ['hi']);\n"
      "if (stdout !== 'hi\\n') throw new Error(stdout);\n"
      "spawn('sleep', ['0.2']).unref();\n";
  if (rill_eval_module(iso, good, RILL_TEXT_END, "m.mjs") == NULL)
    fail_msg("%s", rill_get_error(iso)->stack);
  rill_isolate_free(iso);
  // Somebody waits for it: no zombie of ours is left.
  for (int i = 0; i < 100 && waitpid(-1, NULL, WNOHANG) == 0; i++)
    usleep(20000);
  assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void test_two_isolates(void **state) {
  rill_isolate *a = isolate(0, 0), *b = isolate(0, 0);
  assert_string_equal(eval_text(a, "globalThis.v = 'a'"), "a");
  assert_string_equal(eval_text(b, "typeof v"), "undefined");
  assert_string_equal(eval_text(a, "v"), "a");
  rill_isolate_free(a);
  assert_string_equal(eval_text(b, "1"), "1");
  rill_isolate_free(b);
}

// The next descriptor that the system would give.
static int next_descriptor(void) {
  int descriptor = dup(0);
  close(descriptor);
  return descriptor;
}

static const char forever[] =
    "Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0).value";

// An isolate that waits for nothing has no loop, thus no descriptors; what was
// asked of it before it has one still holds.
static void test_loop_is_made_late(void **state) {
  rill_isolate *iso = isolate(0, 0);
  int before = next_descriptor();
  rill_isolate *quiet = isolate(0, 0);
  assert_string_equal(eval_text(quiet, "1 + 1"), "2");
  rill_eval(quiet, "Promise.resolve().then(() => { globalThis.ran = 1; })",
            RILL_TEXT_END, NULL);
  assert_string_equal(eval_text(quiet, "ran"), "1");
  assert_int_equal(next_descriptor(), before);
  rill_isolate_free(quiet);

  rill_set_deadline(iso, 50);
  rill_value promise = rill_eval(iso, forever, RILL_TEXT_END, NULL);
  assert_non_null(promise);
  assert_null(rill_await(iso, promise));
  assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
  rill_isolate_free(iso);

  iso = isolate(0, 0);
  pthread_t thread;
  pthread_create(&thread, NULL, interrupt_soon, iso);
  promise = rill_eval(iso, forever, RILL_TEXT_END, NULL);
  assert_null(rill_await(iso, promise));
  assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_TERMINATED);
  pthread_join(thread, NULL);
  rill_isolate_free(iso);

  iso = isolate(0, 0); // interrupted while it has no loop
  rill_interrupt(iso);
  assert_null(rill_eval(iso, "for (;;);", RILL_TEXT_END, NULL));
  rill_isolate_free(iso);
  iso = isolate(RILL_ALLOW_CONSOLE, 0);
  assert_non_null(rill_eval_module(
      iso, "await new Promise((r) => setTimeout(r, 5));", RILL_TEXT_END, "m"));
  rill_isolate_free(iso);
}

// With so many descriptors left the loop cannot be made, or just so: the error
// is the script's, what was made by then is given back, and when there are
// descriptors again the isolate waits like any other.
static void test_loop_without_descriptors(void **state) {
  static const char nap[] = "await new Promise((r) => setTimeout(r, 1))";
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlim_t normal = limit.rlim_cur;
  int failures = 0;
  for (int left = 0; left < 12; left++) {
    int before = next_descriptor();
    rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
    assert_int_equal(next_descriptor(), before);
    limit.rlim_cur = (rlim_t)(before + left);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    bool done = rill_eval_module(iso, nap, RILL_TEXT_END, "a") != NULL;
    limit.rlim_cur = normal;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    if (!done) {
      failures++;
      assert_string_equal(rill_get_error(iso)->name, "RangeError");
    }
    assert_non_null(rill_eval_module(iso, nap, RILL_TEXT_END, "b"));
    rill_isolate_free(iso);
    assert_int_equal(next_descriptor(), before);
  }
  assert_in_range(failures, 2, 11);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_functions),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_exit),
      cmocka_unit_test(test_gc_statistics),
      cmocka_unit_test(test_host_objects),
      cmocka_unit_test(test_heap_snapshots),
      cmocka_unit_test(test_await_of_what_is_due),
      cmocka_unit_test(test_promises),
      cmocka_unit_test(test_denied),
      cmocka_unit_test(test_network),
      cmocka_unit_test(test_processes),
      cmocka_unit_test(test_two_isolates),
      cmocka_unit_test(test_loop_is_made_late),
      cmocka_unit_test(test_loop_without_descriptors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
