/* SPDX-License-Identifier: MIT */
/*
 * Pools: scripts evaluated by a fixed set of workers.
 *
 * A worker is a thread with an isolate of its own, or, in a pool without
 * threads, whoever waits for an evaluation. It runs one evaluation at a time,
 * to its end: what the script awaits is waited for. Evaluations wait for a
 * worker in one queue, first come, first served, whose length is limited.
 *
 * Functions may be called by any thread, native functions of scripts included,
 * unless they say otherwise. Those that wait must not be called by a task
 * (RILL_INVALID), which polls the future of the same purpose instead.
 */
#ifndef RILL_POOL_H
#define RILL_POOL_H

#include "rill.h"
#include "rill/sync.h"

RILL_BEGIN_DECLARATIONS

/* Workers, their isolates, the queue. */
typedef struct rill_pool rill_pool;

/* What happened to a pool's work, for on_event. */
typedef enum rill_pool_event_kind {
  RILL_POOL_WORKER_STARTED, /* its thread runs */
  RILL_POOL_ISOLATE_MADE,   /* `nanoseconds`: how long, bootstrap included */
  RILL_POOL_QUEUED,         /* an evaluation waits for a worker */
  RILL_POOL_REJECTED,       /* the queue was full */
  RILL_POOL_BEGUN,          /* `nanoseconds`: how long it was queued */
  RILL_POOL_ENDED,          /* `nanoseconds`: how long it ran */
  RILL_POOL_SESSION_OPENED, /* by its first evaluation */
  RILL_POOL_SESSION_CLOSED, /* it is over */
  RILL_POOL_WORKER_STOPPED  /* its thread ends */
} rill_pool_event_kind;

/* How an evaluation stands. */
typedef enum rill_outcome {
  RILL_OUTCOME_QUEUED,    /* it waits for a worker */
  RILL_OUTCOME_RUNNING,   /* a worker is at it */
  RILL_OUTCOME_RETURNED,  /* ended, as all below: with a value */
  RILL_OUTCOME_THREW,     /* the script, or making its isolate, failed */
  RILL_OUTCOME_TIMED_OUT, /* it was stopped */
  RILL_OUTCOME_CANCELLED  /* by rill_evaluation_cancel or the pool's end */
} rill_outcome;
/* "queued", "running", ... The string is static. */
RILL_API const char *rill_outcome_name(rill_outcome);

/* Something that happened. Its texts are good during the call. */
typedef struct rill_pool_event {
  rill_pool_event_kind kind; /* what happened */
  rill_outcome outcome;      /* of RILL_POOL_ENDED */
  int worker;                /* -1: none */
  uint64_t evaluation;       /* its number; 0: none */
  const char *session;       /* its id; NULL: none */
  uint64_t time;             /* nanoseconds of a monotonic clock */
  uint64_t nanoseconds;      /* see the kinds; else 0 */
} rill_pool_event;
/* A line about an event, without a newline, as snprintf: as JSON, or for
 * people. */
RILL_API size_t rill_pool_event_text(const rill_pool_event *, bool as_json,
                                     char *text, size_t size);

/* Where events are written besides being told to on_event. */
typedef enum rill_pool_trace {
  RILL_POOL_TRACE_OFF,  /* nowhere */
  RILL_POOL_TRACE_TEXT, /* lines on standard error */
  RILL_POOL_TRACE_JSON  /* the same, an object a line */
} rill_pool_trace;

/* What a pool is made with; zeros are the defaults. */
typedef struct rill_pool_options {
  size_t size;      /* sizeof(rill_pool_options): RILL_POOL_OPTIONS_INIT */
  uint32_t workers; /* 0: rill_available_parallelism(); at most 1024 */
  /* No threads: evaluations run on threads that wait for one, or call
   * rill_pool_step, one at a time. A pool whose first thread cannot be started
   * is such a pool, too. */
  bool without_threads;
  size_t queue_limit;  /* evaluations that wait for a worker; 0: 1024 */
  uint64_t timeout_ms; /* how long an evaluation may run; 0: without limit */
  /* A script that is run in every isolate before all else; compiled once. The
   * text is copied. NULL: none. */
  const char *bootstrap;
  size_t bootstrap_length;       /* or RILL_TEXT_END */
  const char *bootstrap_name;    /* in errors; NULL: "bootstrap" */
  uint64_t bootstrap_timeout_ms; /* 0: without limit */
  /* Rights and limits of each isolate. What evaluations leave (values, errors)
   * counts until they are released: `workers` times max_heap_bytes of it may
   * there be, and more is refused, as RILL_OUTCOME_THREW with a RangeError. */
  rill_options isolate;
  rill_pool_trace trace; /* where events are written */
  /* Called by a worker for each isolate that it makes, before the bootstrap: to
   * define native functions. False: the isolate is given up, and what was to
   * run in it throws. May be NULL. */
  bool (*on_isolate)(void *data, rill_isolate *, uint32_t worker);
  /* Called by the thread where it happens. It must not call the pool. May be
   * NULL. */
  void (*on_event)(void *data, const rill_pool_event *);
  void *data; /* of both */
  /* Sessions that are open at once, each with an isolate; 0: 1024. */
  size_t session_limit;
} rill_pool_options;
/* All defaults. */
#define RILL_POOL_OPTIONS_INIT                                                 \
  { .size = sizeof(rill_pool_options), .isolate = RILL_OPTIONS_INIT }

/* A pool, the caller's to free. NULL options: defaults. Threads start when
 * there is work for them. NULL: memory is out, or options are invalid; *status,
 * if asked for, says which. */
RILL_API rill_pool *rill_pool_new(const rill_pool_options *,
                                  rill_status *status);
/* Starts this many workers (0: all) and makes their isolates, and waits for
 * that. RILL_FAILED: an isolate could not be made, as evaluations will tell. */
RILL_API rill_status rill_pool_prewarm(rill_pool *, uint32_t workers);
/* The pool takes no more; what is queued and runs goes on for `drain_ms` (0:
 * not at all, negative: without limit), what has not ended by then is
 * cancelled. Waits until the threads have ended. By one thread at a time.
 * RILL_INVALID: called by a worker. */
RILL_API rill_status rill_pool_shutdown(rill_pool *, int64_t drain_ms);
/* Shuts it down, if that was not done, and frees it. Evaluations stay valid. */
RILL_API void rill_pool_free(rill_pool *);
/* A pool without threads: runs one evaluation on this thread. False: nothing
 * is queued, or another thread is in it. */
RILL_API bool rill_pool_step(rill_pool *);

/* Evaluations ----------------------------------------------------------- */

/* How a value leaves its isolate. */
typedef enum rill_result_form {
  RILL_RESULT_CLONE, /* for rill_evaluation_value */
  RILL_RESULT_JSON,  /* for rill_evaluation_json */
  RILL_RESULT_NONE   /* it does not: only how it ended is told */
} rill_result_form;

/* What is to be evaluated, and how. */
typedef struct rill_request {
  size_t size; /* sizeof(rill_request): RILL_REQUEST_INIT */
  /* A script, in UTF-8, copied. It may await at its top, and declare what an
   * earlier one has declared. Its value is that of its last statement; a
   * promise is waited for. */
  const char *source;
  size_t length;    /* or RILL_TEXT_END */
  const char *name; /* in errors; NULL: "evaluation" */
  /* A JSON array, copied. Where it is given and the value is a function, the
   * function is called with its elements. NULL: none. */
  const char *arguments;
  /* State that is kept: evaluations with the same id share an isolate, which
   * the first of them opens; it stays with its worker until
   * rill_pool_close_session. They run one after the other. NULL: the worker's
   * common isolate, whose globals all evaluations there see. */
  const char *session;
  bool fresh;            /* an isolate of its own; not with a session */
  rill_result_form form; /* how the value is given back */
  int64_t timeout_ms; /* from its beginning on; 0: the pool's; negative: none */
  void *data;         /* for rill_evaluation_data */
} rill_request;
/* All defaults. */
#define RILL_REQUEST_INIT                                                      \
  { .size = sizeof(rill_request) }

/* One evaluation: counted. It starts with a reference of the caller's. */
typedef struct rill_evaluation rill_evaluation;

/* Queues it. RILL_WOULD_BLOCK: the queue is full, or it would open a session
 * when as many as may be are open. RILL_SHUT_DOWN, RILL_INVALID (the request),
 * RILL_NO_MEMORY: *evaluation is NULL, as then. */
RILL_API rill_status rill_pool_submit(rill_pool *, const rill_request *,
                                      rill_evaluation **evaluation);
/* The same, once there is room in the queue: waits so long, negative: without
 * limit.
 * RILL_TIMED_OUT: there was none. A pool without threads runs what is queued
 * meanwhile. */
RILL_API rill_status rill_pool_submit_wait(rill_pool *, const rill_request *,
                                           int64_t timeout_nanoseconds,
                                           rill_evaluation **evaluation);
/* Several, in order, each when there is room. *submitted (may be NULL) tells
 * how many; the status is that of the first that failed. */
RILL_API rill_status rill_pool_submit_batch(rill_pool *, const rill_request *,
                                            size_t count,
                                            rill_evaluation **evaluations,
                                            size_t *submitted);
/* Ready once there is room for one evaluation, which is the caller's: it is
 * used up by rill_pool_submit_reserved, or given back by rill_pool_give_back.
 * The status is RILL_CLOSED if the pool was shut down. */
RILL_API void rill_pool_reserve_init(rill_acquire *, rill_pool *);
/* As rill_pool_submit, into room that was reserved, which is given back if it
 * fails. */
RILL_API rill_status rill_pool_submit_reserved(rill_pool *,
                                               const rill_request *,
                                               rill_evaluation **evaluation);
/* Gives back room that was reserved and is not needed. */
RILL_API void rill_pool_give_back(rill_pool *);
/* The same request on the calling thread, in an isolate that it uses, with the
 * same results: RILL_OK, and it has ended. Its session is ignored. */
RILL_API rill_status rill_evaluate_here(rill_isolate *, const rill_request *,
                                        rill_evaluation **evaluation);

/* One more reference. */
RILL_API void rill_evaluation_retain(rill_evaluation *);
/* One less; the last frees it, and it goes on all the same. NULL does nothing.
 */
RILL_API void rill_evaluation_release(rill_evaluation *);
/* Takes it out of the queue, or stops the script that runs or waits, whatever
 * it does; its outcome is RILL_OUTCOME_CANCELLED, soon, if it had not ended. */
RILL_API void rill_evaluation_cancel(rill_evaluation *);
/* How it stands now. */
RILL_API rill_outcome rill_evaluation_outcome(const rill_evaluation *);
/* RILL_OK: it has ended; RILL_TIMED_OUT: not within this time (negative:
 * without limit). In a pool without threads, this runs evaluations. */
RILL_API rill_status rill_evaluation_wait(rill_evaluation *,
                                          int64_t timeout_nanoseconds);
/* A future that is ready when it has ended; the evaluation is borrowed. A pool
 * without threads is not driven by it. */
RILL_API void rill_evaluation_ended_init(rill_cancelled *, rill_evaluation *);
/* Its number in the pool, from 1 on. */
RILL_API uint64_t rill_evaluation_id(const rill_evaluation *);
/* The number of the worker that ran it; -1: none. */
RILL_API int rill_evaluation_worker(const rill_evaluation *);
/* The request's `data`, the host's own. */
RILL_API void *rill_evaluation_data(const rill_evaluation *);
/* How long it was queued, in nanoseconds: so far, or until it began. */
RILL_API uint64_t rill_evaluation_queue_time(const rill_evaluation *);
/* How long it ran, in nanoseconds: so far, or until it ended. */
RILL_API uint64_t rill_evaluation_run_time(const rill_evaluation *);

/* After RILL_OUTCOME_RETURNED of the form: JSON, good as long as the reference;
 * "null" for what has none. NULL: another outcome or form. */
RILL_API const char *rill_evaluation_json(const rill_evaluation *,
                                          size_t *length);
/* A copy of the value in an isolate that the caller uses, as structuredClone
 * makes one: once. NULL: another outcome or form, or it was taken, or it throws
 * there. */
RILL_API rill_value rill_evaluation_value(rill_evaluation *, rill_isolate *);

/* Why an evaluation has no value. */
typedef struct rill_evaluation_error {
  rill_error error;              /* texts are good as long as the reference */
  bool is_timeout, is_cancelled; /* its outcome was one of these */
} rill_evaluation_error;
/* After any other end, good as long as the reference; NULL before, and where it
 * returned. */
RILL_API const rill_evaluation_error *
rill_evaluation_get_error(const rill_evaluation *);

/* Sessions -------------------------------------------------------------- */

/* Ends a session after what is queued for it. The id can be used anew at once.
 * False: there is none. */
RILL_API bool rill_pool_close_session(rill_pool *, const char *id);

/* Statistics ------------------------------------------------------------ */

/* Of nanoseconds. Percentiles are exact to 4 %. */
typedef struct rill_latencies {
  uint64_t count;              /* how many there were */
  double mean;                 /* their sum, divided */
  uint64_t p50, p95, p99, max; /* percentiles, and the longest */
} rill_latencies;

/* What a pool does. */
typedef struct rill_pool_statistics {
  size_t size;        /* set it to sizeof(rill_pool_statistics) */
  uint32_t workers;   /* of the pool */
  uint32_t started;   /* that have an isolate or are making one */
  uint32_t threads;   /* that run; 0 in a pool without threads */
  uint32_t busy;      /* that run an evaluation now */
  uint32_t available; /* the others */
  uint64_t queued;    /* wait now */
  uint64_t sessions;  /* open now */
  /* Taken since the start; refused, for the queue was full. */
  uint64_t submitted, rejected;
  /* Ends of evaluations; queued, running and these make up `submitted`. */
  uint64_t returned, threw, timed_out, cancelled;
  uint64_t isolates;                   /* that were made so far */
  rill_latencies queue_time, run_time; /* of evaluations that have begun */
} rill_pool_statistics;
/* Fills the struct, as far as its size says. */
RILL_API void rill_pool_get_statistics(rill_pool *, rill_pool_statistics *);

RILL_END_DECLARATIONS
#endif
