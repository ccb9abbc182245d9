// SPDX-License-Identifier: MIT
// What an embedded isolate may not reach: each right taken away alone, and all
// of them, against every builtin module (sandbox.mjs); limits of time and
// memory.
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/api_tests.h"

static char place[64] = "/tmp/rill-sandbox-XXXXXX";
static char *program;

static void write_text(const char *name, const char *text) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", place, name);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  assert_true(fputs(text, f) >= 0);
  assert_int_equal(fclose(f), 0);
}

static int set_up(void **state) {
  if (mkdtemp(place) == NULL) return -1;
  write_text("secret.txt", "secret");
  write_text("program.js", "globalThis.ran = true;");
  FILE *f = fopen(SANDBOX_PROGRAM, "r");
  if (f == NULL) return -1;
  size_t size = 1 << 20;
  program = malloc(size);
  program[fread(program, 1, size - 1, f)] = 0;
  return fclose(f);
}

static int tear_down(void **state) {
  char path[128];
  snprintf(path, sizeof path, "%s/secret.txt", place);
  remove(path);
  snprintf(path, sizeof path, "%s/program.js", place);
  remove(path);
  free(program);
  return rmdir(place);
}

// The directory is as it was.
static void check_place(void) {
  DIR *directory = opendir(place);
  assert_non_null(directory);
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (entry->d_name[0] == '.' || strcmp(entry->d_name, "secret.txt") == 0 ||
        strcmp(entry->d_name, "program.js") == 0)
      continue;
    fail_msg("%s was made", entry->d_name);
  }
  closedir(directory);
  char path[128];
  snprintf(path, sizeof path, "%s/secret.txt", place);
  struct stat s;
  assert_int_equal(stat(path, &s), 0);
  assert_int_equal(s.st_size, 6);
  assert_int_not_equal(s.st_mode & 0400, 0);
}

static void check_rights(uint32_t allow) {
  char directory[256], now[256];
  assert_non_null(getcwd(directory, sizeof directory));
  rill_isolate *iso = isolate(allow, 0);
  rill_value global = rill_global(iso), rights = rill_object(iso);
  static const struct {
    const char *name;
    uint32_t right;
  } names[] = {{"console", RILL_ALLOW_CONSOLE},
               {"files", RILL_ALLOW_FILES},
               {"net", RILL_ALLOW_NET},
               {"process", RILL_ALLOW_PROCESS}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    rill_set(iso, rights, names[i].name,
             rill_boolean(iso, (allow & names[i].right) != 0));
  rill_set(iso, global, "rights", rights);
  rill_set(iso, global, "place", rill_string(iso, place, RILL_TEXT_END));
  if (rill_eval_module(iso, program, RILL_TEXT_END, "/sandbox.mjs") == NULL)
    fail_msg("%s", rill_get_error(iso)->stack);
  const char *report =
      rill_to_string(iso, rill_get(iso, global, "report"), NULL);
  if (strcmp(report, "") != 0) fail_msg("rights %u:\n%s", allow, report);
  rill_isolate_free(iso);
  check_place();
  assert_non_null(getcwd(now, sizeof now));
  assert_string_equal(directory, now);
  assert_null(getenv("RILL_SANDBOX"));
}

static void test_without_all(void **state) {
  check_rights(0);
}
static void test_console_only(void **state) {
  check_rights(RILL_ALLOW_CONSOLE);
}
static void test_without_files(void **state) {
  check_rights(RILL_ALLOW_ALL & ~(uint32_t)RILL_ALLOW_FILES);
}
static void test_without_net(void **state) {
  check_rights(RILL_ALLOW_ALL & ~(uint32_t)RILL_ALLOW_NET);
}
static void test_without_process(void **state) {
  check_rights(RILL_ALLOW_ALL & ~(uint32_t)RILL_ALLOW_PROCESS);
}

// Isolates of one host do not hear each other.
static void test_broadcast(void **state) {
  rill_isolate *one = isolate(RILL_ALLOW_CONSOLE, 0);
  rill_isolate *two = isolate(RILL_ALLOW_CONSOLE, 0);
  static const char listen[] =
      "globalThis.heard = 0;\n"
      "globalThis.c = new BroadcastChannel('x');\n"
      "c.onmessage = () => heard++;";
  assert_non_null(rill_eval(one, listen, RILL_TEXT_END, NULL));
  assert_non_null(rill_eval(two, listen, RILL_TEXT_END, NULL));
  assert_non_null(rill_eval(two, "c.postMessage(1)", RILL_TEXT_END, NULL));
  static const char wait[] = "await new Promise((r) => setTimeout(r, 50));";
  assert_non_null(rill_eval_module(two, wait, RILL_TEXT_END, "w"));
  assert_non_null(rill_eval_module(one, wait, RILL_TEXT_END, "w"));
  rill_value heard = rill_eval(one, "heard", RILL_TEXT_END, NULL);
  assert_true(rill_to_number(one, heard) == 0);
  rill_isolate_free(one);
  rill_isolate_free(two);
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// A deadline ends whatever runs, in natives, too.
static void test_deadline(void **state) {
  static const char *const programs[] = {
      "for (;;);",
      "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
      "/^(a+)+$/.test('a'.repeat(40) + 'b')",
      "[...Array(1e6).keys()].sort(() => { for (;;); })",
      "Array.from({ length: 2 ** 40 })",
      "'x'.repeat(1e6).replace(/x/g, () => { for (;;); })",
      "new Array(2 ** 32 - 1).forEach.call({ length: 2 ** 52 }, () => {})",
      "JSON.stringify({ toJSON() { for (;;); } })",
      "await new Promise((r) => setTimeout(r, 60000))",
      "const { spawn } = await import('rill:task');"
      "await spawn(() => { for (;;); })",
      "const { sleep } = await import('rill:time'); await sleep(60000)",
      "const { matchGlob } = await import('rill:fs');"
      "matchGlob('*a'.repeat(30) + 'b', 'a'.repeat(300))",
      "import('node:v8'); let t = () => queueMicrotask(t); t();"
      "await new Promise(() => {})",
      "const { default: p } = await import('node:process');"
      "let t = () => p.nextTick(t); t(); await new Promise(() => {})",
  };
  for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
    rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 256 << 20);
    double start = seconds();
    rill_set_deadline(iso, 100);
    rill_eval_module(iso, programs[i], RILL_TEXT_END, "/m.mjs");
    double middle = seconds();
    if (middle - start > 5) fail_msg("too long: %s", programs[i]);
    rill_isolate_free(iso);
    if (seconds() - middle > 5) fail_msg("too long to free: %s", programs[i]);
  }
}

// The heap's limit holds in tasks, too, and for what is not in the heap.
static void test_memory(void **state) {
  static const char *const programs[] = {
      "const a = []; for (;;) a.push(new Array(1000).fill(0));",
      "const a = []; for (;;) a.push(new Uint8Array(1e6));",
      "const a = []; for (;;) a.push(new SharedArrayBuffer(1e6));",
      "let s = 'x'; for (;;) { s += s; Object(s).at(0); }",
      "const { spawn } = await import('rill:task');"
      "await spawn(() => { const a = []; for (;;) a.push(new "
      "Array(1000).fill(0));"
      "});",
      "const { matchGlob } = await import('rill:fs');"
      "matchGlob('{a,b}'.repeat(60), 'x'); throw new RangeError('bounded')",
  };
  for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
    rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 64 << 20);
    rill_set_deadline(iso, 60000);
    rill_value result =
        rill_eval_module(iso, programs[i], RILL_TEXT_END, "/m.mjs");
    if (result != NULL || strcmp(rill_get_error(iso)->name, "RangeError") != 0)
      fail_msg("%s: %s", programs[i], rill_get_error(iso)->stack);
    rill_isolate_free(iso);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_without_all),
      cmocka_unit_test(test_console_only),
      cmocka_unit_test(test_without_files),
      cmocka_unit_test(test_without_net),
      cmocka_unit_test(test_without_process),
      cmocka_unit_test(test_broadcast),
      cmocka_unit_test(test_deadline),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
