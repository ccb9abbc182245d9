// SPDX-License-Identifier: MIT
// rill:internal/loop: timers, immediates and ticks on the libuv loop, for
// modules/lib/internal/timers.js.
#include <stdlib.h>

#include "runtime/modules/native_modules.h"
#include "runtime/program/clock.h"
#include "runtime/trace/snapshot.h"
#include "vm/interpreter/async_context.h"

typedef struct Timer {
  ClockTimer timer;
  GcRoot callback, receiver;
} Timer;

// The script's handle of a timer is its address as a number: timers.js drops it
// when the timer fires or stops.
static void stop(Runtime *rt, ClockTimer *clock_timer) {
  Timer *timer = (Timer *)clock_timer;
  GcHeap *heap = rt->isolate->heap;
  gc_root_remove(heap, &timer->callback);
  gc_root_remove(heap, &timer->receiver);
  rt_timer_close(rt, clock_timer);
}

static Value fire(Runtime *rt, ClockTimer *clock_timer) {
  Timer *timer = (Timer *)clock_timer;
  Value callback = timer->callback.word, receiver = timer->receiver.word;
  if (clock_timer->period == 0) stop(rt, clock_timer);
  return vm_call(rt->isolate, callback, receiver, 0, NULL);
}

static const ClockTimerType timeout_type = {"setTimeout", fire, stop, 0};
static const ClockTimerType interval_type = {"setInterval", fire, stop, 0};
static const ClockTimerType immediate_type = {"setImmediate", fire, stop, 0};

// startTimer(milliseconds, repeat, callback, receiver): a handle, valid until
// stopTimer or, without repeat, until it fired. 0 milliseconds: an immediate of
// a simulation.
static Value start_timer(Isolate *iso, const NativeCall *call) {
  Timer *timer = calloc(1, sizeof *timer);
  if (timer == NULL) return vm_throw_out_of_memory(iso);
  double delay = value_as_number(call->argv[0]);
  bool repeat = value_as_bool(call->argv[1]);
  gc_root_add(iso->heap, &timer->callback, call->argv[2]);
  gc_root_add(iso->heap, &timer->receiver, call->argv[3]);
  rt_timer_start(rt_of(iso), &timer->timer,
                 delay == 0 ? &immediate_type
                 : repeat   ? &interval_type
                            : &timeout_type,
                 delay, repeat);
  return value_from_number((double)(uintptr_t)timer);
}

static void describe(TraceSnapshot *s, Runtime *rt, const void *object,
                     const char *note, TraceWait *out) {
  out->kind = TRACE_WAIT_TIMER;
  out->text =
      trace_text(s, "%s, %.0f ms left", note, rt_timer_left(rt, object));
}

// The script's function, which is the first one that the Timeout object has;
// undefined: it is no timer of a script.
static Value function_of(const ClockTimer *t) {
  if (t->type != &timeout_type && t->type != &interval_type)
    return VALUE_UNDEFINED;
  Value receiver = ((const Timer *)t)->receiver.word;
  if (!value_is_object(receiver)) return VALUE_UNDEFINED;
  Object *timeout = value_as_object(receiver);
  for (uint32_t i = 0; i < timeout->shape->cell.extra; i++) {
    Value value = *object_slot(timeout, i);
    if (value_is_callable(value)) return vm_context_unbound(value);
  }
  return VALUE_UNDEFINED;
}

// A timer whose callback settles a promise, which many do.
static void list_timeout(void *graph, ClockTimer *t) {
  const Promise *settled = vm_resolving_function_promise(function_of(t));
  if (settled != NULL)
    trace_add_wait(graph, value_from_cell(settled), describe, t, t->type->name);
}

typedef struct Listing {
  Runtime *rt;
  void (*each)(void *, const char *, Value, double);
  void *data;
} Listing;

static void list_task(void *data, ClockTimer *t) {
  const Listing *l = data;
  Value function = function_of(t);
  if (value_is_kind(function, CELL_FUNCTION))
    l->each(l->data, t->type->name, function, rt_timer_left(l->rt, t));
}

void rt_timers_list_tasks(Runtime *rt,
                          void (*each)(void *, const char *, Value, double),
                          void *data) {
  Listing l = {rt, each, data};
  rt_timers_visit(rt, list_task, &l);
}

void rt_timers_list_waits(Runtime *rt, TraceGraph *graph) {
  rt_timers_visit(rt, list_timeout, graph);
}

static ClockTimer *timer_of(Value handle) {
  return (ClockTimer *)(uintptr_t)value_as_number(handle);
}

static Value stop_timer(Isolate *iso, const NativeCall *call) {
  stop(rt_of(iso), timer_of(call->argv[0]));
  return VALUE_UNDEFINED;
}

static Value reference_timer(Isolate *iso, const NativeCall *call) {
  rt_timer_reference(rt_of(iso), timer_of(call->argv[0]),
                     value_as_bool(call->argv[1]));
  return VALUE_UNDEFINED;
}

static void keep_polling_short(uv_idle_t *handle) {}

static int32_t count_of(Runtime *rt, const GcRoot *function) {
  Value count = vm_call(rt->isolate, function->word, VALUE_UNDEFINED, 0, NULL);
  if (!value_is_exception(count)) return value_as_int(count);
  vm_take_exception(rt->isolate);
  return 0;
}

static void on_check(uv_check_t *handle) {
  Runtime *rt = handle->data;
  rt_enter(rt);
  do {
    rt_leave(rt, vm_call(rt->isolate, rt->run_immediate.word, VALUE_UNDEFINED,
                         0, NULL));
  } while (!rt->exiting && count_of(rt, &rt->immediates_left) > 0);
  if (rt->exiting || count_of(rt, &rt->immediates_waiting) == 0) {
    uv_check_stop(&rt->run_immediates);
    uv_idle_stop(&rt->immediates_pending);
  }
}

// startImmediates(run, left, waiting): true in a simulation, where immediates
// are timers.
static Value start_immediates(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (rt_is_simulating(rt)) return VALUE_TRUE;
  if (uv_is_active((uv_handle_t *)&rt->run_immediates)) return VALUE_FALSE;
  rt->run_immediate.word = call->argv[0];
  rt->immediates_left.word = call->argv[1];
  rt->immediates_waiting.word = call->argv[2];
  if (rt->run_immediates.data == NULL) {
    uv_check_init(&rt->loop, &rt->run_immediates);
    uv_idle_init(&rt->loop, &rt->immediates_pending);
    rt->run_immediates.data = rt;
  }
  uv_check_start(&rt->run_immediates, on_check);
  // An active idle handle keeps the loop from blocking.
  uv_idle_start(&rt->immediates_pending, keep_polling_short);
  return VALUE_FALSE;
}

// requestTicks(run): run is called before the next jobs.
static Value request_ticks(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  rt->run_ticks.word = call->argv[0];
  rt->ticks_requested = true;
  return VALUE_UNDEFINED;
}

static const NativeExport loop_exports[] = {
    {"referenceTimer", reference_timer, 2},
    {"requestTicks", request_ticks, 1},
    {"startImmediates", start_immediates, 3},
    {"startTimer", start_timer, 4},
    {"stopTimer", stop_timer, 1},
};
const NativeModule rt_loop_module =
    NATIVE_MODULE("rill:internal/loop", loop_exports);
