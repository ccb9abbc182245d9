// SPDX-License-Identifier: MIT
// Values for scripts, made field by field.
#ifndef RILL_RUNTIME_VALUES_H
#define RILL_RUNTIME_VALUES_H

#include <string.h>

#include "vm/objects/isolate.h"

// EXCEPTION: out of memory.
static inline Value rt_text_value(Isolate *iso, const char *utf8) {
  String *s = vm_string_from_utf8(iso, utf8, strlen(utf8));
  return s == NULL ? VALUE_EXCEPTION : value_from_cell(s);
}

// False: the value is an EXCEPTION, which is passed on.
static inline bool rt_put(Isolate *iso, Object *o, const char *name,
                          Value value) {
  if (value_is_exception(value)) return false;
  vm_put(iso, o, vm_key_from_c(name), value, PROPERTY_DEFAULT);
  return true;
}

#endif
