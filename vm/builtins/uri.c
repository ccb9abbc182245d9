// SPDX-License-Identifier: MIT
// encodeURI, decodeURI and their component forms, ECMA-262 19.2.6; escape and
// unescape, B.2.1. What needs no change comes back as the same string.
#include "vm/builtins/uri.h"

#include "vm/objects/charge.h"
#include "vm/objects/hex.h"
#include "vm/objects/operations.h"
#include "vm/objects/utf.h"

enum {
  URI_ALPHANUMERIC = 1 << 0,
  URI_MARK = 1 << 1,     // - . ! ~ * ' ( ) and _
  URI_RESERVED = 1 << 2, // ; / ? : @ & = + $ , and #
  URI_ESCAPE = 1 << 3,   // what escape leaves alone beyond letters and digits
};

static uint8_t class_of(uint32_t c) {
  if (c - '0' < 10 || (c | 0x20) - 'a' < 26) return URI_ALPHANUMERIC;
  switch (c) {
  case '_':
  case '-':
  case '.':
  case '*':
    return URI_MARK | URI_ESCAPE;
  case '!':
  case '~':
  case '\'':
  case '(':
  case ')':
    return URI_MARK;
  case '@':
  case '+':
  case '/':
    return URI_RESERVED | URI_ESCAPE;
  case ';':
  case '?':
  case ':':
  case '&':
  case '=':
  case '$':
  case ',':
  case '#':
    return URI_RESERVED;
  default:
    return 0;
  }
}

static bool is_class(uint32_t c, uint8_t classes) {
  return c < 128 && (class_of(c) & classes) != 0;
}

static const char upper_hex[] = "0123456789ABCDEF";

static Value malformed(Isolate *iso) {
  return vm_throw_error(iso, ERROR_URI, "URI malformed");
}

static bool argument_view(Isolate *iso, const NativeCall *call, String **s,
                          StringView *v) {
  *s = vm_to_string(iso, native_argument(call, 0));
  return *s && vm_string_read(iso, *s, v);
}

static Value finish(StringBuilder *b) {
  String *s = vm_builder_finish(b);
  return s ? value_from_cell(s) : VALUE_EXCEPTION;
}

static void append_percent(StringBuilder *b, uint8_t byte) {
  vm_builder_append_unit(b, '%');
  vm_builder_append_unit(b, (uint8_t)upper_hex[byte >> 4]);
  vm_builder_append_unit(b, (uint8_t)upper_hex[byte & 15]);
}

// ECMA-262 19.2.6.5 Encode
Value vm_uri_encode(Isolate *iso, const NativeCall *call) {
  String *s;
  StringView v;
  if (!argument_view(iso, call, &s, &v)) return VALUE_EXCEPTION;
  uint8_t kept = URI_ALPHANUMERIC | URI_MARK;
  if (native_magic(call) == URI_WHOLE) kept |= URI_RESERVED;
  uint32_t i = 0;
  while (i < v.length && is_class(string_view_at(v, i), kept))
    i++;
  if (i == v.length) return value_from_cell(s);
  StringBuilder b;
  vm_builder_init(&b, iso);
  vm_builder_append_view(&b, string_view_range(v, 0, i));
  while (i < v.length) {
    uint32_t c = string_view_at(v, i++);
    if (is_class(c, kept)) {
      vm_builder_append_unit(&b, (uint16_t)c);
      continue;
    }
    if (utf16_is_lead(c) && i < v.length &&
        utf16_is_trail(string_view_at(v, i)))
      c = utf16_combine(c, string_view_at(v, i++));
    if (utf16_is_surrogate(c)) {
      vm_builder_discard(&b);
      return malformed(iso);
    }
    char bytes[4];
    unsigned count = utf8_put(c, bytes);
    for (unsigned k = 0; k < count; k++)
      append_percent(&b, (uint8_t)bytes[k]);
  }
  return finish(&b);
}

// `count` hex digits at `index`, or -1.
static int32_t hex_at(StringView v, uint32_t index, uint32_t count) {
  if (index > v.length || v.length - index < count) return -1;
  int32_t value = 0;
  for (uint32_t i = 0; i < count; i++) {
    int digit = hex_value(string_view_at(v, index + i));
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

// The byte of "%xx" at `index`, or -1.
static int32_t percent_byte(StringView v, uint32_t index) {
  if (index >= v.length || string_view_at(v, index) != '%') return -1;
  return hex_at(v, index + 1, 2);
}

// The code point whose UTF-8 bytes stand escaped at *index, which moves behind
// them; -1: malformed.
static int32_t decode_sequence(StringView v, uint32_t *index) {
  int32_t first = percent_byte(v, *index);
  *index += 3;
  if (first < 0x80) return first;
  static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  int count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return -1;
  uint32_t c = (uint32_t)first & (0xffu >> (count + 1));
  for (int k = 1; k < count; k++, *index += 3) {
    int32_t byte = percent_byte(v, *index);
    if (byte < 0 || (byte & 0xc0) != 0x80) return -1;
    c = c << 6 | ((uint32_t)byte & 0x3f);
  }
  if (c < smallest[count] || c > 0x10ffff || utf16_is_surrogate(c)) return -1;
  return (int32_t)c;
}

// ECMA-262 19.2.6.6 Decode
Value vm_uri_decode(Isolate *iso, const NativeCall *call) {
  String *s;
  StringView v;
  if (!argument_view(iso, call, &s, &v)) return VALUE_EXCEPTION;
  uint8_t kept = native_magic(call) == URI_WHOLE ? URI_RESERVED : 0;
  uint32_t i = 0;
  while (i < v.length && string_view_at(v, i) != '%')
    i++;
  if (i == v.length) return value_from_cell(s);
  StringBuilder b;
  vm_builder_init(&b, iso);
  vm_builder_append_view(&b, string_view_range(v, 0, i));
  while (i < v.length) {
    uint16_t unit = string_view_at(v, i);
    if (unit != '%') {
      vm_builder_append_unit(&b, unit);
      i++;
      continue;
    }
    uint32_t start = i;
    int32_t c = decode_sequence(v, &i);
    if (c < 0) {
      vm_builder_discard(&b);
      return malformed(iso);
    }
    if (is_class((uint32_t)c, kept))
      vm_builder_append_view(&b, string_view_range(v, start, i));
    else
      vm_builder_append_code_point(&b, (uint32_t)c);
  }
  return finish(&b);
}

// ECMA-262 B.2.1.1
Value vm_uri_escape(Isolate *iso, const NativeCall *call) {
  String *s;
  StringView v;
  if (!argument_view(iso, call, &s, &v)) return VALUE_EXCEPTION;
  StringBuilder b;
  vm_builder_init(&b, iso);
  for (uint32_t i = 0; i < v.length; i++) {
    uint16_t unit = string_view_at(v, i);
    if (is_class(unit, URI_ALPHANUMERIC | URI_ESCAPE)) {
      vm_builder_append_unit(&b, unit);
    } else if (unit < 256) {
      append_percent(&b, (uint8_t)unit);
    } else {
      vm_builder_append_ascii(&b, "%u");
      for (int shift = 12; shift >= 0; shift -= 4)
        vm_builder_append_unit(&b, (uint8_t)upper_hex[unit >> shift & 15]);
    }
  }
  return finish(&b);
}

// ECMA-262 B.2.1.2
Value vm_uri_unescape(Isolate *iso, const NativeCall *call) {
  String *s;
  StringView v;
  if (!argument_view(iso, call, &s, &v)) return VALUE_EXCEPTION;
  StringBuilder b;
  vm_builder_init(&b, iso);
  for (uint32_t i = 0; i < v.length; i++) {
    uint16_t unit = string_view_at(v, i);
    if (unit == '%') {
      int32_t code;
      if (i + 1 < v.length && string_view_at(v, i + 1) == 'u' &&
          (code = hex_at(v, i + 2, 4)) >= 0) {
        unit = (uint16_t)code;
        i += 5;
      } else if ((code = hex_at(v, i + 1, 2)) >= 0) {
        unit = (uint16_t)code;
        i += 2;
      }
    }
    vm_builder_append_unit(&b, unit);
  }
  return finish(&b);
}
