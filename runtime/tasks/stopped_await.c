// SPDX-License-Identifier: MIT
// Ending what an async function waits for, so that its finally blocks run.
#include "runtime/io/request.h"
#include "runtime/tasks/futures.h"
#include "runtime/tasks/tasks_internal.h"
#include "vm/interpreter/fiber.h"
#include "vm/interpreter/jobs.h"

static Value reason_or_error(Isolate *iso, Value reason) {
  return reason == VALUE_UNDEFINED ? rt_task_abort_error(iso) : reason;
}

static bool cancel_io(Isolate *iso, IoRequest *io, Value reason) {
  rt_io_cancel(io, reason_or_error(iso, reason));
  return true;
}

bool rt_stop_await(Isolate *iso, Value awaited, Value reason) {
  if (!value_is_promise(awaited)) return false;
  Fiber *fiber = NULL;
  Promise *p = (Promise *)value_as_cell(awaited);
  for (int depth = 0; p->fiber != NULL && depth < 1000; depth++) {
    fiber = p->fiber;
    if (fiber->cell.flags != FIBER_SUSPENDED_AWAIT) return false;
    IoRequest *io = vm_io_awaited(fiber);
    if (io != NULL) return cancel_io(iso, io, reason);
    if (!value_is_promise(fiber->awaiting)) return false;
    p = (Promise *)value_as_cell(fiber->awaiting);
  }
  if (fiber == NULL) return false;
  PromiseReaction **link = &p->reactions;
  // Nobody else waits for it.
  if (*link != NULL && (*link)->next == NULL) {
    IoRequest *io = rt_io_of_promise(rt_of(iso), p);
    if (io != NULL) return cancel_io(iso, io, reason);
    // It leaves its queue: what it is granted from now on others get.
    Value error = reason_or_error(iso, reason);
    if (rt_future_cancel(rt_of(iso), value_from_cell(p), error)) return true;
  }
  for (; *link != NULL; link = &(*link)->next) {
    PromiseReaction *reaction = *link;
    if (reaction->cell.flags != REACTION_AWAIT ||
        reaction->target != value_from_cell(fiber)) {
      continue;
    }
    Job job = {.kind = JOB_RESUME_THROW,
               .a = value_from_cell(fiber),
               .b = reason_or_error(iso, reason),
               .c = VALUE_EMPTY};
    gc_store_pointer(iso->heap, link, reaction->next);
    vm_enqueue_job(iso, &job);
    return true;
  }
  return false;
}
