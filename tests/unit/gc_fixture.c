// SPDX-License-Identifier: MIT
#include "gc_fixture.h"

#include <sched.h>

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
atomic_bool is_at_gate, may_pass;
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

bool plain_mode;
static bool verified_mode;
int out_of_memory_calls;
static void on_out_of_memory(void *data, bool at_limit) {
  (void)at_limit;
  (void)data;
  out_of_memory_calls++;
}
GcHeap *new_heap(size_t max_bytes, uint32_t stress) {
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
Node *new_node(GcHeap *heap, uint32_t slots) {
  Node *n = gc_allocate_any(heap, sizeof(Node) + slots * 8, KIND_NODE);
  assert_non_null(n);
  n->cell.extra = slots;
  return n;
}

Node *make_tree(GcHeap *heap, int depth, uint64_t path) {
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
void check_tree(const Node *n, int depth, uint64_t path) {
  assert_int_equal(n->cell.kind, KIND_NODE);
  assert_int_equal(n->cell.extra, 3 + path % 5);
  assert_int_equal(n->slots[2], (path << 2) | 2);
  if (depth == 0) return;
  check_tree(node_at(n, 0), depth - 1, path * 2);
  check_tree(node_at(n, 1), depth - 1, path * 2 + 1);
}

void clean_stack(void) {
  __attribute__((unused)) volatile uint64_t words[2048];
  for (size_t i = 0; i < 2048; i++)
    words[i] = 0;
}

int run_in_all_modes(const struct CMUnitTest *tests, size_t count) {
  plain_mode = true;
  int failed = _cmocka_run_group_tests("one stop", tests, count, NULL, NULL);
  plain_mode = false;
  failed += _cmocka_run_group_tests("concurrent", tests, count, NULL, NULL);
  verified_mode = true;
  return failed + _cmocka_run_group_tests("verified", tests, count, NULL, NULL);
}
