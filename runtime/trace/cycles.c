// SPDX-License-Identifier: MIT
// Tasks that wait for each other in a ring. A task waits for another one's
// result, or for a lock that another one holds; over all isolates.
#include <stdlib.h>

#include "runtime/trace/trace.h"

typedef struct Node {
  const TraceSnapshot *snapshot;
  const TraceTask *task;
  size_t next;   // that it waits for; SIZE_MAX: none
  uint32_t seen; // the walk that came here; 0: none
} Node;

typedef struct Nodes {
  Node *items;
  size_t count;
} Nodes;

static bool is_held_by(const TraceTask *task, const void *resource) {
  if (resource == NULL) return false;
  if (task->identity == resource) return true;
  for (uint32_t i = 0; i < task->hold_count; i++) {
    if (task->holds[i] == resource) return true;
  }
  return false;
}

static size_t waits_for(const Nodes *nodes, const Node *node) {
  const TraceTask *task = node->task;
  if (task->wait_resource == NULL && task->waits_for_task == 0) return SIZE_MAX;
  for (size_t i = 0; i < nodes->count; i++) {
    const Node *other = &nodes->items[i];
    bool awaited = task->waits_for_task != 0 &&
                   other->snapshot == node->snapshot &&
                   other->task->id == task->waits_for_task;
    if (awaited || is_held_by(other->task, task->wait_resource)) return i;
  }
  return SIZE_MAX;
}

static TraceRing *ring_from(const Nodes *nodes, size_t start) {
  size_t count = 1;
  for (size_t at = nodes->items[start].next; at != start;
       at = nodes->items[at].next)
    count++;
  TraceRing *ring = malloc(sizeof *ring + count * sizeof *ring->members);
  if (ring == NULL) return NULL;
  ring->next = NULL;
  ring->count = (uint32_t)count;
  for (size_t i = 0, at = start; i < count; i++) {
    ring->members[i].snapshot = nodes->items[at].snapshot;
    ring->members[i].task = nodes->items[at].task;
    at = nodes->items[at].next;
  }
  return ring;
}

TraceRing *trace_find_rings(const TraceSnapshot *snapshots) {
  Nodes nodes = {NULL, 0};
  size_t count = 0;
  for (const TraceSnapshot *s = snapshots; s != NULL; s = s->next) {
    for (const TraceTask *t = s->tasks; t != NULL; t = t->next)
      count++;
  }
  nodes.items = calloc(count + 1, sizeof *nodes.items);
  if (nodes.items == NULL) return NULL;
  for (const TraceSnapshot *s = snapshots; s != NULL; s = s->next) {
    for (const TraceTask *t = s->tasks; t != NULL; t = t->next)
      nodes.items[nodes.count++] = (Node){.snapshot = s, .task = t};
  }
  for (size_t i = 0; i < nodes.count; i++)
    nodes.items[i].next = waits_for(&nodes, &nodes.items[i]);
  TraceRing *rings = NULL, **last = &rings;
  for (size_t i = 0; i < nodes.count; i++) {
    uint32_t walk = (uint32_t)i + 1;
    size_t at = i;
    while (at != SIZE_MAX && nodes.items[at].seen == 0) {
      nodes.items[at].seen = walk;
      at = nodes.items[at].next;
    }
    if (at == SIZE_MAX || nodes.items[at].seen != walk) continue;
    *last = ring_from(&nodes, at);
    if (*last != NULL) last = &(*last)->next;
  }
  free(nodes.items);
  return rings;
}
