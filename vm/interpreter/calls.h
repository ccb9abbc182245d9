// SPDX-License-Identifier: MIT
// Between the dispatch loop and its slow paths. Nothing here is for C code
// outside of vm/interpreter; that uses run.h.
#ifndef RILL_VM_INTERPRETER_CALLS_H
#define RILL_VM_INTERPRETER_CALLS_H

#include "vm/builtins/loop_natives.h"
#include "vm/interpreter/fiber.h"
#include "vm/objects/operations.h"

// The magic of natives with NATIVE_RUNS_IN_LOOP.
typedef enum {
  LOOP_FUNCTION_CALL,
  LOOP_FUNCTION_APPLY,
  LOOP_REFLECT_APPLY,
  LOOP_GENERATOR_NEXT,
  LOOP_ITERATOR_HELPER_NEXT,
  LOOP_GENERATOR_THROW,
  LOOP_GENERATOR_RETURN,
} LoopNative;

// A call that is not the common one. `top`: where the new frame may start.
typedef struct CallRequest {
  Value callee, this_value, new_target;
  const Value *argv;
  uint32_t argc;
  uint16_t result_register, flags; // of the new frame
  Value *top;
  Value result; // CALL_RETURNED
} CallRequest;
typedef enum {
  CALL_THREW,
  CALL_RETURNED, // result is there
  CALL_PUSHED,   // isolate->frame is a new frame, to be run from its pc
} CallOutcome;
CallOutcome vm_prepare_call(Isolate *, CallRequest *);
// Arguments: all that the iterable in *place yields. *place keeps them alive.
// False: threw.
bool vm_arguments_of_iterable(Isolate *, CallRequest *, Value *place);
// TypeErrors of the running instruction (expression_errors.c): what it calls is
// no function or constructor; it destructures null or undefined.
void vm_throw_bad_callee(Isolate *, Value callee, bool is_construct);
void vm_throw_not_coercible(Isolate *, Value);
// ... the property `key` of it. False, and nothing thrown: it does not.
bool vm_throw_bad_pattern(Isolate *, Value, PropertyKey key);
// new_target is set; `this` is made here.
CallOutcome vm_prepare_construct(Isolate *, CallRequest *);
// From C: runs what was prepared with FRAME_ENTRY in its flags, and puts back
// the realm and the stack top of before the preparation, which changed them.
Value vm_run_prepared(Isolate *, CallRequest *, CallOutcome, Realm *,
                      Value *top);
// Pushes a frame for a Function; NULL: stack overflow, thrown.
Frame *vm_push_frame(Isolate *, CallRequest *, Function *);
// The generator that calling `next` on `iterator` resumes: the iterator itself
// or what an Iterator Helper is made of. NULL: `next` does something else.
static inline Generator *vm_generator_of_next(Value iterator,
                                              const NativeFunction *next) {
  if (!(next->object.cell.flags & NATIVE_RUNS_IN_LOOP)) return NULL;
  if (next->magic == LOOP_GENERATOR_NEXT &&
      value_is_kind(iterator, CELL_GENERATOR))
    return (Generator *)value_as_cell(iterator);
  if (next->magic != LOOP_ITERATOR_HELPER_NEXT ||
      !value_is_kind(iterator, CELL_ITERATOR))
    return NULL;
  IteratorObject *helper = (IteratorObject *)value_as_cell(iterator);
  if (helper->family != ITERATOR_HELPER) return NULL;
  return (Generator *)value_as_cell(helper->target);
}
// A generator's resumption by next, throw or return.
CallOutcome vm_prepare_resume(Isolate *, CallRequest *, Generator *, ResumeMode,
                              Value);

// Settles what a frame with flags owes when it returns `value` or ends with the
// pending exception; the answer is what the resumer gets. EMPTY: threw.
Value vm_finish_frame(Isolate *, Frame *, Value value);
Value vm_fail_frame(Isolate *, Frame *);

// START_GENERATOR: saves the frame; the answer is the generator object, or the
// fiber of a module's code.
Value vm_start_generator(Isolate *, Frame *);
// Saves a frame that has a fiber already (YIELD).
void vm_fiber_suspend(Isolate *, Frame *, FiberState);
// AWAIT: saves the frame; *out is what its runner gets. False: threw.
bool vm_await_value(Isolate *, Frame *, Value, Value *out);
bool vm_io_await(Isolate *, Frame *, uint32_t op, uint32_t argc,
                 const Value *argv, Value *out);
// YIELD in async generators, whose fiber is saved: answers the first request.
void vm_async_generator_yield(Isolate *, Fiber *, Value);
// Get(o, key) through the megamorphic table: for keys that are always the same.
Value vm_get_quickly(Isolate *, Object *, PropertyKey);
// The same for data properties, or their absence; false: ask the general way.
bool vm_get_data_quickly(Isolate *, Object *, PropertyKey, Value *out);
// Set(o, key, value) in the same way; the key is no index. False: threw.
bool vm_set_quickly(Isolate *, Object *, PropertyKey, Value,
                    bool strict) VM_CHECKED;

static inline int32_t number_to_int32(Value v) {
  return value_is_int(v) ? value_as_int(v)
                         : vm_double_to_int32(value_as_double(v));
}

// Arithmetic slow paths.
Value vm_slow_binary(Isolate *, ArithOperator, Value, Value);
// The same of one operator, with a way of their own for small BigInts.
Value vm_slow_add(Isolate *, Value, Value);
Value vm_slow_subtract(Isolate *, Value, Value);
Value vm_slow_multiply(Isolate *, Value, Value);
Value vm_slow_and(Isolate *, Value, Value);
Value vm_slow_or(Isolate *, Value, Value);
Value vm_slow_xor(Isolate *, Value, Value);
Tri vm_equal_quickly(Isolate *, Value, Value); // IsLooselyEqual
Value vm_increment_any(Isolate *, Value, int delta);
int vm_slow_less(Isolate *, Value, Value); // 0, 1, -1; NaN: 0
int vm_slow_less_equal(Isolate *, Value, Value);
int vm_slow_greater(Isolate *, Value, Value);
int vm_slow_greater_equal(Isolate *, Value, Value);

// Property slow paths. A script getter or setter is not called but handed back
// in *out.
typedef enum {
  ACCESS_THREW,
  ACCESS_DONE,
  ACCESS_CALL, // of *out, with `this` the base
} AccessOutcome;
AccessOutcome vm_get_named_slow(Isolate *, Code *, InlineCache *, Value base,
                                Value *out);
AccessOutcome vm_set_named_slow(Isolate *, Code *, InlineCache *, Value base,
                                Value value, Value *setter);
bool vm_init_named_slow(Isolate *, Code *, InlineCache *, Object *, Value);
bool vm_get_element_slow(Isolate *, Value base, Value key, Value *out);
bool vm_set_element_slow(Isolate *, Code *, Value base, Value key, Value value);
bool vm_delete_instruction(Isolate *, Code *, Value base, PropertyKey,
                           Value *out);
bool vm_delete_element(Isolate *, Code *, Value base, Value key, Value *out);
Tri vm_instance_of_instruction(Isolate *, Value, Value target);
Tri vm_has_property_slow(Isolate *, Value key, Value base);
bool vm_new_object_literal(Isolate *, Code *, InlineCache *, const Value *,
                           Value *out);

// Environments and names (environment.c, dynamic_names.c, globals.c).
Environment *vm_environment_new(Isolate *, Environment *parent, uint32_t slots);
Environment *vm_scope_environment_new(Isolate *, Code *, Environment *parent,
                                      const ScopeDescription *);
Environment *vm_environment_copy(Isolate *, const Environment *);
Environment *vm_with_environment_new(Isolate *, Environment *parent,
                                     Value object) VM_CHECKED;
bool vm_resolve_name(Isolate *, Environment *, PropertyKey, Value *out);
bool vm_get_resolved(Isolate *, Code *, Value reference, PropertyKey,
                     bool missing_is_undefined, Value *out);
bool vm_set_resolved(Isolate *, Code *, Value reference, PropertyKey, Value);
bool vm_delete_resolved(Isolate *, Value reference, PropertyKey, Value *out);
Value vm_resolved_this(Value reference);
bool vm_declare_eval_vars(Isolate *, Code *, Value variable_environment,
                          const Record *);
// Annex B.3.3: a function in a block, to the variable of its name if there is
// one.
bool vm_set_hoisted(Isolate *, Value variable_environment, PropertyKey,
                    Value value);
bool vm_init_eval_var(Isolate *, Value variable_environment, PropertyKey,
                      Value);
bool vm_declare_globals(Isolate *, const Record *, bool repl);
bool vm_define_global_function(Isolate *, PropertyKey, Value, bool deletable);
void vm_init_global_lexical(Isolate *, PropertyKey, Value);
Value vm_throw_not_initialized(Isolate *, PropertyKey);

// Objects, classes, functions (literals.c).
Value vm_new_arguments(Isolate *, Frame *, Value environment, bool mapped);
Value vm_new_rest(Isolate *, Frame *, uint32_t from);
bool vm_define_method(Isolate *, Object *, Value key, Value function);
bool vm_define_accessor(Isolate *, Object *, Value key, Value function,
                        uint64_t bits);
bool vm_copy_data_properties(Isolate *, Value target, Value source,
                             const Value *excluded, uint64_t count);
bool vm_new_class(Isolate *, Code *, uint32_t function, Value heritage,
                  Environment *, Value *out_pair);
bool vm_set_function_name(Isolate *, Value function, Value key,
                          unsigned prefix);
bool vm_concat(Isolate *, const Value *, uint32_t count, Value *out);
bool vm_get_super(Isolate *, Frame *, Value receiver, Value key, Value *out);
bool vm_get_super_base(Isolate *, Frame *, Value *out); // null: there is none
bool vm_get_super_from(Isolate *, Value base, Value receiver, Value key,
                       Value *out);
bool vm_set_super(Isolate *, Code *, Value base, Value receiver, Value key,
                  Value value);
Value vm_super_constructor(Isolate *, Value active_function);
Value vm_coerce_this(Isolate *, Value);
Value vm_new_regexp_literal(Isolate *, Code *, uint32_t record);
Value vm_new_array_constant(Isolate *, const Record *);
bool vm_call_eval(Isolate *, Frame *, const Instruction *, CallRequest *,
                  CallOutcome *out);

// Iteration (iteration.c). `it` are the three registers.
bool vm_get_iterator_slow(Isolate *, Value *it, Value iterable);
bool vm_get_async_iterator_slow(Isolate *, Value *it, Value iterable);
// 1: *out is the next value, 0: done, -1: threw.
Tri vm_iterator_step_slow(Isolate *, Value *it, Value *out);
// After a `next` method in the language returned `result`.
Tri vm_iterator_step_finish(Isolate *, Value *it, Value result, Value *out);
bool vm_iterator_rest(Isolate *, Value *it, Value *out);
bool vm_iterator_close_registers(Isolate *, Value *it, bool quietly);
bool vm_iterator_materialize(Isolate *, Value *it);
bool vm_for_in_start(Isolate *, Value object, Value *out);
Tri vm_for_in_step(Isolate *, Value enumerator, Value *out);

// Gives a self-hosted function its code. False: threw.
bool vm_compile_self_hosted(Isolate *, Function *) VM_CHECKED;
// Self-hosted code (intrinsics.c).
extern const NativeCode vm_intrinsic_table[];

#endif
