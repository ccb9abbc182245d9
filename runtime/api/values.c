// SPDX-License-Identifier: MIT
// Making values and looking at them.
#include <stdlib.h>
#include <string.h>

#include "runtime/api/api.h"
#include "runtime/modules/loader.h"
#include "runtime/values.h"

rill_value rill_undefined(rill_isolate *api) {
  api_use(api);
  return api_handle(api, VALUE_UNDEFINED);
}
rill_value rill_null(rill_isolate *api) {
  api_use(api);
  return api_handle(api, VALUE_NULL);
}
rill_value rill_boolean(rill_isolate *api, bool value) {
  api_use(api);
  return api_handle(api, value_from_bool(value));
}
static __attribute__((noinline)) rill_value number_slowly(rill_isolate *api,
                                                          double value) {
  api_use_in(api, "rill_number");
  return api_handle(api, value_from_number(value));
}
rill_value rill_number(rill_isolate *api, double value) {
  if (unlikely(api->checks != NULL || api->rt->in_native ||
               api->used == API_HANDLES_PER_BLOCK))
    return number_slowly(api, value);
  rill_value handle = &api->block->handles[api->used++];
  handle->value = value_from_number(value);
  return handle;
}

rill_value rill_string(rill_isolate *api, const char *utf8, size_t length) {
  api_use(api);
  length = api_text_length(utf8, length);
  return api_handle_of_cell(api, vm_string_from_utf8(api->iso, utf8, length));
}
rill_value rill_object(rill_isolate *api) {
  api_use(api);
  return api_handle_of_cell(api, vm_object_new(api->iso));
}
rill_value rill_array(rill_isolate *api) {
  api_use(api);
  return api_handle_of_cell(api, vm_array_new(api->iso, 0));
}
rill_value rill_global(rill_isolate *api) {
  api_use(api);
  return api_handle(api, api->iso->realm->global_this);
}

rill_value rill_from_json(rill_isolate *api, const char *utf8, size_t length) {
  api_use(api);
  length = api_text_length(utf8, length);
  return api_result(api, rt_json_parse(api->iso, utf8, length, "JSON"));
}

rill_type rill_type_of(rill_isolate *api, rill_value value) {
  api_use(api);
  Value v = api_value(api, value);
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
  api_use(api);
  return value_is_kind(api_value(api, value), CELL_ARRAY);
}
bool rill_is_promise(rill_isolate *api, rill_value value) {
  api_use(api);
  return value_is_promise(api_value(api, value));
}
bool rill_is_error(rill_isolate *api, rill_value value) {
  api_use(api);
  return value_is_kind(api_value(api, value), CELL_ERROR);
}
bool rill_to_boolean(rill_isolate *api, rill_value value) {
  api_use(api);
  return vm_to_boolean(api_value(api, value));
}
static __attribute__((noinline)) double to_number_slowly(rill_isolate *api,
                                                         rill_value value) {
  api_use_in(api, "rill_to_number");
  double number;
  if (vm_to_double(api->iso, api_value(api, value), &number)) return number;
  api_fail(api);
  return NAN;
}
double rill_to_number(rill_isolate *api, rill_value value) {
  if (likely(api->checks == NULL && !api->rt->in_native && value != NULL &&
             value_is_number(value->value)))
    return value_as_number(value->value);
  return to_number_slowly(api, value);
}

const char *api_string_text(rill_isolate *api, String *string, size_t *length) {
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

bool rill_to_int32(rill_isolate *api, rill_value value, int32_t *out) {
  api_use(api);
  if (vm_to_int32(api->iso, api_value(api, value), out)) return true;
  *out = 0;
  api_fail(api);
  return false;
}
bool rill_to_uint32(rill_isolate *api, rill_value value, uint32_t *out) {
  return rill_to_int32(api, value, (int32_t *)out);
}

const char *rill_typeof(rill_isolate *api, rill_value value) {
  // In the order of rill_type.
  static const char *const names[] = {"undefined", "object", "boolean",
                                      "number",    "string", "symbol",
                                      "bigint",    "object", "function"};
  return names[rill_type_of(api, value)];
}
bool rill_is_regexp(rill_isolate *api, rill_value value) {
  api_use(api);
  return value_is_kind(api_value(api, value), CELL_REGEXP);
}
bool rill_is_proxy(rill_isolate *api, rill_value value) {
  api_use(api);
  return value_is_kind(api_value(api, value), CELL_PROXY);
}

bool rill_strict_equals(rill_isolate *api, rill_value a, rill_value b) {
  api_use(api);
  return vm_strict_equals(api->iso, api_value(api, a), api_value(api, b));
}
bool rill_same_value(rill_isolate *api, rill_value a, rill_value b) {
  api_use(api);
  return vm_same_value(api->iso, api_value(api, a), api_value(api, b));
}
int rill_loosely_equals(rill_isolate *api, rill_value a, rill_value b) {
  api_use(api);
  Tri equal = vm_loosely_equals(api->iso, api_value(api, a), api_value(api, b));
  if (equal == TRI_THREW) api_fail(api);
  return equal;
}
int rill_instance_of(rill_isolate *api, rill_value value,
                     rill_value constructor) {
  api_use(api);
  Tri is = vm_instance_of(api->iso, api_value(api, value),
                          api_value(api, constructor));
  if (is == TRI_THREW) api_fail(api);
  return is;
}

rill_value rill_error_new(rill_isolate *api, rill_error_type type,
                          const char *code, const char *message) {
  api_use(api);
  Isolate *iso = api->iso;
  if ((unsigned)type > RILL_ERROR_TYPE_URI)
    return api_fail_host(api, "rill_error_new: no such type");
  String *text = vm_string_from_utf8(iso, message, strlen(message));
  if (text == NULL) return api_fail(api);
  // ErrorType lists them in the same order.
  Object *error = vm_error_new(iso, (ErrorType)type, text);
  if (code != NULL && !rt_put_text(iso, error, "code", code))
    return api_fail(api);
  return api_handle(api, value_from_cell(error));
}

const char *rill_to_string(rill_isolate *api, rill_value value,
                           size_t *length) {
  api_use(api);
  String *string = vm_to_string(api->iso, api_value(api, value));
  if (string != NULL) return api_string_text(api, string, length);
  api_fail(api);
  return NULL;
}

const char *rill_to_json(rill_isolate *api, rill_value value, size_t *length) {
  api_use(api);
  Isolate *iso = api->iso;
  Value json = value_from_cell(INTRINSIC_OBJECT(iso, JSON));
  Value argument = api_value(api, value);
  Value text = vm_invoke(iso, json, vm_key_from_c("stringify"), 1, &argument);
  if (value_is_exception(text)) {
    api_fail(api);
    return NULL;
  }
  if (value_is_string(text)) {
    return api_string_text(api, value_as_string(text), length);
  }
  api_fail_host(api, "the value has no JSON");
  return NULL;
}
