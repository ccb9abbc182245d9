// SPDX-License-Identifier: MIT
// What an isolate costs beside another: time to make and to close it, and
// memory, while COUNT of them are alive (default 1000). The first one, which
// sets up what the process needs once, is not counted.
#include <rill.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure.h"

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void report(const char *what, double *times, int count) {
  qsort(times, (size_t)count, sizeof *times, compare);
  printf("%s: median %.1f us, p99 %.1f us\n", what, times[count / 2],
         times[count * 99 / 100]);
}

static void use(rill_isolate *iso) {
  if (rill_eval(iso, "1 + 1", RILL_TEXT_END, "use.js") == NULL) exit(1);
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1000;
  rill_isolate **isolates = calloc((size_t)count, sizeof *isolates);
  double *times = calloc((size_t)count, sizeof *times);
  if (count < 1 || isolates == NULL || times == NULL) return 1;
  rill_isolate *first = rill_isolate_new(NULL);
  use(first);

  double before = resident_bytes() / 1024;
  for (int i = 0; i < count; i++) {
    double start = nanoseconds_of(CLOCK_MONOTONIC) / 1e3;
    isolates[i] = rill_isolate_new(NULL);
    times[i] = nanoseconds_of(CLOCK_MONOTONIC) / 1e3 - start;
    if (isolates[i] == NULL) return 1;
  }
  double fresh = (resident_bytes() / 1024 - before) / count;
  report("new", times, count);
  for (int i = 0; i < count; i++) {
    double start = nanoseconds_of(CLOCK_MONOTONIC) / 1e3;
    use(isolates[i]);
    times[i] = nanoseconds_of(CLOCK_MONOTONIC) / 1e3 - start;
  }
  double used = (resident_bytes() / 1024 - before) / count;
  report("first evaluation", times, count);
  for (int i = 0; i < count; i++) {
    double start = nanoseconds_of(CLOCK_MONOTONIC) / 1e3;
    rill_isolate_free(isolates[i]);
    times[i] = nanoseconds_of(CLOCK_MONOTONIC) / 1e3 - start;
  }
  report("free", times, count);
  printf("resident, each: %.1f KiB new, %.1f KiB after 1 + 1\n", fresh, used);
  printf("resident after closing all: %.0f KiB more than before\n",
         resident_bytes() / 1024 - before);
  rill_isolate_free(first);
}
