// SPDX-License-Identifier: MIT
// Request objects: their head is looked at when a script asks.
#include <string.h>

#include "runtime/io/http/module.h"
#include "runtime/io/net/module.h"
#include "runtime/values.h"
#include "vm/objects/isolate.h"

const int http_request_type;

HttpRequest *http_request_new(HttpConnection *c, const uint8_t *head,
                              size_t length, const HttpHead *parsed) {
  Runtime *rt = c->stream.handle.rt;
  HttpRequest *request = vm_object_allocate(
      rt->isolate, CELL_HOST_OBJECT, sizeof(HttpRequest) + length,
      value_as_object(net_slot(&c->server->prototype)));
  request->host.type = &http_request_type;
  request->host.data = c;
  request->head = *parsed;
  request->is_secure = c->stream.tls != NULL;
  request->head_length = (uint32_t)length;
  memcpy(request->bytes, head, length);
  return request;
}

HttpRequest *http_this_request(Isolate *iso, Value value) {
  if (value_is_kind(value, CELL_HOST_OBJECT)) {
    HostObject *o = (HostObject *)value_as_cell(value);
    if (o->type == &http_request_type) return (HttpRequest *)o;
  }
  vm_throw_type(iso, "The receiver is no HTTP request");
  return NULL;
}

static Value latin1_value(Isolate *iso, const uint8_t *text, size_t length) {
  return rt_string_value(vm_string_from_latin1(iso, text, length));
}

// get method
Value http_method(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, call->this_value);
  if (r == NULL) return VALUE_EXCEPTION;
  HttpMethod method = r->head.method;
  if (method == HTTP_OTHER_METHOD)
    return latin1_value(iso, r->bytes, r->head.method_length);
  String **atoms = rt_of(iso)->network->http->methods;
  if (atoms[method] == NULL)
    atoms[method] = vm_atom_from_latin1(r->bytes, r->head.method_length);
  return value_from_cell(atoms[method]);
}

// get target: as it came.
Value http_target(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, call->this_value);
  if (r == NULL) return VALUE_EXCEPTION;
  return latin1_value(iso, r->bytes + r->head.target, r->head.target_length);
}

// get path: the target up to "?"; of one in absolute form, what follows the
// authority.
Value http_path(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, call->this_value);
  if (r == NULL) return VALUE_EXCEPTION;
  const HttpHead *head = &r->head;
  const uint8_t *target = r->bytes + head->target;
  const uint8_t *end = target + head->target_length;
  bool is_absolute = head->authority_length != 0;
  if (is_absolute) target = r->bytes + head->authority + head->authority_length;
  const uint8_t *mark = memchr(target, '?', (size_t)(end - target));
  if (mark != NULL) end = mark;
  if (is_absolute && target == end)
    return latin1_value(iso, (const uint8_t *)"/", 1);
  return latin1_value(iso, target, (size_t)(end - target));
}

// get query: what follows "?", or "".
Value http_query(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, call->this_value);
  if (r == NULL) return VALUE_EXCEPTION;
  const uint8_t *target = r->bytes + r->head.target;
  const uint8_t *end = target + r->head.target_length;
  const uint8_t *mark = memchr(target, '?', r->head.target_length);
  if (mark == NULL) return ATOM_VALUE(empty);
  return latin1_value(iso, mark + 1, (size_t)(end - mark - 1));
}

// Whoever looks at Host is told what an absolute target says, as who looks at
// the target is.
static bool next_field(const HttpRequest *r, uint32_t *at, HttpField *out) {
  if (!http_next_field(r->bytes, r->head_length, at, out)) return false;
  if (r->head.authority_length != 0 &&
      http_name_is(out->name, out->name_length, "host")) {
    out->value = r->bytes + r->head.authority;
    out->value_length = r->head.authority_length;
  }
  return true;
}

// The next field of a name.
static bool find_field(const HttpRequest *r, const uint8_t *name,
                       size_t name_length, uint32_t *at, HttpField *out) {
  while (next_field(r, at, out)) {
    if (out->name_length == name_length &&
        http_names_equal(out->name, name, name_length))
      return true;
  }
  return false;
}

// get url: absolute.
Value http_url(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, call->this_value);
  if (r == NULL) return VALUE_EXCEPTION;
  const uint8_t *target = r->bytes + r->head.target;
  if (*target != '/' && *target != '*')
    return latin1_value(iso, target, r->head.target_length);
  uint32_t at = r->head.fields;
  HttpField host;
  if (!find_field(r, (const uint8_t *)"host", 4, &at, &host) ||
      host.value_length == 0) {
    host.value = (const uint8_t *)"localhost";
    host.value_length = 9;
  }
  const char *scheme = r->is_secure ? "https://" : "http://";
  size_t before = strlen(scheme);
  size_t length = before + host.value_length + r->head.target_length;
  uint8_t *units;
  String *s = vm_string_new_latin1(iso, length, &units);
  if (s == NULL) return VALUE_EXCEPTION;
  memcpy(units, scheme, before);
  memcpy(units + before, host.value, host.value_length);
  memcpy(units + before + host.value_length, target, r->head.target_length);
  return value_from_cell(s);
}

// header(request, name): its fields' values joined by ", "; null: none.
Value http_header(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, native_argument(call, 0));
  if (r == NULL) return VALUE_EXCEPTION;
  String *name = vm_to_string(iso, native_argument(call, 1));
  StringView view;
  if (name == NULL || !vm_string_view(iso, name, &view)) return VALUE_EXCEPTION;
  if (view.is_wide) return VALUE_NULL;
  uint32_t at = r->head.fields;
  HttpField field;
  if (!find_field(r, view.units, view.length, &at, &field)) return VALUE_NULL;
  Value value = latin1_value(iso, field.value, field.value_length);
  bool is_cookie = http_name_is(view.units, view.length, "cookie");
  while (!value_is_exception(value) &&
         find_field(r, view.units, view.length, &at, &field)) {
    String *s =
        vm_string_append_latin1(iso, value_as_string(value),
                                (const uint8_t *)(is_cookie ? "; " : ", "), 2);
    if (s != NULL)
      s = vm_string_append_latin1(iso, s, field.value, field.value_length);
    value = rt_string_value(s);
  }
  return value;
}

// Two entries of a list of fields. False: threw.
static bool push_field(Isolate *iso, Array *list, const HttpField *field,
                       bool raw) {
  uint8_t *units;
  String *name = vm_string_new_latin1(iso, field->name_length, &units);
  if (name == NULL) return false;
  for (uint32_t i = 0; i < field->name_length; i++) {
    uint8_t c = field->name[i];
    units[i] = !raw && c >= 'A' && c <= 'Z' ? c | 0x20 : c;
  }
  if (!vm_array_push(iso, list, value_from_cell(name))) return false;
  Value value = latin1_value(iso, field->value, field->value_length);
  return !value_is_exception(value) && vm_array_push(iso, list, value);
}

Value http_field_list(Isolate *iso, const uint8_t *head, size_t length,
                      uint32_t at, bool raw) {
  Array *list = vm_array_new(iso, 0);
  HttpField field;
  while (http_next_field(head, length, &at, &field)) {
    if (!push_field(iso, list, &field, raw)) return VALUE_EXCEPTION;
  }
  return value_from_cell(list);
}

// headerList(request, raw)
Value http_header_list(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, native_argument(call, 0));
  if (r == NULL) return VALUE_EXCEPTION;
  bool raw = vm_to_boolean(native_argument(call, 1));
  Array *list = vm_array_new(iso, 0);
  uint32_t at = r->head.fields;
  HttpField field;
  while (next_field(r, &at, &field)) {
    if (!push_field(iso, list, &field, raw)) return VALUE_EXCEPTION;
  }
  return value_from_cell(list);
}

// endBody(request): the script has read the body to its end: what came behind
// it, raw.
Value http_end_body(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, native_argument(call, 0));
  if (r == NULL) return VALUE_EXCEPTION;
  HttpConnection *c = r->host.data;
  Value trailers =
      c == NULL || !c->body_over || c->trailers == NULL
          ? value_from_cell(vm_array_new(iso, 0))
          : http_field_list(iso, c->trailers, c->trailers_length, 0, true);
  if (c != NULL && !value_is_exception(trailers)) http_body_done(c);
  return trailers;
}

// dropBody(request): of one that is answered: nobody reads its body.
Value http_drop_body(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, native_argument(call, 0));
  if (r == NULL) return VALUE_EXCEPTION;
  HttpConnection *c = r->host.data;
  if (c != NULL && c->state == HTTP_READING) http_body_done(c);
  return VALUE_UNDEFINED;
}

// connectionSocket(request[, socket]): what the script keeps for the request's
// connection, sets it; undefined: nothing, or the connection is gone.
Value http_connection_socket(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, native_argument(call, 0));
  if (r == NULL) return VALUE_EXCEPTION;
  HttpConnection *c = r->host.data;
  if (c == NULL) return VALUE_UNDEFINED;
  Value socket = native_argument(call, 1);
  if (!value_is_undefined(socket)) {
    net_slot_set(rt_of(iso), &c->socket, socket);
  }
  return net_slot_holds(&c->socket) ? net_slot(&c->socket) : VALUE_UNDEFINED;
}

static Value read_body(Isolate *iso, const NativeCall *call,
                       HttpBodyForm form) {
  static const char *const names[] = {
      [HTTP_WANT_TEXT] = "text",
      [HTTP_WANT_JSON] = "json",
      [HTTP_WANT_BYTES] = "bytes",
      [HTTP_WANT_CHUNK] = "chunk",
  };
  HttpRequest *r = http_this_request(iso, call->this_value);
  if (r == NULL) return VALUE_EXCEPTION;
  if (call->argc != 0) {
    Value other = net_limited_call(iso, &rt_of(iso)->network->limited_body,
                                   call->this_value, names[form],
                                   VALUE_UNDEFINED, call->argv[0]);
    if (!value_is_empty(other)) return other;
  }
  HttpConnection *c = r->host.data;
  if (c == NULL)
    return net_rejected(
        iso, net_error(iso, UV_ECANCELED, "read", "the request is over", -1));
  return http_body_read(c, form);
}

// text(), json(), bytes(): the whole body. chunk(): the next piece, or null.
// All take {signal, timeout}.
Value http_text(Isolate *iso, const NativeCall *call) {
  return read_body(iso, call, HTTP_WANT_TEXT);
}
Value http_json(Isolate *iso, const NativeCall *call) {
  return read_body(iso, call, HTTP_WANT_JSON);
}
Value http_bytes(Isolate *iso, const NativeCall *call) {
  return read_body(iso, call, HTTP_WANT_BYTES);
}
Value http_chunk(Isolate *iso, const NativeCall *call) {
  return read_body(iso, call, HTTP_WANT_CHUNK);
}

// cancelBody(request): who waits for it is told so; what has come is kept.
Value http_cancel_body(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, native_argument(call, 0));
  if (r == NULL) return VALUE_EXCEPTION;
  HttpConnection *c = r->host.data;
  if (c != NULL) http_body_cut(c, UV_ECANCELED);
  return VALUE_UNDEFINED;
}

// hasBody(request)
Value http_has_body(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, native_argument(call, 0));
  if (r == NULL) return VALUE_EXCEPTION;
  return value_from_bool(r->head.chunked || r->head.content_length != 0);
}

// onClose(request, function): calls it if the peer leaves before the response
// is complete; the last function counts.
Value http_on_close(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, native_argument(call, 0));
  if (r == NULL) return VALUE_EXCEPTION;
  HttpConnection *c = r->host.data;
  if (c == NULL) return VALUE_UNDEFINED;
  net_slot_set(rt_of(iso), &c->on_close, native_argument(call, 1));
  return VALUE_UNDEFINED;
}

// address(request, remote): {address, port, family}; undefined once it is over,
// and of Unix sockets.
Value http_address(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, native_argument(call, 0));
  if (r == NULL) return VALUE_EXCEPTION;
  HttpConnection *c = r->host.data;
  if (c == NULL || c->server->is_pipe) return VALUE_UNDEFINED;
  return net_stream_address(&c->stream,
                            value_as_bool(native_argument(call, 1)));
}

// version(request): "1.1" or "1.0".
Value http_version(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, native_argument(call, 0));
  if (r == NULL) return VALUE_EXCEPTION;
  return latin1_value(
      iso, (const uint8_t *)(r->head.minor_version ? "1.1" : "1.0"), 3);
}
