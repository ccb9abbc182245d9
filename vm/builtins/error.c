// SPDX-License-Identifier: MIT
// Errors, ECMA-262 20.5: the constructors, their prototypes, and the "stack"
// accessor of %Error.prototype%.
#include "vm/builtins/builtins.h"
#include "vm/builtins/error_builtins.h"
#include "vm/interpreter/iteration.h"
#include "vm/objects/error_object.h"
#include "vm/objects/operations.h"

typedef struct ErrorFamily {
  const char *name;
  Intrinsic constructor, prototype;
  uint16_t length;
} ErrorFamily;

enum { ERROR_SUPPRESSED = ERROR_TYPE_COUNT, FAMILY_COUNT };

static const ErrorFamily families[FAMILY_COUNT] = {
#define FAMILY(name, length)                                                   \
  { #name, INTRINSIC_##name, INTRINSIC_##name##Prototype, length }
    [ERROR_ERROR] = FAMILY(Error, 1),
    [ERROR_EVAL] = FAMILY(EvalError, 1),
    [ERROR_RANGE] = FAMILY(RangeError, 1),
    [ERROR_REFERENCE] = FAMILY(ReferenceError, 1),
    [ERROR_SYNTAX] = FAMILY(SyntaxError, 1),
    [ERROR_TYPE] = FAMILY(TypeError, 1),
    [ERROR_URI] = FAMILY(URIError, 1),
    [ERROR_AGGREGATE] = FAMILY(AggregateError, 2),
    [ERROR_SUPPRESSED] = FAMILY(SuppressedError, 3),
#undef FAMILY
};

Object *vm_error_new(Isolate *iso, ErrorType type, String *message) {
  ErrorObject *e =
      vm_object_allocate(iso, CELL_ERROR, sizeof *e,
                         iso->realm->intrinsics[families[type].prototype]);
  if (message != NULL) {
    vm_put(iso, &e->object, KEY(message), value_from_cell(message),
           PROPERTY_HIDDEN);
  }
  vm_error_capture_stack(iso, &e->object);
  return &e->object;
}

// ECMA-262 20.5.8.1 InstallErrorCause
static bool install_cause(Isolate *iso, Object *error, Value options) {
  if (!value_is_object(options)) return true;
  Tri has = vm_has(iso, value_as_object(options), KEY(cause));
  if (has != 1) return has == 0;
  Value cause = vm_get(iso, value_as_object(options), KEY(cause));
  if (value_is_exception(cause)) return false;
  vm_put(iso, error, KEY(cause), cause, PROPERTY_HIDDEN);
  return true;
}

static Array *iterable_to_list(Isolate *iso, Value iterable) {
  Array *list = vm_array_new(iso, 0);
  return vm_array_spread(iso, list, iterable) ? list : NULL;
}

// ECMA-262 20.5.1.1, 20.5.6.1.1, 20.5.7.1.1 and SuppressedError: the order of
// the parameters is what tells them apart.
static Value construct_error(Isolate *iso, const NativeCall *call) {
  unsigned type = native_magic(call);
  Value new_target =
      value_is_undefined(call->new_target) ? call->callee : call->new_target;
  ErrorObject *e = vm_object_from_constructor(
      iso, new_target, families[type].prototype, CELL_ERROR, sizeof *e);
  if (!e) return VALUE_EXCEPTION;
  Object *error = &e->object;
  uint32_t at = type == ERROR_AGGREGATE ? 1 : type == ERROR_SUPPRESSED ? 2 : 0;
  Value message = native_argument(call, at);
  if (!value_is_undefined(message)) {
    String *text = vm_to_string(iso, message);
    if (!text) return VALUE_EXCEPTION;
    vm_put(iso, error, KEY(message), value_from_cell(text), PROPERTY_HIDDEN);
  }
  if (type != ERROR_SUPPRESSED &&
      !install_cause(iso, error, native_argument(call, at + 1)))
    return VALUE_EXCEPTION;
  if (type == ERROR_AGGREGATE) {
    Array *errors = iterable_to_list(iso, native_argument(call, 0));
    if (!errors) return VALUE_EXCEPTION;
    vm_put(iso, error, KEY(errors), value_from_cell(errors), PROPERTY_HIDDEN);
  } else if (type == ERROR_SUPPRESSED) {
    vm_put(iso, error, KEY(error), native_argument(call, 0), PROPERTY_HIDDEN);
    vm_put(iso, error, KEY(suppressed), native_argument(call, 1),
           PROPERTY_HIDDEN);
  }
  vm_error_capture_stack(iso, error);
  return value_from_cell(error);
}

static String *text_or(Isolate *iso, Object *o, PropertyKey key,
                       String *if_undefined) {
  Value v = vm_get(iso, o, key);
  if (value_is_exception(v)) return NULL;
  return value_is_undefined(v) ? if_undefined : vm_to_string(iso, v);
}

// ECMA-262 20.5.3.4
static Value error_to_string(Isolate *iso, const NativeCall *call) {
  if (!value_is_object(call->this_value))
    return vm_throw_type(
        iso, "Error.prototype.toString requires that 'this' be a JSReceiver");
  Object *o = value_as_object(call->this_value);
  String *name = text_or(iso, o, KEY(name), ATOM(Error));
  if (!name) return VALUE_EXCEPTION;
  String *message = text_or(iso, o, KEY(message), ATOM(empty));
  if (!message) return VALUE_EXCEPTION;
  if (string_length(name) == 0) return value_from_cell(message);
  if (string_length(message) == 0) return value_from_cell(name);
  StringBuilder b;
  vm_builder_init(&b, iso);
  vm_builder_append(&b, name);
  vm_builder_append_ascii(&b, ": ");
  vm_builder_append(&b, message);
  String *s = vm_builder_finish(&b);
  return s ? value_from_cell(s) : VALUE_EXCEPTION;
}

// get Error.prototype.stack (proposal error-stack-accessor)
static Value get_stack(Isolate *iso, const NativeCall *call) {
  if (!value_is_object(call->this_value))
    return vm_throw_type(iso, "Error.prototype.stack requires an object");
  if (!value_is_kind(call->this_value, CELL_ERROR)) return VALUE_UNDEFINED;
  return vm_error_stack(iso, (ErrorObject *)value_as_object(call->this_value));
}

// set Error.prototype.stack, SetterThatIgnoresPrototypeProperties. More than
// the proposal it lets objects that only inherit from Error have any stack:
// libraries copy over what may be undefined.
static Value set_stack(Isolate *iso, const NativeCall *call) {
  if (!value_is_object(call->this_value))
    return vm_throw_type(iso, "Error.prototype.stack requires an object");
  Object *o = value_as_object(call->this_value);
  Value v = native_argument(call, 0);
  if (!value_is_string(v) && value_is_kind(call->this_value, CELL_ERROR))
    return vm_throw_type(iso, "The stack of an error must be a string");
  if (o == INTRINSIC_OBJECT(iso, ErrorPrototype))
    return vm_throw_type(iso, "Cannot assign to Error.prototype.stack");
  PropertyDescriptor own;
  Tri found = vm_get_own_property(iso, o, KEY(stack), &own);
  if (found == TRI_THREW) return VALUE_EXCEPTION;
  bool done = found ? vm_set(iso, o, KEY(stack), v, true)
                    : vm_create_data_or_throw(iso, o, KEY(stack), v);
  return done ? VALUE_UNDEFINED : VALUE_EXCEPTION;
}

// Error.captureStackTrace(object, hidden function), as V8 has it.
static Value capture_stack_trace(Isolate *iso, const NativeCall *call) {
  Value target = native_argument(call, 0), hidden = native_argument(call, 1);
  if (!value_is_object(target))
    return vm_throw_type_value(iso, "Invalid argument: %s", target);
  Object *o = value_as_object(target);
  struct CellList *frames = vm_error_capture_frames(
      iso, value_is_callable(hidden) ? value_as_object(hidden) : NULL);
  Value stack = vm_error_format_stack(iso, o, frames);
  if (value_is_exception(stack)) return stack;
  PropertyDescriptor d = {stack, VALUE_EMPTY, VALUE_EMPTY, PROPERTY_HIDDEN,
                          PROPERTY_DEFAULT};
  if (!vm_define_own_or_throw(iso, o, KEY(stack), &d)) return VALUE_EXCEPTION;
  return VALUE_UNDEFINED;
}

// ECMA-262 20.5.2.1 Error.isError
static Value is_error(Isolate *iso, const NativeCall *call) {
  (void)iso;
  return value_from_bool(value_is_kind(native_argument(call, 0), CELL_ERROR));
}

static const Builtin error_static[] = {
    BUILTIN("captureStackTrace", capture_stack_trace, 2),
    BUILTIN("isError", is_error, 1),
};

static const Builtin error_prototype[] = {
    BUILTIN("toString", error_to_string, 0),
    BUILTIN_GET_SET("stack", get_stack, set_stack),
};

static void make_family(Isolate *iso, Realm *realm, unsigned type) {
  const ErrorFamily *family = &families[type];
  Object *parent = NULL;
  Object *parent_prototype = realm->intrinsics[INTRINSIC_ObjectPrototype];
  if (type != ERROR_ERROR) {
    parent = realm->intrinsics[INTRINSIC_Error];
    parent_prototype = realm->intrinsics[INTRINSIC_ErrorPrototype];
  }
  Object *prototype = vm_object_new_with(iso, parent_prototype);
  vm_realm_set_intrinsic(realm, family->prototype, prototype);
  NativeFunction *constructor = vm_define_constructor(
      iso, family->name, construct_error, family->length, prototype, parent);
  constructor->magic = (uint16_t)type;
  vm_realm_set_intrinsic(realm, family->constructor, &constructor->object);
  vm_define_value(iso, prototype, KEY(name),
                  value_from_cell(vm_atom_from_c(family->name)),
                  PROPERTY_HIDDEN);
  vm_define_value(iso, prototype, KEY(message), ATOM_VALUE(empty),
                  PROPERTY_HIDDEN);
}

void vm_init_error(Isolate *iso, Realm *realm) {
  for (unsigned type = 0; type < FAMILY_COUNT; type++)
    make_family(iso, realm, type);
  vm_init_call_site(iso, realm);
  Object *error = realm->intrinsics[INTRINSIC_Error];
  VM_DEFINE_BUILTINS(iso, error, error_static);
  vm_define_value(iso, error, KEY(stackTraceLimit), value_from_int(10),
                  PROPERTY_DEFAULT);
  VM_DEFINE_BUILTINS(iso, realm->intrinsics[INTRINSIC_ErrorPrototype],
                     error_prototype);
}
