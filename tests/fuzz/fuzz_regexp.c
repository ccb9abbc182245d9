// SPDX-License-Identifier: MIT
// Hostile patterns on hostile subjects: compiling ends in a program or a
// message, matching within its limits; both widths of units agree, and bounds
// lie within the subject. Input: a byte of flags, the pattern, a newline, the
// subject. A libFuzzer target; tests/fuzz/fuzz_driver.h runs it without.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vm/regexp/regexp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition) {
  if (!condition) abort();
}

static bool poll_few(void *data, uint32_t steps) {
  (void)steps;
  return --*(int *)data > 0;
}

static RegExpResult match(const RegExpProgram *program, const void *units,
                          size_t length, bool is_wide, int32_t *captures) {
  int polls = 4;
  RegExpHost host = {
      .poll = poll_few, .data = &polls, .max_stack_bytes = 1 << 20};
  RegExpResult result =
      regexp_match(program, units, length, is_wide, 0, captures, &host);
  if (result != REGEXP_MATCH) return result;
  for (uint32_t i = 0; i < regexp_group_count(program); i++) {
    int32_t start = captures[2 * i], end = captures[2 * i + 1];
    if (start == REGEXP_UNSET) {
      check(end == REGEXP_UNSET && i > 0);
    } else {
      check(start >= 0 && start <= end && (size_t)end <= length);
    }
  }
  return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1 || size > 4096) return 0;
  uint32_t flags = data[0];
  if (flags & REGEXP_UNICODE) flags &= ~(uint32_t)REGEXP_UNICODE_SETS;
  const uint8_t *pattern = data + 1, *end = data + size;
  const uint8_t *newline = memchr(pattern, '\n', size - 1);
  size_t length = (size_t)((newline ? newline : end) - pattern);
  RegExpError error;
  bool valid = regexp_validate(pattern, length, false, flags, NULL, &error);
  RegExpProgram *program =
      regexp_compile(pattern, length, false, flags, NULL, &error);
  check(valid ? error.kind == REGEXP_ERROR_NONE || !program : !program);
  if (!program) {
    check(error.message != NULL && error.offset <= length);
    return 0;
  }
  const uint8_t *subject = newline ? newline + 1 : end;
  size_t count = (size_t)(end - subject);
  uint16_t wide[4096];
  for (size_t i = 0; i < count; i++)
    wide[i] = subject[i];
  size_t bytes = 2 * sizeof(int32_t) * regexp_group_count(program);
  int32_t *captures = malloc(bytes), *others = malloc(bytes);
  check(captures != NULL && others != NULL);
  RegExpResult result = match(program, subject, count, false, captures);
  RegExpResult other = match(program, wide, count, true, others);
  if (result >= 0 && other >= 0) {
    check(result == other);
    if (result == REGEXP_MATCH) check(!memcmp(captures, others, bytes));
  }
  // The bytes as they are for units: surrogates and all.
  for (size_t i = 0; i + 1 < count; i += 2) {
    wide[i / 2] = (uint16_t)(subject[i] | subject[i + 1] << 8);
  }
  match(program, wide, count / 2, true, captures);
  free(captures);
  free(others);
  regexp_release(program);
  return 0;
}

#ifndef RILL_LIBFUZZER
#include "fuzz_driver.h"

static const char *const corpus[] = {
    " (a|ab)(c|bcd)(d*)\nabcd abcd",
    " ^(?:\\d{4})-(\\d\\d)(?:-(\\d\\d))?$\n2024-05-06",
    "\x04(?<n>x)|(?<n>y)\\k<n>[^\\w-z]*?\nxxYYyy",
    "\x24\\p{Lu}\\u{1F600}[\\u{10000}-\\u{10ffff}]?.\nABCdef",
    "\x44[\\p{L}--[a-z]&&\\w\\q{abc|d}]+[[a-z]--[aeiou]]\nABCabcd",
    " (?=(a+))a*b\\1(?!c)(?<=b|ab)(?<!x)\nbaaabac",
    " (?:a?b??c{2,}d{0,3}e{3}){2,40}|(?i-s:.)*$\nabccdddeee",
    "\x0c((a*)*|b)*?\\b\\B^$\naaaabbb\nccc",
    " (?:(?:abcd|e){20,}?f|\"(?:[^\"\\\\]|\\\\.)*\")\neeee\"a\\\"b\"",
};

int main(int argc, char **argv) {
  return fuzz_main(argc, argv, corpus, sizeof(corpus) / sizeof(corpus[0]));
}
#endif
