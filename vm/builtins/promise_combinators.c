// SPDX-License-Identifier: MIT
// Promise.all, allSettled, any and race (ECMA-262 27.2.4.1 to 27.2.4.5).
#include "vm/builtins/promise_builtins.h"
#include "vm/interpreter/calls.h"

// What the element functions of one call share: a cell list of these words.
enum {
  SHARED_VALUES,    // Array
  SHARED_REMAINING, // int
  SHARED_PROMISE,   // the capability
  SHARED_RESOLVE,
  SHARED_REJECT,
  SHARED_KEYS, // allKeyed: Array of the keys; else undefined
  SHARED_WORDS
};
// Slots of an element function.
enum {
  SLOT_SHARED,
  SLOT_INDEX,
  SLOT_CALLED, // a cell list of one word, shared by the pair of allSettled
  SLOT_COUNT
};
// magic: which one.
enum { ELEMENT_VALUE, ELEMENT_FULFILLED, ELEMENT_REJECTED, ELEMENT_ERROR };

static PromiseCapability capability_of(const CellList *shared) {
  return (PromiseCapability){shared->words[SHARED_PROMISE],
                             shared->words[SHARED_RESOLVE],
                             shared->words[SHARED_REJECT]};
}

// The object of allKeyed: its keys with the values that came.
static Value keyed_result(Isolate *iso, CellList *shared) {
  Object *object = vm_object_new_with(iso, NULL);
  Array *keys = (Array *)value_as_cell(shared->words[SHARED_KEYS]);
  Array *values = (Array *)value_as_cell(shared->words[SHARED_VALUES]);
  for (uint32_t i = 0; i < keys->length; i++) {
    PropertyKey key;
    if (!vm_to_property_key(iso, keys->object.elements->values[i], &key) ||
        !vm_create_data_or_throw(iso, object, key,
                                 values->object.elements->values[i]))
      return VALUE_EXCEPTION;
  }
  return value_from_cell(object);
}

// All elements are there.
static bool finish(Isolate *iso, CellList *shared, bool is_any) {
  PromiseCapability capability = capability_of(shared);
  if (!value_is_undefined(shared->words[SHARED_KEYS])) {
    Value object = keyed_result(iso, shared);
    return object != VALUE_EXCEPTION &&
           vm_capability_resolve(iso, &capability, object);
  }
  if (!is_any)
    return vm_capability_resolve(iso, &capability,
                                 shared->words[SHARED_VALUES]);
  String *message = vm_string_from_c(iso, "All promises were rejected");
  Object *error =
      message != NULL ? vm_error_new(iso, ERROR_AGGREGATE, message) : NULL;
  if (error == NULL) return false;
  vm_put(iso, error, KEY(errors), shared->words[SHARED_VALUES],
         PROPERTY_HIDDEN);
  return vm_capability_reject(iso, &capability, value_from_cell(error));
}

static Value settled_record(Isolate *iso, Value value, bool rejected) {
  Object *o = vm_object_new(iso);
  vm_put(iso, o, KEY(status),
         rejected ? ATOM_VALUE(rejected) : ATOM_VALUE(fulfilled),
         PROPERTY_DEFAULT);
  vm_put(iso, o, rejected ? KEY(reason) : KEY(value), value, PROPERTY_DEFAULT);
  return value_from_cell(o);
}

static bool count_down(Isolate *iso, CellList *shared, bool is_any) {
  int32_t left = value_as_int(shared->words[SHARED_REMAINING]) - 1;
  gc_publish(&shared->words[SHARED_REMAINING], value_from_int(left));
  return left != 0 || finish(iso, shared, is_any);
}

static Value element_function(Isolate *iso, const NativeCall *call) {
  CellList *called = (CellList *)value_as_cell(native_slot(call, SLOT_CALLED));
  if (called->words[0] == VALUE_TRUE) return VALUE_UNDEFINED;
  gc_publish(&called->words[0], VALUE_TRUE);
  CellList *shared = (CellList *)value_as_cell(native_slot(call, SLOT_SHARED));
  uint16_t magic = native_magic(call);
  Value value = native_argument(call, 0);
  if (magic == ELEMENT_FULFILLED || magic == ELEMENT_REJECTED)
    value = settled_record(iso, value, magic == ELEMENT_REJECTED);
  Array *values = (Array *)value_as_cell(shared->words[SHARED_VALUES]);
  uint32_t index = (uint32_t)value_as_int(native_slot(call, SLOT_INDEX));
  if (!vm_create_data_or_throw(iso, &values->object, key_from_index(index),
                               value) ||
      !count_down(iso, shared, magic == ELEMENT_ERROR))
    return VALUE_EXCEPTION;
  return VALUE_UNDEFINED;
}

const Promise *vm_settled_by(Value handler, int32_t *index) {
  const Promise *promise = vm_resolving_function_promise(handler);
  if (promise != NULL || !value_is_kind(handler, CELL_NATIVE_FUNCTION))
    return promise;
  const NativeFunction *f = (const NativeFunction *)value_as_cell(handler);
  if (f->code != element_function) return NULL;
  const CellList *shared =
      (const CellList *)value_as_cell(f->slots[SLOT_SHARED]);
  Value result = shared->words[SHARED_PROMISE];
  *index = value_as_int(f->slots[SLOT_INDEX]);
  return value_is_promise(result) ? (const Promise *)value_as_cell(result)
                                  : NULL;
}

static Value element_new(Isolate *iso, CellList *shared, uint32_t index,
                         CellList *called, uint16_t magic) {
  NativeFunction *f =
      vm_native_new(iso, element_function, NULL, 1, SLOT_COUNT, false);
  f->magic = magic;
  f->slots[SLOT_SHARED] = value_from_cell(shared);
  f->slots[SLOT_INDEX] = value_from_int((int32_t)index);
  f->slots[SLOT_CALLED] = value_from_cell(called);
  return value_from_cell(f);
}

// The functions of the capability, for then().
static void show_functions(Isolate *iso, CellList *shared) {
  if (shared->words[SHARED_RESOLVE] != VALUE_EMPTY) return;
  Value resolve, reject;
  vm_promise_resolving_functions(
      iso, (Promise *)value_as_cell(shared->words[SHARED_PROMISE]), &resolve,
      &reject);
  gc_store_word(iso->heap, &shared->words[SHARED_RESOLVE], resolve);
  gc_store_word(iso->heap, &shared->words[SHARED_REJECT], reject);
}

// One promise of the input, the index-th.
static bool perform_one(Isolate *iso, Combinator which, Value constructor,
                        Value promise_resolve, Value next, uint32_t index,
                        CellList *shared) {
  Array *values = (Array *)value_as_cell(shared->words[SHARED_VALUES]);
  if (which != COMBINATOR_RACE && !vm_array_push(iso, values, VALUE_UNDEFINED))
    return false;
  Value next_promise = vm_call(iso, promise_resolve, constructor, 1, &next);
  if (value_is_exception(next_promise)) return false;
  Value arguments[2] = {shared->words[SHARED_RESOLVE],
                        shared->words[SHARED_REJECT]};
  if (which != COMBINATOR_RACE) {
    CellList *called = vm_cell_list_new(iso, 1);
    if (called == NULL) return false;
    gc_publish(&called->words[0], VALUE_FALSE);
    int32_t left = value_as_int(shared->words[SHARED_REMAINING]) + 1;
    gc_publish(&shared->words[SHARED_REMAINING], value_from_int(left));
    if (which == COMBINATOR_ALL || which == COMBINATOR_ALL_KEYED) {
      arguments[0] = element_new(iso, shared, index, called, ELEMENT_VALUE);
    } else if (which == COMBINATOR_ANY) {
      arguments[1] = element_new(iso, shared, index, called, ELEMENT_ERROR);
    } else {
      arguments[0] = element_new(iso, shared, index, called, ELEMENT_FULFILLED);
      arguments[1] = element_new(iso, shared, index, called, ELEMENT_REJECTED);
    }
  }
  return vm_invoke(iso, next_promise, KEY(then), 2, arguments) !=
         VALUE_EXCEPTION;
}

// PerformPromiseAll and kin. False: threw.
static bool perform(Isolate *iso, Combinator which, Value constructor,
                    Value promise_resolve, IteratorRecord *record,
                    CellList *shared) {
  for (uint32_t index = 0;; index++) {
    Value next;
    Tri more = vm_iterator_step(iso, record, &next);
    if (more < 0) return false;
    if (!more) break;
    if (!perform_one(iso, which, constructor, promise_resolve, next, index,
                     shared))
      return false;
  }
  return which == COMBINATOR_RACE ||
         count_down(iso, shared, which == COMBINATOR_ANY);
}

// PerformPromiseAllKeyed, of the await dictionary proposal: over the enumerable
// own properties of an object.
static bool perform_keyed(Isolate *iso, Combinator which, Value constructor,
                          Value promise_resolve, Value promises,
                          CellList *shared) {
  if (!value_is_object(promises)) {
    vm_throw_type_value(iso, "%s is not an object", promises);
    return false;
  }
  Object *o = value_as_object(promises);
  Array *names = vm_array_new(iso, 0);
  gc_store_word(iso->heap, &shared->words[SHARED_KEYS], value_from_cell(names));
  KeyList keys;
  vm_key_list_init(&keys);
  bool done = vm_own_keys(iso, o, &keys);
  uint32_t index = 0;
  for (uint32_t i = 0; done && i < keys.count; i++) {
    PropertyDescriptor d;
    Tri has = vm_get_own_property(iso, o, keys.keys[i], &d);
    done = has >= 0;
    if (has <= 0 || !(d.attributes & PROPERTY_ENUMERABLE)) continue;
    Value value = vm_get(iso, o, keys.keys[i]);
    Value key = vm_key_to_value(iso, keys.keys[i]);
    done = value != VALUE_EXCEPTION && key != VALUE_EXCEPTION &&
           vm_array_push(iso, names, key) &&
           perform_one(iso, which, constructor, promise_resolve, value, index++,
                       shared);
  }
  return done && count_down(iso, shared, false);
}

Value vm_promise_combinator(Isolate *iso, const NativeCall *call) {
  Combinator which = (Combinator)native_magic(call);
  Value constructor = call->this_value;
  PromiseCapability capability;
  if (!vm_new_promise_capability(iso, constructor, &capability))
    return VALUE_EXCEPTION;
  CellList *shared = vm_cell_list_new(iso, SHARED_WORDS);
  if (shared == NULL) return VALUE_EXCEPTION;
  gc_publish(&shared->words[SHARED_VALUES],
             value_from_cell(vm_array_new(iso, 0)));
  gc_publish(&shared->words[SHARED_REMAINING], value_from_int(1));
  gc_publish(&shared->words[SHARED_PROMISE], capability.promise);
  gc_publish(&shared->words[SHARED_RESOLVE], capability.resolve);
  gc_publish(&shared->words[SHARED_REJECT], capability.reject);
  gc_publish(&shared->words[SHARED_KEYS], VALUE_UNDEFINED);
  show_functions(iso, shared);
  Value promise_resolve =
      vm_get(iso, value_as_object(constructor), KEY(resolve));
  bool done = promise_resolve != VALUE_EXCEPTION;
  if (done && !value_is_callable(promise_resolve)) {
    vm_throw_type(iso, "Promise resolve or reject function is not callable");
    done = false;
  }
  IteratorRecord record = {.done = true};
  bool keyed =
      which == COMBINATOR_ALL_KEYED || which == COMBINATOR_ALL_SETTLED_KEYED;
  if (done && keyed)
    done = perform_keyed(iso, which, constructor, promise_resolve,
                         native_argument(call, 0), shared);
  if (done && !keyed)
    done = vm_get_iterator(iso, native_argument(call, 0), &record);
  if (done && !keyed) {
    done = perform(iso, which, constructor, promise_resolve, &record, shared);
    if (!done && !record.done) (void)!vm_iterator_close(iso, &record);
  }
  if (!done) { // IfAbruptRejectPromise
    if (vm_is_terminating(iso)) return VALUE_EXCEPTION;
    Value reason = vm_take_exception(iso);
    PromiseCapability shown = capability_of(shared);
    if (!vm_capability_reject(iso, &shown, reason)) return VALUE_EXCEPTION;
  }
  return capability.promise;
}
