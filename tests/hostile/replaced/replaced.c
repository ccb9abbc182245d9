// SPDX-License-Identifier: MIT
// What the runtime has written in the language uses the builtins that scripts
// see. Each script of replaced.js runs once for each builtin and each thing
// that is put in its place: it may fail or give another result, but what it
// calls of the runtime must not loop without end, fill the memory, or leave an
// isolate behind in which nothing runs.
//
//   replaced [--only NAME] [--verbose] FILE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../harness.h"

enum {
  HEAP_BYTES = 64 << 20,
  FUEL = 1000000,    // ten times what the longest of the scripts takes
  DEADLINE_MS = 250, // for what waits for what is never told
  HANG_MS = 120000
};

static const char *only;
static bool is_verbose;
static size_t runs, failures, waits;

static rill_isolate *new_isolate(void) {
  rill_options options = RILL_OPTIONS_INIT;
  options.allow = RILL_ALLOW_ALL;
  options.max_heap_bytes = HEAP_BYTES;
  rill_isolate *iso = rill_isolate_new(&options);
  if (iso == NULL) exit(2);
  silence(iso);
  return iso;
}

// Replaces the builtin of a number, or none if that is negative; what was done,
// or NULL: the number is beyond the last.
static char *replace(rill_isolate *iso, const char *prelude, int number) {
  rill_value value = rill_eval(iso, prelude, RILL_TEXT_END, "prelude.js");
  char call[64];
  snprintf(call, sizeof call, "replaceBuiltin(%d)", number);
  if (value != NULL && number < 0) return strdup("all as it was");
  if (value != NULL) value = rill_eval(iso, call, RILL_TEXT_END, "prelude.js");
  if (value == NULL) {
    fprintf(stderr, "prelude: %s\n", rill_get_error(iso)->stack);
    exit(2);
  }
  if (rill_type_of(iso, value) != RILL_STRING) return NULL;
  return strdup(rill_to_string(iso, value, NULL));
}

static void fail(const char *script, const char *name, const char *how) {
  failures++;
  printf("FAILED %s with %s: it %s\n", script, name, how);
}

// False: there is no such number.
static bool run(const char *prelude, const char *script, const char *source,
                int number) {
  rill_isolate *iso = new_isolate();
  rill_scope scope;
  rill_scope_open(iso, &scope);
  char *name = replace(iso, prelude, number);
  if (name != NULL) {
    runs++;
    alarm(2 * HANG_MS / 1000);
    rill_set_fuel(iso, FUEL);
    rill_set_deadline(iso, number < 0 ? HANG_MS : DEADLINE_MS);
    rill_value value = rill_eval(iso, source, RILL_TEXT_END, script);
    if (value != NULL) value = rill_await(iso, value);
    const rill_error *error = rill_get_error(iso);
    if (is_verbose)
      printf("%s with %s: %s\n", script, name,
             value != NULL ? "returned" : error->message);
    if (value == NULL && error->kind == RILL_ERROR_TERMINATED) {
      if (strstr(error->message, "fuel") != NULL)
        fail(script, name, "loops without end");
      else
        waits++;
    } else if (value == NULL && number < 0) {
      fail(script, name, error->message);
    } else if (value == NULL && strstr(error->message, "memory") != NULL) {
      fail(script, name, "fills the memory");
    }
    rill_set_fuel(iso, -1);
    rill_set_deadline(iso, 0);
    value = rill_eval(iso, "6 * 7", RILL_TEXT_END, "after.js");
    if (value == NULL || rill_to_number(iso, value) != 42)
      fail(script, name, "leaves nothing usable");
  }
  free(name);
  rill_scope_close(iso, &scope);
  rill_isolate_free(iso);
  return name != NULL;
}

int main(int argc, char **argv) {
  int i = 1;
  for (; i < argc - 1; i++) {
    if (strcmp(argv[i], "--verbose") == 0) {
      is_verbose = true;
    } else if (strcmp(argv[i], "--only") == 0) {
      only = argv[++i];
    }
  }
  if (i != argc - 1) {
    fprintf(stderr, "usage: replaced [--only NAME] [--verbose] FILE\n");
    return 2;
  }
  char *text = read_text(argv[i]);
  static const char mark[] = "\n//# ";
  char *head = strstr(text, mark);
  if (head != NULL) *head = 0;
  while (head != NULL) {
    char *name = head + strlen(mark), *body = strchr(name, '\n');
    *body++ = 0;
    head = strstr(body, mark);
    if (head != NULL) *head = 0;
    if (only != NULL && strcmp(name, only) != 0) continue;
    size_t size = strlen(body) + 32;
    char *source = calloc(1, size);
    if (source == NULL) return 2;
    snprintf(source, size, "(async () => {%s})()", body);
    for (int number = -1; run(text, name, source, number);)
      number++;
    free(source);
  }
  free(text);
  printf("%zu runs, %zu failures, %zu waited in vain\n", runs, failures, waits);
  return failures != 0;
}
