// SPDX-License-Identifier: MIT
// The ring of jobs.
#include <stdlib.h>

#include "vm/interpreter/async_context.h"
#include "vm/interpreter/fiber.h"
#include "vm/interpreter/jobs.h"
#include "vm/interpreter/run.h"
#include "vm/objects/weak_table.h"

JobQueue *vm_job_queue_new(void) {
  JobQueue *queue = calloc(1, sizeof *queue);
  if (queue == NULL) return NULL;
  queue->capacity = 32;
  queue->ring = malloc(queue->capacity * sizeof(Job));
  if (queue->ring != NULL) return queue;
  free(queue);
  return NULL;
}

void vm_job_queue_free(JobQueue *queue) {
  if (queue == NULL) return;
  free(queue->ring);
  free(queue);
}

void vm_job_queue_trace(JobQueue *queue, GcTracer *tracer) {
  for (uint32_t i = 0; i < queue->count; i++) {
    const Job *job = &queue->ring[(queue->head + i) & (queue->capacity - 1)];
    gc_trace_word(tracer, job->a);
    gc_trace_word(tracer, job->b);
    gc_trace_word(tracer, job->c);
    if (job->kind == JOB_THENABLE) gc_trace_word(tracer, job->context);
  }
}

static bool grow(JobQueue *queue) {
  Job *ring = malloc((size_t)queue->capacity * 2 * sizeof(Job));
  if (ring == NULL) return false;
  for (uint32_t i = 0; i < queue->count; i++)
    ring[i] = queue->ring[(queue->head + i) & (queue->capacity - 1)];
  free(queue->ring);
  queue->ring = ring;
  queue->head = 0;
  queue->capacity *= 2;
  return true;
}

void vm_enqueue_job(Isolate *iso, const Job *job) {
  JobQueue *queue = iso->jobs;
  if (queue->count == queue->capacity && !grow(queue)) {
    vm_request_interrupt(iso, INTERRUPT_OUT_OF_MEMORY);
    return;
  }
  queue->ring[(queue->head + queue->count) & (queue->capacity - 1)] = *job;
  queue->count++;
  if (queue->count == 1 && iso->frame == NULL && !queue->running &&
      iso->hooks != NULL && iso->hooks->wake != NULL)
    iso->hooks->wake(iso->host);
}

static bool run_reaction(Isolate *iso, const Job *job, PromiseState state) {
  PromiseReaction *reaction = (PromiseReaction *)value_as_cell(job->a);
  iso->async_context = reaction->context;
  return vm_promise_run_reaction(iso, reaction, state, job->b);
}

static void enter_fiber(Isolate *iso, const Job *job) {
  iso->async_context = ((Fiber *)value_as_cell(job->a))->context;
}

static bool run_job(Isolate *iso, const Job *job) {
  switch ((JobKind)job->kind) {
  case JOB_RESUME:
    enter_fiber(iso, job);
    return vm_fiber_resume(iso, (Fiber *)value_as_cell(job->a), RESUME_NEXT,
                           job->b);
  case JOB_RESUME_THROW:
    enter_fiber(iso, job);
    return vm_fiber_resume(iso, (Fiber *)value_as_cell(job->a), RESUME_THROW,
                           job->b);
  case JOB_REACTION_FULFILLED:
    return run_reaction(iso, job, PROMISE_FULFILLED);
  case JOB_REACTION_REJECTED:
    return run_reaction(iso, job, PROMISE_REJECTED);
  case JOB_THENABLE:
    iso->async_context = job->context;
    return vm_promise_run_thenable_job(iso, (Promise *)value_as_cell(job->a),
                                       job->b, job->c);
  case JOB_CALL:
    iso->async_context = job->c;
    return vm_call(iso, job->a, VALUE_UNDEFINED, job->b != VALUE_EMPTY,
                   &job->b) != VALUE_EXCEPTION;
  case JOB_NATIVE:
    iso->async_context = job->c;
    job->native(iso, job->a, job->b);
    return !vm_is_terminating(iso) && !vm_has_exception(iso);
  case JOB_IO:
    if (value_is_promise(job->a)) {
      Promise *promise = (Promise *)value_as_cell(job->a);
      if (value_as_bool(job->c)) {
        vm_promise_reject(iso, promise, job->b);
      } else {
        vm_promise_resolve(iso, promise, job->b);
      }
      return !vm_is_terminating(iso) && !vm_has_exception(iso);
    }
    enter_fiber(iso, job);
    return vm_fiber_resume(iso, (Fiber *)value_as_cell(job->a),
                           value_as_bool(job->c) ? RESUME_THROW : RESUME_NEXT,
                           job->b);
  }
  return true;
}

static bool run_measured(Isolate *iso, const Job *job) {
  const JobHooks *hooks = iso->job_hooks;
  hooks->begins(iso, job);
  bool done = run_job(iso, job);
  hooks->ends(iso, job);
  return done;
}

static bool run_some_jobs(Isolate *iso, uint32_t limit) {
  JobQueue *queue = iso->jobs;
  if (queue->running) return true;
  queue->running = true;
  Value context = iso->async_context;
  bool done = true;
  while (done && queue->count != 0 && limit != 0) {
    // Jobs that only queue more of them have no safepoint of their own.
    if (unlikely(!vm_poll(iso, 1))) {
      done = false;
      break;
    }
    Job job = queue->ring[queue->head];
    queue->head = (queue->head + 1) & (queue->capacity - 1);
    queue->count--;
    limit--;
    // ClearKeptObjects (9.10.2): nothing is running between two jobs.
    iso->kept_alive = VALUE_UNDEFINED;
    // Lives on in the C frame while it runs.
    if (unlikely(iso->job_hooks != NULL)) {
      done = run_measured(iso, &job);
    } else {
      done = run_job(iso, &job);
    }
  }
  queue->running = false;
  if (unlikely(!done)) vm_context_left_by_exception(iso, iso->async_context);
  iso->async_context = context;
  return done;
}

static void run_finalizers(Isolate *iso, Value a, Value b) {
  // A callback's exception is the job's; those left run with the next job.
  if (!vm_run_finalizers(iso)) iso->finalizers_pending = true;
}

void vm_schedule_finalizers(Isolate *iso) {
  iso->finalizers_pending = false;
  Job job = {.kind = JOB_NATIVE,
             .a = VALUE_UNDEFINED,
             .b = VALUE_UNDEFINED,
             .c = VALUE_UNDEFINED,
             .native = run_finalizers};
  vm_enqueue_job(iso, &job);
}

bool vm_run_jobs(Isolate *iso) {
  if (iso->jobs->running) return true;
  for (;;) {
    if (unlikely(iso->finalizers_pending)) vm_schedule_finalizers(iso);
    if (!vm_has_jobs(iso)) break;
    if (!run_some_jobs(iso, UINT32_MAX)) return false;
  }
  iso->kept_alive = VALUE_UNDEFINED;
  return true;
}
