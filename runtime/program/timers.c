// SPDX-License-Identifier: MIT
// rill:internal/loop: timers, immediates and ticks on the libuv loop, for
// modules/lib/internal/timers.js.
#include <stdlib.h>

#include "runtime/arguments.h"
#include "runtime/modules/native_modules.h"
#include "runtime/program/clock.h"
#include "runtime/slab.h"
#include "runtime/trace/snapshot.h"
#include "vm/interpreter/async_context.h"

typedef struct Timer {
  ClockTimer timer;
  GcHandle receiver; // of its function: a Timeout, or an Immediate
  uint32_t place;    // in its chunk
} Timer;

// Memory of timers: those that start together are together. The runtime's
// table has all chunks, so that what a script has of a timer is no address.
enum { CHUNK_TIMERS = 63 };
typedef struct TimerChunk {
  Slab slab;
  uint32_t index; // in the table
  Timer timers[CHUNK_TIMERS];
} TimerChunk;

// Of a table's row that has no chunk: the next such one, doubled and one more.
#define ROW_LINK(row) ((uintptr_t)(row) << 1 | 1)
enum { MOST_CHUNKS = 1 << 24 };

static bool put_into_table(Runtime *rt, TimerChunk *chunk) {
  TimerTable *t = &rt->timer_table;
  uint32_t row = t->free;
  if (row < t->count) {
    t->free = (uint32_t)(t->rows[row] >> 1);
  } else {
    if (t->count == t->capacity) {
      uint32_t capacity = t->capacity == 0 ? 16 : t->capacity * 2;
      uintptr_t *rows = capacity > MOST_CHUNKS
                            ? NULL
                            : realloc(t->rows, capacity * sizeof *rows);
      if (rows == NULL) return false;
      t->rows = rows;
      t->capacity = capacity;
    }
    row = t->count++;
    t->free = t->count;
  }
  t->rows[row] = (uintptr_t)chunk;
  chunk->index = row;
  return true;
}

static TimerChunk *add_chunk(Runtime *rt) {
  TimerChunk *chunk = malloc(sizeof *chunk);
  if (chunk == NULL) return NULL;
  chunk->slab = (Slab){0};
  if (!put_into_table(rt, chunk)) {
    free(chunk);
    return NULL;
  }
  slab_link(&rt->timer_chunks, &chunk->slab);
  return chunk;
}

static Timer *allocate_timer(Runtime *rt) {
  TimerChunk *chunk = (TimerChunk *)rt->timer_chunks;
  if (chunk == NULL && (chunk = add_chunk(rt)) == NULL) return NULL;
  Timer *timer =
      slab_take(&chunk->slab, chunk->timers, sizeof(Timer), CHUNK_TIMERS);
  *timer = (Timer){.place = (uint32_t)(timer - chunk->timers)};
  return timer;
}

static TimerChunk *chunk_of(const Timer *timer) {
  return (TimerChunk *)(void *)((char *)(timer - timer->place) -
                                offsetof(TimerChunk, timers));
}

static void free_timer(Runtime *rt, Timer *timer) {
  TimerChunk *chunk = chunk_of(timer);
  timer->timer.type = NULL; // that is none
  if (!slab_give(&rt->timer_chunks, &chunk->slab, timer, CHUNK_TIMERS)) return;
  slab_unlink(&chunk->slab);
  TimerTable *t = &rt->timer_table;
  t->rows[chunk->index] = ROW_LINK(t->free);
  t->free = chunk->index;
  free(chunk);
}

// What prepareTimeouts was given: the Timeout that others are made like, and
// functions for what is not done here.
enum { PART_LIKE, PART_SET, PART_CLEAR, PART_FIRE, PART_COUNT };
// Properties of a Timeout, as its constructor adds them.
enum {
  TIMEOUT_HANDLE, // #handle
  TIMEOUT_CALLBACK,
  TIMEOUT_DELAY,
  TIMEOUT_ARGUMENTS,
  TIMEOUT_REPEAT,
  TIMEOUT_DESTROYED,
  TIMEOUT_REFERENCED,
  TIMEOUT_ID,
  TIMEOUT_PROPERTIES
};

static Value part(const Runtime *rt, uint32_t which) {
  return ((CellList *)value_as_cell(rt->timeouts.word))->words[which];
}

// Whether it is a Timeout that nobody has given properties of other kinds.
static bool is_plain_timeout(const Runtime *rt, Value value) {
  return value_is_kind(value, CELL_OBJECT) &&
         value_as_object(value)->shape ==
             value_as_object(part(rt, PART_LIKE))->shape;
}

static Value property(Value timeout, uint32_t which) {
  return *object_slot(value_as_object(timeout), which);
}

static void set_property(Isolate *iso, Value timeout, uint32_t which,
                         Value value) {
  gc_store_word(iso->heap, object_slot(value_as_object(timeout), which), value);
}

// The script's handle of a timer, in a private name, is a number: its place,
// its chunk's row in the table, and the end of its id. It is dropped when the
// timer fires or stops.
enum { PLACE_BITS = 6, ROW_BITS = 24, ID_BITS = 53 - PLACE_BITS - ROW_BITS };

static Value handle_of(const Timer *timer) {
  uint64_t id = timer->timer.id & ((1u << ID_BITS) - 1);
  uint64_t row = chunk_of(timer)->index;
  return value_from_number(
      (double)((id << ROW_BITS | row) << PLACE_BITS | timer->place));
}

// NULL: it is none's.
static Timer *timer_of(const Runtime *rt, Value handle) {
  if (!value_is_number(handle)) return NULL;
  double number = value_as_number(handle);
  if (!(number >= 0 && number < 0x1p53)) return NULL;
  uint64_t bits = (uint64_t)number, above = bits >> PLACE_BITS;
  uint32_t place = bits & ((1u << PLACE_BITS) - 1);
  uint32_t row = above & ((1u << ROW_BITS) - 1);
  if (row >= rt->timer_table.count) return NULL;
  uintptr_t address = rt->timer_table.rows[row];
  TimerChunk *chunk = (TimerChunk *)address;
  if ((address & 1) != 0 || place >= chunk->slab.untouched) return NULL;
  Timer *timer = &chunk->timers[place];
  bool is_it =
      timer->timer.type != NULL &&
      ((timer->timer.id ^ above >> ROW_BITS) & ((1u << ID_BITS) - 1)) == 0;
  return is_it ? timer : NULL;
}

static void stop(Runtime *rt, ClockTimer *clock_timer) {
  Timer *timer = (Timer *)clock_timer;
  gc_handle_remove(rt->isolate->heap, &timer->receiver);
  rt_timer_stop(rt, clock_timer);
  free_timer(rt, timer);
}

static Value fire(Runtime *rt, ClockTimer *clock_timer) {
  Isolate *iso = rt->isolate;
  Value timeout = gc_handle_word(&((Timer *)clock_timer)->receiver);
  Value function = part(rt, PART_FIRE);
  if (clock_timer->period == 0) {
    stop(rt, clock_timer);
    if (!rt->timers_are_observed && is_plain_timeout(rt, timeout) &&
        value_is_undefined(property(timeout, TIMEOUT_ARGUMENTS)) &&
        property(timeout, TIMEOUT_REPEAT) == VALUE_NULL &&
        property(timeout, TIMEOUT_ID) == value_from_int(0)) {
      set_property(iso, timeout, TIMEOUT_HANDLE, VALUE_UNDEFINED);
      function = property(timeout, TIMEOUT_CALLBACK);
    }
  }
  return vm_call(iso, function, timeout, 0, NULL);
}

static const ClockTimerType timeout_type = {"setTimeout", fire, stop};
static const ClockTimerType interval_type = {"setInterval", fire, stop};
static const ClockTimerType immediate_type = {"setImmediate", fire, stop};

// The handle; EXCEPTION: out of memory.
static Value start(Isolate *iso, const ClockTimerType *type, double delay,
                   Value receiver) {
  Runtime *rt = rt_of(iso);
  Timer *timer = allocate_timer(rt);
  if (timer == NULL) return vm_throw_out_of_memory(iso);
  if (!gc_handle_add(iso->heap, &timer->receiver, receiver)) {
    free_timer(rt, timer);
    return vm_throw_out_of_memory(iso);
  }
  rt_timer_start(rt, &timer->timer, type, delay, type == &interval_type);
  return handle_of(timer);
}

// startTimer(milliseconds, repeat, receiver): a handle, valid until stopTimer
// or, without repeat, until it fired. 0 milliseconds: an immediate of a
// simulation.
static Value start_timer(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "ubo")) return VALUE_EXCEPTION;
  double delay = value_as_number(call->argv[0]);
  bool repeat = value_as_bool(call->argv[1]);
  return start(iso,
               delay == 0 ? &immediate_type
               : repeat   ? &interval_type
                          : &timeout_type,
               delay, call->argv[2]);
}

// prepareTimeouts(a Timeout, set, clear, fire): once, before any timer.
static Value prepare_timeouts(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "offf")) return VALUE_EXCEPTION;
  Value like = call->argv[PART_LIKE];
  if (!value_is_kind(like, CELL_OBJECT) ||
      value_as_object(like)->shape->property_count != TIMEOUT_PROPERTIES)
    return vm_throw_type(iso, "This is no Timeout");
  CellList *parts = vm_cell_list_new(iso, PART_COUNT);
  for (uint32_t i = 0; i < PART_COUNT; i++)
    gc_publish(&parts->words[i], call->argv[i]);
  rt_of(iso)->timeouts.word = value_from_cell(parts);
  return VALUE_UNDEFINED;
}

// False: threw.
static bool is_prepared(Isolate *iso) {
  if (likely(!value_is_undefined(rt_of(iso)->timeouts.word))) return true;
  vm_throw_error(iso, ERROR_ERROR, "There are no timers yet");
  return false;
}

// setTimeout(callback, milliseconds), with a function and a small integer or
// nothing; everything else is the script's work.
static Value set_timeout(Isolate *iso, const NativeCall *call) {
  const Runtime *rt = rt_of(iso);
  if (unlikely(!is_prepared(iso))) return VALUE_EXCEPTION;
  Value callback = native_argument(call, 0), delay = native_argument(call, 1);
  if (unlikely(call->argc > 2 || !value_is_callable(callback) ||
               rt->timers_are_observed ||
               !(value_is_int(delay) || value_is_undefined(delay)))) {
    return vm_call(iso, part(rt, PART_SET), VALUE_UNDEFINED, call->argc,
                   call->argv);
  }
  if (value_is_undefined(delay) || value_as_int(delay) < 1)
    delay = value_from_int(1);
  callback = vm_context_bind(iso, callback);
  Object *like = value_as_object(part(rt, PART_LIKE));
  Object *timeout = vm_object_from_shape(iso, like->shape);
  Value handle =
      start(iso, &timeout_type, value_as_int(delay), value_from_cell(timeout));
  if (unlikely(value_is_exception(handle))) return handle;
  for (uint32_t i = 0; i < TIMEOUT_PROPERTIES; i++)
    gc_publish(object_slot(timeout, i), *object_slot(like, i));
  gc_publish(object_slot(timeout, TIMEOUT_HANDLE), handle);
  gc_publish(object_slot(timeout, TIMEOUT_CALLBACK), callback);
  gc_publish(object_slot(timeout, TIMEOUT_DELAY), delay);
  return value_from_cell(timeout);
}

static Value clear_timeout(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  Value timeout = native_argument(call, 0);
  if (value_is_undefined(timeout)) return VALUE_UNDEFINED;
  if (unlikely(!is_prepared(iso))) return VALUE_EXCEPTION;
  if (unlikely(!is_plain_timeout(rt, timeout) || rt->timers_are_observed ||
               property(timeout, TIMEOUT_ID) != value_from_int(0)))
    return vm_call(iso, part(rt, PART_CLEAR), VALUE_UNDEFINED, 1, &timeout);
  Value handle = property(timeout, TIMEOUT_HANDLE);
  if (!value_is_undefined(handle)) {
    Timer *timer = timer_of(rt, handle);
    if (likely(timer != NULL)) stop(rt, &timer->timer);
    set_property(iso, timeout, TIMEOUT_HANDLE, VALUE_UNDEFINED);
  }
  set_property(iso, timeout, TIMEOUT_DESTROYED, VALUE_TRUE);
  return VALUE_UNDEFINED;
}

static void describe(TraceSnapshot *s, Runtime *rt, const void *object,
                     const char *note, TraceWait *out) {
  out->kind = TRACE_WAIT_TIMER;
  out->text =
      trace_text(s, "%s, %.0f ms left", note, rt_timer_left(rt, object));
}

// The script's function; undefined: it is no timer of a script.
static Value function_of(const ClockTimer *t) {
  if (t->type != &timeout_type && t->type != &interval_type)
    return VALUE_UNDEFINED;
  return vm_context_unbound(property(
      gc_handle_word(&((const Timer *)t)->receiver), TIMEOUT_CALLBACK));
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

// NULL: threw.
static ClockTimer *this_timer(Isolate *iso, const NativeCall *call) {
  Timer *timer = timer_of(rt_of(iso), native_argument(call, 0));
  if (likely(timer != NULL)) return &timer->timer;
  vm_throw_type(iso, "There is no such timer");
  return NULL;
}

static Value stop_timer(Isolate *iso, const NativeCall *call) {
  ClockTimer *timer = this_timer(iso, call);
  if (timer == NULL) return VALUE_EXCEPTION;
  stop(rt_of(iso), timer);
  return VALUE_UNDEFINED;
}

static Value reference_timer(Isolate *iso, const NativeCall *call) {
  ClockTimer *timer = this_timer(iso, call);
  if (timer == NULL) return VALUE_EXCEPTION;
  rt_timer_reference(rt_of(iso), timer,
                     value_as_bool(native_argument(call, 1)));
  return VALUE_UNDEFINED;
}

static void keep_polling_short(uv_idle_t *handle) {}

static int32_t count_of(Runtime *rt, const GcRoot *function) {
  Value count = vm_call(rt->isolate, function->word, VALUE_UNDEFINED, 0, NULL);
  if (!value_is_exception(count)) return value_as_int(count);
  if (vm_is_terminating(rt->isolate))
    rt_uncaught(rt);
  else
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
  if (!rt_arguments_are(iso, call, "fff")) return VALUE_EXCEPTION;
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
  if (!rt_arguments_are(iso, call, "f")) return VALUE_EXCEPTION;
  rt->run_ticks.word = call->argv[0];
  rt->ticks_requested = true;
  return VALUE_UNDEFINED;
}

// observeTimers(boolean): setTimeout, clearTimeout and what fires go through
// the script.
static Value observe_timers(Isolate *iso, const NativeCall *call) {
  rt_of(iso)->timers_are_observed = vm_to_boolean(native_argument(call, 0));
  return VALUE_UNDEFINED;
}

static const NativeExport loop_exports[] = {
    {"clearTimeout", clear_timeout, 1},
    {"observeTimers", observe_timers, 1},
    {"prepareTimeouts", prepare_timeouts, 4},
    {"referenceTimer", reference_timer, 2},
    {"requestTicks", request_ticks, 1},
    {"setTimeout", set_timeout, 2},
    {"startImmediates", start_immediates, 3},
    {"startTimer", start_timer, 3},
    {"stopTimer", stop_timer, 1},
};
const NativeModule rt_loop_module =
    NATIVE_MODULE("rill:internal/loop", loop_exports);
