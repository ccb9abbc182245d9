// SPDX-License-Identifier: MIT
// Decoders of the WHATWG Encoding Standard, fed piece by piece.
#ifndef RILL_RUNTIME_WEB_DECODER_H
#define RILL_RUNTIME_WEB_DECODER_H

#include "runtime/web/encodings.h"
#include "vm/objects/string.h"

typedef struct Decoder {
  Encoding encoding;
  bool fatal;      // the first error ends it
  bool ignore_bom; // a byte order mark is text
  // From here on: cleared when a text begins.
  bool streaming; // the last piece was not the end
  bool bom_seen;
  bool failed;        // fatal, and there was an error
  uint8_t pending[4]; // UTF-8: an incomplete sequence
  uint8_t pending_length;
  uint8_t first, second, third; // of a multi-byte sequence
  bool is_jis0212;              // EUC-JP
  uint8_t state, output_state;  // ISO-2022-JP
  bool output;
  bool has_byte;   // UTF-16: `first`
  uint16_t lead;   // UTF-16: a lead surrogate
  bool error_sent; // replacement
} Decoder;

void rt_decoder_init(Decoder *, Encoding, bool fatal, bool ignore_bom);
// The text of the next piece; `is_last`: what is incomplete is an error, and
// the decoder starts anew. NULL: threw, TypeError if an error is fatal.
String *rt_decode(Isolate *, Decoder *, const uint8_t *bytes, size_t length,
                  bool is_last) VM_CHECKED;

// decoder_legacy.c: feeds a byte, or DECODER_END, to a decoder of many bytes a
// character. Appends to the builder; false: out of memory for an index.
enum { DECODER_END = -1 };
bool rt_decoder_step(Decoder *, StringBuilder *, int byte);
// An error at this place: U+FFFD, or failure.
static inline void decoder_error(Decoder *d, StringBuilder *out) {
  if (d->fatal) {
    d->failed = true;
  } else {
    vm_builder_append_unit(out, 0xfffd);
  }
}

#endif
