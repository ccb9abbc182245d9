// SPDX-License-Identifier: MIT
// rill:internal/trace: for modules/lib/rill/trace.js.
#include "rill/trace.h"
#include "runtime/modules/native_modules.h"
#include "runtime/trace/trace.h"

// dump(asJson): text.
static Value dump(Isolate *iso, const NativeCall *call) {
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
  (void)iso;
  rill_watchdog_options options = {
      .size = sizeof options,
      .limit_ms = (uint32_t)value_as_number(call->argv[0]),
  };
  return value_from_bool(rill_watchdog_start(&options) == RILL_OK);
}

static const NativeExport trace_exports[] = {
    {"dump", dump, 1},
    {"startWatchdog", start_watchdog, 1},
};
const NativeModule rt_trace_module =
    NATIVE_MODULE("rill:internal/trace", trace_exports);
