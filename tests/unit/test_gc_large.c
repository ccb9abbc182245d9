// SPDX-License-Identifier: MIT
// Cells above a block's size, and memory that goes back to the system.
#include <string.h>

#include "gc_fixture.h"

static __attribute__((noinline)) void fill_large(GcHeap *heap, Node *list) {
  for (uint32_t i = 0; i < list->cell.extra; i++) {
    Node *n = new_node(heap, 1000 + i * 3000);
    gc_publish(&n->slots[0], word(new_node(heap, 1)));
    gc_store_word(heap, &list->slots[i], word(n));
  }
}

static __attribute__((noinline)) void check_large(Node *list) {
  for (uint32_t i = 0; i < 200; i++) {
    assert_int_equal(node_at(list, i)->cell.extra, 1000 + i * 3000);
    assert_int_equal(node_at(node_at(list, i), 0)->cell.extra, 1);
  }
}

static __attribute__((noinline)) void large_round(GcHeap *heap, GcRoot *root) {
  root->word = word(new_node(heap, 200));
  fill_large(heap, (Node *)(uintptr_t)root->word);
  gc_collect(heap, GC_FULL);
  check_large((Node *)(uintptr_t)root->word);
}

static void frees_large_cells(void **state) {
  (void)state;
  GcHeap *heap = new_heap(0, 0);
  GcRoot root;
  gc_root_add(heap, &root, 0);
  GcStats stats = {0}; // what is left on the stack could keep a large cell
  for (int round = 0; round < 5; round++)
    large_round(heap, &root);
  root.word = 0;
  clean_stack();
  gc_collect(heap, GC_FULL);
  gc_stats(heap, &stats);
  assert_true(stats.live_bytes < 30 << 20);
  assert_true(stats.peak_heap_bytes < (size_t)2000 << 20);
  gc_heap_destroy(heap);
}

// A heap that was large once, its live cells all over it, becomes smaller as
// they are replaced, large cells among them.
static void shrinks_after_it_was_large(void **state) {
  (void)state;
  enum { COUNT = 100000, TIMES = 10, LARGE = 20, ROUNDS = 60 };
  GcHeap *heap = new_heap(0, 0);
  GcRoot root;
  gc_root_add(heap, &root, word(new_node(heap, COUNT + LARGE)));
  Node *all = (Node *)(uintptr_t)root.word;
  uint32_t random = 1;
  for (uint32_t i = 0; i < COUNT * TIMES; i++) {
    Node *n = new_node(heap, 6);
    random = random * 1664525 + 1013904223;
    // All are alive until the end.
    gc_publish(&n->slots[0], all->slots[i % COUNT]);
    gc_store_pointer(heap, &all->slots[i % COUNT], word(n));
  }
  gc_collect(heap, GC_FULL);
  GcStats stats;
  gc_stats(heap, &stats);
  size_t peak = stats.heap_bytes;
  assert_true(stats.live_bytes > (size_t)COUNT * TIMES * 64);
  for (uint32_t i = 0; i < COUNT; i++) // one of each chain is left
    for (random = random * 1664525 + 1013904223;;) {
      Node *n = node_at(all, i), *next = node_at(n, 0);
      if (next == NULL || (random = random * 1664525 + 1013904223) >> 30 == 0) {
        gc_store_word(heap, &n->slots[0], 0);
        break;
      }
      gc_store_word(heap, &all->slots[i], word(next));
    }
  for (uint32_t round = 0; round < ROUNDS; round++) {
    for (uint32_t i = 0; i < COUNT / 4; i++) {
      random = random * 1664525 + 1013904223;
      gc_store_word(heap, &all->slots[(random >> 8) % COUNT],
                    word(new_node(heap, 6)));
    }
    for (uint32_t i = 0; i < LARGE / 4; i++) {
      random = random * 1664525 + 1013904223;
      Node *large = new_node(heap, 5000 + (random >> 8) % 30000);
      gc_store_word(heap, &all->slots[COUNT + (random >> 8) % LARGE],
                    word(large));
    }
    gc_collect(heap, GC_FULL);
  }
  gc_stats(heap, &stats);
  assert_true(peak / 3 * 2 > stats.heap_bytes);
  // The least that a heap keeps is 16 MiB more than what is alive.
  assert_true(stats.heap_bytes < 2 * stats.live_bytes + ((size_t)20 << 20));
  gc_root_remove(heap, &root);
  gc_heap_destroy(heap);
}

// Arrays that are marked in slices and replaced by copies in the middle of it;
// their elements change places meanwhile.
static void marks_large_cells_in_slices(void **state) {
  (void)state;
  enum { COUNT = 30000, ROUNDS = 400 };
  GcHeap *heap = new_heap(0, 0);
  Node *holder = new_node(heap, 1);
  GcRoot root;
  gc_root_add(heap, &root, word(holder));
  Node *array = new_node(heap, COUNT);
  gc_store_pointer(heap, &holder->slots[0], word(array));
  for (uint32_t i = 0; i < COUNT; i++) {
    Node *n = new_node(heap, 1);
    gc_publish(&n->slots[0], (uint64_t)i * 4 + 2);
    gc_store_word(heap, &array->slots[i], word(n));
  }
  for (uint32_t round = 0; round < ROUNDS; round++) {
    Node *copy = new_node(heap, COUNT);
    memcpy(copy->slots, array->slots, COUNT * sizeof(uint64_t));
    gc_store_pointer(heap, &holder->slots[0], word(copy));
    array = copy;
    for (uint32_t i = 0; i < 200; i++) {
      uint64_t *one = &array->slots[(i * 7919 + round) % COUNT],
               *other = &array->slots[(i * 104729 + round * 31) % COUNT];
      uint64_t moved = *one;
      gc_store_word(heap, one, *other);
      gc_store_word(heap, other, moved);
      new_node(heap, 20);
    }
    gc_safepoint(heap);
  }
  clean_stack();
  gc_collect(heap, GC_FULL);
  uint64_t sum = 0;
  array = node_at(holder, 0);
  for (uint32_t i = 0; i < COUNT; i++) {
    assert_int_equal(node_at(array, i)->cell.kind, KIND_NODE);
    sum += node_at(array, i)->slots[0] / 4;
  }
  assert_int_equal(sum, (uint64_t)COUNT * (COUNT - 1) / 2);
  gc_root_remove(heap, &root);
  gc_heap_destroy(heap);
}

// While cycles run: the slots are filled as they come.
static __attribute__((noinline)) void grow_large(GcHeap *heap, GcRoot *root) {
  enum { FIRST = 400000, STEP = 50000, COUNT = 2000000, CELLS_EACH = 500 };
  Node *n = gc_allocate_growable(heap, sizeof(Node) + FIRST * 8, KIND_NODE);
  assert_non_null(n);
  root->word = word(n);
  for (uint32_t count = FIRST, done = 0; count <= COUNT; count += STEP) {
    assert_true(gc_grow(heap, n, sizeof(Node) + (size_t)count * 8));
    assert_true(gc_cell_bytes(n) >= sizeof(Node) + (size_t)count * 8);
    assert_int_equal(n->slots[count - 1], 0);
    __atomic_store_n(&n->cell.extra, count, __ATOMIC_RELEASE);
    for (; done < count; done += CELLS_EACH) {
      Node *one = new_node(heap, 1);
      gc_publish(&one->slots[0], (uint64_t)done * 4 + 2);
      gc_store_word(heap, &n->slots[done], word(one));
    }
    make_tree(heap, 9, 1);
  }
  // Past the limit; nothing has changed.
  assert_false(gc_grow(heap, n, 65 << 20));
  assert_false(gc_grow(heap, n, (size_t)1 << 60));
  gc_collect(heap, GC_FULL);
  for (uint32_t i = 0; i < COUNT; i += CELLS_EACH)
    assert_int_equal(node_at(n, i)->slots[0], (uint64_t)i * 4 + 2);
  // The middle of it is found through the stack.
  char *volatile inner = (char *)&n->slots[COUNT / 2];
  root->word = 0;
  n = NULL;
  gc_collect(heap, GC_FULL);
  Node *middle = (Node *)(uintptr_t) * (uint64_t *)(void *)inner;
  assert_int_equal(middle->slots[0], (uint64_t)COUNT / 2 * 4 + 2);
}

static void large_cells_grow_where_they_are(void **state) {
  (void)state;
  GcHeap *heap = new_heap(64 << 20, 0);
  GcRoot root;
  gc_root_add(heap, &root, 0);
  GcStats stats = {0};
  grow_large(heap, &root);
  clean_stack();
  gc_collect(heap, GC_FULL);
  gc_stats(heap, &stats);
  assert_true(stats.peak_heap_bytes >= 16000000);
  assert_true(stats.peak_heap_bytes < 80 << 20);
  assert_true(stats.live_bytes < 2 << 20);
  assert_true(stats.heap_bytes < 40 << 20);
  gc_root_remove(heap, &root);
  gc_heap_destroy(heap);
}

// Of a heap that was large, a few cells all over it keep all chunks; the memory
// between them goes back to the system, and comes again.
static void gives_back_free_blocks(void **state) {
  (void)state;
  enum { BYTES = 8000, COUNT = 12000, APART = 160 };
  GcHeap *heap = new_heap(0, 0);
  GcRoot root;
  Node *all = new_node(heap, COUNT);
  gc_root_add(heap, &root, word(all));
  for (uint32_t round = 0; round < 3; round++) {
    for (uint32_t i = 0; i < COUNT; i++) {
      Node *leaf = gc_allocate(heap, BYTES, KIND_LEAF);
      leaf->slots[BYTES / 8 - 3] = i + round;
      gc_store_word(heap, &all->slots[i], word(leaf));
    }
    GcStats full, few;
    gc_collect(heap, GC_FULL);
    gc_stats(heap, &full);
    for (uint32_t i = 0; i < COUNT; i++) {
      if (i % APART != 0) gc_store_word(heap, &all->slots[i], 0);
    }
    gc_collect(heap, GC_FULL);
    gc_collect(heap, GC_FULL);
    gc_stats(heap, &few);
    assert_true(full.heap_bytes >= (size_t)COUNT * BYTES);
    assert_true(few.heap_bytes < full.heap_bytes / 2);
    for (uint32_t i = 0; i < COUNT; i += APART)
      assert_int_equal(node_at(all, i)->slots[BYTES / 8 - 3], i + round);
  }
  gc_root_remove(heap, &root);
  gc_collect(heap, GC_FULL);
  gc_heap_destroy(heap);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(frees_large_cells),
      cmocka_unit_test(marks_large_cells_in_slices),
      cmocka_unit_test(large_cells_grow_where_they_are),
      cmocka_unit_test(shrinks_after_it_was_large),
      cmocka_unit_test(gives_back_free_blocks),
  };
  return run_in_all_modes(tests, sizeof tests / sizeof tests[0]);
}
