// SPDX-License-Identifier: MIT
// Making values and looking at them.
#include <stdlib.h>
#include <string.h>

#include "runtime/api/api.h"
#include "runtime/io/bytes.h"
#include "runtime/modules/loader.h"

static rill_value handle_of_cell(rill_isolate *api, const void *cell) {
  return cell == NULL ? api_fail(api) : api_handle(api, value_from_cell(cell));
}

rill_value rill_undefined(rill_isolate *api) {
  return api_handle(api, VALUE_UNDEFINED);
}
rill_value rill_null(rill_isolate *api) {
  return api_handle(api, VALUE_NULL);
}
rill_value rill_boolean(rill_isolate *api, bool value) {
  return api_handle(api, value_from_bool(value));
}
rill_value rill_number(rill_isolate *api, double value) {
  return api_handle(api, value_from_number(value));
}

rill_value rill_string(rill_isolate *api, const char *utf8, size_t length) {
  rt_enter(api->rt);
  if (length == RILL_TEXT_END) length = strlen(utf8);
  return handle_of_cell(api, vm_string_from_utf8(api->iso, utf8, length));
}
rill_value rill_object(rill_isolate *api) {
  rt_enter(api->rt);
  return handle_of_cell(api, vm_object_new(api->iso));
}
rill_value rill_array(rill_isolate *api) {
  rt_enter(api->rt);
  return handle_of_cell(api, vm_array_new(api->iso, 0));
}
rill_value rill_global(rill_isolate *api) {
  return api_handle(api, api->iso->realm->global_this);
}

rill_value rill_bytes(rill_isolate *api, const void *bytes, size_t length) {
  rt_enter(api->rt);
  uint8_t *copy = malloc(length + 1);
  if (copy == NULL) return api_fail_host(api, "Out of memory");
  if (length > 0) memcpy(copy, bytes, length);
  return api_result(api, rt_bytes_adopt(api->iso, copy, length));
}

rill_value rill_from_json(rill_isolate *api, const char *utf8, size_t length) {
  rt_enter(api->rt);
  if (length == RILL_TEXT_END) length = strlen(utf8);
  return api_result(api, rt_json_parse(api->iso, utf8, length, "JSON"));
}

rill_type rill_type_of(rill_isolate *api, rill_value value) {
  Value v = api_value(value);
  if (value_is_undefined(v)) return RILL_UNDEFINED;
  if (value_is_null(v)) return RILL_NULL;
  if (value_is_boolean(v)) return RILL_BOOLEAN;
  if (value_is_number(v)) return RILL_NUMBER;
  if (value_is_string(v)) return RILL_STRING;
  if (value_is_symbol(v)) return RILL_SYMBOL;
  if (value_is_bigint(v)) return RILL_BIGINT;
  return value_is_callable(v) ? RILL_FUNCTION : RILL_OBJECT;
}
bool rill_is_array(rill_isolate *api, rill_value value) {
  return value_is_kind(api_value(value), CELL_ARRAY);
}
bool rill_is_promise(rill_isolate *api, rill_value value) {
  return value_is_promise(api_value(value));
}
bool rill_is_error(rill_isolate *api, rill_value value) {
  return value_is_kind(api_value(value), CELL_ERROR);
}
bool rill_to_boolean(rill_isolate *api, rill_value value) {
  return vm_to_boolean(api_value(value));
}
double rill_to_number(rill_isolate *api, rill_value value) {
  if (value_is_number(api_value(value))) {
    return value_as_number(api_value(value));
  }
  rt_enter(api->rt);
  double number;
  if (vm_to_double(api->iso, api_value(value), &number)) return number;
  api_fail(api);
  return NAN;
}

static const char *text_of(rill_isolate *api, String *string, size_t *length) {
  size_t bytes;
  char *utf8 = vm_string_to_utf8(api->iso, string, &bytes);
  if (utf8 == NULL) {
    api_fail_host(api, "Out of memory");
    return NULL;
  }
  char *text = api_text(api, utf8, bytes);
  free(utf8);
  if (length != NULL) *length = bytes;
  return text;
}

const char *rill_to_string(rill_isolate *api, rill_value value,
                           size_t *length) {
  rt_enter(api->rt);
  String *string = vm_to_string(api->iso, api_value(value));
  if (string != NULL) return text_of(api, string, length);
  api_fail(api);
  return NULL;
}

const char *rill_to_json(rill_isolate *api, rill_value value, size_t *length) {
  rt_enter(api->rt);
  Isolate *iso = api->iso;
  Value json = value_from_cell(INTRINSIC_OBJECT(iso, JSON));
  Value argument = api_value(value);
  Value text = vm_invoke(iso, json, vm_key_from_c("stringify"), 1, &argument);
  if (value_is_exception(text)) {
    api_fail(api);
    return NULL;
  }
  if (value_is_string(text)) {
    return text_of(api, value_as_string(text), length);
  }
  api_fail_host(api, "the value has no JSON");
  return NULL;
}

void *rill_get_bytes(rill_isolate *api, rill_value value, size_t *length) {
  uint8_t *bytes;
  size_t count;
  if (!rt_bytes_of(api->iso, api_value(value), &bytes, &count)) {
    api_fail(api);
    return NULL;
  }
  if (length != NULL) *length = count;
  return bytes;
}

static bool key_of(rill_isolate *api, const char *name, PropertyKey *out) {
  String *text = vm_string_from_utf8(api->iso, name, strlen(name));
  if (text != NULL && vm_string_to_key(api->iso, text, out)) return true;
  api_fail(api);
  return false;
}

rill_value rill_get(rill_isolate *api, rill_value object, const char *name) {
  PropertyKey key;
  rt_enter(api->rt);
  if (!key_of(api, name, &key)) return NULL;
  return api_result(api, vm_get_of_value(api->iso, api_value(object), key));
}

static bool set(rill_isolate *api, rill_value object, PropertyKey key,
                rill_value value) {
  Value o = api_value(object);
  if (!value_is_object(o)) {
    vm_throw_type_value(api->iso, "%s is not an object", o);
    api_fail(api);
    return false;
  }
  if (vm_set(api->iso, value_as_object(o), key, api_value(value), true)) {
    return true;
  }
  api_fail(api);
  return false;
}

bool rill_set(rill_isolate *api, rill_value object, const char *name,
              rill_value value) {
  PropertyKey key;
  rt_enter(api->rt);
  return key_of(api, name, &key) && set(api, object, key, value);
}

rill_value rill_get_index(rill_isolate *api, rill_value object,
                          uint32_t index) {
  rt_enter(api->rt);
  return api_result(
      api, vm_get_of_value(api->iso, api_value(object), key_from_index(index)));
}

bool rill_set_index(rill_isolate *api, rill_value object, uint32_t index,
                    rill_value value) {
  rt_enter(api->rt);
  return set(api, object, key_from_index(index), value);
}

bool rill_push(rill_isolate *api, rill_value array, rill_value value) {
  if (!rill_is_array(api, array)) {
    api_fail_host(api, "rill_push needs an array");
    return false;
  }
  return rill_set_index(api, array, (uint32_t)rill_length(api, array), value);
}

size_t rill_length(rill_isolate *api, rill_value value) {
  Value v = api_value(value);
  if (value_is_string(v)) return string_length(value_as_string(v));
  if (value_is_kind(v, CELL_ARRAY)) {
    return ((Array *)value_as_cell(v))->length;
  }
  if (value_is_typed_array(v)) {
    return vm_typed_array_length((TypedArray *)value_as_cell(v));
  }
  return 0;
}
