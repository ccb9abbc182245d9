// SPDX-License-Identifier: MIT
// The heap's contract, in one thread: allocation, reachability, limits.
#include <string.h>

#include "gc_fixture.h"

static void allocates_zeroed_cells_of_every_size(void **state) {
  (void)state;
  GcHeap *heap = new_heap(0, 0);
  for (int round = 0; round < 3; round++) {
    for (size_t bytes = 8; bytes < 200000; bytes += 1 + bytes / 7) {
      char *cell = gc_allocate_any(heap, bytes, KIND_LEAF);
      assert_non_null(cell);
      assert_int_equal((uintptr_t)cell % 16, 0);
      assert_true(gc_cell_bytes(cell) >= bytes);
      assert_int_equal(cell[0], KIND_LEAF);
      for (size_t i = 1; i < bytes; i++)
        assert_int_equal(cell[i], 0);
      memset(cell + 8, 0xff, bytes - 8);
    }
    gc_collect(heap, GC_FULL);
  }
  gc_heap_destroy(heap);
}

static void keeps_what_is_reachable(void **state) {
  (void)state;
  GcHeap *heap = new_heap(0, 0);
  GcRoot root;
  gc_root_add(heap, &root, word(make_tree(heap, 12, 1)));
  for (int i = 0; i < 60; i++) {
    make_tree(heap, 11, 1);
    check_tree((Node *)(uintptr_t)root.word, 12, 1);
  }
  gc_collect(heap, GC_FULL);
  check_tree((Node *)(uintptr_t)root.word, 12, 1);
  GcStats stats;
  gc_stats(heap, &stats);
  assert_true(stats.cycles > 1);
  assert_true(stats.heap_bytes < 64 << 20);
  gc_root_remove(heap, &root);
  clean_stack();
  gc_collect(heap, GC_FULL);
  gc_stats(heap, &stats);
  assert_true(stats.live_bytes < 400000);
  gc_heap_destroy(heap);
}

static void replaces_subtrees_under_collection(void **state) {
  (void)state;
  GcHeap *heap = new_heap(0, 0);
  GcRoot root;
  gc_root_add(heap, &root, word(make_tree(heap, 14, 1)));
  uint32_t random = 1;
  for (int i = 0; i < 30000; i++) {
    Node *n = (Node *)(uintptr_t)root.word;
    uint64_t path = 1;
    for (int depth = 14; depth > 4; depth--) {
      random = random * 1664525 + 1013904223;
      uint32_t side = random >> 31;
      path = path * 2 + side;
      if (depth == 5) {
        Node *fresh = make_tree(heap, 4, path);
        gc_store_word(heap, &n->slots[side], word(fresh));
      }
      n = node_at(n, side);
    }
    // Moves a subtree from one word to another through a local.
    if (i % 8 == 0) {
      Node *top = (Node *)(uintptr_t)root.word;
      Node *left = node_at(top, 0);
      gc_store_word(heap, &top->slots[0], 0);
      make_tree(heap, 3, 1);
      gc_safepoint(heap);
      gc_store_word(heap, &top->slots[0], word(left));
    }
    gc_safepoint(heap);
  }
  check_tree((Node *)(uintptr_t)root.word, 14, 1);
  gc_heap_destroy(heap);
}

// The same cells in a row of handles and in the places of another; a freed row
// is the next one's, or its words are handles of their own.
static void rows_keep_cells(void **state) {
  (void)state;
  enum { ROUNDS = 20000 };
  GcHeap *heap = new_heap(0, 1000);
  uint64_t *a = gc_handle_row_new(heap), *b = gc_handle_row_new(heap);
  assert_non_null(a);
  assert_non_null(b);
  for (uint32_t i = 0; i < GC_HANDLE_ROW; i++) {
    assert_true(a[i] == GC_NO_CELL);
    gc_publish(&a[i], word(make_tree(heap, 0, i)));
  }
  for (uint32_t i = 0; i < ROUNDS; i++) {
    uint64_t *from = i / GC_HANDLE_ROW % 2 == 0 ? a : b;
    uint64_t *to = from == a ? b : a;
    uint32_t place = i % GC_HANDLE_ROW;
    uint64_t moved = from[place];
    gc_store_word(heap, &from[place], GC_NO_CELL);
    gc_publish(&to[place], moved);
    if (i % 16 == 0) make_tree(heap, 2, 1);
    gc_safepoint(heap);
  }
  gc_collect(heap, GC_FULL);
  for (uint32_t i = 0; i < GC_HANDLE_ROW; i++) {
    uint64_t moved = a[i] == GC_NO_CELL ? b[i] : a[i];
    check_tree((Node *)(uintptr_t)moved, 0, i);
  }
  gc_handle_row_free(heap, a);
  gc_handle_row_free(heap, b);
  assert_ptr_equal(gc_handle_row_new(heap), b);
  assert_ptr_equal(gc_handle_row_new(heap), a);
  for (uint32_t i = 0; i < GC_HANDLE_ROW; i++)
    assert_true(a[i] == GC_NO_CELL && b[i] == GC_NO_CELL);
  gc_handle_row_free(heap, a);
  gc_handle_row_free(heap, b);
  GcHandle handles[2 * GC_HANDLE_ROW];
  for (uint32_t i = 0; i < 2 * GC_HANDLE_ROW; i++) {
    assert_true(gc_handle_add(heap, &handles[i], word(NULL)));
    uint64_t *at = handles[i].word;
    assert_true((at >= a && at < a + GC_HANDLE_ROW) ||
                (at >= b && at < b + GC_HANDLE_ROW));
  }
  gc_heap_destroy(heap);
}

// Cells move from handle to handle through a local while they are marked.
static void handles_keep_cells(void **state) {
  (void)state;
  enum { HANDLES = 50000, ROUNDS = 500000 };
  static GcHandle handles[HANDLES];
  GcHeap *heap = new_heap(0, 1000);
  for (uint32_t i = 0; i < HANDLES; i++)
    assert_true(gc_handle_add(heap, &handles[i], word(make_tree(heap, 0, i))));
  uint32_t random = 1;
  for (uint32_t i = 0; i < ROUNDS; i++) {
    random = random * 1664525 + 1013904223;
    GcHandle *a = &handles[(random >> 8) % HANDLES];
    GcHandle *b = &handles[i % HANDLES];
    if (a == b) continue;
    uint64_t of_a = gc_handle_word(a), of_b = gc_handle_word(b);
    if (i % 3 == 0) {
      gc_handle_set(heap, a, of_b);
      gc_handle_set(heap, b, of_a);
    } else {
      gc_handle_remove(heap, a);
      gc_handle_remove(heap, b);
      assert_true(gc_handle_add(heap, b, of_a));
      assert_true(gc_handle_add(heap, a, of_b));
    }
    if (i % 16 == 0) make_tree(heap, 2, 1);
    gc_safepoint(heap);
  }
  gc_collect(heap, GC_FULL);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < HANDLES; i++) {
    Node *n = (Node *)(uintptr_t)gc_handle_word(&handles[i]);
    uint64_t path = n->slots[2] >> 2;
    sum += path;
    check_tree(n, 0, path);
  }
  assert_int_equal(sum, (uint64_t)HANDLES * (HANDLES - 1) / 2);
  for (uint32_t i = 0; i < HANDLES; i++)
    gc_handle_remove(heap, &handles[i]);
  assert_null(handles[0].word);
  clean_stack();
  gc_collect(heap, GC_FULL);
  GcStats stats;
  gc_stats(heap, &stats);
  assert_true(stats.live_bytes < 40000);
  gc_heap_destroy(heap);
}

static void finds_cells_through_the_stack(void **state) {
  (void)state;
  GcHeap *heap = new_heap(0, 0);
  Node *volatile kept = make_tree(heap, 8, 1);
  char *volatile inner = (char *)new_node(heap, 4000) + 20000;
  char *volatile huge = (char *)new_node(heap, 1 << 20) + (5 << 20);
  gc_collect(heap, GC_FULL);
  make_tree(heap, 10, 1);
  check_tree(kept, 8, 1);
  assert_int_equal(((Node *)(inner - 20000))->cell.extra, 4000);
  assert_int_equal(((Node *)(huge - (5 << 20)))->cell.extra, 1 << 20);
  gc_heap_destroy(heap);
}

static __attribute__((noinline)) void fill_up(GcHeap *heap, GcRoot *root,
                                              int count) {
  for (int i = 0; i < count && !out_of_memory_calls; i++) {
    Node *n = new_node(heap, 60);
    gc_publish(&n->slots[0], root->word);
    root->word = word(n);
  }
}

static void keeps_to_the_limit(void **state) {
  (void)state;
  GcHeap *heap = new_heap(8 << 20, 0);
  out_of_memory_calls = 0;
  // Garbage does not run into it.
  for (int i = 0; i < 400; i++)
    make_tree(heap, 9, 1);
  assert_int_equal(out_of_memory_calls, 0);
  GcRoot root;
  gc_root_add(heap, &root, 0);
  fill_up(heap, &root, 20000);
  assert_int_not_equal(out_of_memory_calls, 0);
  assert_null(gc_allocate_any(heap, 6 << 20, KIND_LEAF));
  assert_null(gc_allocate_any(heap, (size_t)1 << 60, KIND_LEAF));
  assert_false(gc_reserve_external(heap, 4 << 20));
  root.word = 0;
  clean_stack();
  assert_true(gc_reserve_external(heap, 4 << 20));
  gc_external_adjust(heap, GC_EXTERNAL_BUFFERS, 4 << 20);
  assert_false(gc_reserve_external(heap, 5 << 20));
  gc_external_adjust(heap, GC_EXTERNAL_BUFFERS, -(4 << 20));
  gc_heap_destroy(heap);
}

// External memory may go far past the limit before the next block is asked for;
// what is dropped after the error that follows is found.
static void collects_far_past_the_limit(void **state) {
  (void)state;
  enum { MEDIUM = 20000 };
  GcHeap *heap = new_heap(8 << 20, 0);
  out_of_memory_calls = 0;
  GcRoot root;
  gc_root_add(heap, &root, 0);
  fill_up(heap, &root, 10000);
  assert_int_equal(out_of_memory_calls, 0);
  gc_external_adjust(heap, GC_EXTERNAL_BUFFERS, 7 << 20);
  assert_null(gc_allocate_any(heap, MEDIUM, KIND_LEAF));
  root.word = 0;
  clean_stack();
  assert_non_null(gc_allocate_any(heap, MEDIUM, KIND_LEAF));
  gc_external_adjust(heap, GC_EXTERNAL_BUFFERS, -(7 << 20));
  gc_heap_destroy(heap);
}

static void shares_cells(void **state) {
  (void)state;
  GcHeap *heap = new_heap(0, 0);
  Node *shared = gc_allocate_shared(100, KIND_LEAF);
  Node *large = gc_allocate_shared(1 << 20, KIND_LEAF);
  assert_int_equal(gc_cell_bytes(shared), 112);
  Node *volatile n = new_node(heap, 2);
  gc_publish(&n->slots[0], word(shared));
  gc_publish(&n->slots[1], word(large));
  for (int i = 0; i < 3; i++)
    gc_collect(heap, GC_FULL);
  assert_int_equal(shared->cell.kind, KIND_LEAF);
  assert_int_equal(large->cell.kind, KIND_LEAF);
  gc_heap_destroy(heap);
  Node *another = gc_allocate_shared(100, KIND_LEAF);
  assert_ptr_not_equal(another, shared);
}

static void survives_stress(void **state) {
  (void)state;
  GcHeap *heap = new_heap(0, 7);
  GcRoot root;
  gc_root_add(heap, &root, 0);
  for (int i = 0; i < 5; i++) {
    root.word = word(make_tree(heap, 7, 1));
    check_tree((Node *)(uintptr_t)root.word, 7, 1);
  }
  gc_heap_destroy(heap);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(allocates_zeroed_cells_of_every_size),
      cmocka_unit_test(keeps_what_is_reachable),
      cmocka_unit_test(replaces_subtrees_under_collection),
      cmocka_unit_test(handles_keep_cells),
      cmocka_unit_test(rows_keep_cells),
      cmocka_unit_test(finds_cells_through_the_stack),
      cmocka_unit_test(keeps_to_the_limit),
      cmocka_unit_test(collects_far_past_the_limit),
      cmocka_unit_test(shares_cells),
      cmocka_unit_test(survives_stress),
  };
  return run_in_all_modes(tests, sizeof tests / sizeof tests[0]);
}
