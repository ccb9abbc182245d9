// SPDX-License-Identifier: MIT
// rill:internal/text: strings to bytes and back.
#include <stdlib.h>
#include <string.h>

#include "runtime/io/bytes.h"
#include "runtime/modules/native_modules.h"
#include "vm/objects/charge.h"
#include "vm/objects/utf.h"

// encodeUtf8(text): a Uint8Array.
static Value encode_utf8(Isolate *iso, const NativeCall *call) {
  String *text = vm_to_string(iso, native_argument(call, 0));
  StringView view;
  if (text == NULL || !vm_string_read(iso, text, &view)) {
    return VALUE_EXCEPTION;
  }
  size_t size = view.is_wide ? vm_utf8_size_of_utf16(view.units, view.length)
                             : vm_utf8_size_of_latin1(view.units, view.length);
  TypedArray *array = vm_typed_array_create(iso, ELEMENT_UINT8, size);
  if (array == NULL) return VALUE_EXCEPTION;
  char *out = (char *)array->data;
  if (size == 0) return value_from_cell(array);
  if (view.is_wide) {
    vm_utf8_from_utf16(view.units, view.length, out, UTF_REPLACE_SURROGATES);
  } else if (size == view.length) {
    memcpy(out, view.units, size);
  } else {
    vm_utf8_from_latin1(view.units, view.length, out);
  }
  return value_from_cell(array);
}

// decodeUtf8(bytes): what is ill-formed becomes U+FFFD; a byte order mark is
// text.
static Value decode_utf8(Isolate *iso, const NativeCall *call) {
  uint8_t *bytes;
  size_t length;
  if (!rt_bytes_read(iso, native_argument(call, 0), &bytes, &length)) {
    return VALUE_EXCEPTION;
  }
  String *text = vm_string_from_utf8(iso, (const char *)bytes, length);
  return text == NULL ? VALUE_EXCEPTION : value_from_cell(text);
}

static Value encode_latin1(Isolate *iso, const NativeCall *call) {
  String *text = vm_to_string(iso, native_argument(call, 0));
  StringView view;
  if (text == NULL || !vm_string_read(iso, text, &view)) {
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
  if (!rt_bytes_read(iso, native_argument(call, 0), &bytes, &length)) {
    return VALUE_EXCEPTION;
  }
  String *text = vm_string_from_latin1(iso, bytes, length);
  return text == NULL ? VALUE_EXCEPTION : value_from_cell(text);
}

static const NativeExport text_exports[] = {
    {"decodeLatin1", decode_latin1, 1},
    {"decodeUtf8", decode_utf8, 1},
    {"encodeLatin1", encode_latin1, 1},
    {"encodeUtf8", encode_utf8, 1},
};
const NativeModule rt_text_module =
    NATIVE_MODULE("rill:internal/text", text_exports);
