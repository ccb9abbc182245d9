// SPDX-License-Identifier: MIT
// Which hosts grants let an isolate reach. Any thread; nothing here asks DNS.
#ifndef RILL_RUNTIME_IO_GRANTED_NETWORK_H
#define RILL_RUNTIME_IO_GRANTED_NETWORK_H

#include <sys/socket.h>

#include "runtime/io/grants.h"

enum { ANY_PORT = -1 };

// Is there anything of the network to be reached in one of these ways
// (RILL_GRANT_CONNECT, ...)? NULL grants: no, as everywhere here.
bool grants_have_network(const Grants *, uint32_t how);
// By an address itself, with its port; ANY_PORT: by some port.
bool grants_have_address(const Grants *, const struct sockaddr_storage *,
                         int port, uint32_t how);
// By a name: it may be looked up.
bool grants_have_name(const Grants *, const char *name, int port, uint32_t how);
// By an address that a granted name has: not if it would lead inside.
bool grants_have_address_of(const Grants *, const char *name,
                            const struct sockaddr_storage *, int port,
                            uint32_t how);

#endif
