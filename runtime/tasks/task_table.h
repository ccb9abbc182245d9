// SPDX-License-Identifier: MIT
// Values that tasks keep alive, in numbered slots: rows of handles, so that a
// million of them lengthen no stop, and none is copied when the table grows. On
// the isolate's thread.
#ifndef RILL_RUNTIME_TASKS_TASK_TABLE_H
#define RILL_RUNTIME_TASKS_TASK_TABLE_H

#include "vm/interpreter/code.h"

enum { TASK_TABLE_NONE = UINT32_MAX };

typedef struct SpawnedTask SpawnedTask;

// A slot's number is that of its page and, in the last bits, its place there.
enum { TASK_PLACE_BITS = 9 };
typedef struct TaskPage {
  uint64_t *values; // a row of handles; GC_NO_CELL: the slot is free
  union {
    SpawnedTask *task;  // whose slot it is; NULL: only a value
    uint64_t next_free; // of a free one
  } slots[GC_HANDLE_ROW];
} TaskPage;

typedef struct TaskTable {
  TaskPage **pages;
  uint32_t page_count, capacity;
  uint32_t used;  // slots from here on were never taken
  uint32_t free;  // the first of those given back; TASK_TABLE_NONE
  uint32_t count; // slots with a task
} TaskTable;

// Empty. Freed before the isolate is; its slots need not be.
void rt_task_table_init(TaskTable *);
void rt_task_table_free(Isolate *, TaskTable *);
// TASK_TABLE_NONE: out of memory; nothing is thrown. The value is traced before
// that.
uint32_t rt_task_table_add(Isolate *, TaskTable *, Value, SpawnedTask *);
static inline uint64_t *rt_task_table_word(const TaskTable *table,
                                           uint32_t slot) {
  uint32_t place = slot & ((1u << TASK_PLACE_BITS) - 1);
  return &table->pages[slot >> TASK_PLACE_BITS]->values[place];
}
static inline void rt_task_table_set(Isolate *iso, const TaskTable *table,
                                     uint32_t slot, Value value) {
  gc_store_word(iso->heap, rt_task_table_word(table, slot), value);
}
void rt_task_table_remove(Isolate *, TaskTable *, uint32_t slot);
static inline Value rt_task_table_value(const TaskTable *table, uint32_t slot) {
  return *rt_task_table_word(table, slot);
}
// Of any number below `used`. NULL: the slot is free, or has none.
SpawnedTask *rt_task_table_task(const TaskTable *table, uint32_t slot);
// A number that stands for a task's slot until that is removed, and afterwards
// for none; and back: the task, or NULL.
Value rt_task_table_link(const TaskTable *, uint32_t slot);
SpawnedTask *rt_task_table_linked(const TaskTable *, Value link);

#endif
