// SPDX-License-Identifier: MIT
// SharedArrayBuffer, ECMA-262 25.2.
#include "vm/builtins/builtins.h"
#include "vm/objects/buffer.h"
#include "vm/objects/operations.h"

// AllocateSharedArrayBuffer (25.2.2.1). NULL: threw.
static ArrayBuffer *allocate(Isolate *iso, Value new_target, double length,
                             const double *max_length) {
  if (max_length != NULL && length > *max_length) {
    vm_throw_range(iso, "Invalid shared array buffer max length");
    return NULL;
  }
  ArrayBuffer *b = vm_object_from_constructor(
      iso, new_target, INTRINSIC_SharedArrayBufferPrototype,
      CELL_SHARED_ARRAY_BUFFER, sizeof *b);
  if (b == NULL) return NULL;
  b->detach_key = VALUE_UNDEFINED;
  double max = max_length != NULL ? *max_length : length;
  SharedBytes *shared = NULL;
  if (max <= (double)BUFFER_MAX_BYTES &&
      gc_reserve_external(iso->heap, (size_t)length))
    shared =
        vm_shared_bytes_new((size_t)length, (size_t)max, max_length != NULL);
  if (shared == NULL) {
    vm_throw_range(iso, "Array buffer allocation failed");
    return NULL;
  }
  vm_shared_array_buffer_attach(iso, b, shared);
  return b;
}

// 25.2.3.1
static Value shared_array_buffer_constructor(Isolate *iso,
                                             const NativeCall *call) {
  if (value_is_undefined(call->new_target))
    return vm_throw_type(iso, "Constructor SharedArrayBuffer requires 'new'");
  double length, max_length;
  if (!vm_to_index(iso, native_argument(call, 0), &length))
    return VALUE_EXCEPTION;
  const double *max = NULL;
  Value options = native_argument(call, 1);
  if (value_is_object(options)) {
    Value v = vm_get(iso, value_as_object(options), KEY(maxByteLength));
    if (value_is_exception(v)) return v;
    if (!value_is_undefined(v)) {
      if (!vm_to_index(iso, v, &max_length)) return VALUE_EXCEPTION;
      max = &max_length;
    }
  }
  ArrayBuffer *b = allocate(iso, call->new_target, length, max);
  return b != NULL ? value_from_cell(b) : VALUE_EXCEPTION;
}

static ArrayBuffer *this_buffer(Isolate *iso, Value v, const char *method) {
  if (value_is_kind(v, CELL_SHARED_ARRAY_BUFFER))
    return (ArrayBuffer *)value_as_cell(v);
  vm_throw_type(iso,
                "Method SharedArrayBuffer.prototype.%s called on incompatible "
                "receiver",
                method);
  return NULL;
}

// 25.2.5.1
static Value get_byte_length(Isolate *iso, const NativeCall *call) {
  ArrayBuffer *b = this_buffer(iso, call->this_value, "byteLength");
  if (b == NULL) return VALUE_EXCEPTION;
  return value_from_number((double)buffer_length(b));
}

// 25.2.5.3
static Value shared_array_buffer_grow(Isolate *iso, const NativeCall *call) {
  ArrayBuffer *b = this_buffer(iso, call->this_value, "grow");
  if (b == NULL) return VALUE_EXCEPTION;
  if (!buffer_is_resizable(b))
    return vm_throw_type(iso,
                         "Method SharedArrayBuffer.prototype.grow called "
                         "on a buffer that is not growable");
  double length;
  if (!vm_to_index(iso, native_argument(call, 0), &length))
    return VALUE_EXCEPTION;
  double now = (double)buffer_length(b);
  if (length > now && length <= (double)b->max_length &&
      !gc_reserve_external(iso->heap, (size_t)(length - now)))
    return vm_throw_range(iso, "Array buffer allocation failed");
  if (length > (double)b->max_length ||
      !vm_shared_array_buffer_grow(iso, b, (size_t)length))
    return vm_throw_range(iso,
                          "SharedArrayBuffer.prototype.grow: Invalid "
                          "length parameter");
  return VALUE_UNDEFINED;
}

// 25.2.5.4
static Value get_growable(Isolate *iso, const NativeCall *call) {
  ArrayBuffer *b = this_buffer(iso, call->this_value, "growable");
  if (b == NULL) return VALUE_EXCEPTION;
  return value_from_bool(buffer_is_resizable(b));
}

// 25.2.5.5
static Value get_max_byte_length(Isolate *iso, const NativeCall *call) {
  ArrayBuffer *b = this_buffer(iso, call->this_value, "maxByteLength");
  if (b == NULL) return VALUE_EXCEPTION;
  return value_from_number((double)b->max_length);
}

// 25.2.5.6
static Value shared_array_buffer_slice(Isolate *iso, const NativeCall *call) {
  ArrayBuffer *b = this_buffer(iso, call->this_value, "slice");
  if (b == NULL) return VALUE_EXCEPTION;
  double length = (double)buffer_length(b), first, last;
  if (!vm_to_relative_index(iso, native_argument(call, 0), length, 0, &first) ||
      !vm_to_relative_index(iso, native_argument(call, 1), length, length,
                            &last))
    return VALUE_EXCEPTION;
  double count = last > first ? last - first : 0;
  Value intrinsic = value_from_cell(INTRINSIC_OBJECT(iso, SharedArrayBuffer));
  Value constructor = vm_species_constructor(iso, &b->object, intrinsic);
  if (value_is_exception(constructor)) return constructor;
  Value argument = value_from_number(count);
  Value made = vm_construct(iso, constructor, 1, &argument, constructor);
  if (value_is_exception(made)) return made;
  ArrayBuffer *copy = this_buffer(iso, made, "slice");
  if (copy == NULL) return VALUE_EXCEPTION;
  if (copy->shared == b->shared)
    return vm_throw_type(iso,
                         "SharedArrayBuffer subclass returned this from "
                         "species constructor");
  if ((double)buffer_length(copy) < count)
    return vm_throw_type(iso,
                         "Species constructor returned a too small "
                         "SharedArrayBuffer");
  if (count > 0) memmove(copy->bytes, b->bytes + (size_t)first, (size_t)count);
  return made;
}

static const Builtin shared_array_buffer_static[] = {
    BUILTIN_GET("@@species", vm_return_this),
};

static const Builtin shared_array_buffer_prototype[] = {
    BUILTIN_GET("byteLength", get_byte_length),
    BUILTIN("grow", shared_array_buffer_grow, 1),
    BUILTIN_GET("growable", get_growable),
    BUILTIN_GET("maxByteLength", get_max_byte_length),
    BUILTIN("slice", shared_array_buffer_slice, 2),
    BUILTIN_TAG("SharedArrayBuffer"),
};

void vm_init_shared_array_buffer(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_SharedArrayBufferPrototype,
                         prototype);
  Object *constructor = &vm_define_constructor(iso, "SharedArrayBuffer",
                                               shared_array_buffer_constructor,
                                               1, prototype, NULL)
                             ->object;
  vm_realm_set_intrinsic(realm, INTRINSIC_SharedArrayBuffer, constructor);
  VM_DEFINE_BUILTINS(iso, constructor, shared_array_buffer_static);
  VM_DEFINE_BUILTINS(iso, prototype, shared_array_buffer_prototype);
}
