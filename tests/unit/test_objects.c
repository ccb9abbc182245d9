// SPDX-License-Identifier: MIT
// Shapes, property access, elements and the lookups of inline caches, below the
// level that scripts see.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "vm/objects/hash_table.h"
#include "vm/objects/lookup.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"
#include "vm/objects/weak_table.h"

static Isolate *iso;

static int set_up(void **state) {
  IsolateOptions options = {.gc_stop_the_world = true};
  iso = vm_isolate_new(&options);
  return iso == NULL || vm_realm_new(iso) == NULL;
}

static int tear_down(void **state) {
  vm_isolate_free(iso);
  return 0;
}

static PropertyKey name(const char *text) {
  return vm_key_from_c(text);
}

static PropertyKey numbered(int i) {
  char text[16];
  snprintf(text, sizeof text, "p%d", i);
  return name(text);
}

static void put(Object *o, PropertyKey key, Value v) {
  vm_put(iso, o, key, v, PROPERTY_DEFAULT);
}

static void equal_histories_give_equal_shapes(void **state) {
  Object *a = vm_object_new(iso), *b = vm_object_new(iso),
         *c = vm_object_new(iso);
  for (int i = 0; i < 20; i++) {
    put(a, numbered(i), value_from_int(i));
    put(b, numbered(i), value_from_int(-i));
    put(c, numbered(19 - i), value_from_int(i));
  }
  assert_ptr_equal(a->shape, b->shape);
  assert_ptr_not_equal(a->shape, c->shape);
  for (int i = 0; i < 20; i++) {
    assert_int_equal(value_as_int(vm_get(iso, b, numbered(i))), -i);
    assert_int_equal(value_as_int(vm_get(iso, c, numbered(i))), 19 - i);
  }
  // Deleting the last property goes back; freezing equally stays equal.
  assert_int_equal(vm_delete(iso, a, numbered(19)), 1);
  assert_int_equal(vm_delete(iso, b, numbered(19)), 1);
  assert_ptr_equal(a->shape, b->shape);
  assert_int_equal(vm_set_integrity(iso, a, INTEGRITY_FROZEN), 1);
  assert_int_equal(vm_set_integrity(iso, b, INTEGRITY_FROZEN), 1);
  assert_ptr_equal(a->shape, b->shape);
  assert_int_equal(vm_test_integrity(iso, a, INTEGRITY_FROZEN), 1);
}

static void dictionaries_keep_order_and_compact(void **state) {
  Object *o = vm_object_new(iso);
  for (int i = 0; i < 1000; i++)
    put(o, numbered(i), value_from_int(i));
  assert_true(o->shape->cell.flags & SHAPE_UNIQUE);
  for (int i = 0; i < 1000; i++) {
    if (i % 10 != 0) assert_int_equal(vm_delete(iso, o, numbered(i)), 1);
  }
  assert_true(o->shape->cell.extra < 300);
  put(o, numbered(5), VALUE_TRUE);
  KeyList keys;
  vm_key_list_init(&keys);
  assert_true(vm_own_keys(iso, o, &keys));
  assert_int_equal(keys.count, 101);
  for (int i = 0; i < 100; i++) {
    assert_true(keys.keys[i] == numbered(i * 10));
    assert_int_equal(value_as_int(vm_get(iso, o, keys.keys[i])), i * 10);
  }
  assert_true(keys.keys[100] == numbered(5));
  // A queue of names: neither slots nor table may grow without bound.
  for (int i = 0; i < 20000; i++) {
    put(o, numbered(2000 + i % 5000), VALUE_TRUE);
    assert_int_equal(vm_delete(iso, o, numbered(2000 + i % 5000)), 1);
  }
  assert_true(o->shape->table->cell.extra < 2000);
}

static void large_dictionaries_change_bit_by_bit(void **state) {
  enum { KEYS = 200000 };
  Object *o = vm_object_new(iso);
  uint32_t moves = 0, longest = 0, growths = 0;
  for (int i = 0; i < KEYS; i++) {
    const ShapeTable *table = o->shape->table;
    uint32_t moved = table && table->index ? table->index->moved : 0;
    put(o, numbered(i), value_from_int(i));
    const ShapeTable *now = o->shape->table;
    if (!now->index) continue;
    growths += now != table;
    moves += now->index->source != NULL;
    uint32_t step = now->index->moved - moved;
    if (now->index->moved > moved && step > longest) longest = step;
    int other = (int)((uint32_t)i * 7919u % (uint32_t)(i + 1));
    assert_int_equal(value_as_int(vm_get(iso, o, numbered(other))), other);
  }
  assert_true(moves > KEYS / 32);
  assert_true(longest <= 16);
  // Beyond a megabyte entries stay where they are.
  assert_true(growths < 10);
  // Removal: entries move down a few at a time, and nothing is left over.
  for (int i = 0; i < KEYS; i += 2) {
    const ShapeIndex *index = o->shape->table->index;
    uint32_t before = index->is_compacting ? index->compacted : 0;
    assert_int_equal(vm_delete(iso, o, numbered(i)), 1);
    index = o->shape->table->index;
    if (index->is_compacting) assert_true(index->compacted <= before + 8);
    int other = i + 1 + 2 * (int)((uint32_t)i * 7919u % 1000u);
    if (other < KEYS)
      assert_int_equal(value_as_int(vm_get(iso, o, numbered(other))), other);
  }
  assert_true(o->shape->table->count < KEYS * 3 / 4);
  KeyList keys;
  vm_key_list_init(&keys);
  assert_true(vm_own_keys(iso, o, &keys));
  assert_int_equal(keys.count, KEYS / 2);
  for (int i = 0; i < KEYS / 2; i++)
    assert_true(keys.keys[i] == numbered(2 * i + 1));
  for (int i = 1; i < KEYS; i += 2)
    assert_int_equal(vm_delete(iso, o, numbered(i)), 1);
  assert_true(o->shape->table->cell.extra < 20000);
}

static void arrays_grow_shrink_and_go_sparse(void **state) {
  Array *a = vm_array_new(iso, 0);
  for (int i = 0; i < 10000; i++) {
    assert_true(vm_array_push(iso, a, value_from_int(i)));
  }
  assert_true(vm_has_plain_elements(iso, &a->object));
  assert_true(
      vm_set(iso, &a->object, key_from_index(50000000), VALUE_TRUE, true));
  assert_int_equal(a->length, 50000001);
  assert_false(vm_has_plain_elements(iso, &a->object));
  assert_int_equal(value_as_int(vm_get(iso, &a->object, key_from_index(7777))),
                   7777);
  PropertyDescriptor fixed = {VALUE_NULL, VALUE_EMPTY, VALUE_EMPTY, 0,
                              PROPERTY_DEFAULT};
  assert_int_equal(vm_define_own(iso, &a->object, key_from_index(100), &fixed),
                   1);
  // An element that is not configurable stops the truncation.
  assert_int_equal(vm_array_set_length(iso, a, 10), 0);
  assert_int_equal(a->length, 101);
  KeyList keys;
  vm_key_list_init(&keys);
  assert_true(vm_own_keys(iso, &a->object, &keys));
  assert_int_equal(keys.count, 102);
  for (uint32_t i = 0; i <= 100; i++) {
    assert_true(keys.keys[i] == key_from_index(i));
  }
}

static void dense_means_extensible(void **state) {
  Array *a = vm_array_from(iso, (Value[]){VALUE_TRUE, VALUE_FALSE}, 2);
  assert_int_equal(vm_prevent_extensions(iso, &a->object), 1);
  assert_int_equal(a->object.elements->capacity, 0);
  Value base = value_from_cell(a);
  assert_true(vm_set_element(iso, base, value_from_int(2), VALUE_NULL, false));
  assert_int_equal(a->length, 2);
  assert_false(vm_set_element(iso, base, value_from_int(2), VALUE_NULL, true));
  (void)vm_take_exception(iso);
  assert_true(vm_set_element(iso, base, value_from_int(1), VALUE_NULL, true));
  assert_true(vm_get_element(iso, base, value_from_int(1)) == VALUE_NULL);
}

static void caches_notice_changes_above(void **state) {
  Object *top = vm_object_new(iso);
  Object *middle = vm_object_new_with(iso, top);
  Object *o = vm_object_new_with(iso, middle);
  put(top, name("m"), value_from_int(1));
  LookupResult r;
  vm_lookup_for_cache(iso, value_from_cell(o), name("m"), &r);
  assert_int_equal(r.kind, LOOKUP_PROTOTYPE);
  assert_ptr_equal(r.holder, top);
  assert_true(validity_holds(r.validity));
  // Overwriting keeps the promise, shadowing breaks it.
  assert_true(vm_set(iso, top, name("m"), value_from_int(2), true));
  assert_true(validity_holds(r.validity));
  assert_int_equal(value_as_int(*lookup_slot_of(&r, r.holder)), 2);
  put(middle, name("m"), value_from_int(3));
  assert_false(validity_holds(r.validity));
  vm_lookup_for_cache(iso, value_from_cell(o), name("absent"), &r);
  assert_int_equal(r.kind, LOOKUP_ABSENT);
  put(INTRINSIC_OBJECT(iso, ObjectPrototype), name("absent"), VALUE_TRUE);
  assert_false(validity_holds(r.validity));
  vm_lookup_for_cache(iso, value_from_cell(o), name("absent"), &r);
  assert_int_equal(r.kind, LOOKUP_PROTOTYPE);
  assert_int_equal(vm_set_prototype_of(iso, middle, NULL), 1);
  assert_false(validity_holds(r.validity));
}

static void additions_are_planned_right(void **state) {
  Object *model = vm_object_new(iso), *o = vm_object_new(iso);
  for (int i = 0; i < 40; i++) {
    LookupResult r;
    vm_store_lookup_for_cache(iso, value_from_cell(model), numbered(i), &r);
    put(model, numbered(i), VALUE_TRUE);
    assert_ptr_equal(r.new_shape, model->shape);
    assert_ptr_equal(r.shape, o->shape);
    if (r.kind == STORE_ADD) {
      gc_store_word(iso->heap, lookup_slot_of(&r, o), value_from_int(i));
      gc_store_pointer(iso->heap, &o->shape, r.new_shape);
    } else {
      assert_int_equal(r.kind, STORE_ADD_GROW);
      assert_true(
          vm_object_append_slot(iso, o, r.new_shape, value_from_int(i)));
    }
  }
  for (int i = 0; i < 40; i++) {
    assert_int_equal(value_as_int(vm_get(iso, o, numbered(i))), i);
  }
}

static void watched_shapes_are_replaced(void **state) {
  Object *o = vm_object_new(iso);
  vm_object_make_unique(iso, o);
  for (int i = 0; i < 8; i++)
    put(o, numbered(i), value_from_int(i));
  Shape *before = o->shape;
  assert_int_equal(vm_delete(iso, o, numbered(3)), 1);
  assert_ptr_equal(o->shape, before);
  LookupResult r;
  vm_lookup_for_cache(iso, value_from_cell(o), numbered(5), &r);
  assert_int_equal(r.kind, LOOKUP_OWN);
  assert_int_equal(vm_delete(iso, o, numbered(5)), 1);
  assert_ptr_not_equal(o->shape, r.shape);
}

static void functions_make_their_properties_late(void **state) {
  Object *f = value_as_object(
      vm_get(iso, INTRINSIC_OBJECT(iso, ObjectPrototype), name("toString")));
  assert_true(f->shape->cell.flags & SHAPE_LAZY);
  assert_int_equal(vm_has_own(iso, f, KEY(name)), 1);
  assert_false(f->shape->cell.flags & SHAPE_LAZY);
}

enum { LARGE_KEYS = 200000, LARGE_ITERATORS = 64 };

typedef struct LargeTable {
  MapObject *map;
  bool *is_live; // by key
  uint32_t live, added;
  struct {
    HashTable *table;
    uint32_t index, next; // no key below `next` is still to come
  } iterators[LARGE_ITERATORS];
  uint32_t iterators_begun;
} LargeTable;

static void add_large(LargeTable *l) {
  int key = (int)l->added++;
  assert_true(vm_hash_table_set(iso, &l->map->table, value_from_int(key),
                                value_from_int(key)));
  assert_true(vm_hash_table_set(iso, &l->map->table, value_from_int(key),
                                value_from_int(key * 2)));
  l->is_live[key] = true;
  l->live++;
}

static void delete_large(LargeTable *l, uint32_t key) {
  bool was_there =
      vm_hash_table_delete(iso, &l->map->table, value_from_int((int)key));
  assert_int_equal(was_there, l->is_live[key]);
  l->live -= was_there;
  l->is_live[key] = false;
}

static void begin_large(LargeTable *l) {
  if (l->iterators_begun == LARGE_ITERATORS) return;
  l->iterators[l->iterators_begun].table = l->map->table;
  l->iterators_begun++;
}

static bool step_large(LargeTable *l, uint32_t i) {
  uint32_t key = l->iterators[i].next;
  while (key < l->added && !l->is_live[key])
    key++;
  const HashEntry *e =
      vm_hash_table_next(&l->iterators[i].table, &l->iterators[i].index);
  if (e == NULL) {
    assert_int_equal(key, l->added);
    return false;
  }
  assert_int_equal(value_as_int(e->key), key);
  assert_int_equal(value_as_int(e->value), key * 2);
  l->iterators[i].next = key + 1;
  return true;
}

// Whatever is done between the moves of its entries.
static void large_hash_tables_move_bit_by_bit(void **state) {
  LargeTable l = {.is_live = calloc(LARGE_KEYS, sizeof(bool))};
  // Old tables that only an iterator refers to are found on this stack.
  l.map = vm_object_allocate(iso, CELL_MAP, sizeof(MapObject),
                             INTRINSIC_OBJECT(iso, MapPrototype));
  l.map->table = vm_hash_table_new(iso, 4);
  uint32_t random = 12345;
  while (l.added < LARGE_KEYS) {
    random = random * 1664525 + 1013904223;
    uint32_t chance = random >> 8;
    // By turns it grows, stays about as large, and shrinks.
    bool grows = l.added % 60000 < 40000, shrinks = l.added % 60000 > 50000;
    add_large(&l);
    if (chance % 3 == 0 || !grows) delete_large(&l, chance % l.added);
    for (int i = 0; shrinks && i < 12; i++)
      delete_large(&l, (chance + (uint32_t)i * 7919) % l.added);
    uint32_t key = (chance * 31) % l.added;
    const HashEntry *e =
        vm_hash_table_find(iso, l.map->table, value_from_int((int)key));
    assert_int_equal(e != NULL, l.is_live[key]);
    assert_int_equal(vm_hash_table_live(l.map->table), l.live);
    if (chance % 3000 == 0) begin_large(&l);
    if (l.iterators_begun > 0) {
      uint32_t i = chance % l.iterators_begun;
      for (uint32_t k = 0; k < i * 8; k++)
        if (!step_large(&l, i)) break;
    }
    if (l.added % 30000 == 0) gc_collect(iso->heap, GC_START);
  }
  for (uint32_t i = 0; i < l.iterators_begun; i++)
    while (step_large(&l, i)) {
    }
  // Cleared while entries are still to be moved.
  while (l.map->table->source == NULL) {
    assert_true(vm_hash_table_set(iso, &l.map->table,
                                  value_from_int((int)l.added++), VALUE_TRUE));
  }
  HashTable *table = l.map->table->source;
  uint32_t index = 20;
  assert_true(vm_hash_table_clear(iso, &l.map->table));
  assert_null(vm_hash_table_next(&table, &index));
  assert_ptr_equal(table, l.map->table);
  free(l.is_live);
}

// Beside cycles, in which keys die.
static void large_weak_tables_move_bit_by_bit(void **state) {
  enum { KEYS = 60000 };
  WeakMapObject *map =
      vm_object_allocate(iso, CELL_WEAK_MAP, sizeof(WeakMapObject),
                         INTRINSIC_OBJECT(iso, WeakMapPrototype));
  Array *keys = vm_array_new(iso, 0);
  bool *is_there = calloc(KEYS, sizeof(bool));
  uint32_t random = 54321;
  for (uint32_t i = 0; i < KEYS; i++) {
    Value key = value_from_cell(
        vm_object_allocate(iso, CELL_OBJECT, sizeof(Object),
                           INTRINSIC_OBJECT(iso, ObjectPrototype)));
    Array *value = vm_array_new(iso, 0); // only the table refers to it
    assert_true(vm_array_push(iso, value, value_from_int((int)i)));
    assert_true(vm_array_push(iso, keys, key));
    assert_true(
        vm_weak_table_set(iso, &map->table, key, value_from_cell(value)));
    is_there[i] = true;
    random = random * 1664525 + 1013904223;
    uint32_t other = (random >> 8) % (i + 1);
    Value k = keys->object.elements->values[other];
    if (k == VALUE_UNDEFINED) continue;
    WeakEntry *e = vm_weak_table_find(map->table, k);
    assert_int_equal(e != NULL, is_there[other]);
    if (e != NULL) {
      const Array *content = (Array *)value_as_object(e->value);
      assert_int_equal(value_as_int(content->object.elements->values[0]),
                       other);
    }
    if (random % 4 == 0) {
      assert_int_equal(vm_weak_table_delete(iso, map->table, k), e != NULL);
      is_there[other] = false;
    } else if (random % 4 == 1) { // it dies
      gc_store_word(iso->heap, &keys->object.elements->values[other],
                    VALUE_UNDEFINED);
    }
    if (i % 9000 == 0) gc_collect(iso->heap, GC_START);
    gc_safepoint(iso->heap);
  }
  gc_collect(iso->heap, GC_FULL);
  for (uint32_t i = 0; i < KEYS; i++) {
    Value k = keys->object.elements->values[i];
    if (k == VALUE_UNDEFINED) continue;
    assert_int_equal(vm_weak_table_find(map->table, k) != NULL, is_there[i]);
  }
  free(is_there);
}

static void hash_tables_survive_mutation(void **state) {
  MapObject *m = vm_object_allocate(iso, CELL_MAP, sizeof(MapObject),
                                    INTRINSIC_OBJECT(iso, MapPrototype));
  m->table = vm_hash_table_new(iso, 4);
  for (int i = 0; i < 1000; i++) {
    assert_true(vm_hash_table_set(iso, &m->table, value_from_int(i),
                                  value_from_int(i * 2)));
  }
  HashTable *table = m->table;
  uint32_t index = 0;
  for (int i = 0; i < 500; i++) {
    assert_int_equal(value_as_int(vm_hash_table_next(&table, &index)->key), i);
  }
  for (int i = 0; i < 990; i++) {
    assert_true(vm_hash_table_delete(iso, &m->table, value_from_int(i)));
  }
  gc_collect(iso->heap, GC_FULL);
  for (int i = 990; i < 1000; i++) {
    assert_int_equal(value_as_int(vm_hash_table_next(&table, &index)->key), i);
  }
  assert_null(vm_hash_table_next(&table, &index));
  assert_non_null(vm_hash_table_find(iso, m->table, value_from_double(995.0)));
  assert_true(vm_hash_table_clear(iso, &m->table));
  assert_true(
      vm_hash_table_set(iso, &m->table, value_from_double(-0.0), VALUE_TRUE));
  assert_true(vm_hash_table_next(&table, &index)->key == value_from_int(0));
}

static void unused_shapes_are_collected(void **state) {
  Object *keep = vm_object_new(iso);
  put(keep, name("kept"), VALUE_TRUE);
  for (int round = 0; round < 20; round++) {
    for (int i = 0; i < 2000; i++) {
      put(vm_object_new(iso), numbered(10000 + round * 2000 + i), VALUE_TRUE);
    }
    gc_collect(iso->heap, GC_FULL);
  }
  ShapeTransitions *t = iso->realm->object_shape->transitions;
  assert_true(t->cell.extra <= 4096);
  uint32_t live = 0;
  for (uint32_t i = 0; i < t->cell.extra; i++)
    live += value_is_cell((Value)(uintptr_t)t->children[i]) &&
            t->children[i] != NULL;
  assert_int_equal(live, t->used - t->cleared);
  assert_true(live < 3000);
  Object *again = vm_object_new(iso);
  put(again, name("kept"), VALUE_FALSE);
  assert_ptr_equal(again->shape, keep->shape);
}

static bool always(void) {
  return true;
}

// What is in no object's power to do without is made past the limit: changes
// that only move properties never lose them, and what is added is there or
// threw.
static void properties_stay_without_memory(void **state) {
  enum { COUNT = 700 };
  Isolate *with_memory = iso;
  IsolateOptions options = {.gc_stop_the_world = true, .gc_stress = UINT32_MAX};
  iso = vm_isolate_new(&options);
  assert_non_null(iso);
  assert_non_null(vm_realm_new(iso));
  Object *objects[3];
  for (int i = 0; i < 3; i++)
    objects[i] = vm_object_new(iso);
  for (int i = 0; i < COUNT; i++)
    numbered(i);
  gc_fail_allocations(always);
  bool is_there[3][COUNT] = {{false}};
  for (int i = 0; i < COUNT; i++) {
    // A shape's table is made, and parted from the others', at any size.
    if (i == 300) vm_object_make_unique(iso, objects[1]);
    if (i == 400) assert_int_equal(vm_delete(iso, objects[2], numbered(7)), 1);
    for (int k = 0; k < 3; k++) {
      PropertyKey key = numbered(i);
      is_there[k][i] = vm_object_add_property(
          iso, objects[k], key, value_from_int(i), PROPERTY_DEFAULT);
      assert_int_equal(is_there[k][i], !vm_has_exception(iso));
      vm_forget_exception(iso);
    }
  }
  gc_fail_allocations(NULL);
  is_there[2][7] = false;
  for (int k = 0; k < 3; k++) {
    for (int i = 0; i < COUNT; i++) {
      Value v = vm_get(iso, objects[k], numbered(i));
      assert_true(v == (is_there[k][i] ? value_from_int(i) : VALUE_UNDEFINED));
    }
  }
  vm_isolate_free(iso);
  iso = with_memory;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_histories_give_equal_shapes),
      cmocka_unit_test(dictionaries_keep_order_and_compact),
      cmocka_unit_test(large_dictionaries_change_bit_by_bit),
      cmocka_unit_test(arrays_grow_shrink_and_go_sparse),
      cmocka_unit_test(dense_means_extensible),
      cmocka_unit_test(caches_notice_changes_above),
      cmocka_unit_test(additions_are_planned_right),
      cmocka_unit_test(watched_shapes_are_replaced),
      cmocka_unit_test(functions_make_their_properties_late),
      cmocka_unit_test(hash_tables_survive_mutation),
      cmocka_unit_test(large_hash_tables_move_bit_by_bit),
      cmocka_unit_test(large_weak_tables_move_bit_by_bit),
      cmocka_unit_test(unused_shapes_are_collected),
      cmocka_unit_test(properties_stay_without_memory),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
