// SPDX-License-Identifier: MIT
// The emitter's output, seen through the disassembler, and the verifier.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/bytecode/compile.h"
#include "vm/bytecode/disassembler.h"
#include "vm/bytecode/verifier.h"

static Template *compile(const char *text, CompileGoal goal,
                         CompileError *error) {
  CompileOptions options = {.goal = goal, .file_name = "test.js"};
  return vm_compile(text, (uint32_t)strlen(text), false, &options, error);
}

// The disassembly, to be freed.
static char *disassembly(const char *text, CompileGoal goal) {
  CompileError error;
  Template *t = compile(text, goal, &error);
  if (!t) fail_msg("%s: %s", text, error.message);
  char problem[256];
  if (!bytecode_verify(t, problem, sizeof problem)) fail_msg("%s", problem);
  char *result = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&result, &size);
  vm_disassemble(t, out);
  fclose(out);
  vm_template_release(t);
  return result;
}

static void expect(const char *text, CompileGoal goal, const char *wanted) {
  char *result = disassembly(text, goal);
  if (!strstr(result, wanted)) {
    fail_msg("%s\nhas no %s:\n%s", text, wanted, result);
  }
  free(result);
}

static void expect_not(const char *text, const char *unwanted) {
  char *result = disassembly(text, COMPILE_SCRIPT);
  if (strstr(result, unwanted)) {
    fail_msg("%s\nhas %s:\n%s", text, unwanted, result);
  }
  free(result);
}

static void test_operands(void **state) {
  expect("function f(a, b) { return a + b; }", COMPILE_SCRIPT, " r2 r0 r1");
  expect("function f(a) { return a - 1; }", COMPILE_SCRIPT, "SUBTRACT_INT");
  expect_not("function f(a) { let b = a + 1; return b; }", "MOVE");
  // The left operand changes while the right one is evaluated.
  expect("function f(a) { return a + (a = 2); }", COMPILE_SCRIPT, "MOVE");
  expect("x = -(2 * 3) + 1;", COMPILE_SCRIPT, "LOAD_INT");
}

static void test_conditions(void **state) {
  expect("function f(n) { for (let i = 0; i < n; i++); }", COMPILE_SCRIPT,
         "LOOP_IF_LESS");
  expect("function f(n) { if (n === 3) n(); }", COMPILE_SCRIPT,
         "JUMP_IF_STRICT_NOT_EQUAL_INT");
  expect("function f(n) { if (n == null) n(); }", COMPILE_SCRIPT,
         "JUMP_IF_NOT_NULLISH");
  expect_not("function f(a, b) { if (!(a < b) && b) a(); }", "NOT ");
}

static void test_arguments(void **state) {
  expect_not("function f() { return arguments.length + arguments[0]; }",
             "NEW_ARGUMENTS");
  expect("function f() { return arguments; }", COMPILE_SCRIPT, "NEW_ARGUMENTS");
  expect("function f(a) { a = 1; return arguments[0]; }", COMPILE_SCRIPT,
         "NEW_ARGUMENTS");
  expect("function f() { return () => arguments[0]; }", COMPILE_SCRIPT,
         "NEW_ARGUMENTS");
}

static void test_fused(void **state) {
  expect("function f() { return g.apply(this, arguments); }", COMPILE_SCRIPT,
         "CALL_FORWARD");
  expect("function f(a) { a = 1; return g.apply(this, arguments); }",
         COMPILE_SCRIPT, "NEW_ARGUMENTS");
  expect("function f() { return this.x; }", COMPILE_SCRIPT,
         "COERCE_THIS_GET_NAMED");
  expect("function f(x) { if (x === null) g(); }", COMPILE_SCRIPT,
         "JUMP_IF_IS_NOT");
  expect("function f(x) { if (typeof x === 'string') g(); }", COMPILE_SCRIPT,
         "JUMP_IF_NOT_STRING");
  expect("class A { a = 1; }", COMPILE_SCRIPT, "INIT_NAMED");
  expect_not("class A { a = 1; }", "INITIALIZE_FIELDS");
  expect("class A { a = () => this; }", COMPILE_SCRIPT, "INITIALIZE_FIELDS");
  expect("f(...x);", COMPILE_SCRIPT, "CALL_SPREAD");
  expect_not("f(...x);", "ARRAY_SPREAD");
}

// A variable that is assigned first needs no undefined.
static void test_first_uses(void **state) {
  expect_not("function f(a) { var b = a + 1, c = b; return c; }",
             "LOAD_UNDEFINED");
  expect("function f(a) { if (a) { var b = a, c = b; } return b; }",
         COMPILE_SCRIPT, "LOAD_UNDEFINED");
  expect("function f(a) { var b = c + a, c = b + c; var d = d; return b; }",
         COMPILE_SCRIPT, "LOAD_UNDEFINED");
}

static void test_environments(void **state) {
  expect_not("function f() { let a = 1; { let b = a; } return a; }",
             "NEW_ENVIRONMENT");
  expect("function f() { let a = 1; return () => a; }", COMPILE_SCRIPT,
         "GET_UPVALUE");
  expect("function f(l) { for (let i = 0; i < 3; i++) l.push(() => i); }",
         COMPILE_SCRIPT, "COPY_ENVIRONMENT");
  expect("function f(a) { with (a) b; }", COMPILE_SCRIPT, "RESOLVE_NAME");
}

static void test_modules(void **state) {
  expect("import { sleep } from 'rill:time'; await sleep(1);", COMPILE_MODULE,
         "IO_AWAIT");
  expect("import { sleep } from 'rill:time'; sleep(1);", COMPILE_MODULE,
         "IO  ");
  expect("import { sleep } from 'rill:time'; const s = sleep; s(1);",
         COMPILE_MODULE, "GET_IMPORT");
}

static void test_switch(void **state) {
  expect("switch (x) { case 1: a; case 2: b; case 3: c; case 4: d; }",
         COMPILE_SCRIPT, "JUMP_TABLE");
  expect_not("switch (x) { case 1: a; case 1000000: b; }", "JUMP_TABLE");
}

// A fused jump whose target is further away than 16 bits.
static void test_long_jumps(void **state) {
  size_t count = 20000;
  char *text = malloc(count * 8 + 200);
  char *end = text + sprintf(text, "function f(a, b) { while (a < b) {");
  for (size_t i = 0; i < count; i++)
    end += sprintf(end, "a[b]=b;");
  sprintf(end, "if (a < b) break; } }");
  free(disassembly(text, COMPILE_SCRIPT));
  free(text);
}

// Left-leaning chains may be long.
static void test_long_chains(void **state) {
  size_t count = 100000;
  char *text = malloc(count * 4 + 10);
  char *end = text + sprintf(text, "x");
  for (size_t i = 0; i < count; i++)
    end += sprintf(end, " + x");
  free(disassembly(text, COMPILE_SCRIPT));
  free(text);
}

static void test_errors(void **state) {
  CompileError error;
  assert_null(compile("let a;\n let a;", COMPILE_SCRIPT, &error));
  assert_int_equal(error.line, 2);
  assert_false(error.is_reference_error);
  assert_null(compile("await 1", COMPILE_COMMONJS, &error));
  assert_int_equal(error.line, 1);
}

static void test_positions(void **state) {
  CompileError error;
  Template *t = compile("exports.x = 1;\nf();", COMPILE_COMMONJS, &error);
  assert_non_null(t);
  assert_int_equal(t->positions[0].line, 1);
  assert_int_equal(t->positions[0].column, 9);
  assert_int_equal(t->positions[t->position_count - 1].line, 2);
  vm_template_release(t);
}

static void test_verifier(void **state) {
  CompileError error;
  Template *t = compile("while (a) b(c);", COMPILE_SCRIPT, &error);
  assert_non_null(t);
  char problem[256];
  assert_true(bytecode_verify(t, problem, sizeof problem));
  for (uint32_t pc = 0; pc < t->code_count; pc++) {
    uint64_t kept = t->code[pc].word;
    for (int bit = 0; bit < 64; bit++) {
      t->code[pc].word = kept ^ (UINT64_C(1) << bit);
      bytecode_verify(t, problem, sizeof problem); // must not crash
    }
    t->code[pc].op = OP_COUNT;
    assert_false(bytecode_verify(t, problem, sizeof problem));
    t->code[pc].word = kept;
  }
  vm_template_release(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_operands),   cmocka_unit_test(test_conditions),
      cmocka_unit_test(test_fused),      cmocka_unit_test(test_first_uses),
      cmocka_unit_test(test_arguments),  cmocka_unit_test(test_environments),
      cmocka_unit_test(test_modules),    cmocka_unit_test(test_switch),
      cmocka_unit_test(test_long_jumps), cmocka_unit_test(test_long_chains),
      cmocka_unit_test(test_errors),     cmocka_unit_test(test_positions),
      cmocka_unit_test(test_verifier),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
