// SPDX-License-Identifier: MIT
// What an isolate with a bootstrap costs, started from a prepared one and made
// by hand: processor time and memory of each, COUNT of them alive (default
// 200). The bootstrap has FUNCTIONS functions (default 1000), of which it calls
// a tenth.
#include <rill.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure.h"

static char *make_bootstrap(int functions) {
  size_t size = (size_t)functions * 256 + 1;
  char *source = malloc(size), *at = source;
  if (source == NULL) exit(1);
  for (int i = 0; i < functions; i++) {
    at += sprintf(at,
                  "function f%d(a, b) { let sum = 0;\n"
                  "  for (const x of [a, b, %d]) { sum += x * 2; }\n"
                  "  return { name: 'f%d', sum, list: [a, b] };\n}\n",
                  i, i, i);
    if (i % 10 == 0) at += sprintf(at, "var r%d = f%d(1, 2);\n", i, i);
  }
  return source;
}

static rill_isolate *by_hand(const char *source) {
  rill_isolate *iso = rill_isolate_new(NULL);
  if (iso == NULL || rill_eval(iso, source, RILL_TEXT_END, "boot.js") == NULL)
    exit(1);
  return iso;
}

static rill_isolate *prepared(rill_prepared *p) {
  rill_isolate *iso = rill_isolate_start(p, NULL);
  if (iso == NULL) exit(1);
  return iso;
}

static void measure(const char *what, int count, const char *source,
                    rill_prepared *p) {
  rill_isolate **all = calloc((size_t)count, sizeof *all);
  if (all == NULL) exit(1);
  double memory = resident_bytes() / 1024,
         start = nanoseconds_of(CLOCK_THREAD_CPUTIME_ID) / 1e3;
  for (int i = 0; i < count; i++)
    all[i] = p == NULL ? by_hand(source) : prepared(p);
  double time = (nanoseconds_of(CLOCK_THREAD_CPUTIME_ID) / 1e3 - start) / count;
  memory = (resident_bytes() / 1024 - memory) / count;
  printf("%-10s %8.1f us, %7.1f KiB each\n", what, time, memory);
  for (int i = 0; i < count; i++)
    rill_isolate_free(all[i]);
  free(all);
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 200;
  int functions = argc > 2 ? atoi(argv[2]) : 1000;
  if (count < 1 || functions < 1) return 1;
  char *source = make_bootstrap(functions);
  rill_prepared_options options = RILL_PREPARED_OPTIONS_INIT;
  options.source = source;
  rill_prepared *p = rill_prepare(&options, NULL);
  rill_prepared_options nothing = RILL_PREPARED_OPTIONS_INIT;
  rill_prepared *empty = rill_prepare(&nothing, NULL);
  if (p == NULL || empty == NULL) return 1;
  measure("empty", count, NULL, empty);
  measure("by hand", count, source, NULL);
  measure("prepared", count, NULL, p);
  rill_prepared_release(p);
  rill_prepared_release(empty);
  free(source);
}
