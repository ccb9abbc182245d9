// SPDX-License-Identifier: MIT
// How long things took: a histogram of nanoseconds whose buckets are a
// sixteenth of a power of two wide, so that percentiles are exact to 4 %, of
// any count in 8 KB. Used under its owner's lock.
#ifndef RILL_RUNTIME_POOL_LATENCY_H
#define RILL_RUNTIME_POOL_LATENCY_H

#include "rill/pool.h"

enum {
  LATENCY_STEPS = 16, // buckets of a power of two
  LATENCY_BUCKETS = (64 - 3) * LATENCY_STEPS
};
typedef struct Latencies {
  uint64_t count, max;
  double sum;
  uint64_t buckets[LATENCY_BUCKETS];
} Latencies;

void pool_latency_add(Latencies *, uint64_t nanoseconds);
void pool_latency_summary(const Latencies *, rill_latencies *out);

#endif
