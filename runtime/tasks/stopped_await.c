// SPDX-License-Identifier: MIT
// Ending what an async function waits for, so that its finally blocks run.
#include "runtime/io/request.h"
#include "runtime/modules/loader.h"
#include "runtime/tasks/futures.h"
#include "runtime/tasks/tasks_internal.h"
#include "vm/interpreter/fiber.h"
#include "vm/interpreter/jobs.h"

// Ends what a promise stands for, if nobody else waits for it: it is rejected
// in the end.
static bool end_work(Isolate *iso, Promise *p, Value error) {
  Runtime *rt = rt_of(iso);
  if (p->reactions == NULL || p->reactions->next != NULL) return false;
  IoRequest *io = rt_io_of_promise(rt, p);
  if (io != NULL) {
    rt_io_cancel(io, error);
    return true;
  }
  // It leaves its queue: what it is granted from now on others get.
  if (rt_future_cancel(rt, value_from_cell(p), error)) return true;
  // Of the modules that it loads, the one that holds it up.
  Promise *body = rt_stop_import(rt, p);
  return body != NULL && rt_stop_await(iso, value_from_cell(body), error);
}

static bool throw_into(Isolate *iso, Fiber *fiber, Promise *p, Value error) {
  PromiseReaction **link = &p->reactions;
  for (; *link != NULL; link = &(*link)->next) {
    PromiseReaction *reaction = *link;
    if (reaction->cell.flags != REACTION_AWAIT ||
        reaction->target != value_from_cell(fiber)) {
      continue;
    }
    Job job = {.kind = JOB_RESUME_THROW,
               .a = value_from_cell(fiber),
               .b = error,
               .c = VALUE_EMPTY};
    gc_store_pointer(iso->heap, link, reaction->next);
    vm_enqueue_job(iso, &job);
    return true;
  }
  return false;
}

bool rt_stop_await(Isolate *iso, Value awaited, Value reason) {
  if (!value_is_promise(awaited)) return false;
  Promise *p = (Promise *)value_as_cell(awaited);
  Fiber *fiber = NULL;
  // Down by who awaits what.
  for (int depth = 0; p->fiber != NULL && depth < 1000; depth++) {
    fiber = p->fiber;
    if (fiber->cell.flags != FIBER_SUSPENDED_AWAIT) return false;
    if (vm_io_awaited(fiber) != NULL) break;
    if (!value_is_promise(fiber->awaiting)) return false;
    p = (Promise *)value_as_cell(fiber->awaiting);
  }
  Value error = reason == VALUE_UNDEFINED ? rt_task_abort_error(iso) : reason;
  IoRequest *io = fiber == NULL ? NULL : vm_io_awaited(fiber);
  if (io != NULL) {
    rt_io_cancel(io, error);
    return true;
  }
  return end_work(iso, p, error) ||
         (fiber != NULL && throw_into(iso, fiber, p, error));
}
