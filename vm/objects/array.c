// SPDX-License-Identifier: MIT
// Arrays: creation, growth, and the exotic length.
#include "vm/objects/array.h"
#include "vm/objects/elements.h"
#include "vm/objects/operations.h"
#include "vm/objects/proxy.h"
#include "vm/objects/shape_internal.h"

// A length alone reserves no more than this.
enum { MAX_RESERVED = 1 << 16 };

Array *vm_array_new(Isolate *iso, uint32_t length_hint) {
  Array *a = gc_allocate(iso->heap, sizeof(Array), CELL_ARRAY);
  a->object.shape = iso->realm->array_shape;
  a->object.elements = iso->empty_elements;
  if (length_hint != 0) {
    if (length_hint > MAX_RESERVED) length_hint = MAX_RESERVED;
    // A hint: without memory the array simply starts small, and whoever fills
    // it gets the error.
    if (!vm_elements_reserve(iso, &a->object, length_hint)) {
      vm_forget_exception(iso);
    }
  }
  return a;
}

Array *vm_array_from(Isolate *iso, const Value *values, uint32_t count) {
  Array *a = vm_array_new(iso, 0);
  if (count == 0) return a;
  Elements *e = vm_elements_from(iso, values, count);
  if (e == NULL) return NULL;
  gc_publish(&a->object.elements, e);
  a->length = count;
  return a;
}

bool vm_array_append(Isolate *iso, Array *a, const Value *values,
                     uint32_t count) {
  uint32_t length = a->length;
  if (unlikely(count > UINT32_MAX - length)) {
    vm_throw_range(iso, "Invalid array length");
    return false;
  }
  uint32_t wanted = length + count;
  if (a->object.elements == iso->empty_elements && count != 0) {
    Elements *made = vm_elements_from(iso, values, count);
    if (made == NULL) return false;
    gc_store_pointer(iso->heap, &a->object.elements, made);
    a->length = count;
    return true;
  }
  if (!vm_elements_make_room(iso, &a->object, wanted)) return false;
  Elements *e = a->object.elements;
  gc_barrier_range(iso->heap, &e->values[length], count);
  gc_move_words(&e->values[length], values, count);
  __atomic_store_n(&e->cell.extra, wanted, __ATOMIC_RELEASE);
  a->length = wanted;
  return true;
}

bool vm_array_push(Isolate *iso, Array *a, Value value) {
  Elements *e = a->object.elements;
  uint32_t length = a->length;
  if (likely(length < e->capacity && elements_length(e) == length)) {
    gc_store_word(iso->heap, &e->values[length], value);
    e->cell.extra = length + 1;
    a->length = length + 1;
    return true;
  }
  if (unlikely(length == UINT32_MAX)) {
    vm_throw_range(iso, "Invalid array length");
    return false;
  }
  return vm_elements_put(iso, &a->object, length, value);
}

Tri vm_array_set_length(Isolate *iso, Array *a, uint32_t length) {
  if (a->object.cell.flags & OBJECT_LENGTH_READ_ONLY) {
    return length == a->length;
  }
  if (length < a->length) {
    uint32_t reached = vm_elements_truncate(iso, &a->object, length);
    a->length = reached;
    return reached == length;
  }
  a->length = length;
  return 1;
}

Tri vm_array_define_length(Isolate *iso, Array *a,
                           const PropertyDescriptor *d) {
  uint32_t length = a->length;
  if (d->value != VALUE_EMPTY) {
    double number;
    if (value_is_int(d->value) && value_as_int(d->value) >= 0) {
      length = (uint32_t)value_as_int(d->value);
    } else {
      if (!vm_to_uint32(iso, d->value, &length)) return TRI_THREW;
      if (!vm_to_double(iso, d->value, &number)) return TRI_THREW;
      if ((double)length != number) {
        vm_throw_range(iso, "Invalid array length");
        return TRI_THREW;
      }
    }
  }
  // The conversions may have run script code: look at the array only now.
  bool read_only = (a->object.cell.flags & OBJECT_LENGTH_READ_ONLY) != 0;
  if (descriptor_is_accessor(d)) return 0;
  if (d->present & d->attributes &
      (PROPERTY_CONFIGURABLE | PROPERTY_ENUMERABLE)) {
    return 0;
  }
  bool wants_writable = (d->present & d->attributes & PROPERTY_WRITABLE) != 0;
  if (read_only && wants_writable) return 0;
  Tri ok = 1;
  if (d->value != VALUE_EMPTY && length != a->length) {
    if (read_only) return 0;
    ok = vm_array_set_length(iso, a, length);
  }
  if ((d->present & PROPERTY_WRITABLE) && !wants_writable) {
    a->object.cell.flags |= OBJECT_LENGTH_READ_ONLY;
    // Dense vectors grow without asking; sparse ones do not.
    if (!vm_elements_make_sparse(iso, &a->object)) return TRI_THREW;
  }
  return ok;
}

// ECMA-262 7.2.2
Tri vm_is_array(Isolate *iso, Value v) {
  while (value_is_object(v)) {
    CellKind kind = object_kind(value_as_object(v));
    if (kind == CELL_ARRAY) return 1;
    if (kind != CELL_PROXY) return 0;
    v = vm_proxy_target(iso, value_as_object(v));
    if (value_is_exception(v)) return TRI_THREW;
  }
  return 0;
}
