// SPDX-License-Identifier: MIT
// All executors of the process, for those who look into it.
#ifndef RILL_EXECUTOR_REGISTRY_H
#define RILL_EXECUTOR_REGISTRY_H

#include "runtime/executor/executor.h"
#include "runtime/executor/reactor.h"

void exec_registry_add(Executor *);
void exec_registry_remove(Executor *);
// Calls back for each; they cannot be freed meanwhile.
void exec_registry_each(void (*)(void *data, Executor *), void *data);

// A poll, or a callback of a loop, that takes long.
typedef struct ExecutorPoll {
  const char *executor;
  uint32_t worker;
  uint64_t task; // 0: a callback
  const char *name;
  uint64_t nanoseconds;
  bool ended;
  const ReactorGuest *guest; // whose loop the worker's is; or NULL
} ExecutorPoll;
// To be called again and again by one thread: tells of each poll that has taken
// longer than the limit once while it goes on and once when it was seen to have
// ended, if the first was not told in vain (false).
void exec_registry_watch(uint64_t limit,
                         bool (*tell)(void *data, const ExecutorPoll *),
                         void *data);

#endif
