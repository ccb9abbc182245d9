// SPDX-License-Identifier: MIT
// Searching: memchr and memmem for Latin-1, vectors of eight units for UTF-16.
// Where many candidates come to nothing, Knuth, Morris and Pratt's way, so that
// no text and needle take more than linear time.
#include "vm/objects/string_search.h"

#include "vm/objects/string_internal.h"

#include <stddef.h>
#include <stdlib.h>

extern void *memrchr(const void *, int, size_t);

typedef uint16_t UnitVector __attribute__((vector_size(16)));

static const uint16_t *find_wide_unit(const uint16_t *at, const uint16_t *end,
                                      uint16_t unit) {
  const UnitVector wanted = {unit, unit, unit, unit, unit, unit, unit, unit};
  for (; end - at >= 8; at += 8) {
    UnitVector units;
    memcpy(&units, at, sizeof units);
    __typeof__(units == wanted) equal = units == wanted;
    uint64_t halves[2];
    memcpy(halves, &equal, sizeof halves);
    if (halves[0]) return at + __builtin_ctzll(halves[0]) / 16;
    if (halves[1]) return at + 4 + __builtin_ctzll(halves[1]) / 16;
  }
  for (; at < end; at++)
    if (*at == unit) return at;
  return NULL;
}

uint32_t vm_string_find_unit(StringView haystack, uint16_t unit,
                             uint32_t from) {
  if (from >= haystack.length) return STRING_NOT_FOUND;
  if (!haystack.is_wide) {
    if (unit > 255) return STRING_NOT_FOUND;
    const uint8_t *units = haystack.units;
    const uint8_t *at = memchr(units + from, unit, haystack.length - from);
    return at ? (uint32_t)(at - units) : STRING_NOT_FOUND;
  }
  const uint16_t *units = haystack.units;
  const uint16_t *at =
      find_wide_unit(units + from, units + haystack.length, unit);
  return at ? (uint32_t)(at - units) : STRING_NOT_FOUND;
}

static bool equal_units(StringView a, uint32_t at, StringView b) {
  if (!a.is_wide && !b.is_wide)
    return string_bytes_equal((const uint8_t *)a.units + at, b.units, b.length);
  if (a.is_wide && b.is_wide)
    return string_bytes_equal((const uint16_t *)a.units + at, b.units,
                              (size_t)b.length * 2);
  for (uint32_t i = 0; i < b.length; i++)
    if (string_view_at(a, at + i) != string_view_at(b, i)) return false;
  return true;
}

bool vm_string_stands_at(StringView haystack, StringView needle,
                         uint32_t index) {
  return index <= haystack.length && needle.length <= haystack.length - index &&
         equal_units(haystack, index, needle);
}

// Latin-1 by memchr as long as candidates are rare, then by memmem, whose
// running time is linear whatever the text.
static uint32_t find_latin1(const uint8_t *units, uint32_t length,
                            const uint8_t *needle, uint32_t needle_length,
                            uint32_t from) {
  const uint8_t *at = units + from, *end = units + length - needle_length + 1;
  for (int candidates = 0; candidates < 16; candidates++) {
    at = memchr(at, needle[0], (size_t)(end - at));
    if (!at) return STRING_NOT_FOUND;
    if (string_bytes_equal(at, needle, needle_length))
      return (uint32_t)(at - units);
    if (++at >= end) return STRING_NOT_FOUND;
  }
  at = memmem(at, (size_t)(units + length - at), needle, needle_length);
  return at ? (uint32_t)(at - units) : STRING_NOT_FOUND;
}

// A text read from one end to the other.
typedef struct Course {
  StringView view;
  bool is_backwards;
} Course;

static inline uint16_t unit_on(Course c, uint32_t at) {
  return string_view_at(c.view, c.is_backwards ? c.view.length - 1 - at : at);
}

// Where on its course the needle first stands, from unit `at` on; *done is
// false if there was no memory for its table.
static uint32_t find_on(Course text, Course needle, uint32_t at, bool *done) {
  uint32_t length = needle.view.length, matched = 0;
  // After `i + 1` units matched, and no more: how many still do.
  uint32_t *still = malloc(length * sizeof *still);
  *done = still != NULL;
  if (still == NULL) return STRING_NOT_FOUND;
  still[0] = 0;
  for (uint32_t i = 1; i < length; i++) {
    uint16_t unit = unit_on(needle, i);
    while (matched > 0 && unit_on(needle, matched) != unit)
      matched = still[matched - 1];
    if (unit_on(needle, matched) == unit) matched++;
    still[i] = matched;
  }
  matched = 0;
  uint32_t found = STRING_NOT_FOUND;
  for (; at < text.view.length && found == STRING_NOT_FOUND; at++) {
    uint16_t unit = unit_on(text, at);
    while (matched > 0 && unit_on(needle, matched) != unit)
      matched = still[matched - 1];
    if (unit_on(needle, matched) == unit) matched++;
    if (matched == length) found = at + 1 - length;
  }
  free(still);
  return found;
}

enum { CANDIDATES = 64 }; // before the needle is worth a table

// The last index at or before `from`, by its table.
static uint32_t find_last_on(StringView haystack, StringView needle,
                             uint32_t from, bool *done) {
  haystack.length = from + needle.length;
  uint32_t found =
      find_on((Course){haystack, true}, (Course){needle, true}, 0, done);
  return found == STRING_NOT_FOUND ? found
                                   : haystack.length - needle.length - found;
}

uint32_t vm_string_find(StringView haystack, StringView needle, uint32_t from) {
  if (from > haystack.length || needle.length > haystack.length - from)
    return STRING_NOT_FOUND;
  if (needle.length == 0) return from;
  uint16_t first = string_view_at(needle, 0);
  if (needle.length == 1) return vm_string_find_unit(haystack, first, from);
  if (!haystack.is_wide && !needle.is_wide)
    return find_latin1(haystack.units, haystack.length, needle.units,
                       needle.length, from);
  StringView starts = haystack;
  starts.length -= needle.length - 1;
  for (uint32_t candidates = 0;; from++) {
    from = vm_string_find_unit(starts, first, from);
    if (from == STRING_NOT_FOUND || equal_units(haystack, from, needle))
      return from;
    if (++candidates != CANDIDATES) continue;
    bool done;
    uint32_t found = find_on((Course){haystack, false}, (Course){needle, false},
                             from + 1, &done);
    if (done) return found;
  }
}

uint32_t vm_string_find_last(StringView haystack, StringView needle,
                             uint32_t from) {
  if (needle.length > haystack.length) return STRING_NOT_FOUND;
  uint32_t last = haystack.length - needle.length;
  if (from > last) from = last;
  if (needle.length == 0) return from;
  uint16_t first = string_view_at(needle, 0);
  uint32_t candidates = 0;
  bool done;
  if (!haystack.is_wide) {
    if (first > 255) return STRING_NOT_FOUND;
    const uint8_t *units = haystack.units;
    for (size_t count = (size_t)from + 1; count > 0;) {
      const uint8_t *at = memrchr(units, first, count);
      if (!at) return STRING_NOT_FOUND;
      uint32_t index = (uint32_t)(at - units);
      if (equal_units(haystack, index, needle)) return index;
      if (++candidates == CANDIDATES && index > 0) {
        uint32_t found = find_last_on(haystack, needle, index - 1, &done);
        if (done) return found;
      }
      count = index;
    }
    return STRING_NOT_FOUND;
  }
  const uint16_t *units = haystack.units;
  for (uint32_t index = from;; index--) {
    if (units[index] == first) {
      if (equal_units(haystack, index, needle)) return index;
      if (++candidates == CANDIDATES && index > 0) {
        uint32_t found = find_last_on(haystack, needle, index - 1, &done);
        if (done) return found;
      }
    }
    if (index == 0) return STRING_NOT_FOUND;
  }
}
