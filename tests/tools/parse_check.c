// SPDX-License-Identifier: MIT
// parse_check [--script | --module | --strict | --eval | --self-hosted |
//              --typescript | --typescript-script | --blank] FILE...
// Parses each file (an option holds for the files after it) and prints
// "FILE: ok" or "FILE:LINE:COLUMN: SyntaxError: MESSAGE". With --time, parses
// each file several times and prints the fastest run. With --blank, prints the
// text of a TypeScript module without its types.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vm/objects/utf.h"
#include "vm/regexp/regexp.h"
#include "vm/syntax/syntax.h"

static char *read_file(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  size_t capacity = 1 << 16;
  char *bytes = malloc(capacity);
  *length = 0;
  for (;;) {
    size_t got = fread(bytes + *length, 1, capacity - *length, file);
    if (!got) break;
    *length += got;
    if (*length == capacity) bytes = realloc(bytes, capacity *= 2);
  }
  fclose(file);
  return bytes;
}

static bool validate_regexp(void *data, const Name *pattern, const Name *flags,
                            const WorkWatch *watch, char *message,
                            size_t capacity) {
  (void)data;
  uint32_t bits;
  RegExpError error = {.message = "Invalid flags"};
  if (regexp_parse_flags(flags->units, flags->length, flags->wide, &bits) &&
      regexp_validate(pattern->units, pattern->length, pattern->wide, bits,
                      watch, &error))
    return true;
  snprintf(message, capacity, "%s", error.message);
  return false;
}

static const SyntaxHost host = {.validate_regexp = validate_regexp};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static bool blank;

static bool check(const char *path, SyntaxOptions options, int repetitions) {
  options.host = &host;
  size_t length;
  char *bytes = read_file(path, &length);
  if (!bytes) {
    printf("%s: cannot be read\n", path);
    return false;
  }
  SourceText source;
  if (!syntax_source_from_utf8(&source, bytes, length)) {
    printf("%s: too large\n", path);
    free(bytes);
    return false;
  }
  double best = 1e300;
  ParseResult result = {0};
  for (int i = 0; i < repetitions; i++) {
    if (i) syntax_parse_release(&result);
    double start = now();
    result = syntax_parse(&source, &options);
    double elapsed = now() - start;
    if (elapsed < best) best = elapsed;
  }
  bool good = result.program != NULL;
  if (good && blank) {
    size_t size = (size_t)source.length << (source.kind == SOURCE_UTF16);
    void *units = malloc(size + 1);
    memcpy(units, source.units, size);
    syntax_blank_erasures(&result, units);
    for (uint32_t i = 0; i < source.length; i++) {
      uint32_t c = source.kind == SOURCE_UTF16 ? ((uint16_t *)units)[i]
                                               : ((uint8_t *)units)[i];
      if ((c & 0xfc00) == 0xd800 && i + 1 < source.length)
        c = 0x10000 + ((c & 0x3ff) << 10) + (((uint16_t *)units)[++i] & 0x3ff);
      char utf8[5];
      size_t bytes = utf8_put(c, utf8);
      fwrite(utf8, 1, bytes, stdout);
    }
    free(units);
  } else if (good)
    printf("%s: ok", path);
  else
    printf("%s:%u:%u: %s: %s", path, result.error.position.line,
           result.error.position.column,
           result.error.type == SYNTAX_ERROR_MEMORY ? "Error" : "SyntaxError",
           result.error.message);
  if (repetitions > 1) printf(" (%.2f ms)", best);
  if (!blank || !good) printf("\n");
  syntax_parse_release(&result);
  syntax_source_release(&source);
  free(bytes);
  return good;
}

int main(int argc, char **argv) {
  SyntaxOptions options = {.goal = SYNTAX_SCRIPT};
  int repetitions = 1;
  bool good = true;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--script") == 0)
      options = (SyntaxOptions){.goal = SYNTAX_SCRIPT};
    else if (strcmp(argv[i], "--module") == 0)
      options = (SyntaxOptions){.goal = SYNTAX_MODULE};
    else if (strcmp(argv[i], "--strict") == 0)
      options = (SyntaxOptions){.goal = SYNTAX_SCRIPT, .strict = true};
    else if (strcmp(argv[i], "--eval") == 0)
      options = (SyntaxOptions){.goal = SYNTAX_DIRECT_EVAL};
    else if (strcmp(argv[i], "--self-hosted") == 0)
      options = (SyntaxOptions){.goal = SYNTAX_SCRIPT, .self_hosted = true};
    else if (strcmp(argv[i], "--typescript") == 0)
      options = (SyntaxOptions){.goal = SYNTAX_MODULE, .typescript = true};
    else if (strcmp(argv[i], "--typescript-script") == 0)
      options = (SyntaxOptions){.goal = SYNTAX_SCRIPT, .typescript = true};
    else if (strcmp(argv[i], "--blank") == 0)
      blank = true;
    else if (strcmp(argv[i], "--time") == 0)
      repetitions = 5;
    else
      good &= check(argv[i], options, repetitions);
  }
  return good ? 0 : 1;
}
