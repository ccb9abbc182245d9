// SPDX-License-Identifier: MIT
// The response parser for node:http's clients, whose sockets are the script's:
// the same strict functions over bytes that the server has.
#include <string.h>

#include "runtime/io/bytes.h"
#include "runtime/io/http/module.h"

// responseHead(bytes, most fields): undefined: incomplete; a number: the error
// of http_parse_response; else [head's length, status, reason, minor version,
// content length or -1, chunked, keep-alive, upgrade, fields].
Value http_response_head(Isolate *iso, const NativeCall *call) {
  uint8_t *bytes;
  size_t length, scanned = 0;
  if (!rt_bytes_of(iso, native_argument(call, 0), &bytes, &length))
    return VALUE_EXCEPTION;
  long head = http_scan_head(bytes, length, &scanned);
  if (head == 0) return VALUE_UNDEFINED;
  if (head < 0) return value_from_int(400);
  HttpHead parsed;
  int error = http_parse_response(
      bytes, (size_t)head, (uint32_t)value_as_number(native_argument(call, 1)),
      &parsed);
  if (error != 0) return value_from_int(error);
  String *reason =
      vm_string_from_latin1(iso, bytes + parsed.target, parsed.target_length);
  Value fields = http_field_list(iso, bytes, (size_t)head, parsed.fields, true);
  if (reason == NULL || value_is_exception(fields)) return VALUE_EXCEPTION;
  double content = parsed.has_length ? (double)parsed.content_length : -1;
  Value parts[] = {
      value_from_int((int)head),
      value_from_int((int)parsed.status),
      value_from_cell(reason),
      value_from_int(parsed.minor_version),
      value_from_number(content),
      value_from_bool(parsed.chunked),
      value_from_bool(parsed.keep_alive),
      value_from_bool(parsed.upgrade),
      fields,
  };
  Array *list = vm_array_from(iso, parts, sizeof parts / sizeof *parts);
  return list == NULL ? VALUE_EXCEPTION : value_from_cell(list);
}

// isTrailer(name): may it come behind a body?
Value http_may_be_trailer(Isolate *iso, const NativeCall *call) {
  Value name = native_argument(call, 0);
  StringView view;
  if (!value_is_string(name)) return VALUE_FALSE;
  if (!vm_string_view(iso, value_as_string(name), &view))
    return VALUE_EXCEPTION;
  return value_from_bool(!view.is_wide &&
                         http_is_trailer(view.units, view.length));
}

// chunkedStep(state, bytes, at): [result, where to go on, start of data, its
// length]. The state is 32 bytes, zero at the body's start. Results: 0 more
// bytes are needed, 1 data, 2 trailers begin, 3 the end, 4 bad.
Value http_chunked_step(Isolate *iso, const NativeCall *call) {
  uint8_t *state, *bytes;
  size_t state_length, length;
  HttpChunked body;
  if (!rt_bytes_of(iso, native_argument(call, 0), &state, &state_length) ||
      !rt_bytes_of(iso, native_argument(call, 1), &bytes, &length))
    return VALUE_EXCEPTION;
  size_t at = (size_t)value_as_number(native_argument(call, 2));
  if (state_length < sizeof body || at > length)
    return vm_throw_type(iso, "No state of a chunked body");
  memcpy(&body, state, sizeof body);
  const uint8_t *data = bytes;
  size_t used, data_length;
  HttpChunkedResult result = http_chunked_next(&body, bytes + at, length - at,
                                               &used, &data, &data_length);
  memcpy(state, &body, sizeof body);
  static const int results[] = {[HTTP_CHUNKED_MORE] = 0,
                                [HTTP_CHUNKED_DATA] = 1,
                                [HTTP_CHUNKED_TRAILERS] = 2,
                                [HTTP_CHUNKED_END] = 3,
                                [HTTP_CHUNKED_BAD] = 4};
  Value parts[] = {
      value_from_int(results[result]),
      value_from_number((double)(at + used)),
      value_from_number((double)(data - bytes)),
      value_from_number((double)data_length),
  };
  Array *list = vm_array_from(iso, parts, 4);
  return list == NULL ? VALUE_EXCEPTION : value_from_cell(list);
}
