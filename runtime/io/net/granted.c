// SPDX-License-Identifier: MIT
// Scripts connect to addresses, grants are about names: what the system's
// resolver said, and nobody else, ties the two. Only so many answers are kept;
// whoever looks a name up connects soon after.
#include "runtime/io/net/granted.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/io/net/handle.h"

enum { KEPT_ADDRESSES = 256 };

typedef struct KnownAddress {
  char *name;
  struct sockaddr_storage address; // its port does not count
} KnownAddress;

struct KnownAddresses {
  uint32_t count, next; // the oldest, once all places are taken
  KnownAddress addresses[KEPT_ADDRESSES];
};

static int port_of(const struct sockaddr_storage *address) {
  return ntohs(address->ss_family == AF_INET
                   ? ((const struct sockaddr_in *)address)->sin_port
                   : ((const struct sockaddr_in6 *)address)->sin6_port);
}

static bool is_same(const struct sockaddr_storage *a,
                    const struct sockaddr_storage *b) {
  if (a->ss_family != b->ss_family) return false;
  if (a->ss_family == AF_INET)
    return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
           ((const struct sockaddr_in *)b)->sin_addr.s_addr;
  return memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
                &((const struct sockaddr_in6 *)b)->sin6_addr, 16) == 0;
}

bool net_may_by_name(const Runtime *rt, const char *name,
                     const struct sockaddr_storage *address, uint32_t how) {
  if (!rt->options.deny_net) return true;
  const Grants *g = rt->options.grants;
  int port = port_of(address);
  return grants_have_address(g, address, port, how) ||
         grants_have_address_of(g, name, address, port, how);
}

bool net_may(const Runtime *rt, const struct sockaddr_storage *address,
             uint32_t how) {
  if (!rt->options.deny_net) return true;
  const Grants *g = rt->options.grants;
  int port = port_of(address);
  if (grants_have_address(g, address, port, how)) return true;
  const struct KnownAddresses *known =
      rt->network == NULL ? NULL : rt->network->known;
  for (uint32_t i = 0; known != NULL && i < known->count; i++)
    if (is_same(&known->addresses[i].address, address) &&
        grants_have_address_of(g, known->addresses[i].name, address, port, how))
      return true;
  return false;
}

bool net_may_look_up(const Runtime *rt, const char *name) {
  return !rt->options.deny_net ||
         grants_have_name(rt->options.grants, name, ANY_PORT,
                          RILL_GRANT_CONNECT | RILL_GRANT_SEND);
}

void net_note_address(Runtime *rt, const char *name,
                      const struct sockaddr_storage *address) {
  if (!rt->options.deny_net) return;
  Network *net = rt->network;
  if (net->known == NULL) net->known = calloc(1, sizeof *net->known);
  if (net->known == NULL) return; // connecting will be refused
  struct KnownAddresses *known = net->known;
  for (uint32_t i = 0; i < known->count; i++)
    if (is_same(&known->addresses[i].address, address) &&
        strcmp(known->addresses[i].name, name) == 0)
      return;
  char *copy = strdup(name);
  if (copy == NULL) return;
  KnownAddress *place = &known->addresses[known->next];
  known->next = (known->next + 1) % KEPT_ADDRESSES;
  if (known->count < KEPT_ADDRESSES)
    known->count++;
  else
    free(place->name);
  *place = (KnownAddress){copy, *address};
}

void net_forget_addresses(Runtime *rt) {
  struct KnownAddresses *known = rt->network->known;
  for (uint32_t i = 0; known != NULL && i < known->count; i++)
    free(known->addresses[i].name);
  free(known);
  rt->network->known = NULL;
}

bool net_check_whole(Runtime *rt) {
  if (!rt->options.deny_net) return true;
  vm_throw_error(rt->isolate, ERROR_ERROR,
                 "The host of this isolate allows no access to the network");
  return false;
}
