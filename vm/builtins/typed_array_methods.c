// SPDX-License-Identifier: MIT
// %TypedArray.prototype%: accessors and the methods that move, copy and write
// elements, ECMA-262 23.2.3. Methods with callbacks are in
// self_hosted/typed_array.js, searching ones in typed_array_search.c.
#include <math.h>
#include <stdlib.h>

#include "vm/builtins/array_access.h"
#include "vm/builtins/typed_array.h"
#include "vm/objects/charge.h"
#include "vm/objects/iterator_object.h"
#include "vm/objects/operations.h"

static inline uint8_t *element_address(const TypedArray *t, size_t index) {
  return t->data + (index << vm_element_shifts[typed_array_kind(t)]);
}

static TypedArray *this_array(Isolate *iso, const NativeCall *call) {
  if (likely(value_is_typed_array(call->this_value)))
    return (TypedArray *)value_as_cell(call->this_value);
  vm_throw_type(iso, "this is not a typed array.");
  return NULL;
}

// 23.2.3.2
static Value get_buffer(Isolate *iso, const NativeCall *call) {
  TypedArray *t = this_array(iso, call);
  return t != NULL ? value_from_cell(t->buffer) : VALUE_EXCEPTION;
}

// 23.2.3.3
static Value get_byte_length(Isolate *iso, const NativeCall *call) {
  TypedArray *t = this_array(iso, call);
  if (t == NULL) return VALUE_EXCEPTION;
  return value_from_number((double)(vm_typed_array_length(t)
                                    << vm_element_shifts[typed_array_kind(t)]));
}

// 23.2.3.4
static Value get_byte_offset(Isolate *iso, const NativeCall *call) {
  TypedArray *t = this_array(iso, call);
  if (t == NULL) return VALUE_EXCEPTION;
  return value_from_number(
      vm_typed_array_is_out_of_bounds(t) ? 0 : (double)t->byte_offset);
}

// 23.2.3.21
Value vm_typed_array_get_length(Isolate *iso, const NativeCall *call) {
  TypedArray *t = this_array(iso, call);
  if (t == NULL) return VALUE_EXCEPTION;
  return value_from_number((double)vm_typed_array_length(t));
}

// 23.2.3.38
static Value get_tag(Isolate *iso, const NativeCall *call) {
  if (!value_is_typed_array(call->this_value)) return VALUE_UNDEFINED;
  TypedArray *t = (TypedArray *)value_as_cell(call->this_value);
  return value_from_cell(
      vm_atom_from_c(vm_typed_array_names[typed_array_kind(t)]));
}

bool vm_typed_array_length_or_throw(Isolate *iso, Object *o, double *length) {
  size_t now;
  if (vm_typed_array_validate(iso, value_from_cell(o), &now) == NULL)
    return false;
  *length = (double)now;
  return true;
}

// entries, keys, values; magic: IterationKind.
static Value make_iterator(Isolate *iso, const NativeCall *call) {
  size_t length;
  if (vm_typed_array_validate(iso, call->this_value, &length) == NULL)
    return VALUE_EXCEPTION;
  return value_from_cell(vm_iterator_object_new(
      iso, INTRINSIC_OBJECT(iso, ArrayIteratorPrototype), ITERATOR_ARRAY,
      (IterationKind)native_magic(call), call->this_value));
}

// 23.2.3.1
static Value typed_array_at(Isolate *iso, const NativeCall *call) {
  size_t length;
  TypedArray *t = vm_typed_array_validate(iso, call->this_value, &length);
  double index;
  if (t == NULL ||
      !vm_to_integer_or_infinity(iso, native_argument(call, 0), &index))
    return VALUE_EXCEPTION;
  if (index < 0) index += (double)length;
  if (index < 0 || index >= (double)vm_typed_array_length(t))
    return VALUE_UNDEFINED;
  return vm_typed_array_load(iso, t, (size_t)index);
}

// 23.2.3.6
static Value typed_array_copy_within(Isolate *iso, const NativeCall *call) {
  size_t length;
  TypedArray *t =
      vm_typed_array_validate_writable(iso, call->this_value, &length);
  double to, from, end, n = (double)length;
  if (t == NULL ||
      !vm_to_relative_index(iso, native_argument(call, 0), n, 0, &to) ||
      !vm_to_relative_index(iso, native_argument(call, 1), n, 0, &from) ||
      !vm_to_relative_index(iso, native_argument(call, 2), n, n, &end))
    return VALUE_EXCEPTION;
  double count = fmin(end - from, n - to);
  if (count > 0) {
    // The conversions may have shrunk the buffer.
    if (vm_typed_array_validate(iso, call->this_value, &length) == NULL)
      return VALUE_EXCEPTION;
    n = (double)length;
    count = fmin(count, fmin(n - from, n - to));
    if (!vm_charge(iso, count > 0 ? (size_t)count / 2 : 0))
      return VALUE_EXCEPTION;
    if (count > 0)
      memmove(element_address(t, (size_t)to), element_address(t, (size_t)from),
              (size_t)count << vm_element_shifts[typed_array_kind(t)]);
  }
  return call->this_value;
}

static Value to_element(Isolate *iso, const TypedArray *t, Value v) {
  return element_is_bigint(typed_array_kind(t)) ? vm_to_bigint(iso, v)
         : value_is_number(v)                   ? v
                                                : vm_to_number(iso, v);
}

// 23.2.3.9
static Value typed_array_fill(Isolate *iso, const NativeCall *call) {
  size_t length;
  TypedArray *t =
      vm_typed_array_validate_writable(iso, call->this_value, &length);
  if (t == NULL) return VALUE_EXCEPTION;
  Value value = to_element(iso, t, native_argument(call, 0));
  double first, last, n = (double)length;
  if (value_is_exception(value) ||
      !vm_to_relative_index(iso, native_argument(call, 1), n, 0, &first) ||
      !vm_to_relative_index(iso, native_argument(call, 2), n, n, &last) ||
      vm_typed_array_validate(iso, call->this_value, &length) == NULL)
    return VALUE_EXCEPTION;
  if (last > (double)length) last = (double)length;
  if (first >= last) return call->this_value;
  size_t count = (size_t)last - (size_t)first;
  if (!vm_charge(iso, count / 2)) return VALUE_EXCEPTION;
  ElementKind kind = typed_array_kind(t);
  unsigned shift = vm_element_shifts[kind];
  uint8_t *p = element_address(t, (size_t)first);
  vm_element_store(kind, p, value);
  if (shift == 0) {
    memset(p, *p, count);
    return call->this_value;
  }
  // Doubles what is filled until all is.
  size_t bytes = count << shift, done = (size_t)1 << shift;
  while (done < bytes) {
    size_t chunk = done < bytes - done ? done : bytes - done;
    if (chunk > 65536) chunk = 65536;
    memcpy(p + done, p, chunk);
    done += chunk;
  }
  return call->this_value;
}

// 23.2.3.18
static Value typed_array_join(Isolate *iso, const NativeCall *call) {
  size_t length;
  TypedArray *t = vm_typed_array_validate(iso, call->this_value, &length);
  if (t == NULL) return VALUE_EXCEPTION;
  String *separator = NULL;
  Value argument = native_argument(call, 0);
  if (!value_is_undefined(argument)) {
    separator = vm_to_string(iso, argument);
    if (separator == NULL) return VALUE_EXCEPTION;
  }
  StringBuilder builder;
  vm_builder_init(&builder, iso);
  for (size_t k = 0; k < length; k++) {
    if (k > 0) {
      if (separator == NULL)
        vm_builder_append_unit(&builder, ',');
      else
        vm_builder_append(&builder, separator);
    }
    if (k < t->length) {
      Value v = vm_typed_array_load(iso, t, k);
      String *s = value_is_exception(v) ? NULL : vm_to_string(iso, v);
      if (s == NULL) {
        vm_builder_discard(&builder);
        return VALUE_EXCEPTION;
      }
      vm_builder_append(&builder, s);
    }
    if ((k & 4095) == 4095 && (builder.failed || !vm_poll(iso, 4096))) {
      if (builder.failed) break;
      vm_builder_discard(&builder);
      return VALUE_EXCEPTION;
    }
  }
  String *s = vm_builder_finish(&builder);
  return s != NULL ? value_from_cell(s) : VALUE_EXCEPTION;
}

// 23.2.3.31
static Value typed_array_to_locale_string(Isolate *iso,
                                          const NativeCall *call) {
  size_t length;
  TypedArray *t = vm_typed_array_validate(iso, call->this_value, &length);
  if (t == NULL) return VALUE_EXCEPTION;
  PropertyKey key = vm_key_from_c("toLocaleString");
  // ECMA-402 20.5.1: the locales and options are passed on.
  const Value passed[] = {native_argument(call, 0), native_argument(call, 1)};
  StringBuilder builder;
  vm_builder_init(&builder, iso);
  for (size_t k = 0; k < length; k++) {
    if (k > 0) vm_builder_append_unit(&builder, ',');
    if (k >= vm_typed_array_length(t)) continue;
    Value v = vm_typed_array_load(iso, t, k);
    if (!value_is_exception(v)) v = vm_invoke(iso, v, key, 2, passed);
    String *s = value_is_exception(v) ? NULL : vm_to_string(iso, v);
    if (s == NULL) {
      vm_builder_discard(&builder);
      return VALUE_EXCEPTION;
    }
    vm_builder_append(&builder, s);
  }
  String *s = vm_builder_finish(&builder);
  return s != NULL ? value_from_cell(s) : VALUE_EXCEPTION;
}

static void reverse(TypedArray *t, size_t length) {
  unsigned shift = vm_element_shifts[typed_array_kind(t)];
  size_t size = (size_t)1 << shift;
  for (size_t i = 0, k = length; i + 1 < k; i++) {
    uint64_t a = 0, b = 0;
    uint8_t *low = t->data + (i << shift), *high = t->data + (--k << shift);
    memcpy(&a, low, size);
    memcpy(&b, high, size);
    memcpy(low, &b, size);
    memcpy(high, &a, size);
  }
}

// 23.2.3.25
static Value typed_array_reverse(Isolate *iso, const NativeCall *call) {
  size_t length;
  TypedArray *t =
      vm_typed_array_validate_writable(iso, call->this_value, &length);
  if (t == NULL) return VALUE_EXCEPTION;
  if (!vm_charge(iso, length)) return VALUE_EXCEPTION;
  reverse(t, length);
  return call->this_value;
}

static TypedArray *copy_of(Isolate *iso, TypedArray *t, size_t length) {
  TypedArray *copy = vm_typed_array_create(iso, typed_array_kind(t), length);
  if (copy != NULL && length > 0)
    memcpy(copy->data, t->data,
           length << vm_element_shifts[typed_array_kind(t)]);
  return copy;
}

// 23.2.3.32
static Value typed_array_to_reversed(Isolate *iso, const NativeCall *call) {
  size_t length;
  TypedArray *t = vm_typed_array_validate(iso, call->this_value, &length);
  TypedArray *copy = t == NULL ? NULL : copy_of(iso, t, length);
  if (copy == NULL) return VALUE_EXCEPTION;
  reverse(copy, length);
  return value_from_cell(copy);
}

Value vm_intrinsic_typed_array_copy(Isolate *iso, const NativeCall *call) {
  size_t length;
  TypedArray *t =
      vm_typed_array_validate(iso, native_argument(call, 0), &length);
  TypedArray *copy = t == NULL ? NULL : copy_of(iso, t, length);
  return copy != NULL ? value_from_cell(copy) : VALUE_EXCEPTION;
}

// 23.2.3.36
static Value typed_array_with(Isolate *iso, const NativeCall *call) {
  size_t length;
  TypedArray *t = vm_typed_array_validate(iso, call->this_value, &length);
  double index;
  if (t == NULL ||
      !vm_to_integer_or_infinity(iso, native_argument(call, 0), &index))
    return VALUE_EXCEPTION;
  if (index < 0) index += (double)length;
  Value value = to_element(iso, t, native_argument(call, 1));
  if (value_is_exception(value)) return value;
  if (index < 0 || index >= (double)vm_typed_array_length(t))
    return vm_throw_range(iso, "Invalid typed array index");
  // As long as it was; what is gone meanwhile reads as undefined, so NaN or 0
  // (or throws, being no BigInt).
  TypedArray *copy = vm_typed_array_create(iso, typed_array_kind(t), length);
  if (copy == NULL) return VALUE_EXCEPTION;
  size_t now = t->length < length ? t->length : length;
  memcpy(copy->data, t->data, now << vm_element_shifts[typed_array_kind(t)]);
  for (size_t k = now; k < length; k++)
    if (!vm_typed_array_set(iso, copy, (double)k, VALUE_UNDEFINED))
      return VALUE_EXCEPTION;
  vm_element_store(typed_array_kind(t), element_address(copy, (size_t)index),
                   value);
  return value_from_cell(copy);
}

// SetTypedArrayFromTypedArray (23.2.3.26.1)
static bool set_from_typed_array(Isolate *iso, TypedArray *target,
                                 double offset, TypedArray *source) {
  if (vm_typed_array_is_out_of_bounds(target) ||
      vm_typed_array_is_out_of_bounds(source)) {
    vm_throw_type(iso,
                  "Cannot set on or from a detached or out of bounds "
                  "typed array");
    return false;
  }
  ElementKind to = typed_array_kind(target), from = typed_array_kind(source);
  if (element_is_bigint(to) != element_is_bigint(from)) {
    vm_throw_type(iso,
                  "Cannot mix BigInt and other types, use explicit "
                  "conversions");
    return false;
  }
  size_t count = source->length;
  if (offset + (double)count > (double)target->length) {
    vm_throw_range(iso, "offset is out of bounds");
    return false;
  }
  if (count == 0) return true;
  if (!vm_charge(iso, count)) return false;
  uint8_t *out = element_address(target, (size_t)offset);
  const uint8_t *in = source->data;
  size_t in_bytes = count << vm_element_shifts[from];
  size_t out_bytes = count << vm_element_shifts[to];
  uint8_t *copy = NULL;
  if (to != from && in < out + out_bytes && out < in + in_bytes) {
    copy = malloc(in_bytes);
    if (copy == NULL) {
      vm_throw_out_of_memory(iso);
      return false;
    }
    memcpy(copy, in, in_bytes);
    in = copy;
  }
  vm_elements_convert(iso, to, out, from, in, count);
  free(copy);
  return true;
}

// SetTypedArrayFromArrayLike (23.2.3.26.2)
static bool set_from_array_like(Isolate *iso, TypedArray *target, double offset,
                                Value source) {
  if (vm_typed_array_is_out_of_bounds(target)) {
    vm_throw_type(iso, "Cannot set on a detached or out of bounds typed array");
    return false;
  }
  double target_length = (double)target->length, length;
  Object *o = vm_to_object(iso, source);
  if (o == NULL || !vm_length_of_array_like(iso, o, &length)) return false;
  if (offset + length > target_length) {
    vm_throw_range(iso, "offset is out of bounds");
    return false;
  }
  for (double k = 0; k < length; k++) {
    if (!vm_poll(iso, 1)) return false;
    Value v = vm_get_element(iso, value_from_cell(o), value_from_number(k));
    if (value_is_exception(v) ||
        !vm_typed_array_set(iso, target, offset + k, v))
      return false;
  }
  return true;
}

// 23.2.3.26
static Value typed_array_set(Isolate *iso, const NativeCall *call) {
  TypedArray *t = this_array(iso, call);
  size_t length;
  double offset;
  if (t != NULL && buffer_is_immutable(t->buffer))
    t = vm_typed_array_validate_writable(iso, call->this_value, &length);
  if (t == NULL ||
      !vm_to_integer_or_infinity(iso, native_argument(call, 1), &offset))
    return VALUE_EXCEPTION;
  if (offset < 0) return vm_throw_range(iso, "offset is out of bounds");
  Value source = native_argument(call, 0);
  bool done = value_is_typed_array(source)
                  ? set_from_typed_array(iso, t, offset,
                                         (TypedArray *)value_as_cell(source))
                  : set_from_array_like(iso, t, offset, source);
  return done ? VALUE_UNDEFINED : VALUE_EXCEPTION;
}

// 23.2.3.27
static Value typed_array_slice(Isolate *iso, const NativeCall *call) {
  size_t length;
  TypedArray *t = vm_typed_array_validate(iso, call->this_value, &length);
  double first, last, n = (double)length;
  if (t == NULL ||
      !vm_to_relative_index(iso, native_argument(call, 0), n, 0, &first) ||
      !vm_to_relative_index(iso, native_argument(call, 1), n, n, &last))
    return VALUE_EXCEPTION;
  double count = last > first ? last - first : 0;
  TypedArray *copy = vm_typed_array_species_create(iso, t, count);
  if (copy == NULL) return VALUE_EXCEPTION;
  if (count == 0) return value_from_cell(copy);
  if (vm_typed_array_validate(iso, call->this_value, &length) == NULL)
    return VALUE_EXCEPTION;
  if (last > (double)length) last = (double)length;
  if (last <= first) return value_from_cell(copy);
  size_t available = (size_t)last - (size_t)first;
  size_t target_length = vm_typed_array_length(copy);
  ElementKind kind = typed_array_kind(t), to = typed_array_kind(copy);
  const uint8_t *in = element_address(t, (size_t)first);
  if (available > target_length) available = target_length;
  if (kind == to) {
    size_t bytes = available << vm_element_shifts[kind];
    if (copy->data + bytes <= in || in + bytes <= copy->data) {
      if (bytes > 0) memcpy(copy->data, in, bytes);
    } else {
      // The specification copies upwards byte by byte, so that overlapping
      // ranges repeat.
      for (size_t i = 0; i < bytes; i++)
        copy->data[i] = in[i];
    }
    return value_from_cell(copy);
  }
  for (size_t i = 0; i < available; i++) {
    Value v = vm_typed_array_load(iso, t, (size_t)first + i);
    if (value_is_exception(v) || !vm_typed_array_set(iso, copy, (double)i, v))
      return VALUE_EXCEPTION;
  }
  return value_from_cell(copy);
}

// 23.2.3.30
static Value typed_array_subarray(Isolate *iso, const NativeCall *call) {
  TypedArray *t = this_array(iso, call);
  if (t == NULL) return VALUE_EXCEPTION;
  double n = (double)vm_typed_array_length(t), first, last;
  bool tracks = (t->view_flags & VIEW_TRACKS_LENGTH) != 0;
  Value end = native_argument(call, 1);
  if (!vm_to_relative_index(iso, native_argument(call, 0), n, 0, &first))
    return VALUE_EXCEPTION;
  Value arguments[3] = {value_from_cell(t->buffer)};
  uint32_t count = 2;
  if (!tracks || !value_is_undefined(end)) {
    if (!vm_to_relative_index(iso, end, n, n, &last)) return VALUE_EXCEPTION;
    arguments[2] = value_from_number(last > first ? last - first : 0);
    count = 3;
  }
  double size = (double)(1u << vm_element_shifts[typed_array_kind(t)]);
  arguments[1] = value_from_number((double)t->byte_offset + first * size);
  TypedArray *view =
      vm_typed_array_species_create_view(iso, t, count, arguments);
  return view != NULL ? value_from_cell(view) : VALUE_EXCEPTION;
}

static const Builtin typed_array_methods[] = {
    BUILTIN_GET("buffer", get_buffer),
    BUILTIN_GET("byteLength", get_byte_length),
    BUILTIN_GET("byteOffset", get_byte_offset),
    BUILTIN_GET("length", vm_typed_array_get_length),
    BUILTIN_GET("@@toStringTag", get_tag),
    BUILTIN("at", typed_array_at, 1),
    BUILTIN("copyWithin", typed_array_copy_within, 2),
    BUILTIN_MAGIC("entries", make_iterator, 0, ITERATE_ENTRIES),
    BUILTIN_SCRIPT("every", "TypedArrayEvery", 1),
    BUILTIN("fill", typed_array_fill, 1),
    BUILTIN_SCRIPT("filter", "TypedArrayFilter", 1),
    BUILTIN_SCRIPT("find", "TypedArrayFind", 1),
    BUILTIN_SCRIPT("findIndex", "TypedArrayFindIndex", 1),
    BUILTIN_SCRIPT("findLast", "TypedArrayFindLast", 1),
    BUILTIN_SCRIPT("findLastIndex", "TypedArrayFindLastIndex", 1),
    BUILTIN_SCRIPT("forEach", "TypedArrayForEach", 1),
    BUILTIN("join", typed_array_join, 1),
    BUILTIN_MAGIC("keys", make_iterator, 0, ITERATE_KEYS),
    BUILTIN_SCRIPT("map", "TypedArrayMap", 1),
    BUILTIN_SCRIPT("reduce", "TypedArrayReduce", 1),
    BUILTIN_SCRIPT("reduceRight", "TypedArrayReduceRight", 1),
    BUILTIN("reverse", typed_array_reverse, 0),
    BUILTIN("set", typed_array_set, 1),
    BUILTIN("slice", typed_array_slice, 2),
    BUILTIN_SCRIPT("some", "TypedArraySome", 1),
    BUILTIN_SCRIPT("sort", "TypedArraySort", 1),
    BUILTIN("subarray", typed_array_subarray, 2),
    BUILTIN("toLocaleString", typed_array_to_locale_string, 0),
    BUILTIN("toReversed", typed_array_to_reversed, 0),
    BUILTIN_SCRIPT("toSorted", "TypedArrayToSorted", 1),
    BUILTIN_MAGIC("values", make_iterator, 0, ITERATE_VALUES),
    BUILTIN_SAME_AS("@@iterator", "values"),
    BUILTIN("with", typed_array_with, 2),
};

// 23.2.3.33: the same function object as Array's.
static void share_to_string(Isolate *iso, Object *prototype) {
  vm_object_materialize(iso, INTRINSIC_OBJECT(iso, ArrayPrototype));
  vm_put(iso, prototype, KEY(toString),
         value_from_cell(INTRINSIC_OBJECT(iso, ArrayPrototypeToString)),
         PROPERTY_HIDDEN);
}

void vm_define_typed_array_methods(Isolate *iso, Object *prototype) {
  VM_DEFINE_BUILTINS(iso, prototype, typed_array_methods);
  vm_define_action(iso, prototype, share_to_string);
}
