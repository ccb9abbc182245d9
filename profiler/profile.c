// SPDX-License-Identifier: MIT
// The call tree: nodes and ticks in two open-addressing tables. Only the
// sampler's thread touches it until it has ended.
#include "profiler/profile.h"

#include <stdlib.h>
#include <string.h>

static uint32_t hash_pair(uint32_t number, const void *pointer) {
  uint64_t h = ((uint64_t)(uintptr_t)pointer >> 3) ^
               ((uint64_t)number * UINT64_C(0x9e3779b97f4a7c15));
  h *= UINT64_C(0xff51afd7ed558ccd);
  return (uint32_t)(h >> 32);
}

static bool add_node(Profiler *p, uint32_t parent, const Code *code) {
  if (p->node_count == p->node_capacity) {
    uint32_t capacity = p->node_capacity * 2 + 64;
    ProfNode *nodes = realloc(p->nodes, capacity * sizeof *nodes);
    if (nodes == NULL) return false;
    p->nodes = nodes;
    p->node_capacity = capacity;
  }
  p->nodes[p->node_count++] = (ProfNode){.code = code, .parent = parent};
  return true;
}

static void insert_node(Profiler *p, uint32_t node) {
  uint32_t mask = p->node_table_size - 1;
  uint32_t at = hash_pair(p->nodes[node].parent, p->nodes[node].code) & mask;
  while (p->node_table[at] != 0)
    at = (at + 1) & mask;
  p->node_table[at] = node;
}

static bool grow_nodes(Profiler *p) {
  uint32_t size = p->node_table_size * 2;
  uint32_t *table = calloc(size, sizeof *table);
  if (table == NULL) return false;
  free(p->node_table);
  p->node_table = table;
  p->node_table_size = size;
  for (uint32_t i = PROF_PROGRAM + 1; i < p->node_count; i++) {
    insert_node(p, i);
  }
  return true;
}

bool prof_profile_init(Profiler *p) {
  p->node_table_size = 1024;
  p->tick_table_size = 1024;
  p->node_table = calloc(p->node_table_size, sizeof *p->node_table);
  p->ticks = calloc(p->tick_table_size, sizeof *p->ticks);
  return p->node_table != NULL && p->ticks != NULL &&
         add_node(p, PROF_ROOT, NULL) && add_node(p, PROF_ROOT, NULL) &&
         add_node(p, PROF_ROOT, NULL);
}

void prof_profile_free(Profiler *p) {
  free(p->nodes);
  free(p->node_table);
  free(p->ticks);
  free(p->samples);
}

uint32_t prof_node(Profiler *p, uint32_t parent, const Code *code) {
  uint32_t mask = p->node_table_size - 1;
  for (uint32_t at = hash_pair(parent, code) & mask; p->node_table[at] != 0;
       at = (at + 1) & mask) {
    const ProfNode *node = &p->nodes[p->node_table[at]];
    if (node->parent == parent && node->code == code) return p->node_table[at];
  }
  if (p->node_count * 2 > p->node_table_size && !grow_nodes(p)) {
    return UINT32_MAX;
  }
  if (!add_node(p, parent, code)) return UINT32_MAX;
  insert_node(p, p->node_count - 1);
  return p->node_count - 1;
}

static ProfTick *find_tick(Profiler *p, uint32_t node, const Instruction *pc) {
  uint32_t mask = p->tick_table_size - 1;
  uint32_t at = hash_pair(node, pc) & mask;
  while (p->ticks[at].count != 0 &&
         (p->ticks[at].node != node || p->ticks[at].pc != pc)) {
    at = (at + 1) & mask;
  }
  return &p->ticks[at];
}

static bool grow_ticks(Profiler *p) {
  ProfTick *old = p->ticks;
  uint32_t old_size = p->tick_table_size;
  ProfTick *ticks = calloc((size_t)old_size * 2, sizeof *ticks);
  if (ticks == NULL) return false;
  p->ticks = ticks;
  p->tick_table_size = old_size * 2;
  for (uint32_t i = 0; i < old_size; i++) {
    if (old[i].count != 0) *find_tick(p, old[i].node, old[i].pc) = old[i];
  }
  free(old);
  return true;
}

bool prof_add_sample(Profiler *p, uint32_t node, const Instruction *pc,
                     uint32_t delta_us) {
  if (p->sample_count == p->sample_capacity) {
    size_t capacity = p->sample_capacity * 2 + 1024;
    ProfSample *samples = realloc(p->samples, capacity * sizeof *samples);
    if (samples == NULL) return false;
    p->samples = samples;
    p->sample_capacity = capacity;
  }
  p->samples[p->sample_count++] = (ProfSample){node, delta_us};
  p->nodes[node].hits++;
  if (pc == NULL) return true;
  if (p->tick_count * 2 > p->tick_table_size && !grow_ticks(p)) return false;
  ProfTick *tick = find_tick(p, node, pc);
  if (tick->count == 0) p->tick_count++;
  tick->node = node;
  tick->pc = pc;
  tick->count++;
  return true;
}
