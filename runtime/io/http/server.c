// SPDX-License-Identifier: MIT
// HTTP servers: listening, limits in time and number, closing gracefully.
#include <stdlib.h>

#include "runtime/arguments.h"
#include "runtime/io/http/module.h"
#include "runtime/io/net/listener.h"
#include "runtime/io/tls/tls.h"
#include "runtime/modules/native_modules.h"
#include "vm/interpreter/async_context.h"

enum {
  SWEEP_MILLISECONDS = 250,
  SERVER_SLOTS = sizeof((HttpServer *)NULL)->slots / sizeof(GcHandle)
};

static void cancel(NetHandle *h) {}

static void free_server(NetHandle *h) {
  HttpServer *server = (HttpServer *)h;
  net_slots_remove(h->rt, server->slots, SERVER_SLOTS);
  free(server);
}

static const NetHandleKind http_server_kind = {"Server", cancel, free_server,
                                               NULL,     NULL,   NULL};

static void finish_closing(HttpServer *server) {
  if (server->connection_count == 0)
    net_settle(server->handle.rt, &server->drained, VALUE_UNDEFINED, false);
}

static void accept_one(HttpServer *server) {
  HttpConnection *c = http_connection_new(server);
  if (c == NULL) return; // the sweep tries again
  server->has_pending = false;
  rt_enter(server->handle.rt); // a context's properties are read
  TlsStart tls = {.context = net_slot(&server->tls), .is_server = true};
  if (uv_accept(&server->handle.uv.stream, &c->stream.handle.uv.stream) != 0 ||
      (!value_is_undefined(tls.context) && tls_start(&c->stream, &tls) != 0) ||
      stream_start(&c->stream) != 0) {
    net_handle_close(&c->stream.handle);
    return;
  }
  if (!server->is_pipe) uv_tcp_nodelay(&c->stream.handle.uv.tcp, 1);
}

static void accept_pending(HttpServer *server) {
  if (server->has_pending &&
      server->connection_count < server->limits.connections)
    accept_one(server);
}

// What there is no room for waits with the system.
static void on_connection(uv_stream_t *uv, int status) {
  HttpServer *server = uv->data;
  if (status != 0) return; // libuv has shed it
  server->has_pending = true;
  accept_pending(server);
}

void http_server_lost_connection(HttpServer *server) {
  if (server->handle.closing) {
    finish_closing(server);
  } else {
    accept_pending(server);
  }
}

// Whatever waits too long is given up: a look at all connections now and then
// is cheaper than a timer for each.
static void on_sweep(uv_timer_t *timer) {
  Runtime *rt = timer->data;
  uint64_t now = uv_now(&rt->loop);
  rt_enter(rt);
  for (NetHandle *h = rt->network->handles; h != NULL; h = h->next) {
    if (h->closing) continue;
    if (h->kind == &http_connection_kind)
      http_connection_check((HttpConnection *)h, now);
    else if (h->kind == &http_server_kind)
      accept_pending((HttpServer *)h);
  }
  rt_leave(rt, VALUE_UNDEFINED);
}

static bool start_http(Runtime *rt) {
  Network *net = rt->network;
  if (net->http != NULL) return true;
  Http *http = calloc(1, sizeof *http);
  if (http == NULL) return false;
  net->http = http;
  http->status_key = vm_key_from_c("status");
  http->headers_key = vm_key_from_c("headers");
  http->body_key = vm_key_from_c("body");
  uv_timer_init(&rt->loop, &http->sweep);
  http->sweep.data = rt;
  uv_timer_start(&http->sweep, on_sweep, SWEEP_MILLISECONDS,
                 SWEEP_MILLISECONDS);
  uv_unref((uv_handle_t *)&http->sweep);
  return true;
}

void http_close(Runtime *rt) {
  Http *http = rt->network->http;
  if (http != NULL) uv_close((uv_handle_t *)&http->sweep, NULL);
}

void http_free(Runtime *rt) {
  free(rt->network->http);
  rt->network->http = NULL;
}

static uint32_t limit_of(double number) {
  return number >= 0 && number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}

// serve(isPipe, address or path, port, backlog, reusePort, [limits: headBytes,
// headerCount, connections, bodyBytes, headTimeout, requestTimeout,
// idleTimeout], onRequest, onOther, onFailure, tls): a server object. tls: the
// context of an HTTPS server.
Value http_serve(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (net_of(rt) == NULL) return VALUE_EXCEPTION;
  NetListenOptions options;
  char *address;
  Value tls = native_argument(call, 9);
  double limits[7];
  if (!rt_arguments_are(iso, call, "b....afff.") ||
      !rt_numbers_of(iso, call->argv[5], limits, 7) ||
      (!value_is_undefined(tls) && !tls_check_context(iso, tls, true)) ||
      !net_take_listen_options(iso, call, 0, &options, &address))
    return VALUE_EXCEPTION;
  HttpServer *server = calloc(1, sizeof *server);
  if (server == NULL || !start_http(rt) ||
      !net_slots_add(rt, server->slots, SERVER_SLOTS)) {
    free(address);
    free(server);
    return vm_throw_out_of_memory(iso);
  }
  server->limits = (HttpLimits){
      .head_bytes = limit_of(limits[0]),
      .field_count = limit_of(limits[1]),
      .connections = limit_of(limits[2]),
      .body_bytes =
          limits[3] >= 0 && limits[3] < 1e18 ? (uint64_t)limits[3] : UINT64_MAX,
      .head_timeout = limit_of(limits[4]),
      .request_timeout = limit_of(limits[5]),
      .idle_timeout = limit_of(limits[6]),
  };
  server->is_pipe = options.is_pipe;
  net_slot_set(rt, &server->on_request, vm_context_bind(iso, call->argv[6]));
  net_slot_set(rt, &server->on_other, call->argv[7]);
  net_slot_set(rt, &server->on_failure, call->argv[8]);
  net_slot_set(rt, &server->on_client_error, VALUE_UNDEFINED);
  net_slot_set(rt, &server->on_gone, VALUE_UNDEFINED);
  net_slot_set(rt, &server->tls, tls);
  Object *prototype = vm_object_new_with(
      iso, value_as_object(rt->network->prototypes[NET_HTTP_REQUEST].word));
  vm_put(iso, prototype, http_failure_key(), call->argv[8], 0);
  net_slot_set(rt, &server->prototype, value_from_cell(prototype));
  net_handle_init(rt, &server->handle, &http_server_kind);
  Value result = net_bind_and_listen(&server->handle, &options, on_connection,
                                     NET_HTTP_SERVER);
  free(address);
  if (value_is_exception(result)) return result;
  net_handle_pin(&server->handle); // until it is closed
  return result;
}

static HttpServer *this_server(Isolate *iso, Value value) {
  return (HttpServer *)net_handle_this(iso, value, &http_server_kind);
}

// serverAddress(server)
Value http_server_address(Isolate *iso, const NativeCall *call) {
  HttpServer *server = this_server(iso, native_argument(call, 0));
  return server == NULL ? VALUE_EXCEPTION
                        : net_bound_address(&server->handle, server->is_pipe);
}

// closeServer(server): no new connections, idle ones end, busy ones after their
// response. A promise of the end of all.
Value http_server_close(Isolate *iso, const NativeCall *call) {
  HttpServer *server = this_server(iso, native_argument(call, 0));
  if (server == NULL) return VALUE_EXCEPTION;
  if (!server->handle.closing) {
    server->closing = true;
    net_handle_close(&server->handle);
    net_handle_unpin(&server->handle);
    for (HttpConnection *c = server->connections, *next; c != NULL; c = next) {
      next = c->next;
      http_connection_retire(c);
    }
  }
  if (net_is_waiting(&server->drained)) return net_slot(&server->drained);
  if (server->connection_count == 0) return net_resolved(iso, VALUE_UNDEFINED);
  return net_wait(iso, &server->drained);
}

// dropConnections(server, idle[, socket]): ends its connections, or only those
// that wait for a request, or that of a socket that the script keeps.
Value http_server_drop(Isolate *iso, const NativeCall *call) {
  HttpServer *server = this_server(iso, native_argument(call, 0));
  if (server == NULL) return VALUE_EXCEPTION;
  bool idle_only = value_as_bool(native_argument(call, 1));
  Value socket = native_argument(call, 2);
  for (HttpConnection *c = server->connections, *next; c != NULL; c = next) {
    next = c->next;
    bool is_meant =
        value_is_undefined(socket) ||
        (net_slot_holds(&c->socket) && net_slot(&c->socket) == socket);
    if (is_meant && (!idle_only || c->state == HTTP_IDLE))
      net_handle_close(&c->stream.handle);
  }
  return VALUE_UNDEFINED;
}

// abortServer(server): ends its connections at once, too.
Value http_server_abort(Isolate *iso, const NativeCall *call) {
  HttpServer *server = this_server(iso, native_argument(call, 0));
  if (server == NULL) return VALUE_EXCEPTION;
  Value done = http_server_close(iso, call);
  Value dropped = http_server_drop(iso, call);
  return value_is_exception(dropped) ? dropped : done;
}

// referenceServer(server, on): does it keep the program running?
Value http_server_reference(Isolate *iso, const NativeCall *call) {
  HttpServer *server = this_server(iso, native_argument(call, 0));
  if (server == NULL) return VALUE_EXCEPTION;
  if (value_as_bool(native_argument(call, 1))) {
    uv_ref(&server->handle.uv.any);
  } else {
    uv_unref(&server->handle.uv.any);
  }
  return VALUE_UNDEFINED;
}

// forNode(server, onGone): the script may have CONNECT requests, and hears of
// the end of connections' sockets.
Value http_server_for_node(Isolate *iso, const NativeCall *call) {
  HttpServer *server = this_server(iso, native_argument(call, 0));
  if (server == NULL) return VALUE_EXCEPTION;
  server->takes_connect = true;
  net_slot_set(rt_of(iso), &server->on_gone, native_argument(call, 1));
  return VALUE_UNDEFINED;
}

// onClientError(server, function or undefined): (connection, status) gets the
// connections of bad requests.
Value http_server_on_client_error(Isolate *iso, const NativeCall *call) {
  HttpServer *server = this_server(iso, native_argument(call, 0));
  if (server == NULL) return VALUE_EXCEPTION;
  net_slot_set(rt_of(iso), &server->on_client_error, native_argument(call, 1));
  return VALUE_UNDEFINED;
}

// connectionCount(server)
Value http_server_connection_count(Isolate *iso, const NativeCall *call) {
  HttpServer *server = this_server(iso, native_argument(call, 0));
  return server == NULL ? VALUE_EXCEPTION
                        : value_from_int((int)server->connection_count);
}
