// SPDX-License-Identifier: MIT
// Abstract operations of ECMA-262 chapter 7 on values. Names follow the
// specification. "Threw" is VALUE_EXCEPTION, NULL, false or TRI_THREW.
#ifndef RILL_VM_OBJECTS_OPERATIONS_H
#define RILL_VM_OBJECTS_OPERATIONS_H

#include "vm/objects/object.h"
#include "vm/objects/throw.h"

typedef enum { HINT_DEFAULT, HINT_NUMBER, HINT_STRING } PrimitiveHint;

// 7.1 type conversion. What the inline functions settle themselves is the
// common case; the rest is in *_slowly, which takes any value.
Value vm_to_primitive(Isolate *, Value, PrimitiveHint) VM_CHECKED;
bool vm_to_boolean_slowly(Value);
static inline bool vm_to_boolean(Value v) {
  if (value_is_boolean(v)) return v == VALUE_TRUE;
  if (value_is_int(v)) return value_as_int(v) != 0;
  return vm_to_boolean_slowly(v);
}
Value vm_to_number_slowly(Isolate *, Value) VM_CHECKED;
// A Number Value.
static inline Value VM_CHECKED vm_to_number(Isolate *iso, Value v) {
  return likely(value_is_number(v)) ? v : vm_to_number_slowly(iso, v);
}
Value vm_to_numeric_slowly(Isolate *, Value) VM_CHECKED;
// Number or BigInt.
static inline Value VM_CHECKED vm_to_numeric(Isolate *iso, Value v) {
  return likely(value_is_number(v)) ? v : vm_to_numeric_slowly(iso, v);
}
static inline bool VM_CHECKED vm_to_double(Isolate *iso, Value v, double *out) {
  Value number = vm_to_number(iso, v);
  if (value_is_exception(number)) return false;
  *out = value_as_number(number);
  return true;
}
bool vm_to_integer_or_infinity_slowly(Isolate *, Value, double *out) VM_CHECKED;
static inline bool VM_CHECKED vm_to_integer_or_infinity(Isolate *iso, Value v,
                                                        double *out) {
  if (likely(value_is_int(v))) {
    *out = value_as_int(v);
    return true;
  }
  return vm_to_integer_or_infinity_slowly(iso, v, out);
}
// A double modulo 2^32.
int32_t vm_double_to_int32_slowly(double);
static inline int32_t vm_double_to_int32(double d) {
  // Casting is defined for doubles in the range of int64.
  if (likely(fabs(d) < 9007199254740992.0)) return (int32_t)(int64_t)d;
  return vm_double_to_int32_slowly(d);
}
bool vm_to_int32_slowly(Isolate *, Value, int32_t *out) VM_CHECKED;
static inline bool VM_CHECKED vm_to_int32(Isolate *iso, Value v, int32_t *out) {
  if (likely(value_is_int(v))) {
    *out = value_as_int(v);
    return true;
  }
  if (value_is_double(v)) {
    *out = vm_double_to_int32(value_as_double(v));
    return true;
  }
  return vm_to_int32_slowly(iso, v, out);
}
static inline bool VM_CHECKED vm_to_uint32(Isolate *iso, Value v,
                                           uint32_t *out) {
  int32_t i;
  if (!vm_to_int32(iso, v, &i)) return false;
  *out = (uint32_t)i;
  return true;
}
bool vm_to_length(Isolate *, Value, double *out) VM_CHECKED; // 0 to 2^53-1
bool vm_to_index(Isolate *, Value, double *out) VM_CHECKED;  // RangeError
// Relative index (slice, at, fill...): clamps to [0, length]; undefined gives
// `if_undefined`.
bool vm_to_relative_index(Isolate *, Value, double length, double if_undefined,
                          double *out) VM_CHECKED;
String *vm_to_string_slowly(Isolate *, Value) VM_CHECKED;
static inline String *VM_CHECKED vm_to_string(Isolate *iso, Value v) {
  return likely(value_is_string(v)) ? value_as_string(v)
                                    : vm_to_string_slowly(iso, v);
}
// ToString of a value as malloc'ed UTF-8 with a final 0; *length_or_null gets
// its bytes. NULL: threw.
char *vm_to_utf8(Isolate *, Value, size_t *length_or_null) VM_CHECKED;
Object *vm_to_object_slowly(Isolate *, Value) VM_CHECKED;
static inline Object *VM_CHECKED vm_to_object(Isolate *iso, Value v) {
  return likely(value_is_object(v)) ? value_as_object(v)
                                    : vm_to_object_slowly(iso, v);
}
bool vm_to_property_key_slowly(Isolate *, Value, PropertyKey *out) VM_CHECKED;
static inline bool VM_CHECKED vm_to_property_key(Isolate *iso, Value v,
                                                 PropertyKey *out) {
  if (likely(value_is_int(v) && value_as_int(v) >= 0)) {
    *out = key_from_index((uint32_t)value_as_int(v));
    return true;
  }
  if (value_is_string(v) && (*out = string_known_key(value_as_string(v))))
    return true;
  return vm_to_property_key_slowly(iso, v, out);
}
Value vm_to_bigint(Isolate *, Value) VM_CHECKED;
int64_t vm_bigint_to_int64(const BigInt *); // modulo 2^64
// The strings of small integers are atoms; those of the last numbers asked for
// are kept.
String *vm_number_to_string(Isolate *, double) VM_CHECKED;
String *vm_int_to_string(Isolate *, int32_t) VM_CHECKED;
double vm_string_to_number(Isolate *, String *); // NaN if it is none

// 7.2 testing and comparison
bool vm_strict_equals_slowly(Isolate *, Value, Value);
static inline bool vm_strict_equals(Isolate *iso, Value a, Value b) {
  if (value_both_int(a, b)) return a == b;
  return vm_strict_equals_slowly(iso, a, b);
}
Tri vm_loosely_equals(Isolate *, Value, Value) VM_CHECKED;
bool vm_same_value(Isolate *, Value, Value);
bool vm_same_value_zero(Isolate *, Value, Value);
typedef enum { LESS_UNDEFINED = 2 } LessThanExtra;
// IsLessThan: 0, 1, LESS_UNDEFINED (NaN) or TRI_THREW.
int vm_is_less_than(Isolate *, Value x, Value y, bool left_first) VM_CHECKED;
Tri vm_is_regexp(Isolate *, Value) VM_CHECKED;
String *vm_typeof(Isolate *, Value); // an atom

// 13.15.3 ApplyStringOrNumericBinaryOperator, slow paths of the instructions.
typedef enum {
  ARITH_ADD,
  ARITH_SUBTRACT,
  ARITH_MULTIPLY,
  ARITH_DIVIDE,
  ARITH_REMAINDER,
  ARITH_EXPONENT,
  ARITH_SHIFT_LEFT,
  ARITH_SHIFT_RIGHT,
  ARITH_SHIFT_RIGHT_UNSIGNED,
  ARITH_AND,
  ARITH_OR,
  ARITH_XOR,
} ArithOperator;
Value vm_binary(Isolate *, ArithOperator, Value, Value) VM_CHECKED;
Value vm_negate(Isolate *, Value) VM_CHECKED;
Value vm_bitwise_not(Isolate *, Value) VM_CHECKED;
Value vm_increment(Isolate *, Value numeric, int delta) VM_CHECKED;

// 7.3 operations on objects
Value vm_get_method(Isolate *, Value, PropertyKey) VM_CHECKED; // or undefined
Value vm_call(Isolate *, Value callee, Value this_value, uint32_t argc,
              const Value *argv) VM_CHECKED;
Value vm_construct(Isolate *, Value constructor, uint32_t argc,
                   const Value *argv, Value new_target) VM_CHECKED;
Value vm_invoke(Isolate *, Value, PropertyKey, uint32_t argc,
                const Value *argv) VM_CHECKED;
Tri vm_instance_of(Isolate *, Value, Value target) VM_CHECKED;
Tri vm_ordinary_has_instance(Isolate *, Value constructor, Value) VM_CHECKED;
// Function.prototype[@@hasInstance].
struct NativeCall;
Value vm_function_has_instance(Isolate *, const struct NativeCall *);
bool vm_length_of_array_like(Isolate *, Object *, double *out) VM_CHECKED;
// ValidateTypedArray and TypedArrayLength (10.4.5.12): the length of a
// CELL_TYPED_ARRAY, or a TypeError if it is detached or out of bounds.
bool vm_typed_array_length_or_throw(Isolate *, Object *,
                                    double *out) VM_CHECKED;
// SpeciesConstructor: `default_constructor` if there is none.
Value vm_species_constructor(Isolate *, Object *,
                             Value default_constructor) VM_CHECKED;
Realm *vm_function_realm(Isolate *, Object *) VM_CHECKED; // NULL: threw
// CreateListFromArrayLike into a new dense array. NULL: threw.
Array *vm_list_from_array_like(Isolate *, Value) VM_CHECKED;
// "%Object.prototype.toString%"-like short text for messages: malloc-free,
// truncated to the buffer.
void vm_describe(Isolate *, Value, char *buffer, size_t size);
// The same, strings without quotes.
void vm_describe_plainly(Isolate *, Value, char *buffer, size_t size);
// The value of an own or inherited data property, found without running script
// code: VALUE_EMPTY for accessors, beyond proxies, and if there is none.
Value vm_quiet_get(Isolate *, Object *, PropertyKey);
void vm_describe_key(Isolate *, PropertyKey, char *buffer, size_t size);

// 7.4 iterators
typedef struct IteratorRecord {
  Value iterator; // object
  Value next;
  bool done;
} IteratorRecord;
bool vm_get_iterator(Isolate *, Value, IteratorRecord *out) VM_CHECKED;
bool vm_get_async_iterator(Isolate *, Value, IteratorRecord *out) VM_CHECKED;
bool vm_get_iterator_from_method(Isolate *, Value, Value method,
                                 IteratorRecord *out) VM_CHECKED;
// IteratorStepValue: 1 and *value, 0 when done, TRI_THREW.
Tri vm_iterator_step(Isolate *, IteratorRecord *, Value *value) VM_CHECKED;
// IteratorClose. With an exception pending keeps that one and returns false;
// else returns whether closing succeeded.
bool vm_iterator_close(Isolate *, IteratorRecord *);
Value vm_iterator_result(Isolate *, Value value, bool done); // {value, done}

#endif
