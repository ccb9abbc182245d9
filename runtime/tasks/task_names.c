// SPDX-License-Identifier: MIT
// A chained table of names.
#include "runtime/tasks/task_names.h"

#include <stdlib.h>
#include <string.h>

struct TaskName {
  TaskName *next;
  uint32_t number;
  char text[];
};

static uint32_t bucket_of(const char *text) {
  uint32_t hash = 2166136261u; // FNV-1a
  for (; *text != 0; text++)
    hash = (hash ^ (unsigned char)*text) * 16777619u;
  return hash % TASK_NAME_BUCKETS;
}

const char *rt_task_name(TaskNames *names, const char *utf8) {
  TaskName **bucket = &names->buckets[bucket_of(utf8)];
  for (TaskName *n = *bucket; n != NULL; n = n->next) {
    if (strcmp(n->text, utf8) == 0) return n->text;
  }
  size_t size = strlen(utf8) + 1;
  TaskName *name =
      names->count == TASK_NAMES_AT_MOST ? NULL : malloc(sizeof *name + size);
  if (name == NULL) return NULL;
  memcpy(name->text, utf8, size);
  name->next = *bucket;
  *bucket = name;
  name->number = ++names->count;
  return name->text;
}

uint32_t rt_task_name_number(const char *name) {
  if (name == NULL) return 0;
  return ((const TaskName *)(const void *)(name - offsetof(TaskName, text)))
      ->number;
}

const char *rt_task_name_of_number(const TaskNames *names, uint32_t number) {
  for (uint32_t i = 0; i < TASK_NAME_BUCKETS; i++) {
    for (const TaskName *n = names->buckets[i]; n != NULL; n = n->next) {
      if (n->number == number) return n->text;
    }
  }
  return NULL;
}

void rt_task_names_free(TaskNames *names) {
  for (uint32_t i = 0; i < TASK_NAME_BUCKETS; i++) {
    while (names->buckets[i] != NULL) {
      TaskName *name = names->buckets[i];
      names->buckets[i] = name->next;
      free(name);
    }
  }
}
