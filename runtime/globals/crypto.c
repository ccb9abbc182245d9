// SPDX-License-Identifier: MIT
// rill:internal/crypto: digests and random bytes for node:crypto. The state of
// a digest is a Uint8Array over a Digest, so that a copy of it is a fork.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "runtime/globals/digest.h"
#include "runtime/io/bytes.h"
#include "runtime/modules/native_modules.h"

static Digest *state_of(Isolate *iso, Value value) {
  uint8_t *bytes;
  size_t length;
  if (!rt_bytes_of(iso, value, &bytes, &length)) return NULL;
  if (length != sizeof(Digest)) {
    vm_throw_type(iso, "Not the state of a digest");
    return NULL;
  }
  return (Digest *)bytes;
}

// digestNew(name): a state, or undefined where there is no such digest.
static Value digest_new(Isolate *iso, const NativeCall *call) {
  char *name = vm_to_utf8(iso, native_argument(call, 0), NULL);
  if (name == NULL) return VALUE_EXCEPTION;
  DigestKind kind;
  bool known = rt_digest_kind(name, &kind);
  free(name);
  if (!known) return VALUE_UNDEFINED;
  Digest *digest = malloc(sizeof *digest);
  if (digest == NULL) return vm_throw_out_of_memory(iso);
  rt_digest_init(digest, kind);
  return rt_bytes_adopt(iso, (uint8_t *)digest, sizeof *digest);
}

// digestUpdate(state, bytes)
static Value digest_update(Isolate *iso, const NativeCall *call) {
  Digest *digest = state_of(iso, native_argument(call, 0));
  uint8_t *bytes;
  size_t length;
  if (digest == NULL ||
      !rt_bytes_of(iso, native_argument(call, 1), &bytes, &length)) {
    return VALUE_EXCEPTION;
  }
  enum { PIECE = 1 << 18, UNITS_A_BYTE = 8 };
  for (size_t i = 0, count; i < length; i += count) {
    count = length - i < PIECE ? length - i : PIECE;
    if (!vm_charge(iso, count * UNITS_A_BYTE)) return VALUE_EXCEPTION;
    rt_digest_update(digest, bytes + i, count);
  }
  return VALUE_UNDEFINED;
}

// digestFinish(state): the result; the state cannot go on.
static Value digest_finish(Isolate *iso, const NativeCall *call) {
  Digest *digest = state_of(iso, native_argument(call, 0));
  if (digest == NULL) return VALUE_EXCEPTION;
  uint8_t *result = malloc(DIGEST_MAX_SIZE);
  if (result == NULL) return vm_throw_out_of_memory(iso);
  rt_digest_finish(digest, result);
  return rt_bytes_adopt(iso, result, rt_digest_size(digest->kind));
}

// digestBlockSize(state)
static Value digest_block_size(Isolate *iso, const NativeCall *call) {
  Digest *digest = state_of(iso, native_argument(call, 0));
  if (digest == NULL) return VALUE_EXCEPTION;
  return value_from_uint32((uint32_t)rt_digest_block_size(digest->kind));
}

// randomFill(bytes): fills a view from the system's source.
static Value random_fill(Isolate *iso, const NativeCall *call) {
  uint8_t *bytes;
  size_t length;
  if (!rt_bytes_of(iso, native_argument(call, 0), &bytes, &length)) {
    return VALUE_EXCEPTION;
  }
  enum { PIECE = 1 << 16, UNITS_A_BYTE = 8 };
  while (length > 0) {
    size_t wanted = length < PIECE ? length : PIECE;
    if (!vm_charge(iso, wanted * UNITS_A_BYTE)) return VALUE_EXCEPTION;
    ssize_t count = getrandom(bytes, wanted, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return vm_throw_error(iso, ERROR_ERROR, "getrandom: %s", strerror(errno));
    }
    bytes += count;
    length -= (size_t)count;
  }
  return VALUE_UNDEFINED;
}

static const NativeExport crypto_exports[] = {
    {"digestBlockSize", digest_block_size, 1},
    {"digestFinish", digest_finish, 1},
    {"digestNew", digest_new, 1},
    {"digestUpdate", digest_update, 2},
    {"randomFill", random_fill, 1},
};
const NativeModule rt_crypto_module =
    NATIVE_MODULE("rill:internal/crypto", crypto_exports);
