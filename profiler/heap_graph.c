// SPDX-License-Identifier: MIT
// Finding nodes and edges, breadth first. Edges that mean something to a script
// get names; what else the collector would trace is a hidden edge, so nothing
// that keeps a cell alive is missing.
#include <stdlib.h>
#include <string.h>

#include "profiler/heap_graph.h"
#include "vm/interpreter/code.h"
#include "vm/objects/hash_table.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"
#include "vm/objects/weak_table.h"

enum { MAX_COUNT = 1 << 28, FIRST_TABLE = 1 << 14 };

// Room for one more of `size` bytes; false: there is none.
static bool reserve(void **items, uint32_t count, uint32_t *capacity,
                    size_t size) {
  if (count < *capacity) return true;
  if (count >= (uint32_t)MAX_COUNT) return false;
  uint32_t grown = *capacity ? *capacity * 2 : 1024;
  void *moved = realloc(*items, grown * size);
  if (moved == NULL) return false;
  *items = moved;
  *capacity = grown;
  return true;
}

static uint32_t slot_of(const HeapGraph *g, const GcCell *cell) {
  uint64_t hash = ((uintptr_t)cell >> 4) * UINT64_C(0x9e3779b97f4a7c15);
  uint32_t slot = (uint32_t)(hash >> 32) & g->table_mask;
  while (g->table[slot] != 0 && g->nodes[g->table[slot] - 1].cell != cell)
    slot = (slot + 1) & g->table_mask;
  return slot;
}

static bool grow_table(HeapGraph *g) {
  uint32_t size = g->table ? (g->table_mask + 1) * 2 : FIRST_TABLE;
  uint32_t *table = calloc(size, sizeof *table);
  if (table == NULL) return false;
  free(g->table);
  g->table = table;
  g->table_mask = size - 1;
  for (uint32_t i = 0; i < g->node_count; i++)
    g->table[slot_of(g, g->nodes[i].cell)] = i + 1;
  return true;
}

// The node of a cell, made if it is new. UINT32_MAX: out of memory.
static uint32_t node_of(HeapGraph *g, GcCell *cell) {
  if (g->out_of_memory) return UINT32_MAX;
  uint32_t slot = slot_of(g, cell);
  if (g->table[slot] != 0) return g->table[slot] - 1;
  uint32_t capacity = g->node_capacity;
  bool room = reserve((void **)&g->nodes, g->node_count, &g->node_capacity,
                      sizeof *g->nodes);
  if (room && capacity != g->node_capacity) {
    uint32_t *moved =
        realloc(g->named_by, g->node_capacity * sizeof *g->named_by);
    room = moved != NULL;
    if (room) g->named_by = moved;
  }
  if (!room) {
    g->out_of_memory = true;
    return UINT32_MAX;
  }
  uint32_t node = g->node_count++;
  g->nodes[node] = (HeapNode){cell, 0};
  g->named_by[node] = 0;
  g->table[slot] = node + 1;
  if (g->node_count > g->table_mask / 2 && !grow_table(g)) {
    g->out_of_memory = true;
  }
  return node;
}

typedef struct Finder {
  HeapGraph *graph;
  uint32_t from;   // the node whose references are being found
  uint32_t hidden; // running number of its hidden edges
} Finder;

static void add_edge(Finder *f, HeapEdgeKind kind, uint32_t name,
                     PropertyKey key, GcCell *to) {
  HeapGraph *g = f->graph;
  uint32_t node = node_of(g, to);
  if (node == UINT32_MAX) return;
  if (!reserve((void **)&g->edges, g->edge_count, &g->edge_capacity,
               sizeof *g->edges)) {
    g->out_of_memory = true;
    return;
  }
  g->edges[g->edge_count++] = (HeapEdge){(uint8_t)kind, name, node, key};
  g->named_by[node] = f->from + 1;
}

static void add_value(Finder *f, HeapEdgeKind kind, uint32_t name,
                      PropertyKey key, Value v) {
  if (gc_word_is_cell(v)) add_edge(f, kind, name, key, value_as_cell(v));
}

static void add_internal(Finder *f, HeapEdgeName name, void *cell) {
  if (cell != NULL) add_edge(f, EDGE_INTERNAL, name, 0, cell);
}

// From gc_walk_references.
static void add_hidden(void *data, GcCell *to) {
  Finder *f = data;
  uint32_t node = node_of(f->graph, to);
  if (node == UINT32_MAX || f->graph->named_by[node] == f->from + 1) return;
  add_edge(f, EDGE_HIDDEN, f->hidden++, 0, to);
}

static void add_root(void *data, GcCell *cell) {
  HeapGraph *g = data;
  uint32_t before = g->node_count, node = node_of(g, cell);
  if (node == UINT32_MAX || node < before) return; // or listed already
  if (!reserve((void **)&g->roots, g->root_count, &g->root_capacity,
               sizeof *g->roots)) {
    g->out_of_memory = true;
    return;
  }
  g->roots[g->root_count++] = node;
}

static void find_properties(Finder *f, Isolate *iso, Object *o) {
  ShapeTable *table = vm_shape_table(iso, o->shape);
  if (table == NULL || (o->shape->cell.flags & SHAPE_LAZY)) return;
  uint32_t limit = shape_table_limit(o->shape);
  for (uint32_t i = 0; i < table->count && i < limit; i++) {
    const ShapeEntry *e = &table->entries[i];
    if (e->key == 0) continue;
    Value v = *object_slot(o, e->slot);
    if (e->attributes & PROPERTY_ACCESSOR) {
      const Accessor *accessor = (const Accessor *)value_as_cell(v);
      add_value(f, EDGE_GETTER, 0, e->key, accessor->getter);
      add_value(f, EDGE_SETTER, 0, e->key, accessor->setter);
    } else {
      add_value(f, EDGE_PROPERTY, 0, e->key, v);
    }
  }
}

static void find_object(Finder *f, Isolate *iso, Object *o) {
  find_properties(f, iso, o);
  const Elements *elements = o->elements;
  for (uint32_t i = 0; i < elements_length(elements); i++)
    add_value(f, EDGE_ELEMENT, i, 0, elements->values[i]);
  if (o->shape->prototype != NULL) {
    add_internal(f, EDGE_NAME_PROTOTYPE, o->shape->prototype);
  }
  add_internal(f, EDGE_NAME_SHAPE, o->shape);
  add_internal(f, EDGE_NAME_PROPERTIES, o->slots);
  if (o->elements != iso->empty_elements) {
    add_internal(f, EDGE_NAME_ELEMENTS, o->elements);
  }
  if (object_kind(o) == CELL_FUNCTION) {
    Function *function = (Function *)o;
    add_internal(f, EDGE_NAME_CODE, function->code);
    add_internal(f, EDGE_NAME_CONTEXT, function->environment);
    add_internal(f, EDGE_NAME_HOME, function->home_object);
  } else if (object_kind(o) == CELL_MAP || object_kind(o) == CELL_SET) {
    add_internal(f, EDGE_NAME_TABLE, ((MapObject *)o)->table);
  } else if (object_kind(o) == CELL_WEAK_MAP ||
             object_kind(o) == CELL_WEAK_SET) {
    add_internal(f, EDGE_NAME_TABLE, ((WeakMapObject *)o)->table);
  } else if (object_kind(o) == CELL_WEAK_REF) {
    add_value(f, EDGE_WEAK, 0, 0, ((WeakRefObject *)o)->target);
  }
}

// After a full collection all keys live, so the values do.
static void find_weak_entries(Finder *f, const WeakTable *t) {
  add_internal(f, EDGE_NAME_TABLE, t->source);
  for (uint32_t i = 0; i < t->cell.extra; i++) {
    const WeakEntry *e = &t->entries[i];
    if (e->key == 0 || e->key == VALUE_EMPTY) continue;
    add_value(f, EDGE_WEAK, i, 0, e->key);
    add_value(f, EDGE_HIDDEN, f->hidden++, 0, e->value);
  }
}

bool prof_heap_graph_take(HeapGraph *g, Isolate *iso) {
  *g = (HeapGraph){.isolate = iso};
  if (!grow_table(g)) return false;
  gc_collect(iso->heap, GC_FULL);
  GcWalk *roots = gc_walk_begin(iso->heap, add_root, g);
  Finder f = {.graph = g};
  GcWalk *walk = gc_walk_begin(iso->heap, add_hidden, &f);
  if (roots != NULL && walk != NULL) {
    gc_walk_roots(roots);
    for (uint32_t i = 0; i < g->node_count && !g->out_of_memory; i++) {
      f.from = i;
      f.hidden = 0;
      g->nodes[i].first_edge = g->edge_count;
      GcCell *cell = g->nodes[i].cell;
      if (cell->kind >= CELL_FIRST_OBJECT) {
        find_object(&f, iso, (Object *)cell);
      } else if (cell->kind == CELL_WEAK_TABLE) {
        find_weak_entries(&f, (const WeakTable *)cell);
      }
      gc_walk_references(walk, cell);
    }
  } else {
    g->out_of_memory = true;
  }
  if (roots != NULL) gc_walk_end(roots);
  if (walk != NULL) gc_walk_end(walk);
  return !g->out_of_memory;
}

void prof_heap_graph_free(HeapGraph *g) {
  free(g->nodes);
  free(g->edges);
  free(g->roots);
  free(g->table);
  free(g->named_by);
}
