// SPDX-License-Identifier: MIT
// Reading the options of Intl's constructors (ECMA-402 9.2.10 to 9.2.14) and
// making what their methods give back.
#include <math.h>
#include <stdlib.h>

#include <unicode/utypes.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl.h"
#include "vm/objects/array.h"
#include "vm/objects/charge.h"
#include "vm/objects/operations.h"

bool vm_intl_options(Isolate *iso, Value options, bool coerce, Object **out) {
  *out = NULL;
  if (value_is_undefined(options)) return true;
  if (!coerce && !value_is_object(options)) {
    vm_throw_type_value(iso, "Options %s is not an object", options);
    return false;
  }
  *out = vm_to_object(iso, options);
  return *out != NULL;
}

static Value read_option(Isolate *iso, Object *options, const char *name) {
  return options != NULL ? vm_get(iso, options, vm_key_from_c(name))
                         : VALUE_UNDEFINED;
}

static bool throw_out_of_range(Isolate *iso, const char *name, Value v) {
  char shown[80];
  vm_describe(iso, v, shown, sizeof shown);
  vm_throw_range(iso, "Value %s out of range for options property %s", shown,
                 name);
  return false;
}

Tri vm_intl_text_option(Isolate *iso, Object *options, const char *name,
                        char *out, size_t size) {
  out[0] = 0;
  Value v = read_option(iso, options, name);
  if (value_is_exception(v)) return TRI_THREW;
  if (value_is_undefined(v)) return 0;
  String *s = vm_to_string(iso, v);
  StringView view;
  if (s == NULL || !vm_string_view(iso, s, &view)) return TRI_THREW;
  bool fits = view.length < size;
  for (uint32_t i = 0; fits && i < view.length; i++) {
    uint16_t unit = string_view_at(view, i);
    fits = unit != 0 && unit < 128;
    out[i] = (char)unit;
  }
  if (!fits) {
    throw_out_of_range(iso, name, value_from_cell(s));
    return TRI_THREW;
  }
  out[view.length] = 0;
  return 1;
}

bool vm_intl_choice(Isolate *iso, Object *options, const char *name,
                    const char *const *choices, int fallback, int *out) {
  char text[32];
  *out = fallback;
  Tri given = vm_intl_text_option(iso, options, name, text, sizeof text);
  if (given <= 0) return given == 0;
  for (int i = 0; choices[i] != NULL; i++)
    if (strcmp(choices[i], text) == 0) {
      *out = i;
      return true;
    }
  String *s = vm_string_from_c(iso, text);
  return s != NULL && throw_out_of_range(iso, name, value_from_cell(s));
}

bool vm_intl_type_option(Isolate *iso, Object *options, const char *name,
                         char out[INTL_TYPE_SIZE]) {
  Tri given = vm_intl_text_option(iso, options, name, out, INTL_TYPE_SIZE);
  if (given <= 0) return given == 0;
  if (!vm_intl_is_type(out)) {
    String *s = vm_string_from_c(iso, out);
    return s != NULL && throw_out_of_range(iso, name, value_from_cell(s));
  }
  for (char *p = out; *p != 0; p++)
    if (*p >= 'A' && *p <= 'Z') *p = (char)(*p | 0x20);
  return true;
}

bool vm_intl_boolean_option(Isolate *iso, Object *options, const char *name,
                            int fallback, int *out) {
  Value v = read_option(iso, options, name);
  if (value_is_exception(v)) return false;
  *out = value_is_undefined(v) ? fallback : vm_to_boolean(v);
  return true;
}

bool vm_intl_default_number(Isolate *iso, Value v, const char *name,
                            int minimum, int maximum, int fallback, int *out) {
  *out = fallback;
  if (value_is_undefined(v)) return true;
  double d;
  if (!vm_to_double(iso, v, &d)) return false;
  if (!(d >= minimum && d <= maximum)) {
    vm_throw_range(iso, "%s value is out of range.", name);
    return false;
  }
  *out = (int)floor(d);
  return true;
}

bool vm_intl_number_option(Isolate *iso, Object *options, const char *name,
                           int minimum, int maximum, int fallback, int *out) {
  Value v = read_option(iso, options, name);
  return !value_is_exception(v) &&
         vm_intl_default_number(iso, v, name, minimum, maximum, fallback, out);
}

bool vm_intl_locale_matcher(Isolate *iso, Object *options) {
  static const char *const matchers[] = {"lookup", "best fit", NULL};
  int matcher;
  return vm_intl_choice(iso, options, "localeMatcher", matchers, 1, &matcher);
}

// Results ---------------------------------------------------------------------

Value vm_intl_throw_icu(Isolate *iso, int status) {
  if (status == U_MEMORY_ALLOCATION_ERROR) return vm_throw_out_of_memory(iso);
  return vm_throw_range(iso, "Internal error. Icu error: %s",
                        u_errorName((UErrorCode)status));
}

Value vm_intl_text(Isolate *iso, const uint16_t *units, int32_t length) {
  String *s = vm_string_from_utf16(iso, units, (size_t)length);
  return s != NULL ? value_from_cell(s) : VALUE_EXCEPTION;
}

void vm_intl_put(Isolate *iso, Object *o, const char *name, Value v) {
  vm_put(iso, o, vm_key_from_c(name), v, PROPERTY_DEFAULT);
}

bool vm_intl_put_text(Isolate *iso, Object *o, const char *name,
                      const char *text) {
  String *s = vm_string_from_c(iso, text);
  if (s != NULL) vm_intl_put(iso, o, name, value_from_cell(s));
  return s != NULL;
}

static int by_length(const void *a, const void *b) {
  const IntlPart *p = a, *q = b;
  return (q->end - q->start) - (p->end - p->start);
}

Value vm_intl_parts(Isolate *iso, const uint16_t *units, int32_t length,
                    IntlPart *spans, uint32_t count, const char *unit) {
  Array *array = vm_array_new(iso, 0);
  // Which span a unit belongs to: painted from the longest to the shortest.
  uint32_t *owner = calloc((size_t)length + 1, sizeof *owner);
  if (array == NULL || owner == NULL) {
    free(owner);
    return array == NULL ? VALUE_EXCEPTION : vm_throw_out_of_memory(iso);
  }
  bool is_range = false;
  for (uint32_t i = 0; i < count; i++)
    is_range |= spans[i].source != NULL;
  qsort(spans, count, sizeof *spans, by_length);
  for (uint32_t i = 0; i < count; i++)
    for (int32_t k = spans[i].start; k < spans[i].end; k++)
      owner[k] = i + 1;
  bool done = true;
  for (int32_t start = 0, end; done && start < length; start = end) {
    for (end = start + 1; end < length && owner[end] == owner[start];)
      end++;
    const IntlPart *span = owner[start] ? &spans[owner[start] - 1] : NULL;
    Object *part = vm_object_new(iso);
    Value value = vm_intl_text(iso, units + start, end - start);
    done = !value_is_exception(value) &&
           vm_intl_put_text(iso, part, "type",
                            span != NULL ? span->type : "literal");
    if (!done) break;
    vm_intl_put(iso, part, "value", value);
    if (unit != NULL && span != NULL)
      done = vm_intl_put_text(iso, part, "unit", unit);
    if (done && is_range)
      done = vm_intl_put_text(iso, part, "source",
                              span != NULL ? span->source : "shared");

    if (done) done = vm_array_push(iso, array, value_from_cell(part));
  }
  free(owner);
  return done ? value_from_cell(array) : VALUE_EXCEPTION;
}

// Objects ---------------------------------------------------------------------

IntlObject *vm_intl_construct(Isolate *iso, const IntlClass *class,
                              Value new_target, Value locales, Value options) {
  IntlLocaleList list;
  Object *read;
  void *data = NULL;
  if (!vm_intl_locale_list(iso, locales, &list)) return NULL;
  if (vm_intl_options(iso, options, class->coerces_options, &read)) {
    data = calloc(1, class->data_bytes);
    if (data == NULL) vm_throw_out_of_memory(iso);
  }
  if (data == NULL) {
    vm_intl_locale_list_free(&list);
    return NULL;
  }
  if (!class->read(iso, &list, read, data)) {
    class->close(data);
    return NULL;
  }
  return vm_intl_object_new(iso, new_target, class->prototype, class->type,
                            data, class->close, class->external_bytes);
}

Value vm_intl_constructor(Isolate *iso, const NativeCall *call,
                          const IntlClass *class) {
  Value new_target = call->new_target;
  if (value_is_undefined(new_target)) {
    if (class->needs_new)
      return vm_throw_type(iso, "Constructor Intl.%s requires 'new'",
                           class->name);
    new_target = call->callee;
  }
  IntlObject *o =
      vm_intl_construct(iso, class, new_target, native_argument(call, 0),
                        native_argument(call, 1));
  return o != NULL ? value_from_cell(o) : VALUE_EXCEPTION;
}

static bool is_kept(Value locales, Value options) {
  return value_is_undefined(options) &&
         (value_is_undefined(locales) || value_is_string(locales));
}
IntlObject *vm_intl_kept(Isolate *iso, Object **kept, Value locales,
                         Value options) {
  IntlObject *o = (IntlObject *)*kept;
  return o != NULL && is_kept(locales, options) &&
                 vm_strict_equals(iso, o->bound, locales)
             ? o
             : NULL;
}
void vm_intl_keep(Isolate *iso, Object **kept, IntlObject *o, Value locales,
                  Value options) {
  if (!is_kept(locales, options)) return;
  gc_store_word(iso->heap, &o->bound, locales);
  gc_store_pointer(iso->heap, kept, &o->object);
}

IntlObject *vm_intl_this(Isolate *iso, Value v, IntlType type,
                         const char *method) {
  if (value_is_kind(v, CELL_INTL)) {
    IntlObject *o = (IntlObject *)value_as_cell(v);
    if (o->type == type) return o;
  }
  char shown[80];
  vm_describe(iso, v, shown, sizeof shown);
  vm_throw_type(iso, "Method %s called on incompatible receiver %s", method,
                shown);
  return NULL;
}

Value vm_intl_bound(Isolate *iso, IntlObject *o, NativeCode code,
                    uint16_t length) {
  if (value_is_undefined(o->bound)) {
    NativeFunction *f =
        vm_native_new(iso, code, vm_atom_from_c(""), length, 1, false);
    f->slots[0] = value_from_cell(o);
    gc_store_word(iso->heap, &o->bound, value_from_cell(f));
  }
  return o->bound;
}

const uint16_t *vm_intl_units(Isolate *iso, String *s, uint32_t *length,
                              uint16_t **owned) {
  StringView view;
  *owned = NULL;
  if (!vm_string_view(iso, s, &view) ||
      !vm_charge(iso, (size_t)view.length * CHARGE_ICU))
    return NULL;
  *length = view.length;
  if (view.is_wide) return view.units;
  *owned = malloc(((size_t)view.length + 1) * sizeof **owned);
  if (*owned == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  for (uint32_t i = 0; i < view.length; i++)
    (*owned)[i] = ((const uint8_t *)view.units)[i];
  return *owned;
}
