// SPDX-License-Identifier: MIT
// Array.prototype methods that change their receiver. Each has a fast path for
// arrays whose elements are one dense vector (vm_has_plain_elements), and the
// specification's steps for everything else.
#include "vm/builtins/array_access.h"

static void move_elements(Isolate *iso, Elements *e, uint32_t to, uint32_t from,
                          uint32_t count) {
  if (count == 0) return;
  gc_barrier_range(iso->heap, &e->values[to], count);
  gc_move_words(&e->values[to], &e->values[from], count);
}

static void truncate_elements(Isolate *iso, Array *array, uint32_t length) {
  Elements *e = array->object.elements;
  uint32_t old = elements_length(e);
  gc_barrier_range(iso->heap, &e->values[length], old - length);
  for (uint32_t i = length; i < old; i++)
    gc_publish(&e->values[i], VALUE_EMPTY);
  e->cell.extra = length;
  array->length = length;
}

// ECMA-262 23.1.3.23 Array.prototype.push ( ...items )
Value vm_array_prototype_push(Isolate *iso, const NativeCall *call) {
  if (value_is_kind(call->this_value, CELL_ARRAY)) {
    Array *array = array_plain(iso, value_as_object(call->this_value));
    if (likely(array != NULL && array->length < UINT32_MAX - call->argc)) {
      for (uint32_t i = 0; i < call->argc; i++) {
        if (!vm_array_push(iso, array, call->argv[i])) return VALUE_EXCEPTION;
      }
      return value_from_uint32(array->length);
    }
  }
  double length;
  Object *o = array_this(iso, call, &length);
  if (o == NULL) return VALUE_EXCEPTION;
  if (length + call->argc > ARRAY_LIKE_MAX_LENGTH) {
    return vm_throw_type(iso,
                         "Pushing %u elements on an array-like of length "
                         "%.0f is disallowed by ECMA-262",
                         call->argc, length);
  }
  for (uint32_t i = 0; i < call->argc; i++) {
    if (!array_set(iso, o, length++, call->argv[i])) return VALUE_EXCEPTION;
  }
  if (!array_set_length(iso, o, length)) return VALUE_EXCEPTION;
  return value_from_number(length);
}

// ECMA-262 23.1.3.22 Array.prototype.pop ( )
Value vm_array_pop(Isolate *iso, const NativeCall *call) {
  if (value_is_kind(call->this_value, CELL_ARRAY)) {
    Array *array = array_plain(iso, value_as_object(call->this_value));
    if (array != NULL && array->length > 0) {
      uint32_t last = array->length - 1;
      Value value = array->object.elements->values[last];
      if (value != VALUE_EMPTY) {
        truncate_elements(iso, array, last);
        return value;
      }
    }
  }
  double length;
  Object *o = array_this(iso, call, &length);
  if (o == NULL) return VALUE_EXCEPTION;
  if (length == 0) {
    return array_set_length(iso, o, 0) ? VALUE_UNDEFINED : VALUE_EXCEPTION;
  }
  Value value = array_get(iso, o, length - 1);
  if (value_is_exception(value) || !array_delete(iso, o, length - 1) ||
      !array_set_length(iso, o, length - 1)) {
    return VALUE_EXCEPTION;
  }
  return value;
}

// One step of shift, unshift, splice and copyWithin: o[to] = o[from], or
// delete o[to] if there is no o[from].
static bool move_element(Isolate *iso, Object *o, double to, double from) {
  Tri present = array_has(iso, o, from);
  if (present < 0) return false;
  if (!present) return array_delete(iso, o, to);
  Value value = array_get(iso, o, from);
  return !value_is_exception(value) && array_set(iso, o, to, value);
}

// ECMA-262 23.1.3.27 Array.prototype.shift ( )
Value vm_array_shift(Isolate *iso, const NativeCall *call) {
  double length;
  Object *o = array_this(iso, call, &length);
  if (o == NULL) return VALUE_EXCEPTION;
  Array *array = array_plain(iso, o);
  if (array != NULL && array->length > 0 &&
      o->elements->values[0] != VALUE_EMPTY) {
    Elements *e = o->elements;
    Value first = e->values[0];
    move_elements(iso, e, 0, 1, array->length - 1);
    truncate_elements(iso, array, array->length - 1);
    return first;
  }
  if (length == 0) {
    return array_set_length(iso, o, 0) ? VALUE_UNDEFINED : VALUE_EXCEPTION;
  }
  Value first = array_get(iso, o, 0);
  if (value_is_exception(first)) return VALUE_EXCEPTION;
  for (double k = 1; k < length; k++) {
    if (!move_element(iso, o, k - 1, k)) return VALUE_EXCEPTION;
    if (((uint64_t)k & 1023) == 0 && !vm_poll(iso, 1024)) {
      return VALUE_EXCEPTION;
    }
  }
  if (!array_delete(iso, o, length - 1) ||
      !array_set_length(iso, o, length - 1)) {
    return VALUE_EXCEPTION;
  }
  return first;
}

// ECMA-262 23.1.3.37 Array.prototype.unshift ( ...items )
Value vm_array_unshift(Isolate *iso, const NativeCall *call) {
  double length;
  Object *o = array_this(iso, call, &length);
  if (o == NULL) return VALUE_EXCEPTION;
  uint32_t count = call->argc;
  Array *array = array_plain(iso, o);
  if (array != NULL && array->length < (1u << 28) && count < (1u << 20)) {
    uint32_t old = array->length;
    if (!vm_elements_make_room(iso, o, old + count)) return VALUE_EXCEPTION;
    Elements *e = o->elements;
    if (count > 0) {
      // Grown first, so that the marker sees every slot it should.
      for (uint32_t i = 0; i < count; i++) {
        gc_publish(&e->values[old + i], VALUE_EMPTY);
      }
      e->cell.extra = old + count;
      move_elements(iso, e, count, 0, old);
      for (uint32_t i = 0; i < count; i++) {
        gc_store_word(iso->heap, &e->values[i], call->argv[i]);
      }
    }
    array->length = old + count;
    return value_from_uint32(array->length);
  }
  if (count > 0) {
    if (length + count > ARRAY_LIKE_MAX_LENGTH) {
      return vm_throw_type(iso, "Invalid array length");
    }
    for (double k = length; k > 0; k--) {
      if (!move_element(iso, o, k + count - 1, k - 1)) return VALUE_EXCEPTION;
      if (((uint64_t)k & 1023) == 0 && !vm_poll(iso, 1024)) {
        return VALUE_EXCEPTION;
      }
    }
    for (uint32_t i = 0; i < count; i++) {
      if (!array_set(iso, o, i, call->argv[i])) return VALUE_EXCEPTION;
    }
  }
  if (!array_set_length(iso, o, length + count)) return VALUE_EXCEPTION;
  return value_from_number(length + count);
}

// The part of splice that replaces `remove` elements at `start` in place.
static bool splice_plain(Isolate *iso, Array *array, uint32_t start,
                         uint32_t remove, uint32_t insert, const Value *items) {
  uint32_t old = array->length, tail = old - start - remove;
  uint32_t length = old - remove + insert;
  if (insert > remove) {
    if (!vm_elements_make_room(iso, &array->object, length)) return false;
    Elements *e = array->object.elements;
    for (uint32_t i = old; i < length; i++)
      gc_publish(&e->values[i], VALUE_EMPTY);
    e->cell.extra = length;
    move_elements(iso, e, start + insert, start + remove, tail);
    array->length = length;
  } else if (insert < remove) {
    move_elements(iso, array->object.elements, start + insert, start + remove,
                  tail);
    truncate_elements(iso, array, length);
  }
  Elements *e = array->object.elements;
  for (uint32_t i = 0; i < insert; i++) {
    gc_store_word(iso->heap, &e->values[start + i], items[i]);
  }
  return true;
}

// Steps 12 to 18 of splice for any object.
static bool splice_generic(Isolate *iso, Object *o, double length, double start,
                           double remove, uint32_t insert, const Value *items) {
  if (insert < remove) {
    for (double k = start; k < length - remove; k++) {
      if (!move_element(iso, o, k + insert, k + remove)) return false;
      if (((uint64_t)k & 1023) == 0 && !vm_poll(iso, 1024)) return false;
    }
    for (double k = length; k > length - remove + insert; k--) {
      if (!array_delete(iso, o, k - 1)) return false;
    }
  } else if (insert > remove) {
    for (double k = length - remove; k > start; k--) {
      if (!move_element(iso, o, k + insert - 1, k + remove - 1)) return false;
      if (((uint64_t)k & 1023) == 0 && !vm_poll(iso, 1024)) return false;
    }
  }
  for (uint32_t i = 0; i < insert; i++) {
    if (!array_set(iso, o, start + i, items[i])) return false;
  }
  return array_set_length(iso, o, length - remove + insert);
}

// Steps 9 to 11: an array of what goes. NULL: threw.
static Object *splice_removed(Isolate *iso, Object *o, double start,
                              double count) {
  Value species;
  if (!vm_array_species(iso, o, &species)) return NULL;
  if (value_is_undefined(species) && vm_has_plain_elements(iso, o) &&
      start + count <= elements_length(o->elements)) {
    Array *copy = vm_array_from(iso, o->elements->values + (uint32_t)start,
                                (uint32_t)count);
    return copy == NULL ? NULL : &copy->object;
  }
  Object *removed = vm_array_of_species(iso, species, count);
  if (removed == NULL) return NULL;
  for (double k = 0; k < count; k++) {
    Value value = object_kind(o) == CELL_ARRAY
                      ? array_dense_element(o, start + k)
                      : VALUE_EMPTY;
    if (value == VALUE_EMPTY) {
      Tri present = array_has(iso, o, start + k);
      if (present < 0) return NULL;
      if (!present) continue;
      value = array_get(iso, o, start + k);
    }
    if (value_is_exception(value) || !array_create(iso, removed, k, value)) {
      return NULL;
    }
  }
  return array_set_length(iso, removed, count) ? removed : NULL;
}

// ECMA-262 23.1.3.31 Array.prototype.splice ( start, deleteCount, ...items )
Value vm_array_splice(Isolate *iso, const NativeCall *call) {
  double length, start, remove;
  Object *o = array_this(iso, call, &length);
  if (o == NULL || !array_splice_range(iso, call, length, &start, &remove)) {
    return VALUE_EXCEPTION;
  }
  uint32_t insert = call->argc > 2 ? call->argc - 2 : 0;
  if (length + insert - remove > ARRAY_LIKE_MAX_LENGTH) {
    return vm_throw_type(iso, "Invalid array length");
  }
  Object *removed = splice_removed(iso, o, start, remove);
  if (removed == NULL) return VALUE_EXCEPTION;
  Array *array = array_plain(iso, o);
  bool done = array != NULL && array->length == length && length < (1u << 28)
                  ? splice_plain(iso, array, (uint32_t)start, (uint32_t)remove,
                                 insert, call->argv + 2)
                  : splice_generic(iso, o, length, start, remove, insert,
                                   call->argv + 2);
  return done ? value_from_cell(removed) : VALUE_EXCEPTION;
}

// ECMA-262 23.1.3.26 Array.prototype.reverse ( )
Value vm_array_reverse(Isolate *iso, const NativeCall *call) {
  double length;
  Object *o = array_this(iso, call, &length);
  if (o == NULL) return VALUE_EXCEPTION;
  Array *array = array_plain(iso, o);
  if (array != NULL) {
    Elements *e = o->elements;
    gc_barrier_range(iso->heap, e->values, array->length);
    for (uint32_t low = 0, high = array->length; low + 1 < high;) {
      Value swap = e->values[--high];
      gc_publish(&e->values[high], e->values[low]);
      gc_publish(&e->values[low++], swap);
    }
    return value_from_cell(o);
  }
  double middle = floor(length / 2);
  for (double lower = 0; lower < middle; lower++) {
    double upper = length - lower - 1;
    Value low = VALUE_EMPTY, high = VALUE_EMPTY;
    Tri low_present = array_has(iso, o, lower);
    if (low_present < 0) return VALUE_EXCEPTION;
    if (low_present) {
      low = array_get(iso, o, lower);
      if (value_is_exception(low)) return VALUE_EXCEPTION;
    }
    Tri high_present = array_has(iso, o, upper);
    if (high_present < 0) return VALUE_EXCEPTION;
    if (high_present) {
      high = array_get(iso, o, upper);
      if (value_is_exception(high)) return VALUE_EXCEPTION;
    }
    if (high_present ? !array_set(iso, o, lower, high)
                     : low_present && !array_delete(iso, o, lower)) {
      return VALUE_EXCEPTION;
    }
    if (low_present ? !array_set(iso, o, upper, low)
                    : high_present && !array_delete(iso, o, upper)) {
      return VALUE_EXCEPTION;
    }
    if (((uint64_t)lower & 1023) == 0 && !vm_poll(iso, 1024)) {
      return VALUE_EXCEPTION;
    }
  }
  return value_from_cell(o);
}

// ECMA-262 23.1.3.7 Array.prototype.fill ( value [ , start [ , end ] ] )
Value vm_array_fill(Isolate *iso, const NativeCall *call) {
  double length, start, end;
  Object *o = array_this(iso, call, &length);
  if (o == NULL ||
      !vm_to_relative_index(iso, native_argument(call, 1), length, 0, &start) ||
      !vm_to_relative_index(iso, native_argument(call, 2), length, length,
                            &end)) {
    return VALUE_EXCEPTION;
  }
  Value value = native_argument(call, 0);
  if (object_kind(o) == CELL_ARRAY && vm_has_plain_elements(iso, o) &&
      !(o->shape->cell.flags & SHAPE_NOT_EXTENSIBLE) &&
      end <= ((Array *)o)->length && end <= (double)(1u << 28)) {
    if (!vm_elements_reserve(iso, o, (uint32_t)end)) return VALUE_EXCEPTION;
    Elements *e = o->elements;
    if (elements_length(e) < end) e->cell.extra = (uint32_t)end;
    for (uint32_t k = (uint32_t)start; k < end; k++) {
      gc_store_word(iso->heap, &e->values[k], value);
    }
    return value_from_cell(o);
  }
  for (double k = start; k < end; k++) {
    if (!array_set(iso, o, k, value)) return VALUE_EXCEPTION;
    if (((uint64_t)k & 1023) == 0 && !vm_poll(iso, 1024)) {
      return VALUE_EXCEPTION;
    }
  }
  return value_from_cell(o);
}

// ECMA-262 23.1.3.4 Array.prototype.copyWithin ( target, start [ , end ] )
Value vm_array_copy_within(Isolate *iso, const NativeCall *call) {
  double length, to, from, final;
  Object *o = array_this(iso, call, &length);
  if (o == NULL ||
      !vm_to_relative_index(iso, native_argument(call, 0), length, 0, &to) ||
      !vm_to_relative_index(iso, native_argument(call, 1), length, 0, &from) ||
      !vm_to_relative_index(iso, native_argument(call, 2), length, length,
                            &final)) {
    return VALUE_EXCEPTION;
  }
  double count = fmin(final - from, length - to), direction = 1;
  if (from < to && to < from + count) {
    direction = -1;
    from += count - 1;
    to += count - 1;
  }
  for (; count > 0; count--) {
    if (!move_element(iso, o, to, from)) return VALUE_EXCEPTION;
    from += direction;
    to += direction;
    if (((uint64_t)count & 1023) == 0 && !vm_poll(iso, 1024)) {
      return VALUE_EXCEPTION;
    }
  }
  return value_from_cell(o);
}
