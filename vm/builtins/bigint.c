// SPDX-License-Identifier: MIT
// BigInt, ECMA-262 21.2. The arithmetic is vm/objects/bigint.h.
#include "vm/objects/bigint.h"

#include <math.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl_number.h"
#include "vm/objects/operations.h"

// 21.2.1.1
static Value bigint_constructor(Isolate *iso, const NativeCall *call) {
  if (!value_is_undefined(call->new_target))
    return vm_throw_type(iso, "BigInt is not a constructor");
  Value primitive = vm_to_primitive(iso, native_argument(call, 0), HINT_NUMBER);
  if (value_is_exception(primitive)) return primitive;
  if (!value_is_number(primitive)) return vm_to_bigint(iso, primitive);
  double d = value_as_number(primitive);
  if (!isfinite(d) || trunc(d) != d)
    return vm_throw_error(iso, ERROR_RANGE,
                          "The number %.17g cannot be converted to a BigInt "
                          "because it is not an integer",
                          d);
  BigInt *b = value_is_int(primitive)
                  ? vm_bigint_from_int64(iso, value_as_int(primitive))
                  : vm_bigint_from_double(iso, d);
  return b != NULL ? value_from_cell(b) : VALUE_EXCEPTION;
}

// 21.2.2.1 BigInt.asIntN, 21.2.2.2 BigInt.asUintN; magic: 1 for asUintN.
static Value bigint_as_n(Isolate *iso, const NativeCall *call) {
  double bits;
  if (!vm_to_index(iso, native_argument(call, 0), &bits))
    return VALUE_EXCEPTION;
  Value v = vm_to_bigint(iso, native_argument(call, 1));
  if (value_is_exception(v)) return v;
  BigInt *b = native_magic(call) != 0
                  ? vm_bigint_as_uint_n(iso, bits, value_as_bigint(v))
                  : vm_bigint_as_int_n(iso, bits, value_as_bigint(v));
  return b != NULL ? value_from_cell(b) : VALUE_EXCEPTION;
}

// ThisBigIntValue (21.2.3.4.1).
static Value this_bigint(Isolate *iso, const NativeCall *call,
                         const char *method) {
  Value v = call->this_value;
  if (value_is_kind(v, CELL_BIGINT_OBJECT))
    v = ((PrimitiveObject *)value_as_cell(v))->value;
  if (value_is_bigint(v)) return v;
  return vm_throw_type(
      iso, "BigInt.prototype.%s requires that 'this' be a BigInt", method);
}

// 21.2.3.3
static Value bigint_to_string(Isolate *iso, const NativeCall *call) {
  Value v = this_bigint(iso, call, "toString");
  if (value_is_exception(v)) return v;
  double radix = 10;
  if (!value_is_undefined(native_argument(call, 0)) &&
      !vm_to_integer_or_infinity(iso, call->argv[0], &radix))
    return VALUE_EXCEPTION;
  if (radix < 2 || radix > 36)
    return vm_throw_range(iso, "toString() radix argument must be between 2 and 36");
  String *s = vm_bigint_to_string(iso, value_as_bigint(v), (int)radix);
  return s != NULL ? value_from_cell(s) : VALUE_EXCEPTION;
}

// 21.2.3.2 and ECMA-402 19.3.1
static Value bigint_to_locale_string(Isolate *iso, const NativeCall *call) {
  Value v = this_bigint(iso, call, "toLocaleString");
  if (value_is_exception(v)) return v;
  return vm_intl_number_to_locale_string(iso, v, native_argument(call, 0),
                                         native_argument(call, 1));
}

// 21.2.3.4
static Value bigint_value_of(Isolate *iso, const NativeCall *call) {
  return this_bigint(iso, call, "valueOf");
}

static const Builtin bigint_static[] = {
    BUILTIN_MAGIC("asIntN", bigint_as_n, 2, 0),
    BUILTIN_MAGIC("asUintN", bigint_as_n, 2, 1),
};

static const Builtin bigint_prototype[] = {
    BUILTIN("toLocaleString", bigint_to_locale_string, 0),
    BUILTIN("toString", bigint_to_string, 0),
    BUILTIN("valueOf", bigint_value_of, 0),
    BUILTIN_TAG("BigInt"),
};

void vm_init_bigint(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_BigIntPrototype, prototype);
  Object *constructor =
      &vm_define_constructor(iso, "BigInt", bigint_constructor, 1, prototype,
                             NULL)
           ->object;
  vm_realm_set_intrinsic(realm, INTRINSIC_BigInt, constructor);
  VM_DEFINE_BUILTINS(iso, constructor, bigint_static);
  VM_DEFINE_BUILTINS(iso, prototype, bigint_prototype);
}
