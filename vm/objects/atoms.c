// SPDX-License-Identifier: MIT
// Atoms: the process-wide table of interned strings.
//
// The table has shards, chosen by the hash's high bits. Readers take no lock:
// they load a shard's table and probe it. Writers hold the shard's lock; they
// publish an entry by one release store after the atom and its number's place
// are complete, and a grown table by another. Outgrown tables stay allocated,
// since readers may still be in them; all of them together are smaller than the
// current one. A reader with an outgrown table may miss an atom that another
// thread has just added. It then either takes the lock and looks again
// (intern), or reports no such atom (find), which is right: nothing that this
// thread can reach has that name yet.
//
// Atoms live in the shared space for as long as the process.
#include "vm/objects/string_internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "vm/objects/charge.h"
#include "vm/objects/hash.h"
#include "vm/objects/operations.h"
#include "vm/objects/symbols.h"
#include "vm/objects/utf.h"

enum {
  SHARD_BITS = 6,
  SHARD_COUNT = 1 << SHARD_BITS,
  FIRST_TABLE_SIZE = 32, // a third full by what each start makes
  CHUNK_SIZE = 1 << ATOM_CHUNK_BITS,
  CHUNK_COUNT = 1 << 18,
};

// An entry is the atom's address, with 16 bits of its hash above; 0 is empty.
// (The low bits of a hash choose the place in the table, the high ones the
// shard.)
typedef struct AtomTable {
  struct AtomTable *outgrown;
  uint32_t mask;
  _Atomic uint64_t entries[];
} AtomTable;

typedef struct AtomShard {
  pthread_mutex_t lock;
  uint32_t count;
  _Atomic(AtomTable *) table;
} __attribute__((aligned(64))) AtomShard;

static AtomShard shards[SHARD_COUNT];
static _Atomic uint32_t next_number;
String **vm_atom_chunks[CHUNK_COUNT];
String *vm_atoms[ATOM_COUNT];
String *vm_unit_atoms[256];
static uint64_t text_seed;

static uint32_t hash_view(StringView v) {
  return v.is_wide ? vm_hash_utf16(text_seed, v.units, v.length)
                   : vm_hash_latin1(text_seed, v.units, v.length);
}

// The canonical array index that the units spell, or STRING_NOT_INDEX.
static uint32_t parse_index(StringView v) {
  if (v.length == 0 || v.length > 10) return STRING_NOT_INDEX;
  uint16_t first = string_view_at(v, 0);
  if (first < '0' || first > '9' || (first == '0' && v.length > 1))
    return STRING_NOT_INDEX;
  uint64_t index = 0;
  for (uint32_t i = 0; i < v.length; i++) {
    uint32_t digit = (uint32_t)string_view_at(v, i) - '0';
    if (digit > 9) return STRING_NOT_INDEX;
    index = index * 10 + digit;
  }
  return index < STRING_NOT_INDEX ? (uint32_t)index : STRING_NOT_INDEX;
}

enum { ADDRESS_BITS = 48 };

static inline uint64_t entry_tag(uint32_t hash) {
  return (uint64_t)(uint16_t)(hash >> 10) << ADDRESS_BITS;
}
static inline String *entry_atom(uint64_t entry) {
  return (String *)(uintptr_t)(entry << 16 >> 16);
}

// An atom's number stands behind its units.
static inline uint32_t *atom_number(String *atom) {
  size_t bytes = string_flat_bytes(atom->cell.extra,
                                   (atom->cell.flags & STRING_WIDE) != 0);
  return (uint32_t *)(void *)((char *)atom + ((bytes + 3) & ~(size_t)3));
}

// The atom with this text, or NULL.
static String *probe(const AtomTable *table, uint32_t hash, StringView v) {
  uint64_t tag = entry_tag(hash);
  for (uint32_t i = hash & table->mask;; i = (i + 1) & table->mask) {
    uint64_t entry =
        atomic_load_explicit(&table->entries[i], memory_order_acquire);
    if (entry == 0) return NULL;
    if ((entry ^ tag) >> ADDRESS_BITS) continue;
    String *atom = entry_atom(entry);
    if (atom->hash != hash || atom->cell.extra != v.length) continue;
    StringView text = {atom->latin1, v.length,
                       (atom->cell.flags & STRING_WIDE) != 0};
    if (likely(text.is_wide == v.is_wide)
            ? string_bytes_equal(text.units, v.units,
                                 (size_t)v.length << v.is_wide)
            : vm_string_views_equal(text, v))
      return atom;
  }
}

static void put(AtomTable *table, String *atom) {
  uint32_t i = atom->hash & table->mask;
  while (atomic_load_explicit(&table->entries[i], memory_order_relaxed))
    i = (i + 1) & table->mask;
  atomic_store_explicit(&table->entries[i],
                        entry_tag(atom->hash) | (uintptr_t)atom,
                        memory_order_release);
}

static AtomTable *new_table(uint32_t size) {
  AtomTable *table = calloc(1, sizeof *table + size * sizeof table->entries[0]);
  if (table) table->mask = size - 1;
  return table;
}

// The chunk of the number's place. NULL: out of memory.
static String **chunk_of(uint32_t n) {
  String ***place = &vm_atom_chunks[n >> ATOM_CHUNK_BITS];
  String **chunk = __atomic_load_n(place, __ATOMIC_ACQUIRE);
  if (!chunk) {
    String **fresh = calloc(CHUNK_SIZE, sizeof *fresh);
    if (!fresh) return NULL;
    if (__atomic_compare_exchange_n(place, &chunk, fresh, false,
                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      chunk = fresh;
    else
      free(fresh);
  }
  return chunk;
}

// Gives the atom a number. False: out of memory, or out of numbers.
static bool number_atom(String *atom) {
  uint32_t n = atomic_fetch_add_explicit(&next_number, 1, memory_order_relaxed);
  if (n >= (uint32_t)CHUNK_COUNT * CHUNK_SIZE) {
    atomic_fetch_sub_explicit(&next_number, 1, memory_order_relaxed);
    return false;
  }
  String **chunk = chunk_of(n);
  if (!chunk) return false; // the number stays unused
  // The next chunk comes long before it is needed, so that names can still be
  // made when memory is short: there is hardly an error without any.
  if ((n & (CHUNK_SIZE - 1)) == CHUNK_SIZE / 2 &&
      n + CHUNK_SIZE < (uint32_t)CHUNK_COUNT * CHUNK_SIZE)
    chunk_of(n + CHUNK_SIZE);
  chunk[n & (CHUNK_SIZE - 1)] = atom;
  *atom_number(atom) = n;
  return true;
}

static String *new_atom(StringView v, uint32_t hash, bool reserved) {
  bool is_wide = v.is_wide && !string_units_are_narrow(v.units, v.length);
  size_t bytes = string_flat_bytes(v.length, is_wide) + 2 * sizeof(uint32_t);
  String *atom = reserved ? gc_allocate_shared_reserved(bytes, CELL_STRING)
                          : gc_allocate_shared(bytes, CELL_STRING);
  if (!atom) return NULL;
  atom->cell.flags =
      STRING_INTERNED | STRING_HASHED | (is_wide ? STRING_WIDE : 0);
  atom->cell.extra = v.length;
  atom->hash = hash;
  atom->index = parse_index(v);
  string_copy_units(atom->latin1, is_wide, 0, v);
  return atom;
}

// With the shard's lock held. NULL: out of memory. A table that cannot grow is
// filled for the engine's own names (`reserved`), but for one place.
static String *add(AtomShard *shard, AtomTable *table, uint32_t hash,
                   StringView v, bool reserved) {
  if ((shard->count + 1) * 3 > (table->mask + 1) * 2) {
    AtomTable *grown = new_table((table->mask + 1) * 2);
    // Without memory a table gets fuller, up to a point.
    if (!grown && (reserved ? shard->count >= table->mask
                            : (shard->count + 1) * 8 > (table->mask + 1) * 7))
      return NULL;
    for (uint32_t i = 0; grown && i <= table->mask; i++) {
      uint64_t entry =
          atomic_load_explicit(&table->entries[i], memory_order_relaxed);
      if (entry) put(grown, entry_atom(entry));
    }
    if (grown) {
      grown->outgrown = table;
      atomic_store_explicit(&shard->table, grown, memory_order_release);
      table = grown;
    }
  }
  String *atom = new_atom(v, hash, reserved);
  if (!atom || !number_atom(atom)) return NULL;
  put(table, atom);
  shard->count++;
  return atom;
}

static String *find(StringView v, uint32_t hash) {
  AtomShard *shard = &shards[hash >> (32 - SHARD_BITS)];
  return probe(atomic_load_explicit(&shard->table, memory_order_acquire), hash,
               v);
}

// The atom, made if need be. NULL: out of memory.
static String *intern_hashed(StringView v, uint32_t hash, bool reserved) {
  String *found = find(v, hash);
  if (likely(found)) return found;
  AtomShard *shard = &shards[hash >> (32 - SHARD_BITS)];
  pthread_mutex_lock(&shard->lock);
  AtomTable *table = atomic_load_explicit(&shard->table, memory_order_relaxed);
  found = probe(table, hash, v);
  if (!found) found = add(shard, table, hash, v, reserved);
  pthread_mutex_unlock(&shard->lock);
  return found;
}

// The same on behalf of an isolate, whose limit the memory of a new atom counts
// towards, for good: atoms are never freed, and it is this isolate that wanted
// the name. NULL: threw.
static String *intern_for(Isolate *iso, StringView v, uint32_t hash) {
  String *atom = find(v, hash);
  if (likely(atom)) return atom;
  size_t bytes = string_flat_bytes(v.length, v.is_wide) + 3 * sizeof(void *);
  if (gc_reserve_external(iso->heap, bytes)) {
    atom = intern_hashed(v, hash, false);
    if (atom) {
      gc_external_adjust(iso->heap, GC_EXTERNAL_NAMES, (int64_t)bytes);
      return atom;
    }
  }
  vm_throw_out_of_memory(iso);
  return NULL;
}

String *vm_string_intern_view(Isolate *iso, StringView v) {
  return intern_for(iso, v, hash_view(v));
}

static String *intern_view(StringView v) {
  return intern_hashed(v, hash_view(v), false);
}

String *vm_atom_from_latin1(const uint8_t *units, size_t length) {
  if (length > STRING_MAX_LENGTH) return NULL;
  return intern_view((StringView){units, (uint32_t)length, false});
}

String *vm_atom_from_utf16(const uint16_t *units, size_t length) {
  if (length > STRING_MAX_LENGTH) return NULL;
  return intern_view((StringView){units, (uint32_t)length, true});
}

static String *intern_ascii(const char *text, bool reserved) {
  StringView v = {text, (uint32_t)strlen(text), false};
  return intern_hashed(v, hash_view(v), reserved);
}

String *vm_atom_from_c(const char *text) {
  size_t length = strlen(text);
  Utf8Scan scan = vm_utf8_scan(text, length, UTF_REPLACE_SURROGATES);
  if (scan.units == length && !scan.ill_formed) { // ASCII
    String *atom = intern_ascii(text, true);
    if (!atom) gc_exhausted();
    return atom;
  }
  uint16_t *units = malloc(scan.units * sizeof *units);
  if (units == NULL) return NULL;
  String *atom;
  if (scan.is_latin1) {
    vm_utf8_to_latin1(text, length, (uint8_t *)units);
    atom = vm_atom_from_latin1((uint8_t *)units, scan.units);
  } else {
    vm_utf8_to_utf16(text, length, units, UTF_REPLACE_SURROGATES);
    atom = vm_atom_from_utf16(units, scan.units);
  }
  free(units);
  return atom;
}

static pthread_mutex_t init_lock = PTHREAD_MUTEX_INITIALIZER;
static bool is_seeded;
static _Atomic bool is_initialized;

// One block: tables are never freed.
static bool make_first_tables(void) {
  enum { BYTES = sizeof(AtomTable) + FIRST_TABLE_SIZE * sizeof(uint64_t) };
  if (shards[0].table) return true;
  char *tables = calloc(SHARD_COUNT, BYTES);
  if (!tables) return false;
  for (int i = 0; i < SHARD_COUNT; i++, tables += BYTES) {
    AtomTable *table = (AtomTable *)(void *)tables;
    table->mask = FIRST_TABLE_SIZE - 1;
    pthread_mutex_init(&shards[i].lock, NULL); // allocates nothing
    atomic_store_explicit(&shards[i].table, table, memory_order_release);
  }
  return true;
}

// Of a text that there is no atom for yet, while nobody else has the tables.
static String *make_first_atom(const void *units, size_t length) {
  StringView v = {units, (uint32_t)length, false};
  uint32_t hash = hash_view(v);
  AtomShard *shard = &shards[hash >> (32 - SHARD_BITS)];
  return add(shard, atomic_load_explicit(&shard->table, memory_order_relaxed),
             hash, v, false);
}

// May be called again after it failed, and goes on then.
static bool make_first_atoms(void) {
  // Next to each other, so that a start reads few lines of memory.
  static const struct {
#define ATOM_ROW(name, text) char name[sizeof text];
#include "vm/objects/atoms.def"
#undef ATOM_ROW
  } texts = {
#define ATOM_ROW(name, text) text,
#include "vm/objects/atoms.def"
#undef ATOM_ROW
  };
  static const uint8_t lengths[ATOM_COUNT] = {
#define ATOM_ROW(name, text) sizeof text - 1,
#include "vm/objects/atoms.def"
#undef ATOM_ROW
  };
  for (int i = 0; i < 256; i++) {
    uint8_t unit = (uint8_t)i;
    if (!vm_unit_atoms[i] &&
        !(vm_unit_atoms[i] = make_first_atom(&unit, sizeof unit)))
      return false;
  }
  const char *text = (const char *)&texts;
  for (int i = 0; i < ATOM_COUNT; text += lengths[i++] + 1) {
    if (vm_atoms[i]) continue;
    vm_atoms[i] = lengths[i] == 1 ? vm_unit_atoms[(uint8_t)*text]
                                  : make_first_atom(text, lengths[i]);
    if (!vm_atoms[i]) return false;
  }
  return true;
}

static bool init(void) {
  if (!is_seeded && getrandom(&text_seed, sizeof text_seed, GRND_NONBLOCK) !=
                        sizeof text_seed) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    text_seed =
        (uint64_t)now.tv_nsec * UINT64_C(0x9e3779b97f4a7c15) ^ (uintptr_t)&now;
  }
  is_seeded = true;
  return make_first_tables() && make_first_atoms() &&
         vm_well_known_symbols_init();
}

bool vm_atoms_init(void) {
  if (atomic_load_explicit(&is_initialized, memory_order_acquire)) return true;
  pthread_mutex_lock(&init_lock);
  bool done = is_initialized || init();
  atomic_store_explicit(&is_initialized, done, memory_order_release);
  pthread_mutex_unlock(&init_lock);
  return done;
}

static void add_flags(String *s, uint8_t flags) {
  // The marker reads the byte; these bits mean nothing to it.
  __atomic_store_n(&s->cell.flags, (uint8_t)(s->cell.flags | flags),
                   __ATOMIC_RELAXED);
}

static uint32_t hash_of(Isolate *iso, String *s, StringView v) {
  if (!(s->cell.flags & STRING_HASHED)) {
    vm_charge_bulk(iso, v.length);
    s->hash = hash_view(v);
    add_flags(s, STRING_HASHED);
  }
  return s->hash;
}

uint32_t vm_string_hash(Isolate *iso, String *s) {
  if (likely(s->cell.flags & STRING_HASHED)) return s->hash;
  StringView v;
  if (!vm_string_view(iso, s, &v)) {
    vm_string_defer_out_of_memory(iso);
    return 0;
  }
  return hash_of(iso, s, v);
}

static String *remember_atom(String *s, String *atom) {
  if (atom->index == STRING_NOT_INDEX) {
    s->index = *atom_number(atom);
    add_flags(s, STRING_ATOM_KNOWN);
  }
  return atom;
}

String *vm_string_intern(Isolate *iso, String *s) {
  if (s->cell.flags & STRING_INTERNED) return s;
  if (s->cell.flags & STRING_ATOM_KNOWN) return vm_atom_by_number(s->index);
  StringView v;
  if (!vm_string_view(iso, s, &v)) return NULL;
  String *atom = intern_for(iso, v, hash_of(iso, s, v));
  return atom ? remember_atom(s, atom) : NULL;
}

String *vm_string_find_atom(Isolate *iso, String *s) {
  if (s->cell.flags & STRING_INTERNED) return s;
  if (s->cell.flags & STRING_ATOM_KNOWN) return vm_atom_by_number(s->index);
  StringView v;
  if (!vm_string_view(iso, s, &v)) {
    vm_string_defer_out_of_memory(iso);
    return NULL;
  }
  String *atom = find(v, hash_of(iso, s, v));
  return atom ? remember_atom(s, atom) : NULL;
}

// The key of an index-like string, remembered; 0: it is none.
static PropertyKey index_key(String *s, StringView v) {
  uint32_t index = parse_index(v);
  if (index == STRING_NOT_INDEX) return 0;
  s->index = index;
  add_flags(s, STRING_INDEX_KNOWN);
  return key_from_index(index);
}

bool vm_string_to_key(Isolate *iso, String *s, PropertyKey *out) {
  if ((*out = string_known_key(s))) return true;
  StringView v;
  if (!vm_string_view(iso, s, &v)) return false;
  if ((*out = index_key(s, v))) return true;
  String *atom = vm_string_intern(iso, s);
  if (!atom) return false;
  *out = key_from_atom(atom);
  return true;
}

Tri vm_string_find_key(Isolate *iso, String *s, PropertyKey *out) {
  if ((*out = string_known_key(s))) return 1;
  StringView v;
  if (!vm_string_view(iso, s, &v)) return TRI_THREW;
  if ((*out = index_key(s, v))) return 1;
  String *atom = find(v, hash_of(iso, s, v));
  if (!atom) return 0;
  *out = key_from_atom(remember_atom(s, atom));
  return 1;
}

String *vm_key_to_string(Isolate *iso, PropertyKey key) {
  if (key_is_index(key)) return vm_number_to_string(iso, key_as_index(key));
  return value_as_string(key);
}

Value vm_key_to_value(Isolate *iso, PropertyKey key) {
  if (!key_is_index(key)) return key;
  String *s = vm_number_to_string(iso, key_as_index(key));
  return s ? value_from_cell(s) : VALUE_EXCEPTION;
}
