// SPDX-License-Identifier: MIT
// The cells of an isolate that are reachable from its roots, and the references
// between them. Taken on the isolate's thread, after a full collection.
#ifndef RILL_PROFILER_HEAP_GRAPH_H
#define RILL_PROFILER_HEAP_GRAPH_H

#include "vm/objects/isolate.h"

// What an edge is; `name` means what the comment says.
typedef enum {
  EDGE_ELEMENT,  // the index
  EDGE_PROPERTY, // a key (see HeapEdge)
  EDGE_GETTER,
  EDGE_SETTER,
  EDGE_INTERNAL, // one of HeapEdgeName
  EDGE_HIDDEN,   // a running number
  EDGE_WEAK,     // likewise
} HeapEdgeKind;

typedef enum {
  EDGE_NAME_PROTOTYPE,
  EDGE_NAME_SHAPE,
  EDGE_NAME_PROPERTIES,
  EDGE_NAME_ELEMENTS,
  EDGE_NAME_CODE,
  EDGE_NAME_CONTEXT,
  EDGE_NAME_HOME,
  EDGE_NAME_TABLE,
} HeapEdgeName;

typedef struct HeapEdge {
  uint8_t kind; // HeapEdgeKind
  uint32_t name;
  uint32_t to;     // node
  PropertyKey key; // of properties, getters and setters
} HeapEdge;

typedef struct HeapNode {
  GcCell *cell;
  uint32_t first_edge; // its edges end where the next node's begin
} HeapNode;

// Nodes are in the order in which they were found; edges in that of nodes.
// roots[0..root_count) are nodes.
typedef struct HeapGraph {
  Isolate *isolate;
  HeapNode *nodes;
  uint32_t node_count, node_capacity;
  HeapEdge *edges;
  uint32_t edge_count, edge_capacity;
  uint32_t *roots;
  uint32_t root_count, root_capacity;
  uint32_t *table; // cell -> node + 1
  uint32_t table_mask;
  uint32_t *named_by; // node -> 1 + the node whose edge led here last
  bool out_of_memory;
} HeapGraph;

// False: out of memory, or more than 2^28 nodes or edges. Free it either way.
bool prof_heap_graph_take(HeapGraph *, Isolate *);
void prof_heap_graph_free(HeapGraph *);
static inline uint32_t heap_graph_edges_end(const HeapGraph *g, uint32_t node) {
  return node + 1 < g->node_count ? g->nodes[node + 1].first_edge
                                  : g->edge_count;
}

#endif
