// SPDX-License-Identifier: MIT
// The Array constructor, its static methods, and the table of
// Array.prototype. ECMA-262 23.1.
#include "vm/builtins/array_access.h"
#include "vm/builtins/builtins.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/iteration.h"
#include "vm/objects/iterator_object.h"

Object *vm_array_create(Isolate *iso, double length) {
  if (length > 4294967295.0) {
    vm_throw_range(iso, "Invalid array length");
    return NULL;
  }
  // Mostly it is filled at once.
  Array *array = vm_array_new(iso, length <= 65536 ? (uint32_t)length : 0);
  if (length > 0 && vm_array_set_length(iso, array, (uint32_t)length) < 0) {
    return NULL;
  }
  return &array->object;
}

bool vm_array_species(Isolate *iso, Object *original, Value *out) {
  *out = VALUE_UNDEFINED;
  Tri is_array = object_kind(original) == CELL_ARRAY
                     ? 1
                     : vm_is_array(iso, value_from_cell(original));
  if (is_array <= 0) return is_array == 0;
  Value constructor = vm_get_quickly(iso, original, KEY(constructor));
  if (value_is_exception(constructor)) return false;
  if (constructor == value_from_cell(INTRINSIC_OBJECT(iso, Array)) &&
      object_kind(original) == CELL_ARRAY) {
    // The usual case ends here unless @@species was replaced.
    Value species =
        vm_get_quickly(iso, value_as_object(constructor), SYMBOL_KEY(species));
    if (value_is_exception(species)) return false;
    if (species == constructor) return true;
    constructor = value_is_null(species) ? VALUE_UNDEFINED : species;
  } else {
    if (value_is_constructor(constructor)) {
      Realm *realm = vm_function_realm(iso, value_as_object(constructor));
      if (realm == NULL) return false;
      if (realm != iso->realm &&
          constructor == value_from_cell(realm->intrinsics[INTRINSIC_Array])) {
        constructor = VALUE_UNDEFINED;
      }
    }
    if (value_is_object(constructor)) {
      constructor =
          vm_get(iso, value_as_object(constructor), SYMBOL_KEY(species));
      if (value_is_exception(constructor)) return false;
      if (value_is_null(constructor)) constructor = VALUE_UNDEFINED;
    }
  }
  if (!value_is_undefined(constructor) && !value_is_constructor(constructor)) {
    vm_throw_type(iso,
                  "object.constructor[Symbol.species] is not a "
                  "constructor");
    return false;
  }
  *out = constructor;
  return true;
}

Object *vm_array_of_species(Isolate *iso, Value species, double length) {
  if (value_is_undefined(species)) return vm_array_create(iso, length);
  Value argument = value_from_number(length);
  Value made = vm_construct(iso, species, 1, &argument, species);
  return value_is_exception(made) ? NULL : value_as_object(made);
}

Object *vm_array_species_create(Isolate *iso, Object *original, double length) {
  Value species;
  return vm_array_species(iso, original, &species)
             ? vm_array_of_species(iso, species, length)
             : NULL;
}

// ECMA-262 23.1.1.1 Array ( ...values )
static Value array_constructor(Isolate *iso, const NativeCall *call) {
  Value new_target =
      value_is_undefined(call->new_target) ? call->callee : call->new_target;
  Array *array;
  if (new_target == value_from_cell(INTRINSIC_OBJECT(iso, Array))) {
    array = vm_array_new(iso, 0);
  } else {
    array = vm_object_from_constructor(
        iso, new_target, INTRINSIC_ArrayPrototype, CELL_ARRAY, sizeof(Array));
    if (array == NULL) return VALUE_EXCEPTION;
  }
  if (call->argc == 1) {
    Value length = call->argv[0];
    if (value_is_number(length)) {
      double d = value_as_number(length);
      if (!(d >= 0 && d <= 4294967295.0 && d == trunc(d))) {
        return vm_throw_range(iso, "Invalid array length");
      }
      if (d <= 65536 &&
          !vm_elements_reserve(iso, &array->object, (uint32_t)d)) {
        return VALUE_EXCEPTION;
      }
      if (vm_array_set_length(iso, array, (uint32_t)d) < 0) {
        return VALUE_EXCEPTION;
      }
      return value_from_cell(array);
    }
  }
  if (!vm_elements_reserve(iso, &array->object, call->argc)) {
    return VALUE_EXCEPTION;
  }
  for (uint32_t i = 0; i < call->argc; i++) {
    if (!vm_array_push(iso, array, call->argv[i])) return VALUE_EXCEPTION;
  }
  return value_from_cell(array);
}

// ECMA-262 23.1.2.2 Array.isArray ( arg )
static Value array_is_array(Isolate *iso, const NativeCall *call) {
  Tri is_array = vm_is_array(iso, native_argument(call, 0));
  return is_array < 0 ? VALUE_EXCEPTION : value_from_bool(is_array);
}

// A new array-like made by constructor C, or an Array if C is none.
static Object *construct_array_like(Isolate *iso, Value constructor,
                                    bool pass_length, double length) {
  if (!value_is_constructor(constructor)) {
    return vm_array_create(iso, pass_length ? length : 0);
  }
  Value argument = value_from_number(length);
  Value made = vm_construct(iso, constructor, pass_length ? 1 : 0, &argument,
                            constructor);
  return value_is_exception(made) ? NULL : value_as_object(made);
}

// ECMA-262 23.1.2.3 Array.of ( ...items )
static Value array_of(Isolate *iso, const NativeCall *call) {
  Object *a = construct_array_like(iso, call->this_value, true, call->argc);
  if (a == NULL) return VALUE_EXCEPTION;
  for (uint32_t k = 0; k < call->argc; k++) {
    if (!array_create(iso, a, k, call->argv[k])) return VALUE_EXCEPTION;
  }
  if (!array_set_length(iso, a, call->argc)) return VALUE_EXCEPTION;
  return value_from_cell(a);
}

static Value map_item(Isolate *iso, Value mapper, Value this_arg, Value item,
                      double k) {
  if (value_is_undefined(mapper)) return item;
  Value arguments[] = {item, value_from_number(k)};
  return vm_call(iso, mapper, this_arg, 2, arguments);
}

static Value array_from_iterable(Isolate *iso, const NativeCall *call,
                                 Value items, Value method, Value mapper) {
  Object *a = construct_array_like(iso, call->this_value, false, 0);
  if (a == NULL) return VALUE_EXCEPTION;
  IteratorRecord iterator;
  if (!vm_get_iterator_from_method(iso, items, method, &iterator)) {
    return VALUE_EXCEPTION;
  }
  for (double k = 0;; k++) {
    Value item;
    if (!vm_poll(iso, 1)) return VALUE_EXCEPTION;
    Tri more = vm_iterator_step(iso, &iterator, &item);
    if (more < 0) return VALUE_EXCEPTION;
    if (!more) {
      if (!array_set_length(iso, a, k)) return VALUE_EXCEPTION;
      return value_from_cell(a);
    }
    Value mapped = map_item(iso, mapper, native_argument(call, 2), item, k);
    if (value_is_exception(mapped) || !array_create(iso, a, k, mapped)) {
      vm_iterator_close(iso, &iterator);
      return VALUE_EXCEPTION;
    }
  }
}

// ECMA-262 23.1.2.1 Array.from ( items [ , mapper [ , thisArg ] ] )
static Value array_from(Isolate *iso, const NativeCall *call) {
  Value items = native_argument(call, 0), mapper = native_argument(call, 1);
  if (!value_is_undefined(mapper) && !value_is_callable(mapper)) {
    return vm_throw_not_callable(iso, mapper);
  }
  Value method = vm_get_method(iso, items, SYMBOL_KEY(iterator));
  if (value_is_exception(method)) return VALUE_EXCEPTION;
  if (!value_is_undefined(method)) {
    // That a result which nobody has seen is filled cannot fail but for want
    // of memory.
    if (value_is_undefined(mapper) &&
        call->this_value == value_from_cell(INTRINSIC_OBJECT(iso, Array))) {
      Array *list = vm_array_new(iso, 0);
      bool done = vm_array_iterates_plainly(iso, items)
                      ? vm_array_spread(iso, list, items)
                      : vm_array_spread_from_method(iso, list, items, method);
      return done ? value_from_cell(list) : VALUE_EXCEPTION;
    }
    return array_from_iterable(iso, call, items, method, mapper);
  }
  Object *array_like = vm_to_object(iso, items);
  double length;
  if (array_like == NULL ||
      !vm_length_of_array_like(iso, array_like, &length)) {
    return VALUE_EXCEPTION;
  }
  Object *a = construct_array_like(iso, call->this_value, true, length);
  if (a == NULL) return VALUE_EXCEPTION;
  for (double k = 0; k < length; k++) {
    if (!vm_poll(iso, 1)) return VALUE_EXCEPTION;
    Value item = array_get(iso, array_like, k);
    if (value_is_exception(item)) return VALUE_EXCEPTION;
    Value mapped = map_item(iso, mapper, native_argument(call, 2), item, k);
    if (value_is_exception(mapped) || !array_create(iso, a, k, mapped)) {
      return VALUE_EXCEPTION;
    }
  }
  if (!array_set_length(iso, a, length)) return VALUE_EXCEPTION;
  return value_from_cell(a);
}

Value vm_intrinsic_array_create(Isolate *iso, const NativeCall *call) {
  Object *a = vm_array_create(iso, value_as_number(call->argv[0]));
  return a == NULL ? VALUE_EXCEPTION : value_from_cell(a);
}

Value vm_intrinsic_array_species_create(Isolate *iso, const NativeCall *call) {
  Object *a = vm_array_species_create(iso, value_as_object(call->argv[0]),
                                      value_as_number(call->argv[1]));
  return a == NULL ? VALUE_EXCEPTION : value_from_cell(a);
}

static const Builtin array_static[] = {
    BUILTIN("from", array_from, 1),
    BUILTIN("isArray", array_is_array, 1),
    BUILTIN("of", array_of, 0),
    BUILTIN_SCRIPT("fromAsync", "ArrayFromAsync", 1),
    BUILTIN_GET("@@species", vm_return_this),
};

static const Builtin array_prototype[] = {
    BUILTIN("at", vm_array_at, 1),
    BUILTIN("concat", vm_array_concat, 1),
    BUILTIN("copyWithin", vm_array_copy_within, 2),
    BUILTIN_MAGIC("entries", vm_array_iterator_create, 0, ITERATE_ENTRIES),
    BUILTIN_SCRIPT("every", "ArrayEvery", 1),
    BUILTIN("fill", vm_array_fill, 1),
    BUILTIN_SCRIPT("filter", "ArrayFilter", 1),
    BUILTIN_SCRIPT("find", "ArrayFind", 1),
    BUILTIN_SCRIPT("findIndex", "ArrayFindIndex", 1),
    BUILTIN_SCRIPT("findLast", "ArrayFindLast", 1),
    BUILTIN_SCRIPT("findLastIndex", "ArrayFindLastIndex", 1),
    BUILTIN("flat", vm_array_flat, 0),
    BUILTIN_SCRIPT("flatMap", "ArrayFlatMap", 1),
    BUILTIN_SCRIPT("forEach", "ArrayForEach", 1),
    BUILTIN("includes", vm_array_includes, 1),
    BUILTIN("indexOf", vm_array_index_of, 1),
    BUILTIN("join", vm_array_join, 1),
    BUILTIN_MAGIC("keys", vm_array_iterator_create, 0, ITERATE_KEYS),
    BUILTIN("lastIndexOf", vm_array_last_index_of, 1),
    BUILTIN_SCRIPT("map", "ArrayMap", 1),
    BUILTIN("pop", vm_array_pop, 0),
    BUILTIN("push", vm_array_prototype_push, 1),
    BUILTIN_SCRIPT("reduce", "ArrayReduce", 1),
    BUILTIN_SCRIPT("reduceRight", "ArrayReduceRight", 1),
    BUILTIN("reverse", vm_array_reverse, 0),
    BUILTIN("shift", vm_array_shift, 0),
    BUILTIN("slice", vm_array_slice, 2),
    BUILTIN_SCRIPT("some", "ArraySome", 1),
    BUILTIN_SCRIPT("sort", "ArraySort", 1),
    BUILTIN("splice", vm_array_splice, 2),
    BUILTIN("toLocaleString", vm_array_to_locale_string, 0),
    BUILTIN("toReversed", vm_array_to_reversed, 0),
    BUILTIN_SCRIPT("toSorted", "ArrayToSorted", 1),
    BUILTIN("toSpliced", vm_array_to_spliced, 2),
    BUILTIN("toString", vm_array_to_string, 0),
    BUILTIN("unshift", vm_array_unshift, 1),
    BUILTIN_MAGIC("values", vm_array_iterator_create, 0, ITERATE_VALUES),
    BUILTIN_SAME_AS("@@iterator", "values"),
    BUILTIN("with", vm_array_with, 2),
};

// ECMA-262 23.1.3.41 Array.prototype [ @@unscopables ]
static void define_unscopables(Isolate *iso, Object *prototype) {
  static const char *const names[] = {
      "at",         "copyWithin", "entries",   "fill",
      "find",       "findIndex",  "findLast",  "findLastIndex",
      "flat",       "flatMap",    "includes",  "keys",
      "toReversed", "toSorted",   "toSpliced", "values",
  };
  Object *list = vm_object_new_with(iso, NULL);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    vm_put(iso, list, vm_key_from_c(names[i]), VALUE_TRUE, PROPERTY_DEFAULT);
  }
  vm_put(iso, prototype, SYMBOL_KEY(unscopables), value_from_cell(list),
         PROPERTY_CONFIGURABLE);
}

// What others compare with or have, too: NULL until the prototype has members.
static void remember_functions(Isolate *iso, Object *prototype) {
  Value values = vm_get(iso, prototype, vm_key_from_c("values"));
  vm_realm_set_intrinsic(iso->realm, INTRINSIC_ArrayPrototypeValues,
                         value_as_object(values));
  Value to_string = vm_get(iso, prototype, KEY(toString));
  vm_realm_set_intrinsic(iso->realm, INTRINSIC_ArrayPrototypeToString,
                         value_as_object(to_string));
}

void vm_init_array(Isolate *iso, Realm *realm) {
  // %Array.prototype% itself is an Array; realm set-up made it.
  Object *prototype = realm->intrinsics[INTRINSIC_ArrayPrototype];
  VM_DEFINE_BUILTINS(iso, prototype, array_prototype);
  vm_define_action(iso, prototype, define_unscopables);
  NativeFunction *constructor = vm_define_constructor(
      iso, "Array", array_constructor, 1, prototype, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_Array, &constructor->object);
  VM_DEFINE_BUILTINS(iso, &constructor->object, array_static);
  vm_define_action(iso, prototype, remember_functions);
  vm_init_array_iterator(iso, realm);
}
