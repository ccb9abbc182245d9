// SPDX-License-Identifier: MIT
// Values in channels, by their rill_element.
#ifndef RILL_SYNC_ELEMENT_H
#define RILL_SYNC_ELEMENT_H

#include <string.h>

#include "rill/sync.h"

static inline void element_move(const rill_element *e, void *to,
                                const void *from) {
  memcpy(to, from, e->size);
}
static inline void element_copy(const rill_element *e, void *to,
                                const void *from) {
  if (e->copy != NULL)
    e->copy(to, from);
  else
    memcpy(to, from, e->size);
}
static inline void element_drop(const rill_element *e, void *value) {
  if (e->drop != NULL) e->drop(value);
}
// Bytes of an array of this many that begins aligned; 0: too many.
static inline size_t element_bytes(const rill_element *e, size_t count) {
  size_t bytes;
  return __builtin_mul_overflow(e->size, count, &bytes) || bytes > SIZE_MAX / 2
             ? 0
             : bytes;
}

#endif
