// SPDX-License-Identifier: MIT
// Slots that were given back are chained; the others follow those in use. A
// link is a slot's number and the end of its task's id.
#include "runtime/tasks/task_table.h"

#include <stdlib.h>

#include "runtime/tasks/workers.h"

enum {
  PLACE_MASK = (1 << TASK_PLACE_BITS) - 1,
  FIRST_CAPACITY = 8,
  MOST_PAGES = 1 << (31 - TASK_PLACE_BITS),
  SLOT_BITS = 32,
  ID_BITS = 53 - SLOT_BITS
};
_Static_assert((int)GC_HANDLE_ROW <= (int)PLACE_MASK, "the last place is none");

void rt_task_table_init(TaskTable *table) {
  *table = (TaskTable){.free = TASK_TABLE_NONE};
}

void rt_task_table_free(Isolate *iso, TaskTable *table) {
  for (uint32_t i = 0; i < table->page_count; i++) {
    gc_handle_row_free(iso->heap, table->pages[i]->values);
    free(table->pages[i]);
    gc_external_hold(iso->heap, -(int64_t)sizeof(TaskPage));
  }
  free(table->pages);
  rt_task_table_init(table); // links lead nowhere
}

static bool make_room(TaskTable *table) {
  if (table->page_count < table->capacity) return true;
  uint32_t capacity =
      table->capacity == 0 ? FIRST_CAPACITY : table->capacity * 2;
  if (capacity > MOST_PAGES) return false;
  TaskPage **pages = realloc(table->pages, capacity * sizeof *pages);
  if (pages == NULL) return false;
  table->pages = pages;
  table->capacity = capacity;
  return true;
}

static bool add_page(Isolate *iso, TaskTable *table) {
  TaskPage *page = make_room(table) ? malloc(sizeof *page) : NULL;
  if (page == NULL) return false;
  page->values = gc_handle_row_new(iso->heap);
  if (page->values == NULL) {
    free(page);
    return false;
  }
  gc_external_hold(iso->heap, sizeof *page);
  table->used = table->page_count << TASK_PLACE_BITS;
  table->pages[table->page_count++] = page;
  return true;
}

uint32_t rt_task_table_add(Isolate *iso, TaskTable *table, Value value,
                           SpawnedTask *task) {
  uint32_t slot = table->free;
  if (slot != TASK_TABLE_NONE) {
    const TaskPage *page = table->pages[slot >> TASK_PLACE_BITS];
    table->free = (uint32_t)page->slots[slot & PLACE_MASK].next_free;
  } else {
    bool is_full = (table->used & PLACE_MASK) == GC_HANDLE_ROW;
    if ((table->page_count == 0 || is_full) && !add_page(iso, table))
      return TASK_TABLE_NONE;
    slot = table->used++;
  }
  table->pages[slot >> TASK_PLACE_BITS]->slots[slot & PLACE_MASK].task = task;
  // Whatever this was loaded from is part of the snapshot, or it is new.
  gc_publish(rt_task_table_word(table, slot), value);
  table->count += task != NULL;
  return slot;
}

void rt_task_table_remove(Isolate *iso, TaskTable *table, uint32_t slot) {
  TaskPage *page = table->pages[slot >> TASK_PLACE_BITS];
  uint32_t place = slot & PLACE_MASK;
  gc_store_word(iso->heap, &page->values[place], GC_NO_CELL);
  table->count -= page->slots[place].task != NULL;
  page->slots[place].next_free = table->free;
  table->free = slot;
}

SpawnedTask *rt_task_table_task(const TaskTable *table, uint32_t slot) {
  const TaskPage *page = table->pages[slot >> TASK_PLACE_BITS];
  uint32_t place = slot & PLACE_MASK;
  bool is_free = place >= GC_HANDLE_ROW || page->values[place] == GC_NO_CELL;
  return is_free ? NULL : page->slots[place].task;
}

static uint64_t end_of_id(const SpawnedTask *task) {
  return rt_task_id(task) & ((1u << ID_BITS) - 1);
}

Value rt_task_table_link(const TaskTable *table, uint32_t slot) {
  uint64_t end = end_of_id(rt_task_table_task(table, slot));
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
