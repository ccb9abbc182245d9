// SPDX-License-Identifier: MIT
// The Latin-1 table, and ICU's properties for everything above it.
#include "vm/syntax/characters.h"

#include <stddef.h>
#include <unicode/uchar.h>

#define START (CHARACTER_ID_START | CHARACTER_ID_PART)
#define DIGIT (CHARACTER_DIGIT | CHARACTER_ID_PART)
const uint8_t syntax_characters[256] = {
    ['\t'] = CHARACTER_SPACE,
    ['\v'] = CHARACTER_SPACE,
    ['\f'] = CHARACTER_SPACE,
    [' '] = CHARACTER_SPACE,
    [0xa0] = CHARACTER_SPACE,
    ['$'] = START,
    ['_'] = START,
    ['a' ... 'z'] = START,
    ['A' ... 'Z'] = START,
    ['0' ... '9'] = DIGIT,
    [0xaa] = START,
    [0xb5] = START,
    [0xba] = START,
    [0xb7] = CHARACTER_ID_PART,
    [0xc0 ... 0xd6] = START,
    [0xd8 ... 0xf6] = START,
    [0xf8 ... 0xff] = START,
};

typedef struct CodePointRange {
  uint32_t first;
  uint32_t last;
} CodePointRange;

// ID_Start and ID_Continue of Unicode 15.1 to 17.0, for an ICU that is older.
static const CodePointRange newer_start[] = {
    {0x088f, 0x088f},   {0x0c5c, 0x0c5c},   {0x0cdc, 0x0cdc},
    {0x1c89, 0x1c8a},   {0xa7cb, 0xa7cf},   {0xa7d2, 0xa7d2},
    {0xa7d4, 0xa7d4},   {0xa7da, 0xa7dc},   {0xa7f1, 0xa7f1},
    {0x105c0, 0x105f3}, {0x10940, 0x10959}, {0x10d4a, 0x10d65},
    {0x10d6f, 0x10d85}, {0x10ec2, 0x10ec7}, {0x11380, 0x11389},
    {0x1138b, 0x1138b}, {0x1138e, 0x1138e}, {0x11390, 0x113b5},
    {0x113b7, 0x113b7}, {0x113d1, 0x113d1}, {0x113d3, 0x113d3},
    {0x11bc0, 0x11be0}, {0x11db0, 0x11ddb}, {0x13460, 0x143fa},
    {0x16100, 0x1611d}, {0x16d40, 0x16d6c}, {0x16ea0, 0x16eb8},
    {0x16ebb, 0x16ed3}, {0x16ff2, 0x16ff6}, {0x187f8, 0x187ff},
    {0x18cff, 0x18cff}, {0x18d09, 0x18d1e}, {0x18d80, 0x18df2},
    {0x1e5d0, 0x1e5ed}, {0x1e5f0, 0x1e5f0}, {0x1e6c0, 0x1e6de},
    {0x1e6e0, 0x1e6e2}, {0x1e6e4, 0x1e6e5}, {0x1e6e7, 0x1e6ed},
    {0x1e6f0, 0x1e6f4}, {0x1e6fe, 0x1e6ff}, {0x2b73a, 0x2b73f},
    {0x2cea2, 0x2cead}, {0x2ebf0, 0x2ee5d}, {0x323b0, 0x33479},
};
static const CodePointRange newer_part[] = {
    {0x0897, 0x0897},   {0x1acf, 0x1add},   {0x1ae0, 0x1aeb},
    {0x30fb, 0x30fb},   {0xff65, 0xff65},   {0x10d40, 0x10d49},
    {0x10d69, 0x10d6d}, {0x10efa, 0x10efc}, {0x113b8, 0x113c0},
    {0x113c2, 0x113c2}, {0x113c5, 0x113c5}, {0x113c7, 0x113ca},
    {0x113cc, 0x113d0}, {0x113d2, 0x113d2}, {0x113e1, 0x113e2},
    {0x116d0, 0x116e3}, {0x11b60, 0x11b67}, {0x11bf0, 0x11bf9},
    {0x11de0, 0x11de9}, {0x11f5a, 0x11f5a}, {0x1611e, 0x16139},
    {0x16d70, 0x16d79}, {0x1ccf0, 0x1ccf9}, {0x1e5ee, 0x1e5ef},
    {0x1e5f1, 0x1e5fa}, {0x1e6e3, 0x1e6e3}, {0x1e6e6, 0x1e6e6},
    {0x1e6ee, 0x1e6ef}, {0x1e6f5, 0x1e6f5},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool in_ranges(const CodePointRange *ranges, size_t count, uint32_t c) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (c > ranges[middle].last)
      low = middle + 1;
    else
      high = middle;
  }
  return low < count && c >= ranges[low].first;
}

bool syntax_is_id_start_slow(uint32_t c) {
  return u_hasBinaryProperty((UChar32)c, UCHAR_ID_START) ||
         in_ranges(newer_start, COUNT(newer_start), c);
}

bool syntax_is_id_part_slow(uint32_t c) {
  return c == 0x200c || c == 0x200d ||
         u_hasBinaryProperty((UChar32)c, UCHAR_ID_CONTINUE) ||
         in_ranges(newer_start, COUNT(newer_start), c) ||
         in_ranges(newer_part, COUNT(newer_part), c);
}

bool syntax_is_space_slow(uint32_t c) {
  return c == 0xfeff || u_charType((UChar32)c) == U_SPACE_SEPARATOR;
}
