// SPDX-License-Identifier: MIT
// Date: constructor, statics and the table of its prototype, ECMA-262 21.4. The
// calendar is vm/objects/date_math.h; getters and setters are in
// date_fields.c.
#include <math.h>
#include <stdio.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/date_builtins.h"
#include "vm/builtins/intl_date.h"
#include "vm/objects/charge.h"
#include "vm/objects/date_math.h"
#include "vm/objects/operations.h"

DateObject *vm_date_new(Isolate *iso, double time) {
  DateObject *date = vm_object_allocate(iso, CELL_DATE, sizeof *date,
                                        INTRINSIC_OBJECT(iso, DatePrototype));
  date->time = vm_time_clip(time);
  return date;
}

static double now(Isolate *iso) {
  if (iso->hooks != NULL && iso->hooks->wall_milliseconds != NULL)
    return floor(iso->hooks->wall_milliseconds(iso->host));
  return vm_date_now();
}

static Value text_value(Isolate *iso, const char *text, size_t length) {
  // Only the zone's name may be other than ASCII.
  String *s = vm_string_from_utf8(iso, text, length);
  return s != NULL ? value_from_cell(s) : VALUE_EXCEPTION;
}

static Value format_value(Isolate *iso, double time, DateTextFormat format) {
  if (isnan(time)) return text_value(iso, "Invalid Date", 12);
  char text[DATE_TEXT_SIZE];
  return text_value(iso, text, vm_date_format(time, format, text));
}

static bool parse_string(Isolate *iso, String *s, double *out) {
  StringView view;
  if (!vm_string_read(iso, s, &view)) return false;
  if (!view.is_wide) {
    *out = vm_date_parse(view.units, view.length);
    return true;
  }
  // A date is Latin-1; narrow what is, so that both widths parse alike.
  uint8_t narrow[128];
  *out = NAN;
  if (view.length > sizeof narrow) return true;
  for (uint32_t i = 0; i < view.length; i++) {
    uint16_t unit = string_view_at(view, i);
    // The spaces that Intl puts into times, and the minus of ISO 8601.
    if (unit == 0x202f || unit == 0x2009) unit = ' ';
    if (unit > 0xff) return true;
    narrow[i] = (uint8_t)unit;
  }
  *out = vm_date_parse(narrow, view.length);
  return true;
}

// The time value of year, month and so on, as the constructor and Date.UTC take
// them; not clipped.
static bool time_of_components(Isolate *iso, const NativeCall *call,
                               double *out) {
  double n[7] = {NAN, 0, 1, 0, 0, 0, 0};
  for (uint32_t i = 0; i < 7 && i < call->argc; i++)
    if (!vm_to_double(iso, call->argv[i], &n[i])) return false;
  *out = vm_make_date(vm_make_day(vm_make_full_year(n[0]), n[1], n[2]),
                      vm_make_time(n[3], n[4], n[5], n[6]));
  return true;
}

// 21.4.2.1
static Value date_constructor(Isolate *iso, const NativeCall *call) {
  if (value_is_undefined(call->new_target))
    return format_value(iso, now(iso), DATE_TEXT_FULL);
  double time;
  if (call->argc == 0) {
    time = now(iso);
  } else if (call->argc == 1) {
    Value v = call->argv[0];
    if (value_is_kind(v, CELL_DATE)) {
      time = ((DateObject *)value_as_cell(v))->time;
    } else {
      v = vm_to_primitive(iso, v, HINT_DEFAULT);
      if (value_is_exception(v)) return v;
      if (value_is_string(v)) {
        if (!parse_string(iso, value_as_string(v), &time))
          return VALUE_EXCEPTION;
      } else if (!vm_to_double(iso, v, &time)) {
        return VALUE_EXCEPTION;
      }
    }
  } else {
    if (!time_of_components(iso, call, &time)) return VALUE_EXCEPTION;
    time = vm_utc_time(time);
  }
  DateObject *date = vm_object_from_constructor(
      iso, call->new_target, INTRINSIC_DatePrototype, CELL_DATE, sizeof *date);
  if (date == NULL) return VALUE_EXCEPTION;
  date->time = vm_time_clip(time);
  return value_from_cell(date);
}

// 21.4.3.1
static Value date_now(Isolate *iso, const NativeCall *call) {
  return value_from_number(now(iso));
}

// 21.4.3.2
static Value date_parse(Isolate *iso, const NativeCall *call) {
  String *s = vm_to_string(iso, native_argument(call, 0));
  double time;
  if (s == NULL || !parse_string(iso, s, &time)) return VALUE_EXCEPTION;
  return value_from_number(time);
}

// 21.4.3.4
static Value date_utc(Isolate *iso, const NativeCall *call) {
  double time;
  if (!time_of_components(iso, call, &time)) return VALUE_EXCEPTION;
  return value_from_number(vm_time_clip(time));
}

// toString, toDateString, toTimeString, toUTCString and their locale forms;
// magic: DateTextFormat.
static Value date_to_text(Isolate *iso, const NativeCall *call) {
  DateObject *date = vm_this_date(iso, call);
  if (date == NULL) return VALUE_EXCEPTION;
  return format_value(iso, date->time, (DateTextFormat)native_magic(call));
}

// 21.4.4.38 to 40 and ECMA-402 19.4. Magic: DateParts.
static Value date_to_locale_text(Isolate *iso, const NativeCall *call) {
  DateObject *date = vm_this_date(iso, call);
  if (date == NULL) return VALUE_EXCEPTION;
  if (isnan(date->time)) return text_value(iso, "Invalid Date", 12);
  return vm_intl_date_to_locale_string(
      iso, date->time, (DateParts)native_magic(call), native_argument(call, 0),
      native_argument(call, 1));
}

// 21.4.4.36
static Value date_to_iso_string(Isolate *iso, const NativeCall *call) {
  DateObject *date = vm_this_date(iso, call);
  if (date == NULL) return VALUE_EXCEPTION;
  if (isnan(date->time)) return vm_throw_range(iso, "Invalid time value");
  return format_value(iso, date->time, DATE_TEXT_ISO);
}

// 21.4.4.37
static Value date_to_json(Isolate *iso, const NativeCall *call) {
  Object *o = vm_to_object(iso, call->this_value);
  if (o == NULL) return VALUE_EXCEPTION;
  Value v = vm_to_primitive(iso, value_from_cell(o), HINT_NUMBER);
  if (value_is_exception(v)) return v;
  if (value_is_number(v) && !isfinite(value_as_number(v))) return VALUE_NULL;
  return vm_invoke(iso, value_from_cell(o), vm_key_from_c("toISOString"), 0,
                   NULL);
}

// 21.4.4.45 Date.prototype [ %Symbol.toPrimitive% ] ( hint )
static Value date_to_primitive(Isolate *iso, const NativeCall *call) {
  if (!value_is_object(call->this_value))
    return vm_throw_type(iso,
                         "Date.prototype[Symbol.toPrimitive] called on "
                         "non-object");
  Object *o = value_as_object(call->this_value);
  Value hint = native_argument(call, 0);
  bool string_first;
  if (value_is_string(hint) &&
      (vm_string_equals(iso, value_as_string(hint), ATOM(string)) ||
       vm_string_equals(iso, value_as_string(hint), ATOM(default_))))
    string_first = true;
  else if (value_is_string(hint) &&
           vm_string_equals(iso, value_as_string(hint), ATOM(number)))
    string_first = false;
  else
    return vm_throw_type_value(iso, "Invalid hint: %s", hint);
  // OrdinaryToPrimitive (7.1.1.1).
  for (int i = 0; i < 2; i++) {
    PropertyKey key = (i == 0) == string_first ? KEY(toString) : KEY(valueOf);
    Value method = vm_get(iso, o, key);
    if (value_is_exception(method)) return method;
    if (!value_is_callable(method)) continue;
    Value result = vm_call(iso, method, call->this_value, 0, NULL);
    if (value_is_exception(result) || !value_is_object(result)) return result;
  }
  return vm_throw_type(iso, "Cannot convert object to primitive value");
}

static const Builtin date_static[] = {
    BUILTIN("UTC", date_utc, 7),
    BUILTIN("now", date_now, 0),
    BUILTIN("parse", date_parse, 1),
};

static const Builtin date_prototype[] = {
    BUILTIN_MAGIC("toDateString", date_to_text, 0, DATE_TEXT_DATE),
    BUILTIN("toISOString", date_to_iso_string, 0),
    BUILTIN("toJSON", date_to_json, 1),
    BUILTIN_MAGIC("toLocaleDateString", date_to_locale_text, 0,
                  DATE_PARTS_DATE),
    BUILTIN_MAGIC("toLocaleString", date_to_locale_text, 0, DATE_PARTS_ALL),
    BUILTIN_MAGIC("toLocaleTimeString", date_to_locale_text, 0,
                  DATE_PARTS_TIME),
    BUILTIN_MAGIC("toString", date_to_text, 0, DATE_TEXT_FULL),
    BUILTIN_MAGIC("toTimeString", date_to_text, 0, DATE_TEXT_TIME),
    BUILTIN_MAGIC("toUTCString", date_to_text, 0, DATE_TEXT_UTC),
    BUILTIN_SAME_AS("toGMTString", "toUTCString"),
    {.name = "@@toPrimitive",
     .kind = BUILTIN_FUNCTION,
     .attributes = PROPERTY_CONFIGURABLE,
     .length = 1,
     .code = date_to_primitive},
};

void vm_init_date(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_DatePrototype, prototype);
  Object *constructor =
      &vm_define_constructor(iso, "Date", date_constructor, 7, prototype, NULL)
           ->object;
  vm_realm_set_intrinsic(realm, INTRINSIC_Date, constructor);
  VM_DEFINE_BUILTINS(iso, constructor, date_static);
  VM_DEFINE_BUILTINS(iso, prototype, date_prototype);
  vm_define_date_fields(iso, prototype);
}
