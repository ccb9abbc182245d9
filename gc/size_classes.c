// SPDX-License-Identifier: MIT
// Size classes. Up to 256 bytes every multiple of 16 has one; above, the sizes
// divide a block with little waste and grow by a tenth to a fifth. The last six
// (medium, above GC_MAX_SMALL) are internal to gc/.
#include "gc/heap.h"

// clang-format off
#define CLASSES(X)                                                             \
  X(16) X(32) X(48) X(64) X(80) X(96) X(112) X(128) X(144) X(160)              \
  X(176) X(192) X(208) X(224) X(240) X(256) X(288) X(320) X(384) X(448)        \
  X(512) X(576) X(640) X(768) X(896) X(1024) X(1152) X(1280) X(1536) X(1792)   \
  X(2048) X(2336) X(2720) X(3264) X(4096) X(4672) X(5456) X(6544) X(7280)      \
  X(8192)
#define MEDIUM_CLASSES(X)                                                      \
  X(9360) X(10912) X(13104) X(16384) X(21840) X(32768)
// clang-format on

#define BYTES(bytes) bytes,
const uint16_t gc_class_bytes[GC_SIZE_CLASS_COUNT] = {CLASSES(BYTES)};

const uint8_t gc_class_of_granules[GC_MAX_SMALL / GC_GRANULE + 1] = {
    [0 ... 1] = 0,
    [2] = 1,
    [3] = 2,
    [4] = 3,
    [5] = 4,
    [6] = 5,
    [7] = 6,
    [8] = 7,
    [9] = 8,
    [10] = 9,
    [11] = 10,
    [12] = 11,
    [13] = 12,
    [14] = 13,
    [15] = 14,
    [16] = 15,
    [17 ... 18] = 16,
    [19 ... 20] = 17,
    [21 ... 24] = 18,
    [25 ... 28] = 19,
    [29 ... 32] = 20,
    [33 ... 36] = 21,
    [37 ... 40] = 22,
    [41 ... 48] = 23,
    [49 ... 56] = 24,
    [57 ... 64] = 25,
    [65 ... 72] = 26,
    [73 ... 80] = 27,
    [81 ... 96] = 28,
    [97 ... 112] = 29,
    [113 ... 128] = 30,
    [129 ... 146] = 31,
    [147 ... 170] = 32,
    [171 ... 204] = 33,
    [205 ... 256] = 34,
    [257 ... 292] = 35,
    [293 ... 341] = 36,
    [342 ... 409] = 37,
    [410 ... 455] = 38,
    [456 ... 512] = 39,
};

const uint16_t gc_medium_bytes[MEDIUM_CLASS_COUNT] = {MEDIUM_CLASSES(BYTES)};

// The table below is made by the compiler: at start-up both making it and the
// pages that it is made in would be felt. `g` is a cell's granules.
#define CELLS(g) (BLOCK_GRANULES / (g))
// The bits of all multiples of g below 64: a geometric series.
#define POWER(bits) ((unsigned __int128)1 << (bits))
#define SHORT(g) ((g) < 64 ? (g) : 1)
#define EVERY(g)                                                               \
  ((g) < 64 ? (uint64_t)((POWER((63 + SHORT(g)) / SHORT(g) * SHORT(g)) - 1) /  \
                         (POWER(SHORT(g)) - 1))                                \
            : 1)
// The first multiple of g that is not before word w, as a bit of it.
#define FIRST(g, w) (((g)-64 * (w) % (g)) % (g))
// The bits of word w that are before the end of the last cell.
#define REST(g, w) (CELLS(g) * (g)-64 * (w))
#define INSIDE(g, w)                                                           \
  (REST(g, w) >= 64  ? ~UINT64_C(0)                                            \
   : REST(g, w) <= 0 ? 0                                                       \
                     : (UINT64_C(1) << (REST(g, w) & 63)) - 1)
#define WORD(g, w)                                                             \
  (FIRST(g, w) < 64 ? (EVERY(g) << (FIRST(g, w) & 63)) & INSIDE(g, w) : 0)

#define WORDS_4(g, w) WORD(g, w), WORD(g, w + 1), WORD(g, w + 2), WORD(g, w + 3)
#define WORDS_16(g, w)                                                         \
  WORDS_4(g, w), WORDS_4(g, w + 4), WORDS_4(g, w + 8), WORDS_4(g, w + 12)
#define WORDS_64(g)                                                            \
  WORDS_16(g, 0), WORDS_16(g, 16), WORDS_16(g, 32), WORDS_16(g, 48)
_Static_assert(BLOCK_WORDS == 64, "that many words are made");

#define ROW(bytes)                                                             \
  {bytes,                                                                      \
   (bytes) / GC_GRANULE,                                                       \
   BLOCK_BYTES / (bytes),                                                      \
   (uint32_t)((UINT64_C(1) << 32) / (bytes) + 1),                              \
   {WORDS_64((bytes) / GC_GRANULE)}},
const ClassInfo gc_classes[CLASS_COUNT] = {CLASSES(ROW) MEDIUM_CLASSES(ROW)};

uint32_t gc_medium_class(size_t bytes) {
  uint32_t c = 0;
  while (gc_medium_bytes[c] < bytes)
    c++;
  return GC_SIZE_CLASS_COUNT + c;
}
