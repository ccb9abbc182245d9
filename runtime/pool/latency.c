// SPDX-License-Identifier: MIT
#include "runtime/pool/latency.h"

// Values below 16 have a bucket each; above, the bits behind the highest one
// choose among those of their power of two.
static uint32_t bucket_of(uint64_t n) {
  if (n < LATENCY_STEPS) return (uint32_t)n;
  uint32_t power = 63 - (uint32_t)__builtin_clzll(n); // 4 or more
  uint32_t step = (uint32_t)(n >> (power - 4)) & (LATENCY_STEPS - 1);
  return (power - 3) * LATENCY_STEPS + step;
}

// The middle of a bucket.
static uint64_t value_of(uint32_t bucket) {
  if (bucket < LATENCY_STEPS) return bucket;
  uint32_t power = bucket / LATENCY_STEPS + 3;
  uint64_t width = UINT64_C(1) << (power - 4);
  return (UINT64_C(1) << power) + bucket % LATENCY_STEPS * width + width / 2;
}

void pool_latency_add(Latencies *l, uint64_t nanoseconds) {
  l->count++;
  l->sum += (double)nanoseconds;
  if (nanoseconds > l->max) l->max = nanoseconds;
  l->buckets[bucket_of(nanoseconds)]++;
}

// What that part of them does not exceed.
static uint64_t percentile(const Latencies *l, double part) {
  if (l->count == 0) return 0;
  uint64_t wanted = (uint64_t)(part * (double)l->count), seen = 0;
  if ((double)wanted < part * (double)l->count) wanted++;
  for (uint32_t i = 0; i < LATENCY_BUCKETS; i++) {
    seen += l->buckets[i];
    if (seen < wanted || seen == 0) continue;
    uint64_t value = value_of(i);
    return value > l->max ? l->max : value;
  }
  return l->max;
}

void pool_latency_summary(const Latencies *l, rill_latencies *out) {
  *out = (rill_latencies){
      .count = l->count,
      .mean = l->count == 0 ? 0 : l->sum / (double)l->count,
      .p50 = percentile(l, 0.5),
      .p95 = percentile(l, 0.95),
      .p99 = percentile(l, 0.99),
      .max = l->max,
  };
}
