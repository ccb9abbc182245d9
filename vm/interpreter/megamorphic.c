// SPDX-License-Identifier: MIT
// The table behind megamorphic sites. An isolate gets one of its own when it
// first stores something in it.
#include <stdlib.h>
#include <string.h>

#include "vm/interpreter/megamorphic.h"

MegamorphicCache vm_megamorphic_none;

void vm_megamorphic_store(Isolate *iso, MegamorphicUse use, PropertyKey key,
                          const CacheEntry *e) {
  if (unlikely(iso->megamorphic == &vm_megamorphic_none)) {
    MegamorphicCache *own = calloc(1, sizeof *own);
    if (own == NULL) return;
    iso->megamorphic = own;
  }
  MegamorphicEntry *m =
      &iso->megamorphic->entries[use][megamorphic_index(e->shape, key)];
  m->key = key;
  m->entry = *e;
}

void vm_megamorphic_clear(Isolate *iso) {
  if (iso->megamorphic == &vm_megamorphic_none) return;
  memset(iso->megamorphic, 0, sizeof *iso->megamorphic);
}

void vm_megamorphic_free(Isolate *iso) {
  if (iso->megamorphic == &vm_megamorphic_none) return;
  free(iso->megamorphic);
  iso->megamorphic = &vm_megamorphic_none;
}
