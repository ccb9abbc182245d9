// SPDX-License-Identifier: MIT
// Decoding (Encoding 6): UTF-8, UTF-16 and encodings of one byte a character
// whole pieces at a time, the others by decoder_legacy.c; byte order marks.
#include "runtime/web/decoder.h"

#include <stdlib.h>
#include <string.h>

#include "vm/objects/throw.h"
#include "vm/objects/utf.h"

static void reset(Decoder *d) {
  Encoding encoding = d->encoding;
  bool fatal = d->fatal, ignore_bom = d->ignore_bom;
  memset(d, 0, sizeof *d);
  d->encoding = encoding;
  d->fatal = fatal;
  d->ignore_bom = ignore_bom;
}

void rt_decoder_init(Decoder *d, Encoding encoding, bool fatal,
                     bool ignore_bom) {
  d->encoding = encoding;
  d->fatal = fatal;
  d->ignore_bom = ignore_bom;
  reset(d);
}

static String *throw_invalid(Isolate *iso, const Decoder *d) {
  vm_throw_type(iso, "The encoded data was not valid for encoding %s",
                rt_encoding_names[d->encoding]);
  return NULL;
}

// UTF-8 -----------------------------------------------------------------

// How many bytes at the end begin a sequence that may still become whole.
static size_t incomplete_tail(const uint8_t *bytes, size_t length) {
  for (size_t back = 1; back <= 3 && back <= length; back++) {
    const uint8_t *at = bytes + length - back;
    uint8_t lead = at[0];
    if ((lead & 0xc0) == 0x80) continue;
    size_t need = lead >= 0xf0 && lead <= 0xf4   ? 4
                  : lead >= 0xe0 && lead <= 0xef ? 3
                  : lead >= 0xc2 && lead <= 0xdf ? 2
                                                 : 0;
    if (need <= back) return 0;
    bool is_good =
        back < 2 ||
        !((lead == 0xe0 && at[1] < 0xa0) || (lead == 0xed && at[1] > 0x9f) ||
          (lead == 0xf0 && at[1] < 0x90) || (lead == 0xf4 && at[1] > 0x8f));
    return is_good ? back : 0;
  }
  return 0;
}

static String *utf8_text(Isolate *iso, Decoder *d, const uint8_t *bytes,
                         size_t length) {
  const char *text = (const char *)bytes;
  if (!d->bom_seen && length > 0) {
    d->bom_seen = true;
    if (!d->ignore_bom && length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
      text += 3;
      length -= 3;
    }
  }
  if (d->fatal && !vm_is_ascii((const uint8_t *)text, length) &&
      vm_utf8_scan(text, length, UTF_REPLACE_SURROGATES).ill_formed) {
    return throw_invalid(iso, d);
  }
  return vm_string_from_utf8(iso, text, length);
}

static String *decode_utf8(Isolate *iso, Decoder *d, const uint8_t *bytes,
                           size_t length, bool is_last) {
  if (d->pending_length == 0) {
    size_t tail = is_last ? 0 : incomplete_tail(bytes, length);
    memcpy(d->pending, bytes + length - tail, tail);
    d->pending_length = (uint8_t)tail;
    return utf8_text(iso, d, bytes, length - tail);
  }
  // What was incomplete, and the piece: joined.
  uint8_t *joined = malloc(d->pending_length + length);
  if (joined == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  memcpy(joined, d->pending, d->pending_length);
  if (length > 0) memcpy(joined + d->pending_length, bytes, length);
  length += d->pending_length;
  d->pending_length = 0;
  String *text = decode_utf8(iso, d, joined, length, is_last);
  free(joined);
  return text;
}

// UTF-16 ----------------------------------------------------------------

static void put_utf16(Decoder *d, StringBuilder *out, uint16_t unit) {
  if (d->lead != 0) {
    uint16_t lead = d->lead;
    d->lead = 0;
    if (utf16_is_trail(unit)) {
      vm_builder_append_unit(out, lead);
      vm_builder_append_unit(out, unit);
      return;
    }
    decoder_error(d, out);
  }
  if (utf16_is_lead(unit)) {
    d->lead = unit;
  } else if (utf16_is_trail(unit)) {
    decoder_error(d, out);
  } else {
    vm_builder_append_unit(out, unit);
  }
}

static void decode_utf16(Decoder *d, StringBuilder *out, const uint8_t *bytes,
                         size_t length, bool is_last) {
  bool is_big = d->encoding == ENCODING_UTF_16BE;
  size_t i = 0;
  if (d->has_byte && length > 0) {
    uint8_t a = d->first, b = bytes[i++];
    d->has_byte = false;
    put_utf16(d, out, (uint16_t)(is_big ? a << 8 | b : b << 8 | a));
  }
  for (; length - i >= 2; i += 2) {
    uint8_t a = bytes[i], b = bytes[i + 1];
    put_utf16(d, out, (uint16_t)(is_big ? a << 8 | b : b << 8 | a));
  }
  if (i < length) {
    d->has_byte = true;
    d->first = bytes[i];
  }
  if (is_last && (d->has_byte || d->lead != 0)) decoder_error(d, out);
}

// The others -----------------------------------------------------------------

static bool decode_single_byte(Decoder *d, StringBuilder *out,
                               const uint8_t *bytes, size_t length) {
  const uint16_t *table = rt_single_byte_table(d->encoding);
  if (table == NULL) return false;
  for (size_t i = 0; i < length;) {
    size_t ascii = vm_ascii_prefix(bytes + i, length - i);
    vm_builder_append_latin1(out, bytes + i, ascii);
    for (i += ascii; i < length && bytes[i] >= 0x80; i++) {
      uint16_t unit = table[bytes[i] - 0x80];
      if (unit == 0xfffd) {
        decoder_error(d, out);
      } else {
        vm_builder_append_unit(out, unit);
      }
    }
  }
  return true;
}

static bool decode_legacy(Decoder *d, StringBuilder *out, const uint8_t *bytes,
                          size_t length, bool is_last) {
  // Runs of ASCII at once, where no state changes what it means.
  bool has_ascii_runs = d->encoding != ENCODING_ISO_2022_JP;
  for (size_t i = 0; i < length;) {
    if (has_ascii_runs && d->first == 0 && bytes[i] < 0x80) {
      size_t ascii = vm_ascii_prefix(bytes + i, length - i);
      vm_builder_append_latin1(out, bytes + i, ascii);
      i += ascii;
    } else if (!rt_decoder_step(d, out, bytes[i++])) {
      return false;
    }
  }
  return !is_last || rt_decoder_step(d, out, DECODER_END);
}

static bool decode_into(Decoder *d, StringBuilder *out, const uint8_t *bytes,
                        size_t length, bool is_last) {
  switch (d->encoding) {
  case ENCODING_UTF_16LE:
  case ENCODING_UTF_16BE:
    decode_utf16(d, out, bytes, length, is_last);
    return true;
  case ENCODING_REPLACEMENT:
    if (length > 0 && !d->error_sent) {
      d->error_sent = true;
      decoder_error(d, out);
    }
    return true;
  case ENCODING_X_USER_DEFINED:
    for (size_t i = 0; i < length; i++) {
      vm_builder_append_unit(
          out, bytes[i] < 0x80 ? bytes[i] : (uint16_t)(0xf700 + bytes[i]));
    }
    return true;
  case ENCODING_GBK:
  case ENCODING_GB18030:
  case ENCODING_BIG5:
  case ENCODING_EUC_JP:
  case ENCODING_ISO_2022_JP:
  case ENCODING_SHIFT_JIS:
  case ENCODING_EUC_KR:
    return decode_legacy(d, out, bytes, length, is_last);
  default:
    return decode_single_byte(d, out, bytes, length);
  }
}

static String *decode_piece(Isolate *iso, Decoder *d, const uint8_t *bytes,
                            size_t length, bool is_last) {
  if (d->encoding == ENCODING_UTF_8) {
    return decode_utf8(iso, d, bytes, length, is_last);
  }
  StringBuilder out;
  vm_builder_init(&out, iso);
  if (!decode_into(d, &out, bytes, length, is_last)) {
    vm_builder_discard(&out);
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  if (d->failed) {
    vm_builder_discard(&out);
    d->failed = false;
    return throw_invalid(iso, d);
  }
  String *text = vm_builder_finish(&out);
  bool is_utf16 =
      d->encoding == ENCODING_UTF_16LE || d->encoding == ENCODING_UTF_16BE;
  if (text == NULL || !is_utf16 || d->bom_seen || string_length(text) == 0) {
    return text;
  }
  d->bom_seen = true;
  if (d->ignore_bom || vm_string_at(iso, text, 0) != 0xfeff) return text;
  return vm_string_substring(iso, text, 1, string_length(text));
}

String *rt_decode(Isolate *iso, Decoder *d, const uint8_t *bytes, size_t length,
                  bool is_last) {
  if (!d->streaming) reset(d);
  d->streaming = !is_last;
  return decode_piece(iso, d, bytes, length, is_last);
}
