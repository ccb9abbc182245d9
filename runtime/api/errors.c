// SPDX-License-Identifier: MIT
// The isolate's last error, taken apart for the embedder.
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/api/api.h"
#include "vm/interpreter/stack_roots.h"

// What script may take that describes an error, in nanoseconds.
#define GETTER_TIME 100000000

enum { TEXT_NAME, TEXT_MESSAGE, TEXT_STACK, TEXT_FILE, TEXT_SOURCE_LINE };

void rill_clear_error(rill_isolate *api) {
  api_use(api); // the collector reads the exception of an isolate that rests
  for (int i = 0; i < 5; i++) {
    free(api->error_texts[i]);
    api->error_texts[i] = NULL;
  }
  api->exception.word = VALUE_EMPTY;
  api->error = (rill_error){.kind = RILL_ERROR_NONE,
                            .name = "",
                            .message = "",
                            .stack = "",
                            .file = "",
                            .source_line = ""};
}

static const char *own(rill_isolate *api, int index, char *text) {
  free(api->error_texts[index]);
  api->error_texts[index] = text;
  return text == NULL ? "" : text;
}

// Of script that was to describe an error, and may have been stopped.
static void forget_exception(Isolate *iso) {
  vm_take_exception(iso);
  vm_end_termination(iso);
}

// A property's text; NULL if it is none.
char *api_property_text(Isolate *iso, Value error, PropertyKey key) {
  Value value = vm_get_of_value(iso, error, key);
  if (value_is_exception(value)) {
    forget_exception(iso);
    return NULL;
  }
  return value_is_string(value)
             ? vm_string_to_utf8(iso, value_as_string(value), NULL)
             : NULL;
}

char *api_describe(Isolate *iso, Value value) {
  String *text = vm_to_string(iso, value);
  if (text != NULL) return vm_string_to_utf8(iso, text, NULL);
  forget_exception(iso);
  char shown[256];
  vm_describe(iso, value, shown, sizeof shown);
  return strdup(shown);
}

ApiLimits api_limit_getters(Isolate *iso) {
  ApiLimits limits = {iso->deadline_nanoseconds, iso->fuel};
  iso->deadline_nanoseconds = uv_hrtime() + GETTER_TIME;
  iso->fuel = -1;
  return limits;
}

void api_restore_limits(Isolate *iso, ApiLimits limits) {
  iso->deadline_nanoseconds = limits.deadline;
  iso->fuel = limits.fuel;
}

static __attribute__((noinline)) void take_error(rill_isolate *api) {
  Isolate *iso = api->iso;
  bool terminated = vm_is_terminating(iso);
  Value error = vm_take_exception(iso);
  vm_end_termination(iso);
  rill_clear_error(api);
  api->failures++;
  api->exception.word = error;
  api->error.kind = terminated ? RILL_ERROR_TERMINATED : RILL_ERROR_THROWN;
  ApiLimits limits = api_limit_getters(iso);
  if (value_is_kind(error, CELL_ERROR)) {
    api->error.name =
        own(api, TEXT_NAME, api_property_text(iso, error, KEY(name)));
    api->error.message =
        own(api, TEXT_MESSAGE, api_property_text(iso, error, KEY(message)));
    api->error.stack =
        own(api, TEXT_STACK, api_property_text(iso, error, KEY(stack)));
    ErrorPlace place;
    if (rt_error_place(iso, api->error.stack, &place)) {
      api->error.line = place.line;
      api->error.column = place.column;
      api->error.file = own(api, TEXT_FILE, strdup(place.file));
      api->error.source_line =
          own(api, TEXT_SOURCE_LINE, rt_error_source_line(iso, &place));
    }
  } else if (!terminated) {
    api->error.message = own(api, TEXT_MESSAGE, api_describe(iso, error));
    api->error.stack = api->error.message;
  }
  bool is_nested = iso->frame != NULL || iso->native_depth != 0;
  if (terminated && !is_nested) limits = (ApiLimits){0, -1};
  api_restore_limits(iso, limits);
  // What called the native function that called the script is ended with it,
  // and nobody runs what it has left behind.
  if (terminated && is_nested)
    api->ends = true;
  else if (terminated)
    rt_drop_jobs(api->rt);
}

rill_value api_fail(rill_isolate *api) {
  Isolate *iso = api->iso;
  take_error(api); // whose frame is among what is cleared
  if (unlikely(iso->c_stack_is_stale) && iso->frame == NULL &&
      iso->native_depth == 0)
    vm_c_stack_clear_stale(iso);
  return NULL;
}

rill_value api_fail_host(rill_isolate *api, const char *message) {
  rill_clear_error(api);
  api->failures++;
  api->error.kind = RILL_ERROR_HOST;
  api->error.message = own(api, TEXT_MESSAGE, strdup(message));
  return NULL;
}

rill_value api_result(rill_isolate *api, Value value) {
  return value_is_exception(value) ? api_fail(api) : api_handle(api, value);
}

const rill_error *rill_get_error(rill_isolate *api) {
  return &api->error;
}

rill_value rill_get_exception(rill_isolate *api) {
  return value_is_empty(api->exception.word)
             ? NULL
             : api_handle(api, api->exception.word);
}

rill_value rill_throw(rill_isolate *api, rill_value exception) {
  vm_throw(api->iso, api_value(api, exception));
  return NULL;
}

rill_value rill_throw_error(rill_isolate *api, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  vm_throw_error(api->iso, ERROR_ERROR, "%s", text);
  return NULL;
}
