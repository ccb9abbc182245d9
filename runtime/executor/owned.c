// SPDX-License-Identifier: MIT
// The list of all tasks that have not ended, in shards so that workers seldom
// meet at a lock. It keeps tasks alive, is what a shutdown cancels, and what
// listing tasks walks.
#include "runtime/executor/executor.h"
#include "runtime/executor/reactor.h"

static OwnedShard *shard_of(const Task *t) {
  return &t->executor->owned[t->id % OWNED_SHARDS];
}

rill_status exec_owned_add(Task *t) {
  OwnedShard *s = shard_of(t);
  uv_mutex_lock(&s->lock);
  bool refused =
      s->closed || (s->only_by_tasks && (exec_current.task == NULL ||
                                         exec_current.executor != t->executor));
  if (!refused) {
    t->owned_next = s->first;
    t->owned_link = &s->first;
    if (s->first != NULL) s->first->owned_link = &t->owned_next;
    s->first = t;
    s->alive++;
    s->spawned += !t->is_unlisted;
    s->unlisted += t->is_unlisted;
  }
  uv_mutex_unlock(&s->lock);
  return refused ? RILL_SHUT_DOWN : RILL_OK;
}

uint64_t exec_owned_alive(Executor *ex) {
  uint64_t alive = 0;
  for (uint32_t i = 0; i < OWNED_SHARDS; i++) {
    OwnedShard *s = &ex->owned[i];
    uv_mutex_lock(&s->lock);
    alive += s->alive;
    uv_mutex_unlock(&s->lock);
  }
  return alive;
}

uint64_t exec_owned_listed(Executor *ex, uint64_t *spawned) {
  uint64_t listed = 0;
  *spawned = 0;
  for (uint32_t i = 0; i < OWNED_SHARDS; i++) {
    OwnedShard *s = &ex->owned[i];
    uv_mutex_lock(&s->lock);
    listed += s->alive - s->unlisted;
    *spawned += s->spawned;
    uv_mutex_unlock(&s->lock);
  }
  return listed;
}

void exec_set_lodgers(Executor *ex, const ExecLodgers *lodgers) {
  atomic_store_explicit(&ex->lodgers, lodgers, memory_order_release);
}

void exec_owned_remove(Task *t) {
  Executor *ex = t->executor;
  OwnedShard *s = shard_of(t);
  uv_mutex_lock(&s->lock);
  *t->owned_link = t->owned_next;
  if (t->owned_next != NULL) t->owned_next->owned_link = t->owned_link;
  s->alive--;
  s->unlisted -= t->is_unlisted;
  bool empty = s->alive == 0 && s->only_by_tasks;
  uv_mutex_unlock(&s->lock);
  if (empty) exec_wake_waiting(ex);
}

void rill_executor_tasks(rill_executor *ex,
                         void (*each)(void *, const rill_task_info *),
                         void *data) {
  for (uint32_t i = 0; i < OWNED_SHARDS; i++) {
    OwnedShard *s = &ex->owned[i];
    uv_mutex_lock(&s->lock);
    for (Task *t = s->first; t != NULL; t = t->owned_next) {
      if (t->is_unlisted) continue;
      rill_task_info info;
      exec_task_describe(t, &info);
      each(data, &info);
    }
    uv_mutex_unlock(&s->lock);
  }
  const ExecLodgers *lodgers =
      atomic_load_explicit(&ex->lodgers, memory_order_acquire);
  if (lodgers != NULL) lodgers->each(lodgers->data, each, data);
}
