/* SPDX-License-Identifier: MIT */
/*
 * Tasks: futures that an executor polls, and what holds them together.
 * Functions may be called by any thread unless they say otherwise.
 */
#ifndef RILL_TASK_H
#define RILL_TASK_H

#include "rill/executor.h"

RILL_BEGIN_DECLARATIONS

/* A join handle: the right to learn how a task ended. Used by one thread at a
 * time. Freeing it lets the task go on; if the task has failed and nobody
 * asked, the executor's unhandled policy applies. */
typedef struct rill_join rill_join;

/* How a task is spawned. */
typedef struct rill_spawn_options {
  size_t size; /* sizeof(rill_spawn_options), set by RILL_SPAWN_OPTIONS_INIT */
  const char *name; /* kept by reference; NULL: that of the future's type */
  int worker;       /* polled by this worker alone; -1: by any */
} rill_spawn_options;
/* All defaults. */
#define RILL_SPAWN_OPTIONS_INIT                                                \
  { .size = sizeof(rill_spawn_options), .worker = -1 }

/* A join handle, the caller's to free. Copies the future into a new task, which
 * drops it at its end: the caller must not use its copy again. NULL: out of
 * memory, shut down, or options are invalid; the future still belongs to the
 * caller. NULL options: defaults. */
RILL_API rill_join *rill_spawn(rill_executor *, const rill_future *,
                               const rill_spawn_options *);

/* A function that blocks, as rill_join_state returns it. */
typedef struct rill_blocking {
  rill_future future;
  void *(*function)(void *argument); /* run by a thread that may block */
  void *argument;                    /* given to it; borrowed */
  void *result; /* what it returned: whose it is they agree upon */
} rill_blocking;
/* Runs a function that blocks on a thread of its own kind. The state that
 * rill_join_state returns is a rill_blocking, for its result. Once started, it
 * cannot be aborted. The join handle is the caller's to free. NULL: as for
 * rill_spawn, and nothing is called. */
RILL_API rill_join *rill_spawn_blocking(rill_executor *,
                                        void *(*function)(void *argument),
                                        void *argument,
                                        const rill_spawn_options *);

/* Ready once the task has ended, its children included. */
RILL_API rill_poll rill_join_poll(rill_join *, rill_context *);
/* How it ended: RILL_OK, RILL_CANCELLED or RILL_FAILED; RILL_WOULD_BLOCK: it
 * has not. */
RILL_API rill_status rill_join_status(rill_join *);
/* After RILL_OK or RILL_FAILED: the future as the task left it, until the
 * handle is freed, which drops it. NULL before, and after RILL_CANCELLED. */
RILL_API rill_future *rill_join_state(rill_join *);
/* After RILL_FAILED: fills it; its texts are good until the handle is freed.
 * False: the task has not failed. */
RILL_API bool rill_join_failure(rill_join *, rill_failure *);
/* Polled no more once this takes effect: its scopes' children are aborted and
 * waited for, then its future is dropped, by a worker. A task that has ended is
 * left alone. */
RILL_API void rill_join_abort(rill_join *);
/* Frees the handle; the task goes on, even if a scope would have waited for it.
 */
RILL_API void rill_join_detach(rill_join *);
/* Frees the handle; the task goes on. NULL does nothing. */
RILL_API void rill_join_free(rill_join *);
/* The task's number. */
RILL_API uint64_t rill_join_id(const rill_join *);

/* The same as a future: `status` is the task's once it is ready. The handle is
 * borrowed. */
typedef struct rill_joining {
  rill_future future;
  rill_join *join;    /* borrowed */
  rill_status status; /* once it is ready */
} rill_joining;
/* Begins to wait for a task. */
RILL_API void rill_joining_init(rill_joining *, rill_join *);
/* Blocks the thread until the task has ended. It runs no tasks: on a
 * current_thread executor somebody else must, or use rill_block_on.
 * RILL_INVALID within a task. */
RILL_API rill_status rill_join_wait(rill_join *, int64_t timeout_nanoseconds);

/* Abort handles outlive join handles and may be used by several threads. */
typedef struct rill_abort rill_abort;
/* An abort handle of the task, the caller's to free. Never NULL. */
RILL_API rill_abort *rill_join_abort_handle(rill_join *);
/* What rill_join_abort does. */
RILL_API void rill_abort_now(rill_abort *);
/* Has the task ended? */
RILL_API bool rill_abort_is_finished(const rill_abort *);
/* Frees the handle; the task goes on. NULL does nothing. */
RILL_API void rill_abort_free(rill_abort *);

/* Within a task: marks it as failed; it should return RILL_READY next. The
 * message is copied, may be NULL. Outside: nothing. */
RILL_API void rill_task_fail(int code, const char *message);
/* The number of the calling task; 0 outside. */
RILL_API uint64_t rill_task_id(void);

/* Join sets ------------------------------------------------------------- */

/* Tasks that are joined in the order in which they end. Used by one thread at a
 * time. Freeing a set aborts its tasks without waiting for them. */
typedef struct rill_join_set rill_join_set;
/* An empty set, the caller's to free, whose tasks this executor runs. NULL: out
 * of memory, or no executor. */
RILL_API rill_join_set *rill_join_set_new(rill_executor *);
/* Frees it; its tasks are aborted, which is not waited for. NULL does nothing.
 */
RILL_API void rill_join_set_free(rill_join_set *);
/* Its number in *id, which may be NULL. Fails as rill_spawn does. */
RILL_API bool rill_join_set_spawn(rill_join_set *, const rill_future *,
                                  const rill_spawn_options *, uint64_t *id);
/* Tasks that were not handed out yet. */
RILL_API size_t rill_join_set_count(const rill_join_set *);
/* Aborts those that have not ended; all of them are still handed out. */
RILL_API void rill_join_set_abort_all(rill_join_set *);
/* One that has ended, to be freed by the caller; NULL: none has. */
RILL_API rill_join *rill_join_set_try_next(rill_join_set *);
/* Waits for the next: `join` is to be freed by the caller, NULL if the set is
 * empty. */
typedef struct rill_join_next {
  rill_future future;
  rill_join_set *set; /* borrowed */
  rill_join *join;    /* once it is ready: the caller's */
} rill_join_next;
/* Begins to wait for one of a set. */
RILL_API void rill_join_next_init(rill_join_next *, rill_join_set *);

/* Scopes ---------------------------------------------------------------- */

/* The usual way to spawn: a child never outlives its scope, unless it is
 * detached. A scope that a task opens belongs to that task: the task only
 * counts as ended once the scope is empty, and when it is aborted its children
 * are aborted and have ended before its own future is dropped, so children may
 * borrow what the parent's future holds. A scope opened outside of tasks
 * belongs to the caller, who has to close it. Used by one thread at a time, but
 * rill_task_scope_cancel, by any. */
typedef struct rill_task_scope rill_task_scope;
/* What happens to children of a scope that was left open when its task ends. */
typedef enum rill_task_scope_end {
  RILL_SCOPE_JOIN, /* if left open: children run to their end */
  RILL_SCOPE_ABORT /* they are aborted */
} rill_task_scope_end;
/* A scope whose children this executor runs, to be freed. NULL: out of memory,
 * or no executor. */
RILL_API rill_task_scope *rill_task_scope_open(rill_executor *,
                                               rill_task_scope_end);
/* As rill_spawn; a join handle is only made when `join` is not NULL. Without
 * one, a failure falls under the unhandled policy, besides being counted.
 * RILL_CLOSED: the scope is closing. */
RILL_API rill_status rill_task_scope_spawn(rill_task_scope *,
                                           const rill_future *,
                                           const rill_spawn_options *,
                                           rill_join **join);
/* Aborts the children that there are; the scope stays open. */
RILL_API void rill_task_scope_cancel(rill_task_scope *);
/* Children that have not ended. */
RILL_API size_t rill_task_scope_count(const rill_task_scope *);
/* Ready once the children have ended; from the first poll on nothing more is
 * spawned. `failed` counts those that ended by rill_task_fail. Then free the
 * scope. */
typedef struct rill_task_scope_closing {
  rill_future future;
  rill_task_scope *scope; /* borrowed */
  size_t failed;          /* once it is ready */
} rill_task_scope_closing;
/* Begins to wait for the children. */
RILL_API void rill_task_scope_closing_init(rill_task_scope_closing *,
                                           rill_task_scope *);
/* Gives up the reference. If children are left, a task's scope goes on as the
 * task's; outside of tasks they are aborted and waited for by the calling
 * thread, which must not be polling for rill_block_on. */
RILL_API void rill_task_scope_free(rill_task_scope *);

/* Task-locals ----------------------------------------------------------- */

/* A variable with a value for each task. Keys are static objects. */
typedef struct rill_task_local {
  /* Frees a value when its task ends; may be NULL. */
  void (*drop)(void *value);
  /* Makes a spawned task's value from its parent's; NULL: it has none. */
  void *(*inherit)(void *value);
} rill_task_local;
/* The calling task's value (or that of the future of rill_block_on), borrowed
 * until it is replaced or the task ends; NULL: none. */
RILL_API void *rill_task_local_get(const rill_task_local *);
/* Replaces it, dropping the old one. RILL_INVALID outside of tasks. */
RILL_API rill_status rill_task_local_set(const rill_task_local *, void *value);

RILL_END_DECLARATIONS
#endif
