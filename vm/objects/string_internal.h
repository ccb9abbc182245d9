// SPDX-License-Identifier: MIT
// What the files that implement strings share: raw cells and unit copying.
// Nothing else includes this.
#ifndef RILL_VM_OBJECTS_STRING_INTERNAL_H
#define RILL_VM_OBJECTS_STRING_INTERNAL_H

#include "vm/objects/isolate.h"
#include "vm/objects/string.h"
#include "vm/objects/throw.h"

enum {
  STRING_HEADER_BYTES = offsetof(String, latin1),
  // Results of at most this many bytes are copied; longer ones become ropes
  // and slices, whose cells have this size.
  STRING_COPY_BYTES = 32,
};

static inline size_t string_flat_bytes(size_t length, bool is_wide) {
  return STRING_HEADER_BYTES + (length << is_wide);
}

// A FLAT cell of uninitialized units. NULL: threw.
String *vm_string_allocate(Isolate *, size_t length, bool is_wide) VM_CHECKED;
// A SLICE cell. The parent is FLAT.
String *vm_string_new_slice(Isolate *, String *parent, uintptr_t offset,
                            uint32_t length);
// An out-of-memory error where the caller cannot report one: it is raised at
// the next safepoint.
void vm_string_defer_out_of_memory(Isolate *);

// Copies `count` units; `wide` says how the target is stored. A wide source
// whose target is narrow has units below 256 only.
static inline void string_copy_units(void *restrict target, bool target_wide,
                                     size_t target_offset, StringView source) {
  size_t count = source.length;
  if (target_wide == source.is_wide) {
    memcpy((uint8_t *)target + (target_offset << target_wide), source.units,
           count << target_wide);
  } else if (target_wide) {
    uint16_t *restrict to = (uint16_t *)target + target_offset;
    const uint8_t *restrict from = source.units;
    for (size_t i = 0; i < count; i++)
      to[i] = from[i];
  } else {
    uint8_t *restrict to = (uint8_t *)target + target_offset;
    const uint16_t *restrict from = source.units;
    for (size_t i = 0; i < count; i++)
      to[i] = (uint8_t)from[i];
  }
}

// Whether all units fit in Latin-1.
static inline bool string_units_are_narrow(const uint16_t *units,
                                           size_t count) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    uint16_t any = 0;
    for (size_t k = 0; k < 16; k++)
      any |= units[i + k];
    if (any > 255) return false;
  }
  uint16_t any = 0;
  for (; i < count; i++)
    any |= units[i];
  return any <= 255;
}

// memcmp(p, q, count) == 0 for what is mostly short.
static inline bool string_bytes_equal(const void *p, const void *q,
                                      size_t count) {
  const uint8_t *a = p, *b = q;
  if (count > 16) return memcmp(a, b, count) == 0;
  if (count >= 8) {
    uint64_t v[4];
    memcpy(&v[0], a, 8);
    memcpy(&v[1], b, 8);
    memcpy(&v[2], a + count - 8, 8);
    memcpy(&v[3], b + count - 8, 8);
    return ((v[0] ^ v[1]) | (v[2] ^ v[3])) == 0;
  }
  if (count >= 4) {
    uint32_t v[4];
    memcpy(&v[0], a, 4);
    memcpy(&v[1], b, 4);
    memcpy(&v[2], a + count - 4, 4);
    memcpy(&v[3], b + count - 4, 4);
    return ((v[0] ^ v[1]) | (v[2] ^ v[3])) == 0;
  }
  if (count == 0) return true;
  return a[0] == b[0] && a[count >> 1] == b[count >> 1] &&
         a[count - 1] == b[count - 1];
}

#endif
