// SPDX-License-Identifier: MIT
// Weak cells, ephemerons, finalizers.
#include "gc_fixture.h"

static __attribute__((noinline)) void fill_weak(GcHeap *heap, Node *weak,
                                                Node *strong) {
  for (uint32_t i = 0; i < weak->cell.extra; i++) {
    Node *n = new_node(heap, 1);
    weak->slots[i] = word(n);
    if (i % 2) gc_store_word(heap, &strong->slots[i], word(n));
  }
}

// While the collector clears weak cells nothing is swept yet: what was free
// before has to do.
static void fills_what_was_free_while_weak_cells_are_cleared(void **state) {
  (void)state;
  if (plain_mode) return; // nothing runs meanwhile
  enum { COUNT = 600000, MEANWHILE = 200000 };
  GcHeap *heap = new_heap(0, 0);
  GcRoot root, gate, first;
  gc_root_add(heap, &root, word(new_node(heap, COUNT)));
  Node *all = (Node *)(uintptr_t)root.word;
  for (uint32_t i = 0; i < COUNT; i++)
    gc_store_pointer(heap, &all->slots[i], word(new_node(heap, 6)));
  for (uint32_t i = 0; i < COUNT; i += 2) // a hole beside each that is left
    gc_store_word(heap, &all->slots[i], 0);
  gc_collect(heap, GC_FULL);
  gc_collect(heap, GC_FULL); // and what was made in the first one's time
  GcStats before, after;
  gc_stats(heap, &before);
  GcCell *cell = gc_allocate(heap, sizeof(GcCell), KIND_GATE);
  gc_root_add(heap, &gate, (uint64_t)(uintptr_t)cell);
  gc_root_add(heap, &first, 0);
  atomic_store(&is_at_gate, false);
  atomic_store(&may_pass, false);
  gc_add_weak(heap, cell);
  gc_collect(heap, GC_START);
  while (!atomic_load(&is_at_gate))
    gc_safepoint(heap);
  for (uint32_t i = 0; i < MEANWHILE; i++) {
    Node *n = new_node(heap, 6);
    gc_publish(&n->slots[0], first.word);
    gc_publish(&n->slots[1], i);
    first.word = word(n);
  }
  gc_stats(heap, &after);
  atomic_store(&may_pass, true);
  assert_true(after.heap_bytes <= before.heap_bytes);
  gc_collect(heap, GC_FULL);
  Node *n = (Node *)(uintptr_t)first.word;
  for (uint32_t i = MEANWHILE; i-- > 0; n = node_at(n, 0))
    assert_int_equal(n->slots[1], i);
  gc_root_remove(heap, &first);
  gc_root_remove(heap, &gate);
  gc_root_remove(heap, &root);
  gc_heap_destroy(heap);
}

static void clears_weak_references(void **state) {
  (void)state;
  GcHeap *heap = new_heap(0, 0);
  GcRoot weak_root, strong_root;
  Node *weak = gc_allocate(heap, sizeof(Node) + 100 * 8, KIND_WEAK);
  weak->cell.extra = 100;
  gc_add_weak(heap, weak);
  gc_root_add(heap, &weak_root, word(weak));
  gc_root_add(heap, &strong_root, word(new_node(heap, 100)));
  fill_weak(heap, weak, (Node *)(uintptr_t)strong_root.word);
  clean_stack();
  gc_collect(heap, GC_FULL);
  int kept = 0;
  for (uint32_t i = 0; i < 100; i++) {
    if (i % 2)
      assert_int_not_equal(weak->slots[i], 0);
    else
      kept += weak->slots[i] != 0;
  }
  assert_true(kept <= 2); // the stack may still hold one
  gc_heap_destroy(heap);
}

static __attribute__((noinline)) void fill_ephemerons(GcHeap *heap, Node *table,
                                                      GcRoot *first_key) {
  // A chain: each value is the next pair's key.
  Node *key = new_node(heap, 1);
  first_key->word = word(key);
  for (uint32_t i = 0; i < table->cell.extra / 4; i++) {
    Node *value = new_node(heap, 1);
    value->slots[0] = (i << 2) | 2;
    table->slots[2 * i] = word(key);
    table->slots[2 * i + 1] = word(value);
    key = value;
  }
  // And pairs whose keys only their values refer to.
  for (uint32_t i = table->cell.extra / 4; i < table->cell.extra / 2; i++) {
    Node *value = new_node(heap, 1);
    Node *own_key = new_node(heap, 1);
    value->slots[0] = word(own_key);
    table->slots[2 * i] = word(own_key);
    table->slots[2 * i + 1] = word(value);
  }
}

static void resolves_ephemerons(void **state) {
  (void)state;
  GcHeap *heap = new_heap(0, 0);
  GcRoot table_root, key_root;
  Node *table = gc_allocate(heap, sizeof(Node) + 200 * 8, KIND_EPHEMERON);
  table->cell.extra = 200;
  gc_add_weak(heap, table);
  gc_root_add(heap, &table_root, word(table));
  gc_root_add(heap, &key_root, 0);
  fill_ephemerons(heap, table, &key_root);
  clean_stack();
  gc_collect(heap, GC_FULL);
  for (uint32_t i = 0; i < 50; i++) {
    assert_int_not_equal(table->slots[2 * i], 0);
    assert_int_equal(node_at(table, 2 * i + 1)->slots[0], (i << 2) | 2);
  }
  int kept = 0;
  for (uint32_t i = 50; i < 100; i++)
    kept += table->slots[2 * i] != 0;
  assert_true(kept <= 2);
  key_root.word = 0;
  clean_stack();
  gc_collect(heap, GC_FULL);
  kept = 0;
  for (uint32_t i = 0; i < 100; i++)
    kept += table->slots[2 * i] != 0;
  assert_true(kept <= 3);
  gc_heap_destroy(heap);
}

// Each value is the key of the entry before: looking at all entries until
// nothing is new would take as many looks as there are entries.
// Several, each with many keys that nothing else refers to.
static void resolves_ephemerons_of_many_tables(void **state) {
  (void)state;
  enum { TABLES = 4, SLOTS = 2000 };
  GcHeap *heap = new_heap(0, 0);
  GcRoot roots[TABLES];
  for (int i = 0; i < TABLES; i++) {
    Node *table =
        gc_allocate_any(heap, sizeof(Node) + SLOTS * 8, KIND_EPHEMERON);
    assert_non_null(table);
    table->cell.extra = SLOTS;
    gc_root_add(heap, &roots[i], word(table));
    gc_add_weak(heap, table);
    GcRoot first_key;
    gc_root_add(heap, &first_key, 0);
    fill_ephemerons(heap, table, &first_key);
    gc_root_remove(heap, &first_key);
  }
  clean_stack();
  gc_collect(heap, GC_FULL);
  uint32_t kept = 0;
  for (int i = 0; i < TABLES; i++) {
    for (uint32_t k = 0; k < SLOTS; k++)
      kept += ((Node *)(uintptr_t)roots[i].word)->slots[k] != 0;
  }
  assert_true(kept <= SLOTS); // the stack may still hold a chain
  gc_heap_destroy(heap);
}

static void resolves_long_chains_of_ephemerons(void **state) {
  (void)state;
  enum { COUNT = 100000 };
  GcHeap *heap = new_heap(0, 0);
  GcRoot table_root, key_root;
  Node *table =
      gc_allocate_large(heap, sizeof(Node) + 2 * COUNT * 8, KIND_EPHEMERON);
  table->cell.extra = 2 * COUNT;
  gc_root_add(heap, &table_root, word(table));
  gc_add_weak(heap, table);
  gc_root_add(heap, &key_root,
              word(gc_allocate(heap, sizeof(Node), KIND_LEAF)));
  uint64_t key = key_root.word;
  for (uint32_t i = COUNT; i-- > 0;) {
    Node *value = gc_allocate(heap, sizeof(Node), KIND_LEAF);
    gc_publish(&table->slots[2 * i + 1], word(value));
    gc_publish(&table->slots[2 * i], key);
    key = word(value);
  }
  gc_collect(heap, GC_FULL);
  for (uint32_t i = 0; i < 2 * COUNT; i++)
    assert_int_not_equal(table->slots[i], 0);
  gc_heap_destroy(heap);
}

static __attribute__((noinline)) void make_handles(GcHeap *heap, int *count,
                                                   Node *list, int n) {
  for (int i = 0; i < n; i++) {
    Handle *handle = gc_allocate(heap, sizeof(Handle), KIND_HANDLE);
    handle->count = count;
    gc_add_finalizer(heap, handle);
    if (list) gc_store_word(heap, &list->slots[i], word(handle));
  }
}

static void runs_finalizers(void **state) {
  (void)state;
  GcHeap *heap = new_heap(0, 0);
  int dead = 0, kept = 0;
  GcRoot root;
  gc_root_add(heap, &root, word(new_node(heap, 10)));
  make_handles(heap, &dead, NULL, 1000);
  make_handles(heap, &kept, (Node *)(uintptr_t)root.word, 10);
  clean_stack();
  gc_collect(heap, GC_FULL);
  gc_safepoint(heap);
  assert_true(dead >= 998 && dead <= 1000);
  assert_int_equal(kept, 0);
  gc_heap_destroy(heap);
  assert_int_equal(dead, 1000);
  assert_int_equal(kept, 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fills_what_was_free_while_weak_cells_are_cleared),
      cmocka_unit_test(clears_weak_references),
      cmocka_unit_test(resolves_ephemerons),
      cmocka_unit_test(resolves_ephemerons_of_many_tables),
      cmocka_unit_test(resolves_long_chains_of_ephemerons),
      cmocka_unit_test(runs_finalizers),
  };
  return run_in_all_modes(tests, sizeof tests / sizeof tests[0]);
}
