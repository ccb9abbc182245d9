// SPDX-License-Identifier: MIT
// The C API: errors copied out whole, executed lines, variables.
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
      cmocka_unit_test(C6_lines_and_variables),
      cmocka_unit_test(C7_async_frames_with_snippets),
      cmocka_unit_test(C7_source_maps),
      cmocka_unit_test(C7_wrong_source_maps_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
