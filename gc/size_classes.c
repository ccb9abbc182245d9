// SPDX-License-Identifier: MIT
// Size classes. Up to 256 bytes every multiple of 16 has one; above, the sizes
// divide a block with little waste and grow by a tenth to a fifth. The last six
// (medium, above GC_MAX_SMALL) are internal to gc/.
#include "gc/heap.h"

const uint16_t gc_class_bytes[GC_SIZE_CLASS_COUNT] = {
    16,   32,   48,   64,   80,   96,   112,  128,  144,  160,
    176,  192,  208,  224,  240,  256,  288,  320,  384,  448,
    512,  576,  640,  768,  896,  1024, 1152, 1280, 1536, 1792,
    2048, 2336, 2720, 3264, 4096, 4672, 5456, 6544, 7280, 8192,
};

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

const uint16_t gc_medium_bytes[MEDIUM_CLASS_COUNT] = {9360,  10912, 13104,
                                                      16384, 21840, 32768};

ClassInfo gc_classes[CLASS_COUNT];

// A word at a time: at start-up a bit at a time would be felt.
static void set_starts(ClassInfo *info) {
  uint32_t step = info->granules, end = info->cells * step;
  uint64_t pattern = 0; // every step-th bit
  for (uint32_t i = 0; i < 64; i += step)
    pattern |= UINT64_C(1) << i;
  for (uint32_t next = 0; next < end;) {
    uint32_t word = next / 64, bit = next % 64;
    uint64_t bits = pattern << bit;
    if (end - word * 64 < 64) bits &= ~(~UINT64_C(0) << (end % 64));
    info->starts[word] = bits;
    next += (63 - bit) / step * step + step;
  }
}

void gc_classes_init(void) {
  for (uint32_t c = 0; c < CLASS_COUNT; c++) {
    ClassInfo *info = &gc_classes[c];
    uint32_t bytes = c < GC_SIZE_CLASS_COUNT
                         ? gc_class_bytes[c]
                         : gc_medium_bytes[c - GC_SIZE_CLASS_COUNT];
    info->bytes = bytes;
    info->granules = bytes / GC_GRANULE;
    info->cells = BLOCK_BYTES / bytes;
    info->reciprocal = (uint32_t)((UINT64_C(1) << 32) / bytes + 1);
    set_starts(info);
  }
}

uint32_t gc_medium_class(size_t bytes) {
  uint32_t c = 0;
  while (gc_medium_bytes[c] < bytes)
    c++;
  return GC_SIZE_CLASS_COUNT + c;
}
