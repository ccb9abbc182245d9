// SPDX-License-Identifier: MIT
// Patterns against subjects: one row says what a search has to find.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>

#include <cmocka.h>

#include "vm/regexp/regexp.h"

typedef struct Row {
  const char16_t *pattern;
  const char *flags;
  const char16_t *subject;
  const char *expected; // bounds "0,1 -"; "no"; or "!message"
} Row;

static size_t length_of(const char16_t *text) {
  size_t n = 0;
  while (text[n])
    n++;
  return n;
}

static void describe(RegExpResult result, const int32_t *captures,
                     uint32_t groups, char *out, size_t size) {
  if (result != REGEXP_MATCH) {
    snprintf(out, size, result == REGEXP_NO_MATCH ? "no" : "%d", result);
    return;
  }
  size_t used = 0;
  for (uint32_t i = 0; i < groups; i++) {
    if (captures[2 * i] == REGEXP_UNSET) {
      used += (size_t)snprintf(out + used, size - used, "%s-", i ? " " : "");
    } else {
      used += (size_t)snprintf(out + used, size - used, "%s%d,%d", i ? " " : "",
                               captures[2 * i], captures[2 * i + 1]);
    }
  }
}

static void check(const Row *row) {
  uint32_t flags = 0;
  char actual[400];
  assert_true(
      regexp_parse_flags(row->flags, strlen(row->flags), false, &flags));
  RegExpError error;
  size_t pattern_length = length_of(row->pattern);
  assert_int_equal(
      regexp_validate(row->pattern, pattern_length, true, flags, NULL, &error),
      row->expected[0] != '!');
  RegExpProgram *program =
      regexp_compile(row->pattern, pattern_length, true, flags, NULL, &error);
  if (!program) {
    snprintf(actual, sizeof actual, "!%s", error.message);
    assert_string_equal(actual, row->expected);
    return;
  }
  int32_t captures[40];
  uint32_t groups = regexp_group_count(program);
  assert_true(groups <= 20);
  size_t length = length_of(row->subject);
  describe(regexp_match(program, row->subject, length, true, 0, captures, NULL),
           captures, groups, actual, sizeof actual);
  assert_string_equal(actual, row->expected);
  // The same text in narrow units.
  uint8_t narrow[400];
  bool fits = length <= sizeof narrow;
  for (size_t i = 0; i < length && fits; i++) {
    narrow[i] = (uint8_t)row->subject[i];
    fits = row->subject[i] <= 0xff;
  }
  if (fits) {
    describe(regexp_match(program, narrow, length, false, 0, captures, NULL),
             captures, groups, actual, sizeof actual);
    assert_string_equal(actual, row->expected);
  }
  regexp_release(program);
}

static const Row basics[] = {
    {u"abc", "", u"xxabcxx", "2,5"},
    {u"a|ab", "", u"abc", "0,1"},
    {u"((a)|(ab))((c)|(bc))", "", u"abc", "0,3 0,1 0,1 - 1,3 - 1,3"},
    {u"a[a-z]{2,4}", "", u"abcdefghi", "0,5"},
    {u"a[a-z]{2,4}?", "", u"abcdefghi", "0,3"},
    {u"(aa|aabaac|ba|b|c)*", "", u"aabaac", "0,4 2,4"},
    {u"(z)((a+)?(b+)?(c))*", "", u"zaacbbbcac", "0,10 0,1 8,10 8,9 - 9,10"},
    {u"(a*)*", "", u"b", "0,0 -"},
    {u"(?=(a+))", "", u"baaabac", "1,1 1,4"},
    {u"(?=(a+))a*b\\1", "", u"baaabac", "3,6 3,4"},
    {u"(.*?)a(?!(a+)b\\2c)\\2(.*)", "", u"baaabaac", "0,8 0,2 - 3,8"},
    {u"(?:ab){2,}", "", u"xababab", "1,7"},
    {u"(?:a|b|cd)+d", "", u"abcdbd", "0,6"},
    {u"(a?)??b", "", u"ab", "0,2 0,1"},
    {u"(\\2)(\\1)", "", u"aaa", "0,0 0,0 0,0"},
    {u"^b", "m", u"a\nb", "2,3"},
    {u"a$", "", u"a\n", "no"},
    {u"\\bfoo\\b", "", u"xfoo foo", "5,8"},
    {u".", "", u"\n", "no"},
    {u".", "s", u"\n", "0,1"},
    {u"b", "y", u"ab", "no"},
    {u"(?:(a)|b)*", "", u"ab", "0,2 -"},
    {u"(?:a{3}){2}", "", u"aaaaaaa", "0,6"},
    {u"(?:ab?c?){100}", "", u"aa", "no"},
    {u"(?:abcd|e){20,}?f", "", u"eeeeeeeeeeeeeeeeeeeef", "0,21"},
    {u"\"(?:[^\"\\\\]|\\\\.)*\"", "", u"x\"a\\\"b\"y", "1,7"},
    {u"(?:)", "", u"", "0,0"},
    {u"[]", "", u"a", "no"},
    {u"[^]", "", u"\n", "0,1"},
};

static const Row look_behind[] = {
    {u"(?<=\\$)\\d+", "", u"a1$42", "3,5"},
    {u"(?<!\\$)\\b\\d+", "", u"$42 17", "4,6"},
    {u"(?<=(\\d+)(\\d+))$", "", u"1053", "4,4 0,1 1,4"},
    {u"(?<=\\1(\\w))d", "", u"abccd", "4,5 3,4"},
    {u"(?<=a|bc)d", "", u"bcd", "2,3"},
    {u"(?<=([abc]+)).\\1", "", u"abcdbc", "no"},
};

static const Row unicode[] = {
    {u"^.$", "u", u"\xd83d\xde00", "0,2"},
    {u"^.$", "", u"\xd83d\xde00", "no"},
    {u"\\u{1F600}", "u", u"a\xd83d\xde00", "1,3"},
    {u"\\ud83d", "u", u"\xd83d\xde00", "no"},
    {u"\\ud83d", "", u"\xd83d\xde00", "0,1"},
    {u"[^x]", "u", u"\xd83d\xde00", "0,2"},
    {u"[\xd83d\xde00-\xd83d\xde02]+", "u", u"\xd83d\xde01\xd83d\xde00", "0,4"},
    {u"\\p{Script=Greek}+", "u", u"abc\x3b1\x3b2", "3,5"},
    {u"\\p{Lu}", "u", u"aB", "1,2"},
    {u"\\P{Lu}", "iu", u"B", "0,1"},
    {u"[^\\P{Lu}]", "iv", u"b", "0,1"},
    {u"k", "iu", u"\x212a", "0,1"},
    {u"k", "i", u"\x212a", "no"},
    {u"\\w", "iu", u"\x17f", "0,1"},
    {u"\xdf", "iu", u"\x1e9e", "0,1"},
    {u"\x3c3", "i", u"\x3c2", "0,1"},
    {u"(\x3c3)\\1", "i", u"\x3c2\x3a3", "0,2 0,1"},
    {u"^\\p{RGI_Emoji}$", "v", u"\xd83d\xdc68\x200d\xd83c\xdf73", "0,5"},
    {u"^\\p{Emoji_Keycap_Sequence}$", "v", u"1\xfe0f\x20e3", "0,3"},
    {u"[\\p{L}--[a-z]]+", "v", u"abcDE", "3,5"},
    {u"[\\w&&[^\\d]]+", "v", u"12ab3", "2,4"},
    {u"[\\q{abc|d|}x]", "v", u"abcd", "0,3"},
    {u"[\\q{abc|d}--\\q{abc}]", "v", u"abcd", "3,4"},
    {u"[[a-z]--[aeiou]]", "v", u"aex", "2,3"},
};

static const Row names_and_modifiers[] = {
    {u"(?<a>x)\\k<a>", "", u"xx", "0,2 0,1"},
    {u"\\k<a>", "", u"k<a>", "0,4"},
    {u"(?<y>\\d{4})-|(?<y>\\d\\d)/", "", u"12/", "0,3 - 0,2"},
    {u"(?:(?<a>x)|(?<a>y))\\k<a>", "", u"yy", "0,2 - 0,1"},
    {u"(?i:a)b", "", u"Ab", "0,2"},
    {u"(?i:a)b", "", u"AB", "no"},
    {u"(?-i:a)b", "i", u"aB", "0,2"},
    {u"(?s:.)(?-s:.)", "", u"\nx", "0,2"},
    {u"(?m:^)b", "", u"a\nb", "2,3"},
};

static const Row annex_b[] = {
    {u"\\1(a)", "", u"aa", "0,1 0,1"}, {u"\\8", "", u"8", "0,1"},
    {u"\\101", "", u"A", "0,1"},       {u"\\0", "", u"", "no"},
    {u"a{", "", u"a{", "0,2"},         {u"a{1", "", u"a{1", "0,3"},
    {u"x{,1}", "", u"x{,1}", "0,5"},   {u"]", "", u"]", "0,1"},
    {u"\\c", "", u"\\c", "0,2"},       {u"[\\c]", "", u"c", "0,1"},
    {u"\\cA", "", u"\x01", "0,1"},     {u"(?=a)*b", "", u"b", "0,1"},
    {u"[\\w-a]+", "", u"-a", "0,2"},   {u"\\u{2}", "", u"uu", "0,2"},
    {u"\\x1", "", u"x1", "0,2"},       {u"\\a", "", u"a", "0,1"},
};

static const Row errors[] = {
    {u"(", "", u"", "!Unterminated group"},
    {u")", "", u"", "!Unmatched ')'"},
    {u"a**", "", u"", "!Nothing to repeat"},
    {u"{1}", "", u"", "!Nothing to repeat"},
    {u"a{2,1}", "", u"", "!numbers out of order in {} quantifier"},
    {u"[b-a]", "", u"", "!Range out of order in character class"},
    {u"[a", "", u"", "!Unterminated character class"},
    {u"\\", "", u"", "!\\ at end of pattern"},
    {u"(?<a>x)(?<a>y)", "", u"", "!Duplicate capture group name"},
    {u"(?<a>x)\\k<b>", "", u"", "!Invalid named capture referenced"},
    {u"(?<1>x)", "", u"", "!Invalid capture group name"},
    {u"(?<=a)*", "", u"", "!Invalid quantifier"},
    {u"(?ii:a)", "", u"", "!Repeated flag in flag group"},
    {u"(?-:a)", "", u"", "!Invalid flag group"},
    {u"(?g:a)", "", u"", "!Invalid group"},
    {u"\\u{110000}", "u", u"", "!Invalid Unicode escape"},
    {u"\\a", "u", u"", "!Invalid escape"},
    {u"\\1", "u", u"", "!Invalid escape"},
    {u"a{", "u", u"", "!Incomplete quantifier"},
    {u"]", "u", u"", "!Lone quantifier brackets"},
    {u"(?=a)*", "u", u"", "!Invalid quantifier"},
    {u"[\\w-a]", "u", u"", "!Invalid character class"},
    {u"\\p{lu}", "u", u"", "!Invalid property name"},
    {u"\\p{RGI_Emoji}", "u", u"", "!Invalid property name"},
    {u"[^\\p{RGI_Emoji}]", "v", u"",
     "!Negated character class may contain strings"},
    {u"[a&&&b]", "v", u"", "!Invalid character in character class"},
    {u"[a--b&&c]", "v", u"", "!Invalid set operation in character class"},
    {u"[(]", "v", u"", "!Invalid character in character class"},
};

#define RUN(table)                                                             \
  for (size_t i = 0; i < sizeof(table) / sizeof *(table); i++)                 \
  check(&(table)[i])

static void test_basics(void **state) {
  (void)state;
  RUN(basics);
}
static void test_look_behind(void **state) {
  (void)state;
  RUN(look_behind);
}
static void test_unicode(void **state) {
  (void)state;
  RUN(unicode);
}
static void test_names_and_modifiers(void **state) {
  (void)state;
  RUN(names_and_modifiers);
}
static void test_annex_b(void **state) {
  (void)state;
  RUN(annex_b);
}
static void test_errors(void **state) {
  (void)state;
  RUN(errors);
}

static void test_flags(void **state) {
  (void)state;
  uint32_t flags;
  assert_true(regexp_parse_flags("dgimsuy", 7, false, &flags));
  assert_false(regexp_parse_flags("gg", 2, false, &flags));
  assert_false(regexp_parse_flags("uv", 2, false, &flags));
  assert_false(regexp_parse_flags("x", 1, false, &flags));
}

static bool stop(void *data, uint32_t steps) {
  (void)steps;
  return --*(int *)data > 0;
}

// A pattern that takes exponential time ends when the host says so; one that
// needs too much stack ends by itself.
static void test_limits(void **state) {
  (void)state;
  RegExpError error;
  int32_t captures[4];
  uint8_t text[100000];
  memset(text, 'a', sizeof text);
  RegExpProgram *program =
      regexp_compile("(?:a|a?b|a)*\\1()c$", 18, false, 0, NULL, &error);
  assert_non_null(program);
  int polls = 3;
  RegExpHost host = {.poll = stop, .data = &polls};
  text[40] = 'c';
  text[41] = 'x';
  assert_int_equal(regexp_match(program, text, 42, false, 0, captures, &host),
                   REGEXP_INTERRUPTED);
  regexp_release(program);
  // Without references what failed once is not tried again.
  program = regexp_compile("(?:a|a?b|a)*c", 13, false, 0, NULL, &error);
  assert_non_null(program);
  polls = 100;
  text[40] = 'x';
  assert_int_equal(regexp_match(program, text, 41, false, 0, captures, &host),
                   REGEXP_NO_MATCH);
  regexp_release(program);
  text[40] = text[41] = 'a';
  program = regexp_compile("(?:(a)|ab)*c", 12, false, 0, NULL, &error);
  assert_non_null(program);
  host = (RegExpHost){.max_stack_bytes = 100000};
  assert_int_equal(
      regexp_match(program, text, sizeof text, false, 0, captures, &host),
      REGEXP_TOO_COMPLEX);
  regexp_release(program);
  // Nesting is bounded too.
  memset(text, '(', 5000);
  assert_null(regexp_compile(text, 5000, false, 0, NULL, &error));
  assert_int_equal(error.kind, REGEXP_ERROR_SYNTAX);
}

static void test_group_names(void **state) {
  (void)state;
  RegExpError error;
  static const char pattern[] = "(?<year>\\d+)(-)(?<m>\\d+)";
  RegExpProgram *program =
      regexp_compile(pattern, sizeof pattern - 1, false, 0, NULL, &error);
  assert_non_null(program);
  uint32_t count;
  const RegExpGroupName *names = regexp_group_names(program, &count);
  assert_int_equal(count, 2);
  assert_int_equal(names[0].group, 1);
  assert_int_equal(names[0].length, 4);
  assert_int_equal(names[1].group, 3);
  assert_int_equal(names[1].units[0], 'm');
  regexp_release(regexp_retain(program));
  regexp_release(program);
}

// Nesting that a thread with little stack has no room for is an error there.
static void *compile_nested(void *unused) {
  (void)unused;
  enum { LEVELS = 1400 };
  static const char *const pieces[][3] = {
      {"[", "a", "]"}, {"(", "a", ")"}, {"(?:", "a", ")*"}, {"(?<=", "a", ")"}};
  for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
    char pattern[LEVELS * 8] = "";
    size_t at = 0;
    for (int k = 0; k < LEVELS; k++)
      at += (size_t)sprintf(pattern + at, "%s", pieces[i][0]);
    at += (size_t)sprintf(pattern + at, "%s", pieces[i][1]);
    for (int k = 0; k < LEVELS; k++)
      at += (size_t)sprintf(pattern + at, "%s", pieces[i][2]);
    RegExpError error;
    RegExpProgram *program =
        regexp_compile(pattern, at, false, REGEXP_UNICODE_SETS, NULL, &error);
    if (program == NULL)
      assert_string_equal(error.message, "Regular expression too large");
    regexp_release(program);
  }
  return NULL;
}

static void test_small_stacks(void **state) {
  (void)state;
  for (size_t bytes = 64 << 10; bytes <= 1 << 20; bytes *= 2) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, bytes);
    assert_int_equal(pthread_create(&thread, &attributes, compile_nested, NULL),
                     0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_basics),
      cmocka_unit_test(test_look_behind),
      cmocka_unit_test(test_unicode),
      cmocka_unit_test(test_names_and_modifiers),
      cmocka_unit_test(test_annex_b),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_flags),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_small_stacks),
      cmocka_unit_test(test_group_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
