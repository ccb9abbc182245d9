// SPDX-License-Identifier: MIT
// Bytes of buffers and views, for I/O.
#ifndef RILL_RUNTIME_IO_BYTES_H
#define RILL_RUNTIME_IO_BYTES_H

#include <stdlib.h>

#include "vm/objects/buffer.h"
#include "vm/objects/charge.h"

// The bytes of a typed array, DataView or (shared) array buffer, good until
// script code runs. False: TypeError (another value, or detached).
bool rt_bytes_of(Isolate *, Value, uint8_t **bytes, size_t *length) VM_CHECKED;
// The same of bytes that are about to be read from one end to the other, which
// is charged.
VM_CHECKED static inline bool rt_bytes_read(Isolate *iso, Value value,
                                            uint8_t **bytes, size_t *length) {
  return rt_bytes_of(iso, value, bytes, length) && vm_charge(iso, *length);
}
// A Uint8Array over malloc'ed bytes, which it takes (also when it fails).
// EXCEPTION: out of memory.
Value rt_bytes_adopt(Isolate *, uint8_t *bytes, size_t length) VM_CHECKED;
// Room for `needed` of malloc'ed bytes: at least `least`, then twice what is
// needed, so that adding piece by piece costs the same for each byte. False:
// out of memory, with everything as it was.
static inline bool rt_bytes_grow(uint8_t **bytes, size_t *capacity,
                                 size_t needed, size_t least) {
  if (likely(needed <= *capacity)) return true;
  size_t wanted = needed < least ? least : needed * 2;
  uint8_t *grown = realloc(*bytes, wanted);
  if (grown == NULL) return false;
  *bytes = grown;
  *capacity = wanted;
  return true;
}

#endif
