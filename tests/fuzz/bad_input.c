// SPDX-License-Identifier: MIT
// Malformed, truncated and randomly mutated programs, run through the public
// API: each must end in a value or in an error that says where, never in a
// crash or a hang. Build it with -Db_sanitize=address,undefined to be sure.
//   bad_input COUNT SEED FILE.js...
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rill.h"

static uint64_t state;
static uint32_t random_below(uint32_t bound) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)((state >> 32) % bound);
}

typedef struct Text {
  char *bytes;
  size_t length;
} Text;

static Text read_text(const char *path) {
  Text text = {0};
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(2);
  }
  fseek(file, 0, SEEK_END);
  text.length = (size_t)ftell(file);
  rewind(file);
  text.bytes = malloc(text.length + 1);
  if (fread(text.bytes, 1, text.length, file) != text.length) exit(2);
  text.bytes[text.length] = 0;
  fclose(file);
  return text;
}

static const char *const snippets[] = {
    "(",       ")",      "{",      "}",     "[",      "]",       "`",
    "${",      "'",      "\"",     "/*",    "*/",     "//",      "\\u{",
    "=>",      "...",    "?.",     "#x",    "@",      "\xff",    "\xe2\x80",
    "class ",  "yield ", "await ", "let ",  "const ", "import ", "export ",
    "return ", "static", "async ", "super", "eval(",  "with(",   "/(?<a>",
    "0x",      "1e999",  "1n",     ";",     ",",      "\n",      "\0",
};
enum { SNIPPET_COUNT = sizeof snippets / sizeof *snippets };

static void splice(Text *text, size_t at, size_t removed, const char *added,
                   size_t added_length) {
  if (removed > text->length - at) removed = text->length - at;
  char *bytes = malloc(text->length - removed + added_length + 1);
  memcpy(bytes, text->bytes, at);
  memcpy(bytes + at, added, added_length);
  memcpy(bytes + at + added_length, text->bytes + at + removed,
         text->length - at - removed);
  text->length += added_length - removed;
  bytes[text->length] = 0;
  free(text->bytes);
  text->bytes = bytes;
}

static Text mutate(const Text *from, const Text *other) {
  Text text = {malloc(from->length + 1), from->length};
  memcpy(text.bytes, from->bytes, from->length + 1);
  uint32_t edits = 1 + random_below(4);
  for (uint32_t i = 0; i < edits && text.length > 0; i++) {
    size_t at = random_below((uint32_t)text.length);
    switch (random_below(6)) {
    case 0: // truncate
      text.length = at;
      text.bytes[at] = 0;
      break;
    case 1: // flip a bit
      text.bytes[at] ^= (char)(1 << random_below(8));
      break;
    case 2: // drop a piece
      splice(&text, at, 1 + random_below(20), "", 0);
      break;
    case 3: { // put a snippet in
      uint32_t s = random_below(SNIPPET_COUNT);
      size_t n = strlen(snippets[s]);
      splice(&text, at, 0, snippets[s], n == 0 ? 1 : n);
      break;
    }
    case 4: { // a piece of another program
      size_t start = random_below((uint32_t)other->length);
      size_t n = random_below(60);
      if (n > other->length - start) n = other->length - start;
      splice(&text, at, 0, other->bytes + start, n);
      break;
    }
    default: { // swap two bytes
      size_t b = random_below((uint32_t)text.length);
      char c = text.bytes[at];
      text.bytes[at] = text.bytes[b];
      text.bytes[b] = c;
    }
    }
  }
  return text;
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "bad_input COUNT SEED FILE.js...\n");
    return 2;
  }
  long count = strtol(argv[1], NULL, 10);
  state = strtoull(argv[2], NULL, 10) * UINT64_C(0x9e3779b97f4a7c15) + 1;
  uint32_t files = (uint32_t)(argc - 3);
  Text *corpus = calloc(files, sizeof *corpus);
  for (uint32_t i = 0; i < files; i++) corpus[i] = read_text(argv[3 + i]);
  long failed = 0, syntax_errors = 0, other_errors = 0;
  rill_isolate *iso = NULL;
  for (long i = 0; i < count; i++) {
    if (i % 25 == 0) {
      rill_isolate_free(iso);
      rill_options options = RILL_OPTIONS_INIT;
      options.max_heap_bytes = 256 << 20;
      iso = rill_isolate_new(&options);
      if (iso == NULL) return 2;
    }
    Text text = mutate(&corpus[random_below(files)],
                       &corpus[random_below(files)]);
    FILE *last = fopen("bad-input-last.js", "wb"); // for who has to look
    if (last != NULL) {
      fwrite(text.bytes, 1, text.length, last);
      fclose(last);
    }
    rill_scope scope;
    rill_scope_open(iso, &scope);
    rill_set_fuel(iso, 300000);
    rill_set_deadline(iso, 20000);
    rill_value value =
        random_below(3) == 0
            ? rill_eval_module(iso, text.bytes, text.length, "input.mjs")
            : rill_eval(iso, text.bytes, text.length, "input.js");
    if (value == NULL) {
      const rill_error *error = rill_get_error(iso);
      if (error->kind == RILL_ERROR_NONE) {
        fprintf(stderr, "%ld: failed without an error\n", i);
        failed++;
      } else if (strcmp(error->name, "SyntaxError") == 0) {
        syntax_errors++;
        if (error->line == 0 || error->message[0] == 0) {
          fprintf(stderr, "%ld: a syntax error without a place: %s\n", i,
                  error->message);
          failed++;
        }
      } else {
        other_errors++;
      }
    }
    rill_set_fuel(iso, -1);
    rill_set_deadline(iso, 0);
    rill_clear_error(iso);
    rill_scope_close(iso, &scope);
    free(text.bytes);
  }
  rill_isolate_free(iso);
  for (uint32_t i = 0; i < files; i++) free(corpus[i].bytes);
  free(corpus);
  remove("bad-input-last.js");
  printf("%ld programs: %ld syntax errors, %ld other errors, %ld failures\n",
         count, syntax_errors, other_errors, failed);
  return failed > 0;
}
