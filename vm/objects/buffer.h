// SPDX-License-Identifier: MIT
// ArrayBuffer, SharedArrayBuffer, TypedArray and DataView (ECMA-262 25.1, 25.2,
// 10.4.5, 25.3): layouts, and how to reach their bytes.
//
// Bytes live outside the heap, or in the buffer's cell if they are few, and
// never move while their buffer keeps them: a resizable buffer reserves its
// maximum at once. A typed array caches the
// address of its first element and its length *as they are now*: the buffer
// knows its views (weakly) and rewrites the caches when it is detached, resized
// or transferred. So element i of a typed array is read like this, with no look
// at the buffer:
//
//   value_is_kind(v, CELL_TYPED_ARRAY) && i < array->length
//     -> array->data[i * size], of kind array->object.cell.aux (ElementKind)
//
// A detached or out-of-bounds array has length 0 there. Of a growable
// SharedArrayBuffer, whose length other threads increase, `length` is what was
// last seen: a lower bound, since it never shrinks. Whoever needs the exact
// length calls vm_typed_array_length.
//
// Shared bytes may change at any time: read and write them by single plain
// accesses of the element's size.
#ifndef RILL_VM_OBJECTS_BUFFER_H
#define RILL_VM_OBJECTS_BUFFER_H

#include <stdatomic.h>

#include "vm/objects/operations.h"

// The element types: ELEMENT_TYPE(NAME, constructor, size in bytes, C type).
#define VM_ELEMENT_TYPES(ELEMENT_TYPE)                                         \
  ELEMENT_TYPE(INT8, Int8Array, 1, int8_t)                                     \
  ELEMENT_TYPE(UINT8, Uint8Array, 1, uint8_t)                                  \
  ELEMENT_TYPE(UINT8_CLAMPED, Uint8ClampedArray, 1, uint8_t)                   \
  ELEMENT_TYPE(INT16, Int16Array, 2, int16_t)                                  \
  ELEMENT_TYPE(UINT16, Uint16Array, 2, uint16_t)                               \
  ELEMENT_TYPE(INT32, Int32Array, 4, int32_t)                                  \
  ELEMENT_TYPE(UINT32, Uint32Array, 4, uint32_t)                               \
  ELEMENT_TYPE(FLOAT32, Float32Array, 4, float)                                \
  ELEMENT_TYPE(FLOAT64, Float64Array, 8, double)                               \
  ELEMENT_TYPE(FLOAT16, Float16Array, 2, uint16_t)                             \
  ELEMENT_TYPE(BIGINT64, BigInt64Array, 8, int64_t)                            \
  ELEMENT_TYPE(BIGUINT64, BigUint64Array, 8, uint64_t)
typedef enum {
#define ELEMENT_TYPE(name, constructor, size, type) ELEMENT_##name,
  VM_ELEMENT_TYPES(ELEMENT_TYPE)
#undef ELEMENT_TYPE
      ELEMENT_KIND_COUNT
} ElementKind;
// log2 of the element's size.
extern const uint8_t vm_element_shifts[ELEMENT_KIND_COUNT];
static inline bool element_is_bigint(ElementKind kind) {
  return kind >= ELEMENT_BIGINT64;
}

// A typed array's or buffer's length cannot pass this many bytes: indices are
// exact doubles and allocation sizes stay sane.
#define BUFFER_MAX_BYTES ((UINT64_C(1) << 36))

// Bytes that several isolates see. Counted; any thread.
typedef struct SharedBytes {
  _Atomic uint32_t references;
  bool growable;
  _Atomic size_t length;            // grows only
  size_t max_length;                // allocated from the start
  struct SharedInFlight *in_flight; // the host's: who has sent them
  uint8_t bytes[] __attribute__((aligned(16)));
} SharedBytes;
// Zeroed. NULL: out of memory.
SharedBytes *vm_shared_bytes_new(size_t length, size_t max_length,
                                 bool growable);
void vm_shared_bytes_retain(SharedBytes *);
void vm_shared_bytes_release(SharedBytes *);

enum {
  BUFFER_DETACHED = 1 << 0,
  BUFFER_RESIZABLE = 1 << 1, // or growable
  BUFFER_IMMUTABLE = 1 << 2,
  BUFFER_INLINE = 1 << 3, // the bytes follow the struct
};

typedef void BufferRelease(void *data, uint8_t *bytes, size_t length);

// The views of a buffer, held weakly. CELL_BUFFER_VIEWS.
typedef struct BufferViews BufferViews;

typedef struct TypedArray TypedArray;

// CELL_ARRAY_BUFFER and CELL_SHARED_ARRAY_BUFFER.
typedef struct ArrayBuffer {
  Object object;     // aux: BUFFER_*
  uint8_t *bytes;    // NULL: detached, or no bytes
  size_t length;     // now; of shared bytes: a lower bound, see buffer_length
  size_t max_length; // of a resizable buffer; else the length
  SharedBytes *shared;
  BufferRelease *release; // frees the bytes; NULL: free()
  void *release_data;
  TypedArray *first_view; // strong: mostly the only one
  BufferViews *views;     // the further ones, weak; NULL: none yet
  size_t accounted;       // bytes told to gc_external_adjust
  Value detach_key;       // [[ArrayBufferDetachKey]]
  uint8_t inline_bytes[] __attribute__((aligned(16)));
} ArrayBuffer;
// Unshared, fixed-length buffers up to this length have their bytes in the
// cell: no allocation of their own, nothing to finalize.
#define BUFFER_MAX_INLINE 2048

enum {
  VIEW_TRACKS_LENGTH = 1 << 0, // [[ArrayLength]] is auto
  VIEW_OUT_OF_BOUNDS = 1 << 1, // as of the last change of the buffer
};

// CELL_TYPED_ARRAY.
struct TypedArray {
  Object object;       // aux: ElementKind
  uint8_t *data;       // first element; only good below `length`
  size_t length;       // elements that can be accessed now
  size_t store_length; // the same, or 0 if the buffer is immutable
  ArrayBuffer *buffer;
  size_t byte_offset;
  size_t fixed_length; // [[ArrayLength]], unless VIEW_TRACKS_LENGTH
  uint32_t view_flags;
};

// CELL_DATA_VIEW.
typedef struct DataView {
  Object object;
  ArrayBuffer *buffer;
  size_t byte_offset;
  size_t fixed_length; // bytes, unless VIEW_TRACKS_LENGTH
  uint32_t view_flags;
} DataView;

static inline bool buffer_is_shared(const ArrayBuffer *b) {
  return b->shared != NULL;
}
static inline bool buffer_is_detached(const ArrayBuffer *b) {
  return (b->object.cell.aux & BUFFER_DETACHED) != 0;
}
static inline bool buffer_is_resizable(const ArrayBuffer *b) {
  return (b->object.cell.aux & BUFFER_RESIZABLE) != 0;
}
static inline bool buffer_is_immutable(const ArrayBuffer *b) {
  return (b->object.cell.aux & BUFFER_IMMUTABLE) != 0;
}
// ArrayBufferByteLength, 0 when detached.
static inline size_t buffer_length(const ArrayBuffer *b) {
  return b->shared != NULL
             ? atomic_load_explicit(&b->shared->length, memory_order_seq_cst)
             : b->length;
}
static inline ElementKind typed_array_kind(const TypedArray *t) {
  return (ElementKind)t->object.cell.aux;
}
static inline bool value_is_typed_array(Value v) {
  return value_is_kind(v, CELL_TYPED_ARRAY);
}
static inline bool value_is_array_buffer(Value v) {
  return value_is_kind(v, CELL_ARRAY_BUFFER);
}
static inline bool value_is_any_buffer(Value v) {
  return value_is_kind(v, CELL_ARRAY_BUFFER) ||
         value_is_kind(v, CELL_SHARED_ARRAY_BUFFER);
}

// Buffers -----------------------------------------------------------------

// A new %ArrayBuffer% of zeroed bytes. NULL: threw (RangeError).
ArrayBuffer *vm_array_buffer_new(Isolate *, size_t length) VM_CHECKED;
// The same around bytes of the caller, freed by `release` (NULL: free()). On
// failure (NULL, threw) the bytes stay the caller's.
ArrayBuffer *vm_array_buffer_adopt(Isolate *, uint8_t *bytes, size_t length,
                                   BufferRelease *release,
                                   void *release_data) VM_CHECKED;
// A SharedArrayBuffer over shared bytes; takes a reference of its own.
ArrayBuffer *vm_shared_array_buffer_new(Isolate *, SharedBytes *) VM_CHECKED;
// Gives a new object of kind CELL_SHARED_ARRAY_BUFFER its bytes; takes over the
// caller's reference.
void vm_shared_array_buffer_attach(Isolate *, ArrayBuffer *, SharedBytes *);
// Grows growable shared bytes. False: `length` is less than the current length
// or more than the maximum.
bool vm_shared_array_buffer_grow(Isolate *, ArrayBuffer *, size_t length);
// AllocateArrayBuffer with new.target; max_length NULL: fixed.
ArrayBuffer *vm_array_buffer_allocate(Isolate *, Value new_target,
                                      double length,
                                      const double *max_length) VM_CHECKED;
// DetachArrayBuffer: TypeError if the key differs. False: threw. The buffer is
// not shared.
bool vm_array_buffer_detach(Isolate *, ArrayBuffer *, Value key) VM_CHECKED;
// Moves the bytes out of a buffer and detaches it (structured clone with
// transfer): the caller owns them, to be freed by *release with *data.
bool vm_array_buffer_take(Isolate *, ArrayBuffer *, uint8_t **bytes,
                          size_t *length, BufferRelease **release,
                          void **data) VM_CHECKED;
// Sets the length of a resizable buffer, at most max_length. Not for shared
// ones. False: threw.
bool vm_array_buffer_resize(Isolate *, ArrayBuffer *, size_t length) VM_CHECKED;

// Typed arrays --------------------------------------------------------------

// A view of the intrinsic constructor's prototype. The range lies within the
// buffer and the offset is aligned: the caller has checked.
TypedArray *vm_typed_array_new(Isolate *, ElementKind, ArrayBuffer *,
                               size_t byte_offset, size_t length);
// A new buffer and its view. NULL: threw.
TypedArray *vm_typed_array_create(Isolate *, ElementKind,
                                  size_t length) VM_CHECKED;
// A typed array of the caller's allocation (vm_object_allocate), its fields
// unset; tracks: the length follows the buffer's. Checks as above.
void vm_typed_array_attach(Isolate *, TypedArray *, ElementKind, ArrayBuffer *,
                           size_t byte_offset, size_t length, bool tracks);
// Elements that can be accessed now; 0 if detached or out of bounds.
size_t vm_typed_array_length(TypedArray *);
// IsTypedArrayOutOfBounds, detached included.
bool vm_typed_array_is_out_of_bounds(TypedArray *);
// ValidateTypedArray: NULL if it threw, else the array whose current length is
// in *length.
TypedArray *vm_typed_array_validate(Isolate *, Value,
                                    size_t *length) VM_CHECKED;

// The same for an array that will be written: its buffer is not immutable.
TypedArray *vm_typed_array_validate_writable(Isolate *, Value,
                                             size_t *length) VM_CHECKED;

// The element at an index below `length`. VALUE_EXCEPTION: out of memory for a
// BigInt.
Value vm_typed_array_load(Isolate *, const TypedArray *, size_t index);
// TypedArraySetElement (10.4.5.16): converts first, then stores if the index is
// still valid. False: threw.
bool vm_typed_array_set(Isolate *, TypedArray *, double index,
                        Value) VM_CHECKED;
// Stores a Number (or, for BigInt kinds, a BigInt) at an address.
void vm_element_store(ElementKind, uint8_t *address, Value numeric);
Value vm_element_load(Isolate *, ElementKind, const uint8_t *address);
// The element kind's conversion of a number, ToInt8 ... (7.1.10).
uint8_t vm_to_uint8_clamp(double);

static inline double vm_load_double(const uint8_t *p) {
  double d;
  memcpy(&d, p, sizeof d);
  return d;
}
static inline float vm_load_float(const uint8_t *p) {
  float f;
  memcpy(&f, p, sizeof f);
  return f;
}

// The fast read: VALUE_EMPTY if the index is out of range or the kind is not
// one of the plain ones.
static inline Value typed_array_get_fast(const TypedArray *t, uint32_t index) {
  if (unlikely(index >= t->length)) return VALUE_EMPTY;
  const uint8_t *data = t->data;
  switch (typed_array_kind(t)) {
  case ELEMENT_INT8:
    return value_from_int(((const int8_t *)data)[index]);
  case ELEMENT_UINT8:
  case ELEMENT_UINT8_CLAMPED:
    return value_from_int(data[index]);
  case ELEMENT_INT16:
    return value_from_int(((const int16_t *)data)[index]);
  case ELEMENT_UINT16:
    return value_from_int(((const uint16_t *)data)[index]);
  case ELEMENT_INT32:
    return value_from_int(((const int32_t *)data)[index]);
  case ELEMENT_UINT32:
    return value_from_uint32(((const uint32_t *)data)[index]);
  case ELEMENT_FLOAT32:
    return value_from_double((double)vm_load_float(data + (size_t)index * 4));
  case ELEMENT_FLOAT64:
    return value_from_double(vm_load_double(data + (size_t)index * 8));
  default:
    return VALUE_EMPTY;
  }
}

// The fast write of a Number: false if it is not for this path (index out of
// range, another kind of value or element): nothing is stored then.
static inline bool typed_array_set_fast(TypedArray *t, uint32_t index,
                                        Value value) {
  if (unlikely(index >= t->store_length || !value_is_number(value)))
    return false;
  uint8_t *data = t->data;
  ElementKind kind = typed_array_kind(t);
  if (kind == ELEMENT_FLOAT64) {
    double d = value_as_number(value);
    memcpy(data + (size_t)index * 8, &d, sizeof d);
    return true;
  }
  if (kind == ELEMENT_FLOAT32) {
    float f = (float)value_as_number(value);
    memcpy(data + (size_t)index * 4, &f, sizeof f);
    return true;
  }
  int32_t i;
  if (likely(value_is_int(value))) {
    i = value_as_int(value);
  } else {
    double d = value_as_double(value);
    if (kind == ELEMENT_UINT8_CLAMPED) {
      data[index] = vm_to_uint8_clamp(d);
      return true;
    }
    i = d > -2147483649.0 && d < 2147483648.0 ? (int32_t)d
                                              : vm_double_to_int32(d);
  }
  switch (kind) {
  case ELEMENT_INT8:
  case ELEMENT_UINT8:
    data[index] = (uint8_t)i;
    return true;
  case ELEMENT_UINT8_CLAMPED:
    data[index] = i < 0 ? 0 : i > 255 ? 255 : (uint8_t)i;
    return true;
  case ELEMENT_INT16:
  case ELEMENT_UINT16:
    ((uint16_t *)data)[index] = (uint16_t)i;
    return true;
  case ELEMENT_INT32:
  case ELEMENT_UINT32:
    ((uint32_t *)data)[index] = (uint32_t)i;
    return true;
  default:
    return false;
  }
}

// DataView -------------------------------------------------------------------

// The view's bytes now: false if it is out of bounds or detached.
bool vm_data_view_range(const DataView *, uint8_t **bytes, size_t *length);
DataView *vm_data_view_new(Isolate *, ArrayBuffer *, size_t byte_offset,
                           size_t length);

#endif
