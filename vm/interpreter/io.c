// SPDX-License-Identifier: MIT
// I/O instructions: from the operands to the host's runtime and back.
#include "vm/interpreter/io.h"

#include "vm/interpreter/fiber.h"
#include "vm/interpreter/jobs.h"
#include "vm/objects/throw.h"

bool vm_io_park(Isolate *iso, uint32_t op, uint32_t argc, const Value *argv,
                IoRequest **out) {
  if (iso->hooks == NULL || iso->hooks->submit_io == NULL) {
    vm_throw_type(iso, "This host has no I/O");
    return false;
  }
  return iso->hooks->submit_io(iso->host, iso, op, argc, argv, out);
}

static void set_waiter(Isolate *iso, IoRequest *request, const void *waiter) {
  IoRequestHeader *header = (IoRequestHeader *)(void *)request;
  gc_handle_set(iso->heap, &header->waiter, value_from_cell(waiter));
}

static void set_request(Promise *promise, const IoRequest *request) {
  __atomic_store_n(&promise->host, (uintptr_t)request | PROMISE_HOST_WORD,
                   __ATOMIC_RELAXED);
}

void vm_io_park_fiber(Isolate *iso, IoRequest *request, Fiber *fiber) {
  fiber->waiting = 1;
  gc_store_word(iso->heap, &fiber->awaiting,
                value_from_number((double)(uintptr_t)request));
  set_waiter(iso, request, fiber);
}

IoRequest *vm_io_awaited(const Fiber *fiber) {
  if (!fiber->waiting) return NULL;
  return (IoRequest *)(uintptr_t)value_as_number(fiber->awaiting);
}

Value vm_io_submit(Isolate *iso, uint32_t op, uint32_t argc,
                   const Value *argv) {
  IoRequest *request;
  Promise *promise = vm_promise_new(iso);
  // A lack of memory that is told of later would leave the request to nobody.
  if (!vm_poll(iso, 0)) return VALUE_EXCEPTION;
  if (vm_io_park(iso, op, argc, argv, &request)) {
    set_waiter(iso, request, promise);
    promise->object.cell.aux |= PROMISE_OF_IO;
    set_request(promise, request);
  } else if (vm_is_terminating(iso)) {
    return VALUE_EXCEPTION;
  } else {
    vm_promise_reject_with_exception(iso, promise);
  }
  return value_from_cell(promise);
}

IoRequest *vm_io_of_promise(const Promise *promise) {
  return promise->object.cell.aux & PROMISE_OF_IO
             ? (IoRequest *)(uintptr_t)(promise->host & ~PROMISE_HOST_WORD)
             : NULL;
}

static Value take_waiter(Isolate *iso, IoRequest *request) {
  IoRequestHeader *header = (IoRequestHeader *)(void *)request;
  Value waiter = gc_handle_word(&header->waiter);
  gc_handle_remove(iso->heap, &header->waiter);
  if (value_is_promise(waiter))
    set_request((Promise *)value_as_cell(waiter), NULL);
  return waiter;
}

void vm_io_forget(Isolate *iso, IoRequest *request) {
  (void)take_waiter(iso, request);
}

void vm_io_complete(Isolate *iso, IoRequest *request, Value result,
                    bool failed) {
  Value waiter = take_waiter(iso, request);
  // The awaiting form takes the same number of turns as awaiting the promise of
  // the other: settling it, then the reaction.
  if (value_is_promise(waiter)) {
    Promise *promise = (Promise *)value_as_cell(waiter);
    if (failed) {
      vm_promise_reject(iso, promise, result);
    } else {
      vm_promise_fulfill(iso, promise, result);
    }
    return;
  }
  Fiber *fiber = (Fiber *)value_as_cell(waiter);
  fiber->waiting = 0; // the request may be gone when the job runs
  gc_store_word(iso->heap, &fiber->awaiting, VALUE_UNDEFINED);
  Job job = {
      .kind = JOB_IO, .a = waiter, .b = result, .c = value_from_bool(failed)};
  vm_enqueue_job(iso, &job);
}
