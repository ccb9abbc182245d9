// SPDX-License-Identifier: MIT
// Set algebra on code point ranges, and the sets of the class escapes.
#include "vm/regexp/character_set.h"

#include <stdlib.h>

CharacterSet *character_set_new(Arena *arena) {
  CharacterSet *set = regexp_allocate(arena, sizeof *set);
  *set = (CharacterSet){.sorted = true};
  return set;
}

void character_set_add(Arena *arena, CharacterSet *set, uint32_t first,
                       uint32_t last) {
  if (set->count) {
    CharacterRange *previous = &set->ranges[set->count - 1];
    if (first >= previous->first && first <= previous->last + 1) {
      if (last > previous->last) previous->last = last;
      return;
    }
    if (first < previous->first) set->sorted = false;
  }
  REGEXP_GROW(arena, set->ranges, set->count, set->capacity);
  set->ranges[set->count++] = (CharacterRange){first, last};
}

static int compare_ranges(const void *a, const void *b) {
  uint32_t x = ((const CharacterRange *)a)->first;
  uint32_t y = ((const CharacterRange *)b)->first;
  return (x > y) - (x < y);
}

void character_set_normalize(CharacterSet *set) {
  if (set->sorted) return;
  qsort(set->ranges, set->count, sizeof *set->ranges, compare_ranges);
  uint32_t kept = 0;
  for (uint32_t i = 1; i < set->count; i++) {
    CharacterRange *last = &set->ranges[kept], next = set->ranges[i];
    if (next.first <= last->last + 1) {
      if (next.last > last->last) last->last = next.last;
    } else {
      set->ranges[++kept] = next;
    }
  }
  set->count = kept + 1;
  set->sorted = true;
}

CharacterSet *character_set_copy(Arena *arena, CharacterSet *set) {
  CharacterSet *copy = character_set_new(arena);
  character_set_add_all(arena, copy, set);
  return copy;
}

void character_set_add_all(Arena *arena, CharacterSet *set,
                           CharacterSet *other) {
  character_set_normalize(other);
  for (uint32_t i = 0; i < other->count; i++) {
    character_set_add(arena, set, other->ranges[i].first,
                      other->ranges[i].last);
  }
}

CharacterSet *character_set_invert(Arena *arena, CharacterSet *set) {
  CharacterSet *result = character_set_new(arena);
  character_set_normalize(set);
  uint32_t next = 0;
  for (uint32_t i = 0; i < set->count; i++) {
    if (set->ranges[i].first > next) {
      character_set_add(arena, result, next, set->ranges[i].first - 1);
    }
    next = set->ranges[i].last + 1;
  }
  if (next <= CODE_POINT_MAX) {
    character_set_add(arena, result, next, CODE_POINT_MAX);
  }
  return result;
}

CharacterSet *character_set_intersect(Arena *arena, CharacterSet *a,
                                      CharacterSet *b) {
  CharacterSet *result = character_set_new(arena);
  character_set_normalize(a);
  character_set_normalize(b);
  for (uint32_t i = 0, j = 0; i < a->count && j < b->count;) {
    CharacterRange x = a->ranges[i], y = b->ranges[j];
    uint32_t first = x.first > y.first ? x.first : y.first;
    uint32_t last = x.last < y.last ? x.last : y.last;
    if (first <= last) character_set_add(arena, result, first, last);
    if (x.last < y.last) {
      i++;
    } else {
      j++;
    }
  }
  return result;
}

CharacterSet *character_set_subtract(Arena *arena, CharacterSet *a,
                                     CharacterSet *b) {
  return character_set_intersect(arena, a, character_set_invert(arena, b));
}

static CharacterSet *set_of(Arena *arena, const CharacterRange *ranges,
                            size_t count) {
  CharacterSet *set = character_set_new(arena);
  for (size_t i = 0; i < count; i++) {
    character_set_add(arena, set, ranges[i].first, ranges[i].last);
  }
  return set;
}

CharacterSet *character_set_digits(Arena *arena) {
  static const CharacterRange ranges[] = {{'0', '9'}};
  return set_of(arena, ranges, 1);
}

// WhiteSpace and LineTerminator.
CharacterSet *character_set_spaces(Arena *arena) {
  static const CharacterRange ranges[] = {
      {0x09, 0x0d},     {0x20, 0x20},     {0xa0, 0xa0},     {0x1680, 0x1680},
      {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f},
      {0x3000, 0x3000}, {0xfeff, 0xfeff},
  };
  return set_of(arena, ranges, sizeof ranges / sizeof *ranges);
}

CharacterSet *character_set_words(Arena *arena, bool extended) {
  static const CharacterRange ranges[] = {
      {'0', '9'}, {'A', 'Z'},     {'_', '_'},
      {'a', 'z'}, {0x17f, 0x17f}, {0x212a, 0x212a},
  };
  return set_of(arena, ranges, extended ? 6 : 4);
}

CharacterSet *character_set_line_terminators(Arena *arena) {
  static const CharacterRange ranges[] = {
      {'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};
  return set_of(arena, ranges, 3);
}
