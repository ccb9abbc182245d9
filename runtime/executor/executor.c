// SPDX-License-Identifier: MIT
// Building an executor and its parts, rill_block_on, and being driven by
// another event loop. Invariant of current_thread: whoever has set `driven` is
// the worker; all others wait for their own waker or for the seat.
#include "runtime/executor/executor.h"
#include "runtime/executor/registry.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  DEFAULT_MAX_BLOCKING = 512,
  DEFAULT_KEEP_ALIVE_MS = 10000,
  DEFAULT_EVENT_INTERVAL = 61,
  DEFAULT_GLOBAL_QUEUE_INTERVAL = 31,
  MAX_WORKERS = 1024
};

// Building ------------------------------------------------------------------

static void set_default(uint32_t *field, uint32_t value) {
  if (*field == 0) *field = value;
}

static bool take_options(Executor *ex, const rill_executor_options *options) {
  rill_executor_options *o = &ex->options;
  if (options != NULL) {
    if (options->size < sizeof options->size || options->size > sizeof *o)
      return false;
    memcpy(o, options, options->size);
  }
  ex->multi_thread = o->flavor == RILL_MULTI_THREAD;
  if (!ex->multi_thread && o->flavor != RILL_CURRENT_THREAD) return false;
  if (ex->multi_thread && (o->paused_clock || o->seed != 0)) return false;
  if (!ex->multi_thread && o->workers > 1) return false;
  if (o->stall_ms != 0 && (!ex->multi_thread || o->on_stall == NULL))
    return false;
  if (o->workers > MAX_WORKERS) return false;
  set_default(&o->workers, ex->multi_thread ? rill_available_parallelism() : 1);
  if (o->workers > MAX_WORKERS) o->workers = MAX_WORKERS;
  set_default(&o->max_blocking, DEFAULT_MAX_BLOCKING);
  set_default(&o->blocking_keep_alive_ms, DEFAULT_KEEP_ALIVE_MS);
  set_default(&o->event_interval, DEFAULT_EVENT_INTERVAL);
  set_default(&o->global_queue_interval, DEFAULT_GLOBAL_QUEUE_INTERVAL);
  ex->simulated = o->seed != 0;
  snprintf(ex->name, sizeof ex->name, "%s", o->name == NULL ? "rill" : o->name);
  o->name = ex->name;
  return true;
}

static int init_shards(Executor *ex) {
  for (uint32_t i = 0; i < OWNED_SHARDS; i++) {
    int error = uv_mutex_init(&ex->owned[i].lock);
    if (error == 0) continue;
    while (i-- > 0) {
      uv_mutex_destroy(&ex->owned[i].lock);
    }
    return error;
  }
  return 0;
}

static void destroy_shards(Executor *ex) {
  for (uint32_t i = 0; i < OWNED_SHARDS; i++) {
    uv_mutex_destroy(&ex->owned[i].lock);
  }
}

static void destroy_workers(Executor *ex, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    exec_worker_destroy(&ex->workers[i]);
  }
  free(ex->workers);
}

static int init_workers(Executor *ex) {
  size_t bytes = ex->options.workers * sizeof(Worker);
  ex->workers = aligned_alloc(_Alignof(Worker), bytes);
  if (ex->workers == NULL) return UV_ENOMEM;
  memset(ex->workers, 0, bytes);
  ex->worker_count = ex->options.workers;
  for (uint32_t i = 0; i < ex->worker_count; i++) {
    int error = exec_worker_init(&ex->workers[i], ex, i);
    if (error == 0) continue;
    destroy_workers(ex, i);
    return error;
  }
  return 0;
}

static int init_lock(Executor *ex) {
  return uv_mutex_init(&ex->lock);
}
static void destroy_lock(Executor *ex) {
  uv_mutex_destroy(&ex->lock);
}
static int init_ender(Executor *ex) {
  ex->ender = exec_thread_waker_new();
  return ex->ender == NULL ? UV_ENOMEM : 0;
}
static void destroy_ender(Executor *ex) {
  exec_thread_waker_release(ex->ender);
}
static int init_injector(Executor *ex) {
  return exec_inbox_init(&ex->injector);
}
static void destroy_injector(Executor *ex) {
  exec_inbox_destroy(&ex->injector);
}
static int init_idle(Executor *ex) {
  return exec_idle_init(&ex->idle, ex->worker_count);
}
static void destroy_idle(Executor *ex) {
  exec_idle_destroy(&ex->idle);
}
static void destroy_all_workers(Executor *ex) {
  destroy_workers(ex, ex->worker_count);
}

// Made in this order, destroyed in reverse: threads of the blocking pool may
// wake workers until they have ended.
static const struct Part {
  int (*init)(Executor *);
  void (*destroy)(Executor *);
} parts[] = {
    {init_lock, destroy_lock},
    {init_ender, destroy_ender},
    {exec_failure_policy_init, exec_failure_policy_destroy},
    {exec_monitor_init, exec_monitor_destroy},
    {init_injector, destroy_injector},
    {init_shards, destroy_shards},
    {init_workers, destroy_all_workers},
    {init_idle, destroy_idle},
    {exec_blocking_init, exec_blocking_destroy},
};
enum { PARTS = sizeof parts / sizeof *parts };

static void destroy_parts(Executor *ex, uint32_t count) {
  while (count-- > 0) {
    parts[count].destroy(ex);
  }
}

static int init_parts(Executor *ex) {
  for (uint32_t i = 0; i < PARTS; i++) {
    int error = parts[i].init(ex);
    if (error == 0) continue;
    destroy_parts(ex, i);
    return error;
  }
  return 0;
}

void exec_free(Executor *ex) {
  while (atomic_load_explicit(&ex->visitors, memory_order_acquire) != 0)
    sched_yield();
  exec_registry_remove(ex);
  destroy_parts(ex, PARTS);
  free(ex);
}

static int start_threads(Executor *ex) {
  if (!ex->multi_thread) return 0;
  for (uint32_t i = 0; i < ex->worker_count; i++) {
    Worker *w = &ex->workers[i];
    int error = uv_thread_create(&w->thread, exec_worker_main, w);
    if (error != 0) return error;
    ex->threads++;
  }
  return exec_monitor_start(ex);
}

static void set_status(rill_status *out, rill_status status) {
  if (out != NULL) *out = status;
}

rill_executor *rill_executor_new(const rill_executor_options *options,
                                 rill_status *status) {
  set_status(status, RILL_NO_MEMORY);
  Executor *ex = aligned_alloc(_Alignof(Executor), sizeof *ex);
  if (ex == NULL) return NULL;
  memset(ex, 0, sizeof *ex);
  if (!take_options(ex, options)) {
    set_status(status, RILL_INVALID);
    free(ex);
    return NULL;
  }
  // A paused clock begins at 0, so that runs can be compared.
  if (ex->options.paused_clock)
    atomic_store(&ex->clock.paused, true);
  else
    ex->clock.start = uv_hrtime();
  if (init_parts(ex) != 0) {
    free(ex);
    return NULL;
  }
  if (start_threads(ex) != 0) {
    rill_executor_free(ex);
    return NULL;
  }
  exec_registry_add(ex);
  set_status(status, RILL_OK);
  return ex;
}

// The share of processor time that a control group grants, in whole processors;
// 0: no limit.
static uint32_t quota_of_control_group(void) {
  long long quota = -1, period = 0;
  FILE *f = fopen("/sys/fs/cgroup/cpu.max", "re");
  if (f != NULL) {
    if (fscanf(f, "%lld %lld", &quota, &period) != 2) quota = -1; // "max"
    fclose(f);
  } else if ((f = fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "re")) != NULL) {
    if (fscanf(f, "%lld", &quota) != 1) quota = -1;
    fclose(f);
    f = fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "re");
    if (f != NULL) {
      if (fscanf(f, "%lld", &period) != 1) period = 0;
      fclose(f);
    }
  }
  if (quota <= 0 || period <= 0) return 0;
  long long processors = (quota + period - 1) / period;
  return processors > MAX_WORKERS ? MAX_WORKERS : (uint32_t)processors;
}

uint32_t rill_available_parallelism(void) {
  uint32_t processors = uv_available_parallelism();
  uint32_t quota = quota_of_control_group();
  if (quota != 0 && quota < processors) processors = quota;
  return processors == 0 ? 1 : processors;
}

uint32_t rill_executor_workers(const rill_executor *ex) {
  return ex->worker_count;
}

rill_executor *rill_current_executor(void) {
  return exec_current.executor;
}

// Threads that wait, and the seat of the driver -----------------------------

static void wait_begin(Executor *ex, Waiting *w, ThreadWaker *waker) {
  w->waker = waker;
  uv_mutex_lock(&ex->lock);
  w->next = ex->waiting;
  w->link = &ex->waiting;
  if (w->next != NULL) w->next->link = &w->next;
  ex->waiting = w;
  uv_mutex_unlock(&ex->lock);
}

static void wait_end(Executor *ex, Waiting *w) {
  uv_mutex_lock(&ex->lock);
  *w->link = w->next;
  if (w->next != NULL) w->next->link = w->link;
  uv_mutex_unlock(&ex->lock);
}

void exec_wake_waiting(Executor *ex) {
  uv_mutex_lock(&ex->lock);
  for (Waiting *w = ex->waiting; w != NULL; w = w->next) {
    rill_waker waker = exec_thread_waker(w->waker);
    rill_waker_wake_by_ref(&waker);
  }
  uv_mutex_unlock(&ex->lock);
}

bool exec_drive_begin(Executor *ex) {
  uv_mutex_lock(&ex->lock);
  bool free_seat = !ex->driven;
  ex->driven = true;
  uv_mutex_unlock(&ex->lock);
  if (!free_seat) return false;
  Worker *w = ex->workers;
  if (ex->external) exec_park_end(&w->parker);
  exec_current.executor = ex;
  exec_current.worker = w;
  exec_worker_set_busy(w);
  return true;
}

void exec_drive_end(Executor *ex) {
  Worker *w = ex->workers;
  exec_current.worker = NULL;
  exec_current.executor = NULL;
  exec_worker_set_idle(w);
  // Between steps, wake-ups go to the loop's descriptor; one that came in the
  // meantime makes it readable, too.
  if (ex->external && !exec_park_begin(&w->parker, w->handles->waker))
    exec_loop_waker_wake(w->handles->waker);
  uv_mutex_lock(&ex->lock);
  ex->driven = false;
  bool waiting = ex->waiting != NULL;
  uv_mutex_unlock(&ex->lock);
  if (waiting) exec_wake_waiting(ex);
}

// In a simulation: can nothing but another thread wake anything?
static bool is_deadlocked(Worker *w) {
  exec_worker_events(w);
  return w->loop == NULL && !exec_worker_has_work(w) &&
         exec_inbox_length(&w->executor->injector) == 0 &&
         exec_wheel_next(&w->wheel) == WHEEL_NEVER;
}

bool exec_run_until(Executor *ex, ThreadWaker *waker, bool (*done)(void *),
                    void *data, uint64_t deadline) {
  Waiting waiting;
  wait_begin(ex, &waiting, waker);
  Worker *w = ex->workers;
  const uint32_t interval = ex->options.event_interval;
  uint32_t limit = ex->simulated ? 1 : interval, until_events = interval;
  bool driving = false, finished = false, woken = true;
  for (;;) {
    if (!ex->multi_thread && !driving && exec_drive_begin(ex)) {
      driving = true;
      exec_thread_waker_attach(waker, &w->parker);
    }
    // In a simulation it is drawn whether a task comes first.
    bool ask = woken;
    if (ask && driving && ex->simulated && exec_worker_has_work(w))
      ask = random_below(&w->random, 2) == 0;
    if (ask && (finished = done(data))) break;
    woken = woken && !ask;
    if (rill_executor_phase(ex) == RILL_PHASE_STOPPED) break;
    uint64_t left = PARK_FOREVER;
    if (deadline != PARK_FOREVER) {
      uint64_t now = uv_hrtime();
      if (now >= deadline) break;
      left = deadline - now;
    }
    if (!driving) {
      if (!woken) woken = exec_thread_waker_sleep(waker, left);
      continue;
    }
    uint32_t polls = exec_worker_run(w, limit);
    woken |= exec_thread_waker_take(waker);
    if (polls == 0 && !woken) {
      if (exec_unlikely(ex->simulated) && is_deadlocked(w)) break;
      exec_worker_sleep(w, left);
      until_events = interval;
      woken |= exec_thread_waker_take(waker);
    } else if (polls + 1 >= until_events) {
      exec_worker_events(w);
      until_events = interval;
    } else {
      until_events -= polls + 1;
    }
  }
  wait_end(ex, &waiting);
  if (driving) {
    exec_thread_waker_attach(waker, NULL);
    exec_drive_end(ex);
  }
  return finished;
}

// rill_block_on -------------------------------------------------------------

typedef struct BlockOn {
  Executor *executor;
  rill_future *future;
  ThreadWaker *waker;
} BlockOn;

static bool poll_main(void *data) {
  BlockOn *b = data;
  rill_waker waker = exec_thread_waker(b->waker);
  rill_context cx = {&waker};
  Current *c = &exec_current;
  Executor *outer = c->executor;
  c->executor = b->executor;
  c->budget = RILL_COOP_BUDGET;
  c->budgeted = true;
  rill_poll poll = rill_future_poll(b->future, &cx);
  c->budgeted = false;
  c->executor = outer;
  return poll == RILL_READY;
}

rill_status rill_block_on(rill_executor *ex, rill_future *f) {
  Current *c = &exec_current;
  if (ex == NULL) ex = c->executor;
  if (ex == NULL || c->worker != NULL) return RILL_INVALID;
  BlockOn b = {.executor = ex, .future = f, .waker = exec_thread_waker_new()};
  if (b.waker == NULL) return RILL_NO_MEMORY;
  // What the thread was doing: a blocking function may be a task, too.
  Current outer = *c;
  LocalValue *locals = NULL;
  c->locals = &locals;
  c->task = NULL;
  bool ready = exec_run_until(ex, b.waker, poll_main, &b, PARK_FOREVER);
  exec_locals_free(locals);
  *c = outer;
  exec_thread_waker_release(b.waker);
  if (ready) return RILL_OK;
  return rill_executor_phase(ex) == RILL_PHASE_STOPPED ? RILL_SHUT_DOWN
                                                       : RILL_DEADLOCK;
}

// Driven by another loop ----------------------------------------------------

int rill_executor_fd(rill_executor *ex) {
  if (ex->multi_thread) return -1;
  Worker *w = ex->workers;
  if (!ex->external) {
    if (exec_worker_announce(w) != 0) return -1;
    ex->external = true;
    if (!exec_park_begin(&w->parker, w->handles->waker))
      exec_loop_waker_wake(w->handles->waker);
  }
  return w->announced;
}

int rill_executor_timeout(rill_executor *ex) {
  if (ex->multi_thread) return -1;
  Worker *w = ex->workers;
  if (exec_worker_has_work(w) || exec_inbox_length(&ex->injector) != 0)
    return 0;
  int timeout = -1;
  uint64_t until = exec_worker_until_timer(w);
  if (until != PARK_FOREVER) {
    // A paused clock goes on as soon as all tasks wait.
    if (atomic_load_explicit(&ex->clock.paused, memory_order_acquire)) return 0;
    uint64_t milliseconds = (until + 999999) / 1000000;
    timeout = milliseconds > INT32_MAX ? INT32_MAX : (int)milliseconds;
  }
  // That of user's handles; -1 from the loop if it has only idle ones.
  int other = w->loop != NULL ? uv_backend_timeout(w->loop) : -1;
  if (other >= 0 && (timeout < 0 || other < timeout)) timeout = other;
  return timeout;
}

bool rill_executor_step(rill_executor *ex) {
  enum { POLLS = 256 };
  Current outer = exec_current;
  if (ex->multi_thread || outer.worker != NULL || !exec_drive_begin(ex))
    return false;
  exec_current.task = NULL;
  exec_current.locals = NULL;
  Worker *w = ex->workers;
  exec_worker_events(w);
  exec_worker_run(w, POLLS);
  exec_worker_sleep(w, 0);
  bool more = exec_worker_has_work(w) || exec_inbox_length(&ex->injector) != 0;
  exec_drive_end(ex);
  exec_current = outer;
  return more;
}

// Metrics -------------------------------------------------------------------

static uint64_t read_counter(const _Atomic uint64_t *counter) {
  return atomic_load_explicit(counter, memory_order_relaxed);
}

bool rill_executor_worker_metrics(rill_executor *ex, uint32_t worker,
                                  rill_worker_metrics *out) {
  if (worker >= ex->worker_count || out->size < sizeof *out) return false;
  Worker *w = &ex->workers[worker];
  Counters *c = &w->counters;
  uint64_t since = read_counter(&c->busy_since), now = uv_hrtime();
  *out = (rill_worker_metrics){
      .size = out->size,
      .polls = read_counter(&c->polls),
      .rounds = read_counter(&c->rounds),
      .busy_nanoseconds = read_counter(&c->busy) +
                          (since != 0 && now > since ? now - since : 0),
      .parks = read_counter(&c->parks),
      .steals = read_counter(&c->steals),
      .steal_operations = read_counter(&c->steal_operations),
      .overflows = read_counter(&c->overflows),
      .timers = read_counter(&w->wheel.count),
      .queued = exec_deque_length(&w->queue) + exec_inbox_length(&w->inbox) +
                (atomic_load_explicit(&w->lifo, memory_order_relaxed) != NULL),
  };
  for (uint32_t i = 0; i < RILL_POLL_BUCKETS; i++) {
    out->poll_times[i] = read_counter(&c->poll_times[i]);
  }
  return true;
}

void rill_executor_get_metrics(rill_executor *ex, rill_executor_metrics *out) {
  if (out->size < sizeof *out) return;
  out->alive = exec_owned_listed(ex, &out->spawned);
  const ExecLodgers *lodgers =
      atomic_load_explicit(&ex->lodgers, memory_order_acquire);
  if (lodgers != NULL) out->alive += lodgers->count(lodgers->data);
  out->injected = exec_inbox_length(&ex->injector);
  Blocking *b = &ex->blocking;
  uv_mutex_lock(&b->lock);
  out->blocking_threads = b->threads;
  out->blocking_idle = b->idle;
  out->blocking_queued = b->queued;
  uv_mutex_unlock(&b->lock);
}
