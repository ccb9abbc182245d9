// SPDX-License-Identifier: MIT
// Message digests: MD5 (RFC 1321), SHA-1 and SHA-2 (FIPS 180-4). Plain C, no
// heap; a Digest may be copied to go on from where it is.
#ifndef RILL_RUNTIME_GLOBALS_DIGEST_H
#define RILL_RUNTIME_GLOBALS_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  DIGEST_MD5,
  DIGEST_SHA1,
  DIGEST_SHA224,
  DIGEST_SHA256,
  DIGEST_SHA384,
  DIGEST_SHA512,
  DIGEST_KINDS,
} DigestKind;

typedef struct Digest {
  DigestKind kind;
  uint8_t filled;  // bytes in block
  uint64_t length; // bytes so far
  union {
    uint32_t words[8];
    uint64_t longs[8];
  } state;
  uint8_t block[128];
} Digest;

enum { DIGEST_MAX_SIZE = 64 };

// By its lower-case name without a dash ("sha256"); false: no such digest.
bool rt_digest_kind(const char *name, DigestKind *out);
// Bytes of a result, and of the blocks that HMAC pads keys to.
size_t rt_digest_size(DigestKind);
size_t rt_digest_block_size(DigestKind);

void rt_digest_init(Digest *, DigestKind);
void rt_digest_update(Digest *, const uint8_t *bytes, size_t length);
// Writes rt_digest_size bytes. The digest cannot go on afterwards.
void rt_digest_finish(Digest *, uint8_t out[DIGEST_MAX_SIZE]);

#endif
