// SPDX-License-Identifier: MIT
// ArrayBuffer, ECMA-262 25.1.
#include <stdlib.h>

#include "vm/builtins/builtins.h"
#include "vm/objects/buffer.h"
#include "vm/objects/operations.h"

// GetArrayBufferMaxByteLengthOption (25.1.3.8): 1 and *out, 0: empty.
static Tri max_length_option(Isolate *iso, Value options, double *out) {
  if (!value_is_object(options)) return 0;
  Value v = vm_get(iso, value_as_object(options), KEY(maxByteLength));
  if (value_is_exception(v)) return TRI_THREW;
  if (value_is_undefined(v)) return 0;
  return vm_to_index(iso, v, out) ? 1 : TRI_THREW;
}

// 25.1.4.1
static Value array_buffer_constructor(Isolate *iso, const NativeCall *call) {
  if (value_is_undefined(call->new_target))
    return vm_throw_type(iso, "Constructor ArrayBuffer requires 'new'");
  double length, max_length;
  if (!vm_to_index(iso, native_argument(call, 0), &length))
    return VALUE_EXCEPTION;
  Tri has_max = max_length_option(iso, native_argument(call, 1), &max_length);
  if (has_max == TRI_THREW) return VALUE_EXCEPTION;
  ArrayBuffer *b = vm_array_buffer_allocate(iso, call->new_target, length,
                                            has_max ? &max_length : NULL);
  return b != NULL ? value_from_cell(b) : VALUE_EXCEPTION;
}

// 25.1.5.1
static Value array_buffer_is_view(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  return value_from_bool(value_is_typed_array(v) ||
                         value_is_kind(v, CELL_DATA_VIEW));
}

static ArrayBuffer *this_buffer(Isolate *iso, Value v, const char *method) {
  if (value_is_array_buffer(v)) return (ArrayBuffer *)value_as_cell(v);
  vm_throw_type(iso,
                "Method ArrayBuffer.prototype.%s called on incompatible "
                "receiver",
                method);
  return NULL;
}

static Value throw_detached(Isolate *iso, const char *method) {
  return vm_throw_type(iso,
                       "Cannot perform ArrayBuffer.prototype.%s on a detached "
                       "ArrayBuffer",
                       method);
}

// 25.1.6.1
static Value get_byte_length(Isolate *iso, const NativeCall *call) {
  ArrayBuffer *b = this_buffer(iso, call->this_value, "byteLength");
  if (b == NULL) return VALUE_EXCEPTION;
  return value_from_number((double)b->length);
}

// 25.1.6.3
static Value get_detached(Isolate *iso, const NativeCall *call) {
  ArrayBuffer *b = this_buffer(iso, call->this_value, "detached");
  if (b == NULL) return VALUE_EXCEPTION;
  return value_from_bool(buffer_is_detached(b));
}

// 25.1.6.4
static Value get_max_byte_length(Isolate *iso, const NativeCall *call) {
  ArrayBuffer *b = this_buffer(iso, call->this_value, "maxByteLength");
  if (b == NULL) return VALUE_EXCEPTION;
  return value_from_number((double)b->max_length);
}

// 25.1.6.5
static Value get_resizable(Isolate *iso, const NativeCall *call) {
  ArrayBuffer *b = this_buffer(iso, call->this_value, "resizable");
  if (b == NULL) return VALUE_EXCEPTION;
  return value_from_bool(buffer_is_resizable(b));
}

// 25.1.6.6
static Value array_buffer_resize(Isolate *iso, const NativeCall *call) {
  ArrayBuffer *b = this_buffer(iso, call->this_value, "resize");
  if (b == NULL) return VALUE_EXCEPTION;
  if (!buffer_is_resizable(b))
    return vm_throw_type(iso,
                         "Method ArrayBuffer.prototype.resize called on "
                         "a buffer that is not resizable");
  double length;
  if (!vm_to_index(iso, native_argument(call, 0), &length))
    return VALUE_EXCEPTION;
  if (buffer_is_detached(b)) return throw_detached(iso, "resize");
  if (length > (double)b->max_length)
    return vm_throw_range(iso,
                          "ArrayBuffer.prototype.resize: Invalid length "
                          "parameter");
  return vm_array_buffer_resize(iso, b, (size_t)length) ? VALUE_UNDEFINED
                                                        : VALUE_EXCEPTION;
}

// 25.1.6.7
static Value array_buffer_slice(Isolate *iso, const NativeCall *call) {
  ArrayBuffer *b = this_buffer(iso, call->this_value, "slice");
  if (b == NULL) return VALUE_EXCEPTION;
  if (buffer_is_detached(b)) return throw_detached(iso, "slice");
  double length = (double)b->length, first, last;
  if (!vm_to_relative_index(iso, native_argument(call, 0), length, 0, &first) ||
      !vm_to_relative_index(iso, native_argument(call, 1), length, length,
                            &last))
    return VALUE_EXCEPTION;
  double count = last > first ? last - first : 0;
  Value constructor = vm_species_constructor(
      iso, &b->object, value_from_cell(INTRINSIC_OBJECT(iso, ArrayBuffer)));
  if (value_is_exception(constructor)) return constructor;
  ArrayBuffer *copy;
  if (constructor == value_from_cell(INTRINSIC_OBJECT(iso, ArrayBuffer))) {
    copy = vm_array_buffer_new(iso, (size_t)count);
    if (copy == NULL) return VALUE_EXCEPTION;
  } else {
    Value argument = value_from_number(count);
    Value made = vm_construct(iso, constructor, 1, &argument, constructor);
    if (value_is_exception(made)) return made;
    copy = this_buffer(iso, made, "slice");
    if (copy == NULL) return VALUE_EXCEPTION;
    if (buffer_is_detached(copy)) return throw_detached(iso, "slice");
    if (buffer_is_immutable(copy))
      return vm_throw_type(iso,
                           "Species constructor returned an immutable "
                           "ArrayBuffer");
    if (copy == b)
      return vm_throw_type(iso,
                           "ArrayBuffer subclass returned this from "
                           "species constructor");
    if ((double)copy->length < count)
      return vm_throw_type(iso,
                           "Species constructor returned a too small "
                           "ArrayBuffer");
    if (buffer_is_detached(b)) return throw_detached(iso, "slice");
  }
  // The buffer may have shrunk meanwhile.
  if (first < (double)b->length) {
    size_t available = b->length - (size_t)first;
    if (available > (size_t)count) available = (size_t)count;
    if (available > 0) memcpy(copy->bytes, b->bytes + (size_t)first, available);
  }
  return value_from_cell(copy);
}

// get ArrayBuffer.prototype.immutable
static Value get_immutable(Isolate *iso, const NativeCall *call) {
  ArrayBuffer *b = this_buffer(iso, call->this_value, "immutable");
  if (b == NULL) return VALUE_EXCEPTION;
  return value_from_bool(buffer_is_immutable(b));
}

// ArrayBuffer.prototype.sliceToImmutable ( start, end )
static Value array_buffer_slice_to_immutable(Isolate *iso,
                                             const NativeCall *call) {
  ArrayBuffer *b = this_buffer(iso, call->this_value, "sliceToImmutable");
  if (b == NULL) return VALUE_EXCEPTION;
  if (buffer_is_detached(b)) return throw_detached(iso, "sliceToImmutable");
  double length = (double)b->length, first, last;
  if (!vm_to_relative_index(iso, native_argument(call, 0), length, 0, &first) ||
      !vm_to_relative_index(iso, native_argument(call, 1), length, length,
                            &last))
    return VALUE_EXCEPTION;
  if (buffer_is_detached(b)) return throw_detached(iso, "sliceToImmutable");
  if ((double)b->length < last)
    return vm_throw_range(iso, "The ArrayBuffer has become too small");
  size_t count = last > first ? (size_t)last - (size_t)first : 0;
  ArrayBuffer *copy = vm_array_buffer_new(iso, count);
  if (copy == NULL) return VALUE_EXCEPTION;
  if (count > 0) memcpy(copy->bytes, b->bytes + (size_t)first, count);
  copy->object.cell.aux |= BUFFER_IMMUTABLE;
  return value_from_cell(copy);
}

typedef enum {
  TRANSFER,
  TRANSFER_TO_FIXED_LENGTH,
  TRANSFER_TO_IMMUTABLE
} TransferKind;

// ArrayBufferCopyAndDetach (25.1.3.2); magic: TransferKind.
static Value array_buffer_transfer(Isolate *iso, const NativeCall *call) {
  static const char *const names[] = {"transfer", "transferToFixedLength",
                                      "transferToImmutable"};
  TransferKind kind = (TransferKind)native_magic(call);
  const char *method = names[kind];
  ArrayBuffer *b = this_buffer(iso, call->this_value, method);
  if (b == NULL) return VALUE_EXCEPTION;
  double new_length = (double)b->length;
  Value argument = native_argument(call, 0);
  if (!value_is_undefined(argument) && !vm_to_index(iso, argument, &new_length))
    return VALUE_EXCEPTION;
  if (buffer_is_detached(b)) return throw_detached(iso, method);
  if (buffer_is_immutable(b))
    return vm_throw_type(iso, "Cannot transfer an immutable ArrayBuffer");
  if (!value_is_undefined(b->detach_key))
    return vm_throw_type(iso, "Cannot detach ArrayBuffer: wrong key");
  ArrayBuffer *result;
  if (buffer_is_resizable(b) || new_length != (double)b->length) {
    double max_length = (double)b->max_length;
    bool keeps = kind == TRANSFER && buffer_is_resizable(b);
    result = vm_array_buffer_allocate(
        iso, value_from_cell(INTRINSIC_OBJECT(iso, ArrayBuffer)), new_length,
        keeps ? &max_length : NULL);
    if (result == NULL) return VALUE_EXCEPTION;
    size_t count = b->length < result->length ? b->length : result->length;
    if (count > 0) memcpy(result->bytes, b->bytes, count);
    if (!vm_array_buffer_detach(iso, b, VALUE_UNDEFINED))
      return VALUE_EXCEPTION;
  } else {
    // Same size: the bytes themselves move.
    uint8_t *bytes;
    size_t length;
    BufferRelease *release;
    void *data;
    if (!vm_array_buffer_take(iso, b, &bytes, &length, &release, &data))
      return VALUE_EXCEPTION;
    result = vm_array_buffer_adopt(iso, bytes, length, release, data);
    if (result == NULL) {
      if (release != NULL)
        release(data, bytes, length);
      else
        free(bytes);
      return VALUE_EXCEPTION;
    }
  }
  if (kind == TRANSFER_TO_IMMUTABLE)
    result->object.cell.aux |= BUFFER_IMMUTABLE;
  return value_from_cell(result);
}

static const Builtin array_buffer_static[] = {
    BUILTIN("isView", array_buffer_is_view, 1),
    BUILTIN_GET("@@species", vm_return_this),
};

static const Builtin array_buffer_prototype[] = {
    BUILTIN_GET("byteLength", get_byte_length),
    BUILTIN_GET("detached", get_detached),
    BUILTIN_GET("immutable", get_immutable),
    BUILTIN_GET("maxByteLength", get_max_byte_length),
    BUILTIN_GET("resizable", get_resizable),
    BUILTIN("resize", array_buffer_resize, 1),
    BUILTIN("slice", array_buffer_slice, 2),
    BUILTIN("sliceToImmutable", array_buffer_slice_to_immutable, 2),
    BUILTIN_MAGIC("transfer", array_buffer_transfer, 0, TRANSFER),
    BUILTIN_MAGIC("transferToFixedLength", array_buffer_transfer, 0,
                  TRANSFER_TO_FIXED_LENGTH),
    BUILTIN_MAGIC("transferToImmutable", array_buffer_transfer, 0,
                  TRANSFER_TO_IMMUTABLE),
    BUILTIN_TAG("ArrayBuffer"),
};

void vm_init_array_buffer(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_ArrayBufferPrototype, prototype);
  Object *constructor =
      &vm_define_constructor(iso, "ArrayBuffer", array_buffer_constructor, 1,
                             prototype, NULL)
           ->object;
  vm_realm_set_intrinsic(realm, INTRINSIC_ArrayBuffer, constructor);
  VM_DEFINE_BUILTINS(iso, constructor, array_buffer_static);
  VM_DEFINE_BUILTINS(iso, prototype, array_buffer_prototype);
}
