// SPDX-License-Identifier: MIT
// Looking through a heap for who waits for what.
#include "runtime/trace/graph.h"

#include <stdlib.h>

#include "vm/builtins/promise_builtins.h"
#include "vm/interpreter/async_generator.h"
#include "vm/interpreter/code.h"

// The next free entry of a growing array; NULL: out of memory.
static void *add(TraceGraph *g, void **items, size_t *count, size_t *capacity,
                 size_t size) {
  if (*count == *capacity) {
    size_t more = *capacity == 0 ? 64 : *capacity * 2;
    void *grown = realloc(*items, more * size);
    if (grown == NULL) {
      g->failed = true;
      return NULL;
    }
    *items = grown;
    *capacity = more;
  }
  return (char *)*items + size * (*count)++;
}

static bool is_pending(const Promise *p) {
  return promise_state(p) == PROMISE_PENDING;
}

static void add_derived(TraceGraph *g, const Promise *promise,
                        const Promise *source, int32_t index) {
  DerivedEntry *e = add(g, (void **)&g->derived, &g->derived_count,
                        &g->derived_capacity, sizeof *e);
  if (e != NULL) *e = (DerivedEntry){promise, source, index};
}

static void visit_promise(TraceGraph *g, const Promise *p) {
  if (!is_pending(p)) return;
  for (const PromiseReaction *r = promise_reactions(p); r != NULL;
       r = r->next) {
    if (r->cell.flags == REACTION_RESOLVE) {
      add_derived(g, (const Promise *)value_as_cell(r->target), p, -1);
    } else if (r->cell.flags == REACTION_THEN) {
      int32_t index = -1;
      const Promise *settled = vm_settled_by(r->on_fulfilled, &index);
      if (settled == NULL) settled = vm_settled_by(r->on_rejected, &index);
      if (settled != NULL) {
        add_derived(g, settled, p, index);
      } else if (value_is_promise(r->target)) {
        add_derived(g, (const Promise *)value_as_cell(r->target), p, -1);
      }
    }
  }
}

static void visit_host_object(TraceGraph *g, const HostObject *o) {
  uint64_t task = 0;
  const void *lock = rt_held_lock(o, &task);
  if (lock == NULL) return;
  GuardEntry *e = add(g, (void **)&g->guards, &g->guard_count,
                      &g->guard_capacity, sizeof *e);
  if (e != NULL) *e = (GuardEntry){&o->object.cell, lock, task};
}

static void visit(void *data, GcCell *cell) {
  TraceGraph *g = data;
  switch (cell->kind) {
  case CELL_FIBER:
    if (cell->flags == FIBER_SUSPENDED_AWAIT) {
      Fiber **slot = add(g, (void **)&g->fibers, &g->fiber_count,
                         &g->fiber_capacity, sizeof *slot);
      if (slot != NULL) *slot = (Fiber *)cell;
    }
    break;
  case CELL_PROMISE:
    visit_promise(g, (const Promise *)cell);
    break;
  case CELL_HOST_OBJECT:
    visit_host_object(g, (const HostObject *)cell);
    break;
  default:
    break;
  }
}

// Waits ---------------------------------------------------------------------

static size_t slot_of(const TraceGraph *g, uint64_t waiter) {
  uint64_t h = waiter * UINT64_C(0x9e3779b97f4a7c15);
  size_t at = (size_t)(h >> 32) & (g->wait_capacity - 1);
  while (g->waits[at].waiter != 0 && g->waits[at].waiter != waiter)
    at = (at + 1) & (g->wait_capacity - 1);
  return at;
}

static bool grow_waits(TraceGraph *g) {
  TraceGraph bigger = {.wait_capacity =
                           g->wait_capacity == 0 ? 64 : g->wait_capacity * 2};
  bigger.waits = calloc(bigger.wait_capacity, sizeof *bigger.waits);
  if (bigger.waits == NULL) return false;
  for (size_t i = 0; i < g->wait_capacity; i++) {
    if (g->waits[i].waiter != 0)
      bigger.waits[slot_of(&bigger, g->waits[i].waiter)] = g->waits[i];
  }
  free(g->waits);
  g->waits = bigger.waits;
  g->wait_capacity = bigger.wait_capacity;
  return true;
}

void trace_add_wait(TraceGraph *g, uint64_t waiter, TraceDescribe describe,
                    const void *object, const char *note) {
  if (!value_is_cell(waiter)) return;
  if (g->wait_count * 2 >= g->wait_capacity && !grow_waits(g)) {
    g->failed = true;
    return;
  }
  WaitEntry *e = &g->waits[slot_of(g, waiter)];
  if (e->waiter == 0) g->wait_count++;
  *e = (WaitEntry){waiter, describe, object, note};
}

const WaitEntry *trace_find_wait(const TraceGraph *g, uint64_t waiter) {
  if (g->wait_capacity == 0) return NULL;
  const WaitEntry *e = &g->waits[slot_of(g, waiter)];
  return e->waiter == 0 ? NULL : e;
}

// Promises ------------------------------------------------------------------

static int by_address(const void *a, const void *b) {
  return a < b ? -1 : a > b;
}
static int by_promise(const void *a, const void *b) {
  const DerivedEntry *x = a, *y = b;
  int order = by_address(x->promise, y->promise);
  return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}
static int by_guard(const void *a, const void *b) {
  return by_address(((const GuardEntry *)a)->guard,
                    ((const GuardEntry *)b)->guard);
}
static int by_age(const void *a, const void *b) {
  uint64_t x = (*(Fiber *const *)a)->async_id;
  uint64_t y = (*(Fiber *const *)b)->async_id;
  return x < y ? -1 : x > y;
}

const DerivedEntry *trace_find_derived(const TraceGraph *g, const Promise *p,
                                       size_t *count) {
  size_t low = 0, high = g->derived_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (g->derived[middle].promise < p) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  size_t end = low;
  while (end < g->derived_count && g->derived[end].promise == p)
    end++;
  *count = end - low;
  return end == low ? NULL : &g->derived[low];
}

Fiber *trace_awaiting_fiber(const Fiber *fiber) {
  const Object *owner = fiber->owner;
  if (owner == NULL) return NULL;
  const Promise *promise = (const Promise *)owner;
  if (object_kind(owner) == CELL_ASYNC_GENERATOR) {
    const CellList *first = ((const AsyncGenerator *)owner)->first;
    if (first == NULL) return NULL;
    promise = (const Promise *)value_as_cell(first->words[REQUEST_PROMISE]);
  } else if (object_kind(owner) != CELL_PROMISE) {
    return NULL;
  }
  return vm_awaiting_fiber(promise);
}

const GuardEntry *trace_find_guard(const TraceGraph *g, const void *word) {
  if (g->guard_count == 0) return NULL;
  GuardEntry key = {.guard = word};
  return bsearch(&key, g->guards, g->guard_count, sizeof key, by_guard);
}

enum { LONGEST_CHAIN = 1000 };

Fiber *trace_root_of(Fiber *fiber) {
  Fiber *root = fiber;
  for (int i = 0; i < LONGEST_CHAIN; i++) {
    Fiber *next = trace_awaiting_fiber(root);
    if (next == NULL) return root;
    root = next;
  }
  // In a ring, most likely.
  Fiber *eldest = root, *f = root;
  for (int i = 0; i < 100 * LONGEST_CHAIN; i++) {
    Fiber *next = trace_awaiting_fiber(f);
    if (next == NULL) return f;
    if (next == root) break;
    f = next;
    if (f->async_id < eldest->async_id) eldest = f;
  }
  return eldest;
}

uint64_t trace_task_of(Fiber *fiber) {
  return trace_root_of(fiber)->async_id;
}

void trace_graph_build(Runtime *rt, TraceGraph *g) {
  gc_visit_cells(rt->isolate->heap, visit, g);
  if (g->fiber_count > 0)
    qsort(g->fibers, g->fiber_count, sizeof *g->fibers, by_age);
  if (g->derived_count > 0)
    qsort(g->derived, g->derived_count, sizeof *g->derived, by_promise);
  if (g->guard_count > 0)
    qsort(g->guards, g->guard_count, sizeof *g->guards, by_guard);
  rt_requests_list_waits(rt, g);
  rt_timers_list_waits(rt, g);
  rt_futures_list_waits(rt, g);
  rt_tasks_list_waits(rt, g);
  rt_network_list_waits(rt, g);
}

void trace_graph_free(TraceGraph *g) {
  free(g->fibers);
  free(g->derived);
  free(g->guards);
  free(g->waits);
}
