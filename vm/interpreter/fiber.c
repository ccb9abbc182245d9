// SPDX-License-Identifier: MIT
// Suspension: saving frames into fibers, resuming them, and what generators,
// async functions and modules owe when they end.
#include "vm/interpreter/async_generator.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/io.h"
#include "vm/interpreter/iteration.h"
#include "vm/interpreter/jobs.h"
#include "vm/interpreter/optimized.h"
#include "vm/interpreter/run.h"

static Fiber *fiber_new(Isolate *iso, Frame *frame, Object *owner,
                        uint32_t registers) {
  assert(frame->code == frame->function->code &&
         frame->new_target == VALUE_UNDEFINED);
  Fiber *fiber = (Fiber *)gc_allocate_any(
      iso->heap, sizeof(Fiber) + registers * sizeof(Value), CELL_FIBER);
  if (fiber == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  fiber->function = frame->function;
  fiber->this_value = frame->this_value;
  fiber->owner = owner;
  gc_store_word(iso->heap, &fiber->awaiting, VALUE_UNDEFINED);
  fiber->context = iso->async_context;
  fiber->async_id = ++iso->next_async_id;
  for (uint32_t i = 0; i < registers; i++)
    fiber->registers[i] = VALUE_UNDEFINED;
  fiber->cell.extra = registers;
  fiber->cell.aux = frame->flags & (FRAME_ASYNC | FRAME_GENERATOR);
  frame->fiber = fiber;
  return fiber;
}

void vm_fiber_suspend(Isolate *iso, Frame *frame, FiberState state) {
  Fiber *fiber = frame->fiber;
  gc_barrier_range(iso->heap, fiber->registers, fiber->cell.extra);
  vm_copy_registers(fiber->registers, frame->registers, fiber->cell.extra);
  const Code *code = frame->code;
  fiber->pc = likely(code->variants == NULL)
                  ? (uint32_t)(frame->pc - code->template->code)
                  : vm_baseline_offset(code, frame->pc);
  fiber->cell.flags = (uint8_t)state;
}

// Suspends: copies the frame's registers into its fiber (made if missing).
static Fiber *save(Isolate *iso, Frame *frame, Object *owner) {
  if (frame->fiber == NULL &&
      fiber_new(iso, frame, owner, frame->code->register_count) == NULL)
    return NULL;
  vm_fiber_suspend(iso, frame, FIBER_SUSPENDED_START);
  return frame->fiber;
}

// Puts the fiber's frame at request->top; its pc is that of the suspended
// instruction.
static inline __attribute__((always_inline)) Frame *
push_fiber(Isolate *iso, CallRequest *request, Fiber *fiber) {
  Frame *frame = (Frame *)request->top;
  Code *code = vm_fiber_code(fiber);
  Value *top = frame->registers + code->register_count;
  if (unlikely(top > iso->stack_limit)) {
    vm_throw_stack_overflow(iso);
    return NULL;
  }
  vm_copy_registers(frame->registers, fiber->registers, fiber->cell.extra);
  for (Value *r = frame->registers + fiber->cell.extra; r < top; r++)
    *r = VALUE_UNDEFINED;
  frame->code = code;
  frame->function = fiber->function;
  frame->this_value = fiber->this_value;
  frame->new_target = VALUE_UNDEFINED;
  frame->fiber = fiber;
  vm_fiber_unpark(fiber);
  frame->caller = iso->frame;
  frame->pc = code->template->code + fiber->pc;
  frame->argv = NULL;
  frame->argc = 0;
  frame->result_register = request->result_register;
  frame->flags = (uint16_t)(request->flags | fiber->cell.aux | FRAME_RESUMED);
  if (code->realm != iso->realm) {
    frame->flags |= FRAME_OTHER_REALM;
    iso->realm = code->realm;
  }
  iso->frame = frame;
  iso->stack_top = top;
  return frame;
}

// Gives the value to the suspended instruction and steps past it, or makes the
// exception pending.
static inline __attribute__((always_inline)) void
deliver(Isolate *iso, Frame *frame, ResumeMode mode, Value value) {
  const Instruction *pc = frame->pc;
  Value *r = frame->registers;
  switch (pc->op) {
  case OP_START_GENERATOR:
    if (mode == RESUME_THROW) {
      vm_throw(iso, value);
    } else {
      frame->pc = pc + 1;
    }
    return;
  case OP_YIELD:
    if (mode == RESUME_THROW) {
      vm_throw(iso, value);
      return;
    }
    r[pc->a] = value;
    frame->pc = mode == RESUME_RETURN ? pc + 2 + (int64_t)(int32_t)pc[1].word
                                      : vm_after_yield(pc);
    return;
  case OP_YIELD_DELEGATE:
    r[pc->a] = value;
    r[pc->c] = value_from_int((int32_t)mode);
    frame->pc = pc + 1;
    return;
  default: // AWAIT, IO_AWAIT
    if (mode == RESUME_THROW) {
      vm_throw(iso, value);
      return;
    }
    r[pc->a] = value;
    frame->pc = pc + (pc->op == OP_IO_AWAIT ? 2 : 1);
  }
}

CallOutcome vm_prepare_resume(Isolate *iso, CallRequest *request,
                              Generator *generator, ResumeMode mode,
                              Value value) {
  Fiber *fiber = generator->fiber;
  if (fiber != NULL && fiber->cell.flags == FIBER_RUNNING) {
    vm_throw_type(iso, "Generator is already running");
    return CALL_THREW;
  }
  if (fiber != NULL && fiber->cell.flags == FIBER_SUSPENDED_START &&
      mode != RESUME_NEXT) {
    fiber->cell.flags = FIBER_DONE;
    gc_store_pointer(iso->heap, &generator->fiber, NULL);
    fiber = NULL;
  }
  if (fiber == NULL) {
    if (mode == RESUME_THROW) {
      vm_throw(iso, value);
      return CALL_THREW;
    }
    request->result = vm_iterator_result(
        iso, mode == RESUME_RETURN ? value : VALUE_UNDEFINED, true);
    return CALL_RETURNED;
  }
  Frame *frame = push_fiber(iso, request, fiber);
  if (frame == NULL) return CALL_THREW;
  deliver(iso, frame, mode, value);
  return CALL_PUSHED;
}

Value vm_generator_resume(Isolate *iso, Value generator, ResumeMode mode,
                          Value value) {
  if (unlikely(!vm_check_stack(iso))) return VALUE_EXCEPTION;
  Realm *realm = iso->realm;
  Value *top = iso->stack_top;
  CallRequest request = {.flags = FRAME_ENTRY, .top = top};
  CallOutcome outcome = vm_prepare_resume(
      iso, &request, (Generator *)value_as_cell(generator), mode, value);
  return vm_run_prepared(iso, &request, outcome, realm, top);
}

Value vm_generator_step(Isolate *iso, IteratorObject *iterator) {
  Generator *generator = iterator->object.cell.kind == CELL_GENERATOR
                             ? (Generator *)iterator
                             : (Generator *)value_as_cell(iterator->target);
  if (generator->fiber == NULL) return VALUE_EMPTY;
  if (unlikely(!vm_check_stack(iso))) return VALUE_EXCEPTION;
  Realm *realm = iso->realm;
  Value *top = iso->stack_top;
  CallRequest request = {.flags = FRAME_ENTRY | FRAME_STEP, .top = top};
  CallOutcome outcome =
      vm_prepare_resume(iso, &request, generator, RESUME_NEXT, VALUE_UNDEFINED);
  Value v = vm_run_prepared(iso, &request, outcome, realm, top);
  // The popped frame still says whether yield* handed out a result object.
  if (outcome != CALL_PUSHED || value_is_exception(v) ||
      !(((Frame *)top)->flags & FRAME_NEXT_CALL)) {
    return v;
  }
  Value it[3];
  Tri more = vm_iterator_step_finish(iso, it, v, &v);
  return more < 0 ? VALUE_EXCEPTION : more ? v : VALUE_EMPTY;
}

bool vm_fiber_resume(Isolate *iso, Fiber *fiber, ResumeMode mode, Value value) {
  Realm *realm = iso->realm;
  Value *top = iso->stack_top;
  CallRequest request = {.flags = FRAME_ENTRY, .top = top};
  gc_store_word(iso->heap, &fiber->awaiting, VALUE_UNDEFINED);
  fiber->waiting = 0;
  Frame *frame = push_fiber(iso, &request, fiber);
  bool done = frame != NULL;
  if (done) {
    deliver(iso, frame, mode, value);
    done = vm_run(iso, frame, iso->exception != VALUE_EMPTY) != VALUE_EXCEPTION;
  }
  iso->realm = realm;
  iso->stack_top = top;
  return done;
}

Value vm_start_generator(Isolate *iso, Frame *frame) {
  Code *code = frame->code;
  if (code->template->kind == CODE_MODULE) {
    Fiber *fiber = save(iso, frame, NULL);
    return fiber != NULL ? value_from_cell(fiber) : VALUE_EXCEPTION;
  }
  // OrdinaryCreateFromConstructor of the function itself.
  bool is_async = (code->cell.flags & CODE_FLAG_ASYNC) != 0;
  Value prototype = vm_get(iso, &frame->function->object, KEY(prototype));
  if (value_is_exception(prototype)) return prototype;
  Object *proto =
      value_is_object(prototype)
          ? value_as_object(prototype)
          : code->realm->intrinsics[is_async ? INTRINSIC_AsyncGeneratorPrototype
                                             : INTRINSIC_GeneratorPrototype];
  Object *object = (Object *)vm_object_allocate(
      iso, is_async ? CELL_ASYNC_GENERATOR : CELL_GENERATOR,
      is_async ? sizeof(AsyncGenerator) : sizeof(Generator), proto);
  if (is_async) vm_async_generator_init((AsyncGenerator *)object);
  Fiber *fiber = save(iso, frame, object);
  if (fiber == NULL) return VALUE_EXCEPTION;
  if (is_async) {
    gc_store_pointer(iso->heap, &((AsyncGenerator *)object)->fiber, fiber);
  } else {
    gc_store_pointer(iso->heap, &((Generator *)object)->fiber, fiber);
  }
  return value_from_cell(object);
}

// What a root is now: another fiber or, at its end, the promise of its result.
static void tell_root(Isolate *iso, Value now) {
  iso->hooks->root_changed(iso->host, iso, now);
}

// A larger fiber for the same activation, whose own had fewer registers alive
// where it waited first. While it runs, only its frame and promise know it.
static Fiber *fiber_grow(Isolate *iso, Frame *frame, uint32_t registers) {
  Fiber *old = frame->fiber;
  Fiber *fiber = fiber_new(iso, frame, old->owner, registers);
  if (fiber == NULL) return NULL;
  fiber->context = old->context;
  fiber->async_id = old->async_id;
  fiber->cell.flags = old->cell.flags;
  fiber->cell.aux = old->cell.aux;
  old->cell.flags = FIBER_DONE;
  if (old->owner != NULL) {
    gc_store_pointer(iso->heap, &((Promise *)old->owner)->of_fiber, fiber);
  } else if (frame->flags & FRAME_ROOT) {
    tell_root(iso, value_from_cell(fiber));
  }
  return fiber;
}

// The first time that an async frame waits; *out is what its runner gets.
static Fiber *fiber_begin(Isolate *iso, Frame *frame, uint32_t registers,
                          Value *out) {
  if (unlikely(frame->flags & FRAME_ROOT)) {
    Fiber *fiber = fiber_new(iso, frame, NULL, registers);
    if (fiber == NULL) return NULL;
    fiber->cell.aux |= FRAME_ROOT;
    *out = value_from_cell(fiber);
    return fiber;
  }
  Promise *promise = vm_promise_new(iso);
  Fiber *fiber = fiber_new(iso, frame, &promise->object, registers);
  if (fiber == NULL) return NULL;
  gc_store_pointer(iso->heap, &promise->of_fiber, fiber);
  *out = value_from_cell(promise);
  return fiber;
}

// The fiber of an async frame that is about to wait with so many registers
// alive; *out is what the frame's runner gets: the promise, or a root's fiber,
// the first time.
static Fiber *fiber_to_wait(Isolate *iso, Frame *frame, uint32_t registers,
                            Value *out) {
  *out = VALUE_UNDEFINED;
  if (frame->fiber == NULL) {
    if (fiber_begin(iso, frame, registers, out) == NULL) return NULL;
  } else if (unlikely(frame->fiber->cell.extra < registers)) {
    if (fiber_grow(iso, frame, registers) == NULL) return NULL;
  }
  vm_fiber_suspend(iso, frame, FIBER_SUSPENDED_AWAIT);
  Fiber *fiber = frame->fiber;
  if (unlikely(fiber->context != iso->async_context))
    gc_store_word(iso->heap, &fiber->context, iso->async_context);
  return fiber;
}

bool vm_await_value(Isolate *iso, Frame *frame, Value value, Value *out) {
  Promise *promise = vm_promise_from_value(iso, value);
  if (promise == NULL) return false;
  Fiber *fiber = fiber_to_wait(iso, frame, frame->code->register_count, out);
  if (fiber == NULL) return false;
  gc_store_word(iso->heap, &fiber->awaiting, value_from_cell(promise));
  vm_promise_await(iso, promise, fiber);
  return true;
}

// How many registers are to be kept at an IO_AWAIT: its arguments are the
// topmost temporaries, which are not needed any more, and what is not kept is
// undefined again.
static uint32_t registers_kept(const Frame *frame) {
  const Template *template = frame->code->template;
  const Instruction *pc =
      template->code + vm_baseline_offset(frame->code, frame->pc);
  if (pc->op != OP_IO_AWAIT || pc->c == 0) return frame->code->register_count;
  uint32_t count = pc->b;
  while (count > 0 && frame->registers[count - 1] == VALUE_UNDEFINED)
    count--;
  return count;
}

bool vm_io_await(Isolate *iso, Frame *frame, uint32_t op, uint32_t argc,
                 const Value *argv, Value *out) {
  IoRequest *io;
  if (!vm_io_park(iso, op, argc, argv, &io)) return false;
  Fiber *fiber = fiber_to_wait(iso, frame, registers_kept(frame), out);
  if (fiber == NULL) return false;
  vm_io_park_fiber(iso, io, fiber);
  return true;
}

// A root has returned the value, or the pending exception is its end: only now
// is its promise made.
static void end_root(Isolate *iso, Value value) {
  Promise *promise = vm_promise_new(iso);
  promise->object.cell.aux |= PROMISE_IS_HANDLED; // by the host
  if (value_is_exception(value)) {
    vm_promise_reject_with_exception(iso, promise);
  } else {
    vm_promise_resolve(iso, promise, value);
  }
  tell_root(iso, value_from_cell(promise));
}

Value vm_finish_frame(Isolate *iso, Frame *frame, Value value) {
  Fiber *fiber = frame->fiber;
  if (fiber != NULL) fiber->cell.flags = FIBER_DONE;
  if (frame->flags & FRAME_GENERATOR) {
    if (frame->flags & FRAME_ASYNC) {
      vm_async_generator_finish(iso, (AsyncGenerator *)fiber->owner,
                                RESUME_RETURN, value);
      return VALUE_UNDEFINED;
    }
    Generator *generator = (Generator *)fiber->owner;
    gc_store_pointer(iso->heap, &generator->fiber, NULL);
    return frame->flags & FRAME_STEP ? VALUE_EMPTY
                                     : vm_iterator_result(iso, value, true);
  }
  if (fiber == NULL) {
    Promise *promise = vm_promise_new(iso);
    vm_promise_resolve(iso, promise, value);
    return value_from_cell(promise);
  }
  if (fiber->owner != NULL) {
    vm_promise_resolve(iso, (Promise *)fiber->owner, value);
  } else if (frame->flags & FRAME_ROOT) {
    end_root(iso, value);
  }
  return VALUE_UNDEFINED;
}

Value vm_fail_frame(Isolate *iso, Frame *frame) {
  Fiber *fiber = frame->fiber;
  if (fiber != NULL) fiber->cell.flags = FIBER_DONE;
  if (frame->flags & FRAME_GENERATOR) {
    // Before the generator object was made the caller gets the exception.
    if (fiber == NULL || fiber->owner == NULL) return VALUE_EXCEPTION;
    if (!(frame->flags & FRAME_ASYNC)) {
      gc_store_pointer(iso->heap, &((Generator *)fiber->owner)->fiber, NULL);
      return VALUE_EXCEPTION;
    }
    if (vm_is_terminating(iso)) return VALUE_EXCEPTION;
    Value exception = vm_take_exception(iso);
    vm_async_generator_finish(iso, (AsyncGenerator *)fiber->owner, RESUME_THROW,
                              exception);
    return VALUE_UNDEFINED;
  }
  if (vm_is_terminating(iso)) return VALUE_EXCEPTION;
  if (fiber == NULL) {
    // Its linking has failed.
    if (frame->code->template->kind == CODE_MODULE) return VALUE_EXCEPTION;
    Promise *promise = vm_promise_new(iso);
    vm_promise_reject_with_exception(iso, promise);
    return value_from_cell(promise);
  }
  if (unlikely(frame->flags & FRAME_ROOT)) {
    end_root(iso, VALUE_EXCEPTION);
    return VALUE_UNDEFINED;
  }
  if (fiber->owner == NULL) return VALUE_EXCEPTION;
  vm_promise_reject_with_exception(iso, (Promise *)fiber->owner);
  return VALUE_UNDEFINED;
}
