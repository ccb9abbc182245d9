// SPDX-License-Identifier: MIT
// A small generator (splitmix64) for choices that need no secrecy: whom to
// steal from, which branch first, and all the choices of a simulation.
#ifndef RILL_EXECUTOR_RANDOM_H
#define RILL_EXECUTOR_RANDOM_H

#include <stdint.h>

typedef struct Random {
  uint64_t state;
} Random;

static inline uint64_t random_next(Random *r) {
  uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}
// Below `limit`, which is not 0.
static inline uint32_t random_below(Random *r, uint32_t limit) {
  return (uint32_t)((random_next(r) >> 32) * limit >> 32);
}

#endif
