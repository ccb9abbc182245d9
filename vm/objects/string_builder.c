// SPDX-License-Identifier: MIT
// StringBuilder: code units collected outside the heap. The buffer is narrow
// until the first unit above 255 arrives. A failed builder ignores what
// follows; its length says whether it failed by size or by memory.
#include "vm/objects/string_internal.h"

#include <stdlib.h>

#include "vm/objects/charge.h"
#include "vm/objects/number_text.h"
#include "vm/objects/throw.h"

void vm_builder_init(StringBuilder *b, Isolate *iso) {
  b->isolate = iso;
  b->units = b->inline_units;
  b->length = 0;
  b->capacity = sizeof b->inline_units;
  b->is_wide = false;
  b->failed = false;
}

// What is appended from now on is ignored.
static bool fail(StringBuilder *b) {
  b->failed = true;
  b->capacity = b->length; // no inline append
  return false;
}

static void release(StringBuilder *b) {
  if (b->units != b->inline_units) free(b->units);
  b->units = b->inline_units;
}

void vm_builder_discard(StringBuilder *b) {
  release(b);
  b->length = b->capacity = 0;
  b->failed = true;
}

// Makes room for `count` more units of the given width. False: failed.
static bool reserve(StringBuilder *b, size_t count, bool is_wide) {
  if (unlikely(b->failed)) return false;
  bool widens = is_wide && !b->is_wide;
  if (b->capacity - b->length >= count && !widens) return true;
  size_t needed = b->length + count;
  if (needed > STRING_MAX_LENGTH) return fail(b);
  size_t capacity = b->capacity;
  if (needed > capacity || (widens && b->units == b->inline_units))
    capacity = needed + needed / 2;
  if (capacity < sizeof b->inline_units) capacity = sizeof b->inline_units;
  is_wide |= b->is_wide;
  // The string will be of the heap, so its limit is this buffer's, too.
  enum { WORTH_ASKING = 256 << 10 };
  if (unlikely(capacity >= WORTH_ASKING)) {
    if (!vm_charge(b->isolate, needed)) {
      vm_take_exception(b->isolate); // finish throws it
      return fail(b);
    }
    if (!gc_reserve_external(b->isolate->heap, needed << is_wide))
      return fail(b);
  }
  bool is_inline = b->units == b->inline_units;
  void *units;
  if (widens || is_inline) {
    units = malloc(capacity << is_wide);
    if (units)
      string_copy_units(
          units, is_wide, 0,
          (StringView){b->units, (uint32_t)b->length, b->is_wide});
    if (units && !is_inline) free(b->units);
  } else {
    units = realloc(b->units, capacity << is_wide);
  }
  if (!units) return fail(b);
  b->units = units;
  b->capacity = capacity;
  b->is_wide = is_wide;
  return true;
}

void vm_builder_append_view(StringBuilder *b, StringView v) {
  if (likely(!v.is_wide && !b->is_wide &&
             v.length <= b->capacity - b->length)) {
    memcpy((uint8_t *)b->units + b->length, v.units, v.length);
    b->length += v.length;
    return;
  }
  bool needs_wide =
      v.is_wide && (b->is_wide || !string_units_are_narrow(v.units, v.length));
  if (!reserve(b, v.length, needs_wide)) return;
  string_copy_units(b->units, b->is_wide, b->length, v);
  b->length += v.length;
}

void vm_builder_append(StringBuilder *b, String *s) {
  StringView v;
  if (b->failed) return;
  if (!vm_string_view(b->isolate, s, &v)) {
    vm_take_exception(b->isolate); // finish throws it
    fail(b);
    return;
  }
  vm_builder_append_view(b, v);
}

void vm_builder_append_range(StringBuilder *b, String *s, uint32_t start,
                             uint32_t end) {
  StringView v;
  if (b->failed) return;
  if (!vm_string_view(b->isolate, s, &v)) {
    vm_take_exception(b->isolate);
    fail(b);
    return;
  }
  vm_builder_append_view(b, string_view_range(v, start, end));
}

void vm_builder_append_unit_slowly(StringBuilder *b, uint16_t unit) {
  if (!reserve(b, 1, unit > 255)) return;
  if (b->is_wide)
    ((uint16_t *)b->units)[b->length++] = unit;
  else
    ((uint8_t *)b->units)[b->length++] = (uint8_t)unit;
}

void vm_builder_append_code_point(StringBuilder *b, uint32_t code_point) {
  if (code_point >= 0x10000) {
    vm_builder_append_unit(b, (uint16_t)(0xd7c0 + (code_point >> 10)));
    code_point = 0xdc00 + (code_point & 0x3ff);
  }
  vm_builder_append_unit(b, (uint16_t)code_point);
}

void vm_builder_append_latin1(StringBuilder *b, const uint8_t *units,
                              size_t length) {
  if (length > STRING_MAX_LENGTH) length = STRING_MAX_LENGTH + 1; // fails
  vm_builder_append_view(b, (StringView){units, (uint32_t)length, false});
}

void vm_builder_append_utf16(StringBuilder *b, const uint16_t *units,
                             size_t length) {
  if (length > STRING_MAX_LENGTH) length = STRING_MAX_LENGTH + 1; // fails
  vm_builder_append_view(b, (StringView){units, (uint32_t)length, true});
}

void vm_builder_append_ascii(StringBuilder *b, const char *text) {
  vm_builder_append_latin1(b, (const uint8_t *)text, strlen(text));
}

void vm_builder_append_number(StringBuilder *b, Value number) {
  char text[NUMBER_TEXT_SIZE];
  char *to = (char *)vm_builder_reserve_latin1(b, NUMBER_TEXT_SIZE);
  size_t length =
      value_is_int(number)
          ? vm_int_to_text(value_as_int(number), to ? to : text)
          : vm_number_to_text(value_as_double(number), to ? to : text);
  if (to)
    b->length += length;
  else
    vm_builder_append_latin1(b, (const uint8_t *)text, length);
}

uint8_t *vm_builder_reserve_latin1(StringBuilder *b, size_t count) {
  if (b->is_wide || !reserve(b, count, false)) return NULL;
  return (uint8_t *)b->units + b->length;
}

String *vm_builder_finish(StringBuilder *b) {
  Isolate *iso = b->isolate;
  String *s = NULL;
  if (!b->failed)
    s = b->is_wide ? vm_string_from_utf16(iso, b->units, b->length)
                   : vm_string_from_latin1(iso, b->units, b->length);
  else if (vm_is_terminating(iso))
    vm_terminate(iso);
  else if (b->length >= STRING_MAX_LENGTH / 2)
    vm_throw_range(iso, "Invalid string length");
  else
    vm_throw_out_of_memory(iso);
  vm_builder_discard(b);
  return s;
}
