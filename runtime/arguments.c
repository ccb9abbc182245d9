// SPDX-License-Identifier: MIT
#include "runtime/arguments.h"

#include <math.h>

#include "vm/objects/array.h"
#include "vm/objects/host_object.h"
#include "vm/objects/isolate.h"
#include "vm/objects/throw.h"

static bool is_whole(Value v, double least, double most) {
  if (!value_is_number(v)) return false;
  double number = value_as_number(v);
  return number >= least && number <= most && number == trunc(number);
}

// NULL: it is of the kind. Else what the kind is.
static const char *wanted(char kind, Value v) {
  switch (kind) {
  case 's':
    return value_is_string(v) ? NULL : "a string";
  case 'b':
    return value_is_boolean(v) ? NULL : "a boolean";
  case 'n':
    return value_is_number(v) ? NULL : "a number";
  case 'i':
    return is_whole(v, INT32_MIN, INT32_MAX) ? NULL : "a small whole number";
  case 'u':
    return is_whole(v, 0, 9007199254740991.0) ? NULL : "a whole number";
  case 'f':
    return value_is_callable(v) ? NULL : "a function";
  case 'o':
    return value_is_object(v) ? NULL : "an object";
  case 'a':
    return value_is_kind(v, CELL_ARRAY) ? NULL : "an array";
  default:
    return NULL;
  }
}

bool rt_arguments_are(Isolate *iso, const NativeCall *call, const char *kinds) {
  for (uint32_t i = 0; kinds[i] != '\0'; i++) {
    Value v = native_argument(call, i);
    bool is_optional = kinds[i] >= 'A' && kinds[i] <= 'Z';
    if (is_optional && value_is_undefined(v)) continue;
    const char *what =
        wanted((char)(is_optional ? kinds[i] - 'A' + 'a' : kinds[i]), v);
    if (likely(what == NULL)) continue;
    vm_throw_type(iso, "Argument %u must be %s", i + 1, what);
    return false;
  }
  return true;
}

void *rt_host_argument(Isolate *iso, const NativeCall *call, uint32_t at,
                       const void *type) {
  Value v = native_argument(call, at);
  if (value_is_kind(v, CELL_HOST_OBJECT)) {
    const HostObject *o = (HostObject *)value_as_cell(v);
    if (likely(o->type == type)) return o->data;
  }
  vm_throw_type_value(iso, "%s is not of the kind that is expected", v);
  return NULL;
}

bool rt_numbers_of(Isolate *iso, Value array, double *out, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    Value item = vm_get_element(iso, array, value_from_int((int32_t)i));
    if (value_is_exception(item)) return false;
    if (!value_is_number(item)) {
      vm_throw_type(iso, "An array of %u numbers is expected", count);
      return false;
    }
    out[i] = value_as_number(item);
  }
  return true;
}
