// SPDX-License-Identifier: MIT
// Slots that were given back are chained; the others follow those in use.
#include "runtime/tasks/task_table.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 16, GENERATION_BITS = 20 };

void rt_task_table_init(TaskTable *table) {
  *table = (TaskTable){.free = TASK_TABLE_NONE};
}

void rt_task_table_free(Isolate *iso, TaskTable *table) {
  for (uint32_t i = 0; i < table->used; i++)
    gc_handle_remove(iso->heap, &table->slots[i].value);
  free(table->slots);
  rt_task_table_init(table); // links lead nowhere
}

static bool grow(TaskTable *table) {
  uint32_t capacity =
      table->capacity == 0 ? FIRST_CAPACITY : table->capacity * 2;
  if (capacity >= UINT32_C(1) << 31) return false;
  TaskSlot *slots = realloc(table->slots, capacity * sizeof *slots);
  if (slots == NULL) return false;
  table->slots = slots;
  table->capacity = capacity;
  return true;
}

uint32_t rt_task_table_add(Isolate *iso, TaskTable *table, Value value,
                           SpawnedTask *task) {
  uint32_t slot = table->free;
  if (slot == TASK_TABLE_NONE) {
    if (unlikely(table->used == table->capacity) && !grow(table))
      return TASK_TABLE_NONE;
    slot = table->used;
    table->slots[slot] = (TaskSlot){.next_free = TASK_TABLE_NONE};
  }
  TaskSlot *s = &table->slots[slot];
  if (!gc_handle_add(iso->heap, &s->value, value)) return TASK_TABLE_NONE;
  if (slot == table->used)
    table->used++;
  else
    table->free = s->next_free;
  s->task = task;
  table->count += task != NULL;
  return slot;
}

void rt_task_table_remove(Isolate *iso, TaskTable *table, uint32_t slot) {
  TaskSlot *s = &table->slots[slot];
  gc_handle_remove(iso->heap, &s->value);
  table->count -= s->task != NULL;
  s->task = NULL;
  s->generation = (s->generation + 1) & ((1u << GENERATION_BITS) - 1);
  s->next_free = table->free;
  table->free = slot;
}

Value rt_task_table_link(const TaskTable *table, uint32_t slot) {
  uint64_t generation = table->slots[slot].generation;
  return value_from_number((double)(generation << 32 | slot));
}

SpawnedTask *rt_task_table_linked(const TaskTable *table, Value link) {
  uint64_t number = (uint64_t)value_as_number(link);
  uint32_t slot = (uint32_t)number;
  // The worker may have ended.
  if (slot >= table->used) return NULL;
  const TaskSlot *s = &table->slots[slot];
  return s->generation == number >> 32 ? s->task : NULL;
}
