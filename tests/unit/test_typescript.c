// SPDX-License-Identifier: MIT
// TypeScript in vm/syntax: what is left of each construct, at the same columns,
// what is an error and where, and texts that a careless parser would choke on.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/syntax/syntax.h"

static ParseResult parse(const char *text, SourceText *source,
                         SyntaxGoal goal) {
  assert_true(syntax_source_from_utf8(source, text, strlen(text)));
  SyntaxOptions options = {.goal = goal, .typescript = true};
  return syntax_parse(source, &options);
}

typedef struct Row {
  const char *text;
  const char *left;
} Row;

// What differs is erased.
static const Row rows[] = {
    // Annotations.
    {"let a: number = 1, b!: string;", "let a         = 1, b         ;"},
    {"const {a, b: [c]}: T<U> = d;", "const {a, b: [c]}       = d;"},
    {"function f(this: A, a?: B, ...c: D[]): E {}",
     "function f(         a    , ...c     )    {}"},
    {"function f(this: A) {}", "function f(       ) {}"},
    {"function f({a}: {a: 1} = {a: 1}) {}",
     "function f({a}         = {a: 1}) {}"},
    {"function f(a): a is B {}", "function f(a)         {}"},
    {"function f(this): asserts this is B {}",
     "function f(    )                    {}"},
    {"function f(a): asserts a {}", "function f(a)            {}"},
    {"try {} catch (e: unknown) {}", "try {} catch (e         ) {}"},
    {"for (const a: T of b) {}", "for (const a    of b) {}"},
    {"for (const a of <T[]>b) {}", "for (const a of      b) {}"},
    {"function* f<T>(a: T): X<T> {}", "function* f   (a   )       {}"},
    {"(function <T>(a) {})", "(function    (a) {})"},
    {"({m<T>(a?: T): T {}, get<T>() {}, get a(): T {}})",
     "({m   (a    )    {}, get   () {}, get a()    {}})"},
    // Arrow functions.
    {"(a: T, b?: U, c?) => a", "(a   , b    , c ) => a"},
    {"(a: T = 1, {b}: U = {}, [c = 2]: V) => 1",
     "(a    = 1, {b}    = {}, [c = 2]   ) => 1"},
    {"({a = 1}: T) => a", "({a = 1}   ) => a"},
    {"(...a: T) => a", "(...a   ) => a"},
    {"(a): T => a", "(a)    => a"},
    {"(): T => 1", "()    => 1"},
    {"(a): a is T => a", "(a)         => a"},
    {"<T>(a: T): T => a", "   (a   )    => a"},
    {"<T extends U = V, const W>(a) => a",
     "                          (a) => a"},
    {"async (a: T): P<T> => a", "async (a   )       => a"},
    {"async <T>(a: T) => a", "async    (a   ) => a"},
    {"async <T>(a)", "async    (a)"},
    {"async (...a: T) => a", "async (...a   ) => a"},
    {"a = (b: T) => c, d", "a = (b   ) => c, d"},
    {"(a\n: T) => a", "(a\n   ) => a"},
    {"(a)\n: T => a", "(a \n  ) => a"},
    {"(a):\nT => a", "(a  \n) => a"},
    {"async <\nT>(a) => a", "async (\n   a) => a"},
    {"x = <\nT>(a) => a", "x = (\n   a) => a"},
    // ... in conditional expressions.
    {"a ? (b) : c => d", NULL},
    {"a ? (b): c => d : e", "a ? (b)    => d : e"},
    {"a ? (b, c): T => d : e", "a ? (b, c)    => d : e"},
    {"a ? (b) => (c) : d => e", NULL},
    {"a ? (b: T) => c : d", "a ? (b   ) => c : d"},
    {"a ? async (b): T => d : e", "a ? async (b)    => d : e"},
    {"a ? async (b) : c => d", NULL},
    {"a ? <T>(b): T => c : d", "a ?    (b)    => c : d"},
    {"a ? (b) : (c) : d ? (e) : f => g", "x"},
    // As TypeScript reads it: an arrow function in the inner one.
    {"a ? b ? (c) : d => e : f", "x"},
    {"a ? (b) : c ? (d): e => f : g", "a ? (b) : c ? (d)    => f : g"},
    {"a ? x => (b): T => c : d", "a ? x => (b)    => c : d"},
    {"a ? ((b): T => c) : d", "a ? ((b)    => c) : d"},
    {"a ? [(b): T => c] : d", "a ? [(b)    => c] : d"},
    {"a ? (b) : {c: d}", NULL},
    {"({a: b ? (c) : d})", NULL},
    {"switch (a) { case (b): c; }", NULL},
    // Type arguments.
    {"f<T>(a)", "f   (a)"},
    {"f<T, U[]>(a)", "f        (a)"},
    {"new A<B<C>>(a)", "new A      (a)"},
    {"new A<B>", "new A   "},
    {"f<T>`a`", "f   `a`"},
    {"a = f<T>;", "a = f   ;"},
    {"a?.<T>(b)", "a?.   (b)"},
    {"a?.b<T>(c).d", "a?.b   (c).d"},
    {"a.b<T>(c)<U>(d)", "a.b   (c)   (d)"},
    {"f<<T>(a: T) => T>(b)", "f                (b)"},
    {"f<A<B<C<D>>>>(b)", "f            (b)"},
    {"a < b > c", NULL},
    {"a<b>c", NULL},
    {"a < b || c > (d)", "a < b || c > (d)"},
    {"f(a < b, c > d)", NULL},
    {"f(a<b, c>(d))", "f(a      (d))"},
    {"a<b>>c", NULL},
    {"a<b>=c", NULL},
    {"a << b >> c", NULL},
    {"a < (b >> c)", NULL},
    {"class A extends B<C> {}", "class A extends B    {}"},
    {"class A<T> extends f<T>(x) {}", "class A    extends f   (x) {}"},
    // Expressions.
    {"a as T", "a     "},
    {"a as const", "a         "},
    {"a satisfies T as U", "a                 "},
    {"a + b as T + 1", "a + b      + 1"},
    {"a as number < b", "a           < b"},
    {"a as T ? b : c", "a      ? b : c"},
    {"a as T | U && b", "a          && b"},
    {"(a as T).b", "(a     ).b"},
    {"(a as T) = b", "(a     ) = b"},
    {"[a as T] = b", "[a     ] = b"},
    {"a!", "a "},
    {"a!.b![c]!(d)!", "a .b [c] (d) "},
    {"a! = b", "a  = b"},
    {"a!++", "a ++"},
    {"a?.b!.c", "a?.b .c"},
    {"a\n!b", NULL},
    {"a != b", NULL},
    {"<T>a", "   a"},
    {"<T>a.b", "   a.b"},
    {"<const>[a]", "       [a]"},
    {"<T>(a)", "   (a)"},
    {"<<T>() => T>a", "            a"},
    {"- <T>a++", "-    a++"},
    {"as = a as as", "as = a      "},
    {"a\nas\nb", NULL},
    {"a as T\n(b)", "a ;   \n(b)"},
    {"a as T\n[b]", "a ;   \n[b]"},
    {"a as T\n+ b", "a     \n+ b"},
    {"a as RegExp / b / c", "a           / b / c"},
    {"x = y as any as T[]\nz", "x = y              \nz"},
    // Types.
    {"type A = B;", "           "},
    {"type A<T> = T extends (infer U extends X ? 1 : 2) ? U : never;", ""},
    {"type A<T> = T extends infer U extends X ? 1 : 2;", ""},
    {"type A<T> = T extends (...a: any[]) => infer R ? R : never;", ""},
    {"type A = (<G>() => G extends T ? 1 : 2) extends <G>() => G extends U ? 1 "
     ": 2 ? T : never",
     ""},
    {"type A = { -readonly [K in keyof T as `a${K & string}`]+?: T[K] };", ""},
    {"type A = { readonly [k: string]: B; [Symbol.iterator](): C, get x(): D; "
     "set x(v); new (a): E; (a?: F): G; readonly: 1; get: 2; new?: 3 }",
     ""},
    {"type A = [a: B, c?: D, E?, ...F[], ...g: H];", ""},
    {"type A = new <T>(a: T) => B | abstract new () => C;", ""},
    {"type A = typeof import('x', { with: { 'a': 'b' } }).B<C>;", ""},
    {"type A = typeof a.b.#c<D> | unique symbol | keyof B[][number]['c'];", ""},
    {"type A = ({a, b: [c]}: B, this: C) => asserts a is D;", ""},
    {"type A = | B | -1 | 2n | 'c' | `d${E}f${G}` | null | void | this;", ""},
    {"type A = asserts; type B = is;", ""},
    {"type A = (B);", ""},
    {"type A = A<\n>;", "x"},
    {"interface A<in out T = B> extends C.D<E>, F { (): G }", ""},
    {"declare const a: B, c: D;", ""},
    {"declare let a;", ""},
    {"declare function f<T>(a: T, ...b: C[],): void;", ""},
    {"declare class A<T> extends B { c: D; f(): E; constructor(a); static g; }",
     ""},
    {"declare abstract class A { abstract b(): C; }", ""},
    {"declare enum A { B = 1 << 2, C = 'd'.length, 'e' }", ""},
    {"declare const enum A { B }", ""},
    {"declare namespace A.B { export const c: D; function e(): F; export { c "
     "}; "
     "export type { G }; export default H; export = I; import J = K.L; }",
     ""},
    {"declare module 'a' { import b from 'c'; export default class {} }", ""},
    {"declare module 'a';", ""},
    {"declare global { interface A {} var b: C }", ""},
    {"namespace A { export type B = C; interface D {} namespace E.F {} }", ""},
    {"module A {}", ""},
    // The words as names.
    {"type\nA = 1", NULL},
    {"type = 1; declare = 2; namespace = 3; module = 4; abstract = 5", NULL},
    {"declare\nfoo", NULL},
    {"abstract\nclass A {}", NULL},
    {"namespace\nA\n{}", NULL},
    {"type: for (;;) break type", NULL},
    {"var of, is, keyof, infer, readonly, satisfies = as", NULL},
    {"of.as.satisfies(type)", NULL},
    // Overloads.
    {"function f(a: 1): 2;\nfunction f(a) {}",
     "                    \nfunction f(a) {}"},
    {"function f()\nfunction f() {}", "            \nfunction f() {}"},
    // Classes.
    {"abstract class A {}", "         class A {}"},
    {"class A<T> implements B, C.D<T> {}",
     "class A                         {}"},
    {"(class implements A {})", "(class              {})"},
    {"class A { a: B = 1; c?: D; e!: F; static g: H }",
     "class A { a    = 1; c    ; e    ; static g    }"},
    {"class A { private static readonly a = 1; public b() {} }",
     "class A {         static          a = 1;        b() {} }"},
    {"class A { protected async *a<T>(): B {} override get c(): D {} }",
     "class A {           async *a   ()    {}          get c()    {} }"},
    {"class A { declare a: B; declare static c }",
     "class A {                                }"},
    {"class A { abstract a: B; abstract c(): D; abstract get e(): F }",
     "class A {                                                     }"},
    {"class A { [a: string]: B; static [c: number]: D }",
     "class A {                                       }"},
    {"class A { [a]: B = 1 }", "class A { [a]    = 1 }"},
    {"class A { a(): B; a(): C { } }", "class A {         a()    { } }"},
    {"class A { constructor(a: B); constructor(a) {} }",
     "class A {                    constructor(a) {} }"},
    {"class A { #a(): B; #a() {} }", "class A {          #a() {} }"},
    {"class A { a?(): B {} }", "class A { a ()    {} }"},
    {"class A { accessor a: B = 1; static accessor c: D }",
     "class A { accessor a    = 1; static accessor c    }"},
    {"class A { private; readonly = 1; declare() {} static; abstract }", NULL},
    {"class A { static { } private(): B { } }",
     "class A { static { } private()    { } }"},
    {"class A { get: B\nc() {} }", "class A { get;  \nc() {} }"},
    {"class A { a = b\nprivate [c] = d }",
     "class A { a = b\n;       [c] = d }"},
    {"class A { a = b\ndeclare c\n[d] = e }",
     "class A { a = b\n;        \n[d] = e }"},
    {"@a<T>() class B {}", "@a   () class B {}"},
    {"@a abstract class B {}", "@a          class B {}"},
    // Modules.
    {"import type A from 'a'", ""},
    {"import type { A, B as C } from 'a' with { d: 'e' };", ""},
    {"import type * as A from 'a';", ""},
    {"import type A = require('a');", ""},
    {"import { type A, b, type C as D, type E } from 'a';",
     "import {         b,                     } from 'a';"},
    {"import type from 'a';", NULL},
    {"import type, { a } from 'b';", NULL},
    {"import type from from 'a';", ""},
    {"import { type } from 'a';", NULL},
    {"import { type as a } from 'b';", NULL},
    {"import { type as as a } from 'b';", "import {              } from 'b';"},
    {"import { type as as } from 'b';", NULL},
    {"let a; export { a, type b }", "let a; export { a,        }"},
    {"export type { A } from 'a'", ""},
    {"export type * from 'a'", ""},
    {"export type * as a from 'a'", ""},
    {"export type A = 1;", ""},
    {"export interface A {}", ""},
    {"export declare const a: 1;", ""},
    {"export default interface A {}", ""},
    {"export default abstract class A {}",
     "export default          class A {}"},
    {"export abstract class A {}", "export          class A {}"},
    {"export function f(): A; export function f() {}",
     "                        export function f() {}"},
    {"export default function f(): A; export default function f() {}",
     "                                export default function f() {}"},
    {"export as namespace A;", ""},
    // A statement that goes could join its neighbours.
    {"a\ntype B = C\n(d)", "a\n;         \n(d)"},
    {"a\ninterface B {}\n[d]", "a\n;             \n[d]"},
    {"\xcf\x80 = a as \xcf\x80", "\xcf\x80 = a     "},
    {"a as `\n`;", "a     \n ;"},
};

static char *blanked(const SourceText *source, const ParseResult *result) {
  size_t size = (size_t)source->length << (source->kind == SOURCE_UTF16);
  char *units = malloc(size + 1);
  assert_non_null(units);
  memcpy(units, source->units, size);
  syntax_blank_erasures(result, units);
  units[size] = 0;
  return units;
}

static bool is_blank(const char *units, const SourceText *source) {
  for (uint32_t i = 0; i < source->length; i++)
    if (units[i] != ' ' && units[i] != '\n') return false;
  return true;
}

// `left`: NULL, the whole text; "", nothing; "x": there is an error.
static void check_row(const Row *row) {
  SourceText source, left;
  ParseResult result = parse(row->text, &source, SYNTAX_MODULE);
  bool is_error = row->left && strcmp(row->left, "x") == 0;
  if (!!result.program == is_error)
    print_message("%s: %s\n", row->text, result.error.message);
  assert_int_equal(!!result.program, !is_error);
  if (is_error) {
    syntax_parse_release(&result);
    syntax_source_release(&source);
    return;
  }
  char *units = blanked(&source, &result);
  if (row->left && !*row->left) {
    if (!is_blank(units, &source)) print_message("%s: %s\n", row->text, units);
    assert_true(is_blank(units, &source));
  } else {
    const char *expected = row->left ? row->left : row->text;
    assert_true(syntax_source_from_utf8(&left, expected, strlen(expected)));
    size_t unit = source.kind == SOURCE_UTF16 ? 2 : 1;
    if (left.length != source.length ||
        memcmp(units, left.units, left.length * unit) != 0)
      print_message("%s\n%s\n%s\n", row->text, units, expected);
    assert_int_equal(left.length, source.length);
    assert_memory_equal(units, left.units, left.length * unit);
    // What is left is JavaScript, and means the same.
    SyntaxOptions options = {.goal = SYNTAX_MODULE};
    ParseResult plain = syntax_parse(&left, &options);
    if (!plain.program)
      print_message("%s: %s\n", expected, plain.error.message);
    assert_non_null(plain.program);
    assert_int_equal(plain.function_count, result.function_count);
    syntax_parse_release(&plain);
    syntax_source_release(&left);
  }
  free(units);
  syntax_parse_release(&result);
  syntax_source_release(&source);
}

static void test_erasures(void **state) {
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    check_row(&rows[i]);
}

typedef struct ErrorRow {
  const char *text;
  uint32_t line, column;
  const char *message;
} ErrorRow;

static const ErrorRow errors[] = {
    {"a;\n  enum A { B }", 2, 3,
     "TypeScript enum is not supported, because it makes code: write an object "
     "and `as const`, or compile the file"},
    {"export const enum A {}", 1, 1,
     "TypeScript enum is not supported, because it makes code: write an object "
     "and `as const`, or compile the file"},
    {"namespace A { let b }", 1, 1,
     "TypeScript namespace with values is not supported, because it makes "
     "code: "
     "write a module, or only types in it"},
    {"class A { constructor(private b: C) {} }", 1, 23,
     "TypeScript parameter properties are not supported, because they make "
     "code: declare the field and assign it in the constructor"},
    {"import a = require('b')", 1, 1,
     "TypeScript import = is not supported, because it makes code: write "
     "import "
     "... from, or a const"},
    {"export = a", 1, 1,
     "TypeScript export = is not supported, because it makes code: write "
     "export "
     "default, or module.exports = in CommonJS"},
    {"type A = 1; export { A }", 1, 22,
     "Export 'A' is not defined in module (of a type, write export type)"},
    {"let a: = 1", 1, 8, "Unexpected token '='"},
    {"let a: A<B = 1", 1, 12, "Unexpected token '='"},
    {"f<A>(b as )", 1, 11, "Unexpected token ')'"},
    {"(a: A, b);", 1, 3, "Unexpected token ':'"},
    {"(a?);", 1, 3, "Unexpected token '?'"},
    {"a as B = c", 1, 8, "Unexpected token '='"},
    {"(a as B) => c", 1, 10, "Unexpected token '=>'"},
    {"type A = {", 1, 11, "Unexpected end of input"},
    {"interface A { b c }", 1, 17, "Unexpected identifier 'c'"},
    {"declare a.b", 1, 9, "Unexpected identifier 'a'"},
    {"class A { abstract b() {} }", 1, 20, "An abstract method has no body"},
    {"let a: string; let a", 1, 20, "Identifier 'a' has already been declared"},
    {"a ? (b): c => d }", 1, 17, "Unexpected token '}'"},
    {"return <div/>", 1, 1, "Illegal return statement"},
};

static void test_errors(void **state) {
  for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
    SourceText source;
    ParseResult result = parse(errors[i].text, &source, SYNTAX_MODULE);
    if (result.program || result.error.position.line != errors[i].line ||
        result.error.position.column != errors[i].column ||
        strcmp(result.error.message, errors[i].message) != 0)
      print_message("%s -> %u:%u %s\n", errors[i].text,
                    result.error.position.line, result.error.position.column,
                    result.error.message);
    assert_null(result.program);
    assert_string_equal(result.error.message, errors[i].message);
    assert_int_equal(result.error.position.line, errors[i].line);
    assert_int_equal(result.error.position.column, errors[i].column);
    syntax_parse_release(&result);
    syntax_source_release(&source);
  }
}

// Nothing of this is JavaScript.
static void test_javascript_refuses(void **state) {
  static const char *const texts[] = {
      "let a: b",
      "a as b",
      "a!",
      "<T>a",
      "type A = 1",
      "interface A {}",
      "(a?) => 1",
      "(a): b => c",
      "f<T>()",
      "import type { a } from 'b'",
      "class A { private b }",
  };
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
    SourceText source;
    assert_true(syntax_source_from_utf8(&source, texts[i], strlen(texts[i])));
    SyntaxOptions options = {.goal = SYNTAX_MODULE};
    ParseResult result = syntax_parse(&source, &options);
    if (result.program) print_message("%s\n", texts[i]);
    assert_null(result.program);
    assert_int_equal(result.erasure_count, 0);
    syntax_parse_release(&result);
    syntax_source_release(&source);
  }
}

typedef struct DeepRow {
  const char *head, *repeated, *tail, *after;
  uint32_t count;
  bool is_good;
} DeepRow;

// Time is linear, or nearly: a parser that tries everything at every level
// would not come back from these.
static const DeepRow deep[] = {
    {"x = a", "<b", ";", "", 10000, true},
    {"f(a < b", ", a < b", ");", "", 20000, true},
    {"f<", "A<", "", "", 10000, false},
    {"x = ", "(", "", "", 10000, false},
    {"x = ", "(a: ", "", "", 10000, false},
    {"let x: ", "(", "", "", 10000, false},
    {"let x: ", "({a: ", "", "", 10000, false},
    {"let x: ", "[", "", "", 10000, false},
    {"let x: ", "`${", "", "", 10000, false},
    {"type A = ", "() => ", "B", "", 10000, false},
    {"type A = ", "B extends C ? D : ", "E", "", 20000, true},
    {"type A = B", "[]", "", "", 20000, true},
    {"x = ", "a ? (b) : c => ", "d", "", 300, true},
    {"x = ", "a ? (b): c => ", "d", " : e", 300, true},
    {"x = ", "a ? (b): c => ", "}", "", 300, false},
    {"x = ", "a ? (", "b", ") : c => d", 300, true},
    {"x = ", "a ? async <T>(b): c => ", "d", " : e", 200, true},
    {"x = ", "<T>(", "", "", 10000, false},
    {"x = ", "<T>(a = ", "1", ") => a", 200, true},
    {"x", " as T", ";", "", 20000, true},
    {"x", "!", ";", "", 20000, true},
    {"type A = ", "T extends infer U extends (", "X", ") ? 1 : 2", 200, true},
    {"", "declare namespace A { ", "", "", 10000, false},
};

static char *repeat(char *to, const char *text, uint32_t count) {
  while (count--)
    to = stpcpy(to, text);
  return to;
}

static void test_deep(void **state) {
  for (size_t i = 0; i < sizeof(deep) / sizeof(deep[0]); i++) {
    const DeepRow *row = &deep[i];
    size_t size = strlen(row->head) + strlen(row->tail) + 1 +
                  row->count * (strlen(row->repeated) + strlen(row->after));
    char *text = malloc(size);
    assert_non_null(text);
    char *at = repeat(stpcpy(text, row->head), row->repeated, row->count);
    repeat(stpcpy(at, row->tail), row->after, row->count);
    SourceText source;
    ParseResult result = parse(text, &source, SYNTAX_SCRIPT);
    if (!!result.program != row->is_good)
      print_message("%s%s...: %s\n", row->head, row->repeated,
                    result.error.message);
    assert_int_equal(!!result.program, row->is_good);
    syntax_parse_release(&result);
    syntax_source_release(&source);
    free(text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_erasures),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_javascript_refuses),
      cmocka_unit_test(test_deep),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
