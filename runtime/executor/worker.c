// SPDX-License-Identifier: MIT
// A worker: what it runs next, how it steals, sleeps and is woken. Order of
// preference: a look at the global queue every so often, so that it is not
// starved; pinned tasks and others in turns; the LIFO slot, the deque, a batch
// of the global queue; then the deques of others; then sleep.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/executor/executor.h"

// A chain of tasks that wake each other may go on in the LIFO slot this long
// before the others in the queue have their turn.
enum { LIFO_LIMIT = 3 };

int exec_worker_init(Worker *w, Executor *ex, uint32_t index) {
  w->executor = ex;
  w->index = index;
  w->announced = -1;
  w->random.state = ex->options.seed != 0 ? ex->options.seed
                                          : uv_hrtime() ^ (uint64_t)index << 32;
  int error = exec_inbox_init(&w->inbox);
  if (error != 0) return error;
  error = exec_parker_init(&w->parker);
  if (error != 0) {
    exec_inbox_destroy(&w->inbox);
    return error;
  }
  error = exec_wheel_init(&w->wheel);
  if (error != 0) {
    exec_parker_destroy(&w->parker);
    exec_inbox_destroy(&w->inbox);
  }
  return error;
}

void exec_worker_destroy(Worker *w) {
  exec_worker_close_loop(w);
  exec_wheel_destroy(&w->wheel);
  exec_parker_destroy(&w->parker);
  exec_inbox_destroy(&w->inbox);
  free(w->ready);
}

int rill_current_worker(void) {
  Worker *w = exec_current.worker;
  return w == NULL ? -1 : (int)w->index;
}

// Queues --------------------------------------------------------------------

static Task *take_lifo(Worker *w) {
  if (atomic_load_explicit(&w->lifo, memory_order_relaxed) == NULL) return NULL;
  return atomic_exchange_explicit(&w->lifo, NULL, memory_order_acq_rel);
}

static void push_queue(Worker *w, Task *t) {
  if (exec_unlikely(exec_deque_push(&w->queue, t, &w->executor->injector)))
    exec_count(&w->counters.overflows, 1);
}

static void push_pinned(Worker *w, Task *t) {
  t->queue_next = NULL;
  if (w->pinned_last == NULL)
    w->pinned_first = t;
  else
    w->pinned_last->queue_next = t;
  w->pinned_last = t;
}

static Task *next_pinned(Worker *w) {
  Task *t = w->pinned_first;
  if (t == NULL) return exec_inbox_pop(&w->inbox);
  w->pinned_first = t->queue_next;
  if (w->pinned_first == NULL) w->pinned_last = NULL;
  // What others woke must not wait for ever behind what is woken here.
  Task *other = exec_inbox_pop(&w->inbox);
  if (other != NULL) push_pinned(w, other);
  return t;
}

// A simulation keeps ready tasks where any of them can be drawn.
static bool push_ready(Worker *w, Task *t) {
  if (w->ready_count == w->ready_capacity) {
    uint32_t capacity = w->ready_capacity == 0 ? 64 : w->ready_capacity * 2;
    Task **ready = realloc(w->ready, capacity * sizeof *ready);
    if (ready == NULL) return false;
    w->ready = ready;
    w->ready_capacity = capacity;
  }
  w->ready[w->ready_count++] = t;
  return true;
}

static Task *next_simulated(Worker *w) {
  Task *t;
  while ((t = exec_inbox_pop(&w->inbox)) != NULL ||
         (t = exec_inbox_pop(&w->executor->injector)) != NULL) {
    if (!push_ready(w, t)) return t;
  }
  if (w->ready_count == 0) return NULL;
  uint32_t i = random_below(&w->random, w->ready_count);
  t = w->ready[i];
  w->ready[i] = w->ready[--w->ready_count];
  return t;
}

// One task of the global queue to run, and this worker's share into its own.
static Task *take_injected(Worker *w) {
  Executor *ex = w->executor;
  uint32_t share = exec_inbox_length(&ex->injector) / ex->worker_count + 1;
  uint32_t room = exec_deque_room(&w->queue) / 2 + 1;
  Task *t = exec_inbox_pop_list(&ex->injector, share < room ? share : room);
  Task *rest = t == NULL ? NULL : t->queue_next;
  while (rest != NULL) {
    Task *next = rest->queue_next;
    push_queue(w, rest);
    rest = next;
  }
  return t;
}

static Task *next_task(Worker *w) {
  Executor *ex = w->executor;
  if (exec_unlikely(ex->simulated)) return next_simulated(w);
  Task *t;
  if (w->tick % ex->options.global_queue_interval == 0 &&
      (t = exec_inbox_pop(&ex->injector)) != NULL)
    return t;
  w->pinned_turn = !w->pinned_turn;
  if (w->pinned_turn && (t = next_pinned(w)) != NULL) return t;
  if ((t = take_lifo(w)) != NULL) return t;
  if ((t = exec_deque_pop(&w->queue)) != NULL) return t;
  if (!w->pinned_turn && (t = next_pinned(w)) != NULL) return t;
  return take_injected(w);
}

static Task *steal(Worker *w) {
  Executor *ex = w->executor;
  if (!w->searching) {
    if (!exec_idle_start_search(&ex->idle)) return NULL;
    w->searching = true;
  }
  uint32_t count = ex->worker_count;
  uint32_t start = random_below(&w->random, count);
  for (uint32_t i = 0; i < count; i++) {
    Worker *victim = &ex->workers[(start + i) % count];
    if (victim == w) continue;
    uint32_t stolen;
    Task *t = exec_deque_steal(&victim->queue, &w->queue, &stolen);
    if (t == NULL) continue;
    exec_count(&w->counters.steals, stolen);
    exec_count(&w->counters.steal_operations, 1);
    return t;
  }
  return exec_inbox_pop(&ex->injector);
}

bool exec_worker_has_work(Worker *w) {
  return atomic_load_explicit(&w->lifo, memory_order_relaxed) != NULL ||
         exec_deque_length(&w->queue) != 0 || w->pinned_first != NULL ||
         w->ready_count != 0 || exec_inbox_length(&w->inbox) != 0;
}

// Scheduling ----------------------------------------------------------------

void exec_notify(Executor *ex) {
  if (!ex->multi_thread) {
    if (exec_current.worker != ex->workers) exec_unpark(&ex->workers->parker);
    return;
  }
  int worker = exec_idle_worker_to_notify(&ex->idle);
  if (worker >= 0) exec_unpark(&ex->workers[worker].parker);
}

void exec_notify_worker(Worker *w) {
  exec_unpark(&w->parker);
}

static void schedule_here(Worker *w, Task *t, bool yielded) {
  Executor *ex = w->executor;
  if (exec_unlikely(ex->simulated)) {
    if (!push_ready(w, t)) exec_inbox_push(&ex->injector, t);
    return;
  }
  // What I/O and timers wake is not the continuation of a running task.
  if (!yielded && exec_current.task != NULL && !ex->options.no_lifo_slot) {
    t = atomic_exchange_explicit(&w->lifo, t, memory_order_acq_rel);
    if (t == NULL) return;
  }
  push_queue(w, t);
  if (ex->multi_thread) exec_notify(ex);
}

// For a worker that is not the calling thread, or for any.
static void schedule_elsewhere(Task *t) {
  Executor *ex = t->executor;
  if (t->worker != TASK_ANY_WORKER && !ex->simulated) {
    Worker *to = &ex->workers[t->worker];
    exec_inbox_push(&to->inbox, t);
    exec_notify_worker(to);
  } else {
    exec_inbox_push(&ex->injector, t);
    exec_notify(ex);
  }
}

void exec_schedule(Task *t, bool yielded) {
  Executor *ex = t->executor;
  Worker *w = exec_current.worker;
  bool here = w != NULL && w->executor == ex;
  if (!here) atomic_fetch_add_explicit(&ex->visitors, 1, memory_order_relaxed);
  if (t->blocking) {
    exec_blocking_submit(ex, t);
  } else if (here && (t->worker == TASK_ANY_WORKER || ex->simulated)) {
    schedule_here(w, t, yielded);
  } else if (here && t->worker == w->index) {
    push_pinned(w, t);
  } else {
    schedule_elsewhere(t);
  }
  if (!here) atomic_fetch_sub_explicit(&ex->visitors, 1, memory_order_release);
}

// Is there work that a sleeping worker should be woken for?
static bool work_is_pending(Executor *ex) {
  for (uint32_t i = 0; i < ex->worker_count; i++) {
    if (exec_deque_length(&ex->workers[i].queue) != 0) return true;
  }
  return exec_inbox_length(&ex->injector) != 0;
}

// A search is over. Who queued work meanwhile left it to the searcher to wake
// somebody: it looks after it has said so.
static void stop_search(Executor *ex) {
  if (exec_idle_stop_search(&ex->idle) && work_is_pending(ex)) exec_notify(ex);
}

// Running -------------------------------------------------------------------

static void set_running(Worker *w, uint64_t task) {
  atomic_store_explicit(&w->running, task, memory_order_relaxed);
}

static void poll_task(Worker *w, Task *t) {
  Counters *counters = &w->counters;
  exec_count(&counters->polls, 1);
  w->tick++;
  set_running(w, t->id);
  atomic_store_explicit(&w->running_name, t->name, memory_order_relaxed);
  if (exec_likely(!w->executor->options.poll_histogram)) {
    exec_task_run(t);
    set_running(w, 0);
    return;
  }
  uint64_t start = uv_hrtime();
  exec_task_run(t);
  set_running(w, 0);
  uint64_t time = (uv_hrtime() - start) >> 8;
  uint32_t bucket = time == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(time);
  if (bucket >= RILL_POLL_BUCKETS) bucket = RILL_POLL_BUCKETS - 1;
  exec_count(&counters->poll_times[bucket], 1);
}

// Runs a task, and what it wakes into the LIFO slot, on one budget. How many
// polls.
static uint32_t run_task(Worker *w, Task *t) {
  Executor *ex = w->executor;
  if (w->searching) {
    w->searching = false;
    stop_search(ex);
  }
  Current *c = &exec_current;
  // A simulation makes tasks yield where they seldom would.
  c->budget = ex->simulated ? random_below(&w->random, 8) : RILL_COOP_BUDGET;
  c->budgeted = true;
  poll_task(w, t);
  uint32_t polls = 1;
  while ((t = take_lifo(w)) != NULL) {
    if (polls > LIFO_LIMIT || c->budget == 0) {
      push_queue(w, t);
      break;
    }
    poll_task(w, t);
    polls++;
  }
  c->budgeted = false;
  return polls;
}

uint32_t exec_worker_run(Worker *w, uint32_t limit) {
  uint32_t polls = 0;
  Task *t;
  while (polls < limit && (t = next_task(w)) != NULL) {
    polls += run_task(w, t);
  }
  return polls;
}

// Sleeping ------------------------------------------------------------------

void exec_worker_set_busy(Worker *w) {
  _Atomic uint64_t *since = &w->counters.busy_since;
  if (atomic_load_explicit(since, memory_order_relaxed) == 0)
    atomic_store_explicit(since, uv_hrtime(), memory_order_relaxed);
}

void exec_worker_set_idle(Worker *w) {
  Counters *c = &w->counters;
  uint64_t since = atomic_load_explicit(&c->busy_since, memory_order_relaxed);
  if (since == 0) return;
  exec_count(&c->busy, uv_hrtime() - since);
  atomic_store_explicit(&c->busy_since, 0, memory_order_relaxed);
}

uint64_t exec_worker_until_timer(Worker *w) {
  uint64_t next = exec_wheel_next(&w->wheel);
  if (next == WHEEL_NEVER) return PARK_FOREVER;
  const Executor *ex = w->executor;
  uint64_t due = ex->clock.start + next * WHEEL_TICK_NANOSECONDS;
  uint64_t now = exec_now(ex);
  return due > now ? due - now : 0;
}

static void turn_wheel(Worker *w) {
  if (exec_wheel_next(&w->wheel) == WHEEL_NEVER) return;
  exec_wheel_turn(&w->wheel, exec_tick_of(w->executor, exec_now(w->executor)));
}

static bool clock_is_paused(const Executor *ex) {
  return atomic_load_explicit(&ex->clock.paused, memory_order_acquire);
}

// All tasks wait: the paused clock goes on to the next timer.
static void advance_paused(Worker *w) {
  Executor *ex = w->executor;
  while (clock_is_paused(ex) && !exec_worker_has_work(w) &&
         exec_inbox_length(&ex->injector) == 0 &&
         exec_blocking_active(ex) == 0) {
    uint64_t next = exec_wheel_next(&w->wheel);
    if (next == WHEEL_NEVER) break;
    uint64_t due = ex->clock.start + next * WHEEL_TICK_NANOSECONDS;
    if (due > exec_now(ex))
      atomic_store_explicit(&ex->clock.frozen, due, memory_order_release);
    if (exec_wheel_turn(&w->wheel, next) > 0) break;
  }
}

void exec_worker_events(Worker *w) {
  if (w->loop != NULL) exec_loop_run(w, UV_RUN_NOWAIT);
  turn_wheel(w);
}

static void call_hook(Worker *w, void (*hook)(void *, uint32_t)) {
  if (hook != NULL) hook(w->executor->options.data, w->index);
}

static void sleep_at_most(Worker *w, uint64_t nanoseconds) {
  if (!clock_is_paused(w->executor)) {
    uint64_t until = exec_worker_until_timer(w);
    if (until < nanoseconds) nanoseconds = until;
  }
  Counters *c = &w->counters;
  exec_count(&c->parks, 1);
  // A guest says itself when its loop begins to wait.
  if (w->guest == NULL) exec_worker_set_idle(w);
  call_hook(w, w->executor->options.on_park);
  if (w->loop != NULL)
    exec_loop_sleep(w, nanoseconds);
  else
    exec_park(&w->parker, nanoseconds);
  call_hook(w, w->executor->options.on_unpark);
  exec_worker_set_busy(w);
  turn_wheel(w);
}

void exec_worker_sleep(Worker *w, uint64_t nanoseconds) {
  if (clock_is_paused(w->executor)) {
    exec_worker_events(w);
    advance_paused(w);
  }
  if (exec_worker_has_work(w) || exec_inbox_length(&w->executor->injector) != 0)
    return;
  sleep_at_most(w, nanoseconds);
}

static bool stopping(Executor *ex) {
  return atomic_load_explicit(&ex->stop, memory_order_acquire);
}

void exec_worker_wake_in_loop(Worker *w) {
  if (!w->parked) return;
  w->parked = false;
  w->unparked = true;
  Executor *ex = w->executor;
  if (atomic_load_explicit(&ex->monitor.asleep, memory_order_relaxed))
    exec_monitor_wake(ex);
  if (exec_idle_wake(&ex->idle, w->index)) return;
  // Somebody has just woken it to search: another one must.
  stop_search(ex);
}

static void park(Worker *w) {
  Executor *ex = w->executor;
  if (exec_worker_has_work(w)) return;
  exec_idle_sleep(&ex->idle, w->index, w->searching);
  w->searching = false;
  // Work that came after this worker looked for some, and before it said that
  // it sleeps, has woken nobody: it was awake. One that did not search looks,
  // too: who did may be running something long by now.
  if (work_is_pending(ex)) exec_notify(ex);
  w->parked = true;
  while (!stopping(ex)) {
    sleep_at_most(w, PARK_FOREVER);
    if (!w->parked) break;
    if (exec_worker_has_work(w)) {
      // If somebody woke it to search, it is searching.
      w->searching = !exec_idle_wake(&ex->idle, w->index);
      break;
    }
    if (!exec_idle_is_sleeping(&ex->idle, w->index)) {
      w->searching = true;
      break;
    }
  }
  w->parked = w->unparked = false;
  if (atomic_load_explicit(&ex->monitor.asleep, memory_order_relaxed))
    exec_monitor_wake(ex);
}

void exec_worker_main(void *argument) {
  Worker *w = argument;
  Executor *ex = w->executor;
  char name[16];
  snprintf(name, sizeof name, "%.9s-%u", ex->name, w->index);
  pthread_setname_np(pthread_self(), name);
  exec_current.executor = ex;
  exec_current.worker = w;
  exec_worker_set_busy(w);
  call_hook(w, ex->options.on_start);
  uint32_t until_events = ex->options.event_interval;
  while (!stopping(ex)) {
    Task *t = next_task(w);
    if (t == NULL) t = steal(w);
    if (t == NULL) {
      park(w);
      until_events = ex->options.event_interval;
      continue;
    }
    uint32_t polls = run_task(w, t);
    if (polls >= until_events || w->look_soon) {
      w->look_soon = false;
      exec_worker_events(w);
      until_events = ex->options.event_interval;
    } else {
      until_events -= polls;
    }
  }
  call_hook(w, ex->options.on_stop);
}
