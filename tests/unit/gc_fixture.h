// SPDX-License-Identifier: MIT
// Heaps for the collector's tests, and cells of each kind in them.
#ifndef RILL_TESTS_UNIT_GC_FIXTURE_H
#define RILL_TESTS_UNIT_GC_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs the first two above.
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

// What the `clear_weak` of KIND_GATE tells, and what it waits for.
extern atomic_bool is_at_gate, may_pass;
extern bool plain_mode; // one stop for a cycle, no collector thread
extern int out_of_memory_calls;

static inline uint64_t slot(const Node *n, uint32_t i) {
  return __atomic_load_n(&n->slots[i], __ATOMIC_ACQUIRE);
}
static inline uint64_t word(const void *cell) {
  return (uint64_t)(uintptr_t)cell;
}
static inline Node *node_at(const Node *n, uint32_t i) {
  return (Node *)(uintptr_t)n->slots[i];
}

GcHeap *new_heap(size_t max_bytes, uint32_t stress);
Node *new_node(GcHeap *heap, uint32_t slots);
// A tree whose nodes carry their path.
Node *make_tree(GcHeap *heap, int depth, uint64_t path);
// Checks the whole of it.
void check_tree(const Node *n, int depth, uint64_t path);
// Overwrites what earlier calls left on the stack.
__attribute__((noinline)) void clean_stack(void);
// In one stop, with a collector thread, and with that in slices with delays in
// between and the heap verified. How many failed.
int run_in_all_modes(const struct CMUnitTest *tests, size_t count);

#endif
