// SPDX-License-Identifier: MIT
// Bytes of buffers and views, for I/O.
#ifndef RILL_RUNTIME_IO_BYTES_H
#define RILL_RUNTIME_IO_BYTES_H

#include "vm/objects/buffer.h"

// The bytes of a typed array, DataView or (shared) array buffer, good until
// script code runs. False: TypeError (another value, or detached).
bool rt_bytes_of(Isolate *, Value, uint8_t **bytes, size_t *length) VM_CHECKED;
// A Uint8Array over malloc'ed bytes, which it takes (also when it fails).
// EXCEPTION: out of memory.
Value rt_bytes_adopt(Isolate *, uint8_t *bytes, size_t length) VM_CHECKED;

#endif
