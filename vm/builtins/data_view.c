// SPDX-License-Identifier: MIT
// DataView, ECMA-262 25.3. One C function reads and one writes all element
// types: the row's magic is the ElementKind.
#include "vm/builtins/builtins.h"
#include "vm/objects/buffer.h"
#include "vm/objects/operations.h"

// 25.3.2.1
static Value data_view_constructor(Isolate *iso, const NativeCall *call) {
  if (value_is_undefined(call->new_target))
    return vm_throw_type(iso, "Constructor DataView requires 'new'");
  Value v = native_argument(call, 0);
  if (!value_is_any_buffer(v))
    return vm_throw_type(iso,
                         "First argument to DataView constructor must be "
                         "an ArrayBuffer");
  ArrayBuffer *b = (ArrayBuffer *)value_as_cell(v);
  double offset, length = 0;
  if (!vm_to_index(iso, native_argument(call, 1), &offset))
    return VALUE_EXCEPTION;
  if (buffer_is_detached(b))
    return vm_throw_type(iso,
                         "Cannot construct a DataView on a detached "
                         "ArrayBuffer");
  double buffer_bytes = (double)buffer_length(b);
  if (offset > buffer_bytes)
    return vm_throw_range(iso,
                          "Start offset %.0f is outside the bounds of the "
                          "buffer",
                          offset);
  bool has_length = !value_is_undefined(native_argument(call, 2));
  if (has_length) {
    if (!vm_to_index(iso, call->argv[2], &length)) return VALUE_EXCEPTION;
    if (offset + length > buffer_bytes)
      return vm_throw_range(iso, "Invalid DataView length %.0f", length);
  }
  DataView *view = vm_object_from_constructor(iso, call->new_target,
                                              INTRINSIC_DataViewPrototype,
                                              CELL_DATA_VIEW, sizeof *view);
  if (view == NULL) return VALUE_EXCEPTION;
  // Getting the prototype may have run script.
  if (buffer_is_detached(b))
    return vm_throw_type(iso,
                         "Cannot construct a DataView on a detached "
                         "ArrayBuffer");
  buffer_bytes = (double)buffer_length(b);
  if (offset > buffer_bytes || (has_length && offset + length > buffer_bytes))
    return vm_throw_range(iso, "Invalid DataView length");
  bool tracks = !has_length && buffer_is_resizable(b);
  gc_publish(&view->buffer, b);
  view->byte_offset = (size_t)offset;
  view->fixed_length = (size_t)(has_length ? length
                                : tracks   ? 0
                                           : buffer_bytes - offset);
  view->view_flags = tracks ? VIEW_TRACKS_LENGTH : 0;
  return value_from_cell(view);
}

static DataView *this_view(Isolate *iso, const NativeCall *call) {
  if (likely(value_is_kind(call->this_value, CELL_DATA_VIEW)))
    return (DataView *)value_as_cell(call->this_value);
  vm_throw_type(iso,
                "Method of DataView.prototype called on incompatible "
                "receiver");
  return NULL;
}

static Value throw_out_of_bounds(Isolate *iso, const DataView *view) {
  return vm_throw_type(iso, buffer_is_detached(view->buffer)
                                ? "Cannot perform DataView operation on a "
                                  "detached ArrayBuffer"
                                : "The DataView is out of bounds");
}

// 25.3.4.1
static Value get_buffer(Isolate *iso, const NativeCall *call) {
  DataView *view = this_view(iso, call);
  return view != NULL ? value_from_cell(view->buffer) : VALUE_EXCEPTION;
}

// 25.3.4.2 byteLength, 25.3.4.3 byteOffset; magic: 1 for the offset.
static Value get_extent(Isolate *iso, const NativeCall *call) {
  DataView *view = this_view(iso, call);
  uint8_t *bytes;
  size_t length;
  if (view == NULL) return VALUE_EXCEPTION;
  if (!vm_data_view_range(view, &bytes, &length))
    return throw_out_of_bounds(iso, view);
  return value_from_number(native_magic(call) ? (double)view->byte_offset
                                              : (double)length);
}

static void reverse(uint8_t *out, const uint8_t *in, size_t size) {
  for (size_t i = 0; i < size; i++)
    out[i] = in[size - 1 - i];
}

static bool get_index(Isolate *iso, Value v, double *out) {
  if (likely(value_is_int(v) && value_as_int(v) >= 0)) {
    *out = value_as_int(v);
    return true;
  }
  return vm_to_index(iso, v, out);
}

// GetViewValue (25.3.1.5)
static Value view_get(Isolate *iso, const NativeCall *call) {
  DataView *view = this_view(iso, call);
  double index;
  if (view == NULL || !get_index(iso, native_argument(call, 0), &index))
    return VALUE_EXCEPTION;
  bool little = vm_to_boolean(native_argument(call, 1));
  ElementKind kind = (ElementKind)native_magic(call);
  size_t size = (size_t)1 << vm_element_shifts[kind];
  uint8_t *bytes, raw[8];
  size_t length;
  if (!vm_data_view_range(view, &bytes, &length))
    return throw_out_of_bounds(iso, view);
  if (index + (double)size > (double)length)
    return vm_throw_range(iso, "Offset is outside the bounds of the DataView");
  bytes += (size_t)index;
  if (little)
    memcpy(raw, bytes, size);
  else
    reverse(raw, bytes, size);
  return vm_element_load(iso, kind, raw);
}

// SetViewValue (25.3.1.6)
static Value view_set(Isolate *iso, const NativeCall *call) {
  DataView *view = this_view(iso, call);
  double index;
  if (view != NULL && buffer_is_immutable(view->buffer))
    return vm_throw_type(iso,
                         "Cannot modify a DataView on an immutable "
                         "ArrayBuffer");
  if (view == NULL || !get_index(iso, native_argument(call, 0), &index))
    return VALUE_EXCEPTION;
  ElementKind kind = (ElementKind)native_magic(call);
  Value value = native_argument(call, 1);
  if (element_is_bigint(kind))
    value = vm_to_bigint(iso, value);
  else if (!value_is_number(value))
    value = vm_to_number(iso, value);
  if (value_is_exception(value)) return value;
  bool little = vm_to_boolean(native_argument(call, 2));
  size_t size = (size_t)1 << vm_element_shifts[kind];
  uint8_t *bytes, raw[8];
  size_t length;
  if (!vm_data_view_range(view, &bytes, &length))
    return throw_out_of_bounds(iso, view);
  if (index + (double)size > (double)length)
    return vm_throw_range(iso, "Offset is outside the bounds of the DataView");
  bytes += (size_t)index;
  vm_element_store(kind, raw, value);
  if (little)
    memcpy(bytes, raw, size);
  else
    reverse(bytes, raw, size);
  return VALUE_UNDEFINED;
}

#define ACCESS(name, kind)                                                     \
  BUILTIN_MAGIC("get" name, view_get, 1, kind),                                \
      BUILTIN_MAGIC("set" name, view_set, 2, kind)

static const Builtin data_view_prototype[] = {
    BUILTIN_GET("buffer", get_buffer),
    {.name = "byteLength",
     .kind = BUILTIN_GETTER,
     .attributes = PROPERTY_CONFIGURABLE,
     .magic = 0,
     .code = get_extent},
    {.name = "byteOffset",
     .kind = BUILTIN_GETTER,
     .attributes = PROPERTY_CONFIGURABLE,
     .magic = 1,
     .code = get_extent},
    ACCESS("BigInt64", ELEMENT_BIGINT64),
    ACCESS("BigUint64", ELEMENT_BIGUINT64),
    ACCESS("Float16", ELEMENT_FLOAT16),
    ACCESS("Float32", ELEMENT_FLOAT32),
    ACCESS("Float64", ELEMENT_FLOAT64),
    ACCESS("Int8", ELEMENT_INT8),
    ACCESS("Int16", ELEMENT_INT16),
    ACCESS("Int32", ELEMENT_INT32),
    ACCESS("Uint8", ELEMENT_UINT8),
    ACCESS("Uint16", ELEMENT_UINT16),
    ACCESS("Uint32", ELEMENT_UINT32),
    BUILTIN_TAG("DataView"),
};

void vm_init_data_view(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_DataViewPrototype, prototype);
  vm_realm_set_intrinsic(realm, INTRINSIC_DataView,
                         &vm_define_constructor(iso, "DataView",
                                                data_view_constructor, 1,
                                                prototype, NULL)
                              ->object);
  VM_DEFINE_BUILTINS(iso, prototype, data_view_prototype);
}
