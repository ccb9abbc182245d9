// SPDX-License-Identifier: MIT
// Templates as bytes, and back. The bytes are this build's own: another set of
// instructions, another layout or another version of rill refuses them. What is
// loaded has passed the verifiers (verifier.h, verify_loaded.h): whatever bytes
// come in, they are refused, or run without breaking anything but what scripts
// can break.
#ifndef RILL_VM_BYTECODE_SERIALIZE_H
#define RILL_VM_BYTECODE_SERIALIZE_H

#include <stddef.h>

#include "vm/bytecode/template.h"

typedef enum {
  SERIALIZE_OK,
  SERIALIZE_NO_MEMORY,
  SERIALIZE_FAILED, // `problem` says why
} SerializeStatus;

// The template of a script or a module with all that is nested in it. Functions
// that have not been called yet are compiled, for which stack_bytes of C stack
// may be used. `tag` (0 to 255) comes back from loading. *bytes is malloc'ed.
// Any thread.
SerializeStatus bytecode_save(Template *, uint8_t tag, size_t stack_bytes,
                              uint8_t **bytes, size_t *length, char *problem,
                              size_t size);

// The template, with one reference. NULL: *status says why. The bytes are not
// kept. Any thread; no isolate.
Template *bytecode_load(const uint8_t *bytes, size_t length, uint8_t *tag,
                        SerializeStatus *status, char *problem, size_t size);

// Do the bytes begin as those that bytecode_save makes do?
bool bytecode_is_saved(const void *bytes, size_t length);

// Makes the header fit what follows it, for tests that change saved bytes.
void bytecode_seal(uint8_t *bytes, size_t length);

enum { BYTECODE_HEADER_SIZE = 48 };

#endif
