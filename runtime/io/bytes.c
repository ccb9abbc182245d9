// SPDX-License-Identifier: MIT
#include "runtime/io/bytes.h"

#include <stdlib.h>

bool rt_bytes_of(Isolate *iso, Value value, uint8_t **bytes, size_t *length) {
  if (value_is_typed_array(value)) {
    size_t elements;
    TypedArray *array = vm_typed_array_validate(iso, value, &elements);
    if (array == NULL) return false;
    *bytes = array->data;
    *length = elements << vm_element_shifts[typed_array_kind(array)];
    return true;
  }
  if (value_is_any_buffer(value)) {
    ArrayBuffer *buffer = (ArrayBuffer *)value_as_cell(value);
    *bytes = buffer->bytes;
    *length = buffer_length(buffer);
    return true;
  }
  if (value_is_kind(value, CELL_DATA_VIEW)) {
    DataView *view = (DataView *)value_as_cell(value);
    size_t available = buffer_length(view->buffer);
    if (buffer_is_detached(view->buffer) || view->byte_offset > available) {
      vm_throw_type(iso, "The view's buffer is detached or too short");
      return false;
    }
    *bytes = view->buffer->bytes + view->byte_offset;
    *length = view->view_flags & VIEW_TRACKS_LENGTH
                  ? available - view->byte_offset
                  : view->fixed_length;
    return true;
  }
  vm_throw_type_value(iso, "%s is no buffer or view", value);
  return false;
}

Value rt_bytes_adopt(Isolate *iso, uint8_t *bytes, size_t length) {
  ArrayBuffer *buffer = vm_array_buffer_adopt(iso, bytes, length, NULL, NULL);
  if (buffer == NULL) {
    free(bytes);
    return VALUE_EXCEPTION;
  }
  TypedArray *array = vm_typed_array_new(iso, ELEMENT_UINT8, buffer, 0, length);
  return array == NULL ? VALUE_EXCEPTION : value_from_cell(array);
}
