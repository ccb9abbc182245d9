// SPDX-License-Identifier: MIT
// The heap's contract, in one thread: allocation, reachability, weak cells,
// finalizers, limits. Runs with a collector thread and without.
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs the three above first.
#include <cmocka.h>

#include "gc/gc.h"

enum {
  KIND_NODE = 1,
  KIND_LEAF,
  KIND_WEAK,
  KIND_EPHEMERON,
  KIND_HANDLE,
  KIND_GATE,
  KIND_WORDS
};

typedef struct Node {
  GcCell cell; // extra: number of slots
  uint64_t slots[];
} Node;

typedef struct Handle {
  GcCell cell;
  int *count;
} Handle;

static uint64_t slot(const Node *n, uint32_t i) {
  return __atomic_load_n(&n->slots[i], __ATOMIC_ACQUIRE);
}
static void trace_node(GcTracer *t, GcCell *cell) {
  gc_trace_words(t, ((Node *)cell)->slots,
                 __atomic_load_n(&cell->extra, __ATOMIC_ACQUIRE));
}
static void clear_weak(GcTracer *t, GcCell *cell) {
  Node *n = (Node *)cell;
  for (uint32_t i = 0; i < cell->extra; i++) {
    if (!gc_is_marked(t, n->slots[i])) n->slots[i] = 0;
  }
}
static void trace_ephemerons(GcTracer *t, GcCell *cell) {
  if (gc_defers_ephemerons(t, cell)) return;
  Node *n = (Node *)cell;
  for (uint32_t i = 0; i + 1 < cell->extra; i += 2)
    gc_trace_ephemeron(t, slot(n, i), slot(n, i + 1));
}
static void clear_ephemerons(GcTracer *t, GcCell *cell) {
  Node *n = (Node *)cell;
  for (uint32_t i = 0; i + 1 < cell->extra; i += 2) {
    if (gc_is_marked(t, slot(n, i))) continue;
    gc_publish(&n->slots[i], 0);
    gc_publish(&n->slots[i + 1], 0);
  }
}
static bool all_marked(GcTracer *t, GcCell *cell) {
  Node *n = (Node *)cell;
  for (uint32_t i = 0; i < cell->extra; i++) {
    if (!gc_is_marked(t, n->slots[i])) return false;
  }
  return true;
}
static void trace_stray_words(GcTracer *t, GcCell *cell) {
  Node *n = (Node *)cell;
  gc_trace_conservatively(t, n->slots, n->slots + cell->extra);
}
static atomic_bool is_at_gate, may_pass;
static void wait_at_gate(GcTracer *t, GcCell *cell) {
  (void)t, (void)cell;
  atomic_store(&is_at_gate, true);
  while (!atomic_load(&may_pass))
    sched_yield();
}
static void finalize_handle(GcHeap *heap, GcCell *cell) {
  (void)heap;
  ++*((Handle *)cell)->count;
}

static const GcKind kinds[] = {
    {0},
    {.name = "node", .trace = trace_node},
    {.name = "leaf"},
    {.name = "weak", .clear_weak = clear_weak, .weak_is_clean = all_marked},
    {.name = "ephemeron",
     .trace = trace_ephemerons,
     .clear_weak = clear_ephemerons,
     .clears_beside = true},
    {.name = "handle", .finalize = finalize_handle},
    {.name = "gate", .clear_weak = wait_at_gate, .clears_beside = true},
    {.name = "words", .trace = trace_stray_words},
};

static bool plain_mode, verified_mode;
static int out_of_memory_calls;
static void on_out_of_memory(void *data, bool at_limit) {
  (void)at_limit;
  (void)data;
  out_of_memory_calls++;
}
static GcHeap *new_heap(size_t max_bytes, uint32_t stress) {
  GcHeap *heap = gc_heap_create(&(GcOptions){
      .kinds = kinds,
      .kind_count = sizeof kinds / sizeof kinds[0],
      .out_of_memory = on_out_of_memory,
      .max_bytes = max_bytes,
      .stop_the_world = plain_mode,
      .stress = stress,
      .trigger_bytes = 1 << 20,
      .verify = verified_mode,
      .delay_seed = verified_mode ? 7 : 0,
  });
  assert_non_null(heap);
  return heap;
}
static Node *new_node(GcHeap *heap, uint32_t slots) {
  Node *n = gc_allocate_any(heap, sizeof(Node) + slots * 8, KIND_NODE);
  assert_non_null(n);
  n->cell.extra = slots;
  return n;
}
static uint64_t word(const void *cell) {
  return (uint64_t)(uintptr_t)cell;
}
static Node *node_at(const Node *n, uint32_t i) {
  return (Node *)(uintptr_t)n->slots[i];
}

// Overwrites what earlier calls left on the stack.
static __attribute__((noinline)) void clean_stack(void) {
  __attribute__((unused)) volatile uint64_t words[2048];
  for (size_t i = 0; i < 2048; i++)
    words[i] = 0;
}

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

// A tree whose nodes carry their path; checks the whole of it.
static Node *make_tree(GcHeap *heap, int depth, uint64_t path) {
  Node *n = new_node(heap, 3 + (uint32_t)(path % 5));
  gc_publish(&n->slots[2], (path << 2) | 2);
  if (depth > 0) {
    Node *left = make_tree(heap, depth - 1, path * 2);
    gc_store_word(heap, &n->slots[0], word(left));
    Node *right = make_tree(heap, depth - 1, path * 2 + 1);
    gc_store_word(heap, &n->slots[1], word(right));
  }
  return n;
}
static void check_tree(const Node *n, int depth, uint64_t path) {
  assert_int_equal(n->cell.kind, KIND_NODE);
  assert_int_equal(n->cell.extra, 3 + path % 5);
  assert_int_equal(n->slots[2], (path << 2) | 2);
  if (depth == 0) return;
  check_tree(node_at(n, 0), depth - 1, path * 2);
  check_tree(node_at(n, 1), depth - 1, path * 2 + 1);
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

// Cells of the process that die, in rounds that the heap of another thread has
// to collect for; what it finds there meanwhile are stray words.
enum { MORTALS = 300, MORTAL_ROUNDS = 12 };
static GcCell *mortals[MORTALS];
static uint64_t _Atomic mortal_words[MORTALS];
static atomic_bool mortals_done;

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
  atomic_store(&mortals_done, true);
  return NULL;
}

static void looks_up_stray_words_of_dying_cells(void **state) {
  (void)state;
  GcHeap *heap = new_heap(0, 0);
  GcRoot root;
  Node *words = new_words(heap, &root, MORTALS * 16);
  pthread_t thread;
  atomic_store(&mortals_done, false);
  assert_int_equal(pthread_create(&thread, NULL, make_mortals, NULL), 0);
  while (!atomic_load(&mortals_done)) {
    for (uint32_t i = 0; i < MORTALS; i++)
      set_stray_word(words, i, MORTALS, atomic_load(&mortal_words[i]));
    gc_collect(heap, GC_FULL);
  }
  pthread_join(thread, NULL);
  gc_root_remove(heap, &root);
  gc_heap_destroy(heap);
}

// Cells of another heap that come and go, addresses and all.
static uint64_t _Atomic foreign_word;
static atomic_bool foreign_done;

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
  atomic_store(&foreign_done, true);
  return NULL;
}

static void looks_up_stray_words_of_another_heap(void **state) {
  (void)state;
  GcHeap *heap = new_heap(0, 0);
  GcRoot root;
  Node *words = new_words(heap, &root, 100000);
  pthread_t thread;
  atomic_store(&foreign_done, false);
  assert_int_equal(pthread_create(&thread, NULL, make_growing_cells, NULL), 0);
  while (!atomic_load(&foreign_done)) {
    set_stray_word(words, 0, 1, atomic_load(&foreign_word));
    gc_collect(heap, GC_FULL);
  }
  pthread_join(thread, NULL);
  gc_root_remove(heap, &root);
  gc_heap_destroy(heap);
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

static __attribute__((noinline)) void fill_weak(GcHeap *heap, Node *weak,
                                                Node *strong) {
  for (uint32_t i = 0; i < weak->cell.extra; i++) {
    Node *n = new_node(heap, 1);
    weak->slots[i] = word(n);
    if (i % 2) gc_store_word(heap, &strong->slots[i], word(n));
  }
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
      cmocka_unit_test(allocates_zeroed_cells_of_every_size),
      cmocka_unit_test(keeps_what_is_reachable),
      cmocka_unit_test(replaces_subtrees_under_collection),
      cmocka_unit_test(handles_keep_cells),
      cmocka_unit_test(finds_cells_through_the_stack),
      cmocka_unit_test(looks_up_stray_words_beside_allocation),
      cmocka_unit_test(looks_up_stray_words_of_dying_cells),
      cmocka_unit_test(looks_up_stray_words_of_another_heap),
      cmocka_unit_test(frees_large_cells),
      cmocka_unit_test(marks_large_cells_in_slices),
      cmocka_unit_test(large_cells_grow_where_they_are),
      cmocka_unit_test(shrinks_after_it_was_large),
      cmocka_unit_test(fills_what_was_free_while_weak_cells_are_cleared),
      cmocka_unit_test(clears_weak_references),
      cmocka_unit_test(resolves_ephemerons),
      cmocka_unit_test(resolves_ephemerons_of_many_tables),
      cmocka_unit_test(resolves_long_chains_of_ephemerons),
      cmocka_unit_test(runs_finalizers),
      cmocka_unit_test(keeps_to_the_limit),
      cmocka_unit_test(collects_far_past_the_limit),
      cmocka_unit_test(gives_back_free_blocks),
      cmocka_unit_test(shares_cells),
      cmocka_unit_test(survives_stress),
      cmocka_unit_test(serves_several_heaps),
      cmocka_unit_test(serves_huge_cells_to_several_threads),
      cmocka_unit_test(moves_between_threads),
      cmocka_unit_test(waits_for_no_other_heap),
  };
  int failed = 0;
  for (int plain = 1; plain >= 0; plain--) {
    plain_mode = plain != 0;
    failed += cmocka_run_group_tests_name(plain ? "one stop" : "concurrent",
                                          tests, NULL, NULL);
  }
  // With the collector thread, too, in slices with delays in between.
  verified_mode = true;
  failed += cmocka_run_group_tests_name("verified", tests, NULL, NULL);
  return failed;
}
