// SPDX-License-Identifier: MIT
// rill:internal/trace: for modules/lib/rill/trace.js.
#include "rill/trace.h"
#include "runtime/arguments.h"
#include "runtime/io/process/options.h"
#include "runtime/io/request.h"
#include "runtime/modules/native_modules.h"
#include "runtime/trace/spans.h"
#include "vm/interpreter/async_context.h"
#include "vm/objects/operations.h"

// Dumps, the watchdog and traces tell of the whole process: an isolate that may
// not touch that is refused.

// dump(asJson): text.
static Value dump(Isolate *iso, const NativeCall *call) {
  if (!child_allowed(rt_of(iso))) return VALUE_EXCEPTION;
  TextBuffer text;
  text_init(&text);
  String *result = NULL;
  if (trace_dump(rt_of(iso), value_as_bool(call->argv[0]), &text)) {
    result = vm_string_from_utf8(iso, text.bytes, text.length);
  } else {
    vm_throw_out_of_memory(iso);
  }
  text_free(&text);
  return result == NULL ? VALUE_EXCEPTION : value_from_cell(result);
}

// startWatchdog(milliseconds): false: it is on already, or there is no thread.
static Value start_watchdog(Isolate *iso, const NativeCall *call) {
  if (!child_allowed(rt_of(iso))) return VALUE_EXCEPTION;
  rill_watchdog_options options = {
      .size = sizeof options,
      .limit_ms = (uint32_t)value_as_number(call->argv[0]),
  };
  return value_from_bool(rill_watchdog_start(&options) == RILL_OK);
}

// startTrace(form, file or undefined, filter): a status's name.
static Value start_trace(Isolate *iso, const NativeCall *call) {
  if (!child_allowed(rt_of(iso)) || (!value_is_undefined(call->argv[1]) &&
                                     !rt_check_files_allowed(rt_of(iso))))
    return VALUE_EXCEPTION;
  char *file = NULL, *filter = vm_to_utf8(iso, call->argv[2], NULL);
  if (filter == NULL) return VALUE_EXCEPTION;
  if (!value_is_undefined(call->argv[1])) {
    file = vm_to_utf8(iso, call->argv[1], NULL);
    if (file == NULL) {
      free(filter);
      return VALUE_EXCEPTION;
    }
  }
  rill_trace_options options = {
      .size = sizeof options,
      .form = (rill_trace_form)value_as_number(call->argv[0]),
      .file = file,
      .filter = filter,
  };
  const char *status = rill_status_name(rill_trace_start(&options));
  free(file);
  free(filter);
  return value_from_cell(vm_atom_from_c(status));
}

// stopTrace(): the number of dropped events.
static Value stop_trace(Isolate *iso, const NativeCall *call) {
  (void)call;
  if (!child_allowed(rt_of(iso))) return VALUE_EXCEPTION;
  return value_from_number((double)rill_trace_stop());
}

// Category and level are the first two. False: threw.
static bool takes_event(Isolate *iso, const NativeCall *call,
                        const char *kinds) {
  if (!rt_arguments_are(iso, call, kinds)) return false;
  if (value_as_number(call->argv[0]) < TRACE_CATEGORY_COUNT &&
      value_as_number(call->argv[1]) <= UINT8_MAX)
    return true;
  vm_throw_range(iso, "There is no such category or level of events");
  return false;
}

static TraceCategory category_of(const NativeCall *call) {
  return (TraceCategory)value_as_number(call->argv[0]);
}
static TraceLevel level_of(const NativeCall *call) {
  return (TraceLevel)value_as_number(call->argv[1]);
}

// wants(category, level)
static Value wants(Isolate *iso, const NativeCall *call) {
  if (!takes_event(iso, call, "uu")) return VALUE_EXCEPTION;
  return value_from_bool(trace_wants(category_of(call), level_of(call)));
}

// Name and attributes of a call, from argument `at` on. False: threw.
typedef struct EventTexts {
  char *name, *attributes; // owned
} EventTexts;
static bool take_texts(Isolate *iso, const NativeCall *call, uint32_t at,
                       EventTexts *out) {
  out->name = vm_to_utf8(iso, native_argument(call, at), NULL);
  out->attributes = out->name == NULL
                        ? NULL
                        : vm_to_utf8(iso, native_argument(call, at + 1), NULL);
  if (out->attributes != NULL) return true;
  free(out->name);
  return false;
}
static void free_texts(EventTexts *texts) {
  free(texts->name);
  free(texts->attributes);
}

// begin(category, level, name, attributes): a span within the current one.
static Value begin(Isolate *iso, const NativeCall *call) {
  EventTexts texts;
  if (!takes_event(iso, call, "uu..") || !take_texts(iso, call, 2, &texts))
    return VALUE_EXCEPTION;
  uint64_t span = trace_span_begin(
      category_of(call), level_of(call), rt_of(iso)->trace->number,
      trace_current_span(iso), texts.name, texts.attributes);
  free_texts(&texts);
  return value_from_number((double)span);
}

// end(category, level, span, attributes)
static Value end(Isolate *iso, const NativeCall *call) {
  if (!takes_event(iso, call, "uuu.")) return VALUE_EXCEPTION;
  char *attributes = vm_to_utf8(iso, native_argument(call, 3), NULL);
  if (attributes == NULL) return VALUE_EXCEPTION;
  trace_span_end(category_of(call), level_of(call), rt_of(iso)->trace->number,
                 (uint64_t)value_as_number(call->argv[2]), attributes);
  free(attributes);
  return VALUE_UNDEFINED;
}

// event(category, level, name, attributes)
static Value event(Isolate *iso, const NativeCall *call) {
  EventTexts texts;
  if (!takes_event(iso, call, "uu..") || !take_texts(iso, call, 2, &texts))
    return VALUE_EXCEPTION;
  trace_instant(category_of(call), level_of(call), rt_of(iso)->trace->number,
                trace_current_span(iso), texts.name, texts.attributes);
  free_texts(&texts);
  return VALUE_UNDEFINED;
}

// swapSpan(span): the one before; 0: none.
static Value swap_span(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "u")) return VALUE_EXCEPTION;
  uint64_t before = trace_current_span(iso);
  vm_context_set_span(
      iso, trace_span_value((uint64_t)value_as_number(call->argv[0])));
  return value_from_number((double)before);
}

static const NativeExport trace_exports[] = {
    {"begin", begin, 4},
    {"dump", dump, 1},
    {"end", end, 4},
    {"event", event, 4},
    {"startTrace", start_trace, 3},
    {"startWatchdog", start_watchdog, 1},
    {"stopTrace", stop_trace, 0},
    {"swapSpan", swap_span, 1},
    {"wants", wants, 2},
};
const NativeModule rt_trace_module =
    NATIVE_MODULE("rill:internal/trace", trace_exports);
