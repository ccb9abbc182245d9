// SPDX-License-Identifier: MIT
// rill:internal/web-encoding: the natives behind TextEncoder, TextDecoder, atob
// and btoa (modules/lib/web/encoding.js).
#include <stdlib.h>
#include <string.h>

#include "runtime/arguments.h"
#include "runtime/modules/native_modules.h"
#include "runtime/values.h"
#include "runtime/web/decoder.h"
#include "runtime/web/structured_clone.h"
#include "vm/objects/buffer.h"
#include "vm/objects/charge.h"
#include "vm/objects/host_object.h"
#include "vm/objects/utf.h"

static Value text_or_exception(String *text) {
  return text == NULL ? VALUE_EXCEPTION : value_from_cell(text);
}

static size_t latin1_into(const uint8_t *units, size_t length, uint8_t *out,
                          size_t room, size_t *read) {
  size_t written = 0, i = 0;
  while (i < length) {
    size_t ascii = vm_ascii_prefix(units + i, length - i);
    if (ascii > room - written) ascii = room - written;
    memcpy(out + written, units + i, ascii);
    written += ascii;
    i += ascii;
    if (i == length || written == room || units[i] < 0x80) break;
    if (room - written < 2) break;
    out[written++] = (uint8_t)(0xc0 | units[i] >> 6);
    out[written++] = (uint8_t)(0x80 | (units[i] & 0x3f));
    i++;
  }
  *read = i;
  return written;
}

// encodeInto(text, bytes): {read, written}.
static Value encode_into(Isolate *iso, const NativeCall *call) {
  String *text = vm_to_string(iso, native_argument(call, 0));
  StringView view;
  if (text == NULL || !vm_string_read(iso, text, &view)) {
    return VALUE_EXCEPTION;
  }
  Value target = native_argument(call, 1);
  if (!value_is_typed_array(target) ||
      typed_array_kind((TypedArray *)value_as_cell(target)) != ELEMENT_UINT8) {
    return vm_throw_type(
        iso, "The \"dest\" argument must be an instance of Uint8Array");
  }
  TypedArray *array = (TypedArray *)value_as_cell(target);
  size_t room = vm_typed_array_length(array), read = 0, written = 0;
  if (buffer_is_immutable(array->buffer)) room = 0;
  if (room == 0) {
    // A detached buffer has no bytes to point at.
  } else if (view.is_wide) {
    written = vm_utf8_from_utf16_into(view.units, view.length,
                                      (char *)array->data, room, &read);
  } else {
    written = latin1_into(view.units, view.length, array->data, room, &read);
  }
  Object *result = vm_object_new(iso);
  rt_put_number(iso, result, "read", (double)read);
  rt_put_number(iso, result, "written", (double)written);
  return value_from_cell(result);
}

// Decoding --------------------------------------------------------------

static const char decoder_type[] = "Decoder";

// newDecoder(label, fatal, ignoreBom): [decoder, name], or null if no encoding
// that can be decoded has the label.
static Value new_decoder(Isolate *iso, const NativeCall *call) {
  size_t length;
  char *text = vm_to_utf8(iso, native_argument(call, 0), &length);
  if (text == NULL) return VALUE_EXCEPTION;
  Encoding encoding = rt_encoding_of_label(text, length);
  free(text);
  if (encoding == ENCODING_COUNT || encoding == ENCODING_REPLACEMENT) {
    return VALUE_NULL;
  }
  Decoder *decoder = malloc(sizeof *decoder);
  if (decoder == NULL) return vm_throw_out_of_memory(iso);
  rt_decoder_init(decoder, encoding, vm_to_boolean(native_argument(call, 1)),
                  vm_to_boolean(native_argument(call, 2)));
  Value parts[] = {
      value_from_cell(vm_host_object_new(iso, decoder_type, decoder, free)),
      value_from_cell(vm_atom_from_c(rt_encoding_names[encoding])),
  };
  Array *result = vm_array_from(iso, parts, 2);
  return result == NULL ? VALUE_EXCEPTION : value_from_cell(result);
}

// The bytes of a BufferSource; none if it is detached or out of bounds. *copy
// is to be freed: bytes that others may change are copied.
static bool source_bytes(Isolate *iso, Value source, const uint8_t **bytes,
                         size_t *length, uint8_t **copy) {
  ArrayBuffer *buffer;
  *copy = NULL;
  *bytes = NULL;
  *length = 0;
  if (value_is_typed_array(source)) {
    TypedArray *array = (TypedArray *)value_as_cell(source);
    *length = vm_typed_array_length(array)
              << vm_element_shifts[typed_array_kind(array)];
    *bytes = array->data;
    buffer = array->buffer;
  } else if (value_is_kind(source, CELL_DATA_VIEW)) {
    DataView *view = (DataView *)value_as_cell(source);
    uint8_t *start;
    if (vm_data_view_range(view, &start, length)) {
      *bytes = start;
    } else {
      *length = 0;
    }
    buffer = view->buffer;
  } else if (value_is_any_buffer(source)) {
    buffer = (ArrayBuffer *)value_as_cell(source);
    *bytes = buffer->bytes;
    *length = buffer_length(buffer);
  } else {
    vm_throw_type(iso,
                  "The \"input\" argument must be an instance of "
                  "ArrayBuffer or a view of one");
    return false;
  }
  if (*bytes == NULL) *bytes = (const uint8_t *)"";
  if (!buffer_is_shared(buffer) || *length == 0) return true;
  *copy = malloc(*length);
  if (*copy == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  memcpy(*copy, *bytes, *length);
  *bytes = *copy;
  return true;
}

// decode(decoder, bytes or undefined, is there more to come)
static Value decode(Isolate *iso, const NativeCall *call) {
  Decoder *decoder = rt_host_argument(iso, call, 0, decoder_type);
  if (decoder == NULL) return VALUE_EXCEPTION;
  const uint8_t *bytes = (const uint8_t *)"";
  size_t length = 0;
  uint8_t *copy = NULL;
  Value source = native_argument(call, 1);
  if (source != VALUE_UNDEFINED &&
      !source_bytes(iso, source, &bytes, &length, &copy)) {
    return VALUE_EXCEPTION;
  }
  bool is_last = !vm_to_boolean(native_argument(call, 2));
  if (!vm_charge(iso, length)) {
    free(copy);
    return VALUE_EXCEPTION;
  }
  String *text = rt_decode(iso, decoder, bytes, length, is_last);
  free(copy);
  return text_or_exception(text);
}

// Base64 (HTML 8.3) -----------------------------------------------------

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// btoa(text)
static Value encode_base64(Isolate *iso, const NativeCall *call) {
  String *text = vm_to_string(iso, native_argument(call, 0));
  StringView view;
  if (text == NULL || !vm_string_read(iso, text, &view)) {
    return VALUE_EXCEPTION;
  }
  if (call->argc == 0) {
    return vm_throw_type(iso, "The \"data\" argument must be specified");
  }
  if (view.is_wide && !vm_utf16_is_latin1(view.units, view.length)) {
    return rt_throw_dom_exception(iso, "InvalidCharacterError",
                                  "Invalid character");
  }
  uint32_t length = view.length;
  uint8_t *out;
  String *result =
      vm_string_new_latin1(iso, ((size_t)length + 2) / 3 * 4, &out);
  if (result == NULL) return VALUE_EXCEPTION;
  for (uint32_t i = 0; i < length; i += 3) {
    uint32_t a = string_view_at(view, i);
    uint32_t b = i + 1 < length ? string_view_at(view, i + 1) : 0;
    uint32_t c = i + 2 < length ? string_view_at(view, i + 2) : 0;
    *out++ = (uint8_t)digits[a >> 2];
    *out++ = (uint8_t)digits[(a & 3) << 4 | b >> 4];
    *out++ = (uint8_t)(i + 1 < length ? digits[(b & 15) << 2 | c >> 6] : '=');
    *out++ = (uint8_t)(i + 2 < length ? digits[c & 63] : '=');
  }
  return value_from_cell(result);
}

static bool is_space(uint16_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static int digit_of(uint16_t c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// Forgiving-base64 decode (Infra 7). False: failure.
static bool forgiving_decode(StringView view, uint8_t *out, size_t *written) {
  uint32_t bits = 0, count = 0, padding = 0;
  for (uint32_t i = 0; i < view.length; i++) {
    uint16_t c = string_view_at(view, i);
    if (is_space(c)) continue;
    if (c == '=') {
      padding++;
      continue;
    }
    int digit = digit_of(c);
    if (digit < 0 || padding > 0) return false;
    bits = bits << 6 | (uint32_t)digit;
    if (++count % 4 == 0) {
      *out++ = (uint8_t)(bits >> 16);
      *out++ = (uint8_t)(bits >> 8);
      *out++ = (uint8_t)bits;
    }
  }
  uint32_t rest = count % 4;
  if (rest == 1 || padding > 2 || (padding > 0 && rest + padding != 4)) {
    return false;
  }
  if (rest == 2) *out++ = (uint8_t)(bits >> 4);
  if (rest == 3) {
    *out++ = (uint8_t)(bits >> 10);
    *out++ = (uint8_t)(bits >> 2);
  }
  *written = count / 4 * 3 + (rest == 0 ? 0 : rest - 1);
  return true;
}

// atob(text)
static Value decode_base64(Isolate *iso, const NativeCall *call) {
  String *text = vm_to_string(iso, native_argument(call, 0));
  StringView view;
  if (text == NULL || !vm_string_read(iso, text, &view)) {
    return VALUE_EXCEPTION;
  }
  if (call->argc == 0) {
    return vm_throw_type(iso, "The \"data\" argument must be specified");
  }
  uint8_t *bytes = malloc((size_t)view.length + 4);
  size_t length;
  if (bytes == NULL) return vm_throw_out_of_memory(iso);
  if (!forgiving_decode(view, bytes, &length)) {
    free(bytes);
    return rt_throw_dom_exception(
        iso, "InvalidCharacterError",
        "The string to be decoded is not correctly encoded.");
  }
  String *result = vm_string_from_latin1(iso, bytes, length);
  free(bytes);
  return text_or_exception(result);
}

static const NativeExport encoding_exports[] = {
    {"atob", decode_base64, 1},     {"btoa", encode_base64, 1},
    {"decode", decode, 3},          {"encodeInto", encode_into, 2},
    {"newDecoder", new_decoder, 3},
};
const NativeModule rt_encoding_module =
    NATIVE_MODULE("rill:internal/web-encoding", encoding_exports);
