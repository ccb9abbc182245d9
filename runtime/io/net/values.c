// SPDX-License-Identifier: MIT
// Errors, addresses and bytes of sockets as values.
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/io/bytes.h"
#include "runtime/io/net/handle.h"
#include "runtime/values.h"
#include "vm/objects/utf.h"

Value net_error(Isolate *iso, int uv_error, const char *operation,
                const char *address, int port) {
  char code[32];
  uv_err_name_r(uv_error, code, sizeof code);
  String *message =
      address == NULL ? vm_string_format(iso, "%s %s", operation, code)
      : port < 0 ? vm_string_format(iso, "%s %s %s", operation, code, address)
                 : vm_string_format(iso, "%s %s %s:%d", operation, code,
                                    address, port);
  if (message == NULL) return vm_take_exception(iso);
  Object *error = vm_error_new(iso, ERROR_ERROR, message);
  if (!rt_put_number(iso, error, "errno", uv_error) ||
      !rt_put_text(iso, error, "code", code) ||
      !rt_put_text(iso, error, "syscall", operation) ||
      (address != NULL && !rt_put_text(iso, error, "address", address)) ||
      (port >= 0 && !rt_put_number(iso, error, "port", port)))
    return vm_take_exception(iso);
  return value_from_cell(error);
}

Value net_closed_error(Isolate *iso, const char *operation) {
  return net_error(iso, UV_ECANCELED, operation, NULL, -1);
}

bool net_parse_address(const char *text, int port,
                       struct sockaddr_storage *out) {
  memset(out, 0, sizeof *out);
  return uv_ip4_addr(text, port, (struct sockaddr_in *)out) == 0 ||
         uv_ip6_addr(text, port, (struct sockaddr_in6 *)out) == 0;
}

int net_address_text(const struct sockaddr_storage *address, char *text,
                     size_t size) {
  text[0] = 0;
  if (address->ss_family == AF_INET) {
    const struct sockaddr_in *v4 = (const void *)address;
    uv_ip4_name(v4, text, size);
    return ntohs(v4->sin_port);
  }
  if (address->ss_family == AF_INET6) {
    const struct sockaddr_in6 *v6 = (const void *)address;
    uv_ip6_name(v6, text, size);
    return ntohs(v6->sin6_port);
  }
  return -1;
}

Value net_address_object(Isolate *iso, const struct sockaddr_storage *address) {
  char text[64];
  int port = net_address_text(address, text, sizeof text);
  if (port < 0) return VALUE_UNDEFINED;
  Object *o = vm_object_new(iso);
  bool done =
      rt_put_text(iso, o, "address", text) &&
      rt_put_number(iso, o, "port", port) &&
      rt_put_number(iso, o, "family", address->ss_family == AF_INET ? 4 : 6);
  return done ? value_from_cell(o) : VALUE_EXCEPTION;
}

bool net_bytes_of(Isolate *iso, Value value, NetBytes *out) {
  out->owned = NULL;
  if (!value_is_string(value)) {
    uint8_t *bytes;
    if (!rt_bytes_of(iso, value, &bytes, &out->length)) return false;
    out->bytes = bytes;
    return true;
  }
  StringView view;
  if (!vm_string_view(iso, value_as_string(value), &view)) return false;
  if (!view.is_wide && vm_is_ascii(view.units, view.length)) {
    out->bytes = view.units;
    out->length = view.length;
    return true;
  }
  out->owned = vm_string_to_utf8(iso, value_as_string(value), &out->length);
  out->bytes = (const uint8_t *)out->owned;
  if (out->owned == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  return true;
}
