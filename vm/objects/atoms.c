// SPDX-License-Identifier: MIT
// Atoms: interning, in the process-wide tables of atom_table.h.
//
// What is interned for C code and for compiled code is kept for good: nobody
// knows who holds it. What a program's strings become when it uses them as
// names (o[key], JSON) is held by its heap alone, and dies when no heap has it.
// Such a name is kept from the time on that C or compiled code wants it, too.
#include "vm/objects/atom_table.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "vm/objects/charge.h"
#include "vm/objects/hash.h"
#include "vm/objects/operations.h"
#include "vm/objects/symbols.h"
#include "vm/objects/utf.h"

enum {
  FIRST_TABLE_SIZE = 16, // a third full by what each start makes
  CHUNK_SIZE = 1 << ATOM_CHUNK_BITS,
  CHUNK_COUNT = 1 << 18,
};

AtomShard vm_atom_shards[ATOM_SHARD_COUNT];
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

static AtomShard *shard_of(uint32_t hash) {
  return &vm_atom_shards[hash >> (32 - ATOM_SHARD_BITS)];
}

// False: there is no atom with that hash.
static bool may_have(const AtomShard *shard, uint32_t hash) {
  uint32_t bit = atom_filter_bit(atom_entry_tag(hash));
  return atomic_load_explicit(&shard->filter[bit / 64], memory_order_relaxed) >>
             (bit % 64) &
         1;
}

// With the shard's lock held.
static void add_to_filter(AtomShard *shard, uint32_t hash) {
  uint32_t bit = atom_filter_bit(atom_entry_tag(hash));
  _Atomic uint64_t *word = &shard->filter[bit / 64];
  atomic_store_explicit(word,
                        atomic_load_explicit(word, memory_order_relaxed) |
                            UINT64_C(1) << (bit % 64),
                        memory_order_relaxed);
}

// The atom with this text, or NULL.
static String *probe(const AtomTable *table, uint32_t hash, StringView v) {
  uint64_t tag = atom_entry_tag(hash);
  for (uint32_t i = hash & table->mask;; i = (i + 1) & table->mask) {
    uint64_t entry =
        atomic_load_explicit(&table->entries[i], memory_order_acquire);
    if (entry == 0) return NULL;
    if ((entry ^ tag) >> ATOM_ADDRESS_BITS || entry == ATOM_ENTRY_GONE)
      continue;
    String *atom = atom_of_entry(entry);
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
                        atom_entry_tag(atom->hash) | (uintptr_t)atom,
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

// A number for a new atom: one that has become free, or the next one. Under the
// shard's lock. False: out of memory, or out of numbers.
static bool take_number(AtomShard *shard, uint32_t *number) {
  if (shard->free_numbers != 0) {
    *number = shard->free_numbers - 1;
    shard->free_numbers = atom_free_next(*vm_atom_place(*number));
    return true;
  }
  uint32_t n = atomic_fetch_add_explicit(&next_number, 1, memory_order_relaxed);
  if (n >= (uint32_t)CHUNK_COUNT * CHUNK_SIZE) {
    atomic_fetch_sub_explicit(&next_number, 1, memory_order_relaxed);
    return false;
  }
  if (!chunk_of(n)) return false; // the number stays unused
  // The next chunk comes long before it is needed, so that names can still be
  // made when memory is short: there is hardly an error without any.
  if ((n & (CHUNK_SIZE - 1)) == CHUNK_SIZE / 2 &&
      n + CHUNK_SIZE < (uint32_t)CHUNK_COUNT * CHUNK_SIZE)
    chunk_of(n + CHUNK_SIZE);
  *number = n;
  return true;
}

typedef enum { FOR_GOOD, FOR_GOOD_RESERVED, NAME } Keeping;

static String *allocate_atom(size_t bytes, Keeping keeping) {
  bytes += sizeof(uint32_t) + sizeof(AtomTail);
  return keeping == NAME ? gc_allocate_mortal(bytes, CELL_STRING)
         : keeping == FOR_GOOD
             ? gc_allocate_shared(bytes, CELL_STRING)
             : gc_allocate_shared_reserved(bytes, CELL_STRING);
}

// Under the shard's lock. The cell is last of what can be missing: a name must
// not be freed but by a round, not even one that is in no table yet, since a
// stray word on some thread's stack may lead to it.
static String *new_atom(AtomShard *shard, StringView v, uint32_t hash,
                        Keeping keeping) {
  uint32_t number;
  if (!take_number(shard, &number)) return NULL;
  bool is_wide = v.is_wide && !string_units_are_narrow(v.units, v.length);
  String *atom = allocate_atom(string_flat_bytes(v.length, is_wide), keeping);
  if (!atom) {
    atom_free_number(shard, number);
    return NULL;
  }
  atom->cell.flags =
      STRING_INTERNED | STRING_HASHED | (is_wide ? STRING_WIDE : 0);
  atom->cell.extra = v.length;
  atom->hash = hash;
  atom->index = parse_index(v);
  string_copy_units(atom->latin1, is_wide, 0, v);
  atom_tail(atom)->number = number;
  __atomic_store_n(vm_atom_place(number), atom, __ATOMIC_RELAXED);
  return atom;
}

// A table of that size with the entries of another one.
static AtomTable *copy_table(const AtomTable *table, uint32_t size) {
  AtomTable *copy = new_table(size);
  for (uint32_t i = 0; copy && i <= table->mask; i++) {
    uint64_t entry =
        atomic_load_explicit(&table->entries[i], memory_order_relaxed);
    if (entry > ATOM_ENTRY_GONE) put(copy, atom_of_entry(entry));
  }
  return copy;
}

static bool is_too_full(const AtomTable *table, uint32_t used) {
  return (uint64_t)(used + 1) * 3 > ((uint64_t)table->mask + 1) * 2;
}
// Without memory a table gets fuller, up to a point.
static bool is_full(const AtomTable *table, uint32_t used) {
  return (uint64_t)(used + 1) * 8 > ((uint64_t)table->mask + 1) * 7;
}

// With the shard's lock held. NULL: out of memory. A table that cannot grow is
// filled for the engine's own names (`reserved`), but for one place. Outgrown
// tables stay, since readers may still be in them; all of them together are
// smaller than the current one.
static AtomTable *room_for_kept(AtomShard *shard, bool reserved) {
  AtomTable *table = atomic_load_explicit(&shard->kept, memory_order_relaxed);
  if (!is_too_full(table, shard->kept_count)) return table;
  AtomTable *grown = copy_table(table, (table->mask + 1) * 2);
  if (!grown) {
    return (reserved ? shard->kept_count >= table->mask
                     : is_full(table, shard->kept_count))
               ? NULL
               : table;
  }
  grown->outgrown = table;
  atomic_store_explicit(&shard->kept, grown, memory_order_release);
  return grown;
}

// The same. What has gone leaves its place when the table is copied.
static AtomTable *room_for_name(AtomShard *shard) {
  AtomTable *table = atomic_load_explicit(&shard->names, memory_order_relaxed);
  if (table && !is_too_full(table, shard->places)) return table;
  uint32_t size = FIRST_TABLE_SIZE;
  while (size < shard->name_count * 3)
    size *= 2;
  AtomTable *grown = table ? copy_table(table, size) : new_table(size);
  if (!grown) return table && !is_full(table, shard->places) ? table : NULL;
  if (table) {
    table->outgrown = shard->outgrown[0];
    shard->outgrown[0] = table;
  }
  shard->places = shard->name_count;
  atomic_store_explicit(&shard->names, grown, memory_order_release);
  return grown;
}

static String *add_kept(AtomShard *shard, uint32_t hash, StringView v,
                        Keeping keeping) {
  AtomTable *table = room_for_kept(shard, keeping == FOR_GOOD_RESERVED);
  String *atom = table ? new_atom(shard, v, hash, keeping) : NULL;
  if (!atom) return NULL;
  add_to_filter(shard, hash);
  put(table, atom);
  shard->kept_count++;
  return atom;
}

static String *add_name(AtomShard *shard, uint32_t hash, StringView v,
                        uint32_t heap) {
  AtomTable *table = room_for_name(shard);
  String *atom = table ? new_atom(shard, v, hash, NAME) : NULL;
  if (!atom) return NULL;
  atom_tail(atom)->heap = heap;
  add_to_filter(shard, hash);
  put(table, atom);
  shard->name_count++;
  shard->places++;
  return atom;
}

static String *probe_kept(const AtomShard *shard, uint32_t hash, StringView v) {
  return probe(atomic_load_explicit(&shard->kept, memory_order_acquire), hash,
               v);
}

static String *probe_names(const AtomShard *shard, uint32_t hash,
                           StringView v) {
  AtomTable *table = atomic_load_explicit(&shard->names, memory_order_acquire);
  return table ? probe(table, hash, v) : NULL;
}

// A name becomes one that is kept. With the lock held. False: out of memory.
static bool keep_name(AtomShard *shard, String *name) {
  AtomTable *kept = room_for_kept(shard, false);
  if (!kept) return false;
  AtomTable *names = atomic_load_explicit(&shard->names, memory_order_relaxed);
  put(kept, name);
  shard->kept_count++;
  atomic_fetch_add_explicit(&shard->moves, 1, memory_order_release);
  gc_mortal_keep(&name->cell);
  uint32_t i = name->hash & names->mask;
  while (atom_of_entry(atomic_load_explicit(&names->entries[i],
                                            memory_order_relaxed)) != name)
    i = (i + 1) & names->mask;
  atomic_store_explicit(&names->entries[i], ATOM_ENTRY_GONE,
                        memory_order_release);
  shard->name_count--;
  vm_atom_name_kept();
  return true;
}

// For a heap that is to hold it. A reader with an outgrown table may miss an
// atom that another thread has just added: then nothing that this thread can
// reach has that name yet.
static String *find(StringView v, uint32_t hash) {
  AtomShard *shard = shard_of(hash);
  if (!may_have(shard, hash)) return NULL;
  for (;;) {
    uint32_t moves = atomic_load_explicit(&shard->moves, memory_order_acquire);
    String *atom = probe_kept(shard, hash, v);
    if (likely(atom)) return atom;
    atom = probe_names(shard, hash, v);
    if (atom) return gc_mortal_see(&atom->cell) ? atom : NULL;
    if (likely(atomic_load_explicit(&shard->moves, memory_order_acquire) ==
               moves))
      return NULL;
  }
}

// The atom, to be kept for good. Any thread. NULL: out of memory.
static String *intern_for_good(StringView v, uint32_t hash, Keeping keeping) {
  AtomShard *shard = shard_of(hash);
  String *atom = probe_kept(shard, hash, v);
  if (likely(atom)) return atom;
  pthread_mutex_lock(&shard->lock);
  atom = probe_kept(shard, hash, v);
  if (!atom) {
    atom = probe_names(shard, hash, v);
    if (!atom)
      atom = add_kept(shard, hash, v, keeping);
    else if (!keep_name(shard, atom))
      atom = NULL;
  }
  pthread_mutex_unlock(&shard->lock);
  return atom;
}

// The name, for a heap, which is charged if it is new. NULL: out of memory.
static String *intern_name(StringView v, uint32_t hash, GcHeap *heap) {
  AtomShard *shard = shard_of(hash);
  pthread_mutex_lock(&shard->lock);
  String *atom = NULL;
  if (may_have(shard, hash)) {
    atom = probe_kept(shard, hash, v);
    if (!atom && (atom = probe_names(shard, hash, v)) != NULL)
      gc_mortal_see(&atom->cell);
  }
  bool is_new = !atom;
  if (is_new) atom = add_name(shard, hash, v, gc_heap_number(heap));
  pthread_mutex_unlock(&shard->lock);
  if (is_new && atom) {
    gc_external_adjust(heap, GC_EXTERNAL_NAMES, (int64_t)atom_charge(atom));
    vm_atom_name_added();
  }
  return atom;
}

// The same on behalf of an isolate, whose limit the memory of a new name counts
// towards as long as it lives. NULL: threw.
static String *intern_for(Isolate *iso, StringView v, uint32_t hash) {
  String *atom = find(v, hash);
  if (likely(atom)) return atom;
  if (gc_reserve_external(iso->heap, string_flat_bytes(v.length, v.is_wide)))
    atom = intern_name(v, hash, iso->heap);
  if (!atom) vm_throw_out_of_memory(iso);
  return atom;
}

String *vm_string_intern_view(Isolate *iso, StringView v) {
  return intern_for(iso, v, hash_view(v));
}

static String *intern_view(StringView v) {
  return intern_for_good(v, hash_view(v), FOR_GOOD);
}

String *vm_atom_from_latin1(const uint8_t *units, size_t length) {
  if (length > STRING_MAX_LENGTH) return NULL;
  return intern_view((StringView){units, (uint32_t)length, false});
}

String *vm_atom_from_utf16(const uint16_t *units, size_t length) {
  if (length > STRING_MAX_LENGTH) return NULL;
  return intern_view((StringView){units, (uint32_t)length, true});
}

// A text of Latin-1 that the engine cannot do without.
static String *intern_certain(const void *units, uint32_t length) {
  StringView v = {units, length, false};
  String *atom = intern_for_good(v, hash_view(v), FOR_GOOD_RESERVED);
  if (!atom) gc_exhausted();
  return atom;
}

String *vm_make_unit_atom(uint8_t unit) {
  String *atom = intern_certain(&unit, sizeof unit);
  __atomic_store_n(&vm_unit_atoms[unit], atom, __ATOMIC_RELEASE);
  return atom;
}

String *vm_atom_from_c(const char *text) {
  size_t length = strlen(text);
  Utf8Scan scan = vm_utf8_scan(text, length, UTF_REPLACE_SURROGATES);
  if (scan.units == length && !scan.ill_formed) // ASCII
    return intern_certain(text, (uint32_t)length);
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

// One block: these tables are never freed.
static bool make_first_tables(void) {
  enum { BYTES = sizeof(AtomTable) + FIRST_TABLE_SIZE * sizeof(uint64_t) };
  if (vm_atom_shards[0].kept) return true;
  char *tables = calloc(ATOM_SHARD_COUNT, BYTES);
  if (!tables) return false;
  for (int i = 0; i < ATOM_SHARD_COUNT; i++, tables += BYTES) {
    AtomTable *table = (AtomTable *)(void *)tables;
    table->mask = FIRST_TABLE_SIZE - 1;
    pthread_mutex_init(&vm_atom_shards[i].lock, NULL); // allocates nothing
    atomic_store_explicit(&vm_atom_shards[i].kept, table, memory_order_release);
  }
  return true;
}

// Of a text that there is no atom for yet, while nobody else has the tables.
static String *make_first_atom(const void *units, size_t length) {
  StringView v = {units, (uint32_t)length, false};
  uint32_t hash = hash_view(v);
  return add_kept(shard_of(hash), hash, v, FOR_GOOD);
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
  const char *text = (const char *)&texts;
  for (int i = 0; i < ATOM_COUNT; text += lengths[i++] + 1) {
    if (vm_atoms[i]) continue;
    vm_atoms[i] = make_first_atom(text, lengths[i]);
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
  vm_atom_rounds_init();
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
  // The marker reads the byte, and then `index`.
  __atomic_store_n(&s->cell.flags, (uint8_t)(s->cell.flags | flags),
                   __ATOMIC_RELEASE);
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
    s->index = atom_tail(atom)->number;
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

String *vm_string_intern_for_good(Isolate *iso, String *s) {
  StringView v;
  if (!vm_string_view(iso, s, &v)) return NULL;
  String *atom = intern_for_good(v, hash_of(iso, s, v), FOR_GOOD);
  if (!atom) vm_throw_out_of_memory(iso);
  return atom;
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
