// SPDX-License-Identifier: MIT
// Making, cutting and comparing strings. Lengths never pass STRING_MAX_LENGTH;
// the empty string and one-unit Latin-1 strings are always their atoms when
// made by the functions that copy.
#include "vm/objects/charge.h"
#include "vm/objects/string_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void vm_string_defer_out_of_memory(Isolate *iso) {
  vm_forget_exception(iso);
  vm_request_interrupt(iso, INTERRUPT_OUT_OF_MEMORY);
}

String *vm_string_allocate(Isolate *iso, size_t length, bool is_wide) {
  if (unlikely(length > STRING_MAX_LENGTH)) {
    vm_throw_range(iso, "Invalid string length");
    return NULL;
  }
  size_t bytes = string_flat_bytes(length, is_wide);
  String *s;
  if (likely(bytes <= GC_MAX_SMALL)) {
    s = gc_allocate(iso->heap, bytes, CELL_STRING);
  } else {
    if (!vm_charge(iso, length)) return NULL;
    s = gc_allocate_large(iso->heap, bytes, CELL_STRING);
    if (!s) {
      vm_throw_out_of_memory(iso);
      return NULL;
    }
  }
  s->cell.flags = is_wide ? STRING_WIDE : 0;
  s->cell.extra = (uint32_t)length;
  return s;
}

String *vm_string_new_slice(Isolate *iso, String *parent, uintptr_t offset,
                            uint32_t length) {
  String *s = gc_allocate(iso->heap, sizeof(String), CELL_STRING);
  s->cell.flags = (parent->cell.flags & STRING_WIDE) | STRING_SLICE;
  s->cell.extra = length;
  s->left = parent;
  s->offset = offset;
  return s;
}

String *vm_string_new_latin1(Isolate *iso, size_t length, uint8_t **units) {
  String *s = vm_string_allocate(iso, length, false);
  if (s) *units = s->latin1;
  return s;
}

String *vm_string_new_utf16(Isolate *iso, size_t length, uint16_t **units) {
  String *s = vm_string_allocate(iso, length, true);
  if (s) *units = s->utf16;
  return s;
}

String *vm_string_from_latin1(Isolate *iso, const uint8_t *units,
                              size_t length) {
  if (length <= 1) return length ? vm_unit_atom(units[0]) : ATOM(empty);
  String *s = vm_string_allocate(iso, length, false);
  if (s) memcpy(s->latin1, units, length);
  return s;
}

String *vm_string_from_utf16(Isolate *iso, const uint16_t *units,
                             size_t length) {
  if (!string_units_are_narrow(units, length)) {
    String *s = vm_string_allocate(iso, length, true);
    if (s) memcpy(s->utf16, units, length * sizeof *units);
    return s;
  }
  if (length <= 1) return length ? vm_unit_atom(units[0]) : ATOM(empty);
  String *s = vm_string_allocate(iso, length, false);
  if (s)
    string_copy_units(s->latin1, false, 0,
                      (StringView){units, (uint32_t)length, true});
  return s;
}

String *vm_string_from_c(Isolate *iso, const char *text) {
  return vm_string_from_utf8(iso, text, strlen(text));
}

String *vm_string_format(Isolate *iso, const char *format, ...) {
  char small[256];
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(small, sizeof small, format, arguments);
  va_end(arguments);
  String *s = NULL;
  if (length < 0) {
    vm_throw_out_of_memory(iso);
  } else if ((size_t)length < sizeof small) {
    s = vm_string_from_utf8(iso, small, (size_t)length);
  } else {
    char *text = malloc((size_t)length + 1);
    if (text) {
      vsnprintf(text, (size_t)length + 1, format, again);
      s = vm_string_from_utf8(iso, text, (size_t)length);
      free(text);
    } else {
      vm_throw_out_of_memory(iso);
    }
  }
  va_end(again);
  return s;
}

String *vm_string_from_unit(Isolate *iso, uint16_t unit) {
  if (unit < 256) return vm_unit_atom(unit);
  String *s = vm_string_allocate(iso, 1, true);
  if (s) s->utf16[0] = unit;
  return s;
}

String *vm_string_from_code_point(Isolate *iso, uint32_t code_point) {
  if (code_point < 0x10000)
    return vm_string_from_unit(iso, (uint16_t)code_point);
  String *s = vm_string_allocate(iso, 2, true);
  if (s) {
    s->utf16[0] = (uint16_t)(0xd7c0 + (code_point >> 10));
    s->utf16[1] = (uint16_t)(0xdc00 + (code_point & 0x3ff));
  }
  return s;
}

String *vm_string_substring(Isolate *iso, String *s, uint32_t start,
                            uint32_t end) {
  uint32_t length = end - start;
  if (length == string_length(s)) return s;
  if (length == 0) return ATOM(empty);
  StringView view;
  if (!vm_string_view(iso, s, &view)) return NULL;
  if (length == 1) return vm_string_from_unit(iso, string_view_at(view, start));
  if (((size_t)length << view.is_wide) <= STRING_COPY_BYTES) {
    StringView range = string_view_range(view, start, end);
    return view.is_wide ? vm_string_from_utf16(iso, range.units, length)
                        : vm_string_from_latin1(iso, range.units, length);
  }
  if (s->cell.flags & STRING_SLICE)
    return vm_string_new_slice(iso, s->left, s->offset + start, length);
  return vm_string_new_slice(iso, s, start, length);
}

uint16_t vm_string_at(Isolate *iso, String *s, uint32_t index) {
  StringView view;
  if (!vm_string_view(iso, s, &view)) return 0;
  return string_view_at(view, index);
}

#define COMPARE_UNITS(type_a, type_b)                                          \
  do {                                                                         \
    const type_a *p = a.units;                                                 \
    const type_b *q = b.units;                                                 \
    for (uint32_t i = 0; i < common; i++)                                      \
      if (p[i] != q[i]) return p[i] < q[i] ? -1 : 1;                           \
  } while (0)

static int compare_views(StringView a, StringView b) {
  uint32_t common = a.length < b.length ? a.length : b.length;
  if (!a.is_wide && !b.is_wide) {
    int order = memcmp(a.units, b.units, common);
    if (order) return order < 0 ? -1 : 1;
  } else if (!a.is_wide) {
    COMPARE_UNITS(uint8_t, uint16_t);
  } else if (!b.is_wide) {
    COMPARE_UNITS(uint16_t, uint8_t);
  } else {
    COMPARE_UNITS(uint16_t, uint16_t);
  }
  return a.length == b.length ? 0 : a.length < b.length ? -1 : 1;
}

bool vm_string_views_equal(StringView a, StringView b) {
  if (a.length != b.length) return false;
  if (a.is_wide == b.is_wide)
    return string_bytes_equal(a.units, b.units, (size_t)a.length << a.is_wide);
  return compare_views(a, b) == 0;
}

enum { PIECE = 1 << 16 }; // units compared between charges

// Charged as far as they are read; most texts differ early.
static int compare_long(Isolate *iso, StringView a, StringView b) {
  uint32_t common = a.length < b.length ? a.length : b.length;
  uint32_t piece = CHARGE_FROM / 2;
  for (uint32_t i = 0, end; i < common; i = end) {
    end = common - i < piece ? common : i + piece;
    vm_charge_bulk(iso, end - i);
    int order = compare_views(string_view_range(a, i, end),
                              string_view_range(b, i, end));
    if (order) return order;
    piece = PIECE;
  }
  return a.length == b.length ? 0 : a.length < b.length ? -1 : 1;
}

bool vm_string_equals(Isolate *iso, String *a, String *b) {
  if (a == b) return true;
  if (a->cell.extra != b->cell.extra) return false;
  uint8_t both = a->cell.flags & b->cell.flags;
  if (both & STRING_INTERNED) return false;
  if ((both & STRING_HASHED) && a->hash != b->hash) return false;
  StringView view_a, view_b;
  if (!vm_string_view(iso, a, &view_a) || !vm_string_view(iso, b, &view_b)) {
    vm_string_defer_out_of_memory(iso);
    return false;
  }
  if (unlikely(view_a.length >= PIECE))
    return compare_long(iso, view_a, view_b) == 0;
  return vm_string_views_equal(view_a, view_b);
}

int vm_string_compare(Isolate *iso, String *a, String *b) {
  if (a == b) return 0;
  enum { NOT_PLAIN = STRING_WIDE | STRING_ROPE | STRING_SLICE };
  uint32_t length_a = a->cell.extra, length_b = b->cell.extra;
  uint32_t common = length_a < length_b ? length_a : length_b, i = 0;
  if (likely(!((a->cell.flags | b->cell.flags) & NOT_PLAIN) &&
             common < PIECE)) {
    // Flat Latin-1, which mostly differs early.
    for (; i + 8 <= common; i += 8) {
      uint64_t p, q;
      memcpy(&p, a->latin1 + i, 8);
      memcpy(&q, b->latin1 + i, 8);
      if (p != q) return __builtin_bswap64(p) < __builtin_bswap64(q) ? -1 : 1;
    }
    for (; i < common; i++)
      if (a->latin1[i] != b->latin1[i])
        return a->latin1[i] < b->latin1[i] ? -1 : 1;
    return length_a < length_b ? -1 : length_a > length_b;
  }
  StringView view_a, view_b;
  if (!vm_string_view(iso, a, &view_a) || !vm_string_view(iso, b, &view_b)) {
    vm_string_defer_out_of_memory(iso);
    return 0;
  }
  return compare_long(iso, view_a, view_b);
}
