// SPDX-License-Identifier: MIT
// ShadowRealm (the proposal's text): a realm whose objects stay inside. Only
// primitive values and callables pass, the latter as wrapped functions: native
// functions, not constructors, that hold the target in slot 0 and belong to the
// realm which sees them. Errors do not pass either: they become TypeErrors of
// the realm that called.
#include "vm/builtins/builtins.h"
#include "vm/interpreter/frame.h"
#include "vm/interpreter/modules.h"
#include "vm/interpreter/run.h"
#include "vm/objects/bound_function.h"
#include "vm/objects/operations.h"

typedef struct ShadowRealm {
  Object object;
  Realm *realm;
} ShadowRealm;

// Replaces the pending exception by a TypeError of the running realm, whose
// message tells what it was. Nothing of the exception is called.
static Value rethrow_as_type_error(Isolate *iso, const char *doing) {
  if (vm_is_terminating(iso)) return VALUE_EXCEPTION;
  char text[320];
  vm_describe(iso, vm_take_exception(iso), text, sizeof text);
  return vm_throw_type(iso, "%s: %s", doing, text);
}

static Value call_wrapped(Isolate *iso, const NativeCall *call);

// WrappedFunctionCreate
static Value wrapped_function_new(Isolate *iso, Realm *realm, Object *target) {
  Realm *running = iso->realm;
  iso->realm = realm;
  NativeFunction *f = vm_native_new(iso, call_wrapped, NULL, 0, 1, false);
  iso->realm = running;
  f->slots[0] = value_from_cell(target);
  if (!vm_copy_name_and_length(iso, &f->object, target, NULL, 0)) {
    return rethrow_as_type_error(
        iso, "A function cannot be wrapped for another realm");
  }
  Value name = vm_quiet_get(iso, &f->object, KEY(name)); // for messages
  gc_store_pointer(iso->heap, &f->name, value_as_string(name));
  return value_from_cell(f);
}

// GetWrappedValue: `value` as `realm` may see it.
static Value wrapped_value(Isolate *iso, Realm *realm, Value value) {
  if (value_is_exception(value) || !value_is_object(value)) return value;
  if (value_is_callable(value)) {
    return wrapped_function_new(iso, realm, value_as_object(value));
  }
  return vm_throw_type_value(
      iso,
      "Only primitive values and functions can pass between realms, not %s",
      value);
}

// OrdinaryWrappedFunctionCall; the function's realm is running.
static Value call_wrapped(Isolate *iso, const NativeCall *call) {
  Value target = native_slot(call, 0);
  Realm *caller_realm = iso->realm;
  Realm *target_realm = vm_function_realm(iso, value_as_object(target));
  if (target_realm == NULL) return VALUE_EXCEPTION;
  enum { FEW = 8 };
  Value few[FEW], *arguments = few; // the stack is scanned
  if (call->argc > FEW) {
    CellList *list = vm_cell_list_new(iso, call->argc);
    if (list == NULL) return VALUE_EXCEPTION;
    arguments = list->words;
  }
  for (uint32_t i = 0; i < call->argc; i++) {
    Value v = wrapped_value(iso, target_realm, call->argv[i]);
    if (value_is_exception(v)) return v;
    arguments[i] = v;
  }
  Value this_value = wrapped_value(iso, target_realm, call->this_value);
  if (value_is_exception(this_value)) return this_value;
  Value result = vm_call(iso, target, this_value, call->argc, arguments);
  if (value_is_exception(result)) {
    return rethrow_as_type_error(iso, "A function of another realm threw");
  }
  return wrapped_value(iso, caller_realm, result);
}

static Value construct_shadow_realm(Isolate *iso, const NativeCall *call) {
  if (value_is_undefined(call->new_target)) {
    return vm_throw_type(iso, "Constructor ShadowRealm requires 'new'");
  }
  ShadowRealm *shadow = vm_object_from_constructor(
      iso, call->new_target, INTRINSIC_ShadowRealmPrototype, CELL_SHADOW_REALM,
      sizeof(ShadowRealm));
  if (shadow == NULL) return VALUE_EXCEPTION;
  Realm *realm = vm_realm_new(iso);
  if (realm == NULL) return VALUE_EXCEPTION;
  gc_store_pointer(iso->heap, &shadow->realm, realm);
  return value_from_cell(shadow);
}

// ValidateShadowRealmObject. NULL: threw.
static ShadowRealm *receiver(Isolate *iso, const NativeCall *call,
                             const char *method) {
  if (value_is_kind(call->this_value, CELL_SHADOW_REALM)) {
    ShadowRealm *shadow = (ShadowRealm *)value_as_cell(call->this_value);
    if (shadow->realm != NULL) return shadow;
  }
  char text[96];
  vm_describe(iso, call->this_value, text, sizeof text);
  vm_throw_type(iso,
                "ShadowRealm.prototype.%s was called on %s, which is no "
                "ShadowRealm",
                method, text);
  return NULL;
}

// The file that import() and importValue resolve from: the calling script's.
static String *calling_file(Isolate *iso) {
  const Code *caller = vm_calling_script(iso);
  return caller == NULL ? NULL : caller->referrer;
}

// PerformShadowRealmEvaluate
static Value evaluate(Isolate *iso, const NativeCall *call) {
  ShadowRealm *shadow = receiver(iso, call, "evaluate");
  if (shadow == NULL) return VALUE_EXCEPTION;
  Value source = native_argument(call, 0);
  if (!value_is_string(source)) {
    return vm_throw_type(iso, "ShadowRealm.prototype.evaluate needs a string");
  }
  // Early errors are SyntaxErrors of the calling realm.
  CompileOptions options = {.goal = COMPILE_EVAL};
  Template *t = vm_compile_string(iso, value_as_string(source), &options);
  if (t == NULL) return VALUE_EXCEPTION;
  Value result = vm_run_eval_in(iso, t, shadow->realm, calling_file(iso));
  vm_template_release(t);
  if (value_is_exception(result)) {
    return rethrow_as_type_error(iso, "ShadowRealm.prototype.evaluate threw");
  }
  return wrapped_value(iso, iso->realm, result);
}

enum { EXPORT_PROMISE, EXPORT_NAME, EXPORT_REALM, EXPORT_WORDS };

// ExportGetter, and what rejections become.
static void import_settled(Isolate *iso, PromiseState state, Value result,
                           Value data) {
  CellList *record = (CellList *)value_as_cell(data);
  Promise *promise = (Promise *)value_as_cell(record->words[EXPORT_PROMISE]);
  String *name = value_as_string(record->words[EXPORT_NAME]);
  Realm *running = iso->realm;
  iso->realm = (Realm *)value_as_cell(record->words[EXPORT_REALM]);
  Value value = VALUE_EXCEPTION;
  PropertyKey key;
  if (state == PROMISE_REJECTED) {
    vm_throw(iso, result);
    rethrow_as_type_error(iso, "ShadowRealm.prototype.importValue failed");
  } else if (vm_string_to_key(iso, name, &key)) {
    Object *exports = value_as_object(result);
    Tri has = vm_has_own(iso, exports, key);
    if (has > 0) {
      value = wrapped_value(iso, iso->realm, vm_get(iso, exports, key));
    } else if (has == 0) {
      vm_throw_type_value(iso, "The module has no export named %s",
                          record->words[EXPORT_NAME]);
    }
  }
  if (value_is_exception(value)) {
    vm_promise_reject_with_exception(iso, promise);
  } else {
    vm_promise_resolve(iso, promise, value);
  }
  iso->realm = running;
}

// ShadowRealmImportValue
static Value import_value(Isolate *iso, const NativeCall *call) {
  ShadowRealm *shadow = receiver(iso, call, "importValue");
  if (shadow == NULL) return VALUE_EXCEPTION;
  String *specifier = vm_to_string(iso, native_argument(call, 0));
  if (specifier == NULL) return VALUE_EXCEPTION;
  Value name = native_argument(call, 1);
  if (!value_is_string(name)) {
    return vm_throw_type(iso,
                         "ShadowRealm.prototype.importValue needs the "
                         "export's name, a string");
  }
  CellList *record = vm_cell_list_new(iso, EXPORT_WORDS);
  if (record == NULL) return VALUE_EXCEPTION;
  Promise *promise = vm_promise_new(iso);
  gc_publish(&record->words[EXPORT_PROMISE], value_from_cell(promise));
  gc_publish(&record->words[EXPORT_NAME], name);
  gc_publish(&record->words[EXPORT_REALM], value_from_cell(iso->realm));
  Promise *imported =
      vm_import_in(iso, shadow->realm, calling_file(iso), specifier);
  if (imported == NULL) return VALUE_EXCEPTION;
  vm_promise_on_settled(iso, imported, import_settled, value_from_cell(record));
  return value_from_cell(promise);
}

static const Builtin shadow_realm_prototype[] = {
    BUILTIN("evaluate", evaluate, 1),
    BUILTIN("importValue", import_value, 2),
    BUILTIN_TAG("ShadowRealm"),
};

void vm_init_shadow_realm(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_ShadowRealmPrototype, prototype);
  vm_define_constructor(iso, "ShadowRealm", construct_shadow_realm, 0,
                        prototype, NULL);
  VM_DEFINE_BUILTINS(iso, prototype, shadow_realm_prototype);
}
