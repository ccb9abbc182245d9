/* SPDX-License-Identifier: MIT */
/*
 * The executor: workers that poll tasks.
 *
 * RILL_CURRENT_THREAD has one worker and no thread: tasks run while some thread
 * is in rill_block_on or rill_executor_step. RILL_MULTI_THREAD has a thread for
 * each worker; an idle worker steals from the others. Either has a pool of
 * threads for functions that block, timers, and a libuv loop for each worker.
 *
 * Functions may be called by any thread unless they say otherwise. Where an
 * executor is asked for, NULL stands for the one whose worker is calling.
 */
#ifndef RILL_EXECUTOR_H
#define RILL_EXECUTOR_H

#include "rill/future.h"

RILL_BEGIN_DECLARATIONS

/* Workers, their tasks, timers and threads. */
typedef struct rill_executor rill_executor;

/* Whose threads run the tasks. */
typedef enum rill_flavor {
  RILL_CURRENT_THREAD, /* those that drive the executor */
  RILL_MULTI_THREAD    /* its own, one for each worker */
} rill_flavor;

/* A task that failed although nobody will ask how it ended. */
typedef struct rill_failure {
  uint64_t task;       /* its number */
  const char *name;    /* of its future's type or of its options */
  int code;            /* as given to rill_task_fail */
  const char *message; /* "" if none */
} rill_failure;

/* What happens when a task fails and nobody will ask how it ended. */
typedef enum rill_unhandled {
  RILL_UNHANDLED_REPORT,  /* a line on standard error, or on_unhandled */
  RILL_UNHANDLED_IGNORE,  /* nothing */
  RILL_UNHANDLED_SHUTDOWN /* as REPORT, then all tasks are cancelled */
} rill_unhandled;

/* A poll, or a callback of the loop, that does not come back. */
typedef struct rill_stall {
  uint32_t worker;      /* its number */
  uint64_t task;        /* 0: no task, but a callback of the loop */
  const char *name;     /* of the task */
  uint64_t nanoseconds; /* how long so far */
} rill_stall;

/* What an executor is made with; zeros are the defaults. */
typedef struct rill_executor_options {
  size_t size; /* sizeof(rill_executor_options): RILL_EXECUTOR_OPTIONS_INIT */
  rill_flavor flavor;    /* how its tasks are run */
  uint32_t workers;      /* 0: rill_available_parallelism(); at most 1024 */
  const char *name;      /* threads are NAME-0, ...; NULL: "rill" */
  uint32_t max_blocking; /* threads for rill_spawn_blocking; 0: 512 */
  uint32_t blocking_keep_alive_ms; /* idle ones end after this; 0: 10 s */
  uint32_t event_interval;         /* polls between looks at I/O; 0: 61 */
  uint32_t global_queue_interval;  /* polls between looks at it; 0: 31 */
  bool no_lifo_slot;   /* a woken task waits its turn behind all others */
  bool poll_histogram; /* measure how long each poll takes: two clock reads */
  /* CURRENT_THREAD only. The clock stands still until it is advanced; when all
   * tasks wait, it jumps to the next timer. */
  bool paused_clock;
  /* CURRENT_THREAD only, not 0: a simulation. What runs next is drawn from this
   * seed, tasks are made to yield at drawn moments, and blocking functions run
   * on the same thread, where they must not wait for tasks: the same seed gives
   * the same run. */
  uint64_t seed;
  rill_unhandled unhandled; /* what failures lead to that nobody asks for */
  /* Any thread; must not block. NULL: a line on standard error. */
  void (*on_unhandled)(void *data, const rill_failure *);
  void *data; /* of this and all other callbacks */
  /* MULTI_THREAD only: a worker that does not come back for so long is told to
   * on_stall, once, by a thread that watches; the exactness is a millisecond.
   * 0: no. */
  uint32_t stall_ms;
  /* By the thread that watches. */
  void (*on_stall)(void *data, const rill_stall *);
  /* By each worker: when its thread starts and stops (MULTI_THREAD only),
   * before it goes to sleep and after. May be NULL. */
  void (*on_start)(void *data, uint32_t worker);
  void (*on_stop)(void *data, uint32_t worker);   /* when its thread stops */
  void (*on_park)(void *data, uint32_t worker);   /* before it goes to sleep */
  void (*on_unpark)(void *data, uint32_t worker); /* after it has slept */
} rill_executor_options;
/* All defaults. */
#define RILL_EXECUTOR_OPTIONS_INIT                                             \
  { .size = sizeof(rill_executor_options) }

/* How many threads can run at once here: CPU affinity and control groups are
 * respected. At least 1. */
RILL_API uint32_t rill_available_parallelism(void);

/* An executor, the caller's to free. NULL options: current_thread with
 * defaults. NULL result: options are invalid (a seed or a paused clock with
 * several workers), or memory, threads or descriptors are out; *status, if
 * asked for, says which. */
RILL_API rill_executor *rill_executor_new(const rill_executor_options *,
                                          rill_status *status);
/* Cancels all tasks, waits for them and for blocking functions without limit
 * (see rill_executor_shutdown for one), frees the executor. Not to be called by
 * a worker, nor while another thread is in rill_block_on. Join handles stay
 * valid; they tell RILL_CANCELLED. */
RILL_API void rill_executor_free(rill_executor *);

/* Polls until the future is ready, which may use timers and spawn. A
 * current_thread executor runs its tasks meanwhile on this thread (when several
 * threads do this, one at a time runs tasks). RILL_INVALID: called by a task.
 * RILL_SHUT_DOWN: it was shut down before the future was ready. RILL_DEADLOCK:
 * in a simulation, everything waits and no timer is left; the future may be
 * polled again, or dropped. */
RILL_API rill_status rill_block_on(rill_executor *, rill_future *);

/* Driving from another event loop, current_thread only, always from one thread:
 * wait until the descriptor is readable or the timeout is over, then step. */

/* A descriptor that is readable when a step has something to do; the same one
 * as long as the executor lives, whatever isolates come and go. -1: none
 * (multi_thread, or no descriptors are left). */
RILL_API int rill_executor_fd(rill_executor *);
/* Milliseconds until a step is due even if the descriptor is not readable; 0:
 * now; -1: only when it is. */
RILL_API int rill_executor_timeout(rill_executor *);
/* Runs what is ready, up to one round of I/O and some hundred polls; does not
 * block. True: there is more to do now. */
RILL_API bool rill_executor_step(rill_executor *);

/* Within a worker: its number, else -1. */
RILL_API int rill_current_worker(void);
/* The executor whose worker or rill_block_on is calling, borrowed, or NULL. */
RILL_API rill_executor *rill_current_executor(void);
/* Within a worker: its uv_loop_t, for pinned tasks to make handles on; the
 * executor owns and runs it. Handles must be closed before their task ends.
 * NULL outside. */
RILL_API void *rill_worker_loop(void);
/* How many workers it has. */
RILL_API uint32_t rill_executor_workers(const rill_executor *);

/* Shutdown -------------------------------------------------------------- */

/* The phases, in order. Each is entered only when the one before is over. */
typedef enum rill_phase {
  RILL_PHASE_RUNNING,    /* it was not shut down */
  RILL_PHASE_DRAINING,   /* only tasks may spawn; all tasks run to their end */
  RILL_PHASE_CANCELLING, /* nothing is spawned; tasks are aborted, children
                            before their parents; queued blocking functions are
                            dropped, running ones are waited for */
  RILL_PHASE_STOPPING,   /* no tasks are left; threads end */
  RILL_PHASE_STOPPED     /* nothing runs any more: it is to be freed */
} rill_phase;
/* The phase that it is in now. */
RILL_API rill_phase rill_executor_phase(const rill_executor *);

/* What a task does. */
typedef enum rill_activity {
  RILL_TASK_WAITING,  /* for a wake-up */
  RILL_TASK_QUEUED,   /* ready, not yet polled */
  RILL_TASK_POLLING,  /* being polled: it does not come back */
  RILL_TASK_BLOCKING, /* a blocking function that is running */
  RILL_TASK_CLOSING   /* ended, waits for the children of its scopes */
} rill_activity;
/* A task that has not ended. */
typedef struct rill_task_info {
  uint64_t id;            /* its number */
  const char *name;       /* of its options or its future's type */
  rill_activity activity; /* what it does now */
  int worker;             /* that it is pinned to; -1: none */
  /* While it waits: the future of this library that it polled last, "sleep" or
   * "recv"; "" if it polled none. */
  const char *waits_for;
} rill_task_info;
/* Calls back for each task that has not ended. The callback must not call into
 * the executor. Tasks that start or end meanwhile may be missed. */
RILL_API void rill_executor_tasks(rill_executor *,
                                  void (*)(void *data, const rill_task_info *),
                                  void *data);

/* How to shut an executor down. */
typedef struct rill_shutdown {
  size_t size; /* sizeof(rill_shutdown), set by RILL_SHUTDOWN_INIT */
  /* How long to drain (0: not at all) and how long to cancel; negative: without
   * limit. */
  int64_t drain_ms, cancel_ms;
  /* When a phase runs out of time: called for each task that held it up. */
  void (*on_blocker)(void *data, rill_phase, const rill_task_info *);
  void *data; /* given to on_blocker */
} rill_shutdown;
/* No draining; cancelling without limit. */
#define RILL_SHUTDOWN_INIT                                                     \
  { .size = sizeof(rill_shutdown), .cancel_ms = -1 }
/* Graceful with drain_ms, forced without. RILL_OK: stopped, to be freed.
 * RILL_TIMED_OUT: tasks do not come back; the executor is still cancelling, and
 * this may be called again. RILL_INVALID: called by a worker. NULL: defaults.
 */
RILL_API rill_status rill_executor_shutdown(rill_executor *,
                                            const rill_shutdown *);

/* Metrics --------------------------------------------------------------- */

/* Entries of a histogram of poll times. */
#define RILL_POLL_BUCKETS 24
/* What one worker does. Counts are since its start. */
typedef struct rill_worker_metrics {
  size_t size;               /* set it to sizeof(rill_worker_metrics) */
  uint64_t polls;            /* of tasks */
  uint64_t rounds;           /* of an isolate's loop, in which callbacks ran */
  uint64_t busy_nanoseconds; /* not asleep, nor waiting for I/O */
  uint64_t parks;            /* times it went to sleep */
  uint64_t steals;           /* tasks stolen from others */
  uint64_t steal_operations; /* times it stole some */
  uint64_t overflows;        /* times its queue was full */
  uint64_t timers;           /* waiting now */
  uint32_t queued;           /* tasks in its queues now */
  /* Polls that took less than 2^i times 256 ns; the last: all longer ones. Only
   * with poll_histogram. */
  uint64_t poll_times[RILL_POLL_BUCKETS];
} rill_worker_metrics;
/* False: no such worker, or the struct is too small. Values may be a moment
 * old. */
RILL_API bool rill_executor_worker_metrics(rill_executor *, uint32_t worker,
                                           rill_worker_metrics *);

/* What an executor does as a whole. */
typedef struct rill_executor_metrics {
  size_t size;       /* set it to sizeof(rill_executor_metrics) */
  uint64_t spawned;  /* since the start */
  uint64_t alive;    /* tasks that have not ended */
  uint64_t injected; /* waiting in the global queue now */
  /* Threads for functions that block; those without work; functions that wait.
   */
  uint32_t blocking_threads, blocking_idle, blocking_queued;
} rill_executor_metrics;
/* Fills the struct, unless its size says that it is too small. Values may be a
 * moment old. */
RILL_API void rill_executor_get_metrics(rill_executor *,
                                        rill_executor_metrics *);

RILL_END_DECLARATIONS
#endif
