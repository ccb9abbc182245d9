// SPDX-License-Identifier: MIT
// Percent-encoding (WHATWG URL 1.3), over UTF-8 bytes: bytes above 0x7e are in
// every set.
#ifndef RILL_RUNTIME_WEB_PERCENT_H
#define RILL_RUNTIME_WEB_PERCENT_H

#include "runtime/web/text_buffer.h"
#include "vm/objects/hex.h"

// Percent-encode sets, as bits of rt_percent_sets[byte].
enum {
  PERCENT_C0 = 1 << 0,
  PERCENT_FRAGMENT = 1 << 1,
  PERCENT_QUERY = 1 << 2,
  PERCENT_SPECIAL_QUERY = 1 << 3,
  PERCENT_PATH = 1 << 4,
  PERCENT_USERINFO = 1 << 5,
  PERCENT_FORM = 1 << 6, // application/x-www-form-urlencoded, but the space
};
extern const uint8_t rt_percent_sets[256];

static inline void percent_add(TextBuffer *out, uint8_t byte, int set) {
  static const char digits[] = "0123456789ABCDEF";
  if (rt_percent_sets[byte] & set) {
    text_append(out, (char[]){'%', digits[byte >> 4], digits[byte & 15]}, 3);
  } else {
    text_add(out, (char)byte);
  }
}
void rt_percent_encode(TextBuffer *out, const char *bytes, size_t length,
                       int set);
void rt_percent_decode(TextBuffer *out, const char *bytes, size_t length);

#endif
