// SPDX-License-Identifier: MIT
// rill:internal/text: strings to bytes and back. Also the natives behind
// TextEncoder and TextDecoder.
#include <stdlib.h>
#include <string.h>

#include "runtime/io/bytes.h"
#include "runtime/modules/native_modules.h"

static Value encode_utf8(Isolate *iso, const NativeCall *call) {
  String *text = vm_to_string(iso, native_argument(call, 0));
  if (text == NULL) return VALUE_EXCEPTION;
  size_t length;
  char *bytes = vm_string_to_utf8(iso, text, &length);
  if (bytes == NULL) return vm_throw_out_of_memory(iso);
  return rt_bytes_adopt(iso, (uint8_t *)bytes, length);
}

// Length of the well-formed sequence at the start of `bytes`, or 0.
static size_t sequence_length(const uint8_t *bytes, size_t left) {
  uint8_t lead = bytes[0];
  size_t length = lead < 0x80                    ? 1
                  : lead >= 0xc2 && lead <= 0xdf ? 2
                  : (lead & 0xf0) == 0xe0        ? 3
                  : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                 : 0;
  if (length == 0 || length > left) return 0;
  for (size_t i = 1; i < length; i++) {
    if ((bytes[i] & 0xc0) != 0x80) return 0;
  }
  if (lead == 0xe0 && bytes[1] < 0xa0) return 0;
  if (lead == 0xed && bytes[1] > 0x9f) return 0;
  if (lead == 0xf0 && bytes[1] < 0x90) return 0;
  if (lead == 0xf4 && bytes[1] > 0x8f) return 0;
  return length;
}

// decodeUtf8(bytes, fatal, ignoreBom)
static Value decode_utf8(Isolate *iso, const NativeCall *call) {
  uint8_t *bytes;
  size_t length;
  if (!rt_bytes_of(iso, native_argument(call, 0), &bytes, &length)) {
    return VALUE_EXCEPTION;
  }
  if (vm_to_boolean(native_argument(call, 1))) {
    for (size_t at = 0; at < length;) {
      size_t n = sequence_length(bytes + at, length - at);
      if (n == 0) {
        return vm_throw_type(
            iso, "The encoded data was not valid for encoding utf-8");
      }
      at += n;
    }
  }
  if (!vm_to_boolean(native_argument(call, 2)) && length >= 3 &&
      memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
    bytes += 3;
    length -= 3;
  }
  String *text = vm_string_from_utf8(iso, (const char *)bytes, length);
  return text == NULL ? VALUE_EXCEPTION : value_from_cell(text);
}

static Value encode_latin1(Isolate *iso, const NativeCall *call) {
  String *text = vm_to_string(iso, native_argument(call, 0));
  StringView view;
  if (text == NULL || !vm_string_view(iso, text, &view)) {
    return VALUE_EXCEPTION;
  }
  uint8_t *bytes = malloc((size_t)view.length + 1);
  if (bytes == NULL) return vm_throw_out_of_memory(iso);
  for (uint32_t i = 0; i < view.length; i++) {
    bytes[i] = (uint8_t)string_view_at(view, i);
  }
  return rt_bytes_adopt(iso, bytes, view.length);
}

static Value decode_latin1(Isolate *iso, const NativeCall *call) {
  uint8_t *bytes;
  size_t length;
  if (!rt_bytes_of(iso, native_argument(call, 0), &bytes, &length)) {
    return VALUE_EXCEPTION;
  }
  String *text = vm_string_from_latin1(iso, bytes, length);
  return text == NULL ? VALUE_EXCEPTION : value_from_cell(text);
}

static const NativeExport text_exports[] = {
    {"decodeLatin1", decode_latin1, 1},
    {"decodeUtf8", decode_utf8, 3},
    {"encodeLatin1", encode_latin1, 1},
    {"encodeUtf8", encode_utf8, 1},
};
const NativeModule rt_text_module =
    NATIVE_MODULE("rill:internal/text", text_exports);
