// SPDX-License-Identifier: MIT
// The seeded hash of strings. Equal text gives equal hashes whether it is held
// in Latin-1 or in UTF-16 units: Latin-1 is hashed as if widened. The result
// depends on the seed in every bit, so that a script cannot prepare collisions.
#ifndef RILL_VM_OBJECTS_HASH_H
#define RILL_VM_OBJECTS_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_MIX_1 UINT64_C(0xd6e8feb86659fd93)
#define HASH_MIX_2 UINT64_C(0xa0761d6478bd642f)

// The two halves of a 128-bit product, folded.
static inline uint64_t vm_hash_fold(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// Four Latin-1 units as four 16-bit units.
static inline uint64_t vm_hash_widen(uint32_t units) {
  uint64_t x = units;
  x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
  return (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
}

static inline uint32_t vm_hash_finish(uint64_t state, size_t length) {
  uint64_t h = vm_hash_fold(state ^ HASH_MIX_2, (uint64_t)length ^ HASH_MIX_1);
  return (uint32_t)(h ^ h >> 32);
}

static inline uint64_t vm_hash_step(uint64_t state, uint64_t low,
                                    uint64_t high) {
  return vm_hash_fold(low ^ HASH_MIX_1 ^ state, high ^ HASH_MIX_2) ^
         (state << 23 | state >> 41);
}

// The last 1 to 7 bytes as a little-endian number, without a call of memcpy.
static inline uint64_t vm_hash_tail(const uint8_t *units, size_t length) {
  if (length >= 4) {
    uint32_t low, high;
    memcpy(&low, units, 4);
    memcpy(&high, units + length - 4, 4);
    return low | (uint64_t)high << (8 * (length - 4));
  }
  size_t middle = length >> 1, last = length - 1;
  return units[0] | (uint64_t)units[middle] << (8 * middle) |
         (uint64_t)units[last] << (8 * last);
}

static inline uint32_t vm_hash_latin1(uint64_t seed, const uint8_t *units,
                                      size_t length) {
  uint64_t state = seed;
  size_t i = 0;
  uint32_t w[2];
  for (; i + 8 <= length; i += 8) {
    memcpy(w, units + i, 8);
    state = vm_hash_step(state, vm_hash_widen(w[0]), vm_hash_widen(w[1]));
  }
  if (i < length) {
    uint64_t tail = vm_hash_tail(units + i, length - i);
    state = vm_hash_step(state, vm_hash_widen((uint32_t)tail),
                         vm_hash_widen((uint32_t)(tail >> 32)));
  }
  return vm_hash_finish(state, length);
}

static inline uint32_t vm_hash_utf16(uint64_t seed, const uint16_t *units,
                                     size_t length) {
  uint64_t state = seed;
  size_t i = 0;
  uint64_t w[2];
  for (; i + 8 <= length; i += 8) {
    memcpy(w, units + i, 16);
    state = vm_hash_step(state, w[0], w[1]);
  }
  if (i < length) {
    w[0] = w[1] = 0;
    memcpy(w, units + i, (length - i) * 2);
    state = vm_hash_step(state, w[0], w[1]);
  }
  return vm_hash_finish(state, length);
}

#endif
