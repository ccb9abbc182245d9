// SPDX-License-Identifier: MIT
// Making exceptions pending. Messages are formatted into a bounded buffer; what
// scripts can make arbitrarily long is cut by vm_describe.
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"

Value vm_throw(Isolate *iso, Value exception) {
  iso->exception = exception;
  return VALUE_EXCEPTION;
}

bool vm_has_exception(const Isolate *iso) {
  return iso->exception != VALUE_EMPTY;
}

Value vm_take_exception(Isolate *iso) {
  Value e = iso->exception;
  iso->exception = VALUE_EMPTY;
  return e;
}

void vm_forget_exception(Isolate *iso) {
  iso->exception = VALUE_EMPTY;
  if (!iso->terminating) return;
  iso->terminating = false;
  vm_request_interrupt(iso, INTERRUPT_TERMINATE);
}

bool vm_is_terminating(const Isolate *iso) {
  return iso->terminating;
}

// What an error of the engine unwinds is cleared: it may be one of a limit.
static void unwinds_stack(Isolate *iso) {
  if (iso->stack_top > iso->stale_top) iso->stale_top = iso->stack_top;
}

Value vm_terminate(Isolate *iso) {
  iso->terminating = true;
  iso->c_stack_is_stale = true;
  unwinds_stack(iso);
  return vm_throw(iso, VALUE_NULL);
}

void vm_end_termination(Isolate *iso) {
  iso->terminating = false;
  iso->exception = VALUE_EMPTY;
}

static Value throw_message(Isolate *iso, ErrorType type, const char *text) {
  unwinds_stack(iso);
  String *message = vm_string_from_c(iso, text);
  if (message == NULL) return VALUE_EXCEPTION;
  Object *error = vm_error_new(iso, type, message);
  return error ? vm_throw(iso, value_from_cell(error)) : VALUE_EXCEPTION;
}

Value vm_throw_error(Isolate *iso, ErrorType type, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return throw_message(iso, type, text);
}

// Fills the one %s of the format by hand: it is not a literal here.
static Value throw_filled(Isolate *iso, const char *format, const char *what) {
  char text[512];
  const char *hole = strstr(format, "%s");
  if (hole == NULL) return throw_message(iso, ERROR_TYPE, format);
  snprintf(text, sizeof text, "%.*s%s%s", (int)(hole - format), format, what,
           hole + 2);
  return throw_message(iso, ERROR_TYPE, text);
}

Value vm_throw_type_key(Isolate *iso, const char *format, PropertyKey key) {
  char text[128];
  vm_describe_key(iso, key, text, sizeof text);
  return throw_filled(iso, format, text);
}

Value vm_throw_type_value(Isolate *iso, const char *format, Value v) {
  char text[128];
  vm_describe(iso, v, text, sizeof text);
  return throw_filled(iso, format, text);
}

Value vm_throw_not_callable(Isolate *iso, Value v) {
  return vm_throw_type_value(iso, "%s is not a function", v);
}

// One error is enough for what the collector has told meanwhile.
Value vm_throw_out_of_memory(Isolate *iso) {
  uint32_t told = INTERRUPT_OUT_OF_MEMORY | INTERRUPT_HEAP_FULL;
  atomic_fetch_and_explicit(&iso->interrupt, ~told, memory_order_relaxed);
  iso->ran_out_of_memory = iso->c_stack_is_stale = true;
  unwinds_stack(iso);
  return vm_throw(iso, iso->out_of_memory_error);
}

bool vm_is_out_of_memory(const Isolate *iso) {
  return vm_has_exception(iso) && iso->exception == iso->out_of_memory_error;
}

Value vm_throw_stack_overflow(Isolate *iso) {
  return vm_throw_range(iso, "Maximum call stack size exceeded");
}
