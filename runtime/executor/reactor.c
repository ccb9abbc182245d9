// SPDX-License-Identifier: MIT
// A worker's libuv loop: made when somebody first asks for it, or a guest's,
// which the worker adopts. Whichever it is, the worker looks at it between
// polls and sleeps in it; if it has both, its own hangs in the guest's.
#include "runtime/executor/reactor.h"
#include "runtime/executor/loop_init.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "runtime/executor/executor.h"

// A descriptor for another event loop stays the same whichever loops there are:
// theirs are in it.
static int announce(Worker *w, uv_loop_t *loop) {
  if (w->announced < 0) return 0;
  struct epoll_event event = {.events = EPOLLIN};
  int result =
      epoll_ctl(w->announced, EPOLL_CTL_ADD, uv_backend_fd(loop), &event);
  return result == 0 ? 0 : uv_translate_sys_error(errno);
}

static void retract(Worker *w, uv_loop_t *loop) {
  if (w->announced >= 0)
    epoll_ctl(w->announced, EPOLL_CTL_DEL, uv_backend_fd(loop), NULL);
}

static void on_timer(uv_timer_t *timer) {
  // Being woken is all there is to it: the wheel is turned after each sleep.
}

// Callbacks of the loop's timers run before it polls, and may have woken tasks
// of this very worker, which nobody is told of.
static void before_poll(uv_prepare_t *prepare) {
  Worker *w = prepare->data;
  if (exec_worker_has_work(w)) exec_loop_waker_wake(w->handles->waker);
}

static int add_handles(Worker *w, uv_loop_t *loop, LoopHandles *handles) {
  int error = exec_loop_waker_new(&handles->waker, loop, NULL, NULL);
  if (error != 0) return error;
  uv_timer_init(loop, &handles->timer); // these cannot fail
  uv_prepare_init(loop, &handles->prepare);
  handles->prepare.data = w;
  uv_prepare_start(&handles->prepare, before_poll);
  uv_unref((uv_handle_t *)&handles->prepare);
  w->loop = loop;
  w->handles = handles;
  return 0;
}

int exec_worker_make_loop(Worker *w) {
  if (w->loop != NULL) return 0;
  int error = exec_loop_init(&w->own_loop);
  if (error != 0) return error;
  error = add_handles(w, &w->own_loop, &w->own_handles);
  if (error != 0) {
    uv_run(&w->own_loop, UV_RUN_NOWAIT); // what it has may be closing
    uv_loop_close(&w->own_loop);
  }
  w->has_own_loop = error == 0;
  return error;
}

static void close_handle(uv_handle_t *handle, void *unused) {
  if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

void exec_worker_close_loop(Worker *w) {
  if (!w->has_own_loop) return;
  exec_park_forget(&w->parker);
  exec_loop_waker_close(w->own_handles.waker);
  uv_walk(&w->own_loop, close_handle, NULL);
  while (uv_run(&w->own_loop, UV_RUN_DEFAULT) != 0) {
  }
  uv_loop_close(&w->own_loop);
  w->has_own_loop = false;
  w->loop = NULL;
  if (w->announced >= 0) close(w->announced);
  w->announced = -1;
}

static void on_own_events(uv_poll_t *poll, int status, int events) {
  // Being woken is enough here, too.
}

// Hangs the own loop in the guest's.
static int watch_own_loop(Worker *w, uv_loop_t *guest) {
  int error = uv_poll_init(guest, &w->own_events, uv_backend_fd(&w->own_loop));
  if (error != 0) return error;
  uv_poll_start(&w->own_events, UV_READABLE, on_own_events);
  uv_unref((uv_handle_t *)&w->own_events);
  return 0;
}

// Before there is a guest, or beside it.
static int make_own_loop(Worker *w) {
  if (w->has_own_loop) return 0;
  uv_loop_t *loop = w->loop;
  LoopHandles *handles = w->handles;
  w->loop = NULL;
  int error = exec_worker_make_loop(w);
  if (error == 0 && w->guest != NULL) error = watch_own_loop(w, w->guest->loop);
  if (w->guest != NULL) {
    w->loop = loop;
    w->handles = handles;
  }
  return error;
}

int exec_worker_announce(Worker *w) {
  // The guest may go; its loop goes with it.
  int error = make_own_loop(w);
  if (error != 0) return error;
  w->announced = epoll_create1(EPOLL_CLOEXEC);
  if (w->announced < 0) return uv_translate_sys_error(errno);
  error = announce(w, &w->own_loop);
  if (error == 0 && w->guest != NULL) error = announce(w, w->guest->loop);
  if (error == 0) {
    // libuv tells the kernel about its handles when it polls; a step does that
    // for the guest's.
    uv_run(&w->own_loop, UV_RUN_NOWAIT);
    if (w->guest != NULL) exec_loop_waker_wake(w->own_handles.waker);
    return 0;
  }
  close(w->announced);
  w->announced = -1;
  return error;
}

static int host(Worker *w, ReactorGuest *guest) {
  if (w->guest != NULL) return UV_EBUSY;
  int error = announce(w, guest->loop);
  if (error != 0) return error;
  if (w->has_own_loop) error = watch_own_loop(w, guest->loop);
  bool watches = w->has_own_loop && error == 0;
  if (error == 0) error = add_handles(w, guest->loop, &w->guest_handles);
  if (error != 0) {
    if (watches) uv_close((uv_handle_t *)&w->own_events, NULL);
    retract(w, guest->loop);
    return error;
  }
  uv_unref((uv_handle_t *)&w->handles->timer);
  w->guest = guest;
  guest->worker = w;
  return 0;
}

int exec_reactor_host(ReactorGuest *guest) {
  return host(exec_current.worker, guest);
}

int exec_reactor_host_on(Executor *ex, ReactorGuest *guest) {
  Worker *w = ex->workers;
  int error = host(w, guest);
  // Who drives the guest stops when it has nothing; a worker waits in its loop
  // all the same.
  if (error == 0) uv_unref(exec_loop_waker_handle(w->handles->waker));
  return error;
}

void exec_reactor_leave(ReactorGuest *guest) {
  Worker *w = guest->worker;
  if (w == NULL) return;
  guest->worker = NULL;
  w->guest = NULL;
  retract(w, guest->loop);
  exec_park_forget(&w->parker);
  exec_loop_waker_close(w->handles->waker);
  uv_close((uv_handle_t *)&w->handles->timer, NULL);
  uv_close((uv_handle_t *)&w->handles->prepare, NULL);
  w->loop = w->has_own_loop ? &w->own_loop : NULL;
  w->handles = &w->own_handles;
  if (w->has_own_loop) uv_close((uv_handle_t *)&w->own_events, NULL);
  // Between two steps wake-ups go to the own loop from here on.
  if (w->announced >= 0 && exec_current.worker != w &&
      !exec_park_begin(&w->parker, w->handles->waker))
    exec_loop_waker_wake(w->handles->waker);
}

void *rill_worker_loop(void) {
  Worker *w = exec_current.worker;
  if (w == NULL || exec_worker_make_loop(w) != 0) return NULL;
  return w->has_own_loop ? &w->own_loop : w->loop;
}

static void turn(Worker *w) {
  if (exec_worker_run(w, w->executor->options.event_interval) == 0)
    exec_worker_sleep(w, PARK_FOREVER);
  else
    exec_worker_events(w);
}

// The calling thread becomes the worker. False: another one is.
static bool enter(Executor *ex, Current *outer) {
  *outer = exec_current;
  if (outer->worker != NULL && outer->worker->executor == ex) return true;
  if (ex->multi_thread || !exec_drive_begin(ex)) return false;
  exec_current.task = NULL;
  exec_current.locals = NULL;
  return true;
}

static void leave(Executor *ex, const Current *outer) {
  if (outer->worker != NULL && outer->worker->executor == ex) return;
  exec_drive_end(ex);
  exec_current = *outer;
}

void exec_reactor_drive(Executor *ex, bool (*go_on)(void *), void *data) {
  Current outer;
  if (!enter(ex, &outer)) return;
  do {
    turn(exec_current.worker);
  } while (go_on(data));
  leave(ex, &outer);
}

bool exec_reactor_turn_by(Executor *ex, bool (*round)(void *), void *data) {
  Current outer;
  if (!enter(ex, &outer)) return false;
  Worker *w = exec_current.worker;
  bool go_on = true;
  if (exec_worker_run(w, ex->options.event_interval) == 0) {
    // Who wakes a task meanwhile wakes the loop.
    bool parked = exec_park_begin(&w->parker, w->handles->waker);
    if (!parked) exec_loop_waker_wake(w->handles->waker);
    go_on = round(data);
    exec_park_end(&w->parker);
    exec_worker_set_busy(w);
  }
  leave(ex, &outer);
  return go_on;
}

rill_status exec_reactor_stop(Executor *ex, const rill_shutdown *options) {
  Current outer = exec_current;
  exec_current = (Current){.budget = RILL_COOP_BUDGET};
  rill_status status = rill_executor_shutdown(ex, options);
  exec_current = outer;
  return status;
}

void exec_reactor_runs_callbacks(void) {
  Worker *w = exec_current.worker;
  if (w == NULL) return;
  exec_worker_wake_in_loop(w);
  exec_count(&w->counters.rounds, 1);
  exec_worker_set_busy(w);
}

void exec_reactor_waits(void) {
  Worker *w = exec_current.worker;
  if (w == NULL) return;
  // The guest may have run script just now, after before_poll. A worker that
  // was unparked for it is woken by nobody.
  if ((exec_worker_has_work(w) || w->unparked) && w->guest != NULL)
    exec_loop_waker_wake(w->handles->waker);
  exec_worker_set_idle(w);
}

rill_poll exec_poll_within(Executor *ex, rill_future *f, rill_context *cx) {
  Current outer = exec_current;
  Current *c = &exec_current;
  c->executor = ex;
  if (outer.worker != NULL && outer.worker->executor != ex) c->worker = NULL;
  c->task = NULL;
  c->locals = NULL;
  c->budget = RILL_COOP_BUDGET;
  c->budgeted = true;
  rill_poll poll = rill_future_poll(f, cx);
  exec_current = outer;
  return poll;
}

void exec_look_soon(void) {
  exec_current.worker->look_soon = true;
}

// After a round of the loop.
static void after_round(Worker *w) {
  if (w->guest == NULL) return;
  if (w->has_own_loop) uv_run(&w->own_loop, UV_RUN_NOWAIT);
  w->guest->ran(w->guest->data);
}

void exec_loop_run(Worker *w, uv_run_mode mode) {
  uv_run(w->loop, mode);
  after_round(w);
}

// What the own loop waits for beside the guest's; it tells the kernel of its
// handles by polling.
static uint64_t own_limit(Worker *w, uint64_t nanoseconds) {
  if (w->guest == NULL || !w->has_own_loop) return nanoseconds;
  uv_run(&w->own_loop, UV_RUN_NOWAIT);
  int milliseconds = uv_backend_timeout(&w->own_loop);
  if (milliseconds < 0) return nanoseconds;
  uint64_t limit = (uint64_t)milliseconds * 1000000;
  return limit < nanoseconds ? limit : nanoseconds;
}

void exec_loop_sleep(Worker *w, uint64_t nanoseconds) {
  LoopHandles *handles = w->handles;
  if (!exec_park_begin(&w->parker, handles->waker)) {
    exec_loop_run(w, UV_RUN_NOWAIT);
    return;
  }
  nanoseconds = own_limit(w, nanoseconds);
  if (nanoseconds != PARK_FOREVER) {
    uv_update_time(w->loop);
    uv_timer_start(&handles->timer, on_timer, (nanoseconds + 999999) / 1000000,
                   0);
  }
  uv_run(w->loop, nanoseconds == 0 ? UV_RUN_NOWAIT : UV_RUN_ONCE);
  uv_timer_stop(&handles->timer);
  exec_park_end(&w->parker);
  after_round(w);
}
