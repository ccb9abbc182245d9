// SPDX-License-Identifier: MIT
// Strings from and to UTF-8.
#include <stdlib.h>

#include "vm/objects/string_internal.h"
#include "vm/objects/utf.h"

String *vm_string_from_utf8(Isolate *iso, const char *text, size_t length) {
  size_t ascii = vm_ascii_prefix((const uint8_t *)text, length);
  if (likely(ascii == length))
    return vm_string_from_latin1(iso, (const uint8_t *)text, length);
  Utf8Scan scan = vm_utf8_scan(text, length, UTF_REPLACE_SURROGATES);
  if (scan.is_latin1) {
    if (scan.units == 1) {
      uint8_t unit;
      vm_utf8_to_latin1(text, length, &unit);
      return vm_unit_atom(unit);
    }
    String *s = vm_string_allocate(iso, scan.units, false);
    if (s) vm_utf8_to_latin1(text, length, s->latin1);
    return s;
  }
  String *s = vm_string_allocate(iso, scan.units, true);
  if (s) vm_utf8_to_utf16(text, length, s->utf16, UTF_REPLACE_SURROGATES);
  return s;
}

char *vm_string_to_utf8(Isolate *iso, String *s, size_t *length) {
  StringView v;
  if (!vm_string_view(iso, s, &v)) {
    vm_forget_exception(iso);
    return NULL;
  }
  size_t size = v.is_wide ? vm_utf8_size_of_utf16(v.units, v.length)
                          : vm_utf8_size_of_latin1(v.units, v.length);
  char *text = malloc(size + 1);
  if (!text) return NULL;
  if (v.is_wide)
    vm_utf8_from_utf16(v.units, v.length, text, UTF_REPLACE_SURROGATES);
  else if (size == v.length)
    memcpy(text, v.units, size);
  else
    vm_utf8_from_latin1(v.units, v.length, text);
  text[size] = 0;
  if (length) *length = size;
  return text;
}
