// SPDX-License-Identifier: MIT
// Names and addresses, by the system's resolver on the thread pool.
#include "runtime/io/net/resolve.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/arguments.h"
#include "runtime/io/net/granted.h"
#include "runtime/io/net/module.h"
#include "runtime/io/thread_pool.h"

typedef struct NetLookup {
  union {
    uv_req_t any;
    uv_getaddrinfo_t addresses;
    uv_getnameinfo_t name;
  } request;
  Runtime *rt;
  struct NetLookup *next, *previous;
  GcHandle waiter;
  uint64_t id;
  char text[256]; // what is looked up
} NetLookup;

static void describe(TraceSnapshot *s, Runtime *rt, const void *object,
                     const char *note, TraceWait *out) {
  const NetLookup *l = object;
  (void)rt;
  out->kind = TRACE_WAIT_NET;
  out->text = trace_text(s, "%s of %s", note, l->text);
}

void net_lookups_list_waits(Runtime *rt, TraceGraph *graph) {
  for (const NetLookup *l = rt->network->lookups; l != NULL; l = l->next) {
    if (net_is_waiting(&l->waiter))
      trace_add_wait(graph, net_slot(&l->waiter), describe, l, "look-up");
  }
}

void net_lookups_cancel(Runtime *rt) {
  // The loop still has to run: the requests own their memory.
  for (NetLookup *l = rt->network->lookups; l != NULL; l = l->next) {
    uv_cancel(&l->request.any);
  }
}

static NetLookup *lookup_new(Isolate *iso, Value text, Value id,
                             const char *operation,
                             bool (*may)(const Runtime *, const char *)) {
  Runtime *rt = rt_of(iso);
  Network *net = net_of(rt);
  if (net == NULL) return NULL;
  size_t length;
  char *name = vm_string_to_utf8(iso, value_as_string(text), &length);
  NetLookup *l = calloc(1, sizeof *l);
  if (name == NULL || l == NULL || !net_slots_add(rt, &l->waiter, 1)) {
    free(name);
    free(l);
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  // No name is longer; what is, does not resolve.
  snprintf(l->text, sizeof l->text, "%s", name);
  if (length >= sizeof l->text) strcpy(l->text, "name.too.long.invalid");
  free(name);
  if (!may(rt, l->text)) {
    vm_throw(iso, net_error(iso, UV_EACCES, operation, l->text, -1));
    net_slots_remove(rt, &l->waiter, 1);
    free(l);
    return NULL;
  }
  l->rt = rt;
  l->id = (uint64_t)value_as_number(id);
  l->request.any.data = l;
  l->next = net->lookups;
  if (l->next != NULL) l->next->previous = l;
  net->lookups = l;
  return l;
}

static void finish(NetLookup *l, Value result, bool failed) {
  if (l->next != NULL) l->next->previous = l->previous;
  if (l->previous != NULL) {
    l->previous->next = l->next;
  } else {
    l->rt->network->lookups = l->next;
  }
  net_settle(l->rt, &l->waiter, result, failed);
  net_slots_remove(l->rt, &l->waiter, 1);
  free(l);
}

static Value failure(NetLookup *l, int status, const char *operation) {
  return net_error(l->rt->isolate, status, operation, l->text, -1);
}

// An array: address, family, address, family, ...
static Value address_list(Isolate *iso, const char *name,
                          const struct addrinfo *first) {
  Array *list = vm_array_new(iso, 4);
  for (const struct addrinfo *at = first; at != NULL; at = at->ai_next) {
    struct sockaddr_storage address = {0};
    char text[64];
    memcpy(&address, at->ai_addr, at->ai_addrlen);
    net_note_address(rt_of(iso), name, &address);
    if (net_address_text(&address, text, sizeof text) < 0) continue;
    String *s = vm_string_from_c(iso, text);
    if (s == NULL || !vm_array_push(iso, list, value_from_cell(s)) ||
        !vm_array_push(iso, list,
                       value_from_int(address.ss_family == AF_INET ? 4 : 6)))
      return VALUE_EXCEPTION;
  }
  return value_from_cell(list);
}

static void on_addresses(uv_getaddrinfo_t *request, int status,
                         struct addrinfo *addresses) {
  NetLookup *l = request->data;
  Runtime *rt = l->rt;
  rt_enter(rt);
  if (status != 0) {
    finish(l, failure(l, status, "getaddrinfo"), true);
  } else {
    Value list = address_list(rt->isolate, l->text, addresses);
    bool failed = value_is_exception(list);
    finish(l, failed ? vm_take_exception(rt->isolate) : list, failed);
  }
  uv_freeaddrinfo(addresses);
  rt_leave(rt, VALUE_UNDEFINED);
}

// lookup(name, family (0, 4 or 6), id): a promise of the flat list.
Value net_lookup(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "siu")) return VALUE_EXCEPTION;
  NetLookup *l = lookup_new(iso, call->argv[0], call->argv[2], "getaddrinfo",
                            net_may_look_up);
  if (l == NULL) return VALUE_EXCEPTION;
  int family = (int)value_as_number(call->argv[1]);
  struct addrinfo hints = {
      .ai_family = family == 4   ? AF_INET
                   : family == 6 ? AF_INET6
                                 : AF_UNSPEC,
      .ai_socktype = SOCK_STREAM,
  };
  Value promise = net_wait(iso, &l->waiter);
  if (value_is_exception(promise)) {
    finish(l, VALUE_UNDEFINED, true);
    return promise;
  }
  int error = UV_ENOMEM;
  if (rt_thread_pool_is_ready())
    error = uv_getaddrinfo(&l->rt->loop, &l->request.addresses, on_addresses,
                           l->text, NULL, &hints);
  if (error != 0) finish(l, failure(l, error, "getaddrinfo"), true);
  return promise;
}

// cancelLookup(id): its promise rejects now or later.
Value net_cancel_lookup(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "u")) return VALUE_EXCEPTION;
  uint64_t id = (uint64_t)value_as_number(call->argv[0]);
  const Network *net = rt_of(iso)->network;
  if (net == NULL) return VALUE_UNDEFINED;
  for (NetLookup *l = net->lookups; l != NULL; l = l->next) {
    if (l->id == id) uv_cancel(&l->request.any);
  }
  return VALUE_UNDEFINED;
}

static void on_name(uv_getnameinfo_t *request, int status, const char *host,
                    const char *service) {
  NetLookup *l = request->data;
  Runtime *rt = l->rt;
  rt_enter(rt);
  if (status != 0) {
    finish(l, failure(l, status, "getnameinfo"), true);
  } else {
    String *name = vm_string_from_c(rt->isolate, host);
    bool failed = name == NULL;
    finish(l, failed ? vm_take_exception(rt->isolate) : value_from_cell(name),
           failed);
  }
  rt_leave(rt, VALUE_UNDEFINED);
}

static bool may_reverse(const Runtime *rt, const char *text) {
  struct sockaddr_storage address;
  return !rt->options.deny_net ||
         (net_parse_address(text, 0, &address) &&
          grants_have_address(rt->options.grants, &address, ANY_PORT,
                              UINT32_MAX));
}

// reverse(address, id): a promise of a name.
Value net_reverse(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "su")) return VALUE_EXCEPTION;
  NetLookup *l =
      lookup_new(iso, call->argv[0], call->argv[1], "getnameinfo", may_reverse);
  if (l == NULL) return VALUE_EXCEPTION;
  Value promise = net_wait(iso, &l->waiter);
  if (value_is_exception(promise)) {
    finish(l, VALUE_UNDEFINED, true);
    return promise;
  }
  struct sockaddr_storage address;
  int error = UV_EINVAL;
  if (!rt_thread_pool_is_ready())
    error = UV_ENOMEM;
  else if (net_parse_address(l->text, 0, &address))
    error = uv_getnameinfo(&l->rt->loop, &l->request.name, on_name,
                           (struct sockaddr *)&address, NI_NAMEREQD);
  if (error != 0) finish(l, failure(l, error, "getnameinfo"), true);
  return promise;
}

// addressFamily(text): 4, 6 or 0.
Value net_address_family(Isolate *iso, const NativeCall *call) {
  Value value = native_argument(call, 0);
  if (!value_is_string(value)) return value_from_int(0);
  size_t length;
  char *text = vm_string_to_utf8(iso, value_as_string(value), &length);
  if (text == NULL) return vm_throw_out_of_memory(iso);
  struct sockaddr_storage address;
  int family = strlen(text) == length && net_parse_address(text, 0, &address)
                   ? (address.ss_family == AF_INET ? 4 : 6)
                   : 0;
  free(text);
  return value_from_int(family);
}
