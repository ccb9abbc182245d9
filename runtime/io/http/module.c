// SPDX-License-Identifier: MIT
#include "runtime/io/http/module.h"

#include "runtime/modules/native_modules.h"

// setUp(Request.prototype, Server.prototype, limitedBody)
static Value set_up(Isolate *iso, const NativeCall *call) {
  Network *net = net_of(rt_of(iso));
  if (net == NULL) return VALUE_EXCEPTION;
  net->prototypes[NET_HTTP_REQUEST].word = call->argv[0];
  net->prototypes[NET_HTTP_SERVER].word = call->argv[1];
  net->limited_body.word = native_argument(call, 2);
  return VALUE_UNDEFINED;
}

static const NativeExport http_exports[] = {
    {"abort", http_native_abort, 2},
    {"abortServer", http_server_abort, 1},
    {"acceptKey", http_accept_key, 1},
    {"address", http_address, 2},
    {"bytes", http_bytes, 0},
    {"cancelBody", http_cancel_body, 1},
    {"chunk", http_chunk, 0},
    {"chunkedStep", http_chunked_step, 3},
    {"closeServer", http_server_close, 1},
    {"connectionCount", http_server_connection_count, 1},
    {"connectionSocket", http_connection_socket, 2},
    {"decorate", http_native_decorate, 4},
    {"dropBody", http_drop_body, 1},
    {"dropConnections", http_server_drop, 3},
    {"end", http_native_end, 3},
    {"endBody", http_end_body, 1},
    {"forNode", http_server_for_node, 2},
    {"hasBody", http_has_body, 1},
    {"header", http_header, 2},
    {"headerList", http_header_list, 2},
    {"inform", http_native_inform, 3},
    {"isPending", http_is_pending, 1},
    {"isTrailer", http_may_be_trailer, 1},
    {"json", http_json, 0},
    {"mask", http_mask, 3},
    {"method", http_method, 0},
    {"onClientError", http_server_on_client_error, 2},
    {"onClose", http_on_close, 2},
    {"path", http_path, 0},
    {"query", http_query, 0},
    {"random", http_random, 0},
    {"referenceServer", http_server_reference, 2},
    {"respond", http_native_respond, 4},
    {"responseHead", http_response_head, 2},
    {"serve", http_serve, 10},
    {"serverAddress", http_server_address, 1},
    {"setUp", set_up, 3},
    {"start", http_native_start, 4},
    {"takeOver", http_take_over, 1},
    {"target", http_target, 0},
    {"text", http_text, 0},
    {"upgrade", http_upgrade, 3},
    {"url", http_url, 0},
    {"version", http_version, 1},
    {"write", http_native_write, 2},
};
const NativeModule rt_http_module =
    NATIVE_MODULE("rill:internal/http", http_exports);
