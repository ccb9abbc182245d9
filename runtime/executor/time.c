// SPDX-License-Identifier: MIT
// The clock and the futures that wait for it. A running clock is uv_hrtime plus
// what was skipped; a paused one is a number that only advancing changes.
#include "rill/time.h"

#include "runtime/executor/executor.h"
#include "runtime/executor/leaf.h"

// rill_sleep as it is here: the same struct, with the timer in its private
// part.
typedef struct Sleep {
  rill_future future;
  uint64_t deadline; // relative while `relative`
  Timer timer;
} Sleep;
_Static_assert(sizeof(Sleep) <= sizeof(rill_sleep), "rill_sleep is too small");

uint64_t exec_now(const Executor *ex) {
  const Clock *c = &ex->clock;
  if (atomic_load_explicit(&c->paused, memory_order_acquire))
    return atomic_load_explicit(&c->frozen, memory_order_acquire);
  return uv_hrtime() + atomic_load_explicit(&c->skipped, memory_order_acquire);
}

static rill_executor *or_current(rill_executor *ex) {
  return ex != NULL ? ex : exec_current.executor;
}

uint64_t rill_now(rill_executor *ex) {
  ex = or_current(ex);
  return ex == NULL ? uv_hrtime() : exec_now(ex);
}

rill_status rill_clock_pause(rill_executor *ex) {
  ex = or_current(ex);
  if (ex == NULL || ex->multi_thread) return RILL_INVALID;
  Clock *c = &ex->clock;
  atomic_store_explicit(&c->frozen, exec_now(ex), memory_order_release);
  atomic_store_explicit(&c->paused, true, memory_order_release);
  return RILL_OK;
}

rill_status rill_clock_resume(rill_executor *ex) {
  ex = or_current(ex);
  if (ex == NULL || ex->multi_thread) return RILL_INVALID;
  Clock *c = &ex->clock;
  if (!atomic_load_explicit(&c->paused, memory_order_acquire)) return RILL_OK;
  uint64_t ahead = exec_now(ex) - uv_hrtime(); // may wrap: it is only added
  atomic_store_explicit(&c->skipped, ahead, memory_order_release);
  atomic_store_explicit(&c->paused, false, memory_order_release);
  exec_notify_worker(&ex->workers[0]);
  return RILL_OK;
}

rill_status rill_clock_advance(rill_executor *ex, uint64_t nanoseconds) {
  ex = or_current(ex);
  if (ex == NULL || ex->multi_thread ||
      !atomic_load_explicit(&ex->clock.paused, memory_order_acquire))
    return RILL_INVALID;
  atomic_fetch_add_explicit(&ex->clock.frozen, nanoseconds,
                            memory_order_acq_rel);
  exec_notify_worker(&ex->workers[0]);
  return RILL_OK;
}

// Sleeping ------------------------------------------------------------------

// Timers go to the wheel of the worker that polls; those armed by others'
// block_on are spread.
static Worker *timer_worker(Executor *ex) {
  Worker *w = exec_current.worker;
  if (w != NULL && w->executor == ex) return w;
  if (ex->worker_count == 1) return ex->workers;
  uint32_t i =
      atomic_fetch_add_explicit(&ex->next_wheel, 1, memory_order_relaxed);
  return &ex->workers[i % ex->worker_count];
}

static uint64_t add_capped(uint64_t a, uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static const rill_future_type sleep_type, sleep_for_type;

static rill_poll poll_sleep(Sleep *s, rill_context *cx) {
  if (s->future.type == &sleep_for_type) { // its time counts from now on
    s->deadline = add_capped(rill_now(NULL), s->deadline);
    s->future.type = &sleep_type;
  }
  uint32_t state = atomic_load_explicit(&s->timer.state, memory_order_acquire);
  if (state == TIMER_FIRED) return RILL_READY;
  if (state == TIMER_ARMED)
    return exec_timer_poll(&s->timer, cx->waker) ? RILL_READY : RILL_PENDING;
  Executor *ex = exec_current.executor;
  if (ex == NULL) return RILL_PENDING;
  if (s->deadline <= exec_now(ex)) {
    atomic_store_explicit(&s->timer.state, TIMER_FIRED, memory_order_relaxed);
    return RILL_READY;
  }
  // Rounded up: never before the deadline.
  uint64_t tick =
      exec_tick_of(ex, add_capped(s->deadline, WHEEL_TICK_NANOSECONDS - 1));
  Worker *w = timer_worker(ex);
  bool first = exec_wheel_arm(&w->wheel, &s->timer, tick, cx->waker);
  if (first && w != exec_current.worker) exec_notify_worker(w);
  return RILL_PENDING;
}

static rill_poll sleep_poll(rill_future *f, rill_context *cx) {
  if (!exec_leaf_proceed(f, cx)) return RILL_PENDING;
  return poll_sleep((Sleep *)f, cx);
}

static void sleep_drop(rill_future *f) {
  Sleep *s = (Sleep *)f;
  if (atomic_load_explicit(&s->timer.state, memory_order_acquire) ==
      TIMER_ARMED)
    exec_timer_cancel(&s->timer);
}

// By type: is `deadline` a time, or a duration that begins at the first poll?
static const rill_future_type sleep_type = {
    .size = sizeof(rill_sleep),
    .name = "sleep",
    .poll = sleep_poll,
    .drop = sleep_drop,
};
static const rill_future_type sleep_for_type = {
    .size = sizeof(rill_sleep),
    .name = "sleep",
    .poll = sleep_poll,
};

void rill_sleep_init(rill_sleep *f, uint64_t nanoseconds) {
  *f = (rill_sleep){.future = {&sleep_for_type}, .deadline = nanoseconds};
}

void rill_sleep_until_init(rill_sleep *f, uint64_t deadline) {
  *f = (rill_sleep){.future = {&sleep_type}, .deadline = deadline};
}

void rill_sleep_reset(rill_sleep *f, uint64_t deadline) {
  Sleep *s = (Sleep *)f;
  exec_timer_cancel(&s->timer);
  s->deadline = deadline;
  s->future.type = &sleep_type;
}

// Intervals -----------------------------------------------------------------

static uint64_t next_tick(const rill_interval *i, uint64_t due, uint64_t now) {
  // Some lateness is the timer's own, not a missed tick.
  const uint64_t grace = UINT64_C(5) * WHEEL_TICK_NANOSECONDS;
  uint64_t next = add_capped(due, i->period);
  if (i->missed == RILL_MISSED_BURST || now <= add_capped(due, grace))
    return next;
  if (i->missed == RILL_MISSED_DELAY) return add_capped(now, i->period);
  return now - (now - due) % i->period + i->period;
}

static rill_poll interval_poll(rill_future *f, rill_context *cx) {
  rill_interval *self = (rill_interval *)f;
  if (rill_future_poll(&self->sleep.future, cx) == RILL_PENDING)
    return RILL_PENDING;
  uint64_t due = self->sleep.deadline;
  self->tick = due;
  rill_sleep_reset(&self->sleep, next_tick(self, due, rill_now(NULL)));
  return RILL_READY;
}

static void interval_drop(rill_future *f) {
  sleep_drop(&((rill_interval *)f)->sleep.future);
}

static const rill_future_type interval_type = {
    .size = sizeof(rill_interval),
    .name = "interval",
    .poll = interval_poll,
    .drop = interval_drop,
};

rill_status rill_interval_init(rill_interval *f, uint64_t period,
                               rill_missed_tick missed) {
  if (period == 0) return RILL_INVALID;
  *f = (rill_interval){
      .future = {&interval_type}, .period = period, .missed = missed};
  rill_sleep_init(&f->sleep, 0);
  return RILL_OK;
}

// Timeouts ------------------------------------------------------------------

static rill_poll timeout_poll(rill_future *f, rill_context *cx) {
  rill_timeout *self = (rill_timeout *)f;
  if (rill_future_poll(self->inner, cx) == RILL_READY) {
    self->status = RILL_OK;
    sleep_drop(&self->sleep.future);
    return RILL_READY;
  }
  // Without regard to the budget: an inner future that uses it up each time
  // must not outrun its limit.
  if (poll_sleep((Sleep *)&self->sleep, cx) == RILL_PENDING)
    return RILL_PENDING;
  self->status = RILL_TIMED_OUT;
  return RILL_READY;
}

static void timeout_drop(rill_future *f) {
  rill_timeout *self = (rill_timeout *)f;
  rill_future_drop(self->inner);
  sleep_drop(&self->sleep.future);
}

static const rill_future_type timeout_type = {
    .size = sizeof(rill_timeout),
    .name = "timeout",
    .poll = timeout_poll,
    .drop = timeout_drop,
};

void rill_timeout_init(rill_timeout *f, rill_future *inner,
                       uint64_t nanoseconds) {
  *f = (rill_timeout){
      .future = {&timeout_type}, .inner = inner, .status = RILL_WOULD_BLOCK};
  rill_sleep_init(&f->sleep, nanoseconds);
}
