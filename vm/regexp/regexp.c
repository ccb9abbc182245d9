// SPDX-License-Identifier: MIT
// The public functions: flags, compilation, references, choice of matcher.
#include "vm/regexp/regexp.h"

#include <stdlib.h>

#include "vm/regexp/program.h"

bool regexp_parse_flags(const void *units, size_t length, bool is_wide,
                        uint32_t *flags) {
  static const uint8_t bits[128] = {
      ['d'] = REGEXP_HAS_INDICES,  ['g'] = REGEXP_GLOBAL,
      ['i'] = REGEXP_IGNORE_CASE,  ['m'] = REGEXP_MULTILINE,
      ['s'] = REGEXP_DOT_ALL,      ['u'] = REGEXP_UNICODE,
      ['v'] = REGEXP_UNICODE_SETS, ['y'] = REGEXP_STICKY,
  };
  uint32_t result = 0;
  for (size_t i = 0; i < length; i++) {
    uint32_t c =
        is_wide ? ((const uint16_t *)units)[i] : ((const uint8_t *)units)[i];
    uint32_t bit = c < 128 ? bits[c] : 0;
    if (!bit || (result & bit)) return false;
    result |= bit;
  }
  if ((result & REGEXP_UNICODE) && (result & REGEXP_UNICODE_SETS)) return false;
  *flags = result;
  return true;
}

static RegExpProgram *run(const void *units, size_t length, bool is_wide,
                          uint32_t flags, bool emit, const WorkWatch *watch,
                          RegExpError *error) {
  Arena arena;
  arena.watch = watch;
  arena.blocks = NULL;
  arena.free = arena.end = NULL;
  arena.total = 0;
  arena.error = (RegExpError){REGEXP_ERROR_NONE, NULL, 0};
  RegExpProgram *volatile program = NULL;
  if (!setjmp(arena.exit)) {
    Parser parser;
    Node *root = regexp_parse(&parser, &arena, units, length, is_wide, flags);
    if (emit) program = regexp_emit(&parser, root, flags);
  }
  *error = arena.error;
  regexp_arena_free(&arena);
  return program;
}

bool regexp_validate(const void *units, size_t length, bool is_wide,
                     uint32_t flags, const WorkWatch *watch,
                     RegExpError *error) {
  run(units, length, is_wide, flags, false, watch, error);
  return error->kind == REGEXP_ERROR_NONE;
}

RegExpProgram *regexp_compile(const void *units, size_t length, bool is_wide,
                              uint32_t flags, const WorkWatch *watch,
                              RegExpError *error) {
  return run(units, length, is_wide, flags, true, watch, error);
}

RegExpProgram *regexp_retain(RegExpProgram *program) {
  atomic_fetch_add_explicit(&program->references, 1, memory_order_relaxed);
  return program;
}

void regexp_release(RegExpProgram *program) {
  if (program && atomic_fetch_sub_explicit(&program->references, 1,
                                           memory_order_acq_rel) == 1) {
    free(program);
  }
}

uint32_t regexp_flags(const RegExpProgram *program) {
  return program->flags;
}
uint32_t regexp_group_count(const RegExpProgram *program) {
  return program->group_count;
}
const RegExpGroupName *regexp_group_names(const RegExpProgram *program,
                                          uint32_t *count) {
  *count = program->name_count;
  return program->name_count ? program->names : NULL;
}
size_t regexp_program_bytes(const RegExpProgram *program) {
  return program->bytes;
}

RegExpResult regexp_match(const RegExpProgram *program, const void *units,
                          size_t length, bool is_wide, size_t start,
                          int32_t *captures, const RegExpHost *host) {
  if (length > INT32_MAX) return REGEXP_TOO_COMPLEX;
  uint32_t count = (uint32_t)length, from = (uint32_t)start;
  if (!is_wide) {
    return regexp_match_latin1(program, units, count, from, captures, host);
  }
  return (program->is_unicode ? regexp_match_code_points : regexp_match_utf16)(
      program, units, count, from, captures, host);
}
