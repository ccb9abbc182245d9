// SPDX-License-Identifier: MIT
// A list of values beside an array of what belongs to them; free slots are
// chained.
#include "runtime/tasks/task_table.h"

#include <stdlib.h>

#include "vm/objects/throw.h"

enum { FIRST_CAPACITY = 16, GENERATION_BITS = 20 };

void rt_task_table_init(Isolate *iso, TaskTable *table) {
  *table = (TaskTable){.free = TASK_TABLE_NONE};
  gc_root_add(iso->heap, &table->values, VALUE_UNDEFINED);
}

void rt_task_table_free(Isolate *iso, TaskTable *table) {
  gc_root_remove(iso->heap, &table->values);
  free(table->slots);
  *table = (TaskTable){.free = TASK_TABLE_NONE}; // links lead nowhere
}

static bool grow(Isolate *iso, TaskTable *table) {
  uint32_t old = table->capacity;
  uint32_t capacity = old == 0 ? FIRST_CAPACITY : old * 2;
  if (capacity >= UINT32_C(1) << 31) return false;
  CellList *values = vm_cell_list_new(iso, capacity);
  if (values == NULL) {
    vm_take_exception(iso);
    return false;
  }
  TaskSlot *slots = realloc(table->slots, capacity * sizeof *slots);
  if (slots == NULL) return false;
  for (uint32_t i = 0; i < old; i++)
    gc_store_word(iso->heap, &values->words[i], rt_task_table_value(table, i));
  // The lowest is used first.
  for (uint32_t i = capacity; i-- > old;) {
    slots[i] = (TaskSlot){.next_free = table->free};
    table->free = i;
  }
  table->values.word = value_from_cell(values);
  table->slots = slots;
  table->capacity = capacity;
  return true;
}

uint32_t rt_task_table_add(Isolate *iso, TaskTable *table, Value value,
                           SpawnedTask *task) {
  if (unlikely(table->free == TASK_TABLE_NONE) && !grow(iso, table))
    return TASK_TABLE_NONE;
  uint32_t slot = table->free;
  TaskSlot *s = &table->slots[slot];
  table->free = s->next_free;
  s->task = task;
  table->count += task != NULL;
  CellList *values = (CellList *)value_as_cell(table->values.word);
  gc_store_word(iso->heap, &values->words[slot], value);
  return slot;
}

void rt_task_table_remove(Isolate *iso, TaskTable *table, uint32_t slot) {
  TaskSlot *s = &table->slots[slot];
  CellList *values = (CellList *)value_as_cell(table->values.word);
  gc_store_word(iso->heap, &values->words[slot], VALUE_UNDEFINED);
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
  if (slot >= table->capacity) return NULL;
  const TaskSlot *s = &table->slots[slot];
  return s->generation == number >> 32 ? s->task : NULL;
}
