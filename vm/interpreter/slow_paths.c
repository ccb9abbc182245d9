// SPDX-License-Identifier: MIT
// Slow paths of arithmetic, comparison and operators on keys: what the dispatch
// loop does not do inline.
#include "vm/interpreter/calls.h"
#include "vm/objects/bigint.h"
#include "vm/objects/shape_internal.h"
#include "vm/objects/text_keys.h"

Value vm_slow_binary(Isolate *iso, ArithOperator operator, Value x, Value y) {
  if (value_is_bigint(x) && value_is_bigint(y)) {
    Value v = vm_bigint_small_binary(iso, operator, value_as_bigint(x),
                                     value_as_bigint(y));
    if (v != VALUE_EMPTY) return v;
  }
  return vm_binary(iso, operator, x, y);
}

// Two BigInts that are natural with a result that is, too, are done here: what
// else they could be would cost as much as the operation.
static inline bool are_natural(Value x, Value y) {
  return value_is_bigint(x) && value_is_bigint(y) &&
         bigint_is_natural(value_as_bigint(x)) &&
         bigint_is_natural(value_as_bigint(y));
}
#define SLOW_NATURAL(name, operator, fits)                                     \
  Value name(Isolate *iso, Value x, Value y) {                                 \
    if (are_natural(x, y)) {                                                   \
      uint64_t left = value_as_bigint(x)->limbs[0];                            \
      uint64_t right = value_as_bigint(y)->limbs[0];                           \
      uint64_t n;                                                              \
      if (likely((fits) && n != 0)) return vm_bigint_natural(iso, n);          \
    }                                                                          \
    return vm_slow_binary(iso, operator, x, y);                                \
  }
SLOW_NATURAL(vm_slow_add, ARITH_ADD, !__builtin_add_overflow(left, right, &n))
SLOW_NATURAL(vm_slow_subtract, ARITH_SUBTRACT,
             !__builtin_sub_overflow(left, right, &n))
SLOW_NATURAL(vm_slow_multiply, ARITH_MULTIPLY,
             !__builtin_mul_overflow(left, right, &n))
SLOW_NATURAL(vm_slow_and, ARITH_AND, ((n = left & right), true))
SLOW_NATURAL(vm_slow_or, ARITH_OR, ((n = left | right), true))
SLOW_NATURAL(vm_slow_xor, ARITH_XOR, ((n = left ^ right), true))

// ToNumeric, then add.
Value vm_increment_any(Isolate *iso, Value x, int delta) {
  x = vm_to_numeric(iso, x);
  if (value_is_exception(x)) return x;
  if (value_is_number(x)) return value_from_number(value_as_number(x) + delta);
  return vm_increment(iso, x, delta);
}

Tri vm_equal_quickly(Isolate *iso, Value x, Value y) {
  if (value_is_number(x) && value_is_number(y))
    return value_as_number(x) == value_as_number(y);
  if (value_is_cell(x) && value_is_cell(y)) {
    if (x == y) return 1;
    uint8_t kind = value_as_cell(x)->kind;
    if (kind == value_as_cell(y)->kind && kind == CELL_STRING)
      return vm_string_equals(iso, value_as_string(x), value_as_string(y));
    if (kind >= CELL_FIRST_OBJECT &&
        value_as_cell(y)->kind >= CELL_FIRST_OBJECT)
      return 0;
  } else if (value_is_nullish(x) || value_is_nullish(y)) {
    if (value_is_nullish(x) && value_is_nullish(y)) return 1;
    Value other = value_is_nullish(x) ? y : x;
    return value_is_object(other) &&
           (value_as_cell(other)->flags & OBJECT_IS_HTMLDDA) != 0;
  }
  return vm_loosely_equals(iso, x, y);
}

// 13.10.1: the operand order of ToPrimitive stays left to right.
static inline bool are_bigints(Value x, Value y, int *order) {
  if (!value_is_bigint(x) || !value_is_bigint(y)) return false;
  *order = vm_bigint_compare(value_as_bigint(x), value_as_bigint(y));
  return true;
}
int vm_slow_less(Isolate *iso, Value x, Value y) {
  int order;
  if (are_bigints(x, y, &order)) return order < 0;
  int less = vm_is_less_than(iso, x, y, true);
  return less == LESS_UNDEFINED ? 0 : less;
}
int vm_slow_greater(Isolate *iso, Value x, Value y) {
  int order;
  if (are_bigints(x, y, &order)) return order > 0;
  int less = vm_is_less_than(iso, y, x, false);
  return less == LESS_UNDEFINED ? 0 : less;
}
int vm_slow_less_equal(Isolate *iso, Value x, Value y) {
  int order;
  if (are_bigints(x, y, &order)) return order <= 0;
  int less = vm_is_less_than(iso, y, x, false);
  return less < 0 ? less : less == 0;
}
int vm_slow_greater_equal(Isolate *iso, Value x, Value y) {
  int order;
  if (are_bigints(x, y, &order)) return order >= 0;
  int less = vm_is_less_than(iso, x, y, true);
  return less < 0 ? less : less == 0;
}

bool vm_delete_instruction(Isolate *iso, Code *code, Value base,
                           PropertyKey key, Value *out) {
  if (value_is_nullish(base)) {
    vm_throw_type(iso, "Cannot convert undefined or null to object");
    return false;
  }
  Object *o = vm_to_object(iso, base);
  if (o == NULL) return false;
  Tri done = vm_delete(iso, o, key);
  if (done < 0) return false;
  if (!done && code->is_strict) {
    char text[80], of[80];
    vm_describe_key(iso, key, text, sizeof text);
    vm_describe(iso, base, of, sizeof of);
    vm_throw_type(iso, "Cannot delete property '%s' of %s", text, of);
    return false;
  }
  *out = value_from_bool(done);
  return true;
}

// Whoever deletes by a computed name uses the object as a map: it is to become
// a dictionary even if the property is the one that was added last, so that
// adding and deleting ever new names makes no shapes.
static void use_as_map(Isolate *iso, Object *o, PropertyKey key) {
  const Shape *shape = o->shape;
  if (shape->key == key && object_kind(o) == CELL_OBJECT &&
      !(shape->cell.flags & (SHAPE_UNIQUE | SHAPE_LAZY)))
    vm_object_make_unique(iso, o);
}

bool vm_delete_element(Isolate *iso, Code *code, Value base, Value key,
                       Value *out) {
  // 13.5.1.2: ToObject of the base comes before ToPropertyKey.
  if (value_is_nullish(base)) {
    vm_throw_type(iso, "Cannot convert undefined or null to object");
    return false;
  }
  PropertyKey k = 0;
  if (value_is_string(key) && value_is_object(base)) {
    Object *o = value_as_object(base);
    TextAnswer answer = vm_text_delete(iso, o, value_as_string(key), &k);
    if (answer == VM_TEXT_THREW) return false;
    *out = VALUE_TRUE;
    if (answer != VM_TEXT_UNFIT) return true;
    if (k != 0) use_as_map(iso, o, k);
  }
  if (k == 0 && !vm_to_property_key(iso, key, &k)) return false;
  return vm_delete_instruction(iso, code, base, k, out);
}

Tri vm_instance_of_instruction(Isolate *iso, Value v, Value target) {
  return vm_instance_of(iso, v, target);
}

Tri vm_has_property_slow(Isolate *iso, Value key, Value base) {
  if (!value_is_object(base)) {
    char text[80], of[80];
    vm_describe_plainly(iso, key, text, sizeof text);
    vm_describe_plainly(iso, base, of, sizeof of);
    vm_throw_type(iso, "Cannot use 'in' operator to search for '%s' in %s",
                  text, of);
    return TRI_THREW;
  }
  return vm_has_element(iso, value_as_object(base), key);
}
