// SPDX-License-Identifier: MIT
// rill:internal/introspect: what inspect must know of a value and no script can
// find out: its kind, a promise's state, a proxy's target, a collection's
// entries without running its methods.
#include "runtime/modules/native_modules.h"
#include "vm/interpreter/promise.h"
#include "vm/objects/buffer.h"
#include "vm/objects/isolate.h"
#include "vm/objects/iterator_object.h"
#include "vm/objects/operations.h"
#include "vm/objects/proxy.h"

static const char *kind_name(Value value) {
  if (!value_is_object(value)) return "Primitive";
  Object *o = value_as_object(value);
  switch (object_kind(o)) {
  case CELL_ARRAY:
    return "Array";
  case CELL_FUNCTION:
  case CELL_NATIVE_FUNCTION:
  case CELL_BOUND_FUNCTION:
    return "Function";
  case CELL_PROXY:
    return "Proxy";
  case CELL_ARGUMENTS:
    return "Arguments";
  case CELL_ERROR:
    return "Error";
  case CELL_BOOLEAN:
    return "Boolean";
  case CELL_NUMBER:
    return "Number";
  case CELL_STRING_OBJECT:
    return "String";
  case CELL_SYMBOL_OBJECT:
    return "Symbol";
  case CELL_BIGINT_OBJECT:
    return "BigInt";
  case CELL_DATE:
    return "Date";
  case CELL_REGEXP:
    return "RegExp";
  case CELL_MAP:
    return "Map";
  case CELL_SET:
    return "Set";
  case CELL_WEAK_MAP:
    return "WeakMap";
  case CELL_WEAK_SET:
    return "WeakSet";
  case CELL_WEAK_REF:
    return "WeakRef";
  case CELL_ARRAY_BUFFER:
    return "ArrayBuffer";
  case CELL_SHARED_ARRAY_BUFFER:
    return "SharedArrayBuffer";
  case CELL_TYPED_ARRAY:
    return "TypedArray";
  case CELL_DATA_VIEW:
    return "DataView";
  case CELL_PROMISE:
    return "Promise";
  case CELL_GENERATOR:
    return "Generator";
  case CELL_ASYNC_GENERATOR:
    return "AsyncGenerator";
  case CELL_MODULE_NAMESPACE:
    return "Module";
  case CELL_ITERATOR:
    switch (((IteratorObject *)o)->family) {
    case ITERATOR_MAP:
      return "MapIterator";
    case ITERATOR_SET:
      return "SetIterator";
    default:
      return "Iterator";
    }
  default:
    return "Object";
  }
}

static Value kind_of(Isolate *iso, const NativeCall *call) {
  return value_from_cell(vm_atom_from_c(kind_name(native_argument(call, 0))));
}

static Value list_of(Isolate *iso, const Value *values, uint32_t count) {
  Array *list = vm_array_from(iso, values, count);
  return list == NULL ? VALUE_EXCEPTION : value_from_cell(list);
}

// proxyDetails(proxy): [target, handler], both null once revoked.
static Value proxy_details(Isolate *iso, const NativeCall *call) {
  Value value = native_argument(call, 0);
  if (!value_is_kind(value, CELL_PROXY)) return VALUE_UNDEFINED;
  Proxy *proxy = (Proxy *)value_as_cell(value);
  Value details[] = {proxy->target, proxy->handler};
  return list_of(iso, details, 2);
}

// prototypeOf(object): Object.getPrototypeOf, whatever a script has made of it.
static Value prototype_of(Isolate *iso, const NativeCall *call) {
  Value value = native_argument(call, 0);
  Object *prototype = NULL;
  if (value_is_object(value) &&
      vm_get_prototype_of(iso, value_as_object(value), &prototype) < 0)
    return VALUE_EXCEPTION;
  return prototype == NULL ? VALUE_NULL : value_from_cell(prototype);
}

static Value promise_details(Isolate *iso, const NativeCall *call) {
  Value value = native_argument(call, 0);
  if (!value_is_promise(value)) return VALUE_UNDEFINED;
  Promise *promise = (Promise *)value_as_cell(value);
  static const char *const states[] = {"pending", "fulfilled", "rejected"};
  Value details[] = {
      value_from_cell(vm_atom_from_c(states[promise_state(promise)])),
      promise_result(promise),
  };
  return list_of(iso, details, 2);
}

// ownPropertyKeys(object): string keys, listed or not.
static Value own_property_keys(Isolate *iso, const NativeCall *call) {
  Object *o = vm_to_object(iso, native_argument(call, 0));
  if (o == NULL) return VALUE_EXCEPTION;
  KeyList keys;
  vm_key_list_init(&keys);
  Array *list = vm_array_new(iso, 0);
  bool done = vm_own_keys(iso, o, &keys);
  for (uint32_t i = 0; done && i < keys.count; i++) {
    if (key_is_symbol(keys.keys[i])) continue;
    Value key = vm_key_to_value(iso, keys.keys[i]);
    done = !value_is_exception(key) && vm_array_push(iso, list, key);
  }
  return done ? value_from_cell(list) : VALUE_EXCEPTION;
}

// A copy of a map or set iterator: looking must not move the original.
static Value copy_iterator(Isolate *iso, const IteratorObject *it) {
  IteratorObject *copy = vm_iterator_object_new(
      iso, it->object.shape->prototype, (IteratorFamily)it->family,
      (IterationKind)it->kind, it->target);
  copy->extra = it->extra;
  copy->index = it->index;
  copy->flags = it->flags;
  return value_from_cell(copy);
}

// collectionEntries(map or set): its keys and values in turn, or its values; of
// an iterator over one, what is left.
static Value collection_entries(Isolate *iso, const NativeCall *call) {
  Value value = native_argument(call, 0);
  bool is_map = value_is_kind(value, CELL_MAP);
  Array *list = vm_array_new(iso, 0);
  if (value_is_kind(value, CELL_ITERATOR)) {
    IteratorRecord rest = {
        .iterator = copy_iterator(iso, (IteratorObject *)value_as_cell(value))};
    rest.next = vm_get_of_value(iso, value, KEY(next));
    if (value_is_exception(rest.next)) return VALUE_EXCEPTION;
    for (;;) {
      Value item;
      Tri more = vm_iterator_step(iso, &rest, &item);
      if (more < 0) return VALUE_EXCEPTION;
      if (!more) return value_from_cell(list);
      if (!vm_array_push(iso, list, item)) return VALUE_EXCEPTION;
    }
  }
  if (!is_map && !value_is_kind(value, CELL_SET)) return value_from_cell(list);
  Object *prototype = is_map ? INTRINSIC_OBJECT(iso, MapPrototype)
                             : INTRINSIC_OBJECT(iso, SetPrototype);
  Value method =
      vm_get(iso, prototype, vm_key_from_c(is_map ? "entries" : "values"));
  IteratorRecord iterator;
  if (value_is_exception(method) ||
      !vm_get_iterator_from_method(iso, value, method, &iterator)) {
    return VALUE_EXCEPTION;
  }
  for (;;) {
    Value item;
    Tri more = vm_iterator_step(iso, &iterator, &item);
    if (more < 0) return VALUE_EXCEPTION;
    if (!more) return value_from_cell(list);
    if (!is_map) {
      if (!vm_array_push(iso, list, item)) return VALUE_EXCEPTION;
      continue;
    }
    for (uint32_t i = 0; i < 2; i++) {
      Value part = vm_get_of_value(iso, item, key_from_index(i));
      if (value_is_exception(part) || !vm_array_push(iso, list, part)) {
        return VALUE_EXCEPTION;
      }
    }
  }
}

// newGlobal(): the global object of a new realm, with the language's globals.
static Value new_global(Isolate *iso, const NativeCall *call) {
  (void)call;
  Realm *realm = vm_realm_new(iso);
  return realm == NULL ? VALUE_EXCEPTION : value_from_cell(realm->global);
}

// isOutOfMemory(error): is it the isolate's lack of memory?
static Value is_out_of_memory(Isolate *iso, const NativeCall *call) {
  return value_from_bool(native_argument(call, 0) == iso->out_of_memory_error);
}

// tracksLength(view): is it as long as its resizable buffer?
static Value tracks_length(Isolate *iso, const NativeCall *call) {
  (void)iso;
  Value value = native_argument(call, 0);
  uint32_t flags = 0;
  if (value_is_kind(value, CELL_TYPED_ARRAY)) {
    flags = ((TypedArray *)value_as_cell(value))->view_flags;
  } else if (value_is_kind(value, CELL_DATA_VIEW)) {
    flags = ((DataView *)value_as_cell(value))->view_flags;
  }
  return value_from_bool(flags & VIEW_TRACKS_LENGTH);
}

static const NativeExport introspect_exports[] = {
    {"collectionEntries", collection_entries, 1},
    {"isOutOfMemory", is_out_of_memory, 1},
    {"kindOf", kind_of, 1},
    {"newGlobal", new_global, 0},
    {"ownPropertyKeys", own_property_keys, 1},
    {"promiseDetails", promise_details, 1},
    {"prototypeOf", prototype_of, 1},
    {"proxyDetails", proxy_details, 1},
    {"tracksLength", tracks_length, 1},
};
const NativeModule rt_introspect_module =
    NATIVE_MODULE("rill:internal/introspect", introspect_exports);
