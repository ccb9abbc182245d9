// SPDX-License-Identifier: MIT
// Value and function properties of the global object, ECMA-262 19.1 and 19.2,
// but for the URI functions (uri.c).
#include "vm/builtins/builtins.h"
#include "vm/builtins/uri.h"
#include "vm/interpreter/run.h"
#include "vm/objects/charge.h"
#include "vm/objects/number_text.h"
#include "vm/objects/operations.h"

// ECMA-262 19.2.1
static Value global_eval(Isolate *iso, const NativeCall *call) {
  Value source = native_argument(call, 0);
  return value_is_string(source) ? vm_indirect_eval(iso, source) : source;
}

// ECMA-262 19.2.2, 19.2.3; magic 1: isNaN
static Value is_finite_or_nan(Isolate *iso, const NativeCall *call) {
  double d;
  if (!vm_to_double(iso, native_argument(call, 0), &d)) return VALUE_EXCEPTION;
  return value_from_bool(native_magic(call) ? d != d : isfinite(d));
}

// ECMA-262 19.2.4
static Value parse_float(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (value_is_int(v)) return v;
  String *s = vm_to_string(iso, v);
  StringView view;
  if (!s || !vm_string_read(iso, s, &view)) return VALUE_EXCEPTION;
  return value_from_number(
      view.is_wide ? vm_parse_float_utf16(view.units, view.length)
                   : vm_parse_float_latin1(view.units, view.length));
}

// ECMA-262 19.2.5
static Value parse_int(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0), radix_value = native_argument(call, 1);
  bool is_decimal = value_is_undefined(radix_value) ||
                    radix_value == value_from_int(10) ||
                    radix_value == value_from_int(0);
  if (is_decimal && value_is_number(v)) {
    // What the text of the number would give.
    if (value_is_int(v)) return v;
    double d = value_as_double(v);
    if (fabs(d) >= 1 && fabs(d) < 1e21) return value_from_number(trunc(d));
  }
  String *s = vm_to_string(iso, v);
  int32_t radix;
  StringView view;
  if (!s || !vm_to_int32(iso, radix_value, &radix) ||
      !vm_string_read(iso, s, &view))
    return VALUE_EXCEPTION;
  return value_from_number(
      view.is_wide ? vm_parse_int_utf16(view.units, view.length, radix)
                   : vm_parse_int_latin1(view.units, view.length, radix));
}

static const Builtin functions[] = {
    BUILTIN("eval", global_eval, 1),
    BUILTIN_MAGIC("isFinite", is_finite_or_nan, 1, 0),
    BUILTIN_MAGIC("isNaN", is_finite_or_nan, 1, 1),
    BUILTIN("parseFloat", parse_float, 1),
    BUILTIN("parseInt", parse_int, 2),
    BUILTIN("escape", vm_uri_escape, 1),
    BUILTIN("unescape", vm_uri_unescape, 1),
    BUILTIN_MAGIC("decodeURI", vm_uri_decode, 1, URI_WHOLE),
    BUILTIN_MAGIC("decodeURIComponent", vm_uri_decode, 1, URI_COMPONENT),
    BUILTIN_MAGIC("encodeURI", vm_uri_encode, 1, URI_WHOLE),
    BUILTIN_MAGIC("encodeURIComponent", vm_uri_encode, 1, URI_COMPONENT),
};

static Object *global_function(Isolate *iso, Object *global, const char *name) {
  Value v = vm_quiet_get(iso, global, vm_key_from_c(name));
  return value_as_object(v);
}

void vm_init_globals(Isolate *iso, Realm *realm) {
  Object *global = realm->global;
  VM_DEFINE_BUILTINS(iso, global, functions);
  vm_realm_set_intrinsic(realm, INTRINSIC_Eval,
                         global_function(iso, global, "eval"));
  vm_realm_set_intrinsic(realm, INTRINSIC_ParseFloat,
                         global_function(iso, global, "parseFloat"));
  vm_realm_set_intrinsic(realm, INTRINSIC_ParseInt,
                         global_function(iso, global, "parseInt"));
  vm_put(iso, global, KEY(Infinity), value_from_double(INFINITY), 0);
  vm_put(iso, global, KEY(NaN), value_from_double(NAN), 0);
  vm_put(iso, global, KEY(undefined), VALUE_UNDEFINED, 0);
  vm_put(iso, global, KEY(globalThis), realm->global_this, PROPERTY_HIDDEN);
}
