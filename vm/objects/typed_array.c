// SPDX-License-Identifier: MIT
// TypedArray exotic objects, ECMA-262 10.4.5: elements, and the internal
// methods. Keys that are canonical numeric strings name elements or nothing.
#include "vm/objects/bigint.h"
#include "vm/objects/buffer.h"
#include "vm/objects/isolate.h"
#include "vm/objects/number_text.h"
#include "vm/objects/operations.h"

// 7.1.12 ToUint8Clamp
uint8_t vm_to_uint8_clamp(double d) {
  if (!(d > 0)) return 0;
  if (d >= 255) return 255;
  // The default rounding mode is to nearest, ties to even.
  return (uint8_t)nearbyint(d);
}

Value vm_element_load(Isolate *iso, ElementKind kind, const uint8_t *p) {
  union {
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
  } n;
  switch (kind) {
  case ELEMENT_INT8:
    return value_from_int((int8_t)*p);
  case ELEMENT_UINT8:
  case ELEMENT_UINT8_CLAMPED:
    return value_from_int(*p);
  case ELEMENT_INT16:
    memcpy(&n.u16, p, 2);
    return value_from_int((int16_t)n.u16);
  case ELEMENT_UINT16:
    memcpy(&n.u16, p, 2);
    return value_from_int(n.u16);
  case ELEMENT_INT32:
    memcpy(&n.u32, p, 4);
    return value_from_int((int32_t)n.u32);
  case ELEMENT_UINT32:
    memcpy(&n.u32, p, 4);
    return value_from_uint32(n.u32);
  case ELEMENT_FLOAT16:
    memcpy(&n.u16, p, 2);
    return value_from_double(vm_half_to_double(n.u16));
  case ELEMENT_FLOAT32:
    return value_from_double((double)vm_load_float(p));
  case ELEMENT_FLOAT64:
    return value_from_double(vm_load_double(p));
  case ELEMENT_BIGINT64:
  case ELEMENT_BIGUINT64: {
    memcpy(&n.u64, p, 8);
    BigInt *b = kind == ELEMENT_BIGINT64
                    ? vm_bigint_from_int64(iso, (int64_t)n.u64)
                    : vm_bigint_from_uint64(iso, n.u64);
    return b != NULL ? value_from_cell(b) : VALUE_EXCEPTION;
  }
  default:
    return VALUE_UNDEFINED;
  }
}

void vm_element_store(ElementKind kind, uint8_t *p, Value numeric) {
  if (element_is_bigint(kind)) {
    int64_t i = vm_bigint_to_int64(value_as_bigint(numeric));
    memcpy(p, &i, 8);
    return;
  }
  double d = value_as_number(numeric);
  int32_t i;
  switch (kind) {
  case ELEMENT_FLOAT64:
    memcpy(p, &d, 8);
    return;
  case ELEMENT_FLOAT32: {
    float f = (float)d;
    memcpy(p, &f, 4);
    return;
  }
  case ELEMENT_FLOAT16: {
    uint16_t half = vm_double_to_half(d);
    memcpy(p, &half, 2);
    return;
  }
  case ELEMENT_UINT8_CLAMPED:
    *p = vm_to_uint8_clamp(d);
    return;
  default:
    i = value_is_int(numeric) ? value_as_int(numeric) : vm_double_to_int32(d);
    // Little-endian: the low bytes come first.
    memcpy(p, &i, (size_t)1 << vm_element_shifts[kind]);
    return;
  }
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "elements are stored by their low bytes");

Value vm_typed_array_load(Isolate *iso, const TypedArray *t, size_t index) {
  ElementKind kind = typed_array_kind(t);
  return vm_element_load(iso, kind,
                         t->data + (index << vm_element_shifts[kind]));
}

// 10.4.5.16
bool vm_typed_array_set(Isolate *iso, TypedArray *t, double index,
                        Value value) {
  ElementKind kind = typed_array_kind(t);
  if (element_is_bigint(kind)) {
    value = vm_to_bigint(iso, value);
    if (value_is_exception(value)) return false;
  } else if (!value_is_number(value)) {
    value = vm_to_number(iso, value);
    if (value_is_exception(value)) return false;
  }
  // The conversion may have run script: the length counts now.
  if (buffer_is_immutable(t->buffer)) return true;
  if (index >= 0 && index < (double)vm_typed_array_length(t) &&
      index == trunc(index) && !(index == 0 && signbit(index))) {
    vm_element_store(kind, t->data + ((size_t)index << vm_element_shifts[kind]),
                     value);
  }
  return true;
}

// CanonicalNumericIndexString (7.1.21): 1 and the number, 0 if the key is none,
// or TRI_THREW.
static Tri numeric_key(Isolate *iso, PropertyKey key, double *index) {
  if (likely(key_is_index(key))) {
    *index = key_as_index(key);
    return 1;
  }
  if (value_as_cell(key)->kind != CELL_STRING) return 0;
  String *s = value_as_string(key);
  if (string_length(s) == 0) return 0;
  StringView view;
  if (!vm_string_view(iso, s, &view)) return TRI_THREW;
  uint16_t first = string_view_at(view, 0);
  if (likely((first < '0' || first > '9') && first != '-' && first != 'I' &&
             first != 'N'))
    return 0;
  if (view.is_wide) return 0;
  if (s == ATOM(minus_zero)) {
    *index = -0.0;
    return 1;
  }
  double d = vm_number_from_latin1(view.units, view.length);
  char text[NUMBER_TEXT_SIZE];
  size_t length = vm_number_to_text(d, text);
  *index = d;
  return length == view.length && memcmp(text, view.units, length) == 0;
}

// IsValidIntegerIndex (10.4.5.14)
static bool is_valid(TypedArray *t, double index) {
  return index >= 0 && index < (double)vm_typed_array_length(t) &&
         index == trunc(index) && !(index == 0 && signbit(index));
}

static Tri get_own(Isolate *iso, Object *o, PropertyKey key,
                   PropertyDescriptor *out) {
  TypedArray *t = (TypedArray *)o;
  double index;
  Tri numeric = numeric_key(iso, key, &index);
  if (numeric != 1)
    return numeric ? TRI_THREW : vm_ordinary_get_own(iso, o, key, out);
  if (!is_valid(t, index)) return 0;
  Value value = vm_typed_array_load(iso, t, (size_t)index);
  if (value_is_exception(value)) return TRI_THREW;
  uint8_t attributes =
      buffer_is_immutable(t->buffer) ? PROPERTY_ENUMERABLE : PROPERTY_DEFAULT;
  *out = (PropertyDescriptor){value, VALUE_EMPTY, VALUE_EMPTY, attributes,
                              PROPERTY_DEFAULT};
  return 1;
}

static Tri has(Isolate *iso, Object *o, PropertyKey key) {
  double index;
  Tri numeric = numeric_key(iso, key, &index);
  if (numeric != 1) return numeric ? TRI_THREW : vm_ordinary_has(iso, o, key);
  return is_valid((TypedArray *)o, index);
}

static Tri define_own(Isolate *iso, Object *o, PropertyKey key,
                      const PropertyDescriptor *d) {
  TypedArray *t = (TypedArray *)o;
  double index;
  Tri numeric = numeric_key(iso, key, &index);
  if (numeric != 1)
    return numeric ? TRI_THREW : vm_ordinary_define_own(iso, o, key, d);
  if (buffer_is_immutable(t->buffer)) {
    PropertyDescriptor current;
    Tri found = get_own(iso, o, key, &current);
    return found != 1 ? found
                      : vm_is_compatible_descriptor(iso, true, d, &current);
  }
  if (!is_valid(t, index) || descriptor_is_accessor(d) ||
      (d->present & PROPERTY_DEFAULT & ~d->attributes) != 0)
    return 0;
  if (!value_is_empty(d->value) && !vm_typed_array_set(iso, t, index, d->value))
    return TRI_THREW;
  return 1;
}

static Value get(Isolate *iso, Object *o, PropertyKey key, Value receiver) {
  TypedArray *t = (TypedArray *)o;
  double index;
  Tri numeric = numeric_key(iso, key, &index);
  if (numeric == TRI_THREW) return VALUE_EXCEPTION;
  if (!numeric) return vm_ordinary_get(iso, o, key, receiver);
  return is_valid(t, index) ? vm_typed_array_load(iso, t, (size_t)index)
                            : VALUE_UNDEFINED;
}

static Tri set(Isolate *iso, Object *o, PropertyKey key, Value value,
               Value receiver) {
  TypedArray *t = (TypedArray *)o;
  double index;
  Tri numeric = numeric_key(iso, key, &index);
  if (numeric == TRI_THREW) return TRI_THREW;
  if (numeric) {
    if (receiver == value_from_cell(o) && buffer_is_immutable(t->buffer))
      return 0;
    if (receiver == value_from_cell(o))
      return vm_typed_array_set(iso, t, index, value) ? 1 : TRI_THREW;
    if (!is_valid(t, index)) return 1;
  }
  return vm_ordinary_set(iso, o, key, value, receiver);
}

static Tri delete_own(Isolate *iso, Object *o, PropertyKey key) {
  double index;
  Tri numeric = numeric_key(iso, key, &index);
  if (numeric != 1)
    return numeric ? TRI_THREW : vm_ordinary_delete(iso, o, key);
  return !is_valid((TypedArray *)o, index);
}

static bool own_keys(Isolate *iso, Object *o, KeyList *out) {
  size_t length = vm_typed_array_length((TypedArray *)o);
  for (size_t i = 0; i < length; i++) {
    PropertyKey key;
    if (i < UINT32_MAX) {
      key = key_from_index((uint32_t)i);
    } else {
      String *s = vm_number_to_string(iso, (double)i);
      if (s == NULL || !vm_string_to_key(iso, s, &key)) return false;
    }
    if (!vm_key_list_add(iso, out, key)) return false;
  }
  return vm_ordinary_own_keys(iso, o, out);
}

// 10.4.5.1; IsTypedArrayFixedLength (23.2.4.5)
static Tri prevent_extensions(Isolate *iso, Object *o) {
  TypedArray *t = (TypedArray *)o;
  if ((t->view_flags & VIEW_TRACKS_LENGTH) ||
      (buffer_is_resizable(t->buffer) && !buffer_is_shared(t->buffer)))
    return 0;
  return vm_ordinary_prevent_extensions(iso, o);
}

const ObjectClass vm_class_typed_array = {
    .name = "TypedArray",
    .get_own = get_own,
    .define_own = define_own,
    .has = has,
    .get = get,
    .set = set,
    .delete_own = delete_own,
    .own_keys = own_keys,
    .prevent_extensions = prevent_extensions,
};
