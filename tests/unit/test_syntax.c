// SPDX-License-Identifier: MIT
// Texts, tokens and errors of vm/syntax: what parses, what does not, and what
// the message and the place are.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vm/syntax/syntax.h"

static ParseResult parse(const char *text, SourceText *source, bool module) {
  assert_true(syntax_source_from_utf8(source, text, strlen(text)));
  SyntaxOptions options = {.goal = module ? SYNTAX_MODULE : SYNTAX_SCRIPT};
  return syntax_parse(source, &options);
}

typedef struct ErrorRow {
  const char *text;
  uint32_t line, column;
  const char *message;
} ErrorRow;

static const ErrorRow errors[] = {
    {"var a = ;", 1, 9, "Unexpected token ';'"},
    {"}", 1, 1, "Unexpected token '}'"},
    {"if (", 1, 5, "Unexpected end of input"},
    {"a b", 1, 3, "Unexpected identifier 'b'"},
    {"a\n\n  'b' 1", 3, 7, "Unexpected number"},
    {"a \"x\"", 1, 3, "Unexpected string"},
    {"let x; let x;", 1, 12, "Identifier 'x' has already been declared"},
    {"{ var y; } let y", 1, 16, "Identifier 'y' has already been declared"},
    {"{ let z; { var z } }", 1, 16, "Identifier 'z' has already been declared"},
    {"'abc", 1, 1, "Invalid or unexpected token"},
    {"/* a", 1, 1, "Invalid or unexpected token"},
    {"\x01", 1, 1, "Invalid or unexpected token"},
    {"@", 1, 2, "Unexpected end of input"},
    {"1 = 2", 1, 1, "Invalid left-hand side in assignment"},
    {"({a = 1})", 1, 5, "Invalid shorthand property initializer"},
    {"return", 1, 1, "Illegal return statement"},
    {"break", 1, 1, "Illegal break statement"},
    {"continue a", 1, 10, "Undefined label 'a'"},
    {"const c;", 1, 8, "Missing initializer in const declaration"},
    {"'use strict'; with (a) b", 1, 15,
     "Strict mode code may not include a with statement"},
    {"'use strict'; 010", 1, 15,
     "Octal literals are not allowed in strict mode."},
    {"function f(a, a) { 'use strict' }", 1, 15,
     "Duplicate parameter name not allowed in this context"},
    {"a ?? b || c", 1, 8, "Unexpected token '||'"},
    {"for (let x = 1 of y);", 1, 6,
     "for-of loop variable declaration may not have an initializer."},
    {"class A { constructor() {} constructor() {} }", 1, 28,
     "A class may only have one constructor"},
    {"a.#b", 1, 3, "Private field '#b' must be declared in an enclosing class"},
    {"super.x", 1, 1, "'super' keyword unexpected here"},
    {"new.target", 1, 1, "new.target expression is not allowed here"},
    {"try {}", 1, 7, "Missing catch or finally after try"},
    {"async function f() { await }", 1, 28, "Unexpected token '}'"},
    {"`a${", 1, 5, "Unexpected end of input"},
    {"`a", 1, 3, "Unterminated template literal"},
    {"f(a b)", 1, 5, "missing ) after argument list"},
    {"a => { } ()", 1, 10, "Unexpected token '('"},
    {"import a from 'b'", 1, 1, "Cannot use import statement outside a module"},
};

static void test_errors(void **state) {
  for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
    SourceText source;
    ParseResult result = parse(errors[i].text, &source, false);
    assert_null(result.program);
    if (result.error.position.line != errors[i].line ||
        result.error.position.column != errors[i].column ||
        strcmp(result.error.message, errors[i].message) != 0)
      print_message("%s -> %u:%u %s\n", errors[i].text,
                    result.error.position.line, result.error.position.column,
                    result.error.message);
    assert_string_equal(result.error.message, errors[i].message);
    assert_int_equal(result.error.position.line, errors[i].line);
    assert_int_equal(result.error.position.column, errors[i].column);
    syntax_parse_release(&result);
    syntax_source_release(&source);
  }
}

static const char *const good[] = {
    "",
    "a\n++b",
    "({ get a() { return 1 }, set a(x) {}, async *b() {}, 'c': 1, [d]: 2 })",
    "var { a, b: [c, ...d], ...e } = f",
    "[a, b.c, d[0], ...(e)] = { x: 1 }",
    "({ a = 1, b: { c } = {} } = d)",
    "async (a, { b }) => await a; async x => x; async => 1; async(1)",
    "for (var i = 0 in {}); for (let in {}); for (async of => 1;;) break",
    "let async; async\nfunction f() {}",
    "yield = 1; let = 2; static = 3; await = 4",
    "l1: l2: for (;;) { continue l1 }",
    "a: function f() {}",
    "if (a) function f() {} else function g() {}",
    "label: { break label }",
    "/[/]\\//.test(a) / b / c",
    "a?.b?.[c]?.(d) ?? (e || f)",
    "x = `a${`b${c}`}d`; tag`\\u{`",
    "0x1F + 0b11 + 0o17 + 1_000 + .5e-3 + 10n + 089",
    "class A { static async *#a() {} static { await_: ; } get; set; static; }",
    "class B { 'constructor'() {} static constructor() {} async\nx() {} }",
    "<!-- html\n--> comment",
    "\\u0061bc = '\\x41\\u{1F600}\\\n'",
    "try {} catch { } finally {}",
    "try {} catch (e) { var e }",
    "switch (a) { case 1: default: function f() {} function f() {} }",
    "do ; while (0) a",
    "new a.b().c(); new (f())(); new new a()()",
    "function f(a = 1, [b], ...c) {}",
    "var \xc3\xa9 = '\xe2\x82\xac', \xf0\x9d\x92\x9c",
};

static void test_good(void **state) {
  for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
    SourceText source;
    ParseResult result = parse(good[i], &source, false);
    if (!result.program)
      print_message("%s -> %s\n", good[i], result.error.message);
    assert_non_null(result.program);
    syntax_parse_release(&result);
    syntax_source_release(&source);
  }
}

static double number_of(const char *text) {
  SourceText source;
  ParseResult result = parse(text, &source, false);
  assert_non_null(result.program);
  AstUnary *statement = (AstUnary *)result.program->body.items[0];
  double value = ((AstNumber *)statement->operand)->value;
  syntax_parse_release(&result);
  syntax_source_release(&source);
  return value;
}

static void test_numbers(void **state) {
  assert_true(number_of("0") == 0);
  assert_true(number_of("123456789") == 123456789);
  assert_true(number_of("1234567890123") == 1234567890123);
  assert_true(number_of("0.1") == 0.1);
  assert_true(number_of("3.14159") == 3.14159);
  assert_true(number_of("1e308") == 1e308);
  assert_true(isinf(number_of("1e309")));
  assert_true(number_of("5e-324") == 5e-324);
  assert_true(number_of("0x1fffffffffffff") == 9007199254740991.0);
  // Ties and sticky bits of long hexadecimal literals.
  assert_true(number_of("0x20000000000001") == 9007199254740992.0);
  assert_true(number_of("0x20000000000003") == 9007199254740996.0);
  assert_true(number_of("0x200000000000010000000000000001") ==
              0x1.0000000000001p117);
  assert_true(number_of("017") == 15);
  assert_true(number_of("089.5") == 89.5);
  assert_true(number_of("1_0.0_5e1_0") == 10.05e10);
  assert_true(number_of("9007199254740993.0000000000000000000000001") ==
              9007199254740994.0);
}

static void test_source_text(void **state) {
  SourceText text;
  assert_true(syntax_source_from_utf8(&text,
                                      "\xef\xbb\xbf"
                                      "a\xc3\xa9",
                                      6));
  assert_int_equal(text.kind, SOURCE_LATIN1);
  assert_int_equal(text.length, 2);
  assert_int_equal(source_unit(&text, 1), 0xe9);
  syntax_source_release(&text);
  // Malformed: one U+FFFD for each maximal subpart.
  assert_true(syntax_source_from_utf8(&text, "\xf0\x9f\x98x\xed\xa0\x80", 7));
  assert_int_equal(text.length, 5);
  assert_int_equal(source_unit(&text, 0), 0xfffd);
  assert_int_equal(source_unit(&text, 1), 'x');
  syntax_source_release(&text);
  assert_true(
      syntax_source_from_utf8(&text, "\xf0\x9f\x98\x80\r\n\xe2\x80\xa8z", 10));
  assert_int_equal(text.length, 6);
  assert_int_equal(source_unit(&text, 0), 0xd83d);
  SourcePosition position = syntax_source_locate(&text, 5);
  assert_int_equal(position.line, 3);
  assert_int_equal(position.column, 1);
  LineTable lines;
  Arena arena;
  syntax_arena_init(&arena, 0, NULL, NULL);
  assert_true(syntax_line_table_build(&lines, &text, &arena));
  assert_int_equal(lines.count, 3);
  for (uint32_t i = 0; i <= text.length; i++) {
    SourcePosition one = syntax_source_locate(&text, i);
    SourcePosition two = syntax_line_table_locate(&lines, i);
    assert_int_equal(one.line, two.line);
    assert_int_equal(one.column, two.column);
  }
  syntax_arena_release(&arena);
  syntax_source_release(&text);
}

static void test_limits(void **state) {
  static char text[200001];
  memset(text, '(', 200000);
  SourceText source = syntax_source_latin1((uint8_t *)text, 200000);
  SyntaxOptions options = {.goal = SYNTAX_SCRIPT};
  ParseResult result = syntax_parse(&source, &options);
  assert_string_equal(result.error.message, "too much recursion");
  syntax_parse_release(&result);
  for (int i = 0; i < 200000; i++)
    text[i] = "a+"[i & 1];
  source.length = 199999;
  result = syntax_parse(&source, &options);
  assert_non_null(result.program);
  syntax_parse_release(&result);
  options.memory_limit = 100000;
  result = syntax_parse(&source, &options);
  assert_int_equal(result.error.type, SYNTAX_ERROR_MEMORY);
  syntax_parse_release(&result);
}

static void test_names_are_interned(void **state) {
  SourceText source;
  ParseResult result = parse("ab; 'ab'; a\\u0062", &source, false);
  AstNode **items = result.program->body.items;
  Name *first = ((AstIdentifier *)((AstUnary *)items[0])->operand)->name;
  assert_ptr_equal(((AstString *)((AstUnary *)items[1])->operand)->value,
                   first);
  assert_ptr_equal(((AstIdentifier *)((AstUnary *)items[2])->operand)->name,
                   first);
  assert_true(first->atom == 0);
  syntax_parse_release(&result);
  syntax_source_release(&source);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_errors),  cmocka_unit_test(test_good),
      cmocka_unit_test(test_numbers), cmocka_unit_test(test_source_text),
      cmocka_unit_test(test_limits),  cmocka_unit_test(test_names_are_interned),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
