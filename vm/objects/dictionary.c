// SPDX-License-Identifier: MIT
// Dictionaries: objects with a UNIQUE shape that are used as maps. What copies
// or renumbers all of their properties at once.
#include "vm/objects/charge.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"

// Overflow slots for that many properties in all. False: out of memory.
static bool new_slots(Isolate *iso, uint32_t count, uint32_t inline_capacity,
                      Slots **out) {
  uint32_t overflow = count > inline_capacity ? count - inline_capacity : 0;
  *out = NULL;
  if (overflow == 0) return true;
  *out = vm_slots_new(iso, vm_slots_capacity(overflow));
  return *out != NULL;
}

void vm_dictionary_compact(Isolate *iso, Object *o, uint32_t spare) {
  Shape *shape = o->shape;
  ShapeTable *table = shape_table_copy(iso, shape->table, UINT32_MAX,
                                       shape->property_count + spare);
  uint32_t count = table ? table->count : 0;
  if (table == NULL || count != shape->property_count) return;
  uint32_t inline_capacity = shape->inline_capacity;
  Slots *slots;
  if (!new_slots(iso, count, inline_capacity, &slots)) return;
  // Entries are in order of their slots, so that values only move downwards.
  for (uint32_t i = 0; i < count; i++) {
    Value v = *object_slot(o, table->entries[i].slot);
    if (i < inline_capacity) {
      gc_store_word(iso->heap, &o->inline_slots[i], v);
    } else {
      slots->values[i - inline_capacity] = v;
    }
    table->entries[i].slot = i;
  }
  for (uint32_t i = count; i < inline_capacity; i++) {
    gc_store_word(iso->heap, &o->inline_slots[i], VALUE_UNDEFINED);
  }
  gc_store_pointer(iso->heap, &o->slots, slots);
  gc_store_pointer(iso->heap, &shape->table, table);
  shape->cell.extra = count;
}

// Compaction of large tables. Entries move down one by one, over free ones, and
// their values to the slots of the same numbers. That these are free follows
// from entries being in order of their slots.

bool vm_dictionary_is_sparse(const Shape *shape) {
  const ShapeTable *t = shape->table;
  return t->index->is_compacting ||
         t->count - shape->property_count > shape->property_count / 4 + 16 ||
         (t->count == SHAPE_TABLE_MAX && shape->property_count < t->count);
}

static void move_entry(Isolate *iso, Object *o, ShapeTable *t, uint32_t from,
                       uint32_t to) {
  ShapeEntry *e = &t->entries[from], *place = &t->entries[to];
  if (e->slot != to) {
    Value *slot = object_slot(o, e->slot);
    gc_store_word(iso->heap, object_slot(o, to), *slot);
    gc_store_word(iso->heap, slot, VALUE_UNDEFINED);
  }
  if (from == to) {
    e->slot = to;
    return;
  }
  PropertyKey key = e->key;
  shape_index_renumber(t->index, e, from, to);
  place->slot = to;
  place->attributes = e->attributes;
  gc_publish(&place->key, key);
  gc_store_word(iso->heap, &e->key, 0);
}

void vm_dictionary_compact_some(Isolate *iso, Object *o) {
  enum {
    // Enough to be done before as many entries have been removed again.
    LOOKED_AT = 8,
    // Not too many to be copied at once.
    COPIED_AT_ONCE = 1 << 14,
    AHEAD = 2 * LOOKED_AT,
  };
  Shape *shape = o->shape;
  ShapeTable *t = shape->table;
  ShapeIndex *x = t->index;
  if (!x->is_compacting) {
    x->is_compacting = true;
    x->kept = x->compacted = 0;
  }
  uint32_t left = t->count - x->compacted,
           most = t->count == SHAPE_TABLE_MAX ? left : LOOKED_AT;
  for (uint32_t i = left < most ? left : most; i > 0; i--) {
    if (x->compacted + AHEAD < t->count)
      shape_index_prefetch(x, &t->entries[x->compacted + AHEAD]);
    if (t->entries[x->compacted].key != 0)
      move_entry(iso, o, t, x->compacted, x->kept++);
    x->compacted++;
  }
  if (x->compacted < t->count) return;
  x->is_compacting = false;
  __atomic_store_n(&t->count, x->kept, __ATOMIC_RELEASE);
  shape->cell.extra = x->kept;
  if (x->kept <= COPIED_AT_ONCE && x->kept < t->cell.extra / 4)
    vm_dictionary_compact(iso, o, x->kept / 2 + 8);
}

bool vm_dictionary_name_texts(Isolate *iso, Object *o) {
  enum { BETWEEN_CHARGES = 1 << 12 };
  ShapeTable *t = o->shape->table;
  if (t == NULL || likely(!(t->cell.flags & SHAPE_TABLE_NAMELESS))) return true;
  for (uint32_t i = 0; i < t->count; i++) {
    ShapeEntry *e = &t->entries[i];
    if (shape_entry_is_text(e)) {
      String *atom = vm_string_intern(iso, value_as_string(e->key));
      if (atom == NULL) return false;
      gc_store_word(iso->heap, &e->key, key_from_atom(atom));
    }
    if (i % BETWEEN_CHARGES == BETWEEN_CHARGES - 1 &&
        !vm_charge(iso, BETWEEN_CHARGES * 16))
      return false;
  }
  t->cell.flags &= (uint8_t)~SHAPE_TABLE_NAMELESS;
  return true;
}

bool vm_dictionary_copy(Isolate *iso, Object *to, Object *from) {
  Shape *shape = from->shape;
  ShapeTable *table = shape->table;
  const unsigned unfit =
      SHAPE_NOT_EXTENSIBLE | SHAPE_HAS_SYMBOL_KEYS | SHAPE_EXOTIC_ELEMENTS;
  if (!shape_is_dictionary(shape) || (shape->cell.flags & unfit) ||
      table == NULL || from->elements != iso->empty_elements ||
      object_kind(to) != CELL_OBJECT || to->shape->property_count != 0 ||
      (to->shape->cell.flags & (SHAPE_UNIQUE | SHAPE_NOT_EXTENSIBLE)))
    return false;
  for (uint32_t i = 0; i < table->count; i++) {
    const ShapeEntry *e = &table->entries[i];
    if (e->key != 0 && (uint8_t)e->attributes != PROPERTY_DEFAULT) return false;
  }
  uint32_t count = shape->property_count;
  uint32_t inline_capacity = to->shape->inline_capacity;
  Slots *slots;
  ShapeTable *copy =
      shape_table_copy(iso, table, UINT32_MAX, count + count / 4 + 8);
  if (copy == NULL || !new_slots(iso, count, inline_capacity, &slots))
    return false;
  Shape *own = vm_object_make_unique(iso, to);
  // They are new, but the collector may look at them already.
  for (uint32_t i = 0; i < count; i++) {
    Value v = *object_slot(from, copy->entries[i].slot);
    copy->entries[i].slot = i;
    gc_publish(i < inline_capacity ? &to->inline_slots[i]
                                   : &slots->values[i - inline_capacity],
               v);
  }
  gc_publish(&to->slots, slots);
  gc_publish(&own->table, copy);
  own->cell.extra = own->property_count = count;
  return true;
}
