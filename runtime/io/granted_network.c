// SPDX-License-Identifier: MIT
// Rules about hosts. Addresses are compared as IPv6 ones, IPv4 mapped into
// them, so that neither form gets around a rule for the other. A name is no
// stronger than whoever answers for it in DNS: it never leads to addresses that
// are not public.
#include "runtime/io/granted_network.h"

#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/io/net/handle.h"

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

// False: it is no internet address.
static bool bytes_of(const struct sockaddr_storage *address, uint8_t *out) {
  if (address->ss_family == AF_INET) {
    memcpy(out, mapped, sizeof mapped);
    memcpy(out + 12, &((const struct sockaddr_in *)address)->sin_addr, 4);
    return true;
  }
  if (address->ss_family != AF_INET6) return false;
  memcpy(out, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
  return true;
}

static bool is_within(const uint8_t *address, const uint8_t *network,
                      uint32_t bits) {
  uint32_t whole = bits / 8, rest = bits % 8;
  if (memcmp(address, network, whole) != 0) return false;
  if (rest == 0) return true;
  uint8_t mask = (uint8_t)(0xff << (8 - rest));
  return ((address[whole] ^ network[whole]) & mask) == 0;
}

typedef struct Range {
  uint8_t bits, bytes[4];
} Range;

static bool is_in(const uint8_t *address, const Range *ranges, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (is_within(address, ranges[i].bytes, ranges[i].bits)) return true;
  return false;
}

// IANA's special-purpose registries.
static const Range inside_v4[] = {
    {8, {0}},         {8, {10}},       {10, {100, 64}}, {8, {127}},
    {16, {169, 254}}, {12, {172, 16}}, {24, {192, 0}},  {16, {192, 168}},
    {15, {198, 18}},  {4, {224}},      {4, {240}},
};
static const Range inside_v6[] = {
    {7, {0xfc}}, {10, {0xfe, 0x80}}, {10, {0xfe, 0xc0}},
    {8, {0xff}}, {32, {0x20, 0x01}}, // Teredo
};
// Networks of which each address embeds an IPv4 one, behind so many bytes.
static const struct {
  uint8_t bits, at, bytes[12];
} embedding[] = {
    {96, 12, {[10] = 0xff, [11] = 0xff}}, // mapped
    {96, 12, {0}},                        // compatible; ::, ::1
    {96, 12, {0, 0x64, 0xff, 0x9b}},      // NAT64
    {96, 12, {[8] = 0xff, [9] = 0xff}},   // translated
    {16, 2, {0x20, 0x02}},                // 6to4
};

static bool is_public(const uint8_t *address) {
  for (size_t i = 0; i < sizeof embedding / sizeof embedding[0]; i++)
    if (is_within(address, embedding[i].bytes, embedding[i].bits))
      return !is_in(address + embedding[i].at, inside_v4,
                    sizeof inside_v4 / sizeof inside_v4[0]);
  // NAT64 of one's own: where the IPv4 address is in it is not known.
  static const uint8_t local_nat64[] = {0, 0x64, 0xff, 0x9b, 0, 1};
  return !is_within(address, local_nat64, 48) &&
         !is_in(address, inside_v6, sizeof inside_v6 / sizeof inside_v6[0]);
}

static bool is_loopback(const uint8_t *address) {
  static const uint8_t one[16] = {[15] = 1};
  return memcmp(address, one, 16) == 0 ||
         (memcmp(address, mapped, sizeof mapped) == 0 && address[12] == 127);
}

// Rules -----------------------------------------------------------------------

static bool is_of_rule(const GrantedHost *rule, int port, uint32_t how) {
  return (rule->how & how) != 0 &&
         (port == ANY_PORT ||
          (port >= rule->first_port && port <= rule->last_port));
}

bool grants_have_network(const Grants *g, uint32_t how) {
  for (size_t i = 0; g != NULL && i < g->host_count; i++)
    if (is_of_rule(&g->hosts[i], ANY_PORT, how)) return true;
  return false;
}

bool grants_have_address(const Grants *g,
                         const struct sockaddr_storage *address, int port,
                         uint32_t how) {
  uint8_t bytes[16];
  if (g == NULL || !bytes_of(address, bytes)) return false;
  for (size_t i = 0; i < g->host_count; i++) {
    const GrantedHost *rule = &g->hosts[i];
    if (!is_of_rule(rule, port, how)) continue;
    bool matches = rule->name == NULL
                       ? is_within(bytes, rule->address, rule->prefix)
                       : rule->name[0] == 0 && is_public(bytes);
    if (matches) return true;
  }
  return false;
}

// Without the root's dot. 0: that is no name.
static size_t name_length(const char *name) {
  size_t length = strlen(name);
  if (length != 0 && name[length - 1] == '.') length--;
  return length;
}

static bool ends_with(const char *name, size_t length, const char *end) {
  size_t tail = strlen(end);
  return length >= tail && strncasecmp(name + length - tail, end, tail) == 0;
}

static bool name_matches(const GrantedHost *rule, const char *name,
                         size_t length) {
  if (rule->name == NULL) return false;
  if (rule->name[0] == 0) return true;
  if (!ends_with(name, length, rule->name)) return false;
  size_t before = length - strlen(rule->name);
  return rule->names_below ? before > 1 && name[before - 1] == '.'
                           : before == 0;
}

bool grants_have_name(const Grants *g, const char *name, int port,
                      uint32_t how) {
  size_t length = name_length(name);
  for (size_t i = 0; g != NULL && length != 0 && i < g->host_count; i++)
    if (is_of_rule(&g->hosts[i], port, how) &&
        name_matches(&g->hosts[i], name, length))
      return true;
  return false;
}

bool grants_have_address_of(const Grants *g, const char *name,
                            const struct sockaddr_storage *address, int port,
                            uint32_t how) {
  uint8_t bytes[16];
  if (!grants_have_name(g, name, port, how) || !bytes_of(address, bytes))
    return false;
  if (is_public(bytes)) return true;
  // RFC 6761: nobody else answers for it. "*" does not mean it.
  bool is_localhost =
      name_length(name) == 9 && strncasecmp(name, "localhost", 9) == 0;
  if (!is_localhost || !is_loopback(bytes)) return false;
  for (size_t i = 0; i < g->host_count; i++)
    if (is_of_rule(&g->hosts[i], port, how) && g->hosts[i].name != NULL &&
        strcmp(g->hosts[i].name, "localhost") == 0)
      return true;
  return false;
}

// Making them
// -------------------------------------------------------------------

// "10.0.0.0/8", "::1". False: it is none.
static bool take_network(const char *text, GrantedHost *out) {
  char address[64];
  const char *slash = strchr(text, '/');
  size_t length = slash == NULL ? strlen(text) : (size_t)(slash - text);
  if (length >= sizeof address) return false;
  memcpy(address, text, length);
  address[length] = 0;
  struct sockaddr_storage parsed;
  if (!net_parse_address(address, 0, &parsed) ||
      !bytes_of(&parsed, out->address))
    return false;
  uint32_t most = parsed.ss_family == AF_INET ? 32 : 128, bits = most;
  if (slash != NULL) {
    char *end;
    if (!isdigit((unsigned char)slash[1])) return false;
    unsigned long given = strtoul(slash + 1, &end, 10);
    if (*end != 0 || given > most) return false;
    bits = (uint32_t)given;
  }
  out->prefix = (uint8_t)(bits + 128 - most);
  return true;
}

// NULL: it is no name, or out of memory.
static char *take_name(const char *text) {
  size_t length = name_length(text);
  if (length == 0 || length > 253) return NULL;
  for (size_t i = 0; i < length; i++)
    if (!isalnum((unsigned char)text[i]) && strchr("-_.", text[i]) == NULL)
      return NULL;
  char *name = strndup(text, length);
  for (char *at = name; at != NULL && *at != 0; at++)
    *at = (char)tolower((unsigned char)*at);
  return name;
}

rill_status rill_grants_network(rill_grants *g, const char *host,
                                uint32_t first_port, uint32_t last_port,
                                uint32_t how) {
  enum {
    OURS = RILL_GRANT_LISTEN | RILL_GRANT_RECEIVE,
    THEIRS = RILL_GRANT_CONNECT | RILL_GRANT_SEND
  };
  if (host == NULL || first_port > last_port || last_port > 65535 || how == 0 ||
      (how & ~(uint32_t)(OURS | THEIRS)) != 0)
    return RILL_INVALID;
  GrantedHost rule = {.first_port = (uint16_t)first_port,
                      .last_port = (uint16_t)last_port,
                      .how = how};
  if (!take_network(host, &rule)) {
    if ((how & OURS) != 0) return RILL_INVALID;
    rule.names_below = strncmp(host, "*.", 2) == 0;
    rule.name = strcmp(host, "*") == 0
                    ? strdup("")
                    : take_name(rule.names_below ? host + 2 : host);
    if (rule.name == NULL) return RILL_INVALID;
  }
  GrantedHost *grown = realloc(g->hosts, (g->host_count + 1) * sizeof *grown);
  if (grown == NULL) {
    free(rule.name);
    return RILL_NO_MEMORY;
  }
  g->hosts = grown;
  grown[g->host_count++] = rule;
  return RILL_OK;
}
