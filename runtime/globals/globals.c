// SPDX-License-Identifier: MIT
// The globals of a program besides the language's own. What is written in the
// language is loaded on first use: the property is an accessor until then.
#include "runtime/globals/globals.h"

#include <string.h>

#include "runtime/modules/loader.h"
#include "vm/interpreter/jobs.h"

static const struct {
  char name[40]; // here, so that a start reads few pages
  const char *module, *exported;
} lazy_globals[] = {
    {"AbortController", "rill:internal/web/abort", "AbortController"},
    {"AbortSignal", "rill:internal/web/abort", "AbortSignal"},
    {"addEventListener", "rill:internal/web/global_events", "addEventListener"},
    {"atob", "rill:internal/web-encoding", "atob"},
    {"Blob", "rill:internal/web/blob", "Blob"},
    {"BroadcastChannel", "rill:internal/web/broadcast", "BroadcastChannel"},
    {"btoa", "rill:internal/web-encoding", "btoa"},
    {"Buffer", "node:buffer", "Buffer"},
    {"ByteLengthQueuingStrategy", "rill:internal/web/streams/common",
     "ByteLengthQueuingStrategy"},
    {"clearImmediate", "rill:internal/timers", "clearImmediate"},
    {"clearInterval", "rill:internal/timers", "clearInterval"},
    {"clearTimeout", "rill:internal/timers", "clearTimeout"},
    {"CloseEvent", "rill:internal/web/websocket", "CloseEvent"},
    {"CompressionStream", "rill:internal/web/compression_streams",
     "CompressionStream"},
    {"CountQueuingStrategy", "rill:internal/web/streams/common",
     "CountQueuingStrategy"},
    {"Crypto", "rill:internal/web/crypto", "Crypto"},
    {"crypto", "rill:internal/web/crypto", "crypto"},
    {"CustomEvent", "rill:internal/web/events", "CustomEvent"},
    {"DecompressionStream", "rill:internal/web/compression_streams",
     "DecompressionStream"},
    {"dispatchEvent", "rill:internal/web/global_events", "dispatchEvent"},
    {"DOMException", "rill:internal/web/dom_exception", "DOMException"},
    {"ErrorEvent", "rill:internal/web/events", "ErrorEvent"},
    {"Event", "rill:internal/web/events", "Event"},
    {"EventTarget", "rill:internal/web/events", "EventTarget"},
    {"fetch", "rill:internal/web/fetch", "fetch"},
    {"File", "rill:internal/web/blob", "File"},
    {"FileReader", "rill:internal/web/file_reader", "FileReader"},
    {"FormData", "rill:internal/web/form_data", "FormData"},
    {"Headers", "rill:internal/web/headers", "Headers"},
    {"MessageChannel", "rill:internal/web/message", "MessageChannel"},
    {"MessageEvent", "rill:internal/web/events", "MessageEvent"},
    {"MessagePort", "rill:internal/web/message", "MessagePort"},
    {"Navigator", "rill:internal/web/navigator", "Navigator"},
    {"navigator", "rill:internal/web/navigator", "navigator"},
    {"Performance", "rill:internal/web/performance", "Performance"},
    {"performance", "rill:internal/web/performance", "performance"},
    {"PerformanceEntry", "rill:internal/web/performance", "PerformanceEntry"},
    {"PerformanceMark", "rill:internal/web/performance", "PerformanceMark"},
    {"PerformanceMeasure", "rill:internal/web/performance",
     "PerformanceMeasure"},
    {"PerformanceObserver", "rill:internal/web/performance",
     "PerformanceObserver"},
    {"PerformanceObserverEntryList", "rill:internal/web/performance",
     "PerformanceObserverEntryList"},
    {"process", "rill:internal/program", "default"},
    {"ProgressEvent", "rill:internal/web/file_reader", "ProgressEvent"},
    {"PromiseRejectionEvent", "rill:internal/web/global_events",
     "PromiseRejectionEvent"},
    {"ReadableByteStreamController", "rill:internal/web/streams/byte",
     "ReadableByteStreamController"},
    {"ReadableStream", "rill:internal/web/streams/readable", "ReadableStream"},
    {"ReadableStreamBYOBReader", "rill:internal/web/streams/byte",
     "ReadableStreamBYOBReader"},
    {"ReadableStreamBYOBRequest", "rill:internal/web/streams/byte",
     "ReadableStreamBYOBRequest"},
    {"ReadableStreamDefaultController", "rill:internal/web/streams/readable",
     "ReadableStreamDefaultController"},
    {"ReadableStreamDefaultReader", "rill:internal/web/streams/readable",
     "ReadableStreamDefaultReader"},
    {"removeEventListener", "rill:internal/web/global_events",
     "removeEventListener"},
    {"reportError", "rill:internal/web/events", "reportError"},
    {"Request", "rill:internal/web/fetch", "Request"},
    {"Response", "rill:internal/web/fetch", "Response"},
    {"setImmediate", "rill:internal/timers", "setImmediate"},
    {"setInterval", "rill:internal/timers", "setInterval"},
    {"setTimeout", "rill:internal/timers", "setTimeout"},
    {"structuredClone", "rill:internal/clone", "structuredClone"},
    {"SubtleCrypto", "rill:internal/web/crypto", "SubtleCrypto"},
    {"TextDecoder", "rill:internal/web/encoding", "TextDecoder"},
    {"TextDecoderStream", "rill:internal/web/encoding_streams",
     "TextDecoderStream"},
    {"TextEncoder", "rill:internal/web/encoding", "TextEncoder"},
    {"TextEncoderStream", "rill:internal/web/encoding_streams",
     "TextEncoderStream"},
    {"TransformStream", "rill:internal/web/streams/transform",
     "TransformStream"},
    {"TransformStreamDefaultController", "rill:internal/web/streams/transform",
     "TransformStreamDefaultController"},
    {"URL", "rill:internal/web/url", "URL"},
    {"URLSearchParams", "rill:internal/web/url", "URLSearchParams"},
    {"WebSocket", "rill:internal/web/websocket", "WebSocket"},
    {"Worker", "rill:internal/web/worker", "Worker"},
    {"WritableStream", "rill:internal/web/streams/writable", "WritableStream"},
    {"WritableStreamDefaultController", "rill:internal/web/streams/writable",
     "WritableStreamDefaultController"},
    {"WritableStreamDefaultWriter", "rill:internal/web/streams/writable",
     "WritableStreamDefaultWriter"},
};

static Value define(Isolate *iso, uint16_t index, Value value) {
  PropertyDescriptor descriptor = {
      .value = value,
      .getter = VALUE_EMPTY,
      .setter = VALUE_EMPTY,
      .attributes = PROPERTY_HIDDEN,
      .present =
          PROPERTY_WRITABLE | PROPERTY_ENUMERABLE | PROPERTY_CONFIGURABLE,
  };
  PropertyKey key = vm_key_from_c(lazy_globals[index].name);
  return vm_define_own_or_throw(iso, iso->realm->global, key, &descriptor)
             ? value
             : VALUE_EXCEPTION;
}

static Value load(Isolate *iso, size_t index) {
  Value name_space =
      rt_builtin_namespace(rt_of(iso), lazy_globals[index].module);
  if (value_is_exception(name_space)) return name_space;
  return vm_get(iso, value_as_object(name_space),
                vm_key_from_c(lazy_globals[index].exported));
}

static Value load_global(Isolate *iso, const NativeCall *call) {
  uint16_t index = native_magic(call);
  Value value = load(iso, index);
  return value_is_exception(value) ? value : define(iso, index, value);
}

static Value replace_global(Isolate *iso, const NativeCall *call) {
  Value done = define(iso, native_magic(call), native_argument(call, 0));
  return value_is_exception(done) ? done : VALUE_UNDEFINED;
}

static Value queue_microtask(Isolate *iso, const NativeCall *call) {
  Value callback = native_argument(call, 0);
  if (!value_is_callable(callback)) {
    return vm_throw_type_value(iso,
                               "The \"callback\" argument must be of type "
                               "function. Received %s",
                               callback);
  }
  Job job = {.kind = JOB_CALL,
             .a = callback,
             .b = VALUE_EMPTY,
             .c = iso->async_context};
  vm_enqueue_job(iso, &job);
  return VALUE_UNDEFINED;
}

void rt_init_globals(Runtime *rt) {
  Isolate *iso = rt->isolate;
  Object *global = iso->realm->global;
  rt_init_console(rt);
  vm_put(iso, global, KEY(global), iso->realm->global_this, PROPERTY_HIDDEN);
  String *name = vm_atom_from_c("queueMicrotask");
  vm_put(
      iso, global, key_from_atom(name),
      value_from_cell(vm_native_new(iso, queue_microtask, name, 1, 0, false)),
      PROPERTY_HIDDEN);
  for (size_t i = 0; i < sizeof lazy_globals / sizeof *lazy_globals; i++) {
    String *lazy = vm_atom_from_c(lazy_globals[i].name);
    NativeFunction *getter = vm_native_new(iso, load_global, lazy, 0, 0, false);
    NativeFunction *setter =
        vm_native_new(iso, replace_global, lazy, 1, 0, false);
    getter->magic = setter->magic = (uint16_t)i;
    vm_put_accessor(iso, global, key_from_atom(lazy), value_from_cell(getter),
                    value_from_cell(setter), PROPERTY_CONFIGURABLE);
  }
}

static Value find_builtin_global(Isolate *iso, String *name) {
  if (vm_string_equals(iso, name, vm_atom_from_c("queueMicrotask")))
    return value_from_cell(
        vm_native_new(iso, queue_microtask, name, 1, 0, false));
  for (size_t i = 0; i < sizeof lazy_globals / sizeof *lazy_globals; i++) {
    if (vm_string_equals(iso, name, vm_atom_from_c(lazy_globals[i].name)))
      return load(iso, i);
  }
  return VALUE_EMPTY;
}

Value rt_builtin_global(Runtime *rt, Value name) {
  Isolate *iso = rt->isolate;
  if (!value_is_string(name)) return VALUE_EMPTY;
  if (!value_is_object(rt->builtin_globals.word))
    rt->builtin_globals.word = value_from_cell(vm_object_new_with(iso, NULL));
  Object *known = value_as_object(rt->builtin_globals.word);
  PropertyKey key = key_from_atom(value_as_string(name));
  Value value = vm_get(iso, known, key);
  if (!value_is_undefined(value)) return value;
  value = find_builtin_global(iso, value_as_string(name));
  if (!value_is_empty(value) && !value_is_exception(value))
    vm_put(iso, known, key, value, PROPERTY_DEFAULT);
  return value;
}
