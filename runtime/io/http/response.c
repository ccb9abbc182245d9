// SPDX-License-Identifier: MIT
// Responses: what a handler gave becomes bytes. Values are gathered first,
// which may run script code; then the head is checked and written in one go, so
// that a bad one leaves nothing behind.
#include <stdlib.h>
#include <string.h>

#include "runtime/arguments.h"
#include "runtime/io/http/module.h"
#include "vm/objects/buffer.h"
#include "vm/objects/shape_internal.h"

enum { MAX_FIELDS = 128, WRITE_AHEAD = 64 * 1024 };

typedef struct Field {
  String *name, *value;
} Field;
typedef struct Response {
  int status;
  Value body;
  uint32_t count;
  Field fields[MAX_FIELDS]; // on the C stack, which the collector scans
} Response;

// How the end of the body shows.
typedef enum { BODY_NONE, BODY_LENGTH, BODY_CHUNKED, BODY_CLOSE } BodyKind;

static const char *http_reason(int status) {
  switch (status) {
#define REASON(code, text)                                                     \
  case code:                                                                   \
    return text;
    REASON(100, "Continue")
    REASON(101, "Switching Protocols")
    REASON(200, "OK")
    REASON(201, "Created")
    REASON(202, "Accepted")
    REASON(203, "Non-Authoritative Information")
    REASON(204, "No Content")
    REASON(205, "Reset Content")
    REASON(206, "Partial Content")
    REASON(300, "Multiple Choices")
    REASON(301, "Moved Permanently")
    REASON(302, "Found")
    REASON(303, "See Other")
    REASON(304, "Not Modified")
    REASON(307, "Temporary Redirect")
    REASON(308, "Permanent Redirect")
    REASON(400, "Bad Request")
    REASON(401, "Unauthorized")
    REASON(402, "Payment Required")
    REASON(403, "Forbidden")
    REASON(404, "Not Found")
    REASON(405, "Method Not Allowed")
    REASON(406, "Not Acceptable")
    REASON(408, "Request Timeout")
    REASON(409, "Conflict")
    REASON(410, "Gone")
    REASON(411, "Length Required")
    REASON(412, "Precondition Failed")
    REASON(413, "Content Too Large")
    REASON(414, "URI Too Long")
    REASON(415, "Unsupported Media Type")
    REASON(416, "Range Not Satisfiable")
    REASON(417, "Expectation Failed")
    REASON(418, "I'm a Teapot")
    REASON(421, "Misdirected Request")
    REASON(422, "Unprocessable Content")
    REASON(425, "Too Early")
    REASON(426, "Upgrade Required")
    REASON(428, "Precondition Required")
    REASON(429, "Too Many Requests")
    REASON(431, "Request Header Fields Too Large")
    REASON(451, "Unavailable For Legal Reasons")
    REASON(500, "Internal Server Error")
    REASON(501, "Not Implemented")
    REASON(502, "Bad Gateway")
    REASON(503, "Service Unavailable")
    REASON(504, "Gateway Timeout")
    REASON(505, "HTTP Version Not Supported")
#undef REASON
  default:
    return "Unknown";
  }
}

static uint8_t *put(uint8_t *at, const char *text, size_t length) {
  memcpy(at, text, length);
  return at + length;
}
#define PUT(at, literal) put(at, literal, sizeof(literal) - 1)

static uint8_t *put_number(uint8_t *at, uint64_t number) {
  uint8_t digits[20];
  size_t count = 0;
  do {
    digits[count++] = (uint8_t)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (count != 0)
    *at++ = digits[--count];
  return at;
}

// What a field of a response means to the server itself.
typedef enum {
  FIELD_PLAIN,
  FIELD_CONTENT_LENGTH, // ours is written
  FIELD_HOP,            // Connection, Transfer-Encoding: the server's own
  FIELD_DATE,
  FIELD_CONTENT_TYPE,
} FieldMeaning;

static FieldMeaning meaning_of(const uint8_t *name, size_t length) {
  switch (length) {
  case 4:
    return http_name_is(name, length, "date") ? FIELD_DATE : FIELD_PLAIN;
  case 10:
    return http_name_is(name, length, "connection") ? FIELD_HOP : FIELD_PLAIN;
  case 12:
    return http_name_is(name, length, "content-type") ? FIELD_CONTENT_TYPE
                                                      : FIELD_PLAIN;
  case 14:
    return http_name_is(name, length, "content-length") ? FIELD_CONTENT_LENGTH
                                                        : FIELD_PLAIN;
  case 17:
    return http_name_is(name, length, "transfer-encoding") ? FIELD_HOP
                                                           : FIELD_PLAIN;
  default:
    return FIELD_PLAIN;
  }
}

static bool says_close(StringView value) {
  return value.length == 5 && http_name_is(value.units, 5, "close");
}

// The bytes that the fields need. 0: a bad one; threw.
static size_t check_fields(Isolate *iso, const Response *r) {
  size_t size = 512; // status line and the fields of our own
  for (uint32_t i = 0; i < r->count; i++) {
    StringView name, value;
    if (!vm_string_view(iso, r->fields[i].name, &name) ||
        !vm_string_view(iso, r->fields[i].value, &value))
      return 0;
    if (name.is_wide || !http_is_token(name.units, name.length)) {
      vm_throw_type_value(iso, "%s is no header name",
                          value_from_cell(r->fields[i].name));
      return 0;
    }
    if (value.is_wide || !http_is_field_value(value.units, value.length)) {
      vm_throw_type_value(iso, "%s is no header value",
                          value_from_cell(r->fields[i].value));
      return 0;
    }
    size += name.length + value.length + 4;
  }
  if (size > HTTP_OUT) {
    vm_throw_range(iso, "The response's headers are too long");
    return 0;
  }
  return size;
}

// Of the status line: the script's, or the status's own. False: threw.
static bool reason_of(HttpConnection *c, int status, StringView *out) {
  Isolate *iso = c->stream.handle.rt->isolate;
  if (likely(!net_slot_holds(&c->reason))) {
    const char *text = http_reason(status);
    *out = (StringView){.units = (const uint8_t *)text,
                        .length = (uint32_t)strlen(text)};
    return true;
  }
  String *given = value_as_string(net_slot(&c->reason));
  net_slot_clear(rt_of(iso), &c->reason);
  if (!vm_string_view(iso, given, out)) return false;
  if (!out->is_wide && out->length <= 200 &&
      http_is_field_value(out->units, out->length))
    return true;
  vm_throw_type_value(iso, "%s is no reason phrase", value_from_cell(given));
  return false;
}

// How long node:http's connections stay, which its clients go by.
static uint8_t *put_keep_alive(uint8_t *at, uint32_t seconds) {
  if (seconds == 0) return at;
  at = PUT(at, "Keep-Alive: timeout=");
  at = put_number(at, seconds);
  return PUT(at, "\r\n");
}

// Writes the head. False: threw, nothing was written.
static bool put_head(HttpConnection *c, const Response *r, BodyKind kind,
                     uint64_t length, bool is_text) {
  Isolate *iso = c->stream.handle.rt->isolate;
  if (r->status < 200 || r->status > 599) {
    vm_throw_range(iso, "The response's status must be 200 to 599, not %d",
                   r->status);
    return false;
  }
  if (unlikely(c->span != 0)) c->status = r->status;
  size_t size = check_fields(iso, r);
  if (size == 0) return false;
  StringView reason;
  if (!reason_of(c, r->status, &reason)) return false;
  Http *http = http_of(c);
  uint8_t *start = http_out_reserve(c, size), *at = start;
  if (likely(r->status == 200 && !net_slot_holds(&c->reason))) {
    at = PUT(at, "HTTP/1.1 200 OK\r\n");
  } else {
    at = PUT(at, "HTTP/1.1 ");
    at = put_number(at, (uint64_t)r->status);
    *at++ = ' ';
    at = put(at, reason.units, reason.length);
    at = PUT(at, "\r\n");
  }
  bool has_date = c->without_date;
  for (uint32_t i = 0; i < r->count; i++) {
    StringView name = string_view_of(r->fields[i].name);
    StringView value = string_view_of(r->fields[i].value);
    switch (meaning_of(name.units, name.length)) {
    case FIELD_CONTENT_LENGTH:
      continue;
    case FIELD_HOP:
      if (says_close(value)) c->keep_alive = false;
      continue;
    case FIELD_DATE:
      has_date = true;
      break;
    case FIELD_CONTENT_TYPE:
      is_text = false;
      break;
    case FIELD_PLAIN:
      break;
    }
    at = put(at, name.units, name.length);
    at = PUT(at, ": ");
    at = put(at, value.units, value.length);
    at = PUT(at, "\r\n");
  }
  if (is_text) at = PUT(at, "Content-Type: text/plain;charset=utf-8\r\n");
  if (kind == BODY_LENGTH) {
    at = PUT(at, "Content-Length: ");
    at = put_number(at, length);
    at = PUT(at, "\r\n");
  } else if (kind == BODY_CHUNKED) {
    at = PUT(at, "Transfer-Encoding: chunked\r\n");
  }
  if (!c->keep_alive) {
    at = PUT(at, "Connection: close\r\n");
  } else if (!c->minor_version || http_is_for_node(c->server)) {
    at = PUT(at, "Connection: keep-alive\r\n");
  }
  if (c->keep_alive && http_is_for_node(c->server))
    at = put_keep_alive(at, c->server->limits.idle_timeout / 1000);
  if (!has_date) {
    size_t date_length;
    const char *date = http_date_field(http, &date_length);
    at = put(at, date, date_length);
  }
  at = PUT(at, "\r\n");
  http->out_length += (size_t)(at - start);
  return true;
}

static bool has_no_body(int status) {
  return status == 204 || status == 304;
}

// A whole response; body: string, bytes or undefined. is_text: it says so
// unless the fields have a type. False: threw, nothing was written.
static bool put_response(HttpConnection *c, const Response *r, bool is_text) {
  Isolate *iso = c->stream.handle.rt->isolate;
  NetBytes body = {0};
  if (!value_is_nullish(r->body) && !net_bytes_of(iso, r->body, &body))
    return false;
  bool bodiless = has_no_body(r->status);
  bool done = put_head(c, r, bodiless ? BODY_NONE : BODY_LENGTH, body.length,
                       is_text && !bodiless);
  if (done && !bodiless && !c->is_head && body.length != 0)
    http_out_append(c, body.bytes, body.length);
  free(body.owned);
  if (done) http_response_done(c);
  return done;
}

void http_respond_status(HttpConnection *c, int status) {
  if (unlikely(c->span != 0)) c->status = status;
  Response r;
  r.status = status;
  r.count = 0;
  r.body = VALUE_UNDEFINED;
  Isolate *iso = c->stream.handle.rt->isolate;
  String *reason = vm_string_from_c(iso, http_reason(status));
  if (reason != NULL) r.body = value_from_cell(reason);
  NetBytes body;
  if (net_bytes_of(iso, r.body, &body) &&
      put_head(c, &r, BODY_LENGTH, body.length, true) && !c->is_head)
    http_out_append(c, body.bytes, body.length);
}

// Plain forms ----------------------------------------------------------------

// An object literal's properties, which no script can see being read.
static bool is_plain(Isolate *iso, Value v) {
  if (!value_is_kind(v, CELL_OBJECT)) return false;
  Object *o = value_as_object(v);
  return !(o->cell.flags & OBJECT_EXOTIC) &&
         !(o->shape->cell.flags &
           (SHAPE_UNIQUE | SHAPE_LAZY | SHAPE_EXOTIC_ELEMENTS |
            SHAPE_HAS_SYMBOL_KEYS)) &&
         o->shape->prototype == INTRINSIC_OBJECT(iso, ObjectPrototype) &&
         elements_length(o->elements) == 0;
}

static bool is_body(Value v) {
  return value_is_string(v) || value_is_nullish(v) || value_is_typed_array(v) ||
         value_is_any_buffer(v) || value_is_kind(v, CELL_DATA_VIEW);
}

// {status, headers, body} of plain values. False: it is something else.
static bool gather_plain(const Http *http, Isolate *iso, Value result,
                         Response *r) {
  if (!is_plain(iso, result)) return false;
  Object *o = value_as_object(result);
  ShapeTable *table = vm_shape_table(iso, o->shape);
  Value headers = VALUE_UNDEFINED;
  for (uint32_t i = 0; i < o->shape->property_count; i++) {
    ShapeEntry e = table->entries[i];
    if (e.attributes & PROPERTY_ACCESSOR) return false;
    Value v = *object_slot(o, e.slot);
    if (e.key == http->body_key) {
      if (!is_body(v)) return false;
      r->body = v;
    } else if (e.key == http->headers_key) {
      headers = v;
    } else if (e.key == http->status_key) {
      if (!value_is_int(v)) return false;
      r->status = value_as_int(v);
    } else if (e.key == KEY(then)) {
      return false; // to be waited for
    }
  }
  if (value_is_undefined(headers)) return true;
  if (!is_plain(iso, headers)) return false;
  o = value_as_object(headers);
  table = vm_shape_table(iso, o->shape);
  for (uint32_t i = 0; i < o->shape->property_count; i++) {
    ShapeEntry e = table->entries[i];
    Value v = *object_slot(o, e.slot);
    if ((e.attributes & PROPERTY_ACCESSOR) || !value_is_string(v) ||
        r->count == MAX_FIELDS)
      return false;
    r->fields[r->count++] =
        (Field){(String *)value_as_cell(e.key), value_as_string(v)};
  }
  return true;
}

static void keep_request(HttpConnection *c) {
  net_slot_set(c->stream.handle.rt, &c->request_slot,
               value_from_cell(c->request));
}

// Lets http.js go on with a request. What it cannot do ends in a bare 500.
static void pass_on(HttpConnection *c, const GcHandle *function,
                    Value argument) {
  Isolate *iso = c->stream.handle.rt->isolate;
  keep_request(c);
  Value arguments[] = {value_from_cell(c->request), argument};
  Value done = vm_call(iso, net_slot(function), VALUE_UNDEFINED, 2, arguments);
  if (!value_is_exception(done)) return;
  if (vm_is_terminating(iso)) {
    net_handle_close(&c->stream.handle);
    return;
  }
  vm_take_exception(iso);
  if (c->state == HTTP_HANDLING && !c->stream.handle.closing) http_fail(c, 500);
}

void http_respond(HttpConnection *c, Value result) {
  Response r;
  r.status = 200;
  r.count = 0;
  r.body = result;
  Isolate *iso = c->stream.handle.rt->isolate;
  if (!value_is_string(result)) {
    r.body = VALUE_UNDEFINED;
    if (!gather_plain(http_of(c), iso, result, &r)) {
      pass_on(c, &c->server->on_other, result);
      return;
    }
  }
  if (unlikely(!put_response(c, &r, value_is_string(r.body))))
    http_respond_failure(c, vm_take_exception(iso));
}

void http_respond_failure(HttpConnection *c, Value error) {
  pass_on(c, &c->server->on_failure, error);
}

PropertyKey http_failure_key(void) {
  return vm_key_from_c(" on_failure");
}

void http_late_failure(Isolate *iso, HttpRequest *request, Value error) {
  Value on_failure =
      vm_get(iso, request->host.object.shape->prototype, http_failure_key());
  Value arguments[] = {value_from_cell(request), error};
  if (!value_is_exception(on_failure))
    on_failure = vm_call(iso, on_failure, VALUE_UNDEFINED, 2, arguments);
  if (value_is_exception(on_failure) && !vm_is_terminating(iso))
    vm_take_exception(iso);
}

// For http.js ----------------------------------------------------------------

// [name, value, ...]. False: threw.
static bool take_fields(Isolate *iso, Value fields, Response *r) {
  uint32_t length = ((Array *)value_as_cell(fields))->length;
  r->count = 0;
  for (uint32_t i = 0; i + 1 < length; i += 2) {
    if (r->count == MAX_FIELDS) {
      vm_throw_range(iso, "The response has more than %d headers", MAX_FIELDS);
      return false;
    }
    Value pair[2];
    for (uint32_t k = 0; k < 2; k++) {
      pair[k] = vm_get_element(iso, fields, value_from_int((int32_t)(i + k)));
      if (value_is_exception(pair[k])) return false;
      if (value_is_string(pair[k])) continue;
      vm_throw_type_value(iso, "%s is no header", pair[k]);
      return false;
    }
    r->fields[r->count++] =
        (Field){value_as_string(pair[0]), value_as_string(pair[1])};
  }
  return true;
}

// Takes (request, status, [name, value, ...]). The connection, or NULL: threw,
// or *over: the peer is gone.
static HttpConnection *take_response(Isolate *iso, const NativeCall *call,
                                     Response *r, bool *over) {
  HttpRequest *request = http_this_request(iso, native_argument(call, 0));
  *over = false;
  if (request == NULL) return NULL;
  HttpConnection *c = request->host.data;
  if (c == NULL || c->state != HTTP_HANDLING) {
    *over = true;
    return NULL;
  }
  if (!rt_arguments_are(iso, call, ".ia")) return NULL;
  r->status = (int)value_as_number(call->argv[1]);
  return take_fields(iso, call->argv[2], r) ? c : NULL;
}

// respond(request, status, fields, body): did it go out?
Value http_native_respond(Isolate *iso, const NativeCall *call) {
  Response r;
  bool over;
  HttpConnection *c = take_response(iso, call, &r, &over);
  if (c == NULL) return over ? VALUE_FALSE : VALUE_EXCEPTION;
  r.body = native_argument(call, 3);
  if (!put_response(c, &r, false)) return VALUE_EXCEPTION;
  if (!c->processing) http_connection_continue(c);
  return VALUE_TRUE;
}

// start(request, status, fields, length or undefined): a response whose body
// follows by write and end. False: the peer is gone.
Value http_native_start(Isolate *iso, const NativeCall *call) {
  Response r;
  bool over;
  HttpConnection *c = take_response(iso, call, &r, &over);
  if (c == NULL) return over ? VALUE_FALSE : VALUE_EXCEPTION;
  Value length = native_argument(call, 3);
  BodyKind kind = BODY_CHUNKED;
  if (has_no_body(r.status)) {
    kind = BODY_NONE;
  } else if (value_is_number(length)) {
    kind = BODY_LENGTH;
  } else if (!c->minor_version) {
    kind = BODY_CLOSE;
    c->keep_alive = false;
  }
  uint64_t left =
      kind == BODY_LENGTH ? (uint64_t)value_as_number(length) : UINT64_MAX;
  http_body_invite(
      c); // the body may still be read, and it cannot be said later
  if (!put_head(c, &r, kind, left, false)) return VALUE_EXCEPTION;
  c->state = HTTP_STREAMING;
  c->chunked_response = kind == BODY_CHUNKED;
  c->response_left = kind == BODY_NONE ? 0 : left;
  return VALUE_TRUE;
}

static HttpConnection *streaming(Isolate *iso, const NativeCall *call) {
  HttpRequest *request = http_this_request(iso, native_argument(call, 0));
  if (request == NULL) return NULL;
  HttpConnection *c = request->host.data;
  if (c != NULL && c->state == HTTP_STREAMING) return c;
  vm_throw(iso, net_error(iso, UV_ECONNRESET, "write", NULL, -1));
  return NULL;
}

// write(request, bytes or text): a promise that is settled once the peer keeps
// up; undefined: it does.
Value http_native_write(Isolate *iso, const NativeCall *call) {
  HttpConnection *c = streaming(iso, call);
  NetBytes data;
  if (c == NULL || !net_bytes_of(iso, native_argument(call, 1), &data))
    return VALUE_EXCEPTION;
  if (data.length > c->response_left) {
    free(data.owned);
    return vm_throw_range(iso,
                          "The response's body is longer than its "
                          "Content-Length");
  }
  if (c->response_left != UINT64_MAX) c->response_left -= data.length;
  if (data.length != 0 && !c->is_head) {
    if (c->chunked_response) {
      char size[20];
      int digits = snprintf(size, sizeof size, "%zx\r\n", data.length);
      http_out_append(c, size, (size_t)digits);
    }
    http_out_append(c, data.bytes, data.length);
    if (c->chunked_response) http_out_append(c, "\r\n", 2);
    http_out_flush(c, NULL);
  }
  free(data.owned);
  if (c->stream.handle.closing)
    return vm_throw(iso, net_error(iso, UV_ECONNRESET, "write", NULL, -1));
  if (c->stream.queued <= WRITE_AHEAD) return VALUE_UNDEFINED;
  if (net_is_waiting(&c->write_waiter)) return net_slot(&c->write_waiter);
  return net_wait(iso, &c->write_waiter);
}

// Field lines, and the blank line behind them. False: threw.
static bool append_fields(HttpConnection *c, const Response *r) {
  Isolate *iso = c->stream.handle.rt->isolate;
  if (check_fields(iso, r) == 0) return false;
  for (uint32_t i = 0; i < r->count; i++) {
    StringView name = string_view_of(r->fields[i].name);
    StringView value = string_view_of(r->fields[i].value);
    http_out_append(c, name.units, name.length);
    http_out_append(c, ": ", 2);
    http_out_append(c, value.units, value.length);
    http_out_append(c, "\r\n", 2);
  }
  http_out_append(c, "\r\n", 2);
  return true;
}

// decorate(request, reason or undefined, with Date, keep the connection): of
// the response that has not begun.
Value http_native_decorate(Isolate *iso, const NativeCall *call) {
  HttpRequest *request = http_this_request(iso, native_argument(call, 0));
  if (request == NULL) return VALUE_EXCEPTION;
  HttpConnection *c = request->host.data;
  if (c == NULL || c->state != HTTP_HANDLING) return VALUE_UNDEFINED;
  Value reason = native_argument(call, 1);
  if (value_is_string(reason)) {
    net_slot_set(rt_of(iso), &c->reason, reason);
  }
  c->without_date = !vm_to_boolean(native_argument(call, 2));
  if (!vm_to_boolean(native_argument(call, 3))) c->keep_alive = false;
  return VALUE_UNDEFINED;
}

// inform(request, status, fields): an interim response (RFC 9110 15.2).
Value http_native_inform(Isolate *iso, const NativeCall *call) {
  Response r;
  bool over;
  HttpConnection *c = take_response(iso, call, &r, &over);
  if (c == NULL) return over ? VALUE_FALSE : VALUE_EXCEPTION;
  if (!c->minor_version) return VALUE_FALSE; // HTTP/1.0 has none
  if (r.status < 100 || r.status > 199 || r.status == 101)
    return vm_throw_range(iso, "%d is no interim response", r.status);
  if (check_fields(iso, &r) == 0) return VALUE_EXCEPTION;
  if (r.status == 100) {
    if (!c->wants_continue) return VALUE_FALSE;
    c->wants_continue = false;
  }
  const char *reason = r.status == 100   ? "Continue"
                       : r.status == 102 ? "Processing"
                       : r.status == 103 ? "Early Hints"
                                         : "Information";
  char line[64];
  int length =
      snprintf(line, sizeof line, "HTTP/1.1 %d %s\r\n", r.status, reason);
  http_out_append(c, line, (size_t)length);
  append_fields(c, &r);
  http_out_flush(c, NULL);
  return VALUE_TRUE;
}

// end(request, trailers or undefined, may be short): of a body that is shorter
// than its Content-Length the connection is the end, and an error unless it
// may.
Value http_native_end(Isolate *iso, const NativeCall *call) {
  HttpConnection *c = streaming(iso, call);
  if (c == NULL) return VALUE_EXCEPTION;
  if (c->response_left != 0 && c->response_left != UINT64_MAX && !c->is_head) {
    // The peer can only see that by the connection's end.
    http_out_flush(c, NULL);
    net_handle_close(&c->stream.handle);
    if (vm_to_boolean(native_argument(call, 2))) return VALUE_UNDEFINED;
    return vm_throw_range(
        iso, "The response's body is shorter than its Content-Length");
  }
  Value trailers = native_argument(call, 1);
  if (c->chunked_response && !c->is_head) {
    Response r = {.count = 0};
    if (value_is_kind(trailers, CELL_ARRAY) && !take_fields(iso, trailers, &r))
      return VALUE_EXCEPTION;
    if (check_fields(iso, &r) == 0) return VALUE_EXCEPTION;
    http_out_append(c, "0\r\n", 3);
    append_fields(c, &r);
  }
  http_response_done(c);
  if (!c->processing) http_connection_continue(c);
  return VALUE_UNDEFINED;
}

// isPending(request): has no response begun?
Value http_is_pending(Isolate *iso, const NativeCall *call) {
  HttpRequest *request = http_this_request(iso, native_argument(call, 0));
  if (request == NULL) return VALUE_EXCEPTION;
  HttpConnection *c = request->host.data;
  return value_from_bool(c != NULL && c->state == HTTP_HANDLING);
}

// abort(request, silently): the response cannot go on; 500 if it has not begun,
// unless nothing is to be said.
Value http_native_abort(Isolate *iso, const NativeCall *call) {
  HttpRequest *request = http_this_request(iso, native_argument(call, 0));
  if (request == NULL) return VALUE_EXCEPTION;
  HttpConnection *c = request->host.data;
  if (c == NULL) return VALUE_UNDEFINED;
  if (c->state == HTTP_HANDLING && !vm_to_boolean(native_argument(call, 1))) {
    http_fail(c, 500);
  } else {
    net_handle_close(&c->stream.handle);
  }
  return VALUE_UNDEFINED;
}
