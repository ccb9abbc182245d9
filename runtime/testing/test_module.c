// SPDX-License-Identifier: MIT
// rill:internal/test: what lib/internal/test_*.js is built on.
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/arguments.h"
#include "runtime/modules/loader.h"
#include "runtime/modules/native_modules.h"
#include "runtime/program/clock.h"
#include "runtime/testing/testing.h"

// The watchdog
// ----------------------------------------------------------------------

static void watch(void *data) {
  Testing *t = data;
  uv_mutex_lock(&t->lock);
  while (!t->thread_ends) {
    if (t->deadline == 0) {
      uv_cond_wait(&t->changed, &t->lock);
      continue;
    }
    uint64_t now = uv_hrtime();
    if (now < t->deadline) {
      uv_cond_timedwait(&t->changed, &t->lock, t->deadline - now);
      continue;
    }
    t->deadline = 0;
    t->expired = true;
    vm_request_interrupt(t->rt->isolate, INTERRUPT_HOST);
    rt_wake(t->rt);
  }
  uv_mutex_unlock(&t->lock);
}

// setDeadline(milliseconds): then the handler is told "timeout", and script
// that runs is ended. Infinity: no deadline. A new one replaces the last.
static Value set_deadline(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "n") ||
      !rt_check_console_allowed(rt_of(iso), "threads"))
    return VALUE_EXCEPTION;
  Testing *t = rt_testing(rt_of(iso));
  if (t == NULL) return VALUE_EXCEPTION;
  double milliseconds = value_as_number(call->argv[0]);
  bool failed = false;
  uv_mutex_lock(&t->lock);
  t->expired = false;
  // What waits for a later time than this wakes up once too often.
  uint64_t before = t->deadline;
  t->deadline =
      isinf(milliseconds) ? 0 : uv_hrtime() + (uint64_t)(milliseconds * 1e6);
  if (t->deadline != 0 && !t->thread_runs) {
    failed = uv_thread_create(&t->thread, watch, t) != 0;
    t->thread_runs = !failed;
  } else if (t->deadline != 0 && (before == 0 || t->deadline < before)) {
    uv_cond_signal(&t->changed);
  }
  uv_mutex_unlock(&t->lock);
  if (failed)
    return vm_throw_error(iso, ERROR_ERROR,
                          "No thread can be started to watch the time");
  return VALUE_UNDEFINED;
}

// callWatched(function, argument): the call; what the watchdog ends throws an
// Error made where it was, of an empty message.
static Value call_watched(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  Value argument = native_argument(call, 1);
  Value result =
      vm_call(iso, native_argument(call, 0), VALUE_UNDEFINED, 1, &argument);
  if (value_is_exception(result) && rt->testing != NULL)
    rt_testing_take_interrupted(rt);
  return result;
}

static void on_uncaught(Runtime *rt) {
  Isolate *iso = rt->isolate;
  Testing *t = rt->testing;
  bool interrupted = rt_testing_take_interrupted(rt);
  bool terminated = vm_is_terminating(iso);
  Value error = vm_take_exception(iso);
  vm_end_termination(iso);
  if (rt->exit_requested || terminated) {
    rt->exiting = true;
    return;
  }
  Value arguments[] = {
      value_from_cell(vm_atom_from_c(interrupted ? "timeout" : "uncaught")),
      error};
  Value done = vm_call(iso, t->handler.word, VALUE_UNDEFINED, 2, arguments);
  if (value_is_exception(done)) {
    // The runner itself fails: nothing better to do than to end.
    rt->on_uncaught = NULL;
    rt_uncaught(rt);
  }
}

// realNow(): milliseconds of the real clock, be it paused or not.
static Value real_now(Isolate *iso, const NativeCall *call) {
  return value_from_number((double)uv_hrtime() / 1e6);
}

// setHandler(function or undefined): gets ("uncaught", error) and ("timeout",
// error or undefined).
static Value set_handler(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (!rt_arguments_are(iso, call, "F")) return VALUE_EXCEPTION;
  Testing *t = rt_testing(rt);
  if (t == NULL) return VALUE_EXCEPTION;
  t->handler.word = native_argument(call, 0);
  rt->on_uncaught = value_is_undefined(t->handler.word) ? NULL : on_uncaught;
  return VALUE_UNDEFINED;
}

// openThings(id): what was made after that id, with a reference: name, id,
// origin, name, id, origin...
static Value open_things(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "n")) return VALUE_EXCEPTION;
  Testing *t = rt_of(iso)->testing;
  Array *list = vm_array_new(iso, 0);
  double after = value_as_number(call->argv[0]);
  for (int i = 0; t != NULL && i < TRACKED_BUCKETS; i++) {
    for (TrackedThing *thing = t->things[i]; thing != NULL;
         thing = thing->next) {
      if ((double)thing->id <= after) continue;
      if (thing->handle != NULL && !uv_has_ref(thing->handle)) continue;
      if (thing->timer != NULL && thing->timer->is_unreferenced) continue;
      if (!vm_array_push(iso, list,
                         value_from_cell(vm_atom_from_c(thing->name))) ||
          !vm_array_push(iso, list, value_from_number((double)thing->id)) ||
          !vm_array_push(iso, list, thing->origin.word))
        return VALUE_EXCEPTION;
    }
  }
  return value_from_cell(list);
}

// lastThing(): the id of what was made last.
static Value last_thing(Isolate *iso, const NativeCall *call) {
  Testing *t = rt_of(iso)->testing;
  return value_from_number(t == NULL ? 0 : (double)t->last_id);
}

// Files
// ---------------------------------------------------------------------

// loadFile(path): runs it as the main program; a promise of its evaluation, or
// undefined if it is CommonJS.
static Value load_file(Isolate *iso, const NativeCall *call) {
  char *path = vm_to_utf8(iso, native_argument(call, 0), NULL);
  if (path == NULL) return VALUE_EXCEPTION;
  Promise *promise;
  bool loaded = rt_load_main(rt_of(iso), path, path, &promise);
  free(path);
  if (!loaded) return VALUE_EXCEPTION;
  return promise == NULL ? VALUE_UNDEFINED : value_from_cell(promise);
}

// isTerminal(): is standard output one?
static Value is_terminal(Isolate *iso, const NativeCall *call) {
  return value_from_bool(rt_is_terminal(rt_of(iso), STDOUT_FILENO));
}

// writeOutput(text): to standard output, now.
static Value write_output(Isolate *iso, const NativeCall *call) {
  if (!rt_check_console_allowed(rt_of(iso), "output")) return VALUE_EXCEPTION;
  size_t length;
  char *text = vm_to_utf8(iso, native_argument(call, 0), &length);
  if (text == NULL) return VALUE_EXCEPTION;
  rt_output(rt_of(iso), text, length);
  rt_output_flush(rt_of(iso));
  free(text);
  return VALUE_UNDEFINED;
}

// The clock
// ----------------------------------------------------------------------

static Value pause_clock(Isolate *iso, const NativeCall *call) {
  if (!rt_clock_pause(rt_of(iso))) return vm_throw_out_of_memory(iso);
  return VALUE_UNDEFINED;
}

static Value resume_clock(Isolate *iso, const NativeCall *call) {
  rt_clock_resume(rt_of(iso));
  return VALUE_UNDEFINED;
}

// clockState(): undefined, or [now, wall, timers, those with a reference, the
// next one's time or undefined, whether it is being advanced] if it is paused.
static Value clock_state(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (!rt_clock_is_paused(rt)) return VALUE_UNDEFINED;
  PausedClock *clock = rt->clock;
  uint32_t referenced = 0;
  for (uint32_t i = 0; i < clock->count; i++) {
    if (!clock->queue[i]->is_unreferenced) referenced++;
  }
  Value parts[] = {
      value_from_number(clock->now),
      value_from_number(clock->wall),
      value_from_uint32(clock->count),
      value_from_uint32(referenced),
      clock->count == 0 ? VALUE_UNDEFINED
                        : value_from_number(clock->queue[0]->due),
      value_from_bool(clock->advancing),
  };
  Array *list = vm_array_from(iso, parts, 6);
  return list == NULL ? VALUE_EXCEPTION : value_from_cell(list);
}

// For what needs a paused clock. False: threw.
static bool check_paused(Isolate *iso, const NativeCall *call,
                         const char *kinds) {
  if (!rt_arguments_are(iso, call, kinds)) return false;
  if (rt_clock_is_paused(rt_of(iso))) return true;
  vm_throw_error(iso, ERROR_ERROR, "The clock is not paused");
  return false;
}

// advanceClock(milliseconds, done)
static Value advance_clock(Isolate *iso, const NativeCall *call) {
  if (!check_paused(iso, call, "nf")) return VALUE_EXCEPTION;
  rt_clock_advance(rt_of(iso), value_as_number(call->argv[0]), call->argv[1]);
  return VALUE_UNDEFINED;
}

// tickClock(milliseconds)
static Value tick_clock(Isolate *iso, const NativeCall *call) {
  if (!check_paused(iso, call, "n")) return VALUE_EXCEPTION;
  return rt_clock_tick(rt_of(iso), value_as_number(call->argv[0]));
}

// setAutoAdvance(on)
static Value set_auto_advance(Isolate *iso, const NativeCall *call) {
  if (!check_paused(iso, call, "b")) return VALUE_EXCEPTION;
  rt_of(iso)->clock->auto_advance = value_as_bool(call->argv[0]);
  return VALUE_UNDEFINED;
}

// setWall(milliseconds since 1970)
static Value set_wall(Isolate *iso, const NativeCall *call) {
  if (!check_paused(iso, call, "n")) return VALUE_EXCEPTION;
  rt_of(iso)->clock->wall = value_as_number(call->argv[0]);
  return VALUE_UNDEFINED;
}

// startSimulation(seed, jitter, log)
static Value start_simulation(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "unb")) return VALUE_EXCEPTION;
  if (!rt_simulation_start(rt_of(iso), (uint64_t)value_as_number(call->argv[0]),
                           value_as_number(call->argv[1]),
                           value_as_bool(call->argv[2])))
    return vm_throw_out_of_memory(iso);
  return VALUE_UNDEFINED;
}

// endSimulation(): [events, a hash of their order, their names or undefined]
static Value end_simulation(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (!rt_is_simulating(rt))
    return vm_throw_error(iso, ERROR_ERROR, "Nothing is simulated");
  char hash[24];
  snprintf(hash, sizeof hash, "%016llx", (unsigned long long)rt->clock->trace);
  Value parts[] = {
      value_from_number((double)rt->clock->steps),
      value_from_cell(vm_string_from_c(iso, hash)),
      rt->clock->log.word,
  };
  Array *list = vm_array_from(iso, parts, 3);
  rt_simulation_end(rt);
  return list == NULL ? VALUE_EXCEPTION : value_from_cell(list);
}

static const NativeExport test_exports[] = {
    {"advanceClock", advance_clock, 2},
    {"callWatched", call_watched, 2},
    {"clockState", clock_state, 0},
    {"closeChannels", rt_test_close_channels, 1},
    {"copyCall", rt_test_copy_call, 3},
    {"copyResult", rt_test_copy_result, 2},
    {"coverageReport", rt_test_coverage_report, 0},
    {"endSimulation", end_simulation, 0},
    {"isSimulating", rt_test_is_simulating, 0},
    {"isTerminal", is_terminal, 0},
    {"lastThing", last_thing, 0},
    {"loadFile", load_file, 1},
    {"openThings", open_things, 1},
    {"pauseClock", pause_clock, 0},
    {"realNow", real_now, 0},
    {"resumeClock", resume_clock, 0},
    {"setAutoAdvance", set_auto_advance, 1},
    {"setDeadline", set_deadline, 1},
    {"setHandler", set_handler, 1},
    {"setWall", set_wall, 1},
    {"startSimulation", start_simulation, 3},
    {"tickClock", tick_clock, 1},
    {"writeOutput", write_output, 1},
};
const NativeModule rt_test_module =
    NATIVE_MODULE("rill:internal/test", test_exports);
