// SPDX-License-Identifier: MIT
// What waits for sockets, for dumps of tasks.
#include <stdio.h>

#include "runtime/io/http/fetch.h"
#include "runtime/io/net/handle.h"
#include "runtime/io/net/resolve.h"

// " 127.0.0.1:80" or a path; "" if it has none.
static void peer_text(const NetHandle *h, char *text, size_t size) {
  struct sockaddr_storage address;
  struct sockaddr *to = (struct sockaddr *)&address;
  int length = sizeof address, error = UV_EINVAL;
  text[0] = 0;
  switch (h->uv.any.type) {
  case UV_NAMED_PIPE:
    text[0] = ' ';
    size--;
    if (uv_pipe_getpeername(&h->uv.pipe, text + 1, &size) != 0 &&
        uv_pipe_getsockname(&h->uv.pipe, text + 1, &size) != 0) {
      text[0] = 0;
    }
    return;
  case UV_TCP:
    error = uv_tcp_getpeername(&h->uv.tcp, to, &length);
    length = sizeof address;
    if (error != 0) error = uv_tcp_getsockname(&h->uv.tcp, to, &length);
    break;
  case UV_UDP:
    error = uv_udp_getsockname(&h->uv.udp, to, &length);
    break;
  default:
    break;
  }
  char host[64];
  if (error != 0) return;
  int port = net_address_text(&address, host, sizeof host);
  snprintf(text, size, " %s:%d", host, port);
}

static void describe(TraceSnapshot *s, Runtime *rt, const void *object,
                     const char *operation, TraceWait *out) {
  const NetHandle *h = object;
  char peer[160];
  (void)rt;
  peer_text(h, peer, sizeof peer);
  out->kind = TRACE_WAIT_NET;
  out->text = trace_text(s, "%s of %s%s", operation, h->kind->name, peer);
}

void net_add_wait(TraceGraph *graph, const NetHandle *h, const GcHandle *slot,
                  const char *operation) {
  if (net_is_waiting(slot))
    trace_add_wait(graph, net_slot(slot), describe, h, operation);
}

void rt_network_list_waits(Runtime *rt, TraceGraph *graph) {
  if (rt->network == NULL) return;
  net_lookups_list_waits(rt, graph);
  fetches_list_waits(rt, graph);
  for (NetHandle *h = rt->network->handles; h != NULL; h = h->next) {
    net_add_wait(graph, h, &h->close_waiter, "close");
    if (h->kind->list_waits != NULL) h->kind->list_waits(h, graph);
  }
}
