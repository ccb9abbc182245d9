// SPDX-License-Identifier: MIT
// Fuel and interrupts reach inside builtins that loop: each is given more to do
// than its fuel allows, and nothing after it looks at the limits: a flag set
// right behind the call stays as it was, and neither catch nor finally runs.
// Work in bulk may be refused before it is begun.
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

enum { FUEL = 2000 };

// `a`: an array of 2^20 numbers; `o`, `p`: array-likes without end, the latter
// a proxy; `ap`: a proxy of `a`; `s`: a string of 2^25 units; `w`: one of 2^23
// that is not Latin-1; `u`: a Uint8Array of 2^25; `m`, `t`: a Map and a Set of
// 2^18; `big`: a BigInt of 2^22 bits; G(x): an iterable without end; O: as many
// properties as a Map's.
static const char set_up[] =
    "var END = 2 ** 53 - 1, a = Array.from({ length: 1 << 20 }, (_, i) =>"
    "  i * 7 % (1 << 20));"
    "var o = { length: END }, p = new Proxy({ length: END }, {});"
    "var ap = new Proxy(a, {}), s = 'ab'.repeat(1 << 24), id = (x) => x;"
    "var w = '\\u0416b'.repeat(1 << 22), spaces = ' '.repeat(1 << 25);"
    "s.charCodeAt(0); w.charCodeAt(0); spaces.charCodeAt(0);"
    "var u = new Uint8Array(1 << 25), m = new Map, t = new Set, O = {};"
    "for (let i = 0; i < 1 << 18; i++) {"
    "  m.set(i, i); t.add('k' + i); O['k' + i] = i; }"
    "var t2 = new Set([...t].map((k) => k + 'x')), A = Array.prototype;"
    "var big = 1n << 4194304n, digits = '7'.repeat(1 << 21);"
    "var json = JSON.stringify(a), hex = u.toHex?.() ?? '';"
    "var base64 = 'AAAA'.repeat(1 << 22), percent = '%41'.repeat(1 << 21);"
    "var text = 'x=1;'.repeat(1 << 20), f64 = Float64Array.from(a);"
    "var bits = new BigInt64Array(1 << 20), fn = Function.prototype;"
    "var buffer = u.buffer, holey = []; holey[1e6] = 1;"
    "var huge = []; huge.length = 2 ** 32 - 1;"
    "var ring = { [Symbol.iterator]: () => ring,"
    "  next: () => ({ value: 1, done: false }) };"
    "function G(n) { return { *[Symbol.iterator]() { for (;;) yield n } } }"
    "function I(n) { return G(n)[Symbol.iterator](); }";

static const char *const rows[] = {
    // Arrays
    "a.slice().sort()",
    "a.slice().sort((x, y) => y - x)",
    "A.sort.call(p)",
    "a.toSorted()",
    "a.toSorted((x, y) => y - x)",
    "A.toSorted.call(ap)",
    "a.join('-')",
    "A.join.call({ length: 2 ** 31 }, '')",
    "A.join.call(p)",
    "huge.join('')",
    "String(a)",
    "a.toLocaleString()",
    "a.concat(a)",
    "[].concat(ap)",
    "new Array(2e7).fill(0)",
    "A.fill.call(o, 1)",
    "A.fill.call(p, 1)",
    "a.slice().copyWithin(1, 0)",
    "A.copyWithin.call(o, 0, 1)",
    "A.copyWithin.call(p, 1, 0)",
    "a.indexOf(-1)",
    "a.lastIndexOf(-1)",
    "A.lastIndexOf.call(o, 1)",
    "A.lastIndexOf.call(p, 1)",
    "a.includes(-1)",
    "A.reverse.call(o)",
    "A.reverse.call(p)",
    "a.toReversed()",
    "A.toReversed.call(ap)",
    "a.with(0, 1)",
    "A.with.call(ap, 0, 1)",
    "a.toSpliced(1, 1)",
    "A.toSpliced.call(ap, 1, 1)",
    "a.slice(1)",
    "A.slice.call(p, 0, 4e9)",
    "a.slice().splice(0, 1, 1, 2)",
    "A.splice.call(o, 0, 1)",
    "A.splice.call(p, 0, 1)",
    "a.slice().unshift(1)",
    "A.unshift.call({ length: 2 ** 53 - 3 }, 1)",
    "A.unshift.call({ __proto__: p, length: 2 ** 53 - 3 }, 1)",
    "a.slice().shift()",
    "A.shift.call(o)",
    "A.shift.call(p)",
    "a.map(id)",
    "A.map.call({ length: 2 ** 32 - 1 }, id)",
    "a.forEach(id)",
    "A.forEach.call(o, id)",
    "A.forEach.call(p, id)",
    "A.filter.call(o, id)",
    "A.reduce.call(o, id)",
    "A.reduce.call(o, id, 1)",
    "A.reduceRight.call(o, id)",
    "A.reduceRight.call(o, id, 1)",
    "A.find.call(o, () => 0)",
    "A.findIndex.call(o, () => 0)",
    "A.findLast.call(o, () => 0)",
    "A.findLastIndex.call(o, () => 0)",
    "A.every.call(o, () => 1)",
    "A.some.call(o, () => 0)",
    "A.flatMap.call(o, id)",
    "[huge].flat()",
    "A.flat.call(o)",
    "[ap].flat(Infinity)",
    "huge.forEach(id)",
    "huge.indexOf(1)",
    "huge.reverse()",
    "huge.sort()",
    "huge.includes(1)",
    "huge.lastIndexOf(1)",
    "huge.slice()",
    "huge.toString()",
    "[...huge]",
    "[...huge.entries()]",
    "Object.keys(huge.fill(1, 0, 1e9))",
    "Array.from(ap)",
    "Array.from({ length: 2 ** 32 - 1 })",
    "Array.from(G(1))",
    "Array.from(G(1), id)",
    "Array.from(ring)",
    "Array.of.apply(null, { length: 1e7 })",
    "[...G(1)]",
    "[...a]",
    "[...ap]",
    "Math.max(...a, ...a, ...a)",
    "Math.max.apply(null, { length: 1e7 })",
    "id.bind(null, ...a)",
    "const [...rest] = G(1)",
    "a.keys().toArray()",
    "a.values().drop(1e9).next()",
    // Objects
    "Object.groupBy(ap, (x) => x % 3)",
    "Object.groupBy(G(1), id)",
    "Object.fromEntries(G([1, 2]))",
    "Object.assign({}, ap)",
    "Object.assign({}, O)",
    "Object.assign({}, s)",
    "Object.entries(O)",
    "Object.entries(ap)",
    "Object.keys(O)",
    "Object.keys(ap)",
    "Object.keys(s)",
    "Object.values(O)",
    "Object.values(ap)",
    "Object.values(u)",
    "Object.getOwnPropertyNames(a)",
    "Object.getOwnPropertyNames(s)",
    "Object.getOwnPropertyNames(u)",
    "Object.getOwnPropertyDescriptors(O)",
    "Object.getOwnPropertyDescriptors(ap)",
    "Object.defineProperties({}, O)",
    "Object.create({}, ap)",
    "Object.freeze(a.slice())",
    "Object.freeze(ap)",
    "Object.isFrozen(Object.preventExtensions(Object.defineProperties({}, "
    "Object.getOwnPropertyDescriptors(O))))",
    "Object.isSealed(ap)",
    "({ ...ap })",
    "const { x, ...others } = O",
    "for (const k in O) id",
    "for (const k in ap) id",
    "for (const k in s) id",
    "Reflect.ownKeys(O)",
    "Reflect.ownKeys(ap)",
    "O.toSource ?? JSON.stringify(O)",
    "structuredClone(a)",
    "structuredClone(m)",
    "structuredClone(t)",
    "structuredClone(O)",
    "structuredClone(u)",
    "structuredClone({ get x() { for (;;) id; } })",
    // Strings
    "s.indexOf('c')",
    "s.indexOf('bab'.repeat(9) + 'c')",
    "s.indexOf('a'.repeat(1e6) + 'c')",
    "'a'.repeat(1e6).indexOf('a'.repeat(5e5) + 'b')",
    "'a'.repeat(1e7).indexOf('b' + 'a'.repeat(5e6))",
    "'a'.repeat(1e7).lastIndexOf('b' + 'a'.repeat(5e6))",
    "'a'.repeat(1e7).lastIndexOf('a'.repeat(5e6) + 'b')",
    "'a'.repeat(1e7).includes('a'.repeat(2e6) + 'b' + 'a'.repeat(2e6))",
    "w.indexOf('c')",
    "w.indexOf('\\u0416\\u0416')",
    "s.lastIndexOf('c')",
    "s.includes('c')",
    "s === ('ab'.repeat((1 << 24) - 1) + 'ac')",
    "s < ('ab'.repeat((1 << 24) - 1) + 'ac')",
    "s.split('')",
    "s.split('a')",
    "s.replaceAll('a', 'bc')",
    "s.replaceAll('a', () => 'bc')",
    "s.replaceAll('', 'x')",
    "s.replaceAll('b', '$`')",
    "s.replace('b', \"$'\".repeat(1e5))",
    "'ab'.repeat(1 << 27)",
    "'abc'.padStart(1 << 28, 'xyz')",
    "'abc'.padEnd(1 << 28, 'xyz')",
    "s.toUpperCase()",
    "s.toLowerCase()",
    "w.toUpperCase()",
    "w.toLocaleLowerCase('tr')",
    "'a\\u0301\\u0323'.repeat(1 << 22).normalize()",
    "(spaces + 'x').trimEnd()",
    "'\\ud800'.repeat(1 << 22).toWellFormed()",
    "s.at(-1) + s.concat(s, s, s, s).charCodeAt(0)",
    "[...s]",
    "s.big().charCodeAt(0)",
    "w.anchor('\"'.repeat(1 << 22)).charCodeAt(0)",
    "String.raw({ raw: p })",
    "String.raw({ raw: ap })",
    "String.fromCharCode(...a)",
    "String.fromCharCode.apply(null, a)",
    "String.fromCodePoint(...a)",
    "encodeURI(w)",
    "escape(w)",
    "unescape(percent)",
    "decodeURIComponent(percent)",
    "decodeURI(percent)",
    "s.localeCompare(s.slice(0, -1) + 'c')",
    "w.localeCompare(w + 'x')",
    "s.search('c')",
    "new Function('a', 'return ' + digits)",
    "Symbol(s).toString()",
    "s.link(s)",
    // Regular expressions
    "/^(a|ab|b)*c/.test(s)",
    "/(x+x+)+y/.test('x'.repeat(64))",
    "/^(([a-z])+.)+[A-Z]([a-z])+$/.test('a'.repeat(64))",
    "/(?=(a+))a*b\\1/.test('a'.repeat(1e5))",
    "/^(a|aa|b\\1)*\\1c$/.test('a'.repeat(80) + 'cx')",
    "/(.*)*$x/s.test(s)",
    "/a.*b.*c.*d/.test(s)",
    "/[^c]*c/.test(s)",
    "/c/.test(s)",
    "/(?:a|b|\\u0416)*?c/.test(w)",
    "/(?<!c.*)d/s.test(s)",
    "/(?<=(.*))c/.test(s)",
    "/\\bc\\b|(?:x|y)z/.test(s)",
    "/c/i.test(s)",
    "/C/iu.test(w)",
    "/\\p{Lu}c/u.test(w)",
    "/[\\p{L}--[a-z]]q/v.test(w)",
    "/(a*)*b/.test('a'.repeat(64))",
    "/(?:(?=a)a)*?c/.test(s)",
    "/((a{0,100}){0,100}){0,100}b/.test('a'.repeat(1000))",
    "/(?:a{1000}){1000}c/.test(s)",
    "/(?:){1000000000}c/.test(s)",
    "/(?:a|(?:)){1000000000}c/.test(s)",
    "/a{0,4294967295}c/.test(s)",
    "s.match(/a/g)",
    "s.match(/(?:)/g)",
    "s.replace(/a/g, 'x')",
    "s.replace(/(a)/g, '$1$1')",
    "s.replace(/a/g, () => 'x')",
    "s.replace(/c/g, '')",
    "s.split(/a/)",
    "s.split(/c/)",
    "s.split(/(?:)/)",
    "s.search(/(?:a|b)*c/)",
    "s.search(/c/)",
    "[...s.matchAll(/ab/g)]",
    "/a/[Symbol.match].call({ flags: 'g', exec: () => [''] }, s)",
    "/a/[Symbol.replace].call({ flags: 'g', exec: () => [''] }, s, '')",
    "RegExp.prototype[Symbol.split].call({ constructor: { [Symbol.species]: "
    "function () { return { exec() { return null } } } }, flags: '' }, s)",
    "new RegExp('(?:' + 'a|'.repeat(1 << 20) + 'b)').test('c')",
    "new RegExp('[' + 'a-z'.repeat(1 << 20) + ']').test('c')",
    "new RegExp('(?<n>a)|'.repeat(1) + '(a)'.repeat(60000)).test('c')",
    "new RegExp('a'.repeat(1 << 22))",
    "new RegExp('(?:a{2}){3}'.repeat(1 << 18))",
    "new RegExp('\\p{L}'.repeat(1 << 16), 'iu')",
    "new RegExp('[\\p{L}&&\\p{Lu}]'.repeat(1 << 10), 'iv')",
    "RegExp.escape(s)",
    // JSON
    "JSON.parse(json)",
    "JSON.parse('[' + '[],'.repeat(1 << 20) + '1]')",
    "JSON.parse('\"' + s + '\"')",
    "JSON.parse('\"' + '\\n'.repeat(1 << 22) + '\"')",
    "JSON.parse(' '.repeat(1 << 25) + '1')",
    "JSON.parse(json, (k, v) => v)",
    "JSON.parse('[1]', function (k, v) { if (k === '') for (;;) id; this[1] = "
    "p; return v })",
    "JSON.stringify(a)",
    "JSON.stringify(s)",
    "JSON.stringify(w)",
    "JSON.stringify(O)",
    "JSON.stringify(a, null, 2)",
    "JSON.stringify(a, (k, v) => v)",
    "JSON.stringify(new Proxy([], { get: (t, k) => k === 'length' ? 2 ** 53 - "
    "1 : 0 }))",
    "JSON.stringify({}, new Proxy([], { get: (t, k) => k === 'length' ? 2 ** "
    "53 - 1 : 'k' }))",
    "JSON.stringify({ toJSON() { return ap } })",
    "JSON.stringify(huge)",
    // BigInts
    "(big + 1n) * (big + 3n)",
    "3n ** 6000000n",
    "(1n << 1000000000n) - 1n",
    "String(big)",
    "big.toString(7)",
    "big.toString(16)",
    "big.toLocaleString()",
    "BigInt(digits)",
    "BigInt('0x' + digits)",
    "(big ** 4n) / (big + 1n)",
    "(big ** 4n) % (big + 1n)",
    "(1n << 1000000000n) >> 3n",
    "~big",
    "big & (big - 1n)",
    "-big",
    "BigInt.asIntN(4194300, big)",
    "BigInt.asUintN(4194300, -big)",
    "BigInt.asUintN(1000000000, -1n)",
    "big === (1n << 4194304n)",
    "big < big + 1n",
    "BigInt(Number.MAX_VALUE) ** 2000n",
    "JSON.stringify({ big: String(big) })",
    // Typed arrays
    "u.fill(1)",
    "u.slice()",
    "u.copyWithin(1, 0)",
    "u.reverse()",
    "u.slice().sort()",
    "f64.sort()",
    "f64.sort((x, y) => y - x)",
    "f64.toSorted((x, y) => y - x)",
    "bits.sort()",
    "u.join('')",
    "u.toLocaleString()",
    "u.set(ap)",
    "u.set(new Uint8Array(1 << 24), 1)",
    "f64.set(new Float32Array(1 << 20))",
    "f64.set({ length: 1 << 20 })",
    "Uint8Array.from(G(1))",
    "Uint8Array.from({ length: 1 << 30 })",
    "Uint8Array.from(u, id)",
    "Uint8Array.of(...a)",
    "new Uint8Array(ap)",
    "new Uint8Array({ length: 1 << 28 })",
    "new Uint8Array(G(1))",
    "new Float64Array(new Uint8Array(1 << 20))",
    "new Uint8Array(u)",
    "new Uint8Array(1 << 28)",
    "new ArrayBuffer(1 << 28)",
    "buffer.slice(0)",
    "new ArrayBuffer(1 << 20).transfer(1 << 28)",
    "u.map(id)",
    "u.filter(id)",
    "u.forEach(id)",
    "u.reduce((x) => x)",
    "u.reduceRight((x) => x)",
    "u.find(() => 0)",
    "u.findLast(() => 0)",
    "u.every(() => 1)",
    "u.some(() => 0)",
    "u.subarray(1).toReversed()",
    "u.toSorted()",
    "u.with(0, 1)",
    "u.toBase64()",
    "u.toHex()",
    "Uint8Array.fromBase64(base64)",
    "Uint8Array.fromHex(hex)",
    "[...u]",
    "Array.from(u)",
    // Maps, Sets, iterators
    "for (const x of m) id",
    "m.forEach(id)",
    "[...m.keys()]",
    "new Map(m)",
    "new Map(G([1, 1]))",
    "new Set(t)",
    "new Set(G(1))",
    "new Set(ap)",
    "new WeakMap(G([{}, 1]))",
    "new WeakSet(G({}))",
    "const c = new Map([[1, 1]]); c.forEach((v, k) => { c.delete(k); c.set(k, "
    "v) })",
    "t.intersection(t2)",
    "t.difference(t2)",
    "t.isSubsetOf(new Set([...t]))",
    "t.isDisjointFrom(t2)",
    "new Set([1]).union({ size: 1, has: id, keys: () => I(1) })",
    "new Set([1]).isSupersetOf({ size: 1, has: id, keys: () => I(1) })",
    "new Set([1]).isDisjointFrom({ size: 0, has: id, keys: () => I(2) })",
    "new Set([1]).symmetricDifference({ size: 1, has: id, keys: () => I(1) })",
    "Iterator.from(I(1)).drop(1e9).next()",
    "Iterator.from(I(1)).drop(Infinity).next()",
    "Iterator.from(I(1)).toArray()",
    "Iterator.from(I(1)).filter(() => 0).next()",
    "Iterator.from(I(1)).flatMap(() => []).next()",
    "Iterator.from(I(1)).forEach(id)",
    "Iterator.from(I(1)).reduce(id)",
    "Iterator.from(I(1)).some(() => 0)",
    "Iterator.from(I(1)).every(() => 1)",
    "Iterator.from(I(1)).find(() => 0)",
    "Iterator.from(I(1)).take(1e9).toArray()",
    "Iterator.concat(G(1)).toArray()",
    "Iterator.zip([G(1), G(1)]).toArray()",
    "Iterator.zip(G([]))",
    "Iterator.zipKeyed({ a: G(1) }).toArray()",
    "Iterator.from(ring).toArray()",
    "Map.groupBy(G(1), id)",
    "Promise.all(G(1))",
    "Promise.allSettled(G(1))",
    "Promise.race(G(1))",
    "Promise.any(G(1))",
    "Math.sumPrecise(G(1))",
    "Math.hypot(...a)",
    "new AggregateError(G(1))",
    "new Intl.ListFormat('en').format(G('a'))",
    "Intl.getCanonicalLocales(new Proxy({ length: 2 ** 53 - 1 }, { has: () => "
    "true, get: (t, k) => k === 'length' ? t[k] : 'en' }))",
    "Intl.getCanonicalLocales(a.map(() => 'en'))",
    "[...new Intl.Segmenter('en').segment(s)]",
    "new Intl.NumberFormat('en').format(big)",
    "new Intl.Collator('en').compare(w, w + 'x')",
    "new Intl.ListFormat('en').format(a.map(String))",
    // Text of programs
    "eval(text)",
    "(0, eval)('[' + '1,'.repeat(1 << 20) + ']')",
    "eval('\"' + s + '\"')",
    "eval('/*' + s + '*/')",
    "eval(spaces + '1')",
    "eval('(' + '1+'.repeat(1 << 20) + '1)')",
    "eval('var ' + a.map((x) => 'v' + x).join())",
    "eval('({' + a.map((x) => 'v' + x + ':1').join() + '})')",
    "eval('switch (1) {' + 'case 2:'.repeat(1 << 20) + '}')",
    "eval('function f(){' + text + '}')",
    "eval('class C {' + 'm(){}'.repeat(1 << 19) + '}')",
    "eval('`' + '${1}'.repeat(1 << 20) + '`')",
    "eval('function f(){};'.repeat(1 << 18))",
    "eval('/' + 'a'.repeat(1 << 22) + '/')",
    "Date.parse(spaces + '2020')",
    // Proxies and the like
    "const q = new Proxy({}, { has: () => { for (;;) id } }); 1 in q",
    "Object.prototype.toString.call({ get [Symbol.toStringTag]() { for (;;) id "
    "} })",
    "const q = { valueOf() { for (;;) id } }; q + 1",
    "Error.prepareStackTrace = () => { for (;;) id }; new Error('x').stack",
    "Error.stackTraceLimit = Infinity; new Error(s.replaceAll('a', 'c')).stack",
    "'x'[Symbol.iterator].call({ toString() { for (;;) id } })",
    "globalThis[Symbol.iterator] = 1; Object.defineProperty(globalThis, 'zz', "
    "{ get() { for (;;) id }, configurable: true }); zz",
    // The web's
    "new URL('http://x/' + 'a/../'.repeat(1 << 20))",
    "new URL('http://x/?' + w)",
    "new URL('http://x/' + w)",
    "new URL('http://' + 'a.'.repeat(1 << 20) + 'b/')",
    "URL.canParse('http://x/' + s)",
    "new TextDecoder().decode(u)",
    "new TextDecoder('utf-16le').decode(u)",
    "new TextDecoder('shift_jis').decode(u)",
    "new TextDecoder('windows-1252').decode(u)",
    "new TextEncoder().encode(s)",
    "new TextEncoder().encode(w)",
    "new URLSearchParams('a=b&'.repeat(1 << 20))",
    "new URLSearchParams(G(['a', 'b']))",
    "new URLSearchParams(O).toString()",
    "btoa(s)",
    "atob(base64)",
    "new Blob([u, u])",
    "new Blob(G('x'))",
    "new Headers(G(['a', 'b']))",
    "crypto.getRandomValues(new Uint8Array(65536)); while (1) "
    "crypto.getRandomValues(u.subarray(0, 65536))",
    "console.log(a)",
    "console.log(O)",
    "console.table(a)",
    "AbortSignal.any(G(new AbortController().signal))",
};

// What the row did apart from ending by its fuel within the builtin, or NULL.
static const char *what_went_on(rill_isolate *iso, const char *row) {
  char source[1024];
  snprintf(source, sizeof source,
           "globalThis.after = globalThis.caught = false;"
           "try { %s;\n after = true; } catch { caught = true; }"
           "finally { caught = true; }",
           row);
  rill_set_fuel(iso, FUEL);
  rill_value value = rill_eval(iso, source, RILL_TEXT_END, "loop.js");
  rill_set_fuel(iso, -1);
  if (value != NULL) return "ran to its end";
  if (rill_get_error(iso)->kind != RILL_ERROR_TERMINATED) return "threw";
  value = rill_eval(iso, "after", RILL_TEXT_END, NULL);
  if (value == NULL || rill_to_boolean(iso, value)) return "went on after it";
  value = rill_eval(iso, "caught", RILL_TEXT_END, NULL);
  if (value == NULL || rill_to_boolean(iso, value)) return "was caught";
  return NULL;
}

static void test_fuel_reaches_every_builtin(void **state) {
  rill_isolate *iso = isolate(RILL_ALLOW_CONSOLE, SIZE_MAX);
  assert_non_null(rill_eval(iso, set_up, RILL_TEXT_END, "set-up.js"));
  int missed = 0;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    rill_scope scope;
    rill_scope_open(iso, &scope);
    const char *what = what_went_on(iso, rows[i]);
    if (what != NULL) {
      missed++;
      print_error("MISSED %zu %s: %s\n", i, rows[i], what);
    }
    rill_scope_close(iso, &scope);
  }
  assert_int_equal(missed, 0);
  // The isolate is good afterwards.
  rill_value value = rill_eval(iso, "a.length", RILL_TEXT_END, NULL);
  assert_int_equal(rill_to_number(iso, value), 1 << 20);
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
