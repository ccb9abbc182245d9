// SPDX-License-Identifier: MIT
// What the self-hosted methods of typed arrays need from C: sorting by value,
// and copies between arrays and lists (ECMA-262 23.2.3.29, 23.2.4.7).
#include <stdlib.h>

#include "vm/builtins/typed_array.h"
#include "vm/objects/charge.h"
#include "vm/objects/operations.h"

// Elements are sorted by keys that order as unsigned integers: signed integers
// with the sign bit flipped; floats with all bits flipped if negative, else the
// sign bit. So -0 comes before +0; NaNs are made the greatest.
static uint64_t key_of(ElementKind kind, uint64_t bits) {
  switch (kind) {
  case ELEMENT_INT8:
    return bits ^ 0x80;
  case ELEMENT_INT16:
    return bits ^ 0x8000;
  case ELEMENT_INT32:
    return bits ^ 0x80000000;
  case ELEMENT_BIGINT64:
    return bits ^ UINT64_C(1) << 63;
  case ELEMENT_FLOAT16:
    if ((bits & 0x7fff) > 0x7c00) return 0xffff;
    return bits & 0x8000 ? ~bits & 0xffff : bits | 0x8000;
  case ELEMENT_FLOAT32:
    if ((bits & 0x7fffffff) > 0x7f800000) return 0xffffffff;
    return bits & 0x80000000 ? ~bits & 0xffffffff : bits | 0x80000000;
  case ELEMENT_FLOAT64:
    if (bits << 1 > UINT64_C(0xffe0000000000000)) return UINT64_MAX;
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
  default:
    return bits;
  }
}
static uint64_t bits_of(ElementKind kind, uint64_t key) {
  switch (kind) {
  case ELEMENT_FLOAT16:
    if (key == 0xffff) return 0x7e00;
    return key & 0x8000 ? key & 0x7fff : ~key & 0xffff;
  case ELEMENT_FLOAT32:
    if (key == 0xffffffff) return 0x7fc00000;
    return key & 0x80000000 ? key & 0x7fffffff : ~key & 0xffffffff;
  case ELEMENT_FLOAT64:
    if (key == UINT64_MAX) return UINT64_C(0x7ff8000000000000);
    return key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
  default:
    return key_of(kind, key);
  }
}

static void insertion_sort(uint64_t *keys, size_t count) {
  for (size_t i = 1; i < count; i++) {
    uint64_t key = keys[i];
    size_t k = i;
    for (; k > 0 && keys[k - 1] > key; k--)
      keys[k] = keys[k - 1];
    keys[k] = key;
  }
}

// Least significant byte first; a byte that is the same everywhere is skipped.
static void radix_sort(uint64_t *keys, uint64_t *other, size_t count,
                       unsigned bytes) {
  uint64_t *from = keys, *to = other;
  for (unsigned byte = 0; byte < bytes; byte++) {
    unsigned shift = byte * 8;
    size_t starts[256] = {0};
    for (size_t i = 0; i < count; i++)
      starts[from[i] >> shift & 0xff]++;
    if (starts[from[0] >> shift & 0xff] == count) continue;
    size_t sum = 0;
    for (unsigned i = 0; i < 256; i++) {
      size_t n = starts[i];
      starts[i] = sum;
      sum += n;
    }
    for (size_t i = 0; i < count; i++)
      to[starts[from[i] >> shift & 0xff]++] = from[i];
    uint64_t *swap = from;
    from = to;
    to = swap;
  }
  if (from != keys) memcpy(keys, from, count * sizeof *keys);
}

Value vm_intrinsic_typed_array_sort(Isolate *iso, const NativeCall *call) {
  size_t count;
  TypedArray *t =
      vm_typed_array_validate(iso, native_argument(call, 0), &count);
  if (t == NULL) return VALUE_EXCEPTION;
  if (count < 2) return call->argv[0];
  ElementKind kind = typed_array_kind(t);
  unsigned shift = vm_element_shifts[kind], size = 1u << shift;
  // Sorted beside the array: shared bytes may change meanwhile.
  uint64_t stack[64], *keys = stack;
  bool small = count <= 32;
  if (!small) {
    if (!vm_charge(iso, count * 16)) return VALUE_EXCEPTION;
    keys = malloc(count * 2 * sizeof *keys);
    if (keys == NULL) return vm_throw_out_of_memory(iso);
  }
  for (size_t i = 0; i < count; i++) {
    uint64_t bits = 0;
    memcpy(&bits, t->data + (i << shift), size);
    keys[i] = key_of(kind, bits);
  }
  if (small)
    insertion_sort(keys, count);
  else
    radix_sort(keys, keys + count, count, size);
  for (size_t i = 0; i < count; i++) {
    uint64_t bits = bits_of(kind, keys[i]);
    memcpy(t->data + (i << shift), &bits, size);
  }
  if (!small) free(keys);
  return call->argv[0];
}

Value vm_intrinsic_typed_array_validate(Isolate *iso, const NativeCall *call) {
  size_t length;
  Value v = native_argument(call, 0);
  TypedArray *t = vm_to_boolean(native_argument(call, 1))
                      ? vm_typed_array_validate_writable(iso, v, &length)
                      : vm_typed_array_validate(iso, v, &length);
  return t != NULL ? value_from_number((double)length) : VALUE_EXCEPTION;
}

Value vm_intrinsic_typed_array_species_create(Isolate *iso,
                                              const NativeCall *call) {
  TypedArray *t = vm_typed_array_species_create(
      iso, (TypedArray *)value_as_cell(call->argv[0]),
      value_as_number(call->argv[1]));
  return t != NULL ? value_from_cell(t) : VALUE_EXCEPTION;
}

Value vm_intrinsic_typed_array_create_from(Isolate *iso,
                                           const NativeCall *call) {
  TypedArray *t = vm_typed_array_create_from(iso, call->argv[0],
                                             value_as_number(call->argv[1]));
  return t != NULL ? value_from_cell(t) : VALUE_EXCEPTION;
}

Value vm_intrinsic_typed_array_to_list(Isolate *iso, const NativeCall *call) {
  TypedArray *t = (TypedArray *)value_as_cell(call->argv[0]);
  double length = value_as_number(call->argv[1]);
  Array *list = vm_array_new(iso, 0);
  for (size_t i = 0; i < length && i < t->length; i++) {
    Value v = vm_typed_array_load(iso, t, i);
    if (value_is_exception(v) || !vm_array_push(iso, list, v))
      return VALUE_EXCEPTION;
  }
  return value_from_cell(list);
}

Value vm_intrinsic_typed_array_write_back(Isolate *iso,
                                          const NativeCall *call) {
  TypedArray *t = (TypedArray *)value_as_cell(call->argv[0]);
  const Elements *list = value_as_object(call->argv[1])->elements;
  size_t length = vm_typed_array_length(t);
  ElementKind kind = typed_array_kind(t);
  for (size_t i = 0; i < elements_length(list) && i < length; i++)
    vm_element_store(kind, t->data + (i << vm_element_shifts[kind]),
                     list->values[i]);
  return call->argv[0];
}
