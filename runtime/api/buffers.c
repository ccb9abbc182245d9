// SPDX-License-Identifier: MIT
// Buffers and their views.
#include <stdlib.h>
#include <string.h>

#include "runtime/api/api.h"
#include "runtime/io/bytes.h"
#include "vm/objects/host_object.h"

rill_value rill_bytes(rill_isolate *api, const void *bytes, size_t length) {
  api_use(api);
  uint8_t *copy = malloc(length + 1);
  if (copy == NULL) return api_fail_host(api, "Out of memory");
  if (length > 0) memcpy(copy, bytes, length);
  return api_result(api, rt_bytes_adopt(api->iso, copy, length));
}

void *rill_get_bytes(rill_isolate *api, rill_value value, size_t *length) {
  uint8_t *bytes;
  size_t count;
  if (!rt_bytes_of(api->iso, api_value(api, value), &bytes, &count)) {
    api_fail(api);
    return NULL;
  }
  if (length != NULL) *length = count;
  return bytes;
}

rill_value rill_buffer(rill_isolate *api, size_t length) {
  api_use(api);
  return api_handle_of_cell(api, vm_array_buffer_new(api->iso, length));
}

// What the host wants to hear of, once its bytes are no longer used.
typedef struct ApiBuffer {
  rill_buffer_finalizer finalize;
  void *data;
} ApiBuffer;

// BufferRelease. Maybe on the thread of another isolate.
static void release_external(void *data, uint8_t *bytes, size_t length) {
  ApiBuffer *buffer = data;
  vm_host_finalizers_running++;
  if (buffer->finalize != NULL) buffer->finalize(buffer->data, bytes, length);
  vm_host_finalizers_running--;
  free(buffer);
}

static rill_value external(rill_isolate *api, void *bytes, size_t length,
                           rill_buffer_finalizer finalize, void *data,
                           uint16_t flags) {
  ApiBuffer *buffer = malloc(sizeof *buffer);
  if (buffer == NULL) return api_fail_host(api, "Out of memory");
  *buffer = (ApiBuffer){finalize, data};
  ArrayBuffer *b =
      vm_array_buffer_adopt(api->iso, bytes, length, release_external, buffer);
  if (b == NULL) {
    free(buffer);
    return api_fail(api);
  }
  b->object.cell.aux |= flags;
  return api_handle(api, value_from_cell(b));
}

rill_value rill_buffer_external(rill_isolate *api, void *bytes, size_t length,
                                rill_buffer_finalizer finalize, void *data) {
  api_use(api);
  return external(api, bytes, length, finalize, data, 0);
}

rill_value rill_buffer_constant(rill_isolate *api, const void *bytes,
                                size_t length, rill_buffer_finalizer finalize,
                                void *data) {
  api_use(api);
  return external(api, (void *)(uintptr_t)bytes, length, finalize, data,
                  BUFFER_IMMUTABLE);
}

bool rill_buffer_detach(rill_isolate *api, rill_value buffer) {
  api_use(api);
  Value v = api_value(api, buffer);
  if (!value_is_array_buffer(v)) {
    vm_throw_type_value(api->iso, "%s is not an ArrayBuffer", v);
  } else if (buffer_is_detached((ArrayBuffer *)value_as_cell(v))) {
    vm_throw_type(api->iso, "the ArrayBuffer is detached already");
  } else if (vm_array_buffer_detach(api->iso, (ArrayBuffer *)value_as_cell(v),
                                    VALUE_UNDEFINED)) {
    return true;
  }
  api_fail(api);
  return false;
}

static const struct {
  rill_view_kind kind;
  ElementKind element;
} view_kinds[] = {
    {RILL_VIEW_INT8, ELEMENT_INT8},
    {RILL_VIEW_UINT8, ELEMENT_UINT8},
    {RILL_VIEW_UINT8_CLAMPED, ELEMENT_UINT8_CLAMPED},
    {RILL_VIEW_INT16, ELEMENT_INT16},
    {RILL_VIEW_UINT16, ELEMENT_UINT16},
    {RILL_VIEW_INT32, ELEMENT_INT32},
    {RILL_VIEW_UINT32, ELEMENT_UINT32},
    {RILL_VIEW_FLOAT16, ELEMENT_FLOAT16},
    {RILL_VIEW_FLOAT32, ELEMENT_FLOAT32},
    {RILL_VIEW_FLOAT64, ELEMENT_FLOAT64},
    {RILL_VIEW_BIGINT64, ELEMENT_BIGINT64},
    {RILL_VIEW_BIGUINT64, ELEMENT_BIGUINT64},
};
enum { VIEW_KIND_COUNT = sizeof view_kinds / sizeof view_kinds[0] };

static rill_view_kind kind_of_element(ElementKind element) {
  for (int i = 0; i < VIEW_KIND_COUNT; i++)
    if (view_kinds[i].element == element) return view_kinds[i].kind;
  return RILL_VIEW_NONE;
}

// The fields but the buffer's handle; NULL: neither buffer nor view.
static ArrayBuffer *look_at(Value v, rill_view *view) {
  if (value_is_any_buffer(v)) {
    ArrayBuffer *b = (ArrayBuffer *)value_as_cell(v);
    view->kind =
        buffer_is_shared(b) ? RILL_VIEW_SHARED_BUFFER : RILL_VIEW_BUFFER;
    view->length = view->byte_length = buffer_length(b);
    view->bytes = b->bytes;
    return b;
  }
  if (value_is_typed_array(v)) {
    TypedArray *t = (TypedArray *)value_as_cell(v);
    view->kind = kind_of_element(typed_array_kind(t));
    view->length = vm_typed_array_length(t);
    view->byte_length = view->length << vm_element_shifts[typed_array_kind(t)];
    view->byte_offset = t->byte_offset;
    view->bytes = view->length == 0 ? NULL : t->data;
    return t->buffer;
  }
  if (value_is_kind(v, CELL_DATA_VIEW)) {
    DataView *d = (DataView *)value_as_cell(v);
    uint8_t *bytes = NULL;
    size_t length = 0;
    view->kind = RILL_VIEW_DATA;
    if (!vm_data_view_range(d, &bytes, &length)) bytes = NULL, length = 0;
    view->bytes = bytes;
    view->length = view->byte_length = length;
    view->byte_offset = d->byte_offset;
    return d->buffer;
  }
  return NULL;
}

bool rill_get_view(rill_isolate *api, rill_value value, rill_view *out) {
  api_use(api);
  rill_view view = RILL_VIEW_INIT;
  ArrayBuffer *buffer = look_at(api_value(api, value), &view);
  if (buffer != NULL) {
    view.buffer = api_handle(api, value_from_cell(buffer));
  }
  if (api_copy_out(out, &view, sizeof view)) return buffer != NULL;
  api_fail_host(api, API_UNSIZED("rill_get_view", "RILL_VIEW_INIT"));
  return false;
}

rill_value rill_view_new(rill_isolate *api, rill_view_kind kind,
                         rill_value buffer, size_t byte_offset, size_t length) {
  api_use(api);
  Isolate *iso = api->iso;
  Value v = api_value(api, buffer);
  if (!value_is_any_buffer(v)) {
    vm_throw_type_value(iso, "%s is not an ArrayBuffer", v);
    return api_fail(api);
  }
  ArrayBuffer *b = (ArrayBuffer *)value_as_cell(v);
  int index = 0;
  while (index < VIEW_KIND_COUNT && view_kinds[index].kind != kind)
    index++;
  if (index == VIEW_KIND_COUNT && kind != RILL_VIEW_DATA)
    return api_fail_host(api, "rill_view_new: not a kind of view");
  uint32_t shift =
      kind == RILL_VIEW_DATA ? 0 : vm_element_shifts[view_kinds[index].element];
  size_t bytes = buffer_length(b);
  if (buffer_is_detached(b) || byte_offset > bytes ||
      length > (bytes - byte_offset) >> shift) {
    vm_throw_range(iso, "the view does not lie within the buffer");
    return api_fail(api);
  }
  if ((byte_offset & (((size_t)1 << shift) - 1)) != 0) {
    vm_throw_range(iso, "the offset is no multiple of the element's size");
    return api_fail(api);
  }
  if (kind == RILL_VIEW_DATA)
    return api_handle_of_cell(api,
                              vm_data_view_new(iso, b, byte_offset, length));
  return api_handle_of_cell(api,
                            vm_typed_array_new(iso, view_kinds[index].element,
                                               b, byte_offset, length));
}
