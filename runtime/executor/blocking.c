// SPDX-License-Identifier: MIT
// The pool of threads for functions that block. A thread is made when a
// function is queued and none is idle, up to the limit; idle ones end after a
// while. Each thread that ends joins the one that ended before it, so none is
// left unjoined.
#include <pthread.h>
#include <stdio.h>

#include "runtime/executor/executor.h"

int exec_blocking_init(Executor *ex) {
  Blocking *b = &ex->blocking;
  b->limit = ex->options.max_blocking;
  int error = uv_mutex_init(&b->lock);
  if (error != 0) return error;
  error = uv_cond_init(&b->wake);
  if (error != 0) {
    uv_mutex_destroy(&b->lock);
    return error;
  }
  error = uv_cond_init(&b->ended);
  if (error != 0) {
    uv_cond_destroy(&b->wake);
    uv_mutex_destroy(&b->lock);
  }
  return error;
}

uint32_t exec_blocking_active(Executor *ex) {
  Blocking *b = &ex->blocking;
  uv_mutex_lock(&b->lock);
  uint32_t active = b->queued + b->running;
  uv_mutex_unlock(&b->lock);
  return active;
}

// The next task, waiting for it; NULL: the thread shall end. The lock is held.
static Task *next(Executor *ex) {
  Blocking *b = &ex->blocking;
  uint64_t patience = ex->options.blocking_keep_alive_ms * UINT64_C(1000000);
  bool late = false;
  while (b->first == NULL) {
    if (b->closing || late) return NULL;
    b->idle++;
    late = uv_cond_timedwait(&b->wake, &b->lock, patience) != 0;
    b->idle--;
  }
  Task *t = b->first;
  b->first = t->queue_next;
  if (b->first == NULL) b->last = NULL;
  b->queued--;
  return t;
}

static void thread_main(void *argument) {
  Executor *ex = argument;
  Blocking *b = &ex->blocking;
  exec_current.executor = ex;
  uv_mutex_lock(&b->lock);
  char name[16];
  snprintf(name, sizeof name, "%.8s-b%u", ex->name, b->started++);
  pthread_setname_np(pthread_self(), name);
  Task *t;
  while ((t = next(ex)) != NULL) {
    b->running++;
    uv_mutex_unlock(&b->lock);
    exec_task_run(t);
    uv_mutex_lock(&b->lock);
    b->running--;
    // A paused clock stands still while functions run: let it go on.
    if (!ex->multi_thread) exec_notify_worker(ex->workers);
  }
  bool had_zombie = b->has_zombie;
  uv_thread_t zombie = b->zombie;
  b->has_zombie = true;
  b->zombie = uv_thread_self();
  b->threads--;
  uv_cond_broadcast(&b->ended);
  uv_mutex_unlock(&b->lock);
  if (had_zombie) uv_thread_join(&zombie);
}

void exec_blocking_submit(Executor *ex, Task *t) {
  Blocking *b = &ex->blocking;
  t->queue_next = NULL;
  uv_mutex_lock(&b->lock);
  if (b->last == NULL)
    b->first = t;
  else
    b->last->queue_next = t;
  b->last = t;
  b->queued++;
  bool failed = false;
  if (b->idle >= b->queued) {
    uv_cond_signal(&b->wake);
  } else if (b->threads < b->limit) {
    uv_thread_t thread;
    b->threads++;
    if (uv_thread_create(&thread, thread_main, ex) != 0) {
      b->threads--;
      // With other threads the function only waits; without any, it never runs.
      failed = b->threads == 0;
    }
  }
  if (failed) {
    b->first = b->last = NULL;
    b->queued = 0;
  }
  uv_mutex_unlock(&b->lock);
  if (failed) { // no thread can be had: it ends as aborted
    exec_task_abort(t);
    exec_task_run(t);
  }
}

void exec_blocking_destroy(Executor *ex) {
  Blocking *b = &ex->blocking;
  uv_mutex_lock(&b->lock);
  b->closing = true;
  uv_cond_broadcast(&b->wake);
  while (b->threads > 0) {
    uv_cond_wait(&b->ended, &b->lock);
  }
  uv_mutex_unlock(&b->lock);
  if (b->has_zombie) uv_thread_join(&b->zombie);
  uv_cond_destroy(&b->ended);
  uv_cond_destroy(&b->wake);
  uv_mutex_destroy(&b->lock);
}
