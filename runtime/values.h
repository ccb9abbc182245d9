// SPDX-License-Identifier: MIT
// Values for scripts, made field by field.
#ifndef RILL_RUNTIME_VALUES_H
#define RILL_RUNTIME_VALUES_H

#include <string.h>

#include "vm/objects/isolate.h"

// EXCEPTION: no string, because something threw.
static inline Value rt_string_value(String *s) {
  return s == NULL ? VALUE_EXCEPTION : value_from_cell(s);
}
// EXCEPTION: out of memory.
static inline Value rt_utf8_value(Isolate *iso, const char *utf8,
                                  size_t length) {
  return rt_string_value(vm_string_from_utf8(iso, utf8, length));
}
static inline Value rt_text_value(Isolate *iso, const char *utf8) {
  return rt_utf8_value(iso, utf8, strlen(utf8));
}

// False: the value is an EXCEPTION, which is passed on.
static inline bool rt_put(Isolate *iso, Object *o, const char *name,
                          Value value) {
  if (value_is_exception(value)) return false;
  vm_put(iso, o, vm_key_from_c(name), value, PROPERTY_DEFAULT);
  return true;
}
static inline bool rt_put_number(Isolate *iso, Object *o, const char *name,
                                 double number) {
  return rt_put(iso, o, name, value_from_number(number));
}
static inline bool rt_put_text(Isolate *iso, Object *o, const char *name,
                               const char *utf8) {
  return rt_put(iso, o, name, rt_text_value(iso, utf8));
}

#endif
