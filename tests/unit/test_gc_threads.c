// SPDX-License-Identifier: MIT
// Heaps of several threads, and the words of one that lead to another's memory.
#include <pthread.h>
#include <sched.h>

#include "gc_fixture.h"

// A root that leads to `count` words, which may be stray.
static Node *new_words(GcHeap *heap, GcRoot *root, uint32_t count) {
  Node *n = gc_allocate_large(heap, sizeof(Node) + count * 8, KIND_WORDS);
  assert_non_null(n);
  n->cell.extra = count;
  gc_root_add(heap, root, word(n));
  return n;
}

// One of `period`, all over the cell.
static void set_stray_word(Node *words, uint32_t i, uint32_t period,
                           uint64_t address) {
  for (; i < words->cell.extra; i += period)
    __atomic_store_n(&words->slots[i], address, __ATOMIC_RELAXED);
}

// Stray words lead to blocks that are free, and are taken while the collector
// looks them up.
static __attribute__((noinline)) void
look_up_beside(GcHeap *heap, Node *words, uint32_t count, uint32_t round) {
  for (uint32_t i = 0; i < count; i++) {
    uint32_t slots = i % 8 == 0 ? 9000 + round * 100 + i * 50 : 6000;
    Node *n = new_node(heap, slots);
    n->slots[slots - 1] = i * 4 + 2;
    assert_int_equal(n->slots[0], 0);
    // When it is dead.
    set_stray_word(words, i, count, ~word(&n->slots[slots / 2]));
  }
}

static void looks_up_stray_words_beside_allocation(void **state) {
  (void)state;
  enum { WORDS = 400, TIMES = 50, ROUNDS = 20 };
  GcHeap *heap = new_heap(0, 0);
  GcRoot root;
  Node *words = new_words(heap, &root, WORDS * TIMES);
  for (uint32_t round = 0; round < ROUNDS; round++) {
    gc_collect(heap, GC_START);
    look_up_beside(heap, words, WORDS, round);
    clean_stack();
    gc_collect(heap, GC_FULL);
    for (uint32_t i = 0; i < WORDS; i++)
      set_stray_word(words, i, WORDS, ~words->slots[i]);
  }
  gc_root_remove(heap, &root);
  gc_heap_destroy(heap);
}

static atomic_bool maker_is_done;
// Collects, with the stray words that another thread makes, until it is done.
static void collect_beside(void *(*make)(void *), uint32_t size,
                           const uint64_t _Atomic *made, uint32_t count) {
  GcHeap *heap = new_heap(0, 0);
  GcRoot root;
  Node *words = new_words(heap, &root, size);
  pthread_t thread;
  atomic_store(&maker_is_done, false);
  assert_int_equal(pthread_create(&thread, NULL, make, NULL), 0);
  while (!atomic_load(&maker_is_done)) {
    for (uint32_t i = 0; i < count; i++)
      set_stray_word(words, i, count, atomic_load(&made[i]));
    gc_collect(heap, GC_FULL);
  }
  pthread_join(thread, NULL);
  gc_root_remove(heap, &root);
  gc_heap_destroy(heap);
}

// Cells of the process that die, in rounds that the heap of another thread has
// to collect for; what it finds there meanwhile are stray words.
enum { MORTALS = 300, MORTAL_ROUNDS = 12 };

static GcCell *mortals[MORTALS];

static uint64_t _Atomic mortal_words[MORTALS];

static void pass_round(void) {
  gc_round_begin();
  while (!gc_round_is_over())
    sched_yield();
}

static void *make_mortals(void *data) {
  (void)data;
  for (uint32_t round = 0; round < MORTAL_ROUNDS; round++) {
    for (uint32_t i = 0; i < MORTALS; i++) {
      size_t bytes = i % 4 == 0 ? 40000 + i * 200 : 32 + (round * 512) % 4000;
      mortals[i] = gc_allocate_mortal(bytes, KIND_LEAF);
      assert_non_null(mortals[i]);
    }
    pass_round();
    for (uint32_t i = 0; i < MORTALS; i++) {
      uint64_t inside = word(mortals[i]) + (i % 4 == 0 ? 39000 : 16);
      if (gc_mortal_kill(mortals[i]))
        atomic_store(&mortal_words[i], inside);
      else
        mortals[i] = NULL; // a stray word led there
    }
    pass_round();
    for (uint32_t i = 0; i < MORTALS; i++)
      if (mortals[i]) gc_mortals_free(&mortals[i], 1);
    gc_mortals_freed();
  }
  atomic_store(&maker_is_done, true);
  return NULL;
}

static void looks_up_stray_words_of_dying_cells(void **state) {
  (void)state;
  collect_beside(make_mortals, MORTALS * 16, mortal_words, MORTALS);
}

// Cells of another heap that come and go, addresses and all.
static uint64_t _Atomic foreign_word;

static void *make_growing_cells(void *data) {
  (void)data;
  for (int i = 0; i < 300; i++) {
    GcHeap *heap = new_heap(0, 0);
    char *cell = gc_allocate_growable(heap, 4 << 20, KIND_LEAF);
    assert_non_null(cell);
    atomic_store(&foreign_word, word(cell + (3 << 20)));
    sched_yield();
    gc_heap_destroy(heap);
  }
  atomic_store(&maker_is_done, true);
  return NULL;
}

static void looks_up_stray_words_of_another_heap(void **state) {
  (void)state;
  collect_beside(make_growing_cells, 100000, &foreign_word, 1);
}

// Several heaps at once, each on its own thread, with time in native state.
static void *use_heap(void *data) {
  GcHeap *heap = new_heap(0, *(uint32_t *)data);
  GcRoot root;
  gc_root_add(heap, &root, 0);
  for (int i = 0; i < 10; i++) {
    Node *tree = make_tree(heap, 9, 1);
    gc_enter_native(heap);
    sched_yield();
    gc_leave_native(heap);
    check_tree(tree, 9, 1);
    gc_collect(heap, i % 3 ? GC_START : GC_FULL);
    check_tree(tree, 9, 1);
    gc_safepoint(heap);
    root.word = word(tree);
  }
  gc_heap_destroy(heap);
  return NULL;
}

static void serves_several_heaps(void **state) {
  (void)state;
  pthread_t threads[6];
  uint32_t stress[6] = {0, 100, 0, 0, 1000, 0};
  for (int i = 0; i < 6; i++) {
    assert_int_equal(pthread_create(&threads[i], NULL, use_heap, &stress[i]),
                     0);
  }
  for (int i = 0; i < 6; i++)
    pthread_join(threads[i], NULL);
}

// Cells with chunks of their own: threads make them while the collector frees
// others.
static void *use_huge_cells(void *data) {
  enum { KEPT = 4, ROUNDS = 150, LEAST = 2 << 20, MORE = 300000 };
  (void)data;
  GcHeap *heap = new_heap(0, 0);
  Node *volatile all = new_node(heap, KEPT);
  uint64_t *found[KEPT] = {NULL};
  bool is_whole = true;
  for (uint64_t i = 0; i < ROUNDS; i++) {
    size_t words = (LEAST + i % 7 * MORE) / sizeof(uint64_t);
    Node *leaf = gc_allocate_any(heap, words * sizeof(uint64_t), KIND_LEAF);
    uint64_t *last = (uint64_t *)leaf + words - 1;
    is_whole = is_whole && leaf->slots[0] == 0 && *last == 0;
    leaf->slots[0] = *last = i + 1;
    gc_store_word(heap, &all->slots[i % KEPT], word(leaf));
    found[i % KEPT] = last;
    uint64_t oldest = i + 1 < KEPT ? 0 : i + 1 - KEPT;
    is_whole = is_whole && *found[oldest % KEPT] == oldest + 1 &&
               node_at(all, oldest % KEPT)->slots[0] == oldest + 1;
    gc_safepoint(heap);
    if (i % 8 == 0) gc_collect(heap, GC_START);
  }
  gc_heap_destroy(heap);
  return is_whole ? heap : NULL;
}

static void serves_huge_cells_to_several_threads(void **state) {
  (void)state;
  pthread_t threads[3];
  void *is_whole[3];
  for (int i = 0; i < 3; i++) {
    assert_int_equal(pthread_create(&threads[i], NULL, use_huge_cells, NULL),
                     0);
  }
  for (int i = 0; i < 3; i++)
    pthread_join(threads[i], &is_whole[i]);
  for (int i = 0; i < 3; i++)
    assert_non_null(is_whole[i]);
}

// Heaps whose mutator is busy elsewhere must not hold up the others.
static void waits_for_no_other_heap(void **state) {
  (void)state;
  GcHeap *silent[8];
  for (int i = 0; i < 8; i++) {
    silent[i] = new_heap(0, 0);
    gc_collect(silent[i], GC_START);
  }
  GcHeap *heap = new_heap(0, 0);
  Node *volatile tree = make_tree(heap, 9, 1);
  for (int i = 0; i < 3; i++)
    gc_collect(heap, GC_FULL);
  check_tree(tree, 9, 1);
  gc_heap_destroy(heap);
  for (int i = 0; i < 8; i++)
    gc_heap_destroy(silent[i]);
}

static void *go_on(void *data) {
  GcHeap *heap = data;
  gc_heap_adopt(heap, NULL);
  Node *volatile tree = make_tree(heap, 9, 1);
  gc_collect(heap, GC_FULL);
  check_tree(tree, 9, 1);
  gc_enter_native(heap);
  return NULL;
}

static void moves_between_threads(void **state) {
  (void)state;
  GcHeap *heap = new_heap(0, 0);
  GcRoot root;
  gc_root_add(heap, &root, word(make_tree(heap, 9, 1)));
  for (int i = 0; i < 5; i++) {
    pthread_t thread;
    gc_enter_native(heap);
    assert_int_equal(pthread_create(&thread, NULL, go_on, heap), 0);
    pthread_join(thread, NULL);
    gc_heap_adopt(heap, NULL);
    gc_collect(heap, GC_FULL);
    check_tree((Node *)(uintptr_t)root.word, 9, 1);
  }
  gc_heap_destroy(heap);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(looks_up_stray_words_beside_allocation),
      cmocka_unit_test(looks_up_stray_words_of_dying_cells),
      cmocka_unit_test(looks_up_stray_words_of_another_heap),
      cmocka_unit_test(serves_several_heaps),
      cmocka_unit_test(serves_huge_cells_to_several_threads),
      cmocka_unit_test(moves_between_threads),
      cmocka_unit_test(waits_for_no_other_heap),
  };
  return run_in_all_modes(tests, sizeof tests / sizeof tests[0]);
}
