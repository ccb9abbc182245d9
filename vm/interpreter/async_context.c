// SPDX-License-Identifier: MIT
// Making contexts, and functions that remember one.
#include "vm/interpreter/async_context.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/code.h"

enum { CONTEXT_VARIABLES, CONTEXT_SPAN, CONTEXT_TASK, CONTEXT_WORDS };

static Value part(Value context, uint32_t which) {
  return value_is_kind(context, CELL_CELL_LIST)
             ? ((CellList *)value_as_cell(context))->words[which]
             : VALUE_UNDEFINED;
}

Value vm_context_variables(Value context) {
  return part(context, CONTEXT_VARIABLES);
}

Value vm_context_span(Value context) {
  return part(context, CONTEXT_SPAN);
}

Value vm_context_task(Value context) {
  return value_is_number(context) ? context : part(context, CONTEXT_TASK);
}

static void set(Isolate *iso, Value variables, Value span, Value task) {
  iso->async_context = task;
  if (value_is_undefined(variables) && value_is_undefined(span)) return;
  CellList *context = vm_cell_list_new(iso, CONTEXT_WORDS);
  context->words[CONTEXT_VARIABLES] = variables;
  context->words[CONTEXT_SPAN] = span;
  context->words[CONTEXT_TASK] = task;
  iso->async_context = value_from_cell(context);
}

void vm_context_set_variables(Isolate *iso, Value variables) {
  Value context = iso->async_context;
  set(iso, variables, vm_context_span(context), vm_context_task(context));
}

void vm_context_set_span(Isolate *iso, Value span) {
  Value context = iso->async_context;
  set(iso, vm_context_variables(context), span, vm_context_task(context));
}

void vm_context_set_task(Isolate *iso, Value number) {
  Value context = iso->async_context;
  set(iso, vm_context_variables(context), vm_context_span(context), number);
}

void vm_context_left_by_exception(Isolate *iso, Value context) {
  iso->thrown = iso->exception;
  iso->thrown_context = context;
}

Value vm_context_of_exception(const Isolate *iso) {
  return iso->exception == iso->thrown ? iso->thrown_context
                                       : iso->async_context;
}

// Slots: the function, the context.
static Value call_in_context(Isolate *iso, const NativeCall *call) {
  Value before = iso->async_context;
  iso->async_context = native_slot(call, 1);
  Value result = vm_call(iso, native_slot(call, 0), call->this_value,
                         call->argc, call->argv);
  iso->async_context = before;
  if (unlikely(value_is_exception(result)))
    vm_context_left_by_exception(iso, native_slot(call, 1));
  return result;
}

Value vm_context_bind(Isolate *iso, Value function) {
  if (likely(value_is_undefined(iso->async_context))) return function;
  NativeFunction *bound =
      vm_native_new(iso, call_in_context, NULL, 0, 2, false);
  bound->slots[0] = function;
  bound->slots[1] = iso->async_context;
  return value_from_cell(bound);
}

Value vm_context_unbound(Value value) {
  if (!value_is_kind(value, CELL_NATIVE_FUNCTION)) return value;
  const NativeFunction *f = (const NativeFunction *)value_as_cell(value);
  return f->code == call_in_context ? f->slots[0] : value;
}
