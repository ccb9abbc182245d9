// SPDX-License-Identifier: MIT
// .heapsnapshot, the format that Chrome DevTools saves and opens. Node 0 is the
// root, node 1 the collector's roots; a cell's node comes two later than in the
// graph. Numbers of nodes are the same in all snapshots of a heap, so two can
// be compared.
#include <stdlib.h>
#include <string.h>

#include "profiler/heap_graph.h"
#include "profiler/heap_snapshot.h"
#include "profiler/json_text.h"
#include "vm/interpreter/code.h"
#include "vm/objects/buffer.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"

// Positions in node_types and edge_types below.
enum {
  NODE_HIDDEN,
  NODE_ARRAY,
  NODE_STRING,
  NODE_OBJECT,
  NODE_CODE,
  NODE_CLOSURE,
  NODE_REGEXP,
  NODE_NUMBER,
  NODE_NATIVE,
  NODE_SYNTHETIC,
  NODE_CONCATENATED_STRING,
  NODE_SLICED_STRING,
  NODE_SYMBOL,
  NODE_BIGINT,
  NODE_SHAPE,
};
enum {
  TYPE_CONTEXT,
  TYPE_ELEMENT,
  TYPE_PROPERTY,
  TYPE_INTERNAL,
  TYPE_HIDDEN,
  TYPE_SHORTCUT,
  TYPE_WEAK,
};
enum { NODE_FIELDS = 7, OWN_NODES = 2, MAX_NAME = 1024 };

static const char meta[] =
    "{\"snapshot\":{\"meta\":{\"node_fields\":[\"type\",\"name\",\"id\","
    "\"self_size\",\"edge_count\",\"trace_node_id\",\"detachedness\"],"
    "\"node_types\":[[\"hidden\",\"array\",\"string\",\"object\",\"code\","
    "\"closure\",\"regexp\",\"number\",\"native\",\"synthetic\","
    "\"concatenated string\",\"sliced string\",\"symbol\",\"bigint\","
    "\"object shape\"],\"string\",\"number\",\"number\",\"number\",\"number\","
    "\"number\"],\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],"
    "\"edge_types\":[[\"context\",\"element\",\"property\",\"internal\","
    "\"hidden\",\"shortcut\",\"weak\"],\"string_or_number\",\"node\"],"
    "\"trace_function_info_fields\":[],\"trace_node_fields\":[],"
    "\"sample_fields\":[],\"location_fields\":[]}";

static const char *const edge_names[] = {
    [EDGE_NAME_PROTOTYPE] = "__proto__",
    [EDGE_NAME_SHAPE] = "map",
    [EDGE_NAME_PROPERTIES] = "properties",
    [EDGE_NAME_ELEMENTS] = "elements",
    [EDGE_NAME_CODE] = "code",
    [EDGE_NAME_CONTEXT] = "context",
    [EDGE_NAME_HOME] = "home_object",
    [EDGE_NAME_TABLE] = "table",
};

// The strings of the file, each once: texts in one buffer, found by hash.
typedef struct Names {
  char *bytes;
  size_t length, capacity;
  size_t *starts;
  uint32_t count, start_capacity;
  uint32_t *table; // start + 1
  uint32_t mask;
  bool out_of_memory;
} Names;

static uint32_t hash_text(const char *text) {
  uint32_t hash = 2166136261u;
  for (; *text != 0; text++)
    hash = (hash ^ (uint8_t)*text) * 16777619u;
  return hash;
}

static uint32_t find_name(const Names *n, const char *text) {
  uint32_t slot = hash_text(text) & n->mask;
  while (n->table[slot] != 0 &&
         strcmp(n->bytes + n->starts[n->table[slot] - 1], text) != 0)
    slot = (slot + 1) & n->mask;
  return slot;
}

static bool grow_names(Names *n) {
  uint32_t size = n->table ? (n->mask + 1) * 2 : 4096;
  uint32_t *table = calloc(size, sizeof *table);
  size_t *starts = realloc(n->starts, size / 2 * sizeof *starts);
  if (starts != NULL) n->starts = starts;
  if (table == NULL || starts == NULL) {
    free(table);
    return false;
  }
  free(n->table);
  n->table = table;
  n->mask = size - 1;
  n->start_capacity = size / 2;
  for (uint32_t i = 0; i < n->count; i++)
    table[find_name(n, n->bytes + n->starts[i])] = i + 1;
  return true;
}

static uint32_t name_of(Names *n, const char *text) {
  if (n->out_of_memory) return 0;
  if (n->count == n->start_capacity && !grow_names(n)) {
    n->out_of_memory = true;
    return 0;
  }
  uint32_t slot = find_name(n, text);
  if (n->table[slot] != 0) return n->table[slot] - 1;
  size_t bytes = strlen(text) + 1;
  if (n->length + bytes > n->capacity) {
    size_t capacity = n->capacity ? n->capacity * 2 : 1 << 16;
    while (capacity < n->length + bytes)
      capacity *= 2;
    char *moved = realloc(n->bytes, capacity);
    if (moved == NULL) {
      n->out_of_memory = true;
      return 0;
    }
    n->bytes = moved;
    n->capacity = capacity;
  }
  memcpy(n->bytes + n->length, text, bytes);
  n->starts[n->count] = n->length;
  n->length += bytes;
  n->table[slot] = ++n->count;
  return n->count - 1;
}

// The beginning of a string, if it is flat: others would have to be made flat.
static void put_string(String *s, char out[MAX_NAME]) {
  out[0] = 0;
  if (s == NULL || (s->cell.flags & (STRING_ROPE | STRING_SLICE))) return;
  size_t at = 0;
  for (uint32_t i = 0; i < string_length(s) && at < MAX_NAME - 4; i++) {
    uint32_t unit =
        s->cell.flags & STRING_WIDE ? s->utf16[i] : (uint32_t)s->latin1[i];
    if (unit >= 0xd800 && unit < 0xe000) {
      unit = 0xfffd; // a pair, too: it is a label
    } else if (unit == 0) {
      continue;
    }
    if (unit < 0x80) {
      out[at++] = (char)unit;
    } else if (unit < 0x800) {
      out[at++] = (char)(0xc0 | unit >> 6);
      out[at++] = (char)(0x80 | (unit & 63));
    } else {
      out[at++] = (char)(0xe0 | unit >> 12);
      out[at++] = (char)(0x80 | (unit >> 6 & 63));
      out[at++] = (char)(0x80 | (unit & 63));
    }
  }
  out[at] = 0;
}

static void put_key(PropertyKey key, char out[MAX_NAME]) {
  if (key_is_index(key)) {
    snprintf(out, MAX_NAME, "%u", key_as_index(key));
  } else if (key_is_symbol(key)) {
    char text[MAX_NAME];
    put_string(value_as_symbol(key)->description, text);
    snprintf(out, MAX_NAME, "<symbol %.1000s>", text);
  } else {
    put_string(value_as_string(key), out);
  }
}

// The name of the constructor that the object's prototype names. Lookups that
// could make something are not for here.
static void put_class(Isolate *iso, Object *o, char out[MAX_NAME]) {
  strcpy(out, object_kind(o) == CELL_ARRAY ? "Array" : "Object");
  for (Object *p = o->shape->prototype; p != NULL; p = p->shape->prototype) {
    PropertySlot slot;
    if ((p->shape->cell.flags & SHAPE_LAZY) ||
        !vm_shape_lookup(iso, p->shape, KEY(constructor), &slot) ||
        (slot.attributes & PROPERTY_ACCESSOR)) {
      continue;
    }
    Value f = *object_slot(p, slot.slot);
    String *name = NULL;
    if (value_is_kind(f, CELL_FUNCTION)) {
      name = vm_code_template(((Function *)value_as_cell(f))->code)->name;
    } else if (value_is_kind(f, CELL_NATIVE_FUNCTION)) {
      name = ((NativeFunction *)value_as_cell(f))->name;
    }
    if (name != NULL && string_length(name) != 0) put_string(name, out);
    return;
  }
}

static const char *const kind_names[CELL_KIND_COUNT] = {
#define CELL(name, type) [CELL_##name] = "(" #type ")",
#include "vm/objects/cell_kinds.def"
};

// Type and name of a cell.
static uint32_t describe(Isolate *iso, GcCell *cell, char name[MAX_NAME]) {
  name[0] = 0;
  switch ((CellKind)cell->kind) {
  case CELL_STRING:
    put_string((String *)cell, name);
    return cell->flags & STRING_ROPE    ? NODE_CONCATENATED_STRING
           : cell->flags & STRING_SLICE ? NODE_SLICED_STRING
                                        : NODE_STRING;
  case CELL_SYMBOL:
    put_string(((Symbol *)cell)->description, name);
    return NODE_SYMBOL;
  case CELL_BIGINT:
    strcpy(name, "bigint");
    return NODE_BIGINT;
  case CELL_SHAPE:
    strcpy(name, "system / Map");
    return NODE_SHAPE;
  case CELL_SLOTS:
    strcpy(name, "(object properties)");
    return NODE_ARRAY;
  case CELL_ELEMENTS:
  case CELL_SPARSE_ELEMENTS:
    strcpy(name, "(object elements)");
    return NODE_ARRAY;
  case CELL_ENVIRONMENT:
    strcpy(name, "system / Context");
    return NODE_OBJECT;
  case CELL_CODE:
    put_string(((Code *)cell)->template->name, name);
    return NODE_CODE;
  case CELL_FUNCTION:
    put_string(vm_code_template(((Function *)cell)->code)->name, name);
    return NODE_CLOSURE;
  case CELL_NATIVE_FUNCTION:
    put_string(((NativeFunction *)cell)->name, name);
    return NODE_CLOSURE;
  default:
    break;
  }
  if (cell->kind >= CELL_FIRST_OBJECT) {
    put_class(iso, (Object *)cell, name);
    return cell->kind == CELL_REGEXP ? NODE_REGEXP : NODE_OBJECT;
  }
  strcpy(name, kind_names[cell->kind]);
  return NODE_HIDDEN;
}

// With the memory outside of the heap that the cell owns.
static size_t size_of(const GcCell *cell) {
  size_t outside = 0;
  if (cell->kind == CELL_FOREIGN) {
    outside = ((const Foreign *)cell)->external_bytes;
  } else if (cell->kind == CELL_ARRAY_BUFFER) {
    outside = ((const ArrayBuffer *)cell)->accounted;
  }
  return gc_cell_bytes(cell) + outside;
}

static void write_nodes(const HeapGraph *g, Names *names, FILE *out) {
  fprintf(out, "\"nodes\":[%d,%u,1,0,2,0,0\n,%d,%u,3,0,%u,0,0\n",
          NODE_SYNTHETIC, name_of(names, ""), NODE_SYNTHETIC,
          name_of(names, "(GC roots)"), g->root_count);
  char name[MAX_NAME];
  for (uint32_t i = 0; i < g->node_count; i++) {
    GcCell *cell = g->nodes[i].cell;
    uint32_t type = describe(g->isolate, cell, name);
    // The first four numbers are of our own nodes.
    fprintf(out, ",%u,%u,%u,%zu,%u,0,0\n", type, name_of(names, name),
            gc_cell_number(cell) + 4, size_of(cell),
            heap_graph_edges_end(g, i) - g->nodes[i].first_edge);
  }
  fprintf(out, "],\n");
}

static void write_edge(const HeapEdge *e, Names *names, FILE *out) {
  static const uint8_t types[] = {
      [EDGE_ELEMENT] = TYPE_ELEMENT,   [EDGE_PROPERTY] = TYPE_PROPERTY,
      [EDGE_GETTER] = TYPE_PROPERTY,   [EDGE_SETTER] = TYPE_PROPERTY,
      [EDGE_INTERNAL] = TYPE_INTERNAL, [EDGE_HIDDEN] = TYPE_HIDDEN,
      [EDGE_WEAK] = TYPE_WEAK,
  };
  uint32_t name = e->name;
  if (e->kind == EDGE_INTERNAL) {
    // The prototype is a property to who looks.
    name = name_of(names, edge_names[e->name]);
  } else if (e->kind == EDGE_PROPERTY || e->kind == EDGE_GETTER ||
             e->kind == EDGE_SETTER) {
    char key[MAX_NAME], text[MAX_NAME + 8];
    put_key(e->key, key);
    snprintf(text, sizeof text, "%s%s",
             e->kind == EDGE_GETTER   ? "get "
             : e->kind == EDGE_SETTER ? "set "
                                      : "",
             key);
    name = name_of(names, text);
  }
  bool is_prototype =
      e->kind == EDGE_INTERNAL && e->name == EDGE_NAME_PROTOTYPE;
  fprintf(out, ",%u,%u,%u\n", is_prototype ? TYPE_PROPERTY : types[e->kind],
          name, (e->to + OWN_NODES) * NODE_FIELDS);
}

// The global object: where DevTools begins to measure distances.
static uint32_t global_of(const HeapGraph *g) {
  const GcCell *global = &g->isolate->realm->global->cell;
  for (uint32_t i = 0; i < g->node_count; i++) {
    if (g->nodes[i].cell == global) return i;
  }
  return 0;
}

static void write_edges(const HeapGraph *g, Names *names, FILE *out) {
  fprintf(out, "\"edges\":[%d,1,%d\n,%d,%u,%u\n", TYPE_ELEMENT, NODE_FIELDS,
          TYPE_SHORTCUT, name_of(names, "global"),
          (global_of(g) + OWN_NODES) * NODE_FIELDS);
  for (uint32_t i = 0; i < g->root_count; i++) {
    fprintf(out, ",%d,%u,%u\n", TYPE_ELEMENT, i,
            (g->roots[i] + OWN_NODES) * NODE_FIELDS);
  }
  for (uint32_t i = 0; i < g->edge_count; i++)
    write_edge(&g->edges[i], names, out);
  fprintf(out, "],\n");
}

bool prof_write_heap_snapshot(Isolate *iso, FILE *out) {
  HeapGraph g;
  Names names = {0};
  bool ok = prof_heap_graph_take(&g, iso) && grow_names(&names);
  if (ok) {
    fprintf(out,
            "%s,\"node_count\":%u,\"edge_count\":%u,"
            "\"trace_function_count\":0},\n",
            meta, g.node_count + OWN_NODES, g.edge_count + g.root_count + 2);
    write_nodes(&g, &names, out);
    write_edges(&g, &names, out);
    fprintf(out,
            "\"trace_function_infos\":[],\n\"trace_tree\":[],\n"
            "\"samples\":[],\n\"locations\":[],\n\"strings\":[");
    for (uint32_t i = 0; i < names.count; i++) {
      if (i != 0) fprintf(out, ",\n");
      prof_write_json_string(out, names.bytes + names.starts[i]);
    }
    fprintf(out, "]}\n");
    ok = !names.out_of_memory && !ferror(out);
  }
  prof_heap_graph_free(&g);
  free(names.bytes);
  free(names.starts);
  free(names.table);
  return ok;
}
