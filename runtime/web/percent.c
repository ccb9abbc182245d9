// SPDX-License-Identifier: MIT
#include "runtime/web/percent.h"

// The sets contain each other, but for FRAGMENT: `X` is the innermost set of
// the chain that holds a character, with all those around it.
#define FORM PERCENT_FORM
#define USER (PERCENT_USERINFO | FORM)
#define PATH (PERCENT_PATH | USER)
#define QUERY (PERCENT_QUERY | PERCENT_SPECIAL_QUERY | PATH)
#define ALL 0x7f

const uint8_t rt_percent_sets[256] = {
    [0x00 ... 0x1f] = ALL,
    [' '] = QUERY | PERCENT_FRAGMENT,
    ['"'] = QUERY | PERCENT_FRAGMENT,
    ['<'] = QUERY | PERCENT_FRAGMENT,
    ['>'] = QUERY | PERCENT_FRAGMENT,
    ['#'] = QUERY,
    ['\''] = PERCENT_SPECIAL_QUERY | FORM,
    ['`'] = PATH | PERCENT_FRAGMENT,
    ['?'] = PATH,
    ['^'] = PATH,
    ['{'] = PATH,
    ['}'] = PATH,
    ['/'] = USER,
    [':'] = USER,
    [';'] = USER,
    ['='] = USER,
    ['@'] = USER,
    ['['] = USER,
    ['\\'] = USER,
    [']'] = USER,
    ['|'] = USER,
    ['$'] = FORM,
    ['%'] = FORM,
    ['&'] = FORM,
    ['+'] = FORM,
    [','] = FORM,
    ['!'] = FORM,
    ['('] = FORM,
    [')'] = FORM,
    ['~'] = FORM,
    [0x7f ... 0xff] = ALL,
};

void rt_percent_encode(TextBuffer *out, const char *bytes, size_t length,
                       int set) {
  for (size_t i = 0; i < length; i++) {
    percent_add(out, (uint8_t)bytes[i], set);
  }
}

void rt_percent_decode(TextBuffer *out, const char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) {
    int high, low;
    if (bytes[i] == '%' && length - i > 2 &&
        (high = hex_value((uint8_t)bytes[i + 1])) >= 0 &&
        (low = hex_value((uint8_t)bytes[i + 2])) >= 0) {
      text_add(out, (char)(high << 4 | low));
      i += 2;
    } else {
      text_add(out, bytes[i]);
    }
  }
}
