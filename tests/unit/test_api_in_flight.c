// SPDX-License-Identifier: MIT
// What scripts have sent and nobody has received counts: on the sender's
// account, which may take as much as its heap, or on a pool's. In each test
// more is sent than there is room for, and then, once it was received, as much
// again.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "rill.h"
#include "rill/clone.h"
#include "rill/pool.h"
#include "tests/unit/api_tests.h"

enum { LIMIT = 8 << 20 };

// resident(): bytes of the process; 0 where sanitizers keep what was freed.
static rill_value resident(rill_isolate *iso, void *data, rill_value this_value,
                           size_t count, const rill_value *arguments) {
  size_t total = 0, pages = 0;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  FILE *f = fopen("/proc/self/statm", "r");
  assert_non_null(f);
  assert_int_equal(fscanf(f, "%zu %zu", &total, &pages), 2);
  fclose(f);
#endif
  return rill_number(iso, (double)pages * (double)sysconf(_SC_PAGESIZE));
}

// peak(): the most that there ever was.
static rill_value peak(rill_isolate *iso, void *data, rill_value this_value,
                       size_t count, const rill_value *arguments) {
  struct rusage used = {0};
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  getrusage(RUSAGE_SELF, &used);
#endif
  return rill_number(iso, (double)used.ru_maxrss * 1024);
}

// What an async function's body returns, as a string.
static void expect(const char *body, const char *expected) {
  static const char frame[] =
      "globalThis.refused = (f) => {"
      "  try { f(); } catch (e) { if (e instanceof RangeError) return true;"
      "    throw e; }"
      "  return false; };"
      "globalThis.MiB = 1 << 20;"
      "await (async () => { %s })();";
  setenv("RILL_WORKERS", "1", 1);
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, LIMIT);
  assert_true(rill_define(iso, "resident", resident, NULL));
  assert_true(rill_define(iso, "peak", peak, NULL));
  size_t size = sizeof frame + strlen(body);
  char *source = malloc(size);
  snprintf(source, size, frame, body);
  rill_value value = rill_eval_async(iso, source, RILL_TEXT_END, "test.js");
  if (value != NULL) value = rill_await(iso, value);
  if (value == NULL) fail_msg("%s", rill_get_error(iso)->stack);
  assert_string_equal(rill_to_string(iso, value, NULL), expected);
  free(source);
  rill_isolate_free(iso);
}

static void test_arguments_of_spawned_functions(void **state) {
  expect(
      "const { spawn } = await import('rill:task');"
      "const gate = new Int32Array(new SharedArrayBuffer(4));"
      "const first = spawn((gate) => { Atomics.wait(gate, 0, 0) }, gate);"
      "const bytes = new Uint8Array(MiB), all = [];"
      "let said = 0;"
      "for (let i = 0; i < 32; i++)"
      "  said += refused(() => all.push(spawn((b) => b.length, bytes)));"
      "Atomics.store(gate, 0, 1); Atomics.notify(gate, 0);"
      "await first;"
      "for (const task of all)"
      "  if (await task !== MiB) return 'lost';"
      "if (await spawn((b) => b.length, bytes) !== MiB) return 'not usable';"
      "return said > 20 && said < 32;",
      "true");
}

// One worker: when the last function runs, the results of the others are there,
// and this thread has taken none.
static void test_results_of_spawned_functions(void **state) {
  expect(
      "const { spawn } = await import('rill:task');"
      "const begun = new Int32Array(new SharedArrayBuffer(4));"
      "const all = [], before = resident();"
      "for (let i = 0; i < 64; i++)"
      "  all.push(spawn((begun) => {"
      "    Atomics.add(begun, 0, 1);"
      "    return new Uint8Array(1 << 20).fill(1);"
      "  }, begun).then((b) => b.length, (e) => e.constructor.name));"
      "while (Atomics.load(begun, 0) < 64) ;"
      "const more = resident() - before;"
      "const ends = await Promise.all(all);"
      "if (await spawn(() => new Uint8Array(1 << 20).length) !== MiB)"
      "  return 'not usable';"
      "return more < 40 * MiB || more;",
      "true");
}

static void test_shared_bytes_in_messages(void **state) {
  expect(
      "const { port1, port2 } = new MessageChannel();"
      "let said = 0;"
      "for (let i = 0; i < 32; i++)"
      "  said += refused(() => port1.postMessage(new SharedArrayBuffer(MiB)));"
      "if (said < 20 || said === 32) return said;"
      "port2.close(), port1.close();"
      "const again = new MessageChannel();"
      "again.port1.postMessage(new SharedArrayBuffer(MiB));"
      "again.port1.close();"
      "return true;",
      "true");
}

static void test_shared_bytes_in_channels(void **state) {
  expect(
      "const { channel } = await import('rill:sync');"
      "const [sender, receiver] = channel(100);"
      "let said = 0;"
      "for (let i = 0; i < 32; i++)"
      "  try { await sender.send(new SharedArrayBuffer(MiB)); }"
      "  catch { said++; }"
      "if (said < 20 || said === 32) return said;"
      "sender.close();"
      "for await (const b of receiver)"
      "  if (b.byteLength !== MiB) return 'lost';"
      "return true;",
      "true");
}

// However often they are sent: nothing is refused.
static void test_the_same_shared_bytes_count_once(void **state) {
  expect(
      "const shared = new SharedArrayBuffer(1.5 * MiB);"
      "const { channel } = await import('rill:sync');"
      "const [sender, receiver] = channel(100);"
      "const { port1, port2 } = new MessageChannel();"
      "for (let i = 0; i < 50; i++) {"
      "  await sender.send([shared, new Uint8Array(shared)]);"
      "  port1.postMessage(shared);"
      "}"
      "sender.close();"
      "let count = 0;"
      "for await (const [b] of receiver) count += b.byteLength === 1.5 * MiB;"
      "const got = new Promise((resolve) => {"
      "  port2.onmessage = () => { if (++count === 100) resolve(); }; });"
      "await got;"
      "port1.close();"
      "return count;",
      "100");
}

// Sent small, they grow on the way.
static void test_shared_bytes_that_grow(void **state) {
  expect(
      "const { port1, port2 } = new MessageChannel();"
      "let said = 0;"
      "for (let i = 0; i < 32; i++) {"
      "  const b = new SharedArrayBuffer(1, { maxByteLength: MiB });"
      "  said += refused(() => { port1.postMessage(b); b.grow(MiB); });"
      "}"
      "port1.close();"
      "return said > 15 && said < 32;",
      "true");
}

// A text is written as often as it occurs: what is cloned may take as much as
// the heap.
static void test_texts_that_occur_often(void **state) {
  expect(
      "const text = 'x'.repeat(MiB), list = new Array(300).fill(text);"
      "const { port1 } = new MessageChannel();"
      "const before = peak();"
      "const all = [refused(() => structuredClone(list)),"
      "  refused(() => port1.postMessage(list)),"
      "  refused(() => structuredClone(text))];"
      "port1.close();"
      "return [all, peak() - before < 64 * MiB];",
      "true,true,false,true");
}

static void test_queued_texts_of_pools(void **state) {
  expect(
      "const { Pool } = await import('rill:pool');"
      "const pool = new Pool({ workers: 1 });"
      "const gate = new Int32Array(new SharedArrayBuffer(4));"
      "const first = pool.call((gate) => { Atomics.wait(gate, 0, 0) }, [gate]);"
      "const text = '1; //' + 'x'.repeat(MiB), all = [];"
      "let said = 0;"
      "for (let i = 0; i < 32; i++)"
      "  all.push(pool.evaluate(text).catch((e) => {"
      "    said += e instanceof RangeError; }));"
      "Atomics.store(gate, 0, 1); Atomics.notify(gate, 0);"
      "await Promise.all([first, ...all]);"
      "const value = await pool.evaluate(text);"
      "await pool.close();"
      "return [said > 20 && said < 32, value];",
      "true,1");
}

// Sessions that nobody waits for take memory of their table.
static void test_open_sessions(void **state) {
  expect(
      "const { Sessions } = await import('rill:sync');"
      "let many = new Sessions();"
      "const said = refused(() => {"
      "  for (let i = 0; i < 1e6; i++) many.open(); });"
      "many.close(); many = null;"
      "const few = new Sessions(), one = few.open();"
      "few.complete(one, 5);"
      "return [said, await few.wait(one)];",
      "true,5");
}

static rill_pool *small_pool(uint32_t workers) {
  rill_pool_options options = RILL_POOL_OPTIONS_INIT;
  options.workers = workers;
  options.isolate.max_heap_bytes = LIMIT;
  rill_pool *p = rill_pool_new(&options, NULL);
  assert_non_null(p);
  return p;
}

enum { COUNT = 64 };

// Evaluates it again and again, and releases nothing. How many returned.
static int evaluate_many(rill_pool *p, rill_request request,
                         rill_evaluation **all) {
  int returned = 0;
  for (int i = 0; i < COUNT; i++) {
    request.fresh = i % 2 == 1;
    assert_int_equal(rill_pool_submit_wait(p, &request, -1, &all[i]), RILL_OK);
    assert_int_equal(rill_evaluation_wait(all[i], -1), RILL_OK);
    if (rill_evaluation_outcome(all[i]) == RILL_OUTCOME_RETURNED) {
      returned++;
      continue;
    }
    const rill_evaluation_error *e = rill_evaluation_get_error(all[i]);
    assert_string_equal(e->error.name, "RangeError");
  }
  return returned;
}

static void test_results_of_pools(void **state) {
  rill_pool *p = small_pool(2);
  static const char source[] = "'x'.repeat(1 << 20)";
  for (rill_result_form form = RILL_RESULT_CLONE; form <= RILL_RESULT_JSON;
       form++) {
    rill_evaluation *all[COUNT];
    rill_request request = RILL_REQUEST_INIT;
    request.source = source;
    request.length = RILL_TEXT_END;
    request.form = form;
    for (int round = 0; round < 2; round++) {
      int returned = evaluate_many(p, request, all);
      assert_in_range(returned, 7, 2 * LIMIT >> 20);
      for (int i = 0; i < COUNT; i++)
        rill_evaluation_release(all[i]);
    }
  }
  rill_pool_free(p);
}

static void test_errors_of_pools(void **state) {
  rill_pool *p = small_pool(1);
  rill_evaluation *all[COUNT];
  rill_request request = RILL_REQUEST_INIT;
  request.source = "throw new RangeError('x'.repeat(1 << 20))";
  request.length = RILL_TEXT_END;
  for (rill_result_form form = RILL_RESULT_CLONE; form <= RILL_RESULT_JSON;
       form++) {
    request.form = form;
    assert_int_equal(evaluate_many(p, request, all), 0);
    size_t bytes = 0;
    for (int i = 0; i < COUNT; i++)
      bytes += strlen(rill_evaluation_get_error(all[i])->error.message);
    assert_in_range(bytes, 1 << 20, LIMIT);
    for (int i = 0; i < COUNT; i++)
      rill_evaluation_release(all[i]);
  }
  rill_pool_free(p);
}

// A host that keeps clones.
static void test_clones_of_hosts(void **state) {
  rill_isolate *iso = isolate(0, LIMIT);
  rill_clone *all[32];
  rill_value value =
      rill_eval(iso, "new SharedArrayBuffer(1 << 20)", RILL_TEXT_END, NULL);
  for (int i = 0; i < 32; i++) { // counts once
    all[i] = rill_clone_new(iso, value, 0, NULL);
    assert_non_null(all[i]);
  }
  rill_isolate_free(iso);
  for (int i = 0; i < 32; i++)
    rill_clone_release(all[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_texts_that_occur_often), // first: it has a peak
      cmocka_unit_test(test_arguments_of_spawned_functions),
      cmocka_unit_test(test_results_of_spawned_functions),
      cmocka_unit_test(test_shared_bytes_in_messages),
      cmocka_unit_test(test_shared_bytes_in_channels),
      cmocka_unit_test(test_the_same_shared_bytes_count_once),
      cmocka_unit_test(test_shared_bytes_that_grow),
      cmocka_unit_test(test_queued_texts_of_pools),
      cmocka_unit_test(test_open_sessions),
      cmocka_unit_test(test_results_of_pools),
      cmocka_unit_test(test_errors_of_pools),
      cmocka_unit_test(test_clones_of_hosts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
