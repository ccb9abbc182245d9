// SPDX-License-Identifier: MIT
// Fuel and interrupts reach inside every builtin that loops: each is given so
// much to do, and so little fuel, that it can only end by running out of it,
// within the builtin or, where its work is charged in bulk, at the next
// back-edge: thirty turns of the loop around would need no fuel themselves.
// Of a row with several calls, the first that is charged may be what ends it.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/api_tests.h"

enum { FUEL = 20000 };

// `a`: an array of 300,000 numbers; `o`: array-like of that length; `p`: the
// same behind a proxy; `s`: a string of 400,000 units; `u`: a Uint8Array of
// 4,000,000; `m`, `t`: a Map and a Set of 200,000; `big`: a BigInt of 10^5
// digits.
static const char set_up[] =
    "var N = 300000, a = Array.from({ length: N }, (_, i) => i * 7 % N);"
    "var o = { length: N }, p = new Proxy(a, {}), s = 'ab'.repeat(200000);"
    "var lp = new Proxy({ length: 1e9 }, {});"
    "var u = new Uint8Array(4000000), m = new Map, t = new Set;"
    "for (let i = 0; i < 200000; i++) { m.set(i, i); t.add('k' + i); }"
    "var big = 7n ** 120000n, words = a.join(' ');"
    "var json = JSON.stringify(a), deep = '['.repeat(400) + ']'.repeat(400);"
    "var f64 = new Float64Array(N).map((_, i) => i * 7 % N);"
    "function G(n) { return { *[Symbol.iterator]() { for (;;) yield n } } }";

static const char *const loops[] = {
    // Arrays
    "a.slice().sort()",
    "a.slice().sort((x, y) => y - x)",
    "a.toSorted()",
    "a.join('-')",
    "String(a)",
    "[].concat(...Array(40).fill(a))",
    "new Array(5e6).fill(0)",
    "a.slice().copyWithin(1, 0); o.length = 4e6; "
    "Array.prototype.copyWithin.call(o, 0, 1)",
    "for (let i = 0; i < 100; i++) a.indexOf(-1)",
    "for (let i = 0; i < 100; i++) a.lastIndexOf(-1)",
    "for (let i = 0; i < 100; i++) a.includes(-1)",
    "Array.prototype.indexOf.call(lp, 1)",
    "Array.prototype.includes.call(lp, 1)",
    "for (let i = 0; i < 50; i++) a.slice().reverse()",
    "for (let i = 0; i < 50; i++) a.toReversed()",
    "for (let i = 0; i < 50; i++) a.with(0, 1)",
    "for (let i = 0; i < 50; i++) a.toSpliced(1, 1)",
    "for (let i = 0; i < 50; i++) a.slice(1)",
    "const b = a.slice(); for (let i = 0; i < 50; i++) b.splice(0, 1, 1, 2)",
    "const b = a.slice(); for (let i = 0; i < 50; i++) b.unshift(1)",
    "const c = []; for (let i = 0; i < 50; i++) c.push(...a)",
    "Array.prototype.unshift.call(lp, 1)",
    "Array.prototype.reverse.call(lp)",
    "a.map((x) => x)",
    "a.forEach((x) => x)",
    "a.filter((x) => x)",
    "a.reduce((x, y) => x + y)",
    "a.find((x) => x < 0)",
    "a.every((x) => x >= 0)",
    "a.flatMap((x) => [x])",
    "[Array(2000).fill(a)].flat(3)",
    "Array.from(p)",
    "Array.from({ length: 1e8 })",
    "Array.from(G(1))",
    "Array.of.call(Array, ...a, ...a)",
    "[...G(1)]",
    "[...a, ...a, ...a, ...a, ...a, ...a]; [...p]",
    "Math.max(...a); Math.max.apply(null, p)",
    "Object.groupBy(p, (x) => x % 3)",
    "Object.fromEntries(G([1, 2]))",
    "Object.assign({}, p)",
    "Object.entries(p)",
    "Object.keys(a).length + Object.values(p).length",
    "Object.freeze(a.slice()); Object.freeze(new Proxy(a.slice(), {}))",
    "({ ...p })",
    "for (const k in p);",
    "Reflect.ownKeys(p).length + JSON.stringify(p)",
    "structuredClone(a); structuredClone(m)",
    "const [...rest] = G(1)",
    // Strings
    "for (let i = 0; i < 40; i++) s.indexOf('c' + i)",
    "for (let i = 0; i < 40; i++) s.lastIndexOf('c' + i)",
    "for (let i = 0; i < 40; i++) s.includes('ba'.repeat(1000) + 'c' + i)",
    "s.split('')",
    "s.split('a')",
    "s.replaceAll('a', 'bc')",
    "s.replaceAll('a', () => 'bc')",
    "for (let i = 0; i < 9; i++) 'x'.repeat(5e6 + i).charCodeAt(0)",
    "for (let i = 0; i < 9; i++) 'ab'.padStart(5e6 + i, 'xyz').charCodeAt(0)",
    "for (let i = 0; i < 20; i++) (s + i).toUpperCase()",
    "for (let i = 0; i < 20; i++) ('\\u00e9' + s + i).normalize('NFD')",
    "for (let i = 0; i < 40; i++) (' '.repeat(400000) + i).trim()",
    "for (let i = 0; i < 20; i++) s.isWellFormed() + (s + i).toWellFormed()",
    "[...s]",
    "String.raw({ raw: p })",
    "String.fromCharCode(...a)",
    "encodeURIComponent(s + s + s)",
    "escape('\\u00e9'.repeat(1e6))",
    "decodeURIComponent('%41'.repeat(400000))",
    "for (let i = 0; i < 20; i++) s.localeCompare(s + i)",
    "Number('1'.repeat(3e6)); parseInt('1'.repeat(3e6)); parseFloat(s)",
    // Regular expressions
    "/^(a|ab|b)*c/.test(s)",
    "/(x+x+)+y/.test('x'.repeat(40))",
    "s.match(/a/g)",
    "s.replace(/a/g, 'x')",
    "s.replace(/a/g, () => 'x')",
    "s.split(/a/)",
    "s.search(/(?:a|b)*c/)",
    "[...s.matchAll(/ab/g)]",
    "new RegExp('(?:' + 'a|'.repeat(300000) + 'b)').test('c')",
    "/(?<=(.*))c/.test(s)",
    // JSON
    "JSON.parse(json)",
    "JSON.parse('[' + deep + (',' + deep).repeat(1000) + ']')",
    "JSON.parse(json, (k, v) => v)",
    "JSON.stringify(a)",
    "JSON.stringify(s + s + s + s + s + s)",
    "JSON.stringify(a, null, 2)",
    "JSON.stringify(a, (k, v) => v)",
    "JSON.stringify({ toJSON() { return p } })",
    // BigInts
    "big * big * big * big * big * big",
    "3n ** 3000000n",
    "for (let i = 0; i < 9; i++) String(big * big)",
    "BigInt('7'.repeat(600000))",
    "for (let i = 0; i < 30; i++) big ** 3n / (big + 1n)",
    "for (let i = 0; i < 30; i++) (big ** 3n) % (big + 1n)",
    "for (let i = 0n; i < 200n; i++) (1n << (8000000n + i)) >> 3n",
    // Typed arrays
    "for (let i = 0; i < 20; i++) u.fill(i)",
    "for (let i = 0; i < 20; i++) u.slice()",
    "for (let i = 0; i < 20; i++) u.copyWithin(1, 0)",
    "for (let i = 0; i < 20; i++) u.indexOf(1)",
    "for (let i = 0; i < 20; i++) u.lastIndexOf(1)",
    "for (let i = 0; i < 20; i++) u.includes(1)",
    "for (let i = 0; i < 20; i++) u.reverse()",
    "f64.sort()",
    "f64.sort((x, y) => y - x)",
    "u.join('')",
    "u.set(p)",
    "Uint8Array.from(G(1))",
    "new Uint8Array(p)",
    "new Float64Array(u)",
    "u.map((x) => x + 1)",
    "u.toReversed(); u.toSorted(); u.with(0, 1); u.toSorted()",
    "u.toBase64 ? u.toBase64() + u.toHex() : u.join()",
    "for (let i = 0; i < 20; i++) new Uint8Array(u)",
    "for (let i = 0; i < 20; i++) u.buffer.slice(0)",
    // Maps, Sets, iterators
    "for (const x of m);",
    "m.forEach((x) => x)",
    "[...m.keys()]",
    "new Map(m)",
    "new Set(t)",
    "t.union(new Set(a))",
    "t.intersection(t)",
    "t.isSubsetOf(t)",
    "Iterator.from(G(1)).drop(1e9).next()",
    "Iterator.from(G(1)).toArray()",
    "Iterator.from(G(1)).filter((x) => x > 1).next()",
    "Map.groupBy(G(1), (x) => x)",
    "new WeakSet(G({}))",
    "Promise.all(G(1))",
    "Math.sumPrecise ? Math.sumPrecise(G(1)) : [...G(1)]",
    // The rest
    "eval('1;'.repeat(1000000))",
    "for (let i = 0; i < 4000; i++) new Intl.NumberFormat('de', { style: "
    "'currency', currency: 'EUR' }).format(i)",
    "new Intl.Segmenter('en').segment(s + s); [...new "
    "Intl.Segmenter('en').segment(s)]",
    "for (let i = 0; i < 2000; i++) new URL('http://x/' + "
    "'a/../'.repeat(2000))",
    "for (let i = 0; i < 20; i++) new TextDecoder().decode(u)",
    "for (let i = 0; i < 20; i++) new TextEncoder().encode(s + s + s + s + i)",
    "new URLSearchParams('a=b&'.repeat(300000)).toString()",
    "btoa(s + s + s + s + s); atob(btoa(s + s + s + s + s))",
};

static void test_fuel_reaches_every_builtin(void **state) {
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  assert_non_null(rill_eval(iso, set_up, RILL_TEXT_END, "set-up.js"));
  int missed = 0;
  for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++) {
    rill_scope scope;
    rill_scope_open(iso, &scope);
    char source[1024];
    snprintf(source, sizeof source,
             "for (let turn = 0; turn < 30; turn++) { %s }; 'not ended'",
             loops[i]);
    rill_set_fuel(iso, FUEL);
    rill_value value = rill_eval(iso, source, RILL_TEXT_END, "loop.js");
    rill_set_fuel(iso, -1);
    if (value != NULL || rill_get_error(iso)->kind != RILL_ERROR_TERMINATED) {
      missed++;
      print_error("%s: %s\n", loops[i],
                  value != NULL ? "ran to its end"
                                : rill_get_error(iso)->message);
    }
    rill_scope_close(iso, &scope);
  }
  assert_int_equal(missed, 0);
  // The isolate is good afterwards.
  rill_value value = rill_eval(iso, "a.length", RILL_TEXT_END, NULL);
  assert_int_equal(rill_to_number(iso, value), 300000);
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
    rill_eval(iso, "for (let i = 0; i < 5000; i++);", RILL_TEXT_END, NULL);
  }
  rill_isolate_free(iso);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fuel_reaches_every_builtin),
      cmocka_unit_test(test_interrupts_reach_waits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
