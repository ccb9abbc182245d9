// SPDX-License-Identifier: MIT
// Values that tasks keep alive, in numbered slots: one cell of the heap, which
// is marked like any other, instead of a root for each. On the isolate's
// thread.
#ifndef RILL_RUNTIME_TASKS_TASK_TABLE_H
#define RILL_RUNTIME_TASKS_TASK_TABLE_H

#include "vm/interpreter/code.h"

enum { TASK_TABLE_NONE = UINT32_MAX };

typedef struct SpawnedTask SpawnedTask;
typedef struct TaskSlot {
  SpawnedTask *task; // whose slot it is; NULL: only a value, or free
  uint32_t generation;
  uint32_t next_free;
} TaskSlot;

typedef struct TaskTable {
  GcRoot values; // a CellList, or undefined
  TaskSlot *slots;
  uint32_t capacity, free; // the first free one; TASK_TABLE_NONE
  uint32_t count;          // slots with a task
} TaskTable;

// Of an isolate, empty. Freed before the isolate is; its slots need not be.
void rt_task_table_init(Isolate *, TaskTable *);
void rt_task_table_free(Isolate *, TaskTable *);
// TASK_TABLE_NONE: out of memory; nothing is thrown. The value is traced before
// that.
uint32_t rt_task_table_add(Isolate *, TaskTable *, Value, SpawnedTask *);
void rt_task_table_remove(Isolate *, TaskTable *, uint32_t slot);
static inline Value rt_task_table_value(const TaskTable *table, uint32_t slot) {
  return ((CellList *)value_as_cell(table->values.word))->words[slot];
}
// A number that stands for the slot until it is removed, and afterwards for
// none; and back: the task, or NULL.
Value rt_task_table_link(const TaskTable *, uint32_t slot);
SpawnedTask *rt_task_table_linked(const TaskTable *, Value link);

#endif
