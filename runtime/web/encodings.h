// SPDX-License-Identifier: MIT
// The encodings of the WHATWG Encoding Standard: their labels, and the indexes
// of the legacy ones, which are made from ICU's converters on first use and
// corrected where those differ. Any thread.
#ifndef RILL_RUNTIME_WEB_ENCODINGS_H
#define RILL_RUNTIME_WEB_ENCODINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
#define ENCODING(name, text) ENCODING_##name,
#include "runtime/web/encodings.def"
  ENCODING_COUNT
} Encoding;

// "utf-8", ...
extern const char *const rt_encoding_names[ENCODING_COUNT];
// Get an encoding (4.2): ENCODING_COUNT if no encoding has the label.
Encoding rt_encoding_of_label(const char *label, size_t length);

// Indexes (5). A code point, or 0 if the pointer has none.
typedef enum {
  INDEX_GB18030,
  INDEX_BIG5,
  INDEX_EUC_KR,
  INDEX_JIS0208,
  INDEX_JIS0212,
  INDEX_COUNT
} EncodingIndex;
// The index as a table of *length code points. NULL: out of memory.
const uint32_t *rt_encoding_index(EncodingIndex, uint32_t *length);
// The upper half of an encoding of one byte a character: 128 units, 0xfffd
// where there is none. NULL: out of memory.
const uint16_t *rt_single_byte_table(Encoding);
// The code point of a sequence of four bytes in gb18030; 0: there is none.
uint32_t rt_gb18030_four_bytes(const uint8_t bytes[4]);

#endif
