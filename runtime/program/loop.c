// SPDX-License-Identifier: MIT
// The loop of one program: the isolate and the libuv loop take turns. While
// the loop polls, the isolate is in native state, so that the collector never
// waits for an event.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "jit-stub/jit.h"
#include "runtime/embedder.h"
#include "runtime/executor/loop_init.h"
#include "runtime/io/grants.h"
#include "runtime/io/net/handle.h"
#include "runtime/io/request.h"
#include "runtime/modules/loader.h"
#include "runtime/pool/module.h"
#include "runtime/program/clock.h"
#include "runtime/program/source_maps.h"
#include "runtime/tasks/broadcast.h"
#include "runtime/tasks/in_flight.h"
#include "runtime/tasks/thread_worker.h"
#include "runtime/tasks/workers.h"
#include "runtime/testing/testing.h"
#include "runtime/trace/watchdog.h"
#include "runtime/web/sent_classes.h"
#include "runtime/web/shipped_code.h"
#include "vm/builtins/atomics_wait.h"
#include "vm/interpreter/stack_roots.h"

void rt_rest(Runtime *rt) {
  if (rt->in_native) return;
  rt->in_native = true;
  if (unlikely(rt->trace->watched)) trace_turn_ends(rt);
  gc_enter_native(rt->isolate->heap);
}

// What a call of the loop is for.
typedef struct LoopRun {
  Runtime *runtime;
  Promise *promise; // or NULL
} LoopRun;

static bool go_on(void *data) {
  LoopRun *run = data;
  Runtime *rt = run->runtime;
  return !rt->exiting && uv_loop_alive(&rt->loop) && !rt_clock_is_paused(rt) &&
         (run->promise == NULL ||
          promise_state(run->promise) == PROMISE_PENDING);
}

// Where memory was lacking, sockets and the like may be left to nobody that
// would keep the loop running: they are closed before it waits.
static void drop_what_is_lost(Runtime *rt) {
  rt_enter(rt);
  rt->isolate->ran_out_of_memory = false;
  gc_collect(rt->isolate->heap, GC_FULL);
}

static void before_poll(uv_prepare_t *handle) {
  Runtime *rt = handle->data;
  if (unlikely(rt->isolate->ran_out_of_memory)) drop_what_is_lost(rt);
  if (rt->tasks != NULL) rt_tasks_before_wait(rt);
  rt_output_flush(rt);
  // The loop must not block if nothing ran the jobs, or if what it is run for
  // has come in a timer that was due when it began.
  bool has_jobs = !rt->in_native && vm_has_jobs(rt->isolate);
  if (unlikely(has_jobs || (rt->loop_run != NULL && !go_on(rt->loop_run))))
    rt_wake(rt);
  rt_rest(rt);
  exec_reactor_waits();
}

void rt_enter(Runtime *rt) {
  if (rt->in_native) {
    exec_reactor_runs_callbacks();
    gc_leave_native(rt->isolate->heap);
    rt->in_native = false;
    if (unlikely(rt->trace->watched)) trace_turn_begins(rt);
  }
}

// process.nextTick's queue, which goes before jobs.
static void run_ticks(Runtime *rt) {
  rt->ticks_requested = false;
  Value done =
      vm_call(rt->isolate, rt->run_ticks.word, VALUE_UNDEFINED, 0, NULL);
  if (value_is_exception(done)) {
    rt->ticks_requested = true; // the rest of the queue
    rt_uncaught(rt);
  }
}

void rt_drop_jobs(Runtime *rt) {
  Isolate *iso = rt->isolate;
  vm_drop_jobs(iso);
  rt_rejections_drop(rt);
  if (!rt->ticks_requested) return;
  rt->ticks_requested = false;
  Value are_dropped = VALUE_TRUE;
  // Runs nothing of anybody's; without memory the list stays.
  if (value_is_exception(
          vm_call(iso, rt->run_ticks.word, VALUE_UNDEFINED, 1, &are_dropped)))
    vm_forget_exception(iso);
}

// Runs all jobs; what they throw is reported, the rest still runs.
static void drain(Runtime *rt) {
  Isolate *iso = rt->isolate;
  do {
    while ((vm_has_jobs(iso) || rt->ticks_requested) && !rt->exiting) {
      if (rt->ticks_requested) run_ticks(rt);
      if (!rt->exiting && !vm_run_jobs(iso)) rt_uncaught(rt);
    }
    if (rt->exiting) return;
    if (unlikely(rt->rejections->first != NULL)) rt_rejections_process(rt);
  } while ((vm_has_jobs(iso) || rt->ticks_requested) && !rt->exiting);
  if (unlikely(iso->async_waiters != 0 || rt->waiters_due != 0))
    rt_waiters_arm(rt);
  iso->async_context = VALUE_UNDEFINED; // the turn's ends with it
}

void rt_leave(Runtime *rt, Value result) {
  if (value_is_exception(result)) rt_uncaught(rt);
  drain(rt);
  Isolate *iso = rt->isolate;
  if (unlikely(iso->stale_top != NULL) && iso->frame == NULL)
    vm_stack_clear_stale(iso);
  if (unlikely(rt->trace->watched)) {
    trace_turn_ends(rt);
    trace_turn_begins(rt);
  }
}

static void on_wake(uv_async_t *handle) {
  Runtime *rt = handle->data;
  rt_enter(rt);
  if (atomic_load_explicit(&rt->isolate->is_stopped, memory_order_relaxed))
    rt->exiting = true;
  // rill_interrupt, or the host's deadline: waiting ends as running would.
  if (rt->embedder != NULL && !rt->exiting &&
      (atomic_load_explicit(&rt->isolate->interrupt, memory_order_relaxed) &
       INTERRUPT_TERMINATE) != 0 &&
      !vm_safepoint(rt->isolate))
    rt_uncaught(rt);
  if (rt->isolate->async_waiters != 0) vm_atomics_settle(rt->isolate);
  if (rt->output.is_to_tell || rt->error_output.is_to_tell)
    rt_tell_broken_output(rt);
  if (rt->testing != NULL) rt_testing_on_wake(rt);
  if (unlikely(trace_is_asked(rt))) trace_answer(rt);
  drain(rt);
}

// A callback that entered runs its jobs when it leaves, and before_poll looks
// for what else there is: waking the loop would cost two system calls each.
static void hook_wake(void *host) {
  Runtime *rt = host;
  if (rt->in_native) rt_wake(rt);
}

static uint64_t hook_monotonic(void *host) {
  return uv_hrtime();
}

static double hook_wall(void *host) {
  return rt_clock_wall(host);
}

static void hook_rejection(void *host, Isolate *iso,
                           PromiseRejectionEvent event, HostValue promise,
                           HostValue reason) {
  rt_rejection_event(host, event, promise, reason);
}

static void hook_load_module(void *host, Isolate *iso, void *request) {
  rt_load_module(host, request);
}

static void hook_import_meta(void *host, Isolate *iso, HostValue meta,
                             HostValue module) {
  rt_import_meta(host, value_as_object(meta), (Module *)value_as_cell(module));
}

static void hook_map_place(void *host, const void *source, void **file,
                           uint32_t *line, uint32_t *column) {
  rt_map_place(host, source, (String **)file, line, column);
}

static HostValue hook_builtin_global(void *host, Isolate *iso, HostValue name) {
  return rt_builtin_global(host, name);
}

static bool hook_submit_io(void *host, Isolate *iso, uint32_t op, uint32_t argc,
                           const HostValue *argv, IoRequest **out) {
  return rt_submit_io(host, op, argc, argv, out);
}

// Work queued for FinalizationRegistry callbacks runs as a task of the loop.
static void hook_finalizers_ready(void *host, Isolate *iso) {
  rt_wake(host);
}

static bool hook_interrupt(void *host, Isolate *iso) {
  Runtime *rt = host;
  if (rt->testing != NULL && !rt_testing_on_interrupt(rt)) return false;
  if (trace_is_asked(rt)) trace_answer(rt);
  if (rt->embedder_hooks != NULL && !rt->embedder_hooks->interrupt(rt))
    return false;
  return rt_workers_on_interrupt(rt);
}

static void hook_root_changed(void *host, Isolate *iso, Value root) {
  rt_worker_root_changed(host, root);
}

static void hook_trace_roots(void *host, void *tracer) {
  Runtime *rt = host;
  if (rt->trace_embedder != NULL) rt->trace_embedder(rt->embedder, tracer);
}

static void hook_shared_bytes_grown(void *shared) {
  rt_in_flight_grown(shared);
}

static const HostHooks runtime_hooks = {
    .trace_roots = hook_trace_roots,
    .on_interrupt = hook_interrupt,
    .root_changed = hook_root_changed,
    .submit_io = hook_submit_io,
    .wake = hook_wake,
    .monotonic_nanoseconds = hook_monotonic,
    .wall_milliseconds = hook_wall,
    .promise_rejection = hook_rejection,
    .load_module = hook_load_module,
    .import_meta = hook_import_meta,
    .builtin_global = hook_builtin_global,
    .map_place = hook_map_place,
    .finalizers_ready = hook_finalizers_ready,
    .shared_bytes_grown = hook_shared_bytes_grown,
};

// After each round of the loop.
static void on_round(void *data) {
  Runtime *rt = data;
  // Whoever ran script has done so already, mostly; and a worker that has only
  // been woken to look for tasks is not to be told that callbacks run.
  if (!rt->in_native || vm_has_jobs(rt->isolate) || rt->ticks_requested) {
    rt_enter(rt);
    drain(rt);
  }
  if (rt->after_turn != NULL) rt->after_turn(rt);
}

// The loop
// ------------------------------------------------------------------------

void rt_wake(Runtime *rt) {
  if (atomic_load(&rt->has_loop)) uv_async_send(&rt->wake);
}

static bool init_loop(Runtime *rt) {
  if (rt->timers == NULL) rt->timers = malloc(sizeof *rt->timers);
  if (rt->timers == NULL || exec_loop_init(&rt->loop) != 0) return false;
  if (uv_async_init(&rt->loop, &rt->wake, on_wake) != 0) {
    uv_loop_close(&rt->loop);
    return false;
  }
  rt->loop.data = rt;
  rt->wake.data = rt;
  uv_unref((uv_handle_t *)&rt->wake);
  uv_prepare_init(&rt->loop, &rt->before_poll);
  rt->before_poll.data = rt;
  uv_prepare_start(&rt->before_poll, before_poll);
  uv_unref((uv_handle_t *)&rt->before_poll);
  rt_clock_init(rt);
  rt_waiters_init(rt);
  return true;
}

static void close_handle(uv_handle_t *handle, void *unused) {
  if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

// Of one that nothing has used.
static void close_loop(Runtime *rt) {
  uv_prepare_stop(&rt->before_poll);
  uv_walk(&rt->loop, close_handle, NULL);
  uv_run(&rt->loop, UV_RUN_DEFAULT);
  uv_loop_close(&rt->loop);
}

bool rt_need_loop(Runtime *rt) {
  if (likely(atomic_load_explicit(&rt->has_loop, memory_order_relaxed)))
    return true;
  if (!init_loop(rt)) return false;
  // The worker that is calling drives the loop if it has none yet; with another
  // one, somebody else does. A loop that nobody drives would be waited for.
  rt->guest = (ReactorGuest){.loop = &rt->loop, .ran = on_round, .data = rt};
  int error =
      rill_current_worker() >= 0 ? exec_reactor_host(&rt->guest) : UV_EBUSY;
  if (error != 0 && error != UV_EBUSY) {
    close_loop(rt);
    return false;
  }
  if (error == 0) rt->executor = rill_current_executor();
  atomic_store(&rt->has_loop, true);
  // Who wanted to wake it could not until now.
  uv_async_send(&rt->wake);
  if (rt->on_loop != NULL) rt->on_loop(rt);
  return true;
}

rill_executor *rt_executor(Runtime *rt) {
  if (likely(rt->executor != NULL)) return rt->executor;
  if (!rt_need_loop(rt)) return NULL;
  if (rt->executor != NULL) return rt->executor; // the worker's
  rill_executor *executor = rill_executor_new(NULL, NULL);
  if (executor == NULL) return NULL;
  if (exec_reactor_host_on(executor, &rt->guest) != 0) {
    rill_executor_free(executor);
    return NULL;
  }
  rt->owns_executor = true;
  return rt->executor = executor;
}

static void add_root(GcHeap *heap, GcRoot *root) {
  gc_root_add(heap, root, VALUE_UNDEFINED);
}

static void remove_root(GcHeap *heap, GcRoot *root) {
  if (root->next != NULL) gc_root_remove(heap, root);
}

static void for_each_root(Runtime *rt, void (*work)(GcHeap *, GcRoot *)) {
  GcHeap *heap = rt->isolate->heap;
  work(heap, &rt->event_handler);
  work(heap, &rt->run_immediate);
  work(heap, &rt->immediates_left);
  work(heap, &rt->immediates_waiting);
  work(heap, &rt->run_ticks);
  work(heap, &rt->promise_hook);
  work(heap, &rt->timeouts);
  work(heap, &rt->platform_symbol);
  work(heap, &rt->stop_symbol);
  work(heap, &rt->builtin_globals);
}

static _Atomic uint64_t families;

Runtime *rt_new(const RuntimeOptions *options) {
  Runtime *rt = calloc(1, sizeof *rt);
  if (rt == NULL) return NULL;
  rt->options = *options;
  rt_grants_retain(rt->options.grants);
  if (rt->options.family == 0)
    rt->options.family = 1 + atomic_fetch_add(&families, 1);
  rt->output.descriptor = STDOUT_FILENO;
  rt->error_output.descriptor = STDERR_FILENO;
  // Not uv_hrtime: a short program needs nothing else of libuv, whose code a
  // start would have to read.
  rt->start_nanoseconds = gc_now_ns();
  if (!options->lazy_loop && !rt_need_loop(rt)) {
    rt_grants_release(rt->options.grants);
    free(rt->timers);
    free(rt);
    return NULL;
  }
  rt->rejections = rt_rejections_new();
  rt->modules = rt_module_cache_new();
  IsolateOptions isolate_options = {
      .max_heap_bytes = options->max_heap_bytes,
      .stack_bytes = options->stack_bytes,
      .gc_stress = options->gc_stress,
      .gc_stand_in = options->gc_stand_in,
      .gc_verify = options->gc_verify,
      .gc_delay_seed = options->gc_delay_seed,
      .gc_trigger_bytes = options->gc_trigger_bytes,
      .gc_stop_the_world = options->gc_stop_the_world,
      .hooks = &runtime_hooks,
      .host = rt,
  };
  rt->isolate = rt->rejections == NULL || rt->modules == NULL
                    ? NULL
                    : vm_isolate_new(&isolate_options);
  if (rt->isolate == NULL ||
      (rt->isolate->realm == NULL && vm_realm_new(rt->isolate) == NULL)) {
    rt_free(rt);
    return NULL;
  }
  rt->isolate->coverage = options->coverage;
  for_each_root(rt, add_root);
  rt_waiters_listen(rt);
  if (!options->no_jit && rt->isolate->jit == NULL) {
    JitOptions jit = {.trace = options->trace_jit,
                      .stress = options->stress_jit};
    if (!jit_attach(rt->isolate, &jit)) {
      rt_free(rt);
      return NULL;
    }
  }
  if (!trace_register(rt)) {
    rt_free(rt);
    return NULL;
  }
  if (options->source_maps && !rt_source_maps_enable(rt)) {
    rt_free(rt);
    return NULL;
  }
  if (options->trace_gc) rt_trace_gc(rt);
  rt_module_cache_init(rt);
  if (!options->bare) rt_init_globals(rt);
  return rt;
}

// Closes what is in the loop, and waits for that.
static void run_out(Runtime *rt) {
  if (rt->executor != NULL) exec_reactor_leave(&rt->guest);
  uv_walk(&rt->loop, close_handle, NULL);
  uv_prepare_stop(&rt->before_poll);
  // Requests of the thread pool are waited for: they own memory of ours.
  while (uv_run(&rt->loop, rt_io_hurry(rt) ? UV_RUN_NOWAIT : UV_RUN_DEFAULT) !=
         0) {
  }
}

// Ends what is going on, other threads' part of it too.
static void stop(Runtime *rt) {
  rt_output_finish(rt);
  rt->exiting = true;
  trace_unregister(rt);
  if (rt->isolate != NULL) {
    rt_enter(rt);
    rt_thread_workers_close(rt);
    rt_pools_close(rt);
    rt_workers_close(rt);
    rt_broadcast_leave(rt);
    rt_waiters_close(rt);
    rt_network_close(rt);
    rt_io_close(rt);
    rt_clock_close(rt);
    rt_testing_free(rt);
  }
  if (rt->owns_executor) exec_reactor_stop(rt->executor, NULL);
}

void rt_end_process(Runtime *rt) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  rt_free(rt);
#else
  stop(rt);
  if (rt->has_loop && uv_loop_alive(&rt->loop)) run_out(rt);
#endif
}

void rt_free(Runtime *rt) {
  stop(rt);
  if (rt->has_loop) run_out(rt);
  rt_workers_free(rt);
  rt_io_free(rt);
  if (rt->isolate != NULL) {
    rt_network_free(rt);
    rt_shipped_free(rt);
    rt_sent_classes_free(rt);
  }
  rt_in_flight_release(rt->in_flight);
  rt_rejections_free(rt);
  rt_module_cache_free(rt, rt->modules);
  rt_source_maps_free(rt->source_maps);
  if (rt->isolate != NULL) {
    for_each_root(rt, remove_root);
    rt_output_free(rt);
    trace_free(rt);
    vm_isolate_free(rt->isolate);
  }
  if (rt->has_loop) uv_loop_close(&rt->loop);
  if (rt->owns_executor) rill_executor_free(rt->executor);
  rt_grants_release(rt->options.grants);
  free(rt->timers);
  free(rt);
}

static bool is_over(void *data) {
  return false;
}

static bool paused_turn(void *data) {
  return rt_clock_turn(data);
}

// There must be something to drive the loop with. False: threw, which was
// reported.
static bool need_executor(Runtime *rt) {
  if (rt_executor(rt) != NULL) return true;
  rt_enter(rt);
  vm_throw_out_of_memory(rt->isolate);
  rt_uncaught(rt);
  return false;
}

bool rt_run_loop_once(Runtime *rt) {
  if (!need_executor(rt)) return false;
  if (rt_clock_is_paused(rt))
    return exec_reactor_turn_by(rt->executor, paused_turn, rt);
  exec_reactor_drive(rt->executor, is_over, NULL);
  return !rt->exiting && (uv_loop_alive(&rt->loop) || rt_clock_is_alive(rt));
}

static void drive(Runtime *rt, LoopRun *run) {
  bool outer = rt->is_driven;
  LoopRun *outer_run = rt->loop_run;
  rt->is_driven = true;
  rt->loop_run = run;
  exec_reactor_drive(rt->executor, go_on, run);
  rt->loop_run = outer_run;
  rt->is_driven = outer;
  // Whoever waits for the loop's descriptor is to hear of what comes.
  if (!outer && rt->tasks != NULL) rt_tasks_not_awake(rt);
}

bool rt_run_loop(Runtime *rt, Promise *promise) {
  if (!rt->has_loop && promise == NULL) {
    rt_enter(rt);
    drain(rt);
    if (!rt->has_loop) return !rt->exiting; // nothing waits for anything
  }
  if (!need_executor(rt)) return false;
  // The promise stays reachable while the loop runs.
  GcRoot root;
  gc_root_add(rt->isolate->heap, &root,
              promise == NULL ? VALUE_UNDEFINED : value_from_cell(promise));
  rt_enter(rt);
  drain(rt);
  LoopRun run = {rt, promise};
  bool alive = true;
  while (alive && !rt->exiting &&
         (promise == NULL || promise_state(promise) == PROMISE_PENDING)) {
    if (rt_clock_is_paused(rt)) {
      alive = rt_run_loop_once(rt);
    } else {
      drive(rt, &run);
      alive = rt_clock_is_paused(rt) || uv_loop_alive(&rt->loop);
    }
  }
  rt_enter(rt); // roots must not change behind the collector's back
  gc_root_remove(rt->isolate->heap, &root);
  return !rt->exiting;
}

void rt_interrupt(Runtime *rt) {
  vm_request_interrupt(rt->isolate, INTERRUPT_TERMINATE);
  rt_wake(rt);
}
