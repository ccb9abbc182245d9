// SPDX-License-Identifier: MIT
// Canonicalization of characters for matching without regard to case.
//
// Two tables, one for each of the two rules, list the code points that share
// their canonical form with another one. They are made from ICU once in a
// process, on first need; ASCII is answered without them.
#include <pthread.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/uset.h>

#include "vm/objects/unicode.h"
#include "vm/objects/unicode_additions.h"
#include "vm/regexp/character_set.h"

typedef struct CaseEntry {
  uint32_t code_point;
  uint32_t canonical;
} CaseEntry;

typedef struct CaseTable {
  CaseEntry *by_code_point;
  CaseEntry *by_canonical;
  size_t count;
} CaseTable;

static CaseTable tables[2]; // [1]: unicode mode
static bool tables_ready;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

// ECMA-262 22.2.2.7.3 Canonicalize, from first principles.
static uint32_t canonicalize_slowly(uint32_t c, bool unicode) {
  if (unicode) return vm_unicode_simple_fold(c);
  return c > 0xffff ? c : vm_unicode_canonicalize((uint16_t)c);
}

static int compare_code_points(const void *a, const void *b) {
  uint32_t x = ((const CaseEntry *)a)->code_point;
  uint32_t y = ((const CaseEntry *)b)->code_point;
  return (x > y) - (x < y);
}

static int compare_canonicals(const void *a, const void *b) {
  uint32_t x = ((const CaseEntry *)a)->canonical;
  uint32_t y = ((const CaseEntry *)b)->canonical;
  return x == y ? compare_code_points(a, b) : (x > y) - (x < y);
}

static bool make_table(CaseTable *table, const USet *cased, bool unicode) {
  size_t capacity = (size_t)uset_size(cased);
  CaseEntry *entries = malloc(2 * (capacity + 1) * sizeof *entries);
  if (!entries) return false;
  size_t count = 0;
  for (int32_t i = 0, n = uset_getItemCount(cased); i < n; i++) {
    UChar32 first, last;
    UErrorCode status = U_ZERO_ERROR;
    if (uset_getItem(cased, i, &first, &last, NULL, 0, &status) != 0) break;
    for (UChar32 c = first; c <= last && count < capacity; c++) {
      uint32_t canonical = canonicalize_slowly((uint32_t)c, unicode);
      entries[count++] = (CaseEntry){(uint32_t)c, canonical};
    }
  }
  // Drop those that stand alone.
  qsort(entries, count, sizeof *entries, compare_canonicals);
  size_t kept = 0;
  for (size_t i = 0; i < count;) {
    size_t end = i + 1;
    while (end < count && entries[end].canonical == entries[i].canonical)
      end++;
    if (end - i > 1) {
      memmove(entries + kept, entries + i, (end - i) * sizeof *entries);
      kept += end - i;
    }
    i = end;
  }
  table->by_canonical = entries;
  table->by_code_point = entries + kept;
  table->count = kept;
  memmove(table->by_code_point, entries, kept * sizeof *entries);
  qsort(table->by_code_point, kept, sizeof *entries, compare_code_points);
  return true;
}

static void make_tables(void) {
  UErrorCode status = U_ZERO_ERROR;
  const USet *mapped =
      u_getBinaryPropertySet(UCHAR_CHANGES_WHEN_CASEMAPPED, &status);
  if (U_FAILURE(status)) return;
  // A code point that changes only when folded, or that others fold to.
  const USet *folded =
      u_getBinaryPropertySet(UCHAR_CHANGES_WHEN_CASEFOLDED, &status);
  if (U_FAILURE(status)) return;
  USet *cased = uset_openEmpty();
  if (!cased) return;
  uset_addAll(cased, mapped);
  uset_addAll(cased, folded);
  vm_unicode_amend_binary(cased, UCHAR_CHANGES_WHEN_CASEMAPPED);
  tables_ready = make_table(&tables[0], cased, false) &&
                 make_table(&tables[1], cased, true);
  uset_close(cased);
}

bool regexp_case_tables_prepare(void) {
  pthread_once(&tables_once, make_tables);
  return tables_ready;
}

// The first entry at or after a code point.
static size_t find_code_point(const CaseTable *table, uint32_t c) {
  size_t low = 0, high = table->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (table->by_code_point[middle].code_point < c) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

uint32_t regexp_canonicalize(uint32_t c, bool unicode) {
  if (c < 128) {
    if (unicode) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return c >= 'a' && c <= 'z' ? c - 32 : c;
  }
  if (!regexp_case_tables_prepare()) return c;
  const CaseTable *table = &tables[unicode];
  size_t low = find_code_point(table, c);
  if (low < table->count && table->by_code_point[low].code_point == c) {
    return table->by_code_point[low].canonical;
  }
  return c;
}

static void add_class(Arena *arena, CharacterSet *set, const CaseTable *table,
                      uint32_t canonical) {
  size_t low = 0, high = table->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (table->by_canonical[middle].canonical < canonical) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  for (; low < table->count && table->by_canonical[low].canonical == canonical;
       low++) {
    uint32_t c = table->by_canonical[low].code_point;
    character_set_add(arena, set, c, c);
  }
}

CharacterSet *character_set_close_case(Arena *arena, CharacterSet *set,
                                       bool unicode) {
  CharacterSet *result = character_set_copy(arena, set);
  character_set_normalize(set);
  if (!set->count) return result;
  // ASCII needs no tables, so that most patterns never load them.
  for (uint32_t i = 0; i < set->count && set->ranges[i].first < 128; i++) {
    CharacterRange range = set->ranges[i];
    for (uint32_t c = range.first; c <= range.last && c < 128; c++) {
      uint32_t lower = c | 32;
      if (lower < 'a' || lower > 'z') continue;
      character_set_add(arena, result, c ^ 32, c ^ 32);
      if (!unicode) continue;
      if (lower == 's') character_set_add(arena, result, 0x17f, 0x17f);
      if (lower == 'k') character_set_add(arena, result, 0x212a, 0x212a);
    }
  }
  if (set->ranges[set->count - 1].last >= 128) {
    if (!regexp_case_tables_prepare()) {
      regexp_fail(arena, REGEXP_ERROR_OUT_OF_MEMORY, "Out of memory", 0);
    }
    const CaseTable *table = &tables[unicode];
    for (uint32_t i = 0; i < set->count; i++) {
      CharacterRange range = set->ranges[i];
      if (range.first < 128) range.first = 128;
      for (size_t at = find_code_point(table, range.first);
           at < table->count &&
           table->by_code_point[at].code_point <= range.last;
           at++) {
        add_class(arena, result, table, table->by_code_point[at].canonical);
      }
    }
  }
  character_set_normalize(result);
  return result;
}
