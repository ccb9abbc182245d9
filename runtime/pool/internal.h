// SPDX-License-Identifier: MIT
// Between the files of a pool. One lock guards its queues, workers, sessions
// and counts; script never runs under it. An isolate, a session's as well as a
// worker's common one, is made, used and freed by its worker's thread alone:
// what others may do is to interrupt it, under the lock, while it is `running`.
#ifndef RILL_RUNTIME_POOL_INTERNAL_H
#define RILL_RUNTIME_POOL_INTERNAL_H

#include "runtime/api/api.h"
#include "runtime/pool/latency.h"
#include "runtime/tasks/in_flight.h"
#include "runtime/web/structured_clone.h"

typedef struct PoolWorker PoolWorker;

typedef struct PoolSession {
  struct PoolSession *next; // of its bucket; of the closed ones
  PoolWorker *worker;
  rill_isolate *isolate; // the worker's; NULL: not made yet
  uint32_t pending;      // evaluations that have not ended
  bool is_closed;        // no longer in the table
  char id[];
} PoolSession;

struct rill_evaluation {
  _Atomic uint32_t references; // the callers', and one until it has ended
  rill_pool *pool;             // a reference; NULL: of no pool
  uint64_t id;
  // What is to run: a text whose value may be called with arguments in JSON; or
  // (by scripts) the text or a function, and an array of arguments, in a Clone.
  char *source, *name, *arguments;
  size_t source_length;
  InFlight *sender; // counts the text; NULL: it is a host's
  Clone *call;
  PoolSession *session;
  PoolWorker *pinned; // only makes this worker's isolate; or NULL
  bool fresh;
  rill_result_form form;
  int64_t timeout_ms; // negative: none
  void *data;
  rill_token *ended; // cancelled at the end

  // Under the lock:
  rill_evaluation *next, *previous; // of a queue
  _Atomic bool is_cancelled;        // is to end
  int worker;
  uint64_t queued_at, begun_at, ended_at;
  _Atomic uint8_t outcome; // the fields below are written before it is set
  char *json;
  size_t json_length;
  size_t charged; // texts that came of it, on the pool's account
  Clone value, thrown;
  bool has_value, has_thrown;
  bool has_error;
  rill_evaluation_error error; // its texts are owned
};

typedef struct EvaluationQueue {
  rill_evaluation *first, *last;
} EvaluationQueue;

struct PoolWorker {
  rill_pool *pool;
  uint32_t index;
  uv_thread_t thread;
  bool has_thread; // to be joined
  bool is_idle;    // waits for `wake`
  bool is_started; // has made an isolate, or is about to
  uv_cond_t wake;
  EvaluationQueue queue; // of its sessions, or pinned
  rill_evaluation *current;
  rill_isolate *running; // may be interrupted
  PoolSession *closed;   // to be freed
  uint32_t sessions;
  // Its thread's alone:
  rill_isolate *isolate; // the common one; NULL: not made yet
};

enum { SESSION_BUCKETS = 1024 };
struct rill_pool {
  _Atomic uint32_t references; // the owner's, and its evaluations'
  rill_pool_options options;   // the bootstrap's texts are owned
  RuntimeOptions runtime;      // of its isolates
  uv_mutex_t lock;
  // What evaluations have left and nobody has released: as much as its heaps
  // may take. NULL: those have no limit.
  InFlight *in_flight;
  rill_semaphore *room; // in the queue
  rill_token *stopped;  // all threads have ended
  PoolWorker *workers;
  uint32_t size;
  Template *bootstrap; // compiled; NULL: not yet, or none

  // Under the lock:
  EvaluationQueue queue; // for any worker
  uint64_t queued;       // in all queues
  uint32_t threads, busy;
  uint64_t next_id, isolates, rejected, submitted, session_count;
  uint64_t outcomes[RILL_OUTCOME_CANCELLED + 1];
  bool without_threads, is_closing;
  bool is_stepping; // without threads: a thread runs what is queued,
  bool has_stepped; // which is
  uv_thread_t stepper;
  PoolSession *sessions[SESSION_BUCKETS];
  Latencies queue_time, run_time;
};

// pool.c
// A pool whose isolates have these options. NULL: as rill_pool_new.
rill_pool *pool_new(const rill_pool_options *, const RuntimeOptions *,
                    rill_status *);
// No more is taken; threads end when their queues are empty.
void pool_close(rill_pool *);
// What is queued and runs ends, cancelled.
void pool_cancel_all(rill_pool *);
void pool_release(rill_pool *);
// What is queued goes to its queue. It has room there.
rill_status pool_submit(rill_pool *, rill_evaluation *, const char *session);
// Room for one evaluation, as rill_pool_submit.
rill_status pool_try_reserve(rill_pool *);
// An evaluation that was not submitted; or NULL.
void pool_drop(rill_evaluation *);
// Of each of the first `count` workers, an evaluation that makes its isolate;
// to be released. How many.
uint32_t pool_start_prewarm(rill_pool *, uint32_t count, rill_evaluation **);
// Under the lock. The first that this worker may run, which is out of the queue
// and begun; NULL: none.
rill_evaluation *pool_take(PoolWorker *);
// It is over: counts it, tells who waits, gives up the reference.
void pool_settle(rill_evaluation *, rill_outcome);

// worker.c
void pool_worker_main(void *worker);
// Runs what was taken.
void pool_run(PoolWorker *, rill_evaluation *);
// By its thread: frees sessions that were closed, or all, and the common one.
void pool_worker_sweep(PoolWorker *);
void pool_worker_end(PoolWorker *);
// The calling thread's; NULL: it is none.
PoolWorker *pool_current_worker(void);

// evaluation.c
// With a reference of the caller's and one of the pool's. NULL: out of memory.
rill_evaluation *evaluation_new(rill_pool *);
// Copies the request. False: out of memory.
bool evaluation_set(rill_evaluation *, const rill_request *);
bool evaluation_request_is_valid(const rill_request *);
// It will not run (again): frees what is asked, though references be left.
void evaluation_forget_request(rill_evaluation *);
// Runs it in the isolate that the thread uses. What came of it is in there.
rill_outcome evaluation_run(rill_evaluation *, rill_isolate *);
// The isolate's error, as the evaluation's.
void evaluation_take_error(rill_evaluation *, rill_isolate *);
// The same of one that ends without running.
void evaluation_set_cancelled(rill_evaluation *);
void evaluation_set_failed(rill_evaluation *, const char *message);

// trace.c
void pool_tell(rill_pool *, rill_pool_event_kind, const rill_evaluation *,
               int worker, const char *session, uint64_t nanoseconds);

#endif
