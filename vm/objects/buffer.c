// SPDX-License-Identifier: MIT
// ArrayBuffers: bytes outside the heap, and the views that follow them. The
// first view of a buffer is held strongly, since nearly all buffers have one
// view and live as long as it; further ones are in a weak list.
#include "vm/objects/buffer.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "vm/objects/charge.h"
#include "vm/objects/isolate.h"
#include "vm/objects/layouts.h"

struct BufferViews {
  GcCell cell; // extra: views in use
  uint64_t capacity;
  TypedArray *views[]; // not traced
};

#define ELEMENT_TYPE(name, constructor, size, type)                            \
  [ELEMENT_##name] = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3,
const uint8_t vm_element_shifts[ELEMENT_KIND_COUNT] = {
    VM_ELEMENT_TYPES(ELEMENT_TYPE)};
#undef ELEMENT_TYPE

SharedBytes *vm_shared_bytes_new(size_t length, size_t max_length,
                                 bool growable) {
  if (max_length > BUFFER_MAX_BYTES) return NULL;
  // calloc: what is not touched costs no memory.
  SharedBytes *s = calloc(1, sizeof *s + max_length);
  if (s == NULL) return NULL;
  atomic_init(&s->references, 1);
  s->growable = growable;
  atomic_init(&s->length, length);
  s->max_length = max_length;
  return s;
}

void vm_shared_bytes_retain(SharedBytes *s) {
  atomic_fetch_add_explicit(&s->references, 1, memory_order_relaxed);
}

void vm_shared_bytes_release(SharedBytes *s) {
  // Release: our writes come before the free; acquire: so do the others'.
  if (atomic_fetch_sub_explicit(&s->references, 1, memory_order_acq_rel) == 1)
    free(s);
}

// Layout ------------------------------------------------------------------

void vm_trace_array_buffer(GcTracer *tracer, GcCell *cell) {
  const ArrayBuffer *b = (const ArrayBuffer *)cell;
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &b->first_view);
  gc_trace_field(tracer, &b->views);
  gc_trace_field(tracer, &b->detach_key);
}

static void free_bytes(ArrayBuffer *b) {
  if (b->shared != NULL)
    vm_shared_bytes_release(b->shared);
  else if (b->release != NULL)
    b->release(b->release_data, b->bytes, b->length);
  else
    free(b->bytes);
}

void vm_finalize_array_buffer(GcHeap *heap, GcCell *cell) {
  ArrayBuffer *b = (ArrayBuffer *)cell;
  if (b->bytes == NULL) return;
  free_bytes(b);
  gc_external_adjust(heap, GC_EXTERNAL_BUFFERS, -(int64_t)b->accounted);
  b->bytes = NULL;
}

void vm_buffer_views_clear(GcTracer *tracer, GcCell *cell) {
  BufferViews *list = (BufferViews *)cell;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < cell->extra; i++)
    if (gc_is_marked(tracer, (uint64_t)(uintptr_t)list->views[i]))
      list->views[kept++] = list->views[i];
  cell->extra = kept;
}

void vm_trace_typed_array(GcTracer *tracer, GcCell *cell) {
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &((TypedArray *)cell)->buffer);
}

void vm_trace_data_view(GcTracer *tracer, GcCell *cell) {
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &((DataView *)cell)->buffer);
}

// Views -------------------------------------------------------------------

// Brings data, length and VIEW_OUT_OF_BOUNDS up to date (10.4.5.9 to 14).
static void refresh_view(TypedArray *t) {
  const ArrayBuffer *b = t->buffer;
  size_t bytes = buffer_length(b);
  unsigned shift = vm_element_shifts[typed_array_kind(t)];
  bool tracks = (t->view_flags & VIEW_TRACKS_LENGTH) != 0;
  if (buffer_is_detached(b) || t->byte_offset > bytes ||
      (!tracks && (bytes - t->byte_offset) >> shift < t->fixed_length)) {
    t->view_flags |= VIEW_OUT_OF_BOUNDS;
    t->length = t->store_length = 0;
    t->data = NULL;
    return;
  }
  t->view_flags &= ~(uint32_t)VIEW_OUT_OF_BOUNDS;
  t->length = tracks ? (bytes - t->byte_offset) >> shift : t->fixed_length;
  t->store_length = buffer_is_immutable(b) ? 0 : t->length;
  t->data = b->bytes == NULL ? NULL : b->bytes + t->byte_offset;
}

static void refresh_views(ArrayBuffer *b) {
  if (b->first_view != NULL) refresh_view(b->first_view);
  for (uint32_t i = 0; b->views != NULL && i < b->views->cell.extra; i++)
    refresh_view(b->views->views[i]);
}

static void add_view(Isolate *iso, ArrayBuffer *b, TypedArray *t) {
  if (b->first_view == NULL) {
    gc_store_pointer(iso->heap, &b->first_view, t);
    return;
  }
  BufferViews *list = b->views;
  if (list == NULL || list->cell.extra == list->capacity) {
    uint64_t count = list == NULL ? 0 : list->cell.extra;
    uint64_t capacity = count == 0 ? 2 : count * 2;
    size_t size = sizeof *list + capacity * sizeof list->views[0];
    BufferViews *grown = gc_allocate_any(iso->heap, size, CELL_BUFFER_VIEWS);
    if (grown == NULL) {
      // A view that its buffer does not know must not trust it.
      t->view_flags |= VIEW_OUT_OF_BOUNDS;
      t->length = t->store_length = 0;
      t->data = NULL;
      return;
    }
    grown->capacity = capacity;
    // Allocating may have let the collector shorten the list.
    count = list == NULL ? 0 : list->cell.extra;
    for (uint64_t i = 0; i < count; i++)
      grown->views[i] = list->views[i];
    grown->cell.extra = (uint32_t)count;
    gc_add_weak(iso->heap, grown);
    gc_store_pointer(iso->heap, &b->views, grown);
    list = grown;
  }
  list->views[list->cell.extra++] = t;
}

void vm_typed_array_attach(Isolate *iso, TypedArray *t, ElementKind kind,
                           ArrayBuffer *buffer, size_t byte_offset,
                           size_t length, bool tracks) {
  t->object.cell.aux = (uint16_t)kind;
  gc_publish(&t->buffer, buffer);
  t->byte_offset = byte_offset;
  t->fixed_length = tracks ? 0 : length;
  t->view_flags = tracks ? VIEW_TRACKS_LENGTH : 0;
  refresh_view(t);
  // A buffer that never changes under its views need not know them, but any
  // unshared one may be detached.
  if (buffer->shared == NULL || buffer->shared->growable)
    add_view(iso, buffer, t);
}

// Buffers -----------------------------------------------------------------

static const char allocation_failed[] = "Array buffer allocation failed";

// Makes the buffer own `bytes`.
static void own_bytes(Isolate *iso, ArrayBuffer *b, uint8_t *bytes,
                      size_t length, size_t max_length, size_t accounted) {
  b->bytes = bytes;
  b->length = length;
  b->max_length = max_length;
  b->accounted = accounted;
  gc_publish(&b->detach_key, VALUE_UNDEFINED);
  gc_add_finalizer(iso->heap, b);
  gc_external_adjust(iso->heap, GC_EXTERNAL_BUFFERS, (int64_t)accounted);
}

// The bytes of a cell that was allocated with room for them.
static ArrayBuffer *own_inline(ArrayBuffer *b, size_t length) {
  b->object.cell.aux = BUFFER_INLINE;
  b->bytes = b->inline_bytes;
  b->length = b->max_length = length;
  gc_publish(&b->detach_key, VALUE_UNDEFINED);
  return b;
}

// Room to grow into is addresses only, whatever malloc has at hand.
enum { MAPPED_BYTES = 64 << 10 };

static void unmap(void *max_length, uint8_t *bytes, size_t length) {
  (void)length;
  munmap(bytes, (size_t)max_length);
}

static uint8_t *reserve_bytes(size_t max_length, BufferRelease **release) {
  uint8_t *bytes = mmap(NULL, max_length, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (bytes == MAP_FAILED) return NULL;
  *release = unmap;
  return bytes;
}

static uint8_t *allocate_bytes(Isolate *iso, double length, double max_length,
                               BufferRelease **release) {
  uint8_t *bytes = NULL;
  *release = NULL;
  if (!vm_charge(iso, length < 1e12 ? (size_t)length / 4 : 0)) return NULL;
  if (max_length <= (double)BUFFER_MAX_BYTES &&
      gc_reserve_external(iso->heap, (size_t)length))
    bytes = max_length > length && max_length >= MAPPED_BYTES
                ? reserve_bytes((size_t)max_length, release)
                : calloc(1, max_length == 0 ? 1 : (size_t)max_length);
  if (bytes == NULL) vm_throw_range(iso, allocation_failed);
  return bytes;
}

// 25.1.3.1
ArrayBuffer *vm_array_buffer_allocate(Isolate *iso, Value new_target,
                                      double length, const double *max_length) {
  if (max_length != NULL && length > *max_length) {
    vm_throw_range(iso, "Invalid array buffer max length");
    return NULL;
  }
  bool is_inline = max_length == NULL && length <= BUFFER_MAX_INLINE;
  ArrayBuffer *b = vm_object_from_constructor(
      iso, new_target, INTRINSIC_ArrayBufferPrototype, CELL_ARRAY_BUFFER,
      sizeof *b + (is_inline ? (size_t)length : 0));
  if (b == NULL) return NULL;
  if (is_inline) return own_inline(b, (size_t)length);
  gc_publish(&b->detach_key, VALUE_UNDEFINED);
  double max = max_length != NULL ? *max_length : length;
  BufferRelease *release;
  uint8_t *bytes = allocate_bytes(iso, length, max, &release);
  if (bytes == NULL) return NULL;
  b->release = release;
  b->release_data = (void *)(uintptr_t)max;
  if (max_length != NULL) b->object.cell.aux = BUFFER_RESIZABLE;
  own_bytes(iso, b, bytes, (size_t)length, (size_t)max, (size_t)length);
  return b;
}

ArrayBuffer *vm_array_buffer_new(Isolate *iso, size_t length) {
  Object *prototype = INTRINSIC_OBJECT(iso, ArrayBufferPrototype);
  if (length <= BUFFER_MAX_INLINE)
    return own_inline(vm_object_allocate(iso, CELL_ARRAY_BUFFER,
                                         sizeof(ArrayBuffer) + length,
                                         prototype),
                      length);
  BufferRelease *release; // none: its length is its maximum
  uint8_t *bytes =
      allocate_bytes(iso, (double)length, (double)length, &release);
  if (bytes == NULL) return NULL;
  ArrayBuffer *b =
      vm_object_allocate(iso, CELL_ARRAY_BUFFER, sizeof *b,
                         INTRINSIC_OBJECT(iso, ArrayBufferPrototype));
  own_bytes(iso, b, bytes, length, length, length);
  return b;
}

ArrayBuffer *vm_array_buffer_adopt(Isolate *iso, uint8_t *bytes, size_t length,
                                   BufferRelease *release, void *release_data) {
  if (length > BUFFER_MAX_BYTES || !gc_reserve_external(iso->heap, length)) {
    vm_throw_range(iso, allocation_failed);
    return NULL;
  }
  ArrayBuffer *b =
      vm_object_allocate(iso, CELL_ARRAY_BUFFER, sizeof *b,
                         INTRINSIC_OBJECT(iso, ArrayBufferPrototype));
  b->release = release;
  b->release_data = release_data;
  own_bytes(iso, b, bytes, length, length, length);
  return b;
}

ArrayBuffer *vm_shared_array_buffer_new(Isolate *iso, SharedBytes *shared) {
  ArrayBuffer *b =
      vm_object_allocate(iso, CELL_SHARED_ARRAY_BUFFER, sizeof *b,
                         INTRINSIC_OBJECT(iso, SharedArrayBufferPrototype));
  vm_shared_bytes_retain(shared);
  vm_shared_array_buffer_attach(iso, b, shared);
  return b;
}

void vm_shared_array_buffer_attach(Isolate *iso, ArrayBuffer *b,
                                   SharedBytes *shared) {
  size_t length = atomic_load(&shared->length);
  b->shared = shared;
  if (shared->growable) b->object.cell.aux = BUFFER_RESIZABLE;
  own_bytes(iso, b, shared->bytes, length, shared->max_length, length);
}

static void forget_bytes(Isolate *iso, ArrayBuffer *b) {
  b->bytes = NULL;
  b->length = b->max_length = 0;
  b->object.cell.aux |= BUFFER_DETACHED;
  if (b->accounted != 0)
    gc_external_adjust(iso->heap, GC_EXTERNAL_BUFFERS, -(int64_t)b->accounted);
  b->accounted = 0;
  refresh_views(b);
}

bool vm_array_buffer_take(Isolate *iso, ArrayBuffer *b, uint8_t **bytes,
                          size_t *length, BufferRelease **release,
                          void **data) {
  if (buffer_is_detached(b)) {
    vm_throw_type(iso, "Cannot perform transfer on a detached ArrayBuffer");
    return false;
  }
  if (buffer_is_immutable(b)) {
    vm_throw_type(iso, "Cannot transfer an immutable ArrayBuffer");
    return false;
  }
  if (!vm_same_value(iso, b->detach_key, VALUE_UNDEFINED)) {
    vm_throw_type(iso, "Cannot perform transfer: wrong detach key");
    return false;
  }
  *bytes = b->bytes;
  if (b->object.cell.aux & BUFFER_INLINE) {
    *bytes = malloc(b->length == 0 ? 1 : b->length);
    if (*bytes == NULL) {
      vm_throw_out_of_memory(iso);
      return false;
    }
    memcpy(*bytes, b->bytes, b->length);
  }
  *length = b->length;
  *release = b->release;
  *data = b->release_data;
  forget_bytes(iso, b);
  return true;
}

// 25.1.3.5
bool vm_array_buffer_detach(Isolate *iso, ArrayBuffer *b, Value key) {
  if (!vm_same_value(iso, b->detach_key, key)) {
    vm_throw_type(iso, "Cannot detach ArrayBuffer: wrong key");
    return false;
  }
  if (buffer_is_detached(b)) return true;
  if (buffer_is_immutable(b)) {
    vm_throw_type(iso, "Cannot detach an immutable ArrayBuffer");
    return false;
  }
  if (!(b->object.cell.aux & BUFFER_INLINE)) free_bytes(b);
  forget_bytes(iso, b);
  return true;
}

bool vm_array_buffer_resize(Isolate *iso, ArrayBuffer *b, size_t length) {
  if (length > b->length &&
      !gc_reserve_external(iso->heap, length - b->length)) {
    vm_throw_range(iso, allocation_failed);
    return false;
  }
  // What lies behind the end is always zero, for when the buffer grows again.
  if (length < b->length) memset(b->bytes + length, 0, b->length - length);
  gc_external_adjust(iso->heap, GC_EXTERNAL_BUFFERS,
                     (int64_t)length - (int64_t)b->length);
  b->accounted = b->accounted + length - b->length;
  b->length = length;
  refresh_views(b);
  return true;
}

bool vm_shared_array_buffer_grow(Isolate *iso, ArrayBuffer *b, size_t length) {
  SharedBytes *s = b->shared;
  size_t now = atomic_load(&s->length);
  do {
    if (length < now || length > s->max_length) return false;
  } while (!atomic_compare_exchange_weak(&s->length, &now, length));
  if (iso->hooks != NULL && iso->hooks->shared_bytes_grown != NULL)
    iso->hooks->shared_bytes_grown(s);
  if (length > b->accounted) {
    gc_external_adjust(iso->heap, GC_EXTERNAL_BUFFERS,
                       (int64_t)(length - b->accounted));
    b->accounted = length;
  }
  b->length = length;
  refresh_views(b);
  return true;
}

// Typed arrays --------------------------------------------------------------

static const uint16_t prototype_of_kind[] = {
#define ELEMENT_TYPE(name, constructor, size, type)                            \
  [ELEMENT_##name] = INTRINSIC_##constructor##Prototype,
    VM_ELEMENT_TYPES(ELEMENT_TYPE)
#undef ELEMENT_TYPE
};

TypedArray *vm_typed_array_new(Isolate *iso, ElementKind kind,
                               ArrayBuffer *buffer, size_t byte_offset,
                               size_t length) {
  TypedArray *t =
      vm_object_allocate(iso, CELL_TYPED_ARRAY, sizeof *t,
                         iso->realm->intrinsics[prototype_of_kind[kind]]);
  vm_typed_array_attach(iso, t, kind, buffer, byte_offset, length, false);
  return t;
}

TypedArray *vm_typed_array_create(Isolate *iso, ElementKind kind,
                                  size_t length) {
  if (length > BUFFER_MAX_BYTES >> vm_element_shifts[kind]) {
    vm_throw_range(iso, "Invalid typed array length: %zu", length);
    return NULL;
  }
  ArrayBuffer *b = vm_array_buffer_new(iso, length << vm_element_shifts[kind]);
  return b == NULL ? NULL : vm_typed_array_new(iso, kind, b, 0, length);
}

size_t vm_typed_array_length(TypedArray *t) {
  // Only shared bytes change without telling their views.
  if (unlikely(t->buffer->shared != NULL)) refresh_view(t);
  return t->length;
}

bool vm_typed_array_is_out_of_bounds(TypedArray *t) {
  if (unlikely(t->buffer->shared != NULL)) refresh_view(t);
  return (t->view_flags & VIEW_OUT_OF_BOUNDS) != 0;
}

// 23.2.4.4
TypedArray *vm_typed_array_validate(Isolate *iso, Value v, size_t *length) {
  if (unlikely(!value_is_typed_array(v))) {
    vm_throw_type(iso, "this is not a typed array.");
    return NULL;
  }
  TypedArray *t = (TypedArray *)value_as_cell(v);
  if (unlikely(vm_typed_array_is_out_of_bounds(t))) {
    vm_throw_type(iso, buffer_is_detached(t->buffer)
                           ? "Cannot perform the operation on a detached "
                             "ArrayBuffer"
                           : "The typed array is out of bounds");
    return NULL;
  }
  *length = t->length;
  return t;
}

TypedArray *vm_typed_array_validate_writable(Isolate *iso, Value v,
                                             size_t *length) {
  if (value_is_typed_array(v) &&
      buffer_is_immutable(((TypedArray *)value_as_cell(v))->buffer)) {
    vm_throw_type(iso,
                  "Cannot modify a typed array on an immutable "
                  "ArrayBuffer");
    return NULL;
  }
  return vm_typed_array_validate(iso, v, length);
}

// DataView --------------------------------------------------------------------

bool vm_data_view_range(const DataView *v, uint8_t **bytes, size_t *length) {
  const ArrayBuffer *b = v->buffer;
  size_t now = buffer_length(b);
  bool tracks = (v->view_flags & VIEW_TRACKS_LENGTH) != 0;
  if (buffer_is_detached(b) || v->byte_offset > now ||
      (!tracks && now - v->byte_offset < v->fixed_length))
    return false;
  *bytes = b->bytes + v->byte_offset;
  *length = tracks ? now - v->byte_offset : v->fixed_length;
  return true;
}

DataView *vm_data_view_new(Isolate *iso, ArrayBuffer *buffer,
                           size_t byte_offset, size_t length) {
  DataView *v = vm_object_allocate(iso, CELL_DATA_VIEW, sizeof *v,
                                   INTRINSIC_OBJECT(iso, DataViewPrototype));
  gc_publish(&v->buffer, buffer);
  v->byte_offset = byte_offset;
  v->fixed_length = length;
  return v;
}
