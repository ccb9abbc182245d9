// SPDX-License-Identifier: MIT
// What an isolate without RILL_ALLOW_NET may reach, by its grants: asked where
// an address goes to the system, whoever has made it. All of it on the
// isolate's thread.
#ifndef RILL_RUNTIME_IO_NET_GRANTED_H
#define RILL_RUNTIME_IO_NET_GRANTED_H

#include "runtime/io/granted_network.h"
#include "runtime/runtime.h"

// May it reach that address in this way (RILL_GRANT_CONNECT, ...)? The port is
// the address's.
bool net_may(const Runtime *, const struct sockaddr_storage *, uint32_t how);
// The same, where a name is known to lead there.
bool net_may_by_name(const Runtime *, const char *name,
                     const struct sockaddr_storage *, uint32_t how);
// May it look the name up?
bool net_may_look_up(const Runtime *, const char *name);
// It has looked it up: that name leads there.
void net_note_address(Runtime *, const char *name,
                      const struct sockaddr_storage *);
void net_forget_addresses(Runtime *);
// All of the network? False: threw.
bool net_check_whole(Runtime *) VM_CHECKED;

#endif
