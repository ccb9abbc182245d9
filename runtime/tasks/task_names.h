// SPDX-License-Identifier: MIT
// Names of tasks for those who list them, which may be any thread at any time:
// so a name lives as long as the set, and each is kept once.
#ifndef RILL_RUNTIME_TASKS_TASK_NAMES_H
#define RILL_RUNTIME_TASKS_TASK_NAMES_H

#include <stddef.h>
#include <stdint.h>

typedef struct TaskName TaskName;
enum { TASK_NAME_BUCKETS = 64, TASK_NAMES_AT_MOST = 4096 };
typedef struct TaskNames {
  TaskName *buckets[TASK_NAME_BUCKETS];
  uint32_t count;
} TaskNames;

// The set's own copy; NULL: there are too many names, or there is no memory.
// Under the set's lock.
const char *rt_task_name(TaskNames *, const char *utf8);
// From 1 on, of a name that was got above; 0: of NULL. And back.
uint32_t rt_task_name_number(const char *name);
const char *rt_task_name_of_number(const TaskNames *, uint32_t number);
void rt_task_names_free(TaskNames *);

#endif
