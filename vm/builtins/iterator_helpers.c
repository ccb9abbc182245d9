// SPDX-License-Identifier: MIT
// The Iterator constructor, its helpers, and the objects of helpers and of
// Iterator.from; the helpers' steps are in self_hosted/iterator.js.
// ECMA-262 27.1.2 to 27.1.4.
#include "vm/builtins/iterator_helpers.h"
#include "vm/builtins/builtins.h"
#include "vm/builtins/loop_natives.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/fiber.h"
#include "vm/objects/array.h"
#include "vm/objects/iterator_object.h"
#include "vm/objects/operations.h"

// ECMA-262 27.1.3.1 Iterator ( )
static Value iterator_constructor(Isolate *iso, const NativeCall *call) {
  if (value_is_undefined(call->new_target) ||
      call->new_target == call->callee) {
    return vm_throw_type(iso,
                         "Abstract class Iterator not directly "
                         "constructable");
  }
  Object *o = vm_object_from_constructor(iso, call->new_target,
                                         INTRINSIC_IteratorPrototype,
                                         CELL_OBJECT, sizeof(Object));
  return o == NULL ? VALUE_EXCEPTION : value_from_cell(o);
}

// 27.1.4.1 and 27.1.4.14: constructor and @@toStringTag are accessors whose
// setters define an own property, except on %IteratorPrototype% itself.
static Value get_constructor(Isolate *iso, const NativeCall *call) {
  return value_from_cell(INTRINSIC_OBJECT(iso, Iterator));
}
static Value get_tag(Isolate *iso, const NativeCall *call) {
  String *tag = vm_string_from_c(iso, "Iterator");
  return tag == NULL ? VALUE_EXCEPTION : value_from_cell(tag);
}
// SetterThatIgnoresPrototypeProperties (27.1.4.3)
static Value set_ignoring_prototype(Isolate *iso, const NativeCall *call,
                                    PropertyKey key) {
  if (!value_is_object(call->this_value)) {
    return vm_throw_type(iso,
                         "Iterator.prototype setter called on "
                         "non-object");
  }
  Object *o = value_as_object(call->this_value);
  if (o == INTRINSIC_OBJECT(iso, IteratorPrototype)) {
    return vm_throw_type_key(
        iso, "Cannot assign to property '%s' of Iterator.prototype", key);
  }
  Tri own = vm_has_own(iso, o, key);
  if (own < 0) return VALUE_EXCEPTION;
  bool done =
      own ? vm_set(iso, o, key, native_argument(call, 0), true)
          : vm_create_data_or_throw(iso, o, key, native_argument(call, 0));
  return done ? VALUE_UNDEFINED : VALUE_EXCEPTION;
}

static Value set_constructor(Isolate *iso, const NativeCall *call) {
  return set_ignoring_prototype(iso, call, KEY(constructor));
}
static Value set_tag(Isolate *iso, const NativeCall *call) {
  return set_ignoring_prototype(iso, call, SYMBOL_KEY(toStringTag));
}

// Iterator.prototype [ @@dispose ] ( )
static Value iterator_dispose(Isolate *iso, const NativeCall *call) {
  Value method = vm_get_method(iso, call->this_value, KEY(return_));
  if (value_is_exception(method) || value_is_undefined(method)) return method;
  Value result = vm_call(iso, method, call->this_value, 0, NULL);
  return value_is_exception(result) ? result : VALUE_UNDEFINED;
}

static const Builtin iterator_static[] = {
    BUILTIN_SCRIPT("concat", "IteratorConcat", 0),
    BUILTIN_SCRIPT("from", "IteratorFrom", 1),
    BUILTIN_SCRIPT("zip", "IteratorZip", 1),
    BUILTIN_SCRIPT("zipKeyed", "IteratorZipKeyed", 1),
};
static const Builtin iterator_prototype[] = {
    BUILTIN("@@dispose", iterator_dispose, 0),
    BUILTIN_SCRIPT("chunks", "IteratorChunks", 1),
    BUILTIN_SCRIPT("drop", "IteratorDrop", 1),
    BUILTIN_SCRIPT("every", "IteratorEvery", 1),
    BUILTIN_SCRIPT("filter", "IteratorFilter", 1),
    BUILTIN_SCRIPT("find", "IteratorFind", 1),
    BUILTIN_SCRIPT("flatMap", "IteratorFlatMap", 1),
    BUILTIN_SCRIPT("forEach", "IteratorForEach", 1),
    BUILTIN_SCRIPT("includes", "IteratorIncludes", 1),
    BUILTIN_SCRIPT("join", "IteratorJoin", 1),
    BUILTIN_SCRIPT("map", "IteratorMap", 1),
    BUILTIN_SCRIPT("reduce", "IteratorReduce", 1),
    BUILTIN_SCRIPT("some", "IteratorSome", 1),
    BUILTIN_SCRIPT("take", "IteratorTake", 1),
    BUILTIN_SCRIPT("toArray", "IteratorToArray", 0),
    BUILTIN_SCRIPT("windows", "IteratorWindows", 1),
    BUILTIN_GET_SET("constructor", get_constructor, set_constructor),
    BUILTIN_GET_SET("@@toStringTag", get_tag, set_tag),
};
// Iterator helper objects: family ITERATOR_HELPER; target: the generator,
// extra: an Array of [[UnderlyingIterators]], undefined where one is closed.

// %CreateIteratorHelper(generator, array of the underlying iterators)
Value vm_intrinsic_create_iterator_helper(Isolate *iso,
                                          const NativeCall *call) {
  IteratorObject *helper = vm_iterator_object_new(
      iso, INTRINSIC_OBJECT(iso, IteratorHelperPrototype), ITERATOR_HELPER,
      ITERATE_VALUES, call->argv[0]);
  helper->extra = call->argv[1];
  return value_from_cell(helper);
}

static IteratorObject *this_iterator(Isolate *iso, const NativeCall *call,
                                     IteratorFamily family,
                                     const char *method) {
  IteratorObject *it = (IteratorObject *)value_as_cell(call->this_value);
  if (value_is_kind(call->this_value, CELL_ITERATOR) && it->family == family) {
    return it;
  }
  char shown[80];
  vm_describe(iso, call->this_value, shown, sizeof shown);
  vm_throw_type(iso, "%s called on incompatible receiver %s", method, shown);
  return NULL;
}

// IteratorClose of a normal completion, next not needed.
static bool close_normally(Isolate *iso, Value iterator) {
  Value method = vm_get_method(iso, iterator, KEY(return_));
  if (value_is_exception(method)) return false;
  if (value_is_undefined(method)) return true;
  Value result = vm_call(iso, method, iterator, 0, NULL);
  if (value_is_exception(result)) return false;
  if (value_is_object(result)) return true;
  vm_throw_type_value(iso, "%s is not an object", result);
  return false;
}
// The same of a throw completion. False: the isolate is terminating.
static bool close_quietly(Isolate *iso, Value iterator) {
  Value method = vm_get_method(iso, iterator, KEY(return_));
  Value result = value_is_exception(method) || value_is_undefined(method)
                     ? method
                     : vm_call(iso, method, iterator, 0, NULL);
  if (value_is_exception(result)) {
    if (vm_is_terminating(iso)) return false;
    vm_take_exception(iso);
  }
  return true;
}

// IteratorCloseAll (7.4.13) of those in the list, which are taken out of it.
static bool close_all(Isolate *iso, Value list, bool quietly) {
  Array *iterators = (Array *)value_as_cell(list);
  Value thrown = VALUE_EMPTY;
  for (uint32_t i = iterators->length; i-- > 0;) {
    Value *place = &iterators->object.elements->values[i];
    Value iterator = *place;
    if (!value_is_object(iterator)) continue;
    gc_store_word(iso->heap, place, VALUE_UNDEFINED);
    if (quietly) {
      if (!close_quietly(iso, iterator)) return false;
    } else if (!close_normally(iso, iterator)) {
      if (vm_is_terminating(iso)) return false;
      thrown = vm_take_exception(iso);
      quietly = true;
    }
  }
  if (thrown == VALUE_EMPTY) return true;
  vm_throw(iso, thrown);
  return false;
}

// ECMA-262 27.1.2.1.2 %IteratorHelperPrototype%.return ( )
static Value helper_return(Isolate *iso, const NativeCall *call) {
  IteratorObject *helper =
      this_iterator(iso, call, ITERATOR_HELPER, "Iterator Helper.return");
  if (helper == NULL) return VALUE_EXCEPTION;
  Generator *generator = (Generator *)value_as_cell(helper->target);
  bool not_started = generator->fiber != NULL &&
                     generator->fiber->cell.flags == FIBER_SUSPENDED_START;
  Value result =
      vm_generator_resume(iso, helper->target, RESUME_RETURN, VALUE_UNDEFINED);
  if (value_is_exception(result) || !not_started) return result;
  // Now the generator is done and never comes to where it would close them.
  return close_all(iso, helper->extra, false) ? result : VALUE_EXCEPTION;
}

// %IteratorClose(iterator), %IteratorCloseQuietly(iterator) and
// %IteratorCloseAll(iterators, quietly)
Value vm_intrinsic_iterator_close(Isolate *iso, const NativeCall *call) {
  return close_normally(iso, call->argv[0]) ? VALUE_UNDEFINED : VALUE_EXCEPTION;
}
Value vm_intrinsic_iterator_close_quietly(Isolate *iso,
                                          const NativeCall *call) {
  return close_quietly(iso, call->argv[0]) ? VALUE_UNDEFINED : VALUE_EXCEPTION;
}
Value vm_intrinsic_iterator_close_all(Isolate *iso, const NativeCall *call) {
  return close_all(iso, call->argv[0], vm_to_boolean(call->argv[1]))
             ? VALUE_UNDEFINED
             : VALUE_EXCEPTION;
}

// %OwnPropertyKeys(object): an Array of [[OwnPropertyKeys]].
Value vm_intrinsic_own_property_keys(Isolate *iso, const NativeCall *call) {
  KeyList keys;
  vm_key_list_init(&keys);
  bool done = vm_own_keys(iso, value_as_object(call->argv[0]), &keys);
  Array *array = done ? vm_array_new(iso, 0) : NULL;
  for (uint32_t i = 0; array != NULL && i < keys.count; i++) {
    Value key = vm_key_to_value(iso, keys.keys[i]);
    if (value_is_exception(key) || !vm_array_push(iso, array, key))
      array = NULL;
  }
  return array != NULL ? value_from_cell(array) : VALUE_EXCEPTION;
}
// %OwnIsEnumerable(object, key): there is such a property, and it is
// enumerable.
Value vm_intrinsic_own_is_enumerable(Isolate *iso, const NativeCall *call) {
  PropertyKey key;
  PropertyDescriptor d;
  if (!vm_to_property_key(iso, call->argv[1], &key)) return VALUE_EXCEPTION;
  Tri has = vm_get_own_property(iso, value_as_object(call->argv[0]), key, &d);
  if (has < 0) return VALUE_EXCEPTION;
  return value_from_bool(has && (d.attributes & PROPERTY_ENUMERABLE));
}

Value vm_intrinsic_throw_iterator_result(Isolate *iso, const NativeCall *call) {
  return vm_throw_type_value(iso, "Iterator result %s is not an object",
                             call->argv[0]);
}

// %InheritsFromIterator(object): OrdinaryHasInstance(%Iterator%, object).
Value vm_intrinsic_inherits_from_iterator(Isolate *iso,
                                          const NativeCall *call) {
  Tri has = vm_ordinary_has_instance(
      iso, value_from_cell(INTRINSIC_OBJECT(iso, Iterator)), call->argv[0]);
  return has < 0 ? VALUE_EXCEPTION : value_from_bool(has);
}

// %WrapIterator(iterator, next): family ITERATOR_WRAP; extra: next.
Value vm_intrinsic_wrap_iterator(Isolate *iso, const NativeCall *call) {
  IteratorObject *wrapper = vm_iterator_object_new(
      iso, INTRINSIC_OBJECT(iso, WrapForValidIteratorPrototype), ITERATOR_WRAP,
      ITERATE_VALUES, call->argv[0]);
  wrapper->extra = call->argv[1];
  return value_from_cell(wrapper);
}

// ECMA-262 27.1.3.2.1.1 %WrapForValidIteratorPrototype%.next ( )
static Value wrap_next(Isolate *iso, const NativeCall *call) {
  IteratorObject *it =
      this_iterator(iso, call, ITERATOR_WRAP, "Wrap Iterator.next");
  if (it == NULL) return VALUE_EXCEPTION;
  return vm_call(iso, it->extra, it->target, 0, NULL);
}

// ECMA-262 27.1.3.2.1.2 %WrapForValidIteratorPrototype%.return ( )
static Value wrap_return(Isolate *iso, const NativeCall *call) {
  IteratorObject *it =
      this_iterator(iso, call, ITERATOR_WRAP, "Wrap Iterator.return");
  if (it == NULL) return VALUE_EXCEPTION;
  Value method = vm_get_method(iso, it->target, KEY(return_));
  if (value_is_exception(method)) return method;
  if (value_is_undefined(method)) {
    return vm_iterator_result(iso, VALUE_UNDEFINED, true);
  }
  return vm_call(iso, method, it->target, 0, NULL);
}

static const Builtin helper_prototype[] = {
    BUILTIN_IN_LOOP("next", vm_loop_native, 0, LOOP_ITERATOR_HELPER_NEXT),
    BUILTIN("return", helper_return, 0),
    BUILTIN_TAG("Iterator Helper"),
};
static const Builtin wrap_prototype[] = {
    BUILTIN("next", wrap_next, 0),
    BUILTIN("return", wrap_return, 0),
};

void vm_init_iterator_helpers(Isolate *iso, Realm *realm) {
  Object *prototype = realm->intrinsics[INTRINSIC_IteratorPrototype];
  NativeFunction *constructor = vm_define_constructor(
      iso, "Iterator", iterator_constructor, 0, NULL, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_Iterator, &constructor->object);
  vm_define_value(iso, &constructor->object, KEY(prototype),
                  value_from_cell(prototype), 0);
  VM_DEFINE_BUILTINS(iso, prototype, iterator_prototype);
  VM_DEFINE_BUILTINS(iso, &constructor->object, iterator_static);
  Object *helper = vm_object_new_with(iso, prototype);
  vm_realm_set_intrinsic(realm, INTRINSIC_IteratorHelperPrototype, helper);
  VM_DEFINE_BUILTINS(iso, helper, helper_prototype);
  Object *wrap = vm_object_new_with(iso, prototype);
  vm_realm_set_intrinsic(realm, INTRINSIC_WrapForValidIteratorPrototype, wrap);
  VM_DEFINE_BUILTINS(iso, wrap, wrap_prototype);
}
