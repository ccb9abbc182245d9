// SPDX-License-Identifier: MIT
// What an isolate costs beside another: time to make and to close it, and
// memory, while COUNT of them are alive (default 1000). The first one, which
// sets up what the process needs once, is not counted.
#include <rill.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double microseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double resident_kib(void) {
  FILE *f = fopen("/proc/self/statm", "r");
  long total = 0, resident = 0;
  if (f == NULL || fscanf(f, "%ld %ld", &total, &resident) != 2) exit(1);
  fclose(f);
  return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1024;
}

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

  double before = resident_kib();
  for (int i = 0; i < count; i++) {
    double start = microseconds();
    isolates[i] = rill_isolate_new(NULL);
    times[i] = microseconds() - start;
    if (isolates[i] == NULL) return 1;
  }
  double fresh = (resident_kib() - before) / count;
  report("new", times, count);
  for (int i = 0; i < count; i++) {
    double start = microseconds();
    use(isolates[i]);
    times[i] = microseconds() - start;
  }
  double used = (resident_kib() - before) / count;
  report("first evaluation", times, count);
  for (int i = 0; i < count; i++) {
    double start = microseconds();
    rill_isolate_free(isolates[i]);
    times[i] = microseconds() - start;
  }
  report("free", times, count);
  printf("resident, each: %.1f KiB new, %.1f KiB after 1 + 1\n", fresh, used);
  printf("resident after closing all: %.0f KiB more than before\n",
         resident_kib() - before);
  rill_isolate_free(first);
}
