// SPDX-License-Identifier: MIT
// A Runtime: one isolate on one libuv loop, with
// I/O operations, timers, modules and the globals of a program. Everything here
// belongs to the thread that made the runtime, but rt_interrupt.
#ifndef RILL_RUNTIME_RUNTIME_H
#define RILL_RUNTIME_RUNTIME_H

#include <uv.h>

#include "runtime/executor/reactor.h"
#include "runtime/executor/slots.h"

#include "vm/interpreter/jobs.h"
#include "vm/interpreter/modules.h"
#include "vm/interpreter/run.h"
#include "vm/objects/isolate.h"

typedef struct Runtime Runtime;

// Where the chunks of timers are (program/timers.c), by row.
typedef struct TimerTable {
  uintptr_t *rows; // a chunk's address, or a link between rows without
  uint32_t count, capacity, free;
} TimerTable;

typedef struct RuntimeOptions {
  size_t max_heap_bytes; // 0: no limit
  size_t stack_bytes;    // 0: default
  const char *executable;
  // process.argv from the script's path on; kept by reference.
  int argument_count;
  char *const *arguments;
  bool lazy_loop; // it is made when something waits for the first time
  bool bare;   // no globals but the language's own: no console, timers, process
  bool no_jit; // no compile queue
  bool trace_gc;      // a line for each collection to standard error
  uint32_t gc_stress; // these four as in GcOptions
  bool gc_stand_in;
  bool gc_verify;
  uint64_t gc_delay_seed;
  size_t gc_trigger_bytes;   // as in GcOptions
  bool gc_stop_the_world;    // no collector thread
  bool trace_jit;            // it says what it does
  bool stress_jit;           // JitOptions.stress
  bool deny_files;           // no I/O operations, no modules from disk
  bool deny_net;             // no sockets, no name look-ups
  bool deny_processes;       // no children, signals, environment, terminal
  bool assume_modules;       // files are ES modules unless named .cjs or .json
  uint64_t family;           // of isolates: 0: a new one, else its parent's
  uint32_t workers;          // threads for spawned tasks; 0: by the environment
  bool typescript;           // text without a file is TypeScript
  const char *import_map;    // a file, read when first needed; or NULL
  struct Coverage *coverage; // vm/bytecode/coverage.h; NULL: off
  struct rill_grants *grants; // io/grants.h; counted; NULL: none
  bool source_maps;           // program/source_maps.h
  const char *conditions;     // more conditions of "exports": "a,b"; or NULL
} RuntimeOptions;

typedef struct Rejections {
  struct Rejection *first, **last, *spare;
} Rejections;
typedef struct ModuleCache ModuleCache;
typedef struct OutputBuffer {
  char *bytes;
  size_t length, capacity;
  int descriptor;
  uint64_t last_flush;
  bool is_broken;  // the reader is gone
  bool is_handled; // a script listens to that; it is told once
  bool is_to_tell;
  struct OutputPump *pump; // writes that do not block; NULL: none yet
} OutputBuffer;

struct Runtime {
  uv_loop_t loop;
  _Atomic bool has_loop; // written by its thread: rt_need_loop
  // What drives the loop: an executor of the runtime's own, on the thread that
  // is in rt_run_loop, made when first needed (rt_executor); or the worker
  // whose thread made the runtime.
  rill_executor *executor;
  bool owns_executor;
  ReactorGuest guest;
  void (*after_turn)(Runtime *); // of a worker's loop; or NULL
  void (*on_loop)(Runtime *);    // the loop was made later; or NULL
  uv_prepare_t before_poll;
  uv_async_t wake; // other threads: something to do
  uv_timer_t waiters_timer;
  // When it fires, in milliseconds of uv_hrtime; 0: it is not active.
  double waiters_due;
  uv_idle_t immediates_pending;
  uv_check_t run_immediates;
  Isolate *isolate;
  RuntimeOptions options;
  bool in_native; // the loop is polling: the collector does not wait for us
  bool is_driven; // rt_run_loop or a worker goes on calling the loop
  struct LoopRun *loop_run; // rt_run_loop's; NULL: none
  bool exiting;             // run nothing more: an uncaught error, or:
  bool exit_requested;      // process.exit
  int exit_code;
  bool exit_code_was_set;
  Rejections *rejections;
  ModuleCache *modules;
  struct SourceMaps *source_maps;    // program/source_maps.h; NULL: not applied
  OutputBuffer output, error_output; // standard output and error
  int8_t terminals[3];               // rt_is_terminal; 0: not asked yet
  uint64_t start_nanoseconds;
  double time_origin; // performance.timeOrigin; 0: not asked for yet
  // Functions of the builtin modules, undefined until those are loaded.
  GcRoot event_handler; // process: (event, ...arguments) -> was it handled?
  GcRoot run_immediate, immediates_left, immediates_waiting;
  GcRoot run_ticks;
  GcRoot promise_hook;    // rill:internal/context
  GcRoot timeouts;        // program/timers.c
  GcRoot platform_symbol; // of structured clone; undefined: none yet
  GcRoot stop_symbol; // tasks/stopped_await.c: of promises; undefined: none yet
  GcRoot builtin_globals; // of builtin modules; undefined: none yet
  bool ticks_requested;
  bool is_told_of_promise;  // the promise_hook runs
  bool timers_are_observed; // by hooks of node:async_hooks
  // Where uncaught errors go instead of standard error; the exception is
  // pending. NULL: reported, and the program ends.
  void (*on_uncaught)(Runtime *);
  void *embedder;                             // of on_uncaught
  const struct EmbedderHooks *embedder_hooks; // embedder.h; NULL: none
  // Traces the embedder's handles; NULL: none.
  void (*trace_embedder)(void *embedder, GcTracer *);
  bool ignore_rejections; // unhandled ones are not reported
  bool console_grouped;   // console.group: all lines are indented
  WheelSlots *timers; // program/clock.h: those of the real clock; the loop's
  uv_timer_t timers_handle;   // fires when they are due
  uint64_t timers_armed_for;  // the tick; WHEEL_NEVER: it is not
  uint32_t timers_referenced; // those of them that keep the program alive
  uint64_t timers_started;
  uint64_t timers_cycles; // the processor's, when the loop's time was last read
  struct Slab *timer_chunks;   // program/timers.c: those with room
  TimerTable timer_table;      // of all of them
  struct PausedClock *clock;   // NULL: has never been paused
  struct IoState *io;          // io/request.h; NULL: no requests yet
  struct WorkerSet *workers;   // tasks/workers.h; NULL: nothing spawned yet
  struct ScriptWorker *worker; // that this is the runtime of; or NULL
  struct ThreadWorker *thread_workers; // tasks/thread_worker.h
  bool is_thread_worker;               // this is the runtime of one
  bool error_is_untold;        // and could not tell its owner of an error
  struct TaskHome *tasks;      // spawned from here
  uint32_t shipping;           // clones of functions being written
  struct ShippedCode *shipped; // web/shipped_code.h; NULL: nothing yet
  struct SentClasses *sent;    // web/sent_classes.h; the same
  struct Testing *testing;     // testing/testing.h; NULL: no tests
  struct RuntimeTrace *trace;  // trace/trace.h
  struct Network *network;     // io/net/handle.h; NULL: no sockets yet
  struct ScriptPool *pools;    // pool/module.c
  // tasks/in_flight.h; NULL: nothing was sent, or the heap has no limit.
  struct InFlight *in_flight;
};

// Collects, then writes what is alive in the format of Chrome's .heapsnapshot
// files. The runtime is entered. False: threw.
bool rt_write_heap_snapshot(Runtime *, const char *path) VM_CHECKED;
// A line for each collection from now on, to standard error.
void rt_trace_gc(Runtime *);

// NULL: out of memory or resources.
Runtime *rt_new(const RuntimeOptions *);
void rt_free(Runtime *);
// The same for the main runtime of a process that ends: what only memory and
// descriptors would be given back for is left to the system.
void rt_end_process(Runtime *);
// Makes the loop unless it is there, which it always is without
// RuntimeOptions.lazy_loop; all native modules, futures and requests may rely
// on it. False: out of memory or resources.
bool rt_need_loop(Runtime *);
// Any thread: the loop looks for what is to be done. Nothing waits if there is
// no loop yet; making it wakes it.
void rt_wake(Runtime *);
// What drives the loop. NULL: out of memory or resources.
rill_executor *rt_executor(Runtime *);
// Atomics.waitAsync (program/waiters.c); rt_waiters_arm: after jobs have run,
// with the isolate entered.
void rt_waiters_init(Runtime *); // in the loop
void rt_waiters_listen(Runtime *);
void rt_waiters_close(Runtime *);
void rt_waiters_arm(Runtime *);
static inline Runtime *rt_of(Isolate *iso) {
  return (Runtime *)iso->host;
}

// Runs a file as the program: loads it as ES module or CommonJS, runs the loop
// until nothing is left to wait for. Prints what nobody caught. Returns the
// exit code.
int rt_run_main(Runtime *, const char *path);
// The same as a script in the global scope (benchmark shells).
int rt_run_script(Runtime *, const char *path);
// The same for a text, as the REPL takes it: a script that may await at its
// top. Prints the completion value, unless undefined.
int rt_run_text(Runtime *, const char *utf8, size_t length, const char *name,
                bool show);
// Evaluates a text as the REPL does, running the loop while it awaits. False:
// it failed, which was reported.
bool rt_evaluate_repl(Runtime *, const char *utf8, size_t length,
                      const char *name, Value *result);
// Prints a value by inspect. `always`: undefined, too.
void rt_show_value(Runtime *, Value, bool always);
// process.exit: unwinds the script; the loop ends. Returns EXCEPTION.
Value rt_exit(Runtime *);
// Runs main(argument) of a builtin module as the program.
int rt_run_builtin(Runtime *, const char *module, Value argument);
// Runs the loop until nothing is left, or until `promise` is settled if it is
// not NULL. False: process.exit was called or an error was not caught.
bool rt_run_loop(Runtime *, Promise *promise_or_null);
// One turn of the loop. False: nothing is left to wait for, or the end.
bool rt_run_loop_once(Runtime *);
// Runs "exit" handlers and flushes; returns the exit code.
int rt_finish(Runtime *);

// The thread goes on to something else: the collector does not wait for it.
void rt_rest(Runtime *);
// Script is about to run from a callback of the loop: takes the heap back.
void rt_enter(Runtime *);
// The callback is over: runs jobs, reports rejections. Call it once at the end
// of every callback that may have run script. `result`: of the call made;
// EXCEPTION is reported as uncaught.
void rt_leave(Runtime *, Value result);
// Forgets what scripts have left to run in this turn, which have been ended:
// jobs, ticks, and the reports of rejections.
void rt_drop_jobs(Runtime *);
// rt_leave would run no job, tick or handler, and arm no timer.
static inline bool rt_is_quiet(const Runtime *rt) {
  const Isolate *iso = rt->isolate;
  return !vm_has_jobs(iso) && !rt->ticks_requested &&
         rt->rejections->first == NULL && iso->async_waiters == 0 &&
         rt->waiters_due == 0 && !rt->exiting;
}
// Reports the pending exception as uncaught: the program ends with code 1
// unless a handler takes it.
void rt_uncaught(Runtime *);
// Any thread: ends the running script, uncatchably.
void rt_interrupt(Runtime *);

// May the isolate reach what the console stands for: output, and threads for
// its tasks? `what` of these the error names. False: threw.
bool rt_check_console_allowed(Runtime *, const char *what) VM_CHECKED;

// Standard output, buffered; flushed before the loop polls, before anything is
// written to standard error, and at exit (program/output.c).
void rt_output(Runtime *, const char *bytes, size_t length);
void rt_output_flush(Runtime *);
// Is standard input, output or error (0 to 2) a terminal?
bool rt_is_terminal(Runtime *, int descriptor);
void rt_error_output(Runtime *, const char *bytes, size_t length);
// A write that does not block, to standard output or error: undefined, if the
// system took it; else a promise of that.
Value rt_output_write(Runtime *, bool to_error, const uint8_t *bytes,
                      size_t length);
// Tells the script of readers that are gone, if it listens.
void rt_tell_broken_output(Runtime *);
// The exit code of a program that nobody reads: what a shell says of one that
// SIGPIPE ended.
enum { RT_EXIT_BROKEN_PIPE = 128 + 13 };
// Writes all that is left, waiting for the readers.
void rt_output_finish(Runtime *);
void rt_output_free(Runtime *);

// program/report.c: an error as shown to people: place, source line, caret,
// stack. malloc'ed UTF-8; NULL: out of memory.
char *rt_describe_error(Isolate *, Value error);
// Says on standard error what it is, or that there is no memory to say it.
void rt_report_error(Runtime *, Value error);
// The place of the first frame in a stack's text. False: none.
typedef struct ErrorPlace {
  char file[1024];
  uint32_t line, column; // 1-based
} ErrorPlace;
bool rt_error_place(Isolate *, const char *stack, ErrorPlace *out);
// The source line there, malloc'ed; NULL: unknown.
char *rt_error_source_line(Isolate *, const ErrorPlace *);
// A line of a text, from 1; malloc'ed. NULL: there is no such line.
char *rt_text_line(const char *text, uint32_t line);

// program/rejections.c
Rejections *rt_rejections_new(void);
void rt_rejections_free(Runtime *);
// Nobody is to hear of those that have not been reported yet.
void rt_rejections_drop(Runtime *);
void rt_rejection_event(Runtime *, PromiseRejectionEvent, Value promise,
                        Value reason);
// Reports what is still unhandled after the jobs ran.
void rt_rejections_process(Runtime *);

// globals/: sets up console, timers, process, ... of the current realm.
void rt_init_globals(Runtime *);
// The process's arguments as main got them, before anything else: process.title
// writes over them. Never told: the title cannot be set.
void rt_title_arguments(int argc, char **argv);
// hooks->builtin_global: what an isolate without the web's globals has of them
// for rill's own modules.
Value rt_builtin_global(Runtime *, Value name);

#endif
