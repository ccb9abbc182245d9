// SPDX-License-Identifier: MIT
// Functions that are compiled alone, when they are first called: the code is
// that which compiling the whole text at once makes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/bytecode/captures.h"
#include "vm/bytecode/compile.h"
#include "vm/bytecode/verifier.h"

// Long enough that a body with it is dropped.
#define LONG                                                                   \
  "/* ..................................................................... "  \
  "........................................................................ "  \
  "*/ "

static Template *compile(const char *text, CompileGoal goal, bool is_lazy) {
  CompileOptions options = {
      .goal = goal, .file_name = "test.js", .is_lazy = is_lazy};
  CompileError error;
  Template *t =
      vm_compile(text, (uint32_t)strlen(text), false, &options, &error);
  if (!t) fail_msg("%s: %s", text, error.message);
  return t;
}

static uint32_t dropped;

static void compare(const Template *whole, const Template *t) {
  Captures expected, found;
  assert_true(vm_template_captures(whole, &expected));
  if (t->lazy) {
    dropped++;
    CompileError error;
    assert_int_equal(t->flags & TEMPLATE_STRICT,
                     whole->flags & TEMPLATE_STRICT);
    assert_int_equal(t->length, whole->length);
    assert_int_equal(t->parameter_count, whole->parameter_count);
    assert_int_equal(t->expected_properties, whole->expected_properties);
    // What it captures is known before it has been compiled.
    assert_true(vm_template_captures(t, &found));
    for (uint32_t i = 0; i < expected.count; i++) {
      bool has = false;
      for (uint32_t k = 0; k < found.count; k++)
        has |= found.items[k].hops == expected.items[i].hops &&
               found.items[k].slot == expected.items[i].slot;
      assert_true(has);
    }
    vm_captures_free(&found);
    const Template *compiled = vm_compile_lazy(t, 0, NULL, &error);
    assert_non_null(compiled);
    assert_ptr_equal(vm_compile_lazy(t, 0, NULL, &error), compiled);
    t = compiled;
  }
  vm_captures_free(&expected);
  char problem[256];
  if (!bytecode_verify(t, problem, sizeof problem)) fail_msg("%s", problem);
  assert_ptr_equal(t->name, whole->name);
  assert_int_equal(t->flags, whole->flags);
  assert_int_equal(t->kind, whole->kind);
  assert_int_equal(t->source_start, whole->source_start);
  assert_int_equal(t->source_end, whole->source_end);
  assert_int_equal(t->register_count, whole->register_count);
  assert_int_equal(t->code_count, whole->code_count);
  assert_memory_equal(t->code, whole->code, t->code_count * sizeof *t->code);
  assert_int_equal(t->key_count, whole->key_count);
  if (t->key_count) {
    assert_memory_equal(t->keys, whole->keys, t->key_count * sizeof *t->keys);
  }
  assert_int_equal(t->cache_count, whole->cache_count);
  assert_int_equal(t->record_count, whole->record_count);
  assert_int_equal(t->handler_count, whole->handler_count);
  assert_int_equal(t->position_count, whole->position_count);
  for (uint32_t i = 0; i < t->position_count; i++) {
    assert_int_equal(t->positions[i].pc, whole->positions[i].pc);
    assert_int_equal(t->positions[i].line, whole->positions[i].line);
    assert_int_equal(t->positions[i].column, whole->positions[i].column);
  }
  assert_int_equal(t->function_count, whole->function_count);
  for (uint32_t i = 0; i < t->function_count; i++)
    compare(whole->functions[i], t->functions[i]);
}

static void check(const char *text, CompileGoal goal, uint32_t wanted) {
  // Texts are longer than those that are compiled at once anyway.
  char whole_text[4096];
  snprintf(whole_text, sizeof whole_text, "%s\n/*%0512d*/", text, 0);
  Template *whole = compile(whole_text, goal, false);
  Template *t = compile(whole_text, goal, true);
  dropped = 0;
  compare(whole, t);
  if (wanted != UINT32_MAX) assert_int_equal(dropped, wanted);
  vm_template_release(t);
  vm_template_release(whole);
}

static void test_same_code(void **state) {
  static const char *const texts[] = {
      "let a = 1; var b; function f(x) {" LONG "return a + b + x + f.length; }",
      "function f(x) { let y = x; return () => {" LONG "return y++ + x; }; }",
      "function f() {" LONG "var u = 1; { let v = 2; return function g() {" LONG
      "return [u, v, () => {" LONG "return u + v + g; }]; } } }",
      "function f() { return later; function g() {" LONG
      "return later + fixed; } let later = 1; const fixed = 2; }",
      "function f() { return () => {" LONG
      "return [this, arguments, new.target]; }; }",
      "var f = function own(n) {" LONG "own = 1; return n ? own(n - 1) : 0; };",
      "class A { #x = 1; #m() {" LONG "return this.#x; } get #g() {" LONG
      "return 1; } set #g(v) {" LONG "} use() {" LONG
      "return this.#m() + this.#g + (#x in this) + (this.#g = 2); } }",
      "class A extends B { m() {" LONG "return () => {" LONG
      "return super.m() + this.k; }; } constructor() { "
      "const f = () => {" LONG "return this; }; super(); f(); } }",
      "function f({a, b = a}, ...rest) {" LONG
      "return [a, b, rest]; }"
      "function g(a, a) {" LONG "arguments[0] = 2; return a; }",
      "function f(p, q = () => {" LONG "return p; }) {" LONG
      "var p; return q() + p; }",
      "function f() {" LONG "'not a directive'; { function g() {" LONG
      "return g; } } return g; }",
      "function f() { 'use strict';" LONG
      "return this; } async function g() {" LONG
      "await f(); } function* h() {" LONG
      "yield* g(); } async function* "
      "k() {" LONG "for await (const x of h()) yield x; }",
      "for (let i = 0; i < 3; i++) { setTimeout(() => {" LONG
      "return i++; }); } switch (f) { case 1: let s = 1; default: "
      "f(function () {" LONG "return s; }); }",
      "try { f(); } catch ({ message }) { f(function () {" LONG
      "return message; }); }",
      "var o = { get a() {" LONG "return 1; }, set a(v) {" LONG
      "this.v = v; }, ['b']() {" LONG "return super.b; }, async *c() {" LONG
      "yield this; } };",
      "function F() {" LONG "this.a = 1; this.b = 2; }",
      "function f() {" LONG
      "label: for (;;) { for (var x in f) continue label; "
      "} return `a${f`b`}` + /[/]/g.test(x) + 10n; }",
      "(function () { return function () {" LONG
      "return f; }; })();"
      "!function () { return () => {" LONG "}; }();",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    check(texts[i], COMPILE_SCRIPT, UINT32_MAX);
  check(
      "import { read } from 'rill:fs'; import d, * as ns from 'x'; export let "
      "e = 1; export default function () {" LONG
      "return [e, d, ns, "
      "import.meta, read('f'), import('y')]; } async function f() {" LONG
      "return await read('a') + (() => {" LONG "return this + d; })(); }",
      COMPILE_MODULE, UINT32_MAX);
  check("exports.f = function (x) {" LONG "return require(x); };",
        COMPILE_COMMONJS, 1);
  check("let a = 1; function f() {" LONG "return a; }", COMPILE_EVAL, 1);
}

static void test_dropped(void **state) {
  check("function f() {" LONG "return 1; }", COMPILE_SCRIPT, 1);
  check("function f() { return 1; }", COMPILE_SCRIPT, 0);
  check("(function () {" LONG "function g() {" LONG "} })()", COMPILE_SCRIPT,
        1);
  check("var x = function () {" LONG "return 1; }();", COMPILE_SCRIPT, 0);
  check("((a) => {" LONG "return a; })(1);", COMPILE_SCRIPT, 0);
  // Looked up by name at run time.
  check("function f() {" LONG "eval('1'); }", COMPILE_SCRIPT, 0);
  check("function f(o) { with (o) { return function () {" LONG
        "return x; }; "
        "} }",
        COMPILE_SCRIPT, 0);
  check("function f() { function g() {" LONG "return x; } eval('var x'); }",
        COMPILE_SCRIPT, 0);
}

static void test_failures(void **state) {
  char text[4096];
  snprintf(text, sizeof text,
           "function f() {" LONG "return [[[[1]]]]; } /*%0512d*/", 0);
  Template *t = compile(text, COMPILE_SCRIPT, true);
  const Template *f = t->functions[0];
  assert_non_null(f->lazy);
  CompileError error;
  assert_null(vm_compile_lazy(f, 64, NULL, &error));
  assert_true(error.too_deep);
  // It can be tried again.
  assert_non_null(vm_compile_lazy(f, 0, NULL, &error));
  vm_template_release(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_code),
      cmocka_unit_test(test_dropped),
      cmocka_unit_test(test_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
