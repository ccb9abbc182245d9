// SPDX-License-Identifier: MIT
// The rounds in which names that nobody has any more die (gc/shared.c says how
// it is known). They are driven by the ends of the heaps' cycles, on whatever
// thread ran one, mostly a collector's: a round begins when there are twice as
// many names as the last one found alive, and when it is over the dead are
// taken out of the tables, some at a time. Their memory is used again when the
// next round is over.
#include <stdlib.h>

#include "vm/objects/atom_rounds.h"
#include "vm/objects/atom_table.h"

enum {
  FEWEST = 4096,           // names that are not worth a round
  ENTRIES_AT_A_TIME = 512, // under a shard's lock
  RETURNS = 64,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
// Under it.
static bool is_tracing;     // a round is under way
static uint32_t begun_with; // names
static uint32_t killed;     // of those
static GcReturn returns[RETURNS];
static uint32_t return_count;

static _Atomic uint32_t names;
static _Atomic uint32_t begin_at = FEWEST;
static _Atomic uint32_t hurry_at = UINT32_MAX;
static _Atomic bool is_eager;

static void flush_returns(void) {
  if (return_count) gc_external_return_names(returns, return_count);
  return_count = 0;
}

static void give_back(uint32_t heap, size_t bytes) {
  uint32_t i = 0;
  while (i < return_count && returns[i].heap_number != heap)
    i++;
  if (i == RETURNS) {
    flush_returns();
    i = 0;
  }
  if (i == return_count) returns[return_count++] = (GcReturn){heap, 0};
  returns[i].bytes += bytes;
}

// What died in the rounds before, and tables that were outgrown before this one
// began. With the shard's lock held.
static void free_old(AtomShard *shard) {
  for (AtomTable *table = shard->outgrown[1], *next; table; table = next) {
    next = table->outgrown;
    free(table);
  }
  shard->outgrown[1] = NULL;
  AtomList *dead = &shard->dead[1];
  for (uint32_t i = 0; i < dead->count; i++)
    atom_free_number(shard, atom_tail(dead->atoms[i])->number);
  enum { AT_A_TIME = 256 };
  for (uint32_t i = 0; i < dead->count; i += AT_A_TIME) {
    uint32_t left = dead->count - i;
    gc_mortals_free((GcCell *const *)(void *)(dead->atoms + i),
                    left < AT_A_TIME ? left : AT_A_TIME);
  }
  free(dead->atoms);
  *dead = (AtomList){0};
}

static bool make_room(AtomList *list, uint32_t more) {
  if (list->capacity - list->count >= more) return true;
  uint32_t capacity = 2 * list->capacity + more;
  String **atoms = realloc(list->atoms, capacity * sizeof(String *));
  if (!atoms) return false;
  list->atoms = atoms;
  list->capacity = capacity;
  return true;
}

// Takes those out that were not seen in the round that is over, from entry `at`
// on. The next entry to look at; 0: done, or no memory to go on with, or the
// table is another one.
static uint32_t kill_some(AtomShard *shard, const AtomTable *of, uint32_t at) {
  AtomTable *table = atomic_load_explicit(&shard->names, memory_order_relaxed);
  AtomList *dead = &shard->dead[0];
  if (table != of || !make_room(dead, ENTRIES_AT_A_TIME)) return 0;
  uint32_t end = at + ENTRIES_AT_A_TIME, before = dead->count;
  if (end > table->mask) end = table->mask + 1;
  for (; at < end; at++) {
    uint64_t entry =
        atomic_load_explicit(&table->entries[at], memory_order_relaxed);
    if (entry <= ATOM_ENTRY_GONE) continue;
    String *name = atom_of_entry(entry);
    if (!gc_mortal_kill(&name->cell)) continue;
    atomic_store_explicit(&table->entries[at], ATOM_ENTRY_GONE,
                          memory_order_release);
    dead->atoms[dead->count++] = name;
    give_back(atom_tail(name)->heap, atom_charge(name));
  }
  uint32_t count = dead->count - before;
  shard->name_count -= count;
  killed += count;
  atomic_fetch_sub_explicit(&names, count, memory_order_relaxed);
  return end > table->mask ? 0 : end;
}

// Without what is gone. With the shard's lock held: nobody adds meanwhile.
static void renew_filter(AtomShard *shard) {
  uint64_t filter[ATOM_FILTER_BITS / 64] = {0};
  const AtomTable *tables[] = {
      atomic_load_explicit(&shard->kept, memory_order_relaxed),
      atomic_load_explicit(&shard->names, memory_order_relaxed)};
  for (int t = 0; t < 2; t++) {
    for (uint32_t i = 0; tables[t] && i <= tables[t]->mask; i++) {
      uint64_t entry =
          atomic_load_explicit(&tables[t]->entries[i], memory_order_relaxed);
      uint32_t bit = atom_filter_bit(entry);
      if (entry > ATOM_ENTRY_GONE)
        filter[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
  }
  for (int i = 0; i < ATOM_FILTER_BITS / 64; i++)
    atomic_store_explicit(&shard->filter[i], filter[i], memory_order_relaxed);
}

static void sweep(AtomShard *shard) {
  pthread_mutex_lock(&shard->lock);
  free_old(shard);
  const AtomTable *table =
      atomic_load_explicit(&shard->names, memory_order_relaxed);
  pthread_mutex_unlock(&shard->lock);
  for (uint32_t at = 0; table;) {
    pthread_mutex_lock(&shard->lock);
    at = kill_some(shard, table, at);
    const AtomTable *now =
        atomic_load_explicit(&shard->names, memory_order_relaxed);
    pthread_mutex_unlock(&shard->lock);
    // A grown table is gone through from its beginning.
    if (at == 0 && now == table) break;
    table = now;
  }
  if (table) {
    pthread_mutex_lock(&shard->lock);
    renew_filter(shard);
    pthread_mutex_unlock(&shard->lock);
  }
}

// What died before the round begins is free when it is over.
static void begin(AtomShard *shard) {
  pthread_mutex_lock(&shard->lock);
  shard->outgrown[1] = shard->outgrown[0];
  shard->outgrown[0] = NULL;
  shard->dead[1] = shard->dead[0];
  shard->dead[0] = (AtomList){0};
  pthread_mutex_unlock(&shard->lock);
}

static uint32_t twice(uint32_t n) {
  return n > UINT32_MAX / 2 ? UINT32_MAX : 2 * n;
}

static void end_round(void) {
  for (int i = 0; i < ATOM_SHARD_COUNT; i++)
    sweep(&vm_atom_shards[i]);
  flush_returns();
  gc_mortals_freed();
  is_tracing = false;
  uint32_t alive = begun_with > killed ? begun_with - killed : 0;
  atomic_store_explicit(&hurry_at, UINT32_MAX, memory_order_relaxed);
  atomic_store_explicit(&begin_at, alive > FEWEST / 2 ? twice(alive) : FEWEST,
                        memory_order_relaxed);
}

static void begin_round(void) {
  begun_with = atomic_load_explicit(&names, memory_order_relaxed);
  killed = 0;
  for (int i = 0; i < ATOM_SHARD_COUNT; i++)
    begin(&vm_atom_shards[i]);
  gc_round_begin();
  is_tracing = true;
  atomic_store_explicit(&hurry_at, twice(begun_with + FEWEST / 2),
                        memory_order_relaxed);
}

static bool is_round_due(void) {
  return atomic_load_explicit(&names, memory_order_relaxed) >=
             atomic_load_explicit(&begin_at, memory_order_relaxed) ||
         atomic_load_explicit(&is_eager, memory_order_relaxed);
}

static void after_cycle(void) {
  if (pthread_mutex_trylock(&lock) != 0) return; // somebody is at it
  if (is_tracing && gc_round_is_over()) end_round();
  if (!is_tracing && is_round_due()) begin_round();
  pthread_mutex_unlock(&lock);
}

void vm_atom_name_added(void) {
  uint32_t count =
      atomic_fetch_add_explicit(&names, 1, memory_order_relaxed) + 1;
  uint32_t at = atomic_load_explicit(&hurry_at, memory_order_relaxed);
  if (likely(count < at)) return;
  // An isolate that does nothing does not collect, either.
  if (atomic_compare_exchange_strong(&hurry_at, &at, twice(at)))
    gc_round_hurry();
}

void vm_atom_name_kept(void) {
  atomic_fetch_sub_explicit(&names, 1, memory_order_relaxed);
}

void vm_atom_rounds_init(void) {
  gc_on_cycles(after_cycle);
}

void vm_atom_rounds_eager(void) {
  atomic_store(&is_eager, true);
}

uint32_t vm_atom_name_count(void) {
  return atomic_load_explicit(&names, memory_order_relaxed);
}
