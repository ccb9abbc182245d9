// SPDX-License-Identifier: MIT
// A live set of binary trees whose subtrees are replaced without pause, as a
// busy script would: prints throughput, the collector's stops and the largest
// gaps that the program itself saw.
//
//   gc-tree [live MiB=256] [seconds=5] [concurrent|plain|off]
//
// off: nothing is collected, which needs memory for all that is allocated.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

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
static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// What the program sees between two operations, by what this thread did in the
// meantime: it lost its processor to others, waited, or computed.
typedef enum { PREEMPTED, WAITED, COMPUTED } GapKind;
typedef struct Gaps {
  uint64_t over_100us, over_1ms, over_5ms, largest_ns;
} Gaps;
static Gaps gaps[COMPUTED + 1];
static long preemptions, waits;

static void count_gap(uint64_t ns) {
  struct rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  Gaps *g = &gaps[usage.ru_nivcsw != preemptions ? PREEMPTED
                  : usage.ru_nvcsw != waits      ? WAITED
                                                 : COMPUTED];
  preemptions = usage.ru_nivcsw;
  waits = usage.ru_nvcsw;
  g->over_100us++;
  g->over_1ms += ns > 1000000;
  g->over_5ms += ns > 5000000;
  if (ns > g->largest_ns) g->largest_ns = ns;
}

static Node *make_tree(GcHeap *heap, uint32_t depth) {
  Node *n = gc_allocate(heap, sizeof *n, KIND_NODE);
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

int main(int argc, char **argv) {
  size_t live = (size_t)(argc > 1 ? atol(argv[1]) : 256) << 20;
  double seconds = argc > 2 ? atof(argv[2]) : 5;
  const char *mode = argc > 3 ? argv[3] : "concurrent";
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
  uint64_t begin = now(), end = begin + (uint64_t)(seconds * 1e9), last = begin;
  uint64_t operations = 0;
  while (last < end) {
    Node *n = table->trees[next_random() % count];
    uint64_t path = next_random();
    for (uint32_t d = TREE_DEPTH; d > SUBTREE_DEPTH + 1; d--) {
      n = path & 1 ? n->right : n->left;
      path >>= 1;
    }
    Node *fresh = make_tree(heap, SUBTREE_DEPTH);
    if (path & 1)
      gc_store_pointer(heap, &n->right, fresh);
    else
      gc_store_pointer(heap, &n->left, fresh);
    gc_safepoint(heap);
    operations++;
    uint64_t t = now(), gap = t - last;
    last = t;
    if (gap > 100000) count_gap(gap);
  }
  double elapsed = (double)(last - begin) / 1e9;
  for (uint32_t i = 0; i < count; i++)
    check_tree(table->trees[i], TREE_DEPTH);
  GcStats s;
  gc_stats(heap, &s);
  printf("%s, %zu MiB live: %.0f operations/s, %.0f MB/s allocated\n", mode,
         live >> 20, (double)operations / elapsed,
         (double)operations * 31 * sizeof(Node) / elapsed / 1e6);
  printf("  cycles %llu, mark %.0f ms, sweep %.0f ms, peak heap %.2fx live\n",
         (unsigned long long)s.cycles, s.mark_ms, s.sweep_ms,
         (double)s.peak_heap_bytes / (double)live);
  printf("  stops %llu: p50 %.0f us, p99 %.0f us, max %.0f us\n",
         (unsigned long long)s.pauses.count, s.pauses.p50_us, s.pauses.p99_us,
         s.pauses.max_us);
  printf("  stalls %llu: p50 %.0f us, max %.0f us, in total %.0f ms\n",
         (unsigned long long)s.stalls.count, s.stalls.p50_us, s.stalls.max_us,
         s.stalls.total_us / 1e3);
  static const char *const names[] = {"preempted", "waited", "computed"};
  for (int i = PREEMPTED; i <= COMPUTED; i++) {
    printf(
        "  gaps over 0.1 ms, %s: %llu, 1 ms: %llu, 5 ms: %llu; largest "
        "%.0f us\n",
        names[i], (unsigned long long)gaps[i].over_100us,
        (unsigned long long)gaps[i].over_1ms,
        (unsigned long long)gaps[i].over_5ms, (double)gaps[i].largest_ns / 1e3);
  }
  gc_root_remove(heap, &root);
  gc_heap_destroy(heap);
  return 0;
}
