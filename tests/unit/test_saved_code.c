// SPDX-License-Identifier: MIT
// Compiled code as bytes: what it does is the same after saving and loading,
// and bytes that are cut off, changed or another build's are refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/api_tests.h"
#include "vm/bytecode/serialize.h"

typedef struct Saved {
  uint8_t *bytes;
  size_t length;
} Saved;

static Saved save(rill_isolate *iso, rill_goal goal, const char *source) {
  rill_compiled *code =
      rill_compile(iso, goal, source, RILL_TEXT_END, "saved.js");
  if (code == NULL) fail_msg("%s: %s", source, rill_get_error(iso)->message);
  Saved saved = {0};
  assert_true(rill_compiled_save(iso, code, &saved.bytes, &saved.length));
  rill_compiled_release(code);
  return saved;
}

static rill_compiled *load(rill_isolate *iso, Saved saved) {
  rill_compiled *code = rill_compiled_load(iso, saved.bytes, saved.length);
  if (code == NULL) fail_msg("%s", rill_get_error(iso)->message);
  return code;
}

static const char *text(rill_isolate *iso, rill_value value) {
  return value == NULL ? rill_get_error(iso)->message
                       : rill_to_string(iso, value, NULL);
}

// Saved by one isolate, run by another that has never seen the source.
static void gives(rill_goal goal, const char *source, const char *expected) {
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, 0);
  Saved saved = save(iso, goal, source);
  rill_isolate_free(iso);
  iso = isolate(RILL_ALLOW_CONSOLE, 0);
  rill_compiled *code = load(iso, saved);
  assert_int_equal(rill_compiled_goal(code), goal);
  rill_value value = rill_run_compiled(iso, code);
  rill_compiled_release(code);
  if (value != NULL && rill_is_promise(iso, value))
    value = rill_await(iso, value);
  if (goal == RILL_GOAL_MODULE && value != NULL)
    value = rill_get(iso, value, "default");
  if (strcmp(text(iso, value), expected) != 0)
    fail_msg("%s: %s, not %s", source, text(iso, value), expected);
  rill_isolate_free(iso);
  free(saved.bytes);
}

static void saved_code_does_the_same(void **state) {
  static const struct {
    const char *source, *expected;
  } scripts[] = {
      {"1 + 1", "2"},
      {"[1.5, -0, NaN, 1e300, 4294967295, -2147483648].map((n) => "
       "Object.is(n, -0) ? '-0' : n).join()",
       "1.5,-0,NaN,1e+300,4294967295,-2147483648"},
      {"String(12345678901234567890123456789012345678901234567890n * -1n) + 0n",
       "-123456789012345678901234567890123456789012345678900"},
      {"'\u00e9\u4e2d\U0001f600' + '\\ud800'.length",
       "\u00e9\u4e2d\U0001f6001"},
      {"String(/a(?<x>b+)[^c]/giu) + /(\\d+)/.exec('a12b')[1]",
       "/a(?<x>b+)[^c]/giu12"},
      {"const t = (s, ...v) => s.raw.join('|') + s.length + v + (s[1] === "
       "undefined); t`a${1}\\u{zz}${2}c`",
       "a|\\u{zz}|c31,2true"},
      {"[[1, , 'x', null, undefined, true]].map((a) => a.length + (1 in a ? "
       "'' : 'hole')).join()",
       "6hole"},
      {"const o = {a: 1, ['b' + 1]: 2, get c() { return 3 }, 7: 4, __proto__: "
       "{ d: 5 }}; `${Object.keys(o)} ${o.c + o.d}`",
       "7,a,b1,c 8"},
      {"class A { #x = 1; static #n = 5; #m() { return this.#x } get v() { "
       "return this.#m() + A.#n } static { this.z = 9 } has(o) { return #x in "
       "o } } class B extends A { y = super.v; constructor() { super() } } "
       "const b = new B(); `${b.y} ${A.z} ${b.has(b)} ${b.has({})}`",
       "6 9 true false"},
      {"function* g() { try { const x = yield 1; yield* [x, 3] } finally { "
       "g.done = true } } const i = g(); i.next(); const a = [i.next(7).value, "
       "i.next().value]; i.return(); a + String(g.done)",
       "7,3true"},
      {"function f(a, b = a + 1, ...c) { arguments[0] = 9; return [a, b, "
       "c.length, arguments.length, f.length].join() } f(1) + f(1, 2, 3)",
       "1,2,0,1,11,2,1,3,1"},
      {"function s(a) { arguments[0] = 9; var g = function () { return a }; "
       "return g() } s(1)",
       "9"},
      {"function e(x) { var y = 1; eval('var z = x + y; y = 5'); with ({w: 2}) "
       "y += w; return z + ',' + y + typeof nothing } e(3)",
       "4,7undefined"},
      {"let r = ''; l: for (let i = 0; i < 5; i++) { switch (i) { case 1: "
       "continue l; case 3: break l; default: try { throw i } catch (e) { r += "
       "e } finally { r += 'f' } } } r",
       "0f2f"},
      {"const fs = []; for (let i = 0; i < 3; i++) fs.push(() => i++); "
       "fs[0](); fs.map((f) => f()).join()",
       "1,1,2"},
      {"var {a, ...rest} = {a: 1, b: 2, c: 3}; const [p, [q = 4] = [], ...u] = "
       "[1, , 5]; JSON.stringify([a, rest, p, q, u])",
       "[1,{\"b\":2,\"c\":3},1,4,[5]]"},
      {"let k = []; for (const n in {x: 1, y: 2}) k.push(n); for (const [i, v] "
       "of ['a'].entries()) k.push(i + v); k.join()",
       "x,y,0a"},
      {"function long() { return 'a function that is only compiled when it is "
       "called, because it is as long as this' } long.toString().length",
       "110"},
  };
  for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
    gives(RILL_GOAL_SCRIPT, scripts[i].source, scripts[i].expected);
  gives(RILL_GOAL_ASYNC,
        "async function* g() { yield 1; yield await 2 } let s = 0; for await "
        "(const v of g()) s += v; await null; s",
        "3");
  gives(
      RILL_GOAL_ASYNC,
      "const r = []; { using a = { [Symbol.dispose]() { r.push('a') } }; await "
      "using b = { async [Symbol.asyncDispose]() { r.push('b') } }; } r.join()",
      "b,a");
  gives(RILL_GOAL_MODULE,
        "import { sleep } from 'rill:time'; import * as time from 'rill:time';"
        "await sleep(1); export const x = import.meta !== undefined;"
        "export default x + typeof time.sleep + (await import('rill:time') === "
        "time)",
        "truefunctiontrue");
  gives(
      RILL_GOAL_SCRIPT,
      "const d = (v, c) => function (...a) { return c.name + v.apply(this, a) "
      "}; @((c) => c) class K { @d m() { return 1 } @((v, c) => (x) => x * 2) "
      "f = 4; @d static #p() { return 3 } static p() { return K.#p() } } const "
      "o = new K(); o.m() + o.f + K.p()",
      "m18#p3");
}

static void errors_have_their_places(void **state) {
  rill_isolate *iso = isolate(0, 0);
  Saved saved = save(iso, RILL_GOAL_SCRIPT,
                     "function thrower() {\n  null.x;\n}\nthrower();");
  rill_compiled *code = load(iso, saved);
  assert_null(rill_run_compiled(iso, code));
  const rill_error *error = rill_get_error(iso);
  assert_string_equal(error->name, "TypeError");
  assert_non_null(strstr(error->stack, "thrower (saved.js:2:"));
  assert_int_equal(error->line, 2);
  rill_compiled_release(code);
  free(saved.bytes);
  rill_isolate_free(iso);
}

static const char every_part[] =
    "class A { #x = 1n; m(a = /b/g, ...c) { return `t${this.#x}` + c } }\n"
    "function* g() { try { yield [1.5, , 'w\u4e2d'] } finally { g.x = {k: 1} } "
    "}"
    "\nasync function f() { for await (const x of g()) eval('x') } f();"
    "switch (3) { case 1: case 2: case 3: case 4: case 5: new A().m() }";

static void refused(rill_isolate *iso, const uint8_t *bytes, size_t length,
                    const char *why) {
  assert_null(rill_compiled_load(iso, bytes, length));
  assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_HOST);
  if (why != NULL && strstr(rill_get_error(iso)->message, why) == NULL)
    fail_msg("%s", rill_get_error(iso)->message);
}

static void bytes_that_are_cut_off_are_refused(void **state) {
  rill_isolate *iso = isolate(0, 0);
  Saved saved = save(iso, RILL_GOAL_SCRIPT, every_part);
  for (size_t length = 0; length < saved.length; length++) {
    // A copy, so that reading past its end is seen.
    uint8_t *copy = malloc(length + 1);
    assert_non_null(copy);
    memcpy(copy, saved.bytes, length);
    refused(iso, copy, length, NULL);
    bytecode_seal(copy, length); // as if it had been made like that
    refused(iso, copy, length, NULL);
    free(copy);
  }
  refused(iso, (const uint8_t *)"1 + 1", 5, "not compiled code of rill");
  free(saved.bytes);
  rill_isolate_free(iso);
}

// Every byte, every bit: refused by the checksum, and with one that fits it is
// refused or harmless.
static void bytes_that_have_changed_are_refused(void **state) {
  rill_isolate *iso = isolate(0, 0);
  Saved saved = save(iso, RILL_GOAL_SCRIPT, every_part);
  uint8_t *copy = malloc(saved.length);
  assert_non_null(copy);
  for (size_t i = 0; i < saved.length; i++) {
    for (int bit = 0; bit < 8; bit++) {
      memcpy(copy, saved.bytes, saved.length);
      copy[i] ^= (uint8_t)(1 << bit);
      refused(iso, copy, saved.length, NULL);
      if (i < BYTECODE_HEADER_SIZE) continue;
      bytecode_seal(copy, saved.length);
      rill_compiled_release(rill_compiled_load(iso, copy, saved.length));
    }
  }
  memcpy(copy, saved.bytes, saved.length);
  copy[16] ^= 1; // the fingerprint
  refused(iso, copy, saved.length, "another build of rill");
  memcpy(copy, saved.bytes, saved.length);
  copy[saved.length - 1] ^= 1;
  refused(iso, copy, saved.length, "the bytes have changed");
  free(copy);
  free(saved.bytes);
  rill_isolate_free(iso);
}

static void compiled_code_is_saved_again(void **state) {
  rill_isolate *iso = isolate(0, 0);
  Saved one = save(iso, RILL_GOAL_SCRIPT, every_part);
  rill_compiled *code = load(iso, one);
  Saved two;
  assert_true(rill_compiled_save(iso, code, &two.bytes, &two.length));
  assert_int_equal(one.length, two.length);
  assert_memory_equal(one.bytes, two.bytes, one.length);
  rill_compiled_release(code);
  free(one.bytes);
  free(two.bytes);
  rill_isolate_free(iso);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(saved_code_does_the_same),
      cmocka_unit_test(errors_have_their_places),
      cmocka_unit_test(bytes_that_are_cut_off_are_refused),
      cmocka_unit_test(bytes_that_have_changed_are_refused),
      cmocka_unit_test(compiled_code_is_saved_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
