// SPDX-License-Identifier: MIT
// Calling decorators (the decorators proposal): the context object they get and
// what is made of their results. A list of decorators is an array of a function
// and its this, for each, called from the last to the first.
#include "vm/builtins/decorators.h"
#include "vm/builtins/builtins.h"
#include "vm/bytecode/template.h"
#include "vm/objects/operations.h"

// Natives of the context ------------------------------------------------------

static bool is_private_name(Value key) {
  return value_is_symbol(key) &&
         (value_as_symbol(key)->cell.flags & SYMBOL_PRIVATE);
}

// The object that an access function is called with. NULL: threw.
static Object *accessed(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (value_is_object(v)) return value_as_object(v);
  vm_throw_type_value(iso, "%s is not an object", v);
  return NULL;
}

static Value access_get(Isolate *iso, const NativeCall *call) {
  Object *o = accessed(iso, call);
  Value name = native_slot(call, 0);
  PropertyKey key;
  if (o == NULL) return VALUE_EXCEPTION;
  if (is_private_name(name)) {
    return vm_private_get(iso, o, value_as_symbol(name));
  }
  if (!vm_to_property_key(iso, name, &key)) return VALUE_EXCEPTION;
  return vm_get(iso, o, key);
}

static Value access_set(Isolate *iso, const NativeCall *call) {
  Object *o = accessed(iso, call);
  Value name = native_slot(call, 0), value = native_argument(call, 1);
  PropertyKey key;
  if (o == NULL) return VALUE_EXCEPTION;
  bool done = is_private_name(name)
                  ? vm_private_set(iso, o, value_as_symbol(name), value)
                  : vm_to_property_key(iso, name, &key) &&
                        vm_set(iso, o, key, value, true);
  return done ? VALUE_UNDEFINED : VALUE_EXCEPTION;
}

static Value access_has(Isolate *iso, const NativeCall *call) {
  Object *o = accessed(iso, call);
  Value name = native_slot(call, 0);
  PropertyKey key;
  if (o == NULL) return VALUE_EXCEPTION;
  if (is_private_name(name)) {
    return value_from_bool(vm_private_has(iso, o, value_as_symbol(name)));
  }
  if (!vm_to_property_key(iso, name, &key)) return VALUE_EXCEPTION;
  Tri has = vm_has(iso, o, key);
  return has < 0 ? VALUE_EXCEPTION : value_from_bool(has);
}

// Slots: the list; true once the decorator has returned.
static Value add_initializer(Isolate *iso, const NativeCall *call) {
  Value f = native_argument(call, 0);
  if (native_slot(call, 1) == VALUE_TRUE) {
    return vm_throw_type(
        iso, "addInitializer cannot be called after decoration was finished");
  }
  if (!value_is_callable(f)) return vm_throw_not_callable(iso, f);
  return vm_array_push(iso, (Array *)value_as_cell(native_slot(call, 0)), f)
             ? VALUE_UNDEFINED
             : VALUE_EXCEPTION;
}

static PropertyKey key_of(const char *name) {
  return key_from_atom(vm_atom_from_c(name));
}

static NativeFunction *define_native(Isolate *iso, Object *o, const char *name,
                                     NativeCode code, uint16_t length,
                                     Value slot) {
  String *atom = vm_atom_from_c(name);
  NativeFunction *f = vm_native_new(iso, code, atom, length, 2, false);
  gc_store_word(iso->heap, &f->slots[0], slot);
  vm_put(iso, o, key_from_atom(atom), value_from_cell(f), PROPERTY_DEFAULT);
  return f;
}

// The context -----------------------------------------------------------------

static Object *new_access(Isolate *iso, unsigned kind, Value key) {
  Object *access = vm_object_new(iso);
  if (kind != DECORATES_SETTER) {
    define_native(iso, access, "get", access_get, 1, key);
  }
  if (kind == DECORATES_SETTER || kind == DECORATES_FIELD ||
      kind == DECORATES_ACCESSOR) {
    define_native(iso, access, "set", access_set, 2, key);
  }
  define_native(iso, access, "has", access_has, 1, key);
  return access;
}

// *add: its addInitializer.
static Object *new_context(Isolate *iso, unsigned flags, Value key, Value extra,
                           NativeFunction **add) {
  static const char *const kinds[] = {
      [DECORATES_METHOD] = "method",     [DECORATES_GETTER] = "getter",
      [DECORATES_SETTER] = "setter",     [DECORATES_FIELD] = "field",
      [DECORATES_ACCESSOR] = "accessor", [DECORATES_CLASS] = "class",
  };
  unsigned kind = flags & DECORATES_KIND;
  Object *context = vm_object_new(iso);
  vm_put(iso, context, key_of("kind"),
         value_from_cell(vm_atom_from_c(kinds[kind])), PROPERTY_DEFAULT);
  Value name = key;
  if (kind != DECORATES_CLASS) {
    vm_put(iso, context, key_of("access"),
           value_from_cell(new_access(iso, kind, key)), PROPERTY_DEFAULT);
    vm_put(iso, context, key_of("static"),
           value_from_bool(flags & DECORATES_STATIC), PROPERTY_DEFAULT);
    vm_put(iso, context, key_of("private"),
           value_from_bool(flags & DECORATES_PRIVATE), PROPERTY_DEFAULT);
    if (is_private_name(key)) {
      name = value_from_cell(value_as_symbol(key)->description);
    } else if (!value_is_symbol(key)) {
      String *text = vm_to_string(iso, key);
      if (text == NULL) return NULL;
      name = value_from_cell(text);
    }
  }
  vm_put(iso, context, KEY(name), name, PROPERTY_DEFAULT);
  *add =
      define_native(iso, context, "addInitializer", add_initializer, 1, extra);
  return context;
}

// Lists are made by the code that the emitter gives a class; code that was
// loaded may pass anything. NULL: threw.
static Array *list_of(Isolate *iso, Value v) {
  if (value_is_kind(v, CELL_ARRAY)) {
    Array *list = (Array *)value_as_cell(v);
    if (elements_length(list->object.elements) >= list->length) return list;
  }
  vm_throw_type_value(iso, "%s is not a list of decorators", v);
  return NULL;
}

// Calls decorator `i`. EXCEPTION: threw.
static Value call_decorator(Isolate *iso, Array *list, uint32_t i,
                            unsigned flags, Value key, Value extra,
                            Value value) {
  NativeFunction *add;
  Object *context = new_context(iso, flags, key, extra, &add);
  if (context == NULL) return VALUE_EXCEPTION;
  const Value *item = &list->object.elements->values[2 * i];
  Value arguments[2] = {value, value_from_cell(context)};
  Value result = vm_call(iso, item[0], item[1], 2, arguments);
  gc_publish(&add->slots[1], VALUE_TRUE);
  return result;
}

// Elements --------------------------------------------------------------------

typedef struct Decorating {
  Value function, setter; // function: or getter
  Array *initializers;
} Decorating;

static bool refuse(Isolate *iso, Value v) {
  vm_throw_type_value(
      iso, "A decorator must return a function or undefined, not %s", v);
  return false;
}

// What an accessor's decorator gave for one of its functions.
static bool take_member(Isolate *iso, Object *result, PropertyKey key,
                        Value *place) {
  Value v = vm_get(iso, result, key);
  if (value_is_exception(v)) return false;
  if (v == VALUE_UNDEFINED) return true;
  if (!value_is_callable(v)) return refuse(iso, v);
  *place = v;
  return true;
}

static bool take_result(Isolate *iso, unsigned kind, Value result,
                        Decorating *d) {
  if (result == VALUE_UNDEFINED) return true;
  if (kind == DECORATES_ACCESSOR) {
    if (!value_is_object(result)) {
      vm_throw_type_value(
          iso, "A decorator must return an object or undefined, not %s",
          result);
      return false;
    }
    Value init = VALUE_UNDEFINED;
    Object *o = value_as_object(result);
    return take_member(iso, o, KEY(get), &d->function) &&
           take_member(iso, o, KEY(set), &d->setter) &&
           take_member(iso, o, key_of("init"), &init) &&
           (init == VALUE_UNDEFINED ||
            vm_array_push(iso, d->initializers, init));
  }
  if (!value_is_callable(result)) return refuse(iso, result);
  if (kind == DECORATES_FIELD) {
    return vm_array_push(iso, d->initializers, result);
  }
  d->function = result;
  return true;
}

// The property that the class has defined already, unless a later element of
// the same name has replaced it.
static bool redefine(Isolate *iso, Object *home, PropertyKey key, unsigned kind,
                     const Decorating *old, const Decorating *new) {
  PropertyDescriptor d, change = {.value = VALUE_EMPTY,
                                  .getter = VALUE_EMPTY,
                                  .setter = VALUE_EMPTY};
  Tri has = vm_get_own_property(iso, home, key, &d);
  if (has <= 0) return has == 0;
  if (kind == DECORATES_METHOD) {
    if (d.value == old->function) change.value = new->function;
  } else if (kind == DECORATES_SETTER) {
    if (d.setter == old->function) change.setter = new->function;
  } else {
    if (d.getter == old->function) change.getter = new->function;
    if (kind == DECORATES_ACCESSOR && d.setter == old->setter) {
      change.setter = new->setter;
    }
  }
  return vm_define_own_or_throw(iso, home, key, &change);
}

// %ApplyDecorators(list, key, home, function, setter, initializers, extra
// initializers, flags): the function; of an accessor [getter, setter].
Value vm_intrinsic_apply_decorators(Isolate *iso, const NativeCall *call) {
  Array *list = list_of(iso, call->argv[0]);
  Value key = call->argv[1], initializers = call->argv[5];
  unsigned flags = (unsigned)value_as_int(call->argv[7]);
  unsigned kind = flags & DECORATES_KIND;
  if (list == NULL || list_of(iso, call->argv[6]) == NULL ||
      (value_is_object(initializers) && list_of(iso, initializers) == NULL))
    return VALUE_EXCEPTION;
  if (kind > DECORATES_CLASS)
    return vm_throw_type(iso, "Nothing of that kind can be decorated");
  Decorating old = {call->argv[3], call->argv[4],
                    value_is_object(initializers)
                        ? (Array *)value_as_cell(initializers)
                        : NULL};
  Decorating d = old;
  for (uint32_t i = list->length / 2; i-- > 0;) {
    Value value = d.function;
    if (kind == DECORATES_ACCESSOR) {
      Object *pair = vm_object_new(iso);
      vm_put(iso, pair, KEY(get), d.function, PROPERTY_DEFAULT);
      vm_put(iso, pair, KEY(set), d.setter, PROPERTY_DEFAULT);
      value = value_from_cell(pair);
    }
    Value result =
        call_decorator(iso, list, i, flags, key, call->argv[6], value);
    if (value_is_exception(result) || !take_result(iso, kind, result, &d)) {
      return VALUE_EXCEPTION;
    }
  }
  if (!(flags & DECORATES_PRIVATE) && kind != DECORATES_FIELD) {
    PropertyKey k;
    if (!vm_to_property_key(iso, key, &k) ||
        !redefine(iso, value_as_object(call->argv[2]), k, kind, &old, &d)) {
      return VALUE_EXCEPTION;
    }
  }
  if (kind != DECORATES_ACCESSOR) return d.function;
  Array *pair = vm_array_new(iso, 0);
  return vm_array_push(iso, pair, d.function) &&
                 vm_array_push(iso, pair, d.setter)
             ? value_from_cell(pair)
             : VALUE_EXCEPTION;
}

// Classes ---------------------------------------------------------------------

// %DecorateClass(list, class, name, extra initializers): what is the class then
Value vm_intrinsic_decorate_class(Isolate *iso, const NativeCall *call) {
  Array *list = list_of(iso, call->argv[0]);
  Value class = call->argv[1];
  if (list == NULL || list_of(iso, call->argv[3]) == NULL)
    return VALUE_EXCEPTION;
  for (uint32_t i = list->length / 2; i-- > 0;) {
    Value result = call_decorator(iso, list, i, DECORATES_CLASS, call->argv[2],
                                  call->argv[3], class);
    if (value_is_exception(result)) return result;
    if (result == VALUE_UNDEFINED) continue;
    if (!value_is_callable(result)) {
      refuse(iso, result);
      return VALUE_EXCEPTION;
    }
    class = result;
  }
  return class;
}

// %RunInitializers(object, list): calls all. With a third argument, a field's
// value: passes it through them, the outermost decorator's first.
Value vm_intrinsic_run_initializers(Isolate *iso, const NativeCall *call) {
  Value object = call->argv[0];
  Array *list = list_of(iso, call->argv[1]);
  if (list == NULL) return VALUE_EXCEPTION;
  bool has_value = call->argc > 2;
  Value value = has_value ? call->argv[2] : VALUE_UNDEFINED;
  uint32_t count = list->length;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t k = has_value ? count - 1 - i : i;
    Value result = vm_call(iso, list->object.elements->values[k], object,
                           has_value, &value);
    if (value_is_exception(result)) return result;
    if (has_value) value = result;
  }
  return value;
}
