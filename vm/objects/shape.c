// SPDX-License-Identifier: MIT
// Shapes: roots, transitions, unique shapes, and the changes of layout that
// objects make through them. The invariants are in shape.h.
#include "vm/objects/layouts.h"
#include "vm/objects/shape_internal.h"
#include "vm/objects/throw.h"

enum {
  // Larger objects go UNIQUE where a reshape would replay all their
  // properties.
  RESHAPE_MAX_PROPERTIES = 64,
  ROOT_FLAGS = SHAPE_NOT_EXTENSIBLE | SHAPE_LAZY | SHAPE_IMMUTABLE_PROTOTYPE |
               SHAPE_EXOTIC_ELEMENTS,
};

static bool kind_has_exotic_elements(CellKind kind) {
  switch (kind) {
  case CELL_PROXY:
  case CELL_STRING_OBJECT:
  case CELL_TYPED_ARRAY:
  case CELL_MODULE_NAMESPACE:
  case CELL_HOST_OBJECT:
    return true;
  default:
    return false;
  }
}

static Shape *new_shape(Isolate *iso, CellKind kind, Object *prototype,
                        uint16_t inline_capacity, uint8_t flags) {
  Shape *s = gc_allocate(iso->heap, sizeof(Shape), CELL_SHAPE);
  s->cell.flags = flags;
  s->prototype = prototype;
  s->object_kind = (uint8_t)kind;
  s->inline_capacity = inline_capacity;
  return s;
}

Shape *vm_shape_root_with(Isolate *iso, CellKind kind, Object *prototype,
                          uint16_t inline_capacity, uint8_t flags) {
  if (kind_has_exotic_elements(kind)) flags |= SHAPE_EXOTIC_ELEMENTS;
  PrototypeInfo *info = vm_prototype_info(iso, prototype);
  ValueList *roots = info->roots;
  for (uint64_t i = 0; roots != NULL && i < roots->count; i++) {
    Shape *s = (Shape *)value_as_cell(roots->items[i]);
    if (s->object_kind == kind && s->inline_capacity == inline_capacity &&
        s->cell.flags == flags) {
      return s;
    }
  }
  Shape *s = new_shape(iso, kind, prototype, inline_capacity, flags);
  vm_value_list_append(iso, &info->roots, value_from_cell(s));
  return s;
}

Shape *vm_shape_root(Isolate *iso, CellKind kind, Object *prototype,
                     uint16_t inline_capacity) {
  return vm_shape_root_with(iso, kind, prototype, inline_capacity, 0);
}

// Transitions ----------------------------------------------------------

static uint32_t transition_hash(PropertyKey key, uint8_t attributes) {
  return shape_key_hash(key) + attributes * UINT32_C(0x9e3779b1);
}

// In the place of a child that died.
#define DEAD_CHILD ((Shape *)(uintptr_t)VALUE_EMPTY)

static Shape *child_at(Isolate *iso, const ShapeTransitions *t, uint32_t i) {
  return (Shape *)(uintptr_t)gc_load_weak(
      iso->heap, (const uint64_t *)(const void *)&t->children[i],
      (uintptr_t)DEAD_CHILD);
}

static Shape *find_transition(Isolate *iso, Shape *shape, PropertyKey key,
                              uint8_t attributes) {
  ShapeTransitions *t = shape->transitions;
  if (t == NULL) return NULL;
  uint32_t mask = t->cell.extra - 1;
  uint32_t i = transition_hash(key, attributes) & mask;
  for (uint32_t n = 0; n <= mask; n++, i = (i + 1) & mask) {
    Shape *child = child_at(iso, t, i);
    if (child == NULL) return NULL;
    if (child != DEAD_CHILD && child->key == key &&
        child->attributes == attributes) {
      gc_barrier_weak_read(iso->heap, child);
      return child;
    }
  }
  return NULL;
}

Shape *vm_shape_only_child(Isolate *iso, const Shape *shape) {
  const ShapeTransitions *t = shape->transitions;
  if (t == NULL || t->cell.extra != 1 || (shape->cell.flags & SHAPE_UNIQUE))
    return NULL;
  Shape *child = child_at(iso, t, 0);
  if (child == NULL || child == DEAD_CHILD) return NULL;
  gc_barrier_weak_read(iso->heap, child);
  return child;
}

static void insert_transition(ShapeTransitions *t, Shape *child) {
  uint32_t mask = t->cell.extra - 1;
  uint32_t i = transition_hash(child->key, child->attributes) & mask;
  // The collector may put DEAD_CHILD in the place of others meanwhile.
  while (__atomic_load_n(&t->children[i], __ATOMIC_RELAXED) != NULL)
    i = (i + 1) & mask;
  gc_publish(&t->children[i], child);
  t->used++;
}

// Without the dead ones. NULL: out of memory.
static ShapeTransitions *copy_transitions(Isolate *iso, ShapeTransitions *from,
                                          uint32_t capacity) {
  ShapeTransitions *t = gc_allocate_any(
      iso->heap, sizeof(ShapeTransitions) + capacity * sizeof(Shape *),
      CELL_TRANSITIONS);
  if (t == NULL) return NULL;
  t->cell.extra = capacity;
  for (uint32_t i = 0; from != NULL && i < from->cell.extra; i++) {
    // Moving a weak reference must not hide the child from the marker's view of
    // what is alive: clear_weak sees it in the new table.
    Shape *child = child_at(iso, from, i);
    if (child != NULL && child != DEAD_CHILD) insert_transition(t, child);
  }
  gc_add_weak(iso->heap, t);
  return t;
}

// A parent with children beyond measure simply stops remembering: they are
// still right, only not shared.
static void add_transition(Isolate *iso, Shape *shape, Shape *child) {
  enum { MAX_CAPACITY = 1 << 15 };
  ShapeTransitions *t = shape->transitions;
  uint32_t capacity = t ? t->cell.extra : 0;
  if (t == NULL ||
      (capacity > 2 ? t->used * 4 >= capacity * 3 : t->used >= capacity)) {
    uint32_t live =
        t ? t->used - __atomic_load_n(&t->cleared, __ATOMIC_RELAXED) : 0;
    if (capacity == 0) {
      capacity = 1;
    } else if (live * 2 > capacity) {
      if (capacity == MAX_CAPACITY && live >= capacity / 8 * 5) return;
      if (capacity < MAX_CAPACITY) capacity *= 2;
    }
    t = copy_transitions(iso, t, capacity);
    if (t == NULL) return;
    gc_store_pointer(iso->heap, &shape->transitions, t);
  }
  insert_transition(t, child);
}

void vm_transitions_clear(GcTracer *tracer, GcCell *cell) {
  ShapeTransitions *t = (ShapeTransitions *)cell;
  uint32_t cleared = t->cleared;
  for (uint32_t i = 0; i < cell->extra; i++) {
    uint64_t child =
        (uintptr_t)__atomic_load_n(&t->children[i], __ATOMIC_RELAXED);
    if (child == 0 || gc_is_marked(tracer, child)) continue;
    __atomic_store_n(&t->children[i], DEAD_CHILD, __ATOMIC_RELAXED);
    cleared++;
  }
  __atomic_store_n(&t->cleared, cleared, __ATOMIC_RELAXED);
}

Shape *vm_shape_add(Isolate *iso, Shape *shape, PropertyKey key,
                    uint8_t attributes) {
  Shape *child = find_transition(iso, shape, key, attributes);
  if (likely(child != NULL)) return child;
  uint8_t flags = shape->cell.flags;
  if (key_is_symbol(key)) flags |= SHAPE_HAS_SYMBOL_KEYS;
  child = new_shape(iso, (CellKind)shape->object_kind, shape->prototype,
                    shape->inline_capacity, flags);
  child->cell.extra = shape->cell.extra + 1;
  child->parent = shape;
  child->key = key;
  child->attributes = attributes;
  child->property_count = shape->property_count + 1;
  ShapeTable *table = shape->table;
  if (table != NULL && table->count == shape->property_count) {
    // The child continues the parent's table; what it appends is beyond the
    // parent's sight.
    if (shape_table_append(iso, &table, key, shape->cell.extra, attributes)) {
      gc_publish(&child->table, table);
    }
  }
  add_transition(iso, shape, child);
  return child;
}

ShapeTable *vm_shape_table(Isolate *iso, Shape *shape) {
  if (shape->table != NULL || shape->property_count == 0) return shape->table;
  uint32_t count = shape->property_count;
  // An ancestor's table may be extended up to here only if nobody has extended
  // it another way; a new one is simpler and rare.
  ShapeTable *t = shape_table_new(iso, count < 4 ? 4 : count + (count & 4));
  if (t == NULL) return NULL;
  Shape *line[64];
  // Fill from the front: walk up in pieces.
  for (uint32_t filled = 0; filled < count;) {
    uint32_t piece = count - filled < 64 ? count - filled : 64;
    Shape *s = shape;
    while (s->property_count > filled + piece)
      s = s->parent;
    for (uint32_t i = piece; i-- > 0; s = s->parent)
      line[i] = s;
    for (uint32_t i = 0; i < piece; i++) {
      shape_table_append(iso, &t, line[i]->key, line[i]->cell.extra - 1,
                         line[i]->attributes);
    }
    filled += piece;
  }
  gc_store_pointer(iso->heap, &shape->table, t);
  return t;
}

bool vm_shape_lookup(Isolate *iso, Shape *shape, PropertyKey key,
                     PropertySlot *out) {
  ShapeTable *t = shape->table;
  if (unlikely(t == NULL)) {
    if (shape->property_count == 0) return false;
    t = vm_shape_table(iso, shape);
    if (t == NULL) return false;
  }
  ShapeEntry *e = shape_table_find(t, key, shape_table_limit(shape));
  if (e == NULL) return false;
  if (unlikely(e->attributes & SHAPE_ENTRY_TEXT) && e->key != key)
    gc_store_word(iso->heap, &e->key, key);
  out->slot = e->slot;
  out->attributes = (uint8_t)e->attributes;
  return true;
}

// Unique shapes --------------------------------------------------------

Shape *vm_object_make_unique(Isolate *iso, Object *o) {
  Shape *old = o->shape;
  if (old->cell.flags & SHAPE_UNIQUE) return old;
  Shape *s = new_shape(iso, (CellKind)old->object_kind, old->prototype,
                       old->inline_capacity, old->cell.flags | SHAPE_UNIQUE);
  s->cell.extra = old->cell.extra;
  s->property_count = old->property_count;
  if (old->property_count != 0) {
    gc_publish(&s->table,
               shape_table_copy(iso, vm_shape_table(iso, old),
                                old->property_count, old->property_count + 4));
  }
  object_set_shape(iso, o, s);
  return s;
}

// Before a change of layout other than adding a property: the shape to change
// in place, UNIQUE and unwatched.
static Shape *prepare_change(Isolate *iso, Object *o) {
  Shape *old = o->shape;
  if (!(old->cell.flags & SHAPE_UNIQUE)) return vm_object_make_unique(iso, o);
  shape_changed(iso, old);
  if (!(old->cell.flags & SHAPE_WATCHED)) return old;
  Shape *s = new_shape(iso, (CellKind)old->object_kind, old->prototype,
                       old->inline_capacity,
                       old->cell.flags & (uint8_t)~SHAPE_WATCHED);
  s->cell.extra = old->cell.extra;
  s->property_count = old->property_count;
  s->table = old->table;
  s->prototype_info = old->prototype_info;
  // No object has the old shape any more; it only lives in caches.
  gc_store_pointer(iso->heap, &old->table, NULL);
  gc_store_pointer(iso->heap, &old->prototype_info, NULL);
  old->cell.flags &= (uint8_t)~SHAPE_IS_PROTOTYPE;
  old->property_count = 0;
  object_set_shape(iso, o, s);
  return s;
}

static uint8_t cleared(const ShapeEntry *e, uint8_t clear) {
  uint8_t attributes = (uint8_t)e->attributes;
  // Private names have no attributes that freezing could take away.
  if (key_is_symbol(e->key) &&
      (value_as_symbol(e->key)->cell.flags & SYMBOL_PRIVATE)) {
    return attributes;
  }
  if (attributes & PROPERTY_ACCESSOR) clear &= (uint8_t)~PROPERTY_WRITABLE;
  return attributes & (uint8_t)~clear;
}

void vm_object_reshape(Isolate *iso, Object *o, Object *prototype,
                       uint8_t flags, uint8_t clear) {
  Shape *old = o->shape;
  if (!(old->cell.flags & SHAPE_UNIQUE) &&
      old->property_count <= RESHAPE_MAX_PROPERTIES) {
    Shape *s = vm_shape_root_with(iso, (CellKind)old->object_kind, prototype,
                                  old->inline_capacity,
                                  (old->cell.flags | flags) & ROOT_FLAGS);
    if (old->property_count != 0) {
      ShapeTable *t = vm_shape_table(iso, old);
      for (uint32_t i = 0; i < old->property_count; i++) {
        const ShapeEntry *e = &t->entries[i];
        s = vm_shape_add(iso, s, e->key, cleared(e, clear));
      }
    }
    object_set_shape(iso, o, s);
    return;
  }
  if (prototype != NULL && prototype != old->prototype) {
    vm_prototype_info(iso, prototype);
  }
  Shape *s = prepare_change(iso, o);
  gc_store_pointer(iso->heap, &s->prototype, prototype);
  s->cell.flags |= flags;
  if (clear != 0 && s->table != NULL) {
    for (uint32_t i = 0; i < s->table->count; i++) {
      ShapeEntry *e = &s->table->entries[i];
      if (e->key != 0) e->attributes = shape_entry_with(e, cleared(e, clear));
    }
  }
}

// Adding and removing properties ---------------------------------------

static size_t slots_bytes(uint32_t capacity) {
  return sizeof(Slots) + capacity * sizeof(Value);
}

Slots *vm_slots_new(Isolate *iso, uint32_t capacity) {
  Slots *slots =
      capacity < SHAPE_TABLE_SMALL
          ? gc_allocate_any(iso->heap, slots_bytes(capacity), CELL_SLOTS)
          : gc_allocate_growable(iso->heap, slots_bytes(capacity), CELL_SLOTS);
  if (likely(slots != NULL)) slots->cell.extra = capacity;
  return slots;
}

// Room for the overflow slot `index` (from 0), in large objects where the slots
// are. False: out of memory, thrown.
static bool reserve_slot(Isolate *iso, Object *o, uint32_t index) {
  uint32_t capacity = o->slots ? o->slots->cell.extra : 0;
  if (likely(index < capacity)) return true;
  if (unlikely(capacity >= SHAPE_TABLE_SMALL) &&
      gc_grow(iso->heap, o->slots, slots_bytes(index + 1))) {
    size_t room = (gc_cell_bytes(o->slots) - sizeof(Slots)) / sizeof(Value);
    __atomic_store_n(&o->slots->cell.extra,
                     room < UINT32_MAX ? (uint32_t)room : UINT32_MAX,
                     __ATOMIC_RELEASE);
    return true;
  }
  Slots *grown = vm_slots_new(iso, vm_slots_capacity(index + 1));
  if (unlikely(grown == NULL)) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  if (capacity != 0) {
    memcpy(grown->values, o->slots->values, capacity * sizeof(Value));
  }
  gc_store_pointer(iso->heap, &o->slots, grown);
  return true;
}

void vm_object_reserve_properties(Isolate *iso, Object *o, uint32_t count) {
  Shape *shape = o->shape;
  uint32_t slots = shape->cell.extra + count;
  if (slots > shape->inline_capacity &&
      !reserve_slot(iso, o, slots - shape->inline_capacity - 1)) {
    vm_forget_exception(iso);
  }
  uint32_t used = shape->table ? shape->table->count : 0;
  (void)shape_table_reserve(iso, &shape->table, used + count);
}

// Of a UNIQUE shape with a large table, for each addition and removal.
static void go_on(Isolate *iso, Object *o) {
  if (shape_index_move_on(iso, o->shape->table) ||
      !vm_dictionary_is_sparse(o->shape))
    return;
  prepare_change(iso, o);
  vm_dictionary_compact_some(iso, o);
}

static bool store_new_slot(Isolate *iso, Object *o, uint32_t slot,
                           Value value) {
  uint32_t inline_capacity = o->shape->inline_capacity;
  if (slot < inline_capacity) {
    gc_store_word(iso->heap, &o->inline_slots[slot], value);
    return true;
  }
  if (unlikely(!reserve_slot(iso, o, slot - inline_capacity))) return false;
  gc_store_word(iso->heap, &o->slots->values[slot - inline_capacity], value);
  return true;
}

bool vm_object_append_slot(Isolate *iso, Object *o, Shape *shape, Value value) {
  if (unlikely(!store_new_slot(iso, o, shape->cell.extra - 1, value))) {
    return false;
  }
  object_set_shape(iso, o, shape);
  return true;
}

// To an object with a UNIQUE shape.
static bool add_to_unique(Isolate *iso, Object *o, PropertyKey key, Value value,
                          uint32_t attributes) {
  Shape *shape = o->shape;
  if (unlikely(shape_has_large_table(shape))) {
    go_on(iso, o);
    shape = o->shape;
  } else if (unlikely(shape->table != NULL &&
                      shape->table->count == shape->table->cell.extra) &&
             shape->cell.extra - shape->property_count >
                 shape->property_count / 4) {
    // It would be copied anyway; slots are taken back as well.
    shape = prepare_change(iso, o);
    vm_dictionary_compact(iso, o, shape->property_count + 8);
  }
  uint32_t slot = shape->cell.extra;
  if (unlikely(!store_new_slot(iso, o, slot, value))) return false;
  if (unlikely(
          !shape_table_append(iso, &shape->table, key, slot, attributes))) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  if (key_is_symbol(key)) shape->cell.flags |= SHAPE_HAS_SYMBOL_KEYS;
  shape->cell.extra = slot + 1;
  shape->property_count++;
  shape_changed(iso, shape);
  return true;
}

bool vm_object_add_property(Isolate *iso, Object *o, PropertyKey key,
                            Value value, uint8_t attributes) {
  if (unlikely(o->shape->cell.flags & SHAPE_LAZY)) {
    vm_object_materialize(iso, o);
  }
  Shape *shape = o->shape;
  if (likely(!(shape->cell.flags & SHAPE_UNIQUE))) {
    if (likely(shape->property_count < SHAPE_MAX_SHARED_PROPERTIES)) {
      return vm_object_append_slot(
          iso, o, vm_shape_add(iso, shape, key, attributes), value);
    }
    vm_object_make_unique(iso, o);
  }
  return add_to_unique(iso, o, key, value, attributes);
}

bool vm_object_add_text(Isolate *iso, Object *o, String *text, Value value) {
  return add_to_unique(iso, o, value_from_cell(text), value,
                       shape_text_attributes(text, PROPERTY_DEFAULT));
}

// Of the object's UNIQUE, unwatched shape.
static void remove_entry(Isolate *iso, Object *o, ShapeEntry *e) {
  Shape *shape = o->shape;
  uint32_t slot = e->slot;
  gc_store_word(iso->heap, object_slot(o, slot), VALUE_UNDEFINED);
  shape_table_remove(iso, shape->table, e);
  shape->property_count--;
  if (slot + 1 == shape->cell.extra) shape->cell.extra = slot;
  if (unlikely(shape_has_large_table(shape))) {
    go_on(iso, o);
    return;
  }
  uint32_t wasted = shape->cell.extra - shape->property_count;
  if (wasted > 16 && wasted / 3 > shape->property_count) {
    vm_dictionary_compact(iso, o, shape->property_count / 2 + 8);
  }
}

void vm_object_remove_property(Isolate *iso, Object *o, PropertyKey key) {
  Shape *shape = o->shape;
  if (!(shape->cell.flags & SHAPE_UNIQUE) && shape->key == key) {
    uint32_t slot = shape->cell.extra - 1;
    gc_store_word(iso->heap, object_slot(o, slot), VALUE_UNDEFINED);
    object_set_shape(iso, o, shape->parent);
    return;
  }
  shape = prepare_change(iso, o);
  remove_entry(iso, o, shape_table_find(shape->table, key, UINT32_MAX));
}

void vm_object_remove_text(Isolate *iso, Object *o, const String *text) {
  const Shape *shape = prepare_change(iso, o);
  remove_entry(iso, o, shape_table_find_text(shape->table, text));
}

void vm_object_change_attributes(Isolate *iso, Object *o, PropertyKey key,
                                 uint8_t attributes) {
  Shape *shape = prepare_change(iso, o);
  ShapeEntry *e = shape_table_find(shape->table, key, UINT32_MAX);
  e->attributes = shape_entry_with(e, attributes);
}
