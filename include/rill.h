/* SPDX-License-Identifier: MIT */
/*
 * librill: the public API. Everything that an embedder sees is declared here.
 *
 * An isolate is one global object, its heap and its event loop. It is used by
 * one thread at a time: every function below is to be called by the thread that
 * uses the isolate, unless its comment says "any thread".
 *
 * Values are handles. A handle belongs to the innermost open scope and is good
 * until that scope is closed; closing frees all handles and texts of the scope
 * at once, so nothing has to be freed one by one. A new isolate has an
 * outermost scope that lives as long as the isolate; a native function is
 * called with a scope of its own. What must live longer is kept with rill_keep.
 *
 * A call that fails returns NULL (or false) and leaves an error, which
 * rill_get_error describes; it stays until the next call that fails, or
 * rill_clear_error. NULL handles passed as arguments count as undefined.
 */
#ifndef RILL_H
#define RILL_H

#include "rill/base.h"
#include "rill/buffer.h"
#include "rill/class.h"
#include "rill/clone.h"
#include "rill/error.h"
#include "rill/generator.h"
#include "rill/grants.h"
#include "rill/hooks.h"
#include "rill/inspect.h"
#include "rill/module.h"
#include "rill/property.h"
#include "rill/service.h"
#include "rill/value.h"
/* The executor, which needs no isolate. */
#include "rill/executor.h"
#include "rill/future.h"
#include "rill/memory.h"
#include "rill/session.h"
#include "rill/sync.h"
#include "rill/task.h"
#include "rill/time.h"
#include "rill/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of these headers. The first number grows with changes that break
 * programs. */
#define RILL_VERSION_MAJOR 0
#define RILL_VERSION_MINOR 1 /* grows with what is new */
#define RILL_VERSION_PATCH 0 /* grows with what is only repaired */

/* The version of the library that is linked, as "MAJOR.MINOR.PATCH". Any
 * thread. The string is static. */
RILL_API const char *rill_version(void);

/* What scripts may reach beside the language itself. What they spawn
 * (rill:task, Worker) may no more than they, and has a heap limit of the same
 * size for each worker. */
enum {
  /* console, timers, process, web globals, output, threads for tasks */
  RILL_ALLOW_CONSOLE = 1 << 0,
  /* rill:fs, node:fs, modules from disk, Workers, Unix sockets with a path,
   * heap snapshots and traces in files */
  RILL_ALLOW_FILES = 1 << 1,
  RILL_ALLOW_NET = 1 << 2, /* rill:net, rill:http */
  /* rill:process, node:child_process, signals, standard input, terminal modes;
   * to see the environment, to change what belongs to the whole process, and to
   * look at it: dumps of all tasks, traces, the watchdog */
  RILL_ALLOW_PROCESS = 1 << 3,
  /* All of these. */
  RILL_ALLOW_ALL = RILL_ALLOW_CONSOLE | RILL_ALLOW_FILES | RILL_ALLOW_NET |
                   RILL_ALLOW_PROCESS
};

/* What an isolate is made with. */
typedef struct rill_options {
  size_t size;           /* sizeof(rill_options), set by RILL_OPTIONS_INIT */
  size_t max_heap_bytes; /* 0: no limit; beyond it scripts get a RangeError */
  size_t stack_bytes;    /* register stack; 0: 16 MiB */
  uint32_t allow;        /* RILL_ALLOW_*; 0: nothing */
  uint32_t check;        /* RILL_CHECK_* */
  /* What it may reach of files and environment without RILL_ALLOW_FILES and
   * RILL_ALLOW_PROCESS; kept as long as it is needed. NULL: nothing. */
  rill_grants *grants;
  /* Executed lines are counted (rill/inspect.h): scripts are compiled for it
   * and run a few percent slower. */
  bool count_lines;
} rill_options;
/* All defaults. */
#define RILL_OPTIONS_INIT                                                      \
  { sizeof(rill_options), 0, 0, 0, 0, NULL, false }

/* Whether misuse of this API is looked for: calls by another thread, after
 * rill_isolate_free or by a finalizer; handles whose scope is closed or of
 * another isolate; scopes closed in the wrong order, or left open by a native
 * function. Each ends the process by abort(), after a line on standard error
 * that names it. rill_isolate_free then also says which scopes are open and
 * which values are kept, with the places that made them; nothing leaks by that.
 * It makes calls some times slower, and a freed isolate leaves 200 bytes. */
enum {
  RILL_CHECK_DEFAULT = 0, /* on if librill was built with assertions */
  RILL_CHECK_ON = 1,      /* always */
  /* Never. */
  RILL_CHECK_OFF = 2
};

/* An isolate, the caller's to free. NULL options: all defaults. NULL result:
 * out of memory, or the options' size is not set: limits are not ignored. */
RILL_API rill_isolate *rill_isolate_new(const rill_options *options);
/* Frees everything of the isolate, handles and kept values included; runs the
 * finalizers of host objects. Within a native function of the isolate it does
 * nothing but leave an error. NULL does nothing. */
RILL_API void rill_isolate_free(rill_isolate *);
/* Gives the isolate a pointer of the host's own, which rill neither reads nor
 * frees. */
RILL_API void rill_set_data(rill_isolate *, void *data);
/* That pointer, still the host's; NULL until one was set. */
RILL_API void *rill_get_data(rill_isolate *);

/* Scopes -------------------------------------------------------------- */

/* Handles that are freed together. A scope's memory is the caller's, on its
 * stack, say. */
typedef struct rill_scope {
  uintptr_t private_[4];
} rill_scope;
/* Opens a scope in the innermost one. The place is for RILL_CHECK_ON's reports;
 * the macro gives it. */
RILL_API void rill_scope_open_at(rill_isolate *, rill_scope *, const char *file,
                                 int line);
/* Opens a scope in the innermost one; its memory is the caller's until it is
 * closed. */
#define rill_scope_open(isolate, scope)                                        \
  rill_scope_open_at((isolate), (scope), __FILE__, __LINE__)
/* Scopes close in the reverse order of opening. */
RILL_API void rill_scope_close(rill_isolate *, rill_scope *);

/* What rill_keep does; the place, which is borrowed for ever (a literal), is
 * for RILL_CHECK_ON's reports. */
RILL_API rill_kept *rill_keep_at(rill_isolate *, rill_value, const char *file,
                                 int line);
/* Keeps a value beyond its scope, until rill_release or the isolate's end.
 * NULL: out of memory. */
#define rill_keep(isolate, value)                                              \
  rill_keep_at((isolate), (value), __FILE__, __LINE__)
/* A new handle of the kept value, in the innermost scope. NULL: out of memory.
 */
RILL_API rill_value rill_kept_value(rill_isolate *, const rill_kept *);
/* Keeps the value no longer. NULL does nothing. */
RILL_API void rill_release(rill_isolate *, rill_kept *);

/* Running --------------------------------------------------------------- */

/* Runs a script (UTF-8) in the global scope, and the jobs (promise reactions)
 * that it queued. Its completion value, or NULL. `name` is shown in errors;
 * may be NULL. */
RILL_API rill_value rill_eval(rill_isolate *, const char *source, size_t length,
                              const char *name);
/* Runs an ES module and the event loop until the module's evaluation, top-level
 * await included, is over: its namespace object, or NULL. `name` is its path;
 * imports are resolved from there. */
RILL_API rill_value rill_eval_module(rill_isolate *, const char *source,
                                     size_t length, const char *name);
/* Calls a function with this value and arguments, then runs jobs. NULL: it
 * threw, or the value is no function. */
RILL_API rill_value rill_call(rill_isolate *, rill_value function,
                              rill_value this_value, size_t count,
                              const rill_value *arguments);
/* `new constructor(...arguments)`, then runs jobs. NULL: it threw, or the value
 * is no constructor. */
RILL_API rill_value rill_construct(rill_isolate *, rill_value constructor,
                                   size_t count, const rill_value *arguments);
/* Runs the event loop until a promise is settled: the value it was fulfilled
 * with; NULL if it was rejected (the reason is the error) or nothing is left
 * that could settle it. Other values come back at once. */
RILL_API rill_value rill_await(rill_isolate *, rill_value);
/* Runs the event loop until nothing is left to wait for. False: an error was
 * not caught; it is the isolate's error. */
RILL_API bool rill_run_loop(rill_isolate *);

/* Limits ------------------------------------------------------------------ */

/* Ends what the isolate is running, or runs next, with an error that scripts
 * cannot catch (kind RILL_ERROR_TERMINATED). Jobs that scripts have queued,
 * answers to their I/O and reports of rejections are dropped then; I/O and
 * timers that are under way go on when the event loop runs next, within the
 * limits that are set then. What a native function called ends whoever called
 * that, too. Any thread. */
RILL_API void rill_interrupt(rill_isolate *);
/* The same once this much wall time has passed, also while nothing runs and
 * rill_await or rill_run_loop waits; 0 takes the deadline back. */
RILL_API void rill_set_deadline(rill_isolate *, uint64_t milliseconds);
/* The same once this many loop turns and calls have been run; a negative number
 * takes the limit back. */
RILL_API void rill_set_fuel(rill_isolate *, int64_t steps);
/* The steps that are left until then; -1: there is no limit, or it has ended a
 * script, which takes it back. The limit is looked at every thousand steps or
 * so: a script may run by so much over it, and 0 may be left meanwhile. */
RILL_API int64_t rill_fuel(rill_isolate *);
/* Collects all garbage now. */
RILL_API void rill_collect_garbage(rill_isolate *);
/* Bytes that the isolate's heap holds from the system, garbage included. */
RILL_API size_t rill_heap_bytes(rill_isolate *);
/* What the collector did for this isolate; `size` of it is to be set. Any
 * thread, while the isolate is not being freed. False: `size` is too small. */
RILL_API bool rill_get_gc_statistics(rill_isolate *, rill_gc_statistics *);
/* The same of all isolates of the process, Workers and closed ones included.
 * Any thread. */
RILL_API bool rill_get_process_gc_statistics(rill_gc_statistics *);
/* Collects all garbage, then writes what is left to a file that Chrome's
 * DevTools open (.heapsnapshot): the host may, whatever the isolate may. False:
 * rill_get_error says why. */
RILL_API bool rill_write_heap_snapshot(rill_isolate *, const char *path);

/* Native functions ----------------------------------------------------------
 */

/* A function of the language that calls a native one (rill/class.h) with
 * `data`. NULL name: it has none. */
RILL_API rill_value rill_function_new(rill_isolate *, const char *name,
                                      rill_function, void *data);
/* Defines a native function as a global. */
RILL_API bool rill_define(rill_isolate *, const char *name, rill_function,
                          void *data);
/* Within a native function: makes it throw. Returns NULL. */
RILL_API rill_value rill_throw(rill_isolate *, rill_value exception);
/* The same with a new Error, whose message is formatted as printf does. Returns
 * NULL. */
RILL_API rill_value rill_throw_error(rill_isolate *, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/* A pending promise, to be settled by rill_resolve or rill_reject, later, by
 * the host. NULL: out of memory. */
RILL_API rill_value rill_promise(rill_isolate *);
/* Resolves such a promise: it is fulfilled with the value, or follows it if
 * that is a promise or another thenable. Then runs jobs, unless a script is
 * running. False: it is no pending promise, or a job failed. */
RILL_API bool rill_resolve(rill_isolate *, rill_value promise, rill_value);
/* Rejects it with a reason, likewise. */
RILL_API bool rill_reject(rill_isolate *, rill_value promise, rill_value);

/* Futures -------------------------------------------------------------------
 */

/* What a promise is fulfilled with once its future is ready, which is dropped
 * afterwards; NULL after rill_throw: it is rejected. */
typedef rill_value (*rill_future_result)(rill_isolate *, void *data,
                                         rill_future *);
/* A promise for a future, to be returned by a native function, say. The future
 * is copied, which forgets the original, and polled by the isolate's thread
 * while that is in rill_await, rill_run_loop or a worker; it may sleep and
 * spawn. The loop does not end before it is ready. Without `result` the promise
 * is fulfilled with undefined. NULL: out of memory; the future still belongs to
 * the caller. */
RILL_API rill_value rill_promise_of_future(rill_isolate *, const rill_future *,
                                           rill_future_result result,
                                           void *data);
/* The executor whose workers run the functions that the isolate's scripts spawn
 * (rill:task), for the host's own tasks beside them. It is made when it is
 * first asked for and ends with the isolate, which cancels its tasks. NULL: out
 * of memory or threads. */
RILL_API rill_executor *rill_isolate_executor(rill_isolate *);
/* A future that is ready once a promise is settled; `promise` keeps the result
 * or the reason then. It is polled by the isolate's thread alone: in a task
 * that is pinned to the worker that made the isolate, which then runs the
 * isolate's loop, or by rill_block_on. */
typedef struct rill_settled {
  rill_future future;
  rill_isolate *isolate; /* the promise's */
  rill_kept *promise;    /* the caller's */
  bool fulfilled;        /* once it is ready; false: it was rejected */
  rill_kept *private_;
} rill_settled;
/* Begins to wait; the kept promise stays the caller's and is to last as long as
 * the future. RILL_INVALID: no promise. */
RILL_API rill_status rill_settled_init(rill_settled *, rill_isolate *,
                                       rill_kept *promise);

/* Host objects --------------------------------------------------------------
 */

/* Host objects: an object that carries a pointer. `finalize` (may be NULL) runs
 * once the object is garbage, on the isolate's thread, and must not call back
 * into the isolate. `type` is any address of the host's that tells kinds apart.
 */
RILL_API rill_value rill_host_object(rill_isolate *, const void *type,
                                     void *data, rill_finalizer);
/* The pointer of a host object of this type, good as long as the object; NULL
 * for anything else. */
RILL_API void *rill_host_data(rill_isolate *, rill_value, const void *type);

#ifdef __cplusplus
}
#endif

/* Of isolates, and so declared after them. */
#include "rill/pool.h"
#include "rill/prepared.h"

#endif
