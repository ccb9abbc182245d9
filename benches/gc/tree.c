// SPDX-License-Identifier: MIT
// A live set of binary trees whose subtrees are replaced without pause, as a
// busy script would: prints throughput, the collector's stops, and the gaps
// that the program itself saw, by what they were spent on. Before and after
// that, the thread runs without a heap for a quarter of the time each:
// what gaps it has then are the machine's.
//
//   gc-tree [live MiB=256] [seconds=5] [concurrent|plain|off]
//
// off: nothing is collected, which needs memory for all that is allocated.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "benches/gc/gaps.h"
#include "gc/gc.h"

enum { KIND_NODE = 1, KIND_TABLE, SUBTREE_DEPTH = 4, TREE_DEPTH = 14 };

typedef struct Node {
  GcCell cell; // extra: depth below
  struct Node *left, *right;
  uint64_t tag;
} Node;
typedef struct Table {
  GcCell cell; // extra: count
  Node *trees[];
} Table;

static void trace_node(GcTracer *t, GcCell *cell) {
  gc_trace_words(t, (const uint64_t *)(const void *)&((Node *)cell)->left, 2);
}
static void trace_table(GcTracer *t, GcCell *cell) {
  gc_trace_words(t, (const uint64_t *)(const void *)((Table *)cell)->trees,
                 cell->extra);
}
static const GcKind kinds[] = {
    {0},
    {.name = "node", .trace = trace_node},
    {.name = "table", .trace = trace_table},
};

static uint64_t random_state = 88172645463325252u;
static uint64_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

static Gaps gaps;

static Node *new_node(GcHeap *heap) {
  const GcRun *run = &heap->runs[gc_size_class(sizeof(Node))];
  if (run->limit - run->cursor >= sizeof(Node)) {
    return gc_allocate(heap, sizeof(Node), KIND_NODE);
  }
  uint64_t began = gaps_now();
  Node *n = gc_allocate(heap, sizeof(Node), KIND_NODE);
  gaps_in_heap(&gaps, began);
  return n;
}

static Node *make_tree(GcHeap *heap, uint32_t depth) {
  Node *n = new_node(heap);
  n->cell.extra = depth;
  n->tag = (uint64_t)(depth * 4 + 2);
  if (depth > 0) {
    Node *left = make_tree(heap, depth - 1);
    gc_store_pointer(heap, &n->left, left);
    Node *right = make_tree(heap, depth - 1);
    gc_store_pointer(heap, &n->right, right);
  }
  return n;
}

static uint64_t check_tree(const Node *n, uint32_t depth) {
  if (n->cell.kind != KIND_NODE || n->cell.extra != depth ||
      n->tag != (uint64_t)(depth * 4 + 2)) {
    fprintf(stderr, "gc-tree: a node is damaged\n");
    exit(1);
  }
  if (depth == 0) return 1;
  return 1 + check_tree(n->left, depth - 1) + check_tree(n->right, depth - 1);
}

// A node above subtrees of SUBTREE_DEPTH.
static Node *random_parent(const Table *table, uint64_t *path) {
  Node *n = table->trees[next_random() % table->cell.extra];
  *path = next_random();
  for (uint32_t d = TREE_DEPTH; d > SUBTREE_DEPTH + 1; d--) {
    n = *path & 1 ? n->right : n->left;
    *path >>= 1;
  }
  return n;
}

static void run(GcHeap *heap, const Table *table, double seconds) {
  gaps_begin(&gaps);
  uint64_t end = gaps.begun_ns + (uint64_t)(seconds * 1e9), path;
  do {
    Node *n = random_parent(table, &path);
    Node *fresh = make_tree(heap, SUBTREE_DEPTH);
    if (path & 1)
      gc_store_pointer(heap, &n->right, fresh);
    else
      gc_store_pointer(heap, &n->left, fresh);
    uint64_t began = gaps_now();
    gc_safepoint(heap);
    gaps_in_heap(&gaps, began);
  } while (gaps_step(&gaps) < end);
}

static void *compute(void *stop) {
  while (!atomic_load_explicit((_Atomic bool *)stop, memory_order_relaxed)) {
  }
  return NULL;
}

// What gaps a program has without a heap, beside a thread that computes as the
// collector would: the machine's.
static void run_control(Gaps *g, double seconds) {
  _Atomic bool stop = false;
  pthread_t thread;
  if (pthread_create(&thread, NULL, compute, (void *)&stop) != 0) exit(1);
  gaps_begin(g);
  uint64_t end = g->begun_ns + (uint64_t)(seconds * 1e9);
  do {
    for (int i = 0; i < 500; i++)
      next_random();
  } while (gaps_step(g) < end);
  atomic_store(&stop, true);
  pthread_join(thread, NULL);
}

int main(int argc, char **argv) {
  size_t live = (size_t)(argc > 1 ? atol(argv[1]) : 256) << 20;
  double seconds = argc > 2 ? atof(argv[2]) : 5;
  const char *mode = argc > 3 ? argv[3] : "concurrent";
  double control = seconds / 4;
  Gaps controls[2];
  run_control(&controls[0], control);
  bool plain = strcmp(mode, "plain") == 0;
  GcHeap *heap = gc_heap_create(&(GcOptions){
      .kinds = kinds,
      .kind_count = sizeof kinds / sizeof kinds[0],
      .stop_the_world = plain,
      .trigger_bytes = strcmp(mode, "off") == 0 ? SIZE_MAX / 4 : 0,
  });
  if (!heap) return 1;
  size_t tree_bytes = ((size_t)2 << TREE_DEPTH) * sizeof(Node);
  uint32_t count = (uint32_t)(live / tree_bytes);
  if (count == 0) count = 1;
  GcRoot root;
  gc_root_add(heap, &root, 0);
  Table *table =
      gc_allocate_any(heap, sizeof *table + count * sizeof(Node *), KIND_TABLE);
  if (!table) return 1;
  table->cell.extra = count;
  root.word = (uint64_t)(uintptr_t)table;
  for (uint32_t i = 0; i < count; i++) {
    Node *tree = make_tree(heap, TREE_DEPTH);
    gc_store_pointer(heap, &table->trees[i], tree);
  }
  run(heap, table, seconds);
  double elapsed = (double)(gaps.last_ns - gaps.begun_ns) / 1e9;
  GcStats s;
  gc_stats(heap, &s);
  for (uint32_t i = 0; i < count; i++)
    check_tree(table->trees[i], TREE_DEPTH);
  printf("%s, %zu MiB live: %.0f operations/s, %.0f MB/s allocated\n", mode,
         live >> 20, (double)gaps.operations / elapsed,
         (double)gaps.operations * 31 * sizeof(Node) / elapsed / 1e6);
  printf("  cycles %llu, mark %.0f ms, sweep %.0f ms, peak heap %.2fx live\n",
         (unsigned long long)s.cycles, s.mark_ms, s.sweep_ms,
         (double)s.peak_heap_bytes / (double)live);
  printf("  stops %llu: p50 %.0f us, p99 %.0f us, max %.0f us\n",
         (unsigned long long)s.pauses.count, s.pauses.p50_us, s.pauses.p99_us,
         s.pauses.max_us);
  printf("  stalls %llu: p50 %.0f us, max %.0f us, in total %.0f ms\n",
         (unsigned long long)s.stalls.count, s.stalls.p50_us, s.stalls.max_us,
         s.stalls.total_us / 1e3);
  gaps_print(&gaps);
  gc_root_remove(heap, &root);
  gc_heap_destroy(heap);
  run_control(&controls[1], control);
  for (int i = 0; i < 2; i++) {
    printf(
        "control, %s: %.1f s without a heap, beside a thread that computes\n",
        i == 0 ? "before" : "after", control);
    gaps_print(&controls[i]);
  }
  return 0;
}
