// SPDX-License-Identifier: MIT
// Task-locals: a short list of keys and values in each task that has any.
#include <stdlib.h>

#include "runtime/executor/executor.h"

struct LocalValue {
  LocalValue *next;
  const rill_task_local *key;
  void *value;
};

static LocalValue *find(const rill_task_local *key) {
  LocalValue **list = exec_current.locals;
  LocalValue *l = list == NULL ? NULL : *list;
  while (l != NULL && l->key != key) {
    l = l->next;
  }
  return l;
}

static LocalValue *add(LocalValue **list, const rill_task_local *key,
                       void *value) {
  LocalValue *l = malloc(sizeof *l);
  if (l == NULL) return NULL;
  *l = (LocalValue){*list, key, value};
  *list = l;
  return l;
}

void exec_locals_free(LocalValue *l) {
  while (l != NULL) {
    LocalValue *next = l->next;
    if (l->value != NULL && l->key->drop != NULL) l->key->drop(l->value);
    free(l);
    l = next;
  }
}

bool exec_locals_inherit(LocalValue *parent, LocalValue **child) {
  *child = NULL;
  for (LocalValue *l = parent; l != NULL; l = l->next) {
    if (l->value == NULL || l->key->inherit == NULL) continue;
    LocalValue *made = add(child, l->key, NULL);
    if (made == NULL) {
      exec_locals_free(*child);
      return false;
    }
    made->value = l->key->inherit(l->value);
  }
  return true;
}

void *rill_task_local_get(const rill_task_local *key) {
  LocalValue *l = find(key);
  return l == NULL ? NULL : l->value;
}

rill_status rill_task_local_set(const rill_task_local *key, void *value) {
  if (exec_current.locals == NULL) return RILL_INVALID;
  LocalValue *l = find(key);
  if (l == NULL)
    return add(exec_current.locals, key, value) == NULL ? RILL_NO_MEMORY
                                                        : RILL_OK;
  void *old = l->value;
  l->value = value;
  if (old != NULL && key->drop != NULL) key->drop(old);
  return RILL_OK;
}
