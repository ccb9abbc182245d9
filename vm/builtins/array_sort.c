// SPDX-License-Identifier: MIT
// What Array.prototype.sort and toSorted need besides the comparator calls,
// which are in self_hosted/array.js: collecting the values, sorting without a
// comparator, writing back. ECMA-262 23.1.3.30.1 SortIndexedProperties.
#include <stdlib.h>

#include "vm/builtins/array_access.h"
#include "vm/bytecode/template.h"
#include "vm/interpreter/code.h"

// %SortCollect(object, length, skipHoles, list): appends the values that are
// not undefined to the dense list; returns how many were undefined.
Value vm_intrinsic_sort_collect(Isolate *iso, const NativeCall *call) {
  Object *o = value_as_object(call->argv[0]);
  double length = value_as_number(call->argv[1]);
  bool skip_holes = value_as_bool(call->argv[2]);
  Array *list = (Array *)value_as_cell(call->argv[3]);
  double undefined_count = 0;
  for (double k = 0; k < length; k++) {
    if (skip_holes && array_dense_element(o, k) == VALUE_EMPTY) {
      Tri present = array_has(iso, o, k);
      if (present < 0) return VALUE_EXCEPTION;
      if (!present) {
        if (((uint32_t)k & 1023) == 0 && !vm_poll(iso, 1024)) {
          return VALUE_EXCEPTION;
        }
        continue;
      }
    }
    Value value = array_get(iso, o, k);
    if (value_is_exception(value)) return VALUE_EXCEPTION;
    if (value_is_undefined(value)) {
      undefined_count++;
    } else if (!vm_array_push(iso, list, value)) {
      return VALUE_EXCEPTION;
    }
  }
  return value_from_number(undefined_count);
}

typedef struct SortItem {
  // The first units, so that most comparisons touch no string.
  uint64_t prefix;
  String *text;
  Value value;
  uint32_t position; // keeps the sort stable
} SortItem;

static int compare_items(const void *a, const void *b, void *iso) {
  const SortItem *x = a, *y = b;
  if (x->prefix != y->prefix) return x->prefix < y->prefix ? -1 : 1;
  int order = vm_string_compare(iso, x->text, y->text);
  if (order != 0) return order;
  return x->position < y->position ? -1 : 1;
}

// The first units in the order of their weight, zeros behind a short text:
// eight of them if all texts are narrow, else four.
static uint64_t prefix_of(const String *text, bool all_narrow) {
  StringView v = string_view_of(text);
  uint64_t prefix = 0;
  uint32_t units = all_narrow ? 8 : 4;
  for (uint32_t i = 0; i < units; i++)
    prefix = prefix << (64 / units) | (i < v.length ? string_view_at(v, i) : 0);
  return prefix;
}

// %SortByString(list): sorts by the code units of ToString of the values
// (23.1.3.30.2 without a comparator); returns the list.
Value vm_intrinsic_sort_by_string(Isolate *iso, const NativeCall *call) {
  Array *list = (Array *)value_as_cell(call->argv[0]);
  uint32_t count = elements_length(list->object.elements);
  if (count < 2) return call->argv[0];
  // The strings must stay reachable: a second list holds them.
  Array *texts = vm_array_new(iso, count);
  bool all_narrow = true;
  for (uint32_t i = 0; i < count; i++) {
    String *text = vm_to_string(iso, list->object.elements->values[i]);
    if (text == NULL) return VALUE_EXCEPTION;
    text = vm_string_flatten(iso, text);
    if (text == NULL || !vm_array_push(iso, texts, value_from_cell(text))) {
      return VALUE_EXCEPTION;
    }
    all_narrow &= !(text->cell.flags & STRING_WIDE);
  }
  SortItem *items = malloc(count * sizeof *items);
  if (items == NULL) return vm_throw_out_of_memory(iso);
  for (uint32_t i = 0; i < count; i++) {
    items[i].text = value_as_string(texts->object.elements->values[i]);
    items[i].value = list->object.elements->values[i];
    items[i].prefix = prefix_of(items[i].text, all_narrow);
    items[i].position = i;
  }
  qsort_r(items, count, sizeof *items, compare_items, iso);
  // Every value is still in the list somewhere: one barrier covers them all.
  Value *values = list->object.elements->values;
  gc_barrier_range(iso->heap, values, count);
  for (uint32_t i = 0; i < count; i++)
    gc_publish(&values[i], items[i].value);
  free(items);
  return call->argv[0];
}

// 1 for a comparator that does nothing but return a - b, -1 for b - a, else 0.
static int direction_of(Value compare) {
  if (!value_is_kind(compare, CELL_FUNCTION)) return 0;
  const Code *code = ((const Function *)value_as_cell(compare))->code;
  const Template *t = code->template;
  if (t->parameter_count != 2 || t->code_count != 2 ||
      (t->flags & (TEMPLATE_ASYNC | TEMPLATE_GENERATOR)) ||
      t->code[0].op != OP_SUBTRACT || t->code[1].op != OP_RETURN ||
      t->code[1].a != t->code[0].a) {
    return 0;
  }
  unsigned left = t->code[0].b, right = t->code[0].c;
  return left == 0 && right == 1 ? 1 : left == 1 && right == 0 ? -1 : 0;
}

enum { SORT_RUN = 8, SORT_POLL = 1 << 16 };

static void insertion_sort(double *items, uint32_t count) {
  for (uint32_t i = 1; i < count; i++) {
    double item = items[i];
    uint32_t k = i;
    for (; k > 0 && items[k - 1] > item; k--)
      items[k] = items[k - 1];
    items[k] = item;
  }
}

// Stable. The result is in *items, which may change places with *other. False:
// interrupted.
static bool merge_sort(Isolate *iso, double **items, double **other,
                       uint32_t count) {
  for (uint32_t start = 0; start < count; start += SORT_RUN) {
    uint32_t left = count - start;
    insertion_sort(*items + start, left < SORT_RUN ? left : SORT_RUN);
  }
  for (uint64_t width = SORT_RUN; width < count; width *= 2) {
    double *from = *items, *to = *other;
    for (uint64_t start = 0; start < count; start += 2 * width) {
      uint64_t middle = start + width < count ? start + width : count;
      uint64_t end = start + 2 * width < count ? start + 2 * width : count;
      uint64_t a = start, b = middle;
      for (uint64_t k = start; k < end; k++) {
        bool right = a >= middle || (b < end && from[b] < from[a]);
        to[k] = from[right ? b : a];
        b += right;
        a += !right;
        if ((k & (SORT_POLL - 1)) == 0 && !vm_poll(iso, SORT_POLL))
          return false;
      }
    }
    *items = to;
    *other = from;
  }
  return true;
}

// %SortByDifference(list, compare): sorts the list and returns true if its
// values are numbers, none of them NaN, and `compare` is their difference: then
// its calls show nothing.
Value vm_intrinsic_sort_by_difference(Isolate *iso, const NativeCall *call) {
  int direction = direction_of(call->argv[1]);
  if (direction == 0) return VALUE_FALSE;
  Array *list = (Array *)value_as_cell(call->argv[0]);
  Value *values = list->object.elements->values;
  uint32_t count = elements_length(list->object.elements);
  for (uint32_t i = 0; i < count; i++) {
    if (!value_is_number(values[i]) ||
        value_as_number(values[i]) != value_as_number(values[i])) {
      return VALUE_FALSE;
    }
  }
  double *memory = malloc((size_t)count * 2 * sizeof *memory);
  if (memory == NULL) return VALUE_FALSE;
  double *items = memory, *other = memory + count;
  for (uint32_t i = 0; i < count; i++)
    items[i] = direction * value_as_number(values[i]);
  bool done = merge_sort(iso, &items, &other, count);
  // Numbers in place of numbers need no barrier.
  for (uint32_t i = 0; done && i < count; i++)
    gc_publish(&values[i], value_from_number(direction * items[i]));
  free(memory);
  return done ? VALUE_TRUE : VALUE_EXCEPTION;
}

// %SortWriteBack(object, sorted, undefinedCount, length): stores the sorted
// values, then the undefined ones, and deletes what is left; returns object.
Value vm_intrinsic_sort_write_back(Isolate *iso, const NativeCall *call) {
  Object *o = value_as_object(call->argv[0]);
  Object *sorted = value_as_object(call->argv[1]);
  double undefined_count = value_as_number(call->argv[2]);
  double length = value_as_number(call->argv[3]);
  uint32_t count = elements_length(sorted->elements);
  double k = 0;
  for (; k < count; k++) {
    if (!array_set(iso, o, k, sorted->elements->values[(uint32_t)k])) {
      return VALUE_EXCEPTION;
    }
  }
  for (; k < count + undefined_count; k++) {
    if (!array_set(iso, o, k, VALUE_UNDEFINED)) return VALUE_EXCEPTION;
  }
  for (; k < length; k++) {
    Tri present = array_has(iso, o, k);
    if (present < 0) return VALUE_EXCEPTION;
    if (present && !array_delete(iso, o, k)) return VALUE_EXCEPTION;
    if (((uint32_t)k & 1023) == 0 && !vm_poll(iso, 1024)) {
      return VALUE_EXCEPTION;
    }
  }
  return call->argv[0];
}
