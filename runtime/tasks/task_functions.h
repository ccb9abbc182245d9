// SPDX-License-Identifier: MIT
// Functions that need nothing but their code: no captured variable, no member
// of their own. They are spawned over and over, so a worker set keeps the first
// ones for good: each is copied once, and a task then only says which it is.
#ifndef RILL_RUNTIME_TASKS_TASK_FUNCTIONS_H
#define RILL_RUNTIME_TASKS_TASK_FUNCTIONS_H

#include "runtime/runtime.h"
#include "runtime/web/structured_clone.h"

enum {
  TASK_FUNCTION_BUCKETS = 256,
  TASK_FUNCTIONS_AT_MOST = 1024,
  FUNCTION_CACHE_SIZE = 32,
};

typedef struct TaskFunction {
  struct TaskFunction *next; // in the bucket
  uint32_t index;            // counts from 0
  Clone clone;               // of the function; names its template, which lives
  const char *name;          // of the set's names; NULL: it has none
} TaskFunction;

typedef struct TaskFunctions { // under the set's lock
  TaskFunction *buckets[TASK_FUNCTION_BUCKETS];
  uint32_t count;
} TaskFunctions;

// What a home knows without the lock, by the template's address.
typedef struct FunctionCache {
  struct {
    const Template *template;
    const TaskFunction *function;
  } entries[FUNCTION_CACHE_SIZE];
} FunctionCache;

struct WorkerSet;
// *out is the function's entry, or NULL: it is not of this sort, or there are
// too many. False: threw.
bool rt_task_function(Runtime *, Value function,
                      const TaskFunction **out) VM_CHECKED;
void rt_task_functions_free(TaskFunctions *);

#endif
