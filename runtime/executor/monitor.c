// SPDX-License-Identifier: MIT
// The monitor looks every millisecond at the workers of a multi_thread
// executor. One that has been in the same poll since the last look may be in it
// for long: the task in its LIFO slot goes to the global queue, and its due
// timers are fired, so that other workers do what the stuck one cannot. When
// all workers sleep, so does the monitor. It also tells the embedder of stalls.
#include <pthread.h>
#include <stdlib.h>

#include "runtime/executor/executor.h"

#define LOOK_NANOSECONDS UINT64_C(1000000)
enum { QUIET_LOOKS = 64 };

static void help(Executor *ex, Worker *w) {
  Task *t = atomic_exchange_explicit(&w->lifo, NULL, memory_order_acq_rel);
  if (t != NULL) exec_inbox_push(&ex->injector, t);
  exec_wheel_turn(&w->wheel, exec_tick_of(ex, exec_now(ex)));
  // Its queue may have filled while all the others slept.
  if (t != NULL || exec_deque_length(&w->queue) != 0) exec_notify(ex);
}

static void tell_stall(Executor *ex, Worker *w, uint64_t nanoseconds) {
  rill_stall stall = {
      .worker = w->index,
      .task = atomic_load_explicit(&w->running, memory_order_relaxed),
      .nanoseconds = nanoseconds,
  };
  stall.name = stall.task == 0 ? ""
                               : atomic_load_explicit(&w->running_name,
                                                      memory_order_relaxed);
  if (stall.name == NULL) stall.name = "";
  ex->options.on_stall(ex->options.data, &stall);
}

static void look_at(Executor *ex, Worker *w, Watched *last, uint64_t now) {
  uint64_t polls =
      atomic_load_explicit(&w->counters.polls, memory_order_relaxed) +
      atomic_load_explicit(&w->counters.rounds, memory_order_relaxed);
  if (polls != last->polls) {
    *last = (Watched){.polls = polls, .since = now};
    return;
  }
  help(ex, w);
  uint64_t limit = ex->options.stall_ms * UINT64_C(1000000);
  if (limit == 0 || last->told || now - last->since < limit) return;
  last->told = true;
  tell_stall(ex, w, now - last->since);
}

// True: some worker is awake.
static bool look(Executor *ex) {
  bool awake = false;
  uint64_t now = uv_hrtime();
  for (uint32_t i = 0; i < ex->worker_count; i++) {
    Worker *w = &ex->workers[i];
    Watched *last = &ex->monitor.watched[i];
    if (atomic_load_explicit(&w->counters.busy_since, memory_order_relaxed) ==
        0) {
      last->since = now;
    } else {
      awake = true;
      look_at(ex, w, last, now);
    }
  }
  return awake;
}

static void monitor_main(void *argument) {
  Executor *ex = argument;
  Monitor *m = &ex->monitor;
  pthread_setname_np(pthread_self(), "rill-monitor");
  exec_current.executor = ex;
  uint32_t quiet_looks = 0;
  uv_mutex_lock(&m->lock);
  while (!m->stop) {
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
    quiet_looks = look(ex) ? 0 : quiet_looks + 1;
    uv_mutex_lock(&m->lock);
  }
  uv_mutex_unlock(&m->lock);
}

int exec_monitor_init(Executor *ex) {
  Monitor *m = &ex->monitor;
  int error = uv_mutex_init(&m->lock);
  if (error != 0) return error;
  error = uv_cond_init(&m->wake);
  if (error != 0) uv_mutex_destroy(&m->lock);
  return error;
}

void exec_monitor_destroy(Executor *ex) {
  uv_cond_destroy(&ex->monitor.wake);
  uv_mutex_destroy(&ex->monitor.lock);
}

int exec_monitor_start(Executor *ex) {
  Monitor *m = &ex->monitor;
  m->watched = calloc(ex->worker_count, sizeof *m->watched);
  if (m->watched == NULL) return UV_ENOMEM;
  int error = uv_thread_create(&m->thread, monitor_main, ex);
  m->started = error == 0;
  if (error != 0) free(m->watched);
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
  free(m->watched);
  m->started = false;
}
