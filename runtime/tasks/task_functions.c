// SPDX-License-Identifier: MIT
// A chained table by template. Entries are never taken out, and keep their
// templates: an address in a cache cannot come to mean another function.
#include "runtime/tasks/task_functions.h"

#include <stdlib.h>

#include "runtime/tasks/tasks_internal.h"
#include "runtime/web/shipped_code.h"

static uint64_t hash_of(const Template *t) {
  return (uintptr_t)t * UINT64_C(0x9e3779b97f4a7c15) >> 40;
}

static TaskFunction *find(const TaskFunctions *functions, const Template *t) {
  TaskFunction *f = functions->buckets[hash_of(t) % TASK_FUNCTION_BUCKETS];
  while (f != NULL && f->clone.templates[0] != t)
    f = f->next;
  return f;
}

// Makes an entry, whose clone names the template first. NULL: threw.
static TaskFunction *make(Runtime *rt, Value function, const Template *t) {
  TaskFunction *f = calloc(1, sizeof *f);
  if (f == NULL) {
    vm_throw_out_of_memory(rt->isolate);
    return NULL;
  }
  ClonePart part = {function, ""};
  if (!rt_clone_serialize_parts(rt->isolate, &part, 1, NULL, CLONE_CODE,
                                &f->clone)) {
    free(f);
    return NULL;
  }
  if (t->name != NULL) f->name = rt_task_name_for(rt, t->name);
  return f;
}

static void entry_free(TaskFunction *f) {
  rt_clone_free(&f->clone);
  free(f);
}

// Adds it, unless somebody else did meanwhile. NULL: there are too many.
static TaskFunction *add(WorkerSet *set, TaskFunction *f, const Template *t) {
  TaskFunctions *functions = &set->functions;
  uv_mutex_lock(&set->lock);
  TaskFunction *there = find(functions, t);
  if (there == NULL && functions->count < TASK_FUNCTIONS_AT_MOST) {
    TaskFunction **bucket =
        &functions->buckets[hash_of(t) % TASK_FUNCTION_BUCKETS];
    f->index = functions->count++;
    f->next = *bucket;
    *bucket = there = f;
  }
  uv_mutex_unlock(&set->lock);
  if (there != f) entry_free(f);
  return there;
}

bool rt_task_function(Runtime *rt, Value function, const TaskFunction **out) {
  *out = NULL;
  const Template *t = rt_clone_template_alone(rt->isolate, function);
  if (t == NULL) return true;
  FunctionCache *cache = &rt->tasks->functions;
  uint32_t at = (uint32_t)(hash_of(t) % FUNCTION_CACHE_SIZE);
  if (likely(cache->entries[at].template == t)) {
    *out = cache->entries[at].function;
    return true;
  }
  WorkerSet *set = rt->workers;
  uv_mutex_lock(&set->lock);
  TaskFunction *f = find(&set->functions, t);
  bool is_full = set->functions.count == TASK_FUNCTIONS_AT_MOST;
  uv_mutex_unlock(&set->lock);
  if (f == NULL && !is_full) {
    const Captures *captures = rt_shipped_captures(rt, t);
    if (captures == NULL) return false;
    if (captures->is_dynamic || captures->count > 0) return true;
    f = make(rt, function, t);
    if (f == NULL) return false;
    bool has_name = t->name != NULL && string_length(t->name) > 0;
    if (has_name && f->name == NULL) { // one name too many
      entry_free(f);
      return true;
    }
    f = add(set, f, t);
  }
  if (f == NULL) return true;
  cache->entries[at].template = t;
  cache->entries[at].function = f;
  *out = f;
  return true;
}

void rt_task_functions_free(TaskFunctions *functions) {
  for (uint32_t i = 0; i < TASK_FUNCTION_BUCKETS; i++) {
    while (functions->buckets[i] != NULL) {
      TaskFunction *f = functions->buckets[i];
      functions->buckets[i] = f->next;
      entry_free(f);
    }
  }
}
