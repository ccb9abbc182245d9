// SPDX-License-Identifier: MIT
// The compression functions and their padding. SHA-224 and SHA-256 share the
// upper halves of the constants of SHA-384 and SHA-512.
#include "runtime/globals/digest.h"

#include <string.h>

static const struct {
  const char *name;
  uint8_t size, block;
} kinds[DIGEST_KINDS] = {
    [DIGEST_MD5] = {"md5", 16, 64},
    [DIGEST_SHA1] = {"sha1", 20, 64},
    [DIGEST_SHA224] = {"sha224", 28, 64},
    [DIGEST_SHA256] = {"sha256", 32, 64},
    [DIGEST_SHA384] = {"sha384", 48, 128},
    [DIGEST_SHA512] = {"sha512", 64, 128},
};

static const uint64_t sha2_rounds[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f,
    0xe9b5dba58189dbbc, 0x3956c25bf348b538, 0x59f111f1b605d019,
    0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242,
    0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
    0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3,
    0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65, 0x2de92c6f592b0275,
    0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f,
    0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc,
    0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6,
    0x92722c851482353b, 0xa2bfe8a14cf10364, 0xa81a664bbc423001,
    0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
    0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99,
    0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb,
    0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc,
    0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915,
    0xc67178f2e372532b, 0xca273eceea26619c, 0xd186b8c721c0c207,
    0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba,
    0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a,
    0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};
static const uint32_t md5_rounds[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
    0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
    0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
    0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
    0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
    0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
    0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
    0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
    0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};
static const uint64_t sha384_start[8] = {
    0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17,
    0x152fecd8f70e5939, 0x67332667ffc00b31, 0x8eb44a8768581511,
    0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
};
static const uint64_t sha512_start[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
    0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
    0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};
// Of MD5 and, all five, SHA-1.
static const uint32_t sha1_start[5] = {0x67452301, 0xefcdab89, 0x98badcfe,
                                       0x10325476, 0xc3d2e1f0};

bool rt_digest_kind(const char *name, DigestKind *out) {
  for (int i = 0; i < DIGEST_KINDS; i++) {
    if (strcmp(kinds[i].name, name) != 0) continue;
    *out = (DigestKind)i;
    return true;
  }
  return false;
}

size_t rt_digest_size(DigestKind kind) {
  return kinds[kind].size;
}

size_t rt_digest_block_size(DigestKind kind) {
  return kinds[kind].block;
}

void rt_digest_init(Digest *digest, DigestKind kind) {
  memset(digest, 0, sizeof *digest);
  digest->kind = kind;
  for (int i = 0; i < 8; i++) {
    switch (kind) {
    case DIGEST_SHA224:
      digest->state.words[i] = (uint32_t)sha384_start[i];
      break;
    case DIGEST_SHA256:
      digest->state.words[i] = (uint32_t)(sha512_start[i] >> 32);
      break;
    case DIGEST_SHA384:
      digest->state.longs[i] = sha384_start[i];
      break;
    case DIGEST_SHA512:
      digest->state.longs[i] = sha512_start[i];
      break;
    default:
      if (i < 5) digest->state.words[i] = sha1_start[i];
    }
  }
}

static uint32_t rotate_left(uint32_t x, int n) {
  return x << n | x >> (32 - n);
}

static uint32_t rotate_right(uint32_t x, int n) {
  return x >> n | x << (32 - n);
}

static uint64_t rotate_right_long(uint64_t x, int n) {
  return x >> n | x << (64 - n);
}

static uint32_t load_big(const uint8_t *bytes) {
  uint32_t word;
  memcpy(&word, bytes, 4);
  return __builtin_bswap32(word);
}

static void compress_md5(uint32_t state[4], const uint8_t *block) {
  static const uint8_t shifts[4][4] = {
      {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  uint32_t words[16];
  memcpy(words, block, 64);
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  for (int i = 0; i < 64; i++) {
    uint32_t f;
    int k;
    switch (i / 16) {
    case 0:
      f = (b & c) | (~b & d);
      k = i;
      break;
    case 1:
      f = (d & b) | (~d & c);
      k = 5 * i + 1;
      break;
    case 2:
      f = b ^ c ^ d;
      k = 3 * i + 5;
      break;
    default:
      f = c ^ (b | ~d);
      k = 7 * i;
    }
    f += a + md5_rounds[i] + words[k & 15];
    a = d;
    d = c;
    c = b;
    b += rotate_left(f, shifts[i / 16][i & 3]);
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

static void compress_sha1(uint32_t state[5], const uint8_t *block) {
  uint32_t words[80];
  for (int i = 0; i < 16; i++)
    words[i] = load_big(block + 4 * i);
  for (int i = 16; i < 80; i++) {
    words[i] = rotate_left(
        words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int i = 0; i < 80; i++) {
    uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                 : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                 : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                          : (b ^ c ^ d) + 0xca62c1d6;
    uint32_t next = rotate_left(a, 5) + f + e + words[i];
    e = d;
    d = c;
    c = rotate_left(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

static void compress_sha256(uint32_t state[8], const uint8_t *block) {
  uint32_t words[64];
  for (int i = 0; i < 16; i++)
    words[i] = load_big(block + 4 * i);
  for (int i = 16; i < 64; i++) {
    uint32_t x = words[i - 15], y = words[i - 2];
    words[i] = words[i - 16] + words[i - 7] +
               (rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3) +
               (rotate_right(y, 17) ^ rotate_right(y, 19) ^ y >> 10);
  }
  uint32_t s[8];
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t a = s[0], e = s[4];
    uint32_t first =
        s[7] +
        (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
        ((e & s[5]) ^ (~e & s[6])) + (uint32_t)(sha2_rounds[i] >> 32) +
        words[i];
    uint32_t second =
        (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
        ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += first;
    s[0] = first + second;
  }
  for (int i = 0; i < 8; i++)
    state[i] += s[i];
}

static void compress_sha512(uint64_t state[8], const uint8_t *block) {
  uint64_t words[80];
  memcpy(words, block, 128);
  for (int i = 0; i < 16; i++)
    words[i] = __builtin_bswap64(words[i]);
  for (int i = 16; i < 80; i++) {
    uint64_t x = words[i - 15], y = words[i - 2];
    words[i] = words[i - 16] + words[i - 7] +
               (rotate_right_long(x, 1) ^ rotate_right_long(x, 8) ^ x >> 7) +
               (rotate_right_long(y, 19) ^ rotate_right_long(y, 61) ^ y >> 6);
  }
  uint64_t s[8];
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 80; i++) {
    uint64_t a = s[0], e = s[4];
    uint64_t first = s[7] +
                     (rotate_right_long(e, 14) ^ rotate_right_long(e, 18) ^
                      rotate_right_long(e, 41)) +
                     ((e & s[5]) ^ (~e & s[6])) + sha2_rounds[i] + words[i];
    uint64_t second = (rotate_right_long(a, 28) ^ rotate_right_long(a, 34) ^
                       rotate_right_long(a, 39)) +
                      ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += first;
    s[0] = first + second;
  }
  for (int i = 0; i < 8; i++)
    state[i] += s[i];
}

static void compress(Digest *digest, const uint8_t *block) {
  switch (digest->kind) {
  case DIGEST_MD5:
    compress_md5(digest->state.words, block);
    break;
  case DIGEST_SHA1:
    compress_sha1(digest->state.words, block);
    break;
  case DIGEST_SHA224:
  case DIGEST_SHA256:
    compress_sha256(digest->state.words, block);
    break;
  default:
    compress_sha512(digest->state.longs, block);
  }
}

void rt_digest_update(Digest *digest, const uint8_t *bytes, size_t length) {
  size_t block = kinds[digest->kind].block;
  digest->length += length;
  while (length > 0) {
    if (digest->filled == 0 && length >= block) {
      compress(digest, bytes);
      bytes += block;
      length -= block;
      continue;
    }
    size_t part = block - digest->filled;
    if (part > length) part = length;
    memcpy(digest->block + digest->filled, bytes, part);
    digest->filled += (uint8_t)part;
    bytes += part;
    length -= part;
    if (digest->filled == block) {
      compress(digest, digest->block);
      digest->filled = 0;
    }
  }
}

void rt_digest_finish(Digest *digest, uint8_t out[DIGEST_MAX_SIZE]) {
  size_t block = kinds[digest->kind].block, count = block / 8;
  uint64_t bits = digest->length * 8;
  static const uint8_t padding[128] = {0x80};
  size_t used = digest->filled + count;
  rt_digest_update(digest, padding,
                   used < block ? block - used : 2 * block - used);
  // The length ends the block: 8 bytes, or 16 of which the first are 0.
  uint8_t tail[16] = {0};
  bool little = digest->kind == DIGEST_MD5;
  uint64_t ordered = little ? bits : __builtin_bswap64(bits);
  memcpy(tail + count - 8, &ordered, 8);
  rt_digest_update(digest, tail, count);
  uint8_t result[DIGEST_MAX_SIZE];
  for (int i = 0; i < 8; i++) {
    if (block == 128) {
      uint64_t word = __builtin_bswap64(digest->state.longs[i]);
      memcpy(result + 8 * i, &word, 8);
    } else {
      uint32_t word = digest->state.words[i];
      if (!little) word = __builtin_bswap32(word);
      memcpy(result + 4 * i, &word, 4);
    }
  }
  memcpy(out, result, kinds[digest->kind].size);
}
