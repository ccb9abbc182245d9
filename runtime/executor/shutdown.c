// SPDX-License-Identifier: MIT
// Shutdown, in phases (rill_phase): drain, cancel, stop. A phase ends when its
// tasks have, or when its time is up, and then whoever held it up is named.
// Tasks are cancelled by the workers that would run them, so a pinned task's
// future is dropped by its own worker, and children end before their parents.
#include "runtime/executor/shutdown.h"

static uint64_t deadline_after(int64_t milliseconds) {
  if (milliseconds < 0) return PARK_FOREVER;
  return uv_hrtime() + (uint64_t)milliseconds * 1000000;
}

static void enter_phase(Executor *ex, rill_phase phase) {
  uint32_t seen = atomic_load_explicit(&ex->phase, memory_order_relaxed);
  while (seen < phase && !atomic_compare_exchange_weak_explicit(
                             &ex->phase, &seen, phase, memory_order_acq_rel,
                             memory_order_relaxed)) {
  }
}

rill_phase rill_executor_phase(const rill_executor *ex) {
  return (rill_phase)atomic_load_explicit(&ex->phase, memory_order_acquire);
}

static void close_shards(Executor *ex, bool entirely) {
  for (uint32_t i = 0; i < OWNED_SHARDS; i++) {
    OwnedShard *s = &ex->owned[i];
    uv_mutex_lock(&s->lock);
    s->only_by_tasks = true;
    if (entirely) s->closed = true;
    uv_mutex_unlock(&s->lock);
  }
}

void exec_cancel_all(Executor *ex) {
  enter_phase(ex, RILL_PHASE_CANCELLING);
  close_shards(ex, true);
  for (uint32_t i = 0; i < OWNED_SHARDS; i++) {
    OwnedShard *s = &ex->owned[i];
    uv_mutex_lock(&s->lock);
    for (Task *t = s->first; t != NULL; t = t->owned_next) {
      exec_task_abort(t);
    }
    uv_mutex_unlock(&s->lock);
  }
}

static bool no_task_is_left(void *ex) {
  return exec_owned_alive(ex) == 0;
}

typedef struct Blockers {
  const rill_shutdown *options;
  rill_phase phase;
} Blockers;

static void name_blocker(void *data, const rill_task_info *info) {
  Blockers *b = data;
  b->options->on_blocker(b->options->data, b->phase, info);
}

static void name_blockers(Executor *ex, const rill_shutdown *options,
                          rill_phase phase) {
  if (options->on_blocker == NULL) return;
  Blockers b = {options, phase};
  rill_executor_tasks(ex, name_blocker, &b);
}

static void stop_threads(Executor *ex) {
  atomic_store_explicit(&ex->stop, true, memory_order_release);
  exec_monitor_stop(ex);
  for (uint32_t i = 0; i < ex->threads; i++) {
    exec_notify_worker(&ex->workers[i]);
  }
  for (uint32_t i = 0; i < ex->threads; i++) {
    uv_thread_join(&ex->workers[i].thread);
  }
  ex->threads = 0;
}

rill_status rill_executor_shutdown(rill_executor *ex,
                                   const rill_shutdown *options) {
  static const rill_shutdown defaults = RILL_SHUTDOWN_INIT;
  if (options == NULL) options = &defaults;
  if (options->size < sizeof *options) return RILL_INVALID;
  if (rill_executor_phase(ex) == RILL_PHASE_STOPPED) return RILL_OK;
  if (exec_current.worker != NULL) return RILL_INVALID;
  ThreadWaker *waker = ex->ender;
  enter_phase(ex, RILL_PHASE_DRAINING);
  close_shards(ex, false);
  bool done = exec_run_until(ex, waker, no_task_is_left, ex,
                             deadline_after(options->drain_ms));
  if (!done) {
    if (options->drain_ms != 0) name_blockers(ex, options, RILL_PHASE_DRAINING);
    exec_cancel_all(ex);
    done = exec_run_until(ex, waker, no_task_is_left, ex,
                          deadline_after(options->cancel_ms));
    if (!done) name_blockers(ex, options, RILL_PHASE_CANCELLING);
  }
  if (!done) return RILL_TIMED_OUT;

  enter_phase(ex, RILL_PHASE_STOPPING);
  close_shards(ex, true);
  stop_threads(ex);
  enter_phase(ex, RILL_PHASE_STOPPED);
  exec_wake_waiting(ex);
  return RILL_OK;
}

void rill_executor_free(rill_executor *ex) {
  // Misused, it had better leak than go away under its tasks.
  if (ex != NULL && rill_executor_shutdown(ex, NULL) == RILL_OK) exec_free(ex);
}
