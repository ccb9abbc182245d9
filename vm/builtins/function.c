// SPDX-License-Identifier: MIT
// Function and %Function.prototype% (ECMA-262 20.2). call, apply and
// Reflect.apply are carried out by the dispatch loop when script code calls
// them; the functions here serve callers in C.
#include "vm/builtins/builtins.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/run.h"
#include "vm/objects/bound_function.h"

// ECMA-262 20.2.1.1
static Value construct_function(Isolate *iso, const NativeCall *call) {
  return vm_create_dynamic_function(iso, call, 0);
}

static Value not_a_function(Isolate *iso, const NativeCall *call,
                            const char *method) {
  char text[96];
  vm_describe(iso, call->this_value, text, sizeof text);
  return vm_throw_type(iso,
                       "Function.prototype.%s was called on %s, which is "
                       "not a function",
                       method, text);
}

// ECMA-262 20.2.3.1
static Value function_apply(Isolate *iso, const NativeCall *call) {
  if (!value_is_callable(call->this_value)) {
    return not_a_function(iso, call, "apply");
  }
  Value list = native_argument(call, 1);
  if (value_is_nullish(list)) {
    return vm_call(iso, call->this_value, native_argument(call, 0), 0, NULL);
  }
  Array *arguments = vm_list_from_array_like(iso, list);
  if (arguments == NULL) return VALUE_EXCEPTION;
  return vm_call(iso, call->this_value, native_argument(call, 0),
                 arguments->length, arguments->object.elements->values);
}

// ECMA-262 20.2.3.3
static Value function_call(Isolate *iso, const NativeCall *call) {
  if (!value_is_callable(call->this_value)) {
    return not_a_function(iso, call, "call");
  }
  uint32_t argc = call->argc > 0 ? call->argc - 1 : 0;
  return vm_call(iso, call->this_value, native_argument(call, 0), argc,
                 argc ? call->argv + 1 : NULL);
}

static Value function_bind(Isolate *iso, const NativeCall *call) {
  if (!value_is_callable(call->this_value)) {
    return not_a_function(iso, call, "bind");
  }
  Object *target = value_as_object(call->this_value);
  uint32_t bound = call->argc > 1 ? call->argc - 1 : 0;
  BoundFunction *f =
      vm_bound_function_new(iso, target, native_argument(call, 0), bound,
                            bound ? call->argv + 1 : NULL);
  if (f == NULL || !vm_copy_name_and_length(iso, &f->object, target,
                                            ATOM(bound_space), bound)) {
    return VALUE_EXCEPTION;
  }
  return value_from_cell(f);
}

// Is the name a PropertyName, perhaps after "get " or "set "? Others ("get $&")
// cannot be shown in a NativeFunction.
static bool is_showable(Isolate *iso, String *name) {
  uint32_t length = string_length(name), i = 0;
  if (length > 4 &&
      (vm_string_at(iso, name, 0) == 'g' ||
       vm_string_at(iso, name, 0) == 's') &&
      vm_string_at(iso, name, 3) == ' ') {
    i = 4;
  }
  if (i < length && vm_string_at(iso, name, i) == '[') return true;
  for (; i < length; i++) {
    uint16_t c = vm_string_at(iso, name, i);
    if (c > 0x7f || !(c == '$' || c == '_' || (c >= '0' && c <= '9') ||
                      ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))) {
      return false;
    }
  }
  return true;
}

static Value native_text(Isolate *iso, String *name) {
  StringBuilder b;
  vm_builder_init(&b, iso);
  vm_builder_append_ascii(&b, "function ");
  if (name != NULL && is_showable(iso, name)) vm_builder_append(&b, name);
  vm_builder_append_ascii(&b, "() { [native code] }");
  String *text = vm_builder_finish(&b);
  return text ? value_from_cell(text) : VALUE_EXCEPTION;
}

// ECMA-262 20.2.3.5
static Value function_to_string(Isolate *iso, const NativeCall *call) {
  if (!value_is_callable(call->this_value)) {
    return vm_throw_type(iso,
                         "Function.prototype.toString requires that "
                         "'this' be a Function");
  }
  Object *f = value_as_object(call->this_value);
  if (object_kind(f) == CELL_NATIVE_FUNCTION) {
    return native_text(iso, ((NativeFunction *)f)->name);
  }
  if (object_kind(f) != CELL_FUNCTION) return native_text(iso, NULL);
  const Template *t = vm_code_template(((Function *)f)->code);
  if ((t->flags & TEMPLATE_SELF_HOSTED) || t->source == NULL) {
    return native_text(iso, t->name);
  }
  const SourceFile *source = t->source;
  uint32_t length = t->source_end - t->source_start;
  String *text =
      source->is_wide
          ? vm_string_from_utf16(
                iso, (const uint16_t *)source->units + t->source_start, length)
          : vm_string_from_latin1(
                iso, (const uint8_t *)source->units + t->source_start, length);
  return text ? value_from_cell(text) : VALUE_EXCEPTION;
}

// ECMA-262 10.2.4.1. Sloppy functions may have "caller" and "arguments" of
// their own in other engines; old programs look whether they are there.
static Value throw_type_error(Isolate *iso, const NativeCall *call) {
  if (value_is_kind(call->this_value, CELL_FUNCTION)) {
    const Function *f = (const Function *)value_as_cell(call->this_value);
    const Template *t = vm_code_template(f->code);
    if (t->kind == CODE_NORMAL &&
        !(t->flags & (TEMPLATE_STRICT | TEMPLATE_GENERATOR | TEMPLATE_ASYNC))) {
      return VALUE_UNDEFINED;
    }
  }
  return vm_throw_type(iso,
                       "'caller', 'callee', and 'arguments' properties may "
                       "not be accessed on strict mode functions or the "
                       "arguments objects for calls to them");
}

static const Builtin function_prototype[] = {
    BUILTIN_IN_LOOP("apply", function_apply, 2, LOOP_FUNCTION_APPLY),
    BUILTIN("bind", function_bind, 1),
    BUILTIN_IN_LOOP("call", function_call, 1, LOOP_FUNCTION_CALL),
    BUILTIN("toString", function_to_string, 0),
    {"@@hasInstance", BUILTIN_FUNCTION, 0, 1, 0, vm_function_has_instance, NULL,
     0, NULL},
};

// 10.2.4 AddRestrictedFunctionProperties
static void poison_pills(Isolate *iso, Object *prototype) {
  Value thrower = value_from_cell(INTRINSIC_OBJECT(iso, ThrowTypeError));
  vm_put_accessor(iso, prototype, KEY(caller), thrower, thrower,
                  PROPERTY_CONFIGURABLE);
  vm_put_accessor(iso, prototype, KEY(arguments), thrower, thrower,
                  PROPERTY_CONFIGURABLE);
}

void vm_init_function(Isolate *iso, Realm *realm) {
  Object *prototype = realm->intrinsics[INTRINSIC_FunctionPrototype];
  NativeFunction *constructor = vm_define_constructor(
      iso, "Function", construct_function, 1, prototype, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_Function, &constructor->object);
  VM_DEFINE_BUILTINS(iso, prototype, function_prototype);
  Object *thrower =
      &vm_native_new(iso, throw_type_error, NULL, 0, 0, false)->object;
  if (vm_set_integrity(iso, thrower, INTEGRITY_FROZEN) != 1) return;
  vm_realm_set_intrinsic(realm, INTRINSIC_ThrowTypeError, thrower);
  vm_define_action(iso, prototype, poison_pills);
}
