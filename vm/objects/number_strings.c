// SPDX-License-Identifier: MIT
// Numbers as strings and back. Small integers have atoms of their own; the
// strings of the last numbers asked for are kept in a table of the isolate, an
// Elements cell of pairs (number, string), indexed by a hash of the number.
#include "vm/objects/isolate.h"
#include "vm/objects/number_text.h"
#include "vm/objects/operations.h"
#include "vm/objects/string_internal.h"

enum { RECENT_BITS = 8, RECENT_COUNT = 1 << RECENT_BITS };

// The atoms of the integers from 0, each made when it is first asked for.
// Whoever makes one gets the same atom, so threads may both store it.
enum { SMALL_INT_ATOMS = 1024 };
static String *small_int_atoms[SMALL_INT_ATOMS];

static __attribute__((noinline)) Elements *make_recent_numbers(Isolate *iso) {
  enum { WORDS = RECENT_COUNT * 2 };
  Elements *table = gc_allocate(
      iso->heap, sizeof *table + WORDS * sizeof(Value), CELL_ELEMENTS);
  for (int i = 0; i < WORDS; i++)
    table->values[i] = VALUE_UNDEFINED;
  table->cell.extra = WORDS;
  table->capacity = WORDS;
  iso->number_strings = table;
  return table;
}

// `number` is the canonical Value of the number that `text` spells.
static inline Value *recent_entry(Isolate *iso, Value number) {
  uint64_t h = number * UINT64_C(0x9e3779b97f4a7c15);
  Elements *table = iso->number_strings;
  if (unlikely(!table)) table = make_recent_numbers(iso);
  return &table->values[(h >> (64 - RECENT_BITS)) * 2];
}

static String *remember(Isolate *iso, Value number, const char *text,
                        size_t length) {
  String *s = vm_string_from_latin1(iso, (const uint8_t *)text, length);
  if (!s) return NULL;
  Value *entry = recent_entry(iso, number);
  gc_store_word(iso->heap, &entry[0], number);
  gc_store_word(iso->heap, &entry[1], value_from_cell(s));
  return s;
}

static __attribute__((noinline)) String *make_small_int_atom(Isolate *iso,
                                                             int32_t i) {
  char text[NUMBER_TEXT_SIZE];
  size_t length = vm_int_to_text(i, text);
  String *atom = vm_atom_from_latin1((const uint8_t *)text, length);
  if (atom == NULL)
    vm_throw_out_of_memory(iso);
  else
    __atomic_store_n(&small_int_atoms[i], atom, __ATOMIC_RELEASE);
  return atom;
}

static inline String *small_int_to_string(Isolate *iso, int32_t i) {
  String *atom = __atomic_load_n(&small_int_atoms[i], __ATOMIC_ACQUIRE);
  return likely(atom != NULL) ? atom : make_small_int_atom(iso, i);
}

String *vm_int_to_string(Isolate *iso, int32_t i) {
  if ((uint32_t)i < SMALL_INT_ATOMS) return small_int_to_string(iso, i);
  Value number = value_from_int(i);
  Value *entry = recent_entry(iso, number);
  if (entry[0] == number) return value_as_string(entry[1]);
  char text[NUMBER_TEXT_SIZE];
  size_t length = vm_int_to_text(i, text);
  return remember(iso, number, text, length);
}

String *vm_number_to_string(Isolate *iso, double d) {
  Value number = value_from_number(d);
  if (value_is_int(number)) return vm_int_to_string(iso, value_as_int(number));
  if (d != d) return ATOM(NaN);
  if (isinf(d)) return d < 0 ? ATOM(minus_infinity) : ATOM(Infinity);
  if (d == 0) return small_int_to_string(iso, 0);
  Value *entry = recent_entry(iso, number);
  if (entry[0] == number) return value_as_string(entry[1]);
  char text[NUMBER_TEXT_SIZE];
  size_t length = vm_number_to_text(d, text);
  return remember(iso, number, text, length);
}

double vm_string_to_number(Isolate *iso, String *s) {
  if (s->cell.flags & STRING_INTERNED) {
    if (s->index != STRING_NOT_INDEX) return s->index;
  } else if (s->cell.flags & STRING_INDEX_KNOWN) {
    return s->index;
  }
  StringView v;
  if (!vm_string_view(iso, s, &v)) {
    vm_string_defer_out_of_memory(iso);
    return NAN;
  }
  if (v.is_wide) return vm_number_from_utf16(v.units, v.length);
  const uint8_t *units = v.units;
  if (v.length > 0 && v.length <= 9) {
    // Only digits: the usual case.
    uint32_t n = 0, i = 0;
    for (; i < v.length; i++) {
      uint32_t digit = (uint32_t)units[i] - '0';
      if (digit > 9) break;
      n = n * 10 + digit;
    }
    if (i == v.length) return n;
  }
  return vm_number_from_latin1(units, v.length);
}
