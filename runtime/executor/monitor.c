// SPDX-License-Identifier: MIT
// The monitor looks every millisecond at the workers of a multi_thread
// executor. One that has been in the same poll since the last look may be in it
// for long: the task in its LIFO slot goes to the global queue, and its due
// timers are fired, so that other workers do what the stuck one cannot. When
// all workers sleep, so does the monitor.
#include <pthread.h>
#include <stdlib.h>

#include "runtime/executor/executor.h"

enum { LOOK_NANOSECONDS = 1000000, QUIET_LOOKS = 64 };

static void help(Executor *ex, Worker *w) {
  Task *t = atomic_exchange_explicit(&w->lifo, NULL, memory_order_acq_rel);
  if (t != NULL) exec_inbox_push(&ex->injector, t);
  exec_wheel_turn(&w->wheel, exec_tick_of(ex, exec_now(ex)));
  // Its queue may have filled while all the others slept.
  if (t != NULL || exec_deque_length(&w->queue) != 0) exec_notify(ex);
}

static void look(Executor *ex, uint64_t *polls, bool *quiet) {
  for (uint32_t i = 0; i < ex->worker_count; i++) {
    Worker *w = &ex->workers[i];
    uint64_t now =
        atomic_load_explicit(&w->counters.polls, memory_order_relaxed);
    bool busy = atomic_load_explicit(&w->counters.busy_since,
                                     memory_order_relaxed) != 0;
    if (busy) *quiet = false;
    if (busy && now == polls[i]) help(ex, w);
    polls[i] = now;
  }
}

static void monitor_main(void *argument) {
  Executor *ex = argument;
  Monitor *m = &ex->monitor;
  pthread_setname_np(pthread_self(), "rill-monitor");
  exec_current.executor = ex;
  uint64_t *polls = calloc(ex->worker_count, sizeof *polls);
  uint32_t quiet_looks = 0;
  uv_mutex_lock(&m->lock);
  while (!m->stop && polls != NULL) {
    if (quiet_looks < QUIET_LOOKS) {
      uv_cond_timedwait(&m->wake, &m->lock, LOOK_NANOSECONDS);
    } else {
      atomic_store_explicit(&m->asleep, true, memory_order_seq_cst);
      // A worker that woke before it could see that is looked at late, not
      // never.
      uv_cond_timedwait(&m->wake, &m->lock, 100 * LOOK_NANOSECONDS);
      atomic_store_explicit(&m->asleep, false, memory_order_relaxed);
    }
    uv_mutex_unlock(&m->lock);
    bool quiet = true;
    look(ex, polls, &quiet);
    quiet_looks = quiet ? quiet_looks + 1 : 0;
    uv_mutex_lock(&m->lock);
  }
  uv_mutex_unlock(&m->lock);
  free(polls);
}

int exec_monitor_start(Executor *ex) {
  Monitor *m = &ex->monitor;
  int error = uv_mutex_init(&m->lock);
  if (error != 0) return error;
  error = uv_cond_init(&m->wake);
  if (error == 0) {
    error = uv_thread_create(&m->thread, monitor_main, ex);
    if (error != 0) uv_cond_destroy(&m->wake);
  }
  if (error != 0)
    uv_mutex_destroy(&m->lock);
  else
    m->started = true;
  return error;
}

void exec_monitor_wake(Executor *ex) {
  Monitor *m = &ex->monitor;
  uv_mutex_lock(&m->lock);
  uv_cond_signal(&m->wake);
  uv_mutex_unlock(&m->lock);
}

void exec_monitor_stop(Executor *ex) {
  Monitor *m = &ex->monitor;
  if (!m->started) return;
  uv_mutex_lock(&m->lock);
  m->stop = true;
  uv_cond_signal(&m->wake);
  uv_mutex_unlock(&m->lock);
  uv_thread_join(&m->thread);
  uv_cond_destroy(&m->wake);
  uv_mutex_destroy(&m->lock);
  m->started = false;
}
