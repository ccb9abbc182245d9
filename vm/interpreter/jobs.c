// SPDX-License-Identifier: MIT
// The queue of jobs. A segment is a CellList: the next segment, then its jobs.
// Segments are only added behind and left in front, so the one that was in
// front when marking began leads to all that was queued then; places are
// cleared when their job is taken, with the barrier.
#include <stdlib.h>

#include "vm/interpreter/async_context.h"
#include "vm/interpreter/code.h"
#include "vm/interpreter/fiber.h"
#include "vm/interpreter/jobs.h"
#include "vm/interpreter/modules.h"
#include "vm/interpreter/run.h"
#include "vm/objects/finalization.h"

enum {
  JOB_WORDS = sizeof(Job) / sizeof(uint64_t),
  FIRST_SEGMENT_JOBS = 16,
  SEGMENT_JOBS = 100,
};

// An address of code, as a word that the collector takes for no cell.
#define NATIVE_TAG (UINT64_C(0xfffe) << 48)

JobQueue *vm_job_queue_new(void) {
  return calloc(1, sizeof(JobQueue));
}

void vm_job_queue_free(JobQueue *queue) {
  free(queue);
}

void vm_job_queue_trace(JobQueue *queue, GcTracer *tracer) {
  gc_trace_cell(tracer, queue->head);
}

static uint32_t room_of(const CellList *segment) {
  return (segment->cell.extra - 1) / JOB_WORDS;
}

static uint64_t *place_in(CellList *segment, uint32_t index) {
  return &segment->words[1 + index * JOB_WORDS];
}

static bool add_segment(Isolate *iso) {
  JobQueue *queue = iso->jobs;
  uint32_t jobs = queue->tail == NULL ? FIRST_SEGMENT_JOBS : SEGMENT_JOBS;
  CellList *segment = (CellList *)gc_allocate_any(
      iso->heap, sizeof(CellList) + (1 + jobs * JOB_WORDS) * sizeof(uint64_t),
      CELL_CELL_LIST);
  if (segment == NULL) return false;
  segment->cell.extra = 1 + jobs * JOB_WORDS;
  if (queue->tail == NULL) {
    queue->head = segment;
  } else {
    gc_publish(&queue->tail->words[0], value_from_cell(segment));
  }
  queue->tail = segment;
  queue->tail_index = 0;
  return true;
}

void vm_enqueue_job(Isolate *iso, const Job *job) {
  JobQueue *queue = iso->jobs;
  if (unlikely(queue->tail == NULL ||
               queue->tail_index == room_of(queue->tail)) &&
      !add_segment(iso)) {
    vm_request_interrupt(iso, INTERRUPT_OUT_OF_MEMORY);
    return;
  }
  uint64_t *place = place_in(queue->tail, queue->tail_index++);
  gc_publish(&place[0], job->kind);
  gc_publish(&place[1], job->a);
  gc_publish(&place[2], job->b);
  gc_publish(&place[3], job->c);
  if (job->kind == JOB_NATIVE) {
    gc_publish(&place[4], (uint64_t)(uintptr_t)job->native | NATIVE_TAG);
  } else if (job->kind == JOB_THENABLE) {
    gc_publish(&place[4], job->context);
  }
  queue->count++;
  if (queue->count == 1 && iso->frame == NULL && !queue->running &&
      iso->hooks != NULL && iso->hooks->wake != NULL)
    iso->hooks->wake(iso->host);
}

// There is one.
static Job take_job(Isolate *iso) {
  JobQueue *queue = iso->jobs;
  uint64_t *place = place_in(queue->head, queue->head_index++);
  Job job = {.kind = place[0], .a = place[1], .b = place[2], .c = place[3]};
  if (job.kind == JOB_NATIVE) {
    job.native =
        (void (*)(Isolate *, Value, Value))(uintptr_t)(place[4] & ~NATIVE_TAG);
  } else {
    job.context = place[4];
  }
  gc_barrier_range(iso->heap, place + 1, JOB_WORDS - 1);
  for (uint32_t i = 0; i < JOB_WORDS; i++)
    gc_publish(&place[i], 0);
  queue->count--;
  if (queue->head == queue->tail) {
    if (queue->count == 0) queue->head_index = queue->tail_index = 0;
  } else if (queue->head_index == room_of(queue->head)) {
    queue->head = (CellList *)value_as_cell(queue->head->words[0]);
    queue->head_index = 0;
  }
  return job;
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

// Whose result the job works on, or NULL.
static Promise *promise_of(const Job *job) {
  Value value = job->a;
  if (value_is_kind(value, CELL_FIBER)) {
    const Object *owner = ((Fiber *)value_as_cell(value))->owner;
    value = owner == NULL ? VALUE_UNDEFINED : value_from_cell(owner);
  } else if (value_is_kind(value, CELL_PROMISE_REACTION)) {
    value = ((PromiseReaction *)value_as_cell(value))->target;
  }
  return value_is_promise(value) ? (Promise *)value_as_cell(value) : NULL;
}

static bool run_observed(Isolate *iso, const Job *job) {
  const JobHooks *hooks = iso->job_hooks;
  Promise *promise = iso->promise_hook == NULL ? NULL : promise_of(job);
  if (promise != NULL) vm_promise_tell(iso, PROMISE_BEGINS, promise);
  if (hooks != NULL) hooks->begins(iso, job);
  bool done = run_job(iso, job);
  if (hooks != NULL) hooks->ends(iso, job);
  if (promise != NULL) vm_promise_tell(iso, PROMISE_ENDS, promise);
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
    Job job = take_job(iso);
    limit--;
    // ClearKeptObjects (9.10.2): nothing is running between two jobs.
    iso->kept_alive = VALUE_UNDEFINED;
    // Lives on in the C frame while it runs.
    if (unlikely(iso->job_hooks != NULL || iso->promise_hook != NULL)) {
      done = run_observed(iso, &job);
    } else {
      done = run_job(iso, &job);
    }
    if (unlikely(!done) && value_is_kind(job.a, CELL_FIBER))
      vm_module_fiber_terminated(iso, (Fiber *)value_as_cell(job.a));
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

void vm_drop_jobs(Isolate *iso) {
  for (uint64_t left = iso->jobs->count; left != 0; left--) {
    Job job = take_job(iso);
    // Callbacks are the script's: they run with the next one, within its
    // limits.
    if (job.kind == JOB_NATIVE && job.native == run_finalizers)
      iso->finalizers_pending = true;
    else if (value_is_kind(job.a, CELL_FIBER))
      vm_module_fiber_terminated(iso, (Fiber *)value_as_cell(job.a));
  }
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
