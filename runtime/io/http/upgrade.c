// SPDX-License-Identifier: MIT
// WebSocket handshakes (RFC 6455 4), and the masking of frames, which is too
// much work for a script. The frames themselves are read in rill:http.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/globals/digest.h"
#include "runtime/io/bytes.h"
#include "runtime/io/http/module.h"
#include "runtime/io/net/connection.h"
#include "vm/objects/buffer.h"

enum { ACCEPT_LENGTH = 28 };

static void accept_of(const uint8_t *key, size_t length,
                      char out[ACCEPT_LENGTH + 1]) {
  static const char suffix[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  static const char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Digest digest;
  uint8_t sum[DIGEST_MAX_SIZE] = {0};
  rt_digest_init(&digest, DIGEST_SHA1);
  rt_digest_update(&digest, key, length);
  rt_digest_update(&digest, (const uint8_t *)suffix, sizeof suffix - 1);
  rt_digest_finish(&digest, sum);
  for (int i = 0; i < 7; i++) { // 20 bytes: six threes and two
    const uint8_t *three = sum + 3 * i;
    uint32_t bits =
        (uint32_t)three[0] << 16 | (uint32_t)three[1] << 8 | three[2];
    for (int k = 0; k < 4; k++)
      out[4 * i + k] = alphabet[bits >> (18 - 6 * k) & 63];
  }
  out[ACCEPT_LENGTH - 1] = '=';
  out[ACCEPT_LENGTH] = 0;
}

// The only field of a name; false: none, or several.
static bool only_field(const HttpRequest *r, const char *name, HttpField *out) {
  uint32_t at = r->head.fields;
  HttpField field;
  unsigned found = 0;
  while (http_next_field(r->bytes, r->head_length, &at, &field)) {
    if (!http_name_is(field.name, field.name_length, name)) continue;
    *out = field;
    found++;
  }
  return found == 1;
}

// 16 bytes in base64.
static bool is_key(const HttpField *field) {
  if (field->value_length != 24 || field->value[22] != '=' ||
      field->value[23] != '=')
    return false;
  for (int i = 0; i < 22; i++) {
    uint8_t c = field->value[i];
    if (!((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
          c == '+' || c == '/'))
      return false;
  }
  return true;
}

// The connection goes on under another object: a duplicate of its descriptor.
Value http_hand_over(Isolate *iso, HttpConnection *c) {
  Connection *taken;
  uv_os_fd_t descriptor;
  int error = uv_fileno(&c->stream.handle.uv.any, &descriptor);
  if (error == 0)
    error = connection_new(c->stream.handle.rt, c->server->is_pipe, &taken);
  if (error != 0)
    return vm_throw(iso, net_error(iso, error, "upgrade", NULL, -1));
  int copy = dup(descriptor);
  error = copy < 0 ? uv_translate_sys_error(errno)
          : c->server->is_pipe
              ? uv_pipe_open(&taken->stream.handle.uv.pipe, copy)
              : uv_tcp_open(&taken->stream.handle.uv.tcp, copy);
  Value object = connection_object(taken);
  if (value_is_exception(object)) {
    if (error != 0 && copy >= 0) close(copy);
    return object;
  }
  if (error != 0) {
    if (copy >= 0) close(copy);
    net_handle_close(&taken->stream.handle);
    return vm_throw(iso, net_error(iso, error, "upgrade", NULL, -1));
  }
  if (c->stream.tls != NULL) stream_move_tls(&c->stream, &taken->stream);
  connection_push(taken, c->held, c->held_length);
  net_handle_hold(&taken->stream.handle);
  c->heir = taken;
  net_handle_close(&c->stream.handle);
  return object;
}

// upgrade(request, protocol or undefined, extensions or undefined): answers a
// WebSocket handshake; the connection, whose request is then over. Undefined:
// it is no handshake. The extensions are plain ASCII, as agreed on.
Value http_upgrade(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, native_argument(call, 0));
  if (r == NULL) return VALUE_EXCEPTION;
  HttpConnection *c = r->host.data;
  HttpField upgrade, version, key = {0};
  if (c == NULL || c->state != HTTP_HANDLING || !c->body_over ||
      r->head.method != HTTP_GET || !r->head.upgrade ||
      !only_field(r, "upgrade", &upgrade) ||
      !http_name_is(upgrade.value, upgrade.value_length, "websocket") ||
      !only_field(r, "sec-websocket-version", &version) ||
      !http_name_is(version.value, version.value_length, "13") ||
      !only_field(r, "sec-websocket-key", &key) || !is_key(&key))
    return VALUE_UNDEFINED;
  StringView protocol = {0};
  Value given = native_argument(call, 1);
  if (value_is_string(given)) {
    if (!vm_string_view(iso, value_as_string(given), &protocol))
      return VALUE_EXCEPTION;
    if (protocol.is_wide || protocol.length > 1000 ||
        !http_is_token(protocol.units, protocol.length))
      return vm_throw_type_value(iso, "%s is no protocol", given);
  }
  StringView extensions = {0};
  given = native_argument(call, 2);
  if (value_is_string(given) &&
      !vm_string_view(iso, value_as_string(given), &extensions))
    return VALUE_EXCEPTION;
  char accept[ACCEPT_LENGTH + 1];
  accept_of(key.value, key.value_length, accept);
  static const char start[] =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  http_out_append(c, start, sizeof start - 1);
  http_out_append(c, accept, ACCEPT_LENGTH);
  if (protocol.length != 0) {
    http_out_append(c, "\r\nSec-WebSocket-Protocol: ", 26);
    http_out_append(c, protocol.units, protocol.length);
  }
  if (extensions.length != 0) {
    http_out_append(c, "\r\nSec-WebSocket-Extensions: ", 28);
    http_out_append(c, extensions.units, extensions.length);
  }
  http_out_append(c, "\r\n\r\n", 4);
  http_out_flush(c, NULL);
  if (c->stream.handle.closing)
    return vm_throw(iso, net_error(iso, UV_ECONNRESET, "upgrade", NULL, -1));
  if (c->stream.queued != 0) {
    // What the old object still has to write cannot be handed over.
    net_handle_close(&c->stream.handle);
    return vm_throw(iso, net_error(iso, UV_EBUSY, "upgrade", NULL, -1));
  }
  return http_hand_over(iso, c);
}

// takeOver(request): the connection itself, for who speaks another protocol on
// it; the request is then over. Undefined: it asks for no upgrade.
Value http_take_over(Isolate *iso, const NativeCall *call) {
  HttpRequest *r = http_this_request(iso, native_argument(call, 0));
  if (r == NULL) return VALUE_EXCEPTION;
  HttpConnection *c = r->host.data;
  if (c == NULL || c->state != HTTP_HANDLING || !c->body_over ||
      !(r->head.upgrade || r->head.method == HTTP_CONNECT) ||
      http_out_flush(c, NULL) != 0 || c->stream.queued != 0)
    return VALUE_UNDEFINED;
  return http_hand_over(iso, c);
}

// acceptKey(key): what the server answers to it.
Value http_accept_key(Isolate *iso, const NativeCall *call) {
  NetBytes key;
  if (!net_bytes_of(iso, native_argument(call, 0), &key))
    return VALUE_EXCEPTION;
  char accept[ACCEPT_LENGTH + 1];
  accept_of(key.bytes, key.length, accept);
  free(key.owned);
  String *text = vm_string_from_c(iso, accept);
  return text == NULL ? VALUE_EXCEPTION : value_from_cell(text);
}

// mask(bytes, from, key): XORs a view's bytes from an index on with the four
// bytes of the key (an int32, first byte lowest), in place.
Value http_mask(Isolate *iso, const NativeCall *call) {
  uint8_t *bytes;
  size_t length;
  if (!rt_bytes_of(iso, native_argument(call, 0), &bytes, &length))
    return VALUE_EXCEPTION;
  size_t from = (size_t)value_as_number(native_argument(call, 1));
  uint32_t key = (uint32_t)value_as_number(native_argument(call, 2));
  if (from > length) from = length;
  bytes += from;
  length -= from;
  uint64_t wide = (uint64_t)key << 32 | key;
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    uint64_t word;
    memcpy(&word, bytes + i, 8);
    word ^= wide;
    memcpy(bytes + i, &word, 8);
  }
  for (; i < length; i++)
    bytes[i] ^= (uint8_t)(key >> (i % 4 * 8));
  return VALUE_UNDEFINED;
}

// random(): an int32 that nobody can foresee.
Value http_random(Isolate *iso, const NativeCall *call) {
  int32_t number;
  if (getentropy(&number, sizeof number) != 0)
    return vm_throw_error(iso, ERROR_ERROR, "The system has no randomness");
  return value_from_int(number);
}
