// SPDX-License-Identifier: MIT
// Scope analysis: where names lead, what is captured, assigned, checked.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_syntax_walk.h"

static SourceText source;
static ParseResult result;

static AstFunction *parse_as(const char *text, SyntaxOptions options) {
  syntax_parse_release(&result);
  assert_true(syntax_source_from_utf8(&source, text, strlen(text)));
  result = syntax_parse(&source, &options);
  if (!result.program) print_message("%s: %s\n", text, result.error.message);
  assert_non_null(result.program);
  return result.program;
}

static AstFunction *parse(const char *text) {
  return parse_as(text, (SyntaxOptions){.goal = SYNTAX_SCRIPT});
}

#define REF(name, index) nth(&result, name, index)
#define KIND(name, index) REF(name, index)->base.resolution
#define TDZ(name, index)                                                       \
  ((REF(name, index)->base.flags & AST_NEEDS_TDZ_CHECK) != 0)

static void test_globals(void **state) {
  parse("var a; let b; a; b; c; function f() { a; b; c }");
  for (uint32_t i = 0; i < 3; i++) {
    assert_int_equal(KIND("a", i), REFERENCE_GLOBAL);
    assert_int_equal(KIND("b", i), REFERENCE_GLOBAL);
  }
  assert_int_equal(KIND("c", 1), REFERENCE_GLOBAL);
  assert_null(REF("c", 0)->binding);
  assert_false(REF("a", 1)->binding->is_captured);
  assert_int_equal(REF("b", 1)->binding->kind, BINDING_LET);
}

static void test_captured(void **state) {
  parse("function f(p) { let x = 1, y = 2; var z; y = 3; return () => x + p }");
  assert_int_equal(KIND("x", 1), REFERENCE_CAPTURED);
  Binding *x = REF("x", 1)->binding;
  assert_true(x->is_captured);
  assert_false(x->is_assigned);
  Binding *y = REF("y", 1)->binding;
  assert_false(y->is_captured);
  assert_true(y->is_assigned);
  Binding *p = REF("p", 1)->binding;
  assert_int_equal(p->kind, BINDING_PARAMETER);
  assert_int_equal(p->parameter_index, 0);
  assert_true(p->is_captured);
  assert_int_equal(x->scope->captured_count, 2);
}

static void test_arrow_parameters(void **state) {
  // The parameters were first read as expressions of the outer scope.
  parse("let a, q; f = (a, b = function () { return a + q }) => { a; b }");
  Binding *a = REF("a", 1)->binding;
  assert_int_equal(a->kind, BINDING_PARAMETER);
  assert_ptr_equal(REF("a", 2)->binding, a);
  assert_ptr_equal(REF("a", 3)->binding, a);
  assert_int_equal(KIND("a", 2), REFERENCE_CAPTURED);
  assert_int_equal(KIND("q", 1), REFERENCE_GLOBAL);
  assert_int_equal(a->scope->function->kind, FUNCTION_ARROW);
  assert_true(a->scope->function->has_parameter_expressions);
  assert_int_equal(a->scope->function->length, 1);
  Binding *b = REF("b", 1)->binding;
  assert_int_equal(b->scope->kind, SCOPE_FUNCTION);
  assert_int_equal(a->scope->function->body_scope->kind, SCOPE_FUNCTION_BODY);
}

static void test_tdz(void **state) {
  parse(
      "function f() {"
      "  a; let a = 1; a; () => a; function g() { return a }"
      "  { b; const b = b; b }"
      "  switch (0) { case 0: let c = 1; default: c }"
      "  class K { m() { return K } } K;"
      "  for (let i = 0; i < 1; i++) i;"
      "}");
  assert_true(TDZ("a", 0));
  assert_false(TDZ("a", 2));
  assert_false(TDZ("a", 3));
  assert_true(TDZ("a", 4)); // hoisted
  assert_true(TDZ("b", 0));
  assert_true(TDZ("b", 2));
  assert_false(TDZ("b", 3));
  assert_true(TDZ("c", 1));
  assert_true(TDZ("K", 1));
  assert_false(TDZ("K", 2));
  assert_false(TDZ("i", 1));
  assert_false(TDZ("i", 2));
  assert_false(REF("i", 1)->binding->needs_tdz);
  assert_true(REF("a", 1)->binding->needs_tdz);
}

static void test_parameter_scope(void **state) {
  parse("function f(a = b, b = a) { var a; var c; return a }");
  assert_true(TDZ("b", 0));
  assert_false(TDZ("a", 1));
  Binding *inner = REF("a", 3)->binding;
  assert_int_equal(inner->kind, BINDING_VAR);
  assert_int_equal(inner->scope->kind, SCOPE_FUNCTION_BODY);
  assert_ptr_equal(inner->parameter, REF("a", 0)->binding);
  assert_null(REF("c", 0)->binding->parameter);
  parse("function g(a, a) { var a; return a }");
  Binding *a = REF("a", 3)->binding;
  assert_int_equal(a->kind, BINDING_PARAMETER);
  assert_int_equal(a->parameter_index, 1);
}

static AstFunction *first_function(void) {
  for (uint32_t i = 0; i < result.program->body.count; i++)
    if (result.program->body.items[i]->type == AST_FUNCTION_DECLARATION)
      return (AstFunction *)result.program->body.items[i];
  return NULL;
}

static void test_this_and_arguments(void **state) {
  parse("function f() { return () => this.x + arguments[0] }");
  AstFunction *f = first_function();
  assert_true(f->uses_this);
  assert_true(f->uses_arguments);
  assert_true(f->this_binding->is_captured);
  assert_int_equal(KIND("this", 0), REFERENCE_CAPTURED);
  assert_ptr_equal(REF("arguments", 0)->binding, f->arguments_binding);
  parse("function f() { return 1 }");
  assert_false(first_function()->uses_this);
  assert_null(first_function()->arguments_binding);
  parse("function f() { var arguments; return arguments }");
  f = first_function();
  assert_int_equal(f->arguments_binding->kind, BINDING_ARGUMENTS);
  assert_int_equal(f->scope->binding_count, 1);
  parse("function f(arguments) { return arguments }");
  assert_false(first_function()->uses_arguments);
  parse("function f(a = arguments) { var arguments; return arguments }");
  f = first_function();
  assert_true(f->uses_arguments);
  assert_ptr_equal(REF("arguments", 2)->binding->parameter,
                   f->arguments_binding);
  parse("this; () => this");
  assert_int_equal(REF("this", 1)->binding->scope->kind, SCOPE_SCRIPT);
}

static void test_eval_and_with(void **state) {
  parse("function f(a) { let b; { eval('') } c; return () => a }");
  AstFunction *f = first_function();
  assert_true(f->has_direct_eval);
  assert_true(f->scope->is_extensible_by_eval);
  assert_non_null(f->this_binding);
  assert_non_null(f->arguments_binding);
  assert_int_equal(KIND("c", 0), REFERENCE_DYNAMIC);
  assert_int_equal(KIND("a", 1), REFERENCE_CAPTURED);
  assert_true(REF("b", 0)->binding->is_captured);
  assert_true(REF("b", 0)->binding->is_assigned);
  parse("function f(a) { 'use strict'; eval(''); c }");
  assert_int_equal(KIND("c", 0), REFERENCE_GLOBAL);
  parse("function f(a) { with (o) { a; g } a }");
  assert_int_equal(KIND("a", 1), REFERENCE_DYNAMIC);
  assert_true(REF("a", 1)->binding->is_captured);
  assert_int_equal(KIND("g", 0), REFERENCE_DYNAMIC);
  assert_int_equal(KIND("a", 2), REFERENCE_LOCAL);
  parse_as("var a; let b; a; b; d; this",
           (SyntaxOptions){.goal = SYNTAX_DIRECT_EVAL});
  assert_int_equal(KIND("a", 1), REFERENCE_DYNAMIC);
  assert_int_equal(KIND("b", 1), REFERENCE_LOCAL);
  assert_int_equal(KIND("d", 0), REFERENCE_DYNAMIC);
  assert_int_equal(KIND("this", 0), REFERENCE_DYNAMIC);
}

static void test_annex_b(void **state) {
  parse("function f() { { function g() {} } g }");
  AstFunction *f = first_function();
  Binding *g = REF("g", 1)->binding;
  assert_true(g->is_annex_b);
  assert_int_equal(g->kind, BINDING_VAR);
  AstFunction *inner = find_in_scope(f->scope->first_child, "g")->function;
  assert_ptr_equal(inner->annex_b_binding, g);
  // A let around it, or a parameter, prevents the var.
  parse("function f() { { let g; { function g() {} } } g }");
  assert_null(REF("g", 2)->binding);
  parse("function f(g) { { function g() {} } g }");
  assert_int_equal(REF("g", 2)->binding->kind, BINDING_PARAMETER);
  parse("'use strict'; function f() { { function g() {} } g }");
  assert_null(REF("g", 1)->binding);
  parse("function f() { try {} catch (g) { { function g() {} } } g }");
  assert_non_null(REF("g", 2)->binding);
}

static void test_loops(void **state) {
  parse(
      "function f() {"
      "  for (let i = 0; i < 9; i++) () => i;"
      "  for (let j = 0; j < 9; j++) j;"
      "  for (let k of [k]) () => k;"
      "}");
  assert_true(REF("i", 1)->binding->scope->needs_per_iteration_environment);
  assert_false(REF("j", 1)->binding->scope->needs_per_iteration_environment);
  Binding *k = REF("k", 1)->binding;
  assert_true(k->scope->head_needs_tdz);
  assert_true(k->is_captured);
  assert_false(k->scope->needs_per_iteration_environment);
}

static void test_classes(void **state) {
  parse(
      "class A extends B { #x = 1; static y = this; m() { return #x in this }"
      "  [k] = 2; static { arguments_; } constructor() { super(); } }"
      "(class C {})");
  AstClass *class = (AstClass *)result.program->body.items[0];
  assert_null(class->inner_binding);
  assert_non_null(class->body_scope);
  assert_int_equal(class->elements.count, 5);
  assert_int_equal(class->instance_initializer->body.count, 2);
  assert_int_equal(class->static_initializer->body.count, 2);
  assert_true(class->static_initializer->uses_this);
  assert_int_equal(KIND("#x", 1), REFERENCE_CAPTURED);
  assert_int_equal(REF("#x", 1)->binding->private_kind, PRIVATE_FIELD);
  assert_int_equal(class->constructor->kind, FUNCTION_DERIVED_CONSTRUCTOR);
  assert_true(class->constructor->has_super_call);
  AstClassElement *computed = (AstClassElement *)class->elements.items[3];
  assert_int_equal(computed->computed_key->kind, BINDING_COMPUTED_KEY);
}

static void test_function_names(void **state) {
  parse(
      "(function f() { f; f = 1 }); (function g() {}); "
      "(function h(h) { h })");
  assert_int_equal(REF("f", 1)->binding->kind, BINDING_FUNCTION_NAME);
  assert_int_equal(REF("h", 2)->binding->kind, BINDING_PARAMETER);
  assert_int_equal(result.function_count, 4);
  assert_int_equal(result.program->index, 3);
}

static void test_module_facts(void **state) {
  parse_as(
      "import d, { a as b } from 'x'; import * as ns from 'y';"
      "import 'x' with { type: 'json' };"
      "export { b as c, ns, g }; let g; export * from 'z'; export * as w from "
      "'z';"
      "export default function () {} export let e = await d;",
      (SyntaxOptions){.goal = SYNTAX_MODULE});
  const ModuleRecordFacts *facts = result.module;
  assert_int_equal(facts->request_count, 4);
  assert_int_equal(facts->requests[2].attribute_count, 1);
  assert_int_equal(facts->import_count, 3);
  assert_null(facts->imports[2].import_name);
  assert_int_equal(facts->local_export_count, 4);
  assert_int_equal(facts->indirect_export_count, 2);
  assert_int_equal(facts->star_export_count, 1);
  assert_true(facts->has_top_level_await);
  assert_true(result.program->is_async);
  Binding *e = facts->local_exports[1].binding;
  assert_true(e->is_exported && e->needs_tdz);
  assert_true(TDZ("d", 0)); // imports are always checked
}

static void test_dynamic_function(void **state) {
  SourceText assembled;
  SourceText parameters =
      syntax_source_latin1((const uint8_t *)"a, b /*c*/", 10);
  SourceText body =
      syntax_source_latin1((const uint8_t *)"return anonymous", 16);
  SyntaxOptions options = {0};
  ParseResult dynamic =
      syntax_parse_dynamic_function(&parameters, &body, &options, &assembled);
  assert_non_null(dynamic.program);
  AstIdentifier *name = nth(&dynamic, "anonymous", 1);
  assert_int_equal(name->base.resolution, REFERENCE_GLOBAL);
  syntax_parse_release(&dynamic);
  syntax_source_release(&assembled);
  // Neither part may lean on the other.
  static const char *const bad[][2] = {{"/*", "*/){"},
                                       {"a) { } , function (b", ""},
                                       {"", "}, function () {"},
                                       {"a = super.b", ""},
                                       {"a, a", "'use strict'"}};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    parameters = syntax_source_latin1((const uint8_t *)bad[i][0],
                                      (uint32_t)strlen(bad[i][0]));
    body = syntax_source_latin1((const uint8_t *)bad[i][1],
                                (uint32_t)strlen(bad[i][1]));
    dynamic =
        syntax_parse_dynamic_function(&parameters, &body, &options, &assembled);
    assert_null(dynamic.program);
    syntax_parse_release(&dynamic);
    syntax_source_release(&assembled);
  }
}

static void test_commonjs(void **state) {
  parse_as("return exports.x = require('y')",
           (SyntaxOptions){.goal = SYNTAX_COMMONJS});
  assert_int_equal(REF("require", 1)->binding->parameter_index, 1);
  assert_int_equal(KIND("require", 1), REFERENCE_LOCAL);
}

static int release(void **state) {
  syntax_parse_release(&result);
  syntax_source_release(&source);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_globals),
      cmocka_unit_test(test_captured),
      cmocka_unit_test(test_arrow_parameters),
      cmocka_unit_test(test_tdz),
      cmocka_unit_test(test_parameter_scope),
      cmocka_unit_test(test_this_and_arguments),
      cmocka_unit_test(test_eval_and_with),
      cmocka_unit_test(test_annex_b),
      cmocka_unit_test(test_loops),
      cmocka_unit_test(test_classes),
      cmocka_unit_test(test_function_names),
      cmocka_unit_test(test_module_facts),
      cmocka_unit_test(test_dynamic_function),
      cmocka_unit_test(test_commonjs),
  };
  return cmocka_run_group_tests(tests, NULL, release);
}
