// SPDX-License-Identifier: MIT
// Jobs (microtasks, ECMA-262 9.5), in a list of segments.
//
// A job is a kind and four words; enqueuing writes 40 bytes and allocates
// nothing unless the last segment is full. Segments are cells, which the
// collector reads beside the isolate: a million jobs lengthen no stop. Jobs run
// in order when the host asks (vm_run_jobs), each to its end.
#ifndef RILL_VM_INTERPRETER_JOBS_H
#define RILL_VM_INTERPRETER_JOBS_H

#include "vm/interpreter/promise.h"

typedef enum {
  JOB_RESUME,             // fiber a with value b
  JOB_RESUME_THROW,       // fiber a with exception b
  JOB_REACTION_FULFILLED, // PromiseReaction a with argument b
  JOB_REACTION_REJECTED,
  JOB_THENABLE, // NewPromiseResolveThenableJob: promise a, thenable b, then c
  JOB_CALL,   // calls function a with argument b unless EMPTY, in async context
              // c (queueMicrotask)
  JOB_NATIVE, // calls the C function `native` with a, b in async context c
  JOB_IO,     // completes IoRequest (io.h): fiber or promise a, value b, c:
              // true if it failed
} JobKind;

typedef struct Job {
  uint64_t kind;
  Value a, b, c;
  union {
    void (*native)(Isolate *, Value a, Value b); // JOB_NATIVE
    Value context;                               // JOB_THENABLE
  };
} Job;

struct JobQueue {
  struct CellList *head, *tail; // the same if there is one; NULL: none yet
  uint32_t head_index;          // of the first job in `head`
  uint32_t tail_index;          // of the first free place in `tail`
  uint32_t count;
  bool running;
};

// Somebody measures jobs: called around each (iso->job_hooks).
typedef struct JobHooks {
  void (*begins)(Isolate *, const Job *);
  void (*ends)(Isolate *, const Job *);
} JobHooks;

JobQueue *vm_job_queue_new(void); // NULL: out of memory
void vm_job_queue_free(JobQueue *);
void vm_job_queue_trace(JobQueue *, GcTracer *);

// Queues a job. Out of memory: the job is lost and the out-of-memory error is
// raised at the next safepoint.
void vm_enqueue_job(Isolate *, const Job *);
// Queues the callbacks of FinalizationRegistries whose targets have died
// (iso->finalizers_pending).
void vm_schedule_finalizers(Isolate *);
// Runs jobs until there are none. A job that throws (queueMicrotask) stops it:
// false, exception pending; call again to go on. No effect when jobs are
// running already.
bool vm_run_jobs(Isolate *) VM_CHECKED;
// Forgets all jobs: what waits for them never goes on. All of them run scripts;
// callbacks of FinalizationRegistries come again with the next job.
void vm_drop_jobs(Isolate *);
static inline bool vm_has_jobs(const Isolate *iso) {
  return iso->jobs != NULL && iso->jobs->count != 0;
}

#endif
