// SPDX-License-Identifier: MIT
// Calls that are not the common ones, and entry from C: vm_call, vm_construct.
//
// Bound functions, call, apply and generators are unwrapped here and then run
// in the loop of their caller; only natives and proxies nest C frames.
#include <stdlib.h>

#include "vm/interpreter/calls.h"
#include "vm/interpreter/iteration.h"
#include "vm/interpreter/run.h"
#include "vm/objects/arguments.h"
#include "vm/objects/charge.h"
#include "vm/objects/iterator_object.h"
#include "vm/objects/proxy.h"

// Not through a CallRequest: calls from C would write it to read it again.
static inline __attribute__((always_inline)) Frame *
push_frame(Isolate *iso, Value *base, Function *function, Value this_value,
           Value new_target, const Value *argv, uint32_t argc, unsigned flags,
           uint16_t result_register) {
  Code *code = function->code;
  if (unlikely(code->instructions == NULL)) {
    code = vm_code_to_run(iso, function);
    if (code == NULL) return NULL;
  }
  Frame *frame = (Frame *)base;
  Value *registers = frame->registers;
  Value *top = registers + code->register_count;
  if (unlikely(top > iso->stack_limit)) {
    vm_throw_stack_overflow(iso);
    return NULL;
  }
  uint32_t copied = argc < code->parameter_count ? argc : code->parameter_count;
  for (uint32_t i = 0; i < copied; i++)
    registers[i] = argv[i];
  uint32_t filled = code->parameter_count;
  if (code->cell.flags & (CODE_FLAG_ASYNC | CODE_FLAG_GENERATOR)) {
    // These frames get saved whole: every register must be a Value.
    filled = code->register_count;
    if (code->cell.flags & CODE_FLAG_ASYNC) flags |= FRAME_ASYNC;
    if (code->cell.flags & CODE_FLAG_GENERATOR) flags |= FRAME_GENERATOR;
  }
  for (uint32_t i = copied; i < filled; i++)
    registers[i] = VALUE_UNDEFINED;
  frame->caller = iso->frame;
  frame->pc = code->instructions;
  frame->code = code;
  frame->function = function;
  frame->this_value = this_value;
  frame->new_target = new_target;
  frame->argv = argv;
  frame->argc = argc;
  frame->result_register = result_register;
  if (code->realm != iso->realm) {
    flags |= FRAME_OTHER_REALM;
    iso->realm = code->realm;
  }
  frame->flags = (uint16_t)flags;
  frame->fiber = NULL;
  iso->frame = frame;
  iso->stack_top = top;
  return frame;
}

Frame *vm_push_frame(Isolate *iso, CallRequest *request, Function *function) {
  return push_frame(iso, request->top, function, request->this_value,
                    request->new_target, request->argv, request->argc,
                    request->flags, request->result_register);
}

// Puts `count` values above request->top, which moves past them: the arguments
// of the frame that follows.
static bool spread_arguments(Isolate *iso, CallRequest *request,
                             const Value *first, uint32_t first_count,
                             const Value *second, uint32_t second_count) {
  uint64_t count = (uint64_t)first_count + second_count;
  Value *to = request->top;
  if (unlikely((uint64_t)(iso->stack_limit - to) < count + 16)) {
    vm_throw_stack_overflow(iso);
    return false;
  }
  if (!vm_charge(iso, count * 8)) return false;
  if (second_count != 0)
    memmove(to + first_count, second, second_count * sizeof(Value));
  if (first_count != 0) memcpy(to, first, first_count * sizeof(Value));
  request->argv = to;
  request->argc = (uint32_t)count;
  request->top = to + count;
  return true;
}

// Every index below the length is in the dense vector.
static bool is_without_holes(const Array *array) {
  const Elements *e = array->object.elements;
  return elements_length(e) == array->length &&
         !vm_values_have_holes(e->values, array->length);
}

bool vm_arguments_of_iterable(Isolate *iso, CallRequest *request,
                              Value *place) {
  if (vm_array_iterates_plainly(iso, *place)) {
    Array *array = (Array *)value_as_cell(*place);
    if (is_without_holes(array))
      return spread_arguments(iso, request, NULL, 0,
                              array->object.elements->values, array->length);
  }
  Array *array = vm_array_new(iso, 0);
  if (array == NULL) return false;
  Value iterable = *place;
  if (!vm_array_spread(iso, array, iterable)) return false;
  *place = value_from_cell(array);
  request->argv = array->object.elements->values;
  request->argc = elements_length(array->object.elements);
  return true;
}

// Arguments from an array-like (20.2.3.1, 28.1.1); undefined and null: none if
// `optional`.
static bool arguments_from(Isolate *iso, CallRequest *request, Value list,
                           bool optional) {
  if (optional && value_is_nullish(list)) {
    request->argc = 0;
    return true;
  }
  if (value_is_kind(list, CELL_ARRAY)) {
    Array *array = (Array *)value_as_cell(list);
    if (is_without_holes(array))
      return spread_arguments(iso, request, NULL, 0,
                              array->object.elements->values, array->length);
  }
  if (value_is_kind(list, CELL_ARGUMENTS)) {
    Value *to = request->top;
    uint64_t room = (uint64_t)(iso->stack_limit - to);
    uint32_t count;
    if (room > 16 && vm_arguments_copy(iso, (Arguments *)value_as_cell(list),
                                       to, room - 16, &count)) {
      request->argv = to;
      request->argc = count;
      request->top = to + count;
      return true;
    }
  }
  Array *array = vm_list_from_array_like(iso, list);
  if (array == NULL) return false;
  return spread_arguments(iso, request, NULL, 0, array->object.elements->values,
                          elements_length(array->object.elements));
}

static CallOutcome call_native(Isolate *iso, CallRequest *request,
                               NativeFunction *native) {
  NativeCall call = {request->this_value, request->new_target, request->callee,
                     request->argc, request->argv};
  Realm *realm = iso->realm;
  Value *top = iso->stack_top;
  iso->realm = native->realm;
  if (request->top > top) iso->stack_top = request->top;
  request->result = native->code(iso, &call);
  iso->realm = realm;
  iso->stack_top = top;
  return request->result == VALUE_EXCEPTION ? CALL_THREW : CALL_RETURNED;
}

// A native that the loop carries out. False: threw. The request is rewritten;
// *outcome is CALL_PUSHED if there is nothing left to call.
static bool run_in_loop(Isolate *iso, CallRequest *request,
                        NativeFunction *native, bool *finished,
                        CallOutcome *outcome) {
  Value first = request->argc > 0 ? request->argv[0] : VALUE_UNDEFINED;
  Value second = request->argc > 1 ? request->argv[1] : VALUE_UNDEFINED;
  *finished = false;
  switch ((LoopNative)native->magic) {
  case LOOP_FUNCTION_CALL: // 20.2.3.3
    request->callee = request->this_value;
    request->this_value = first;
    if (request->argc > 0) {
      request->argc--;
      request->argv++;
    }
    return true;
  case LOOP_FUNCTION_APPLY: // 20.2.3.1
    if (!value_is_callable(request->this_value)) {
      vm_throw_type(iso,
                    "Function.prototype.apply was called on a value that is "
                    "not a function");
      return false;
    }
    request->callee = request->this_value;
    request->this_value = first;
    return arguments_from(iso, request, second, true);
  case LOOP_REFLECT_APPLY: // 28.1.1
    if (!value_is_callable(first)) {
      vm_throw_not_callable(iso, first);
      return false;
    }
    request->callee = first;
    request->this_value = second;
    return arguments_from(
        iso, request, request->argc > 2 ? request->argv[2] : VALUE_UNDEFINED,
        false);
  case LOOP_ITERATOR_HELPER_NEXT: { // 27.1.2.1.1
    *finished = true;
    Generator *generator = vm_generator_of_next(request->this_value, native);
    if (generator == NULL) {
      vm_throw_type_value(iso,
                          "Iterator Helper.next called on incompatible "
                          "receiver %s",
                          request->this_value);
      return false;
    }
    *outcome = vm_prepare_resume(iso, request, generator, RESUME_NEXT,
                                 VALUE_UNDEFINED);
    return true;
  }
  case LOOP_GENERATOR_NEXT:
  case LOOP_GENERATOR_THROW:
  case LOOP_GENERATOR_RETURN:
    *finished = true;
    if (!value_is_kind(request->this_value, CELL_GENERATOR)) {
      vm_throw_type_value(iso, "next method called on incompatible receiver %s",
                          request->this_value);
      return false;
    }
    *outcome = vm_prepare_resume(
        iso, request, (Generator *)value_as_cell(request->this_value),
        native->magic == LOOP_GENERATOR_NEXT    ? RESUME_NEXT
        : native->magic == LOOP_GENERATOR_THROW ? RESUME_THROW
                                                : RESUME_RETURN,
        first);
    return true;
  }
  __builtin_unreachable();
}

static CallOutcome throw_class_call(Isolate *iso, Code *code) {
  char *name = vm_string_to_utf8(iso, code->template->name, NULL);
  Realm *realm = iso->realm;
  iso->realm = code->realm;
  vm_throw_type(iso, "Class constructor %s cannot be invoked without 'new'",
                name != NULL ? name : "");
  iso->realm = realm;
  free(name);
  return CALL_THREW;
}

CallOutcome vm_prepare_call(Isolate *iso, CallRequest *request) {
  for (;;) {
    Value callee = request->callee;
    if (!value_is_object(callee)) {
      vm_throw_bad_callee(iso, callee, false);
      return CALL_THREW;
    }
    Object *o = value_as_object(callee);
    switch (o->cell.kind) {
    case CELL_FUNCTION: {
      Function *function = (Function *)o;
      if (function->code->cell.flags & CODE_FLAG_CLASS)
        return throw_class_call(iso, function->code);
      return vm_push_frame(iso, request, function) != NULL ? CALL_PUSHED
                                                           : CALL_THREW;
    }
    case CELL_NATIVE_FUNCTION: {
      NativeFunction *native = (NativeFunction *)o;
      if (!(o->cell.flags & NATIVE_RUNS_IN_LOOP))
        return call_native(iso, request, native);
      bool finished;
      CallOutcome outcome;
      Realm *realm = iso->realm;
      iso->realm = native->realm;
      bool ok = run_in_loop(iso, request, native, &finished, &outcome);
      // A frame that was pushed has set its own.
      if (!ok || !finished) iso->realm = realm;
      if (!ok) return CALL_THREW;
      if (finished) return outcome;
      continue;
    }
    case CELL_BOUND_FUNCTION: { // 10.4.1.1
      BoundFunction *bound = (BoundFunction *)o;
      if (!spread_arguments(iso, request, bound->arguments,
                            bound->argument_count, request->argv,
                            request->argc))
        return CALL_THREW;
      request->callee = value_from_cell(bound->target);
      request->this_value = bound->bound_this;
      continue;
    }
    default:
      if (!object_is_callable(o)) {
        vm_throw_bad_callee(iso, callee, false);
        return CALL_THREW;
      }
      Value *top = iso->stack_top;
      if (request->top > top) iso->stack_top = request->top;
      request->result = vm_proxy_call(iso, o, request->this_value,
                                      request->argc, request->argv);
      iso->stack_top = top;
      return request->result == VALUE_EXCEPTION ? CALL_THREW : CALL_RETURNED;
    }
  }
}

// How many in-object slots the objects of a constructor get.
static uint16_t construct_capacity(const Code *callee, const Code *target) {
  uint32_t count = callee->expected_properties;
  if (target != callee) count += target->expected_properties;
  if (count < 4) count = 4;
  return (uint16_t)(count > 64 ? 64 : count);
}

// The object a constructor gets as `this` (10.1.13). NULL: threw.
static Object *construct_this(Isolate *iso, Code *callee, Value new_target) {
  Object *target = value_as_object(new_target);
  if (target->cell.kind == CELL_FUNCTION) {
    Function *function = (Function *)target;
    Code *code = function->code;
    if (code->construct_target == function &&
        target->shape == code->construct_target_shape &&
        target->slots->values[code->construct_slot] ==
            value_from_cell(code->construct_prototype))
      return vm_object_from_shape(iso, code->construct_shape);
    if (target->shape->cell.flags & SHAPE_LAZY)
      vm_object_materialize(iso, target);
    PropertySlot slot;
    if (vm_shape_lookup(iso, target->shape, KEY(prototype), &slot) &&
        !(slot.attributes & PROPERTY_ACCESSOR) &&
        slot.slot >= target->shape->inline_capacity) {
      Value prototype = *object_slot(target, slot.slot);
      if (value_is_object(prototype)) {
        Shape *shape =
            vm_shape_root(iso, CELL_OBJECT, value_as_object(prototype),
                          construct_capacity(callee, code));
        if (target->shape->cell.flags & SHAPE_UNIQUE)
          target->shape->cell.flags |= SHAPE_WATCHED;
        gc_store_pointer(iso->heap, &code->construct_shape, shape);
        gc_store_pointer(iso->heap, &code->construct_target, function);
        gc_store_pointer(iso->heap, &code->construct_target_shape,
                         target->shape);
        gc_store_pointer(iso->heap, &code->construct_prototype,
                         value_as_object(prototype));
        code->construct_slot = slot.slot - target->shape->inline_capacity;
        return vm_object_from_shape(iso, shape);
      }
    }
  }
  Value prototype = vm_get(iso, target, KEY(prototype));
  if (value_is_exception(prototype)) return NULL;
  if (!value_is_object(prototype)) {
    Realm *realm = vm_function_realm(iso, target);
    if (realm == NULL) return NULL;
    prototype = value_from_cell(realm->intrinsics[INTRINSIC_ObjectPrototype]);
  }
  return vm_object_from_shape(
      iso, vm_shape_root(iso, CELL_OBJECT, value_as_object(prototype),
                         construct_capacity(callee, callee)));
}

CallOutcome vm_prepare_construct(Isolate *iso, CallRequest *request) {
  if (unlikely(!value_is_object(request->new_target))) { // in loaded code only
    vm_throw_bad_callee(iso, request->new_target, true);
    return CALL_THREW;
  }
  for (;;) {
    Value callee = request->callee;
    if (!value_is_constructor(callee)) {
      vm_throw_bad_callee(iso, callee, true);
      return CALL_THREW;
    }
    Object *o = value_as_object(callee);
    switch (o->cell.kind) {
    case CELL_FUNCTION: {
      Function *function = (Function *)o;
      if (function->code->cell.flags & CODE_FLAG_DERIVED) {
        request->this_value = VALUE_EMPTY;
        // RETURN_CONSTRUCTED does the checks of 10.2.2.
        request->flags &= (uint16_t)~FRAME_CONSTRUCT;
      } else {
        Object *this_object =
            construct_this(iso, function->code, request->new_target);
        if (this_object == NULL) return CALL_THREW;
        request->this_value = value_from_cell(this_object);
      }
      return vm_push_frame(iso, request, function) != NULL ? CALL_PUSHED
                                                           : CALL_THREW;
    }
    case CELL_NATIVE_FUNCTION:
      request->this_value = VALUE_UNDEFINED;
      return call_native(iso, request, (NativeFunction *)o);
    case CELL_BOUND_FUNCTION: { // 10.4.1.2
      BoundFunction *bound = (BoundFunction *)o;
      if (!spread_arguments(iso, request, bound->arguments,
                            bound->argument_count, request->argv,
                            request->argc))
        return CALL_THREW;
      if (request->new_target == callee)
        request->new_target = value_from_cell(bound->target);
      request->callee = value_from_cell(bound->target);
      continue;
    }
    default: {
      Value *top = iso->stack_top;
      if (request->top > top) iso->stack_top = request->top;
      request->result = vm_proxy_construct(iso, o, request->argc, request->argv,
                                           request->new_target);
      iso->stack_top = top;
      return request->result == VALUE_EXCEPTION ? CALL_THREW : CALL_RETURNED;
    }
    }
  }
}

Value vm_run_prepared(Isolate *iso, CallRequest *request, CallOutcome outcome,
                      Realm *realm, Value *top) {
  Value v;
  switch (outcome) {
  case CALL_PUSHED:
    v = vm_run(iso, iso->frame,
               (iso->frame->flags & FRAME_RESUMED) &&
                   iso->exception != VALUE_EMPTY);
    break;
  case CALL_RETURNED:
    v = request->result;
    break;
  default:
    v = VALUE_EXCEPTION;
  }
  iso->realm = realm;
  iso->stack_top = top;
  return v;
}

static inline __attribute__((always_inline)) Value
call(Isolate *iso, Value callee, Value this_value, uint32_t argc,
     const Value *argv, uint16_t flags) {
  // A step of the budget, as any call: loops in C that call back would not end
  // else.
  if (unlikely((uintptr_t)__builtin_frame_address(0) <= iso->c_stack_limit)) {
    return vm_throw_stack_overflow(iso);
  }
  if (unlikely(!vm_poll(iso, 1))) return VALUE_EXCEPTION;
  Realm *realm = iso->realm;
  Value *top = iso->stack_top;
  if (value_is_kind(callee, CELL_FUNCTION)) {
    Function *function = (Function *)value_as_cell(callee);
    if (likely(!(function->code->cell.flags & CODE_FLAG_CLASS))) {
      Frame *frame = push_frame(iso, top, function, this_value, VALUE_UNDEFINED,
                                argv, argc, flags, 0);
      Value result =
          likely(frame != NULL) ? vm_run(iso, frame, false) : VALUE_EXCEPTION;
      iso->realm = realm;
      iso->stack_top = top;
      return result;
    }
  }
  CallRequest request = {.callee = callee,
                         .this_value = this_value,
                         .new_target = VALUE_UNDEFINED,
                         .argv = argv,
                         .argc = argc,
                         .flags = FRAME_ENTRY,
                         .top = top};
  CallOutcome outcome = vm_prepare_call(iso, &request);
  return vm_run_prepared(iso, &request, outcome, realm, top);
}

Value vm_call(Isolate *iso, Value callee, Value this_value, uint32_t argc,
              const Value *argv) {
  return call(iso, callee, this_value, argc, argv, FRAME_ENTRY);
}

Value vm_call_root(Isolate *iso, Value callee, uint32_t argc,
                   const Value *argv) {
  // Whoever observes promises sees that of its result from the start.
  bool is_observed = iso->promise_hook != NULL;
  return call(iso, callee, VALUE_UNDEFINED, argc, argv,
              is_observed ? FRAME_ENTRY : FRAME_ENTRY | FRAME_ROOT);
}

Value vm_construct(Isolate *iso, Value constructor, uint32_t argc,
                   const Value *argv, Value new_target) {
  if (unlikely(!vm_check_stack(iso))) return VALUE_EXCEPTION;
  Realm *realm = iso->realm;
  Value *top = iso->stack_top;
  CallRequest request = {.callee = constructor,
                         .this_value = VALUE_EMPTY,
                         .new_target = new_target,
                         .argv = argv,
                         .argc = argc,
                         .flags = FRAME_ENTRY | FRAME_CONSTRUCT,
                         .top = top};
  CallOutcome outcome = vm_prepare_construct(iso, &request);
  return vm_run_prepared(iso, &request, outcome, realm, top);
}
