// SPDX-License-Identifier: MIT
// Exceptions: the pending one is in the isolate; whoever set it returns
// VALUE_EXCEPTION, TRI_THREW, false or NULL, as its header says.
#ifndef RILL_VM_OBJECTS_THROW_H
#define RILL_VM_OBJECTS_THROW_H

#include "vm/objects/value.h"

typedef enum {
  ERROR_ERROR,
  ERROR_EVAL,
  ERROR_RANGE,
  ERROR_REFERENCE,
  ERROR_SYNTAX,
  ERROR_TYPE,
  ERROR_URI,
  ERROR_AGGREGATE,
  ERROR_TYPE_COUNT
} ErrorType;

// Makes an error of the current realm with message, and a stack of the frames
// that are running, and makes it pending. All return VALUE_EXCEPTION, so that
// `return vm_throw_type(...)` reads well. Formats: printf's; %s takes UTF-8.
Value vm_throw_error(Isolate *, ErrorType, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define vm_throw_type(iso, ...) vm_throw_error(iso, ERROR_TYPE, __VA_ARGS__)
#define vm_throw_range(iso, ...) vm_throw_error(iso, ERROR_RANGE, __VA_ARGS__)
#define vm_throw_reference(iso, ...)                                           \
  vm_throw_error(iso, ERROR_REFERENCE, __VA_ARGS__)
#define vm_throw_syntax(iso, ...) vm_throw_error(iso, ERROR_SYNTAX, __VA_ARGS__)
// The same, "%s" being filled with a short rendering of a key or a value
// ('name', "text", 12, #<Object>, [object Array]).
Value vm_throw_type_key(Isolate *, const char *format_with_one_s, PropertyKey);
Value vm_throw_type_value(Isolate *, const char *format_with_one_s, Value);
// `value is not a function` and its kin.
Value vm_throw_not_callable(Isolate *, Value);
// `value is not iterable`, naming the expression where the running instruction
// iterates over one (vm/interpreter/expression_errors.c).
void vm_throw_not_iterable(Isolate *, Value, bool is_async);
Value vm_throw(Isolate *, Value exception); // throw any value
Value vm_throw_out_of_memory(Isolate *);    // RangeError, preallocated
Value vm_throw_stack_overflow(Isolate *);   // RangeError, "Maximum call ..."

bool vm_has_exception(const Isolate *);
// Takes the pending exception: returns it and clears it.
Value vm_take_exception(Isolate *);
// Is it the lack of memory? Who tries something else where an attempt failed
// does not try after this.
bool vm_is_out_of_memory(const Isolate *);
// Drops it, where what failed for want of memory can be done without. A
// termination comes again at the next safepoint.
void vm_forget_exception(Isolate *);
// An exception that scripts cannot catch is on its way (termination, deadline).
bool vm_is_terminating(const Isolate *);
// Starts it: unwinds everything, up to the C code that entered the isolate
// first. That one calls vm_end_termination before it goes on.
Value vm_terminate(Isolate *);
void vm_end_termination(Isolate *); // takes the exception, too

// A new error object, nothing pending; no message if that is NULL. The stack is
// captured here.
Object *vm_error_new(Isolate *, ErrorType, String *message);
// Captures "stack" for an error object: the frames that run now, then the
// awaiting ones.
void vm_error_capture_stack(Isolate *, Object *error);

#endif
