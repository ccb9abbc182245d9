// SPDX-License-Identifier: MIT
// Timers: in a timing wheel that one timer of the loop turns, or in the paused
// clock's queue, a binary heap.
#include "runtime/program/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/io/request.h"
#include "runtime/tasks/futures.h"
#include "runtime/tasks/workers.h"
#include "runtime/testing/testing.h"

static double real_now(const Runtime *rt) {
  return (double)(uv_hrtime() - rt->start_nanoseconds) / 1e6;
}

static double real_wall(void) {
  uv_timeval64_t now;
  uv_gettimeofday(&now);
  return (double)(now.tv_sec * 1000) + (double)(now.tv_usec / 1000);
}

double rt_clock_now(const Runtime *rt) {
  return rt_clock_is_paused(rt) ? rt->clock->now : real_now(rt);
}

double rt_clock_wall(const Runtime *rt) {
  return rt_clock_is_paused(rt) ? rt->clock->wall : real_wall();
}

uint64_t rt_clock_nanoseconds(const Runtime *rt) {
  if (!rt_clock_is_paused(rt)) return uv_hrtime();
  return (rt->clock->simulating ? 0 : rt->start_nanoseconds) +
         (uint64_t)(rt->clock->now * 1e6);
}

// The queue
// ---------------------------------------------------------------------

static bool is_before(const ClockTimer *a, const ClockTimer *b) {
  if (a->due != b->due) return a->due < b->due;
  return a->order != b->order ? a->order < b->order : a->id < b->id;
}

static void place(PausedClock *clock, uint32_t at, ClockTimer *timer) {
  clock->queue[at] = timer;
  timer->index = at;
}

static void sift_up(PausedClock *clock, uint32_t at, ClockTimer *timer) {
  while (at > 0 && is_before(timer, clock->queue[(at - 1) / 2])) {
    place(clock, at, clock->queue[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  place(clock, at, timer);
}

static void sift_down(PausedClock *clock, uint32_t at, ClockTimer *timer) {
  for (;;) {
    uint32_t child = 2 * at + 1;
    if (child >= clock->count) break;
    if (child + 1 < clock->count &&
        is_before(clock->queue[child + 1], clock->queue[child]))
      child++;
    if (!is_before(clock->queue[child], timer)) break;
    place(clock, at, clock->queue[child]);
    at = child;
  }
  place(clock, at, timer);
}

// Room is reserved when a timer starts, so that queueing never fails.
static bool reserve(PausedClock *clock, size_t count) {
  if (count <= clock->capacity) return true;
  size_t capacity = count + count / 2 + 16;
  ClockTimer **queue = realloc(clock->queue, capacity * sizeof *queue);
  if (queue == NULL) return false;
  clock->queue = queue;
  clock->capacity = (uint32_t)capacity;
  return true;
}

static bool enqueue(PausedClock *clock, ClockTimer *timer, double due) {
  if (!reserve(clock, (size_t)clock->count + 1)) return false;
  timer->due = due;
  timer->order =
      clock->simulating ? random_next(&clock->random) : clock->sequence++;
  timer->state = CLOCK_TIMER_IN_QUEUE;
  sift_up(clock, clock->count++, timer);
  return true;
}

static void dequeue(PausedClock *clock, ClockTimer *timer) {
  uint32_t at = timer->index;
  timer->state = CLOCK_TIMER_OUT;
  ClockTimer *last = clock->queue[--clock->count];
  if (last == timer) return;
  if (at > 0 && is_before(last, clock->queue[(at - 1) / 2])) {
    sift_up(clock, at, last);
  } else {
    sift_down(clock, at, last);
  }
}

// Timers
// --------------------------------------------------------------------

static void on_tick(uv_timer_t *);

// When the loop's timer fires.
static void arm(Runtime *rt, uint64_t tick) {
  uint64_t now = uv_now(&rt->loop);
  rt->timers_armed_for = tick;
  uv_timer_start(&rt->timers_handle, on_tick, tick > now ? tick - now : 0, 0);
}

static void count_reference(Runtime *rt, const ClockTimer *timer, int change) {
  if (timer->is_unreferenced) return;
  rt->timers_referenced += (uint32_t)change;
  uv_handle_t *handle = (uv_handle_t *)&rt->timers_handle;
  if (rt->timers_referenced == 0) {
    uv_unref(handle);
  } else if (rt->timers_referenced == 1 && change > 0) {
    uv_ref(handle);
  }
}

static void wheel_add(Runtime *rt, ClockTimer *timer, uint64_t tick) {
  timer->state = CLOCK_TIMER_IN_WHEEL;
  exec_slots_add(rt->timers, &timer->node, tick);
  count_reference(rt, timer, 1);
  if (tick < rt->timers_armed_for) arm(rt, tick);
}

static void wheel_remove(Runtime *rt, ClockTimer *timer) {
  timer->state = CLOCK_TIMER_OUT;
  exec_slots_remove(rt->timers, &timer->node);
  count_reference(rt, timer, -1);
}

// The timers that are due, each with its jobs. Those that are started meanwhile
// have their turn in the next round, so that other events have theirs.
static void on_tick(uv_timer_t *handle) {
  Runtime *rt = handle->data;
  rt_output_flush(rt); // libuv runs timers before it prepares to wait
  uint64_t now = uv_now(&rt->loop), last = rt->timers_started;
  rt->timers_armed_for = WHEEL_NEVER;
  while (!rt->exiting) {
    ClockTimer *timer = (ClockTimer *)(void *)exec_slots_first(rt->timers, now);
    if (timer == NULL || timer->id > last) break;
    wheel_remove(rt, timer);
    if (timer->period != 0) wheel_add(rt, timer, now + timer->period);
    rt_enter(rt);
    rt_leave(rt, timer->type->fire(rt, timer));
  }
  uint64_t next = exec_slots_next(rt->timers);
  // libuv would call again at once what is due and never leave.
  if (rt->exiting && next <= now) next = now + 1;
  if (next < rt->timers_armed_for) arm(rt, next);
}

void rt_clock_init(Runtime *rt) {
  exec_slots_init(rt->timers);
  rt->timers->elapsed = uv_now(&rt->loop);
  rt->timers_armed_for = WHEEL_NEVER;
  uv_timer_init(&rt->loop, &rt->timers_handle);
  uv_unref((uv_handle_t *)&rt->timers_handle);
  rt->timers_handle.data = rt;
}

void rt_timer_reference(Runtime *rt, ClockTimer *timer, bool referenced) {
  if (timer->is_unreferenced == !referenced) return;
  if (timer->state == CLOCK_TIMER_IN_WHEEL) {
    if (!referenced) count_reference(rt, timer, -1);
    timer->is_unreferenced = !referenced;
    if (referenced) count_reference(rt, timer, 1);
  }
  timer->is_unreferenced = !referenced;
}

static double jitter(PausedClock *clock) {
  if (clock->jitter == 0) return 0;
  return (double)(random_next(&clock->random) >> 11) * 0x1p-53 * clock->jitter;
}

// The loop's time, not older than a moment: reading the clock costs a quarter
// of all that setTimeout does. As many cycles are 10 to 60 microseconds, on any
// processor, and ticks are milliseconds.
static uint64_t time_of_start(Runtime *rt) {
#if defined(__x86_64__)
  enum { MOMENT = 50000 };
  uint64_t cycles = __builtin_ia32_rdtsc();
  if (cycles - rt->timers_cycles < MOMENT) return uv_now(&rt->loop);
  rt->timers_cycles = cycles;
#endif
  uv_update_time(&rt->loop);
  return uv_now(&rt->loop);
}

void rt_timer_start(Runtime *rt, ClockTimer *timer, const ClockTimerType *type,
                    double milliseconds, bool repeat) {
  uint64_t delay = (uint64_t)ceil(milliseconds);
  timer->type = type;
  timer->id = ++rt->timers_started;
  timer->period = repeat ? (uint32_t)delay : 0;
  rt_track_timer(rt, timer);
  if (rt_clock_is_paused(rt)) {
    PausedClock *clock = rt->clock;
    // What has no delay (an immediate of a simulation) is ready now.
    double due = clock->now + milliseconds;
    if (milliseconds > 0) due += jitter(clock);
    if (enqueue(clock, timer, due)) return;
    // No memory for the queue: real time is better than none.
  }
  wheel_add(rt, timer, time_of_start(rt) + delay);
}

void rt_timer_stop(Runtime *rt, ClockTimer *timer) {
  rt_untrack(rt, timer);
  if (timer->state == CLOCK_TIMER_IN_QUEUE) dequeue(rt->clock, timer);
  if (timer->state == CLOCK_TIMER_IN_WHEEL) wheel_remove(rt, timer);
}

uint32_t rt_timers_count(Runtime *rt) {
  if (!rt->has_loop) return 0;
  size_t queued = rt->clock == NULL ? 0 : rt->clock->count;
  return (uint32_t)(exec_slots_count(rt->timers) + queued);
}

void rt_timers_visit(Runtime *rt, void (*visit)(void *, ClockTimer *),
                     void *data) {
  if (!rt->has_loop) return;
  for (WheelNode *n = NULL; (n = exec_slots_after(rt->timers, n)) != NULL;)
    visit(data, (ClockTimer *)(void *)n);
  for (uint32_t i = 0; rt->clock != NULL && i < rt->clock->count; i++)
    visit(data, rt->clock->queue[i]);
}

static void free_paused_clock(Runtime *rt) {
  PausedClock *clock = rt->clock;
  if (clock == NULL) return;
  gc_root_remove(rt->isolate->heap, &clock->advanced);
  gc_root_remove(rt->isolate->heap, &clock->log);
  rt->clock = NULL;
  free(clock->queue);
  free(clock);
}

void rt_clock_close(Runtime *rt) {
  if (!rt->has_loop) return; // nor timers
  WheelNode *node;
  while ((node = exec_slots_take_any(rt->timers)) != NULL) {
    ClockTimer *timer = (ClockTimer *)(void *)node;
    timer->state = CLOCK_TIMER_OUT;
    timer->type->drop(rt, timer);
  }
  while (rt->clock != NULL && rt->clock->count > 0)
    rt->clock->queue[0]->type->drop(rt, rt->clock->queue[0]);
  free_paused_clock(rt);
  free(rt->timer_table.rows);
}

// Pausing
// ---------------------------------------------------------------------

bool rt_clock_pause(Runtime *rt) {
  PausedClock *clock = rt->clock;
  if (clock == NULL) {
    clock = calloc(1, sizeof *clock);
    if (clock == NULL) return false;
    gc_root_add(rt->isolate->heap, &clock->advanced, VALUE_UNDEFINED);
    gc_root_add(rt->isolate->heap, &clock->log, VALUE_UNDEFINED);
    clock->sequence = 1; // 0: started before the pause
    rt->clock = clock;
  }
  if (clock->paused) return true;
  if (!reserve(clock, exec_slots_count(rt->timers))) return false;
  // Whole milliseconds: sums of them are exact.
  clock->now = ceil(real_now(rt));
  clock->wall = real_wall();
  clock->auto_advance = false;
  clock->paused = true;
  uv_update_time(&rt->loop);
  uint64_t now = uv_now(&rt->loop);
  WheelNode *node;
  while ((node = exec_slots_take_any(rt->timers)) != NULL) {
    ClockTimer *timer = (ClockTimer *)(void *)node;
    double left = node->when > now ? (double)(node->when - now) : 0;
    count_reference(rt, timer, -1);
    if (!enqueue(clock, timer, clock->now + left)) continue; // it was reserved
    timer->order = 0; // ids keep the order of starting
    sift_up(clock, timer->index, timer);
  }
  uv_timer_stop(&rt->timers_handle);
  rt->timers_armed_for = WHEEL_NEVER;
  return true;
}

static void finish_advance(Runtime *rt) {
  PausedClock *clock = rt->clock;
  Value done = clock->advanced.word;
  clock->advancing = false;
  clock->advanced.word = VALUE_UNDEFINED;
  rt_enter(rt);
  rt_leave(rt, vm_call(rt->isolate, done, VALUE_UNDEFINED, 0, NULL));
}

void rt_clock_resume(Runtime *rt) {
  PausedClock *clock = rt->clock;
  if (clock == NULL || !clock->paused) return;
  clock->paused = false;
  uv_update_time(&rt->loop);
  while (clock->count > 0) {
    ClockTimer *timer = clock->queue[0];
    dequeue(clock, timer);
    double left = timer->due > clock->now ? timer->due - clock->now : 0;
    wheel_add(rt, timer, uv_now(&rt->loop) + (uint64_t)ceil(left));
  }
}

static void set_now(PausedClock *clock, double now) {
  if (now <= clock->now) return;
  clock->wall += now - clock->now;
  clock->now = now;
}

static void note_choice(Runtime *, const char *name, uint64_t id);

// Takes the first timer out of the queue, and runs it.
static Value fire_first(Runtime *rt) {
  PausedClock *clock = rt->clock;
  ClockTimer *timer = clock->queue[0];
  set_now(clock, timer->due);
  if (clock->simulating)
    note_choice(rt, timer->type->name, timer->id - clock->first_id);
  dequeue(clock, timer);
  if (timer->period != 0) {
    // There is room: it has just been there.
    (void)enqueue(clock, timer, timer->due + (double)timer->period);
  }
  return timer->type->fire(rt, timer);
}

void rt_clock_advance(Runtime *rt, double milliseconds, Value done) {
  PausedClock *clock = rt->clock;
  clock->advancing = true;
  clock->target = clock->now + milliseconds;
  clock->advanced.word = done;
}

Value rt_clock_tick(Runtime *rt, double milliseconds) {
  PausedClock *clock = rt->clock;
  double target = clock->now + milliseconds;
  while (clock->paused && clock->count > 0 && clock->queue[0]->due <= target) {
    Value result = fire_first(rt);
    if (value_is_exception(result)) return result;
  }
  if (clock->paused && !isinf(target)) set_now(clock, target);
  return VALUE_UNDEFINED;
}

static bool has_referenced(const PausedClock *clock) {
  for (uint32_t i = 0; i < clock->count; i++) {
    if (!clock->queue[i]->is_unreferenced) return true;
  }
  return false;
}

// Files and spawned tasks end by themselves: time waits for them.
static bool others_work(const Runtime *rt) {
  return rt_io_works(rt) || rt_tasks_are_pending(rt);
}

// Polls without waiting. True: a callback ran.
static bool poll_now(Runtime *rt) {
  // A loop without anything alive does not poll, nor enter native state.
  if (!uv_loop_alive(&rt->loop)) return false;
  uv_run(&rt->loop, UV_RUN_NOWAIT);
  bool ran = !rt->in_native;
  rt_enter(rt);
  rt_leave(rt, VALUE_UNDEFINED);
  return ran;
}

// Runs one of what is ready at this time: a future that was woken or the first
// timer. False: nothing is.
static bool run_ready(Runtime *rt) {
  PausedClock *clock = rt->clock;
  bool timer = clock->count > 0 && clock->queue[0]->due <= clock->now;
  if (clock->simulating) {
    uint32_t woken = rt_futures_woken(rt);
    if (woken > 0) {
      uint32_t pick = random_below(&clock->random, woken + (timer ? 1 : 0));
      if (pick < woken) {
        note_choice(rt, "woken", pick);
        rt_enter(rt);
        rt_futures_poll_one(rt, pick);
        rt_leave(rt, VALUE_UNDEFINED);
        return true;
      }
    }
  }
  if (!timer) return false;
  rt_enter(rt);
  rt_leave(rt, fire_first(rt));
  return true;
}

bool rt_clock_is_alive(const Runtime *rt) {
  if (!rt_clock_is_paused(rt)) return false;
  const PausedClock *clock = rt->clock;
  return clock->advancing || (clock->auto_advance && has_referenced(clock)) ||
         (clock->simulating && rt_futures_woken(rt) > 0);
}

typedef struct HandleCount {
  const uv_handle_t *but;
  uint32_t count;
} HandleCount;

static void count_handle(uv_handle_t *handle, void *data) {
  HandleCount *others = data;
  others->count += handle != others->but && uv_is_active(handle) &&
                   uv_has_ref(handle) && !uv_is_closing(handle);
}

bool rt_simulation_is_stuck(Runtime *rt) {
  if (!rt_is_simulating(rt) || rt_clock_is_alive(rt) || others_work(rt) ||
      rt->loop.active_reqs.count != 0 || vm_has_jobs(rt->isolate))
    return false;
  // Who waits for others in this isolate keeps the loop alive in vain.
  HandleCount others = {.but = rt_tasks_handle(rt)};
  uv_walk(&rt->loop, count_handle, &others);
  return others.count == 0;
}

bool rt_clock_turn(Runtime *rt) {
  PausedClock *clock = rt->clock;
  if (!rt_clock_is_alive(rt)) { // only events can go on
    if (rt_simulation_is_stuck(rt)) return false;
    bool alive = uv_run(&rt->loop, UV_RUN_ONCE) != 0;
    rt_enter(rt);
    rt_leave(rt, VALUE_UNDEFINED);
    return !rt->exiting &&
           (alive || uv_loop_alive(&rt->loop) || rt_clock_is_alive(rt));
  }
  bool ran = poll_now(rt);
  // The callbacks may have resumed the clock.
  if (rt->exiting || !clock->paused) return !rt->exiting;
  if (clock->simulating) {
    if (run_ready(rt) || ran) return !rt->exiting;
  }
  if (clock->advancing) {
    if (clock->count > 0 && clock->queue[0]->due <= clock->target &&
        (!isinf(clock->target) || has_referenced(clock))) {
      rt_enter(rt);
      rt_leave(rt, fire_first(rt));
      // What the timer began is carried on before the next one.
      if (!rt->exiting) poll_now(rt);
    } else {
      if (!isinf(clock->target)) set_now(clock, clock->target);
      finish_advance(rt);
    }
    return !rt->exiting;
  }
  if (ran) return !rt->exiting;
  if (others_work(rt)) {
    uv_run(&rt->loop, UV_RUN_ONCE);
    rt_enter(rt);
    rt_leave(rt, VALUE_UNDEFINED);
  } else if (clock->count > 0) {
    rt_enter(rt);
    rt_leave(rt, fire_first(rt));
  }
  return !rt->exiting;
}

// Simulation
// -------------------------------------------------------------------------

// An event was chosen to run next.
static void note_choice(Runtime *rt, const char *name, uint64_t id) {
  PausedClock *clock = rt->clock;
  clock->steps++;
  for (const char *c = name; *c != 0; c++)
    clock->trace = (clock->trace ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
  clock->trace = (clock->trace ^ id) * UINT64_C(0x100000001b3);
  if (!value_is_object(clock->log.word)) return;
  char text[96];
  snprintf(text, sizeof text, "%s %llu at %.3f", name, (unsigned long long)id,
           clock->now);
  String *entry = vm_string_from_c(rt->isolate, text);
  if (entry == NULL ||
      !vm_array_push(rt->isolate, (Array *)value_as_cell(clock->log.word),
                     value_from_cell(entry)))
    vm_take_exception(rt->isolate);
}

// Every simulation starts at the same time: the first second of 2000.
#define LONGEST_DELAY 2147483647.0
#define SIMULATED_EPOCH 946684800000.0

bool rt_simulation_start(Runtime *rt, uint64_t seed, double most, bool log) {
  if (!rt_clock_pause(rt)) return false;
  PausedClock *clock = rt->clock;
  clock->auto_advance = true;
  clock->simulating = true;
  clock->jitter = most;
  for (uint32_t i = 0; i < clock->count; i++)
    clock->queue[i]->due -= clock->now;
  clock->now = 0;
  clock->wall = SIMULATED_EPOCH;
  clock->steps = 0;
  clock->trace = UINT64_C(0xcbf29ce484222325);
  clock->random.state = seed;
  clock->first_id = rt->timers_started;
  Isolate *iso = rt->isolate;
  memcpy(clock->saved_random, iso->random_state, sizeof iso->random_state);
  iso->random_state[0] = random_next(&clock->random) | 1;
  iso->random_state[1] = random_next(&clock->random);
  Array *list = log ? vm_array_new(iso, 0) : NULL;
  clock->log.word = list == NULL ? VALUE_UNDEFINED : value_from_cell(list);
  return true;
}

void rt_simulation_end(Runtime *rt) {
  PausedClock *clock = rt->clock;
  if (clock == NULL || !clock->simulating) return;
  memcpy(rt->isolate->random_state, clock->saved_random,
         sizeof clock->saved_random);
  // What it has not waited for ends with it. Scripts still have handles of
  // these timers, so they are put off until nobody minds.
  for (uint32_t i = 0; i < clock->count; i++) {
    ClockTimer *timer = clock->queue[i];
    if (timer->id <= clock->first_id) continue;
    timer->is_unreferenced = true;
    timer->due = clock->now + LONGEST_DELAY;
  }
  clock->simulating = false;
  clock->log.word = VALUE_UNDEFINED;
  rt_clock_resume(rt);
  if (rt->tasks != NULL) rt_futures_poll(rt); // what was left
}

double rt_timer_left(const Runtime *rt, const ClockTimer *timer) {
  double left = rt_clock_is_paused(rt)
                    ? timer->due - rt_clock_now(rt)
                    : (double)timer->node.when - (double)uv_now(&rt->loop);
  return left > 0 ? left : 0;
}
