// SPDX-License-Identifier: MIT
// The parser under hostile text: whatever the bytes, a parse ends with a tree
// or an error, frees all it took, and places its error inside the text.
// A libFuzzer target; tests/fuzz/fuzz_driver.h runs it without libFuzzer.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vm/syntax/syntax.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition) {
  if (!condition) abort();
}

static void check_result(const SourceText *source, ParseResult *result) {
  if (result->program) {
    check(result->error.type == SYNTAX_ERROR_NONE);
    check(result->program->scope && result->program->body_scope);
    for (uint32_t i = 0; i < result->erasure_count; i++) {
      check(result->erasures[i].start < result->erasures[i].end);
      check(result->erasures[i].end <= source->length);
    }
    void *units = malloc(source->length * 2 + 1);
    if (units) syntax_blank_erasures(result, units);
    free(units);
  } else {
    check(result->error.type != SYNTAX_ERROR_NONE);
    check(result->error.message[0]);
    check(result->error.start <= result->error.end);
    check(result->error.end <= source->length + 2);
    check(result->error.position.line > 0 && result->error.position.column > 0);
  }
  syntax_parse_release(result);
}

// The first byte picks the goal, the language and the width of the text.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!size) return 0;
  uint8_t mode = data[0];
  data++;
  size--;
  SourceText source;
  bool owned = false;
  if (mode & 0x80) {
    source = syntax_source_latin1(data, (uint32_t)size);
  } else {
    if (!syntax_source_from_utf8(&source, (const char *)data, size)) return 0;
    owned = true;
  }
  static const SyntaxGoal goals[] = {SYNTAX_SCRIPT, SYNTAX_MODULE,
                                     SYNTAX_DIRECT_EVAL, SYNTAX_INDIRECT_EVAL,
                                     SYNTAX_COMMONJS};
  SyntaxOptions options = {
      .goal = goals[mode % 5],
      .strict = mode & 0x40,
      .typescript = mode & 8,
      .in_function = true,
      .in_method = true,
      .in_derived_constructor = true,
      .is_async = mode & 0x20,
      .is_generator = mode & 0x10,
      .stack_bytes = 64 << 10,
      .memory_limit = 64 << 20,
  };
  ParseResult result = syntax_parse(&source, &options);
  check_result(&source, &result);
  if ((mode & 7) == 7) {
    // Cut in two at a place that the data choose.
    uint32_t cut = source.length ? data[0] * source.length / 256 : 0;
    SourceText first = source, second = source, assembled;
    first.length = cut;
    second.length = source.length - cut;
    size_t unit = source.kind == SOURCE_UTF16 ? 2 : 1;
    second.units = (const char *)source.units + cut * unit;
    result =
        syntax_parse_dynamic_function(&first, &second, &options, &assembled);
    check_result(&assembled, &result);
    syntax_source_release(&assembled);
  }
  if (owned) syntax_source_release(&source);
  return 0;
}

#ifndef RILL_LIBFUZZER
#include "fuzz_driver.h"

static const char *const corpus[] = {
    "var a = 1, { b, c: [d = 2, ...e], ...f } = g; let h; const i = 3;",
    "function f(a, b = a, ...c) { 'use strict'; return arguments + this.x }",
    "async function* g() { for await (const x of y) yield* await x; }",
    "(a, { b = 1 }, [c]) => ({ a, b, c, __proto__: d }); async (x) => await x",
    "class A extends B { #x = 1; static #y() {} static { this.#z; } get [k]() "
    "{ return super.x } constructor() { super(...arguments) } 'a' = #x in o }",
    "a?.b?.[c]?.(d)`t${e}` ?? (f || g && h) ** -1; x ||= y, z **= 2 >>> 3",
    "l: for (let i = 0; i < 9; i++) { if (i) continue l; else break l }",
    "for (var k in o); for (const v of w); do ; while (0) switch (s) { case 1: "
    "default: function q() {} }",
    "try { throw new E(new.target) } catch ({ message }) {} finally { debugger "
    "}",
    "with (o) { eval('x'); delete o.p; typeof q; void 0; r++; --s }",
    "import a, { b as c, 'd' as e } from 'm' with { type: 'json' }; import * "
    "as "
    "n from 'o'; export { c as default }; export * from 'p'; import.meta; "
    "import('q')",
    "/[/\\]]+(?<n>a)\\k<n>/giu.test(`a${`b${1}`}c`); 0x1fn + 0b1_0 + 1e-7 + "
    ".5 + 017",
    "import { type A, b as c } from 'm'; import type D = require('d'); export "
    "type { E } from 'e'; export default abstract class F<T> extends G<T> "
    "implements H { private readonly x!: T; [k: string]: any; m?(): void; m() "
    "{} declare y: 1; abstract z(): this is T; static #p = <T>(a) }",
    "type A<in out T extends B = C> = T extends (infer U extends X ? 1 : 2)[] "
    "? "
    "{ -readonly [K in keyof T as `a${K}`]+?: T[K] } : (a?: B, ...c: D[]) => "
    "asserts a is new () => typeof import('x').y<T>;",
    "x = a ? (b): c => d : e ? <T,>(f?: G, { h }: I = {}) => j : async <T>(k) "
    ": l => m as const satisfies n; o<p>>q; r<s<t>>(u!)!.v?.<w>(); "
    "<any>x = <T>y;",
    "interface A<T> extends B.C<T> { (a: 1): b; new <T>(): c; get d(): e; "
    "readonly [f: string]: g; h?<T>(): asserts i; } declare module 'j' { "
    "export "
    "= k; } declare global { var l: m } namespace n.o { export type p = q }",
    "function f<const T>(this: A, b?: B): asserts b is C; function f() {} for "
    "(const x of <any>y); try {} catch (e: unknown) {} enum E { A }",
    "{ function annexB() {} } if (1) function g2() {} var \xc3\xa9\xe2\x82\xac "
    "= "
    "'\\u{1F600}\\x41\\\n\\0'",
    "<!-- c\n--> d\n/* e \n */ // f\n\\u0061b: ({ get a() {}, set a(b) {}, "
    "async "
    "*c() {}, 'd': 1, 2: 3, [e]: f })",
};

int main(int argc, char **argv) {
  return fuzz_main(argc, argv, corpus, sizeof(corpus) / sizeof(corpus[0]));
}
#endif
