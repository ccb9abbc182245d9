// SPDX-License-Identifier: MIT
// Interning: a hash table with linear probing; the Names are in the arena.
// Every parse begins with a copy of one table, made once per process.
#include "vm/syntax/names.h"

#include <pthread.h>

#include "vm/syntax/token.h"

enum { FIRST_ROWS = 256 };
_Static_assert(sizeof(void *) == 8, "addresses of 48 bits in rows");

// Texts of tables are in them, so that a start reads few pages.
enum { SHORT_TEXT = 24 };
typedef struct KeywordRow {
  char text[SHORT_TEXT - 1];
  uint8_t type;
} KeywordRow;

static const KeywordRow keywords[] = {
#define TOKEN(name, text)
#define KEYWORD(name, text) {text, TOKEN_##name},
#include "vm/syntax/token_types.def"
#undef TOKEN
#undef KEYWORD
    {"implements", TOKEN_STRICT_RESERVED}, {"interface", TOKEN_STRICT_RESERVED},
    {"package", TOKEN_STRICT_RESERVED},    {"private", TOKEN_STRICT_RESERVED},
    {"protected", TOKEN_STRICT_RESERVED},  {"public", TOKEN_STRICT_RESERVED},
};

// Hashing, eight units at a time
// -----------------------------------------------

static inline uint64_t mixed(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
  return hash ^ hash >> 32;
}

static inline uint64_t load_latin1(const uint8_t *units, uint32_t count) {
  uint64_t word = 0;
  if (count == 8) {
    memcpy(&word, units, 8);
  } else {
    memcpy(&word, units, 4);
  }
  return word;
}

static inline uint64_t load_narrow(const uint16_t *units, uint32_t count) {
  uint8_t bytes[8] = {0};
  for (uint32_t i = 0; i < count; i++)
    bytes[i] = (uint8_t)units[i];
  return load_latin1(bytes, count);
}

// Equal for equal units of either width below 0x100. The last words overlap.
#define DEFINE_HASH(name, Unit, load)                                          \
  static inline uint32_t name(const Unit *units, uint32_t length) {            \
    uint64_t hash = length;                                                    \
    if (length >= 8) {                                                         \
      for (uint32_t i = 0; i + 8 < length; i += 8)                             \
        hash = mixed(hash, load(units + i, 8));                                \
      hash = mixed(hash, load(units + length - 8, 8));                         \
    } else if (length >= 4) {                                                  \
      hash = mixed(hash, load(units, 4) | load(units + length - 4, 4) << 32);  \
    } else if (length) {                                                       \
      hash = mixed(hash, units[0] | (uint64_t)units[length / 2] << 8 |         \
                             (uint64_t)units[length - 1] << 16);               \
    }                                                                          \
    return (uint32_t)(hash ^ hash >> 29);                                      \
  }
DEFINE_HASH(hash_latin1, uint8_t, load_latin1)
DEFINE_HASH(hash_narrow, uint16_t, load_narrow)

// The table
// --------------------------------------------------------------------

enum { INLINE_UNITS = 24 };

// The row of the hash where a search starts.
static inline uint32_t first_row(const NameTable *table, uint32_t hash) {
  return (hash ^ hash >> 15) & table->mask;
}
static inline uint64_t row_of(const char *base, const Name *name) {
  uint64_t distance = (uintptr_t)name - (uintptr_t)base;
  return (uint64_t)(name->hash >> 16) << 48 | distance << 16 >> 16;
}
static inline Name *row_name(const NameTable *table, uint64_t row) {
  // Signed: a name may lie before the base.
  return (Name *)(table->base + ((int64_t)(row << 16) >> 16));
}

static void put(NameTable *table, const Name *name) {
  uint32_t i = first_row(table, name->hash);
  while (table->rows[i])
    i = (i + 1) & table->mask;
  table->rows[i] = row_of(table->base, name);
}

static void grow(NameTable *table) {
  uint64_t *old = table->rows;
  uint32_t size = table->mask + 1;
  uint32_t larger = size < 8192 ? size * 4 : size * 2;
  table->rows = arena_zalloc(table->arena, (size_t)larger * sizeof(*old));
  table->mask = larger - 1;
  for (uint32_t i = 0; i < size; i++)
    if (old[i]) put(table, row_name(table, old[i]));
}

static Name *insert(NameTable *table, const void *units, uint32_t length,
                    bool wide, uint32_t hash) {
  // At most half full, so that searches are short.
  if (table->count > table->mask / 2) grow(table);
  table->count++;
  bool is_inline = !wide && length <= INLINE_UNITS;
  Name *name =
      arena_alloc(table->arena, sizeof(*name) + (is_inline ? length : 0));
  *name = (Name){.units = units, .length = length, .hash = hash, .wide = wide};
  if (is_inline) name->units = memcpy(name + 1, units, length);
  put(table, name);
  return name;
}

// memcmp, but without a call for the usual short names.
static inline bool same_bytes(const uint8_t *a, const uint8_t *b, size_t size) {
  if (size > 16) return memcmp(a, b, size) == 0;
  uint64_t x, y, u, v;
  if (size >= 8) {
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    memcpy(&u, a + size - 8, 8);
    memcpy(&v, b + size - 8, 8);
    return ((x ^ y) | (u ^ v)) == 0;
  }
  if (size >= 4) {
    uint32_t i, k, m, n;
    memcpy(&i, a, 4);
    memcpy(&k, b, 4);
    memcpy(&m, a + size - 4, 4);
    memcpy(&n, b + size - 4, 4);
    return ((i ^ k) | (m ^ n)) == 0;
  }
  while (size && *a == *b)
    size--, a++, b++;
  return size == 0;
}

static inline Name *find(const NameTable *table, const void *units,
                         uint32_t length, bool wide, uint32_t hash) {
  size_t bytes = wide ? (size_t)length * 2 : length;
  for (uint32_t i = first_row(table, hash);; i = (i + 1) & table->mask) {
    uint64_t row = table->rows[i];
    if (!row) return NULL;
    if (row >> 48 != hash >> 16) continue;
    Name *name = row_name(table, row);
    if (name->hash == hash && name->length == length && name->wide == wide &&
        same_bytes(name->units, units, bytes))
      return name;
  }
}

Name *syntax_intern_latin1(NameTable *table, const uint8_t *units,
                           uint32_t length) {
  uint32_t hash = hash_latin1(units, length);
  Name *name = find(table, units, length, false, hash);
  return name ? name : insert(table, units, length, false, hash);
}

Name *syntax_intern_text(NameTable *table, const char *text) {
  return syntax_intern_latin1(table, (const uint8_t *)text,
                              (uint32_t)strlen(text));
}

// A narrow name in UTF-16 units, compared without making a Latin-1 copy.
Name *syntax_intern_narrow(NameTable *table, const uint16_t *units,
                           uint32_t length) {
  uint32_t hash = hash_narrow(units, length);
  for (uint32_t i = first_row(table, hash);; i = (i + 1) & table->mask) {
    if (!table->rows[i]) break;
    Name *name = row_name(table, table->rows[i]);
    if (name->hash != hash || name->length != length || name->wide) continue;
    const uint8_t *other = name->units;
    uint32_t k = 0;
    while (k < length && other[k] == units[k])
      k++;
    if (k == length) return name;
  }
  uint8_t *copy = arena_alloc(table->arena, length);
  for (uint32_t i = 0; i < length; i++)
    copy[i] = (uint8_t)units[i];
  return insert(table, copy, length, false, hash);
}

Name *syntax_intern_utf16(NameTable *table, const uint16_t *units,
                          uint32_t length, bool stable) {
  uint32_t hash = 0x811c9dc5u;
  uint16_t all = 0;
  for (uint32_t i = 0; i < length; i++) {
    all |= units[i];
    hash = (hash ^ units[i]) * 0x01000193u;
  }
  if (all < 0x100) return syntax_intern_narrow(table, units, length);
  Name *name = find(table, units, length, true, hash);
  if (name) return name;
  if (!stable) {
    uint16_t *copy = arena_alloc(table->arena, (size_t)length * 2);
    memcpy(copy, units, (size_t)length * 2);
    units = copy;
  }
  return insert(table, units, length, true, hash);
}

void syntax_name_to_utf8(const Name *name, char *buffer, size_t capacity) {
  size_t used = 0;
  for (uint32_t i = 0; i < name->length; i++) {
    uint32_t c = name_unit(name, i);
    if ((c & 0xfc00) == 0xd800 && i + 1 < name->length &&
        (name_unit(name, i + 1) & 0xfc00) == 0xdc00)
      c = 0x10000 + ((c & 0x3ff) << 10) + (name_unit(name, ++i) & 0x3ff);
    else if ((c & 0xf800) == 0xd800)
      c = 0xfffd;
    size_t bytes = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    if (used + bytes >= capacity) break;
    if (bytes == 1) {
      buffer[used++] = (char)c;
      continue;
    }
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    buffer[used++] = (char)(lead[bytes] | (c >> (6 * (bytes - 1))));
    for (size_t k = bytes - 1; k-- > 0;)
      buffer[used++] = (char)(0x80 | ((c >> (6 * k)) & 0x3f));
  }
  if (capacity) buffer[used] = 0;
}

static const char known_texts[][SHORT_TEXT] = {
#define KNOWN_NAME(field, text) text,
#include "vm/syntax/known_names.def"
#undef KNOWN_NAME
};

enum {
  KEYWORD_COUNT = sizeof keywords / sizeof *keywords,
  KNOWN_COUNT = sizeof known_texts / sizeof *known_texts,
};
_Static_assert(sizeof(WellKnownNames) == KNOWN_COUNT * sizeof(Name *),
               "a pointer for each");

// What every table begins with.
static struct {
  uint64_t rows[FIRST_ROWS];
  Name names[KEYWORD_COUNT + KNOWN_COUNT];
  uint16_t known[KNOWN_COUNT]; // indices in names
  uint32_t count;
} first;
// No name is there.
static const char *base_of(const Name *names) {
  return (const char *)names - 8;
}
static pthread_once_t first_once = PTHREAD_ONCE_INIT;

static uint32_t add_first(const char *text, uint8_t keyword) {
  uint32_t length = (uint32_t)strlen(text);
  uint32_t hash = hash_latin1((const uint8_t *)text, length);
  NameTable table = {
      .base = base_of(first.names), .rows = first.rows, .mask = FIRST_ROWS - 1};
  Name *name = find(&table, text, length, false, hash);
  if (name) return (uint32_t)(name - first.names);
  name = &first.names[first.count];
  *name =
      (Name){.units = text, .length = length, .hash = hash, .keyword = keyword};
  put(&table, name);
  return first.count++;
}

static void make_first(void) {
  for (uint32_t i = 0; i < KEYWORD_COUNT; i++)
    add_first(keywords[i].text, keywords[i].type);
  for (uint32_t i = 0; i < KNOWN_COUNT; i++)
    first.known[i] = (uint16_t)add_first(known_texts[i], 0);
}

void syntax_names_init(NameTable *table, Arena *arena, WellKnownNames *known) {
  pthread_once(&first_once, make_first);
  table->arena = arena;
  table->count = first.count;
  table->mask = FIRST_ROWS - 1;
  table->rows = arena_alloc(arena, sizeof first.rows);
  memcpy(table->rows, first.rows, sizeof first.rows);
  Name *names = arena_alloc(arena, sizeof first.names);
  memcpy(names, first.names, sizeof first.names);
  table->base = base_of(names);
  Name **fields = (Name **)known;
  for (uint32_t i = 0; i < KNOWN_COUNT; i++)
    fields[i] = &names[first.known[i]];
}
