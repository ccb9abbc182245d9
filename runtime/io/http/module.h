// SPDX-License-Identifier: MIT
// The natives of "rill:internal/http", on which rill:http stands.
#ifndef RILL_RUNTIME_IO_HTTP_MODULE_H
#define RILL_RUNTIME_IO_HTTP_MODULE_H

#include "runtime/io/http/server.h"

// The request object. NULL: threw (TypeError).
HttpRequest *http_this_request(Isolate *, Value) VM_CHECKED;
// The key of on_failure in a server's prototype of requests.
PropertyKey http_failure_key(void);
// A promise of the body, or of its next piece.
Value http_body_read(HttpConnection *, HttpBodyForm);

// http_request.c
Value http_method(Isolate *, const NativeCall *);
Value http_target(Isolate *, const NativeCall *);
Value http_path(Isolate *, const NativeCall *);
Value http_query(Isolate *, const NativeCall *);
Value http_url(Isolate *, const NativeCall *);
Value http_header(Isolate *, const NativeCall *);
Value http_header_list(Isolate *, const NativeCall *);
Value http_text(Isolate *, const NativeCall *);
Value http_json(Isolate *, const NativeCall *);
Value http_bytes(Isolate *, const NativeCall *);
Value http_chunk(Isolate *, const NativeCall *);
Value http_cancel_body(Isolate *, const NativeCall *);
Value http_has_body(Isolate *, const NativeCall *);
Value http_on_close(Isolate *, const NativeCall *);
Value http_address(Isolate *, const NativeCall *);
Value http_version(Isolate *, const NativeCall *);
Value http_end_body(Isolate *, const NativeCall *);
Value http_drop_body(Isolate *, const NativeCall *);
// name, value, ... of field lines from `at` on; names in lower case, unless
// raw.
Value http_field_list(Isolate *, const uint8_t *head, size_t length,
                      uint32_t at, bool raw);
Value http_connection_socket(Isolate *, const NativeCall *);

// http_response.c
Value http_native_respond(Isolate *, const NativeCall *);
Value http_native_start(Isolate *, const NativeCall *);
Value http_native_write(Isolate *, const NativeCall *);
Value http_native_end(Isolate *, const NativeCall *);
Value http_native_abort(Isolate *, const NativeCall *);
Value http_is_pending(Isolate *, const NativeCall *);
Value http_native_decorate(Isolate *, const NativeCall *);
Value http_native_inform(Isolate *, const NativeCall *);

// http_client.c
Value http_response_head(Isolate *, const NativeCall *);
Value http_may_be_trailer(Isolate *, const NativeCall *);
Value http_chunked_step(Isolate *, const NativeCall *);

// http_upgrade.c
Value http_upgrade(Isolate *, const NativeCall *);
Value http_take_over(Isolate *, const NativeCall *);
Value http_accept_key(Isolate *, const NativeCall *);
Value http_mask(Isolate *, const NativeCall *);
Value http_random(Isolate *, const NativeCall *);

// http_server.c
Value http_serve(Isolate *, const NativeCall *);
Value http_server_address(Isolate *, const NativeCall *);
Value http_server_close(Isolate *, const NativeCall *);
Value http_server_drop(Isolate *, const NativeCall *);
Value http_server_abort(Isolate *, const NativeCall *);
Value http_server_reference(Isolate *, const NativeCall *);
Value http_server_for_node(Isolate *, const NativeCall *);
Value http_server_on_client_error(Isolate *, const NativeCall *);
Value http_server_connection_count(Isolate *, const NativeCall *);

#endif
