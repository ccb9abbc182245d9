// SPDX-License-Identifier: MIT
// The body of a request: what has come is kept until the script takes it, up to
// a limit beyond which the peer has to wait; as a whole it may be as long as
// the server allows.
#include <stdlib.h>
#include <string.h>

#include "runtime/io/bytes.h"
#include "runtime/io/http/module.h"
#include "vm/builtins/json.h"
#include "vm/objects/buffer.h"

enum { BODY_AHEAD = 64 * 1024 };

static bool wants_whole(const HttpConnection *c) {
  return net_is_waiting(&c->body_waiter) && c->body_form != HTTP_WANT_CHUNK;
}

static bool append(HttpConnection *c, const uint8_t *bytes, size_t length) {
  size_t needed = c->body_length + length, least = 1024;
  // A known length is reserved at once, unless it is only a promise.
  if (wants_whole(c) && !c->body_chunked) {
    uint64_t whole = c->body_total + c->body_left;
    if (whole > needed * 2 && whole <= 1024 * 1024) least = (size_t)whole;
  }
  if (!rt_bytes_grow(&c->body, &c->body_capacity, needed, least)) return false;
  memcpy(c->body + c->body_length, bytes, length);
  c->body_length = needed;
  return true;
}

static void over(HttpConnection *c) {
  c->body_over = true;
  c->due = 0;
}

// What follows cannot be told.
static void refuse(HttpConnection *c, int status) {
  http_refuse(c, status,
              c->state == HTTP_HANDLING ? HTTP_BAD_BODY
                                        : HTTP_BAD_BODY_ANSWERED);
}

// A piece of the body itself. False: it cannot be taken, the connection fails.
static bool take(HttpConnection *c, const uint8_t *bytes, size_t length) {
  c->body_total += length;
  if (c->state == HTTP_DRAINING) return true;
  int status = c->body_total > c->server->limits.body_bytes ? 413
               : append(c, bytes, length)                   ? 0
                                                            : 500;
  if (status == 0) return true;
  c->body_too_large = status == 413;
  refuse(c, status);
  return false;
}

// Few, and seldom. False: no memory.
static bool keep_trailers(HttpConnection *c, const uint8_t *bytes,
                          size_t length) {
  uint8_t *grown = realloc(c->trailers, c->trailers_length + length);
  if (grown == NULL) return length == 0;
  memcpy(grown + c->trailers_length, bytes, length);
  c->trailers = grown;
  c->trailers_length += length;
  return true;
}

static bool are_trailers(const HttpConnection *c) {
  HttpField field;
  uint32_t at = 0;
  while (c->trailers != NULL &&
         http_next_field(c->trailers, c->trailers_length, &at, &field)) {
    if (!http_is_trailer(field.name, field.name_length)) return false;
  }
  return true;
}

void http_body_drop_trailers(HttpConnection *c) {
  free(c->trailers);
  c->trailers = NULL;
  c->trailers_length = 0;
}

size_t http_body_feed(HttpConnection *c, const uint8_t *bytes, size_t length) {
  size_t at = 0;
  while (at < length && !c->body_over && !c->stream.handle.closing) {
    size_t room = length - at;
    if (c->state != HTTP_DRAINING && !wants_whole(c)) {
      if (c->body_length >= BODY_AHEAD) return at;
      if (room > BODY_AHEAD - c->body_length)
        room = BODY_AHEAD - c->body_length;
    }
    if (!c->body_chunked) {
      if (room > c->body_left) room = (size_t)c->body_left;
      c->body_left -= room;
      if (!take(c, bytes + at, room)) return length;
      at += room;
      if (c->body_left == 0) over(c);
      continue;
    }
    const uint8_t *data;
    size_t used, data_length;
    bool in_trailers = http_chunked_in_trailers(&c->chunks);
    HttpChunkedResult result = http_chunked_next(&c->chunks, bytes + at, room,
                                                 &used, &data, &data_length);
    if (in_trailers && !keep_trailers(c, bytes + at, used)) {
      refuse(c, 500);
      return length;
    }
    switch (result) {
    case HTTP_CHUNKED_MORE:
      break;
    case HTTP_CHUNKED_DATA:
      if (!take(c, data, data_length)) return length;
      break;
    case HTTP_CHUNKED_TRAILERS:
      break;
    case HTTP_CHUNKED_END:
      if (unlikely(!are_trailers(c))) {
        refuse(c, 400);
        return length;
      }
      over(c);
      break;
    case HTTP_CHUNKED_BAD:
      refuse(c, 400);
      return length;
    }
    at += used;
  }
  return at;
}

// The body as text: a byte order mark is no part of it.
static String *text_of(Isolate *iso, HttpConnection *c) {
  const char *text = (const char *)c->body;
  size_t length = c->body_length;
  if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
    text += 3;
    length -= 3;
  }
  return vm_string_from_utf8(iso, text, length);
}

static Value take_bytes(Isolate *iso, HttpConnection *c) {
  Value value;
  if (c->body_length <= BUFFER_MAX_INLINE) {
    TypedArray *array =
        vm_typed_array_create(iso, ELEMENT_UINT8, c->body_length);
    if (array == NULL) return VALUE_EXCEPTION;
    if (c->body_length != 0) memcpy(array->data, c->body, c->body_length);
    value = value_from_cell(array);
  } else {
    value = rt_bytes_adopt(iso, c->body, c->body_length);
    c->body = NULL;
    c->body_capacity = 0;
  }
  c->body_length = 0;
  return value;
}

// All of it, or what is left. That nothing is left does not make it empty.
static Value whole_value(Isolate *iso, HttpConnection *c, HttpBodyForm form) {
  if (unlikely(c->body_length == 0 && c->body_total != 0))
    return vm_throw_type(iso, "The body has already been read");
  if (form == HTTP_WANT_BYTES) return take_bytes(iso, c);
  String *text = text_of(iso, c);
  c->body_length = 0;
  if (text == NULL) return VALUE_EXCEPTION;
  return form == HTTP_WANT_JSON ? vm_json_parse_string(iso, text)
                                : value_from_cell(text);
}

// What a reader gets now; EMPTY: it has to wait.
static Value available(Isolate *iso, HttpConnection *c, HttpBodyForm form) {
  if (form == HTTP_WANT_CHUNK) {
    if (c->body_length != 0) return take_bytes(iso, c);
    return c->body_over ? VALUE_NULL : VALUE_EMPTY;
  }
  return c->body_over ? whole_value(iso, c, form) : VALUE_EMPTY;
}

void http_body_serve(HttpConnection *c) {
  if (!net_is_waiting(&c->body_waiter)) return;
  Isolate *iso = c->stream.handle.rt->isolate;
  Value value = available(iso, c, c->body_form);
  if (value_is_empty(value)) return;
  bool failed = value_is_exception(value);
  net_settle(c->stream.handle.rt, &c->body_waiter,
             failed ? vm_take_exception(iso) : value, failed);
}

void http_body_cut(HttpConnection *c, int error) {
  net_settle_status(c->stream.handle.rt, &c->body_waiter,
                    c->body_too_large ? UV_EMSGSIZE : error, "read");
}

void http_body_reset(HttpConnection *c) {
  http_body_cut(c, UV_ECANCELED);
  c->body_length = 0;
  if (c->body_capacity > BODY_AHEAD) {
    free(c->body);
    c->body = NULL;
    c->body_capacity = 0;
  }
}

void http_body_invite(HttpConnection *c) {
  if (!c->wants_continue) return;
  c->wants_continue = false;
  if (c->body_total == 0 && !c->body_over)
    http_out_append(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
}

Value http_body_read(HttpConnection *c, HttpBodyForm form) {
  Isolate *iso = c->stream.handle.rt->isolate;
  if (net_is_waiting(&c->body_waiter))
    return net_rejected(iso, net_error(iso, UV_EBUSY, "read", NULL, -1));
  Value value = available(iso, c, form);
  if (value_is_exception(value)) {
    return vm_is_terminating(iso) ? value
                                  : net_rejected(iso, vm_take_exception(iso));
  }
  if (!value_is_empty(value)) {
    // There is room again for what was left with the system.
    if (!c->body_over && !c->processing) http_connection_continue(c);
    return net_resolved(iso, value);
  }
  Value promise = net_wait(iso, &c->body_waiter);
  if (value_is_exception(promise)) return promise;
  c->body_form = form;
  http_body_invite(c);
  http_out_flush(c, NULL);
  if (!c->processing) http_connection_continue(c);
  return promise;
}
