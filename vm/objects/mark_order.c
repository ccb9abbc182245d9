// SPDX-License-Identifier: MIT
// Long runs of combining marks in canonical order. ICU puts each mark in its
// place among those before it, which takes quadratic time for a text of nothing
// but marks; of a text where they stand in order it has nothing to move.
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>

#include "vm/objects/unicode.h"

// Shorter runs are no burden.
enum { LONG_RUN = 128 };

// U+0300 is the first of them.
static bool is_mark(UChar32 c) {
  return c >= 0x300 &&
         u_getIntPropertyValue(c, UCHAR_LEAD_CANONICAL_COMBINING_CLASS) != 0;
}

// The end of the run that begins at `start`.
static size_t run_end(const uint16_t *units, size_t start, size_t length) {
  size_t end = start;
  while (end < length) {
    size_t next = end;
    UChar32 c;
    U16_NEXT(units, next, length, c);
    if (!is_mark(c)) break;
    end = next;
  }
  return end;
}

// The next long run at or after *start; false: there is none.
static bool find_run(const uint16_t *units, size_t length, size_t *start,
                     size_t *end) {
  // Every long run has a unit at a multiple of its length.
  for (size_t i = *start + LONG_RUN - 1; i < length;) {
    if (units[i] < 0x300) {
      i += LONG_RUN;
      continue;
    }
    size_t first = i;
    U16_SET_CP_START(units, *start, first);
    while (first > *start) {
      size_t before = first;
      UChar32 c;
      U16_PREV(units, *start, before, c);
      if (!is_mark(c)) break;
      first = before;
    }
    size_t last = run_end(units, first, length);
    if (last > first && last - first >= LONG_RUN) {
      *start = first;
      *end = last;
      return true;
    }
    i = (last > i ? last : i) + LONG_RUN;
  }
  return false;
}

typedef struct Marks {
  UChar32 *items;
  size_t count;
} Marks;

// The canonical decomposition of a run, mark by mark.
static bool decompose(const uint16_t *units, size_t length, Marks *marks) {
  enum { LONGEST = 2 }; // code points of a mark
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *nfd = unorm2_getNFDInstance(&status);
  marks->count = 0;
  marks->items = malloc(length * LONGEST * sizeof *marks->items);
  if (marks->items == NULL || U_FAILURE(status)) return false;
  for (size_t i = 0; i < length;) {
    UChar32 c;
    U16_NEXT(units, i, length, c);
    UChar parts[2 * LONGEST];
    int32_t count =
        unorm2_getDecomposition(nfd, c, parts, 2 * LONGEST, &status);
    if (U_FAILURE(status)) return false;
    if (count < 0) marks->items[marks->count++] = c;
    for (int32_t k = 0; k < count;) {
      U16_NEXT(parts, k, count, c);
      marks->items[marks->count++] = c;
    }
  }
  return true;
}

// Those of one class keep their order (Canonical Ordering Algorithm). NULL: no
// memory.
static uint16_t *write_in_order(const Marks *marks, uint16_t *out) {
  size_t starts[257] = {0};
  for (size_t i = 0; i < marks->count; i++)
    starts[u_getCombiningClass(marks->items[i]) + 1]++;
  for (int k = 1; k < 257; k++)
    starts[k] += starts[k - 1];
  UChar32 *sorted = malloc(marks->count * sizeof *sorted);
  if (sorted == NULL) return NULL;
  for (size_t i = 0; i < marks->count; i++)
    sorted[starts[u_getCombiningClass(marks->items[i])]++] = marks->items[i];
  for (size_t i = 0; i < marks->count; i++) {
    size_t length = 0;
    U16_APPEND_UNSAFE(out, length, sorted[i]);
    out += length;
  }
  free(sorted);
  return out;
}

bool vm_utf16_order_marks(const uint16_t *units, size_t length, uint16_t **out,
                          size_t *out_length) {
  size_t start = 0, end, done = 0;
  *out = NULL;
  *out_length = length;
  if (!find_run(units, length, &start, &end)) return true;
  // A mark is decomposed into two at most, of the size of its own.
  uint16_t *copy = malloc((length * 2 + 1) * sizeof *copy), *to = copy;
  while (to != NULL) {
    memcpy(to, units + done, (start - done) * sizeof *to);
    to += start - done;
    Marks marks;
    to = decompose(units + start, end - start, &marks)
             ? write_in_order(&marks, to)
             : NULL;
    free(marks.items);
    done = start = end;
    if (to == NULL || !find_run(units, length, &start, &end)) break;
  }
  if (to == NULL) {
    free(copy);
    return false;
  }
  memcpy(to, units + done, (length - done) * sizeof *to);
  *out = copy;
  *out_length = (size_t)(to - copy) + length - done;
  return true;
}
