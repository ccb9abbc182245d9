// SPDX-License-Identifier: MIT
// Hexadecimal digits, as every grammar of rill reads them.
#ifndef RILL_VM_OBJECTS_HEX_H
#define RILL_VM_OBJECTS_HEX_H

#include <stdint.h>

// The value of a digit, or -1. Any code point, and negative numbers that were
// made unsigned (an end marker, a plain char).
static inline int hex_value(uint32_t c) {
  if (c - '0' < 10) return (int)(c - '0');
  if ((c | 0x20) - 'a' < 6) return (int)((c | 0x20) - 'a' + 10);
  return -1;
}

#endif
