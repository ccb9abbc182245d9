// SPDX-License-Identifier: MIT
// The C API: errors copied out whole, executed lines, variables at
// the end and at lines.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/api_tests.h"

// C5: errors outlive their isolate, with everything they had.
static void C5_errors_are_copied_whole(void **state) {
  rill_isolate *iso = isolate(0, 0);
  assert_null(rill_copy_error(iso));
  assert_null(rill_eval(iso,
                        "function inner() {\n"
                        "\tthrow Object.assign(new TypeError('low'), { code: "
                        "'E_LOW' });\n"
                        "}\n"
                        "try { inner() } catch (e) {\n"
                        "  throw new RangeError('h\xc3\xb6h', { cause: e });\n"
                        "}",
                        RILL_TEXT_END, "plan.js"));
  rill_error_record *e = rill_copy_error(iso);
  assert_null(rill_eval(iso, "throw { toString() { return 'odd' } }",
                        RILL_TEXT_END, NULL));
  rill_error_record *odd = rill_copy_error(iso);
  assert_null(rill_eval(iso, "let 1", RILL_TEXT_END, "syntax.js"));
  rill_error_record *syntax = rill_copy_error(iso);
  assert_null(rill_eval(iso,
                        "const e = new Error('loop'); e.cause = e; throw e",
                        RILL_TEXT_END, NULL));
  rill_error_record *loop = rill_copy_error(iso);
  rill_set_fuel(iso, 100);
  assert_null(rill_eval(iso, "for (;;);", RILL_TEXT_END, NULL));
  rill_error_record *ended = rill_copy_error(iso);
  assert_false(rill_push(iso, rill_object(iso), NULL));
  rill_error_record *host = rill_copy_error(iso);
  rill_isolate_free(iso);

  assert_int_equal(e->kind, RILL_ERROR_THROWN);
  assert_string_equal(e->name, "RangeError");
  assert_string_equal(e->message, "h\xc3\xb6h");
  assert_string_equal(e->file, "plan.js");
  assert_int_equal(e->line, 5);
  assert_non_null(strstr(e->source_line, "throw new RangeError"));
  assert_non_null(strstr(e->stack, "plan.js:5"));
  assert_true(e->frame_count >= 1);
  const rill_error_record *cause = e->cause;
  assert_non_null(cause);
  assert_string_equal(cause->name, "TypeError");
  assert_string_equal(cause->code, "E_LOW");
  assert_string_equal(cause->frames[0].function, "inner");
  assert_int_equal(cause->frames[0].line, 2);
  assert_non_null(strstr(cause->frames[0].source_line, "new TypeError"));
  assert_true(cause->frame_count >= 2);
  assert_string_equal(cause->frames[1].source_line,
                      "try { inner() } catch (e) {");
  assert_null(cause->cause);
  char *text = rill_error_record_text(e);
  assert_non_null(strstr(text, "RangeError: h\xc3\xb6h\n"));
  assert_non_null(strstr(text, "Caused by: TypeError: low\n"));
  assert_non_null(strstr(text, "    at inner (plan.js:2:"));
  assert_non_null(strstr(text, "\n      \t"));
  free(text);

  assert_string_equal(odd->message, "odd");
  assert_string_equal(odd->name, "");
  assert_string_equal(syntax->name, "SyntaxError");
  assert_int_equal(syntax->line, 1);
  int depth = 0;
  for (const rill_error_record *r = loop; r != NULL; r = r->cause)
    depth++;
  assert_int_equal(depth, 17); // itself, and the 16 that are followed
  assert_int_equal(ended->kind, RILL_ERROR_TERMINATED);
  assert_int_equal(host->kind, RILL_ERROR_HOST);
  assert_string_equal(host->message, "rill_push needs an array");
  rill_error_record *all[] = {e, odd, syntax, loop, ended, host, NULL};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    rill_error_record_free(all[i]);
}

// C7: frames of the functions that await, each with its line.
static void C7_async_frames_with_snippets(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_value promise = rill_eval_async(iso,
                                       "async function low() {\n"
                                       "  await null;\n"
                                       "  throw new Error('deep');\n"
                                       "}\n"
                                       "async function middle() {\n"
                                       "  await low();\n"
                                       "}\n"
                                       "await middle();",
                                       RILL_TEXT_END, "async.js");
  assert_null(rill_await(iso, promise));
  rill_error_record *e = rill_copy_error(iso);
  rill_isolate_free(iso);
  assert_true(e->frame_count >= 2);
  assert_string_equal(e->frames[0].function, "low");
  assert_int_equal(e->frames[0].line, 3);
  assert_string_equal(e->frames[1].function, "middle");
  assert_true(e->frames[1].is_async);
  assert_int_equal(e->frames[1].line, 6);
  assert_string_equal(e->frames[1].source_line, "  await low();");
  char *text = rill_error_record_text(e);
  assert_non_null(strstr(text,
                         "at async middle (async.js:6:3)\n"
                         "        await low();\n"
                         "        ^\n"));
  free(text);
  rill_error_record_free(e);
}

typedef struct Lines {
  uint64_t counts[32];
  uint32_t seen;
} Lines;

static void note_line(void *data, const char *file, uint32_t line,
                      uint64_t count) {
  Lines *lines = data;
  assert_string_equal(file, "track.js");
  assert_true(line < 32);
  lines->counts[line] += count;
  lines->seen++;
}

// C6: lines with counts, and the variables at the end; off: nothing.
static void C6_lines_and_variables(void **state) {
  static const char source[] =
      "let total = 0;\n"     // 1
      "var seen = [];\n"     // 2
      "function add(n) {\n"  // 3
      "  total += n;\n"      // 4
      "  if (n > 8) {\n"     // 5
      "    seen.push(n);\n"  // 6
      "  }\n"                //
      "  if (n > 99) {\n"    // 8
      "    throw 'never';\n" // 9
      "  }\n"                //
      "}\n"                  //
      "for (let i = 0; i < 10; i++) {\n"
      "  add(i);\n" // 13
      "}\n"
      "const done = true;\n"
      "class Thing {}\n";
  rill_options options = RILL_OPTIONS_INIT;
  options.count_lines = true;
  rill_isolate *iso = rill_isolate_new(&options);
  assert_non_null(iso);
  assert_non_null(rill_eval(iso, source, RILL_TEXT_END, "track.js"));
  rill_eval(iso, "let other = 1", RILL_TEXT_END, "other.js");
  Lines lines = {0};
  assert_true(rill_executed_lines(iso, "track.js", note_line, &lines));
  assert_true(lines.counts[1] == 1);
  assert_true(lines.counts[4] == 10);
  assert_true(lines.counts[6] == 1);
  assert_true(lines.counts[9] == 0);
  assert_true(lines.counts[13] == 10);
  assert_true(lines.seen >= 9);
  rill_reset_lines(iso);
  assert_non_null(rill_eval(iso, "add(1); add(2)", RILL_TEXT_END, "other.js"));
  lines = (Lines){0};
  assert_true(rill_executed_lines(iso, "track.js", note_line, &lines));
  assert_true(lines.counts[4] == 2);
  assert_true(lines.counts[1] == 0);
  rill_value variables = rill_variables(iso);
  assert_int_equal(rill_to_number(iso, rill_get(iso, variables, "total")), 48);
  assert_string_equal(
      rill_to_string(iso, rill_own_keys(iso, variables, 0), NULL),
      "total,done,Thing,other,seen,add");
  assert_int_equal(rill_type_of(iso, rill_get(iso, variables, "Math")),
                   RILL_UNDEFINED);
  // Code for other isolates counts nothing, and may outlive this one.
  rill_compiled *compiled =
      rill_compile(iso, RILL_GOAL_SCRIPT, "1 + 1", RILL_TEXT_END, "track.js");
  rill_isolate_free(iso);
  iso = isolate(0, 0);
  assert_int_equal(rill_to_number(iso, rill_run_compiled(iso, compiled)), 2);
  rill_compiled_release(compiled);
  assert_false(rill_executed_lines(iso, NULL, note_line, &lines));
  rill_reset_lines(iso);
  // A binding that was never initialized is left out.
  assert_null(rill_eval(iso, "let ready = 1; throw 1; let never = 2",
                        RILL_TEXT_END, NULL));
  assert_string_equal(
      rill_to_string(iso, rill_own_keys(iso, rill_variables(iso), 0), NULL),
      "ready");
  rill_isolate_free(iso);
}

// What is noted of a line: these variables (absent ones as -), and the passes.
typedef struct Watch {
  const char *names; // with a space behind each
  char log[1024];
  uint32_t passes;
  enum { GO_ON, THROW, FAIL, REMOVE, NEST } then;
} Watch;

static bool note_variables(rill_isolate *iso, void *data, const char *file,
                           uint32_t line, rill_value variables) {
  Watch *w = data;
  w->passes++;
  size_t used = strlen(w->log);
  for (const char *n = w->names; *n != 0 && used < 900;) {
    char name[32] = {0};
    size_t length = strcspn(n, " ");
    memcpy(name, n, length);
    n += length + 1;
    const char *text = "-";
    rill_value key = rill_string(iso, name, RILL_TEXT_END);
    if (rill_has_own(iso, variables, key) == 1)
      text = rill_to_string(iso, rill_get(iso, variables, name), NULL);
    used += (size_t)snprintf(w->log + used, sizeof w->log - used, "%s%s", text,
                             *n != 0 ? "," : ";");
  }
  switch (w->then) {
  case GO_ON:
    break;
  case THROW:
    rill_throw_error(iso, "stopped at %s:%u", file, line);
    return false;
  case FAIL:
    return false;
  case REMOVE:
    return rill_break_at(iso, file, line, NULL, NULL);
  case NEST: // scripts run, but stop nowhere
    return rill_eval(iso, "again()", RILL_TEXT_END, "nested.js") != NULL;
  }
  return true;
}

// The values of `names` at each pass of a line of the text.
static void check_line(const char *source, bool is_module, uint32_t line,
                       const char *names, const char *expected) {
  rill_isolate *iso = isolate(0, 0);
  Watch w = {.names = names};
  assert_true(rill_break_at(iso, "a.js", line, note_variables, &w));
  rill_value v = is_module
                     ? rill_eval_module(iso, source, RILL_TEXT_END, "a.js")
                     : rill_eval(iso, source, RILL_TEXT_END, "a.js");
  if (v != NULL && is_module) v = rill_await(iso, v);
  if (v == NULL) fail_msg("%s", rill_get_error(iso)->message);
  assert_string_equal(w.log, expected);
  rill_isolate_free(iso);
}

// C6: the variables of a frame where it comes to a line.
static void C6_variables_at_a_line(void **state) {
  // A function: parameters, its own variables, those around; what is assigned
  // after a pass is seen by the next.
  check_line(
      "let outer = 1;\n"
      "function f(a, { b }, ...rest) {\n"
      "  var sum = a + b;\n"
      "  const late = () => after;\n"
      "  sum += outer;\n" // 5
      "  let after = 9;\n"
      "  return sum + rest.length;\n"
      "}\n"
      "f(1, { b: 2 }, 7, 8); outer = 5; f(3, { b: 4 });\n",
      false, 5, "a b rest sum outer after g ", "1,2,7,8,3,1,-,-;3,4,,7,5,-,-;");
  // Shadowing, also by what is not initialized; each pass of a loop.
  check_line(
      "function f(x) {\n"
      "  let y = 'outer';\n"
      "  for (let i = 0; i < 3; i++) {\n"
      "    let x = i * 2;\n"
      "    x++;\n" // 5
      "    let y = 'inner';\n"
      "  }\n"
      "  for (const [k, v] of [['a', 1], ['b', 2]]) { f; }\n"
      "}\n"
      "f('argument');\n",
      false, 5, "i x y ", "0,0,-;1,2,-;2,4,-;");
  check_line(
      "function f(x) {\n"
      "  { let x = 1; { let x = 2; x; } }\n"
      "  for (const [k, v] of [['a', 1], ['b', 2]]) {\n"
      "    x = k;\n" // 4
      "  }\n"
      "  for (const k in { c: 3 }) x = k;\n"
      "}\n"
      "f(0);\n",
      false, 4, "x k v ", "0,a,1;a,b,2;");
  // try, catch, finally (which every way in passes once), switch.
  check_line(
      "function f(n) {\n"
      "  try {\n"
      "    if (n == 1) return 'one';\n"
      "    if (n == 2) throw n;\n"
      "  } catch (e) {\n"
      "    n = e + 20;\n"
      "  } finally {\n"
      "    n++; n++;\n" // 8
      "  }\n"
      "}\n"
      "f(0); f(1); f(2);",
      false, 8, "n e ", "0,-;1,-;22,-;");
  check_line(
      "function f(n) {\n"
      "  switch (n) {\n"
      "  case 1: let a = 'a';\n"
      "  default:\n"
      "    a;\n" // 5
      "  }\n"
      "}\n"
      "try { f(1); f(2); } catch {}",
      false, 5, "n a ", "1,a;2,-;");
  // Arrow functions: a body, an expression on a line of its own, and on that
  // of the call, where both frames stop.
  check_line(
      "const add = (a, b = a) => {\n"
      "  const c = a + b;\n"
      "  return c;\n" // 3
      "};\n"
      "add(1); add(2, 5);\n",
      false, 3, "a b c ", "1,1,2;2,5,7;");
  check_line(
      "let seen = 0;\n"
      "[5, 6].map(v => seen += v);\n",
      false, 2, "seen v ", "0,-;0,5;5,6;");
  // Generators, async functions (with what was there before the pause).
  check_line(
      "function* g(n) {\n"
      "  for (let i = 0; ; i++) {\n"
      "    const got = yield n + i;\n"
      "    n += got;\n" // 4
      "  }\n"
      "}\n"
      "const it = g(1); it.next(); it.next(10); it.next(20);\n",
      false, 4, "n i got ", "1,0,10;11,1,20;");
  check_line(
      "async function work(name) {\n"
      "  let step = 'first';\n"
      "  step = await name + '!';\n"
      "  return step;\n" // 4
      "}\n"
      "await Promise.all([work('a'), work('b')]);\n",
      true, 4, "name step ", "a,a!;b,b!;");
  check_line(
      "async function* numbers() { yield 1; yield 2 }\n"
      "for await (const n of numbers()) {\n"
      "  n + 1;\n" // 3
      "}\n",
      true, 3, "n ", "1;2;");
  // Classes: methods, constructors (this only after super), static blocks.
  check_line(
      "class A {\n"
      "  #secret = 1; name = 'A';\n"
      "  toString() { return 'an A'; }\n"
      "  method(a) {\n"
      "    return a + this.#secret;\n" // 5
      "  }\n"
      "}\n"
      "new A().method(2);\n",
      false, 5, "a this A #secret ",
      "2,an A,class A {\n"
      "  #secret = 1; name = 'A';\n"
      "  toString() { return 'an A'; }\n"
      "  method(a) {\n"
      "    return a + this.#secret;\n"
      "  }\n"
      "},-;");
  check_line(
      "class B { toString() { return 'B' } }\n"
      "class C extends B {\n"
      "  constructor(a) {\n"
      "    a++;\n" // 4
      "    super();\n"
      "  }\n"
      "}\n"
      "new C(1);\n",
      false, 4, "a this ", "1,-;");
  check_line(
      "class D {\n"
      "  static {\n"
      "    const x = 3;\n"
      "    this.x = x;\n" // 4
      "  }\n"
      "}\n",
      false, 4, "x ", "3;");
  // The top of a module and of a script.
  check_line(
      "import.meta;\n"
      "let a = 1; export const b = a + 1; var c = 3;\n"
      "export default 'd';\n" // 3
      "let later = 4;\n",
      true, 3, "a b c later *default* ", "1,2,3,-,-;");
  check_line(
      "let a = 1; var b = 2;\n"
      "{ const a = 3;\n"
      "  a;\n" // 3
      "}\n"
      "let later;\n",
      false, 3, "a b later ", "3,2,-;");
  // Variables that eval makes; names of a `with` object are none.
  check_line(
      "function f() {\n"
      "  eval('var made = 1');\n"
      "  with ({ given: 2 }) {\n"
      "    made;\n" // 4
      "  }\n"
      "}\n"
      "f();\n",
      false, 4, "made given ", "1,-;");
}

// C6: lines that are asked for and taken back, hooks that fail, hot code.
static void C6_break_lines_come_and_go(void **state) {
  static const char source[] =
      "function again(n = 1) {\n"
      "  let doubled = n * 2;\n"
      "  return doubled;\n" // 3
      "}\n";
  rill_isolate *iso = isolate(0, 0);
  Watch w = {.names = "doubled "}, other = {.names = "n "};
  assert_false(rill_break_at(iso, NULL, 1, note_variables, &w));
  assert_false(rill_break_at(iso, "a.js", 0, note_variables, &w));
  assert_true(rill_break_at(iso, "a.js", 3, NULL, NULL)); // there is none
  // Code from before does not stop, nor that of another file.
  assert_non_null(rill_eval(iso, source, RILL_TEXT_END, "a.js"));
  assert_true(rill_break_at(iso, "a.js", 3, note_variables, &w));
  assert_true(rill_break_at(iso, "a.js", 2, note_variables, &other));
  assert_true(rill_break_at(iso, "b.js", 1, note_variables, &other));
  assert_non_null(rill_eval(iso, "again(1)", RILL_TEXT_END, NULL));
  assert_int_equal(w.passes, 0);
  assert_non_null(rill_eval(iso, source, RILL_TEXT_END, "a.js"));
  assert_non_null(rill_eval(iso, "again(4)", RILL_TEXT_END, NULL));
  assert_string_equal(w.log, "8;");
  assert_string_equal(other.log, "4;");
  // Another hook for the line; none within a hook.
  Watch second = {.names = "n ", .then = NEST};
  assert_true(rill_break_at(iso, "a.js", 3, note_variables, &second));
  assert_non_null(rill_eval(iso, "again(5)", RILL_TEXT_END, NULL));
  assert_int_equal(w.passes, 1);
  assert_string_equal(second.log, "5;");
  // A hook that throws, and one that fails without a reason.
  second.then = THROW;
  assert_null(rill_eval(iso, "again(6)", RILL_TEXT_END, "c.js"));
  assert_string_equal(rill_get_error(iso)->message, "stopped at a.js:3");
  assert_non_null(strstr(rill_get_error(iso)->stack, "again (a.js:3:"));
  rill_value caught = rill_eval(iso, "try { again(6) } catch (e) { e.message }",
                                RILL_TEXT_END, NULL);
  assert_string_equal(rill_to_string(iso, caught, NULL), "stopped at a.js:3");
  second.then = FAIL;
  assert_null(rill_eval(iso, "again(7)", RILL_TEXT_END, NULL));
  assert_string_equal(rill_get_error(iso)->message,
                      "the hook of line 3 failed");
  // Taken back, by the hook itself; and asked for again, the code is the same.
  second = (Watch){.names = "n ", .then = REMOVE};
  assert_non_null(rill_eval(iso, "again(8); again(9)", RILL_TEXT_END, NULL));
  assert_string_equal(second.log, "8;");
  second.then = GO_ON;
  assert_true(rill_break_at(iso, "a.js", 3, note_variables, &second));
  assert_non_null(rill_eval(iso, "again(10)", RILL_TEXT_END, NULL));
  assert_string_equal(second.log, "8;10;");
  assert_true(rill_break_at(iso, "a.js", 2, NULL, NULL));
  assert_true(rill_break_at(iso, "b.js", 1, NULL, NULL));
  // Hot code stops at each pass all the same.
  second = (Watch){.names = ""};
  assert_non_null(rill_eval(
      iso, "let sum = 0; for (let i = 0; i < 30000; i++) sum += again(i)",
      RILL_TEXT_END, NULL));
  assert_int_equal(second.passes, 30000);
  // What is compiled apart does not stop.
  rill_compiled *compiled =
      rill_compile(iso, RILL_GOAL_SCRIPT, source, RILL_TEXT_END, "a.js");
  assert_non_null(rill_run_compiled(iso, compiled));
  assert_non_null(rill_eval(iso, "again(1)", RILL_TEXT_END, NULL));
  rill_compiled_release(compiled);
  assert_int_equal(second.passes, 30000);
  rill_isolate_free(iso); // with a line still asked for
}

// C7: places are those of the texts that a script was made from.
static void C7_source_maps(void **state) {
  static const char map[] =
      "{\"version\":3,\"sourceRoot\":\"webpack://app/\",\"sources\":[\"a.ts\"],"
      "\"sourcesContent\":[\"one\\ntwo\\nthrow three\"],\"names\":[\"n\"],"
      "\"mappings\":\"AAAA,SAEKA\"}";
  rill_isolate *iso = isolate(0, 0);
  assert_true(rill_set_source_map(iso, "out.js", map, RILL_TEXT_END));
  assert_null(rill_eval(iso, "         null.x", RILL_TEXT_END, "out.js"));
  rill_error_record *r = rill_copy_error(iso);
  assert_non_null(strstr(r->stack, "webpack://app/a.ts:3:6"));
  assert_int_equal(r->line, 3);
  assert_string_equal(r->source_line, "throw three");
  rill_error_record_free(r);
  // Another text, and a place before all segments of its line.
  assert_null(rill_eval(iso, "null.x", RILL_TEXT_END, "other.js"));
  assert_non_null(strstr(rill_get_error(iso)->stack, "other.js:1:"));
  assert_null(rill_eval(iso, "\nnull.x", RILL_TEXT_END, "out.js"));
  assert_non_null(strstr(rill_get_error(iso)->stack, "out.js:2:"));
  // Without files a URL of one leads nowhere; data: does.
  assert_null(rill_eval(iso, "null.x\n//# sourceMappingURL=x.map",
                        RILL_TEXT_END, "/etc/x.js"));
  assert_non_null(strstr(rill_get_error(iso)->stack, "/etc/x.js:1:"));
  assert_null(rill_eval(
      iso,
      "null.x\n//# sourceMappingURL=data:application/json,"
      "{\"version\":3,\"sections\":[{\"offset\":{\"line\":0,\"column\":0},"
      "\"map\":{\"version\":3,\"sources\":[\"s.coffee\"],\"mappings\":\"AASA\"}"
      "}]}",
      RILL_TEXT_END, "inline.js"));
  assert_non_null(strstr(rill_get_error(iso)->stack, "s.coffee:10:"));
  rill_isolate_free(iso);
}

static void C7_wrong_source_maps_change_nothing(void **state) {
  static const char *const maps[] = {
      "",
      "[]",
      "null",
      "{",
      "{\"version\":2,\"sources\":[],\"mappings\":\"\"}",
      "{\"version\":3,\"sources\":[\"a\"]}",
      "{\"version\":3,\"sources\":[],\"mappings\":\"AAAA\"}",
      "{\"version\":3,\"sources\":[\"a\"],\"mappings\":\"AA\"}",
      "{\"version\":3,\"sources\":[\"a\"],\"mappings\":\"AAAAAA\"}",
      "{\"version\":3,\"sources\":[\"a\"],\"mappings\":\"A!AA\"}",
      "{\"version\":3,\"sources\":[\"a\"],\"mappings\":\"AADA\"}",
      "{\"version\":3,\"sources\":[\"a\"],\"mappings\":\"gggggggggggggggA\"}",
      "{\"version\":3,\"sources\":[\"a\"],\"mappings\":\"g\"}",
      "{\"version\":3,\"sections\":[{}]}",
      "{\"version\":3,\"sections\":[1,null]}",
      "{\"version\":3,\"sections\":[{\"offset\":{\"line\":-1,\"column\":0},"
      "\"map\":{}}]}",
  };
  rill_isolate *iso = isolate(0, 0);
  assert_true(rill_use_source_maps(iso));
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
    if (rill_set_source_map(iso, "w.js", maps[i], RILL_TEXT_END))
      fail_msg("%s", maps[i]);
    char source[512];
    snprintf(source, sizeof source,
             "null.x\n//# sourceMappingURL=data:application/json,%s", maps[i]);
    assert_null(rill_eval(iso, source, RILL_TEXT_END, "w.js"));
    assert_non_null(strstr(rill_get_error(iso)->stack, "w.js:1:"));
  }
  rill_isolate_free(iso);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(C5_errors_are_copied_whole),
      cmocka_unit_test(C6_break_lines_come_and_go),
      cmocka_unit_test(C6_lines_and_variables),
      cmocka_unit_test(C6_variables_at_a_line),
      cmocka_unit_test(C7_async_frames_with_snippets),
      cmocka_unit_test(C7_source_maps),
      cmocka_unit_test(C7_wrong_source_maps_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
