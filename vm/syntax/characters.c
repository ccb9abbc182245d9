// SPDX-License-Identifier: MIT
// The Latin-1 table, and ICU's properties for everything above it.
#include "vm/syntax/characters.h"

#include <unicode/uchar.h>

#include "vm/objects/unicode.h"

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

bool syntax_is_id_start_slow(uint32_t c) {
  return vm_unicode_is_id_start(c);
}

bool syntax_is_id_part_slow(uint32_t c) {
  return vm_unicode_is_id_part(c);
}

bool syntax_is_space_slow(uint32_t c) {
  return c == 0xfeff || u_charType((UChar32)c) == U_SPACE_SEPARATOR;
}
