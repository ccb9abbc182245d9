// SPDX-License-Identifier: MIT
// Records of one size in slabs, each of so many: what is made together lies
// together, without an allocator's own words. A slab is the first member of
// what has the records, and is in a list of its user's while it has room; a
// record that was given back names another such by its first word.
#ifndef RILL_RUNTIME_SLAB_H
#define RILL_RUNTIME_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct Slab {
  struct Slab *next, **link; // of those with room
  void *free;                // a record that was given back, or NULL
  uint16_t used, untouched;  // how many are in use; from where on none was
} Slab;

// Of a zeroed slab, and of one that has room again.
static inline void slab_link(Slab **roomy, Slab *slab) {
  slab->next = *roomy;
  slab->link = roomy;
  if (slab->next != NULL) slab->next->link = &slab->next;
  *roomy = slab;
}

static inline void slab_unlink(Slab *slab) {
  *slab->link = slab->next;
  if (slab->next != NULL) slab->next->link = slab->link;
}

static inline bool slab_is_only_one(Slab *const *roomy, const Slab *slab) {
  return *roomy == slab && slab->next == NULL;
}

// A record, with what was in it, of a slab with room for `count` of so many
// bytes.
static inline void *slab_take(Slab *slab, void *records, size_t bytes,
                              uint32_t count) {
  void *record = slab->free;
  if (record != NULL)
    memcpy(&slab->free, record, sizeof slab->free);
  else
    record = (char *)records + slab->untouched++ * bytes;
  if (++slab->used == count) slab_unlink(slab);
  return record;
}

// True: none is in use any more. The slab is in the list.
static inline bool slab_give(Slab **roomy, Slab *slab, void *record,
                             uint32_t count) {
  memcpy(record, &slab->free, sizeof slab->free);
  slab->free = record;
  if (slab->used-- == count) slab_link(roomy, slab);
  return slab->used == 0;
}

#endif
