// SPDX-License-Identifier: MIT
// rill:internal/clone: structured clone for the modules in modules/lib/web,
// what their classes need of C, and DOMExceptions thrown by C.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/arguments.h"
#include "runtime/modules/loader.h"
#include "runtime/modules/native_modules.h"
#include "runtime/runtime.h"
#include "runtime/web/clone_internal.h"
#include "runtime/web/structured_clone.h"
#include "vm/objects/host_object.h"

Value rt_throw_dom_exception(Isolate *iso, const char *name, const char *format,
                             ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  Value exports =
      rt_builtin_namespace(rt_of(iso), "rill:internal/web/dom_exception");
  if (value_is_exception(exports)) return exports;
  Value constructor =
      vm_get(iso, value_as_object(exports), vm_key_from_c("DOMException"));
  if (value_is_exception(constructor)) return constructor;
  String *message = vm_string_from_c(iso, text);
  if (message == NULL) return VALUE_EXCEPTION;
  Value parts[] = {value_from_cell(message),
                   value_from_cell(vm_atom_from_c(name))};
  Value error = vm_construct(iso, constructor, 2, parts, constructor);
  return value_is_exception(error) ? error : vm_throw(iso, error);
}

Symbol *rt_platform_symbol(Isolate *iso) {
  Runtime *rt = rt_of(iso);
  if (rt->platform_symbol.word == VALUE_UNDEFINED) {
    rt->platform_symbol.word =
        value_from_cell(vm_symbol_new(iso, NULL, SYMBOL_PRIVATE));
  }
  return (Symbol *)value_as_cell(rt->platform_symbol.word);
}

// markPlatform(prototype, hooks or null)
static Value mark_platform(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "o.")) return VALUE_EXCEPTION;
  Object *prototype = value_as_object(call->argv[0]);
  Value hooks = native_argument(call, 1);
  Symbol *mark = rt_platform_symbol(iso);
  bool done = vm_private_has(iso, prototype, mark)
                  ? vm_private_set(iso, prototype, mark, hooks)
                  : vm_private_add(iso, prototype, mark, hooks);
  return done ? VALUE_UNDEFINED : VALUE_EXCEPTION;
}

// isHost(object): is it more than properties? Of the language's kinds that have
// no format of their own, or of a class with hooks.
static Value is_host(Isolate *iso, const NativeCall *call) {
  Value value = native_argument(call, 0);
  if (!value_is_kind(value, CELL_OBJECT)) return VALUE_TRUE;
  return value_from_bool(
      value_is_object(rt_clone_hooks_of(iso, value_as_object(value))));
}

// putAccessor(object, name, getter): an own accessor, enumerable and final.
static Value put_accessor(Isolate *iso, const NativeCall *call) {
  PropertyKey key;
  if (!rt_arguments_are(iso, call, "o.f") ||
      !vm_to_property_key(iso, call->argv[1], &key))
    return VALUE_EXCEPTION;
  vm_put_accessor(iso, value_as_object(call->argv[0]), key, call->argv[2],
                  VALUE_UNDEFINED, PROPERTY_ENUMERABLE);
  return VALUE_UNDEFINED;
}

// The transfer list: any iterable of objects, or undefined (NULL). False:
// threw.
static bool transfer_list(Isolate *iso, Value iterable, Array **out) {
  *out = NULL;
  if (iterable == VALUE_UNDEFINED) return true;
  if (!value_is_object(iterable)) {
    vm_throw_type_value(iso, "%s is no transfer list", iterable);
    return false;
  }
  Array *list = vm_array_new(iso, 0);
  IteratorRecord it;
  if (!vm_get_iterator(iso, iterable, &it)) return false;
  for (;;) {
    Value item;
    Tri more = vm_iterator_step(iso, &it, &item);
    if (more == TRI_THREW) return false;
    if (!more) break;
    if (!value_is_object(item)) {
      vm_throw_type_value(iso, "%s is no object and cannot be transferred",
                          item);
      vm_iterator_close(iso, &it);
      return false;
    }
    if (!vm_array_push(iso, list, item)) return false;
  }
  if (list->length > 0) *out = list;
  return true;
}

// structuredClone(value, {transfer}) (WHATWG HTML 2.7.9)
static Value structured_clone(Isolate *iso, const NativeCall *call) {
  Value options = native_argument(call, 1), transfer = VALUE_UNDEFINED;
  Value value = native_argument(call, 0);
  if (call->argc == 0) {
    return vm_throw_type(iso, "The \"value\" argument must be specified");
  }
  if (!value_is_nullish(options)) {
    if (!value_is_object(options)) {
      return vm_throw_type_value(iso, "%s is no options object", options);
    }
    transfer = vm_get(iso, value_as_object(options), vm_key_from_c("transfer"));
    if (value_is_exception(transfer)) return transfer;
  } else if (!value_is_cell(value) || value_is_string(value) ||
             value_is_bigint(value)) {
    return value;
  }
  Array *list;
  Clone clone;
  if (!transfer_list(iso, transfer, &list) ||
      !rt_clone_serialize(iso, value, list, &clone)) {
    return VALUE_EXCEPTION;
  }
  value = rt_clone_deserialize(iso, &clone, NULL);
  rt_clone_free(&clone);
  return value;
}

// Clones held by scripts, on their way through a message queue ----------

static const char clone_type[] = "Clone";

static void finalize_clone(void *data) {
  rt_clone_free(data);
  free(data);
}

Value rt_clone_object_new(Isolate *iso, Clone *clone) {
  if (!rt_clone_hold(iso, clone)) return VALUE_EXCEPTION;
  size_t bytes = rt_clone_bytes(clone);
  Clone *copy =
      gc_reserve_external(iso->heap, bytes) ? malloc(sizeof *copy) : NULL;
  if (copy == NULL) {
    rt_clone_free(clone);
    return vm_throw_out_of_memory(iso);
  }
  *copy = *clone;
  memset(clone, 0, sizeof *clone);
  HostObject *o = vm_host_object_new(iso, clone_type, copy, finalize_clone);
  vm_host_object_takes(iso, o, bytes);
  return value_from_cell(o);
}

void rt_clone_object_take(Value object, Clone *out) {
  HostObject *o = (HostObject *)value_as_cell(object);
  *out = *(Clone *)o->data;
  memset(o->data, 0, sizeof *out);
}

// serialize(value, transfer list or undefined): a message for deserialize.
static Value serialize(Isolate *iso, const NativeCall *call) {
  Array *list;
  if (!transfer_list(iso, native_argument(call, 1), &list)) {
    return VALUE_EXCEPTION;
  }
  Clone clone;
  return rt_clone_serialize(iso, native_argument(call, 0), list, &clone)
             ? rt_clone_object_new(iso, &clone)
             : VALUE_EXCEPTION;
}

// deserialize(message): [value, transferred objects].
static Value deserialize(Isolate *iso, const NativeCall *call) {
  Clone *clone = rt_host_argument(iso, call, 0, clone_type);
  Array *transferred;
  if (clone == NULL) return VALUE_EXCEPTION;
  if (clone->bytes == NULL)
    return vm_throw_type(iso, "This message was read or sent already");
  Value value = rt_clone_deserialize(iso, clone, &transferred);
  rt_clone_free(clone);
  memset(clone, 0, sizeof *clone);
  vm_host_object_takes(
      iso, (HostObject *)value_as_cell(native_argument(call, 0)), 0);
  if (value_is_exception(value)) return value;
  Value parts[] = {value, value_from_cell(transferred)};
  Array *result = vm_array_from(iso, parts, 2);
  return result == NULL ? VALUE_EXCEPTION : value_from_cell(result);
}

static const NativeExport clone_exports[] = {
    {"deserialize", deserialize, 1},
    {"isHost", is_host, 1},
    {"markPlatform", mark_platform, 2},
    {"putAccessor", put_accessor, 3},
    {"serialize", serialize, 2},
    {"structuredClone", structured_clone, 1},
};
const NativeModule rt_clone_module =
    NATIVE_MODULE("rill:internal/clone", clone_exports);
