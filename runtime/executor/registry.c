// SPDX-License-Identifier: MIT
// The list of executors, and watching their workers.
#include "runtime/executor/registry.h"

#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Executor *first; // under the lock

void exec_registry_add(Executor *ex) {
  pthread_mutex_lock(&lock);
  ex->registry_next = first;
  ex->registry_link = &first;
  if (first != NULL) first->registry_link = &ex->registry_next;
  first = ex;
  pthread_mutex_unlock(&lock);
}

void exec_registry_remove(Executor *ex) {
  pthread_mutex_lock(&lock);
  if (ex->registry_link != NULL) {
    *ex->registry_link = ex->registry_next;
    if (ex->registry_next != NULL)
      ex->registry_next->registry_link = ex->registry_link;
    ex->registry_link = NULL;
  }
  pthread_mutex_unlock(&lock);
}

void exec_registry_each(void (*each)(void *, Executor *), void *data) {
  pthread_mutex_lock(&lock);
  for (Executor *ex = first; ex != NULL; ex = ex->registry_next)
    each(data, ex);
  pthread_mutex_unlock(&lock);
}

typedef struct Watch {
  uint64_t limit, now;
  bool (*tell)(void *, const ExecutorPoll *);
  void *data;
} Watch;

static bool tell(const Watch *w, const Executor *ex, const Worker *worker,
                 bool ended) {
  const WorkerWatch *watch = &worker->watch;
  ExecutorPoll poll = {
      .executor = ex->name,
      .worker = worker->index,
      .task = watch->task,
      .name = watch->name,
      .nanoseconds = w->now - watch->since,
      .ended = ended,
      .guest = worker->guest,
  };
  return w->tell(w->data, &poll);
}

static void look_at(const Watch *w, const Executor *ex, Worker *worker) {
  WorkerWatch *watch = &worker->watch;
  uint64_t polls =
      atomic_load_explicit(&worker->counters.polls, memory_order_relaxed);
  bool busy = atomic_load_explicit(&worker->counters.busy_since,
                                   memory_order_relaxed) != 0;
  if (!busy || polls != watch->polls) {
    if (watch->told && !watch->in_vain) tell(w, ex, worker, true);
    *watch = (WorkerWatch){.polls = polls, .since = w->now};
    return;
  }
  if (watch->told || w->now - watch->since < w->limit) return;
  watch->told = true;
  watch->task = atomic_load_explicit(&worker->running, memory_order_relaxed);
  // The name lives as long as the task, which is running.
  const char *name =
      watch->task == 0
          ? NULL
          : atomic_load_explicit(&worker->running_name, memory_order_relaxed);
  snprintf(watch->name, sizeof watch->name, "%s", name == NULL ? "" : name);
  watch->in_vain = !tell(w, ex, worker, false);
}

static void look_at_workers(void *data, Executor *ex) {
  for (uint32_t i = 0; i < ex->worker_count; i++)
    look_at(data, ex, &ex->workers[i]);
}

void exec_registry_watch(uint64_t limit,
                         bool (*tell)(void *, const ExecutorPoll *),
                         void *data) {
  Watch w = {limit, uv_hrtime(), tell, data};
  exec_registry_each(look_at_workers, &w);
}
