// SPDX-License-Identifier: MIT
// Number, ECMA-262 21.1.
#include <math.h>
#include <stdio.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl_number.h"
#include "vm/objects/bigint.h"
#include "vm/objects/number_text.h"
#include "vm/objects/operations.h"

#define MAX_SAFE_INTEGER 9007199254740991.0

// 21.1.1.1
static Value number_constructor(Isolate *iso, const NativeCall *call) {
  Value number = value_from_int(0);
  if (call->argc > 0) {
    number = vm_to_numeric(iso, call->argv[0]);
    if (value_is_exception(number)) return number;
    if (value_is_bigint(number))
      number = value_from_number(vm_bigint_to_double(value_as_bigint(number)));
  }
  if (value_is_undefined(call->new_target)) return number;
  PrimitiveObject *o = vm_object_from_constructor(
      iso, call->new_target, INTRINSIC_NumberPrototype, CELL_NUMBER, sizeof *o);
  if (o == NULL) return VALUE_EXCEPTION;
  o->value = number;
  return value_from_cell(o);
}

static bool is_integral(Value v, double *out) {
  if (!value_is_number(v)) return false;
  *out = value_as_number(v);
  return isfinite(*out) && trunc(*out) == *out;
}

// 21.1.2.2
static Value number_is_finite(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  return value_from_bool(value_is_number(v) && isfinite(value_as_number(v)));
}

// 21.1.2.3
static Value number_is_integer(Isolate *iso, const NativeCall *call) {
  double d;
  return value_from_bool(is_integral(native_argument(call, 0), &d));
}

// 21.1.2.4
static Value number_is_nan(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  return value_from_bool(value_is_double(v) && isnan(value_as_double(v)));
}

// 21.1.2.5
static Value number_is_safe_integer(Isolate *iso, const NativeCall *call) {
  double d;
  return value_from_bool(is_integral(native_argument(call, 0), &d) &&
                         fabs(d) <= MAX_SAFE_INTEGER);
}

// ThisNumberValue (21.1.3.7.1).
static bool this_number(Isolate *iso, const NativeCall *call,
                        const char *method, double *out) {
  Value v = call->this_value;
  if (value_is_kind(v, CELL_NUMBER))
    v = ((PrimitiveObject *)value_as_cell(v))->value;
  if (!value_is_number(v)) {
    vm_throw_type(iso, "Number.prototype.%s requires that 'this' be a Number",
                  method);
    return false;
  }
  *out = value_as_number(v);
  return true;
}

static Value text_value(Isolate *iso, const char *text, size_t length) {
  String *s = vm_string_from_latin1(iso, (const uint8_t *)text, length);
  return s != NULL ? value_from_cell(s) : VALUE_EXCEPTION;
}

// 21.1.3.2
static Value number_to_exponential(Isolate *iso, const NativeCall *call) {
  double x, digits;
  if (!this_number(iso, call, "toExponential", &x)) return VALUE_EXCEPTION;
  Value argument = native_argument(call, 0);
  if (!vm_to_integer_or_infinity(iso, argument, &digits))
    return VALUE_EXCEPTION;
  char text[NUMBER_TEXT_FORMAT_SIZE];
  if (isfinite(x) && (digits < 0 || digits > 100))
    return vm_throw_range(iso,
                          "toExponential() argument must be between 0 and "
                          "100");
  if (!isfinite(x)) digits = 0;
  size_t length = vm_number_to_exponential(
      x, value_is_undefined(argument) ? -1 : (int)digits, text);
  return text_value(iso, text, length);
}

// 21.1.3.3
static Value number_to_fixed(Isolate *iso, const NativeCall *call) {
  double x, digits;
  if (!this_number(iso, call, "toFixed", &x) ||
      !vm_to_integer_or_infinity(iso, native_argument(call, 0), &digits))
    return VALUE_EXCEPTION;
  if (digits < 0 || digits > 100)
    return vm_throw_range(iso,
                          "toFixed() digits argument must be between 0 "
                          "and 100");
  char text[NUMBER_TEXT_FORMAT_SIZE];
  return text_value(iso, text, vm_number_to_fixed(x, (int)digits, text));
}

// 21.1.3.5
static Value number_to_precision(Isolate *iso, const NativeCall *call) {
  double x, precision;
  if (!this_number(iso, call, "toPrecision", &x)) return VALUE_EXCEPTION;
  Value argument = native_argument(call, 0);
  if (!value_is_undefined(argument) &&
      !vm_to_integer_or_infinity(iso, argument, &precision))
    return VALUE_EXCEPTION;
  if (value_is_undefined(argument) || !isfinite(x)) {
    String *s = vm_number_to_string(iso, x);
    return s != NULL ? value_from_cell(s) : VALUE_EXCEPTION;
  }
  if (precision < 1 || precision > 100)
    return vm_throw_range(iso,
                          "toPrecision() argument must be between 1 and "
                          "100");
  char text[NUMBER_TEXT_FORMAT_SIZE];
  return text_value(iso, text, vm_number_to_precision(x, (int)precision, text));
}

// 21.1.3.6
static Value number_to_string(Isolate *iso, const NativeCall *call) {
  double x, radix = 10;
  if (!this_number(iso, call, "toString", &x)) return VALUE_EXCEPTION;
  Value argument = native_argument(call, 0);
  if (!value_is_undefined(argument)) {
    if (!vm_to_integer_or_infinity(iso, argument, &radix))
      return VALUE_EXCEPTION;
    if (radix < 2 || radix > 36)
      return vm_throw_range(
          iso, "toString() radix argument must be between 2 and 36");
  }
  if (radix == 10) {
    String *s = vm_number_to_string(iso, x);
    return s != NULL ? value_from_cell(s) : VALUE_EXCEPTION;
  }
  char text[NUMBER_TEXT_RADIX_SIZE];
  return text_value(iso, text,
                    vm_number_to_radix_text(x, (unsigned)radix, text));
}

// 21.1.3.4 and ECMA-402 19.2.1. Whole numbers of en-US, the usual case, are
// grouped here.
static Value number_to_locale_string(Isolate *iso, const NativeCall *call) {
  double x;
  if (!this_number(iso, call, "toLocaleString", &x)) return VALUE_EXCEPTION;
  Value locales = native_argument(call, 0), options = native_argument(call, 1);
  if (fabs(x) > 9007199254740991 || x != trunc(x) || (x == 0 && signbit(x)) ||
      !vm_intl_is_plain_english(locales, options))
    return vm_intl_number_to_locale_string(iso, value_from_number(x), locales,
                                           options);
  char digits[NUMBER_TEXT_SIZE];
  uint8_t grouped[NUMBER_TEXT_SIZE + 8];
  size_t length = vm_number_to_text(fabs(x), digits), n = 0;
  if (x < 0) grouped[n++] = '-';
  for (size_t i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) grouped[n++] = ',';
    grouped[n++] = (uint8_t)digits[i];
  }
  String *s = vm_string_from_latin1(iso, grouped, n);
  return s != NULL ? value_from_cell(s) : VALUE_EXCEPTION;
}

// 21.1.3.7
static Value number_value_of(Isolate *iso, const NativeCall *call) {
  double x;
  if (!this_number(iso, call, "valueOf", &x)) return VALUE_EXCEPTION;
  return value_from_number(x);
}

static const Builtin number_static[] = {
    BUILTIN_CONST("EPSILON", 0x1p-52),
    BUILTIN_CONST("MAX_SAFE_INTEGER", MAX_SAFE_INTEGER),
    BUILTIN_CONST("MAX_VALUE", 1.7976931348623157e308),
    BUILTIN_CONST("MIN_SAFE_INTEGER", -MAX_SAFE_INTEGER),
    BUILTIN_CONST("MIN_VALUE", 5e-324),
    BUILTIN_CONST("NaN", NAN),
    BUILTIN_CONST("NEGATIVE_INFINITY", -INFINITY),
    BUILTIN_CONST("POSITIVE_INFINITY", INFINITY),
    BUILTIN("isFinite", number_is_finite, 1),
    BUILTIN("isInteger", number_is_integer, 1),
    BUILTIN("isNaN", number_is_nan, 1),
    BUILTIN("isSafeInteger", number_is_safe_integer, 1),
};

static const Builtin number_prototype[] = {
    BUILTIN("toExponential", number_to_exponential, 1),
    BUILTIN("toFixed", number_to_fixed, 1),
    BUILTIN("toLocaleString", number_to_locale_string, 0),
    BUILTIN("toPrecision", number_to_precision, 1),
    BUILTIN("toString", number_to_string, 1),
    BUILTIN("valueOf", number_value_of, 0),
};

void vm_init_number(Isolate *iso, Realm *realm) {
  PrimitiveObject *prototype =
      vm_object_allocate(iso, CELL_NUMBER, sizeof *prototype,
                         realm->intrinsics[INTRINSIC_ObjectPrototype]);
  prototype->value = value_from_int(0);
  vm_realm_set_intrinsic(realm, INTRINSIC_NumberPrototype, &prototype->object);
  Object *constructor =
      &vm_define_constructor(iso, "Number", number_constructor, 1,
                             &prototype->object, NULL)
           ->object;
  vm_realm_set_intrinsic(realm, INTRINSIC_Number, constructor);
  VM_DEFINE_BUILTINS(iso, constructor, number_static);
  VM_DEFINE_BUILTINS(iso, &prototype->object, number_prototype);
  // vm_init_globals has run: the same function objects as the global ones.
  vm_define_value(iso, constructor, vm_key_from_c("parseFloat"),
                  value_from_cell(realm->intrinsics[INTRINSIC_ParseFloat]),
                  PROPERTY_HIDDEN);
  vm_define_value(iso, constructor, vm_key_from_c("parseInt"),
                  value_from_cell(realm->intrinsics[INTRINSIC_ParseInt]),
                  PROPERTY_HIDDEN);
}
