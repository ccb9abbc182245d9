// SPDX-License-Identifier: MIT
// One walk over the bytecode, in the order in which it was emitted: the
// register of an environment is written before, in that order, everything that
// uses it (vm/bytecode/emitter.h), so the last write seen is the one meant.
#include "vm/bytecode/captures.h"

#include <stdlib.h>

#include "vm/bytecode/function_builder.h"
#include "vm/syntax/scope.h"

typedef struct Walk {
  Captures *out;
  uint32_t capacity, import_capacity;
  bool failed;
} Walk;

static void *grown(Walk *w, void *items, uint32_t count, uint32_t *capacity,
                   size_t size) {
  if (count < *capacity) return items;
  uint32_t wanted = *capacity ? *capacity * 2 : 8;
  void *result = realloc(items, wanted * size);
  if (result == NULL) {
    w->failed = true;
    return NULL;
  }
  *capacity = wanted;
  return result;
}

static void add_capture(Walk *w, int64_t level, uint32_t slot, String *name) {
  if (level < 0) return; // of the function itself
  Captures *c = w->out;
  for (uint32_t i = 0; i < c->count; i++) {
    Capture *known = &c->items[i];
    if (known->hops != (uint32_t)level || known->slot != slot) continue;
    if (known->name == NULL) known->name = name;
    return;
  }
  Capture *items = grown(w, c->items, c->count, &w->capacity, sizeof *c->items);
  if (items == NULL) return;
  c->items = items;
  items[c->count++] = (Capture){(uint32_t)level, slot, name};
}

static void add_import(Walk *w, uint32_t index) {
  Captures *c = w->out;
  for (uint32_t i = 0; i < c->import_count; i++) {
    if (c->imports[i] == index) return;
  }
  uint32_t *items = grown(w, c->imports, c->import_count, &w->import_capacity,
                          sizeof *c->imports);
  if (items == NULL) return;
  c->imports = items;
  items[c->import_count++] = index;
}

static String *name_of(const Template *t, uint32_t hops, uint32_t slot) {
  for (uint32_t i = 0; i < t->upvalue_name_count; i++) {
    const UpvalueName *n = &t->upvalue_names[i];
    if (n->hops == hops && n->slot == slot) {
      return (String *)value_as_cell(t->keys[n->key]);
    }
  }
  return NULL;
}

// A function that has not been compiled yet says what it captures.
static void walk_names(Walk *w, const LazyFunction *lazy, int64_t base) {
  for (uint32_t i = 0; i < lazy->name_count; i++) {
    const LazyName *name = &lazy->names[i];
    if (name->kind == BINDING_IMPORT) {
      add_import(w, name->slot);
      continue;
    }
    add_capture(w, base + name->hops, name->slot,
                name->kind == BINDING_THIS ? NULL : name->name);
    if (name->kind != BINDING_PRIVATE_NAME) continue;
    // The method, or getter and setter, follow the name.
    uint32_t more = name->private_kind == PRIVATE_FIELD    ? 0
                    : name->private_kind == PRIVATE_METHOD ? 1
                                                           : 2;
    for (uint32_t k = 1; k <= more; k++)
      add_capture(w, base + name->hops, name->slot + k, NULL);
  }
}

// `base`: how many environments the one that `t` closes over lies above the
// first function's; below, it is negative.
static void walk(Walk *w, const Template *t, int64_t base) {
  if (t->lazy != NULL) {
    walk_names(w, t->lazy, base);
    return;
  }
  int32_t *levels = malloc((t->register_count + 1u) * sizeof *levels);
  if (levels == NULL) {
    w->failed = true;
    return;
  }
  for (uint32_t i = 0; i < t->register_count; i++)
    levels[i] = (int32_t)base;
  if (t->flags & TEMPLATE_HAS_DIRECT_EVAL) w->out->is_dynamic = true;
  for (uint32_t pc = 0; pc < t->code_count && !w->failed;) {
    const Instruction i = t->code[pc];
    Opcode op = (Opcode)i.op;
    uint64_t x = bytecode_width(op) == 2 ? t->code[pc + 1].word : 0;
    switch (op) {
    case OP_LOAD_ENVIRONMENT:
      levels[i.a] = (int32_t)base;
      break;
    case OP_NEW_ENVIRONMENT:
    case OP_NEW_SCOPE_ENVIRONMENT:
      levels[i.a] = levels[i.b] - 1;
      break;
    case OP_COPY_ENVIRONMENT:
      levels[i.a] = levels[i.b];
      break;
    case OP_NEW_WITH_ENVIRONMENT:
    case OP_RESOLVE_NAME:
    case OP_CALL_EVAL:
      w->out->is_dynamic = true;
      break;
    case OP_GET_SLOT:
      add_capture(w, levels[i.b], i.c, NULL);
      break;
    case OP_GET_SLOT_CHECKED:
      add_capture(w, levels[i.b], i.c, (String *)value_as_cell(t->keys[x]));
      break;
    case OP_SET_SLOT:
      add_capture(w, levels[i.a], i.b, NULL);
      break;
    case OP_GET_UPVALUE:
      add_capture(w, base + i.b, i.c, name_of(t, i.b, i.c));
      break;
    case OP_GET_UPVALUE_CHECKED:
      add_capture(w, base + i.b, i.c, (String *)value_as_cell(t->keys[x]));
      break;
    case OP_SET_UPVALUE:
      add_capture(w, base + i.b, i.c, name_of(t, i.b, i.c));
      break;
    case OP_GET_IMPORT:
      add_import(w, i.b);
      break;
    case OP_NEW_FUNCTION:
    case OP_NEW_METHOD:
      walk(w, t->functions[i.c], levels[i.b]);
      break;
    case OP_NEW_CLASS:
      walk(w, t->functions[i.c], levels[x]);
      break;
    default:
      break;
    }
    pc += bytecode_width(op);
  }
  free(levels);
}

bool vm_template_captures(const Template *t, Captures *out) {
  *out = (Captures){0};
  Walk w = {.out = out};
  walk(&w, t, 0);
  if (!w.failed) return true;
  vm_captures_free(out);
  return false;
}

void vm_captures_free(Captures *c) {
  free(c->items);
  free(c->imports);
  *c = (Captures){0};
}
