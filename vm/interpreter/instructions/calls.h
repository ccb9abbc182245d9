// SPDX-License-Identifier: MIT
// Calls, construction, returns, and what runs after each.
// A part of vm_run (dispatch.c), which includes it within its body.

CASE(CALL_FUNCTION) {
  r[pc->b + 1] = VALUE_UNDEFINED;
} // goes on as CALL
CASE(CALL) {
  const Value *argument = &r[pc->b];
  Value callee = argument[0];
  SAVE_PC();
  if (likely(value_is_cell(callee))) {
    GcCell *cell = value_as_cell(callee);
    if (likely(cell->kind == CELL_FUNCTION)) {
      Function *function = (Function *)cell;
      Code *target = function->code;
      if (likely(target->plain_call_realm == code->realm)) {
        Frame *frame = (Frame *)(r + code->register_count);
        Value *registers = frame->registers;
        uint32_t argc = pc->c;
        uint32_t parameters = target->parameter_count;
        WHOLE_WORD(argc);
        WHOLE_WORD(parameters);
        Value *top = registers + target->register_count;
        if (likely(top <= iso->stack_limit)) {
          frame->caller = FRAME();
          frame->code = target;
          frame->function = function;
          frame->this_value = argument[1];
          frame->new_target = VALUE_UNDEFINED;
          frame->argv = argument + 2;
          // argc, the result register, no flags; fiber is not looked at.
          frame->call_word = argc | (uint64_t)pc->a << 32;
          uint32_t i = 0;
          if (likely(argc >= parameters)) {
            for (; i < parameters; i++)
              registers[i] = argument[2 + i];
          } else {
            for (; i < argc; i++)
              registers[i] = argument[2 + i];
            for (; i < parameters; i++)
              registers[i] = VALUE_UNDEFINED;
          }
          iso->frame = frame;
          iso->stack_top = top;
          r = registers;
          code = target;
          pc = target->instructions;
          if (budget_is_up(iso)) goto safepoint;
          DISPATCH();
        }
      }
    } else if (cell->kind == CELL_NATIVE_FUNCTION) {
      NativeFunction *native = (NativeFunction *)cell;
      if (likely(!(cell->flags & NATIVE_RUNS_IN_LOOP) &&
                 native->realm == code->realm)) {
        NativeCall call = {argument[1], VALUE_UNDEFINED, callee, pc->c,
                           argument + 2};
        Value v = native->code(iso, &call);
        CHECK_VALUE(v);
        r[pc->a] = v;
        NEXT(1);
      }
    }
  }
  request.callee = callee;
  request.this_value = argument[1];
  request.new_target = VALUE_UNDEFINED;
  request.argv = argument + 2;
  request.argc = pc->c;
  request.result_register = pc->a;
  request.flags = 0;
  request.top = r + code->register_count;
  goto call_request;
}
SHARED(call_getter) {
  // request.callee and this_value are set; the result goes to r[a].
  request.new_target = VALUE_UNDEFINED;
  request.argv = NULL;
  request.argc = 0;
  request.result_register = pc->a;
  request.flags = 0;
  request.top = r + code->register_count;
}
SHARED(call_request) {
  if (words_of[pc->op] != 1) request.flags |= FRAME_TWO_WORDS;
  switch (vm_prepare_call(iso, &request)) {
  case CALL_PUSHED:
    goto enter_frame;
  case CALL_RETURNED:
    if (!(request.flags & FRAME_DISCARD)) r[pc->a] = request.result;
    goto next_instruction;
  case CALL_THREW:
    goto exception;
  }
  __builtin_unreachable();
}

// Goes on after the call instruction at pc.
SHARED(next_instruction) {
  pc += words_of[pc->op];
  DISPATCH();
}

SHARED(enter_frame) {
  Frame *frame = iso->frame;
  r = frame->registers;
  code = frame->code;
  pc = frame->pc;
  if (unlikely(frame->flags & FRAME_RESUMED) && iso->exception != VALUE_EMPTY)
    goto exception;
  if (budget_is_up(iso)) goto safepoint;
  DISPATCH();
}

SHARED(safepoint) {
  // At a target: the frame's pc is what runs next.
  SAVE_PC();
  CHECK(vm_safepoint(iso));
  if (code->optimized != NULL) vm_enter_optimized(iso, FRAME());
  pc = FRAME()->pc;
  DISPATCH();
}

// The guard at pc failed, before any effect: on in the baseline.
SHARED(deoptimize) {
  SAVE_PC();
  vm_deoptimize(iso, FRAME());
  pc = FRAME()->pc;
  DISPATCH();
}

CASE(CALL_FORWARD) {
  SAVE_PC();
  Frame *frame = FRAME();
  Value apply = r[pc->b];
  request.new_target = VALUE_UNDEFINED;
  request.result_register = pc->a;
  request.flags = 0;
  request.top = r + code->register_count;
  if (likely(value_is_kind(apply, CELL_NATIVE_FUNCTION) &&
             (value_as_cell(apply)->flags & NATIVE_RUNS_IN_LOOP) &&
             ((NativeFunction *)value_as_cell(apply))->magic ==
                 LOOP_FUNCTION_APPLY)) {
    request.callee = r[pc->b + 1];
    request.this_value = r[pc->b + 2];
    request.argv = frame->argv;
    request.argc = frame->argc;
    goto call_request;
  }
  // Another function of that name.
  Value arguments = vm_new_arguments(iso, frame, VALUE_UNDEFINED, pc->c == 1);
  CHECK_VALUE(arguments);
  r[pc->b + 3] = arguments;
  request.callee = apply;
  request.this_value = r[pc->b + 1];
  request.argv = &r[pc->b + 2];
  request.argc = 2;
  goto call_request;
}
CASE(CALL_SPREAD) {
  SAVE_PC();
  request.callee = r[pc->b];
  request.this_value = r[pc->b + 1];
  request.new_target = VALUE_UNDEFINED;
  request.result_register = pc->a;
  request.flags = 0;
  request.top = r + code->register_count;
  if (pc->c != 0) {
    CHECK(vm_arguments_of_iterable(iso, &request, &r[pc->b + 2]));
  } else {
    Array *array = (Array *)value_as_cell(r[pc->b + 2]);
    request.argv = array->object.elements->values;
    request.argc = elements_length(array->object.elements);
  }
  goto call_request;
}
CASE(CALL_EVAL) {
  SAVE_PC();
  request.callee = r[pc->b];
  request.this_value = r[pc->b + 1];
  request.new_target = VALUE_UNDEFINED;
  request.argv = &r[pc->b + 2];
  request.argc = pc->c;
  if (pc->c == UINT16_MAX) { // eval(...spread)
    Elements *e = value_as_object(r[pc->b + 2])->elements;
    request.argv = e->values;
    request.argc = elements_length(e);
  }
  request.result_register = pc->a;
  request.flags = 0;
  request.top = r + code->register_count;
  CallOutcome outcome;
  if (vm_call_eval(iso, FRAME(), pc, &request, &outcome)) {
    if (outcome == CALL_THREW) goto exception;
    r[pc->a] = request.result;
    NEXT(2);
  }
  goto call_request;
}
CASE(NEW) {
  r[pc->b + 1] = r[pc->b];
} // goes on as CONSTRUCT
CASE(CONSTRUCT) {
  SAVE_PC();
  const Value *argument = &r[pc->b];
  request.callee = argument[0];
  request.this_value = VALUE_EMPTY;
  request.new_target = argument[1];
  request.argv = argument + 2;
  request.argc = pc->c;
  request.result_register = pc->a;
  request.flags = FRAME_CONSTRUCT;
  request.top = r + code->register_count;
}
SHARED(construct) {
  // The common cases: a constructor in the language that needs no `this` yet
  // (of a derived class), or whose new_target has made objects before.
  if (likely(value_is_kind(request.callee, CELL_FUNCTION) &&
             value_is_kind(request.new_target, CELL_FUNCTION))) {
    Function *function = (Function *)value_as_cell(request.callee);
    Function *maker = (Function *)value_as_cell(request.new_target);
    Code *target = function->code;
    Code *made = maker->code; // its construct_* are about new_target
    bool is_derived = (target->cell.flags & CODE_FLAG_DERIVED) != 0;
    uint32_t slot = made->construct_slot;
    Value *registers = ((Frame *)request.top)->registers;
    Value *top = registers + target->register_count;
    if (likely((is_derived ||
                (made->construct_target == maker &&
                 maker->object.shape == made->construct_target_shape &&
                 maker->object.slots->values[slot] ==
                     value_from_cell(made->construct_prototype))) &&
               (function->object.cell.flags & OBJECT_CONSTRUCTOR) &&
               top <= iso->stack_limit && target->realm == code->realm &&
               target->instructions != NULL)) {
      Frame *frame = (Frame *)request.top;
      frame->this_value = VALUE_EMPTY;
      if (!is_derived) {
        Shape *shape = made->construct_shape;
        Object *object = (Object *)gc_allocate(
            iso->heap, sizeof(Object) + shape->inline_capacity * sizeof(Value),
            CELL_OBJECT);
        object->cell.aux = shape->inline_capacity;
        object->elements = iso->empty_elements;
        object->shape = shape;
        frame->this_value = value_from_cell(object);
      }
      frame->caller = FRAME();
      frame->code = target;
      frame->function = function;
      frame->new_target = request.new_target;
      frame->argv = request.argv;
      uint32_t argc = request.argc;
      frame->call_word =
          argc | (uint64_t)pc->a << 32 | (uint64_t)FRAME_CONSTRUCT << 48;
      uint32_t parameters = target->parameter_count;
      uint32_t i = 0, copied = argc < parameters ? argc : parameters;
      for (; i < copied; i++)
        registers[i] = request.argv[i];
      for (; i < parameters; i++)
        registers[i] = VALUE_UNDEFINED;
      iso->frame = frame;
      iso->stack_top = top;
      r = registers;
      code = target;
      pc = target->instructions;
      if (budget_is_up(iso)) goto safepoint;
      DISPATCH();
    }
  }
  goto construct_request;
}
SHARED(construct_request) {
  switch (vm_prepare_construct(iso, &request)) {
  case CALL_PUSHED:
    goto enter_frame;
  case CALL_RETURNED:
    r[pc->a] = request.result;
    goto next_instruction;
  case CALL_THREW:
    goto exception;
  }
  __builtin_unreachable();
}
CASE(CONSTRUCT_SPREAD) {
  SAVE_PC();
  request.callee = r[pc->b];
  request.this_value = VALUE_EMPTY;
  request.new_target = r[pc->b + 1];
  request.result_register = pc->a;
  request.flags = FRAME_CONSTRUCT;
  request.top = r + code->register_count;
  if (pc->c == 2) { // as the running function was called
    request.argv = FRAME()->argv;
    request.argc = FRAME()->argc;
  } else if (pc->c != 0) {
    CHECK(vm_arguments_of_iterable(iso, &request, &r[pc->b + 2]));
  } else {
    Array *array = (Array *)value_as_cell(r[pc->b + 2]);
    request.argv = array->object.elements->values;
    request.argc = elements_length(array->object.elements);
  }
  goto construct;
}
CASE(GET_SUPER_CONSTRUCTOR) {
  RESULT(1, vm_super_constructor(iso, r[pc->b]));
}
CASE(INTRINSIC) {
  SAVE_PC();
  NativeCall call = {VALUE_UNDEFINED, VALUE_UNDEFINED, VALUE_UNDEFINED, pc->c,
                     &r[pc->b]};
  Value v = vm_intrinsic_table[X_WORD()](iso, &call);
  CHECK_VALUE(v);
  r[pc->a] = v;
  NEXT(2);
}
CASE(IO) {
  RESULT(2, vm_io_submit(iso, (uint32_t)X_WORD(), pc->c, &r[pc->b]));
}
CASE(IO_AWAIT) {
  SAVE_PC();
  Value v;
  CHECK(vm_io_await(iso, FRAME(), (uint32_t)X_WORD(), pc->c, &r[pc->b], &v));
  request.result = v;
  goto deliver_result;
}
#define DO_RETURN(value)                                                       \
  Value v = (value);                                                           \
  Frame *frame = FRAME();                                                      \
  if (unlikely(frame->flags != 0)) {                                           \
    if (frame->flags == FRAME_CONSTRUCT) {                                     \
      if (!value_is_object(v)) v = frame->this_value;                          \
    } else if (frame->flags == FRAME_ENTRY) {                                  \
      iso->frame = frame->caller;                                              \
      iso->stack_top = (Value *)frame;                                         \
      return v;                                                                \
    } else {                                                                   \
      frame->pc = pc;                                                          \
      request.result = v;                                                      \
      goto return_with_flags;                                                  \
    }                                                                          \
  }                                                                            \
  Frame *caller = frame->caller;                                               \
  iso->frame = caller;                                                         \
  iso->stack_top = (Value *)frame;                                             \
  r = caller->registers;                                                       \
  code = caller->code;                                                         \
  pc = caller->pc;                                                             \
  r[frame->result_register] = v;                                               \
  NEXT(1);
CASE(RETURN) {
  DO_RETURN(r[pc->a]);
}
CASE(RETURN_UNDEFINED) {
  DO_RETURN(VALUE_UNDEFINED);
}
#undef DO_RETURN
CASE(RETURN_CONSTRUCTED) {
  Value v = r[pc->a];
  if (!value_is_object(v)) {
    SAVE_PC();
    Value this_value = r[pc->b];
    if (unlikely(!value_is_undefined(v) || this_value == VALUE_EMPTY)) {
      // The body is over: its caller throws, in the caller's realm.
      Frame *frame = FRAME();
      if (frame->caller != NULL) iso->realm = frame->caller->code->realm;
      if (!value_is_undefined(v)) {
        vm_throw_type(iso,
                      "Derived constructors may only return object or "
                      "undefined");
      } else {
        vm_throw_reference(
            iso,
            "Must call super constructor in derived class before "
            "accessing 'this' or returning from derived constructor");
      }
      vm_stack_barrier(iso, frame);
      iso->frame = frame->caller;
      iso->stack_top = (Value *)frame;
      if (frame->flags & FRAME_ENTRY) return VALUE_EXCEPTION;
      goto exception;
    }
    v = this_value;
  }
  request.result = v;
  goto return_with_flags;
}
SHARED(return_with_flags) {
  Frame *frame = FRAME();
  unsigned flags = frame->flags;
  Value v = request.result;
  if ((flags & FRAME_CONSTRUCT) && !value_is_object(v)) v = frame->this_value;
  if (flags & (FRAME_ASYNC | FRAME_GENERATOR)) {
    v = vm_finish_frame(iso, frame, v);
    if (flags & FRAME_STEP) {
      // A generator that for-of runs has ended.
      request.result = VALUE_EMPTY;
      goto deliver_result;
    }
  }
  request.result = v;
  goto deliver_result;
}
// The frame is done, or suspended: request.result goes to whoever runs it. A
// frame with FRAME_STEP gives the bare value, or EMPTY at the end.
SHARED(deliver_result) {
  Frame *frame = FRAME();
  unsigned flags = frame->flags;
  Value v = request.result;
  Frame *caller = frame->caller;
  vm_stack_barrier(iso, frame);
  iso->frame = caller;
  iso->stack_top = (Value *)frame;
  if (flags & FRAME_ENTRY) return v;
  r = caller->registers;
  code = caller->code;
  pc = caller->pc;
  if (unlikely(code->realm != iso->realm)) iso->realm = code->realm;
  if (unlikely(flags & (FRAME_STEP | FRAME_NEXT_CALL))) {
    // The caller is at an ITERATOR_STEP.
    Value *it = &r[pc->b];
    if (flags & FRAME_NEXT_CALL) {
      Tri more = vm_iterator_step_finish(iso, it, v, &v);
      CHECK(more >= 0);
      if (!more) v = VALUE_EMPTY;
    }
    if (v == VALUE_EMPTY) {
      it[1] = it[2] = VALUE_UNDEFINED;
      it[0] = VALUE_UNDEFINED;
      r[pc->a] = VALUE_UNDEFINED;
      if (pc->op == OP_ITERATOR_STEP) {
        pc += 2 + (int64_t)(int32_t)X_WORD();
        DISPATCH();
      }
      NEXT(1);
    }
    r[pc->a] = v;
    goto next_instruction;
  }
  if (!(flags & FRAME_DISCARD)) r[frame->result_register] = v;
  goto next_instruction;
}
CASE(IMPORT_CALL) {
  RESULT(2,
         vm_import_call(iso, code, r[pc->b], r[pc->c], (ModulePhase)X_WORD()));
}
CASE(IMPORT_META) {
  RESULT(1, vm_import_meta(iso, code->module));
}
