// SPDX-License-Identifier: MIT
// Slots that were given back are chained; the others follow those in use. A
// link is a slot's number and the end of its task's id.
#include "runtime/tasks/task_table.h"

#include <stdlib.h>

#include "runtime/tasks/workers.h"

enum { FIRST_CAPACITY = 16, SLOT_BITS = 32, ID_BITS = 53 - SLOT_BITS };

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
    table->slots[slot].next_free = TASK_TABLE_NONE;
  }
  TaskSlot *s = &table->slots[slot];
  if (!gc_handle_add(iso->heap, &s->value, value)) return TASK_TABLE_NONE;
  if (slot == table->used)
    table->used++;
  else
    table->free = (uint32_t)s->next_free;
  s->task = task;
  table->count += task != NULL;
  return slot;
}

void rt_task_table_remove(Isolate *iso, TaskTable *table, uint32_t slot) {
  TaskSlot *s = &table->slots[slot];
  gc_handle_remove(iso->heap, &s->value);
  table->count -= s->task != NULL;
  s->next_free = table->free;
  table->free = slot;
}

static uint64_t end_of_id(const SpawnedTask *task) {
  return rt_task_id(task) & ((1u << ID_BITS) - 1);
}

Value rt_task_table_link(const TaskTable *table, uint32_t slot) {
  uint64_t end = end_of_id(table->slots[slot].task);
  return value_from_number((double)(end << SLOT_BITS | slot));
}

SpawnedTask *rt_task_table_linked(const TaskTable *table, Value link) {
  uint64_t number = (uint64_t)value_as_number(link);
  uint32_t slot = (uint32_t)number;
  // The worker may have ended.
  if (slot >= table->used) return NULL;
  SpawnedTask *task = rt_task_table_task(table, slot);
  bool is_it = task != NULL && end_of_id(task) == number >> SLOT_BITS;
  return is_it ? task : NULL;
}
