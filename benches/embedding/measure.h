// SPDX-License-Identifier: MIT
// What the benchmarks of this folder measure with.
#ifndef RILL_BENCHES_EMBEDDING_MEASURE_H
#define RILL_BENCHES_EMBEDDING_MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static inline double nanoseconds_of(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline double resident_bytes(void) {
  FILE *f = fopen("/proc/self/statm", "r");
  long total = 0, resident = 0;
  if (f == NULL || fscanf(f, "%ld %ld", &total, &resident) != 2) exit(1);
  fclose(f);
  return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

#endif
