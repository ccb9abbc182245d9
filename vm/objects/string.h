// SPDX-License-Identifier: MIT
// Strings: immutable sequences of UTF-16 code units.
//
// Three representations share one header: FLAT (units follow the header), ROPE
// (a concatenation not carried out yet) and SLICE (a window of a flat string).
// Units are Latin-1 bytes where all of them fit, else 16 bits wide; both widths
// may hold the same text, so equality goes by content. Ropes are flattened in
// place on first need and become slices. WIDE says how the units that the
// string owns or shows are stored; of a rope, how they will be.
// Interned strings ("atoms") live in the process-wide space and are unique: two
// atoms are equal only if they are the same cell; any isolate may hold them, in
// its heap or on its thread's stack. Elsewhere (in malloc'ed memory, in static
// variables) only atoms that are kept for good may be held.
//
// Appending in a loop: the units of a flattened rope are a BUFFER, a flat cell
// with room at its end that is reached only through slices. A slice that ends
// where the buffer's used part ends is extended by writing behind it; older
// slices never see the new units.
//
// A string of an isolate changes only in ways that keep its text: `flags` gains
// bits, a rope becomes a slice (string_rope.c has the order of the stores,
// which the concurrent marker relies on). An atom never changes, but for `aux`,
// which is the collector's.
#ifndef RILL_VM_OBJECTS_STRING_H
#define RILL_VM_OBJECTS_STRING_H

#include "vm/objects/value.h"

enum {
  STRING_WIDE = 1 << 0,     // units are uint16_t
  STRING_ROPE = 1 << 1,     // left and right
  STRING_SLICE = 1 << 2,    // parent and offset
  STRING_INTERNED = 1 << 3, // unique in the process
  STRING_HASHED = 1 << 4,   // hash is valid
  // Of a string that is not interned: what `index` remembers of its text.
  STRING_INDEX_KNOWN = 1 << 5, // it spells the array index `index`
  STRING_ATOM_KNOWN = 1 << 6,  // its atom has the number `index`; it holds it
  STRING_BUFFER = 1 << 7,      // FLAT: `index` is the capacity in units
};

#define STRING_MAX_LENGTH ((UINT32_C(1) << 29) - 24)
#define STRING_NOT_INDEX UINT32_MAX

struct String {
  GcCell cell;    // flags: STRING_*; extra: length in code units
  uint32_t hash;  // seeded; valid if STRING_HASHED; equal text, equal hash
  uint32_t index; // of an atom: its array index, or STRING_NOT_INDEX; else
                  // by the flags; without one it is text_keys.c's
  union {
    uint8_t latin1[1];
    uint16_t utf16[1];
    struct {
      String *left; // ROPE: left part. SLICE: the flat parent
      union {
        String *right;    // ROPE
        uintptr_t offset; // SLICE: first unit within the parent
      };
    };
  };
};

// Flat units of a string, ready to read. Valid while the string is reachable.
typedef struct StringView {
  const void *units; // uint8_t or uint16_t
  uint32_t length;
  bool is_wide;
} StringView;

static inline uint32_t string_length(const String *s) {
  return s->cell.extra;
}
static inline uint16_t string_view_at(StringView v, uint32_t i) {
  return v.is_wide ? ((const uint16_t *)v.units)[i]
                   : ((const uint8_t *)v.units)[i];
}

// Well-known atoms: vm/objects/atoms.def lists them. ATOM(length) is the
// String, KEY(length) the property key. Constants once vm_atoms_init ran.
typedef enum {
#define ATOM_ROW(name, text) ATOM_ID_##name,
#include "vm/objects/atoms.def"
#undef ATOM_ROW
  ATOM_COUNT
} AtomId;
extern String *vm_atoms[ATOM_COUNT];
#define ATOM(name) (vm_atoms[ATOM_ID_##name])
#define KEY(name) key_from_atom(ATOM(name))
#define ATOM_VALUE(name) value_from_cell(ATOM(name))

// Atoms by their number, in chunks that never move. The number of an atom is
// what a STRING_ATOM_KNOWN string keeps.
enum { ATOM_CHUNK_BITS = 10 };
extern String **vm_atom_chunks[];
static inline String **vm_atom_place(uint32_t number) {
  return &vm_atom_chunks[number >> ATOM_CHUNK_BITS]
                        [number & ((1u << ATOM_CHUNK_BITS) - 1)];
}
static inline String *vm_atom_by_number(uint32_t number) {
  return *vm_atom_place(number);
}
// The atom of one Latin-1 unit; those that nobody asked for are not made.
extern String *vm_unit_atoms[256];
String *vm_make_unit_atom(uint8_t unit);
static inline String *vm_unit_atom(uint8_t unit) {
  String *atom = __atomic_load_n(&vm_unit_atoms[unit], __ATOMIC_ACQUIRE);
  return likely(atom != NULL) ? atom : vm_make_unit_atom(unit);
}

// Makes the process-wide table of atoms. Idempotent, thread-safe. Aborts
// nothing: false if there is no memory for it.
bool vm_atoms_init(void);

// New strings. All return NULL with an exception pending when the length
// passes STRING_MAX_LENGTH (RangeError "Invalid string length") or memory is
// out. One-unit Latin-1 strings and "" are atoms and cost no allocation.
String *vm_string_from_latin1(Isolate *, const uint8_t *units,
                              size_t length) VM_CHECKED;
String *vm_string_from_utf16(Isolate *, const uint16_t *units, size_t length)
    VM_CHECKED; // narrows to Latin-1 where possible
String *vm_string_from_utf8(Isolate *, const char *text, size_t length)
    VM_CHECKED; // ill-formed bytes become U+FFFD
String *vm_string_from_c(Isolate *, const char *ascii_or_utf8) VM_CHECKED;
String *vm_string_format(Isolate *, const char *format, ...) VM_CHECKED
    __attribute__((format(printf, 2, 3)));
// A flat string of uninitialized units, to be filled before the next
// allocation.
String *vm_string_new_latin1(Isolate *, size_t length,
                             uint8_t **units) VM_CHECKED;
String *vm_string_new_utf16(Isolate *, size_t length,
                            uint16_t **units) VM_CHECKED;
String *vm_string_from_unit(Isolate *, uint16_t unit) VM_CHECKED;
String *vm_string_from_code_point(Isolate *, uint32_t code_point) VM_CHECKED;

// a + b: copies short results, makes a rope of long ones.
String *vm_string_concat(Isolate *, String *a, String *b) VM_CHECKED;
// The same where one side is plain units, without a cell for them if possible.
String *vm_string_append_latin1(Isolate *, String *, const uint8_t *units,
                                uint32_t count) VM_CHECKED;
String *vm_string_prepend_latin1(Isolate *, const uint8_t *units,
                                 uint32_t count, String *) VM_CHECKED;
// All of them joined; every Value is a string, count is not 0.
String *vm_string_concat_values(Isolate *, const Value *strings,
                                uint32_t count) VM_CHECKED;
// Units [start, end): a slice where that saves memory, else a copy.
String *vm_string_substring(Isolate *, String *, uint32_t start,
                            uint32_t end) VM_CHECKED;
// Flattens: afterwards the same cell is FLAT or SLICE. NULL: out of memory,
// exception pending.
String *vm_string_flatten(Isolate *, String *) VM_CHECKED;
static inline bool string_is_rope(const String *s) {
  return (s->cell.flags & STRING_ROPE) != 0;
}
// The units of a string that is no rope.
static inline StringView string_view_of(const String *s) {
  bool is_wide = (s->cell.flags & STRING_WIDE) != 0;
  if (likely(!(s->cell.flags & STRING_SLICE)))
    return (StringView){s->latin1, s->cell.extra, is_wide};
  const uint8_t *units = s->left->latin1 + (s->offset << is_wide);
  return (StringView){units, s->cell.extra, is_wide};
}
// Flat units. A rope that cannot be flattened throws: returns false.
static inline bool VM_CHECKED vm_string_view(Isolate *iso, String *s,
                                             StringView *out) {
  if (unlikely(string_is_rope(s)) && !vm_string_flatten(iso, s)) return false;
  *out = string_view_of(s);
  return true;
}
static inline StringView string_view_range(StringView v, uint32_t start,
                                           uint32_t end) {
  return (StringView){(const uint8_t *)v.units + ((size_t)start << v.is_wide),
                      end - start, v.is_wide};
}
// The code unit at an index below the length. Flattens; on out of memory
// returns 0 with the exception pending.
uint16_t vm_string_at(Isolate *, String *, uint32_t index);

bool vm_string_views_equal(StringView, StringView);
// The first three never throw: should a rope not find the memory to become
// flat, the out-of-memory error is raised at the next safepoint and the answer
// is false, 0.
bool vm_string_equals(Isolate *, String *a, String *b);
int vm_string_compare(Isolate *, String *a, String *b); // by code units
uint32_t vm_string_hash(Isolate *, String *);
// The atom with this text. NULL: out of memory, exception pending.
String *vm_string_intern(Isolate *, String *) VM_CHECKED;
String *vm_string_intern_view(Isolate *, StringView) VM_CHECKED; // the same
// The atom with this text, kept for good: it may be held outside of the heap.
String *vm_string_intern_for_good(Isolate *, String *) VM_CHECKED;
// Atoms that are kept for good. Any thread, no isolate: for the compiler. NULL:
// out of memory.
String *vm_atom_from_latin1(const uint8_t *units, size_t length);
String *vm_atom_from_utf16(const uint16_t *units, size_t length);
// For names of the engine's own. NULL only if it is not ASCII: those are made
// from the process's reserve if need be.
String *vm_atom_from_c(const char *ascii_or_utf8);
// The key of a property whose name is no array index.
static inline PropertyKey vm_key_from_c(const char *ascii) {
  return key_from_atom(vm_atom_from_c(ascii));
}
// The key of a string that is an atom or already knows its key; 0: unknown.
static inline PropertyKey string_known_key(const String *s) {
  uint8_t flags = s->cell.flags;
  if (flags & STRING_INTERNED)
    return s->index == STRING_NOT_INDEX ? key_from_atom(s)
                                        : key_from_index(s->index);
  if (flags & STRING_ATOM_KNOWN)
    return key_from_atom(vm_atom_by_number(s->index));
  return flags & STRING_INDEX_KNOWN ? key_from_index(s->index) : 0;
}
// The key for any string: an index if it is a canonical array index. Interns
// the text on first use and remembers the atom in the string.
bool vm_string_to_key(Isolate *, String *, PropertyKey *out) VM_CHECKED;
// 1 and the key, or 0: no atom with this text exists, so that only texts
// (text_keys.h) can be keys like it; the string is hashed and no rope then. Does
// not intern. TRI_THREW: out of memory.
Tri vm_string_find_key(Isolate *, String *, PropertyKey *out) VM_CHECKED;
// The string of a key that is not a symbol ("12", "name").
String *vm_key_to_string(Isolate *, PropertyKey) VM_CHECKED;
Value vm_key_to_value(Isolate *, PropertyKey) VM_CHECKED; // String or Symbol

// UTF-8 copy, NUL-terminated, malloc'ed: the caller frees. Lone surrogates
// become U+FFFD. *length (may be NULL) gets the bytes without the NUL. NULL:
// out of memory.
char *vm_string_to_utf8(Isolate *, String *, size_t *length);

// A growing buffer of code units that becomes a string: starts as Latin-1,
// widens when it must. Lives on the C stack; its storage is malloc'ed, so
// finish or discard it. Appending after a failure does nothing; finish then
// throws.
typedef struct StringBuilder {
  Isolate *isolate;
  void *units; // of inline_units or malloc'ed: do not copy the struct
  size_t length, capacity; // in units
  bool is_wide, failed;
  uint8_t inline_units[256];
} StringBuilder;
void vm_builder_init(StringBuilder *, Isolate *);
void vm_builder_append(StringBuilder *, String *);
void vm_builder_append_range(StringBuilder *, String *, uint32_t start,
                             uint32_t end);
void vm_builder_append_unit_slowly(StringBuilder *, uint16_t unit);
static inline void vm_builder_append_unit(StringBuilder *b, uint16_t unit) {
  if (likely(b->length < b->capacity)) {
    if (b->is_wide) {
      ((uint16_t *)b->units)[b->length++] = unit;
      return;
    }
    if (likely(unit < 256)) {
      ((uint8_t *)b->units)[b->length++] = (uint8_t)unit;
      return;
    }
  }
  vm_builder_append_unit_slowly(b, unit);
}
void vm_builder_append_code_point(StringBuilder *, uint32_t code_point);
void vm_builder_append_ascii(StringBuilder *, const char *text);
void vm_builder_append_latin1(StringBuilder *, const uint8_t *, size_t length);
void vm_builder_append_utf16(StringBuilder *, const uint16_t *, size_t length);
void vm_builder_append_view(StringBuilder *, StringView);
void vm_builder_append_number(StringBuilder *, Value number); // ToString of it
// Room for `count` more Latin-1 units of a narrow builder, to be written at the
// returned place and counted into `length` by the caller. NULL: failed or wide.
uint8_t *vm_builder_reserve_latin1(StringBuilder *, size_t count);
// Finishing frees the storage, whatever comes out. NULL: threw.
String *vm_builder_finish(StringBuilder *) VM_CHECKED;
void vm_builder_discard(StringBuilder *);

// Symbols. A private name (#x) is a symbol of its own kind: never listed,
// never seen by proxies.
enum {
  SYMBOL_PRIVATE = 1 << 0,
  SYMBOL_REGISTERED = 1 << 1, // Symbol.for
  SYMBOL_PRIVATE_METHOD = 1 << 2,
};
struct Symbol {
  GcCell cell; // flags: SYMBOL_*
  uint32_t hash;
  String *description; // NULL: undefined
};
Symbol *vm_symbol_new(Isolate *, String *description, uint8_t flags);
// Symbol.for: the registered symbol of the isolate with this key. NULL: threw.
Symbol *vm_symbol_for(Isolate *, String *key) VM_CHECKED;
// "Symbol(description)". NULL: threw.
String *vm_symbol_descriptive_string(Isolate *, const Symbol *) VM_CHECKED;
// Well-known symbols are process-wide, the same in every realm and isolate.
typedef enum {
  SYMBOL_asyncIterator,
  SYMBOL_hasInstance,
  SYMBOL_isConcatSpreadable,
  SYMBOL_iterator,
  SYMBOL_match,
  SYMBOL_matchAll,
  SYMBOL_replace,
  SYMBOL_search,
  SYMBOL_species,
  SYMBOL_split,
  SYMBOL_toPrimitive,
  SYMBOL_toStringTag,
  SYMBOL_unscopables,
  SYMBOL_dispose,
  SYMBOL_asyncDispose,
  WELL_KNOWN_SYMBOL_COUNT
} WellKnownSymbol;
extern Symbol *vm_well_known_symbols[WELL_KNOWN_SYMBOL_COUNT];
// By the name that tables give it, "@@iterator". NULL: it names none.
Symbol *vm_well_known_symbol(const char *name);
#define SYMBOL_KEY(name) key_from_symbol(vm_well_known_symbols[SYMBOL_##name])

// BigInts: sign and magnitude; the arithmetic is in bigint_limbs.h.
struct BigInt {
  GcCell cell;      // flags bit 0: negative; extra: number of limbs
  uint64_t limbs[]; // little-endian, normalized: no leading zero limb
};
BigInt *vm_bigint_new(Isolate *, uint32_t limb_count,
                      bool negative) VM_CHECKED; // zeroed limbs
BigInt *vm_bigint_from_int64(Isolate *, int64_t) VM_CHECKED;
BigInt *vm_bigint_from_uint64(Isolate *, uint64_t) VM_CHECKED;
// Everything else about BigInts: vm/objects/bigint.h.

#endif
