// SPDX-License-Identifier: MIT
// Abstract operations of ECMA-262 chapter 7 on values. Names follow the
// specification. "Threw" is VALUE_EXCEPTION, NULL, false or TRI_THREW.
#ifndef RILL_VM_OBJECTS_OPERATIONS_H
#define RILL_VM_OBJECTS_OPERATIONS_H

#include "vm/objects/object.h"
#include "vm/objects/throw.h"

typedef enum { HINT_DEFAULT, HINT_NUMBER, HINT_STRING } PrimitiveHint;

// 7.1 type conversion
Value vm_to_primitive(Isolate *, Value, PrimitiveHint) VM_CHECKED;
bool vm_to_boolean(Value);
Value vm_to_number(Isolate *, Value) VM_CHECKED;  // a Number Value
Value vm_to_numeric(Isolate *, Value) VM_CHECKED; // Number or BigInt
bool vm_to_double(Isolate *, Value, double *out) VM_CHECKED;
bool vm_to_integer_or_infinity(Isolate *, Value, double *out) VM_CHECKED;
bool vm_to_int32(Isolate *, Value, int32_t *out) VM_CHECKED;
bool vm_to_uint32(Isolate *, Value, uint32_t *out) VM_CHECKED;
bool vm_to_length(Isolate *, Value, double *out) VM_CHECKED; // 0 to 2^53-1
bool vm_to_index(Isolate *, Value, double *out) VM_CHECKED;  // RangeError
// Relative index (slice, at, fill...): clamps to [0, length]; undefined gives
// `if_undefined`.
bool vm_to_relative_index(Isolate *, Value, double length, double if_undefined,
                          double *out) VM_CHECKED;
String *vm_to_string(Isolate *, Value) VM_CHECKED;
Object *vm_to_object(Isolate *, Value) VM_CHECKED;
bool vm_to_property_key(Isolate *, Value, PropertyKey *out) VM_CHECKED;
Value vm_to_bigint(Isolate *, Value) VM_CHECKED;
int64_t vm_bigint_to_int64(const BigInt *); // modulo 2^64
String *vm_number_to_string(Isolate *, double) VM_CHECKED;
double vm_string_to_number(Isolate *, String *); // NaN if it is none

// 7.2 testing and comparison
bool vm_strict_equals(Isolate *, Value, Value);
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
