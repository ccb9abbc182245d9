// SPDX-License-Identifier: MIT
// Testing and comparison, ECMA-262 7.2, and typeof. Numbers may be held as
// int32 or as double, so nothing here compares them by their bits.
#include "vm/objects/bigint.h"
#include "vm/objects/charge.h"
#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"

// Both are cells: strings and BigInts go by content, all else by identity.
static bool cells_equal(Isolate *iso, Value a, Value b) {
  if (a == b) return true;
  CellKind kind = (CellKind)value_as_cell(a)->kind;
  if (kind != value_as_cell(b)->kind) return false;
  if (kind == CELL_STRING)
    return vm_string_equals(iso, value_as_string(a), value_as_string(b));
  if (kind == CELL_BIGINT)
    return vm_bigint_compare(value_as_bigint(a), value_as_bigint(b)) == 0;
  return false;
}

// ECMA-262 7.2.14
bool vm_strict_equals_slowly(Isolate *iso, Value a, Value b) {
  if (value_is_cell(a) && value_is_cell(b)) return cells_equal(iso, a, b);
  if (value_is_number(a) && value_is_number(b))
    return value_as_number(a) == value_as_number(b);
  return a == b;
}

// ECMA-262 7.2.10
bool vm_same_value(Isolate *iso, Value a, Value b) {
  if (value_is_number(a) && value_is_number(b)) {
    double x = value_as_number(a), y = value_as_number(b);
    if (x != x) return y != y;
    return x == y && signbit(x) == signbit(y);
  }
  if (value_is_cell(a) && value_is_cell(b)) return cells_equal(iso, a, b);
  return a == b;
}

// ECMA-262 7.2.11
bool vm_same_value_zero(Isolate *iso, Value a, Value b) {
  if (value_is_number(a) && value_is_number(b)) {
    double x = value_as_number(a), y = value_as_number(b);
    return x == y || (x != x && y != y);
  }
  if (value_is_cell(a) && value_is_cell(b)) return cells_equal(iso, a, b);
  return a == b;
}

static bool is_html_dda(Value v) {
  return value_is_object(v) &&
         (value_as_cell(v)->flags & OBJECT_IS_HTMLDDA) != 0;
}

// A BigInt and a string: 0, 1 or TRI_THREW.
static Tri bigint_equals_string(Isolate *iso, const BigInt *a, String *b) {
  BigInt *parsed;
  Tri found = vm_string_to_bigint(iso, b, &parsed);
  return found == 1 ? vm_bigint_compare(a, parsed) == 0 : found;
}

// ECMA-262 7.2.13
Tri vm_loosely_equals(Isolate *iso, Value a, Value b) {
  for (;;) {
    if (value_is_number(a) && value_is_number(b))
      return value_as_number(a) == value_as_number(b);
    if (value_is_nullish(a) || value_is_nullish(b)) {
      bool a_is_null = value_is_nullish(a) || is_html_dda(a);
      bool b_is_null = value_is_nullish(b) || is_html_dda(b);
      return a_is_null && b_is_null;
    }
    if (value_is_boolean(a)) {
      if (value_is_boolean(b)) return a == b;
      a = value_from_int(value_as_bool(a));
      continue;
    }
    if (value_is_boolean(b)) {
      b = value_from_int(value_as_bool(b));
      continue;
    }
    // EMPTY, which loaded code may have left where a value should be.
    if (value_is_empty(a) || value_is_empty(b)) return a == b;
    // Numbers, strings, symbols, BigInts and objects are left.
    if (value_is_object(a)) {
      if (value_is_object(b)) return a == b;
      a = vm_to_primitive(iso, a, HINT_DEFAULT);
      if (value_is_exception(a)) return TRI_THREW;
      continue;
    }
    if (value_is_object(b)) {
      b = vm_to_primitive(iso, b, HINT_DEFAULT);
      if (value_is_exception(b)) return TRI_THREW;
      continue;
    }
    if (value_is_symbol(a) || value_is_symbol(b)) return a == b;
    if (value_is_cell(a) && value_is_cell(b)) {
      if (value_is_bigint(a) && value_is_string(b))
        return bigint_equals_string(iso, value_as_bigint(a),
                                    value_as_string(b));
      if (value_is_string(a) && value_is_bigint(b))
        return bigint_equals_string(iso, value_as_bigint(b),
                                    value_as_string(a));
      return cells_equal(iso, a, b);
    }
    // One is a Number.
    if (value_is_number(b)) {
      Value swap = a;
      a = b;
      b = swap;
    }
    if (value_is_bigint(b))
      return vm_bigint_compare_double(value_as_bigint(b), value_as_number(a)) ==
             0;
    String *s = value_as_string(b);
    if (!vm_charge(iso, string_length(s))) return TRI_THREW;
    return value_as_number(a) == vm_string_to_number(iso, s);
  }
}

static int less_doubles(double x, double y) {
  if (x < y) return 1;
  return x >= y ? 0 : LESS_UNDEFINED;
}

// A comparison's -1, 0, 1 or BIGINT_UNORDERED, to the answer of IsLessThan.
static int less_from_order(int order) {
  return order == BIGINT_UNORDERED ? LESS_UNDEFINED : order < 0;
}

// ECMA-262 7.2.12
int vm_is_less_than(Isolate *iso, Value x, Value y, bool left_first) {
  if (value_is_number(x) && value_is_number(y))
    return less_doubles(value_as_number(x), value_as_number(y));
  if (value_is_bigint(x) && value_is_bigint(y))
    return vm_bigint_compare(value_as_bigint(x), value_as_bigint(y)) < 0;
  if (value_is_string(x) && value_is_string(y))
    return vm_string_compare(iso, value_as_string(x), value_as_string(y)) < 0;
  if (left_first) {
    x = vm_to_primitive(iso, x, HINT_NUMBER);
    if (value_is_exception(x)) return TRI_THREW;
    y = vm_to_primitive(iso, y, HINT_NUMBER);
    if (value_is_exception(y)) return TRI_THREW;
  } else {
    y = vm_to_primitive(iso, y, HINT_NUMBER);
    if (value_is_exception(y)) return TRI_THREW;
    x = vm_to_primitive(iso, x, HINT_NUMBER);
    if (value_is_exception(x)) return TRI_THREW;
  }
  if (value_is_string(x) && value_is_string(y))
    return vm_string_compare(iso, value_as_string(x), value_as_string(y)) < 0;
  if (value_is_bigint(x) && value_is_string(y)) {
    BigInt *parsed;
    Tri found = vm_string_to_bigint(iso, value_as_string(y), &parsed);
    if (found != 1) return found == 0 ? LESS_UNDEFINED : TRI_THREW;
    return vm_bigint_compare(value_as_bigint(x), parsed) < 0;
  }
  if (value_is_string(x) && value_is_bigint(y)) {
    BigInt *parsed;
    Tri found = vm_string_to_bigint(iso, value_as_string(x), &parsed);
    if (found != 1) return found == 0 ? LESS_UNDEFINED : TRI_THREW;
    return vm_bigint_compare(parsed, value_as_bigint(y)) < 0;
  }
  x = vm_to_numeric(iso, x);
  if (value_is_exception(x)) return TRI_THREW;
  y = vm_to_numeric(iso, y);
  if (value_is_exception(y)) return TRI_THREW;
  if (value_is_number(x)) {
    if (value_is_number(y))
      return less_doubles(value_as_number(x), value_as_number(y));
    int order =
        vm_bigint_compare_double(value_as_bigint(y), value_as_number(x));
    return less_from_order(order == BIGINT_UNORDERED ? order : -order);
  }
  if (value_is_number(y))
    return less_from_order(
        vm_bigint_compare_double(value_as_bigint(x), value_as_number(y)));
  return vm_bigint_compare(value_as_bigint(x), value_as_bigint(y)) < 0;
}

// ECMA-262 7.2.6
Tri vm_is_regexp(Isolate *iso, Value v) {
  if (!value_is_object(v)) return 0;
  Value matcher = vm_get(iso, value_as_object(v), SYMBOL_KEY(match));
  if (value_is_exception(matcher)) return TRI_THREW;
  if (!value_is_undefined(matcher)) return vm_to_boolean(matcher);
  return value_is_kind(v, CELL_REGEXP);
}

// ECMA-262 13.5.3
String *vm_typeof(Isolate *iso, Value v) {
  (void)iso;
  if (value_is_number(v)) return ATOM(number);
  if (value_is_cell(v)) {
    switch (value_as_cell(v)->kind) {
    case CELL_STRING:
      return ATOM(string);
    case CELL_SYMBOL:
      return ATOM(symbol);
    case CELL_BIGINT:
      return ATOM(bigint);
    default:
      if (value_as_cell(v)->flags & (OBJECT_CALLABLE | OBJECT_IS_HTMLDDA))
        return is_html_dda(v) ? ATOM(undefined) : ATOM(function_);
      return ATOM(object);
    }
  }
  if (value_is_boolean(v)) return ATOM(boolean);
  return value_is_null(v) ? ATOM(object) : ATOM(undefined);
}
