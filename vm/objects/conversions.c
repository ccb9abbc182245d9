// SPDX-License-Identifier: MIT
// Type conversion, ECMA-262 7.1. Text of numbers is in number_strings.c,
// BigInts are in bigint.c.
#include "vm/objects/bigint.h"
#include "vm/objects/charge.h"
#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"

// ECMA-262 7.1.1.1 OrdinaryToPrimitive
static Value ordinary_to_primitive(Isolate *iso, Object *object,
                                   bool string_first) {
  for (int i = 0; i < 2; i++) {
    PropertyKey key = (i == 0) == string_first ? KEY(toString) : KEY(valueOf);
    Value method = vm_get(iso, object, key);
    if (value_is_exception(method)) return method;
    if (!value_is_callable(method)) continue;
    Value result = vm_call(iso, method, value_from_cell(object), 0, NULL);
    if (value_is_exception(result) || !value_is_object(result)) return result;
  }
  return vm_throw_type(iso, "Cannot convert object to primitive value");
}

// ECMA-262 7.1.1
Value vm_to_primitive(Isolate *iso, Value v, PrimitiveHint hint) {
  if (!value_is_object(v)) return v;
  Value exotic = vm_get_method(iso, v, SYMBOL_KEY(toPrimitive));
  if (value_is_exception(exotic)) return exotic;
  if (value_is_undefined(exotic))
    return ordinary_to_primitive(iso, value_as_object(v), hint == HINT_STRING);
  Value hint_name = hint == HINT_STRING   ? ATOM_VALUE(string)
                    : hint == HINT_NUMBER ? ATOM_VALUE(number)
                                          : ATOM_VALUE(default_);
  Value result = vm_call(iso, exotic, v, 1, &hint_name);
  if (value_is_object(result))
    return vm_throw_type(iso, "Cannot convert object to primitive value");
  return result;
}

// ECMA-262 7.1.2
bool vm_to_boolean_slowly(Value v) {
  if (value_is_boolean(v)) return v == VALUE_TRUE;
  if (value_is_int(v)) return value_as_int(v) != 0;
  if (value_is_double(v)) {
    double d = value_as_double(v);
    return d < 0 || d > 0;
  }
  if (!value_is_cell(v)) return false;
  const GcCell *cell = value_as_cell(v);
  if (cell->kind == CELL_STRING || cell->kind == CELL_BIGINT)
    return cell->extra != 0;
  return cell->kind < CELL_FIRST_OBJECT || !(cell->flags & OBJECT_IS_HTMLDDA);
}

// ECMA-262 7.1.4
Value vm_to_number_slowly(Isolate *iso, Value v) {
  for (;;) {
    if (value_is_number(v)) return v;
    if (value_is_string(v)) {
      String *s = value_as_string(v);
      return vm_charge(iso, string_length(s))
                 ? value_from_number(vm_string_to_number(iso, s))
                 : VALUE_EXCEPTION;
    }
    if (value_is_undefined(v)) return value_from_double(NAN);
    if (!value_is_cell(v)) return value_from_int(v == VALUE_TRUE);
    if (value_is_symbol(v))
      return vm_throw_type(iso, "Cannot convert a Symbol value to a number");
    if (value_is_bigint(v))
      return vm_throw_type(iso, "Cannot convert a BigInt value to a number");
    v = vm_to_primitive(iso, v, HINT_NUMBER);
    if (value_is_exception(v)) return v;
  }
}

// ECMA-262 7.1.3
Value vm_to_numeric_slowly(Isolate *iso, Value v) {
  v = vm_to_primitive(iso, v, HINT_NUMBER);
  if (value_is_exception(v) || value_is_bigint(v)) return v;
  return vm_to_number(iso, v);
}

// ECMA-262 7.1.5
bool vm_to_integer_or_infinity_slowly(Isolate *iso, Value v, double *out) {
  double d;
  if (!vm_to_double(iso, v, &d)) return false;
  *out = d != d ? 0 : trunc(d) + 0.0; // + 0.0: no negative zero
  return true;
}

int32_t vm_double_to_int32_slowly(double d) {
  uint64_t bits;
  memcpy(&bits, &d, sizeof bits);
  int exponent = (int)(bits >> 52 & 0x7ff) - 1075;
  // The significand has 53 bits: beyond 2^84 only multiples of 2^32 are left.
  if (exponent == 0x7ff - 1075 || exponent > 31 || exponent < -53) return 0;
  uint64_t significand = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
  uint32_t magnitude = (uint32_t)(exponent >= 0 ? significand << exponent
                                                : significand >> -exponent);
  return (int32_t)(signbit(d) ? 0u - magnitude : magnitude);
}

bool vm_to_int32_slowly(Isolate *iso, Value v, int32_t *out) {
  double d;
  if (!vm_to_double(iso, v, &d)) return false;
  *out = vm_double_to_int32(d);
  return true;
}

// ECMA-262 7.1.20
bool vm_to_length(Isolate *iso, Value v, double *out) {
  double d;
  if (!vm_to_integer_or_infinity(iso, v, &d)) return false;
  *out = d <= 0 ? 0 : d < 9007199254740991.0 ? d : 9007199254740991.0;
  return true;
}

// ECMA-262 7.1.22
bool vm_to_index(Isolate *iso, Value v, double *out) {
  if (value_is_undefined(v)) {
    *out = 0;
    return true;
  }
  if (!vm_to_integer_or_infinity(iso, v, out)) return false;
  if (*out >= 0 && *out <= 9007199254740991.0) return true;
  vm_throw_range(iso, "Index is out of range");
  return false;
}

bool vm_to_relative_index(Isolate *iso, Value v, double length,
                          double if_undefined, double *out) {
  if (value_is_undefined(v)) {
    *out = if_undefined;
    return true;
  }
  double d;
  if (!vm_to_integer_or_infinity(iso, v, &d)) return false;
  if (d < 0)
    *out = d + length > 0 ? d + length : 0;
  else
    *out = d < length ? d : length;
  return true;
}

// ECMA-262 7.1.17
String *vm_to_string_slowly(Isolate *iso, Value v) {
  for (;;) {
    if (value_is_int(v)) return vm_int_to_string(iso, value_as_int(v));
    if (value_is_number(v)) return vm_number_to_string(iso, value_as_double(v));
    if (value_is_string(v)) return value_as_string(v);
    if (value_is_undefined(v)) return ATOM(undefined);
    if (value_is_null(v)) return ATOM(null_);
    if (!value_is_cell(v)) return v == VALUE_TRUE ? ATOM(true_) : ATOM(false_);
    if (value_is_symbol(v)) {
      vm_throw_type(iso, "Cannot convert a Symbol value to a string");
      return NULL;
    }
    if (value_is_bigint(v))
      return vm_bigint_to_string(iso, value_as_bigint(v), 10);
    v = vm_to_primitive(iso, v, HINT_STRING);
    if (value_is_exception(v)) return NULL;
  }
}

char *vm_to_utf8(Isolate *iso, Value v, size_t *length) {
  String *text = vm_to_string(iso, v);
  if (text == NULL || !vm_charge(iso, string_length(text))) return NULL;
  char *utf8 = vm_string_to_utf8(iso, text, length);
  if (utf8 == NULL) vm_throw_out_of_memory(iso);
  return utf8;
}

// ECMA-262 7.1.18
Object *vm_to_object_slowly(Isolate *iso, Value v) {
  if (value_is_object(v)) return value_as_object(v);
  if (value_is_nullish(v)) {
    vm_throw_type(iso, "Cannot convert undefined or null to object");
    return NULL;
  }
  CellKind kind;
  Object *prototype;
  if (value_is_string(v)) {
    kind = CELL_STRING_OBJECT;
    prototype = INTRINSIC_OBJECT(iso, StringPrototype);
  } else if (value_is_number(v)) {
    kind = CELL_NUMBER;
    prototype = INTRINSIC_OBJECT(iso, NumberPrototype);
  } else if (value_is_symbol(v)) {
    kind = CELL_SYMBOL_OBJECT;
    prototype = INTRINSIC_OBJECT(iso, SymbolPrototype);
  } else if (value_is_bigint(v)) {
    kind = CELL_BIGINT_OBJECT;
    prototype = INTRINSIC_OBJECT(iso, BigIntPrototype);
  } else {
    kind = CELL_BOOLEAN;
    prototype = INTRINSIC_OBJECT(iso, BooleanPrototype);
  }
  PrimitiveObject *object =
      vm_object_allocate(iso, kind, sizeof *object, prototype);
  object->value = v;
  return &object->object;
}

// ECMA-262 7.1.19
bool vm_to_property_key_slowly(Isolate *iso, Value v, PropertyKey *out) {
  if (value_is_object(v)) {
    v = vm_to_primitive(iso, v, HINT_STRING);
    if (value_is_exception(v)) return false;
  }
  if (value_is_symbol(v)) {
    *out = key_from_symbol(value_as_symbol(v));
    return true;
  }
  if (value_is_number(v)) {
    double d = value_as_number(v);
    uint32_t index = (uint32_t)(d >= 0 && d < STRING_NOT_INDEX ? d : 0);
    if ((double)index == d) {
      *out = key_from_index(index);
      return true;
    }
  }
  String *s = vm_to_string(iso, v);
  return s && vm_string_to_key(iso, s, out);
}
