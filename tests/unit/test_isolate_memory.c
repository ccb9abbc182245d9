// SPDX-License-Identifier: MIT
// What isolates cost the process: closed ones give their memory back, each has
// a limit of its own, and collecting one stops no other.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// cmocka needs the three above first.
#include <cmocka.h>

#include "api_tests.h"

// Sanitizers keep what was freed, and are slow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

static size_t resident_kib(void) {
  FILE *f = fopen("/proc/self/statm", "r");
  size_t total = 0, resident = 0;
  assert_non_null(f);
  assert_int_equal(fscanf(f, "%zu %zu", &total, &resident), 2);
  fclose(f);
  return resident * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

static double number(rill_isolate *iso, const char *source) {
  rill_value v = rill_eval(iso, source, RILL_TEXT_END, "test.js");
  if (v == NULL) fail_msg("%s", rill_get_error(iso)->message);
  return rill_to_number(iso, v);
}

static const char use[] =
    "(() => { const list = [], map = new Map();"
    "for (let i = 0; i < 200; i++) list.push({ i, text: 'x' + i });"
    "for (const x of list) map.set(x.text, x);"
    "const bytes = new Uint8Array(3000).fill(1);"
    "return /x(\\d+)/.exec(list[7].text)[1] * 1"
    "  + map.size + bytes.reduce((a, b) => a + b); })()";

static rill_isolate *used_isolate(void) {
  rill_isolate *iso = isolate(0, 0);
  assert_true(number(iso, use) == 7 + 200 + 3000);
  return iso;
}

static void test_many_alive_then_closed(void **state) {
  (void)state;
  enum { COUNT = 500 };
  rill_isolate *first = used_isolate();
  static rill_isolate *all[COUNT];
  size_t before = 0, after = 0;
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < COUNT; i++)
      all[i] = used_isolate();
    // In an order that leaves holes.
    for (int i = 0; i < COUNT; i++)
      rill_isolate_free(all[i * 7 % COUNT]);
    if (round == 0) before = resident_kib();
    after = resident_kib();
  }
  rill_gc_statistics s = {.size = sizeof s};
  assert_true(rill_get_process_gc_statistics(&s));
  assert_int_equal(s.heaps, 1);
  assert_int_equal(s.heaps_closed, 3 * COUNT);
  rill_isolate_free(first);
  if (IS_SANITIZED) return;
  assert_true(after < before + 4096);
}

static void test_closed_ones_leave_little(void **state) {
  (void)state;
  if (IS_SANITIZED) return;
  enum { COUNT = 500 };
  rill_isolate *first = used_isolate();
  size_t before = resident_kib();
  static rill_isolate *all[COUNT];
  for (int i = 0; i < COUNT; i++)
    all[i] = used_isolate();
  size_t most = resident_kib();
  for (int i = 0; i < COUNT; i++)
    rill_isolate_free(all[i]);
  size_t after = resident_kib();
  rill_isolate_free(first);
  assert_true(most > before + COUNT * 100);
  assert_true(after < before + COUNT * 10 + 4096);
}

static void test_in_sequence(void **state) {
  (void)state;
  int count = IS_SANITIZED ? 200 : 10000;
  size_t warm = 0;
  for (int i = 0; i < count; i++) {
    rill_isolate_free(used_isolate());
    if (i == count / 10) warm = resident_kib();
  }
  if (!IS_SANITIZED) assert_true(resident_kib() < warm + 2048);
}

// What an isolate had outside its heap goes with it, too.
static void test_closing_frees_buffers(void **state) {
  (void)state;
  if (IS_SANITIZED) return;
  rill_isolate *first = used_isolate();
  size_t before = resident_kib();
  for (int i = 0; i < 20; i++) {
    rill_isolate *iso = isolate(0, 0);
    number(iso,
           "globalThis.all = []; for (let i = 0; i < 400; i++)"
           "  all.push(new Uint8Array(20000 + i * 200).fill(7),"
           "           2n ** 20000n + BigInt(i));"
           "all.length");
    assert_true(resident_kib() > before + 12000);
    rill_isolate_free(iso);
  }
  size_t after = resident_kib();
  rill_isolate_free(first);
  assert_true(after < before + 6144);
}

static rill_gc_statistics statistics(rill_isolate *iso) {
  rill_gc_statistics s = {.size = sizeof s};
  assert_true(rill_get_gc_statistics(iso, &s));
  return s;
}

// Each reaches its own limit, whatever the others hold.
static void test_limits_of_their_own(void **state) {
  (void)state;
  static const char fill[] =
      "(() => { const all = []; let pushed = 0;"
      "try { for (;;) { all.push(new Array(1000).fill(pushed)); pushed++; } }"
      "catch (e) { all.length = 0;"
      "  return e instanceof RangeError ? pushed : -1; } })()";
  size_t limits[] = {8 << 20, 16 << 20, 32 << 20, 64 << 20};
  rill_isolate *all[4];
  for (int i = 0; i < 4; i++)
    all[i] = isolate(0, limits[i]);
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < 4; i++) {
      double pushed = number(all[i], fill);
      // An array of a thousand takes about 8 KiB.
      assert_true(pushed * 8000 > (double)limits[i] * 0.5);
      assert_true(pushed * 8000 < (double)limits[i] * 1.3);
      assert_true(statistics(all[i]).peak_heap_bytes <
                  limits[i] + limits[i] / 2 + (8 << 20));
      assert_true(number(all[i], use) == 3207);
    }
  for (int i = 0; i < 4; i++)
    rill_isolate_free(all[i]);
}

// What libraries hold for a script counts before it is there: such objects are
// small, and the heap may have room for many of them.
static void test_limits_of_native_memory(void **state) {
  (void)state;
  static const char *const classes[] = {"NumberFormat", "DateTimeFormat",
                                        "PluralRules", "RelativeTimeFormat"};
  enum { LIMIT = 16 << 20 };
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
    rill_isolate *iso = isolate(0, LIMIT);
    char source[256];
    snprintf(source, sizeof source,
             "var all = [], is_full = false;"
             "try { for (;;) all.push(new Intl.%s('de')); }"
             "catch (e) { is_full = e instanceof RangeError; } is_full",
             classes[i]);
    assert_true(number(iso, source) == 1);
    rill_gc_statistics s = statistics(iso);
    assert_true(s.external_bytes < LIMIT);
    assert_true(s.external_bytes > LIMIT / 2);
    assert_true(number(iso, "all = null; 1") == 1);
    assert_true(number(iso, use) == 3207);
    rill_isolate_free(iso);
  }
}

// Registers that a script wrote are not the next one's roots. Each keeps a list
// that is more than half of the heap in as many arguments; those of the second
// are not written yet while it makes its list.
static void test_lists_go_with_their_script(void **state) {
  (void)state;
  enum { ARGUMENTS = 100 };
  char source[1024] = "take(make()";
  rill_isolate *iso = isolate(0, 32 << 20);
  number(iso,
         "function make() { let list = null;"
         "  for (let i = 0; i < 350000; i++) list = { list };"
         "  return list; }"
         "function take() { return 1; } 0");
  for (int i = 0; i < ARGUMENTS; i++)
    strcat(source, ", 1");
  strcat(source, ")");
  for (int i = 0; i < 3; i++) {
    char before[1024] = "{ const list = make(); take(list";
    for (int k = 0; k < ARGUMENTS; k++)
      strcat(before, ", list");
    strcat(before, ") }");
    assert_true(number(iso, before) == 1);
    assert_true(statistics(iso).peak_heap_bytes > 17 << 20);
    assert_true(number(iso, source) == 1);
  }
  rill_isolate_free(iso);
}

typedef struct Allocator {
  atomic_bool is_over;
  uint64_t cycles;
} Allocator;

static void *allocate_heavily(void *data) {
  Allocator *a = data;
  rill_isolate *iso = isolate(0, 0);
  number(iso,
         "globalThis.live = new Array(50000).fill(0).map("
         "  (_, i) => ({ i, next: [i] }));"
         "globalThis.at = 0; 0");
  while (!atomic_load(&a->is_over) || statistics(iso).cycles < 10) {
    number(iso,
           "for (let i = 0; i < 50000; i++)"
           "  live[at++ % live.length] = { i, next: [i, i] };"
           "at");
  }
  a->cycles = statistics(iso).cycles;
  rill_isolate_free(iso);
  return NULL;
}

// By counts, not by time: the other's stops are none of ours.
static void test_collecting_one_stops_no_other(void **state) {
  (void)state;
  Allocator a = {0};
  rill_isolate *iso = isolate(0, 0);
  number(iso,
         "gcless = () => { let s = 0;"
         "  for (let i = 0; i < 2e6; i++) s = (s + i) | 0; return s; };"
         "gcless()");
  rill_gc_statistics before = statistics(iso);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, allocate_heavily, &a), 0);
  for (int i = 0; i < 100; i++)
    number(iso, "gcless()");
  atomic_store(&a.is_over, true);
  pthread_join(thread, NULL);
  rill_gc_statistics after = statistics(iso);
  assert_true(a.cycles >= 10);
  assert_int_equal(after.cycles, before.cycles);
  assert_int_equal(after.pauses.count, before.pauses.count);
  assert_int_equal(after.stalls.count, before.stalls.count);
  assert_int_equal(after.waits.count, before.waits.count);
  rill_isolate_free(iso);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_many_alive_then_closed),
      cmocka_unit_test(test_closed_ones_leave_little),
      cmocka_unit_test(test_in_sequence),
      cmocka_unit_test(test_closing_frees_buffers),
      cmocka_unit_test(test_limits_of_their_own),
      cmocka_unit_test(test_limits_of_native_memory),
      cmocka_unit_test(test_lists_go_with_their_script),
      cmocka_unit_test(test_collecting_one_stops_no_other),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
