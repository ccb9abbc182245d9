// SPDX-License-Identifier: MIT
// Ending what an async function waits for, so that its finally blocks run.
#include "runtime/arguments.h"
#include "runtime/io/net/handle.h"
#include "runtime/io/request.h"
#include "runtime/modules/loader.h"
#include "runtime/tasks/futures.h"
#include "runtime/tasks/tasks_internal.h"
#include "vm/interpreter/fiber.h"
#include "vm/interpreter/io.h"
#include "vm/interpreter/jobs.h"

// The private name under which a promise has what stops it. NULL: nothing has
// one yet.
static Symbol *stop_symbol(Runtime *rt, bool make) {
  if (rt->stop_symbol.word == VALUE_UNDEFINED) {
    if (!make) return NULL;
    rt->stop_symbol.word =
        value_from_cell(vm_symbol_new(rt->isolate, NULL, SYMBOL_PRIVATE));
  }
  return (Symbol *)value_as_cell(rt->stop_symbol.word);
}

Value rt_on_stop(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "of")) return VALUE_EXCEPTION;
  return vm_private_add(iso, value_as_object(call->argv[0]),
                        stop_symbol(rt_of(iso), true), call->argv[1])
             ? VALUE_UNDEFINED
             : VALUE_EXCEPTION;
}

// By the function that it was given. False: none.
static bool call_stop(Isolate *iso, Promise *p, Value error) {
  Symbol *symbol = stop_symbol(rt_of(iso), false);
  if (symbol == NULL || !vm_private_has(iso, &p->object, symbol)) return false;
  Value stop = vm_private_get(iso, &p->object, symbol);
  if (value_is_exception(stop)) {
    (void)vm_take_exception(iso);
    return false;
  }
  Job job = {.kind = JOB_CALL, .a = stop, .b = error, .c = VALUE_UNDEFINED};
  vm_enqueue_job(iso, &job);
  return true;
}

// Ends what a promise stands for, if nobody else waits for it: it is rejected
// in the end.
static bool end_work(Isolate *iso, Promise *p, Value error) {
  Runtime *rt = rt_of(iso);
  const PromiseReaction *first = promise_reactions(p);
  if (first != NULL && first->next != NULL) return false;
  IoRequest *io = vm_io_of_promise(p);
  if (io != NULL) {
    rt_io_cancel(rt, io, error);
    return true;
  }
  // It leaves its queue: what it is granted from now on others get.
  if (rt_future_cancel(rt, value_from_cell(p), error)) return true;
  if (rt_network_stop_wait(rt, value_from_cell(p), error) ||
      call_stop(iso, p, error))
    return true;
  if (p->object.cell.aux & PROMISE_IS_LOADING) {
    vm_promise_reject(iso, p, error);
    return true;
  }
  // Of the modules that it loads, the one that holds it up.
  Promise *body = rt_stop_import(rt, p);
  return body != NULL &&
         rt_stop_await(iso, value_from_cell(body), error) == STOPPED;
}

static bool throw_into(Isolate *iso, Fiber *fiber, Promise *p, Value error) {
  if (promise_state(p) != PROMISE_PENDING) return false;
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
    gc_store_word(iso->heap, &fiber->awaiting, VALUE_UNDEFINED);
    vm_enqueue_job(iso, &job);
    return true;
  }
  return false;
}

StoppedAwait rt_stop_await(Isolate *iso, Value awaited, Value reason) {
  Promise *p = NULL;
  Fiber *fiber = NULL, *next;
  if (value_is_promise(awaited)) {
    p = (Promise *)value_as_cell(awaited);
    next = promise_fiber(p);
  } else if (value_is_kind(awaited, CELL_FIBER)) {
    next = (Fiber *)value_as_cell(awaited);
  } else {
    return STOPPED_NOTHING;
  }
  // Down by who awaits what.
  for (int depth = 0; next != NULL && depth < 1000; depth++) {
    fiber = next;
    if (fiber->cell.flags != FIBER_SUSPENDED_AWAIT) return STOPPED_NOTHING;
    if (vm_io_awaited(fiber) != NULL) break;
    if (!value_is_promise(fiber->awaiting)) return STOPPED_LATER;
    p = (Promise *)value_as_cell(fiber->awaiting);
    next = promise_fiber(p);
  }
  Value error = reason == VALUE_UNDEFINED ? rt_task_abort_error(iso) : reason;
  IoRequest *io = fiber == NULL ? NULL : vm_io_awaited(fiber);
  if (io != NULL) {
    rt_io_cancel(rt_of(iso), io, error);
    return STOPPED;
  }
  if (end_work(iso, p, error)) return STOPPED;
  if (fiber == NULL) return STOPPED_NOTHING;
  if (throw_into(iso, fiber, p, error)) return STOPPED;
  return p->object.cell.extra == PROMISE_PENDING ? STOPPED_NOTHING
                                                 : STOPPED_LATER;
}
